"""Compare the columns of a table with its row of totals, and with what the text around says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obs.report.documents.contradiction import HIGH, POSSIBLE, Contradiction, number
from obs.report.documents.passages import Passage, TableRow
from obs.report.documents.quantities import quantities, stems, year_near, years_of_sentence

__all__ = ["Sheet", "column_totals", "tables_and_text", "tables_of"]

_TOTAL = re.compile(r"\s*(?:grand |general |sous-)?tota(?:l|al|ux|len)\b", re.IGNORECASE)
_CELL = re.compile(r"([\d\u00a0\u202f .,']*\d)(?:\s*/\s*(\d+))?\s*(%?)")
_AROUND = 16  # passages before and after a table in which the text may speak of it
_NEAR = 0.25
Block = Passage | TableRow


@dataclass(frozen=True)
class Sheet:
    """A table: its header, its rows; parts of one that a page parted are one."""

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    first: int
    last: int


def tables_of(blocks: Sequence[Block]) -> list[Sheet]:
    """Gather the tables of a document: rows that follow each other, under a header without numbers.

    Examples
    --------
    >>> rows = [TableRow(c, f"line {i}") for i, c in enumerate([("Area", "Files"), ("A", "3")])]
    >>> [(t.header, len(t.rows)) for t in tables_of(rows)]
    [(('Area', 'Files'), 1)]
    """
    found: list[Sheet] = []
    run: list[tuple[int, TableRow]] = []
    for place, block in enumerate([*blocks, Passage("paragraph", "", "")]):
        if isinstance(block, TableRow):
            run.append((place, block))
        elif run:
            _add_sheet(found, run)
            run = []
    return found


def _add_sheet(found: list[Sheet], run: Sequence[tuple[int, TableRow]]) -> None:
    (first, head), rows = run[0], tuple(row for _, row in run[1:] if row.cells != run[0][1].cells)
    if any(_number(cell) is not None and not _is_year(cell) for cell in head.cells[1:]):
        return
    sheet = Sheet(head.cells, rows, first, run[-1][0])
    before = found[-1] if found else None
    if (
        before
        and before.header == sheet.header
        and not (before.rows and _is_total(before.rows[-1]))
    ):
        found[-1] = Sheet(before.header, (*before.rows, *rows), before.first, sheet.last)
    else:
        found.append(sheet)


def column_totals(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find totals of a table that their column does not add up to; "3/9" adds both its numbers."""
    for sheet in tables_of(blocks):
        parts: list[TableRow] = []
        for row in sheet.rows:
            if _is_total(row):
                yield from _row_faults(sheet, parts, row)
                parts = []
            else:
                parts.append(row)


def _row_faults(
    sheet: Sheet, parts: Sequence[TableRow], total: TableRow
) -> Iterator[Contradiction]:
    for column in range(1, len(sheet.header)):
        cells = [_number(row.cells[column]) if column < len(row.cells) else None for row in parts]
        said = _number(total.cells[column]) if column < len(total.cells) else None
        if said is None or len(parts) < 2 or any(cell is None for cell in cells):
            continue
        for k in range(2):
            added = [n for cell in cells if cell is not None and (n := cell[k]) is not None]
            goal = said[k]
            if goal is None or len(added) != len(parts) or sum(added) == goal:
                continue
            slack = 0.06 * len(parts) if any(a != round(a) for a in added) else 0.0
            far = _is_year(sheet.header[column]) and abs(sum(added) - goal) > _NEAR * abs(goal)
            if abs(sum(added) - goal) > slack and not far:  # a mean of years is no total
                yield Contradiction(
                    "column_total", total.place, total.cells[column], parts[0].place,
                    sheet.header[column][:40],
                    f"{' + '.join(map(number, added))} = {number(sum(added))}", HIGH,
                )  # fmt: skip


def tables_and_text(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find numbers of the text that a column of the table beside them does not add up to.

    The number counts what the column counts (a word of its header), and the year is the same.
    """
    for sheet in tables_of(blocks):
        around = [
            b
            for b in blocks[max(0, sheet.first - _AROUND) : sheet.last + 1 + _AROUND]
            if isinstance(b, Passage)
        ]
        single = [
            Passage("paragraph", row.cells[0], row.place)
            for row in sheet.rows
            if sum(bool(cell) for cell in row.cells) == 1
        ]
        for column in range(1, len(sheet.header)):
            yield from _column_fault(sheet, column, [*around, *single])


def _column_fault(sheet: Sheet, column: int, around: Sequence[Passage]) -> Iterator[Contradiction]:
    rows = [r for r in sheet.rows if not _is_total(r) and column < len(r.cells)]
    cells = [_number(r.cells[column]) for r in rows if sum(map(bool, r.cells)) > 1]
    added = [cell[0] for cell in cells if cell is not None and cell[1] is None]
    head = sheet.header[column]
    year = year_near(head, 0)
    if len(added) < 3 or len(added) != len(cells) or year is None or "%" in head:
        return
    total, words = (
        sum(added),
        set(stems(re.sub(r"\bnombre de\b|\bnumber of\b|\baantal\b", "", head.casefold()))[:2]),
    )
    stated = [
        (q, p, year_near(p.text, q.start) == year)
        for p in around
        for q in quantities(p.text)
        if not q.percent
        and q.noun
        and q.noun[0] in words
        and year in years_of_sentence(p.text, q.start)
    ]
    if any(q.value == total for q, _, _ in stated):
        return
    near = [
        one
        for one in stated
        if abs(one[0].value - total) <= _NEAR * total and one[0].value > max(added)
    ]
    if near:
        quantity, passage, sure = min(near, key=lambda one: (not one[2], abs(one[0].value - total)))
        yield Contradiction(
            "table_and_text", passage.place, quantity.written, rows[0].place, head[:40],
            f"{' + '.join(map(number, added))} = {number(total)}",
            HIGH if sure and abs(quantity.value - total) <= 0.08 * total else POSSIBLE,
        )  # fmt: skip


def _is_total(row: TableRow) -> bool:
    return bool(row.cells) and _TOTAL.match(row.cells[0]) is not None


def _is_year(cell: str) -> bool:
    return re.fullmatch(r"\s*(?:19|20)\d\d\s*", cell) is not None


def _number(cell: str) -> tuple[float, float | None] | None:
    """Read a cell that is a number, or two of them as "3/9"."""
    match = _CELL.fullmatch(cell.strip())
    if match is None or match[3]:
        return None
    found = [q for q in quantities(f"{match[1].strip()} x")]
    if len(found) == 1:
        value = found[0].value
    elif re.fullmatch(r"\d+", match[1].strip()):
        value = float(match[1])
    else:
        return None
    return value, float(match[2]) if match[2] else None
