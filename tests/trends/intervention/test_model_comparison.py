"""The two models of an interruption side by side: a planted change, and where they part."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

import obs
from obs.errors import ObsError
from obs.trends import interrupted_trend

MONTHS = pd.period_range("2014-01", "2021-12", freq="M")


def table(*, mean=100.0, change=0.7, seed=5, **columns):
    under = (MONTHS >= "2020-03") & (MONTHS <= "2020-12")
    days = MONTHS.days_in_month.to_numpy()
    counts = np.random.default_rng(seed).poisson(mean / 30 * days * np.where(under, change, 1.0))
    return pd.DataFrame({"period": MONTHS, "numerator": counts, **columns})


def test_both_models_find_the_planted_fall():
    found = obs.compare_models(table(), start="2020-03", end="2020-12")
    level = found.effects[found.effects["effect"] == "level"].set_index("model")
    assert set(level.index) == {"counts", "logs"}
    assert (level["verdict"] == "down").all()
    assert ((level["low"] < -0.3) & (level["high"] > -0.3)).all()


def test_the_counts_are_those_of_the_interrupted_trend_and_the_logs_those_of_statsmodels():
    rows = table()
    found = obs.compare_models(rows, start="2020-03", seasonal=False, lags=3)
    plain = interrupted_trend(rows, start="2020-03", seasonal=False, placebos=0).effects
    ours = found.effects.set_index(["model", "effect"])
    for effect in ("level", "slope"):
        expected = plain.set_index("effect").loc[effect, "change"]
        assert ours.loc[("counts", effect), "change"] == pytest.approx(expected)
    time = np.arange(len(MONTHS)) - 74.0
    under = (time >= 0) * 1.0
    design = np.column_stack([np.ones(len(MONTHS)), time, under, under * time])
    days = MONTHS.days_in_month.to_numpy()
    theirs = OLS(np.log(rows["numerator"].to_numpy() / days), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    row = ours.loc[("logs", "level")]
    low, high = np.expm1(theirs.conf_int()[2])
    assert (row["change"], row["low"], row["high"]) == pytest.approx(
        (np.expm1(theirs.params[2]), low, high)
    )
    assert row["p_value"] == pytest.approx(theirs.pvalues[2])


def test_several_series_keep_their_names():
    both = pd.concat([table(territory="21001"), table(territory="21004", seed=6)])
    found = obs.compare_models(both, start="2020-03")
    assert set(found.effects["territory"]) == {"21001", "21004"}
    assert set(found.diagnostics["territory"]) == {"21001", "21004"}
    assert set(found.diagnostics["diagnostic"]) == {
        "r_squared",
        "durbin_watson",
        "ljung_box",
        "breusch_pagan",
        "jarque_bera",
        "condition",
    }
    assert found.n == 2 * len(MONTHS)


def test_memory_shows_in_the_diagnostics():
    rng = np.random.default_rng(8)
    wave = np.zeros(len(MONTHS))
    for t in range(1, wave.size):
        wave[t] = 0.8 * wave[t - 1] + rng.normal(0, 0.2)
    rows = table().assign(numerator=rng.poisson(300 * np.exp(wave)))
    told = obs.compare_models(rows, start="2020-03").diagnostics.set_index("diagnostic")
    assert told.loc["durbin_watson", "value"] < 1.2
    assert told.loc["ljung_box", "p_value"] < 0.01


def test_a_month_without_events_is_no_case_for_logarithms():
    rows = table(mean=1.0)
    with pytest.raises(ObsError, match="without events have no logarithm"):
        obs.compare_models(rows, start="2020-03")
