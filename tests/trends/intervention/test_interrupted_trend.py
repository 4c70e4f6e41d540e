"""Interrupted trends of tables: planted changes, the naive mean, placebos, refusals."""

import numpy as np
import pandas as pd
import pytest

from obs import interrupted_trend
from obs.errors import ObsError, SchemaError

MONTHS = pd.period_range("2015-01", "2020-12", freq="M")


def facts(change=0.6, mean=400.0, seed=1, months=MONTHS, start="2020-03", **columns):
    rng = np.random.default_rng(seed)
    wave = 1 + 0.2 * np.cos(2 * np.pi * (months.month - 1) / 12)
    level = np.where(months >= pd.Period(start, freq=months.freq), change, 1.0)
    return pd.DataFrame(
        {**columns, "period": months, "numerator": rng.poisson(mean * wave * level)}
    )


def of(result, effect, **key):
    rows = result.effects[result.effects["effect"] == effect]
    for column, value in key.items():
        rows = rows[rows[column] == value]
    return rows.iloc[0]


def test_a_planted_fall_is_found_with_its_naive_baseline_beside():
    result = interrupted_trend(facts(), start="2020-03")
    total = of(result, "total")
    assert total["change"] == pytest.approx(-0.4, abs=0.06)
    assert total["low"] < -0.4 < total["high"] < 0
    assert (total["verdict"], of(result, "level")["verdict"]) == ("down", "down")
    assert of(result, "two_year_mean")["change"] == pytest.approx(-0.4, abs=0.05)
    assert result.n == 72
    assert result.table["under"].sum() == 10


def test_the_naive_mean_by_hand():
    given = facts(seed=4)
    result = interrupted_trend(given, start="2020-04", end="2020-05")
    counts = given.set_index("period")["numerator"]
    wanted = counts["2020-04":"2020-05"].sum()
    base = counts["2019-04":"2019-05"].sum() + counts["2018-04":"2018-05"].sum()
    assert of(result, "two_year_mean")["change"] == pytest.approx(wanted / (base / 2) - 1)


@pytest.mark.slow
def test_opposite_signs_of_two_series_are_seen_together():
    both = pd.concat([facts(0.7, indicator="police"), facts(1.5, 80, 2, indicator="calls")])
    result = interrupted_trend(both, start="2020-03")
    assert of(result, "total", indicator="police")["verdict"] == "down"
    assert of(result, "total", indicator="calls")["verdict"] == "up"
    assert "calls: observed against expected" in result.summary()
    assert set(result.table["indicator"]) == {"police", "calls"}


def test_nothing_happened_is_stable_and_placebos_agree():
    result = interrupted_trend(facts(1.0), start="2020-03")
    assert of(result, "total")["verdict"] == "stable"
    covered = (result.placebo["low"] <= 0) & (result.placebo["high"] >= 0)
    assert covered.mean() >= 0.75
    assert (result.placebo["start"] < pd.Period("2020-03", "M")).all()


def test_an_end_leaves_an_aftermath():
    result = interrupted_trend(facts(0.5), start="2020-03", end="2020-07")
    assert of(result, "aftermath")["change"] == pytest.approx(-0.5, abs=0.1)
    assert "slope" not in set(result.effects["effect"])
    assert result.table["under"].sum() == 5


def test_exposure_moves_the_rate_not_the_count():
    given = facts(1.0)
    after = given["period"] >= pd.Period("2020-03", "M")
    given["denominator"] = np.where(after, 2.0, 1.0)
    result = interrupted_trend(given, start="2020-03", exposure="denominator")
    assert of(result, "total")["change"] == pytest.approx(-0.5, abs=0.06)


