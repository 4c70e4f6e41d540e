"""What must hold within a questionnaire: each rule broken by one change of a sound one."""

from dataclasses import replace

import pytest

from obs.clean.profiles.questionnaire import (
    Answer,
    Condition,
    Covariate,
    Design,
    Impossible,
    Item,
    Question,
    Questionnaire,
)
from obs.clean.profiles.questionnaire_rules import QUESTIONNAIRE_RULES
from obs.declare import run_rules

EN, BOTH = {"en": "x"}, {"en": "x", "fr": "y"}
YES = Answer("yes", ("1", "Oui"), EN)
NO = Answer("no", ("2",), EN)
VICTIM = Question("victim", "single", EN, column="V", answers=(YES, NO))
ITEMS = (Item("a", "R_a", EN), Item("b", "R_b", EN))
REPORTED = Question(
    "reported",
    "multiple",
    EN,
    items=ITEMS,
    answers=(YES, NO),
    asked=(Condition("victim", ("yes",)),),
)
AGE = Question("age", "number", EN, column="A")
SEX = Covariate("sex", "S", EN, (Answer("female", ("F",), EN), Answer("male", ("M",), EN)))
SOUND = Questionnaire(
    *("own", EN, "person", Design(("ID",)), (VICTIM, REPORTED, AGE)),
    covariates=(SEX,),
    missing={"9": "refused"},
    totals={"sex": {"female": 10, "male": 9}},
    impossible=(
        Impossible(
            (Condition("victim", ("no",)), Condition("reported", ("yes",), "any")), "reject"
        ),
    ),
)


def faults(**changes):
    return [*run_rules(replace(SOUND, **changes), QUESTIONNAIRE_RULES)]


def asked(*conditions, of=REPORTED):
    return faults(questions=(VICTIM, replace(of, asked=conditions), AGE))


def test_a_sound_one_has_no_fault():
    assert faults() == []
    assert faults(reference=EN) == []


def test_respondents_are_named():
    assert faults(design=Design(())) == [
        "design.respondent: the columns that name a respondent are missing"
    ]


def test_every_wording_is_in_the_languages_of_the_title():
    lacks = "has no text in fr, as the title has"
    assert f"questions.0.label: {lacks}" in faults(title=BOTH)
    assert f"covariates.0.label: {lacks}" in faults(title=BOTH)
    assert any("answers.0: " in one and lacks in one for one in faults(title=BOTH))
    assert any("items.1: " in one and lacks in one for one in faults(title=BOTH))
    assert faults(reference=BOTH) == ["reference: has a text in fr, which the title has not"]
    assert faults(reference={}) == ["reference: has no text in en, as the title has"]


def test_ids_come_once():
    assert "questions: 'victim' comes twice" in faults(questions=(VICTIM, VICTIM, REPORTED))


def test_a_question_has_a_column_or_items():
    said = "question 'victim': needs a column or items, and not both"
    assert any(said in one for one in faults(questions=(replace(VICTIM, column=""), REPORTED)))
    assert any(said in one for one in faults(questions=(replace(VICTIM, items=ITEMS), REPORTED)))


def test_a_number_has_no_answers_and_every_other_has():
    said = "a number has no list of answers, and every other kind has one"
    assert any(
        said in one for one in faults(questions=(VICTIM, REPORTED, replace(AGE, answers=(YES,))))
    )
    assert any(
        said in one for one in faults(questions=(VICTIM, REPORTED, replace(AGE, kind="single")))
    )


@pytest.mark.parametrize(
    ("answers", "missing", "text"),
    [
        ((YES, Answer("no", ("OUI",), EN)), {}, "oui"),
        ((YES, NO), {"2": "unsure"}, "2"),
        ((YES, Answer("no", ("9",), EN)), {}, "9"),
    ],
)
def test_a_text_stands_for_one_answer(answers, missing, text):
    changed = replace(VICTIM, answers=answers, missing=missing)
    assert any(
        f"question 'victim': '{text}' stands for two answers" in one
        for one in faults(questions=(changed, REPORTED))
    )


def test_covariates_are_no_column_of_respondents_and_have_known_totals():
    assert any(
        "covariate 'weight': the name is taken" in one
        for one in faults(covariates=(SEX, replace(SEX, name="weight")))
    )
    twice = replace(SEX, answers=(SEX.answers[0], Answer("male", ("f",), EN)))
    assert any(
        "covariate 'sex': 'f' stands for two answers" in one for one in faults(covariates=(twice,))
    )
    for totals in (
        {"sex": {"female": 1}},
        {"sex": {"female": 1, "male": 2, "x": 3}},
        {"age": {"a": 1}},
    ):
        name = next(iter(totals))
        assert faults(totals=totals) == [
            f"totals.{name}: must give the size of each code of a covariate"
        ]


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (
            Condition("victm", ("yes",)),
            "question 'reported': asked after 'victm', which is no question",
        ),
        (Condition("victim", ("maybe",)), "'maybe' is no answer to 'victim', which has yes, no"),
        (Condition("victim", ("yes",), "same"), "item 'same' needs the items of 'victim'"),
        (Condition("victim", ("yes",), "c"), "'c' is no item of 'victim', which has all"),
        (Condition("victim", ("yes",), "any"), None),
        (Condition("victim", ("yes",), "all"), None),
        (Condition("reported", ("yes",), "same"), None),
        (Condition("reported", ("yes",), "b"), None),
    ],
)
def test_conditions_name_answers_and_items_that_there_are(condition, said):
    found = asked(condition)
    assert (found == []) if said is None else any(said in one for one in found)


def test_impossible_combinations_name_what_there_is_and_have_no_item_of_their_own():
    def told(condition):
        return faults(impossible=(Impossible((condition,), "flag"),))

    assert any("when: 'maybe' is no answer" in one for one in told(Condition("victim", ("maybe",))))
    assert any(
        "item 'same' needs the items" in one
        for one in told(Condition("reported", ("yes",), "same"))
    )
    assert told(Condition("reported", ("yes",), "a")) == []
