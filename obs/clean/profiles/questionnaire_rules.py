"""What must hold between the keys of a questionnaire: questions, answers, languages, totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from obs.clean.profiles.questionnaire import (
    Answer,
    Condition,
    Covariate,
    Impossible,
    Question,
    Questionnaire,
)
from obs.declare import did_you_mean, each
from obs.schemas import RESPONDENTS

__all__ = ["QUESTIONNAIRE_RULES"]


def _respondent(one: Questionnaire) -> Iterator[str]:
    if not one.design.respondent:
        yield "design.respondent: the columns that name a respondent are missing"


def _in_all_languages(one: Questionnaire) -> Iterator[str]:
    languages = [*one.title]
    if one.reference is not None:
        yield from (f"reference: {said}" for said in _other_languages(one.reference, languages))
    for key in ("questions", "covariates"):
        yield from each(key, getattr(one, key), partial(_wordings, languages=languages))


def _wordings(one: Question | Covariate, *, languages: list[str]) -> Iterator[str]:
    yield from (f"label: {said}" for said in _other_languages(one.label, languages))
    for key in ("items", "answers"):
        entries = getattr(one, key, ())
        yield from each(key, entries, lambda e: _other_languages(e.label, languages), join=": ")


def _other_languages(words: Mapping[str, str], languages: list[str]) -> Iterator[str]:
    """Tell the languages of the title that a wording lacks, and those it has besides."""
    missing = [lang for lang in languages if lang not in words]
    others = [lang for lang in words if lang not in languages]
    if missing:
        yield f"has no text in {', '.join(missing)}, as the title has"
    if others:
        yield f"has a text in {', '.join(others)}, which the title has not"


def _ids_once(one: Questionnaire) -> Iterator[str]:
    names = [q.id for q in one.questions]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield f"questions: '{name}' comes twice"


def _questions(one: Questionnaire) -> Iterator[str]:
    for rule in (
        _columns_or_items,
        _number_question,
        partial(_question_answers, of_all=[*one.missing]),
    ):
        yield from each("questions", one.questions, rule, join=", ")


def _columns_or_items(question: Question) -> Iterator[str]:
    if bool(question.column) == bool(question.items):
        yield f"question '{question.id}': needs a column or items, and not both"


def _number_question(question: Question) -> Iterator[str]:
    if (question.kind == "number") == bool(question.answers):
        where = f"question '{question.id}'"
        yield f"{where}: a number has no list of answers, and every other kind has one"


def _question_answers(question: Question, *, of_all: list[str]) -> Iterator[str]:
    where = f"question '{question.id}'"
    yield from _texts_twice(where, question.answers, [*of_all, *question.missing])


def _covariates(one: Questionnaire) -> Iterator[str]:
    yield from each("covariates", one.covariates, _covariate, join=", ")


def _covariate(covariate: Covariate) -> Iterator[str]:
    where = f"covariate '{covariate.name}'"
    if covariate.name in RESPONDENTS.columns:
        yield f"{where}: the name is taken by a column of RESPONDENTS"
    yield from _texts_twice(where, covariate.answers, [])


def _texts_twice(where: str, answers: tuple[Answer, ...], residues: list[str]) -> Iterator[str]:
    texts = [t.casefold() for a in answers for t in a.given] + [r.casefold() for r in residues]
    for text in sorted({t for t in texts if texts.count(t) > 1}):
        yield f"{where}: '{text}' stands for two answers"


def _known_totals(one: Questionnaire) -> Iterator[str]:
    codes = {c.name: {a.code for a in c.answers} for c in one.covariates}
    for name, sizes in one.totals.items():
        if set(sizes) != codes.get(name, set()):
            yield f"totals.{name}: must give the size of each code of a covariate"


def _asked_of(one: Questionnaire) -> Iterator[str]:
    known = {q.id: q for q in one.questions}
    yield from each("questions", one.questions, partial(_conditions_of, known=known), join=", ")


def _conditions_of(question: Question, *, known: Mapping[str, Question]) -> Iterator[str]:
    for condition in question.asked:
        for said in _condition_faults(condition, known, question):
            yield f"question '{question.id}': {said}"


def _impossible(one: Questionnaire) -> Iterator[str]:
    known = {q.id: q for q in one.questions}

    def rule(entry: Impossible) -> Iterator[str]:
        for condition in entry.when:
            yield from (f"when: {said}" for said in _condition_faults(condition, known, None))

    yield from each("impossible", one.impossible, rule)


def _condition_faults(
    condition: Condition, known: Mapping[str, Question], of: Question | None
) -> Iterator[str]:
    question = known.get(condition.question)
    if question is None:
        near = did_you_mean(condition.question, known)
        yield f"asked after '{condition.question}', which is no question{near}"
        return
    codes = [a.code for a in question.answers]
    for answer in condition.answers:
        if answer not in codes:
            yield f"'{answer}' is no answer to '{question.id}', which has {', '.join(codes)}"
    if condition.item == "same":
        if of is None or not {*of.columns} <= {*question.columns}:
            yield f"item 'same' needs the items of '{question.id}'"
    elif condition.item != "any" and condition.item not in question.columns:
        items = ", ".join(question.columns)
        yield f"'{condition.item}' is no item of '{question.id}', which has {items}"


QUESTIONNAIRE_RULES = (
    *(
        _respondent,
        _in_all_languages,
        _ids_once,
        _questions,
        _covariates,
        _known_totals,
        _asked_of,
        _impossible,
    ),
)
