"""Control charts against limits computed by hand, run rules on both sides of each threshold."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.lab.control_charts import (
    c_chart,
    moving_range_limit,
    p_chart,
    run_signals,
    u_chart,
    xmr_chart,
)


def test_xmr_limits_by_hand():
    chart = xmr_chart([10, 12, 11, 13, 9])  # ranges 2, 1, 2, 4: mean 2.25; mean 11
    assert chart.upper[0] == pytest.approx(11 + 3 * 2.25 / 1.128)
    assert chart.lower[0] == pytest.approx(11 - 3 * 2.25 / 1.128)
    assert moving_range_limit([10, 12, 11, 13, 9]) == pytest.approx(3.267 * 2.25)


def test_xmr_may_go_below_zero_but_counts_may_not():
    assert xmr_chart([0, 5, -4, 6]).lower[0] < 0
    assert c_chart([1, 2, 0, 3]).lower[0] == 0


def test_u_and_p_limits_by_hand():
    u = u_chart([10, 30], [100, 300])
    np.testing.assert_allclose(u.upper, 0.1 + 3 * np.sqrt(0.1 / np.array([100, 300])))
    p = p_chart([20, 30], [100, 100])
    np.testing.assert_allclose(p.upper, 0.25 + 3 * np.sqrt(0.25 * 0.75 / 100))
    assert p_chart([1, 2], [2, 2]).upper.max() <= 1


def test_the_baseline_alone_sets_the_limits():
    chart = c_chart([10, 10, 10, 40], baseline=3)
    assert chart.centre[0] == 10
    assert chart.signals["beyond_limits"].tolist() == [False, False, False, True]


def test_a_missing_value_gives_no_signal_and_leaves_the_others_alone():
    with_gap = xmr_chart([10, np.nan, 12, 11])
    assert with_gap.centre[0] == 11
    assert not with_gap.any_signal.any()


def test_laney_widens_overdispersed_limits_only():
    rng = np.random.default_rng(1)
    noisy = rng.negative_binomial(5, 0.01, 60)
    plain, wide = u_chart(noisy, np.ones(60)), u_chart(noisy, np.ones(60), overdispersed=True)
    assert wide.sigma[0] > 5 * plain.sigma[0]
    steady = np.tile([100.0, 101.0], 20)
    assert u_chart(steady, np.ones(40), overdispersed=True).sigma[0] == pytest.approx(
        np.sqrt(100.5)
    )


@pytest.mark.parametrize(
    ("rule", "values", "called"),
    [
        ("beyond_limits", [3.1], True),
        ("beyond_limits", [3.0], False),
        ("two_of_three", [2.1, 0, 2.1], True),
        ("two_of_three", [2.1, 0, 0, 2.1], False),
        ("two_of_three", [2.1, 0, -2.1], False),
        ("four_of_five", [1.1, 1.1, 0, 1.1, 1.1], True),
        ("four_of_five", [1.1, 1.1, 0, 0, 1.1, 1.1], False),
        ("run", [0.1] * 8, True),
        ("run", [0.1] * 7, False),
        ("run", [0.1] * 7 + [-0.1], False),
        ("trend", [0, 0.1, 0.2, 0.3, 0.4, 0.5], True),
        ("trend", [0, 0.1, 0.2, 0.3, 0.4], False),
    ],
)
def test_run_rules_on_both_sides_of_their_threshold(rule, values, called):
    found = run_signals(values, np.zeros(len(values)), np.ones(len(values)))
    assert found[rule].any() == called


def test_a_steady_process_seldom_signals():
    rng = np.random.default_rng(3)
    beyond = [c_chart(rng.poisson(50, 24)).signals["beyond_limits"].mean() for _ in range(200)]
    assert np.mean(beyond) < 0.006


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: xmr_chart([1.0]), "two known values"),
        (lambda: c_chart([-1, 2]), "at least 0"),
        (lambda: u_chart([1, 2], [-1, 1]), "at least 0"),
        (lambda: p_chart([3], [2]), "larger than its whole"),
        (lambda: u_chart([np.nan], [1]), "no known value"),
        (lambda: u_chart([1], [1, 2]), "one exposure"),
    ],
)
def test_wrong_use_is_refused(call, message):
    with pytest.raises(ObsError, match=message):
        call()
