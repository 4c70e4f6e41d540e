"""Bind the lines of a summary: a level and the change of that very level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from obs.catalogue import get_indicator
from obs.locale import words
from obs.report.facts.fact import Fact, fact, unknown_fact
from obs.report.facts.filters import filters
from obs.report.facts.printed import Bound, Printed

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["Headline", "active_title", "change_of_level", "changes_of_last"]


@dataclass(frozen=True)
class Headline(Bound):
    """One line of a summary: an indicator's title, its latest level, the change of that level."""

    title: str
    level: Fact
    change: Fact


def change_of_level(level: Fact, changes: Released | None, lang: str) -> Fact:
    """Bind the change of the very period of a level, known or not; unknown without one."""
    key = {k: v for k, v in level.key.items() if k in ("indicator", "territory", "period")}
    if not key or changes is None:
        return unknown_fact(lang)
    there = changes.table
    for column, value in key.items():
        there = there[there[column].astype("str") == value]
    return fact(changes, **key) if len(there) else unknown_fact(lang)


def changes_of_last(rows: Released, changes: Released | None) -> Released | None:
    """Give the changes of the last period of a table, if there are any."""
    if changes is None:
        return None
    period = str(rows.table["period"].max())
    there = changes.table["period"].astype("str") == period
    return changes.select(period=period) if there.any() else None


def active_title(finding: Fact | Sequence[Fact] | None, lang: str) -> str | None:
    """Make the title that says what a comparison found, if it found anything.

    Of several comparisons it says the first, and of which period that one is.
    """
    several = not isinstance(finding, Fact | None) and len(finding) > 1
    if not isinstance(finding, Fact | None):
        finding = finding[0] if finding else None
    if finding is None or not finding.known:
        return None
    title = get_indicator(finding.key["indicator"]).text("title", lang)
    if several:
        title = f"{title}, {filters(lang)['period'](finding)}"
    return Printed(
        words(lang).say("join.colon", label=title, text=filters(lang)["finding"](finding))
    )
