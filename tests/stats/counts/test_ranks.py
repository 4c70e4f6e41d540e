"""Rank intervals: planted orders, ties, missing units, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.stats.counts.ranks import rank_draws, rank_intervals, rank_sets


def test_units_far_apart_have_one_rank_each():
    draws = rank_draws([900, 300, 90], [1_000] * 3, rng=np.random.default_rng(1))
    assert [r.tolist() for r in rank_intervals(draws)] == [[1, 2, 3]] * 3


def test_equal_units_may_have_any_rank():
    low, high = rank_sets([5.0] * 6, [1.0] * 6)
    assert low.tolist() == [1] * 6
    assert high.tolist() == [6] * 6


def test_a_unit_without_a_figure_has_no_rank_and_takes_none():
    draws = rank_draws([900, np.nan, 90], [1_000, 1_000, 0], rng=np.random.default_rng(1))
    assert [r.tolist() for r in rank_intervals(draws)] == [[1, 0, 0]] * 3
    low, high = rank_sets([3.0, np.nan, 1.0], [0.1, 0.1, 0.1])
    assert (low.tolist(), high.tolist()) == ([1, 0, 2], [1, 0, 2])
    assert rank_sets([np.nan], [1.0])[0].tolist() == [0]


def test_no_event_is_drawn_above_zero():
    draws = rank_draws([0, 0], [10, 1_000], rng=np.random.default_rng(1))
    assert (draws > 0).all()
    assert np.median(draws[:, 0]) > np.median(draws[:, 1])


def test_the_sets_hold_all_true_ranks_as_often_as_stated_even_among_equals():
    rng = np.random.default_rng(11)
    truth = np.repeat([4.0, 5.0, 5.0, 5.1, 6.0], 4)[:19]
    best = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    worst = len(truth) - (truth[None, :] < truth[:, None]).sum(axis=1)
    held = []
    for _ in range(400):
        low, high = rank_sets(truth + rng.normal(0, 0.3, 19), np.full(19, 0.3))
        held.append(((low <= best) & (worst <= high)).all())
    assert np.mean(held) >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / 400)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=19), st.floats(0.01, 5))
def test_sets_widen_with_confidence_and_follow_the_estimates(values, error):
    errors = np.full(len(values), error)
    low, high = rank_sets(values, errors)
    assert ((low >= 1) & (low <= high) & (high <= len(values))).all()
    wider_low, wider_high = rank_sets(values, errors, confidence=0.998)
    assert ((wider_low <= low) & (high <= wider_high)).all()
    order = np.argsort(values, kind="stable")[::-1]
    assert (np.diff(low[order]) >= 0).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: rank_sets([1.0], [1.0], confidence=95),
        lambda: rank_intervals([[1.0]], confidence=95),
        lambda: rank_draws([-1], [1], rng=np.random.default_rng(1)),
    ],
)
def test_impossible_inputs_are_refused(call):
    with pytest.raises(ObsError):
        call()
