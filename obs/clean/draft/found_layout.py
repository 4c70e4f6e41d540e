"""Find how a file is written: its encoding, its separator, where its table is.

Only what the file shows is declared, with the evidence in words; a table that cannot be found is
refused.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery, blocks, find_encoding, marked_encoding
from obs.clean.read.json_records import read_json
from obs.clean.read.workbooks.spreadsheets import Sheet, read_sheets
from obs.errors import DeliveryError

__all__ = ["FoundLayout", "bare_profile", "find_layout"]

_SEPARATORS = (";", ",", "\t", "|")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[-/](?:0[1-9]|1[0-2]))?(?:\.0)?")
_LOOKED_AT = 400  # lines
_NUMBERLIKE = re.compile(r"[\d\s.,:/%€+-]+")
_DEEPEST = 8  # objects within one another
_LARGEST = 64 << 20  # bytes of JSON looked through for its list of records


@dataclass(frozen=True)
class FoundLayout:
    """How a file is written, and for each key that is declared, what shows it."""

    layout: FileLayout
    evidence: dict[str, str] = field(default_factory=dict)


def find_layout(delivery: Delivery) -> FoundLayout:
    """Find the layout of a file.

    Raises
    ------
    DeliveryError
        If no table can be found: no separator that cuts the lines alike, no header, no rows.
    """
    if delivery.kind == "text":
        return _of_text(delivery)
    if delivery.kind == "json":
        return _of_json(delivery)
    if delivery.kind in ("xlsx", "xlsb", "xls", "ods"):
        return _of_workbook(delivery)
    return FoundLayout(FileLayout())


def bare_profile(layout: FileLayout) -> Profile:
    """Give a profile that reads a file and binds no column of it."""
    return Profile("draft", "Reads a file as it is", "police", "counts", file=layout)


def _of_text(delivery: Delivery) -> FoundLayout:
    head = next(iter(blocks(delivery)), b"")
    encoding, said = _encoding(delivery, head)
    text = head.decode(marked_encoding(head) or encoding, errors="replace")
    lines = text.splitlines()[:_LOOKED_AT]
    comments = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    separator, rows, why = _separator(lines[comments:], delivery.name)
    skip = _header_place(rows, delivery.name)
    layout = FileLayout(
        encodings=(encoding,),
        separator=separator,
        comment="#" if comments else "",
        skip=skip + comments if skip else 0,
    )
    evidence = {"encodings": said, "separator": why}
    if skip:
        evidence["skip"] = f"{skip} lines of titles stand above the header"
    return FoundLayout(layout, evidence)


def _encoding(delivery: Delivery, head: bytes) -> tuple[str, str]:
    """Give the encoding and what shows it; other than UTF-8 none can be proved."""
    if marked := marked_encoding(head):
        return "utf-8-sig", f"the mark of {marked} at its beginning decides"
    try:
        return find_encoding(delivery, ["utf-8-sig"]), "the whole file is sound UTF-8"
    except DeliveryError as error:
        if "none of the profile's encodings" not in str(error):
            raise
    find_encoding(delivery, ["cp1252"])
    return "cp1252", "NOT PROVEN: the file is not UTF-8; look at the accents of what is read"


def _separator(lines: Sequence[str], name: str) -> tuple[str, list[list[str]], str]:
    """Give the separator that cuts the most lines alike, the rows that it makes, and why."""
    cut = {}
    for one in _SEPARATORS:
        try:
            rows = [*csv.reader(lines, delimiter=one)]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if any(map(str.strip, row)))
        if not widths:
            continue
        width, n = max(widths.items(), key=lambda item: (item[1], item[0]))
        if width > 1 and n * 2 > widths.total():
            cut[one] = (n / widths.total(), width, rows)
    if not cut:
        raise DeliveryError(
            f"{name}: no table is found: neither ';' nor ',' nor a tab nor '|' cuts its lines into "
            "as many columns each. Ask for a table with a header, or write the profile by hand."
        )
    best = max(cut, key=lambda one: cut[one][:2])
    share, width, rows = cut[best]
    return best, rows, f"it cuts {share:.0%} of the first lines into {width} columns"


def _header_place(rows: Sequence[Sequence[str]], name: str) -> int:
    """Give the position of the header: the first row as wide as the table, of texts alone."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    width = max(len(row) for row in rows) if rows else 0
    common = Counter(n for n in filled if n > 1).most_common(1)
    wide = max(2, min(width, common[0][0]) if common else width)
    for place, row in enumerate(rows):
        cells = [cell.strip() for cell in row if cell.strip()]
        if len(cells) < wide:
            continue
        numbers = [cell for cell in cells if _NUMBERLIKE.fullmatch(cell)]
        if len(numbers) * 2 > len(cells) and not _years_across(cells, numbers):
            break
        if not any(map(any, rows[place + 1 :])):
            break
        return place
    raise DeliveryError(
        f"{name}: no header is found above rows of a table: its first row of {wide} cells holds "
        "numbers, or nothing follows it. Ask for the file with the names of its columns."
    )


def _years_across(cells: Sequence[str], numbers: Sequence[str]) -> bool:
    """Tell a header of years, each once and in order, beside the name of another column."""
    years = [cell for cell in numbers if _YEAR.fullmatch(cell)]
    ordered = years in (sorted(set(years)), sorted(set(years), reverse=True))
    return len(years) == len(numbers) > 1 and len(numbers) < len(cells) and ordered


def _of_workbook(delivery: Delivery) -> FoundLayout:
    """Find the sheets with a table, and the titles above the header of the first."""
    tables: list[tuple[Sheet, int, list[str]]] = []
    fault: DeliveryError | None = None
    for sheet in read_sheets(delivery, decimal="."):
        try:
            place = _header_place(sheet.rows[:_LOOKED_AT], delivery.name)
        except DeliveryError as error:
            fault = fault or error
            continue
        tables.append((sheet, place, sheet.rows[place]))
    if not tables:
        raise fault or DeliveryError(f"{delivery.name}: no sheet holds a table.")
    first, place, header = tables[0]
    evidence = {}
    layout = FileLayout(skip=place)
    if place:
        evidence["skip"] = f"{place} lines of titles stand above the header"
    others = [sheet.name for sheet, _, names in tables if names != header]
    if others:
        same = tuple(sheet.name for sheet, _, names in tables if names == header)
        layout = replace(layout, sheet=same)
        evidence["sheet"] = f"{len(others)} other sheets have other columns, and are not read"
    return FoundLayout(layout, evidence)


def _of_json(delivery: Delivery) -> FoundLayout:
    """Find the list of records of a JSON file."""
    try:
        read_json(delivery, records="", decimal=".")
    except DeliveryError:
        paths = [*_lists(_parsed(delivery), "", 0)]
        if len(paths) != 1:
            raise
        read_json(delivery, records=paths[0], decimal=".")
        said = "the one list of records of the file"
        return FoundLayout(FileLayout(records=paths[0]), {"records": said})
    return FoundLayout(FileLayout())


def _parsed(delivery: Delivery) -> Any:
    content = b"".join(blocks(delivery))
    try:
        return json.loads(content) if len(content) <= _LARGEST else None
    except (ValueError, RecursionError):
        return None


def _lists(value: object, path: str, depth: int) -> Iterator[str]:
    """List the paths of the lists of objects."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield path
    elif isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _lists(inner, f"{path}.{key}".strip("."), depth + 1)
