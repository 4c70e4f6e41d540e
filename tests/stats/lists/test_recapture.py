"""Capture-recapture against Rcapture and SparseMSE; where they slip, both are shown."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from obs.errors import ObsError
from obs.stats.lists.capture_histories import full_table, list_terms
from obs.stats.lists.closed_population import (
    abundance_profile,
    chapman,
    closed_population,
    lower_bound,
)
from obs.stats.lists.loglinear import fit_poisson
from obs.stats.lists.sparse_lists import estimate_exists, sparse_population

TWO = [[1, 1], [1, 0], [0, 1]]
MODELS = {
    "M0": ("M0", "chao"),
    "Mt": ("Mt", "chao"),
    "Mh Chao (LB)": ("Mh", "chao"),
    "Mh Poisson2": ("Mh", "poisson"),
    "Mh Darroch": ("Mh", "darroch"),
    "Mh Gamma3.5": ("Mh", "gamma"),
    "Mth Chao (LB)": ("Mth", "chao"),
    "Mth Poisson2": ("Mth", "poisson"),
    "Mth Darroch": ("Mth", "darroch"),
    "Mth Gamma3.5": ("Mth", "gamma"),
    "Mb": ("Mb", "chao"),
    "Mbh": ("Mbh", "chao"),
}
ALL_PAIRS = list_terms((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


def read_case(shared, name):
    folder = shared / "cases" / name
    case = json.loads((folder / "expected.json").read_text())
    return case["expected"], case["meta"]["tolerance_hint"], pd.read_csv(folder / "input.csv")


@pytest.fixture
def hiv(shared):
    expected, rtol, table = read_case(shared, "recapture_four_lists_hiv")
    return expected, rtol, table[["l1", "l2", "l3", "l4"]], table["freq"]


def figures(result):
    return [result.total, result.error, result.deviance, result.df, result.aic, result.bic]


def published(row):
    return [row[c] for c in ("abundance", "stderr", "deviance", "df", "AIC", "BIC")]


@pytest.mark.parametrize("name", MODELS)
def test_models_of_four_lists_are_those_of_rcapture(hiv, name):
    expected, rtol, lists, counts = hiv
    row = next(r for r in expected["models"] if r["model"] == name)
    model, heterogeneity = MODELS[name]
    ours = figures(closed_population(lists, counts, model=model, heterogeneity=heterogeneity))
    theirs = published(row)
    if name == "Mbh":  # the peer's error is wrong: see the next test
        ours[1] = theirs[1] = 0.0
    np.testing.assert_allclose(ours, theirs, rtol=rtol)


def test_rcaptures_error_of_mbh_leaves_out_a_factor_of_its_gradient(hiv):
    expected, _, lists, counts = hiv
    theirs = next(r for r in expected["models"] if r["model"] == "Mbh")["stderr"]
    table, y = full_table(lists, counts)
    later = (table.argmax(axis=1) > 0).astype(float)
    columns = [np.ones(len(y)), later, table.argmax(axis=1), table.sum(axis=1) - 1]
    fit = fit_poisson(np.column_stack(columns).astype(float), y)
    _, b2, b3, b4 = fit.coefficients

    def total(b):
        tail = np.exp(b[1] + b[2]) / (1 + np.exp(b[3]) - np.exp(b[2]))
        return np.exp(b[0]) * (1 + np.exp(b[3])) ** 3 * (1 + tail)

    def error(gradient):
        spread = gradient @ fit.covariance @ gradient
        return np.sqrt(spread - total(fit.coefficients))

    right = optimize.approx_fprime(fit.coefficients, total, 1e-7)
    share = np.exp(b2 + b3) / (1 + np.exp(b4) - np.exp(b3))
    base = total(fit.coefficients) / (1 + share)
    missing = base * 3 * np.exp(b4) / (1 + np.exp(b4)) * share
    assert error(right - [0, 0, 0, missing]) == pytest.approx(theirs, rel=1e-5)
    ours = closed_population(lists, counts, model="Mbh").error
    assert ours == pytest.approx(error(right), rel=1e-5)
    assert ours == pytest.approx(85.49, abs=0.005)


def test_hierarchical_models_are_those_of_rcapture(hiv):
    expected, rtol, lists, counts = hiv
    rows = expected["ten_best_by_bic_of_hierarchical"]
    assert len(rows) == 10
    for row in rows:
        groups = [tuple(int(c) - 1 for c in g) for g in row["model"][1:-1].split(",")]
        ours = closed_population(lists, counts, terms=list_terms(*groups))
        np.testing.assert_allclose(figures(ours), published(row), rtol=rtol)


def test_all_pairs_and_independence_are_those_of_rcapture(hiv):
    expected, rtol, lists, counts = hiv
    ours = closed_population(lists, counts, terms=ALL_PAIRS)
    np.testing.assert_allclose(figures(ours), published(expected["all_pairs"]["result"]), rtol=rtol)
    hidden = closed_population(lists, counts).hidden
    assert hidden == pytest.approx(expected["independence_hidden"], rel=rtol)
    assert closed_population(lists, counts).observed == expected["n_observed"]


@pytest.mark.parametrize(("name", "terms"), [("mt", None), ("all_pairs", ALL_PAIRS)])
def test_profile_limits_are_those_of_rcapture(hiv, name, terms):
    expected, rtol, lists, counts = hiv
    theirs = expected[name]["ci"]
    ours = abundance_profile(closed_population(lists, counts, terms=terms))
    limits = [theirs[c] for c in ("abundance", "infCL", "supCL")]
    np.testing.assert_allclose(ours, limits, rtol=rtol)


def test_the_bias_correction_is_a_change_of_the_counts(hiv):
    expected, rtol, lists, counts = hiv
    theirs = expected["bias_corrected"][0]
    on = lists.sum(axis=1)
    adjusted = counts - 0.5 / 4 * (on == 1) + 1.0 / 6 * (on == 2)  # 4 single lists, 6 pairs
    ours = closed_population(lists, adjusted, model="M0")
    np.testing.assert_allclose(counts.sum() + ours.hidden, theirs["abundance"], rtol=rtol)
    np.testing.assert_allclose(ours.error, theirs["stderr"], rtol=rtol)


def test_two_lists_are_those_of_rcapture_and_of_the_textbook(shared):
    expected, rtol, table = read_case(shared, "recapture_two_lists")
    for row, (_, case) in zip(expected["rows"], table.iterrows(), strict=True):
        counts = case[["both", "only1", "only2"]].to_numpy(float)
        ours = closed_population(TWO, counts)
        np.testing.assert_allclose(ours.total, row["loglinear_N"], rtol=rtol)
        np.testing.assert_allclose(ours.error, row["loglinear_se"], rtol=5e-6)  # glm stops early
        n1, n2, m = row["n1"], row["n2"], row["both"]
        textbook = np.sqrt(n1 * n2 * (n1 - m) * (n2 - m) / m**3)
        np.testing.assert_allclose(ours.error, textbook, rtol=1e-9)
        corrected = chapman(n1, n2, m)
        for name in ("bias_corrected", "chapman"):
            theirs = [row[f"{name}_N"], row[f"{name}_se"]]
            np.testing.assert_allclose(corrected, theirs, rtol=rtol)


def exact_profile(total, n1, n2, m):
    """Likelihood of two independent lists, written without any model fitting."""
    n = n1 + n2 - m
    lists = sum(
        special.xlogy(k, k / total) + special.xlogy(total - k, 1 - k / total) for k in (n1, n2)
    )
    return special.gammaln(total + 1) - special.gammaln(total - n + 1) + lists


def stirling_profile(total, n1, n2, m):
    """The same with the approximation of factorials that Rcapture uses."""
    n = n1 + n2 - m
    hidden = total - n
    exact = special.gammaln(total + 1) - special.gammaln(hidden + 1)
    exact += special.xlogy(hidden, hidden) - total * np.log(total)
    rough = hidden - total - 0.5 * np.log(hidden / total)
    return exact_profile(total, n1, n2, m) - exact + rough


def profile_limits(profile, n1, n2, m):
    n, start = n1 + n2 - m, n1 * n2 / m
    top = optimize.minimize_scalar(
        lambda t: -profile(t, n1, n2, m), bounds=(n + 1e-6, 3 * start), options={"xatol": 1e-9}
    ).x
    floor = profile(top, n1, n2, m) - special.chdtri(1, 0.05) / 2

    def above(t):
        return profile(t, n1, n2, m) - floor

    return optimize.brentq(above, n + 1e-9, top), optimize.brentq(above, top, 1e3 * start)


def test_profile_limits_of_two_lists_are_exact_where_rcapture_approximates_factorials(shared):
    expected, rtol, table = read_case(shared, "recapture_two_lists")
    for row, (_, case) in zip(expected["rows"], table.iterrows(), strict=True):
        key = row["n1"], row["n2"], row["both"]
        theirs = [row["profile_l"], row["profile_u"]]
        np.testing.assert_allclose(profile_limits(stirling_profile, *key), theirs, rtol=rtol)
        _, *ours = abundance_profile(closed_population(TWO, case[["both", "only1", "only2"]]))
        np.testing.assert_allclose(ours, profile_limits(exact_profile, *key), rtol=1e-6)
        np.testing.assert_allclose(ours, theirs, rtol=5e-5)


@pytest.mark.slow
def test_sparse_lists_are_those_of_sparsemse(shared):
    expected, rtol, table = read_case(shared, "recapture_sparse_slavery")
    names, lists, counts = list(table.columns[:6]), table.iloc[:, :6], table["count"]
    ours = sparse_population(lists, counts)
    theirs = expected["stepwise"]
    np.testing.assert_allclose([ours.low, ours.total, ours.high], theirs["estimate"], rtol=rtol)
    labels = ["(Intercept)", *names, *(f"{names[i]}:{names[j]}" for i, j in ours.pairs)]
    assert labels == list(theirs["coefficients"])
    np.testing.assert_allclose(ours.coefficients, list(theirs["coefficients"].values()), rtol=rtol)
    assert (ours.empty, ours.observed) == ((), expected["observed"])
    plain = sparse_population(lists, counts, pairs=[])
    np.testing.assert_allclose(
        [plain.low, plain.total, plain.high], expected["main_effects"], rtol=rtol
    )


def test_an_estimate_that_does_not_exist_is_refused():
    lists = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]]
    every = [(0, 1), (0, 2), (1, 2)]
    assert not estimate_exists(lists, [5, 6, 7, 1], every)
    with pytest.raises(ObsError, match="no estimate exists"):
        sparse_population(lists, [5, 6, 7, 1], pairs=every)


def test_an_empty_overlap_leaves_the_model_and_is_named():
    lists = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1]]
    result = sparse_population(lists, [50, 80, 40, 10, 8], pairs=[(2, 0)])
    assert result.empty == ((0, 2),)
    assert len(result.coefficients) == 4


def test_chaos_bound_is_the_published_form_and_grows_with_single_listings():
    total, error, low, high = lower_bound(TWO, [60, 240, 140])
    f1, f2 = 380, 60
    assert total == pytest.approx(440 + 0.5 * f1 * (f1 - 1) / (2 * (f2 + 1)))
    # variance of h = f1 (f1 - 1) / (4 (f2 + 1)): h, plus h squared less an estimate of its mean
    # squared from factorial moments, which are unbiased where f1 and f2 are Poisson
    h = total - 440
    mean_squared = f1 * (f1 - 1) * (f1 - 2) * (f1 - 3) / (16 * (f2 + 1) * (f2 + 2))
    variance = h + h**2 - mean_squared
    assert error == pytest.approx(np.sqrt(variance), rel=1e-12)
    width = np.exp(1.959963984540054 * np.sqrt(np.log(1 + variance / h**2)))
    assert [low, high] == pytest.approx([440 + h / width, 440 + h * width], rel=1e-12)


@pytest.mark.parametrize("once", [0, 1])
def test_where_nobody_is_on_one_list_alone_there_is_no_certainty(once):
    total, *rest = lower_bound(TWO, [60, once, 0])
    assert total == 60 + once
    assert np.isnan(rest).all()


@pytest.mark.slow
def test_a_planted_population_is_recovered_with_its_interval():
    rng = np.random.default_rng(6)
    chances, held = np.array([0.3, 0.25, 0.2]), []
    for _ in range(60):
        caught = rng.random((800, 3)) < chances
        lists, counts = np.unique(
            caught[caught.any(axis=1)].astype(int), axis=0, return_counts=True
        )
        _, low, high = abundance_profile(closed_population(lists, counts))
        held.append(low <= 800 <= high)
    assert np.mean(held) >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / 60)


@pytest.mark.slow
@given(st.integers(1, 60), st.integers(1, 200), st.integers(1, 200))
def test_the_population_is_that_of_lincoln_and_petersen_in_any_order(both, only1, only2):
    result = closed_population(TWO, [both, only1, only2])
    assert result.total == pytest.approx((both + only1) * (both + only2) / both, rel=1e-6)
    turned = closed_population(TWO[::-1], [only2, only1, both])
    assert turned.total == pytest.approx(result.total, rel=1e-9)


def test_behaviour_without_falling_first_listings_has_no_estimate():
    lists = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    with pytest.raises(ObsError, match="do not fall"):
        closed_population(lists, [10, 20, 40], model="Mb")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: closed_population([[1, 2]], [1]), "0 and 1"),
        (lambda: closed_population([[0, 0]], [1]), "on no list"),
        (lambda: closed_population(TWO, [1, -1, 1]), "at least 0"),
        (lambda: closed_population(TWO, [1, 1, 1], model="Mx"), "unknown model"),
        (lambda: closed_population(TWO, [1, 1, 1], terms=[(0,), (1,), (0, 1)]), "cannot carry"),
        (lambda: chapman(3, 3, 4), "at most those on either"),
        (lambda: sparse_population(TWO, [1, 1, 1], pairs=[(0, 5)]), "not two of 2 lists"),
        (lambda: fit_poisson(np.ones((3, 2)), np.ones(3)), "say the same"),
    ],
)
def test_impossible_inputs_are_refused(call, said):
    with pytest.raises(ObsError, match=said):
        call()
