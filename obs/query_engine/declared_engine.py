"""Declare the query engine that scans and groups the facts of an observatory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from obs.declare import Named, OneOf, Table, Text, empty, not_one_of

__all__ = ["DeclaredEngine", "engine_faults", "is_local", "name_fault"]

_ENGINES = ("duckdb", "spark")
_DECIDED = (  # settings of Spark on which the figures, the privacy of rows or the silence of logs hang
    *("spark.master", "spark.app.name", "spark.local.dir", "spark.driver.defaultJavaOptions"),
    *("spark.sql.ansi.enabled", "spark.sql.caseSensitive", "spark.sql.session.timeZone"),
    *("spark.sql.warehouse.dir", "spark.sql.catalogImplementation"),
    *("spark.sql.parquet.datetimeRebaseModeInRead", "spark.sql.legacy.parquet.nanosAsLong"),
)
_HOST = r"[\w.-]+(:\d{1,5})"
_MASTER = re.compile(
    rf"local(\[(\d+|\*)(, ?\d+)?\])?|yarn|spark://{_HOST}(,{_HOST})*|k8s://(https?://)?{_HOST}?[\w./:-]*"
)


@dataclass(frozen=True)
class DeclaredEngine(Table):
    """Where facts are scanned, joined and grouped; the figures are the same on each.

    Attributes
    ----------
    name : str
        "duckdb", in the process of the command, or "spark", which needs the extra `spark` and Java.
    master : str
        Of Spark: "local[2]" (this machine, on so many cores), "spark://host:7077", "yarn" or
        "k8s://https://host:443"; this machine with all its cores if none is given.
    folder : str
        Of Spark on other machines: a folder that all of them see, where facts of a build lie for its time.
    settings : mapping
        Of Spark: properties by name, such as "spark.executor.memory" = "8g".
    """

    name: Annotated[str, OneOf(_ENGINES)] = "duckdb"
    master: str = ""
    folder: str = ""
    settings: Named[Text] = field(default_factory=empty)


def name_fault(name: object) -> str:
    """Say that an engine is none that is known, with the nearest; "" for one that is."""
    return "" if name in _ENGINES else not_one_of(name, _ENGINES)


def is_local(master: str) -> bool:
    """Tell whether a master of Spark is this machine."""
    return master in ("", "local") or master.startswith("local[")


def engine_faults(engine: DeclaredEngine) -> Iterator[str]:
    """Tell which keys do not suit the engine, and which settings are not the observatory's to choose."""
    if engine.name != "spark":
        for key in ("master", "folder", "settings"):
            if getattr(engine, key):
                yield f"{key}: only engine 'spark' has it; name it, or take {key} out"
        return
    if engine.master and not _MASTER.fullmatch(engine.master):
        yield (
            f"master: '{engine.master}' is no master of Spark: local, local[2], local[*], "
            "spark://host:7077, yarn or k8s://https://host:443"
        )
    if engine.master and not is_local(engine.master) and not engine.folder:
        yield "folder: name a folder that all machines of the cluster see, for the facts of a build"
    for name in engine.settings:
        if not name.startswith("spark."):
            yield f"settings: '{name}' is no property of Spark, such as 'spark.executor.memory'"
        elif name in _DECIDED:
            yield f"settings: '{name}' is set by the library; take it out"
