"""How long cases stay open: by hand, against the followed cohort, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators import case_durations, case_quantiles
from obs.indicators.count.cases.case_flows import follow_cohort
from obs.indicators.count.linkage import link_reports
from obs.schemas import CASES, empty_table


def cases(**columns):
    n = len(columns["case_id"])
    made = {"synthetic": True, "section": "FR", "extracted": "2024-01-31", "link": "own"}
    made |= {"lead_id": columns["case_id"], **columns}
    dates = {k: pd.to_datetime(v) for k, v in made.items() if k.endswith(("_date", "extracted"))}
    return empty_table(CASES).reindex(range(n)).assign(**{**made, **dates})


def many(n=400, seed=3):
    """Cases of 2021 without a leap day ahead, ended by two decisions or open at the extraction."""
    rng = np.random.default_rng(seed)
    entry = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 365, n), unit="D")
    days = rng.exponential(300, n).astype(int)
    end = pd.Series(entry + pd.to_timedelta(days, unit="D"))
    open_still = end > pd.Timestamp("2023-01-01")
    kind = np.where(rng.random(n) < 0.3, "summons", "technical")
    return cases(
        case_id=[f"C{i}" for i in range(n)],
        entry_date=entry,
        outcome=np.where(open_still, "open", kind),
        outcome_date=end.mask(open_still),
        extracted="2023-01-01",
    )


def value(table, days, state, column="value"):
    return table.set_index(["days", "state"]).loc[(days, state), column]


def test_where_all_are_followed_the_shares_are_those_of_the_cohort():
    """To the horizon of a year nothing is censored: both ways count the same cases."""
    table = many()
    ours = case_durations(table, years=[2021], days=[365]).set_index("state")
    plain = follow_cohort(table, year=2021, months=12).set_index("state")
    assert (ours["censored"] == 0).all()
    assert ours["numerator"].to_dict() == plain["numerator"].to_dict()
    np.testing.assert_allclose(ours["value"].astype(float), plain["value"], rtol=1e-9)
    assert (ours["status"] == "ok").all()


def test_open_cases_are_censored_and_shares_add_up_to_one():
    table = many()
    found = case_durations(table, years=[2021], days=[90, 365, 540, 800])
    sums = found.groupby("days")["value"].sum(min_count=1)
    np.testing.assert_allclose(sums[[90, 365, 540]].astype(float), 1, rtol=1e-12)
    assert (found.loc[found["days"] == 800, "status"] == "missing").all()
    at = found[found["state"] == "open"].set_index("days")
    assert at.loc[540, "censored"] > 0
    assert at.loc[540, "at_risk"] < at.loc[365, "at_risk"]
    naive = value(found, 540, "summons", "numerator") / len(table)
    assert value(found, 540, "summons") > naive, "the cases not yet followed are no refusals"


def test_daughters_lost_and_reopened_cases_by_hand():
    table = cases(
        case_id=["mother", "daughter", "lost", "reopened", "circle", "open"],
        lead_id=["mother", "mother", "lost", "reopened", None, "open"],
        link=["own", "joined", "joined_lost", "own", "circular", "own"],
        entry_date=["2021-01-01", "2021-01-11", "2021-01-01", "2021-01-01", "2021-01-01"]
        + ["2021-01-01"],
        outcome=["summons", "summons", "joinder", "technical", None, "open"],
        outcome_date=["2021-04-11", "2021-04-11", "2021-01-31", "2021-12-01", None, None],
        first_close_date=[None, None, None, "2021-02-10", None, None],
        reopened_date=[None, None, None, "2021-06-01", None, None],
    )
    found = case_durations(table, years=[2021], days=[1, 30, 40, 95, 100])
    counts = found.pivot_table(index="days", columns="state", values="numerator", aggfunc="sum")
    assert counts.loc[1].to_dict() == {
        "circular": 1,
        "lost_mother": 0,
        "open": 5,
        "reopened_later": 0,
        "summons": 0,
    }
    assert counts.loc[30, "lost_mother"] == 1
    assert counts.loc[40, "reopened_later"] == 1
    assert counts.loc[95, "summons"] == 1, "the daughter entered ten days later"
    assert counts.loc[100, "summons"] == 2
    assert counts.loc[100, "open"] == 1
    assert (found["status"] == "unreliable").all()


def test_the_median_of_exponential_times_is_found():
    found = case_quantiles(many(4000), years=[2021]).set_index("share")
    assert found.loc[0.5, "low"] <= 300 * np.log(2) <= found.loc[0.5, "high"]
    assert found.loc[0.5, "status"] == "ok"
    assert found.loc[0.5, "denominator"] == 4000


def test_a_share_that_is_not_reached_has_no_duration():
    table = many(60).assign(outcome="open", outcome_date=pd.NaT)
    found = case_quantiles(table, years=[2021])
    assert found["value"].isna().all()
    assert (found["status"] == "missing").all()


def test_linked_cohort_runs_from_the_report():
    table = cases(
        case_id=["A", "B", "C", "D"],
        report_id=["P1", "P2", "P2", "P9"],
        lead_id=["A", "C", "C", "D"],
        link=["own", "transferred", "own", "own"],
        territory="21004",
        entry_date=["2021-02-01", "2021-03-01", "2021-03-20", "2021-03-01"],
        outcome=["summons", "technical", "technical", "summons"],
        outcome_date=["2021-03-02", "2021-05-01", "2021-05-01", "2021-06-01"],
    )
    facts = pd.DataFrame(
        {
            "report_id": ["P1", "P2", "P3"],
            "event_date": pd.to_datetime(["2020-06-01", "2021-01-30", "2021-01-01"]),
            "report_date": pd.to_datetime(["2021-01-01", "2021-01-31", "2021-01-01"]),
            "territory": "21004",
        }
    )
    found = case_durations(table, years=[2021], days=[60, 90], links=link_reports(facts, table))
    assert set(found["denominator"]) == {2}, "P9 has no report of the police, P3 no case"
    assert value(found, 60, "summons", "numerator") == 1  # 1 January to 2 March
    assert value(found, 60, "technical", "numerator") == 0
    assert value(found, 90, "technical", "numerator") == 1  # 31 January to 1 May


def test_bad_cohorts_are_refused_in_words():
    table = many(30)
    with pytest.raises(ObsError, match="no case began in 1999"):
        case_durations(table, years=[1999])
    with pytest.raises(ObsError, match="name one year or more"):
        case_durations(table, years=[])
    with pytest.raises(ObsError, match="days are whole numbers from 1 up"):
        case_durations(table, years=[2021], days=[0.5])
    with pytest.raises(ObsError, match="30 cases of 2021 ended before they began"):
        case_durations(
            table.assign(
                entry_date=pd.Timestamp("2021-12-31"),
                outcome="summons",
                outcome_date=pd.Timestamp("2021-12-30"),
            ),
            years=[2021],
        )
    with pytest.raises(ObsError, match="have no extraction date"):
        case_durations(table.assign(extracted=pd.NaT, outcome="open"), years=[2021])
    period = pd.PeriodIndex(["2021"] * 30, freq="Y")
    blank = table.assign(entry_date=table["entry_date"].where(table.index > 3), entry_period=period)
    with pytest.raises(ObsError, match="4 cases of 2021 have no day of entry"):
        case_durations(blank, years=[2021])
    with pytest.raises(SchemaError, match="lead_id are absent"):
        case_durations(table.drop(columns="lead_id"), years=[2021])
    with pytest.raises(SchemaError, match="report_day are absent"):
        case_durations(table, years=[2021], links=pd.DataFrame({"report_id": [], "link": []}))