@pytest.mark.slow
def test_daily_counts_have_a_week():
    days = pd.period_range("2017-01-01", "2020-05-31", freq="D")
    rng = np.random.default_rng(3)
    week = np.where(days.day_of_week >= 5, 1.4, 1.0)
    level = np.where(days >= pd.Period("2020-03-23", "D"), 0.7, 1.0)
    given = pd.DataFrame({"period": days, "numerator": rng.poisson(60 * week * level)})
    result = interrupted_trend(given, start="2020-03-23", placebos=2)
    assert of(result, "total")["change"] == pytest.approx(-0.3, abs=0.06)
    path = result.table.set_index("period")["fitted"]
    assert path["2020-05-30"] / path["2020-05-29"] == pytest.approx(1.4, abs=0.06)


def test_a_provisional_last_month_is_left_out():
    given = facts(status="ok")
    given.loc[71, "status"] = "provisional"
    result = interrupted_trend(given, start="2020-03")
    assert result.table["period"].max() == pd.Period("2020-11", "M")


def test_the_input_is_untouched():
    given = facts()
    before = given.copy(deep=True)
    interrupted_trend(given, start="2020-03", placebos=0)
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"start": "2015-06"}, ObsError, "5 periods before the start; 24"),
        ({}, {"start": "2022-01"}, ObsError, "not within 2015-01 to 2020-12"),
        ({}, {"start": "2020-03", "end": "2020-01"}, ObsError, "before the start"),
        ({}, {"start": "soon"}, ObsError, "not a date"),
        ({}, {"start": "2020-03", "confidence": 95}, ObsError, "between 0 and 1"),
        ({}, {"start": "2020-03", "placebos": -1}, ObsError, "0 or more"),
        ({"numerator": "few"}, {"start": "2020-03"}, SchemaError, "must hold numbers"),
        ({}, {"start": "2020-03", "exposure": "people"}, SchemaError, "people are absent"),
        ({"numerator": pd.NA}, {"start": "2020-03"}, ObsError, "no period has a known count"),
        (
            {"period": "2020-01"},
            {"start": "2020-03"},
            SchemaError,
            r"PeriodIndex\(table\['period'\]",
        ),
        ({"numerator": 1.5}, {"start": "2020-03"}, ObsError, "72 value.* not whole"),
        ({"numerator": -1}, {"start": "2020-03"}, ObsError, "72 value.* negative"),
        ({"people": -1}, {"start": "2020-03", "exposure": "people"}, ObsError, "negative"),
        ({}, {"start": "2020-03", "placebos": 2.5}, ObsError, "a number of dates is whole"),
        ({}, {"start": None}, ObsError, "start 'NoneType' is not a date"),
        ({}, {"start": "2020-03", "end": [1]}, ObsError, "end 'list' is not a date"),
        ({}, {"start": 10**30}, ObsError, "start 'int' is not a date"),
        ({}, {"start": "x" * 900}, ObsError, "start 'x{40}' is not a date"),
    ],
)
def test_wrong_use_is_refused(change, options, error, message):
    given = facts().assign(**change)
    with pytest.raises(error, match=message):
        interrupted_trend(given, **options)


@pytest.mark.parametrize("empty", [facts().iloc[:0], facts(indicator="a").iloc[:0], [1, 2], None])
def test_nothing_to_look_at_is_refused(empty):
    with pytest.raises(SchemaError, match="one row or more|must be a DataFrame, not a"):
        interrupted_trend(empty, start="2020-03")


def test_gaps_and_repeats_are_refused():
    with pytest.raises(ObsError, match="without a gap"):
        interrupted_trend(facts().drop(index=30), start="2020-03")
    with pytest.raises(ObsError, match="twice"):
        interrupted_trend(pd.concat([facts(), facts()]), start="2020-03")
    holed = facts().astype({"numerator": "Float64"})
    holed.loc[10:16, "numerator"] = pd.NA
    with pytest.raises(ObsError, match="7 period"):
        interrupted_trend(holed, start="2020-03")


def test_years_are_refused():
    years = pd.DataFrame(
        {"period": pd.period_range("1990", "2020", freq="Y"), "numerator": np.arange(31)}
    )
    with pytest.raises(SchemaError, match="not years"):
        interrupted_trend(years, start="2015")


