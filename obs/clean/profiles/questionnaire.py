"""Questionnaires: one TOML says what was asked, of whom, and how answers are coded.

A dictionary is data: questions with their items and answers in three languages, residue
codes with their reason, who is asked what, the design and known population totals. All
its faults are listed at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from obs.clean.profiles.profile_keys import make
from obs.errors import CatalogueError
from obs.schemas import ALL, RESPONDENTS, UNITS

__all__ = [
    "Answer",
    "Condition",
    "Covariate",
    "Design",
    "Impossible",
    "Item",
    "Question",
    "Questionnaire",
    "Text",
    "list_questionnaires",
    "load_questionnaire",
]

_PACKAGED = Path(__file__).parents[1] / "questionnaires"
_KINDS = ("single", "multiple", "number")


@dataclass(frozen=True)
class Text:
    """A wording in the three languages."""

    fr: str
    nl: str
    en: str


@dataclass(frozen=True)
class Answer:
    """An answer: our code, the texts that stand for it in the file, its wording."""

    code: str
    given: tuple[str, ...]
    fr: str
    nl: str
    en: str


@dataclass(frozen=True)
class Item:
    """An item of a question: our code, the column that holds it, its wording."""

    code: str
    column: str
    fr: str
    nl: str
    en: str


@dataclass(frozen=True)
class Condition:
    """An answer given: to the same item, to any item ("any"), or to one that is named."""

    question: str
    answers: tuple[str, ...]
    item: str = ALL


@dataclass(frozen=True)
class Question:
    """A question: one column, or one per item; of whom it is asked, all conditions met.

    `missing` gives the residue codes of this question, beside those of the questionnaire.
    """

    id: str
    kind: str
    label: Text
    column: str = ""
    items: tuple[Item, ...] = ()
    answers: tuple[Answer, ...] = ()
    asked: tuple[Condition, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Give the column of each item; a question without items has the item "all"."""
        return {i.code: i.column for i in self.items} or {ALL: self.column}


@dataclass(frozen=True)
class Covariate:
    """What is known of each respondent beside the answers: a column of RESPONDENTS."""

    name: str
    column: str
    label: Text
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Design:
    """Columns that tell who a respondent is and how the sample was drawn."""

    respondent: tuple[str, ...]
    weight: str = ""
    stratum: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    fpc: str = ""
    replicates: tuple[str, ...] = ()
    territory: str = ""


@dataclass(frozen=True)
class Impossible:
    """Answers that cannot go together, and what becomes of the interview: reject or flag."""

    when: tuple[Condition, ...]
    fate: str


