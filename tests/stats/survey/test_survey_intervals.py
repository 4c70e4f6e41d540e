"""Share intervals at their edges, quantiles by hand, weights found and cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, special, stats

from obs.errors import ObsError
from obs.stats.survey import (
    calibrate_weights,
    domain_quantiles,
    fit_regression,
    frame_domains,
    make_replicates,
    quantile_cells,
    rank_scores,
    share_interval,
    t_quantile,
    trim_weights,
    wald_test,
)
from obs.stats.survey.sampling_design import make_design

METHODS = ["logit", "beta", "wilson", "arcsine", "likelihood"]


def one(share, variance, n, df, **options):
    low, high = share_interval(*(np.array([v]) for v in (share, variance, n, df)), **options)
    return float(low[0]), float(high[0])


@pytest.mark.parametrize("method", METHODS)
def test_zero_answers_bound_the_share_as_clopper_and_pearson(method):
    low, high = one(0.0, 0.0, 100.0, 1e9, method=method)
    assert low == 0
    assert high == pytest.approx(1 - 0.025 ** (1 / 100), rel=1e-9)


def test_the_effective_size_of_a_beta_interval_is_at_most_that_of_the_sample():
    exact = stats.beta.ppf([0.025, 0.975], [12, 13], [89, 88])  # Clopper-Pearson, 12 of 100
    even = one(0.12, 0.12 * 0.88 / 900, 100.0, 99.0, method="beta")  # a design effect of 1/9
    assert even == pytest.approx(exact, rel=1e-9)
    corrected = one(0.12, 0.12 * 0.88 / 900, 100.0, 99.0, method="beta", finite=True)
    assert corrected[1] - corrected[0] < (exact[1] - exact[0]) / 2


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    share=st.floats(0.001, 0.999),
    deff=st.floats(0.3, 5),
    n=st.integers(5, 3000),
    df=st.integers(1, 500),
    method=st.sampled_from(METHODS),
)
def test_intervals_hold_the_share_and_stay_inside(share, deff, n, df, method):
    variance = share * (1 - share) * deff / n
    low, high = one(share, variance, float(n), float(df), method=method)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    mirrored = one(1 - share, variance, float(n), float(df), method=method)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-7)


def test_the_likelihood_interval_ends_where_the_deviance_reaches_the_limit():
    low, high = one(0.1, 0.1 * 0.9 / 80, 100.0, 60.0, method="likelihood")
    limit = stats.t.ppf(0.975, 60) ** 2
    for end in (low, high):
        deviance = 2 * 80 * 99 / 100 * (special.kl_div(0.1, end) + special.kl_div(0.9, 1 - end))
        assert deviance == pytest.approx(limit)


def test_without_degrees_of_freedom_nothing_is_known():
    assert np.isinf(t_quantile(np.array([0.0])))
    low, high = one(0.3, 0.01, 30.0, 0.0)
    assert low < 1e-6
    assert high > 1 - 1e-6


def test_quantiles_by_hand():
    values, weight = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0, 3.0])
    everyone = np.zeros(4, dtype=int)
    for p, expected in ((0.5, 3.0), (1 / 6, 1.0), (0.51, 4.0), (1.0, 4.0)):
        found = domain_quantiles(values, weight, everyone, np.array([p]))
        assert found[0] == expected
    school = domain_quantiles(values, weight, everyone, np.array([0.5]), rule="school")
    assert school[0] == 3.5


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.floats(-50, 50), min_size=2, max_size=30),
    p=st.floats(0.01, 0.99),
    rule=st.sampled_from(["hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]),
)
def test_equal_weights_give_the_quantiles_of_numpy(values, p, rule):
    names = {"hf4": "interpolated_inverted_cdf", "hf5": "hazen", "hf6": "weibull"}
    names |= {"hf7": "linear", "hf8": "median_unbiased", "hf9": "normal_unbiased"}
    values = np.array(values)
    ones, everyone = np.ones(len(values)), np.zeros(len(values), dtype=int)
    found = domain_quantiles(values, ones, everyone, np.array([p]), rule=rule)[0]
    assert found == pytest.approx(np.quantile(values, p, method=names[rule]), abs=1e-6)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_raking_equals_proportional_fitting(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.permutation(np.arange(60) % 3), rng.permutation(np.arange(60) % 2)
    weight = rng.uniform(1, 3, 60)
    margins = np.hstack([np.eye(3)[a], np.eye(2)[b]])
    wanted = margins.T @ (weight * rng.uniform(0.7, 1.4, 60))
    found = calibrate_weights(weight, sparse.csr_array(margins), wanted)
    fitted = weight.copy()
    for _ in range(500):
        fitted *= (wanted[:3] / np.bincount(a, fitted))[a]
        fitted *= (wanted[3:] / np.bincount(b, fitted))[b]
    assert found == pytest.approx(fitted, rel=1e-6)
    assert margins.T @ found == pytest.approx(wanted)


def test_trimming_by_hand():
    assert trim_weights(np.array([1.0, 2.0, 9.0]), upper=6.0).tolist() == [2.5, 3.5, 6.0]
    assert trim_weights(np.array([0.0, 2.0, 4.0]), lower=2.5).tolist() == [0.0, 2.5, 3.5]
    with pytest.raises(ObsError, match="sum is kept"):
        trim_weights(np.array([1.0, 1.0]), lower=2.0)


def test_half_samples_are_balanced():
    sizes = np.arange(0, 15, 2)  # seven strata of two units
    made = make_replicates(np.ones(14), np.arange(14), sizes, method="brr")
    assert (made.factor[::2] + made.factor[1::2] == 2).all()
    signs = made.factor[::2] - 1
    assert signs @ signs.T == pytest.approx(np.eye(7) * signs.shape[1])
    assert signs.sum(axis=1).tolist() == [0] * 7


def test_ranks_do_not_depend_on_the_order_of_ties():
    values, weight = np.array([2.0, 2.0, 1.0, 3.0]), np.array([1.0, 3.0, 2.0, 2.0])
    scores = rank_scores(make_design(weight), values)
    assert scores.tolist() == [0.5, 0.5, 0.125, 0.875]
    order = [1, 3, 0, 2]
    assert rank_scores(make_design(weight[order]), values[order]).tolist() == scores[order].tolist()


def test_a_wald_test_needs_enough_units():
    with pytest.raises(ObsError, match="more sampling units"):
        wald_test(np.ones(2), np.ones((2, 2)), 10)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_a_group_without_events_is_refused(family):
    x = np.column_stack([np.ones(40), np.arange(40) < 20])
    y = np.where(np.arange(40) < 20, 0.0, np.arange(40) % 2)
    with pytest.raises(ObsError, match="separates the answers: in 20 rows"):
        fit_regression(make_design(np.ones(40)), y, x, family=family)


def test_predictors_that_say_the_same_are_refused():
    x = np.column_stack([np.ones(9), np.arange(9) % 2, 1 - np.arange(9) % 2])
    with pytest.raises(ObsError, match="cannot be told apart"):
        fit_regression(make_design(np.ones(9)), np.arange(9.0), x)
    with pytest.raises(ObsError, match="between 0 and 1; it does not in 7 rows"):
        fit_regression(make_design(np.ones(9)), np.arange(9.0), x[:, :2], family="binomial")


@pytest.mark.parametrize("chances", [[0.505, 0.3, 0.195], [0.49, 0.31, 0.2], [0.9, 0.06, 0.04]])
@pytest.mark.parametrize("p", [0.5, 0.9])
def test_quantiles_of_tied_answers_hold_their_level(chances, p):
    rng, n = np.random.default_rng(8), 200
    truth = int(np.searchsorted(np.cumsum(chances), p - 1e-9))
    held = []
    for _ in range(100):
        frame = frame_domains(make_design(np.ones(n)), np.zeros(n, dtype=int), 1)
        answers = rng.choice(3, n, p=chances) * 1.0
        _, low, high = quantile_cells(frame, answers, p, np.array([n - 1.0]))
        held.append(low[0] <= truth <= high[0])
    assert np.mean(held) > 0.92  # 0.58 where the interval is laid around the tied share