@pytest.mark.slow
def test_mexico_city_recorded_violence_fell(shared):
    days = pd.read_csv(shared / "data" / "covid" / "mexico_city_daily_crime_2017_2020.csv")
    given = pd.DataFrame(
        {
            "period": pd.PeriodIndex(days["fecha"], freq="D"),
            "numerator": days["domestic_violence"].astype("Int64"),
        }
    )
    result = interrupted_trend(given, start="2020-03-23", placebos=0)
    assert of(result, "total")["verdict"] == "down"
    assert of(result, "total")["change"] == pytest.approx(-0.43, abs=0.02)
    assert of(result, "two_year_mean")["change"] == pytest.approx(-0.263, abs=0.005)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2020-03-18", "lies within the period 2020-03, .* start='2020-03' .* '2020-04'"),
        (pd.Timestamp(2020, 3, 2), "within the period 2020-03"),
        (pd.Timestamp(2020, 3, 1, 10), "within the period 2020-03"),
        (pd.Period("2020-03-16/2020-03-22", "W-SUN"), "within the period 2020-03"),
    ],
)
def test_a_start_within_a_month_is_refused_with_both_months(value, said):
    with pytest.raises(ObsError, match=said):
        interrupted_trend(facts(), start=value)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2020-03", "2020-07"),
        ("2020-03-01", "2020-07-31"),
        (pd.Timestamp(2020, 3, 1), pd.Timestamp(2020, 7, 31)),
        (pd.Period("2020-03", "M"), pd.Period("2020-07", "M")),
    ],
)
def test_a_day_at_the_edge_of_a_month_is_that_month(start, end):
    result = interrupted_trend(facts(0.5), start=start, end=end, placebos=0)
    under = result.table.loc[result.table["under"], "period"]
    assert under.astype("str").tolist() == ["2020-03", "2020-04", "2020-05", "2020-06", "2020-07"]


def test_a_year_starts_in_january_and_ends_in_december():
    result = interrupted_trend(facts(0.5), start="2018", end=2019, placebos=0)
    under = result.table.loc[result.table["under"], "period"]
    assert (str(under.min()), str(under.max())) == ("2018-01", "2019-12")
    with pytest.raises(ObsError, match="end '2020-03-18' .* end='2020-03' .* '2020-02'"):
        interrupted_trend(facts(), start="2018", end="2020-03-18")


def test_weeks_that_end_on_any_day_take_their_own_edges():
    weeks = pd.period_range("2017-01-01", "2020-12-26", freq="W-SAT")
    given = pd.DataFrame({"period": weeks, "numerator": np.full(len(weeks), 50)})
    given["numerator"] += np.arange(len(weeks)) % 5
    result = interrupted_trend(given, start="2020-03-15", placebos=0)  # a Sunday
    assert result.table.loc[result.table["under"], "period"].min().start_time.day == 15
    with pytest.raises(ObsError, match="within the period 2020-03-15/2020-03-21"):
        interrupted_trend(given, start="2020-03-16", placebos=0)


WEEKS = pd.period_range("2019-06-03", "2020-08-30", freq="W-SUN")


@pytest.mark.parametrize(
    ("months", "start", "reason", "said"),
    [
        (MONTHS, "2018-06", "longer_than_a_year", "are under the intervention themselves"),
        (WEEKS, "2020-03-02", "begins_too_late", "are not all in the series"),
    ],
)
def test_a_naive_mean_that_cannot_be_says_why(months, start, reason, said):
    """Thousands of counts are not too few: the two years before are not there to compare."""
    given = facts(mean=4000, months=months)
    result = interrupted_trend(given, start=start, seasonal=False, placebos=0)
    row = of(result, "two_year_mean")
    assert (row["verdict"], row["reason"]) == ("not comparable", reason)
    assert pd.isna(row["change"])
    assert said in result.summary()
    assert result.effects.loc[result.effects["effect"] != "two_year_mean", "reason"].isna().all()
