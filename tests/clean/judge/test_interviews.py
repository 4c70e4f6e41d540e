"""Interviews coded by a small questionnaire, by hand: residues, routing, impossible answers."""

import pandas as pd
import pytest

from obs.clean.judge.interviews import code_interviews
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.questionnaire import (
    Answer,
    Condition,
    Covariate,
    Design,
    Impossible,
    Item,
    NoInterview,
    Question,
    Questionnaire,
)

WORDS = {"en": "x"}
YES_NO = (Answer("yes", ("1", "Oui"), WORDS), Answer("no", ("2",), WORDS))
VICTIM = Question("victim", "single", WORDS, column="V", answers=YES_NO)
REPORTED = Question(
    "reported", "single", WORDS, column="R", answers=YES_NO, asked=(Condition("victim", ("yes",)),)
)
PROFILE = Profile("own", "Own", "survey", "interviews")


def coded(rows, *questions, design=None, **keys):
    one = Questionnaire(
        *("own", WORDS, "person"),
        design or Design(("ID",)),
        questions or (VICTIM, REPORTED),
        **{"missing": {"9": "refused"}} | keys,
    )
    return code_interviews(pd.DataFrame(rows).astype("str"), one, PROFILE)


def answers(found, *key):
    """Give value, status and reason of each row."""
    table = found.answers[key if len(key) == 2 else (key[0], "all")].astype("object")
    return [tuple(row) for row in table.where(table.notna(), None).to_numpy()]


def notes(table):
    return [tuple(row) for row in table[["place", "column", "rule"]].to_numpy()]


def rows(*pairs):
    victim, reported = zip(*pairs, strict=True)
    return {"ID": [str(i) for i in range(len(pairs))], "V": list(victim), "R": list(reported)}


def test_answers_are_codes_whatever_their_case_and_routing_is_followed():
    found = coded(rows(("1", "2"), ("OUI", "1"), ("2", ""), ("1", "9")))
    assert answers(found, "victim") == [
        ("yes", "ok", None),
        ("yes", "ok", None),
        ("no", "ok", None),
        ("yes", "ok", None),
    ]
    assert answers(found, "reported") == [
        ("no", "ok", None),
        ("yes", "ok", None),
        (None, "not_applicable", "not_asked"),
        (None, "missing", "refused"),
    ]
    assert notes(found.faults) == []
    assert notes(found.doubts) == []


def test_an_answer_that_was_not_asked_for_is_set_aside_or_rejects():
    pairs = rows(("2", "1"), ("2", "9"), ("2", ""))
    found = coded(pairs)
    assert answers(found, "reported") == [
        (None, "not_applicable", "routing"),
        (None, "not_applicable", "routing"),
        (None, "not_applicable", "not_asked"),
    ]
    assert notes(found.doubts) == [(0, "R", "routing"), (1, "R", "routing")]
    assert notes(coded(pairs, routing="reject").faults) == [
        (0, "R", "routing"),
        (1, "R", "routing"),
    ]


def test_a_blank_where_an_answer_was_due_is_doubted_unless_it_has_a_meaning():
    found = coded(rows(("1", ""), ("", "")))
    assert answers(found, "reported")[0] == (None, "missing", "no_answer")
    assert answers(found, "victim")[1] == (None, "missing", "no_answer")
    assert notes(found.doubts) == [(0, "R", "routing"), (1, "V", "routing")]
    meant = coded(rows(("1", "")), blank="skipped")
    assert answers(meant, "reported") == [(None, "missing", "skipped")]
    assert notes(meant.doubts) == []


def test_an_unknown_answer_rejects_by_the_first_fault_of_the_row():
    found = coded(rows(("x", "y"), ("1", "y"), ("1", "1")))
    assert notes(found.faults) == [(0, "V", "unknown_answer"), (1, "R", "unknown_answer")]


def test_residues_of_a_question_stand_beside_those_of_all():
    own = Question("victim", "single", WORDS, column="V", answers=YES_NO, missing={"8": "unsure"})
    found = coded(rows(("8", ""), ("9", "")), own)
    assert [row[2] for row in answers(found, "victim")] == ["unsure", "refused"]


def test_numbers_are_kept_as_they_are_given():
    age = Question("age", "number", WORDS, column="V")
    found = coded(rows(("34", ""), ("9", ""), ("x", ""), ("", "")), age)
    assert [row[0] for row in answers(found, "age")] == ["34", None, None, None]
    assert notes(found.faults) == [(2, "V", "not_a_number")]


def test_a_condition_is_of_the_same_item_of_any_or_of_one():
    items = tuple(Item(code, f"V_{code}", WORDS) for code in ("a", "b"))
    victim = Question("victim", "multiple", WORDS, items=items, answers=YES_NO)

    def asked(item):
        reported = Question(
            *("reported", "multiple", WORDS), answers=YES_NO,
            items=tuple(Item(code, f"R_{code}", WORDS) for code in ("a", "b")),
            asked=(Condition("victim", ("yes",), item),),
        )  # fmt: skip
        table = {"ID": ["1"], "V_a": ["1"], "V_b": ["2"], "R_a": ["1"], "R_b": ["1"]}
        found = coded(table, victim, reported)
        return [answers(found, "reported", code)[0][1] for code in ("a", "b")]

    assert asked("same") == ["ok", "not_applicable"]
    assert asked("any") == ["ok", "ok"]
    assert asked("b") == ["not_applicable", "not_applicable"]


