"""The week beside the weeks before it, and the year to date: by hand, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import obs
from obs.errors import ObsError
from obs.indicators import compute
from obs.reference import load_breaks
from obs.report.facts.dates import format_period
from obs.stats import rate_ratio, recent_ratio
from obs.trends import compare_weeks
from tests.trends.change.test_comparison import make_table

NONE = load_breaks().iloc[:0]


def weekly(counts, *, last="2024-03-03", **columns):
    weeks = pd.period_range(end=pd.Period(last, "W-SUN"), periods=len(counts), freq="W-SUN")
    rows = [("04000", str(week), int(n)) for week, n in zip(weeks, counts, strict=True)]
    table = make_table(*rows, freq="W-SUN", **columns)
    return table.assign(days=pd.array([7] * len(table), dtype="Int64"))


def of(found, point, **where):
    rows = found[found["point"] == point]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_even_weeks_have_the_score_interval_at_the_quantile_of_student():
    """60 beside eight of 40 each: no dispersion, so t with 7 degrees of freedom alone widens."""
    found = recent_ratio([60], [[40] * 8])
    wide = 2 * stats.norm.cdf(stats.t.ppf(0.975, 7)) - 1
    plain = rate_ratio(60, 1, 320, 8, method="score", confidence=wide)
    assert float(found.low[0]) == pytest.approx(float(plain.low))
    assert float(found.high[0]) == pytest.approx(float(plain.high))
    assert float(found.dispersion[0]) == 1


def test_dispersion_widens_by_its_root():
    """Weeks of 20 and 60 in turn: mean 40, sum of squares 8 x 400 / 40 / 7 = 11.43."""
    found = recent_ratio([60], [[20, 60] * 4])
    assert float(found.dispersion[0]) == pytest.approx(80 / 7)
    score = (60 - 380 / 9) / np.sqrt(380 * 8 / 81)
    expected = 2 * stats.t.sf(score / np.sqrt(80 / 7), 7)
    assert float(found.p_value[0]) == pytest.approx(expected)


@pytest.mark.parametrize(("mean", "spread"), [(10, 0), (10, 0.2), (40, 0), (40, 0.2), (200, 0.4)])
def test_ordinary_weeks_are_called_in_five_per_cent_at_most(mean, spread):
    rng = np.random.default_rng(4)
    rate = np.full((8000, 9), float(mean))
    if spread:
        rate = rng.gamma(spread**-2, mean * spread**2, (8000, 9))
    drawn = rng.poisson(rate)
    found = recent_ratio(drawn[:, 0], drawn[:, 1:])
    assert np.mean(found.p_value < 0.05) <= 0.057  # two and a half errors of the simulation


def test_the_week_and_the_year_to_date_by_hand():
    """The ninth ISO week of 2024; weeks 1 to 9 of 2024 beside weeks 1 to 9 of 2023."""
    counts = [40] * 60 + [80]
    found = compare_weeks(weekly(counts), breaks=NONE)
    week, year = of(found, "weeks"), of(found, "year_to_date")
    assert (week["numerator"], week["base_numerator"], week["periods"]) == (80, 320, 8)
    assert (week["days"], week["base_days"]) == (7, 56)
    assert (week["change"], week["verdict"]) == (pytest.approx(1.0), "up")
    assert (str(week["period"]), str(week["base"])) == (
        "2024-02-26/2024-03-03",
        "2024-02-19/2024-02-25",
    )
    assert (year["numerator"], year["base_numerator"], year["periods"]) == (400, 360, 9)
    assert str(year["base"]) == "2023-02-27/2023-03-05"
    expected = rate_ratio(400, 63, 360, 63)
    assert year["low"] == pytest.approx(float(expected.low) - 1)
    assert year["verdict"] == "stable"


def test_a_year_of_53_weeks_is_compared_per_day():
    """2020 had 53 ISO weeks and 2019 had 52: the same facts a week are no change."""
    found = compare_weeks(weekly([50] * 120, last="2021-01-03"), breaks=NONE)
    year = of(found, "year_to_date")
    assert (year["periods"], year["days"], year["base_days"]) == (53, 371, 364)
    assert (year["change"], year["change_of"]) == (pytest.approx(0), "count_per_day")


def test_a_week_covered_in_part_is_not_the_last_one():
    table = weekly([40] * 62)
    table.loc[table.index[-1], ["days", "status"]] = [3, "provisional"]
    found = compare_weeks(table, breaks=NONE)
    assert str(of(found, "weeks")["period"]) == "2024-02-19/2024-02-25"
    asked = compare_weeks(table, week="2024-02-26", breaks=NONE)
    assert of(asked, "weeks")["verdict"] == "not comparable"
    assert of(asked, "weeks")["reason"] == "missing"


def test_an_unknown_week_among_the_eight_gives_no_verdict_and_a_year_too_short_no_year():
    table = weekly([40] * 30)
    table.loc[table.index[-4], ["numerator", "status"]] = [pd.NA, "missing"]
    found = compare_weeks(table, breaks=NONE)
    assert (of(found, "weeks")["verdict"], of(found, "weeks")["reason"]) == (
        "not comparable",
        "missing",
    )
    assert of(found, "year_to_date")["reason"] == "missing"


def test_small_counts_are_counted_and_not_compared():
    found = compare_weeks(weekly([3] * 61), breaks=NONE)
    assert of(found, "weeks")["verdict"] == "too few to say"
    assert pd.isna(of(found, "weeks")["change"])
    assert of(found, "year_to_date")["verdict"] == "stable"


def test_places_share_the_correction_and_counts_are_taken_of_rates():
    one = weekly([40] * 60 + [70])
    both = pd.concat([one, one.assign(territory="21001")], ignore_index=True)
    both = both.assign(scale="per_1000_inhabitants", denominator=1000.0)
    both.loc[both.index[-1], "denominator"] = 2000.0  # the next year's inhabitants
    alone = of(compare_weeks(one, breaks=NONE), "weeks")
    shared = of(compare_weeks(both, breaks=NONE), "weeks", territory="21001")
    assert shared["p_unadjusted"] == pytest.approx(alone["p_value"])
    assert shared["p_value"] == pytest.approx(2 * alone["p_value"])
    assert shared["change"] == pytest.approx(alone["change"])
    assert shared["method"] == "rate ratio per day, score, dispersion of 8 weeks, holm"


def test_weeks_are_counted_from_facts_monday_to_sunday():
    """Two facts on Sunday 3 March and one on Monday 4 March 2024; 1 January 2024 is a Monday."""
    days = ["2024-01-01", "2024-03-03", "2024-03-03", "2024-03-04", "2024-03-10"]
    facts = pd.DataFrame(
        {
            "event_id": [f"E{i}" for i in range(5)],
            "event_date": pd.to_datetime(days),
            "territory": "21004",
            "phenomenon": "robbery",
            "attempt": False,
            "synthetic": True,
        }
    )
    counted = obs.count_events(
        facts, by=("territory", "week"), coverage=("2023-12-28", "2024-03-10")
    )
    counted = counted[counted["territory"] == "21004"]
    rows = counted.set_index(counted["week"].astype("str"))
    assert rows.loc["2024-02-26/2024-03-03", "numerator"] == 2
    assert rows.loc["2024-03-04/2024-03-10", "numerator"] == 2
    assert rows.loc["2024-01-01/2024-01-07", "numerator"] == 1
    assert rows.loc["2024-01-08/2024-01-14", "status"] == "zero"
    assert rows.loc["2023-12-25/2023-12-31", "status"] == "provisional"
    earlier = facts.assign(
        event_date=pd.to_datetime(["1969-12-28", "1969-12-29", "1970-01-04"] + ["1970-01-05"] * 2)
    )
    old = obs.count_events(earlier, by=("week",))
    assert old["numerator"].tolist() == [1, 2, 2]


def test_counts_by_month_have_no_weeks_and_counts_by_week_no_months():
    months = pd.DataFrame(
        {
            "territory": "04000",
            "period": pd.period_range("2023-01", "2023-12", freq="M"),
            "phenomenon": "robbery",
            "unit": "fact",
            "numerator": 100,
            "status": "ok",
            "delivery": "x.csv",
        }
    )
    by_week = compute("robbery", {"police": months}, period="week")
    assert (by_week["status"] == "not_applicable").all()
    assert not by_week.duplicated(["territory", "period"]).any()
    weeks = months.assign(period=pd.period_range("2023-01-02", periods=12, freq="W"))
    assert (
        compute("robbery", {"police": weeks}, period="month")["status"] == "not_applicable"
    ).all()
    same = compute("robbery", {"police": weeks}, period="week")
    assert same.loc[same["territory"] == "04000", "numerator"].tolist() == [100] * 12


def test_what_is_no_table_of_weeks_is_refused():
    months = make_table(("04000", "2024-01", 50), freq="M")
    with pytest.raises(ObsError, match=r"count by week with compute\(\.\.\., period='week'\)"):
        compare_weeks(months)
    table = weekly([40] * 20)
    with pytest.raises(ObsError, match="whole number from 4 to 52"):
        compare_weeks(table, weeks=2)
    with pytest.raises(ObsError, match="is not in the table, which has"):
        compare_weeks(table, week="2030-01-07")
    with pytest.raises(ObsError, match="lies within the period"):
        compare_weeks(table, week="2024-02-27")
    with pytest.raises(ObsError, match="shares are not compared by the week"):
        compare_weeks(table.assign(scale="share", denominator=100.0))
    with pytest.raises(ObsError, match="no week of the table is covered"):
        compare_weeks(table.assign(days=pd.array([3] * 20, dtype="Int64"), status="provisional"))
    with pytest.raises(ObsError, match="take 4"):
        recent_ratio([1], [[1, 2, 3]])
    with pytest.raises(ObsError, match=r"\(n, k\) are needed"):
        recent_ratio([1, 2], [[1, 2, 3, 4]])


def test_a_page_binds_the_week_from_released_weeks(tmp_path):
    table = weekly([40] * 60 + [80]).assign(level="region", synthetic=True)
    made = obs.release({"weeks": table}).compare(obs.compare_weeks, breaks=NONE)
    assert set(made.table["point"]) == {"weeks", "year_to_date"}
    bound = obs.fact(made, point="weeks", territory="04000")
    assert bound.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("lang", "written"),
    [
        ("fr", "semaine du 1er janvier 2024"),
        ("nl", "week van 1 januari 2024"),
        ("en", "week of 1 January 2024"),
    ],
)
def test_a_week_is_written_by_its_monday(lang, written):
    assert format_period(pd.Period("2024-01-01", "W-SUN"), lang) == written
