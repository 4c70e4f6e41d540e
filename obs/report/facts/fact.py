"""Define a fact: one row of a released table, bound to the prose that quotes it.

A fact knows its kind, so that a percentage is never written as points or a count as a rate. A
withheld fact holds no number. A fact keeps the table, key and rule that it came from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn

import pandas as pd

from obs.catalogue import get_indicator
from obs.errors import ObsError, PublicationError
from obs.locale import languages
from obs.report.facts.decimals import DIGITS, enough_digits
from obs.report.facts.delivery_names import names_behind
from obs.report.facts.numbers import status_text
from obs.report.facts.released_only import need_released
from obs.report.facts.released_row import (
    Kind,
    covered_part,
    day_in,
    find_row,
    key_in_words,
    kind_of_scale,
    number_in,
    text_in,
    whole_in,
)
from obs.schemas import BREAKDOWNS, INDICATORS, TRENDS, WITHHELD

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["Fact", "bound_fact", "fact", "fact_of", "unknown_fact"]

_KEYS = (*TRENDS.key, *TRENDS.variants, *BREAKDOWNS)  # those of a row that it has

_FILTERS: dict[str, str] = {
    "count": "n, per_day or interval",
    "rate": "rate, n or interval",
    "share": "pct, n or interval",
    "per_day": "per_day, n or interval",
    "estimate": "estimate, measure or interval",
    "index": "index, measure, n or interval",
    "change": "change, verdict or interval",
    "points": "points, verdict or interval",
    "unknown": "any filter",
}


@dataclass(frozen=True)
class Fact:
    """One released value with all that is needed to write it, or the reason it is withheld.

    Parameters
    ----------
    kind : str
        count, rate, share, per_day, estimate (not counted), index (100 in a base year), change
        (relative), points (difference of shares), or unknown, which every filter writes as such.
    value, low, high : float or None
        The value and its interval; None when withheld or unknown.
    status : str
        As in the released table.
    unit, scale : str
        Counting unit; how `value` reads.
    decimals : int
        Those of the catalogue, more where the value is too small for them.
    numerator, days : int or None
        The count behind it; the days its period covers.
    respondents, detectable : number or None
        Of a survey, how many answered; the least change that a next wave would find.
    cautious : bool
        Whether the estimate is of reliability grade C, to be read with caution.
    least_fall, least_rise : float or None
        Of a comparison, the least changes that it would have shown.
    of, base_numerator, added : str or number or None
        Of a comparison, what changed ("count", "rate", "share"...); the count in the base; how
        many periods each side adds up.
    verdict, reason : str or None
        Of a comparison; why it has no direction, as a code.
    period, base : Period or None
        What it is about, and what it is compared with.
    covered : pair of dates or None
        First and last day, for a partial period only.
    extracted : date or None
        When the source was extracted.
    labels : mapping
        Name of the territory in each language.
    key : mapping
        Column and value of each key column.
    origin : mapping
        Table and rule.
    deliveries : tuple of str
        Names of the deliveries that tell of it, where the edition was opened.
    combined : bool
        Whether it is the sum or difference of two facts: no row of a table has it.

    Raises
    ------
    PublicationError
        When printed without a filter.
    """

    kind: Kind
    value: float | None
    low: float | None
    high: float | None
    status: str
    unit: str
    scale: str
    decimals: int
    numerator: int | None = None
    days: int | None = None
    respondents: int | None = None
    detectable: float | None = None
    cautious: bool = False
    least_fall: float | None = None
    least_rise: float | None = None
    verdict: str | None = None
    reason: str | None = None
    period: pd.Period | None = None
    base: pd.Period | None = None
    of: str | None = None
    base_numerator: int | None = None
    added: int | None = None
    covered: tuple[dt.date, dt.date] | None = None
    extracted: dt.date | None = None
    labels: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict, repr=False)
    combined: bool = False
    deliveries: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def __repr__(self) -> str:
        about = " ".join(str(self.key[c]) for c in ("indicator", "territory") if c in self.key)
        when = f" {self.period}" + (f" from {self.base}" if self.base is not None else "")
        number = f"{self.value:g}" if self.value is not None else "unknown"
        between = f" ({self.low:g} to {self.high:g})" if None not in (self.low, self.high) else ""
        verdict = f", {self.verdict}" if self.verdict else ""
        return f"Fact({about}{when if self.period is not None else ''}: {number}{between}, {self.status}{verdict})"

    @property
    def known(self) -> bool:
        """Whether there is a number to write."""
        return self.value is not None

    def __str__(self) -> str:
        self._refuse_bare()

    def __format__(self, spec: str) -> str:
        self._refuse_bare()

    def __add__(self, other: object) -> Fact:
        if not isinstance(other, Fact):
            return NotImplemented
        self._need_same_measure(other, "add")
        if self.kind != "count":
            raise ObsError(f"Two {self.kind} facts do not add up: only counts do.")
        _need_additive(self, other)
        return self._combined(other, "count", _sum(self, other, 1))

    def __sub__(self, other: object) -> Fact:
        if not isinstance(other, Fact):
            return NotImplemented
        self._need_same_measure(other, "subtract")
        if self.kind not in ("count", "share"):
            raise ObsError(f"The difference of two {self.kind} facts is not a published measure.")
        kind: Kind = "points" if self.kind == "share" else "count"
        return self._combined(other, kind, _sum(self, other, -1))

    def _need_same_measure(self, other: Fact, verb: str) -> None:
        if (self.kind, self.unit, self.scale) != (other.kind, other.unit, other.scale):
            raise ObsError(
                f"Cannot {verb} a {self.kind} of unit '{self.unit}' (scale '{self.scale}') and "
                f"a {other.kind} of unit '{other.unit}' (scale '{other.scale}'): "
                "two different units are two different things."
            )

    def _combined(self, other: Fact, kind: Kind, value: float | None) -> Fact:
        """Make the fact of an operation: without interval, and withheld if a part is.

        It has a name or a period where both parts have the same.
        """
        worst = next((f.status for f in (self, other) if f.value is None), "ok")
        common = {k: v for k, v in self.key.items() if other.key.get(k) == v}
        return replace(
            self,
            kind=kind,
            value=value,
            low=None,
            high=None,
            status=worst,
            numerator=int(value) if kind == "count" and value is not None else None,
            days=None,
            respondents=None,
            detectable=None,
            cautious=False,
            covered=None,
            labels=self.labels if "territory" in common else {},
            period=self.period if "period" in common else None,
            key=common,
            combined=True,
            deliveries=tuple(dict.fromkeys((*self.deliveries, *other.deliveries))),
        )

    def _refuse_bare(self) -> NoReturn:
        raise PublicationError(
            f"A fact ({key_in_words(self.key)}) was printed without a filter. It is a {self.kind}: "
            f"write {{{{ name|filter }}}} with {_FILTERS[self.kind]}."
        )


def fact(released: Released, **key: object) -> Fact:
    """Bind one row of a released table to the prose.

    Parameters
    ----------
    released : Released
        An indicator table or a table of comparisons.
    **key
        Column and value, enough of them to leave one row: `indicator="theft"`,
        `territory="04000"`, `period="2024"`. Breakdowns count too (`form="all"`).

    Returns
    -------
    Fact
        Its `value` is None when the row is withheld, missing or not applicable.

    Raises
    ------
    DisclosureError
        If `released` is not a Released.
    ObsError
        If a column is unknown, or if no row or several rows match; the message counts them
        and names what would single one out.
    """
    released = need_released(released, who="fact")
    table = released.table
    schema = TRENDS if "change" in table.columns else INDICATORS
    row = find_row(table, key, schema.key_of(table), name=released.name)
    return bound_fact(row, released)


def bound_fact(row: pd.Series, released: Released, *, table: str | None = None) -> Fact:
    """Read a released row as a fact that a sentence may state: with its key, names and deliveries.

    `table` is the released table that it is of, that of `released` if it is not given.
    """
    place = str(row["territory"])
    return replace(
        fact_of(row),
        extracted=day_in(row, "extracted"),
        labels={lang: released.territory.label(place, lang) for lang in languages()},
        key={column: str(row[column]) for column in _KEYS if column in row.index},
        origin={"table": table or released.name, "rule": released.rule},
        deliveries=names_behind(released, row),
    )


def unknown_fact(lang: str) -> Fact:
    """Make the fact of what this observatory's sources do not have.

    Every filter writes it as unknown; its `known` is false.

    Examples
    --------
    >>> from obs.report.facts.fact import unknown_fact
    >>> unknown_fact("fr").known
    False
    """
    labels = {lang: status_text("missing", lang)}
    return Fact("unknown", None, None, None, "missing", "", "", 0, labels=labels)


def fact_of(row: pd.Series) -> Fact:
    """Read one released row as a fact, without where it came from.

    Returns `Fact` without labels, key and origin, which `fact` adds. Raises `ObsError` if its
    scale has no known form.
    """
    return _comparison_fact(row) if "change" in row.index else _indicator_fact(row)


def _indicator_fact(row: pd.Series) -> Fact:
    scale = str(row.get("scale", "count"))
    kind, shown = kind_of_scale(scale), str(row["status"]) not in WITHHELD
    value, low, high = (number_in(row, c) if shown else None for c in ("value", "low", "high"))
    least = whole_in(row, DIGITS) or get_indicator(str(row["indicator"])).decimals
    return Fact(
        *(kind, value, low, high),
        status=str(row["status"]),
        unit=str(row["unit"]),
        scale=scale,
        decimals=enough_digits(kind, value, low, high, least=least),
        numerator=whole_in(row, "numerator") if shown else None,
        days=whole_in(row, "days"),
        respondents=whole_in(row, "n") if shown and row.get("source") == "survey" else None,
        detectable=number_in(row, "detectable_change") if shown else None,
        cautious=shown and row.get("grade") == "C",
        period=row["period"],
        covered=covered_part(row),
    )


def _comparison_fact(row: pd.Series) -> Fact:
    share = get_indicator(str(row["indicator"])).kind == "share"
    names = ("points", "points_low", "points_high") if share else ("change", "low", "high")
    change, low, high = (number_in(row, name) for name in names)
    status = row.get("status")
    if pd.isna(status):
        status = "ok" if change is not None else "not_applicable"
    shown = status not in WITHHELD
    points = "_points" if share else ""
    return Fact(
        kind="points" if share else "change",
        value=change if shown else None,
        low=low if shown else None,
        high=high if shown else None,
        least_fall=number_in(row, f"detectable_fall{points}") if shown else None,
        least_rise=number_in(row, f"detectable_rise{points}") if shown else None,
        status=str(status),
        unit=str(row.get("unit", "")),
        scale="change",
        decimals=enough_digits("points" if share else "change", change, low, high, least=0),
        numerator=whole_in(row, "numerator") if shown else None,
        base_numerator=whole_in(row, "base_numerator") if shown else None,
        added=whole_in(row, "periods"),
        of=text_in(row, "change_of"),
        verdict=text_in(row, "verdict"),
        reason=text_in(row, "reason"),
        period=row["period"],
        base=row["base"],
    )


def _need_additive(one: Fact, other: Fact) -> None:
    differing = [k for k in one.key if one.key[k] != other.key.get(k)]
    if len(differing) != 1 or differing[0] == "indicator":
        raise ObsError(
            "Two counts add up only if they differ by exactly one of territory, period or a "
            f"breakdown; these differ by {', '.join(differing) or 'nothing'}."
        )
    over = {"territory": "area", "period": "time"}.get(differing[0], "offence")
    allowed = get_indicator(one.key["indicator"]).additive_over
    if over not in allowed or "all" in (one.key[differing[0]], other.key[differing[0]]):
        raise ObsError(
            f"Indicator '{one.key['indicator']}' does not add up over {differing[0]} "
            f"(additive over: {', '.join(sorted(allowed)) or 'nothing'}; totals never add to their parts)."
        )


def _sum(one: Fact, other: Fact, sign: int) -> float | None:
    if one.value is None or other.value is None:
        return None
    return one.value + sign * other.value
