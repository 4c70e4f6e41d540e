"""What each rule asks for, and the cell that stands just on either side of it."""

import numpy as np
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.sensitive.dominance import (
    Contributions,
    judge_contributions,
    judge_sum,
    protection_level,
)
from obs.disclosure.sensitive.primary import mark_primary
from obs.disclosure.sensitive.rules import RULES, get_rule, rule_of, strictest
from obs.disclosure.sensitive.successive_years import judge_series
from obs.errors import DisclosureError


@pytest.mark.parametrize(
    ("name", "threshold", "cover", "zeros", "floor"),
    [
        ("default", 5, 10, False, 1),
        ("sensitive", 10, 20, False, 1),
        ("group", 5, 10, True, 0),
        ("business", 3, 6, False, 1),
        ("successive", 5, 10, False, 0),
    ],
)
def test_the_rules_are_those_of_the_page_on_disclosure(name, threshold, cover, zeros, floor):
    rule = get_rule(name)
    assert (rule.threshold, rule.cover, rule.protect_zeros) == (threshold, cover, zeros)
    assert (rule.floor, rule.min_base) == (floor, 20)
    assert rule.judges_contributors == (name == "business")


def test_the_rule_of_businesses_and_of_successive_years():
    rule = RULES["business"]
    assert (rule.min_contributors, rule.dominance) == (3, (1, 0.85))
    assert (rule.p_percent, rule.margin) == (0.10, 0.10)
    assert RULES["successive"].successive == 3
    assert {r.successive for n, r in RULES.items() if n != "successive"} == {0}


def test_an_unknown_rule_is_refused():
    with pytest.raises(
        DisclosureError, match="Unknown disclosure rule 'lax'. Rules: business, def"
    ):
        get_rule("lax")
    with pytest.raises(DisclosureError, match="Unknown disclosure rule 'lax'"):
        strictest(["default", "lax"])


def test_rules_together_are_as_strict_as_each():
    every = strictest(RULES)
    assert (every.name, every.threshold, every.cover) == ("sensitive", 10, 20)
    assert (every.protect_zeros, every.min_contributors, every.successive) == (True, 3, 3)
    assert (every.dominance, every.p_percent, every.margin) == ((1, 0.85), 0.10, 0.10)
    assert strictest(["default", "group"]).name == "group"
    assert strictest(["group", "default"]).protect_zeros


@pytest.mark.parametrize(
    ("marks", "threshold"),
    [
        ([("form", "sexual")], 10),
        ([("form", "physical")], 5),
        ([("form", "sexual|physical")], 5),  # not all of it is sexual
        ([("victim_age_band", "minor")], 10),
        ([("victim_age_band", "0-11|12-17")], 10),
        ([("suspect_age_band", "12-17")], 10),
        ([("victim_age_band", "18-24")], 5),
        ([("relation", "couple"), ("form", "sexual")], 10),
        ([("phenomenon", "indecent_assault")], 10),
        ([("phenomenon", "rape|indecent_assault")], 10),
        ([], 5),
    ],
)
def test_categories_that_call_for_the_stricter_rule(marks, threshold):
    assert rule_of(tuple(marks), get_rule("default")).threshold == threshold


# --- cells -------------------------------------------------------------------------------


def marked(value, rule="default", measure="theft (fact)", **changes):
    cells = Cells()
    cell = cells.find_or_add(Key(measure, "A", "2022"), float(value), get_rule(rule))
    cell.published = True
    for name, given in changes.items():
        setattr(cell, name, given)
    mark_primary(cells)
    return cell.reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0, ""),
        (1, "count below 5"),
        (4, "count below 5"),
        (5, ""),
        (np.nan, ""),
    ],
)
def test_a_count_below_the_threshold_is_sensitive(value, reason):
    assert marked(value) == reason


def test_zeros_are_sensitive_where_they_are_information():
    assert marked(0, "group") == "zero is information here"
    assert marked(0, "group", published=False) == "all in the other categories"
    assert marked(4, published=False) == "remainder count below 5"
    assert marked(9, "sensitive") == "count below 10"
    assert marked(10, "sensitive") == ""


def test_what_is_not_judged_by_its_size():
    assert marked(3, judged=False) == ""
    assert marked(3, inner=False) == ""
    assert marked(3, measure="theft (fact)/rest area") == ""
    assert marked(3, measure="theft (fact)/rest form all") == "count below 5"
    assert marked(50, reason="unreliable") == "unreliable"


def test_what_the_source_withholds_is_sensitive_whatever_it_is():
    assert marked(np.nan, source=True) == "withheld by the source"
    assert marked(50, source=True) == "withheld by the source"


