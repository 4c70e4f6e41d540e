"""Compute the tables that all notes declare from one table per source."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.clean import Cleaned
from obs.errors import ObsError
from obs.indicators import add_completeness, compute
from obs.indicators.compute import open_once
from obs.indicators.count.facts_looked_over import facts_that_stay
from obs.pipeline.coverage_lines import gather_coverage
from obs.pipeline.deliveries import correct, link_filings, nowcast, table_by_source
from obs.pipeline.incidences import incidence_of
from obs.pipeline.progress import Progress
from obs.pipeline.reuse.kept_stages import Figures
from obs.progress_bars import counted
from obs.query_engine.open_engine import open_engine
from obs.reference import Observatory, Territory
from obs.report import NoteSpec
from obs.report.models.model_declarations import InterruptionSpec
from obs.report.note.declaration import TableSpec
from obs.schemas import ALL, BREAKDOWNS
from obs.trends import compare_periods

__all__ = ["Sources", "compute_all", "compute_cleaned", "keep_computed", "levels_of"]


class Sources:
    """One table per source, corrected and linked: made once, and only if something is made of it."""

    def __init__(
        self,
        observatory: Observatory,
        cleaned: list[tuple[str, Cleaned]],
        specs: list[NoteSpec],
        say: Progress,
    ) -> None:
        self._observatory, self._cleaned, self._specs, self._say = observatory, cleaned, specs, say
        self.engine = observatory.engine

    def tables(self) -> dict[str, Any]:
        """Give the table of each source."""
        return self._corrected_and_linked[0]

    def corrections(self) -> pd.DataFrame:
        """Give the account of the corrections applied."""
        return self._corrected_and_linked[1]

    @cached_property
    def _corrected_and_linked(self) -> tuple[dict[str, Any], pd.DataFrame]:
        tables, corrections = correct(self._observatory, table_by_source(self._cleaned), self._say)
        return link_filings(tables, self._specs), corrections


def compute_cleaned(
    specs: list[NoteSpec],
    cleaned: list[tuple[str, Cleaned]],
    sources: Sources,
    exposure: pd.DataFrame | None,
    edition: int,
    territory: Territory,
    say: Progress,
) -> Figures:
    """Compute every table of the notes; name what no source tells, and what was corrected."""
    told, coverage = sources.tables(), gather_coverage(cleaned)
    with open_engine(sources.engine) as engine:
        opened = {kind: open_once(table, engine) for kind, table in told.items()}
        nowcasts = nowcast(cleaned, told, opened)
        with facts_that_stay():
            tables, absent = compute_all(
                specs,
                opened,
                nowcasts,
                territory,
                edition,
                say,
                coverage=coverage,
                exposure=exposure,
            )
    return tables, absent, sources.corrections()


def compute_all(
    specs: list[NoteSpec],
    sources: dict[str, Any],
    nowcasts: pd.DataFrame | None,
    territory: Territory,
    edition: int,
    say: Progress,
    *,
    coverage: dict[str, pd.DataFrame],
    exposure: pd.DataFrame | None = None,
) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    """Compute every table that the notes declare, up to the edition; name what no source tells.

    `sources` are opened for many indicators, `coverage` gives COVERAGE by kind of source, `exposure` the
    denominators delivered.
    """
    tables: dict[str, pd.DataFrame] = {}
    absent: dict[str, list[str]] = {}
    made = _Indicators(sources, nowcasts, territory, edition, coverage, exposure)
    for spec in counted(specs, "compute: notes", total=len(specs)):
        say(f"compute: {spec.name}")
        kept, missing = made.tables_of(spec)
        followed, lost = made.cohorts_of(spec)
        absent[spec.name] = [*missing, *lost]
        named = kept | followed
        tables |= {f"{spec.name}.{name}": table for name, table in named.items()}
        tables |= _comparisons(spec, kept, territory, say)
    if not tables:
        raise _nothing_published(edition, made.years)
    return tables, {name: sorted(set(ids)) for name, ids in absent.items() if ids}


@dataclass
class _Indicators:
    """The indicators that notes ask for, each made once; notes ask for the same ones.

    `years` are those of which any frame tells.
    """

    sources: dict[str, Any]
    nowcasts: pd.DataFrame | None
    territory: Territory
    edition: int
    coverage: dict[str, pd.DataFrame]
    exposure: pd.DataFrame | None
    years: set[int] = field(default_factory=set)
    _made: dict[tuple[str, str, tuple[str, ...]], pd.DataFrame] = field(default_factory=dict)

    def tables_of(self, spec: NoteSpec) -> tuple[dict[str, pd.DataFrame], list[str]]:
        """Give the tables of a note by id, and the indicators that no source tells."""
        kept: dict[str, pd.DataFrame] = {}
        absent: list[str] = []
        for wanted in spec.tables:
            frames = {i: self._frame(i, wanted) for i in wanted.indicators if self._has_source(i)}
            told = [frame for frame in frames.values() if len(frame)]  # else no wave asked it
            self.years.update(*(frame["period"].dt.year for frame in told))
            table, missing = _available(_matured(told, self.nowcasts), self.edition)
            absent += missing
            absent += [i for i in wanted.indicators if i not in frames or frames[i].empty]
            if not table.empty:
                table = _latest(table, wanted.last)
                kept[wanted.id] = _wanted_levels(table, wanted.levels, self.territory)
        return kept, absent

    def cohorts_of(self, spec: NoteSpec) -> tuple[dict[str, pd.DataFrame], list[str]]:
        """Give what became of the cases that a note follows, and the cohorts that no source tells."""
        found = [
            incidence_of(model, self.sources, self.territory, self.edition, coverage=self.coverage)
            for model in spec.incidences
        ]
        lost = [
            model.indicator for model, own in zip(spec.incidences, found, strict=True) if not own
        ]
        return {name: table for own in found for name, table in own.items()}, lost

    def _has_source(self, indicator: str) -> bool:
        return get_indicator(indicator).source in self.sources

    def _frame(self, indicator: str, wanted: TableSpec) -> pd.DataFrame:
        key = (indicator, wanted.period, wanted.breakdown)
        if key not in self._made:
            self._made[key] = compute(
                indicator,
                self.sources,
                period=wanted.period,
                breakdown=wanted.breakdown,
                territory=self.territory,
                exposure=self.exposure,
                coverage=self.coverage.get(get_indicator(indicator).source),
            )
        return self._made[key]


def _nothing_published(edition: int, years: set[int]) -> ObsError:
    """Say that no delivery tells of what the notes publish, and which years they tell of."""
    told = f"; they tell of {min(years)} to {max(years)}: take an edition of these" if years else ""
    return ObsError(
        "the deliveries hold none of the indicators that the notes publish, up to the "
        f"edition of {edition}{told}."
    )


def _comparisons(
    spec: NoteSpec, kept: dict[str, pd.DataFrame], territory: Territory, say: Progress
) -> dict[str, pd.DataFrame]:
    """Compare the periods of the tables of a note, as it declares; name a base not delivered."""
    made = {}
    for trend in (trend for trend in spec.trends if trend.of in kept):
        table = kept[trend.of]
        if trend.base[0].isdigit() and trend.base not in set(table["period"].astype("str")):
            say(
                f"left out: {spec.name}, comparison '{trend.id}': no delivery tells of {trend.base}"
            )
            continue
        compared = compare_periods(table, base=trend.base, territory=territory)
        made[f"{spec.name}.{trend.id}"] = compared
    return {name: compared for name, compared in made.items() if not compared.empty}


def _matured(frames: list[pd.DataFrame], nowcasts: pd.DataFrame | None) -> list[pd.DataFrame]:
    """Tell how complete the figures of the police are, and which are provisional."""
    if nowcasts is None:
        return frames
    police = [get_indicator(frame["indicator"].iloc[0]).source == "police" for frame in frames]
    return [
        add_completeness(frame, nowcasts) if own else frame
        for frame, own in zip(frames, police, strict=True)
    ]


def _available(frames: list[pd.DataFrame], edition: int) -> tuple[pd.DataFrame, list[str]]:
    """Keep what the sources can tell, up to the edition; name the indicators they cannot.

    An indicator whose totals do not apply is left out whole: its classes would be read as all.
    """
    kept, missing = [], []
    for frame in frames:
        frame = frame[frame["period"].dt.year <= edition]
        breakdowns = [c for c in BREAKDOWNS if c in frame]
        totals = frame[(frame[breakdowns] == ALL).all(axis=1)]
        totals = totals if len(totals) else frame  # answers and items have no total
        if (totals["status"] == "not_applicable").all():
            missing += list(frame["indicator"].unique())
        else:
            kept.append(frame)
    return (pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()), missing


def _wanted_levels(
    table: pd.DataFrame, roles: tuple[str, ...], territory: Territory
) -> pd.DataFrame:
    wanted = levels_of(roles, territory)
    return table[table["level"].isin(wanted)].reset_index(drop=True)


def levels_of(roles: tuple[str, ...], territory: Territory) -> tuple[str, ...]:
    """Give the levels of a territory that its notes call base, middle and top, and beyond."""
    levels = territory.levels
    by_role = {"base": levels[:1], "middle": levels[1:-1], "top": levels[-1:]}
    by_role["beyond"] = territory.beyond_levels
    return tuple(level for role in roles for level in by_role[role])


def _latest(table: pd.DataFrame, last: int | None) -> pd.DataFrame:
    """Keep as many of the latest periods as are declared; all if none is."""
    if last is None:
        return table
    periods = sorted(table["period"].unique())[-last:]
    return table[table["period"].isin(periods)].reset_index(drop=True)


def keep_computed(
    specs: list[NoteSpec], tables: dict[str, pd.DataFrame], say: Progress
) -> list[NoteSpec]:
    """Leave out the notes of which the deliveries hold nothing, and say so.

    A note on an interruption is left out where no series has the first period under it.
    """
    computed = {name.rsplit(".", 1)[0] for name in tables}
    begun = [spec for spec in specs if _has_begun(spec, tables)]
    for spec in specs:
        if spec.name not in computed:
            say(f"left out: {spec.name}, none of its indicators is in the deliveries")
        elif spec not in begun:
            say(f"left out: {spec.name}, what it is about began before or after the deliveries")
    if not any(s.name in computed for s in begun):
        raise ObsError("the deliveries hold none of the indicators that these notes publish")
    return [s for s in begun if s.name in computed]


def _has_begun(spec: NoteSpec, tables: dict[str, pd.DataFrame]) -> bool:
    """Tell whether a series has the first period of an interruption; true where none is declared."""
    models = [model for model in spec.models if isinstance(model, InterruptionSpec)]
    told = (tables.get(f"{spec.name}.{model.of}") for model in models)
    return not models or any(
        table is not None and model.start in set(table["period"].astype("str"))
        for model, table in zip(models, told, strict=True)
    )
