"""Gather what is released of each place: its figures, its peers, its changes.

Comparisons are made once for all places, from released rows alone. What does not depend on a
language is read once for each place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from obs.errors import ObsError
from obs.locale import languages
from obs.report.facts.fact import Fact, bound_fact, unknown_fact
from obs.report.facts.peer_statements import can_compare, nearest_peer
from obs.report.facts.subject import Subject, look_at
from obs.schemas import ALL, BREAKDOWNS

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = [
    "Figures",
    "Place",
    "PlaceFigure",
    "gather_figures",
    "of_place",
    "yearly",
]


@dataclass(frozen=True)
class Figures:
    """The released figures of one indicator in the year of the sheets, at every place.

    Attributes
    ----------
    indicator : str
        Its id.
    table : str
        The released table that has it by place and year.
    year : str
        The year.
    last : DataFrame
        Its rows of that year.
    peers : DataFrame or None
        The places beside their peers; None where it has no rate.
    changes : DataFrame or None
        Its changes to that year from the year before.
    """

    indicator: str
    table: str
    year: str
    last: pd.DataFrame
    peers: pd.DataFrame | None
    changes: pd.DataFrame | None


@dataclass(frozen=True)
class PlaceFigure:
    """One figure of a place: its level, that of the whole, its change, where it stands."""

    indicator: str
    level: Fact
    whole: Fact
    change: Fact
    compared: pd.Series | None

    @property
    def standing(self) -> str:
        """Verdict of the comparison with its peers; "" without one."""
        return "" if self.compared is None else str(self.compared["verdict"])


@dataclass(frozen=True)
class Place:
    """What is released of one place: its rows of every year, its figures of the last."""

    code: str
    year: str
    rows: Released
    subject: Subject
    figures: tuple[PlaceFigure, ...]

    def in_language(self, lang: str) -> Subject:
        """Give its rows, to be put in the words of a language."""
        return replace(self.subject, lang=lang)


def gather_figures(
    released: Released, indicators: Sequence[str], *, compare: Callable[..., pd.DataFrame]
) -> list[Figures]:
    """Gather the released figures of indicators in the last year of which any is known.

    `compare` is `obs.compare_peers`. Indicators without a row in that year are left out. Raises
    `ObsError` if none is released by place and year.
    """
    found = {i: name for i in indicators if (name := _table_of(released, i))}
    years = {i: str(_rows(released[name], i)["period"].max()) for i, name in found.items()}
    if not years:
        raise ObsError(
            f"sheets: no released table has {', '.join(indicators)} by place and year; declare one in "
            "the TOML of a note, or leave it out of [sheets]."
        )
    year = max(years.values())
    return [
        _figures(released, indicator, found[indicator], year, compare)
        for indicator, last in years.items()
        if last == year
    ]


def of_place(released: Released, figures: Sequence[Figures], code: str) -> Place | None:
    """Read what is released of one place; None where there is no row of it."""
    own = [f for f in figures if (f.last["territory"] == code).any()]
    if not own:
        return None
    order = {f.indicator: number for number, f in enumerate(own)}
    tables = list(dict.fromkeys(f.table for f in own))
    rows = released.select(table=tables, indicator=[*order], territory=code)
    subjects = [look_at(rows[name], lang=languages()[0], who="sheets") for name in tables]
    table = pd.concat([subject.table for subject in subjects], ignore_index=True)
    place = table["indicator"].map(order)
    table = table[place.notna()].loc[place.sort_values(kind="stable").index]
    subject = replace(subjects[0], name="sheet").with_table(table.reset_index(drop=True))
    return Place(code, own[0].year, rows, subject, tuple(_figure(f, released, code) for f in own))


def yearly(table: pd.DataFrame) -> bool:
    """Tell whether a table has values of years."""
    first = table["period"].iloc[0] if len(table) else None
    return first is not None and "change" not in table and first.freqstr.startswith("Y")


def _figures(
    released: Released,
    indicator: str,
    name: str,
    year: str,
    compare: Callable[..., pd.DataFrame],
) -> Figures:
    last = released[name].select(indicator=indicator, period=year)
    peers = nearest_peer(last.compare(compare)).table if can_compare(last) else None
    changes = _changes_of(released, indicator, year)
    return Figures(indicator, name, year, last.table, peers, changes)


def _figure(figures: Figures, released: Released, code: str) -> PlaceFigure:
    compared = _row(figures.peers, code)
    parts = (
        _bound_or_unknown(_row(figures.last, code), figures.table, released),
        _bound_or_unknown(_row(figures.last, released.territory.top), figures.table, released),
        _bound_or_unknown(_row(figures.changes, code), figures.table, released),
    )
    return PlaceFigure(figures.indicator, *parts, compared)


def _row(table: pd.DataFrame | None, code: str) -> pd.Series | None:
    own = None if table is None else table[table["territory"] == code]
    return None if own is None or own.empty else own.iloc[0]


def _bound_or_unknown(row: pd.Series | None, table: str, released: Released) -> Fact:
    if row is None:
        return unknown_fact(languages()[0])
    return bound_fact(row, released, table=table)


def _rows(released: Released, indicator: str) -> pd.DataFrame:
    table = released.table
    return table[table["indicator"] == indicator]


def _table_of(released: Released, indicator: str) -> str | None:
    """Find the table that has an indicator by place and year, without a breakdown."""
    base = released.territory.levels[0]
    for name in released.names:
        own = _rows(released[name], indicator)
        parts = [c for c in BREAKDOWNS if c in own and (own[c] != ALL).any()]
        if yearly(own) and not parts and (own["level"] == base).any():
            return name
    return None


def _changes_of(released: Released, indicator: str, year: str) -> pd.DataFrame | None:
    """Find the changes of an indicator to a year from the year before."""
    before = str(int(year) - 1)
    for name in released.names:
        own = _rows(released[name], indicator)
        if not {"change", "base"} <= set(own) or any(c in own for c in BREAKDOWNS):
            continue
        own = own[own["period"].astype(str) == year]
        if len(own) and (own["base"].astype(str) == before).all():
            return own
    return None
