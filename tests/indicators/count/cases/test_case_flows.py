"""The prosecutor's flow: published rows, hand-made cases, cohorts and their lost members."""

import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.count.cases.case_flows import (
    check_flow,
    closing_shares,
    follow_cohort,
    pending_on,
    stock_flow,
)
from obs.schemas import CASES, empty_table


def cases(**columns):
    n = len(columns["case_id"])
    made = {"synthetic": True, "section": "FR", "extracted": pd.Timestamp("2024-01-31"), **columns}
    dates = {k: pd.to_datetime(v) for k, v in made.items() if k.endswith("_date")}
    return empty_table(CASES).reindex(range(n)).assign(**{**made, **dates})


def test_the_published_rows_close():
    published = pd.DataFrame(
        {
            "place": ["Brussels", "Brussels", "Belgium"],
            "period": pd.PeriodIndex(["2007", "2010", "2010"], freq="Y"),
            "pending_start": [44_424, 29_622, 187_914],
            "new": [138_366, 129_911, 717_722],
            "reopened": [6_021, 4_144, 21_855],
            "closed": [151_886, 132_597, 737_434],
            "pending_end": [36_925, 31_080, 190_057],
        }
    )
    assert check_flow(published, by=["place"])["gap"].tolist() == [0, 0, 0]
    published.loc[2, "closed"] += 1
    assert check_flow(published, by=["place"])["gap"].tolist() == [0, 0, -1]


def test_one_years_end_is_the_next_years_start():
    flow = pd.DataFrame(
        {
            "period": pd.PeriodIndex(["2020", "2021"], freq="Y"),
            "pending_start": [5, 8],
            "new": 4,
            "reopened": 0,
            "closed": 2,
            "pending_end": [7, 10],
        }
    )
    checked = check_flow(flow)
    assert checked["gap"].tolist() == [0, 0]
    assert checked["carried_gap"].tolist() == [pd.NA, -1]


def test_rows_of_several_places_must_be_told_apart():
    flow = pd.DataFrame(
        dict.fromkeys(("pending_start", "new", "reopened", "closed", "pending_end"), [0, 0])
    ).assign(period=pd.Period("2021"))
    with pytest.raises(SchemaError, match="comes twice"):
        check_flow(flow)
    with pytest.raises(SchemaError, match="'closed' is absent"):
        check_flow(flow.drop(columns="closed"))


def test_stocks_and_flows_counted_by_hand():
    table = cases(
        case_id=["old", "new", "closed_on_new_year", "reopened", "waiting", "later"],
        section=["FR", "FR", "FR", "NL", "NL", "NL"],
        entry_date=[
            "2020-05-01",
            "2021-01-01",
            "2020-06-01",
            "2019-01-01",
            "2019-01-01",
            "2022-01-01",
        ],
        decision_date=["2021-12-31", None, "2021-01-01", "2021-09-01", None, None],
        first_close_date=[None, None, None, "2020-03-01", "2020-03-01", None],
        reopened_date=[None, None, None, "2021-02-01", "2022-02-01", None],
    )
    flow = stock_flow(table, years=[2021]).set_index("section")
    assert flow.loc["FR"].drop(["period", "unit"]).tolist() == [2, 1, 0, 2, 1, 0]
    assert flow.loc["NL"].drop(["period", "unit"]).tolist() == [0, 0, 1, 1, 0, 0]
    assert flow.loc["all"].drop(["period", "unit"]).tolist() == [2, 1, 1, 3, 1, 0]
    assert set(flow["unit"]) == {"case"}


def test_a_case_opened_again_on_new_years_day_was_not_open_that_morning():
    table = cases(
        case_id=["A"], entry_date=["2019-01-01"], decision_date=["2021-09-01"],
        first_close_date=["2020-03-01"], reopened_date=["2021-01-01"],
    )  # fmt: skip
    flow = stock_flow(table, years=[2020, 2021]).set_index(["section", "period"]).loc["all"]
    columns = ["pending_start", "new", "reopened", "closed", "pending_end", "gap"]
    assert flow[columns].to_numpy().tolist() == [[1, 0, 0, 1, 0, 0], [0, 0, 1, 1, 0, 0]]


