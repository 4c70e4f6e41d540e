"""The fast pass over pairs equals the textbook sums, stratum by stratum and unit by unit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from obs.errors import ObsError
from obs.stats.survey import (
    frame_domains,
    influence_covariance,
    make_calibration,
    make_design,
    ratio_cells,
    ratio_covariance,
    stack_cells,
    total_cells,
    total_covariance,
)


def random_design(seed, *, n=150, single="remove", stages=1):
    rng = np.random.default_rng(seed)
    stratum = rng.integers(0, 4, n)
    cluster = rng.integers(0, 6, n)
    sub = rng.integers(0, 3, n)
    weight = rng.uniform(0.5, 3, n) * (rng.random(n) > 0.1)
    sizes = np.array([10, 8, 30, 7])[stratum].astype(float)
    subsizes = np.full(n, 5.0)
    clusters, fpc = ([cluster], []) if stages == 1 else ([cluster, sub], [sizes, subsizes])
    design = make_design(weight, strata=[stratum], clusters=clusters, fpc=fpc, single=single)
    return design, (weight, stratum, cluster, sub, sizes, subsizes), rng


def variance_by_loops(z, parts, *, stages):
    """Variance of the sum of z, written as in the textbook."""
    _, stratum, cluster, sub, sizes, subsizes = parts
    variance = 0.0
    for h in np.unique(stratum):
        units = np.unique(cluster[stratum == h])
        totals = np.array([z[(stratum == h) & (cluster == c)].sum() for c in units])
        n, f = len(units), 0.0
        if stages == 2:
            f = n / sizes[stratum == h][0]
        if n > 1:
            variance += (1 - f) * n / (n - 1) * ((totals - totals.mean()) ** 2).sum()
        for c in units if stages == 2 else []:
            inside = (stratum == h) & (cluster == c)
            lower = np.array([z[inside & (sub == s)].sum() for s in np.unique(sub[inside])])
            m = len(lower)
            if m > 1:
                g = m / subsizes[0]
                variance += f * (1 - g) * m / (m - 1) * ((lower - lower.mean()) ** 2).sum()
    return variance


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000), stages=st.sampled_from([1, 2]))
def test_totals_and_means_equal_the_loops(seed, stages):
    design, parts, rng = random_design(seed, stages=stages)
    y, domain = rng.normal(5, 2, 150), rng.integers(0, 3, 150)
    frame = frame_domains(design, domain, 3)
    totals, means = total_cells(frame, y), ratio_cells(frame, y)
    for d in range(3):
        weight = parts[0] * (domain == d)
        expected = variance_by_loops(weight * y, parts, stages=stages)
        assert totals.variance[d] == pytest.approx(expected)
        mean = (weight * y).sum() / weight.sum()
        assert means.estimate[d] == pytest.approx(mean)
        influence = weight * (y - mean) / weight.sum()
        expected = variance_by_loops(influence, parts, stages=stages)
        assert means.variance[d] == pytest.approx(expected, abs=1e-15)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    single=st.sampled_from(["remove", "adjust", "average"]),
    stages=st.sampled_from([1, 2]),
)
def test_the_covariance_has_the_variances_on_its_diagonal(seed, single, stages):
    design, _, rng = random_design(seed, n=40, single=single, stages=stages)
    y, domain = rng.normal(5, 2, 40), rng.integers(0, 3, 40)
    frame = frame_domains(design, domain, 3)
    assert np.diag(ratio_covariance(frame, y)) == pytest.approx(
        np.nan_to_num(ratio_cells(frame, y).variance), abs=1e-12
    )
    assert np.diag(total_covariance(frame, y)) == pytest.approx(total_cells(frame, y).variance)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    single=st.sampled_from(["remove", "adjust", "average"]),
    stages=st.sampled_from([1, 2]),
    steps=st.integers(1, 2),
)
def test_calibrated_variances_are_those_of_the_residuals(seed, single, stages, steps):
    design, _, rng = random_design(seed, n=60, single=single, stages=stages)
    for _ in range(steps):
        auxiliary = sparse.csr_array(np.column_stack([np.ones(60), rng.normal(3, 1, 60)]))
        after = design.weight * rng.uniform(0.8, 1.2, 60)
        made = make_calibration(auxiliary, design.weight, after)
        design = replace(design, weight=after, calibrations=(*design.calibrations, made))
    y, domain = rng.normal(5, 2, 60), rng.integers(0, 3, 60)
    frame = frame_domains(design, domain, 3)
    influence = design.weight * y * (domain == 1)
    for calibration in reversed(design.calibrations):  # residuals, one regression after another
        x, d, g = calibration.auxiliary.toarray(), calibration.before, calibration.after
        use = g > 0
        u = np.divide(influence, g, out=np.zeros(60), where=use)
        slope = np.linalg.lstsq(
            x[use] * np.sqrt(d[use])[:, None], (u * np.sqrt(d))[use], rcond=None
        )
        influence = influence - g * (x @ slope[0])
    plain = replace(design, calibrations=())
    everyone = frame_domains(plain, np.zeros(60, dtype=int), 1)
    expected = everyone.influence_variance(influence)[0]
    assert total_cells(frame, y).variance[1] == pytest.approx(expected, rel=1e-8)
    assert total_covariance(frame, y)[1, 1] == pytest.approx(expected, rel=1e-8)


def test_sum_of_domains_has_the_variance_of_the_whole():
    design, _, rng = random_design(7)
    y, domain = rng.normal(5, 2, 150), rng.integers(0, 3, 150)
    parts = total_covariance(frame_domains(design, domain, 3), y)
    whole = total_cells(frame_domains(design, np.zeros(150, dtype=int), 1), y)
    assert parts.sum() == pytest.approx(whole.variance[0])


def test_a_simple_random_sample_by_hand():
    design = make_design(np.full(4, 25.0), fpc=[np.full(4, 100.0)])
    frame = frame_domains(design, np.zeros(4, dtype=int), 1)
    y = np.array([1.0, 2.0, 3.0, 6.0])  # mean 3, variance 14 / 3
    cells = ratio_cells(frame, y)
    assert cells.variance[0] == pytest.approx((1 - 4 / 100) * 14 / 3 / 4)
    assert cells.variance[0] == pytest.approx(cells.random_variance[0])
    assert total_cells(frame, y).variance[0] == pytest.approx(100**2 * cells.variance[0])


def test_pairs_are_stored_only_where_there_are_rows():
    n = 20_000
    design = make_design(np.ones(n))
    frame = frame_domains(design, np.arange(n) % 50, 50)
    assert frame.groupings[0].n_pairs == n
    cells = ratio_cells(frame, np.arange(n) % 7.0)
    inside = np.arange(0, n, 50)
    influence = np.zeros(n)
    influence[inside] = (inside % 7 - (inside % 7).mean()) / len(inside)
    expected = n / (n - 1) * ((influence - influence.mean()) ** 2).sum()
    assert cells.variance[0] == pytest.approx(expected)


def test_an_empty_domain_is_missing_and_harms_no_other():
    design = make_design(np.ones(4))
    frame = frame_domains(design, np.array([0, 0, 2, 2]), 3)
    cells = stack_cells([ratio_cells(frame, np.array([1.0, 3.0, 5.0, 5.0]))])
    assert np.isnan(cells.estimate[0]).tolist() == [False, True, False]
    assert np.isnan(cells.variance[0]).tolist() == [False, True, False]


def test_an_unknown_policy_and_a_single_unit():
    with pytest.raises(ObsError, match="Unknown policy"):
        make_design(np.ones(2), single="drop")
    with pytest.raises(ObsError, match="1 strata have a single unit at stage 1"):
        make_design(np.ones(3), strata=[np.array([0, 0, 1])])


def test_influences_of_a_matrix_by_hand():
    design = make_design(np.ones(3))
    matrix = sparse.csr_array(np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 5.0]]))
    expected = 3 / 2 * np.array([[2.0, 5.0], [5.0, 14.0]])
    assert influence_covariance(design, matrix) == pytest.approx(expected)
