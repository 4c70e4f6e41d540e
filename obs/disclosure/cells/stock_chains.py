"""Find the flows between two stocks that do not follow each other at once.

Stocks of 2022 and 2024 with the flows of 2023 and 2024 tell as much as a stock of each year does;
so do stocks of two years with the flows of twelve months.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from obs.disclosure.cells.cell_list import Cells, Key

__all__ = ["Chain", "chains_to"]

Chain = tuple[Key, list[Key], list[Key]]  # the stock before, what entered since, what left
_MONTHS = {4: 12, 6: 3, 7: 1}  # how long a period's text is: its months
_PERIODS = {4: "Y", 6: "Q", 7: "M"}


def chains_to(
    cells: Cells, now: Key, stocks: Sequence[Key], *, of: Sequence[Key], less: Sequence[Key]
) -> Iterator[Chain]:
    """Give the nearest earlier stock with flows that fill the time since, if there is one.

    `of` and `less` name the flows at the period of `now`. What the periods of one length tell
    already is left out.
    """
    end = _last_month(now.period)
    earlier = [s for s in stocks if s._replace(period="") == now._replace(period="")]
    ended = {s: _last_month(s.period) for s in earlier}
    for before in sorted((s for s in earlier if ended[s] < end), key=lambda s: -ended[s]):
        flows = [
            [_pieces(cells, flow, ended[before] + 1, end) for flow in side] for side in (of, less)
        ]
        if all(piece is not None for side in flows for piece in side):
            entered, left = ([k for p in side for k in p or ()] for side in flows)
            if {k.period for k in (*entered, *left)} != {now.period}:
                yield before, entered, left
            return


def _last_month(period: str) -> int:
    """Give the number of the last month of a period, counted from the year 0."""
    last = pd.Period(period, _PERIODS[len(period)]).asfreq("M", how="end")
    return int(last.year) * 12 + int(last.month) - 1


def _pieces(cells: Cells, flow: Key, first: int, last: int) -> list[Key] | None:
    """Fill the months from `first` to `last` with cells of a flow, the longest first, or give None."""
    found: list[Key] = []
    while first <= last:
        year, month = divmod(first, 12)
        names = {12: f"{year}", 3: f"{year}Q{month // 3 + 1}", 1: f"{year}-{month + 1:02d}"}
        fitting = [n for n in _MONTHS.values() if month % n == 0 and first + n - 1 <= last]
        there = [n for n in fitting if flow._replace(period=names[n]) in cells.of_key]
        if not there:
            return None
        found.append(flow._replace(period=names[there[0]]))
        first += there[0]
    return found
