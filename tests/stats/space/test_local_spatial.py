"""Local clusters: statistics against PySAL, false alarms by simulation, islands."""

import warnings

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats.space.local_tests import local_getis_ord, local_moran


def ring(n, reach=2):
    steps = [k for k in range(-reach, reach + 1) if k]
    return sum(np.roll(np.eye(n), k, axis=1) for k in steps)


def hill(n=30):
    values = np.random.default_rng(2).normal(0, 0.3, n)
    values[10:15] += 4
    return values


@pytest.mark.slow
def test_statistics_are_pysals_and_p_values_twice_its_own():
    esda = pytest.importorskip("esda", reason="PySAL (esda) is not installed")
    libpysal = pytest.importorskip("libpysal", reason="PySAL (libpysal) is not installed")
    near = ring(30)
    pairs = {i: np.flatnonzero(row).tolist() for i, row in enumerate(near)}
    w = libpysal.weights.W(pairs, silence_warnings=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # esda announces two-sided tests
        peer = esda.Moran_Local(hill(), w, permutations=9_999, seed=1, n_jobs=1)
    ours = local_moran(hill(), near, rng=np.random.default_rng(1))
    np.testing.assert_allclose(ours.statistic, peer.Is * 30 / 29, rtol=1e-9)  # its n - 1
    np.testing.assert_allclose(ours.p_value, np.minimum(2 * peer.p_sim, 1), atol=0.05)
    assert (peer.p_sim <= 0.05).sum() > (ours.p_value <= 0.05).sum()


def test_a_planted_hill_is_found_and_named():
    moran = local_moran(hill(), ring(30), rng=np.random.default_rng(1))
    assert {"high-high"} == set(moran.kind[12:13])
    getis = local_getis_ord(hill(), ring(30), rng=np.random.default_rng(1))
    assert {"hot"} == set(getis.kind[12:13])
    assert "cold" not in set(getis.kind)


@pytest.mark.parametrize("kernel", [local_moran, local_getis_ord])
def test_maps_without_clusters_are_flagged_no_more_often_than_stated(kernel):
    rng = np.random.default_rng(8)
    near, maps = ring(19), 120
    raw, any_flag = 0.0, 0
    for _ in range(maps):
        result = kernel(rng.normal(size=19), near, rng=rng, permutations=499)
        raw += (result.p_value <= 0.05).mean() / maps
        any_flag += bool((result.adjusted < 0.05).any())
    assert raw < 0.065
    assert any_flag / maps <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / maps)


def test_an_island_and_a_missing_area_are_named_and_change_no_other():
    near = np.zeros((32, 32))
    near[:30, :30] = ring(30)
    near[31, 0] = near[0, 31] = 1
    values = np.append(hill(), [hill().mean(), np.nan])
    result = local_moran(values, near, rng=np.random.default_rng(1))
    assert result.kind[30:].tolist() == ["isolated", "missing"]
    assert np.isnan(result.p_value[30:]).all()
    assert not np.isnan(result.p_value[:30]).any()


def test_the_same_seed_gives_the_same_map():
    first, again = (local_moran(hill(), ring(30), rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.p_value, again.p_value)


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        ([1, 2, 3], {}, "at least four"),
        ([1, 2, 3, 4, 5], {"confidence": 95}, "0.95, not 95"),
    ],
)
def test_impossible_inputs_are_refused(values, options, said):
    with pytest.raises(ObsError, match=said):
        local_moran(values, ring(len(values)), rng=np.random.default_rng(1), **options)
