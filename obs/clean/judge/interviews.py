"""Turn the texts of interviews into coded answers: residues, routing, impossible answers.

Nothing is imputed. As the questionnaire says, an answer that cannot be used becomes missing with
its reason, or is set aside and reported, or its interview is rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from obs.clean.judge.distinct_values import judge_numbers, judge_places
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.questionnaire import Answer, Condition, Question, Questionnaire
from obs.schemas import ALL

__all__ = ["Coded", "code_interviews"]

Key = tuple[str, str]  # question, item


@dataclass(frozen=True)
class Coded:
    """Coded interviews, one row each, and what is wrong with them.

    `faults` and `doubts` have the columns place (position of the row), column (the
    supplier's) and rule; the first fault of a row counts.
    """

    respondents: pd.DataFrame
    answers: dict[Key, pd.DataFrame]
    faults: pd.DataFrame
    doubts: pd.DataFrame


class _FaultNotes:
    """Rows found wrong, in the order in which rules were looked at."""

    def __init__(self) -> None:
        self.parts: list[pd.DataFrame] = []

    def add(self, wrong: pd.Series, column: str, rule: str) -> None:
        places = wrong.to_numpy(dtype=bool).nonzero()[0]
        if len(places):
            self.parts.append(pd.DataFrame({"place": places, "column": column, "rule": rule}))

    def table(self) -> pd.DataFrame:
        if not self.parts:
            return pd.DataFrame({"place": [], "column": [], "rule": []}).astype({"place": "int64"})
        found = pd.concat(self.parts, ignore_index=True)
        return found.drop_duplicates("place").sort_values("place", ignore_index=True)


def code_interviews(texts: pd.DataFrame, one: Questionnaire, profile: Profile) -> Coded:
    """Code the texts of interviews by their questionnaire.

    Rows with faults stay in the table.
    """
    faults, doubts = _FaultNotes(), _FaultNotes()
    if one.no_interview:
        silent = texts[one.no_interview.column].isin(one.no_interview.codes)
        faults.add(silent, one.no_interview.column, "not_interviewed")
    respondents = _code_respondents(texts, one, profile, faults)
    coded = {
        (question.id, item): _code_item(texts[column], question, one, profile, faults)
        for question in one.questions
        for item, column in question.columns.items()
    }
    _route(coded, one, faults, doubts)
    values = {key: table["value"] for key, table in coded.items()}
    for rule in one.impossible:
        notes = faults if rule.fate == "reject" else doubts
        hit = _all_items([_condition_met(c, values, ALL) for c in rule.when], texts.index)
        notes.add(hit, _column_of(one, rule.when[-1]), "impossible_combination")
    return Coded(respondents, coded, faults.table(), doubts.table())


def _code_respondents(
    texts: pd.DataFrame, one: Questionnaire, profile: Profile, faults: _FaultNotes
) -> pd.DataFrame:
    plan = one.design
    ids = _combined_texts(texts, plan.respondent)
    for column in plan.respondent:
        faults.add(texts[column] == "", column, "missing_key")
    made = {"respondent_id": ids, "weight": _read_weights(texts, plan.weight, profile, faults)}
    for name, columns in (("stratum", plan.stratum), ("cluster", plan.cluster)):
        if columns:
            made[name] = _combined_texts(texts, columns)
            for column in columns:
                faults.add(texts[column] == "", column, "missing_key")
    if plan.fpc:
        made["fpc"] = _read_numbers(texts[plan.fpc], plan.fpc, profile, faults)
    for number, column in enumerate(plan.replicates, start=1):
        made[f"replicate_{number}"] = _read_numbers(texts[column], column, profile, faults)
    if plan.territory:
        made["territory"] = _read_places(texts[plan.territory], plan.territory, profile, faults)
    for covariate in one.covariates:
        value, unknown = _look_up_answers(texts[covariate.column], covariate.answers)
        faults.add(unknown, covariate.column, "unknown_answer")
        made[covariate.name] = value
    return pd.DataFrame(made).assign(unit=one.unit)


def _read_weights(
    texts: pd.DataFrame, column: str, profile: Profile, faults: _FaultNotes
) -> pd.Series:
    if not column:
        return pd.Series(1.0, index=texts.index, dtype="Float64")
    weight, wrong = _judged_numbers(texts[column], profile)
    faults.add(wrong | ~(weight > 0).fillna(value=False).astype(bool), column, "impossible_weight")
    return weight


def _read_numbers(
    texts: pd.Series, column: str, profile: Profile, faults: _FaultNotes
) -> pd.Series:
    number, wrong = _judged_numbers(texts, profile)
    faults.add(wrong, column, "not_a_number")
    return number


def _judged_numbers(texts: pd.Series, profile: Profile) -> tuple[pd.Series, pd.Series]:
    distinct = texts.unique().tolist()
    judged = judge_numbers(distinct, profile)
    value = texts.map(dict(zip(distinct, judged.values["value"], strict=True)))
    wrong = texts.map({t: f is not None for t, f in zip(distinct, judged.faults, strict=True)})
    return value.astype("Float64"), wrong.astype(bool)


def _read_places(texts: pd.Series, column: str, profile: Profile, faults: _FaultNotes) -> pd.Series:
    distinct = texts.unique().tolist()
    judged = judge_places(distinct, profile)
    why = dict(zip(distinct, judged.faults, strict=True))
    for rule in sorted({r for r in judged.faults if r}):
        faults.add(texts.map(lambda t, rule=rule: why[t] == rule), column, rule)
    return texts.map(dict(zip(distinct, judged.values["value"], strict=True))).astype("str")


def _code_item(
    texts: pd.Series, question: Question, one: Questionnaire, profile: Profile, faults: _FaultNotes
) -> pd.DataFrame:
    """Give value, status and reason of one item, as if it were asked of all."""
    residues = {k.casefold(): v for k, v in {**one.missing, **question.missing}.items()}
    reason = texts.str.casefold().map(residues).astype("str")
    left = texts.mask(reason.notna(), "")
    if question.kind == "number":
        number, wrong = _judged_numbers(left, profile)
        value, rule = left.where(number.notna()).astype("str"), "not_a_number"
    else:
        value, wrong = _look_up_answers(left, question.answers)
        rule = "unknown_answer"
    faults.add(wrong, str(texts.name), rule)
    return pd.DataFrame({"value": value, "reason": reason})


def _look_up_answers(texts: pd.Series, answers: Iterable[Answer]) -> tuple[pd.Series, pd.Series]:
    known = {given.casefold(): answer.code for answer in answers for given in answer.given}
    value = texts.str.casefold().map(known).astype("str")
    return value, value.isna() & (texts != "")


def _route(
    coded: dict[Key, pd.DataFrame], one: Questionnaire, faults: _FaultNotes, doubts: _FaultNotes
) -> None:
    """Set the status of every answer by whom its question was asked."""
    filters = {key: table["value"] for key, table in coded.items()}
    for question in one.questions:
        for item, column in question.columns.items():
            table = coded[question.id, item]
            asked = _all_items(
                [_condition_met(c, filters, item) for c in question.asked], table.index
            )
            given = table["value"].notna() | table["reason"].notna()
            astray = ~asked & given
            notes = faults if one.routing == "reject" else doubts
            notes.add(astray, column, "routing")
            if not one.blank:
                doubts.add(asked & ~given, column, "routing")
            coded[question.id, item] = _set_status(table, asked, astray, one.blank)


def _set_status(
    table: pd.DataFrame, asked: pd.Series, astray: pd.Series, blank: str
) -> pd.DataFrame:
    reason = table["reason"].where(asked, "not_asked").mask(astray, "routing")
    reason = reason.mask(asked & table["value"].isna() & reason.isna(), blank or "no_answer")
    value = table["value"].where(asked)
    status = pd.Series("ok", index=table.index, dtype="str").mask(reason.notna(), "missing")
    return pd.DataFrame(
        {"value": value, "status": status.where(asked, "not_applicable"), "reason": reason}
    )


def _condition_met(condition: Condition, values: Mapping[Key, pd.Series], item: str) -> pd.Series:
    """Tell where an answer was given that a condition names."""
    wanted = item if condition.item == "same" else condition.item
    hits = [
        given.isin(condition.answers)
        for (question, one), given in values.items()
        if question == condition.question and wanted in (one, "any")
    ]
    met: pd.Series = pd.concat(hits, axis=1).any(axis=1)
    return met


def _all_items(hits: Sequence[pd.Series], index: pd.Index) -> pd.Series:
    whole = pd.Series(data=True, index=index)
    for hit in hits:
        whole &= hit
    return whole


def _column_of(one: Questionnaire, condition: Condition) -> str:
    question = next(q for q in one.questions if q.id == condition.question)
    return question.columns.get(condition.item) or next(iter(question.columns.values()))


def _combined_texts(texts: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    first, *others = columns
    return texts[first].str.cat(texts[others], sep="-") if others else texts[first]
