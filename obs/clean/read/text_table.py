"""Read a delivery into coded columns of texts, one per column of the supplier, bound to the profile.

The text of every cell is kept as it came; only the header is matched to the profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from obs.clean.coded_columns import Coded, encode, encode_list, look_up
from obs.clean.profiles.profile import Profile
from obs.clean.read.cell_texts import cell_text
from obs.clean.read.file_checks import Delivery, check_header
from obs.clean.read.file_formats import READ
from obs.clean.read.headers import Bound, HeaderError, bind_header, counts_left_out
from obs.clean.read.json_records import read_json
from obs.clean.read.layout_choice import (
    choose_by_header,
    choose_layout,
    header_line_said,
    other_layouts_said,
)
from obs.clean.read.reading import Note, Reading
from obs.clean.read.statistics_files import read_statistics_file
from obs.clean.read.text_lines import TextTable, read_text, read_text_parts
from obs.clean.read.workbooks.workbook_rows import read_workbook
from obs.errors import DeliveryError

__all__ = ["STREAMED", "layout_of", "read_delivery", "read_frame", "read_parts"]

STREAMED = ("text", "parquet")  # kinds of files that are read part by part

_MOST_ROWS = 100_000_000


def read_delivery(delivery: Delivery, profile: Profile) -> Reading:
    """Read one file, by what its content is, and match its header to the profile."""
    by = layout_of(delivery, profile)
    read = _READERS.get(delivery.kind, read_workbook)
    (whole,) = _bound_parts(iter([read(delivery, by)]), delivery, by)
    return whole


def layout_of(delivery: Delivery, profile: Profile) -> Profile:
    """Give the profile of the layout that reads a file, by its header alone where it has one."""
    return choose_layout(delivery, profile, _READERS.get(delivery.kind, read_workbook))


def read_parts(delivery: Delivery, by: Profile, rows: int) -> Iterator[Reading]:
    """Read a file of a kind of `STREAMED` part by part, each of so many rows at most.

    What is said of the file and of lines that are no rows comes with the part before it.
    """
    if delivery.kind == "text":
        made = read_text_parts(delivery, by.file, rows)
        parts: Iterator[Reading] = (_of_text(one, delivery.name) for one in made)
    else:
        parts = _read_parquet_parts(delivery, by, rows)
    for part in _bound_parts(parts, delivery, by):
        yield from _cut(part, rows)


def _bound_parts(parts: Iterator[Reading], delivery: Delivery, by: Profile) -> Iterator[Reading]:
    """Match the header to the profile, leave out rows without any text; refuse a file of none."""
    stored = {"text": "csv"}.get(delivery.kind, delivery.kind)
    said = (
        [] if by.file.format in ("", stored) else [Note("other_format", detail=READ[delivery.kind])]
    )
    read = 0
    for part in parts:
        try:
            bound = bind_header(part.header, part.name, by, labels=part.labels)
        except HeaderError as error:
            read_whole = _READERS.get(delivery.kind, read_workbook)
            more = header_line_said(delivery, by, read_whole) or other_layouts_said(by)
            raise DeliveryError(f"{error}{more}") from None
        made = replace(_filled(part), bound=bound, layout=by, sha256=delivery.sha256)
        if not read:
            made.doubts.extend([*said, *_left_out(part.header, bound, by)])
        read += made.read
        yield made
    if not read:
        raise _without_rows(delivery.name)


def _left_out(header: Sequence[str], bound: Bound, by: Profile) -> list[Note]:
    return [Note("column_unread", column=name) for name in counts_left_out(header, bound, by)]


def _cut(reading: Reading, rows: int) -> Iterator[Reading]:
    """Cut a part into smaller ones; what is said of lines stays with the first."""
    n = len(reading.lines)
    if n <= rows:
        yield reading
        return
    for start in range(0, n, rows):
        part = reading.take(np.arange(start, min(start + rows, n)))
        yield part if start == 0 else replace(part, faults=[], doubts=[])


def read_frame(table: pd.DataFrame, profile: Profile) -> Reading:
    """Read a table that is already in memory; its cells are taken as texts."""
    header = [str(name) for name in table.columns]
    if len(set(header)) < len(header):
        raise DeliveryError("table: two columns have the same name; rename one.")
    by = choose_by_header(header, "table", profile)
    decimal = by.file.decimal
    columns = [_of_series(table.iloc[:, i], decimal) for i in range(len(header))]
    return _bound(_table("table", header, columns, len(table), first=1), by)


def _of_series(values: pd.Series, decimal: str) -> Coded:
    """Code a column of a table, each distinct value written once."""
    if isinstance(values.dtype, pd.StringDtype):
        return encode(pa.array(values, pa.string(), from_pandas=True))
    codes, distinct = pd.factorize(values)
    texts = [cell_text(value, decimal) for value in distinct.astype("object")]
    return look_up(texts, codes)


def _table(
    name: str, header: list[str], columns: list[Coded], n: int, *, first: int, **more: Any
) -> Reading:
    return Reading(name, header, columns, np.arange(first, first + n), **more)


def _read_text(delivery: Delivery, profile: Profile) -> Reading:
    return _of_text(read_text(delivery, profile.file), delivery.name)


def _of_text(made: TextTable, name: str) -> Reading:
    return Reading(
        name,
        made.header,
        made.columns,
        made.lines,
        faults=[Note(rule, row) for row, rule in made.faults],
        doubts=[Note(rule, row) for row, rule in made.doubts],
        synthetic=made.synthetic,
    )


def _read_json(delivery: Delivery, profile: Profile) -> Reading:
    layout = profile.file
    names, cells = read_json(delivery, records=layout.records, decimal=layout.decimal)
    header = check_header(names, delivery.name)
    columns = [encode_list(texts) for texts in cells]
    return _table(delivery.name, header, columns, len(cells[0]) if cells else 0, first=1)


def _read_statistics(delivery: Delivery, profile: Profile) -> Reading:
    layout = profile.file
    names, labels, cells = read_statistics_file(
        delivery, labels=layout.labels, decimal=layout.decimal
    )
    header = check_header(names, delivery.name)
    columns = [encode_list(texts) for texts in cells]
    n = len(cells[0]) if cells else 0
    return _table(delivery.name, header, columns, n, first=1, labels=labels)


def _read_parquet(delivery: Delivery, profile: Profile) -> Reading:
    (whole,) = _read_parquet_parts(delivery, profile)
    return whole


def _read_parquet_parts(
    delivery: Delivery, profile: Profile, rows: int | None = None
) -> Iterator[Reading]:
    """Read an Apache Parquet file part by part, each of so many rows; else whole."""
    first = 1
    try:
        with delivery.open() as stream:
            file = pq.ParquetFile(stream)
            header = check_header(file.schema_arrow.names, delivery.name)
            _check_parquet(file, delivery.name)
            for table in _tables(file, rows):
                columns = [_of_arrow(column, profile.file.decimal) for column in table.columns]
                yield _table(delivery.name, header, columns, table.num_rows, first=first)
                first += table.num_rows
    except (pa.ArrowException, OSError):
        raise DeliveryError(
            f"{delivery.name}: an Apache Parquet file that is damaged or cut short; ask for the "
            "file again."
        ) from None


def _tables(file: pq.ParquetFile, rows: int | None) -> Iterator[pa.Table]:
    if rows is None or not file.metadata.num_rows:
        yield file.read()
        return
    for batch in file.iter_batches(batch_size=rows, use_threads=False):
        yield pa.Table.from_batches([batch])


def _check_parquet(file: pq.ParquetFile, name: str) -> None:
    if file.metadata.num_rows > _MOST_ROWS:
        raise DeliveryError(
            f"{name}: {file.metadata.num_rows:,} rows; at most {_MOST_ROWS:,} are read. Ask for "
            "several files."
        )


def _of_arrow(column: pa.ChunkedArray, decimal: str) -> Coded:
    """Code a typed column, each distinct value written once."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return encode(column.cast(pa.string()))
    if pa.types.is_nested(column.type):
        return encode_list([None if v is None else str(v) for v in column.to_pylist()])
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = coded.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # of no row
        return encode_list([None] * len(whole))
    texts = [cell_text(v, decimal) for v in whole.dictionary.to_pylist()]
    return look_up(texts, whole.indices.fill_null(-1).to_numpy(zero_copy_only=False))


_READERS = {
    "text": _read_text,
    "json": _read_json,
    "parquet": _read_parquet,
    "sav": _read_statistics,
    "dta": _read_statistics,
}


def _bound(reading: Reading, profile: Profile) -> Reading:
    """Match the header of a table to the profile, as that of a file."""
    bound = bind_header(reading.header, reading.name, profile, labels=reading.labels)
    made = _filled(reading)
    if made.read == 0:
        raise _without_rows(reading.name)
    made.doubts.extend(_left_out(reading.header, bound, profile))
    return replace(made, bound=bound, layout=profile)


def _without_rows(name: str) -> DeliveryError:
    return DeliveryError(f"{name}: there is a header and no rows; ask for the file again.")


def _filled(reading: Reading) -> Reading:
    """Take signs of no width out of the cells, and leave out rows without any text."""
    reading = replace(reading, columns=[column.seen() for column in reading.columns])
    filled = np.zeros(len(reading.lines), dtype=bool)
    for column in reading.columns:
        filled |= column.codes >= 0
        if filled.all():
            break
    return reading if filled.all() else reading.take(np.flatnonzero(filled))
