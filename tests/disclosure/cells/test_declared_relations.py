"""Cells of one indicator at the place, period and marks of another's; estimates judged."""

from dataclasses import replace

import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.declared_relations import key_in
from obs.disclosure.cells.estimate_cells import read_survey_estimate
from obs.disclosure.cells.indicator_terms import load_definitions
from obs.disclosure.sensitive.dominance import Contributions
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import DisclosureError


@pytest.fixture(scope="module")
def definition():
    return load_definitions(["robbery"])["robbery"]


def marked(definition, name, **marks):
    return replace(definition, indicator=name, count=name, marks=tuple(sorted(marks.items())))


@pytest.mark.parametrize(
    ("own", "other", "given", "named"),
    [
        ({}, {}, {}, {}),
        ({}, {}, {"form": "sexual"}, {"form": "sexual"}),
        ({"form": "sexual"}, {}, {"form": "sexual"}, {}),
        ({"form": "sexual"}, {}, {"form": "sexual", "place": "home"}, {"place": "home"}),
        ({}, {"form": "sexual"}, {}, {"form": "sexual"}),
        ({"form": "sexual"}, {"form": "sexual|physical"}, {"form": "sexual"}, {"form": "sexual"}),
        ({}, {"form": "sexual|physical"}, {"form": "sexual"}, {"form": "sexual"}),
    ],
)
def test_marks_that_only_one_of_two_indicators_has_are_dropped(
    definition, own, other, given, named
):
    ours, theirs = (marked(definition, n, **m) for n, m in (("ours", own), ("theirs", other)))
    found = key_in(Key(ours.measure, "A", "2022", tuple(sorted(given.items()))), ours, theirs)
    assert found == Key(theirs.measure, "A", "2022", tuple(sorted(named.items())))


ROW = {
    "status": "ok",
    "scale": "share",
    "value": 0.4,
    "grade": "A",
    "n": 60,
    "denominator": 60.0,
    "numerator": None,
    "unit": "respondent",
}
KEY = Key("asked (respondent)", "A", "2022")


def judged(definition, *, rule="default", given=None, asked=None, **row):
    cells = Cells()
    own = replace(definition, kind="survey", unit="respondent", rule=asked or rule)
    key, *_ = read_survey_estimate(cells, KEY, ROW | row, get_rule(rule), own, given, "t")
    assert key.measure == "survey asked (respondent)"
    return cells.of_key[key].reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, ""),
        ({"n": 20}, ""),
        ({"n": 19}, "fewer than 20 respondents"),
        ({"n": None}, "fewer than 20 respondents"),
        ({"grade": "F"}, "unreliable"),
        ({"status": "unreliable"}, "unreliable"),
        ({"grade": "F", "n": 19}, "fewer than 20 respondents"),
        ({"n": 3, "status": "missing"}, ""),
        ({"n": 3, "status": "suppressed_source"}, ""),
        ({"value": 1}, ""),
    ],
)
def test_an_estimate_is_judged_by_its_respondents(definition, row, reason):
    assert judged(definition, **row) == reason


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"value": 0}, "all gave one answer"),
        ({"value": 1}, "all gave one answer"),
        ({"value": 0.999}, ""),
        ({"value": 1, "scale": "estimate"}, ""),  # a mean of 1 is no answer of all
        ({"value": 1, "status": "suppressed_source"}, ""),
        ({"value": 1, "n": 3}, "fewer than 20 respondents"),
    ],
)
def test_one_answer_of_all_is_information_where_zeros_are_protected(definition, row, reason):
    assert judged(definition, rule="group", **row) == reason


def test_a_mean_of_amounts_is_judged_by_who_makes_it_up(definition):
    mean = {"scale": "estimate", "rule": "business"}
    with pytest.raises(DisclosureError, match="'t': the estimate for survey asked .respondent. of"):
        judged(definition, **mean)
    even = Contributions(100.0, 4, (30.0, 30.0))
    assert judged(definition, given=even, **mean) == ""
    alone = Contributions(100.0, 3, (90.0, 5.0))
    assert judged(definition, given=alone, **mean) == "one contributor dominates"
    assert judged(definition, given=alone, n=3, **mean) == "fewer than 20 respondents"
    assert judged(definition, rule="business") == ""  # a share has no amounts
    assert judged(definition, status="missing", **mean) == ""
    assert judged(definition, status="suppressed_source", **mean) == ""
