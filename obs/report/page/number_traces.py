"""List, at the end of a page, where each of its bound numbers comes from, by indicator.

What an entry says was written in the kernel from the released fact; its data cell is that of the
data file beside the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from obs.locale import words
from obs.report.page.content import Page
from obs.report.page.quoted_figures import quoted_place
from obs.report.page.table_traces import RowTrace

__all__ = ["DataCell", "TraceEntry", "TraceGroup", "trace_groups"]


@dataclass(frozen=True)
class DataCell:
    """Cells of a row of a data file: its address, "" where the page stands alone, row and columns."""

    file: str
    href: str
    row: int
    columns: str


@dataclass(frozen=True)
class TraceEntry:
    """Where one number comes from: its anchor, what it is about, its lines by label, its data cell.

    The number, and the count behind it if there is one, are texts with the value of their cell.
    """

    anchor: str
    value: tuple[str, str]
    count: tuple[str, str] | None
    about: str
    lines: tuple[tuple[str, str], ...]
    deliveries: tuple[str, ...]
    cell: DataCell | None


@dataclass(frozen=True)
class TraceGroup:
    """What the numbers of one indicator share, and their entries."""

    title: str
    definition: str
    source: str
    entries: tuple[TraceEntry, ...]
    rows: tuple[RowTrace, ...] = ()


def trace_groups(
    page: Page, addresses: Mapping[str, str], rows: Sequence[RowTrace] = ()
) -> list[TraceGroup]:
    """Group the numbers of a page by indicator; `addresses` are those of its data files.

    `rows` are those of its tables.
    """
    told = {trace["indicator"]: trace for trace in page.traces}
    every: dict[str, Mapping[str, Any]] = {**{row.indicator: row.told for row in rows}, **told}
    return [
        TraceGroup(
            title=every[code]["title"],
            definition=every[code]["definition"],
            source=every[code]["source"],
            entries=tuple(
                _entry_of(trace, page, addresses)
                for trace in page.traces
                if trace["indicator"] == code
            ),
            rows=tuple(row for row in rows if row.indicator == code),
        )
        for code in dict.fromkeys((*told, *every))
    ]


def _entry_of(trace: Mapping[str, Any], page: Page, addresses: Mapping[str, str]) -> TraceEntry:
    say = words(page.lang).say
    named = ("base", "interval", "status")
    lines = [(say(f"trace.{name}"), trace[name]) for name in named if trace[name]]
    about = (trace["measure"], trace["place"], trace["period"], trace["categories"])
    apart = ", " if "%" in trace["value"] or not trace["measure"] else " "  # "+4 %, change in %"
    row, values = _row_behind(trace, page)
    columns = [c for c in (trace["column"], "numerator" if trace["count"] else "") if values.get(c)]
    return TraceEntry(
        anchor=trace["anchor"],
        value=(trace["value"], values.get(trace["column"], "")),
        count=(trace["count"], values.get("numerator", "")) if trace["count"] else None,
        about=apart + ", ".join(filter(None, about)),
        lines=tuple(lines),
        deliveries=tuple(trace["deliveries"]),
        cell=_data_cell(page, addresses, row, columns) if row else None,
    )


def _row_behind(trace: Mapping[str, Any], page: Page) -> tuple[int, dict[str, str]]:
    """Find the row of a number in the file of the figures that sentences quote; 0 if it has none."""
    numbers: Sequence[Mapping[str, Any]] = page.quoted or page.numbers
    return quoted_place(page.numbers[trace["number"]], numbers) or (0, {})


def _data_cell(
    page: Page, addresses: Mapping[str, str], row: int, columns: Sequence[str]
) -> DataCell:
    address = addresses.get(page.quoted_name, "data:")
    href = "" if address.startswith("data:") else f"{address}#row={row}"
    return DataCell(page.quoted_name, href, row, ", ".join(dict.fromkeys(columns)) or "status")
