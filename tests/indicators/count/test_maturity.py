"""Registration of the sample: its late months are told, and what they became is covered."""

import numpy as np
import pandas as pd
import pytest

from obs.clean import clean_police
from obs.clean.registry.delivery_registry import Registry
from obs.errors import ObsError, SchemaError
from obs.indicators import add_completeness, compute, limit_maturity, nowcast_events
from obs.sample import sample
from obs.sample.incidents import DELAYS
from obs.trends import compare_periods

pytestmark = pytest.mark.slow

DECEMBER = pd.Period("2021-12", "M")


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    folder = tmp_path_factory.mktemp("delays")
    sample(folder / "raw", years=[2021], scale=0.05)
    registry = Registry(folder / "registry")
    paths = sorted((folder / "raw").glob("police/*.csv"))
    registry.update(paths, source="police", profile="obs_sample", clean=clean_police)
    return registry


def as_of(registry, day):
    deliveries = registry.deliveries
    return registry.table_as_of(day, source="police"), deliveries[deliveries["extracted"] <= day]


@pytest.fixture(scope="module")
def early(registry):
    events, deliveries = as_of(registry, "2022-01-31")
    return nowcast_events(events, deliveries=deliveries).set_index("period")


@pytest.fixture(scope="module")
def late(registry):
    events, deliveries = as_of(registry, "2022-06-30")
    return nowcast_events(events, deliveries=deliveries).set_index("period")


def true_completeness(month):
    """Share of a month's facts registered by 31 January, of the delays that are drawn."""
    weights = np.concatenate([np.full(last - first + 1, w) for (first, last), w in DELAYS])
    share = weights.cumsum() / weights.sum()
    days = pd.period_range(month.start_time, month.end_time, freq="D")
    left = [(pd.Timestamp("2022-01-31") - day.start_time).days for day in days]
    return float(np.mean([share[min(n, len(share) - 1)] for n in left]))


@pytest.mark.slow
def test_the_last_months_are_provisional_and_the_older_ones_not(early):
    assert early["provisional"].tail(2).tolist() == [True, True]
    assert not early["provisional"].head(6).any()


@pytest.mark.slow
@pytest.mark.parametrize("month", ["2021-12", "2021-11", "2021-10"])
def test_completeness_is_that_of_the_delays_of_the_sample(early, month):
    row = early.loc[pd.Period(month, "M")]
    assert row["completeness"] == pytest.approx(true_completeness(row.name), abs=0.01)


@pytest.mark.slow
def test_the_later_delivery_brings_what_was_foreseen(early, late):
    became = late["reported"].tail(6)
    covered = (early["low"].tail(6) <= became) & (became <= early["high"].tail(6))
    assert covered.all()
    assert late.loc[DECEMBER, "reported"] > early.loc[DECEMBER, "reported"]
    assert not late["provisional"].any()


def test_months_are_known_up_to_the_last_extraction_that_covers_them():
    days = pd.to_datetime(["2020-11-10", "2020-12-10", "2021-06-10"])
    facts = pd.DataFrame({"event_date": days, "report_date": days, "territory": "21004"})
    deliveries = pd.DataFrame(
        {
            "extracted": pd.to_datetime(["2020-12-31", "2021-08-15"]),
            "covered_from": pd.to_datetime(["2020-11-01", "2021-01-01"]),
            "covered_to": pd.to_datetime(["2020-12-31", "2021-06-30"]),
        }
    )
    table = nowcast_events(facts, deliveries=deliveries, delays=2).set_index("period")
    # December 2020 was never delivered again; June 2021 is known through July
    assert table["completeness"].tolist() == [1.0] * 8
    short = deliveries.assign(extracted=pd.to_datetime(["2020-12-31", "2021-07-30"]))
    last = nowcast_events(facts, deliveries=short, delays=3).set_index("period")
    assert last.loc["2021-06", "reported"] == 1
    assert last.loc["2020-12", "reported"] == 1


def test_what_no_month_was_followed_long_enough_to_tell_is_unknown():
    days = pd.to_datetime(["2021-11-10", "2021-12-10"])
    facts = pd.DataFrame({"event_date": days, "report_date": days, "territory": "21004"})
    deliveries = pd.DataFrame(
        {
            "extracted": pd.to_datetime(["2021-12-31"]),
            "covered_from": pd.to_datetime(["2021-11-01"]),
            "covered_to": pd.to_datetime(["2021-12-31"]),
        }
    )
    table = nowcast_events(facts, deliveries=deliveries)
    assert table["reported"].tolist() == [1, 1]
    assert table[["completeness", "expected", "low", "provisional"]].isna().all(axis=None)
    computed = compute("theft", {"police": facts.assign(phenomenon="theft")}, period="month")
    told = add_completeness(computed, table)
    assert told["status"].tolist() == computed["status"].tolist()
    assert told["completeness"].isna().all()


@pytest.mark.parametrize(
    ("extracted", "provisional"),
    [("2021-01-31", True), ("2021-11-30", True), ("2021-12-31", False), ("2022-01-31", False)],
)
def test_a_figure_is_definitive_after_a_year(extracted, provisional):
    month = pd.date_range("2020-01-01", "2020-12-01", freq="MS")
    late = month + pd.Timedelta(days=33)
    facts = pd.DataFrame({"event_date": [*month, *month], "report_date": [*month, *late]})
    known = facts[facts["report_date"] < "2021-01-01"].assign(territory="21004")
    first = {"covered_from": pd.Timestamp("2020-01-01"), "covered_to": pd.Timestamp("2020-12-31")}
    later = {k: day + pd.DateOffset(years=1) for k, day in first.items()}
    deliveries = pd.DataFrame(
        [
            {"extracted": pd.Timestamp("2020-12-31"), **first},
            {"extracted": pd.Timestamp(extracted), **later},
        ]
    )
    table = nowcast_events(known, deliveries=deliveries, delays=2).set_index("period")
    row = table.loc[DECEMBER - 12]
    assert row["completeness"] == pytest.approx(0.5)
    assert row["provisional"] == provisional


