"""The scan statistic against SpatialEpi; a map without cluster has none too often."""

import json

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError
from obs.lab.scan import scan_clusters
from obs.stats.counts.standardisation import expected_events


@pytest.mark.slow
@pytest.mark.parametrize("model", ["poisson", "binomial"])
def test_the_most_likely_cluster_is_that_of_spatialepi(shared, model):
    folder = shared / "cases" / "eb_gamma_scan_pennsylvania"
    case = json.loads((folder / "expected.json").read_text())
    table, theirs = pd.read_csv(folder / "input.csv"), case["expected"][f"kulldorff_{model}"]
    ours = scan_clusters(
        table["cases"],
        table["population"],
        table[["x", "y"]],
        expected=case["expected"]["expected"],
        model=model,
        rng=np.random.default_rng(1),
    )
    assert sorted(ours.members + 1) == theirs["location_ids_1based"]
    np.testing.assert_allclose(
        [ours.log_likelihood_ratio, ours.events, ours.population],
        [theirs["llr"], theirs["cases"], theirs["population"]],
        rtol=case["meta"]["tolerance_hint"],
    )
    np.testing.assert_allclose(ours.expected, theirs["expected"], rtol=1e-6)
    np.testing.assert_allclose(ours.ratio, theirs["smr"], rtol=1e-6)
    assert ours.p_value == theirs["p"] == 0.001


def test_the_expected_counts_are_the_internal_standardisation_of_spatialepi(shared):
    folder = shared / "cases" / "eb_gamma_scan_pennsylvania"
    case = json.loads((folder / "expected.json").read_text())
    strata, table = pd.read_csv(folder / "strata.csv"), pd.read_csv(folder / "input.csv")
    kinds = ["race", "gender", "age"]
    totals = strata.groupby(kinds)[["cases", "population"]].sum()
    people = strata.pivot_table("population", "county", kinds).reindex(table["county"])
    rates = (totals["cases"] / totals["population"])[people.columns]
    ours = expected_events(people.to_numpy(), rates.to_numpy())
    rtol = case["meta"]["tolerance_hint"]
    np.testing.assert_allclose(ours, case["expected"]["expected"], rtol=rtol)
    smr = table["cases"] / ours
    np.testing.assert_allclose(smr, case["expected"]["smr"], rtol=rtol)


@pytest.mark.slow
def test_maps_without_a_cluster_are_flagged_no_more_often_than_stated():
    rng = np.random.default_rng(7)
    people = rng.integers(200, 3_000, 19)
    places = rng.random((19, 2))
    flagged = [
        scan_clusters(rng.poisson(people * 0.02), people, places, rng=rng, simulations=99).p_value
        <= 0.05
        for _ in range(200)
    ]
    assert np.mean(flagged) < 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 200)


def test_a_circle_may_not_hold_more_than_the_largest_share():
    counts, people = [1, 30, 30, 30, 1, 1, 1, 1], [100] * 8
    places = [[x, 0] for x in range(8)]
    found = scan_clusters(
        counts, people, places, largest=0.25, rng=np.random.default_rng(1), simulations=0
    )
    assert len(found.members) == 2
    assert np.isnan(found.p_value)


def test_equal_rates_have_no_cluster():
    cluster = scan_clusters(
        [10, 10], [100, 100], [[0, 0], [1, 1]], rng=np.random.default_rng(1), simulations=9
    )
    assert cluster.members.size == 0
    assert cluster.p_value == 1.0


@pytest.mark.parametrize(
    ("counts", "said"), [([1, np.nan], "known"), ([0, 0], "no event"), ([1], "one per area")]
)
def test_impossible_inputs_are_refused(counts, said):
    with pytest.raises(ObsError, match=said):
        scan_clusters(counts, [5, 5], [[0, 0], [1, 1]], rng=np.random.default_rng(1))
