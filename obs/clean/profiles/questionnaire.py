"""Define questionnaires: what was asked, of whom, and how answers are coded.

A questionnaire is a TOML with questions, items and answers in the languages of its title, residue
codes with their reason, routing, the design and known population totals. All faults are listed
at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import pandas as pd

from obs.declare import (
    Listed,
    Named,
    OneOf,
    OneOrSeveral,
    Table,
    Text,
    Words,
    between,
    empty,
)
from obs.errors import CatalogueError
from obs.schemas import ALL, UNITS

__all__ = [
    "Answer",
    "Condition",
    "Covariate",
    "Design",
    "Impossible",
    "Item",
    "NoInterview",
    "Question",
    "Questionnaire",
]

Columns = Annotated[tuple[Text, ...], OneOrSeveral()]
Fate = Annotated[str, OneOf(("flag", "reject"))]


@dataclass(frozen=True)
class Answer(Table):
    """An answer: our code, the texts that stand for it in the file, its wording.

    Attributes
    ----------
    code : str
        Our code.
    given : tuple of str
        Texts of the file that mean it.
    label : mapping
        Its wording, by language: `fr`, `nl`, ...
    """

    by_language: ClassVar[Mapping[str, str]] = {"label": "{}"}

    code: Text
    given: Annotated[tuple[str, ...], OneOrSeveral()]
    label: Words


@dataclass(frozen=True)
class Item(Table):
    """An item of a question: our code, the column that holds it, its wording.

    Attributes
    ----------
    code : str
        Our code.
    column : str
        Column of the file.
    label : mapping
        Its wording, by language: `fr`, `nl`, ...
    """

    by_language: ClassVar[Mapping[str, str]] = {"label": "{}"}

    code: Text
    column: Text
    label: Words


@dataclass(frozen=True)
class Condition(Table):
    """An answer given: to the same item, to any item ("any"), or to one that is named.

    Attributes
    ----------
    question : str
        Id of the question answered.
    answers : tuple of str
        Codes of the answers that meet the condition.
    item : str
        Code of an item, "same" or "any".
    """

    question: Text
    answers: Annotated[tuple[Text, ...], OneOrSeveral()]
    item: Text = ALL


@dataclass(frozen=True)
class Question(Table):
    """A question: one column, or one per item; of whom it is asked, all conditions met.

    Attributes
    ----------
    id : str
        Code of the question.
    kind : str
        One answer, several, or a number.
    label : mapping
        Its wording, by language.
    column : str
        Column of the file, of a question without items.
    items : tuple of Item
        Its items, of a question without a column of its own.
    answers : tuple of Answer
        Its answers; a number has none.
    asked : tuple of Condition
        Of whom it is asked; of everybody if not said.
    missing : mapping
        Residue codes of this question = their reason, beside those of the questionnaire.
    """

    id: Text
    kind: Annotated[str, OneOf(("single", "multiple", "number"))]
    label: Words
    column: str = ""
    items: tuple[Item, ...] = ()
    answers: tuple[Answer, ...] = ()
    asked: tuple[Condition, ...] = ()
    missing: Named[Text] = field(default_factory=empty)

    @property
    def columns(self) -> dict[str, str]:
        """Give the column of each item; a question without items has the item "all"."""
        return {i.code: i.column for i in self.items} or {ALL: self.column}


@dataclass(frozen=True)
class Covariate(Table):
    """What is known of each respondent beside the answers: a column of RESPONDENTS.

    Attributes
    ----------
    name : str
        Our column.
    column : str
        Column of the file.
    label : mapping
        Its wording, by language.
    answers : tuple of Answer
        Its codes.
    """

    name: Text
    column: Text
    label: Words
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Design(Table):
    """Columns that tell who a respondent is and how the sample was drawn.

    Attributes
    ----------
    respondent : tuple of str
        Columns that name a respondent together.
    weight : str
        Column of the weight.
    stratum, cluster : tuple of str
        Columns of the stratum, and of the units drawn at each stage.
    fpc : str
        Column of the size of the population that the units were drawn from.
    replicates : tuple of str
        Columns of replicate weights.
    territory : str
        Column of the place.
    """

    respondent: Columns
    weight: str = ""
    stratum: Columns = ()
    cluster: Columns = ()
    fpc: str = ""
    replicates: Columns = ()
    territory: str = ""


@dataclass(frozen=True)
class Impossible(Table):
    """Answers that cannot go together, and what becomes of the interview.

    Attributes
    ----------
    when : tuple of Condition
        The answers.
    fate : str
        "flag" or "reject".
    """

    when: tuple[Condition, ...]
    fate: Fate


@dataclass(frozen=True)
class NoInterview(Table):
    """Codes of a column that say that no interview took place.

    Attributes
    ----------
    column : str
        Column of the file.
    codes : tuple of str
        Its codes.
    """

    column: Text
    codes: Annotated[tuple[str, ...], OneOrSeveral()]


@dataclass(frozen=True)
class Questionnaire(Table):
    """A dictionary, checked.

    Attributes
    ----------
    name : str
        How the questionnaire is called.
    title : mapping
        Its title, by language: the languages of every wording.
    unit : str
        What a respondent is.
    design : Design
        Who a respondent is and how the sample was drawn.
    questions : tuple of Question
        What was asked.
    like : str
        A packaged questionnaire that says what this one does not.
    reference : mapping
        Stretch of time that answers cover, by language.
    reference_months : int
        Its months.
    covariates : tuple of Covariate
        What is known of each respondent beside the answers.
    missing : mapping
        Residue codes of all questions = their reason.
    blank : str
        Reason of a blank where the question was asked; without it such a blank is a fault
        of routing.
    routing : str
        What becomes of an interview with an answer to a question that was not to be asked:
        "flag" (the answer is set aside) or "reject".
    impossible : tuple of Impossible
        Answers that cannot go together.
    no_interview : NoInterview
        Codes that say that no interview took place.
    totals : mapping
        For a covariate, its code = known size of the population.
    """

    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("like",),
        ("title", "unit", "design", "questions"),
    )

    name: Text
    title: Words
    unit: Annotated[str, OneOf(UNITS)]
    design: Design
    questions: Listed[Question]
    like: str = ""
    reference: Words | None = None
    reference_months: Annotated[int, between(0)] = 0
    covariates: tuple[Covariate, ...] = ()
    missing: Named[Text] = field(default_factory=empty)
    blank: str = ""
    routing: Fate = "flag"
    impossible: tuple[Impossible, ...] = ()
    no_interview: NoInterview | None = None
    totals: Named[Named[Annotated[int, between(0)]]] = field(default_factory=empty)

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
        covariates come first, as questions. Raises `CatalogueError` if the questionnaire is not
        written in that language.
        """
        if lang not in self.title:
            written = ", ".join(self.title)
            raise CatalogueError(
                f"questionnaire '{self.name}' is not written in '{lang}', only in {written}."
            )
        rows: list[tuple[str, str | None, str | None, str]] = []
        worded: list[Covariate | Question] = [*self.covariates, *self.questions]
        for one in worded:
            name = one.name if isinstance(one, Covariate) else one.id
            rows.append((name, None, None, one.label[lang]))
            items = one.items if isinstance(one, Question) else ()
            rows += [(name, i.code, None, i.label[lang]) for i in items]
            rows += [(name, None, a.code, a.label[lang]) for a in one.answers]
        columns = ["question", "item", "answer", "label"]
        return pd.DataFrame(rows, columns=columns, dtype="str")
