"""Connect Ibis to Spark, with rows that come and go as Arrow tables.

The backend of Ibis passes them through pandas, which pyspark 4 reads by what pandas 3 has deprecated.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.operations as ops
from ibis.expr import types as ir

__all__ = ["connect_spark"]


def connect_spark(session: Any) -> Any:
    """Give the backend of a session; nothing of Spark is imported before it is asked."""
    from ibis.backends.pyspark import Backend

    class _ArrowBackend(Backend):
        """Spark by SQL, with Arrow in and out."""

        def to_pyarrow(
            self,
            expr: ir.Expr,
            /,
            *,
            params: Any = None,
            limit: int | str | None = None,
            **kwargs: Any,
        ) -> Any:
            self._run_pre_execute_hooks(expr)
            query = expr.as_table()
            sql = self.compile(query, params=params, limit=limit, **kwargs)
            rows = self._session.sql(sql).toArrow()
            return expr.__pyarrow_result__(rows.cast(query.schema().to_pyarrow()))

        def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
            rows = op.data.to_pyarrow(op.schema)
            self._session.createDataFrame(rows).createOrReplaceTempView(op.name)

    return _ArrowBackend().connect(session)
