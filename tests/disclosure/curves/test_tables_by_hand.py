"""What a curve shows of a cohort, row by row, and what earlier editions showed of it: by hand."""

import pandas as pd
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.indicator_terms import load_definitions
from obs.disclosure.curves.curve_tables import Curves, split_entries
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import DisclosureError
from obs.indicators import case_incidence
from tests.disclosure.followed_cases import PLAIN, cases_of

RULES = {"vif_cases": get_rule("default")}
DEFINITIONS = load_definitions(["vif_cases"])


@pytest.fixture(scope="module")
def frame():
    """350 cases of 2021 after 90, 180 and 365 days."""
    return case_incidence(
        cases_of(PLAIN), indicator="vif_cases", years=(2021,), days=(90, 180, 365)
    )


def curves_of(frame, *, rules=RULES, before=None):
    nothing = pd.DataFrame(columns=["indicator", "territory", "period", "decision", "within"])
    return Curves({"c": frame}, rules, nothing if before is None else before)


def protected(frame, *, shown=True, before=None):
    curves, cells = curves_of(frame, before=before), Cells()
    curves.add_sizes(cells, definitions=DEFINITIONS, rules=RULES)
    return curves.protect(dict.fromkeys(cells.of_key, shown))["c"]


def test_the_size_of_a_cohort_is_a_cell(frame):
    cells = Cells()
    curves_of(frame).add_sizes(cells, definitions=DEFINITIONS, rules=RULES)
    ((key, cell),) = cells.of_key.items()
    assert (key.territory, key.period, cell.value, cell.published) == ("04000", "2021", 350, True)
    few = Cells()
    left = frame.assign(at_risk=19).astype(frame.dtypes.to_dict())
    curves_of(left).add_sizes(few, definitions=DEFINITIONS, rules=RULES)
    assert few.of_key == {}


NUMBERS = ["numerator", "value", "low", "high", "n", "censored"]


def test_a_cohort_that_is_shown_keeps_its_rows(frame):
    table, actions = protected(frame)
    assert table[NUMBERS].notna().all(axis=None)
    assert table["denominator"].eq(350).all()
    assert set(table["status"]) == {"ok"}
    assert actions.empty
    assert "at_risk" not in table


def test_a_cohort_whose_size_is_withheld_is_withheld_whole(frame):
    table, actions = protected(frame, shown=False)
    assert table[[*NUMBERS, "denominator"]].isna().all(axis=None)
    assert set(table["status"]) == {"suppressed_primary"}
    assert set(actions["reason"]) == {"the cohort is withheld, or too small for shares"}
    assert set(actions["rule"]) == {"curve"}
    assert len(actions) == len(frame)


def test_states_and_horizons_are_withheld_with_their_reason(frame):
    """At 365 days 19 are followed: nothing is shown of that day, and all else of the others."""
    late = (frame["within"] == "365").to_numpy()
    few = frame.assign(at_risk=frame["at_risk"].mask(late, 19)).astype(frame.dtypes.to_dict())
    table, actions = protected(few)
    assert table.loc[late, NUMBERS].isna().all(axis=None)
    assert table.loc[~late, NUMBERS].notna().all(axis=None)
    assert table["denominator"].eq(350).all()
    assert set(actions["reason"].str[:25]) == {"too few are followed so f"}
    before = pd.DataFrame(
        [{"indicator": "vif_cases", "territory": "04000", "period": "2021", "unit": "case",
          "decision": "technical", "within": "120", "numerator": 99}]
    )  # fmt: skip
    table, actions = protected(frame, before=before)  # 100 at 180 days: one more
    gone = set(table.loc[table["numerator"].isna(), "decision"])
    assert "technical" in gone
    assert len(gone) == 2
    assert "open" not in gone
    assert set(actions["reason"].str[:25]) == {"a step of it counts a few"}


def test_a_horizon_that_was_not_reached_has_no_number_and_no_reason(frame):
    late = (frame["within"] == "365").to_numpy()
    missing = frame.assign(
        status=frame["status"].mask(late, "missing"), at_risk=frame["at_risk"].mask(late, 0)
    ).astype(frame.dtypes.to_dict())
    for shown in (True, False):
        table, actions = protected(missing, shown=shown)
        assert set(table.loc[late, "status"]) == {"missing"}
        assert table.loc[late, NUMBERS].isna().all(axis=None)
        assert len(actions) == (0 if shown else (~late).sum())


