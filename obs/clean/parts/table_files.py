"""Write tidy tables as Apache Parquet: one file, or a folder with one file a year.

By year, only what changed is written anew. A year has the same bytes however its rows were cut. Its
folder is named as query engines expect of a table in parts (`year=2024`); rows of no known year
have their own.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from obs.clean.parts.stored_table import StoredTable, even_tables

__all__ = [
    "clear_way",
    "in_memory",
    "plain_type",
    "read_table",
    "tables_columns",
    "write_arrow",
    "write_years",
]

_FILE = "part.parquet"
_NO_YEAR = "__HIVE_DEFAULT_PARTITION__"  # what engines read as a missing year
_ROWS = 2**18  # of a group in a file
_UNKNOWN = np.iinfo("int64").min
Years = NDArray[np.int64]


def in_memory(table: pa.Table | StoredTable) -> pa.Table:
    """Give all rows at once."""
    return table.read() if isinstance(table, StoredTable) else table


def write_arrow(table: pa.Table | StoredTable, path: Path) -> None:
    """Write a table as Apache Parquet, its texts as plain texts, some rows after others.

    A column of which nearly every text is another one is written without a dictionary.
    """
    slices = even_tables(table, _ROWS)
    first = next(slices, None)
    first = in_memory(table) if first is None else first  # of no row
    single = [name for name in first.column_names if _seldom_repeats(first.column(name))]
    # is equivalent: a file holds texts either way; those coded already are written faster so
    kinds = [(f.name, plain_type(f.type) if f.name in single else f.type) for f in first.schema]
    told = pa.schema(kinds)
    options = {
        "compression": "zstd",
        "store_schema": False,
        "use_dictionary": [name for name in table.column_names if name not in single],
    }
    with pq.ParquetWriter(path, told, **options) as writer:
        for part in chain([first], slices):
            writer.write_table(part.cast(told))


def _seldom_repeats(column: pa.ChunkedArray) -> bool:
    """Tell a coded column with more than a text for every four rows."""
    if not pa.types.is_dictionary(column.type):
        return False
    return sum(len(chunk.dictionary) for chunk in column.chunks) * 4 > len(column)


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Give the type of a column once its texts are no longer coded."""
    if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind):
        return pa.string()
    return kind


def write_years(
    table: pa.Table | StoredTable, folder: Path, *, when: str, before: Path | None
) -> None:
    """Write rows by the year of a column of days; a file that is in a former folder too is taken from it."""
    pieces = [(piece, _year_of_each(piece([when]).column(when))) for piece in _pieces(table)]
    years = sorted({year for _, own in pieces for year in np.unique(own).tolist()})
    for year in years or [_UNKNOWN]:  # one file at least, for its columns
        rows = [
            piece(None).filter(pa.array(own == year))
            for piece, own in pieces
            if not years or (own == year).any()
        ]
        place = Path(f"year={_NO_YEAR if year == _UNKNOWN else year}", _FILE)
        (folder / place).parent.mkdir(parents=True)
        _write_rows(rows, folder / place)
        if before is not None:
            _take_same(before / place, folder / place)


def read_table(path: Path) -> pa.Table:
    """Read a table that was written, all its years one under another."""
    return pa.concat_tables(pq.ParquetFile(one).read() for one in _files_of(path))


def tables_columns(path: Path) -> list[str]:
    """Name the columns of a table that was written."""
    names: list[str] = pq.read_schema(_files_of(path)[0]).names
    return names


def clear_way(new: Path, path: Path) -> None:
    """Remove a file or a folder of years where it cannot simply be replaced."""
    if path.is_dir():
        shutil.rmtree(path)
    elif new.is_dir():
        path.unlink(missing_ok=True)


def _files_of(path: Path) -> list[Path]:
    found = [path] if path.is_file() else sorted(path.glob(f"year=*/{_FILE}"))
    if not found:
        raise FileNotFoundError(path.name)
    return found


def _pieces(table: pa.Table | StoredTable) -> list[Callable[[Sequence[str] | None], pa.Table]]:
    """Give the parts of a table, each to be read whole or some of its columns."""
    if isinstance(table, StoredTable):
        return [partial(table.piece, number) for number in range(len(table.chunks))]
    return [lambda names: table if names is None else table.select(names)]


def _year_of_each(days: pa.ChunkedArray) -> Years:
    """Give the year of each day, the least number of all for none."""
    told = days.cast(pa.timestamp("s")).to_numpy().astype("datetime64[Y]")
    return np.where(np.isnat(told), _UNKNOWN, told.astype("int64") + 1970)


def _write_rows(rows: Sequence[pa.Table], path: Path) -> None:
    """Write rows with their texts in plain words: what a part held besides them is left behind."""
    plain = pa.concat_tables(_decoded(one) for one in rows)
    pq.write_table(
        plain.combine_chunks(), path, compression="zstd", store_schema=False, row_group_size=_ROWS
    )


def _decoded(table: pa.Table) -> pa.Table:
    return table.cast(pa.schema([(f.name, plain_type(f.type)) for f in table.schema]))


def _take_same(before: Path, path: Path) -> None:
    """Take a former file in the place of the same one."""
    if before.is_symlink() or not before.is_file() or not filecmp.cmp(before, path, shallow=False):
        return
    path.unlink()
    try:
        os.link(before, path)
    except OSError:  # a disk without links
        shutil.copy2(before, path)
