"""Assume the days that a source covers from the days on which it has rows.

Declared coverage comes first; this is for a source without it. A gap of a whole calendar year is
not covered; a few days far from all others are strays; a place is silent if it has no row for
longer than chance allows while the others have rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

__all__ = ["covered_stretches", "falls_short", "flow_stretches", "silent_gaps", "counted_stretches"]

Days = NDArray[np.datetime64]
Stretch = tuple[np.datetime64, np.datetime64]

_DAY = np.timedelta64(1, "D")
STRAY_CHANCE = 1e-4  # of a gap, beside which a few days are taken for strays
STRAY_SHARE = 0.01  # of the rows, that strays may be at most
OLD_SHARE, OLD_DAYS = 0.1, 4  # the same for strays beyond a whole year without a row
SILENT_CHANCE = 1e-6  # of a gap, below which a place or a file is silent: over many are looked at


def covered_stretches(days: Days, rows: NDArray[np.int64]) -> list[Stretch]:
    """Give the stretches of days that a source covers, strays and empty years apart.

    Parameters
    ----------
    days : ndarray of datetime64[D] of shape (n_days,)
        Distinct days with a row, sorted.
    rows : ndarray of int of shape (n_days,)
        How many rows each day has.

    Returns
    -------
    list of pairs of datetime64[D]
        First and last day of each stretch, in order; none without a day.

    Notes
    -----
    A stretch ends where a whole calendar year follows without a row. Rows at either end are
    strays, and stretch nothing, if a whole calendar month without a row parts them from the
    others, they are at most 1 % of all rows, and n other days with rows, spread evenly, would
    leave such a gap g of the span T with the chance (1 - g/T)^n below 1e-4; beyond a whole
    calendar year, if they are at most four days and a tenth of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> days = np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]")
    >>> covered_stretches(np.concatenate([[np.datetime64("2019-03-01")], days]), np.ones(367, int))
    [(np.datetime64('2024-01-01'), np.datetime64('2024-12-31'))]
    """
    first, last = _without_strays(days, rows)
    kept = days[first:last]
    if not len(kept):
        return []
    cuts = np.flatnonzero(_years_between(kept[:-1], kept[1:]))
    starts, ends = kept[np.r_[0, cuts + 1]], kept[np.r_[cuts, len(kept) - 1]]
    return list(zip(starts, ends, strict=True))


def counted_stretches(days: Days) -> list[Stretch]:
    """Give the stretches of days that each have a count, with less than a month between two.

    Parameters
    ----------
    days : ndarray of datetime64[D] of shape (n_days,)
        Distinct days of which there is a count, sorted: none is not a count of 0.

    Returns
    -------
    list of pairs of datetime64[D]
        First and last day of each stretch, in order; a whole calendar month without a day
        parts them.

    Examples
    --------
    >>> import numpy as np
    >>> counted_stretches(np.array(["2023-01-02", "2023-02-28", "2023-04-01"], dtype="datetime64[D]"))
    [(np.datetime64('2023-01-02'), np.datetime64('2023-02-28')), (np.datetime64('2023-04-01'), np.datetime64('2023-04-01'))]
    """
    if not len(days):
        return []
    cuts = _gaps(days)
    starts, ends = days[np.r_[0, cuts + 1]], days[np.r_[cuts, len(days) - 1]]
    return list(zip(starts, ends, strict=True))


def flow_stretches(entered: Days, closed: Days, *, extracted: np.datetime64) -> list[Stretch]:
    """Give the stretches of days for which a source has every entry and closing of its cases.

    Parameters
    ----------
    entered, closed : ndarray of datetime64[D] of shape (n,)
        Days of entry and of closing, in any order; cases that are open have none of closing.
    extracted : datetime64[D]
        The day of extraction, or NaT.

    Returns
    -------
    list of pairs of datetime64[D]
        First and last day of each stretch, in order.

    Notes
    -----
    Cases closed before the first delivery are in none, so that the first year covered is that of
    the earliest closing, strays apart (`covered_stretches`); earlier entries are of cases still
    open then. Stretches are whole years, as registers of cases are delivered, unless the days
    end, or begin, too far from the year's for their number (`falls_short`); the year of the
    extraction is covered to the day before it. A whole year without an entry or a closing is not
    covered.

    Examples
    --------
    >>> import numpy as np
    >>> days = np.array(["2016-11-03", "2019-02-01", "2020-03-01"], dtype="datetime64[D]")
    >>> flow_stretches(days, days[1:] + 90, extracted=np.datetime64("2021-01-31"))
    [(np.datetime64('2019-01-01'), np.datetime64('2020-12-31'))]
    """
    entered, closed = entered[~np.isnat(entered)], closed[~np.isnat(closed)]
    opening = covered_stretches(*_count_days(closed if len(closed) else entered))
    if not opening:
        return []
    first = opening[0][0].astype("datetime64[Y]").astype("datetime64[D]")
    every = np.concatenate([entered, closed])
    days, rows = _count_days(every[every >= first])
    whole = (_whole_years(days, stretch, extracted) for stretch in covered_stretches(days, rows))
    return [(start, end) for start, end in whole if start <= end]


def _count_days(days: Days) -> tuple[Days, NDArray[np.int64]]:
    return np.unique(days, return_counts=True)


def _whole_years(days: Days, stretch: Stretch, extracted: np.datetime64) -> Stretch:
    """Widen a stretch to whole years, as far as its days and the extraction allow."""
    inside = days[(days >= stretch[0]) & (days <= stretch[1])]
    start = stretch[0].astype("datetime64[Y]").astype("datetime64[D]")
    end = (stretch[1].astype("datetime64[Y]") + 1).astype("datetime64[D]") - _DAY
    if not np.isnat(extracted) and end >= extracted:
        end = extracted - _DAY
    late, early = falls_short(inside, start=start, end=max(start, end))
    return (stretch[0] if late else start), (stretch[1] if early else end)


def falls_short(days: Days, *, start: np.datetime64, end: np.datetime64) -> tuple[bool, bool]:
    """Say whether rows begin long after, or end long before, the days declared as covered.

    Parameters
    ----------
    days : ndarray of datetime64[D] of shape (n_days,)
        Distinct days with a row, sorted.
    start, end : datetime64[D]
        The first and the last day declared as covered.

    Returns
    -------
    pair of bool
        For the start and for the end: True if a whole calendar month lies between it and the
        nearest row, and n days spread evenly would leave such a gap g of the span T with the
        chance (1 - g/T)^n below 1e-6.

    Examples
    --------
    >>> import numpy as np
    >>> days = np.arange("2024-01-01", "2024-04-01", dtype="datetime64[D]")
    >>> falls_short(days, start=np.datetime64("2024-01-01"), end=np.datetime64("2024-12-31"))
    (False, True)
    """
    if not len(days):
        return False, False
    late = _month_between(start - _DAY, days[0]) and _rare(days, days[0] - start, days[-1] - start)
    early = _month_between(days[-1], end + _DAY) and _rare(days, end - days[-1], end - days[0])
    return late, early


def _rare(days: Days, gap: np.timedelta64, span: np.timedelta64) -> bool:
    return bool(len(days) * np.log1p(-(gap / _DAY) / (span / _DAY + 1)) < np.log(SILENT_CHANCE))


def silent_gaps(
    days: Days, others: NDArray[np.int64], calendar: Days, *, stretches: Sequence[Stretch]
) -> list[Stretch]:
    """Give the stretches in which a place has no row though the others leave no room for it.

    Parameters
    ----------
    days : ndarray of datetime64[D] of shape (n_days,)
        Distinct days on which the place has a row, sorted.
    others : ndarray of int of shape (n_calendar,)
        How many other places have a row on each day of the calendar.
    calendar : ndarray of datetime64[D] of shape (n_calendar,)
        Days with a row of any place, sorted.
    stretches : sequence of pairs of datetime64[D]
        What the source covers.

    Returns
    -------
    list of pairs of datetime64[D]
        First and last silent day of each gap, in order.

    Notes
    -----
    A gap holds at least one whole calendar month. Of N days with a row (n of the place, and the
    days of each other place), M lie in the gap and none of them is of the place. If its days lay
    as those of the others, that would have the chance C(N - M, n) / C(N, n); below 1e-6 the
    place is silent. Days, not rows, are counted, so that several rows of one event say no more
    than one. A place without any row is not distinguished from one where nothing happens.

    Examples
    --------
    >>> import numpy as np
    >>> year = np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]")
    >>> silent_gaps(year[:182], np.ones(366, int), year, stretches=[(year[0], year[-1])])
    [(np.datetime64('2024-07-01'), np.datetime64('2024-12-31'))]
    """
    inside = [days[(days >= start) & (days <= end)] for start, end in stretches]
    n = sum(map(len, inside))
    sums = np.concatenate([[0], np.cumsum(others)])
    all_days = sum(_between(calendar, sums, *stretch) for stretch in stretches)
    found = []
    for own, (start, end) in zip(inside, stretches, strict=True):
        edges = np.concatenate([[start - _DAY], own, [end + _DAY]])
        wide = np.flatnonzero(_months(edges[1:]) - _months(edges[:-1]) > 1) if n else ()
        for before, after in ((edges[i], edges[i + 1]) for i in wide):
            missed = _between(calendar, sums, before + _DAY, after - _DAY)
            if _chance_of_none(n, n + all_days, missed) < SILENT_CHANCE:
                found.append((before + _DAY, after - _DAY))
    return found


def _chance_of_none(n: int, total: int, missed: int) -> float:
    """Give the chance C(total - missed, n) / C(total, n)."""
    left = total - missed
    logs = gammaln(left + 1) - gammaln(left - n + 1) - gammaln(total + 1) + gammaln(total - n + 1)
    return float(np.exp(logs))


def _between(
    calendar: Days, sums: NDArray[np.int64], start: np.datetime64, end: np.datetime64
) -> int:
    low, high = np.searchsorted(calendar, [start, end + _DAY])
    return int(sums[high] - sums[low])


def _without_strays(days: Days, rows: NDArray[np.int64]) -> tuple[int, int]:
    """Give the positions of the first day that is no stray, and after the last."""
    first = max((i + 1 for i in _gaps(days) if _strays(days, rows, i, old=True)), default=0)
    last = min((i + 1 for i in _gaps(days) if _strays(days, rows, i, old=False)), default=len(days))
    return first, max(last, first)


def _gaps(days: Days) -> NDArray[np.int64]:
    return np.flatnonzero(_months(days[1:]) - _months(days[:-1]) > 1)


def _strays(days: Days, rows: NDArray[np.int64], cut: int, *, old: bool) -> bool:
    """Say whether the days before a gap (old), or after it, are strays."""
    own = slice(0, cut + 1) if old else slice(cut + 1, None)
    share, n = rows[own].sum() / rows.sum(), len(days[own])
    if _years_between(days[cut], days[cut + 1]) and share <= OLD_SHARE and n <= OLD_DAYS:
        return True
    gap, span = (days[cut + 1] - days[cut]) / _DAY, (days[-1] - days[0]) / _DAY + 1
    rare = (len(days) - n) * np.log1p(-gap / span) < np.log(STRAY_CHANCE)
    return bool(share <= STRAY_SHARE and rare)


def _months(days: Days) -> NDArray[np.int64]:
    return days.astype("datetime64[M]").astype("int64")


def _month_between(before: np.datetime64, after: np.datetime64) -> bool:
    """Say whether a whole calendar month lies strictly between two days."""
    opens = before.astype("datetime64[M]") + 1  # the day before the first of a month is in another
    return bool((opens + 1).astype("datetime64[D]") <= after)


def _years_between(before: Days, after: Days) -> NDArray[np.bool_]:
    """Say whether a whole calendar year lies between two days."""
    years = after.astype("datetime64[Y]").astype("int64")
    return np.asarray(years - before.astype("datetime64[Y]").astype("int64") > 1)
