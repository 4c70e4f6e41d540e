"""What a reader can know of respondents, by hand: bases, answers, weights, items, domains, products.

Tables of a few rows of the small town; every interval is worked out beside its case.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from obs.disclosure.audit.survey_rows import survey_verdicts
from tests.disclosure.small_town import make_town

TOWN = make_town()
UNSURE = {"value": None, "status": "unreliable"}


class Shown(dict):
    """Tables as a release shows them."""

    @property
    def names(self):
        return tuple(self)


def asked(name="q", **given):
    parts = ("within", "any_item", "made_of", "answers", "shares")
    question = {"within": ["answer"], "any_item": "", "made_of": [], "answers": [], "shares": {}}
    question |= {"name": name} | {k: given.pop(k) for k in parts if k in given}
    return {"kind": "survey", "min_base": 20, "question": question} | given


def row(place="A", value=None, n=None, *, status="ok", indicator="i", weight=None, **given):
    made = {"indicator": indicator, "territory": place, "period": "2022", "value": value, "n": n}
    made |= {"denominator": weight, "status": status, "unit": "respondent", "scale": "share"}
    return made | given


# seven decimals: every value of the table is exact
EXACT = row(value=0.1234567, n=1000, indicator="exact", scale="estimate")


def judged(*rows, loosened=(), exact=True, quality=0.05, **indicators):
    frame = pd.DataFrame([*rows, *([EXACT] if exact else [])])
    shown = Shown(t=SimpleNamespace(table=frame))
    shown.territory = TOWN
    shown.structure = {
        "indicators": {"i": asked(), "exact": asked("exact")} | indicators,
        "quality_doubt": quality,
        "loosened": loosened,
    }
    return survey_verdicts(shown)


def found(*rows, **options):
    return [(v["low"], v["high"], v["safe"]) for v in judged(*rows, **options)]


def small(place="A", **given):
    """Make a row that is withheld with its base."""
    return row(place, status="suppressed_primary", **given)


# --- the verdict -------------------------------------------------------------------------


def test_nothing_withheld_nothing_to_judge():
    assert judged(row(value=0.5, n=40)) == []


def test_a_verdict_names_its_row():
    (verdict,) = judged(small(sector="trade", size=None))
    assert verdict == {
        "table": "t",
        "indicator": "i",
        "territory": "A",
        "period": "2022",
        "breakdowns": "sector=trade",
        "status": "suppressed_primary",
        "low": 1,
        "high": np.inf,
        "safe": True,
        "guessed": False,
    }


def test_a_base_of_the_least_is_safe_and_one_less_is_not():
    """60 in the zone and 41 in B leave 19 in A; of 61 they leave 20, then what answered counts."""
    beside = row("B", n=41, **UNSURE)
    assert found(row("Z1", 0.5, 60), small(), beside) == [(19, 19, False), (0, 30, True)]
    assert found(row("Z1", 0.5, 61), small(), beside) == [(0, 30, True), (0, 30, True)]  # of 30.5
    known = row("B", 0.5, 41)
    assert found(row("Z1", 0.5, 61), small(), known) == [(10, 10, False)]  # 30.5 less 20.5


@pytest.mark.parametrize(
    ("zone", "status", "expected"),
    [
        (20, "suppressed_primary", (1, 19, False)),
        (21, "suppressed_primary", (1, 20, True)),
        (20, "suppressed_secondary", (1, 19, True)),  # withheld for others: any two will do
        (2, "suppressed_secondary", (1, 1, False)),
    ],
)
def test_two_bases_of_a_zone(zone, status, expected):
    beside = row("B", status="suppressed_secondary")
    assert found(row("Z1", 0.5, zone), row("A", status=status), beside)[0] == expected


def test_a_base_of_two_values_is_not_taken_for_known():
    """A has 20 in one sector at least, and B one respondent at least: 20 or 21 of 22."""
    rows = row("Z1", 0.5, 22), row("A", 0.5, 20, sector="trade"), small(), small("B")
    assert found(*rows, loosened=more("sector all", "A"))[0] == (20, 21, True)


@pytest.mark.parametrize(
    ("any_item", "n", "status", "expected"),
    [
        (0.05, 200, "unreliable", (0, 10, True)),  # five points of 200
        (0.0499, 200, "unreliable", (0, 9, False)),
        (0.05, 20, "unreliable", (0, 1, True)),  # one respondent where five points are less
        (0.049, 20, "unreliable", (0, 0, False)),
        (0.05, 10, "unreliable", (0, 0, False)),
        (0.005, 200, "suppressed_secondary", (0, 1, True)),
        (0.0049, 200, "suppressed_secondary", (0, 0, False)),
        (0.05, 200, "suppressed_primary", (0, 10, True)),
        (0.0499, 200, "suppressed_primary", (0, 9, False)),
    ],
)
def test_a_value_must_stay_open_by_five_points_or_by_one(any_item, n, status, expected):
    about = asked(within=["answer", "offence"], any_item="offence", answers=["yes", "no"])
    about["question"]["shares"] = {"rate": ["yes"]}
    rows = row(value=any_item, n=n, offence="all"), row(n=n, status=status, offence="theft")
    assert found(*rows, i=about) == [expected]


# --- what a row shows --------------------------------------------------------------------


def test_answers_are_weighted_and_bases_are_not():
    """1,000 x 0.14 less 100 x 0.5 are 90 of the 900 that 50 interviews stand for."""
    rows = [
        row(value=0.14, n=100, weight=1000.0),
        row(value=0.5, n=50, weight=100.0, sector="care"),
        row(n=50, weight=900.0, sector="trade", **UNSURE),
    ]
    assert found(*rows) == [(90, 90, False)]


def test_an_estimate_is_a_number_already():
    rows = [
        row(value=2400.0, n=100, scale="estimate"),
        row(value=2000.0, n=20, sector="care", scale="estimate"),
        row(n=80, sector="trade", scale="estimate", **UNSURE),
    ]
    assert found(*rows) == [(400, 400, False)]


def test_the_last_digit_leaves_a_doubt():
    """0.52 of 100 and 0.31 of 60 are 51.5 to 52.5 and 18.3 to 18.9: 32.6 to 34.2 of 40 are left."""
    rows = row("Z1", 0.52, 100), row("B", 0.31, 60), row("A", n=40, **UNSURE)
    assert found(*rows, exact=False) == [(33, 34, False)]
    assert found(*rows, exact=False, quality=0.04) == [(33, 34, True)]  # 1.6 of 40


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(0.520001, 7_900_005, 7_900_035), (0.5200011, 7_900_022, 7_900_022)],
)
def test_a_value_of_seven_decimals_is_exact_and_one_of_six_is_not(value, low, high):
    """Of 20 millions: half a millionth is 10, and 5 of the other 10 millions."""
    rows = row("Z1", value, 80, weight=2e7), row("B", 0.25, 40, weight=1e7)
    made = found(*rows, row("A", n=40, weight=1e7, **UNSURE), exact=False)
    assert made == [(low, high, made[0][2])]


def test_what_is_missing_or_no_survey_is_no_row():
    rows = [
        row(value=0.5, n=60, place="Z1"),
        row("B", 0.5, 40, status="missing"),
        row("B", 0.5, 40, status="not_applicable"),
        small(),
    ]
    assert found(*rows) == [(30, 30, False)]  # the half of 60: A is all of the zone that is shown
    assert found(*(r | {"unit": "fact"} for r in rows), i=asked(kind="rate")) == []
    assert found(*rows, i=asked(kind="amount")) == []
    assert len(found(*rows, i=asked(kind="rate"))) == 1


def test_changes_and_tables_without_values_are_passed_over():
    shown = Shown(
        t=SimpleNamespace(table=pd.DataFrame([row("Z1", 0.5, 60), row("B", n=41, **UNSURE)])),
        d=SimpleNamespace(table=pd.DataFrame([{"indicator": "i", "base": "2021", "change": 0.1}])),
    )
    shown.territory = TOWN
    shown.structure = {"indicators": {"i": asked()}, "quality_doubt": 0.05, "loosened": ()}
    assert [v["territory"] for v in survey_verdicts(shown)] == ["B"]


# --- answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((0.7, 0.3), (15, 15, False)),  # 0.3 of 50
        ((0.7, 0.291), (15, 15, False)),
        ((0.7, 0.288), (0, 50, True)),  # not as nearly one
        ((0.7, 0.2), (0, 50, True)),
        ((1.0,), (0, 50, True)),  # one answer shares out nothing
    ],
)
def test_answers_share_out_their_base_where_they_are_seen_to(others, expected):
    elsewhere = [row("C", v, 90, answer=a) for v, a in zip(others, ("yes", "no"), strict=False)]
    there = row("A", 0.7, 50, answer="yes"), row("A", n=50, answer="no", **UNSURE)
    assert found(*elsewhere, *there) == [expected]


def test_answers_that_share_out_one_base_and_not_another_do_not():
    elsewhere = [
        row(p, v, 90, answer=a)
        for p, a, v in (("C", "yes", 0.7), ("C", "no", 0.3), ("D", "yes", 0.7), ("D", "no", 0.2))
    ]
    there = row("A", 0.7, 50, answer="yes"), row("A", n=50, answer="no", **UNSURE)
    assert found(*elsewhere, *there) == [(0, 50, True)]


REPORTED = {"reported": ["always", "sometimes"], "always": ["always"], "never": ["never"]}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"reported": 0.8}, (0, 80, True)),
        ({"never": 0.2}, (0, 80, True)),
        ({"reported": 0.8, "sometimes": 0.3}, (50, 50, False)),
        ({"never": 0.2, "sometimes": 0.3}, (50, 50, False)),
        ({"sometimes": 0.3}, (0, 70, True)),
    ],
)
def test_declared_answers_share_out_a_base(shown, expected):
    about = asked(answers=["always", "sometimes", "never"], shares=REPORTED)
    rows = [row(value=v, n=100, answer=code) for code, v in shown.items()]
    assert found(*rows, row(n=100, answer="always", **UNSURE), i=about) == [expected]


# --- items -------------------------------------------------------------------------------

ITEMS = asked(within=["answer", "offence"], any_item="offence", answers=["yes", "no"])
ITEMS["question"]["shares"] = {"rate": ["yes"]}


def test_who_was_asked_of_any_item_was_asked_of_each():
    """The base of the item is not told: it is that of any, 200, and at most ten answered so."""
    rows = row(value=0.05, n=200, offence="all"), small(offence="theft")
    assert found(*rows, i=ITEMS) == [(0, 10, True)]
    assert found(rows[1], i=ITEMS) == [(1, np.inf, True)]
    own = row(value=0.05, n=200, offence="all"), small(offence="theft", n=30)
    assert found(*own, i=ITEMS) == [(0, 10, True)]


def test_an_item_above_any_does_not_undo_what_is_known_of_others():
    rows = row(value=0.05, n=200, offence="all"), row(value=0.2, n=200, offence="fraud")
    assert found(*rows, row(n=200, offence="theft", **UNSURE), i=ITEMS) == [(0, 10, True)]


def test_an_item_without_a_row_of_any_is_at_most_its_base():
    assert found(row(n=200, offence="theft", **UNSURE), i=ITEMS) == [(0, 200, True)]


def test_items_do_not_add_up():
    about = asked(within=["answer", "offence"])
    rows = row(value=0.5, n=200, offence="all"), row(value=0.3, n=200, offence="fraud")
    assert found(*rows, row(n=200, offence="theft", **UNSURE), i=about) == [(0, 200, True)]


# --- domains -----------------------------------------------------------------------------


def more(kind, place="Z1", how="more", measure="base of i (respondent)"):
    return [[kind, measure, place, "2022", [], how]]


def test_a_base_that_leaves_some_over_is_no_sum():
    """Of 60 in the zone 30 are in B and some in no commune: one to 30 in A."""
    rows = row("Z1", 0.5, 60), row("B", 0.5, 30), small()
    assert found(*rows, loosened=more("area")) == [(1, 30, True)]
    for other in (more("sector all"), more("area", "Z2"), more("area", measure="answers of i")):
        assert found(*rows, loosened=other) == [(15, 15, False)]
    assert found(*rows, loosened=more("area", how="near, more")) == [(15, 15, False)]


def test_respondents_left_over_may_have_answered_anything():
    """60 less 30 and 20 are ten of whom nothing is shown: 5 to 15 of the 20 of A."""
    rows = row("Z1", 0.5, 60), row("B", 0.5, 30), row("A", n=20, **UNSURE)
    assert found(*rows, loosened=more("area")) == [(5, 15, True)]


def test_of_bases_that_are_not_known_nothing_is_left_to_know():
    rows = row("Z1", 0.5, 60), row("B", 0.5, 30), row("A", status="unreliable")
    assert found(*rows, loosened=more("area")) == [(0, 15, True)]  # 30 less 15, at most


def test_a_sum_shown_that_is_off_by_one_widens_itself_alone():
    """A and B give 29 and their zone 30; C is what D leaves of its own zone, 40 less 20."""
    off = row("Z1", 0.5, 60), row("A", 0.56, 25), row("B", 15 / 35, 35)
    rows = row("Z2", 0.4, 100), row("D", 0.5, 40), row("C", n=60, **UNSURE)
    assert found(*off, *rows) == [(20, 20, False)]


@pytest.mark.parametrize(
    ("excess", "expected"),
    [
        (1.5, (0, 0, False)),  # off by 2 at most: a half is left
        (1.6, (0, 0, False)),
        (30, (0, 2, False)),  # by 32
        (40, (0, 100, True)),  # by more than is believed: the sum is left aside
    ],
)
def test_sums_that_contradict_each_other_are_doubted_a_half_one_two_four(excess, expected):
    """The other commune has more than the zone: as far as that, sums of weighted answers are off."""
    rows = row("Z1", 0.4, 250), row("B", (100 + excess) / 150, 150), row("A", n=100, **UNSURE)
    assert found(*rows) == [expected]


ELSEWHERE = row("Z2", 0.4, 100), row("D", 0.5, 40), row("C", n=60, **UNSURE)  # 40 less 20 of 60


@pytest.mark.parametrize(
    "shown",
    [
        [row("Z1", 0.5, 60), row("A", 0.5, 30), row("B", 0.5, 25)],  # five of no commune
        [row("Z1", 0.5, 60), row("A", 0.5, 40), row("B", 0.5, 41)],
        [row(value=v, n=60, indicator="j", answer=f"{v}") for v in (0.7, 0.291)],  # 0.9 % gave none
    ],
)
def test_figures_shown_that_break_a_rule_leave_the_others_known(shown):
    """The audit once took a contradiction anywhere for no knowledge anywhere: all was safe."""
    assert found(*shown, *ELSEWHERE, j=asked("r")) == [(20, 20, False)]


def test_bases_of_which_some_are_in_two_parts_are_at_least_their_whole():
    """60 in the zone and 45 in B: 15 in A, or more of them; 30 less 20 of them, or more."""
    rows = row("Z1", 0.5, 60), row("B", 20 / 45, 45), small()
    assert found(*rows) == [(15, 15, False)]
    assert found(*rows, loosened=more("area", how="less")) == [(15, np.inf, True)]
    assert found(*rows, loosened=more("area", how="unknown")) == [(1, np.inf, True)]
    unsure = *rows[:2], row("A", n=18, **UNSURE)
    assert found(*unsure, loosened=more("area", how="less")) == [(10, 13, True)]  # 3 in both


def test_a_rule_that_a_withheld_base_cannot_obey_tells_nothing_of_it():
    assert found(row("Z1", 0.5, 60), row("B", 0.5, 62), small()) == [(1, np.inf, True)]


def test_where_two_rules_contradict_each_other_nothing_is_safe():
    """A has the ten that B leaves of its zone, and fifteen in its only sector."""
    rows = row("Z1", 0.5, 60), row("B", 0.5, 50), small(), row("A", 0.5, 15, sector="care")
    assert found(*rows, *ELSEWHERE) == [(0, np.inf, False), (20, 20, False)]


def test_parts_are_of_the_same_time_and_differ_in_one_mark():
    whole = row(value=0.5, n=100)
    for part in (
        row(value=0.5, n=60, sector="care", period="2021"),
        row(value=0.5, n=60, sector="care", size="big"),
        row("B", 0.5, 60, sector="care"),
    ):
        assert found(whole, part, small(sector="trade")) == [(50, 50, False)]  # alone
    assert found(whole, row(value=0.5, n=60, sector="care"), small(sector="trade")) == [
        (20, 20, False)  # 50 less 30, of 40
    ]
    sized = row(value=0.5, n=100, size="big"), row(value=0.5, n=60, size="big", sector="care")
    assert found(*sized, small(size="big", sector="trade")) == [(20, 20, False)]


# --- who was asked -----------------------------------------------------------------------


def test_indicators_of_one_question_have_one_base_unless_bases_differ():
    own = {"i": asked("q"), "j": asked("q")}
    there = small(), row(value=0.5, n=15, indicator="j")
    alike = row("C", 0.5, 50), row("C", 0.5, 50, indicator="j")
    assert found(*there, *alike, **own) == [(15, 15, False)]
    unlike = row("C", 0.5, 50), row("C", 0.5, 40, indicator="j")
    assert found(*there, *unlike, **own) == [(1, np.inf, True)]
    weighed = row("C", 0.5, 50), row("C", 0.5, 50, indicator="j", weight=70.0)
    assert found(*there, *weighed, **own) == [(1, np.inf, True)]
    assert found(*there, *alike, i=asked("q"), j=asked("r")) == [(1, np.inf, True)]


# --- products ----------------------------------------------------------------------------


def product(u, v, r, *, place="A"):
    """Give the three rows of a product u of v and r; None where one is in no table."""
    own = {"u": asked("u", made_of=["v", "r"]), "v": asked("v"), "r": asked("r")}
    given = {"u": u, "v": v, "r": r}
    rows = [
        row(p, indicator=i, n=200, **(UNSURE if value == "?" else {"value": value}))
        for (i, value), p in zip(given.items(), (place, "A", "A"), strict=True)
        if value is not None
    ]
    return [safe for *_, safe in found(*rows, **own)]


def test_who_knows_all_of_a_product_but_one_knows_that_one():
    assert product("?", 0.2, 0.6) == [False]
    assert product(0.12, "?", 0.6) == [False]
    assert product(0.12, 0.2, "?") == [False]
    assert product("?", "?", 0.6) == [True, True]
    assert product(0.12, "?", "?") == [True, True]
    assert product("?", 0.2, 0.6, place="B") == [True]
    assert product("?", None, None) == [True]


def test_a_factor_in_no_table_may_be_known_from_elsewhere():
    assert product("?", 0.2, None) == [False]
