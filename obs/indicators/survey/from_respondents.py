"""Compute an indicator of the catalogue from a cleaned survey: shares by item, answer and domain.

Only the whole territory is estimated, because the samples are not drawn for its parts. A code
that the catalogue or the codelists do not have is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from obs.catalogue import Asked, Indicator
from obs.errors import CodeError, ObsError, SchemaError
from obs.indicators.survey.contrast_with_rest import add_standing
from obs.indicators.survey.detectable_survey_change import add_detectable_change
from obs.indicators.survey.indicator_table import make_indicators
from obs.indicators.survey.survey_design import SurveyDesign
from obs.reference import Territory, label
from obs.schemas import ALL, ANSWERS, INDICATORS, RESPONDENTS, check_table, empty_table

__all__ = [
    "Survey",
    "answer_cells",
    "compute_survey",
    "join_waves",
    "need_totals",
    "wave_answers",
    "wave_design",
]

_SINGLE = "adjust"  # a stratum with one interview adds its distance from the mean


@dataclass(frozen=True, eq=False)
class Survey:
    """One wave of a cleaned survey.

    Attributes
    ----------
    questionnaire : str
        Name of its questionnaire, which the catalogue's entries name.
    respondents, answers : DataFrame
        RESPONDENTS and ANSWERS.
    period : Period
        Year of the survey.
    """

    questionnaire: str
    respondents: pd.DataFrame
    answers: pd.DataFrame
    period: pd.Period

    def __post_init__(self) -> None:
        check_table(self.respondents, RESPONDENTS)
        check_table(self.answers, ANSWERS)

    @property
    def synthetic(self) -> bool:
        """Whether the answers are invented."""
        given = self.respondents.get("synthetic", pd.Series(dtype="boolean"))
        return bool(given.fillna(value=False).any())

    @property
    def extracted(self) -> Any:
        """Day of extraction, missing if it is not known."""
        days = self.respondents.get("extracted", pd.Series(dtype="datetime64[us]")).dropna()
        return days.max() if len(days) else pd.NaT


def compute_survey(
    entry: Indicator,
    surveys: Sequence[Survey],
    *,
    breakdown: Sequence[str] = (),
    place: Territory,
) -> pd.DataFrame:
    """Compute a survey indicator for the whole territory, with its breakdowns.

    Parameters
    ----------
    entry : Indicator
        With `asked`.
    surveys : sequence of Survey
        Waves; those of other questionnaires are left aside. Not modified.
    breakdown : sequence of str
        The item's column and "answer" where the entry has no total over them, and columns
        of the respondents (sector, size), whose total has the code "all".
    place : Territory
        The territory that the survey stands for.

    Returns
    -------
    DataFrame
        INDICATORS with `n` (respondents who answered), `grade`, `detectable_change` and
        `standing`; no rows when no wave asked it. Grade F has no value.

    Raises
    ------
    ObsError
        A breakdown without total that was not asked for.
    CodeError
        An answer, an item or a category that is not declared.
    SchemaError
        Answers of nobody in the respondents, or none to the question.
    """
    asked = _asked_of(entry)
    need_totals(entry, asked, breakdown)
    domains = [c for c in breakdown if c not in asked.within]
    waves = [s for s in surveys if s.questionnaire in asked.questionnaires]
    tables = [_of_wave(wave, entry, asked, breakdown, domains, place) for wave in waves]
    return join_waves(tables)


def need_totals(entry: Indicator, asked: Asked, breakdown: Sequence[str]) -> None:
    """Refuse a breakdown that leaves out a column over which the question has no total."""
    if absent := [c for c in asked.without_total if c not in breakdown]:
        raise ObsError(
            f"indicator '{entry.id}' has no total over {' and '.join(absent)}: ask for "
            f"breakdown {', '.join([*absent, *breakdown])}"
        )


def join_waves(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables of waves under one another; none give a table without rows."""
    if not tables:
        return empty_table(INDICATORS)
    return check_table(pd.concat(tables, ignore_index=True), INDICATORS)


def _of_wave(
    wave: Survey,
    entry: Indicator,
    asked: Asked,
    breakdown: Sequence[str],
    domains: list[str],
    place: Territory,
) -> pd.DataFrame:
    _check_domains(wave, domains)
    items = wave_answers(wave, asked)
    cells = answer_cells(items, asked, by_item=asked.by_item in breakdown)
    design = wave_design(wave.respondents).with_columns(cells)
    estimates = pd.concat(_by_margins(design, list(cells), domains), ignore_index=True)
    named = add_detectable_change(_with_codes(estimates, asked))
    named = add_standing(named, design, cells, breakdown=breakdown, asked=asked)
    return make_indicators(
        named,
        names=dict.fromkeys(cells, entry.id),
        period=wave.period,
        unit=entry.unit,
        territory=place.top,
        level=place.levels[-1],
        synthetic=wave.synthetic,
        breakdowns=breakdown,
        extracted=wave.extracted,
    )


