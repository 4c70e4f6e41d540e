"""The dark share keeps its interval; unlike things are not multiplied."""

from dataclasses import replace

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.counts.intervals import poisson_interval
from obs.stats.counts.under_reporting import (
    Estimate,
    Scope,
    dark_share,
    scale_up,
    scope_differences,
    unreported,
)

SCOPE = Scope("residents", "in the Region", "2022", frozenset({"burglary"}), "household", False)
OTHER = {
    "population": "businesses",
    "place": "anywhere",
    "period": "2021",
    "offences": frozenset({"burglary", "theft"}),
    "unit": "fact",
    "attempts": True,
}


def test_the_limits_of_the_dark_share_change_places():
    share = dark_share([0.6, 0.26], [0.5, 0.2], [0.7, 0.33])
    np.testing.assert_allclose(share.value, [0.4, 0.74])
    np.testing.assert_allclose(share.low, [0.3, 0.67])
    np.testing.assert_allclose(share.high, [0.5, 0.8])


@pytest.mark.parametrize("part", OTHER)
def test_any_part_of_the_scope_that_differs_forbids_the_multiplication(part):
    survey = replace(SCOPE, **{part: OTHER[part]})
    assert len(scope_differences(SCOPE, survey)) == 1
    with pytest.raises(ObsError, match=f"do not speak of the same thing: {part}: "):
        scale_up(100, 0.5, 0.4, 0.6, recorded_scope=SCOPE, survey_scope=survey)


def test_all_differences_are_named_at_once():
    assert len(scope_differences(SCOPE, Scope(**OTHER))) == 6


def test_one_scope_scales_up_with_the_errors_of_both():
    result = scale_up(400, 0.4, 0.3, 0.5, recorded_scope=SCOPE, survey_scope=SCOPE)
    assert float(result.value) == 1000
    few, many = poisson_interval(400)
    assert result.low < min(few / 0.4, 400 / 0.5)
    assert result.high > max(many / 0.4, 400 / 0.3)


def test_a_rate_that_may_be_zero_has_no_upper_limit_and_zero_itself_is_refused():
    result = scale_up(400, 0.01, 0.0, 0.05, recorded_scope=SCOPE, survey_scope=SCOPE)
    assert np.isinf(result.high)
    with pytest.raises(ObsError, match="says nothing"):
        scale_up(400, 0.0, 0.0, 0.05, recorded_scope=SCOPE, survey_scope=SCOPE)


def test_the_interval_of_the_unreported_holds_the_truth_as_often_as_stated():
    rng = np.random.default_rng(9)
    n, people, held = 4_000, 200_000, []
    for _ in range(400):
        victims = rng.binomial(n, 0.12)
        reported = rng.binomial(victims, 0.4)
        rate, error = reported / victims, np.sqrt(0.4 * 0.6 / victims)
        share = dark_share(rate, rate - 1.96 * error, rate + 1.96 * error)
        total = people * victims / n
        result = unreported(total, people * np.sqrt(0.12 * 0.88 / n), share)
        held.append(result.low <= people * 0.12 * 0.6 <= result.high)
    assert np.mean(held) > 0.925


@pytest.mark.parametrize(
    "call",
    [
        lambda: dark_share(1.2, 1.1, 1.3),
        lambda: dark_share(0.5, 0.6, 0.7),
        lambda: unreported(-1, 1, Estimate(*(np.array(v) for v in (0.5, 0.4, 0.6)))),
    ],
)
def test_impossible_inputs_are_refused(call):
    with pytest.raises(ObsError):
        call()
