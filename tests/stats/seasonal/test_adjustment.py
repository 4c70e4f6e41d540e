"""The whole adjustment: planted truths, official series, diagnostics, revisions."""

import gzip
import io

import holidays
import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.seasonal import STL

from obs.errors import ObsError
from obs.stats.seasonal import (
    adjust_seasonal,
    adjustment_quality,
    compare_aggregation,
    fit_count_season,
    ljung_box,
    qs_test,
    revision_history,
    seasonality_f,
    sliding_spans,
)
from obs.stats.seasonal.calendar_effects import calendar_regressors
from obs.stats.seasonal.outliers import critical_value, find_outliers, outlier_regressors

MONTHS = np.arange("2012-01", "2022-01", dtype="M8[M]")
SEASON = np.exp(0.25 * np.cos(np.arange(120) * np.pi / 6))
SEASON /= SEASON.mean()  # factors of a year average one


def planted(seed=1, *, noise=0.02, effect=0.01):
    rng = np.random.default_rng(seed)
    days, _ = calendar_regressors(MONTHS, kind="working_days")
    trend = 1000 * np.exp(0.002 * np.arange(120))
    return trend * SEASON * np.exp(effect * days[:, 0]) * rng.lognormal(0, noise, 120)


def test_season_and_working_days_are_found():
    found = adjust_seasonal(planted(), MONTHS)
    assert (found.mode, found.calendar_kind) == ("multiplicative", "working_days")
    assert found.fit.coefficients[0] == pytest.approx(0.01, abs=0.002)
    season = found.seasonal * found.calendar
    days, _ = calendar_regressors(MONTHS, kind="working_days")
    assert np.abs(season / (SEASON * np.exp(0.01 * days[:, 0])) - 1).mean() < 0.015
    assert adjustment_quality(found).good


def test_adjusting_leaves_the_year_about_as_it_was():
    y = planted()
    adjusted = adjust_seasonal(y, MONTHS).adjusted
    years = adjusted.reshape(-1, 12).sum(axis=1) / y.reshape(-1, 12).sum(axis=1)
    assert np.abs(years - 1).max() < 0.005


@pytest.mark.slow
def test_scale_does_not_matter():
    y = planted()
    one, ten = adjust_seasonal(y, MONTHS), adjust_seasonal(10 * y, MONTHS)
    np.testing.assert_allclose(ten.adjusted, 10 * one.adjusted, rtol=1e-4)


@pytest.mark.slow
def test_planted_outliers_are_found_and_stay_in_the_adjusted_series():
    y = planted()
    y[60] *= 1.5
    y[84:] *= 0.7
    found = adjust_seasonal(y, MONTHS)
    assert {("AO", 60), ("LS", 84)} <= {(o.kind, o.at) for o in found.outliers}
    without = adjust_seasonal(planted(), MONTHS).adjusted
    np.testing.assert_allclose(found.adjusted[60] / without[60], 1.5, rtol=0.03)
    np.testing.assert_allclose(found.adjusted[90:] / without[90:], 0.7, rtol=0.03)
    assert found.trend[83] / found.trend[85] == pytest.approx(1 / 0.7, rel=0.05)


@pytest.mark.slow
def test_a_crisis_does_not_bend_the_season():
    y = planted()
    crisis = range(98, 102)
    y[list(crisis)] *= [0.7, 0.4, 0.5, 0.8]
    told = adjust_seasonal(y, MONTHS, crises=crisis)
    calm = adjust_seasonal(planted(), MONTHS)
    assert np.abs(told.seasonal / calm.seasonal - 1).max() < 0.02


@pytest.mark.slow
def test_missing_months_stay_missing_and_hardly_matter():
    y = planted()
    y[[40, 77]] = np.nan
    found = adjust_seasonal(y, MONTHS)
    assert np.isnan(found.adjusted[[40, 77]]).all()
    full = adjust_seasonal(planted(), MONTHS)
    assert np.abs(found.seasonal / full.seasonal - 1).max() < 0.02


def test_an_additive_series_is_told_apart():
    rng = np.random.default_rng(4)
    level = np.linspace(200, 2000, 120)
    y = level + 100 * np.cos(np.arange(120) * np.pi / 6) + rng.normal(0, 10, 120)
    found = adjust_seasonal(y, MONTHS, calendar="none")
    assert found.mode == "additive"
    assert np.abs(found.seasonal - 100 * np.cos(np.arange(120) * np.pi / 6)).max() < 25