def test_the_identity_finds_dates_that_do_not_agree():
    table = cases(
        case_id=["A"], entry_date=["2021-05-01"], decision_date=["2021-03-01"],
        first_close_date=[None], reopened_date=[None],
    )  # fmt: skip
    assert stock_flow(table, years=[2021])["gap"].tolist() == [0, 0]
    wrong = table.assign(entry_date=pd.Timestamp("2022-01-02"))
    assert stock_flow(wrong, years=[2021])["gap"].tolist() == [-1, -1]


def test_an_unfinished_year_is_refused():
    table = cases(
        case_id=["A"], entry_date=["2023-05-01"], first_close_date=[None], reopened_date=[None]
    )
    with pytest.raises(ObsError, match="2024 ends after the last extraction, 2024-01-31"):
        stock_flow(table, years=[2023, 2024])
    with pytest.raises(ObsError, match="the horizon of 12 months after 2023"):
        follow_cohort(
            table.assign(link="own", lead_id="A", outcome="open", outcome_date=pd.NaT),
            year=2023,
            months=12,
        )


def test_cases_without_the_dates_of_a_reopening_give_no_flow():
    table = cases(case_id=["A"], entry_date=["2021-05-01"]).drop(columns="reopened_date")
    with pytest.raises(SchemaError, match="'reopened_date' is absent"):
        stock_flow(table, years=[2021])


def test_shares_on_all_closures_and_net_of_those_that_only_move():
    decisions = ["joinder"] * 3 + ["disposition"] * 2 + ["technical"] * 4 + ["summons", "open"]
    table = cases(
        case_id=[str(i) for i in range(11)],
        decision=decisions,
        decision_date=["2021-06-01"] * 10 + [None],
    )
    shares = closing_shares(table, years=[2021]).set_index(["base", "decision"])
    assert shares.loc["all_closures", "denominator"].unique().tolist() == [10]
    assert shares.loc[("all_closures", "technical"), "value"] == 0.4
    assert shares.loc["net_closures", "denominator"].unique().tolist() == [5]
    assert shares.loc[("net_closures", "technical"), "value"] == 0.8
    assert "joinder" not in shares.loc["net_closures"].index
    # Wilson limits of 4 in 10, computed apart
    low, high = shares.loc[("all_closures", "technical"), ["low", "high"]]
    assert (round(low, 4), round(high, 4)) == (0.1682, 0.6873)


def test_a_cohort_follows_links_and_names_what_is_lost():
    table = cases(
        case_id=["A", "B", "C", "D", "E", "F", "G"],
        entry_date=["2021-01-10"] * 7,
        link=["own", "joined", "joined_lost", "transfer_lost", "own", "joined", "circular"],
        lead_id=["A", "A", "C", "D", "E", "C", None],
        outcome=["summons", "summons", "joinder", "disposition", "technical", "joinder", None],
        outcome_date=["2021-06-01"] * 4 + ["2022-06-01", "2021-06-01", None],
        first_close_date=[None] * 7,
        reopened_date=[None] * 7,
    )
    year = follow_cohort(table, year=2021, months=12).set_index("state")["numerator"]
    assert year.to_dict() == {
        "circular": 1, "lost_mother": 2, "lost_transfer": 1, "open": 1, "summons": 2,
    }  # fmt: skip
    longer = follow_cohort(table, year=2021, months=24).set_index("state")["numerator"]
    assert longer["technical"] == 1
    assert longer.sum() == year.sum() == 7


def test_a_case_closed_at_the_horizon_and_reopened_later_says_so():
    table = cases(
        case_id=["A"], entry_date=["2021-01-10"], link="own", lead_id="A", outcome="summons",
        outcome_date=["2023-02-01"], first_close_date=["2021-03-01"], reopened_date=["2022-08-01"],
    )  # fmt: skip
    states = [follow_cohort(table, year=2021, months=m)["state"].tolist() for m in (1, 12, 20)]
    assert states == [["open"], ["reopened_later"], ["open"]]


