"""Extreme inputs for every survey estimator, and what becomes of them.

An outcome is "equal" (to a textbook formula in extended precision), "refused" (in words),
"graded" (C or F, with the number off or withheld), or "wrong".
"""

from collections import Counter

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.indicators.survey import SurveyDesign
from tests.indicators.survey.estimators import BETWEEN, BY_DOMAIN, people
from tests.indicators.survey.plain_formulas import Sample

SCENARIOS = {
    "sound": {},
    "unequal weights": {"weights": "unequal"},
    "one heavy weight": {"weights": "heavy"},
    "weights of 0": {"weights": "zeros"},
    "tiny numbers": {"unit": 1e-9},
    "huge numbers": {"unit": 1e12},
    "far from 0": {"shift": 1e9},
    "constant": {"data": "constant"},
    "separated": {"data": "separated"},
    "rare": {"data": "rare"},
    "missing": {"data": "missing"},
    "no respondent": {"n": 0},
    "1 respondent": {"n": 1},
    "2 respondents": {"n": 2},
    "3 respondents": {"n": 3},
}
KINDS = ("random", "clustered", "jackknife")
RELATIVE = {"estimate": 1e-6, "se": 1e-5, "statistic": 2e-5}


def make(rng, *, n=240, weights="even", unit=1.0, shift=0.0, data="any"):
    """Draw a table of one scenario."""
    table = people(max(n, 24), seed=int(rng.integers(1 << 31))).iloc[:n].reset_index(drop=True)
    if n < 24:
        table["dom"] = np.where(table.index % 2, "b", "a")
    if weights == "unequal":
        table["w"] = 10.0 ** rng.uniform(-9, 12, n)
    if weights == "heavy":
        table.loc[0, "w"] = 1e12
    if weights == "zeros":
        table["w"] = table["w"].where(rng.random(n) < 0.7, 0.0)
    table["y"], table["base"] = table["y"] * unit + shift * unit, table["base"] * unit
    if data == "constant":
        table = table.assign(y=7.3, base=1.9, yes=False, times=0)
    if data == "separated":
        table = table.assign(y=(table["dom"] == "a") * 1.0, yes=table["dom"] == "a")
        table["times"] = (table["dom"] == "a").astype(int)
    if data == "rare":
        table = table.assign(yes=table.index == 3, times=(table.index == 3) * 2)
    if data == "missing":
        table["y"] = table["y"].where(rng.random(n) < 0.6)
        table["times"] = table["times"].astype(float)
    return table


def outcome(name, table, *, kind):
    """Run an estimator by domain and compare it with the textbook."""
    options = {} if kind == "random" else {"stratum": "stratum", "cluster": "unit"}
    try:
        design = SurveyDesign(table, weight="w", single="remove", **options)
        design = design.replicate("jkn") if kind == "jackknife" else design
        found = (BY_DOMAIN.get(name) or BETWEEN[name])(design, "dom")
    except ObsError:
        return "refused"
    rows = _rows(name, found)
    if not rows:
        return "refused"  # nothing to estimate: one group alone
    judged = [_row_outcome(name, row, table, kind) for _, row in rows]
    return next((o for o in ("wrong", "graded") if o in judged), "equal")


def _rows(name, found):
    if name.startswith("regress"):
        found = found[found["variable"] == "dom"]
    if name == "victimisation":
        found = found[(found["variable"] == "times") & (found["level"] != "repeat")]
    if name == "victimisation_rate":
        found = found[found["variable"] == "any"]
    return list(found.iterrows())


def _row_outcome(name, row, table, kind):
    columns = ("statistic",) if "test" in name else ("estimate", "se")
    level = 0.0 if "share" in name else float(np.nanmax(np.abs(table["y"]), initial=0.0))
    try:
        with np.errstate(all="ignore"):
            expected = _expected(name, row, table, kind)
            near = all(
                theirs is None or _near(row[column], theirs, level, RELATIVE[column])
                for column, theirs in zip(columns, expected, strict=True)
            )
    except (ZeroDivisionError, IndexError, ValueError):
        near = False  # the textbook has no answer
    if near:
        return "equal"
    return "graded" if row["grade"] in ("C", "F") else "wrong"


def _near(ours, theirs, level, relative):
    return abs(ours - theirs) <= relative * abs(theirs) + 1e-14 * level


def _expected(name, row, table, kind):
    """The textbook's numbers for a row: estimate and standard error, or the statistic of a test."""
    whole = Sample(table, clustered=kind != "random")
    value, error = _TEXTBOOK[name](whole, row, table, whole)
    if kind == "jackknife" and error is not None:
        dropped = [
            (_TEXTBOOK[name](Sample(part, clustered=True), row, part, whole)[0], share)
            for part, share in _without_each_unit(table)
        ]
        values = np.array([found for found, _ in dropped])
        spread = np.array([share for _, share in dropped]) * (values - values.mean()) ** 2
        error = float(np.sqrt(spread.sum()))
    if "test" not in name:
        return value, error
    if name == "association_test, F":
        return (_pearson(whole, table) / error**2,)
    power = 1 if name.startswith("group") else 2
    return ((value / error) ** power,)


