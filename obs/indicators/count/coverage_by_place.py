"""Decide which days a source covers, place by place: as declared, checked against the rows.

A day outside is missing, never zero. Where nothing is declared, the days are assumed from the rows:
gaps of whole years are not covered, strays stretch nothing (`obs.stats.covered_stretches`). A place
that falls silent while the others go on is not covered there, whatever is declared for all together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import ibis
import numpy as np
import pandas as pd
from ibis.expr import types as ir

from obs.errors import ObsError
from obs.indicators.count.covered_days import Window, make_window, periods_of_span
from obs.indicators.count.event_days import last_days
from obs.indicators.count.tally import to_frame
from obs.reference import Territory
from obs.schemas import ALL, COVERAGE, check_table
from obs.stats import covered_stretches, silent_gaps

__all__ = [
    "Coverage",
    "CoveredDays",
    "Stretches",
    "common_days",
    "days_of_whole",
    "find_covered_days",
    "find_silences",
    "join_stretches",
    "most_days",
    "read_coverage",
    "take_out",
]

Coverage = pd.DataFrame | Sequence[str | dt.date] | None
Stretches = tuple[Window, ...]
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class CoveredDays:
    """The days that a source covers: of most places, and of those that differ."""

    common: Stretches
    apart: Mapping[str, Stretches]

    @property
    def span(self) -> Window | None:
        """The first and the last day covered of any place."""
        ends = [day for own in (self.common, *self.apart.values()) for w in own for day in w]
        return (min(ends), max(ends)) if ends else None

    def of(self, code: str) -> Stretches:
        """Give the days of one base unit."""
        return self.apart.get(code, self.common)


def find_covered_days(table: ir.Table, coverage: Coverage, place: Territory | None) -> CoveredDays:
    """Give the days that a table of EVENTS covers, by what is declared and what its rows show."""
    found = _days_by_place(table)
    assumed = CoveredDays(_assumed(found), {}), frozenset[str]()
    covered, named = read_coverage(coverage, place) or assumed
    silent: dict[str, Stretches] = {}
    placed = found if place is None else found[~found["territory"].isin([*place.unplaced_units])]
    for _, rows in placed.groupby("source", sort=True):
        for code, gaps in find_silences(rows, covered.common).items():
            if code not in named:  # the days of a named place are believed
                silent[code] = take_out(silent.get(code, covered.of(code)), gaps)
    return CoveredDays(covered.common, {**covered.apart, **silent})


def read_coverage(
    coverage: Coverage, place: Territory | None
) -> tuple[CoveredDays, frozenset[str]] | None:
    """Give the declared days, and the places that the declaration names; None without one."""
    if isinstance(coverage, pd.DataFrame):
        return _declared(coverage, place)
    return None if coverage is None else (CoveredDays(_one_window(coverage), {}), frozenset())


def days_of_whole(covered: CoveredDays, period: str, place: Territory) -> pd.DataFrame:
    """List periods with the covered days of the whole territory; `lacking` marks a part with fewer."""
    span = covered.span
    assert span is not None  # noqa: S101 - callers refuse a source without a covered day
    each = {covered.of(code) for code in place.codes(place.base_level)}
    return most_days([periods_of_span(stretches, span, period) for stretches in each])


def most_days(grids: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Give the days of each period on which a part is covered; `lacking` marks a part with fewer."""
    found = pd.concat(grids, ignore_index=True).groupby("period", as_index=False)
    made = found.agg(
        days=("days", "max"),
        least=("days", "min"),
        covered_from=("covered_from", "min"),
        covered_to=("covered_to", "max"),
        full=("full", "first"),
    )
    lacking = (made["least"] < made["days"]).astype(bool)
    return made.drop(columns="least").assign(lacking=lacking)


def _one_window(coverage: Sequence[str | dt.date]) -> Stretches:
    window = make_window(coverage, None, None)
    return () if window is None else (window,)


def _days_by_place(table: ir.Table) -> pd.DataFrame:
    """Count the rows by source, place and day; a fact of a month or a year has its first and last day."""
    source = table["source"].fill_null("") if "source" in table.columns else ibis.literal("")
    keys = {
        "source": source,
        "territory": table["territory"],
        "day": table["event_date"].cast("date"),
    }
    dated = table.filter(table["event_date"].notnull())
    told = "date_precision" in table.columns
    by = keys | ({"date_precision": table["date_precision"]} if told else {})
    counted = to_frame(dated.group_by(**by).aggregate(rows=dated.count()))
    counted["day"] = last_days(counted["day"]).astype("datetime64[s]")
    if not told:
        return counted
    vague = counted[counted["date_precision"].isin(["month", "year"])]
    ends = last_days(vague["day"], vague["date_precision"]).astype("datetime64[s]")
    both = pd.concat([counted, vague.assign(day=ends)], ignore_index=True)
    return both.groupby([*keys], as_index=False)["rows"].sum()


