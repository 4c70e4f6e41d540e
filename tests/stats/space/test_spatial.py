"""Spatial tests against spdep; rates of unequal populations against PySAL's Moran_Rate."""

import json

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError
from obs.stats.space.global_tests import (
    geary,
    getis_ord,
    lee,
    moran,
    spatial_weights,
)
from obs.stats.space.rate_tests import equal_variance_rates, moran_of_rates


@pytest.fixture(scope="module")
def sids(shared):
    folder = shared / "cases" / "moran_geary_getis_sids"
    areas, edges = pd.read_csv(folder / "areas.csv"), pd.read_csv(folder / "edges.csv")
    near = np.zeros((len(areas), len(areas)))
    near[edges["i"] - 1, edges["j"] - 1] = 1
    case = json.loads((folder / "expected.json").read_text())
    return case["expected"], case["meta"]["tolerance_hint"], areas, near


CASES = [
    ("moran_W_random_greater", moran, {}),
    ("moran_W_normal_greater", moran, {"assumption": "normality"}),
    ("moran_W_two_sided", moran, {}),
    ("moran_B", moran, {"style": "binary"}),
    ("geary_W", geary, {}),
    ("geary_B_normal", geary, {"style": "binary", "assumption": "normality"}),
    ("getis_global_G_B", getis_ord, {}),
]


@pytest.mark.parametrize(("name", "kernel", "options"), CASES, ids=[c[0] for c in CASES])
def test_statistics_and_moments_are_those_of_spdep(sids, name, kernel, options):
    expected, rtol, _, near = sids
    theirs = expected[name]
    ours = kernel(expected["rate"], near, **options)
    np.testing.assert_allclose(
        [ours.statistic, ours.expected, ours.variance], theirs["estimate"], rtol=rtol
    )
    sign = -1 if kernel is geary else 1  # spdep turns Geary's z round
    np.testing.assert_allclose(sign * ours.z, np.ravel(theirs["statistic"])[0], rtol=rtol)
    sides = 1 if "two_sided" in name else 0.5  # spdep's default is one-sided, ours two
    np.testing.assert_allclose(sides * ours.p_value, np.ravel(theirs["p"])[0], rtol=1e-7)


def test_the_transformed_rates_and_their_moran_are_those_of_spdep(sids):
    expected, rtol, areas, near = sids
    events, births = areas["sid74"], areas["bir74"]
    np.testing.assert_allclose(1000 * events / births, expected["rate"], rtol=rtol)
    root = np.sqrt(1000) * (np.sqrt(events / births) + np.sqrt((events + 1) / births))
    np.testing.assert_allclose(root, expected["ft"], rtol=rtol)
    ours, theirs = moran(root, near), expected["moran_ft_W"]
    np.testing.assert_allclose(
        [ours.statistic, ours.expected, ours.variance], theirs["estimate"], rtol=rtol
    )


def test_sums_of_weights_are_those_of_spdep(sids):
    expected, rtol, _, near = sids
    w = spatial_weights(near)
    ours = [w.sum(), ((w + w.T) ** 2).sum() / 2, ((w.sum(0) + w.sum(1)) ** 2).sum()]
    np.testing.assert_allclose(ours, [expected["S"][k] for k in ("S0", "S1", "S2")], rtol=rtol)


def test_lees_l_is_that_of_spdep(sids):
    expected, rtol, areas, near = sids
    later = 1000 * areas["sid79"] / areas["bir79"]
    candidates = [lee(expected["rate"], y, near) for y in (expected["ft"], later, areas["nwbir74"])]
    share = areas["nwbir74"] / areas["bir74"]
    candidates.append(lee(expected["rate"], share, near))
    assert min(abs(c / expected["lee"] - 1) for c in candidates) < rtol


@pytest.mark.slow
def test_rates_of_unequal_populations_have_pysals_statistic_and_twice_its_p_value(sids):
    esda = pytest.importorskip("esda", reason="PySAL (esda) is not installed")
    libpysal = pytest.importorskip("libpysal", reason="PySAL (libpysal) is not installed")
    _, _, areas, near = sids
    events, births = areas["sid74"].to_numpy(float), areas["bir74"].to_numpy(float)
    pairs = {i: np.flatnonzero(row).tolist() for i, row in enumerate(near)}
    w = libpysal.weights.W(pairs, silence_warnings=True)
    np.random.seed(1)  # noqa: NPY002 - PySAL draws from the global state
    peer = esda.Moran_Rate(events, births, w, permutations=9_999)
    ours = moran_of_rates(events, births, near, rng=np.random.default_rng(1))
    assert ours.statistic == pytest.approx(peer.I, rel=1e-9)
    assert ours.p_value == pytest.approx(2 * peer.p_sim, abs=4e-4)
    theirs = esda.smoothing.assuncao_rate(events, births)
    np.testing.assert_allclose(equal_variance_rates(events, births), theirs, rtol=1e-9)


def test_small_areas_do_not_make_clusters_of_rates():
    """Many small places side by side: raw rates vary most there, their clusters are noise."""
    rng = np.random.default_rng(5)
    near = np.roll(np.eye(40), 1, axis=1) + np.roll(np.eye(40), -1, axis=1)
    people = np.where(np.arange(40) < 20, 300, 30_000)
    found = [
        moran_of_rates(rng.poisson(people * 0.01), people, near, rng=rng, permutations=199).p_value
        <= 0.05
        for _ in range(300)
    ]
    assert np.mean(found) <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize("kernel", [moran, geary, getis_ord])
def test_an_island_or_a_missing_area_leaves_the_others_as_they_are(sids, kernel):
    expected, _, _, near = sids
    wider = np.zeros((102, 102))
    wider[:100, :100] = near
    wider[100, 0] = wider[0, 100] = 1  # the last but one has a neighbour and no value
    ours = kernel([*expected["rate"], np.nan, 3.0], wider)
    assert ours == kernel(expected["rate"], near)


@pytest.mark.parametrize(
    ("values", "near", "said"),
    [
        ([1, 2, 3], np.ones((3, 3)), "at least four"),
        ([1, 1, 1, 1], np.ones((4, 4)), "not all of one value"),
        ([1, 2, 3, 4], np.ones((3, 3)), "4 x 4"),
        ([1, 2, 3, 4], -np.ones((4, 4)), "square matrix"),
    ],
)
def test_impossible_inputs_are_refused(values, near, said):
    with pytest.raises(ObsError, match=said):
        moran(values, near)