def _pearson(sample, table):
    """Pearson's statistic over the variance that random answers would give the interaction."""
    _, p, expected = sample.four_shares(*_two_by_two(table))
    n = (sample.w > 0).sum()
    random = (1 / p[p > 0]).sum() / n
    return float(n * ((p - expected) ** 2 / expected).sum() * random)


def _without_each_unit(table):
    """Leave each sampling unit out, the others of its stratum taking its place."""
    for stratum, inside in table.groupby("stratum"):
        units = inside["unit"].unique()
        for unit in units:
            factor = np.where(table["stratum"] == stratum, len(units) / (len(units) - 1), 1.0)
            weight = np.where(table["unit"] == unit, 0.0, table["w"] * factor)
            yield table.assign(w=weight), (len(units) - 1) / len(units)


def _inside(row, table):
    return (table["dom"] == row["dom"]).to_numpy()


def _sides(row, table):
    return _inside(row, table), (table["dom"] == row["base"]).to_numpy()


def _numbers(table, column):
    return table[column].to_numpy(dtype=float)


def _measure(s, row, table, _):
    times, inside = _numbers(table, "times"), _inside(row, table)
    if row["level"] == "prevalence":
        return s.mean(np.where(np.isnan(times), np.nan, times > 0), inside)
    if row["level"] == "incidence":
        return tuple(1_000 * v for v in s.mean(times, inside))
    return s.pair(s.ratio(times, (times > 0) * 1.0, inside))


def _slope(family, column, *others):
    def expected(s, row, table, _):
        y = _numbers(table, column)
        level = row.get("level", "b")
        columns = [np.ones(len(y)), table["dom"] == level, *(table[name] for name in others)]
        return s.regression(y, np.column_stack(columns).astype(float), family)[0]

    return expected


def _rank_slope(s, row, table, whole):
    columns = np.column_stack([np.ones(len(table)), table["dom"] == "b"]).astype(float)
    return s.regression(whole.ranks(_numbers(table, "y")), columns, "gaussian")[0]


def _two_by_two(table):
    return table["yes"].to_numpy(bool), (table["dom"] == "b").to_numpy()


def _mean_of(column):
    return lambda s, r, t, _: s.mean(_numbers(t, column), _inside(r, t))


_TEXTBOOK = {
    "mean": _mean_of("y"),
    "total": lambda s, r, t, _: s.total(np.nan_to_num(_numbers(t, "y")), _inside(r, t)),
    "share": _mean_of("yes"),
    "share, beta": _mean_of("yes"),
    "ratio": lambda s, r, t, _: s.pair(
        s.ratio(_numbers(t, "y"), _numbers(t, "base"), _inside(r, t))
    ),
    "quantile": lambda s, r, t, _: s.median(_numbers(t, "y"), _inside(r, t) & t["y"].notna()),
    "variance": lambda s, r, t, whole: s.spread(
        _numbers(t, "y"), _inside(r, t) & t["y"].notna().to_numpy(), whole
    ),
    "standardise": lambda s, r, t, _: s.standardised(
        _numbers(t, "y"), t["cat"].to_numpy(), _inside(r, t)
    ),
    "victimisation": _measure,
    "victimisation_rate": lambda s, r, t, _: tuple(
        1_000 * v for v in s.mean(np.nan_to_num(_numbers(t, "times")), _inside(r, t))
    ),
    "contrast of means": lambda s, r, t, _: s.difference(_numbers(t, "y"), *_sides(r, t)),
    "contrast of totals": lambda s, r, t, _: s.difference_of_totals(
        np.nan_to_num(_numbers(t, "y")), *_sides(r, t)
    ),
    "contrast of shares": lambda s, r, t, _: s.difference(_numbers(t, "yes"), *_sides(r, t)),
    "ratio of means": lambda s, r, t, whole: s.quotient(_numbers(t, "base"), *_sides(r, t), whole),
    "regress, gaussian": _slope("gaussian", "y"),
    "regress, binomial": _slope("binomial", "yes"),
    "regress, poisson": _slope("poisson", "times"),
    "term_test": _slope("gaussian", "y", "base"),
    "group_test, t": _slope("gaussian", "y"),
    "group_test, ranks": _rank_slope,
    "association_test, F": lambda s, r, t, whole: s.interaction(*_two_by_two(t), whole),
    "association_test, Wald": lambda s, r, t, whole: s.gap(*_two_by_two(t), whole),
}


def outcomes(seeds, names=(*BY_DOMAIN, *BETWEEN), kinds=KINDS, scenarios=tuple(SCENARIOS)):
    """Count the outcomes of every estimator in every scenario."""
    rows = []
    for name in names:
        for scenario in scenarios:
            counted = Counter()
            for seed in seeds:
                for kind in kinds:
                    table = make(np.random.default_rng(seed), **SCENARIOS[scenario])
                    counted[outcome(name, table, kind=kind)] += 1
            rows.append({"estimator": name, "scenario": scenario, **counted})
    return pd.DataFrame(rows).fillna(0)
