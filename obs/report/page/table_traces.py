"""Give each row of a table of a page the place where a reader finds where its numbers come from.

Each number is a link to the entry of its row; the first of a row is met by keyboard, so that a
table is one stop a row. Rows and columns of the data file are found by the keys of the rows behind.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obs.report.page.content import Exhibit, Page

__all__ = ["CellTrace", "RowTrace", "row_links", "row_traces"]

Cells = list[dict[str, str]]
_VALUES = (
    "points",
    "change",
    "value",
    "numerator",
)  # columns of a data file: the first that it has


@dataclass(frozen=True)
class CellTrace:
    """What is behind a cell: the head of its column, its text and value, its data row.

    `interval` and `remark` are "" where it has none.
    """

    head: str
    text: str
    value: str
    interval: str
    remark: str
    row: int


@dataclass(frozen=True)
class RowTrace:
    """Where the numbers of a row come from, of one indicator.

    `row` is the data row behind all its cells, 0 where each has its own (`cells`); `remark` is
    of that row.
    """

    anchor: str
    indicator: str
    told: Mapping[str, str]
    table: str
    about: str
    deliveries: tuple[str, ...]
    remark: str
    file: str
    href: str
    row: int
    cells: tuple[CellTrace, ...]


def row_traces(page: Page, addresses: Mapping[str, str]) -> list[RowTrace]:
    """Trace the rows of the tables of a page; `addresses` are those of its data files."""
    found: list[RowTrace] = []
    for place, exhibit in enumerate(page.exhibits, start=1):
        body = exhibit.block.get("table") or {}
        if not body.get("told") or not exhibit.data_name:
            continue
        data = list(csv.DictReader(io.StringIO(exhibit.block["csv"]["text"])))
        href = addresses.get(exhibit.data_name, "")
        for number, row in enumerate(body["rows"], start=1):
            name = f"t{place}r{number}"
            found += _traces_of_row(name, row, body, exhibit, data, href)
    return found


def _traces_of_row(
    name: str,
    row: Mapping[str, Any],
    body: Mapping[str, Any],
    exhibit: Exhibit,
    data: Cells,
    href: str,
) -> Iterator[RowTrace]:
    """Trace a row: once for each of its indicators, if it has a number."""
    told = {one["indicator"]: one for one in body["told"]}
    by_indicator = _cells_by_indicator(row, len(body["columns"]))
    for place, (indicator, own) in enumerate(by_indicator.items()):
        if not any(_has_number(row["cells"][i]) for i in own):
            continue
        whole = len(row["behind"]) == 1
        behind = row["behind"] if whole else [row["behind"][i] for i in own]
        rows = [_data_row(one, data) for one in behind]
        yield RowTrace(
            anchor=name + (f"i{place + 1}" if place else ""),
            indicator=indicator,
            told=told[indicator],
            table=exhibit.label or exhibit.block["title"],
            about=_about(row["header"], row["about"]),
            deliveries=tuple(dict.fromkeys(name for one in behind for name in one["deliveries"])),
            remark=behind[0]["remark"] if whole else "",
            file=str(exhibit.data_name),
            href="" if href.startswith("data:") else href,
            row=rows[0] if whole else 0,
            cells=() if whole else tuple(_cell_traces(row, body, own, rows, data)),
        )


def _cell_traces(
    row: Mapping[str, Any],
    body: Mapping[str, Any],
    own: Sequence[int],
    rows: Sequence[int],
    data: Cells,
) -> Iterator[CellTrace]:
    for i, number in zip(own, rows, strict=True):
        if number:
            head, one, there = body["columns"][i]["label"], row["behind"][i], data[number - 2]
            value = next((there[c] for c in _VALUES if there.get(c)), "")
            yield CellTrace(head, row["cells"][i], value, one["interval"], one["remark"], number)


def row_links(page: Page, traces: Sequence[RowTrace]) -> dict[str, list[list[tuple[str, bool]]]]:
    """Give, by table, the entry that each of its cells leads to, and whether it is the first to.

    A cell without a number leads nowhere.
    """
    known = {trace.anchor for trace in traces}
    links: dict[str, list[list[tuple[str, bool]]]] = {}
    for place, exhibit in enumerate(page.exhibits, start=1):
        body = exhibit.block.get("table") or {}
        rows: list[list[tuple[str, bool]]] = []
        for number, row in enumerate(body.get("rows", ()), start=1):
            own, seen = [("", False)] * len(row["cells"]), set()
            by_indicator = _cells_by_indicator(row, len(row["cells"]))
            for i, cells in enumerate(by_indicator.values()):
                anchor = f"t{place}r{number}" + (f"i{i + 1}" if i else "")
                for cell in cells if anchor in known else ():
                    if _has_number(row["cells"][cell]):
                        own[cell] = (anchor, anchor not in seen)
                        seen.add(anchor)
            rows.append(own)
        links[exhibit.anchor] = rows
    return links


def _cells_by_indicator(row: Mapping[str, Any], width: int) -> dict[str, list[int]]:
    """Give the places of the cells of each indicator of a row."""
    behind = list(row.get("behind", ()))
    every = behind * width if len(behind) == 1 else behind
    found: dict[str, list[int]] = {}
    for place, one in enumerate(every):
        if one:
            found.setdefault(one["key"]["indicator"], []).append(place)
    return found


def _about(header: str, about: str) -> str:
    """Join the header of a row to its place and period, where it is neither of these."""
    return about if header in about.split(", ") else ", ".join(filter(None, (header, about)))


def _has_number(cell: str) -> bool:
    return bool(re.search(r"\d", cell))


def _data_row(one: Mapping[str, Any], data: Cells) -> int:
    """Find the only row of a data file with a key, that of the names being 1; 0 if there is none."""
    if not one:
        return 0
    key = one["key"].items()
    found = [
        place
        for place, row in enumerate(data, start=2)
        if all(row[column] == code for column, code in key if column in row)
    ]
    return found[0] if len(found) == 1 else 0
