"""Curves of a handful of durations, worked out by hand."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats import clopper_pearson_interval
from obs.stats.durations.survival import duration_quantiles, durations_by_cause

TIME, CAUSE = [10, 20, 20, 30, 40, 40], [1, 2, 0, 1, 0, 0]
Z = 1.959963984540054


def test_shares_by_hand():
    """Six cases: one ends at 10, one of five at 20 otherwise, one of three at 30."""
    found = durations_by_cause(TIME, CAUSE, horizons=[0, 10, 19.9, 20, 30, 40])
    assert found.at_risk.tolist() == [6, 6, 5, 5, 3, 2]
    assert found.open_share == pytest.approx([1, 5 / 6, 5 / 6, 2 / 3, 4 / 9, 4 / 9])
    assert found.ended_share[0] == pytest.approx([0, 1 / 6, 1 / 6, 1 / 6, 7 / 18, 7 / 18])
    assert found.ended_share[1] == pytest.approx([0, 0, 0, 1 / 6, 1 / 6, 1 / 6])
    greenwood = 4 / 9 * np.sqrt(1 / 30 + 1 / 20 + 1 / 6)
    assert found.open_error[4] == pytest.approx(greenwood)
    log = Z * greenwood / (4 / 9 * abs(np.log(4 / 9)))
    assert found.open_low[4] == pytest.approx((4 / 9) ** np.exp(log))
    assert found.open_high[4] == pytest.approx((4 / 9) ** np.exp(-log))


def test_the_error_of_a_cause_by_hand():
    """Marubini and Valsecchi, to 30: before 1, 5/6, 2/3; to come 7/18 - 1/6 at 10 and 20."""
    found = durations_by_cause(TIME, CAUSE, horizons=[30])
    share = 7 / 18
    come = np.array([share - 1 / 6, share - 1 / 6, 0.0])
    n, d, both = np.array([6, 5, 3]), np.array([1, 0, 1]), np.array([1, 1, 1])
    before = np.array([1, 5 / 6, 2 / 3])
    variance = (
        np.sum(come**2 * both / (n * (n - both)))
        + np.sum(before**2 * (n - d) * d / n**3)
        - 2 * np.sum(come * before * d / n**2)
    )
    assert found.ended_error[0][0] == pytest.approx(np.sqrt(variance))


def test_beyond_what_was_followed_nothing_is_known():
    found = durations_by_cause(TIME, CAUSE, horizons=[40, 40.1])
    assert np.isnan(found.open_share).tolist() == [False, True]
    assert np.isnan(found.ended_share).tolist() == [[False, True]] * 2
    ended = durations_by_cause([10, 20], [1, 1], horizons=[20, 99])
    assert ended.open_share.tolist() == [0, 0]  # nobody is left to follow


def test_before_any_end_the_share_has_the_limits_of_those_known():
    found = durations_by_cause(TIME, CAUSE, horizons=[5, 25])
    low, high = clopper_pearson_interval(6, 6)
    assert (found.open_low[0], found.open_high[0]) == pytest.approx((float(low), float(high)))
    none = durations_by_cause([10, 20, 40], [0, 0, 0], horizons=[15], n_causes=2)
    low, high = clopper_pearson_interval(0, 2)  # one had gone: two are known
    assert none.ended_share.tolist() == [[0], [0]]
    assert (none.ended_low[0][0], none.ended_high[0][0]) == pytest.approx((float(low), float(high)))


def test_quantiles_are_the_first_time_at_which_a_share_has_ended():
    found = duration_quantiles([10, 20, 30, 40], [1, 1, 1, 0], shares=[0.25, 0.2501, 0.75, 0.76])
    assert found.duration[:3].tolist() == [10, 20, 30]
    assert np.isnan(found.duration[3])
    assert (found.low[:3] <= found.duration[:3]).all()


REFUSED = {
    "no duration": (lambda: durations_by_cause([], [], horizons=[1]), "two lists of one length"),
    "lengths": (lambda: durations_by_cause([1, 2], [1], horizons=[1]), "two lists of one length"),
    "below 0": (lambda: durations_by_cause([1, -2], [1, 0], horizons=[1]), "some are negative"),
    "missing": (lambda: durations_by_cause([1, np.nan], [1, 0], horizons=[1]), "some are negative"),
    "half a cause": (
        lambda: durations_by_cause([1, 2], [1, 0.5], horizons=[1]),
        "else a whole number from 1 up",
    ),
    "a cause below 0": (
        lambda: durations_by_cause([1, 2], [1, -1], horizons=[1]),
        "else a whole number from 1 up",
    ),
    "a cause too many": (
        lambda: durations_by_cause([1, 2], [1, 3], horizons=[1], n_causes=2),
        "causes: one is numbered 3, above n_causes=2",
    ),
    "a horizon below 0": (
        lambda: durations_by_cause([1, 2], [1, 0], horizons=[3, -1]),
        "horizons: durations of at least 0",
    ),
    "an endless horizon": (
        lambda: durations_by_cause([1, 2], [1, 0], horizons=[3, np.inf]),
        "horizons: durations of at least 0",
    ),
    "two ways to end": (lambda: duration_quantiles([1, 2], [1, 2]), "ended is 0 or 1"),
    "a share of all": (
        lambda: duration_quantiles([1, 2], [1, 0], shares=[0.5, 1.0]),
        "shares lie between 0 and 1",
    ),
    "a share of none": (
        lambda: duration_quantiles([1, 2], [1, 0], shares=[0.0, 0.5]),
        "shares lie between 0 and 1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises(ObsError, match=words):
        call()


def test_more_causes_than_seen_have_a_row_of_none():
    found = durations_by_cause([1, 2], [1, 0], horizons=[1], n_causes=3)
    assert found.ended_share.tolist() == [[0.5], [0], [0]]
