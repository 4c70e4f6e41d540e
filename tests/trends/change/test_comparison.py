"""Comparisons of periods: both sides of each threshold, and what is never compared."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obs.errors import ObsError, SchemaError
from obs.reference import load_exposure, load_territory
from obs.schemas import TRENDS, check_table
from obs.stats import rate_ratio
from obs.trends import compare_periods


def make_table(*rows, freq="Y", **columns):
    """Rows of (territory, period, numerator or status)."""
    given_rows = pd.DataFrame(rows, columns=["territory", "period", "given"])
    known = given_rows["given"].map(lambda g: not isinstance(g, str))
    periods = pd.PeriodIndex(given_rows["period"].astype("str"), freq=freq)
    numerator = given_rows["given"].where(known).astype("Int64")
    return pd.DataFrame(
        {
            "indicator": "theft",
            "territory": given_rows["territory"].astype("str"),
            "period": periods,
            "numerator": numerator,
            "denominator": 1000.0,
            "value": numerator.astype("Float64"),
            "low": np.nan,
            "high": np.nan,
            "status": given_rows["given"].where(~known, "ok").astype("str"),
            "unit": "fact",
            "n": numerator,
            "grade": pd.Series(None, index=given_rows.index, dtype="str"),
            "level": "commune",
            "scale": "count",
            "days": (periods.end_time.normalize() - periods.start_time).days + 1,
            **columns,
        }
    )


def one(*rows, base="previous", **options):
    columns = options.pop("columns", {})
    trend = compare_periods(make_table(*rows, **columns), base=base, **options)
    assert len(trend) == 1
    return trend.iloc[0]


def test_the_seed_change_of_four_per_cent_is_within_chance():
    """1,657 to 1,725 cases: +4.10 %, which two Poisson counts do not tell from no change."""
    row = one(("21001", 2021, 1657), ("21001", 2022, 1725))
    assert row["change"] == pytest.approx(0.0410, abs=5e-5)
    assert row["low"] < 0 < row["high"]
    assert (row["verdict"], row["status"]) == ("stable", "ok")
    assert row["method"] == "rate ratio, wald, holm"


@pytest.mark.parametrize(("new", "verdict"), [(1300, "up"), (1150, "down"), (1204, "stable")])
def test_words_come_from_the_interval(new, verdict):
    row = one(("21001", 2021, 1204), ("21001", 2022, new), adjust="none")
    ratio = rate_ratio(new, 1, 1204, 1)
    expected = verdict if ratio.p_value < 0.05 else "stable"
    assert row["verdict"] == expected
    assert row["low"] == pytest.approx(float(ratio.low) - 1)
    assert row["p_value"] == pytest.approx(float(ratio.p_value))


def test_rates_are_compared_per_head():
    columns = {"scale": "per_1000_inhabitants", "denominator": [1000.0, 2000.0]}
    row = one(("21001", 2021, 100), ("21001", 2022, 200), columns=columns)
    assert row["change"] == pytest.approx(0)
    assert (row["numerator"], row["base_numerator"]) == (200, 100)


def test_figures_per_day_know_leap_years():
    columns = {"scale": "per_day", "denominator": [366.0, 365.0]}
    row = one(("21001", 2020, 732), ("21001", 2021, 730), columns=columns)
    assert row["change"] == pytest.approx(0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("freq", "base", "period", "days"),
    [
        ("M", "2023-02", "2024-02", (28, 29)),
        ("M", "2024-01", "2024-02", (31, 29)),
        ("M", "2023-11", "2023-12", (30, 31)),
        ("Q", "2023Q1", "2024Q1", (90, 91)),
        ("Q", "2024Q2", "2024Q3", (91, 92)),
        ("Y", "2023", "2024", (365, 366)),
        ("Y", "2024", "2015", (366, 365)),
    ],
)
@pytest.mark.parametrize("scale", ["count", "per_1000_inhabitants"])
def test_the_same_facts_a_day_are_no_change_however_long_the_period(
    freq, base, period, days, scale
):
    rows = [("21001", p, 1000 * d) for p, d in zip((base, period), days, strict=True)]
    table = make_table(*rows, freq=freq, scale=scale)
    for made in (table, table.drop(columns="days")):
        row = compare_periods(made, base=min(base, period)).iloc[0]
        assert row["change"] == pytest.approx(0, abs=1e-12)
        assert row["verdict"] == "stable"
        assert row["change_of"] == ("count_per_day" if scale == "count" else "rate_per_day")
        assert row["method"].startswith("rate ratio per day, wald")
        assert sorted(row[["days", "base_days"]]) == sorted(days)


def test_a_change_per_day_is_the_ratio_of_rates_over_both_days():
    """Facts of 2023 and 2024 with their days as the exposure of `rate_ratio`, and by hand."""
    row = one(("21001", 2023, 5000), ("21001", 2024, 5200))
    assert row["change"] == pytest.approx(5200 / 366 / (5000 / 365) - 1)
    expected = rate_ratio(5200, 366, 5000, 365)
    assert row["low"] == pytest.approx(float(expected.low) - 1)
    assert row["p_value"] == pytest.approx(float(expected.p_value))


@pytest.mark.slow
def test_a_change_says_what_it_is_one_of():
    pair = (("21001", 2021, 500), ("21001", 2022, 480))
    told = {
        scale: one(*pair, columns={"scale": scale})["change_of"]
        for scale in ("count", "per_1000_inhabitants", "per_day", "share")
    }
    assert list(told.values()) == ["count", "rate", "count_per_day", "share"]
    assert pd.isna(one(*pair, columns={"scale": "index_2021"})["change_of"])


def test_parts_of_unequal_length_are_compared_per_day_too():
    covered = span(("2020-01-01", "2020-11-30"), ("2021-01-01", "2021-11-30"))  # 335, 334 days
    row = one(("21001", 2020, 33_500), ("21001", 2021, 33_400), columns=covered)
    assert row["change"] == pytest.approx(0, abs=1e-12)
    assert (row["days"], row["base_days"]) == (334, 335)


@pytest.mark.slow
def test_a_stock_is_not_divided_by_the_days_of_its_period():
    table = make_table(("04000", 2023, 500), ("04000", 2024, 500)).assign(indicator="cases_pending")
    row = compare_periods(table, base=2023).iloc[0]
    assert (row["change"], row["change_of"]) == (0, "count")
    flow = compare_periods(table.assign(indicator="cases_entered"), base=2023).iloc[0]
    assert flow["change"] == pytest.approx(365 / 366 - 1)


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [(20, 40, "up"), (19, 40, "too few to say"), (40, 19, "too few to say"), (40, 20, "down")],
)
def test_under_twenty_no_change_is_given(old, new, verdict):
    row = one(("21001", 2020, old), ("21001", 2021, new))
    assert row["verdict"] == verdict
    few = verdict == "too few to say"
    assert pd.isna(row["change"]) == pd.isna(row["low"]) == pd.isna(row["p_value"]) == few
    assert row["status"] == ("unreliable" if few else "ok")
    assert (row["numerator"], row["base_numerator"]) == (new, old)  # counts are still given


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "reason", "shown"),
    [
        ("missing", "missing", "missing"),
        ("suppressed_source", "withheld", "suppressed_source"),
        ("not_applicable", "not_applicable", "not_applicable"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_an_unknown_change_stays_unknown(status, reason, shown, first):
    given_counts = (status, 100) if first else (100, status)
    row = one(("21001", 2020, given_counts[0]), ("21001", 2021, given_counts[1]))
    assert row["verdict"] == "not comparable"
    assert (row["reason"], row["status"]) == (reason, shown)
    assert pd.isna(row[["change", "low", "high", "p_value", "numerator", "base_numerator"]]).all()


def test_a_territory_without_its_base_is_missing():
    trend = compare_periods(
        make_table(("21001", 2020, 100), ("21001", 2021, 100), ("21004", 2021, 50)), base=2020
    )
    row = trend.set_index("territory").loc["21004"]
    assert (row["verdict"], row["reason"]) == ("not comparable", "missing")


def test_a_partial_period_is_never_compared_with_a_full_one():
    row = one(("21001", 2020, 500), ("21001", 2021, 480), columns={"days": [366, 334]})
    assert (row["verdict"], row["reason"]) == ("not comparable", "partial_period")
    assert pd.isna(row["change"])


def span(*days):
    """Give covered_from, covered_to and the days between, of each row."""
    opened, closed = (pd.to_datetime([day[i] for day in days]) for i in (0, 1))
    return {"covered_from": opened, "covered_to": closed, "days": (closed - opened).days + 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base", "period", "verdict"),
    [
        (("2020-01-01", "2020-11-30"), ("2021-01-01", "2021-11-30"), "stable"),  # 335, 334 days
        (("2020-01-01", "2020-02-29"), ("2021-01-01", "2021-02-28"), "stable"),
        (("2020-01-01", "2020-11-30"), ("2021-01-01", "2021-10-31"), "not comparable"),
        (("2020-01-01", "2020-11-30"), ("2021-02-01", "2021-12-31"), "not comparable"),
        (("2020-01-01", "2020-12-31"), ("2021-01-01", "2021-11-30"), "not comparable"),
        (("2020-01-01", "2020-11-30"), ("2021-01-01", "2021-12-31"), "not comparable"),
    ],
)
def test_two_parts_are_compared_if_they_cover_the_same_days(base, period, verdict):
    row = one(("21001", 2020, 500), ("21001", 2021, 480), columns=span(base, period))
    assert row["verdict"] == verdict
    assert pd.isna(row["reason"]) == (verdict == "stable")


@pytest.mark.slow
def test_parts_of_months_and_weeks_are_compared_by_their_place_in_them():
    months = make_table(("21001", "2021-01", 500), ("21001", "2021-02", 480), freq="M")
    early = months.assign(**span(("2021-01-01", "2021-01-15"), ("2021-02-01", "2021-02-15")))
    late = months.assign(**span(("2021-01-01", "2021-01-15"), ("2021-02-14", "2021-02-28")))
    weeks = make_table(("21001", "2021-03-01", 500), ("21001", "2021-05-31", 480), freq="W-SUN")
    days = (("2021-03-01", "2021-03-02"), ("2021-06-01", "2021-06-02"))  # Monday on, Tuesday on
    assert pd.isna(compare_periods(early, base="previous")["reason"].iloc[0])
    assert compare_periods(late, base="previous")["reason"].tolist() == ["partial_period"]
    trend = compare_periods(weeks.assign(**span(*days)), base="2021-03-01")
    assert trend["reason"].tolist() == ["partial_period"]


def test_parts_with_a_gap_inside_are_never_alike():
    columns = span(("2020-01-01", "2020-11-30"), ("2021-01-01", "2021-11-30"))
    columns["days"] = [300, 300]
    row = one(("21001", 2020, 500), ("21001", 2021, 480), columns=columns)
    assert row["reason"] == "partial_period"


@pytest.mark.parametrize("reasons", [["untold_days", None], [None, "untold_days"]])
def test_a_value_that_lacks_untold_days_is_compared_with_none(reasons):
    columns = {"reason": pd.Series(reasons, dtype="str"), "days": [366, 365]}
    row = one(("21001", 2020, 500), ("21001", 2021, 480), columns=columns)
    assert (row["verdict"], row["reason"]) == ("not comparable", "partial_period")
    assert pd.isna(row[["change", "low", "high", "p_value"]]).all()


def test_without_days_the_status_tells_a_partial_period():
    table = make_table(("21001", 2020, 500), ("21001", 2021, 480)).drop(columns="days")
    partial = table.assign(status=["ok", "provisional"])
    assert compare_periods(partial, base=2020)["reason"].tolist() == ["partial_period"]


def test_a_full_but_provisional_period_is_compared_and_said_so():
    table = make_table(("21001", 2020, 500), ("21001", 2021, 480)).assign(
        status=["ok", "provisional"]
    )
    row = compare_periods(table, base=2020).iloc[0]
    assert (row["verdict"], row["status"]) == ("stable", "provisional")


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("unit", ["fact", "victim"], "other_unit"),
        ("scale", ["count", "per_day"], "other_scale"),
    ],
)
def test_two_units_or_scales_are_never_compared(column, values, reason):
    row = one(("21001", 2020, 500), ("21001", 2021, 480), columns={column: values})
    assert (row["verdict"], row["reason"]) == ("not comparable", reason)


def make_break(date, territory="04000", indicator="theft*", effect="refuse"):
    return pd.DataFrame(
        {
            "indicator": [indicator],
            "territory": [territory],
            "date": [pd.Timestamp(date)],
            "effect": [effect],
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("date", "crossed"),
    [
        ("2020-01-01", False),  # the whole base is in the new series
        ("2020-01-02", True),
        ("2021-01-01", True),
        ("2021-12-31", True),
        ("2022-01-01", False),  # after both
    ],
)
def test_a_break_is_not_crossed(date, crossed):
    row = one(("21001", 2020, 500), ("21001", 2021, 480), breaks=make_break(date))
    assert (row["reason"] == "break_in_series") == crossed
    assert (row["verdict"] == "not comparable") == crossed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "crossed"),
    [
        ({"territory": "21001"}, True),
        ({"territory": "5341"}, True),  # its zone
        ({"territory": "21004"}, False),
        ({"indicator": "vif_*"}, False),
        ({"effect": "note"}, False),
    ],
)
def test_a_break_touches_its_unit_members_and_holders_only(options, crossed):
    breaks = make_break("2021-01-01", **options)
    row = one(("21001", 2020, 500), ("21001", 2021, 480), breaks=breaks)
    assert (row["verdict"] == "not comparable") == crossed
    upper = one(("04000", 2020, 500), ("04000", 2021, 480), breaks=breaks)
    assert (upper["verdict"] == "not comparable") == (crossed or "territory" in options)


def test_a_table_of_passage_bridges_a_break_for_what_it_names():
    breaks = make_break("2021-01-01").assign(bridged="theft theft_from_vehicle")
    row = one(("21001", 2020, 500), ("21001", 2021, 480), breaks=breaks)
    assert pd.isna(row["reason"])
    other = breaks.assign(bridged="theft_from_vehicle")
    row = one(("21001", 2020, 500), ("21001", 2021, 480), breaks=other)
    assert row["reason"] == "break_in_series"


@pytest.mark.parametrize(
    ("base", "crossed"),
    [(2024, True), (2026, True), (2027, False)],  # the year of the law is of both codes
)
def test_what_the_penal_code_redefined_is_not_compared_across(base, crossed):
    row = one(("21001", base, 500), ("21001", 2028, 480), base=base)
    assert (row["reason"] == "break_in_series") == crossed


def test_the_registered_breaks_are_the_default():
    table = make_table(("04000", 2021, 500), ("04000", 2023, 700)).assign(indicator="rape_count")
    assert compare_periods(table, base=2021)["reason"].tolist() == ["break_in_series"]


@pytest.mark.slow
def test_several_communes_are_held_to_a_stricter_test_by_level():
    rows = [(c, y, n) for c in ("21001", "21002", "21003") for y, n in ((2020, 400), (2021, 400))]
    rows[1] = ("21001", 2021, 460)  # p about 0.04 alone
    table = make_table(*rows)
    verdicts = {
        method: compare_periods(table, base=2020, adjust=method)["verdict"].tolist()
        for method in ("none", "holm", "bh")
    }
    assert verdicts["none"][0] == "up"
    assert verdicts["holm"][0] == verdicts["bh"][0] == "stable"
    alone = table.assign(level=["region"] * 2 + ["commune"] * 4)
    assert compare_periods(alone, base=2020)["verdict"].tolist()[0] == "up"


@pytest.mark.slow
def test_bases_may_be_fixed_previous_or_a_year_before():
    table = make_table(*(("21001", y, 100 + y - 2015) for y in range(2015, 2019)))
    fixed = compare_periods(table, base="2016")
    assert fixed["period"].astype(str).tolist() == ["2017", "2018"]
    assert set(fixed["base"].astype(str)) == {"2016"}
    for base in (2016, pd.Period("2016", "Y")):
        pd.testing.assert_frame_equal(compare_periods(table, base=base), fixed)
    previous = compare_periods(table, base="previous")
    assert previous["base"].astype(str).tolist() == ["2015", "2016", "2017"]
    months = make_table(*(("21001", f"2020-{m:02}", 50) for m in range(1, 13)), freq="M")
    later = make_table(*(("21001", f"2021-{m:02}", 50) for m in range(1, 4)), freq="M")
    both = pd.concat([months, later])
    assert compare_periods(both, base="year_before")["base"].astype(str).tolist() == [
        "2020-01",
        "2020-02",
        "2020-03",
    ]
    assert len(compare_periods(both, base="previous")) == 14


def test_a_series_that_begins_later_is_compared_with_its_own_first_period():
    """Of each series the first known year: 120 / 100, 240 / 100 and, begun in 2017, 300 / 200."""
    early = make_table(("21001", 2015, 100), ("21001", 2016, 120), ("21001", 2018, 240))
    late = make_table(
        ("21002", 2015, "missing"),
        ("21002", 2016, "suppressed_source"),
        ("21002", 2017, 200),
        ("21002", 2018, 300),
    )
    none = make_table(("21003", 2017, "missing"), ("21003", 2018, "missing"))
    new = make_table(("21004", 2017, "missing"), ("21004", 2018, 30))
    trend = compare_periods(pd.concat([early, late, none, new]), base="first")
    told = trend.astype({"period": str, "base": str}).set_index(["territory", "period"])
    assert told["base"].to_dict() == {
        ("21001", "2016"): "2015",
        ("21001", "2018"): "2015",
        ("21002", "2018"): "2017",
        ("21003", "2017"): "2015",
        ("21003", "2018"): "2015",
        ("21004", "2017"): "2015",
        ("21004", "2018"): "2015",
    }
    changes = told["change"].dropna()
    assert changes.index.tolist() == [("21001", "2016"), ("21001", "2018"), ("21002", "2018")]
    # 2016 has a day more than 2015
    assert changes.to_numpy() == pytest.approx([1.2 * 365 / 366 - 1, 1.4, 0.5])


def test_each_breakdown_of_a_place_has_its_own_first_period():
    rows = [("21001", y, n) for y, n in ((2015, 50), (2017, 100), (2017, 80), (2018, 120))]
    parts = make_table(*rows).assign(form=["all", "all", "physical", "physical"])
    trend = compare_periods(parts, base="first")
    told = {(r.form, str(r.base)): r.change for r in trend.itertuples() if pd.notna(r.change)}
    assert told == {("all", "2015"): pytest.approx(1), ("physical", "2017"): pytest.approx(0.5)}


def test_shares_have_a_verdict_and_no_percentage_of_a_percentage():
    columns = {"scale": "share", "denominator": [400.0, 400.0]}
    row = one(("21001", 2020, 200), ("21001", 2021, 240), columns=columns)
    assert row["verdict"] == "up"
    assert pd.isna(row["change"])
    # pooled z = 0.1 / sqrt(0.55 x 0.45 x 2 / 400)
    assert row["p_value"] == pytest.approx(0.00448, abs=1e-4)
    assert row["method"].startswith("difference of shares")


@pytest.mark.slow
def test_breakdowns_are_compared_code_by_code():
    table = make_table(
        ("21001", 2020, 100), ("21001", 2020, 60), ("21001", 2021, 200), ("21001", 2021, 61)
    ).assign(form=["all", "physical", "all", "physical"])
    trend = compare_periods(table, base=2020)
    assert trend[["form", "verdict"]].to_numpy().tolist() == [["all", "up"], ["physical", "stable"]]


@pytest.mark.slow
def test_the_result_is_a_trend_table_and_the_input_is_untouched():
    table = make_table(("21001", 2020, 100), ("21001", 2021, 100), ("21001", 2022, 3))
    before = table.copy(deep=True)
    trend = compare_periods(table, base="previous")
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(check_table(trend, TRENDS), trend)
    assert set(trend.columns) <= set(TRENDS.columns)
    backwards = compare_periods(table.iloc[::-1], base="previous")
    pd.testing.assert_frame_equal(backwards.iloc[::-1].reset_index(drop=True), trend)


@pytest.mark.slow
def test_one_period_or_no_row_gives_an_empty_trend_table():
    table = make_table(("21001", 2020, 100))
    for empty in (compare_periods(table, base="previous"), compare_periods(table, base=2020)):
        assert empty.empty
        assert "verdict" in empty
    assert compare_periods(table.iloc[:0], base=2020).empty


@pytest.mark.slow
def test_faulty_calls_say_what_is_wrong():
    table = make_table(("21001", 2020, 100), ("21001", 2021, 100))
    with pytest.raises(ObsError, match="base 2015 is not in the table, which has 2020 to 2021"):
        compare_periods(table, base=2015)
    with pytest.raises(ObsError, match="neither a period, 'previous', 'year_before' nor 'first'"):
        compare_periods(table, base="last summer")
    with pytest.raises(ObsError, match="unknown adjustment 'bonferroni'"):
        compare_periods(table, base=2020, adjust="bonferroni")
    with pytest.raises(ObsError, match="between 0 and 1"):
        compare_periods(table, base=2020, confidence=95)
    with pytest.raises(SchemaError, match="column 'status' is absent"):
        compare_periods(table.drop(columns="status"), base=2020)


@pytest.mark.slow
def test_false_alarms_stay_at_the_level_when_nothing_happens():
    """Of 400 families of 19 communes without any change, about 5 % give an alarm (Holm)."""
    rng = np.random.default_rng(20250102)
    codes, families = load_territory().codes("commune"), range(400)
    people = load_exposure().query("year == 2020").set_index("territory")["exposure"]
    expected = 0.02 * people[codes].to_numpy(dtype="float64")
    rows = [
        (f"theft_{i}", code, year, int(count))
        for i in families
        for year in (2020, 2021)
        for code, count in zip(codes, rng.poisson(expected), strict=True)
    ]
    names, *columns = zip(*rows, strict=True)
    table = make_table(*zip(*columns, strict=True), indicator=names)
    trend = compare_periods(table, base=2020)
    alarms = trend["verdict"].isin(["up", "down"]).groupby(trend["indicator"]).any()
    assert 0.02 <= alarms.mean() <= 0.05 + 3 * (0.05 * 0.95 / 400) ** 0.5


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(20, 10**6), st.integers(20, 10**6))
def test_the_interval_holds_the_change_and_turns_round(old, new):
    row = one(("21001", 2021, old), ("21001", 2022, new))
    assert row["low"] <= row["change"] <= row["high"]
    turned = one(("21001", 2021, new), ("21001", 2022, old))
    assert row["p_value"] == pytest.approx(turned["p_value"])
    opposite = {"up": "down", "down": "up", "stable": "stable"}
    assert turned["verdict"] == opposite[row["verdict"]]


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ((1.0, 0.995), None),
        ((1.0, 0.98), "unequal_maturity"),
        ((0.9, 0.895), None),
        ((pd.NA, 0.98), "unequal_maturity"),
        ((pd.NA, pd.NA), None),
    ],
)
def test_periods_are_compared_at_equal_maturity(shares, reason):
    completeness = {"completeness": pd.array(shares, dtype="Float64")}
    row = one(("21001", 2020, 500), ("21001", 2021, 400), columns=completeness)
    assert (None if pd.isna(row["reason"]) else row["reason"]) == reason
    assert row["verdict"] == ("down" if reason is None else "not comparable")


def test_the_least_change_that_would_show_is_the_one_worked_by_hand():
    """100 events, one pair: z = 1.9600 + 0.8416; step = 2.8016 x sqrt(2) / (2 x 10) = 0.19810.

    (1 - 0.19810)^2 - 1 = -0.3570 and (1 + 0.19810)^2 - 1 = 0.4354.
    """
    row = one(("21001", 2021, 100), ("21001", 2022, 100))
    assert row["detectable_fall"] == pytest.approx(-0.3570, abs=1e-4)
    assert row["detectable_rise"] == pytest.approx(0.4354, abs=1e-4)
    assert pd.isna(row[["detectable_fall_points", "detectable_rise_points"]]).all()


@pytest.mark.slow
def test_exposures_confidence_and_the_number_of_places_make_it_larger_or_smaller():
    twice = {"scale": "per_1000_inhabitants", "denominator": [1000.0, 2000.0]}
    # step = 2.8016 x sqrt(1 + 2) / (2 x sqrt(2 x 100)) = 0.17156
    row = one(("21001", 2021, 100), ("21001", 2022, 200), columns=twice)
    assert row["detectable_rise"] == pytest.approx(1.17156**2 - 1, abs=1e-4)
    pairs = [(c, y, 100) for c in ("21001", "21002") for y in (2021, 2022)]
    two = compare_periods(make_table(*pairs), base=2021)
    # Holm asks 0.025 of the first: z = 2.2414 + 0.8416, step = 3.0830 x 0.070711 = 0.21800
    assert two["detectable_rise"].tolist() == pytest.approx([1.21800**2 - 1] * 2, abs=1e-4)
    alone = compare_periods(make_table(*pairs), base=2021, adjust="none")
    assert alone["detectable_rise"].tolist() == pytest.approx([0.4354] * 2, abs=1e-4)
    strict = one(("21001", 2021, 100), ("21001", 2022, 100), confidence=0.975)
    assert strict["detectable_rise"] == pytest.approx(1.21800**2 - 1, abs=1e-4)


@pytest.mark.slow
def test_places_of_few_events_count_among_those_compared():
    """Otherwise the least change would tell how many of the places withheld have few."""
    rows = [("21001", 2020, 100), ("21001", 2021, 100), ("21002", 2021, 100)]
    many = compare_periods(make_table(*rows, ("21002", 2020, 100)), base=2020)
    few = compare_periods(make_table(*rows, ("21002", 2020, 3)), base=2020)
    assert few["detectable_rise"].iloc[0] == many["detectable_rise"].iloc[0]
    assert pd.isna(few["detectable_rise"].iloc[1])


def test_a_share_has_its_difference_and_least_difference_in_points():
    """Half of 400: arcsin(sqrt 0.5) = 0.78540, step = 2.8016 x sqrt(2 / 400) / 2 = 0.09905.

    sin^2(0.88445) = 0.59841, so 9.84 points; the pooled z of 60 % is in the test above.
    """
    columns = {"scale": "share", "denominator": [400.0, 400.0]}
    row = one(("21001", 2020, 200), ("21001", 2021, 240), columns=columns)
    assert row["points"] == pytest.approx(0.1)
    assert row["points_low"] < 0.1 < row["points_high"]
    assert row["points_low"] == pytest.approx(0.0311, abs=5e-4)  # Newcombe, worked by hand
    assert row["detectable_rise_points"] == pytest.approx(0.0984, abs=1e-4)
    assert row["detectable_fall_points"] == pytest.approx(-0.0984, abs=1e-4)
    assert pd.isna(row[["detectable_fall", "detectable_rise", "change"]]).all()


@pytest.mark.slow
@pytest.mark.parametrize(("base", "fall"), [(20, False), (58, False), (59, True), (400, True)])
def test_a_fall_that_leaves_too_few_to_say_is_none(base, fall):
    """The mean with a chance of 1 % of fewer than 20 events is 31.85 (chi-squared, 40 df).

    What is left of B events is (sqrt B - 1.9810)^2, at least that from B = 58.13.
    """
    row = one(("21001", 2020, base), ("21001", 2021, base))
    assert pd.notna(row["detectable_fall"]) == fall
    if fall:
        assert base * (1 + row["detectable_fall"]) >= 31.85
    assert row["detectable_rise"] > 0


@pytest.mark.slow
def test_a_rise_from_a_smaller_exposure_goes_up_to_enough_events():
    columns = {"scale": "per_1000_inhabitants", "denominator": [10_000.0, 100.0]}
    row = one(("21001", 2021, 400), ("21001", 2022, 20), columns=columns)
    # 4 events expected: 31.85 / 4 - 1
    assert row["detectable_rise"] == pytest.approx(31.85 / 4 - 1, abs=5e-3)


@pytest.mark.slow
@pytest.mark.parametrize("side", ["detectable_fall", "detectable_rise"])
@pytest.mark.parametrize(("base", "ratio"), [(80, 1.0), (400, 1.0), (2500, 1.0), (400, 0.5)])
def test_the_least_change_is_found_four_times_in_five(base, ratio, side):
    """Simulated: both counts vary, the verdict is that of the comparison itself."""
    sizes = {"scale": "per_1000_inhabitants", "denominator": [1000.0, 1000.0 * ratio]}
    row = one(("21001", 2021, base), ("21001", 2022, round(base * ratio)), columns=sizes)
    rng = np.random.default_rng(base)
    old = rng.poisson(base, 4000)
    new = rng.poisson(base * ratio * (1 + row[side]), 4000)
    result = rate_ratio(new, ratio, old, 1.0)
    found = (result.p_value < 0.05) & (new >= 20) & (old >= 20)
    right_way = (result.ratio > 1) == (row[side] > 0)
    assert 0.76 <= (found & right_way).mean() <= 0.84


@pytest.mark.slow
@pytest.mark.parametrize("side", ["detectable_fall_points", "detectable_rise_points"])
@pytest.mark.parametrize(("part", "whole"), [(200, 400), (60, 1000), (450, 500)])
def test_the_least_difference_of_shares_is_found_four_times_in_five(part, whole, side):
    columns = {"scale": "share", "denominator": [float(whole)] * 2}
    row = one(("21001", 2020, part), ("21001", 2021, part), columns=columns)
    assert pd.notna(row[side])
    rng = np.random.default_rng(part)
    old = rng.binomial(whole, part / whole, 4000)
    new = rng.binomial(whole, part / whole + row[side], 4000)
    pooled = (old + new) / (2 * whole)
    z = (new - old) / whole / np.sqrt(pooled * (1 - pooled) * 2 / whole)
    assert 0.76 <= (z * np.sign(row[side]) > 1.959964).mean() <= 0.84


@pytest.mark.parametrize("confidence", ["0.95", None, float("nan"), 0, 1, True])
def test_a_confidence_that_is_no_share_is_refused(confidence):
    table = make_table(("21001", 2020, 100), ("21001", 2021, 100))
    with pytest.raises(ObsError, match="must lie between 0 and 1"):
        compare_periods(table, base=2020, confidence=confidence)


def test_days_and_weeks_are_compared_with_the_one_before_and_not_with_a_year():
    days = make_table(("21001", "2020-01-01", 100), ("21001", "2020-01-02", 150), freq="D")
    trend = compare_periods(days, base="previous")
    assert trend["verdict"].tolist() == ["up"]
    with pytest.raises(ObsError, match="'year_before' compares years, quarters or months"):
        compare_periods(days, base="year_before")


def test_what_is_no_table_is_told():
    with pytest.raises(SchemaError, match="INDICATORS: the table must be a DataFrame, not a list"):
        compare_periods([1, 2], base=2020)


@pytest.mark.parametrize("size", [0.0, np.nan])
def test_a_rate_without_a_denominator_has_no_change(size):
    columns = {"scale": "per_1000_inhabitants", "denominator": [1000.0, size]}
    row = one(("21001", 2020, 100), ("21001", 2021, 100), columns=columns)
    assert row["verdict"] == "not comparable"
    assert pd.isna(row[["change", "detectable_fall", "detectable_rise", "p_value"]]).all()


@pytest.mark.parametrize("size", [-1.0, np.inf])
def test_a_denominator_that_cannot_be_is_refused(size):
    columns = {"scale": "per_1000_inhabitants", "denominator": [1000.0, size]}
    with pytest.raises(SchemaError, match="'denominator' (is negative|holds infinite)"):
        one(("21001", 2020, 100), ("21001", 2021, 100), columns=columns)


def test_a_thousand_milliards_are_compared_like_any_count():
    row = one(("21001", 2020, 10**12), ("21001", 2021, 10**12 + 10**7))
    # z = 1e-5 / sqrt(2e-12) = 7.07; least rise about 2.8016 x sqrt(2) x 1e-6
    assert row["verdict"] == "up"
    assert row["detectable_rise"] == pytest.approx(3.962e-6, rel=1e-3)


def test_a_change_of_what_was_withheld_is_withheld_the_same_way():
    row = one(("21001", 2020, "suppressed_secondary"), ("21001", 2021, 100))
    assert (row["verdict"], row["status"]) == ("not comparable", "suppressed_secondary")
    assert pd.isna(row[["numerator", "base_numerator", "change"]]).all()
