"""Hold a tidy table on disk, as the judged parts it is made of and the rows of each that are kept."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, Column, to_arrow
from obs.errors import ObsError
from obs.private_files import private_files
from obs.scratch_folder import locked_folder

__all__ = ["Store", "StoredTable", "even_tables", "laid_aside"]

_INDEX = pa.int32()  # the same in every part, so that parts go under one another


class Store:
    """A folder of parts for its owner alone, gone with the last who holds it.

    What a killed process left goes when the next one starts.
    """

    def __init__(self) -> None:
        held = ExitStack()
        self.path = held.enter_context(locked_folder())
        weakref.finalize(self, held.close)
        self.parts = 0

    def next_path(self) -> Path:
        """Name the next part, without an ending."""
        self.parts += 1
        return self.path / f"{self.parts:06}"


@contextmanager
def laid_aside() -> Iterator[None]:
    """Say in words that parts cannot be written to the temporary folder, or are no longer in it."""
    try:
        yield
    except FileNotFoundError:
        raise ObsError(
            "rows that lay in the temporary folder while a large delivery was cleaned are gone: "
            "something emptied it. Clean the delivery again; set TMPDIR to a folder that is kept."
        ) from None
    except OSError as fault:  # the number of a full disk may be missing
        why = os.strerror(fault.errno) if fault.errno else "no room is left"
        raise ObsError(
            f"rows of a large delivery cannot be laid aside in the temporary folder ({why}): "
            "set TMPDIR to a folder with room, of your own."
        ) from None


def write_part(columns: Mapping[str, Column], path: Path) -> None:
    """Write columns as an Arrow file."""
    table = pa.table({name: _indexed(to_arrow(column)) for name, column in columns.items()})
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with (
        laid_aside(),
        private_files(),
        pa.ipc.new_file(path, table.schema, options=options) as writer,
    ):
        writer.write_table(table)


def read_part(path: Path, names: Sequence[str] | None = None) -> pa.Table:
    """Read a part, or some of its columns in their order in the file."""
    with laid_aside(), pa.OSFile(str(path)) as file:
        whole = pa.ipc.open_file(file)
        if names is None:
            return whole.read_all()
        own = [i for i, name in enumerate(whole.schema.names) if name in names]
        options = pa.ipc.IpcReadOptions(included_fields=own, use_threads=False)
        file.seek(0)
        return pa.ipc.open_file(file, options=options).read_all()


def read_columns(path: Path, names: Sequence[str]) -> dict[str, Column]:
    """Read some columns of a part as they were before."""
    table = read_part(path, names)
    return {name: _column(table.column(name).combine_chunks()) for name in table.column_names}


def _indexed(array: pa.Array) -> pa.Array:
    if not pa.types.is_dictionary(array.type):
        return array
    return pa.DictionaryArray.from_arrays(array.indices.cast(_INDEX), array.dictionary)


def _column(array: Any) -> Column:
    if isinstance(array, pa.ChunkedArray):  # of no row
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return Coded(array.dictionary.cast(pa.string()), codes)
    found: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return found.astype("datetime64[D]") if pa.types.is_timestamp(array.type) else found


@dataclass(frozen=True, eq=False)
class StoredTable:
    """Rows of parts on disk: of each part its file, and which of its rows are of the table."""

    store: Store = field(repr=False)
    column_names: tuple[str, ...]
    chunks: tuple[tuple[Path, NDArray[np.bool_]], ...]

    @property
    def num_rows(self) -> int:
        """Count the rows."""
        return sum(int(np.count_nonzero(which)) for _, which in self.chunks)

    def tables(self) -> Iterator[pa.Table]:
        """Give the rows part by part."""
        yield from (self.piece(number, None) for number in range(len(self.chunks)))

    def piece(self, number: int, names: Sequence[str] | None) -> pa.Table:
        """Give the rows of one part, or some of their columns."""
        path, which = self.chunks[number]
        table = read_part(path, names).select(list(names or self.column_names))
        return table if which.all() else table.filter(pa.array(which))

    def read(self) -> pa.Table:
        """Give all rows at once."""
        whole = pa.concat_tables(self.tables()).unify_dictionaries()
        columns = [pa.chunked_array(map(_settled, c.chunks), c.type) for c in whole.columns]
        return pa.table(columns, names=whole.column_names)

    def __reduce__(self) -> tuple[Any, ...]:
        return _itself, (self.read(),)


def _settled(array: pa.Array) -> pa.Array:
    """Give an array whose missing cells hold nothing left over, so that its bytes are the same again."""
    if pa.types.is_dictionary(array.type):
        return pa.DictionaryArray.from_arrays(_settled(array.indices), array.dictionary)
    plain = array.cast(pa.int64()) if pa.types.is_timestamp(array.type) else array
    missing = np.asarray(array.is_null())
    values = plain.fill_null(False if pa.types.is_boolean(array.type) else 0)  # noqa: FBT003
    told = pa.array(values.to_numpy(zero_copy_only=False), mask=missing)
    return told.cast(array.type)


def _itself(table: pa.Table) -> pa.Table:
    return table


def even_tables(table: pa.Table | StoredTable, rows: int) -> Iterator[pa.Table]:
    """Give a table in slices of so many rows, the last one shorter."""
    if isinstance(table, pa.Table):
        yield from (table.slice(first, rows) for first in range(0, len(table), rows))
        return
    held: list[pa.Table] = []
    for part in table.tables():
        held.append(part)
        while sum(map(len, held)) >= rows:
            whole = pa.concat_tables(held)
            yield whole.slice(0, rows)
            held = [whole.slice(rows)]
    if any(map(len, held)):
        yield pa.concat_tables(held)
