"""Adjusting tables: the rule by size, refusals, shapes, input untouched."""

import numpy as np
import pandas as pd
import pytest

from obs import seasonal_adjust
from obs.errors import CodeError, ObsError, SchemaError
from obs.trends import adjustment_revisions
from obs.trends.adjust.x13_program import find_x13

MONTHS = pd.period_range("2013-01", "2019-12", freq="M")
WAVE = 1 + 0.3 * np.cos(np.arange(84) * np.pi / 6)
COLUMNS = ["period", "observed", "trend", "seasonal", "calendar", "adjusted", "outlier"]


def counts(mean, seed=1, months=MONTHS):
    wave = np.resize(WAVE, len(months))
    return pd.Series(np.random.default_rng(seed).poisson(mean * wave), index=months)


def table(*means):
    parts = [
        pd.DataFrame(
            {
                "indicator": "theft",
                "territory": str(21001 + i),
                "period": MONTHS,
                "numerator": pd.array(counts(mean, i), dtype="Int64"),
                "status": "ok",
            }
        )
        for i, mean in enumerate(means)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mean", "method"), [(400, "x11"), (26, "x11"), (12, "count"), (7, "count")]
)
def test_the_size_of_the_counts_decides_the_method(mean, method):
    found = seasonal_adjust(counts(mean))
    assert found.diagnostics["method"].tolist() == [method]
    assert list(found.table.columns) == COLUMNS
    assert found.adjusted.std() < counts(mean).std()


def test_tiny_and_short_series_are_refused_with_their_reason():
    with pytest.raises(ObsError, match="fewer than 5"):
        seasonal_adjust(counts(2))
    with pytest.raises(ObsError, match="fewer than 3 years"):
        seasonal_adjust(counts(300).iloc[:35])


def test_a_table_keeps_every_series_and_says_why_one_was_refused():
    found = seasonal_adjust(table(300, 2, 12))
    notes = found.diagnostics.set_index("territory")
    assert notes["method"].tolist() == ["x11", "auto", "count"]
    assert "fewer than 5" in notes.loc["21002", "reason"]
    assert notes["reason"].isna().tolist() == [True, False, True]
    assert list(found.table.columns) == ["indicator", "territory", *COLUMNS]
    assert found.table.groupby("territory").size().tolist() == [84, 84, 84]
    assert found.table.loc[found.table["territory"] == "21002", "adjusted"].isna().all()
    with pytest.raises(ObsError, match="3 series"):
        _ = found.adjusted