@dataclass(frozen=True)
class NoInterview:
    """Codes of a column that say that no interview took place."""

    column: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A dictionary, checked.

    `routing` says what becomes of an interview with an answer to a question that was not
    to be asked: flag (the answer is set aside) or reject. `blank` is the reason of a blank
    where the question was asked; without it such a blank is a fault of routing. `totals`
    are known sizes of the population by covariate.
    """

    name: str
    title: Text
    unit: str
    design: Design
    questions: tuple[Question, ...]
    reference: Text | None = None
    reference_months: int = 0
    covariates: tuple[Covariate, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    blank: str = ""
    routing: str = "flag"
    impossible: tuple[Impossible, ...] = ()
    no_interview: NoInterview | None = None
    totals: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """List the columns that a file must have."""
        plan = self.design
        named = [*plan.respondent, plan.weight, *plan.stratum, *plan.cluster, plan.fpc]
        named += [*plan.replicates, plan.territory, *(c.column for c in self.covariates)]
        named += [c for q in self.questions for c in q.columns.values()]
        named += [self.no_interview.column] if self.no_interview else []
        return [*dict.fromkeys(c for c in named if c)]

    def labels(self, lang: str) -> pd.DataFrame:
        """List the wordings of questions, items and answers.

        Returns question, item, answer (missing on a row of a question or of an item), label;
        covariates come first, as questions.

        Examples
        --------
        >>> labels = load_questionnaire("women_2017").labels("en")
        >>> labels[labels["question"] == "consequences"]["label"].tolist()
        ['Still bears consequences', 'yes', 'no']
        """
        rows: list[tuple[str, str | None, str | None, str]] = []
        for one in (*self.covariates, *self.questions):
            name = one.name if isinstance(one, Covariate) else one.id
            rows.append((name, None, None, getattr(one.label, lang)))
            items = one.items if isinstance(one, Question) else ()
            rows += [(name, i.code, None, getattr(i, lang)) for i in items]
            rows += [(name, None, a.code, getattr(a, lang)) for a in one.answers]
        columns = ["question", "item", "answer", "label"]
        return pd.DataFrame(rows, columns=columns, dtype="str")


def load_questionnaire(questionnaire: str | Path) -> Questionnaire:
    """Load a questionnaire by its packaged name or from a TOML file.

    Every key is checked. Raises `CatalogueError` if there is none of that name, or with all the
    faults of its keys.

    Examples
    --------
    >>> load_questionnaire("business_2021").unit
    'business'
    """
    path = _find(questionnaire)
    raw = _read(path)
    if "like" in raw:
        raw = {**_read(_find(str(raw["like"]))), **raw}
        del raw["like"]
    made, faults = make(Questionnaire, raw)
    if made is not None:
        faults += [*_faults(made)]
    if faults or made is None:
        raise CatalogueError(f"questionnaire {path.name}: {'; '.join(faults)}.")
    return made


def list_questionnaires() -> list[str]:
    """List the packaged questionnaires by name."""
    return sorted(p.stem for p in _PACKAGED.glob("*.toml"))


def _find(questionnaire: str | Path) -> Path:
    packaged = _PACKAGED / f"{questionnaire}.toml"
    if isinstance(questionnaire, str) and "/" not in questionnaire and packaged.is_file():
        return packaged
    path = Path(questionnaire)
    if path.suffix == ".toml" and path.is_file():
        return path
    known = ", ".join(list_questionnaires())
    raise CatalogueError(f"no questionnaire '{path.name}': give one of {known}, or a .toml file.")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"questionnaire {path.name}: not a TOML file ({error}).") from None


def _faults(one: Questionnaire) -> Iterator[str]:
    if one.unit not in UNITS:
        yield f"unit: '{one.unit}' is not one of {', '.join(UNITS)}"
    if one.routing not in ("flag", "reject"):
        yield "routing: must be flag or reject"
    if not one.design.respondent:
        yield "design.respondent: the columns that name a respondent are missing"
    yield from _question_faults(one)
    yield from _covariate_faults(one)
    known = {q.id: q for q in one.questions}
    for question in one.questions:
        for condition in question.asked:
            yield from _condition_faults(condition, known, question)
    for rule in one.impossible:
        if rule.fate not in ("reject", "flag"):
            yield "impossible.fate: must be reject or flag"
        for condition in rule.when:
            yield from _condition_faults(condition, known, None)


def _question_faults(one: Questionnaire) -> Iterator[str]:
    names = [q.id for q in one.questions]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield f"questions: '{name}' comes twice"
    for question in one.questions:
        where = f"question '{question.id}'"
        if question.kind not in _KINDS:
            yield f"{where}: kind '{question.kind}' is not one of {', '.join(_KINDS)}"
        if bool(question.column) == bool(question.items):
            yield f"{where}: needs a column or items, and not both"
        if (question.kind == "number") == bool(question.answers):
            yield f"{where}: a number has no list of answers, and every other kind has one"
        residues = [*one.missing, *question.missing]
        yield from _answer_faults(where, question.answers, residues)


def _covariate_faults(one: Questionnaire) -> Iterator[str]:
    for covariate in one.covariates:
        where = f"covariate '{covariate.name}'"
        if covariate.name in RESPONDENTS.columns:
            yield f"{where}: the name is taken by a column of RESPONDENTS"
        yield from _answer_faults(where, covariate.answers, [])
    codes = {c.name: {a.code for a in c.answers} for c in one.covariates}
    for name, sizes in one.totals.items():
        if set(sizes) != codes.get(name, set()):
            yield f"totals.{name}: must give the size of each code of a covariate"


def _answer_faults(where: str, answers: tuple[Answer, ...], residues: list[str]) -> Iterator[str]:
    texts = [t.casefold() for a in answers for t in a.given] + [r.casefold() for r in residues]
    for text in sorted({t for t in texts if texts.count(t) > 1}):
        yield f"{where}: '{text}' stands for two answers"


def _condition_faults(
    condition: Condition, known: dict[str, Question], of: Question | None
) -> Iterator[str]:
    where = "impossible" if of is None else f"question '{of.id}'"
    question = known.get(condition.question)
    if question is None:
        yield f"{where}: asked after '{condition.question}', which is no question"
        return
    wrong = sorted({*condition.answers} - {a.code for a in question.answers})
    if wrong:
        yield f"{where}: '{wrong[0]}' is no answer to '{question.id}'"
    if condition.item == "same":
        if of is None or not {*of.columns} <= {*question.columns}:
            yield f"{where}: item 'same' needs the items of '{question.id}'"
    elif condition.item != "any" and condition.item not in question.columns:
        yield f"{where}: '{condition.item}' is no item of '{question.id}'"
