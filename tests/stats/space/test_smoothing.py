"""Smoothed rates against spdep and SpatialEpi; areas without people leave the rest alone."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from obs.errors import ObsError
from obs.stats.space.smoothing import chance_of_count, smooth_gamma, smooth_global, smooth_local


@pytest.fixture
def sids(shared):
    folder = shared / "cases" / "eb_global_local_sids"
    areas, edges = pd.read_csv(folder / "areas.csv"), pd.read_csv(folder / "edges.csv")
    near = np.zeros((len(areas), len(areas)))
    near[edges["i"] - 1, edges["j"] - 1] = 1
    case = json.loads((folder / "expected.json").read_text())
    return case["expected"], case["meta"]["tolerance_hint"], areas["sid74"], areas["bir74"], near


@pytest.fixture
def pennsylvania(shared):
    folder = shared / "cases" / "eb_gamma_scan_pennsylvania"
    case = json.loads((folder / "expected.json").read_text())
    return case["expected"], case["meta"]["tolerance_hint"], pd.read_csv(folder / "input.csv")


def floats(values):
    return np.array([np.nan if v is None else v for v in values], dtype=float)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_global_rates_are_those_of_spdep(sids, family):
    theirs, rtol, events, births, _ = sids
    ours = smooth_global(events, births, family=family)
    np.testing.assert_allclose(ours.rate, floats(theirs[family]["est"]), rtol=rtol)
    np.testing.assert_allclose(ours.mean, theirs[family]["b"], rtol=rtol)


def test_local_rates_are_those_of_spdep_with_geodas_deviations(sids):
    theirs, rtol, events, births, near = sids
    ours = smooth_local(events, births, near)
    expected = floats(theirs["local_geoda"]["est"])
    known = ~np.isnan(expected)
    np.testing.assert_allclose(ours.rate[known], expected[known], rtol=rtol)
    # a neighbourhood without a single event: spdep gives 0/0, here the rate is 0
    assert (ours.rate[~known] == 0).all()


def test_spdeps_default_takes_each_deviation_from_another_mean(sids):
    theirs, rtol, events, births, near = sids
    with_self = near + np.eye(len(near))
    n, rate = births.to_numpy(float), (events / births).to_numpy()
    mean = with_self @ events / (with_self @ n)
    spread = with_self @ (n * (rate - mean) ** 2) / (with_self @ n)  # deviation from its own mean
    prior = np.maximum(spread - mean / (with_self @ n / with_self.sum(1)), 0)
    expected = floats(theirs["local"]["est"])
    known = ~np.isnan(expected)
    with np.errstate(invalid="ignore"):
        peer = mean + (rate - mean) * prior / (prior + mean / n)
    np.testing.assert_allclose(peer[known], expected[known], rtol=rtol)
    ours = smooth_local(events, births, near).rate[known]
    assert np.abs(ours - expected[known]).max() > 1e-4  # one death per 10,000 births


def test_chance_is_that_of_spdep_and_folded_to_the_side_of_the_count(sids):
    theirs, rtol, events, births, _ = sids
    rows = pd.DataFrame(theirs["probmap"])
    ours = chance_of_count(events, births)
    below = events < rows["expCount"]
    np.testing.assert_allclose(ours[below], rows["pmap"][below], rtol=rtol)
    above = stats.poisson.sf(events - 1, rows["expCount"])
    np.testing.assert_allclose(ours[~below], above[~below], rtol=rtol)


def test_gamma_smoothed_ratios_are_those_of_spatialepi(pennsylvania):
    theirs, rtol, table = pennsylvania
    ours = smooth_gamma(table["cases"], theirs["expected"])
    np.testing.assert_allclose(ours.ratio, theirs["eb_rr"], rtol=rtol)
    np.testing.assert_allclose(ours.median, theirs["eb_rr_median"], rtol=rtol)
    assert np.log(ours.mean) == pytest.approx(theirs["eb_beta"], abs=1e-6)
    assert ours.shape == pytest.approx(theirs["eb_alpha"], rel=2e-5)  # theirs stops earlier:

    def likelihood(mean, shape):
        fitted = mean * np.array(theirs["expected"])
        return stats.nbinom.logpmf(table["cases"], shape, shape / (shape + fitted)).sum()

    assert likelihood(ours.mean, ours.shape) > likelihood(
        np.exp(theirs["eb_beta"]), theirs["eb_alpha"]
    )


def test_areas_that_differ_by_chance_get_the_common_ratio():
    result = smooth_gamma([10, 10, 10, 10], [10, 10, 10, 10])
    assert result.shape == float("inf")
    assert result.ratio.tolist() == [1.0] * 4
    assert smooth_global([10, 10, 10], [100, 100, 100]).weight.tolist() == [0.0] * 3


@pytest.mark.parametrize("empty", [0, np.nan])
def test_an_area_without_people_is_missing_and_changes_no_other(empty):
    near = np.ones((4, 4)) - np.eye(4)
    events, people = [3, 9, 40], [500, 900, 2_500]
    for whole, part in (
        (smooth_global([*events, 0], [*people, empty]), smooth_global(events, people)),
        (
            smooth_local([*events, 0], [*people, empty], near),
            smooth_local(events, people, near[:3, :3]),
        ),
    ):
        np.testing.assert_array_equal(whole.rate[:3], part.rate)
        assert np.isnan(whole.rate[3])
    ratios = smooth_gamma([*events, 0], [*people, empty]).ratio
    np.testing.assert_allclose(ratios[:3], smooth_gamma(events, people).ratio, rtol=1e-6)
    assert np.isnan(chance_of_count([*events, 0], [*people, empty])[3])


def test_an_island_keeps_its_own_rate():
    near = np.zeros((3, 3))
    near[0, 1] = near[1, 0] = 1
    result = smooth_local([3, 9, 40], [500, 900, 2_500], near)
    assert result.rate[2] == 40 / 2_500


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(100, 50_000)), min_size=3, max_size=19),
    st.randoms(use_true_random=False),
)
def test_a_smoothed_rate_lies_between_its_own_and_the_mean_whatever_the_order(areas, random):
    events, people = (np.array(a, dtype=float) for a in zip(*areas, strict=True))
    result = smooth_global(events, people)
    rate = events / people
    low, high = np.minimum(rate, result.mean), np.maximum(rate, result.mean)
    assert ((result.rate >= low - 1e-12) & (result.rate <= high + 1e-12)).all()
    order = list(range(len(areas)))
    random.shuffle(order)
    again = smooth_global(events[order], people[order])
    np.testing.assert_allclose(again.rate, result.rate[order], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: smooth_global([1], [0]), "no area"),
        (lambda: smooth_global([-1], [5]), "negative"),
        (lambda: smooth_global([1], [5], family="normal"), "poisson or binomial"),
        (lambda: smooth_local([1, 2], [5, 6], [[0]]), "2 x 2"),
        (lambda: smooth_gamma([0, 0], [5, 6]), "one event"),
        (lambda: smooth_gamma([1, 2], [5, 6], confidence=95), "0.95, not 95"),
    ],
)
def test_impossible_inputs_are_refused(call, said):
    with pytest.raises(ObsError, match=said):
        call()
