"""Describe what a released table is about: indicators, places, periods, and its title in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from obs.catalogue import get_indicator
from obs.errors import ObsError
from obs.locale import need_language, words
from obs.reference import label, load_codelist
from obs.report.facts.dates import format_period
from obs.report.facts.decimals import DIGITS
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.released_only import need_released
from obs.report.facts.words import first_upper, measure_words
from obs.schemas import ALL, BREAKDOWNS, FORMS, INTERRUPTIONS, RELATIONS

if TYPE_CHECKING:
    from obs.disclosure import Released
    from obs.reference import Territory

__all__ = ["Subject", "against", "category_label", "look_at", "span_under"]

_ORDERS = {"form": FORMS, "relation": RELATIONS}
_LISTED = (
    "offence",
    "motive",
    "answer",
    "sector",
    "size",
    "within",
    "decision",
    "filing",
)  # in the order of their codelist
_SPLITS = ("offence", "sector", "size")  # breakdowns that a title names
_MOST_TITLES = 3  # of indicators; more are counted
_DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class Subject:
    """A released table and what varies in it.

    Attributes
    ----------
    table : DataFrame
        Its rows, in official order: indicator, breakdowns, level, territory, period.
    lang : str
        Language of the words.
    territory : Territory
        Gives names and levels.
    breakdowns : tuple of str
        Breakdown columns it has.
    name : str
        Name of the table within its note.
    """

    table: pd.DataFrame
    lang: str
    territory: Territory
    breakdowns: tuple[str, ...]
    name: str
    synthetic: bool

    @property
    def compares(self) -> bool:
        """Whether it is a table of comparisons."""
        return "change" in self.table.columns

    @property
    def indicators(self) -> list[str]:
        """Codes of its indicators."""
        return list(dict.fromkeys(self.table["indicator"]))

    @property
    def territories(self) -> list[str]:
        """Codes of its territories."""
        return list(dict.fromkeys(self.table["territory"]))

    @property
    def periods(self) -> list[pd.Period]:
        """Its periods, earliest first."""
        return sorted(self.table["period"].unique())

    @property
    def varying(self) -> list[str]:
        """Key columns that hold more than one value."""
        key = ["indicator", *self.breakdowns, "territory", "period"]
        key += ["base"] if self.compares else []
        key += [c for c in ("peer", "point") if c in self.table]
        return [c for c in key if self.table[c].nunique() > 1]

    def keep(self, mask: pd.Series) -> Subject:
        """Give the same with fewer rows."""
        return self.with_table(self.table[mask].reset_index(drop=True))

    def with_table(self, table: pd.DataFrame) -> Subject:
        """Give the same with other rows or another order."""
        return replace(self, table=table)

    def facts(self) -> list[Fact]:
        """Read every row as a fact."""
        return [fact_of(row) for _, row in self.table.iterrows()]

    def measure(self) -> str:
        """Say what the values count; refuse a table that mixes measures."""
        found = {(f.kind, f.unit, f.scale) for f in self.facts()}
        if len(found) > 1:
            scales = ", ".join(sorted(f"{unit} ({scale})" for _, unit, scale in found))
            raise ObsError(
                f"Table '{self.name}' mixes measures that have no common axis: {scales}. "
                "Select one indicator."
            )
        return measure_words(*found.pop(), self.lang)

    def title(self) -> str:
        """Make a title: what, where, when."""
        return ", ".join(filter(None, (self._what(), self._where(), self.when())))

    def when(self) -> str:
        """Name the period, or the first and the last one; of a comparison, also its base."""
        if under := span_under(self.table, self.lang):
            return under
        names = [format_period(p, self.lang) for p in self.periods]
        span = names[0] if len(names) == 1 else f"{names[0]}{_DASH}{names[-1]}"
        bases = sorted(self.table["base"].unique()) if self.compares else []
        return against(span, bases[0], self.lang) if len(bases) == 1 else span

    def slug(self, kind: str) -> str:
        """Make an id, the same in every language, from what does not vary."""
        parts = [kind, self.name]
        parts += self.indicators if len(self.indicators) <= 2 else []
        for column in self.breakdowns:
            code = self.table[column].iloc[0]
            parts += [code] if self.table[column].nunique() == 1 and code != ALL else []
        parts += self.territories if len(self.territories) == 1 else self._levels_present()
        parts += [str(self.periods[0])] if len(self.periods) == 1 else []
        if "peer" in self.table and self.table["peer"].nunique() == 1:
            parts.append(f"peers {self.table['peer'].iloc[0]}")
        kind = next((c for c in ("rank_low", "ambient_value", "centre") if c in self.table), "")
        parts += [kind] if kind else []
        if self.compares and self.table["base"].nunique() == 1:
            parts.append(f"base {self.table['base'].iloc[0]}")
        return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")

    def _what(self) -> str:
        titles = [get_indicator(i).text("title", self.lang) for i in self.indicators]
        parts = []
        for column in self.breakdowns:
            codes = self.table[column].unique()
            if len(codes) == 1 and codes[0] != ALL:
                parts.append(self._which(column, str(codes[0])))
        own = words(self.lang)
        if len(titles) > _MOST_TITLES:
            titles = [own.say("title.more", first=titles[0], count=len(titles) - 1)]
        what = self._followed(self._split(own.join("join.semicolon", titles)))
        return what + (f" ({', '.join(parts)})" if parts else "")

    def _which(self, column: str, code: str) -> str:
        """Name the one code of a breakdown; of victims, that it is of them."""
        if not column.startswith("victim_"):
            return label(column, code, self.lang)
        who = label(column, code, self.lang, plural=True)
        return words(self.lang).say("title.victims", who=who)

    def _split(self, what: str) -> str:
        """Say by which offence or kind of respondent a survey's shares are broken down."""
        cut = [c for c in self.breakdowns if c in self.varying and c in _SPLITS]
        own = words(self.lang)
        kinds = own.join("join.and", [own.say(f"title.kind.{column}") for column in cut])
        return own.say("title.split", what=what, kinds=kinds) if kinds else what

    def _followed(self, what: str) -> str:
        """Say what is told of the cases of a period that were followed: outcomes, or time to them."""
        if "ended_share" in self.breakdowns:
            return words(self.lang).say("title.time", what=what)
        if "within" in self.breakdowns and "within" in self.varying:
            return words(self.lang).say("title.outcome", what=what)
        return what

    def _where(self) -> str:
        if len(self.territories) == 1:
            return self.territory.label(self.territories[0], self.lang)
        names = [
            self.territory.level_label(level, self.lang, plural=level != self.territory.levels[-1])
            for level in self._levels_present()
        ]
        parts = [part for part in (", ".join(names[:-1]), names[-1]) if part]
        return words(self.lang).join("join.and", parts)

    def _levels_present(self) -> list[str]:
        present = {self.territory.level_of(code) for code in self.territories}
        known = (*self.territory.levels, *self.territory.beyond_levels)
        return [level for level in known if level in present]


