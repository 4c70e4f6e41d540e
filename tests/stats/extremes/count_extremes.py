"""Extreme counts and sizes for every estimator, and what becomes of them.

An outcome is "equal" (to an independent answer), "refused" (in words), "withheld" (missing, where
the independent answer is a number) or "wrong" (another number, a number where there is none, an
error or a warning of a library).
"""

import warnings
from collections import Counter

import numpy as np
import pandas as pd

from obs.errors import ObsError
from tests.stats.extremes.count_estimators import ESTIMATORS, Case

SCENARIOS = {
    "sound": {},
    "tiny sizes": {"unit": 1e-9},
    "huge sizes": {"unit": 1e12},
    "unequal sizes": {"data": "unequal"},
    "one heavy": {"data": "heavy"},
    "huge counts": {"mean": 1e12},
    "small counts": {"mean": 2},
    "constant": {"data": "constant"},
    "separated": {"data": "separated"},
    "one event": {"data": "one"},
    "no event": {"data": "none"},
    "missing": {"data": "missing"},
    "empty places": {"data": "empty"},
    "0 places": {"n": 0},
    "1 place": {"n": 1},
    "2 places": {"n": 2},
}


NEAR_ZERO = {  # differences of numbers near 1, and p-values: compared to 1e-12 as well
    *("newcombe_difference", "pooled_score_test", "compare_periods", "moran", "geary"),
    *("local_moran", "equal_variance_rates", "overdispersion", "rate_ratio, wald"),
    *("rate_ratio, exact", "minimum_detectable_change", "fit_interruption", "fit_counts"),
    *("getis_ord", "lee", "mean_interval"),
    *("fit_logs", "natural_classes", "adjust_p_values", "dark_share", "dispersion_index"),
}


def make(rng, *, n=12, unit=1.0, mean=80.0, data="any"):
    size, before_size = rng.integers(800, 20_000, n) * 1.0, rng.integers(800, 20_000, n) * 1.0
    count, before = rng.poisson(mean * rng.uniform(0.5, 2, n)) * 1.0, rng.poisson(mean, n) * 1.0
    half = np.arange(n) < n / 2
    if data == "unequal":
        size, before_size = 10.0 ** rng.uniform(-9, 12, n), 10.0 ** rng.uniform(-9, 12, n)
    if data == "heavy":
        size[:1], count[:1] = 1e12, 1e11
    if data == "constant":
        size, before_size, count, before = (np.full(n, v) for v in (1000.0, 1000.0, 40.0, 40.0))
    if data == "separated":
        count, before = np.where(half, 0.0, count), np.where(half, before, 0.0)
    if data == "one":
        count, before = (np.arange(n) == 3) * 1.0, np.zeros(n)
    if data == "none":
        count, before = np.zeros(n), np.zeros(n)
    if data == "missing":
        count = np.where(np.arange(n) % 3 == 1, np.nan, count)
    if data == "empty":
        size = np.where(half, 0.0, size)
    return Case(count, size * unit, before, before_size * unit, rng)


def outcome(name, case):
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            pairs = _run(name, case)
    except ObsError:
        return "refused"
    slack = 1e-12 if name in NEAR_ZERO else 0.0
    judged = [_judged(*pair, slack) for pair in pairs]
    return next((o for o in ("wrong", "withheld") if o in judged), "equal" if pairs else "refused")


def _run(name, case):
    try:
        return ESTIMATORS[name](case)
    except (ZeroDivisionError, IndexError):
        return [([1.0], [np.nan], 0)]  # ours gave a number, the textbook has none


def _judged(ours, theirs, relative, slack=0.0):
    a = pd.Series(ours).to_numpy(dtype=np.float64, na_value=np.nan)
    b = np.asarray(theirs, dtype=np.longdouble)
    if a.shape != b.shape:
        return "wrong"
    with np.errstate(invalid="ignore"):
        near = (a == b) | (np.abs(a - b) <= relative * np.abs(b) + slack)
    if np.any(~np.isnan(a) & ~near):
        return "wrong"
    return "withheld" if np.any(np.isnan(a) & ~np.isnan(b)) else "equal"


def outcomes(seeds, names=tuple(ESTIMATORS), scenarios=tuple(SCENARIOS)):
    """Count the outcomes of every estimator in every scenario."""
    rows = []
    for name in names:
        for scenario in scenarios:
            made = (make(np.random.default_rng(s), **SCENARIOS[scenario]) for s in seeds)
            counted = Counter(outcome(name, case) for case in made)
            rows.append({"estimator": name, "scenario": scenario, **counted})
    return pd.DataFrame(rows).fillna(0)