def test_the_input_is_untouched_and_the_order_of_rows_irrelevant():
    given = table(300, 50)
    before = given.copy(deep=True)
    found = seasonal_adjust(given)
    pd.testing.assert_frame_equal(given, before)
    shuffled = seasonal_adjust(given.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(found.table, shuffled.table)


def test_unknown_and_provisional_ends_are_left_out():
    given = table(300)
    given.loc[[0, 1], "numerator"] = pd.NA
    given.loc[83, "status"] = "provisional"
    found = seasonal_adjust(given)
    assert found.diagnostics["n"].tolist() == [81]
    assert found.table["adjusted"].isna().to_numpy().nonzero()[0].tolist() == [0, 1, 83]
    assert found.table["period"].tolist() == MONTHS.tolist()


def test_the_first_wave_is_modelled_as_outliers():
    months = pd.period_range("2014-01", "2021-12", freq="M")
    given = counts(500, months=months).astype(float)
    given["2020-03":"2020-06"] *= [0.7, 0.4, 0.5, 0.8]
    found = seasonal_adjust(given)
    marked = found.table.set_index("period")["outlier"]
    assert marked["2020-03":"2020-06"].tolist() == ["AO"] * 4
    assert found.adjusted["2020-04"] < 0.6 * found.adjusted["2019-04"]


@pytest.mark.slow
def test_calendars_can_be_a_country_a_list_or_none():
    given = counts(2000)
    assert seasonal_adjust(given, calendar="FR").diagnostics["method"].item() == "x11"
    days = pd.to_datetime([f"{y}-12-25" for y in range(2000, 2034)])
    assert seasonal_adjust(given, calendar=days).diagnostics["method"].item() == "x11"
    none = seasonal_adjust(given, calendar="none")
    assert none.diagnostics["calendar_effects"].item() == "none"
    with pytest.raises(CodeError, match="not known"):
        seasonal_adjust(given, calendar="XX")


def test_stl_is_there_for_comparison():
    found = seasonal_adjust(counts(400), method="stl")
    assert found.diagnostics["method"].item() == "stl"
    assert found.seasonal.max() == pytest.approx(1.3, abs=0.1)


def test_x13_agrees_with_ours_where_it_is_installed():
    try:
        find_x13()
    except ObsError:
        pytest.skip("the program X-13ARIMA-SEATS is not on this machine")
    given = counts(2000)
    theirs, ours = (seasonal_adjust(given, method=m).adjusted for m in ("x13", "x11"))
    assert (theirs / ours - 1).abs().mean() < 0.01


def test_x13_is_asked_for_by_name_and_said_to_be_absent(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(ObsError, match="X-13ARIMA-SEATS is not installed"):
        seasonal_adjust(counts(400), method="x13")


@pytest.mark.parametrize(
    ("given", "options", "error", "message"),
    [
        (pd.Series([1.0] * 40), {}, SchemaError, r"series.index.to_period\('M'\)"),
        (
            pd.Series(1.0, index=pd.period_range("2000", periods=40, freq="Y")),
            {},
            SchemaError,
            "months or",
        ),
        (pd.Series(9.0, index=MONTHS), {"period": 4}, ObsError, "does not agree"),
        (pd.Series(9.0, index=MONTHS), {"method": "magic"}, ObsError, "unknown method"),
        (pd.DataFrame({"period": MONTHS}), {}, SchemaError, "numerator are absent"),
        (pd.DataFrame({"period": ["2013-01"], "numerator": [1]}), {}, SchemaError, "PeriodIndex"),
        (pd.Series(-9.0, index=MONTHS), {}, ObsError, "84 value.* infinite or negative"),
        (counts(90), {"crises": [3]}, ObsError, "crises must be pairs"),
        (counts(90), {"calendar": ["Christmas"]}, ObsError, "calendar must be a country"),
        (pd.Series(9.0, index=MONTHS.append(MONTHS[:1])), {}, ObsError, "twice"),
        (pd.Series(np.nan, index=MONTHS), {}, ObsError, "no period has a known count"),
        (pd.Series([np.inf, *[30.0] * 83], index=MONTHS), {}, ObsError, "infinite"),
        (pd.Series("few", index=MONTHS), {}, SchemaError, "must hold numbers"),
        (pd.Series(9.0, index=MONTHS[:0]), {}, SchemaError, "one row or more"),
        ([9.0] * 40, {}, SchemaError, "one row or more"),
    ],
)
def test_wrong_use_is_refused(given, options, error, message):
    with pytest.raises(error, match=message):
        seasonal_adjust(given, **options)


@pytest.mark.slow
def test_revisions_are_replayed():
    found = adjustment_revisions(counts(2000), last=3)
    assert found["period"].tolist() == MONTHS[-3:].tolist()
    assert found["revision"].abs().max() < 0.05


@pytest.mark.parametrize("size", [6, 50, 1e9])
@pytest.mark.parametrize("method", ["auto", "x11", "count", "stl"])
def test_a_series_that_does_not_vary_is_left_as_it_is(size, method):
    found = seasonal_adjust(pd.Series(size, index=MONTHS), method=method)
    for column in ("adjusted", "trend", "observed"):
        assert (found.table[column] == size).all()
    assert (found.table[["seasonal", "calendar"]] == 1).all(axis=None)
    assert found.table["outlier"].isna().all()
    note = found.diagnostics.iloc[0]
    assert (note["outliers"], note["good"]) == (0, True)
    assert "nothing to adjust" in note["reason"]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["auto", "x11", "count", "stl"])
@pytest.mark.parametrize("first", [True, False])
def test_a_series_that_stops_or_begins_late_is_refused(method, first):
    given = counts(60)
    given.iloc[slice(0, 12) if first else slice(-12, None)] = 0
    side, kept = ("first", "from 2014-01") if first else ("last", "up to 2018-12")
    with pytest.raises(ObsError, match=f"the {side} 12 periods count 0, .* Adjust it {kept}"):
        seasonal_adjust(given, method=method)
    assert seasonal_adjust(given[given > 0]).adjusted.min() > 0


def test_zeros_that_chance_or_a_crisis_can_give_are_counts_like_others():
    small = counts(8, seed=5)
    small.iloc[-1] = 0
    assert seasonal_adjust(small).adjusted.iloc[-1] == 0
    closed = counts(60, months=pd.period_range("2013-07", "2020-06", freq="M"))
    closed["2020-03":] = 0  # all within the first wave
    assert (seasonal_adjust(closed, method="x11").table["outlier"].iloc[-4:] == "AO").all()


@pytest.mark.slow
def test_counts_are_never_adjusted_below_zero_without_a_reason():
    """A strong season in counts near 0: amounts taken out of them go below."""
    low = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        wave = np.resize(np.exp(1.6 * np.cos(np.arange(12) * np.pi / 6)), 84)
        given = pd.Series(rng.poisson(12 * wave), index=MONTHS)
        given.iloc[40] = 0
        assert seasonal_adjust(given).adjusted.min() >= 0
        plain = seasonal_adjust(given, method="x11")
        low.append(plain.adjusted.min() < 0)
        assert low[-1] == plain.diagnostics["reason"].notna().item()
        if low[-1]:
            assert "adjusted count(s) below 0" in plain.diagnostics["reason"].item()
            assert not plain.diagnostics["good"].item()
    assert any(low)