def look_at(released: Released, *, lang: str, who: str) -> Subject:
    """Look at a released table, or refuse what is none, what is empty, what is several.

    Returns rows in official order. Raises `DisclosureError` if it is not a Released. Raises
    `ObsError` if it has no row or holds several tables.
    """
    released = need_released(released, who=who)
    if len(released.names) != 1:
        raise ObsError(f"{who} shows one table; choose one of {', '.join(released.names)}.")
    table = released.table
    name = released.name.rsplit(".", 1)[-1]
    if table.empty:
        raise ObsError(f"{who}: no row of '{name}' is left; look at the values asked of select.")
    breakdowns = tuple(c for c in BREAKDOWNS if c in table.columns)
    subject = Subject(
        table, need_language(lang), released.territory, breakdowns, name, released.synthetic
    )
    return subject.with_table(_with_digits(_as_counts(_ordered(subject))))


def _as_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Read rates beside what was expected as counts, since what an interruption expects is one."""
    if not {"expected", "under"} <= set(table):
        return table
    size = (table["numerator"] / table["value"]).where(table["value"] > 0)
    return table.assign(
        value=table["numerator"].astype("Float64"),
        low=table["low"] * size,
        high=table["high"] * size,
        scale="count",
    )


def _with_digits(table: pd.DataFrame) -> pd.DataFrame:
    """Give all rows of an indicator the decimals that its smallest value needs, if near their own.

    Where that would be two decimals or more too many for a row, each row has its own.
    """
    needed = pd.Series([fact_of(row).decimals for _, row in table.iterrows()], index=table.index)
    of = needed.groupby(table["indicator"])
    most, least = of.transform("max"), of.transform("min")
    return table.assign(**{DIGITS: needed.where(most - least > 1, most)})


def span_under(rows: pd.DataFrame, lang: str) -> str:
    """Name the periods under an interruption, whose effects are of no base; "" for other rows."""
    if "point" not in rows or not rows["point"].isin(INTERRUPTIONS).all():
        return ""
    first = rows["period"].min()
    added = rows["periods"].max() if "periods" in rows else pd.NA
    names = [format_period(first, lang)]
    names += [] if pd.isna(added) or added < 2 else [format_period(first + int(added) - 1, lang)]
    return _DASH.join(names)


def against(when: str, base: pd.Period, lang: str) -> str:
    """Say what a period is compared with."""
    return words(lang).say("title.against", period=when, base=format_period(base, lang))


def category_label(row: pd.Series, columns: list[str], subject: Subject) -> str:
    """Name a row by the columns in which it differs from the others.

    Returns words only, never a code. Raises `CodeError` if a code has no words.
    """
    return first_upper(", ".join(_word(row, column, subject) for column in columns))


def _word(row: pd.Series, column: str, subject: Subject) -> str:
    if column == "territory":
        return subject.territory.label(str(row[column]), subject.lang)
    if column == "indicator":
        return get_indicator(str(row[column])).text("title", subject.lang)
    if column == "base":
        base = format_period(row[column], subject.lang)
        return words(subject.lang).say("title.against_base", base=base)
    if column == "period":
        return format_period(row[column], subject.lang)
    if column == "point":
        return label("points", str(row[column]), subject.lang)
    return label(column, str(row[column]), subject.lang)


def _ordered(subject: Subject) -> pd.DataFrame:
    """Sort as the codelists, the territory's own list and the calendar do."""
    table = subject.table
    rank = {code: float(i) for i, code in enumerate(subject.territory.units["code"])}
    before = len(subject.territory.codes(subject.territory.base_level)) - 0.5
    rank |= dict.fromkeys(subject.territory.unplaced_units, before)
    rank |= dict.fromkeys(subject.territory.beyond_units, float(len(rank)))
    keys = pd.DataFrame({"indicator": pd.factorize(table["indicator"])[0]}, index=table.index)
    for column in subject.breakdowns:
        keys[column] = table[column].map(_codelist_rank(column, table[column]))
    keys["territory"] = table["territory"].map(rank)
    keys["period"] = table["period"].dt.to_timestamp()
    return table.loc[keys.sort_values(list(keys.columns), kind="stable").index].reset_index(
        drop=True
    )


def _codelist_rank(column: str, codes: pd.Series) -> dict[str, int]:
    """Put the total first, then the codes in the order of the schema, then by name."""
    order = [ALL, *_ORDERS.get(column, ())]
    if column in _LISTED:
        order += [c for c in load_codelist(column)["code"] if c != ALL]
    order += sorted(c for c in codes.unique() if c not in order)
    return {code: i for i, code in enumerate(order)}
