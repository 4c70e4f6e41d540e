"""Fetch the answer to a query from the engine whose tables it is asked of."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ibis.expr import types as ir

from obs.errors import ObsError

__all__ = ["fetch", "quiet_pandas", "spark_faults", "spark_words"]


def fetch(query: ir.Expr) -> Any:
    """Run a query; give its rows as an Arrow table, or its value as an Arrow scalar.

    Raises `ObsError` where Spark fails: short of memory, lost, or by a condition that it names.
    """
    with quiet_pandas():
        try:
            return query.to_pyarrow()
        except spark_faults() as fault:
            raise ObsError(f"engine 'spark': {spark_words(fault)}") from None


@contextmanager
def quiet_pandas() -> Iterator[None]:
    """Silence what pyspark 4 says of pandas 3: what it gives is held to what DuckDB gives by tests."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet", FutureWarning)
        yield


def spark_faults() -> tuple[type[BaseException], ...]:
    """Give the exceptions of Spark and of the bridge to its Java process, if it was imported."""
    if "pyspark" not in sys.modules:
        return ()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return (PySparkException, Py4JError, ConnectionError)


def spark_words(fault: BaseException) -> str:
    """Say why a query failed by the condition alone: what Spark says more may show values of rows."""
    text = str(fault)
    if "OutOfMemoryError" in text or "Java heap space" in text:
        return (
            "not enough memory for this; give it more in [engine.settings], such as "
            "'spark.driver.memory' = \"4g\""
        )
    if "No space left on device" in text:
        return "no space left in the temporary folder of Spark"
    if isinstance(fault, ConnectionError) or type(fault).__name__ == "Py4JNetworkError":
        return "its Java process ended before it answered; nothing is half written"
    named = re.search(r"\[([A-Z][A-Z0-9_.]+)\]", text)
    if named:
        return f"it ended with the condition {named[1]}"
    return f"it ended with {type(fault).__name__}; whoever runs the cluster has its log"
