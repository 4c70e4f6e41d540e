"""Run the heavy step in DuckDB through Ibis, in memory, with a folder for overflow.

Python rules judge distinct values; the engine joins the results back, counts and writes. No
table passes through pandas on the way.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd

__all__ = ["ENGINE_ERRORS", "Engine", "Folder", "open_engine"]

ENGINE_ERRORS = (duckdb.Error,)


class Folder:
    """A private folder that goes away with the object that holds it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="obs-clean-"))
        self._end = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder now."""
        self._end()


class Engine:
    """An Ibis connection that names its own tables."""

    def __init__(self, connection: ibis.BaseBackend, folder: Path) -> None:
        self.connection = connection
        self.folder = folder
        self._made = 0

    def keep(self, table: ir.Table) -> ir.Table:
        """Compute a table once and give it back as it now lies in the engine."""
        return self.connection.create_table(self._name(), table)

    def small(self, columns: dict[str, list[object]], types: dict[str, str]) -> ir.Table:
        """Bring a small table of Python values into the engine."""
        frame = pd.DataFrame({c: pd.Series(v, dtype="object") for c, v in columns.items()})
        schema = ibis.schema(types)
        return self.keep(ibis.memtable(frame, schema=schema).cast(schema))

    def read_text(self, path: Path, *, width: int, separator: str, quote: str) -> ir.Table:
        """Give a rewritten text file as a table of text columns c0, c1, ..."""
        return self.connection.read_csv(
            str(path),
            table_name=self._name(),
            header=False,
            auto_detect=False,
            delim=separator,
            quote=quote,
            escape=quote,
            columns={f"c{i}": "VARCHAR" for i in range(width)},
        )

    def read_parquet(self, path: Path) -> ir.Table:
        """Give an Apache Parquet file as a table."""
        return self.connection.read_parquet(str(path), table_name=self._name())

    def read_json(self, path: Path) -> tuple[ir.Table, list[str]]:
        """Give the records of a JSON file as text columns c0, c1, ... and their keys."""
        records, name = self._name(), self._name()
        self.connection.raw_sql(
            f"CREATE TABLE {records} AS SELECT json AS record "
            f"FROM read_json_objects({_quoted(path)}, format = 'auto')"
        )
        keys = self.connection.raw_sql(
            "SELECT key FROM (SELECT unnest(json_keys(record)) AS key, "
            "generate_subscripts(json_keys(record), 1) AS place "
            f"FROM {records}) GROUP BY key ORDER BY min(place), key"
        ).fetchall()
        header = [key for (key,) in keys]
        pointers = [_quoted("/" + k.replace("~", "~0").replace("/", "~1")) for k in header]
        cells = [f"record ->> {pointer} AS c{i}" for i, pointer in enumerate(pointers)]
        self.connection.raw_sql(
            f"CREATE TABLE {name} AS SELECT {', '.join(cells) or 'record'} FROM {records}"
        )
        return self.connection.table(name), header

    def write_parquet(self, table: ir.Table, path: Path) -> None:
        """Write a table as Apache Parquet, in its order."""
        self.connection.to_parquet(table, str(path), compression="zstd")

    def distinct(
        self,
        columns: dict[str, ir.StringColumn],
    ) -> dict[str, list[str]]:
        """List the distinct texts of several columns, sorted, missing left out, in one query."""
        parts = []
        for label, column in columns.items():
            texts = column.name("text").as_table().distinct()
            named = texts.select(label=ibis.literal(label), text=texts.text)
            parts.append(named.filter(named.text.notnull()))
        found: dict[str, list[str]] = {label: [] for label in columns}
        if parts:
            whole = ibis.union(*parts) if len(parts) > 1 else parts[0]
            for label, text in whole.execute().itertuples(index=False):
                found[label].append(text)
        return {label: sorted(texts) for label, texts in found.items()}

    def _name(self) -> str:
        self._made += 1
        return f"t{self._made}"


def _quoted(text: Path | str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


@contextmanager
def open_engine() -> Iterator[Engine]:
    """Open an engine and close it, its folder included, whatever happens."""
    folder = Folder()
    connection = ibis.duckdb.connect(
        temp_directory=str(folder.path),
        autoinstall_known_extensions=False,
        preserve_insertion_order=True,
    )
    try:
        yield Engine(connection, folder.path)
    finally:
        connection.disconnect()
        folder.remove()
