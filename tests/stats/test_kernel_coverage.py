"""A quick part of bench/coverage.py: intervals hold what they state, verdicts raise no alarm."""

import importlib
import importlib.util
import sys

import numpy as np
import pytest


@pytest.fixture
def bench(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "bench")
    spec = importlib.util.spec_from_file_location("bench_coverage", root / "bench/coverage.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up while it is made
    spec.loader.exec_module(module)
    return module


def noise(row):
    return 3.5 * np.sqrt(row.stated * (1 - row.stated) / row.draws)


def test_exact_intervals_never_hold_less_than_stated(bench):
    rng = np.random.default_rng(1)
    rows = [*bench.counts(2_000, rng), *bench.shares(2_000, rng)]
    exact = [r for r in rows if r.kernel in ("Poisson, exact", "Clopper-Pearson")]
    assert len(exact) > 10
    for row in exact:
        assert row.held >= row.stated - noise(row), row


def test_other_intervals_hold_about_what_they_state(bench):
    rng = np.random.default_rng(2)
    parts = (bench.differences, bench.standardised, bench.ratios)
    for row in (r for part in parts for r in part(1_500, rng)):
        if "ignored" not in row.kernel:
            assert row.held >= row.stated - 0.01 - noise(row), row


def test_more_variance_than_poisson_is_shown_to_break_the_intervals(bench):
    rows = list(bench.counts(2_000, np.random.default_rng(3)))
    assert all(r.held < 0.9 for r in rows if "variance" in r.truth)


def test_rank_sets_hold_all_true_ranks(bench):
    rows = {r.kernel: r for r in bench.ranked(60, np.random.default_rng(4))}
    assert rows["Ranks, sets, all together"].held >= 0.9


def test_over_dispersed_limits_hold_ordinary_places(bench):
    rows = [r for r in bench.differing(150, np.random.default_rng(6)) if "obs.funnel" in r.kernel]
    assert len(rows) == 2
    for row in rows:
        assert row.held >= row.stated - noise(row), row


def test_verdicts_raise_no_more_false_alarms_than_stated(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "bench")
    verdicts = importlib.import_module("false_alarms").verdicts
    rng = np.random.default_rng(5)
    years = verdicts(0.03, "holm", rng, 60)
    assert years.shape == (600, 19)
    assert years.any(axis=1).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)
