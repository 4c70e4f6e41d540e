"""Read a delivery into coded columns of texts, one per column of the supplier, bound to the profile.

The text of every cell is kept as it came; only the header is matched to the profile.
"""

from __future__ import annotations

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
from obs.clean.read.headers import HeaderError, bind_header
from obs.clean.read.json_records import read_json
from obs.clean.read.layout_choice import (
    choose_by_header,
    choose_layout,
    header_line_said,
    other_layouts_said,
)
from obs.clean.read.reading import Note, Reading
from obs.clean.read.statistics_files import read_statistics_file
from obs.clean.read.text_lines import read_text
from obs.clean.read.workbooks.workbook_rows import read_workbook
from obs.errors import DeliveryError

__all__ = ["read_delivery", "read_frame"]

_MOST_ROWS = 100_000_000


def read_delivery(delivery: Delivery, profile: Profile) -> Reading:
    """Read one file, by what its content is, and match its header to the profile."""
    read = _READERS.get(delivery.kind, read_workbook)
    by = choose_layout(delivery, profile, read)
    try:
        reading = replace(_bound(read(delivery, by), by), sha256=delivery.sha256)
    except HeaderError as error:
        said = header_line_said(delivery, by, read) or other_layouts_said(by)
        raise DeliveryError(f"{error}{said}") from None
    stored = {"text": "csv"}.get(delivery.kind, delivery.kind)
    if by.file.format not in ("", stored):
        reading.doubts.append(Note("other_format", detail=READ[delivery.kind]))
    return reading


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
    made = read_text(delivery, profile.file)
    return Reading(
        delivery.name,
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
    try:
        with delivery.open() as stream:
            file = pq.ParquetFile(stream)
            header = check_header(file.schema_arrow.names, delivery.name)
            _check_parquet(file, delivery.name)
            table = file.read()
    except (pa.ArrowException, OSError):
        raise DeliveryError(
            f"{delivery.name}: an Apache Parquet file that is damaged or cut short; ask for the "
            "file again."
        ) from None
    columns = [_of_arrow(column, profile.file.decimal) for column in table.columns]
    return _table(delivery.name, header, columns, table.num_rows, first=1)


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
    """Match the header to the profile, leave out rows without any text; refuse a file of none."""
    bound = bind_header(reading.header, reading.name, profile, labels=reading.labels)
    filled = np.zeros(len(reading.lines), dtype=bool)
    for column in reading.columns:
        filled |= column.codes >= 0
        if filled.all():
            break
    if not filled.all():
        reading = reading.take(np.flatnonzero(filled))
    if reading.read == 0:
        raise DeliveryError(
            f"{reading.name}: there is a header and no rows; ask for the file again."
        )
    return replace(reading, bound=bound, layout=profile)
