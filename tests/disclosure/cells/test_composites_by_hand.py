"""Values made of several counts, and products of shares: what each row depends on, by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from obs.disclosure.cells.cell_list import Cells, Estimate, Key
from obs.disclosure.cells.composites import link_composites, link_products
from obs.disclosure.cells.indicator_terms import Definition
from obs.disclosure.cells.survey_cells import add_respondents
from obs.disclosure.cells.survey_question import Question
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import DisclosureError

RULE = get_rule("default")
NAN = float("nan")


def definition(name, kind, **given):
    return Definition(name, name, (), "default", "fact", frozenset(), (), kind, **given)


KINDS = {k: definition(k, k) for k in ("severity", "recapture", "lower_bound", "rate")}
RULES = dict.fromkeys(KINDS, RULE)
PARTS = [Key(f"parts of {k}", p, "2022") for k in ("severity", "recapture") for p in "AB"]


def line(indicator="severity", territory="A", status="ok", smallest_part=5, **given):
    made = {"indicator": indicator, "territory": territory, "period": "2022", "status": status}
    made |= {"smallest_part": smallest_part, "level": "commune", "unit": "fact"}
    return made | given


def linked(*lines, cells=None, **extra):
    frame = pd.DataFrame(list(lines)).assign(**extra)
    cells = cells or Cells()
    cells.rows["t"] = [(Key(f"row {i}", "", ""),) for i in range(len(frame))]
    link_composites({"t": frame}, cells, definitions=KINDS, rules=RULES)
    return cells, [list(keys[1:]) for keys in cells.rows["t"]]


@pytest.mark.parametrize(
    ("given", "reason", "published", "source"),
    [
        ({}, "", True, False),
        ({"smallest_part": 4}, "made of a count below 5", True, False),
        ({"smallest_part": 0}, "made of a count below 5", True, False),
        ({"smallest_part": NAN}, "", True, False),
        ({"status": "unreliable", "smallest_part": 4}, "unreliable", True, False),
        ({"status": "suppressed_source"}, "", True, True),
        ({"status": "missing", "smallest_part": 4}, "", False, False),
        ({"status": "not_applicable", "smallest_part": 4}, "", False, False),
    ],
)
def test_a_value_is_judged_by_the_smallest_count_behind_it(given, reason, published, source):
    cells, rows = linked(line(**given))
    cell = cells.of_key[PARTS[0]]
    assert rows == [[PARTS[0]]]
    assert (cell.reason, cell.published, cell.source, cell.inner) == (
        reason,
        published,
        source,
        False,
    )
    assert np.isnan(cell.value)


def test_without_its_smallest_part_a_value_is_refused():
    bare = {k: v for k, v in line().items() if k != "smallest_part"}
    with pytest.raises(DisclosureError, match=r"'t': row 1 is made of several counts and has no"):
        linked(bare | {"status": "missing"}, bare)


def test_a_value_is_shown_for_all_places_of_a_level_and_period_or_for_none():
    """Its own part first, then those of the other places."""
    zone = line(territory="Z1", level="zone")
    other = line("recapture"), line("rate"), line(territory="C", period="2021")
    _, rows = linked(line(), line(territory="B"), zone, *other)
    assert rows[0] == [PARTS[0], PARTS[1]]
    assert rows[1] == [PARTS[1], PARTS[0]]
    assert rows[2] == [Key("parts of severity", "Z1", "2022")]
    assert rows[3] == [PARTS[2]]
    assert rows[4] == []
    assert rows[5] == [Key("parts of severity", "C", "2021")]


def test_an_index_depends_on_the_counts_of_phenomena_that_other_tables_show():
    cells = Cells()
    own = Key("theft (fact)", "A", "2022", (("phenomenon", "theft"),))
    beside = [
        own._replace(measure="theft (pv)"),
        own._replace(period="2021"),
        own._replace(territory="B"),
        own._replace(breakdowns=()),
        own._replace(breakdowns=(("phenomenon", "theft"), ("place", "home"))),
        own._replace(breakdowns=(("form", "sexual"),)),
        own._replace(measure="theft (fact)/rest area"),
    ]
    for key in (own, *beside):
        cells.find_or_add(key, 5, RULE)
    _, rows = linked(line(), line("recapture"), line("lower_bound"), cells=cells)
    assert rows[0] == [PARTS[0], own]
    assert rows[1] == [PARTS[2]]  # lists of persons are no counts of phenomena
    assert rows[2] == [Key("parts of lower_bound", "A", "2022")]


def test_tables_of_other_rows_are_left_alone():
    assert linked(line("rate"))[1] == [[]]
    assert linked(line(smallest_part=4), base="2021")[1] == [[]]
    cells = Cells()
    frames = {"t": pd.DataFrame([line("rate")]), "u": pd.DataFrame([line()])}
    cells.rows = {n: [(Key(n, "", ""),)] for n in frames}
    link_composites(frames, cells, definitions=KINDS, rules=RULES)
    assert cells.rows["u"] == [(Key("u", "", ""), PARTS[0])]


# --- products ----------------------------------------------------------------------------


def product(*, hidden=(), factors=("v", "r"), weight=100.0, base=False):
    cells, question = Cells(), Question("q", made_of=("v", "r"))
    whole = definition("u", "survey", question=question)
    own = Key("survey u", "A", "2022")
    cells.find_or_add(own, NAN, RULE).reason = "unreliable" if "u" in hidden else ""
    for name in factors:
        answered = Key(f"answers summed of {name}", "A", "2022")
        cells.find_or_add(answered, 9, RULE).reason = "unreliable" if name in hidden else ""
        estimate = Estimate(name, Question(name), answered, answered, (), weight)
        cells.estimates[own._replace(measure=f"survey {name}")] = estimate
    cells.rows["t"] = [(own,), (Key("survey v", "A", "2022"),)]
    frame = pd.DataFrame({"indicator": ["u", "v"]}).assign(**({"base": "2021"} if base else {}))
    link_products({"t": frame}, cells, definitions={"u": whole, "v": definition("v", "survey")})
    shown = {n: cells.of_key[Key(f"answers summed of {n}", "A", "2022")] for n in factors}
    return [k.measure for k in cells.rows["t"][0][1:]], shown


ANSWERS = ["answers summed of v", "answers summed of r"]


def test_a_product_is_shown_only_with_its_factors():
    assert product()[0] == ANSWERS
    assert product(factors=("r",))[0] == ANSWERS[1:]
    assert product(factors=())[0] == []
    assert product(base=True)[0] == []


@pytest.mark.parametrize(
    ("hidden", "reasons"),
    [
        ("", ["", ""]),
        ("u", ["", "would give a withheld product away"]),
        ("uv", ["unreliable", ""]),
        ("ur", ["", "unreliable"]),
        ("v", ["unreliable", ""]),
    ],
)
def test_the_last_factor_of_a_withheld_product_goes_if_no_other_does(hidden, reasons):
    assert [c.reason for c in product(hidden=hidden)[1].values()] == reasons


@pytest.mark.parametrize(("weight", "doubt"), [(100.0, 5.0), (20.0, 1.0), (10.0, 1.0)])
def test_such_a_factor_stays_open_by_five_points_or_by_one(weight, doubt):
    assert product(hidden="u", weight=weight)[1]["r"].doubt == pytest.approx(doubt)


# --- respondents -------------------------------------------------------------------------

ROW = {"n": 60, "value": 0.4, "unit": "respondent", "denominator": None, "scale": "share"}
KEY = Key("survey asked (respondent)", "A", "2022")
ASKED = replace(definition("asked", "survey"), question=Question("q"))


def respondents(*, reason="", cells=None, share=True, own=ASKED, marks=(), **row):
    cells, key = cells or Cells(), KEY._replace(breakdowns=marks)
    cells.find_or_add(key, NAN, RULE).reason = reason
    return cells, add_respondents(cells, key, ROW | row, RULE, own, share=share)


@pytest.mark.parametrize(
    ("row", "base", "answered"),
    [
        ({}, 60, 24),
        ({"denominator": 1000.0}, 60, 400),  # weighted
        ({"denominator": 0.0}, 60, 24),
        ({"value": 0.0}, 60, 0),
        ({"value": 1.0}, 60, 60),
        ({"n": 1}, 1, 0.4),
        ({"value": 300.0, "scale": "estimate", "share": False}, 60, 300),
        ({"value": 2.5, "scale": "mean", "share": False}, 60, 150),
    ],
)
def test_a_row_shows_who_was_asked_and_who_answered(row, base, answered):
    cells, (first, second) = respondents(**row)
    assert first == Key("base of asked (respondent)", "A", "2022")
    assert (cells.of_key[first].value, cells.of_key[second].value) == (base, answered)
    assert (cells.of_key[first].published, cells.of_key[second].published) == (True, True)
    assert (cells.of_key[first].judged, cells.of_key[second].judged) == (True, False)
    rule = cells.of_key[first].rule
    assert (rule.threshold, rule.cover, rule.protect_zeros, rule.successive) == (20, 20, False, 0)
    weight = row.get("denominator") or 60 if row.get("n") != 1 else 1
    assert cells.estimates[KEY].weight == weight


@pytest.mark.parametrize(
    "row", [{"n": None}, {"n": 0}, {"value": -0.1}, {"value": 1.01}, {"value": None}]
)
def test_a_row_that_tells_nothing_of_respondents_has_none(row):
    cells, found = respondents(**row)
    assert found == ()
    assert list(cells.of_key) == [KEY]
    assert respondents(value=1.01, scale="mean", share=False)[1] != ()


@pytest.mark.parametrize(
    ("row", "doubt"),
    [
        ({}, 3.0),  # five points of 60
        ({"value": None}, 3.0),
        ({"n": 10}, 1.0),
        ({"denominator": 1000.0}, 50.0),
        ({"value": 5.0, "scale": "mean", "share": False}, 15.0),  # of the 300 that they sum to
        ({"value": None, "scale": "mean", "share": False}, 3.0),
    ],
)
def test_an_unreliable_value_stays_open_by_five_points_or_by_one(row, doubt):
    cells, (_, answered) = respondents(reason="unreliable", **row)
    cell = cells.of_key[answered]
    assert (cell.reason, cell.published) == ("unreliable", True)
    assert cell.doubt == pytest.approx(doubt)


def test_a_small_base_is_withheld_with_what_it_answered():
    few = "fewer than 20 respondents"
    cells, (base, answered) = respondents(reason=few, n=9)
    assert (cells.of_key[base].reason, cells.of_key[base].published) == (few, True)
    assert (cells.of_key[answered].reason, cells.of_key[answered].published) == ("", False)
    assert cells.of_key[answered].doubt == 0


def test_answers_of_one_question_have_the_lesser_of_two_bases():
    """Some left one answer blank: who gave it is one of those asked."""
    for first, then in ((60, 50), (50, 60)):
        cells, (base, _) = respondents(n=first, marks=(("answer", "yes"),))
        again = respondents(cells=cells, n=then, marks=(("answer", "no"),))[1]
        assert again[0] == base
        assert cells.of_key[base].value == 50


def test_a_unit_told_by_no_row_is_that_of_the_indicator():
    own = replace(ASKED, unit="household")
    assert respondents(own=own, unit=None)[1][0].measure == "base of asked (household)"
    assert respondents(own=own, unit="business")[1][0].measure == "base of asked (business)"
