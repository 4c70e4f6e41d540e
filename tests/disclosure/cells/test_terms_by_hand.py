"""What disclosure control reads of an entry of the catalogue: counts, marks, wholes, questions; by hand."""

from types import SimpleNamespace

import pytest

from obs.disclosure.cells.indicator_terms import (
    Definition,
    counted,
    is_amount,
    is_survey,
    load_between,
    load_definitions,
)
from obs.disclosure.cells.survey_question import Question, question_of
from obs.errors import DisclosureError


def entry(**given):
    usual = {
        "numerator": "events",
        "kind": "count",
        "disclosure": "default",
        "additive_over": ("area",),
        "source": "police",
        "unit": "fact",
        "attempts": "included",
        "where": {},
        "phenomena": (),
        "exclude": (),
        "place_rule": "place",
        "date_rule": "date",
        "parts": (),
    }
    return SimpleNamespace(**usual | given)


def defined(name="a", **entries):
    return load_definitions([name], catalogue=entries)[name]


@pytest.mark.parametrize(
    ("given", "marks"),
    [
        ({}, ()),
        ({"attempts": "only"}, (("attempt", "true"),)),
        ({"attempts": "excluded"}, (("attempt", "false"),)),
        ({"where": {"form": ("sexual", "physical")}}, (("form", "physical|sexual"),)),
        ({"phenomena": ("theft",)}, (("phenomenon", "theft"),)),
        ({"phenomena": ("theft", "arson")}, ()),
        ({"phenomena": ("theft",), "exclude": ("bicycle_theft",)}, ()),
        (
            {"phenomena": ("theft",), "where": {"form": ("x",)}, "attempts": "only"},
            (("attempt", "true"), ("form", "x"), ("phenomenon", "theft")),
        ),
    ],
)
def test_a_restriction_is_written_as_breakdowns(given, marks):
    assert defined(a=entry(**given)).marks == marks


def test_an_entry_that_selects_nothing_has_no_marks():
    bare = entry(where={"form": ("x",)})
    del bare.numerator
    assert defined(a=bare).marks == ()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"kind": "rate", "where": {"form": ("x",)}, "attempts": "only"}, True),
        ({"phenomena": ("theft",)}, True),  # a mark
        ({"phenomena": ("theft", "arson")}, False),
        ({"exclude": ("theft",)}, False),
        ({"source": "x"}, False),
        ({"unit": "pv"}, False),
        ({"place_rule": "home"}, False),
        ({"date_rule": "report"}, False),
        ({"activities": ("x",)}, False),
        ({"kind": "severity"}, False),
    ],
)
def test_entries_of_one_count_share_their_cells(other, same):
    found = load_definitions(["a", "b"], catalogue={"a": entry(), "b": entry(**other)})
    assert (found["a"].count == found["b"].count) == same
    assert found["a"].count == ("a and alike" if same else "a")


def test_alike_entries_share_what_they_are_summed_over():
    union = SimpleNamespace(kind="union", over=("time",))
    other = SimpleNamespace(kind="at_most", over=("offence",))
    found = defined(a=entry(), b=entry(additive_over=("offence",), relation=(union, other)))
    assert found.additive_over == {"area", "offence"}
    assert found.union_over == {"time"}


def test_parts_and_wholes_are_defined_too():
    own = entry(parts=("p", "gone"), whole="w", without_total=("form",))
    found = load_definitions(
        ["a"], catalogue={"a": own, "p": entry(unit="pv"), "w": entry(unit="x")}
    )
    assert set(found) == {"a", "p", "w"}
    assert (found["a"].whole, found["a"].within, found["a"].parts) == (
        "w",
        ("form",),
        ("p", "gone"),
    )
    assert found["p"].within == ()
    assert defined(a=entry(without_total=("form",))).within == ()  # without a whole there is none


def test_unknown_indicators_are_refused_by_name():
    with pytest.raises(
        DisclosureError, match=r"^2 indicator\(s\) are not in the catalogue: x, y\."
    ):
        load_definitions(["y", "a", "x"], catalogue={"a": entry()})


def named(marks, attempts=()):
    return Definition("a", "a", (*attempts, *marks), "default", "fact", frozenset(), (), "share")


@pytest.mark.parametrize(
    ("part", "whole", "marks"),
    [
        ((), (), ()),
        ((("attempt", "true"),), (), (("attempt", "false|true"),)),  # where it is known which
        ((("attempt", "true"),), (("attempt", "false"),), (("attempt", "false"),)),
        ((("form", "x"),), (("place", "home"),), (("place", "home"),)),
        (
            (("attempt", "true"),),
            (("form", "x"),),
            (("attempt", "false|true"), ("form", "x")),
        ),
    ],
)
def test_the_whole_of_a_share_is_restricted_as_it_says(part, whole, marks):
    assert named(part).whole_marks(named(whole)) == marks