def test_quarters_are_adjusted_too():
    quarters = MONTHS[::3]
    t = np.arange(40)
    y = 500 * np.exp(0.01 * t + 0.2 * np.cos(t * np.pi / 2))
    y *= np.random.default_rng(2).lognormal(0, 0.01, 40)
    found = adjust_seasonal(y, quarters, period=4)
    np.testing.assert_allclose(found.seasonal, np.exp(0.2 * np.cos(t * np.pi / 2)), rtol=0.04)


def test_a_white_series_keeps_its_variance():
    rng = np.random.default_rng(9)
    y = 500 * rng.lognormal(0, 0.05, 120)
    found = adjust_seasonal(y, MONTHS, calendar="none")
    assert np.ptp(found.seasonal) < 0.15


@pytest.mark.slow
def test_outlier_shapes_and_limits():
    assert outlier_regressors(3, [("LS", 1)])[:, 0].tolist() == [-1, 0, 0]
    assert critical_value(144) > critical_value(48)
    rng = np.random.default_rng(12)
    rung = [
        len(find_outliers(np.cumsum(rng.normal(size=72)), np.empty((72, 0)), kinds=("AO",))[0]) > 0
        for _ in range(60)
    ]
    assert np.mean(rung) < 0.2


def test_small_counts_get_harmonics():
    rng = np.random.default_rng(3)
    wave = 0.5 * np.cos(np.arange(120) * np.pi / 6)
    found = fit_count_season(rng.poisson(10 * np.exp(wave)), MONTHS)
    days = ((MONTHS + 1).astype("M8[D]") - MONTHS.astype("M8[D]")).astype(float) / (365.25 / 12)
    assert np.abs(found.seasonal / (np.exp(wave) * days) - 1).max() < 0.25
    assert found.adjusted[found.observed == 0].sum() == 0


@pytest.mark.slow
def test_a_season_of_chance_is_seldom_called():
    rng = np.random.default_rng(6)
    called = [fit_count_season(rng.poisson(8, 60), MONTHS[:60]).has_season for _ in range(80)]
    assert np.mean(called) < 0.13


def test_residual_season_is_seen():
    t = np.arange(96)
    noise = np.random.default_rng(0).normal(0, 0.05, 96)
    assert seasonality_f(0.1 * np.cos(t * np.pi / 6) + noise)[1] < 1e-3
    assert qs_test(0.1 * np.cos(t * np.pi / 6) + noise)[1] < 0.01
    assert qs_test(np.cumsum(noise))[1] > 0.01
    assert ljung_box(noise, lags=12)[1] > 0.01


def test_the_effect_of_an_outlier_is_taken_out_of_a_series_around_zero():
    noise = np.random.default_rng(1).normal(0, 5, len(MONTHS))
    y = 100 * np.cos(np.arange(len(MONTHS)) * np.pi / 6) + noise
    y[60] += 200
    result = adjust_seasonal(y, MONTHS, mode="additive", calendar="none")
    (outlier,) = result.outliers
    left = result.adjusted.copy()
    left[60] -= outlier.effect * np.abs(y).mean()
    assert abs(left[60]) < 20
    assert adjustment_quality(result).f_after == pytest.approx(seasonality_f(left)[0], rel=0.01)


def test_a_missing_period_does_not_leave_the_comparison_of_totals_unknown():
    first, second = planted(1), planted(2)
    first[50] = np.nan
    parts = [adjust_seasonal(y, MONTHS) for y in (first, second)]
    found = compare_aggregation(adjust_seasonal(first + second, MONTHS), parts)
    assert 0 < found.mean_difference < 0.01
    assert min(found.residual_p_direct, found.residual_p_indirect) > 0.01
    assert 0 < found.roughness_direct < 0.1


@pytest.mark.slow
def test_direct_and_indirect_totals_are_compared():
    first, second = planted(1), planted(2)
    parts = [adjust_seasonal(y, MONTHS) for y in (first, second)]
    total = adjust_seasonal(first + second, MONTHS)
    found = compare_aggregation(total, parts)
    assert 0 < found.mean_difference < 0.01
    assert min(found.residual_p_direct, found.residual_p_indirect) > 0.01
    with pytest.raises(ObsError, match="do not add up"):
        compare_aggregation(total, parts[:1])


@pytest.mark.slow
def test_spans_and_revisions_of_a_steady_series_are_small():
    y = planted(noise=0.01)

    def adjust(part):
        return adjust_seasonal(y[part], MONTHS[part], calendar="working_days").adjusted

    unstable, difference = sliding_spans(120, adjust, spans=3)
    assert unstable < 0.05
    assert np.isnan(difference[:12]).all()
    first, final = revision_history(120, adjust, last=6)
    assert np.abs(final / first - 1).mean() < 0.01
    with pytest.raises(ObsError, match="need 11 years"):
        sliding_spans(120, adjust)