def test_a_daughter_of_a_case_reopened_later_is_where_her_mother_was():
    """Mother A is closed on 1 March 2021 and opened again in August 2022."""
    table = cases(
        case_id=["A", "B"], entry_date=["2021-01-10"] * 2, link=["own", "joined"],
        lead_id=["A", "A"], outcome="summons", outcome_date=["2023-02-01"] * 2,
        first_close_date=["2021-03-01", None], reopened_date=["2022-08-01", None],
    )  # fmt: skip
    found = [follow_cohort(table, year=2021, months=m) for m in (1, 12, 20)]
    assert [f["state"].tolist() for f in found] == [["open"], ["reopened_later"], ["open"]]
    assert [f["numerator"].tolist() for f in found] == [[2], [2], [2]]


@pytest.mark.parametrize(
    ("closed", "again", "ended", "state"),
    [
        ("2021-02-10", "2021-02-11", "2021-06-01", "reopened_later"),  # closed on the horizon
        ("2021-02-11", "2021-03-01", "2021-06-01", "open"),  # a day after
        ("2021-02-01", "2021-02-10", "2021-06-01", "open"),  # opened again on it
        (None, None, "2021-02-10", "summons"),
        (None, None, "2021-02-11", "open"),
    ],
)
def test_the_day_of_the_horizon_counts(closed, again, ended, state):
    """A case of 10 January 2021, a month later: both sides of each date."""
    table = cases(
        case_id=["A"], entry_date=["2021-01-10"], link="own", lead_id="A", outcome="summons",
        outcome_date=[ended], first_close_date=[closed], reopened_date=[again],
    )  # fmt: skip
    assert follow_cohort(table, year=2021, months=1)["state"].tolist() == [state]


OPEN_CASES = {  # entry, first closing, reopened, decided: open on the morning of 2021-01-01?
    "entered on the eve": (("2020-12-31", None, None, None), 1),
    "entered that day": (("2021-01-01", None, None, None), 0),
    "decided on the eve": (("2020-01-01", None, None, "2020-12-31"), 0),
    "decided that day": (("2020-01-01", None, None, "2021-01-01"), 1),
    "closed, reopened on the eve": (("2020-01-01", "2020-02-01", "2020-12-31", "2021-06-01"), 1),
    "closed, reopened that day": (("2020-01-01", "2020-02-01", "2021-01-01", "2021-06-01"), 0),
    "closed that day, reopened later": (("2020-01-01", "2021-01-01", "2021-03-01", None), 1),
    "closed on the eve, reopened later": (("2020-01-01", "2020-12-31", "2021-03-01", None), 0),
    "reopened and never decided": (("2020-01-01", "2020-02-01", "2020-03-01", None), 1),
}


@pytest.mark.parametrize("name", OPEN_CASES)
def test_cases_open_on_a_morning(name):
    dates, is_open = OPEN_CASES[name]
    columns = ["entry_date", "first_close_date", "reopened_date", "decision_date"]
    table = pd.DataFrame([dates], columns=columns).apply(pd.to_datetime)
    assert pending_on(table, pd.Timestamp("2021-01-01")).tolist() == [is_open]


def a_flow(**changes):
    flow = pd.DataFrame(
        {
            "period": pd.PeriodIndex(["2020", "2021"], freq="Y"),
            "pending_start": [10, 12],
            "new": [5, 6],
            "reopened": [1, 0],
            "closed": [4, 8],
            "pending_end": [12, 11],
        }
    )
    return flow.assign(**changes)


def test_a_flow_that_does_not_close_shows_its_gap():
    found = check_flow(a_flow())
    assert found["gap"].tolist() == [0, -1]  # 12 + 6 + 0 - 8 is 10, not 11
    assert found["carried_gap"].isna().tolist() == [True, False]
    assert found["carried_gap"].iloc[1] == 0
    assert check_flow(a_flow(pending_start=[10, 13]))["carried_gap"].iloc[1] == -1
    assert check_flow(a_flow().drop(columns="period"))["carried_gap"].isna().all()


def test_a_flow_without_its_columns_or_with_a_period_twice_is_refused():
    with pytest.raises(SchemaError, match="flow: column 'closed' is absent; needed: pending_start"):
        check_flow(a_flow().drop(columns="closed"))
    twice = a_flow(period=pd.PeriodIndex(["2020", "2020"], freq="Y"))
    with pytest.raises(SchemaError, match="flow: a period comes twice; name in `by`"):
        check_flow(twice)
    assert len(check_flow(twice.assign(section=["a", "b"]), by=["section"])) == 2