@pytest.mark.parametrize(
    ("kind", "unit", "row", "rule", "survey", "amount"),
    [
        ("survey", "fact", None, "default", True, False),
        ("share", "respondent", None, "default", True, False),
        ("share", "fact", "household", "default", True, False),
        ("share", "respondent", "fact", "default", False, False),
        ("amount", "respondent", None, "default", False, True),
        ("count", "euro", None, "default", False, True),
        ("count", "fact", "euro", "default", False, True),
        ("count", "fact", None, "business", False, True),
        ("survey", "fact", None, "business", True, False),
        ("count", "fact", None, "default", False, False),
    ],
)
def test_estimates_and_amounts_are_told_by_kind_unit_and_rule(
    kind, unit, row, rule, survey, amount
):
    found = Definition("a", "a", (), rule, unit, frozenset(), (), kind)
    assert (is_survey(found, row), is_amount(found, row)) == (survey, amount)
    assert found.measure == f"a ({unit})"


def test_a_count_is_a_measure_without_its_unit():
    assert counted("theft (tools) (fact)") == "theft (tools)"


def relation(kind, of=(), less=()):
    return SimpleNamespace(kind=kind, of=of, less=less, over=(), because="so")


def between(*asked, **entries):
    definitions = load_definitions(asked, catalogue=entries)
    return [
        (b.kind, b.own.indicator, [d.indicator for d in b.of], [d.indicator for d in b.less])
        for b in load_between(definitions, catalogue=entries)
    ]


def test_relations_are_those_of_which_every_side_is_counted():
    most = entry(unit="pv", relation=(relation("at_most", ("b",)),))
    stock = entry(unit="case", relation=(relation("stock", ("b",), ("c",)),))
    sides = {"b": entry(), "c": entry(unit="visit")}
    assert between("a", "b", a=most, **sides) == [("at_most", "a", ["b"], [])]
    assert between("a", a=most, **sides) == []
    assert between("b", a=most, **sides) == []
    assert between("a", "b", "c", a=stock, **sides) == [("stock", "a", ["b"], ["c"])]
    assert between("a", "b", a=stock, **sides) == []
    assert between("a", "c", a=stock, **sides) == []
    union = entry(relation=(relation("union", ("b",)), relation("apart", ("b",))))
    assert between("a", "b", a=union, **sides) == []
    lost = entry(unit="pv", relation=(relation("at_most", ("gone",)),))
    assert between("a", a=lost) == []
    alike = entry(unit="pv", kind="rate")  # counts what `a` counts
    assert between("r", "b", a=most, r=alike, **sides) == [("at_most", "a", ["b"], [])]


# --- questions ---------------------------------------------------------------------------


def asked(**given):
    usual = {"questionnaires": ("one", "two"), "question": "q", "answers": ("yes", "no")}
    usual |= {"shares": {"rate": ["yes"]}, "within": ("answer",), "any_item": False}
    return SimpleNamespace(**usual | {"by_item": "offence"} | given)


def test_a_question_is_named_by_its_questionnaires():
    found = question_of("a", entry(asked=asked()))
    assert found == Question("one two q", ("yes", "no"), (("rate", ("yes",)),), ("answer",), "", ())
    assert question_of("a", entry(asked=asked(any_item=True))).any_item == "offence"
    assert question_of("a", entry()) == Question("a")
    made = (relation("made_of", ("v", "r")), relation("at_most", ("x",)))
    assert question_of("a", entry(relation=made)).made_of == ("v", "r")
    assert question_of("a", entry(asked=asked(), relation=made)).made_of == ("v", "r")


@pytest.mark.parametrize(
    ("shares", "marks", "joined"),
    [
        ((("rate", ("yes",)),), {}, ("yes",)),
        ((("rate", ("yes",)),), {"answer": "no"}, ("yes",)),  # the only share is what is asked
        ((("rate", ("x", "y")), ("z", ("z",))), {"answer": "rate"}, ("x", "y")),
        ((("rate", ("x", "y")), ("z", ("z",))), {"answer": "w"}, ("w",)),
        ((("rate", ("x", "y")), ("z", ("z",))), {}, ("all",)),
        ((), {"answer": "yes"}, ("yes",)),
    ],
)
def test_a_row_joins_the_answers_of_its_share(shares, marks, joined):
    assert Question("q", shares=shares).joined(marks) == joined
