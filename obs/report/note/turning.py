"""Bind the turning points of a series: where it stands against its peak, its trough, its start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from obs.report.facts.fact import Fact, fact, unknown_fact
from obs.report.facts.printed import Bound
from obs.report.facts.series_breaks import breaks_in
from obs.report.facts.subject import look_at

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["Turning", "changes_of_years", "changes_since", "turning_of"]

_FEWEST = 3  # periods that have a peak


@dataclass(frozen=True)
class Turning(Bound):
    """The last period of a series against periods that matter, and the levels at these.

    Attributes
    ----------
    peak, trough, since : Fact
        Its change from the highest period, the lowest, and the first without a break inside.
    peak_level, trough_level, since_level : Fact
        The value at each.
    at_peak, at_trough : bool
        Whether the last period is itself the highest, or the lowest.
    """

    peak: Fact
    trough: Fact
    since: Fact
    peak_level: Fact
    trough_level: Fact
    since_level: Fact

    @property
    def at_peak(self) -> bool:
        """Whether the last period is the highest."""
        return self.peak.period is not None and self.peak.period == self.peak.base

    @property
    def at_trough(self) -> bool:
        """Whether the last period is the lowest."""
        return self.trough.period is not None and self.trough.period == self.trough.base


def turning_of(
    released: Released | None, make: Callable[..., pd.DataFrame], *, lang: str
) -> Turning:
    """Bind the turning points of one released series; unknown facts where it is too short."""
    nothing = unknown_fact(lang)
    periods = [] if released is None else sorted(released.table["period"].unique())
    if released is None or len(periods) < _FEWEST:
        return Turning(*[nothing] * 6)
    first = next((p for p in periods[:-1] if not _broken(released, p, lang)), periods[0])
    made = released.compare(make, since=[str(first)])
    there = set(made.table["point"])
    points = [
        fact(made, point=name) if name in there else nothing for name in ("peak", "trough", "since")
    ]
    levels = [fact(released, period=str(p.base)) if p.base is not None else nothing for p in points]
    return Turning(*points, *levels)


def changes_since(
    released: Released | None, make: Callable[..., pd.DataFrame], *, base: str
) -> dict[str, Fact]:
    """Bind the change of every later period from one base, by period."""
    periods = [] if released is None else sorted(map(str, released.table["period"].unique()))
    if released is None or base not in periods:
        return {}
    made = released.compare(make, base=base)
    there = set(map(str, made.table["period"]))
    return {p: fact(made, period=p) for p in periods if p > base and p in there}


def changes_of_years(released: Released | None, make: Callable[..., pd.DataFrame]) -> list[Fact]:
    """Bind the change of every later year from the first, over the months that both know."""
    if released is None:
        return []
    made = released.compare(make, base=str(released.table["period"].min().year))
    return [_of_year(fact(made, period=str(p))) for p in made.table["period"]]


def _broken(released: Released, period: pd.Period, lang: str) -> bool:
    """Tell whether a break in the series falls inside a period."""
    subject = look_at(released, lang=lang, who="turning")
    return any(period.start_time < b.date <= period.end_time for b in breaks_in(subject))


def _of_year(change: Fact) -> Fact:
    """Give a change over the same months of two years as one of the years."""
    if change.period is None or change.base is None:
        return change
    now, base = (pd.Period(str(p.year), "Y") for p in (change.period, change.base))
    key = {**change.key, "period": str(now), "base": str(base)}
    return replace(change, period=now, base=base, key=key)
