"""Turning points: what is chosen, what choosing costs, and what is bound to a page."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import obs
from obs.errors import ObsError, SchemaError
from obs.reference import load_breaks
from obs.schemas import TRENDS, check_table
from obs.stats import rate_ratio
from obs.trends import compare_periods, turning_points
from tests.report.small_tables import brussels_rows, indicator_table
from tests.trends.change.test_comparison import make_break, make_table

NONE = load_breaks().iloc[:0]


def years(*counts, first=2015, territory="04000", **columns):
    rows = [(territory, first + i, count) for i, count in enumerate(counts)]
    return make_table(*rows, **columns)


def of(found, point):
    rows = found[found["point"] == point]
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_change_since_a_peak_is_that_of_a_comparison_with_a_wider_interval():
    """2013 to 2016 (2016 has 366 days): of three bases, 5 % shared between three comparisons."""
    table = years(500, 900, 600, 400, first=2013)
    found = turning_points(table, breaks=NONE)
    peak = of(found, "peak")
    plain = compare_periods(table, base=2014, adjust="none", breaks=NONE).iloc[-1]
    assert (str(peak["base"]), str(peak["period"])) == ("2014", "2016")
    assert peak["change"] == pytest.approx(plain["change"])
    expected = rate_ratio(400, 366, 900, 365, confidence=1 - 0.05 / 3)
    assert peak["low"] == pytest.approx(float(expected.low) - 1)
    assert peak["high"] == pytest.approx(float(expected.high) - 1)
    assert peak["p_value"] == pytest.approx(min(1, 3 * plain["p_value"]))
    assert peak["method"] == "rate ratio per day, wald, bonferroni"
    assert peak["verdict"] == "down"


def test_a_series_that_ends_at_its_peak_has_it_as_its_own_base():
    found = turning_points(years(500, 400, 600, 900), breaks=NONE)
    peak, trough = of(found, "peak"), of(found, "trough")
    assert str(peak["base"]) == str(peak["period"]) == "2018"
    assert pd.isna(peak[["change", "low", "high", "verdict", "p_value"]]).all()
    assert peak["numerator"] == peak["base_numerator"] == 900
    assert (str(trough["base"]), trough["verdict"]) == ("2016", "up")


def test_periods_that_chance_does_not_tell_from_the_peak_are_counted():
    """1,000 and 990 are alike; 700 lies z = 2 (31.62 - 26.47) / sqrt 2 = 7.3 below."""
    found = turning_points(years(1000, 990, 700, 300, first=2017), breaks=NONE)
    assert of(found, "peak")["alike"] == 1
    assert of(found, "trough")["alike"] == 0


def test_a_peak_is_that_of_the_rate_and_not_of_the_count():
    table = years(1000, 1500, 900, first=2017, scale="per_1000_inhabitants")
    table["denominator"] = [1000.0, 3000.0, 1000.0]
    assert str(of(turning_points(table, breaks=NONE), "peak")["base"]) == "2017"


def test_having_looked_does_not_make_a_fall_of_chance():
    """Sixteen years of one rate: the last is called below their highest in at most 5 %."""
    rng = np.random.default_rng(12)
    tables = [years(*[400] * 16, first=2005).assign(indicator=f"theft_{i}") for i in range(150)]
    table = pd.concat(tables, ignore_index=True)
    table["numerator"] = rng.poisson(400 * table["days"].astype(float) / 365)
    found = turning_points(table, breaks=NONE)
    peaks = found[found["point"] == "peak"]
    called = (peaks["verdict"] == "down").mean()
    naive = (peaks["p_unadjusted"] < 0.05).fillna(value=False).mean()
    assert called <= 0.05 + 2 * (0.05 * 0.95 / 150) ** 0.5
    assert naive > 0.15  # what it would be without the correction


def test_several_places_share_the_correction():
    one = years(500, 900, 600, 400)
    both = pd.concat([one, one.assign(territory="21001")], ignore_index=True)
    alone, shared = (turning_points(t, breaks=NONE) for t in (one, both))
    peak = shared[(shared["point"] == "peak") & (shared["territory"] == "04000")].iloc[0]
    assert peak["p_value"] == pytest.approx(2 * of(alone, "peak")["p_value"])


def test_named_periods_and_events_are_not_corrected():
    table = years(500, 900, 600, 400)
    found = turning_points(table, since=["2015", 2017], breaks=NONE)
    named = found[found["point"] == "since"]
    plain = compare_periods(table, base=2015, adjust="none", breaks=NONE).iloc[-1]
    assert named["base"].astype("str").tolist() == ["2015", "2017"]
    assert named["p_value"].iloc[0] == pytest.approx(plain["p_value"])


def months(mean, after, *, first="2018-01", last="2021-12"):
    periods = pd.period_range(first, last, freq="M")
    counts = np.where(periods > pd.Period("2020-06", "M"), after, mean) * periods.days_in_month
    rows = [("04000", str(p), int(c)) for p, c in zip(periods, counts, strict=True)]
    return make_table(*rows, freq="M")


def test_the_year_before_an_event_stands_beside_the_year_after_it():
    """March 2019 to February 2020 (366 days) and July 2020 to June 2021 (365 days)."""
    found = turning_points(months(20, 15), event=("2020-03", "2020-06"), breaks=NONE)
    row = of(found, "event")
    assert (str(row["base"]), str(row["period"]), row["periods"]) == ("2020-02", "2020-07", 12)
    assert (row["base_numerator"], row["numerator"]) == (20 * 366, 15 * 365)
    assert (row["base_days"], row["days"]) == (366, 365)
    assert row["change"] == pytest.approx(-0.25)
    expected = rate_ratio(15 * 365, 365, 20 * 366, 366)
    assert row["high"] == pytest.approx(float(expected.high) - 1)
    assert (row["verdict"], row["change_of"]) == ("down", "count_per_day")


def test_rates_around_an_event_are_over_persons_and_days():
    table = months(20, 15).assign(scale="per_1000_inhabitants")
    later = table["period"] > pd.Period("2020-06", "M")
    table["denominator"] = np.where(later, 1500.0, 1000.0)
    row = of(turning_points(table, event=("2020-03", "2020-06"), breaks=NONE), "event")
    assert row["change"] == pytest.approx(15 / 1500 / (20 / 1000) - 1)


def test_an_event_of_years_takes_one_year_on_each_side():
    row = of(turning_points(years(500, 900, 600, 400), event=2016, breaks=NONE), "event")
    assert (str(row["base"]), str(row["period"]), row["periods"]) == ("2015", "2017", 1)
    assert row["change"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "missing", "numerator": pd.NA}, "missing"),
        ({"status": "suppressed_source", "numerator": pd.NA}, "withheld"),
        ({"days": 10}, "missing"),
    ],
)
def test_a_year_with_an_unknown_month_is_no_level(change, reason):
    table = months(20, 15)
    for column, value in change.items():
        table.loc[table["period"] == "2019-05", column] = value
    row = of(turning_points(table, event=("2020-03", "2020-06"), breaks=NONE), "event")
    assert (row["verdict"], row["reason"]) == ("not comparable", reason)
    assert pd.isna(row["change"])


def test_the_year_after_an_event_may_not_have_ended_yet():
    table = months(20, 15, last="2021-03")
    row = of(turning_points(table, event=("2020-03", "2020-06"), breaks=NONE), "event")
    assert row["reason"] == "missing"


def test_nothing_is_a_peak_across_a_break():
    table = years(500, 900, 600, 400)
    found = turning_points(table, breaks=make_break("2017-01-01"))
    assert str(of(found, "peak")["base"]) == "2017"


def test_shares_turn_in_points():
    table = years(300, 200, 100, scale="share", denominator=400.0)
    table["indicator"] = "burglary_attempt_share"
    peak = of(turning_points(table, breaks=NONE), "peak")
    assert peak["points"] == pytest.approx(-0.5)
    z = 0.5 / np.sqrt(0.5 * 0.5 * 2 / 400)
    assert peak["p_value"] == pytest.approx(min(1, 2 * 2 * stats.norm.sf(z)), abs=1e-12)


def test_turning_points_of_what_is_released_are_facts_of_a_page():
    table = indicator_table(brussels_rows(years=(2021, 2022, 2023, 2024), small={}))
    released = obs.release({"years": table})
    series = released.select(level="region")
    made = series.compare(obs.turning_points, since=["2021"])
    check_table(made.table, TRENDS)
    fact = obs.fact(made, point="since")
    assert (str(fact.base), str(fact.period)) == ("2021", "2024")
    assert fact.value == pytest.approx(float(of(made.table, "since")["change"]))
    assert obs.fact(made, point="peak").base in set(table["period"])


def test_one_period_has_no_turning_point():
    assert turning_points(years(500), breaks=NONE).empty
    assert turning_points(years(500).iloc[:0], breaks=NONE).empty


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"since": ["2018"]}, "since 2018: no earlier period of the table, which has 2015 to 2018"),
        ({"since": ["1999"]}, "since 1999: no earlier period"),
        ({"since": ["last summer"]}, "is not a date"),
        ({"event": 2015}, r"1 period\(s\) before it are needed"),
        ({"event": 2018}, "event 2018 to 2018: no series has a row on both sides of it"),
        ({"event": "2016-05-03"}, "lies within the period 2016"),
        ({"confidence": 95}, "0.95, not 95"),
    ],
)
def test_faulty_calls_say_what_is_wrong(options, said):
    with pytest.raises(ObsError, match=said):
        turning_points(years(500, 900, 600, 400), breaks=NONE, **options)
    with pytest.raises(SchemaError, match="must be a DataFrame, not a list"):
        turning_points([1])
