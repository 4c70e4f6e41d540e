"""Read the rows of a workbook under the header of each sheet; name the sheets that are not read."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from obs.clean.coded_columns import Coded, encode_list, repeat
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery, check_header, join_header
from obs.clean.read.headers import bind_header
from obs.clean.read.reading import Note, Reading, join_sheets
from obs.clean.read.workbooks.spreadsheets import Sheet, read_sheets
from obs.errors import DeliveryError

__all__ = ["read_workbook"]

_NUMBER = re.compile(r"[-+\d.,]+(?:e[-+]?\d+)?", re.IGNORECASE)


def read_workbook(delivery: Delivery, profile: Profile) -> Reading:
    """Read the sheet that the profile names, or every sheet that has its columns.

    A sheet that is not read is named in a remark with its number of lines.
    """
    sheets = read_sheets(delivery, decimal=profile.file.decimal)
    if not sheets:
        raise DeliveryError(f"{delivery.name}: no sheet holds a cell; ask for the file again.")
    wanted = profile.file.sheet
    for absent in (name for name in wanted if name not in [sheet.name for sheet in sheets]):
        names = ", ".join(sheet.name[:40] for sheet in sheets[:10])
        raise DeliveryError(
            f"{delivery.name}: no sheet '{absent}'; it has {len(sheets)}: {names}. Name one of "
            "them as `file.sheet` in the profile."
        )
    read, unread = [], []
    for sheet in sheets:
        chosen = not wanted or sheet.name in wanted
        if chosen and (found := _of_sheet(sheet, delivery, profile)):
            read.append(found)
        else:
            unread.append(Note("sheet_unread", sheet=sheet.name, detail=f"{len(sheet.rows)} lines"))
    if not read:  # say what the first one lacks
        bind_header(_header(sheets[0], delivery, profile)[1], delivery.name, profile)
    joined = join_sheets(read)
    joined.doubts.extend(unread)
    return joined


def _of_sheet(sheet: Sheet, delivery: Delivery, profile: Profile) -> Reading | None:
    """Read one sheet, or give None if it has not the columns of the profile."""
    at, header = _header(sheet, delivery, profile)
    try:
        bound = bind_header(header, delivery.name, profile)
    except DeliveryError:
        if profile.file.sheet:
            raise
        return None
    numbers = [i for i, target in bound.target_of().items() if target == "numerator"]
    bad = _fill_merged(sheet, at, header, numbers)
    bad += _shares(sheet, at, header, numbers)
    rows, faults = [], []
    for number, cells in enumerate(sheet.rows[at + 1 :], start=at + 2):
        beyond = any(cells[len(header) :])
        if beyond:
            faults.append(Note("field_count", number, sheet=sheet.name))
        padded = cells + [""] * (len(header) - len(cells))
        rows.append([] if beyond else padded[: len(header)])
    lines = [number for number, cells in enumerate(rows, start=at + 2) if cells]
    turns = {number: turn for turn, number in enumerate(lines)}
    columns = _columns([cells for cells in rows if cells], len(header))
    return Reading(
        delivery.name,
        header,
        columns,
        np.array(lines, dtype="int64"),
        sheets=repeat(sheet.name, len(lines)),
        serials=not sheet.marks.from_1904,
        faults=faults,
        doubts=_doubts(sheet, at, header),
        bad=[(turns[row + 1], column, rule) for row, column, rule in bad if row + 1 in turns],
    )


def _header(sheet: Sheet, delivery: Delivery, profile: Profile) -> tuple[int, list[str]]:
    """Give the position of the last line of the header and its names.

    The header begins with the first line with a text past those skipped.
    """
    first = next(
        (i for i, row in enumerate(sheet.rows) if i >= profile.file.skip and any(row)),
        len(sheet.rows) - 1,
    )
    last = first + profile.file.header_rows - 1
    cells = join_header(sheet.rows[first : last + 1])
    while cells and not cells[-1]:
        cells.pop()
    return last, check_header(cells, f"{delivery.name}, sheet '{sheet.name[:40]}'")


def _fill_merged(
    sheet: Sheet, at: int, header: list[str], numbers: Iterable[int]
) -> list[tuple[int, str, str]]:
    """Write the text of merged cells into each of them; of merged counts, give the rows to reject."""
    bad = []
    for top, left, bottom, right in sheet.merged:
        if top <= at or top >= len(sheet.rows) or left >= len(sheet.rows[top]):
            continue
        text = sheet.rows[top][left]
        for row in range(top, min(bottom + 1, len(sheet.rows))):
            cells = sheet.rows[row]
            for column in range(left, min(right + 1, len(header))):
                # is equivalent: blanks beyond the header are left out
                cells += [""] * (column + 1 - len(cells))
                cells[column] = text
        counted = [i for i in numbers if left <= i <= right]
        if counted and text:
            bad += [(row, header[counted[0]], "merged_count") for row in range(top, bottom + 1)]
    return bad


def _shares(
    sheet: Sheet, at: int, header: list[str], numbers: Iterable[int]
) -> list[tuple[int, str, str]]:
    """Give the rows whose count is a number shown with a percent sign: 1 is 100 %."""
    return [
        (row, header[column], "not_a_number")
        for top, left, bottom, right in sheet.marks.percent
        for row in range(max(top, at + 1), min(bottom + 1, len(sheet.rows)))
        for column in numbers
        if left <= column <= right and _NUMBER.fullmatch("".join(sheet.rows[row][column:][:1]))
    ]


def _columns(rows: list[list[str]], width: int) -> list[Coded]:
    if not rows:
        return [encode_list([]) for _ in range(width)]
    return [encode_list(texts) for texts in zip(*rows, strict=True)]


def _doubts(sheet: Sheet, at: int, header: list[str]) -> list[Note]:
    """Say which rows are hidden, that the sheet is, and which columns hold formulas."""
    notes = [] if sheet.visible else [Note("hidden_sheet", sheet=sheet.name)]
    shown = [row for row in sorted(sheet.marks.hidden) if at < row < len(sheet.rows)]
    notes += [
        Note("hidden_row", row + 1, sheet=sheet.name) for row in shown if any(sheet.rows[row])
    ]
    for place, name in enumerate(header):
        rows = [row for row, column in sheet.marks.valued if column == place and row > at]
        if rows:
            detail = f"{len(rows)} cells"
            notes.append(Note("formula_value", min(rows) + 1, name, sheet.name, detail))
    return notes
