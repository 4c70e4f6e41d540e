"""Intervals, quantiles, stages and degrees of freedom of small samples, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, sparse, special, stats

from obs.errors import ObsError
from obs.stats.survey import (
    domain_quantiles,
    frame_domains,
    logit_variance,
    make_calibration,
    make_design,
    quantile_cells,
    ratio_cells,
    share_interval,
    total_cells,
)
from obs.stats.survey.sampling_design import compress, number_units, tally

ONE = np.ones(1)
Z = stats.norm.ppf(0.975)


def interval(p, v, n=100.0, df=1e12, **options):
    low, high = share_interval(p * ONE, v * ONE, n * ONE, df * ONE, **options)
    return float(low[0]), float(high[0])


P, V = 0.2, 0.002  # an effective size of 80
SE = np.sqrt(V)


def test_each_interval_is_its_formula():
    logit = special.logit(P) + np.array([-1, 1]) * Z * SE / (P * 0.8)
    assert interval(P, V) == pytest.approx(tuple(special.expit(logit)))
    sine = np.arcsin(np.sqrt(P)) + np.array([-1, 1]) * Z / (2 * np.sqrt(80))
    assert interval(P, V, method="arcsine") == pytest.approx(tuple(np.sin(sine) ** 2))
    assert interval(P, V, method="normal") == pytest.approx((P - Z * SE, P + Z * SE))
    centre, half = (P + Z**2 / 160), Z * np.sqrt(P * 0.8 / 80 + Z**2 / (4 * 80**2))
    wilson = [(centre + s * half) / (1 + Z**2 / 80) for s in (-1, 1)]
    assert interval(P, V, method="wilson") == pytest.approx(tuple(wilson))
    size = 80 * (stats.t.ppf(0.975, 99) / Z) ** 2
    x = P * size
    beta = stats.beta.ppf([0.025, 0.975], [x, x + 1], [size - x + 1, size - x])
    assert interval(P, V, method="beta") == pytest.approx(tuple(beta))

    def deviance(q):
        return P * np.log(P / q) + 0.8 * np.log(0.8 / (1 - q)) - Z**2 / (2 * 80 * 0.99)

    likely = [optimize.brentq(deviance, 1e-9, P), optimize.brentq(deviance, P, 1 - 1e-9)]
    assert interval(P, V, method="likelihood") == pytest.approx(tuple(likely))


def test_the_variance_of_the_logit_may_be_that_of_the_replicates():
    logit = special.logit(P) + np.array([-1, 1]) * Z * 0.5
    assert interval(P, V, logit_variance=0.25 * ONE) == pytest.approx(tuple(special.expit(logit)))


def test_shares_of_none_and_of_all_have_the_exact_interval_of_their_size():
    exact = 1 - 0.025 ** (1 / 100)
    wide = 1 - 0.025 ** (1 / 20)
    for method in ("logit", "beta", "wilson", "arcsine", "likelihood", "normal"):
        options = {"method": method, "df": 99.0}
        assert interval(0.0, 0.0, **options) == pytest.approx((0, exact))
        assert interval(1.0, 0.0, **options) == pytest.approx((1 - exact, 1))
        assert interval(0.0, 0.0, size=20 * ONE, **options) == pytest.approx((0, wide))
    assert interval(0.0, 0.0, size=500 * ONE, df=99.0) == pytest.approx((0, exact))  # at most n


def test_a_share_that_does_not_vary_is_its_interval():
    assert interval(0.3, 0.0) == (0.3, 0.3)


def test_without_a_degree_of_freedom_a_share_may_be_any():
    low, high = interval(P, V, df=0.0)
    assert low == pytest.approx(0, abs=1e-6)
    assert high == pytest.approx(1, abs=1e-6)


def test_unknown_intervals_and_probabilities_are_refused():
    with pytest.raises(ObsError, match="Unknown interval 'wald'. Allowed: "):
        interval(P, V, method="wald")
    frame = frame_domains(make_design(np.ones(4)), np.zeros(4, dtype=int), 1)
    for bad in (0.0, 1.0, 50):
        with pytest.raises(ObsError, match=f"probability must be between 0 and 1, not {bad}"):
            quantile_cells(frame, np.arange(4.0), bad, np.ones(1))
    with pytest.raises(ObsError, match="Unknown quantile rule 'hf9'|Unknown quantile rule"):
        domain_quantiles(np.arange(4.0), np.ones(4), np.zeros(4, dtype=int), 0.5 * ONE, rule="hf99")


FOUR = np.array([10.0, 20.0, 30.0, 40.0])


@pytest.mark.parametrize(
    ("p", "value"), [(0.0, 10), (0.25, 10), (0.2501, 20), (0.5, 20), (0.75, 30), (1.0, 40)]
)
def test_the_mathematical_quantile_is_the_first_value_at_or_above_the_share(p, value):
    found = domain_quantiles(FOUR, np.ones(4), np.zeros(4, dtype=int), p * ONE, rule="math")
    assert found[0] == value


@pytest.mark.parametrize("p", [0.0, 0.1, 0.25, 0.5, 0.66, 0.9, 1.0])
def test_the_seventh_rule_is_that_of_numpy(p):
    found = domain_quantiles(FOUR, np.ones(4), np.zeros(4, dtype=int), p * ONE, rule="hf7")
    assert found[0] == pytest.approx(np.quantile(FOUR, p))


def test_quantiles_of_weights_domains_and_missing_answers():
    values = np.array([1.0, 2, 3, 9, np.nan, 5])
    weight = np.array([1.0, 1, 2, 0, 1, 3])
    domain = np.array([0, 0, 0, 0, 0, 1])
    half = domain_quantiles(values, weight, domain, np.array([0.5, 0.5, 0.5]), rule="math")
    assert half[:2].tolist() == [2, 5]
    assert np.isnan(half[2])
    outside = domain_quantiles(values, weight, domain, np.array([-0.1, 1.1]), rule="math")
    assert np.isnan(outside).all()


# --- stages ------------------------------------------------------------------------------


def test_codes_are_renumbered_and_added():
    number, present = compress(np.array([7, 2, 7]), 100_000)
    assert (number.tolist(), present.tolist()) == ([1, 0, 1], [2, 7])
    assert tally(np.array([1, 1]), np.array([2.0, 3.0]), 3).tolist() == [0, 5, 0]
    unit, first = number_units(np.array([1, 0, 1, 1]), np.array([5, 5, 4, 5]))
    assert (unit.tolist(), first.tolist()) == ([2, 0, 1, 2], [0, 1, 3])
    rows, ends = number_units(np.array([1, 0, 1]), None)
    assert sorted(rows.tolist()) == [0, 1, 2]
    assert ends.tolist() == [0, 1, 3]


def total(design, y):
    frame = frame_domains(design, np.zeros(len(y), dtype=int), 1)
    cells = total_cells(frame, np.asarray(y, dtype=float))
    return float(cells.estimate[0]), float(cells.variance[0])


def test_strata_and_fractions_by_hand():
    y, stratum = [1.0, 3.0, 10.0, 20.0, 30.0], np.array([0, 0, 1, 1, 1])
    simple = make_design(np.ones(5), strata=[stratum])
    assert total(simple, y) == pytest.approx((64, 2 * 2 + 3 / 2 * 200))
    sizes = make_design(np.ones(5), strata=[stratum], fpc=[np.array([4.0, 4, 3, 3, 3])])
    assert total(sizes, y) == pytest.approx((64, 2 * 2 / 2))  # half of the first; all of the second
    fractions = make_design(np.ones(5), strata=[stratum], fpc=[np.array([0.5, 0.5, 1, 1, 1])])
    assert total(fractions, y) == pytest.approx((64, 2.0))
    assert simple.degrees_of_freedom() == 3
    assert simple.restrict(np.array([True] * 4 + [False])).degrees_of_freedom() == 2


@pytest.mark.parametrize(
    ("single", "variance"),
    [
        ("remove", 2 * 2),
        ("certainty", 2 * 2),
        ("average", 4 + 4),
        ("adjust", 4 + (9 - 13 / 3) ** 2),  # from the mean of all units
    ],
)
def test_a_stratum_of_one_unit(single, variance):
    design = make_design(np.ones(3), strata=[np.array([0, 0, 1])], single=single)
    assert total(design, [1.0, 3.0, 9.0]) == pytest.approx((13, variance))


def test_two_stages_add_their_parts():
    """Two of four clusters, in each two of four rows: (1 - 1/2) 2 (t1 - t2)^2 / 2 and half of the rest."""
    cluster = np.array([0, 0, 1, 1])
    design = make_design(
        np.ones(4),
        clusters=[cluster, np.arange(4)],
        fpc=[np.full(4, 4.0), np.full(4, 4.0)],
    )
    y = [1.0, 3.0, 10.0, 14.0]
    between = 0.5 * 2 * ((4 - 14) ** 2 + (24 - 14) ** 2)
    within = 0.5 * 0.5 * 2 * (2 + 8)
    assert total(design, y) == pytest.approx((28, between + within))


def test_degrees_of_freedom_of_a_domain():
    design = make_design(np.ones(8), strata=[np.repeat([0, 1], 4)])
    frame = frame_domains(design, np.array([0, 0, 1, 1, 1, 1, 1, 1]), 2)
    assert frame.degrees_of_freedom(6.0, rule="design").tolist() == [6, 6]
    assert frame.degrees_of_freedom(6.0, rule="domain").tolist() == [1, 4]
    assert frame.degrees_of_freedom(6.0).tolist() == pytest.approx([2 * 0.75, 6 * 0.75])
    many = frame_domains(make_design(np.ones(100)), np.zeros(100, dtype=int), 1)
    assert many.degrees_of_freedom(99.0).tolist() == [99]
    few = frame_domains(make_design(np.ones(30)), np.zeros(30, dtype=int), 1)
    assert few.degrees_of_freedom(29.0).tolist() == pytest.approx([29])


def test_a_census_is_told_by_its_fractions():
    whole = make_design(np.ones(4), fpc=[np.full(4, 4.0)])
    part = make_design(np.ones(4), fpc=[np.full(4, 5.0)])
    domain = np.array([0, 0, 1, 1])
    assert frame_domains(whole, domain, 2).is_census.tolist() == [True, True]
    assert frame_domains(part, domain, 2).is_census.tolist() == [False, False]
    strata = make_design(np.ones(4), strata=[domain], fpc=[np.array([2.0, 2, 3, 3])])
    assert frame_domains(strata, domain, 2).is_census.tolist() == [True, False]


def test_answers_are_counted_by_domain():
    design = make_design(np.array([1.0, 2.0, 0.0, 3.0]))
    frame = frame_domains(design, np.array([0, 0, 0, -1]), 1)
    cells = ratio_cells(frame, np.array([1.0, np.nan, 1.0, 1.0]))
    assert (cells.n[0], cells.n_missing[0], cells.weight[0], cells.square[0]) == (1, 1, 1, 1)


def test_the_variance_of_a_logit_by_the_delta_method():
    """A share of 0.4 of five: 0.06 over the square of 0.4 x 0.6."""
    frame = frame_domains(make_design(np.ones(5)), np.zeros(5, dtype=int), 1)
    found = logit_variance(frame, np.array([1.0, 1, 0, 0, 0]))
    variance = 5 / 4 * (2 * 0.6**2 + 3 * 0.4**2) / 25
    assert found[0] == pytest.approx(variance / (0.4 * 0.6) ** 2)


@pytest.mark.parametrize("single", ["adjust", "average", "remove"])
def test_a_calibrated_total_varies_as_its_residuals(single):
    """With strata of one unit too: the quadratic form of what the calibration leaves."""
    stratum = np.array([0, 0, 0, 1, 2, 2])
    before = np.array([1.0, 2, 1, 3, 1, 2])
    x = np.column_stack([np.ones(6), [1.0, 3, 2, 5, 4, 9]])
    y = np.array([2.0, 3, 7, 1, 8, 4])
    after = before * (1 + 0.1 * np.arange(6))
    plain = make_design(after, strata=[stratum], single=single)
    made = make_calibration(sparse.csr_array(x), before, after)
    slope = np.linalg.solve(x.T @ (before[:, None] * x), x.T @ (before * y))
    estimate, variance = total(replace(plain, calibrations=(made,)), y)
    assert estimate == pytest.approx(float(after @ y))
    assert variance == pytest.approx(total(plain, y - x @ slope)[1])
