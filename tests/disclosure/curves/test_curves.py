"""A step of a curve is a person: what is released of cases followed in time, and what is not."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import Ledger, audit, read_released, release, write_released
from obs.errors import DisclosureError
from obs.indicators import case_incidence, compute
from tests.disclosure.followed_cases import ONE, PLAIN, cases_of

STATES = ("technical", "summons", "mediation", "payment", "charged")


def followed(cases, days=(90, 180, 365), years=(2021,)):
    return case_incidence(cases, indicator="vif_cases", years=years, days=days)


def steps(table):
    """Cases added between horizons, state by state, as anybody can subtract them; hidden: None."""
    wide = table.assign(within=table["within"].astype(int)).pivot_table(
        index="decision", columns="within", values="numerator", aggfunc="first", dropna=False
    )
    return {
        state: np.diff([0.0, *counts.astype("Float64").to_numpy(float, na_value=np.nan)])
        for state, counts in wide.iterrows()
        if state != "open"
    }


def test_shares_are_those_of_the_counts_where_all_are_followed():
    """350 cases: 60 of them dismissed within 90 days, 100 within 180; 30 and 50 summoned."""
    released = release({"curve": followed(cases_of(PLAIN))})
    table = released["curve"].table.set_index(["decision", "within"])
    assert table.loc[("technical", "90"), "value"] == pytest.approx(0.17)  # 60 / 350 = 0.1714
    assert table.loc[("technical", "180"), "value"] == pytest.approx(0.29)  # 100 / 350 = 0.2857
    assert table.loc[("summons", "365"), "numerator"] == 50
    assert table.loc[("open", "365"), "numerator"] == 200
    assert set(table["status"]) == {"ok"}
    assert "at_risk" not in table


def test_a_step_of_one_person_is_found_in_the_table_and_not_in_the_release():
    table = followed(cases_of(ONE))
    assert steps(table)["mediation"].tolist() == [0, 1, 0]  # the attack, before
    released = release({"curve": table})
    left = steps(released["curve"].table)
    assert np.isnan(left["mediation"]).all()
    hidden = [s for s, counts in left.items() if np.isnan(counts).all()]
    assert len(hidden) >= 2  # alone it would be what is left over
    own = released["curve"].table.set_index(["decision", "within"])
    shown = [s for s in left if s not in hidden]
    for early, late in ((None, "90"), ("90", "180"), ("180", "365")):
        joint = 0
        for sign, day in ((1, late), (-1, early)):
            if day is not None:
                open_ = own.loc[("open", day)]
                known = sum(int(own.loc[(s, day), "numerator"]) for s in shown)
                joint += sign * (int(open_["denominator"]) - int(open_["numerator"]) - known)
        assert joint == 0 or joint >= 10  # anything from none to the rule's cover
    assert audit(released)["safe"].all()


def test_a_horizon_at_which_few_are_followed_is_not_shown():
    """Nineteen are open after 180 days; at least twenty must be."""
    ends = [("technical", 30, 60), ("technical", 150, 40), ("open", None, 19)]
    table = release({"curve": followed(cases_of(ends))})["curve"].table
    assert table.loc[table["within"] == "180", "numerator"].isna().all()
    assert table.loc[table["within"] == "90", "numerator"].notna().all()


def test_a_horizon_is_left_out_where_all_that_ended_since_are_a_few():
    ends = [
        ("technical", 30, 60),
        ("technical", 100, 3),
        ("technical", 300, 40),
        ("open", None, 99),
    ]
    table = release({"curve": followed(cases_of(ends))})["curve"].table
    shown = table[table["numerator"].notna()]
    assert sorted(set(shown["within"])) == ["365", "90"]
    assert steps(shown)["technical"].tolist() == [60, 43]


def test_those_lost_to_sight_between_two_horizons_are_persons_too():
    """Four of 200 were last seen after 170 days: the horizon of 180 would tell of them."""
    few = cases_of([("open", None, 4)], seen=pd.Timestamp("2021-06-20"))
    many = cases_of(PLAIN)
    few = few.assign(case_id=[f"x{i}" for i in range(4)], lead_id=[f"x{i}" for i in range(4)])
    table = release({"curve": followed(pd.concat([many, few], ignore_index=True))})["curve"].table
    shown = table[table["numerator"].notna()]
    assert set(shown["within"]) == {"90"}


def test_a_small_cohort_is_withheld_whole_with_its_size():
    ends = [("technical", 30, 10), ("open", None, 9)]
    released = release({"curve": followed(cases_of(ends))})
    table = released["curve"].table
    assert (
        table[["numerator", "value", "low", "high", "n", "denominator", "censored"]]
        .isna()
        .all(axis=None)
    )
    assert set(table["status"]) == {"suppressed_primary"}
    assert len(released.actions) == len(table)


def test_the_size_of_a_cohort_is_the_count_of_its_indicator():
    cases = cases_of(PLAIN)
    counted = compute("vif_cases", {"prosecutor": cases})
    counted = counted[counted["period"].dt.year == 2021]
    released = release({"curve": followed(cases), "years": counted})
    assert released["years"].table["numerator"].tolist() == [350]
    other = counted.assign(numerator=349, value=349.0, n=349)
    other = other.astype({"numerator": "Int64", "value": "Float64", "n": "Int64"})
    with pytest.raises(DisclosureError, match="different counts for"):
        release({"curve": followed(cases), "years": other})


def test_two_cohorts_that_may_hold_the_same_cases_are_refused():
    cases = cases_of(PLAIN)
    whole = case_incidence(cases, indicator="cases_entered", years=[2021], days=(90,))
    with pytest.raises(DisclosureError, match="may hold the same cases"):
        release({"all": whole, "curve": followed(cases)})


@pytest.mark.parametrize(
    ("column", "value"), [("numerator", 7), ("censored", 3), ("denominator", 351.0)]
)
def test_counts_that_do_not_add_up_are_refused(column, value):
    table = followed(cases_of(PLAIN))
    table.loc[0, column] = value
    with pytest.raises(DisclosureError, match="must add up to the cohort"):
        release({"curve": table})


def test_a_number_at_risk_is_no_column_of_another_table():
    cases = cases_of(PLAIN)
    counted = compute("vif_cases", {"prosecutor": cases})
    with pytest.raises(DisclosureError, match="neither of its schema nor a breakdown: censored"):
        release(counted.assign(censored=3))


def test_a_horizon_between_two_that_an_edition_showed_is_judged_with_them(tmp_path):
    """4 summoned between 90 and 180 days: 90 and 365 were shown, so 180 tells of them."""
    ends = [("technical", 30, 60), ("technical", 150, 40), ("technical", 300, 30)]
    ends += [("summons", 30, 20), ("summons", 150, 4), ("summons", 300, 20), ("open", None, 99)]
    ends += [("payment", 30, 15), ("payment", 150, 15), ("payment", 300, 15)]
    cases = cases_of(ends)
    first = release({"curve": followed(cases, days=(90, 365))})
    assert first["curve"].table["numerator"].notna().all()
    alone = release({"curve": followed(cases, days=(180, 365))})
    assert alone["curve"].table["numerator"].notna().all()
    ledger = Ledger(tmp_path / "ledger.csv")
    ledger.append(first, edition="2022")
    again = release({"curve": followed(cases, days=(180, 365))}, ledger=ledger)
    own = again["curve"].table
    assert own.loc[own["decision"] == "summons", "numerator"].isna().all()
    assert audit(again, known=ledger)["safe"].all()


def test_a_curve_is_written_and_read_back(tmp_path):
    released = release({"curve": followed(cases_of(ONE))})
    write_released(released, tmp_path / "r")
    again = read_released(tmp_path / "r")["curve"].table
    pd.testing.assert_frame_equal(again, released["curve"].table)


def spoilt(released, **numbers):
    """The same release with a figure of a withheld row put back."""
    frame = released["curve"]
    own = frame._tables["curve"]
    where = (own["decision"] == "mediation") & (own["within"] == "180")
    for column, value in numbers.items():
        own.loc[where, column] = value
    return frame


def test_the_audit_condemns_a_curve_with_a_step_of_one():
    released = release({"curve": followed(cases_of(ONE))})
    bare = spoilt(released)
    own = bare._tables["curve"]
    raw = followed(cases_of(ONE))
    own["numerator"] = raw["numerator"]
    own["status"] = "ok"
    found = audit(bare)
    assert not found["safe"].all()
    assert "decision=mediation within=180" in set(found.loc[~found["safe"], "breakdowns"])


def test_the_audit_condemns_a_state_withheld_alone():
    bare = spoilt(release({"curve": followed(cases_of(ONE))}))
    own = bare._tables["curve"]
    raw = followed(cases_of(ONE))
    alone = own["decision"] == "mediation"
    own["numerator"] = raw["numerator"].where(~alone)
    own["status"] = own["status"].where(alone, "ok")
    found = audit(bare)
    assert set(found.loc[~found["safe"], "breakdowns"]) == {"decision=mediation within=180"}


def random_ends(rng):
    ends = [("open", None, int(rng.integers(0, 120)))]
    for state in STATES[: int(rng.integers(2, 6))]:
        scale = rng.choice([2, 6, 40])
        for day in (30, 120, 200, 300, 500):
            ends.append((state, day, int(rng.poisson(scale) * rng.integers(0, 2))))
    return ends


@pytest.mark.parametrize("seed", range(25))
def test_no_random_cohort_gives_a_small_step_away(seed):
    """An attacker subtracts what is shown; the true steps tell whether it found a few persons."""
    rng = np.random.default_rng(seed)
    cases = cases_of(random_ends(rng))
    if cases.empty:
        return
    table = followed(cases, days=(90, 180, 365, 730))
    own = release({"curve": table})["curve"].table
    shown = own[own["numerator"].notna()]
    days = sorted({int(d) for d in shown["within"]})
    true = {(r.decision, int(r.within)): r.numerator for r in table.itertuples()}
    told = {(r.decision, int(r.within)): r.numerator for r in shown.itertuples()}
    states = [s for s in dict.fromkeys(table["decision"]) if s != "open"]
    hidden = [s for s in states if not all((s, d) in told for d in days)]
    before = defaultdict(int)
    for day in days:
        joint = 0
        for state in states:
            step = true[state, day] - before[state]
            before[state] = true[state, day]
            if state in hidden:
                joint += step
            else:
                assert step == 0 or step >= 5
        assert len(hidden) != 1
        assert joint == 0 or joint >= 10