@pytest.mark.slow
def test_an_indicator_alone_is_followed(registry, early):
    events, deliveries = as_of(registry, "2022-01-31")
    table = nowcast_events(events, deliveries=deliveries, indicator="theft")
    assert 0 < table["reported"].sum() < early["reported"].sum()


@pytest.mark.slow
def test_recent_figures_say_so(registry, early):
    events, _ = as_of(registry, "2022-01-31")
    for period, provisional in (("month", ["2021-11", "2021-12"]), ("quarter", ["2021Q4"])):
        table = compute("theft", {"police": events}, period=period)
        told = add_completeness(table, early.reset_index())
        shown = told[told["level"] == "region"].set_index("period")
        assert shown.index[shown["status"] == "provisional"].astype("str").tolist() == provisional
        assert shown["completeness"].between(0.9, 1).all()
        pd.testing.assert_series_equal(told["value"], table["value"])


@pytest.mark.slow
def test_a_year_is_as_complete_as_its_months_together(early):
    facts = pd.DataFrame({"event_date": pd.date_range("2021-01-01", "2021-12-31")})
    table = compute(
        "bicycle_theft",
        {"police": facts.assign(territory="21004", phenomenon="bicycle_theft")},
    )
    told = add_completeness(table, early.reset_index())
    share = early["reported"].sum() / early["expected"].sum()
    assert told["completeness"].unique() == pytest.approx(share)
    half = add_completeness(table, early.reset_index().tail(6))
    assert half["completeness"].isna().all()


def test_a_week_has_no_completeness():
    """October 2021 ends on a Sunday: its completeness is not that of its last week."""
    facts = pd.DataFrame({"event_date": pd.date_range("2021-10-01", "2021-11-30")})
    facts = facts.assign(territory="21004", phenomenon="bicycle_theft")
    table = compute("bicycle_theft", {"police": facts}, period="week")
    nowcasts = pd.DataFrame({"period": pd.period_range("2021-10", "2021-11", freq="M")})
    nowcasts = nowcasts.assign(reported=[31, 30], expected=[62.0, 60.0], provisional=True)
    shown = add_completeness(table, nowcasts)
    assert shown["completeness"].isna().all()
    assert shown["status"].tolist() == table["status"].tolist()


@pytest.mark.slow
def test_a_recent_month_is_not_compared_with_a_complete_one(registry, early):
    events, _ = as_of(registry, "2022-01-31")
    told = add_completeness(
        compute("theft", {"police": events}, period="month"), early.reset_index()
    )
    trend = compare_periods(told[told["level"] == "region"], base="2021-01").set_index("period")
    assert trend.loc[DECEMBER, "reason"] == "unequal_maturity"
    assert pd.isna(trend.loc[pd.Period("2021-06", "M"), "reason"])


@pytest.mark.slow
def test_equal_maturity_gives_the_same_figures_from_either_extraction(registry):
    tables = [
        limit_maturity(as_of(registry, day)[0].drop(columns=["delivery", "extracted"]), days=30)
        for day in ("2022-01-31", "2022-06-30")
    ]
    counts = [t["event_date"].dt.to_period("M").value_counts().sort_index() for t in tables]
    moved = (counts[0] - counts[1]).abs().sum()
    assert moved <= 8  # requalified dates alone; late reports no longer count
    assert len(tables[1]) < len(as_of(registry, "2022-06-30")[0])


def test_both_sides_of_a_maturity():
    facts = pd.DataFrame({"event_date": pd.to_datetime(["2021-02-03"] * 3)})
    facts["report_date"] = pd.to_datetime(["2021-02-28", "2021-03-10", "2021-03-11"])
    assert len(limit_maturity(facts, days=10)) == 2
    assert len(limit_maturity(facts, days=10, period="year")) == 3
    assert limit_maturity(facts, days=0).index.tolist() == [0]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"days": -1}, ObsError, "negative"),
        ({"days": 1, "period": "fortnight"}, ObsError, "'fortnight' is not one of"),
    ],
)
def test_faulty_options_are_refused(options, error, says):
    facts = pd.DataFrame({"event_date": pd.to_datetime(["2021-02-03"])})
    with pytest.raises(error, match=says):
        limit_maturity(facts.assign(report_date=facts["event_date"]), **options)


def test_unknown_dates_are_refused():
    day = pd.to_datetime(["2021-02-03", None])
    facts = pd.DataFrame({"event_date": day, "report_date": day})
    with pytest.raises(SchemaError, match="1 rows lack"):
        limit_maturity(facts, days=3)
    with pytest.raises(SchemaError, match="column report_date is absent"):
        limit_maturity(facts.drop(columns="report_date"), days=3)
    deliveries = pd.DataFrame({"extracted": [pd.Timestamp("2021-05-31")]}).assign(
        covered_from=pd.Timestamp("2021-02-01"), covered_to=pd.Timestamp("2021-02-28")
    )
    unreported = facts.assign(report_date=pd.NaT, territory="21004")
    with pytest.raises(ObsError, match="delays are not known"):
        nowcast_events(unreported, deliveries=deliveries)
    with pytest.raises(ObsError, match="no delivery tells"):
        nowcast_events(facts, deliveries=deliveries.assign(extracted=pd.NaT))
