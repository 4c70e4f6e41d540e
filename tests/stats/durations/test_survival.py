"""Kaplan-Meier and Aalen-Johansen against textbooks, statsmodels and the multinomial."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from obs.errors import ObsError
from obs.stats import clopper_pearson_interval, duration_quantiles, durations_by_cause

# Freireich et al. 1963, weeks of remission under 6-MP, as printed with R's survfit (log-log limits)
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSE = [1] * 9 + [0] * 12
PRINTED = {  # week: at risk, share open, error, low, high
    6: (21, 0.8571, 0.0764, 0.6197, 0.9516),
    7: (17, 0.8067, 0.0869, 0.5631, 0.9228),
    10: (15, 0.7529, 0.0963, 0.5032, 0.8894),
    13: (12, 0.6902, 0.1068, 0.4316, 0.8491),
    16: (11, 0.6275, 0.1141, 0.3675, 0.8049),
    22: (7, 0.5378, 0.1282, 0.2678, 0.7468),
    23: (6, 0.4482, 0.1346, 0.1881, 0.6801),
}


def test_the_curve_is_the_printed_one():
    found = durations_by_cause(WEEKS, RELAPSE, horizons=list(PRINTED))
    ours = (found.at_risk, found.open_share, found.open_error, found.open_low, found.open_high)
    np.testing.assert_allclose(np.transpose(ours), list(PRINTED.values()), atol=6e-5)


def test_quartiles_are_the_printed_ones():
    found = duration_quantiles(WEEKS, RELAPSE)
    assert found.duration[:2].tolist() == [13, 23]
    assert (found.low[:2].tolist(), found.high[0]) == ([6, 13], 22)
    assert np.isnan(found.duration[2]), "three quarters are never reached"
    assert np.isnan(found.high[1:]).all()


def test_two_causes_by_hand():
    """Ten cases: 2 end by cause 1 at day 1, 1 lost at 2, 3 by cause 2 at 3, 1 by 1 at 4, 3 open."""
    days = [1, 1, 2, 3, 3, 3, 4, 9, 9, 9]
    causes = [1, 1, 0, 2, 2, 2, 1, 0, 0, 0]
    found = durations_by_cause(days, causes, horizons=[0, 1, 3, 4])
    one = [0, 2 / 10, 2 / 10, 2 / 10 + 0.8 * 4 / 7 * 1 / 4]
    two = [0, 0, 0.8 * 3 / 7, 0.8 * 3 / 7]
    np.testing.assert_allclose(found.ended_share, [one, two], rtol=1e-12)
    np.testing.assert_allclose(found.open_share, 1 - np.add(one, two), rtol=1e-12)
    assert found.ended_count.tolist() == [[0, 2, 2, 3], [0, 0, 3, 3]]
    assert found.at_risk.tolist() == [10, 10, 7, 4]
    assert found.censored.tolist() == [0, 0, 1, 1]


def test_errors_of_a_cause_are_those_of_statsmodels_until_nothing_is_left():
    rng = np.random.default_rng(7)
    days, causes = rng.integers(0, 40, 300), rng.integers(0, 4, 300)
    days[0], causes[0] = 60, 0
    theirs = CumIncidenceRight(days, causes)
    ours = durations_by_cause(days, causes, horizons=theirs.times)
    np.testing.assert_allclose(ours.ended_share, theirs.cinc, rtol=1e-12)
    np.testing.assert_allclose(ours.ended_error, theirs.cinc_se, atol=1e-14)


def test_without_censoring_shares_and_errors_are_those_of_a_plain_count():
    rng = np.random.default_rng(8)
    days, causes = rng.integers(0, 40, 200), rng.integers(1, 4, 200)
    found = durations_by_cause(days, causes, horizons=[5, 20, 39])
    share = np.array(
        [[np.mean((days <= h) & (causes == k)) for h in (5, 20, 39)] for k in (1, 2, 3)]
    )
    np.testing.assert_allclose(found.ended_share, share, rtol=1e-12)
    np.testing.assert_allclose(found.ended_error, np.sqrt(share * (1 - share) / 200), rtol=1e-9)
    assert (found.open_share[2], found.open_low[2]) == (0, 0)
    assert found.open_high[2] == pytest.approx(float(clopper_pearson_interval(0, 200)[1]))


def test_nothing_is_said_beyond_what_was_followed():
    found = durations_by_cause([10, 20, 30], [1, 0, 0], horizons=[30, 31])
    assert found.open_share[0] == pytest.approx(2 / 3)
    assert np.isnan(found.open_share[1])
    assert np.isnan(found.ended_share[:, 1]).all()
    ended = durations_by_cause([10, 20, 30], [1, 1, 1], horizons=[31, 400])
    assert ended.ended_share.tolist() == [[1, 1]]


@pytest.mark.parametrize("cause", [0, 1])
def test_one_case_has_limits_that_say_nothing(cause):
    found = durations_by_cause([5], [cause], horizons=[5], n_causes=1)
    share, low, high = found.ended_share[0, 0], found.ended_low[0, 0], found.ended_high[0, 0]
    assert share == cause
    assert (low, high) == pytest.approx((0, 0.975) if cause == 0 else (0.025, 1))


def test_the_intervals_hold_the_truth():
    """Exponential times censored at random: 95 % limits at 60 cases hold 93 to 97 %."""
    rng = np.random.default_rng(9)
    held = []
    for _ in range(400):
        end, seen, kind = rng.exponential(1, 60), rng.uniform(0.5, 3, 60), rng.integers(1, 3, 60)
        cause = np.where(end <= seen, kind, 0)
        found = durations_by_cause(np.minimum(end, seen), cause, horizons=[0.5], n_causes=2)
        truth = 0.5 * (1 - np.exp(-0.5))
        held.append(found.ended_low[0, 0] <= truth <= found.ended_high[0, 0])
    assert 0.92 <= np.mean(held) <= 0.98


@pytest.mark.parametrize(
    ("days", "causes", "message"),
    [
        ([], [], "of one value or more"),
        ([1, 2], [1], "of one length"),
        ([-1.0], [1], "negative, missing or infinite"),
        ([np.inf], [1], "negative, missing or infinite"),
        ([1.0], [0.5], "a whole number from 1 up"),
        ([1.0], [2], "numbered 2, above n_causes=1"),
    ],
)
def test_impossible_durations_are_refused(days, causes, message):
    with pytest.raises(ObsError, match=message):
        durations_by_cause(days, causes, horizons=[1], n_causes=1)


def test_impossible_horizons_and_shares_are_refused():
    with pytest.raises(ObsError, match="horizons: durations of at least 0"):
        durations_by_cause([1], [1], horizons=[np.nan])
    with pytest.raises(ObsError, match="shares lie between 0 and 1"):
        duration_quantiles([1], [1], shares=[1.0])