def test_all_conditions_must_be_met():
    both = Question(
        "both",
        "single",
        WORDS,
        column="R",
        answers=YES_NO,
        asked=(Condition("victim", ("yes",)), Condition("other", ("no",))),
    )
    other = Question("other", "single", WORDS, column="O", answers=YES_NO)
    table = rows(("1", "1"), ("1", "1"), ("2", "1")) | {"O": ["1", "2", "2"]}
    found = coded(table, VICTIM, other, both)
    assert [row[1] for row in answers(found, "both")] == ["not_applicable", "ok", "not_applicable"]


@pytest.mark.parametrize("fate", ["flag", "reject"])
def test_answers_that_cannot_go_together_are_said_or_reject(fate):
    rule = Impossible((Condition("victim", ("no",)), Condition("reported", ("yes",))), fate)
    plain = Question("reported", "single", WORDS, column="R", answers=YES_NO)
    found = coded(rows(("2", "1"), ("2", "2"), ("1", "1")), VICTIM, plain, impossible=(rule,))
    told = [(0, "R", "impossible_combination")]
    assert notes(found.doubts) == (told if fate == "flag" else [])
    assert notes(found.faults) == (told if fate == "reject" else [])


def test_what_is_set_aside_is_no_part_of_an_impossible_combination():
    rule = Impossible((Condition("victim", ("no",)), Condition("reported", ("yes",))), "reject")
    assert notes(coded(rows(("2", "1")), impossible=(rule,)).faults) == []


def test_respondents_have_their_design():
    design = Design(("ID", "V"), "W", ("S",), ("C", "D"), "F", ("P1", "P2"), "T")
    table = {
        **{"ID": ["1", "2", "3", "4"], "V": ["1", "2", "1", ""], "R": ["", "", "", ""]},
        **{
            "W": ["1.5", "0", "x", "2"],
            "S": ["n", "", "n", "n"],
            "C": ["1", "2", "", "1"],
            "D": ["7", "8", "9", "7"],
        },
        **{"F": ["100", "x", "100", "100"], "P1": ["1", "1", "1", "y"], "P2": ["2", "2", "2", "2"]},
        **{"T": ["21001", "Nowhere", "21004", ""]},
    }
    found = coded(table, design=design)
    assert found.respondents["respondent_id"].tolist()[:2] == ["1-1", "2-2"]
    assert found.respondents["weight"].tolist()[0] == 1.5
    assert found.respondents["cluster"].tolist()[:2] == ["1-7", "2-8"]
    assert found.respondents["stratum"].tolist()[0] == "n"
    assert (
        found.respondents["fpc"][0],
        found.respondents["replicate_1"][0],
        found.respondents["replicate_2"][0],
    ) == (100, 1, 2)
    assert found.respondents["territory"].tolist()[0] == "21001"
    assert set(found.respondents["unit"]) == {"person"}
    assert notes(found.faults) == [
        (1, "W", "impossible_weight"),
        (2, "W", "impossible_weight"),
        (3, "V", "missing_key"),
    ]
    bare = coded(rows(("1", "1")))
    assert bare.respondents["weight"].tolist() == [1.0]
    assert "stratum" not in bare.respondents
    assert "fpc" not in bare.respondents


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"S": [""]}, ("S", "missing_key")),
        ({"C": [""]}, ("C", "missing_key")),
        ({"F": ["x"]}, ("F", "not_a_number")),
        ({"P": ["x"]}, ("P", "not_a_number")),
        ({"T": ["Nowhere"]}, ("T", "unknown_territory")),
        ({"T": [""]}, ("T", "missing_key")),
        ({"ID": [""]}, ("ID", "missing_key")),
        ({"W": ["-1"]}, ("W", "impossible_weight")),
        ({"W": [""]}, ("W", "impossible_weight")),
    ],
)
def test_each_column_of_the_design_has_its_fault(changed, fault):
    design = Design(("ID",), "W", ("S",), ("C",), "F", ("P",), "T")
    sound = {
        "ID": ["1"],
        "W": ["1"],
        "S": ["n"],
        "C": ["1"],
        "F": ["9"],
        "P": ["1"],
        "T": ["21001"],
        "V": ["1"],
        "R": ["1"],
    }
    assert notes(coded(sound, design=design).faults) == []
    assert notes(coded(sound | changed, design=design).faults) == [(0, *fault)]


def test_covariates_are_looked_up_and_no_interview_is_said_first():
    sex = Covariate("sex", "X", WORDS, (Answer("female", ("F", "V"), WORDS),))
    table = rows(("1", "1"), ("x", "1"), ("1", "1")) | {"X": ["f", "F", "?"], "N": ["", "no", ""]}
    found = coded(table, covariates=(sex,), no_interview=NoInterview("N", ("no",)))
    assert found.respondents["sex"].fillna("-").tolist() == ["female", "female", "-"]
    assert notes(found.faults) == [(1, "N", "not_interviewed"), (2, "X", "unknown_answer")]
