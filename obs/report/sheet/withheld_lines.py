"""Say what is not published of a place, and why: indicator, category, years, reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from obs.catalogue import get_indicator
from obs.locale import words
from obs.reference import label
from obs.report.facts.dates import format_period
from obs.report.sheet.place_figures import yearly
from obs.schemas import ALL, BREAKDOWNS

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["withheld_lines"]

_REASONS = {  # which of our rules withheld a figure would help to work it out
    "suppressed_primary": "ours",
    "suppressed_secondary": "ours",
    "suppressed_source": "theirs",
    "unreliable": "unreliable",
    "missing": "missing",
}
_DASH = "\N{EN DASH}"


def withheld_lines(released: Released) -> Callable[[str, str], list[str]]:
    """Give a function that says, for a place and a language, what has no value: a line for each reason."""
    tables = [table for name in released.names if yearly(table := released[name].table)]
    rows = [table[table["status"].isin([*_REASONS])] for table in tables]

    def of_place(code: str, lang: str) -> list[str]:
        found: dict[str, dict[str, set[pd.Period]]] = {}
        for table in rows:
            for what, reason, periods in _withheld(table[table["territory"] == code], lang):
                found.setdefault(reason, {}).setdefault(what, set()).update(periods)
        return [
            words(lang).say(f"sheet.why.{reason}", what=_years_of_each(found[reason], lang))
            for reason in dict.fromkeys(_REASONS.values())
            if reason in found
        ]

    return of_place


def _withheld(table: pd.DataFrame, lang: str) -> Iterator[tuple[str, str, list[pd.Period]]]:
    breakdowns = [c for c in BREAKDOWNS if c in table]
    key = ["indicator", *breakdowns, "why"]
    table = table.assign(why=table["status"].map(_REASONS))
    for values, rows in table.groupby(key, sort=False):
        codes = dict(zip(key, values, strict=True))
        parts = [label(c, str(codes[c]), lang) for c in breakdowns if codes[c] != ALL]
        title = get_indicator(str(codes["indicator"])).text("title", lang)
        yield ", ".join([title, *parts]), str(codes["why"]), list(rows["period"])


def _years_of_each(found: dict[str, set[pd.Period]], lang: str) -> str:
    parts = [f"{what} ({_years(sorted(periods), lang)})" for what, periods in found.items()]
    return words(lang).join("join.semicolon", parts)


def _years(periods: Sequence[pd.Period], lang: str) -> str:
    """Write years as stretches: 2015, 2018–2020."""
    stretches: list[list[pd.Period]] = []
    for period in periods:
        if stretches and period == stretches[-1][-1] + 1:
            stretches[-1].append(period)
        else:
            stretches.append([period])
    named = [[format_period(p, lang) for p in (own[0], own[-1])] for own in stretches]
    return ", ".join(a if a == b else f"{a}{_DASH}{b}" for a, b in named)
