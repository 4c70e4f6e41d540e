"""Standardised rates against the workbook of PHEindicatormethods, epitools and by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.stats.counts.intervals import poisson_interval
from obs.stats.counts.standardisation import (
    direct_rate,
    dobson_interval,
    expected_events,
    fay_feuer_interval,
    standardised_ratio,
)

SCALE = 100_000


def read_case(shared, name):
    folder = shared / "cases" / name
    return json.loads((folder / "expected.json").read_text()), pd.read_csv(folder / "input.csv")


def known_rows(rows):
    return [r for r in rows if r["value"] is not None]


@pytest.mark.parametrize(("confidence", "suffix"), [(0.95, "95_0cl"), (0.998, "99_8cl")])
def test_direct_rates_and_dobson_limits_are_those_of_the_workbook(shared, confidence, suffix):
    case, table = read_case(shared, "dsr_dobson")
    rows = known_rows(case["expected"]["dobson"])
    assert len(rows) == 2
    for row in rows:
        part = table[table["area"] == row["area"]]
        rate, variance = direct_rate(part["count"], part["pop"], part["esp2013"])
        low, high = dobson_interval(rate, variance, part["count"].sum(), confidence=confidence)
        ours = np.array([rate, low, high]) * SCALE
        theirs = [row["value"], row["lower" + suffix], row["upper" + suffix]]
        np.testing.assert_allclose(ours, theirs, rtol=case["meta"]["tolerance_hint"])


def test_gamma_limits_are_those_of_epitools(shared):
    case, table = read_case(shared, "dsr_dobson")
    rows = [r for r in case["expected"]["gamma_fay_feuer"] if r["adj"] is not None]
    for row in rows:
        part = table[table["area"] == row["area"]]
        rate, variance = direct_rate(part["count"], part["pop"], part["esp2013"])
        largest = (part["esp2013"] / part["pop"]).max() / part["esp2013"].sum()
        ours = np.array([rate, *fay_feuer_interval(rate, variance, largest)]) * SCALE
        theirs = [row["adj"], row["fay_feuer_lci"], row["fay_feuer_uci"]]
        np.testing.assert_allclose(ours, theirs, rtol=case["meta"]["tolerance_hint"])


@pytest.mark.parametrize(("confidence", "suffix"), [(0.95, "95_0cl"), (0.998, "99_8cl")])
def test_repeated_events_of_one_person_widen_the_limits_as_published(shared, confidence, suffix):
    case, table = read_case(shared, "dsr_nonindependent_events")
    table = table.assign(
        events=table["freq"] * table["persons"], squares=table["freq"] ** 2 * table["persons"]
    )
    rows = known_rows(case["expected"]["rows"])
    assert len(rows) == 3
    for row in rows:
        bands = table[table["area"] == row["area"]].groupby("ageband")
        sums, first = bands[["events", "squares"]].sum(), bands[["pop", "esp2013"]].first()
        rate, variance = direct_rate(
            sums["events"], first["pop"], first["esp2013"], squares=sums["squares"]
        )
        total = sums["events"].sum()
        ours = np.array([rate, *dobson_interval(rate, variance, total, confidence=confidence)])
        theirs = [row["value"], row["lower" + suffix], row["upper" + suffix]]
        np.testing.assert_allclose(ours * SCALE, theirs, rtol=case["meta"]["tolerance_hint"])


@pytest.mark.parametrize(("confidence", "suffix"), [(0.95, "95_0cl"), (0.998, "99_8cl")])
def test_indirect_ratios_and_rates_are_those_of_the_workbook(shared, confidence, suffix):
    case, table = read_case(shared, "isr_indirect_standardisation")
    reference = pd.read_csv(shared / "cases" / "isr_indirect_standardisation" / "reference.csv")
    rates = (reference["refcount"] / reference["refpop"]).to_numpy()
    crude = reference["refcount"].sum() / reference["refpop"].sum()
    for name, factor in (("smr_x1", 1.0), ("isr_per_100000", crude * SCALE)):
        rows = case["expected"][name]
        assert len(rows) == 3
        for row in rows:
            part = table[table["area"] == row["area"]]
            expected = expected_events(part["pop"], rates)
            ours = standardised_ratio(part["count"].sum(), expected, confidence=confidence)
            theirs = [row["value"], row["lower" + suffix], row["upper" + suffix]]
            tolerance = case["meta"]["tolerance_hint"]
            np.testing.assert_allclose(np.array(ours) * factor, theirs, rtol=tolerance)


def test_one_stratum_is_the_crude_rate_with_its_own_limits():
    rate, variance = direct_rate([37], [1_000], [1])
    low, high = dobson_interval(rate, variance, 37)
    assert float(rate) == pytest.approx(0.037)
    np.testing.assert_allclose([low, high], np.array(poisson_interval(37)) / 1_000, rtol=1e-12)


def test_a_missing_or_empty_stratum_makes_the_rate_unknown():
    rate, _ = direct_rate([[1, np.nan], [1, 2], [0, 0]], [[10, 10], [10, 0], [10, 10]], [1, 1])
    assert np.isnan(rate).tolist() == [True, True, False]


def test_a_stratum_outside_the_standard_does_not_count():
    rate, variance = direct_rate([4, 9], [100, 0], [1, 0])
    assert (float(rate), float(variance)) == (0.04, pytest.approx(0.0004))


def test_no_event_leaves_dobson_without_limits_and_fay_feuer_with_an_upper_one():
    rate, variance = direct_rate([0, 0], [100, 100], [1, 1])
    assert np.isnan(dobson_interval(rate, variance, 0)).all()
    low, high = fay_feuer_interval(rate, variance, 0.005)
    assert float(low) == 0
    assert float(high) == pytest.approx(3.688879 / 200, rel=1e-6)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(5, 200), st.integers(500, 9_000)), min_size=2, max_size=6),
    st.floats(0.1, 50),
)
def test_the_interval_holds_the_rate_and_a_multiplied_standard_changes_nothing(strata, factor):
    events, population = (np.array(a, dtype=float) for a in zip(*strata, strict=True))
    standard = np.arange(1.0, len(events) + 1)
    rate, variance = direct_rate(events, population, standard)
    again = direct_rate(events, population, standard * factor)
    np.testing.assert_allclose(again, (rate, variance), rtol=1e-9)
    low, high = dobson_interval(rate, variance, events.sum())
    assert low < rate < high


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(([-1], [10], [1]), "events: 1 value"), (([1], [10], [0]), "add up to 0")],
)
def test_impossible_inputs_are_refused(arguments, said):
    with pytest.raises(ObsError, match=said):
        direct_rate(*arguments)


def test_gamma_limits_refuse_a_percentage():
    with pytest.raises(ObsError, match="0.95, not 95"):
        fay_feuer_interval(0.1, 0.01, 0.01, confidence=95)