@pytest.mark.parametrize(
    ("values", "months", "message"),
    [
        (np.ones(35), MONTHS[:35], "fewer than 3 years"),
        (np.ones(119), np.delete(MONTHS, 50), "without a gap"),
        (np.ones(60), MONTHS[:59], "one value for each"),
        (np.where(np.arange(60) < 8, np.nan, 1.0), MONTHS[:60], "is missing"),
    ],
)
def test_series_that_cannot_be_adjusted_are_refused(values, months, message):
    with pytest.raises(ObsError, match=message):
        adjust_seasonal(values, months)


def test_a_constant_series_has_no_season():
    found = adjust_seasonal(np.full(48, 22.0), MONTHS[:48], calendar="none")
    assert found.seasonal == pytest.approx(np.ones(48), abs=0.01)
    assert np.isfinite(adjustment_quality(found).m1)


def test_zeros_are_refused_a_multiplicative_season():
    y = planted()
    y[3] = 0
    with pytest.raises(ObsError, match="above 0"):
        adjust_seasonal(y, MONTHS, mode="multiplicative")


SERIES = {
    "burglary": ("data_cambriolages", None, "Cambriolages et tentatives"),
    "assault": ("data_violences_physiques", None, "Violences physiques"),
    "sexual": ("data_violences_sexuelles", None, "Violences sexuelles"),
    "armed": ("avec_violence", "Vols avec armes", "Vols et tentatives de vols avec violence"),
    "unarmed": (
        "avec_violence",
        "Vols violents sans arme",
        "Vols et tentatives de vols avec violence",
    ),
    "theft": ("sans_violence", None, "Vols et tentatives de vols sans violence"),
}


@pytest.fixture(scope="module")
def official(shared):
    folder = shared / "data" / "fr_ssmsi"
    with gzip.open(folder / "series_chronologiques_2024M01_long.csv.gz") as lines:
        adjusted = pd.read_csv(io.BytesIO(lines.read()), low_memory=False)
    raw = pd.read_csv(folder / "series_chronologiques_2022M05_brute.csv")
    adjusted = adjusted[adjusted["Periodicite"] == "Mensuelle"].drop_duplicates()
    raw = raw[raw["Periodicite"] == "Mensuelle"].rename(columns={"Unite temps": "Unite_temps"})
    return adjusted, raw


def by_month(rows):
    months = rows["Unite_temps"].str.replace("M", "-").to_numpy("datetime64[M]")
    return pd.Series(rows["Valeurs"].to_numpy(float), index=months).sort_index()


def difference_from_official(official, name, adjust):
    adjusted, raw = official
    file, part, indicator = SERIES[name]
    theirs = adjusted[adjusted["fichier"].str.contains(file)]
    ours = raw[raw["Indicateur"] == indicator]
    if part:
        theirs = theirs[theirs["Sous_indicateur"] == part]
        ours = ours[ours["Sous_indicateur"] == part]
    if indicator == "Cambriolages et tentatives":
        ours = ours[ours["Sous_indicateur"] == "Résidences principales et secondaires"]
    theirs, ours = by_month(theirs), by_month(ours)
    shared_months = theirs.index.intersection(ours.index)
    assert len(shared_months) == 77
    result = pd.Series(adjust(ours.to_numpy(), ours.index.to_numpy("M8[M]")), index=ours.index)
    return float((result[shared_months] / theirs[shared_months] - 1).abs().mean())


def ours(values, months):
    french = np.array(sorted(holidays.country_holidays("FR", years=range(1997, 2037))), "M8[D]")
    wave = (months >= np.datetime64("2020-03")) & (months <= np.datetime64("2020-06"))
    return adjust_seasonal(
        values, months, holidays=french, crises=np.flatnonzero(wave).tolist()
    ).adjusted


def plain_stl(values, months):
    log = np.log(values)
    return np.exp(log - STL(log, period=12).fit().seasonal)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("burglary", 0.018),
        ("assault", 0.010),
        ("sexual", 0.011),
        ("armed", 0.025),
        ("unarmed", 0.015),
        ("theft", 0.013),
    ],
)
def test_nearer_to_the_official_series_than_half_of_plain_stl(official, name, most):
    found = difference_from_official(official, name, ours)
    assert found < most
    assert found <= difference_from_official(official, name, plain_stl) / 2
