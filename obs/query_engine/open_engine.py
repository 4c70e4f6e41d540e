"""Open the query engine that an observatory names, and close it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import duckdb
import ibis
import pyarrow as pa
from ibis.common.exceptions import IbisError
from ibis.expr import types as ir

from obs.errors import ObsError
from obs.query_engine.declared_engine import DeclaredEngine, engine_faults, name_fault
from obs.query_engine.parquet_columns import columns_alike

__all__ = ["DUCKDB", "QueryEngine", "check_engine", "open_engine"]


class QueryEngine(Protocol):
    """What holds tables and answers queries on them."""

    def hold(self, rows: pa.Table) -> ir.Table:
        """Give rows of this process as a table of the engine."""

    def read(self, path: Path) -> ir.Table:
        """Give an Apache Parquet file, or a folder of such, as a table of the engine."""


class _DuckDB:
    """DuckDB in this process: what answers unless another engine is named."""

    def hold(self, rows: pa.Table) -> ir.Table:
        return ibis.memtable(rows)

    def read(self, path: Path) -> ir.Table:
        _, kinds = columns_alike(path)
        try:
            table = ibis.read_parquet(
                str(path / "**" / "*.parquet") if path.is_dir() else str(path)
            )
        except (duckdb.Error, IbisError):
            raise ObsError(f"{path.name} is not a readable Apache Parquet file of events") from None
        fine = [name for name, kind in kinds.items() if kind == pa.timestamp("ns")]
        return table.mutate(**{name: _microsecond_before(table[name]) for name in fine})


def _microsecond_before(time: ir.TimestampColumn) -> ir.Value:
    """Give times of nanoseconds to the microsecond before: rounded, some would fall on the next day."""
    rounded = time.cast("timestamp(6)")
    after = rounded.cast("timestamp(9)") > time
    return ibis.ifelse(after, rounded - ibis.interval(microseconds=1), rounded)


DUCKDB: QueryEngine = _DuckDB()


@contextmanager
def open_engine(
    engine: str | DeclaredEngine = "duckdb",
    *,
    master: str = "",
    folder: str = "",
    settings: Mapping[str, str] | None = None,
) -> Iterator[QueryEngine]:
    """Open a query engine, on which `open_events` puts facts to be counted.

    Nothing of Spark is imported, and no Java started, unless it is named; then it starts when the
    first table is opened, and ends with the block, its temporary files with it.

    Parameters
    ----------
    engine : {"duckdb", "spark"} or DeclaredEngine
        Its name, or what an `observatory.toml` declares.
    master, folder, settings
        Of Spark, as in `[engine]` of an `observatory.toml`; this machine if none is given.

    Yields
    ------
    QueryEngine
        What `open_events` takes.

    Raises
    ------
    ObsError
        An unknown name, with the nearest; faulty settings, all at once; the extra `spark` or Java
        absent; a master that does not answer.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators import count_events, open_events
    >>> facts = pd.DataFrame({"territory": "21004", "event_date": pd.to_datetime(["2023-01-01"])})
    >>> with open_engine("duckdb") as engine:
    ...     counts = count_events(open_events(facts, engine=engine))
    >>> int(counts["numerator"].sum())
    1
    """
    declared = _declared(engine, master, folder, settings or {})
    check_engine(declared)
    if declared.name == "duckdb":
        yield DUCKDB
        return
    from obs.query_engine.spark_engine import spark_engine

    with spark_engine(declared) as opened:
        yield opened


def check_engine(declared: DeclaredEngine) -> None:
    """Refuse an engine that cannot start, before any work is done for it."""
    if declared.name == "spark":
        from obs.query_engine.spark_engine import need_spark

        need_spark(declared)


def _declared(
    engine: str | DeclaredEngine, master: str, folder: str, settings: Mapping[str, str]
) -> DeclaredEngine:
    """Give the engine declared, or refuse what Python asks for as its declaration would be."""
    if isinstance(engine, DeclaredEngine):
        return engine
    if fault := name_fault(engine):
        raise ObsError(f"engine: {fault}")
    one = DeclaredEngine(name=engine, master=master, folder=folder, settings=dict(settings))
    if faults := list(engine_faults(one)):
        raise ObsError("engine: " + "; ".join(faults))
    return one
