"""Comparisons released: nothing in them depends on what is withheld."""

import pandas as pd
import pytest

from obs.disclosure import audit, release
from obs.disclosure.multiple_comparisons import readjust_comparisons
from obs.errors import DisclosureError
from obs.reference import load_breaks
from obs.trends import compare_periods
from tests.disclosure.small_town import entry, make_town, whole

pytestmark = pytest.mark.slow

ENTRIES = {"theft": entry()}
BEFORE = {"A": 60, "B": 60, "C": 100, "D": 100, "E": 100}
SHOWN = {"C": 130, "D": 138, "E": 100}


@pytest.fixture(scope="module")
def town():
    return make_town()


def make_world(town, first, second, *, adjust="holm", without=()):
    """Release two years of the town and their comparison; A and B of the second year differ."""
    years = [
        whole(BEFORE, period="2021"),
        whole({"A": first, "B": second, **SHOWN}, period="2022"),
    ]
    table = pd.concat(years, ignore_index=True)
    table["level"] = [town.level_of(code) for code in table["territory"]]
    none = load_breaks().iloc[:0]
    trend = compare_periods(table, base=2021, territory=town, breaks=none, adjust=adjust)
    tables = {"levels": table, "change": trend.drop(columns=list(without))}
    return tables, release(tables, territory=town, catalogue=ENTRIES)


@pytest.mark.parametrize("adjust", ["holm", "bh", "none"])
@pytest.mark.parametrize("without", [(), ("p_unadjusted",), ("p_value", "confidence")])
def test_two_towns_that_differ_in_withheld_counts_alone_look_the_same(town, adjust, without):
    """B has 18 (too few to say) or 20 (far fewer than 60): nothing shown may tell which."""
    (few, one), (more, other) = (
        make_world(town, *counts, adjust=adjust, without=without) for counts in ((3, 18), (1, 20))
    )
    hidden = one["change"].table["status"].str.startswith("suppressed")
    assert {"A", "B"} <= set(one["change"].table["territory"][hidden])
    assert not {"C", "D"} & set(one["change"].table["territory"][hidden])
    for name in ("levels", "change"):
        pd.testing.assert_frame_equal(one[name].table, other[name].table)
    if not without and adjust == "bh":  # before release they do tell
        assert not few["change"].loc[~hidden].equals(more["change"].loc[~hidden])


def test_what_stays_is_judged_by_what_stays(town):
    """C: 130 of 100, z = 0.26236 / sqrt(1/130 + 1/100) = 1.9724; D: 0.32208 / 0.13133 = 2.4525.

    p = 0.0486 and 0.0142; of two, Holm gives 0.0486 and 0.0284, both below 0.05.
    """
    tables, released = make_world(town, 3, 18)
    rows = released["change"].select(territory=["C", "D"]).table
    assert rows["p_unadjusted"].tolist() == pytest.approx([0.0486, 0.0142], abs=1e-4)
    assert rows["p_value"].tolist() == pytest.approx([0.0486, 0.0284], abs=2e-4)
    assert rows["verdict"].tolist() == ["up", "up"]
    whole_family = tables["change"].set_index("territory").loc[["C", "D"]]
    assert whole_family["verdict"].tolist() == ["stable", "up"]  # of three told, 2 x 0.0486


def test_a_difference_of_shares_turns_the_way_its_points_go():
    frame = pd.DataFrame(
        {
            "indicator": "x",
            "period": 2,
            "base": 1,
            "method": "difference of shares, holm",
            "change": pd.array([None] * 3, dtype="Float64"),
            "points": pd.array([-0.1, 0.1, 0.2], dtype="Float64"),
            "p_unadjusted": pd.array([0.02, 0.015, 0.9], dtype="Float64"),
            "p_value": pd.array([0.06, 0.045, 1.8], dtype="Float64"),
            "confidence": pd.array([0.95] * 3, dtype="Float64"),
            "verdict": pd.array(["stable", "up", "stable"], dtype="str"),
        }
    )
    before = frame.copy()
    again = readjust_comparisons(frame, pd.array([False, False, True]).to_numpy(dtype=bool))
    pd.testing.assert_frame_equal(frame, before)
    assert again["verdict"].tolist()[:2] == ["down", "up"]
    assert again["p_value"].tolist()[:2] == pytest.approx([0.03, 0.03])


def test_the_least_detectable_change_goes_with_its_counts(town):
    tables, released = make_world(town, 3, 18)
    told = ["detectable_fall", "detectable_rise", "p_value", "p_unadjusted", "method", "reason"]
    rows = released["change"].select(territory=["A", "B"]).table
    assert rows[told].isna().all(axis=None)
    assert released["change"].select(territory="C").table["detectable_rise"].notna().all()
    assert audit(released)["safe"].all()


def test_the_audit_does_not_pass_a_row_that_lost_its_count_and_kept_what_tells_it(town):
    tables, released = make_world(town, 3, 18)
    spoilt = released["change"]
    frame = spoilt._tables["change"]
    frame.loc[frame["territory"] == "A", "detectable_rise"] = 0.5
    with pytest.raises(DisclosureError, match="has no count and still says detectable_rise"):
        audit(spoilt)


def test_that_two_periods_are_not_alike_is_still_said(town):
    years = [whole(BEFORE, period="2021"), whole({**BEFORE, "A": 3}, period="2022")]
    table = pd.concat(years, ignore_index=True)
    table["level"] = [town.level_of(code) for code in table["territory"]]
    breaks = pd.DataFrame(
        {
            "indicator": ["theft"],
            "territory": ["R"],
            "date": [pd.Timestamp("2022-01-01")],
            "effect": ["refuse"],
        }
    )
    trend = compare_periods(table, base=2021, territory=town, breaks=breaks)
    released = release({"levels": table, "change": trend}, territory=town, catalogue=ENTRIES)
    rows = released["change"].table
    assert (rows["verdict"] == "not comparable").all()
    assert rows["change"].isna().all()
    assert rows["numerator"].isna().all()


def test_the_audit_reads_a_count_off_a_change_per_day(town):
    """A is hidden, and with it its zone Z1: 5,003 against 4,060, of which B has 5,000."""
    years = [
        whole({**BEFORE, "B": 4000}, period="2023"),
        whole({"A": 3, "B": 5000, **SHOWN}, period="2024"),
    ]
    table = pd.concat(years, ignore_index=True)
    table["level"] = [town.level_of(code) for code in table["territory"]]
    trend = compare_periods(table, base=2023, territory=town, breaks=load_breaks().iloc[:0])
    told = trend.set_index("territory").at["Z1", "change"]
    assert told == pytest.approx(5003 / 366 / (4060 / 365) - 1)
    released = release({"levels": table, "change": trend}, territory=town, catalogue=ENTRIES)
    frame = released._tables["change"]
    hidden = frame["territory"] == "Z1"
    assert frame.loc[hidden, ["numerator", "change"]].isna().all(axis=None)
    assert frame.loc[hidden, ["days", "base_days"]].to_numpy().tolist() == [[366, 365]]
    assert audit(released)["safe"].all()
    frame.loc[hidden, "change"] = told
    found = audit(released).set_index("territory").loc["A"]
    assert (found["low"], found["high"], found["safe"]) == (3, 3, False)
