"""Every public survey estimator by one name, for tests that hold of all of them."""

import numpy as np
import pandas as pd

from obs.indicators.survey import (
    association_test,
    group_test,
    regress,
    term_test,
    victimisation,
    victimisation_rate,
)

# The table of a design has: id, w, dom (a domain), half (two groups), cat (classes),
# y (a number), base (a number above 0), yes (yes or no), times (a count).


def _rate(design, by):
    table = design.table
    incidents = pd.DataFrame({"id": np.repeat(table["id"], table["times"].fillna(0).astype(int))})
    return victimisation_rate(design, incidents, key="id", by=by)


def _standard(design):
    return dict.fromkeys(design.table["cat"].dropna().unique(), 1.0)


BY_DOMAIN = {
    "mean": lambda d, by: d.mean("y", by=by),
    "total": lambda d, by: d.total("y", by=by),
    "share": lambda d, by: d.share("yes", by=by),
    "share, beta": lambda d, by: d.share("yes", by=by, interval="beta"),
    "ratio": lambda d, by: d.ratio(("y", "base"), by=by),
    "quantile": lambda d, by: d.quantile("y", by=by),
    "variance": lambda d, by: d.variance("y", by=by),
    "standardise": lambda d, by: d.standardise("y", by=by, over="cat", standard=_standard(d)),
    "victimisation": lambda d, by: victimisation(d, "times", by=by),
    "victimisation_rate": _rate,
}
BETWEEN = {
    "contrast of means": lambda d, by: d.contrast("y", by=by),
    "contrast of totals": lambda d, by: d.contrast("y", by=by, of="total"),
    "contrast of shares": lambda d, by: d.contrast("yes", by=by, of="share"),
    "ratio of means": lambda d, by: d.contrast("base", by=by, compare="ratio"),
    "regress, gaussian": lambda d, by: regress(d, "y", by),
    "regress, binomial": lambda d, by: regress(d, "yes", by, family="binomial"),
    "regress, poisson": lambda d, by: regress(d, "times", by, family="poisson"),
    "term_test": lambda d, by: term_test(d, "y", [by, "base"], term=by),
    "group_test, t": lambda d, by: group_test(d, "y", by),
    "group_test, ranks": lambda d, by: group_test(d, "y", by, method="wilcoxon"),
    "association_test, F": lambda d, by: association_test(d, "yes", by),
    "association_test, Wald": lambda d, by: association_test(d, "yes", by, statistic="Wald"),
}
ALL = {**BY_DOMAIN, **BETWEEN}


def people(n=240, *, seed=1, units=24, strata=2):
    """Make respondents of several sampling units, with every column that estimators need."""
    rng = np.random.default_rng(seed)
    unit = np.arange(n) * units // n
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "w": rng.uniform(1, 2, n),
            "stratum": unit * strata // units,
            "unit": unit,
            "dom": rng.choice(["a", "b"], n),
            "half": rng.choice(["p", "q"], n),
            "cat": rng.choice(["x", "y"], n),
            "y": rng.normal(100, 20, n),
            "base": rng.uniform(1, 3, n),
            "yes": rng.random(n) < 0.4,
            "times": rng.poisson(0.8, n),
        }
    )
