"""Read what a note publishes, as declared beside its notebook in `notebooks/NAME.toml`.

A declaration with faults is refused with all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

from obs.catalogue import load_catalogue
from obs.declare import (
    FolderName,
    Listed,
    Named,
    OneOf,
    Table,
    Text,
    Words,
    between,
    did_you_mean,
    each,
    load,
    near_names,
    quoted,
)
from obs.errors import CatalogueError
from obs.reference import load_measures
from obs.report.models.model_declarations import (
    LEVELS,
    ROLES,
    ComparisonSpec,
    IncidenceSpec,
    InterruptionSpec,
    ModelSpec,
    RankSpec,
    ReconciliationSpec,
    cohort_faults,
    model_faults,
)
from obs.schemas import BREAKDOWNS

__all__ = ["NOTE_RULES", "ROLES", "NoteFile", "NoteSpec", "TableSpec", "TrendSpec", "load_note"]

_BASE = re.compile(r"previous|year_before|first|[0-9]{4}(Q[1-4]|-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class TableSpec(Table):
    """One indicator table of a note: which indicators, over which periods, at which levels.

    Attributes
    ----------
    id : str
        What the notebook calls the table; also the name of its file of data.
    indicators : tuple of str
        Codes of the catalogue; `obs indicators` lists them.
    period : str
        Periods of the rows.
    breakdown : tuple of str
        Columns that the figures are broken down by.
    levels : tuple of str
        Levels shown: the finest, those between, the whole; "beyond" for places that are no unit.
    last : int
        How many of the latest periods are shown; all if not said.
    """

    id: FolderName
    indicators: Listed[Text]
    period: Annotated[str, OneOf(("year", "quarter", "month"))] = "year"
    breakdown: tuple[Annotated[str, OneOf(BREAKDOWNS)], ...] = ()
    levels: Listed[Annotated[str, OneOf(ROLES)]] = LEVELS
    last: Annotated[int, between(1)] | None = None


@dataclass(frozen=True)
class TrendSpec(Table):
    """One comparison table of a note: a table's periods with a base.

    Attributes
    ----------
    id : str
        What the notebook calls the comparison.
    of : str
        Id of the table compared.
    base : str
        "previous", "year_before", "first" (the first period that each series has a figure of), or
        a period such as "2019".
    """

    id: FolderName
    of: Text
    base: Text


@dataclass(frozen=True)
class NoteFile(Table):
    """What a note publishes, declared beside its notebook.

    Attributes
    ----------
    title : mapping
        Its title by language.
    table : tuple of TableSpec
        Tables that it may show.
    measures : tuple of str
        Measures of the security plan that it serves.
    trend : tuple of TrendSpec
        Comparisons between periods of a table.
    interruption : tuple of InterruptionSpec
        What changed in a table's series when something began.
    comparison : tuple of ComparisonSpec
        Places of a table beside others.
    rank : tuple of RankSpec
        Ranks of places that the data do not contradict.
    reconciliation : tuple of ReconciliationSpec
        Chains of counts of several sources.
    incidence : tuple of IncidenceSpec
        What becomes of cases so many days after they began.
    constants : mapping
        Words with figures that no fact writes, by name and language: a help number, an article
        of law, the code of a measure.
    """

    title: Words
    table: Listed[TableSpec]
    measures: tuple[Annotated[str, OneOf(lambda: load_measures()["measure"])], ...] = ()
    trend: tuple[TrendSpec, ...] = ()
    interruption: tuple[InterruptionSpec, ...] = ()
    comparison: tuple[ComparisonSpec, ...] = ()
    rank: tuple[RankSpec, ...] = ()
    reconciliation: tuple[ReconciliationSpec, ...] = ()
    incidence: tuple[IncidenceSpec, ...] = ()
    constants: Named[Words] = field(default_factory=dict)


@dataclass(frozen=True)
class NoteSpec:
    """A note as declared: its name, titles, plan measures, tables and models."""

    name: str
    title: dict[str, str]
    measures: tuple[str, ...]
    tables: tuple[TableSpec, ...]
    trends: tuple[TrendSpec, ...]
    constants: dict[str, dict[str, str]] = field(default_factory=dict)
    models: tuple[ModelSpec, ...] = ()
    incidences: tuple[IncidenceSpec, ...] = ()

    @property
    def ids(self) -> list[str]:
        """What the notebook may call: tables, comparisons of periods, models."""
        tables, trends = [t.id for t in self.tables], [t.id for t in self.trends]
        models = [name for model in (*self.incidences, *self.models) for name in model.ids]
        return [*tables, *trends, *models]


def load_note(notebook: Path, *, languages: Sequence[str] = ()) -> NoteSpec:
    """Read the declaration of a note, the TOML file beside its notebook.

    Returns what the note publishes. Raises `CatalogueError` if the declaration is absent, is no
    TOML, or has faults (an indicator that is not in the catalogue is one, a title that lacks one
    of the languages another); all are listed at once.

    Examples
    --------
    >>> from pathlib import Path
    >>> load_note(Path("nowhere/focus.ipynb"))
    Traceback (most recent call last):
    obs.errors.CatalogueError: no declaration 'focus.toml' beside the notebook 'focus.ipynb' ...
    """
    path = notebook.with_suffix(".toml")
    if not path.is_file():
        raise CatalogueError(_absent(path, notebook))
    rules = (partial(_title_in_languages, languages=languages), *NOTE_RULES)
    declared = load(path, NoteFile, rules=rules, called=path.name)
    return NoteSpec(
        name=notebook.stem,
        title=dict(declared.title),
        measures=declared.measures,
        tables=declared.table,
        trends=declared.trend,
        constants={name: dict(words) for name, words in declared.constants.items()},
        models=tuple(model for models in _models(declared).values() for model in models),
        incidences=declared.incidence,
    )


def _absent(path: Path, notebook: Path) -> str:
    text = f"no declaration '{path.name}' beside the notebook '{notebook.name}'"
    if notebook.is_file():
        return f"{text} (folder '{path.parent}'): write there which tables the note publishes."
    return (
        f"{text} (folder '{path.parent}'), where that notebook is not either. Run obs in the folder "
        "of the project, name the folder of the notebooks (--notebooks), or correct `notes` in the "
        "observatory's TOML."
    )


def _title_in_languages(note: NoteFile, *, languages: Sequence[str]) -> Iterator[str]:
    texts = {"title": note.title, **{f"constants.{n}": w for n, w in note.constants.items()}}
    for key, words in texts.items():
        yield from (f"key '{key}.{lang}' is absent" for lang in languages if lang not in words)


def _table_rules(note: NoteFile) -> Iterator[str]:
    yield from each("table", note.table, _known_indicators)
    yield from each("table", note.table, _known_breakdown)


def _known_indicators(table: TableSpec) -> Iterator[str]:
    known = load_catalogue()
    for i, indicator in enumerate(table.indicators):
        if indicator not in known:
            near = near_names(indicator, known)
            meant = f"; did you mean {' or '.join(near)}?" if near else "; see `obs indicators`"
            said = f"table '{table.id}': no indicator {quoted(indicator)}{meant}"
            yield f"indicators.{i}: {said}"


def _known_breakdown(table: TableSpec) -> Iterator[str]:
    known = load_catalogue()
    for indicator in (known[i] for i in table.indicators if i in known):
        for column in table.breakdown:
            if column not in indicator.breakdowns:
                allowed = ", ".join(indicator.breakdowns) or "none"
                yield (
                    f"breakdown: table '{table.id}': '{indicator.id}' is not broken down by "
                    f"{column} (allowed: {allowed})"
                )


def _trend_rules(note: NoteFile) -> Iterator[str]:
    tables = [table.id for table in note.table]
    yield from each("trend", note.trend, partial(_of_table, tables=tables))
    yield from each("trend", note.trend, _base_period)


def _of_table(trend: TrendSpec, *, tables: list[str]) -> Iterator[str]:
    if trend.of not in tables:
        near = did_you_mean(trend.of, tables)
        yield f"of: trend '{trend.id}': no table {quoted(trend.of)}{near}"


def _base_period(trend: TrendSpec) -> Iterator[str]:
    if not _BASE.fullmatch(trend.base):
        yield (
            f"base: trend '{trend.id}': is previous, year_before, first, or a period such as 2019, "
            "2019Q2, 2019-06"
        )


def _models(note: NoteFile) -> dict[str, tuple[ModelSpec, ...]]:
    """Give the models of a note by the key that declares them."""
    return {
        "interruption": note.interruption,
        "comparison": note.comparison,
        "rank": note.rank,
        "reconciliation": note.reconciliation,
    }


def _model_rules(note: NoteFile) -> Iterator[str]:
    yield from model_faults(_models(note), note.table)
    yield from cohort_faults(note.incidence)


def _table_ids_once(note: NoteFile) -> Iterator[str]:
    ids = [table.id for table in note.table] + [trend.id for trend in note.trend]
    models = [model for models in _models(note).values() for model in models]
    ids += [name for model in (*note.incidence, *models) for name in model.ids]
    yield from (f"id '{i}' is used twice" for i in sorted({i for i in ids if ids.count(i) > 1}))


NOTE_RULES = (_table_rules, _trend_rules, _model_rules, _table_ids_once)
