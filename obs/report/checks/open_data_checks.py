"""Check the open data of an edition: each format by itself, and that all say the same.

A withheld row has no number in any of them; nothing is hidden; what one format says, the CSV file
of that name says too, so that a figure cannot stand in one of them alone.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from obs.declare.json_files import parse_json
from obs.report.checks.data_checks import data_faults
from obs.report.figures.data_file import csv_cell

__all__ = ["described_texts", "message_text", "open_data_faults", "parquet_text"]

Rows = list[dict[str, str]]
Columns = dict[str, set[tuple[str, ...]]]
Faults = Iterator[tuple[str, str]]
_ARCHIVE, _CATALOGUE, _METADATA = "open_data.zip", "catalogue.jsonld", "csv/csv-metadata.json"
_OF_A_FILE = ("spdx:checksumValue", "dcat:byteSize")  # no figure of the data
_IDS = {"territory": "REF_AREA", "base": "BASE_PERIOD", "period": "TIME_PERIOD"}


def open_data_faults(top: Path) -> Iterator[tuple[str, str, str]]:
    """Find what is wrong with the open data of an edition.

    `top` is their folder. Yields file, place and fault; nothing if there is no such folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.checks.open_data_checks import open_data_faults
    >>> list(open_data_faults(Path("nowhere")))
    []
    """
    files = {p.relative_to(top).as_posix(): p for p in sorted(top.rglob("*")) if p.is_file()}
    tables = {
        name: _csv_rows(path)
        for name, path in files.items()
        if name.startswith("csv/") and name.endswith(".csv")
    }
    columns = _columns_by_indicator(tables)
    for name, path in files.items():
        for place, words in _faults_of_file(name, path, tables, columns, files):
            yield name, place, words
    if tables and any(name.startswith("sdmx/") for name in files):
        yield from (("sdmx", place, words) for place, words in _missing_in_sdmx(tables, files))


def _faults_of_file(
    name: str,
    path: Path,
    tables: Mapping[str, Rows],
    columns: Mapping[str, Columns],
    files: Mapping[str, Path],
) -> Faults:
    if name.endswith(".parquet"):
        yield from _parquet_faults(path, tables.get(f"csv/{path.stem}.csv"))
    elif name.endswith(".xml"):
        yield from _message_faults(path)
    elif name.endswith(".xlsx"):
        yield from _workbook_faults(path, columns)
    elif name == _ARCHIVE:
        yield from _archive_faults(path, files)
    elif name in (_CATALOGUE, _METADATA):
        yield from _description_faults(name, path, files)
    elif name not in tables and name not in ("columns.csv", "codes.csv"):
        yield "", "is of a kind that is not open data"


def _csv_rows(path: Path) -> Rows:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def parquet_text(path: Path) -> str:
    """Give every cell of a file of Apache Parquet, and what it says of itself, as text."""
    try:
        rows = _parquet_rows(path)
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError):
        return ""  # said by open_data_faults
    about = [schema.metadata or {}, *(field.metadata or {} for field in schema)]
    told = [v.decode(errors="replace") for own in about for v in own.values()]
    return "\n".join([*told, *(" ".join(row.values()) for row in rows)])


def _parquet_rows(path: Path) -> Rows:
    """Read a table as its CSV file is read: every cell a text."""
    table = pq.read_table(path)
    columns = [[_as_text(cell) for cell in table[c].to_pylist()] for c in table.column_names]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def _as_text(cell: Any) -> str:
    return cell.isoformat() if hasattr(cell, "isoformat") else csv_cell(cell)


def _parquet_faults(path: Path, rows: Rows | None) -> Faults:
    try:
        own = _parquet_rows(path)
        yield from _statistics_faults(path, own)
    except (pa.ArrowException, OSError):
        yield "", "is not a file of Apache Parquet that can be read"
        return
    yield from data_faults(_as_csv(own))
    if own != rows:
        yield "", "says something else than the CSV file of its name"


def _statistics_faults(path: Path, rows: Rows) -> Faults:
    """Find a least or greatest value in the footer that no row has."""
    about = pq.ParquetFile(path).metadata
    for group in range(about.num_row_groups):
        for number in range(about.num_columns):
            column = about.row_group(group).column(number)
            if column.statistics is None or not column.statistics.has_min_max:
                continue
            told = {_as_text(column.statistics.min), _as_text(column.statistics.max)}
            if told - {row[column.path_in_schema] for row in rows}:
                yield column.path_in_schema, "has a value in the footer that no row has"


def _as_csv(rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0] if rows else ["status"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def message_text(path: Path) -> str:
    """Give every attribute and text of an SDMX message, "" if it cannot be read."""
    root = _message(path)
    if root is None:
        return ""
    texts = (t for e in root.iter() for t in (*e.attrib.values(), e.text or "", e.tail or ""))
    return "\n".join(" ".join(texts).split())


def _message(path: Path) -> ElementTree.Element | None:
    content = path.read_bytes()
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return None
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError:
        return None


def _message_faults(path: Path) -> Faults:
    """Find an observation that is withheld and has a number."""
    root = _message(path)
    if root is None:
        yield "", "is not a message of SDMX that can be read"
        return
    rows = [_as_row(e.attrib) for e in root.iter("Obs")]
    columns = dict.fromkeys(c for row in rows for c in row)
    if rows:
        for place, words in data_faults(_as_csv([dict.fromkeys(columns, "") | r for r in rows])):
            yield place.replace("line", "observation"), words


def _as_row(attributes: Mapping[str, str]) -> dict[str, str]:
    """Name the attributes of an observation as columns of a data file."""
    observed = "change" if "BASE_PERIOD" in attributes else "value"
    own = {name: column for column, name in _IDS.items()} | {"OBS_VALUE": observed}
    return {own.get(name, name.lower()): value for name, value in attributes.items()}


def _missing_in_sdmx(tables: Mapping[str, Rows], files: Mapping[str, Path]) -> Faults:
    """Compare the numbers of all observations with those of all CSV files."""
    ours = {_numbers_of(row) for rows in tables.values() for row in rows}
    messages = [p for n, p in files.items() if n.startswith("sdmx/")]
    roots = [root for path in messages if (root := _message(path)) is not None]
    theirs = {_numbers_of(_as_row(e.attrib)) for root in roots for e in root.iter("Obs")}
    if theirs - ours:
        yield "", f"{len(theirs - ours)} observation(s) are in no CSV file"
    if ours - theirs:
        yield "", f"{len(ours - theirs)} row(s) of CSV files are no observation"


_COMPARED = (
    *("indicator", "territory", "period", "base", "status"),
    *("value", "change", "numerator", "base_numerator", "denominator", "low", "high", "n"),
    *("points", "points_low", "points_high", "p_value", "censored"),
)


def _numbers_of(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row.get(column) or "" for column in _COMPARED)


def _workbook_faults(path: Path, columns: Mapping[str, Columns]) -> Faults:
    """Find a column of a sheet that no CSV file has, and a number outside its table."""
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {n: book.get_sheet_by_name(n).to_python() for n in book.sheet_names}
    except (CalamineError, OSError):
        return  # said by workbook_faults
    lang = path.name.split(".")[-2]
    own = max((i for i in columns if path.name.startswith(f"{i}_")), key=len, default="")
    known = columns.get(own, {})
    for name, rows in sheets.items():
        tops = [n for n, row in enumerate(rows) if {"territory", "period"} <= set(row)]
        top = tops[0] if tops else len(rows)
        above, below = rows[:top], rows[top + 1 :]
        if any(isinstance(cell, int | float) for row in above for cell in row):
            yield name, "holds a number outside its table"
        for column, title in enumerate(rows[top] if tops else ()):
            kept = _sorted_cells([row[column] for row in below])
            allowed = {*known.get(str(title), ()), *known.get(f"{title}_{lang}", ())}
            if allowed and kept not in allowed:
                yield name, f"has a column '{title}' that no CSV file has"
            elif not allowed and any(isinstance(row[column], int | float) for row in below):
                yield name, f"holds a number in column '{title}', which is of words"


def _columns_by_indicator(tables: Mapping[str, Rows]) -> dict[str, Columns]:
    """Give the cells of each column of the CSV files, sorted, by indicator and column."""
    found: dict[str, Columns] = {}
    for rows in tables.values():
        own = found.setdefault(rows[0].get("indicator", "") if rows else "", {})
        for column in rows[0] if rows else ():
            own.setdefault(column, set()).add(_sorted_cells([row[column] for row in rows]))
    return found


def _sorted_cells(cells: Sequence[object]) -> tuple[str, ...]:
    """Sort the cells of a column that are not empty, numbers written alike."""
    written = {cell: _sheet_text(cell) for cell in set(cells)}
    return tuple(sorted(text for cell in cells if (text := written[cell])))


def _as_number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _sheet_text(cell: object) -> str:
    """Write a cell so that codes, years and numbers of a sheet and of a CSV file compare."""
    number = _as_number(cell) if isinstance(cell, str) else cell
    return f"{number:.6g}" if isinstance(number, int | float) else str(cell)


def _archive_faults(path: Path, files: Mapping[str, Path]) -> Faults:
    """Find a file of the archive that is not the one beside it, and what it lacks."""
    beside = {n for n in files if n not in (_ARCHIVE, _CATALOGUE)}
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if archive.comment or any(i.comment or i.extra for i in archive.infolist()):
                yield "", "holds remarks"
            for name in names:
                if name not in beside or archive.read(name) != files[name].read_bytes():
                    yield name, "is not the file of that name beside the archive"
    except (OSError, zipfile.BadZipFile):
        yield "", "is not an archive that can be read"
        return
    if beside - set(names) or len(names) != len(set(names)):
        yield "", "does not hold every file once"


def described_texts(path: Path) -> str:
    """Give every text and number of a description in JSON, without sizes and checksums of files."""
    try:
        return "\n".join(_texts_in(parse_json(path.read_bytes(), dict[str, Any])))
    except ValueError:
        return ""  # said by open_data_faults


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, own in value.items():
            if key not in _OF_A_FILE:
                yield from _texts_in(own)
    elif isinstance(value, list):
        for own in value:
            yield from _texts_in(own)
    else:
        yield str(value)


def _description_faults(name: str, path: Path, files: Mapping[str, Path]) -> Faults:
    try:
        told = parse_json(path.read_bytes(), dict[str, Any])
        if name == _METADATA:
            listed = {f"csv/{table['url']}" for table in told["tables"]}
            there = {n for n in files if n.startswith("csv/") and n.endswith(".csv")}
            if listed != there:
                yield "", "does not describe every CSV file, or one that is not there"
    except (ValueError, KeyError, TypeError):
        yield "", "is not a description that can be read"