def test_a_figure_published_before_is_not_shown_again_if_small():
    known = {"edition": "2021", "before": 3.0}
    assert marked(3, **known) == "count below 5, known since 2021"
    assert marked(3, published=False, **known) == ""
    assert marked(0, "group", **(known | {"before": 0.0})) == ""
    assert marked(5, **(known | {"before": 5.0})) == ""
    assert marked(4, **known) == "count below 5"  # revised since: today's is not known
    assert marked(3, source=True, **known) == "count below 5, known since 2021"


def series(*values, period="{}", rule="successive"):
    cells = Cells()
    for year, value in values:
        key = Key("theft (fact)", "A", period.format(year))
        cells.find_or_add(key, float(value), get_rule(rule)).published = True
    mark_primary(cells)
    return [cell.series for cell in cells.of_key.values()]


def test_a_year_is_shown_if_it_and_the_two_before_hold():
    assert series((2020, 9), (2021, 9), (2022, 9)) == [False] * 3
    assert series((2020, 9), (2021, 9), (2022, 5)) == [False] * 3
    assert series((2020, 9), (2021, 9), (2022, 9), (2023, 4)) == [False, False, False, True]
    assert series((2020, 0), (2021, 0), (2022, 0)) == [False] * 3
    assert series((2020, 0), (2021, 0), (2022, 9)) == [True] * 3
    assert series((2019, 9), (2020, 9), (2022, 9)) == [True] * 3  # a year lacks
    assert series((2020, 9), (2021, 9)) == [True, True]
    assert series((2020, 1), (2021, 1), rule="default") == [False, False]


def test_months_have_no_successive_years():
    with pytest.raises(DisclosureError, match="'successive' judges successive years, and theft"):
        series((2020, 9), period="{}-01")


@pytest.mark.parametrize(
    ("counts", "options"), [([1, 2], {}), ([[1, 2]], {"years": 0}), ([[1, 2]], {"threshold": 0})]
)
def test_a_series_is_judged_as_a_table(counts, options):
    with pytest.raises(DisclosureError, match="series are judged as a table"):
        judge_series(counts, **({"threshold": 5, "years": 2} | options))


# --- sums of amounts ---------------------------------------------------------------------

BUSINESS = get_rule("business")
NO_P = RULES["default"]


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ([0, 0], ""),
        ([50, 50], "fewer than 3 contributors"),
        ([50, 50, 0], "fewer than 3 contributors"),
        ([50, 40, 30], ""),
        ([85, 8, 7], "the largest contributor can be estimated within 10%"),
        ([86, 7, 7], "one contributor dominates"),
        ([80, 12, 8], ""),  # 8 is all of a tenth of 80: not below it
        ([80, 12, 7], "the largest contributor can be estimated within 10%"),
    ],
)
def test_sums_that_give_a_contributor_away(amounts, reason):
    assert judge_sum(amounts, rule=BUSINESS) == reason


def test_amounts_that_cannot_be_ranked_are_refused():
    for bad in ([1, np.nan, 3], [1, -1, 3]):
        with pytest.raises(DisclosureError, match="must be known and not negative"):
            judge_sum(bad, rule=BUSINESS)


def test_how_far_a_withheld_sum_must_move():
    """86, 7 and 7: the margin asks for 10, the dominance for 86 / 0.85 - 100, p for 8.6 - 7."""
    assert protection_level(Contributions(100.0, 3, (86.0, 7.0, 7.0)), rule=BUSINESS) == 10.0
    small = Contributions(2.0, 3, (0.7, 0.7, 0.6))
    assert protection_level(small, rule=BUSINESS) == 1.0
    huge = Contributions(100.0, 3, (99.0, 0.5, 0.5))
    assert protection_level(huge, rule=BUSINESS) == pytest.approx(99 / 0.85 - 100)
    assert judge_contributions(Contributions(100.0, 1, (100.0,)), rule=NO_P) == ""


def test_two_figures_of_one_count_are_refused():
    cells, key = Cells(), Key("theft (fact)", "A", "2022", (("form", "sexual"),))
    cell = cells.find_or_add(key, float("nan"), get_rule("default"))
    assert cell.rule.threshold == 10  # of its category
    assert cells.find_or_add(key, 7.0, get_rule("business")) is cell
    assert cell.value == 7.0
    cells.find_or_add(key, float("nan"), get_rule("default"))
    cells.find_or_add(key, 7.0, get_rule("default"))
    assert cell.value == 7.0
    words = "different counts for theft .fact. of A in 2022 form=sexual"
    with pytest.raises(DisclosureError, match=words):
        cells.find_or_add(key, 8.0, get_rule("default"))


def test_a_cell_takes_the_stricter_of_two_rules():
    cells, key = Cells(), Key("theft (fact)", "A", "2022")
    for first, second in (("business", "default"), ("default", "business")):
        cells.of_key.clear()
        cells.find_or_add(key, 7.0, get_rule(first))
        assert cells.find_or_add(key, 7.0, get_rule(second)).rule.threshold == 5
