"""Declare the models that a note shows, in its TOML: interruption, comparison, rank, reconciliation.

Each names the tables of the note that it is of. What it gives is read by the notebook under its
id, like a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import pandas as pd

from obs.catalogue import Indicator, load_catalogue
from obs.declare import FolderName, Listed, OneOf, Table, Text, between, did_you_mean, quoted
from obs.schemas import ENDED_SHARES, HORIZONS

__all__ = [
    "COMPARISON_KINDS",
    "LEVELS",
    "ROLES",
    "ComparisonSpec",
    "IncidenceSpec",
    "InterruptionSpec",
    "ModelSpec",
    "RankSpec",
    "ReconciliationSpec",
    "cohort_faults",
    "is_cohort",
    "model_faults",
]

COMPARISON_KINDS = ("peers", "funnel")
LEVELS = ("base", "middle", "top")  # of the units of a territory
ROLES = (*LEVELS, "beyond")
_COUNTED, _COMPARED = ("count", "rate", "per_day"), ("rate", "share")  # kinds of indicators
_LENGTH = {"month": "M", "quarter": "Q"}
_WRITTEN = {"month": "2020-03", "quarter": "2020Q2"}


class _TableOfNote(Protocol):
    """What the rules read of a table: its id, indicators, periods and breakdowns."""

    @property
    def id(self) -> str: ...
    @property
    def indicators(self) -> tuple[str, ...]: ...
    @property
    def period(self) -> str: ...
    @property
    def levels(self) -> tuple[str, ...]: ...
    @property
    def breakdown(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class InterruptionSpec(Table):
    """What changed in a table's series when something began: effects, and a counterfactual.

    Attributes
    ----------
    id : str
        What the notebook calls the effects; the counts beside what was expected are `ID_expected`.
    of : str
        Id of a table of months or quarters.
    start : str
        First period under it: "2020-03", or "2020Q2" for a table of quarters.
    end : str
        Last period under it; it lasts if none is given.
    indicators : tuple of str
        Those of the table that are judged; all if none is given.
    levels : tuple of str
        Levels whose series are judged; the whole alone if none is given.
    seasonal : bool
        Whether the model has a season.
    """

    id: FolderName
    of: Text
    start: Text
    end: Text | None = None
    indicators: tuple[Text, ...] = ()
    levels: Listed[Annotated[str, OneOf(ROLES)]] = ("top",)
    seasonal: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """What its tables are called."""
        return self.id, f"{self.id}_expected"


@dataclass(frozen=True)
class ComparisonSpec(Table):
    """Places of a table beside their peers, or within the limits of chance, in its last period.

    Attributes
    ----------
    id : str
        What the notebook calls the comparison.
    of : str
        Id of a table of rates or shares.
    indicator : str
        The one of its indicators that is compared.
    kind : str
        "peers" (similar places, else the rest of the whole) or "funnel" (limits of chance).
    """

    id: FolderName
    of: Text
    indicator: Text
    kind: Annotated[str, OneOf(COMPARISON_KINDS)] = "peers"

    @property
    def ids(self) -> tuple[str, ...]:
        """What its table is called."""
        return (self.id,)


@dataclass(frozen=True)
class RankSpec(Table):
    """The ranks of a table's places that the data do not contradict, in its last period.

    Attributes
    ----------
    id : str
        What the notebook calls the ranks.
    of : str
        Id of a table of rates or shares.
    indicator : str
        The one of its indicators that is ranked.
    """

    id: FolderName
    of: Text
    indicator: Text

    @property
    def ids(self) -> tuple[str, ...]:
        """What its table is called."""
        return (self.id,)


@dataclass(frozen=True)
class ReconciliationSpec(Table):
    """A chain of counts of several sources: what each step explains, and what remains.

    Attributes
    ----------
    id : str
        What the notebook calls the chain.
    of : tuple of str
        Ids of the tables that hold its counts, all of one period; a count may also be shared out by
        `filing`, each code then being a step.
    indicators : tuple of str
        The chain, from the widest count to the narrowest.
    levels : tuple of str
        Levels reconciled; the whole alone if none is given.
    """

    id: FolderName
    of: Listed[Text]
    indicators: Listed[Text]
    levels: Listed[Annotated[str, OneOf(ROLES)]] = ("top",)

    @property
    def ids(self) -> tuple[str, ...]:
        """What its table is called."""
        return (self.id,)


@dataclass(frozen=True)
class IncidenceSpec(Table):
    """What becomes of the cases of each year, so many days after they began.

    Attributes
    ----------
    id : str
        What the notebook calls the table: states (`decision`) by horizon (`within`).
    indicator : str
        The indicator of cases entered whose cases are followed.
    days : tuple of int
        Horizons, of a closed list.
    shares : tuple of int
        Per cent of the cases (25, 50, 75) of which the days to their ending are given, in a table
        of their own, `ID_days`; none if left out.
    last : int
        How many of the latest years that are covered whole; all if none is given.
    """

    id: FolderName
    indicator: Text
    days: Listed[Annotated[int, OneOf(HORIZONS)]] = (90, 180, 365, 730)
    shares: tuple[Annotated[int, OneOf(ENDED_SHARES)], ...] = ()
    last: Annotated[int, between(1)] | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """What its tables are called."""
        return (self.id, f"{self.id}_days") if self.shares else (self.id,)


ModelSpec = InterruptionSpec | ComparisonSpec | RankSpec | ReconciliationSpec


def cohort_faults(incidences: Sequence[IncidenceSpec]) -> Iterator[str]:
    """Find the indicators that make no cohort, and cohorts that may hold the same cases."""
    known = load_catalogue()
    cohorts = [i for i, entry in known.items() if is_cohort(entry)]
    for i, model in enumerate(incidences):
        head = f"incidence.{i}.indicator: incidence '{model.id}'"
        if model.indicator not in known:
            near = did_you_mean(model.indicator, cohorts)
            yield f"{head}: no indicator {quoted(model.indicator)}{near}; cohorts: {', '.join(cohorts)}"
        elif model.indicator not in cohorts:
            yield (
                f"{head}: '{model.indicator}' counts no cases entered, which a cohort is made of; "
                f"take {' or '.join(cohorts)}"
            )
        elif i:
            yield (
                f"incidence.{i}.id: incidence '{model.id}': a note follows one cohort; the difference "
                f"of this one and '{incidences[0].id}' is a curve that nobody judges"
            )


def is_cohort(entry: Indicator) -> bool:
    """Tell whether an indicator counts cases entered, which can be followed."""
    entered = entry.source == "prosecutor" and entry.stage == "entered"
    return entered and not entry.whole and "filing" not in entry.where  # linked cases are all cases


def model_faults(
    models: Mapping[str, Sequence[ModelSpec]], tables: Sequence[_TableOfNote]
) -> Iterator[str]:
    """Find what does not hold between models and the tables of the note, the key first."""
    by_id = {table.id: table for table in tables}
    for kind, declared in models.items():
        for i, model in enumerate(declared):
            head = f"{kind} '{model.id}'"
            for fault in _faults_of(model, by_id):
                key, text = fault.split(": ", 1)
                yield f"{kind}.{i}.{key}: {head}: {text}"


def _faults_of(model: ModelSpec, tables: Mapping[str, _TableOfNote]) -> Iterator[str]:
    several = isinstance(model, ReconciliationSpec)
    named = list(model.of) if isinstance(model, ReconciliationSpec) else [model.of]
    for j, name in enumerate(named):
        if name not in tables:
            near = did_you_mean(name, tables)
            yield f"{f'of.{j}' if several else 'of'}: no table {quoted(name)}{near}"
    of = [tables[name] for name in named if name in tables]
    if len(of) < len(named):
        return
    yield from _indicators_there(model, of)
    yield from _kinds_fit(model)
    yield from _levels_there(model, of)
    if isinstance(model, InterruptionSpec):
        yield from _edges(model, of[0])
    if isinstance(model, ReconciliationSpec):
        yield from _chain(model, of)


def _indicators_there(model: ModelSpec, of: Sequence[_TableOfNote]) -> Iterator[str]:
    known = list(dict.fromkeys(i for table in of for i in table.indicators))
    one = isinstance(model, ComparisonSpec | RankSpec)
    wanted = (
        (model.indicator,) if isinstance(model, ComparisonSpec | RankSpec) else model.indicators
    )
    for j, indicator in enumerate(wanted):
        if indicator not in known:
            key = "indicator" if one else f"indicators.{j}"
            where = " and ".join(f"'{table.id}'" for table in of)
            near = did_you_mean(indicator, known)
            yield f"{key}: {where} has no {quoted(indicator)}{near}; it has: {', '.join(known)}"


def _kinds_fit(model: ModelSpec) -> Iterator[str]:
    """Refuse an indicator whose values the model cannot read."""
    known, one = load_catalogue(), isinstance(model, ComparisonSpec | RankSpec)
    allowed = _COMPARED if one else _COUNTED
    wanted = (
        (model.indicator,) if isinstance(model, ComparisonSpec | RankSpec) else model.indicators
    )
    for j, indicator in enumerate(wanted):
        if indicator in known and known[indicator].kind not in allowed:
            key = "indicator" if one else f"indicators.{j}"
            yield (
                f"{key}: '{indicator}' is a {known[indicator].kind}; this takes a "
                f"{' or a '.join(allowed)}"
            )


def _levels_there(model: ModelSpec, of: Sequence[_TableOfNote]) -> Iterator[str]:
    if isinstance(model, ComparisonSpec | RankSpec):
        if "base" not in of[0].levels:
            yield f"of: table '{of[0].id}' has no row of the finest level, which is compared"
        return
    for j, level in enumerate(model.levels):
        if any(level not in table.levels for table in of):
            yield f"levels.{j}: not every table of it has the level '{level}'"


def _edges(model: InterruptionSpec, of: _TableOfNote) -> Iterator[str]:
    """Check the first and the last period: of the table's own length, one after the other."""
    if of.period not in _LENGTH:
        yield f"of: table '{of.id}' has years; an interruption needs months or quarters"
        return
    edges = []
    for key, text in (("start", model.start), ("end", model.end)):
        period = None if text is None else _period(text, of.period)
        if text is not None and period is None:
            yield (
                f"{key}: {quoted(text)} is no {of.period}, as those of '{of.id}': write "
                f'"{_WRITTEN[of.period]}"'
            )
        edges.append(period)
    start, end = edges
    if start is not None and end is not None and end < start:
        yield f"end: {quoted(str(model.end))} is before the start, {quoted(model.start)}"


def _period(text: str, length: str) -> pd.Period | None:
    """Read a period of the right length, or nothing."""
    try:
        period = pd.Period(text)
    except ValueError:
        return None
    own = period.freqstr[0] == _LENGTH[length]
    return period if own and str(period) == text else None


def _chain(model: ReconciliationSpec, of: Sequence[_TableOfNote]) -> Iterator[str]:
    if len({table.period for table in of}) > 1:
        yield "of: the tables have periods of several lengths; a chain is of one"
    if len(model.indicators) < 2:
        yield "indicators: a chain has two indicators or more"
    for j, indicator in enumerate(model.indicators):
        if indicator in model.indicators[:j]:
            yield f"indicators.{j}: {quoted(indicator)} is there twice"
        own = [table.breakdown for table in of if indicator in table.indicators]
        if len(set(own)) < len(own):
            yield f"indicators.{j}: {quoted(indicator)} is in several of its tables; name one"
        if others := sorted({c for b in own for c in b if c != "filing"}):
            yield (
                f"of: a chain has counts and their parts by filing; {quoted(indicator)} is broken "
                f"down by {', '.join(others)}"
            )
