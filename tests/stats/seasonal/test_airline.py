"""The airline kernel against statsmodels' state-space likelihood and forecasts."""

import numpy as np
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from obs.errors import ObsError
from obs.stats.seasonal.airline import difference, extend, fit_airline


@pytest.fixture(scope="module")
def series():
    rng = np.random.default_rng(5)
    a = rng.normal(0, 0.1, 130)
    w = a[13:] - 0.5 * a[12:-1] - 0.6 * a[1:-12] + 0.3 * a[:-13]
    y = np.zeros(130)
    y[:13] = 5 + 0.2 * np.sin(np.arange(13) * np.pi / 6)
    for t in range(13, 130):
        y[t] = y[t - 1] + y[t - 12] - y[t - 13] + w[t - 13]
    return y


def theirs(y, theta, seasonal_theta, sigma, x=None):
    model = SARIMAX(
        y, exog=x, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), simple_differencing=True
    )
    return model, [-theta, -seasonal_theta, sigma**2]


def test_likelihood_is_the_exact_one(series):
    fit = fit_airline(series, np.empty((130, 0)), parameters=(0.4, 0.7))
    model, params = theirs(series, 0.4, 0.7, fit.sigma)
    assert fit.log_likelihood == pytest.approx(model.loglike(params), abs=1e-6)


def test_the_maximum_is_that_of_statsmodels(series):
    fit = fit_airline(series, np.empty((130, 0)))
    model, _ = theirs(series, 0, 0, 1)
    best = model.fit(disp=False)
    assert fit.log_likelihood >= best.llf - 1e-4
    assert [fit.theta, fit.seasonal_theta] == pytest.approx(list(-best.params[:2]), abs=0.01)


def test_regression_coefficients_are_generalised_least_squares(series):
    step = (np.arange(130) >= 70).astype(float)[:, None]
    fit = fit_airline(series + 0.5 * step[:, 0], step, parameters=(0.5, 0.6))
    model, params = theirs(series + 0.5 * step[:, 0], 0.5, 0.6, fit.sigma, step)
    at = lambda b: model.loglike([b, *params])  # noqa: E731
    best = float(fit.coefficients[0])
    assert at(best) > max(at(best - 0.01), at(best + 0.01))
    assert best == pytest.approx(0.5, abs=3 * np.sqrt(fit.covariance[0, 0]))


def test_forecasts_are_those_of_the_state_space_model(series):
    fit = fit_airline(series, np.empty((130, 0)), parameters=(0.4, 0.6))
    ours = extend(fit, series, steps=30)
    model = SARIMAX(
        difference(series[:, None], 12)[:, 0], order=(0, 0, 1), seasonal_order=(0, 0, 1, 12)
    )
    w = model.smooth([-0.4, -0.6, fit.sigma**2]).forecast(30)
    path = list(series)
    for step in w:
        path.append(path[-1] + path[-12] - path[-13] + step)
    np.testing.assert_allclose(ours[160:], path[130:], atol=1e-6)
    np.testing.assert_allclose(ours[30:160], series)


def test_backcasts_are_forecasts_of_the_reversed_series(series):
    fit = fit_airline(series, np.empty((130, 0)), parameters=(0.4, 0.6))
    ours = extend(fit, series, steps=24)
    np.testing.assert_allclose(ours[:24][::-1], extend(fit, series[::-1], steps=24)[-24:])


def test_too_short_a_series_is_refused():
    with pytest.raises(ObsError, match="too few"):
        fit_airline(np.arange(15.0), np.empty((15, 0)))