def wave_answers(wave: Survey, asked: Asked) -> pd.DataFrame:
    """Lay the answers to a question side by side, one column per item, a row per respondent."""
    own = wave.answers[wave.answers["question"] == asked.question]
    _check_answers(own, asked)
    wide = own.pivot(index="respondent_id", columns="item", values="value")
    stray = wide.index.difference(pd.Index(wave.respondents["respondent_id"]))
    if len(stray):
        raise SchemaError(
            f"{len(stray)} respondents of ANSWERS (question '{asked.question}') are not in "
            f"RESPONDENTS of '{wave.questionnaire}': give the two tables of one cleaning."
        )
    laid = wide.reindex(wave.respondents["respondent_id"])[list(asked.items) or [ALL]]
    return laid.set_axis(wave.respondents.index)


def answer_cells(items: pd.DataFrame, asked: Asked, *, by_item: bool) -> dict[str, pd.Series]:
    """Make a yes/no variable of each item and share, missing where there is no answer."""
    cells: dict[str, pd.Series] = {}
    for share, joined in asked.shares.items():
        answer = share if len(asked.shares) > 1 else ALL
        hits = items.isin(joined).astype("Float64").where(items.notna())
        if asked.any_item:
            cells[f"{ALL}|{answer}"] = _at_least_one(hits)
        if by_item or not asked.items:
            cells |= {f"{item}|{answer}": hits[item] for item in items}
    return cells


def _at_least_one(hits: pd.DataFrame) -> pd.Series:
    """One yes suffices; without any, an unknown answer leaves it unknown."""
    found = (hits == 1).fillna(value=False).any(axis=1)
    return found.astype("Float64").mask(~found & hits.isna().any(axis=1))


def _by_margins(
    design: SurveyDesign, cells: list[str], domains: list[str]
) -> Iterator[pd.DataFrame]:
    """Estimate within every crossing of the domains, their totals included."""
    for size in range(len(domains) + 1):
        for by in combinations(domains, size):
            totals = {c: ALL for c in domains if c not in by}
            yield design.share(cells, list(by) or None).assign(**totals)


def _with_codes(estimates: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Name the item and the answer that each variable stands for."""
    parts = estimates["variable"].str.split("|", expand=True)
    codes = {asked.by_item: parts[0]} if asked.items else {}
    return estimates.assign(**codes, answer=parts[1])


def wave_design(respondents: pd.DataFrame) -> SurveyDesign:
    """Give the design that the columns of a wave's respondents tell."""
    there = {c for c in respondents if respondents[c].notna().any()}
    return SurveyDesign(
        respondents,
        weight="weight",
        stratum="stratum" if "stratum" in there else None,
        cluster="cluster" if "cluster" in there else None,
        fpc="fpc" if "fpc" in there else None,
        single=_SINGLE,
    )


def _asked_of(entry: Indicator) -> Asked:
    if entry.asked is None:
        raise ObsError(f"indicator '{entry.id}' is not of a survey: it asks no question")
    return entry.asked


def _check_answers(own: pd.DataFrame, asked: Asked) -> None:
    wanted = set(asked.items) or {ALL}
    found = {"item": set(own["item"]), "answer": set(own["value"].dropna())}
    faults = [f"no item '{i}'" for i in sorted(wanted - found["item"])]
    faults += [f"undeclared item '{i}'" for i in sorted(found["item"] - wanted)]
    faults += [f"undeclared answer '{a}'" for a in sorted(found["answer"] - set(asked.answers))]
    if faults:
        raise CodeError(
            f"question '{asked.question}' is not as the catalogue declares it: "
            f"{'; '.join(faults)}. Complete the entry, or map these codes in the questionnaire."
        )


def _check_domains(wave: Survey, domains: list[str]) -> None:
    absent = [c for c in domains if c not in wave.respondents]
    if absent:
        raise SchemaError(
            f"the respondents of '{wave.questionnaire}' have no column {', '.join(absent)}: "
            "name it among the covariates of the questionnaire, or leave the breakdown out"
        )
    for column in domains:
        for code in wave.respondents[column].dropna().unique():
            label(column, str(code), "en")  # refuses a code without words
