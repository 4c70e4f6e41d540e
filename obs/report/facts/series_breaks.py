"""Find registered breaks in a series: where a line must be cut, and the words that say why."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch

import pandas as pd

from obs.locale import words
from obs.reference import Territory, is_bridged, load_breaks
from obs.report.facts.dates import format_date
from obs.report.facts.released_row import reason_in
from obs.report.facts.subject import Subject

__all__ = ["Break", "breaks_in"]


@dataclass(frozen=True)
class Break:
    """One break: its first day, whether values across it may be compared, the sentence."""

    date: pd.Timestamp
    comparable: bool
    text: str

    def place(self, freq: str) -> float:
        """Give where it falls on an axis of periods: between two, or inside one."""
        period = pd.Period(self.date, freq)
        return period.ordinal - 0.5 if period.start_time == self.date else float(period.ordinal)

    def short(self, lang: str) -> str:
        """Name it in little room: what it is, and the year."""
        return words(lang).say("break.short", year=str(self.date.year))


def breaks_in(subject: Subject) -> tuple[Break, ...]:
    """Find the registered breaks that a series, or a comparison, of a subject crosses.

    A break of a unit touches its members and the units that hold it, as in
    `obs.trends.compare_periods`.

    The earliest break comes first. Those on or before the first day of the first period (of a
    comparison, of the base) or after the last day are left out.
    """
    known = load_breaks(territory=subject.territory).sort_values("date")
    bases = list(subject.table["base"]) if subject.compares else []
    first, last = min(bases, default=subject.periods[0]), subject.periods[-1]
    found = []
    for _, row in known.iterrows():
        within = first.start_time < row["date"] <= last.end_time
        if within and _touches(row, subject):
            reason = reason_in(row, subject.lang, "a break in a series").rstrip(".")
            on = format_date(row["date"].date(), subject.lang)
            text = words(subject.lang).say("break.said", date=on, reason=reason)
            bridged = all(is_bridged(one, dict(row)) for one in _named(row, subject))
            found.append(Break(row["date"], row["effect"] != "refuse" or bridged, text))
    return tuple(found)


def _touches(row: pd.Series, subject: Subject) -> bool:
    return bool(_named(row, subject)) and any(
        _share_units(code, str(row["territory"]), subject.territory) for code in subject.territories
    )


def _named(row: pd.Series, subject: Subject) -> list[str]:
    return [one for one in subject.indicators if fnmatch(one, row["indicator"])]


def _share_units(one: str, other: str, territory: Territory) -> bool:
    return bool(set(territory.members(one)) & set(territory.members(other)))
