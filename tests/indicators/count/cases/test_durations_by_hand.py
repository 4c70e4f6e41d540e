"""How long cases stay open, case by case: what is followed, from when, and when it is refused."""

import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators import case_durations, case_quantiles
from tests.indicators.count.cases.test_case_durations import cases

ENTRY = "2021-01-01"


def one(**cells):
    """Give cases of one entry; cells are lists of equal length."""
    n = max(len(v) for v in cells.values() if isinstance(v, list))
    names = [f"C{i}" for i in range(n)]
    base = {
        "case_id": names,
        "entry_date": [ENTRY] * n,
        "outcome": ["open"] * n,
        "outcome_date": [None] * n,
    }
    return cases(**base | cells)


def told(table, *, days=(60,), **options):
    found = case_durations(table, years=[2021], days=days, **options)
    return {
        (int(d), s): int(n)
        for d, s, n in zip(found["days"], found["state"], found["numerator"], strict=True)
    }


def test_a_case_that_ends_on_the_horizon_has_ended_by_it():
    """60 days after 1 January is 2 March."""
    table = one(
        outcome=["summons", "summons", "open"], outcome_date=["2021-03-02", "2021-03-03", None]
    )
    assert told(table) == {(60, "open"): 2, (60, "summons"): 1}
    assert told(table, days=(61,)) == {(61, "open"): 1, (61, "summons"): 2}


def test_a_case_closed_before_a_reopening_ended_at_its_first_closing():
    table = one(outcome=["summons"], outcome_date=["2021-12-01"], first_close_date=["2021-02-01"])
    assert told(table) == {(60, "open"): 0, (60, "reopened_later"): 1}
    before = one(outcome=["summons"], outcome_date=["2021-12-01"], first_close_date=["2020-12-31"])
    assert told(before) == {(60, "open"): 1, (60, "summons"): 0}
    same = one(outcome=["summons"], outcome_date=["2021-02-01"], first_close_date=["2021-02-01"])
    assert told(same) == {(60, "open"): 0, (60, "summons"): 1}
    on_the_day = one(outcome=["open"], first_close_date=[ENTRY])
    assert told(on_the_day) == {(60, "open"): 0, (60, "reopened_later"): 1}


def test_a_joined_case_ends_with_its_mother_and_not_before_it_began():
    table = one(
        outcome=["summons", "summons"], outcome_date=["2020-12-01", "2021-02-01"],
        link=["joined", "joined"], lead_id=["C0", "C1"],
    )  # fmt: skip
    assert told(table, days=(1,)) == {(1, "open"): 1, (1, "summons"): 1}


def test_cases_of_other_years_or_other_codes_are_not_followed():
    table = one(
        entry_date=[ENTRY, "2020-12-31", "2022-01-01", "2021-12-31"],
        section=["FR", "FR", "FR", "NL"],
    )
    assert told(table) == {(60, "open"): 2}
    assert told(table, where={"section": ["NL"]}) == {(60, "open"): 1}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"entry_date": ["2020-01-01"]}, "no case began in 2021"),
        ({"extracted": [None]}, "1 open cases of 2021 have no extraction date"),
        (
            {"outcome": ["summons"], "outcome_date": ["2020-12-31"]},
            "1 cases of 2021 ended before they began",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused(cells, said):
    with pytest.raises(ObsError, match=said):
        told(one(**cells))


@pytest.mark.parametrize("days", [(), (0,), (1.5,), ("x",), (100_000,), (None,)])
def test_days_are_whole_numbers_from_one_up(days):
    with pytest.raises(ObsError, match="days are whole numbers from 1 up"):
        told(one(outcome=["open"]), days=days)


def test_years_are_named_and_links_are_followed():
    with pytest.raises(ObsError, match="name one year or more"):
        case_durations(one(outcome=["open"]), years=[])
    with pytest.raises(SchemaError, match="link"):
        case_durations(one(outcome=["open"]).drop(columns="link"), years=[2021])


def test_states_are_told_by_year_and_horizon_and_few_are_unreliable():
    table = one(
        outcome=["summons"] * 10 + ["open"] * 10, outcome_date=["2021-02-01"] * 10 + [None] * 10
    )
    found = case_durations(table, years=[2021], days=(90, 30))
    assert found[["days", "state", "numerator", "denominator", "status"]].to_numpy().tolist() == [
        [30, "open", 20, 20, "ok"],
        [30, "summons", 0, 20, "ok"],
        [90, "open", 10, 20, "ok"],
        [90, "summons", 10, 20, "ok"],
    ]
    few = case_durations(table.iloc[:19], years=[2021], days=(30,))
    assert set(few["status"]) == {"unreliable"}
    assert (found.loc[2, "value"], found.loc[3, "value"]) == (0.5, 0.5)


def test_quantiles_are_the_days_by_which_a_share_has_ended():
    days = [f"2021-01-{d:02d}" for d in range(2, 32)]
    table = one(outcome=["summons"] * 30, outcome_date=days)
    found = case_quantiles(table, years=[2021], shares=(0.5, 0.1))
    assert found[["share", "value", "numerator", "denominator", "status"]].to_numpy().tolist() == [
        [0.5, 15.0, 30, 30, "ok"],
        [0.1, 3.0, 30, 30, "ok"],
    ]
    open_ones = one(
        outcome=["summons"] * 20 + ["open"] * 25, outcome_date=[*days[:20], *[None] * 25]
    )
    half = case_quantiles(open_ones, years=[2021], shares=(0.5,)).iloc[0]
    assert (half["status"], half["numerator"], half["denominator"]) == ("missing", 20, 45)
    assert pd.isna(half["value"])