@pytest.mark.parametrize(
    ("size", "value", "low", "high", "expected"),
    [
        (350, 0.1234, 0.1234, 0.1234, (0.12, 0.12, 0.13)),
        (350, 0.126, 0.13, 0.13, (0.13, 0.13, 0.13)),  # a limit on the grid stays
        (999, 0.1234, 0.1, 0.2, (0.12, 0.1, 0.2)),
        (1000, 0.1234, 0.1234, 0.1234, (0.123, 0.123, 0.124)),
        (1000, 0.1236, 0.123, 0.124, (0.124, 0.123, 0.124)),
    ],
)
def test_shares_are_rounded_to_hundredths_and_their_limits_outwards(
    frame, size, value, low, high, expected
):
    more = size - 350
    wide = frame.assign(denominator=float(size), value=value, low=low, high=high)
    is_open = (frame["decision"] == "open").to_numpy()
    wide["numerator"] = frame["numerator"] + more * is_open
    table, _ = protected(wide.astype(frame.dtypes.to_dict()))
    row = table.iloc[0]
    assert (row["value"], row["low"], row["high"]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("column", "day", "by"),
    [("numerator", "90", 1), ("censored", "180", 1), ("denominator", "365", 1.0)],
)
def test_counts_that_do_not_add_up_to_the_cohort_are_refused(frame, column, day, by):
    wrong = frame.copy()
    first = wrong.index[wrong["within"] == day][0]
    wrong.loc[first, column] += by
    with pytest.raises(DisclosureError, match="'c': at each horizon the open, the ended"):
        curves_of(wrong)


def test_fewer_ended_than_before_are_refused(frame):
    wrong = frame.copy()
    at = wrong["within"].eq("365")
    for state, by in (("technical", -80), ("open", 80)):
        wrong.loc[at & wrong["decision"].eq(state), "numerator"] += by
    with pytest.raises(DisclosureError, match="none of the ended can be fewer than before"):
        curves_of(wrong)


@pytest.mark.parametrize("rule", ["business", "group"])
def test_no_curve_is_released_under_a_rule_of_zeros_or_of_contributors(frame, rule):
    with pytest.raises(DisclosureError, match=f"no curve is released under the rule '{rule}'"):
        curves_of(frame, rules={"vif_cases": get_rule(rule)})


def test_what_editions_showed_of_curves_is_told_from_other_counts():
    def entry(within, decision, figure, n):
        return {"indicator": "vif_cases", "territory": "A", "period": "2021", "unit": "case",
                "figure": figure, "within": within, "decision": decision, "numerator": n}  # fmt: skip

    entries = pd.DataFrame(
        [
            entry("all", "all", "count", 350),
            entry("90", "technical", "count", 60),
            entry("90", "technical", "whole", 350),
            entry("180", "open", "whole", 350),
            entry("all", "charged", "count", 90),
            entry("all", "all", "whole", 400),
        ]
    )
    plain, steps = split_entries(entries)
    assert "within" not in plain
    assert plain[["decision", "figure", "numerator"]].to_numpy().tolist() == [
        ["all", "count", 350],  # the sizes of the curve are this count, told once
        ["charged", "count", 90],
        ["all", "whole", 400],
    ]
    assert steps[["within", "decision", "numerator"]].to_numpy().tolist() == [
        ["90", "technical", 60]
    ]
    bare = entries.drop(columns="within")
    plain, steps = split_entries(bare)
    assert plain is bare
    assert steps.empty
    assert {"within", "decision"} <= set(steps)
    only = split_entries(entries.iloc[[2]])[0]
    assert only[["decision", "figure"]].to_numpy().tolist() == [["all", "count"]]


def test_sizes_have_the_name_of_their_count(frame):
    curves, cells = curves_of(frame), Cells()
    curves.add_sizes(cells, definitions=DEFINITIONS, rules=RULES)
    (key,) = cells.of_key
    assert isinstance(key, Key)
    assert curves.sizes == {("c", "vif_cases", "04000", "2021"): key}