def _assumed(found: pd.DataFrame) -> Stretches:
    """Give the days that all sources of the table cover, by their rows."""
    each = []
    for _, rows in found.groupby("source"):
        by_day = rows.groupby("day")["rows"].sum()
        days = by_day.index.to_numpy().astype("datetime64[D]")
        each.append(tuple(_stamps(w) for w in covered_stretches(days, by_day.to_numpy())))
    return reduce(common_days, each) if each else ()


def _declared(
    coverage: pd.DataFrame, place: Territory | None
) -> tuple[CoveredDays, frozenset[str]]:
    """Read COVERAGE: what all its sources cover, for every place and for places that it names."""
    rows = check_table(coverage, COVERAGE)
    if rows.empty:
        raise ObsError(
            "coverage: the table COVERAGE has no row; leave it out to take the rows' days"
        )
    rows = rows.assign(territory=[_members(c, place) for c in rows["territory"]])
    rows = rows.explode("territory")
    named = frozenset(rows["territory"]) - {ALL}
    by_source = [own for _, own in rows.groupby("source")]
    common = reduce(
        common_days, [join_stretches(own[own["territory"] == ALL]) for own in by_source]
    )
    apart = {
        code: reduce(common_days, [join_stretches(_of_place(own, code)) for own in by_source])
        for code in sorted(named)
    }
    return CoveredDays(common, apart), named


def _of_place(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    """Give the rows on a place: its own where a delivery names it, else those on every place."""
    own = rows["territory"] == code
    naming = set(rows.loc[own, "delivery"])
    return rows[own | ((rows["territory"] == ALL) & ~rows["delivery"].isin(naming))]


def _members(code: str, place: Territory | None) -> list[str]:
    known = place is not None and code in set(place.units["code"])
    if place is None or not known:
        return [code]
    return [ALL] if code == place.top else place.members(code)


def join_stretches(rows: pd.DataFrame) -> Stretches:
    """Join stretches that touch; assumed ones across less than a whole calendar month."""
    joined: list[tuple[pd.Timestamp, pd.Timestamp, bool]] = []
    ordered = rows.sort_values(["start", "end"])
    for start, end, how in zip(ordered["start"], ordered["end"], ordered["how"], strict=True):
        assumed = how == "assumed"
        if joined and _touch(joined[-1][1], start, loose=assumed or joined[-1][2]):
            first, last, loose = joined.pop()
            joined.append((first, max(last, end), assumed if end > last else loose))
        else:
            joined.append((start, end, assumed))
    return tuple((first, last) for first, last, _ in joined)


def _touch(last: pd.Timestamp, start: pd.Timestamp, *, loose: bool) -> bool:
    if start <= last + _DAY:
        return True
    return loose and (start.to_period("M") - last.to_period("M")).n <= 1


def common_days(ours: Stretches, theirs: Stretches) -> Stretches:
    """Give the days in both."""
    pairs = [(max(a[0], b[0]), min(a[1], b[1])) for a in ours for b in theirs]
    return tuple(sorted(w for w in pairs if w[0] <= w[1]))


def take_out(stretches: Stretches, gaps: Stretches) -> Stretches:
    """Take gaps out of stretches."""
    for first, last in gaps:
        parts = [((a, min(b, first - _DAY)), (max(a, last + _DAY), b)) for a, b in stretches]
        stretches = tuple(w for pair in parts for w in pair if w[0] <= w[1])
    return stretches


def find_silences(rows: pd.DataFrame, stretches: Stretches) -> dict[str, Stretches]:
    """Give the silent days of each place of one source, of its rows by territory and day."""
    places = rows.groupby("day").size()
    calendar = places.index.to_numpy().astype("datetime64[D]")
    plain = [(np.datetime64(a, "D"), np.datetime64(b, "D")) for a, b in stretches]
    found = {}
    for code, own in rows.groupby("territory"):
        days = np.sort(own["day"].to_numpy().astype("datetime64[D]"))
        others = places.to_numpy().copy()
        others[np.searchsorted(calendar, days)] -= 1
        gaps = silent_gaps(days, others, calendar, stretches=plain)
        if gaps:
            found[str(code)] = tuple(_stamps(gap) for gap in gaps)
    return found


def _stamps(window: tuple[np.datetime64, np.datetime64]) -> Window:
    return pd.Timestamp(window[0]), pd.Timestamp(window[1])
