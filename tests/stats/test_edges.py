"""Every kernel that works value by value keeps its shape, whatever is in it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from obs import lab, stats
from obs.errors import ObsError

COUNTS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=4),
    elements=st.one_of(
        st.sampled_from([0.0, 1.0, 9.0, 10.0, 1e9, 1e15, np.nan]),
        st.integers(0, 100_000).map(float),
    ),
)


def with_dobson(counts):
    low, high = stats.dobson_interval(counts / 7, counts / 49, counts)
    return low, high


KERNELS = {
    **{
        f"poisson_interval {m}": lambda x, m=m: stats.poisson_interval(x, method=m)
        for m in ("auto", "exact", "byar", "midp", "normal")
    },
    **{
        f"rate_ratio {m}": lambda x, m=m: tuple(
            getattr(stats.rate_ratio(x, 2.0, 7, 1.0, method=m), name)
            for name in ("ratio", "low", "high", "p_value")
        )
        for m in ("auto", "exact", "midp", "wald")
    },
    "rate_ratio base": lambda x: stats.rate_ratio(7, 2.0, x, 1.0).ratio,
    "wilson_interval": lambda x: stats.wilson_interval(x, x + 3),
    "wilson_interval, continuity": lambda x: stats.wilson_interval(x, x + 3, continuity=True),
    "clopper_pearson_interval": lambda x: stats.clopper_pearson_interval(x, x + 3),
    "jeffreys_interval": lambda x: stats.jeffreys_interval(x, x + 3),
    "agresti_coull_interval": lambda x: stats.agresti_coull_interval(x, x + 3),
    "newcombe_difference": lambda x: stats.newcombe_difference(x, x + 3, 4, 9),
    "dobson_interval": with_dobson,
    "standardised_ratio": lambda x: stats.standardised_ratio(x, x + 1),
    "minimum_detectable_change": stats.minimum_detectable_change,
    "funnel_limits": stats.funnel_limits,
    "share_limits": lambda x: stats.share_limits(x, 0.3),
    "adjusted_limits": lambda x: stats.adjusted_limits(x, 0.04),
    "scores": lambda x: stats.scores(x, 50.0),
    "scores by size": lambda x: stats.scores(1.1, x),
}
MADE_OF_TWO = {"scores by size", "rate_ratio base"}


def parts(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.slow
@pytest.mark.parametrize("name", KERNELS)
@settings(max_examples=20, deadline=None)
@given(counts=COUNTS)
def test_shape_is_kept_missing_stays_missing_and_the_input_is_untouched(name, counts):
    before = counts.copy()
    for part in parts(KERNELS[name](counts)):
        assert np.shape(part) == counts.shape
        if name not in ("scores",):
            assert np.isnan(np.asarray(part, dtype=float)[np.isnan(counts)]).all()
    np.testing.assert_array_equal(counts, before)


@pytest.mark.slow
@pytest.mark.parametrize("name", KERNELS)
@settings(max_examples=20, deadline=None)
@given(counts=COUNTS.filter(lambda x: x.size > 1))
def test_one_value_at_a_time_gives_the_same(name, counts):
    whole = [np.asarray(p, dtype=float).ravel() for p in parts(KERNELS[name](counts))]
    for i, value in enumerate(counts.ravel()):
        alone = parts(KERNELS[name](np.array([value])))
        for part, single in zip(whole, alone, strict=True):
            np.testing.assert_allclose(np.ravel(single)[0], part[i], rtol=1e-9)


@pytest.mark.parametrize("name", sorted(set(KERNELS) - MADE_OF_TWO - {"scores", "adjusted_limits"}))
def test_an_infinite_or_negative_count_is_refused(name):
    for bad in (np.inf, -1.0):
        with pytest.raises(ObsError):
            KERNELS[name](np.array([3.0, bad]))


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(counts=COUNTS)
def test_limits_of_a_count_hold_it_and_stand_in_order(counts):
    for method in ("auto", "exact", "midp"):
        low, high = stats.poisson_interval(counts, method=method)
        known = ~np.isnan(counts)
        assert np.all((low[known] <= counts[known]) & (counts[known] <= high[known]))
        wider = stats.poisson_interval(counts, method=method, confidence=0.998)
        assert np.all((wider[0][known] <= low[known]) & (high[known] <= wider[1][known]))


def test_the_midp_limits_join_where_they_are_no_longer_searched():
    below, above = (stats.poisson_interval([n], method="midp") for n in (1e8, 1e8 + 1))
    for one, next_one in zip(below, above, strict=True):
        assert (next_one - one)[0] == pytest.approx(1, abs=0.05)


def test_the_funnel_joins_where_it_is_no_longer_searched():
    below, above = (stats.funnel_limits([n]) for n in (1e9, 1e9 + 1))
    for one, next_one in zip(below, above, strict=True):
        assert (next_one - one)[0] == pytest.approx(1, abs=0.01)


FLAT = np.ones((5, 5)) - np.eye(5)
IMPOSSIBLE = {
    "strata that differ": lambda: stats.direct_rate([1, 2], [10, 10], [1, 2, 3]),
    "expected of strata that differ": lambda: stats.expected_events([10, 5], [0.1, 0.2, 0.3]),
    "infinite events": lambda: stats.direct_rate([1, np.inf], [10, 10], [1, 2]),
    "infinite estimate": lambda: lab.fay_herriot([0.2, np.inf, 0.4], [0.1] * 3),
    "infinite area": lambda: stats.moran([1, 2, np.inf, 4, 5], FLAT),
    "areas none of which is known": lambda: stats.moran_of_rates(
        [np.nan] * 5, [9.0] * 5, FLAT, rng=np.random.default_rng(1), permutations=9
    ),
    "infinite measure": lambda: stats.mean_interval([1, np.inf]),
    "infinite class": lambda: stats.class_breaks([1, 2, np.inf], k=2, scheme="equal"),
    "one value for classes": lambda: stats.class_breaks([1, 1, 1], k=2, scheme="sd"),
    "infinite exposure": lambda: stats.fit_counts(
        [1, 2, 3], np.ones((3, 1)), exposure=[1, np.inf, 1]
    ),
    "a season of no length": lambda: stats.harmonic_terms([1, 2], period=0),
    "STL of an infinite value": lambda: stats.decompose_stl(np.r_[np.inf, np.ones(40)]),
    "no one on two lists": lambda: stats.closed_population([[1, 0], [0, 1], [1, 1]], [5, 5, 0]),
    "a season of zeros": lambda: stats.adjust_seasonal(
        np.zeros(48), np.arange("2016-01", "2020-01", dtype="M8[M]")
    ),
    "nothing known under the intervention": lambda: stats.fit_interruption(
        np.r_[np.full(30, 3.0), np.full(10, np.nan)], start=30
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_is_refused_in_words(case):
    with pytest.raises(ObsError):
        IMPOSSIBLE[case]()


def test_areas_without_population_have_no_standardised_rate():
    assert np.isnan(stats.equal_variance_rates([1, 2], [0, np.nan])).all()


def test_one_measure_alone_has_no_interval():
    for values in (3.0, [3.0], []):
        assert np.isnan(stats.mean_interval(values)).all()
