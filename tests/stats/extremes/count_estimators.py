"""Every estimator of counts, places and lists, each with an independent answer.

An estimator takes a case and gives pairs (ours, theirs, relative tolerance). A case has counts
and sizes of places, the same of an earlier period, and the generator they were drawn with.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

import obs
from obs.indicators import add_rate, add_share, standardise
from obs.reference import load_breaks, load_territory
from obs.stats import (
    adjust_p_values,
    aoristic_hours,
    chapman,
    closed_population,
    dark_share,
    dispersion_index,
    durations_by_cause,
    equal_variance_rates,
    fay_feuer_interval,
    fit_counts,
    fit_interruption,
    fit_logs,
    funnel_limits,
    geary,
    getis_ord,
    lee,
    local_moran,
    lower_bound,
    mean_interval,
    minimum_detectable_change,
    moran,
    natural_classes,
    newcombe_difference,
    overdispersion,
    poisson_interval,
    pooled_score_test,
    rank_sets,
    rate_ratio,
    recent_ratio,
    severity_index,
    share_limits,
    smooth_global,
    smooth_local,
    standardised_ratio,
)
from tests.stats.extremes import plain_counts as plain
from tests.trends.change.test_comparison import make_table

CODES = load_territory().codes("commune")
NONE = load_breaks().iloc[:0]
TIGHT, SEARCHED = 1e-8, 1e-6


@dataclass
class Case:
    count: np.ndarray
    size: np.ndarray
    before: np.ndarray
    before_size: np.ndarray
    rng: np.random.Generator

    @property
    def known(self):
        return (self.size > 0) & ~np.isnan(self.size + self.count)

    @property
    def sized(self):
        return np.where(self.size > 0, self.size, np.nan)

    @property
    def whole(self):
        return self.count + self.before

    @property
    def ring(self):
        n = len(self.count)
        near = np.zeros((n, n))
        for i in range(n if n > 1 else 0):
            near[i, (i + 1) % n] = near[(i + 1) % n, i] = 1
        return near

    def frame(self):
        return pd.DataFrame({"numerator": self.count, "denominator": self.size})


def rate(c):
    found = add_rate(c.frame(), per=1000)
    low, high = plain.count_limits(c.count)
    theirs = [1000 * plain.extended(v) / c.sized for v in (c.count, low, high)]
    return [(found[n], v, TIGHT) for n, v in zip(("value", "low", "high"), theirs, strict=True)]


def share(c):
    found = add_share(pd.DataFrame({"numerator": c.count, "denominator": c.whole}))
    whole = np.where(c.whole > 0, c.whole, np.nan)
    low, high = plain.wilson(c.count, whole)
    theirs = (plain.extended(c.count) / whole, low, high)
    return [(found[n], v, TIGHT) for n, v in zip(("value", "low", "high"), theirs, strict=True)]


def _sides(c):
    return c.count, c.sized, c.before, np.where(c.before_size > 0, c.before_size, np.nan)


def ratio_wald(c):
    found = rate_ratio(*_sides(c), method="wald")
    low, high, p = plain.wald_ratio(*_sides(c))
    empty = (c.count == 0) | (c.before == 0)
    theirs = (np.where(empty, np.nan, v) for v in (low, high, p))
    return list(zip((found.low, found.high, found.p_value), theirs, [SEARCHED] * 3, strict=True))


def ratio_exact(c):
    found = rate_ratio(*_sides(c), method="exact")
    theirs = plain.exact_ratio(*_sides(c))
    return list(zip((found.low, found.high, found.p_value), theirs, [SEARCHED] * 3, strict=True))


def ratio_midp(c):
    """Its limits lie within the exact ones and hold the estimate."""
    found = rate_ratio(*_sides(c), method="midp")
    low, high, _ = plain.exact_ratio(*_sides(c))
    seen = found.ratio
    inside = (found.low >= low * (1 - 1e-9)) & (found.high <= high * (1 + 1e-9))
    holds = np.isnan(seen) | ((found.low <= seen * (1 + 1e-9)) & (seen * (1 - 1e-9) <= found.high))
    known = ~np.isnan(found.low)
    return [(np.where(known, inside & holds, np.nan), np.where(np.isnan(low), np.nan, 1.0), 0)]


def ratio_score(c):
    found = rate_ratio(*_sides(c), method="score")
    theirs = plain.score_ratio(*_sides(c))
    return list(zip((found.low, found.high), theirs, [TIGHT] * 2, strict=True))


def difference_of_shares(c):
    n1, n0 = c.whole, c.before + c.count[::-1]
    low, high = newcombe_difference(c.count, n1, c.before, n0)
    sides = [
        (plain.extended(x), np.where(n > 0, n, np.nan)) for x, n in ((c.count, n1), (c.before, n0))
    ]
    (p1, (l1, h1)), (p0, (l0, h0)) = ((x / n, plain.wilson(x, n)) for x, n in sides)
    theirs = p1 - p0 - np.hypot(p1 - l1, h0 - p0), p1 - p0 + np.hypot(h1 - p1, p0 - l0)
    return [(low, theirs[0], SEARCHED), (high, theirs[1], SEARCHED)]


def score_test_of_shares(c):
    n1, n0 = c.whole, c.before + c.count[::-1]
    difference, p_value = pooled_score_test(c.count, n1, c.before, n0)
    m1, m0 = (np.where(n > 0, plain.extended(n), np.nan) for n in (n1, n0))
    gap, q = c.count / m1 - c.before / m0, (plain.extended(c.count) + c.before) / (m1 + m0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(gap == 0, 0, np.abs(gap) / np.sqrt(q * (1 - q) * (1 / m1 + 1 / m0)))
    theirs = 2 * stats.norm.sf(z.astype(float))
    return [(difference, gap, SEARCHED), (p_value, np.where(np.isnan(gap), np.nan, theirs), 1e-5)]


def change(c):
    """The table of two years, per inhabitant."""
    n = min(len(c.count), len(CODES))
    rows = [
        make_table(*((CODES[i], year, 0) for i in range(n)), scale="per_1000_inhabitants").assign(
            numerator=pd.array(pd.Series(count[:n]), dtype="Float64"),
            denominator=size[:n],
            status=np.where(np.isnan(count[:n]) | ~(size[:n] > 0), "missing", "ok"),
        )
        for year, count, size in ((2021, c.before, c.before_size), (2022, c.count, c.size))
    ]
    table = pd.concat(rows, ignore_index=True).astype({"numerator": "Int64"})
    found = obs.compare_periods(table, base="previous", adjust="none", breaks=NONE)
    found = found.set_index("territory").reindex(CODES[:n])
    few = (c.count[:n] < 20) | (c.before[:n] < 20)
    low, high, p = (np.where(few, np.nan, v) for v in plain.wald_ratio(*(s[:n] for s in _sides(c))))
    return [
        (found["low"], low - 1, 1e-5),
        (found["high"], high - 1, 1e-5),
        (found["p_value"], p, 1e-5),
    ]


def week(c):
    table = np.vstack([c.count, c.before, *([c.before] * 6), c.count]).T
    found = recent_ratio(table[:, 0], table[:, 1:])
    before = plain.extended(table[:, 1:])
    mean = before.mean(axis=1)
    phi = ((before - mean[:, None]) ** 2).sum(axis=1) / np.where(mean > 0, mean, np.nan) / 7
    z = plain.L(stats.t.ppf(0.975, 7)) * np.sqrt(np.fmax(phi, 1))
    low, high = plain.score_ratio(
        c.count, np.ones(len(mean)), before.sum(axis=1), np.full(len(mean), 8), z
    )
    return [(found.low, low, TIGHT), (found.high, high, TIGHT)]


def standardised(c):
    if not len(c.count):
        table = pd.DataFrame({"territory": [], "age": [], "numerator": [], "denominator": []})
        standardise(
            table.assign(period="2022"), by="territory", strata="age", standard=pd.Series({"a": 1})
        )
        return []
    strata = [("young", c.count, c.size, 3.0), ("old", c.before, c.before_size, 1.0)]
    names = [f"t{i:02d}" for i in range(len(c.count))]
    table = pd.concat(
        pd.DataFrame(
            {"territory": names, "age": age, "numerator": x, "denominator": n, "period": "2022"}
        )
        for age, x, n, _ in strata
    )
    found = (
        standardise(table, by="territory", strata="age", standard=pd.Series({"young": 3, "old": 1}))
        .set_index("territory")
        .reindex(names)
    )
    parts = [
        (w / plain.L(4), plain.extended(x), np.where(n > 0, n, np.nan)) for _, x, n, w in strata
    ]
    value = sum(w * x / n for w, x, n in parts)
    variance = sum(w**2 * x / n**2 for w, x, n in parts)
    events = c.count + c.before
    low, high = plain.dobson(value, variance, np.where(events > 0, events, np.nan))
    theirs = (np.where(events >= 10, 100_000 * v, np.nan) for v in (value, low, high))
    return [(found[n], v, 1e-7) for n, v in zip(("value", "low", "high"), theirs, strict=True)]


def indirect(c):
    ratio, low, high = standardised_ratio(c.count, c.sized)
    below, above = plain.count_limits(c.count)
    theirs = (plain.extended(v) / c.sized for v in (c.count, below, above))
    return list(zip((ratio, low, high), theirs, [TIGHT] * 3, strict=True))


def funnel(c):
    """A count lies outside exactly when its own tail is below the level."""
    expected = c.sized * (np.nansum(c.count[c.known]) / np.nansum(c.size[c.known]))
    low, high = funnel_limits(expected)
    below = stats.poisson.cdf(c.count, expected)
    above = stats.poisson.sf(c.count - 1, expected)
    clear = (np.abs(below / 0.025 - 1) > 1e-6) & (np.abs(above / 0.025 - 1) > 1e-6)
    ours = np.select([np.isnan(low), c.count < low, c.count > high], [np.nan, -1, 1], 0)
    theirs = np.select(
        [np.isnan(expected + c.count), below < 0.025, above < 0.025], [np.nan, -1, 1], 0
    )
    hidden = np.isnan(c.count)
    return [(np.where(clear & ~hidden, ours, np.nan), np.where(clear & ~hidden, theirs, np.nan), 0)]


def smoothing(c):
    return [(smooth_global(c.count, c.sized).rate, plain.marshall(c.count, c.sized), 1e-7)]


def _on_a_ring(c):
    """Known places alone, in a ring of their own."""
    kept = c.known
    alone = Case(c.count[kept], c.size[kept], c.before[kept], c.before_size[kept], c.rng)
    return alone.count / alone.size, alone.ring


def moran_of_values(c):
    x, near = _on_a_ring(c)
    return [([moran(x, near).statistic], [plain.moran(x, near)], 1e-6)]


def geary_of_values(c):
    x, near = _on_a_ring(c)
    return [([geary(x, near).statistic], [plain.geary(x, near)], 1e-6)]


def local_moran_of_values(c):
    x, near = _on_a_ring(c)
    found = local_moran(x, near, rng=c.rng, permutations=99)
    z = plain.extended(x) - plain.extended(x).mean()
    w = near / near.sum(axis=1, keepdims=True)
    return [(found.statistic, z * (w @ z) / ((z**2).sum() / len(z)), 1e-6)]


def rates_of_equal_variance(c):
    found = equal_variance_rates(c.count, c.sized)
    o, n = (plain.extended(v)[c.known] for v in (c.count, c.size))
    b = o.sum() / n.sum()
    a = max(plain.L(0), (n * (o / n - b) ** 2).sum() / n.sum() - b / (n.sum() / len(n)))
    theirs = np.full(len(c.count), np.nan, dtype=np.longdouble)
    theirs[c.known] = (o / n - b) / np.sqrt(a + b / n)
    return [(found, theirs, 1e-6)]


def ranks(c):
    x, n = c.count[c.known], c.size[c.known]
    root, error = np.sqrt((x + 0.375) / n), 1 / (2 * np.sqrt(n))
    low, high = rank_sets(root, error)
    theirs = plain.sure_ranks(plain.extended(root), plain.extended(error))
    return [(low, theirs[0], 0), (high, theirs[1], 0)]


def between_places(c):
    expected = c.size[c.known] * (c.count[c.known].sum() / c.size[c.known].sum())
    z = 2 * (np.sqrt(c.count[c.known]) - np.sqrt(expected))
    error = 1 / (2 * np.sqrt(expected))
    found = overdispersion(z, error, trim=0.0)
    s, w = plain.extended(z), 1 / plain.extended(error) ** 2
    tau2 = max(plain.L(0), ((s**2).sum() - (len(s) - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    return [([found.phi, found.tau2], [(s**2).mean(), tau2], 1e-6)]


def dispersion(c):
    return [
        ([dispersion_index(c.count, c.sized).index], [plain.dispersion(c.count, c.sized)], 1e-7)
    ]


def severity(c):
    counts = np.column_stack([c.count, c.before])
    found = severity_index(counts, [1.0, 250.0], c.sized, base=0.5)
    x, y = plain.extended(c.count), plain.extended(c.before)
    value = 100 * (x + 250 * y) / (c.sized * plain.L(0.5))
    variance = (x + 250**2 * y) * (100 / (c.sized * plain.L(0.5))) ** 2
    events = c.count + c.before
    low, high = plain.dobson(value, variance, np.where(events > 0, events, np.nan))
    return [(found.index, value, TIGHT), (found.low, low, 1e-7), (found.high, high, 1e-7)]


def least_change(c):
    fall, rise = minimum_detectable_change(c.before)
    d = plain.L(stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) / np.sqrt(
        2 * plain.extended(np.where(c.before > 0, c.before, np.nan))
    )
    theirs = np.where(d < 1, (1 - d) ** 2 - 1, np.nan), (1 + d) ** 2 - 1
    return [(fall, theirs[0], TIGHT), (rise, theirs[1], TIGHT)]


def adjusted(c):
    p = stats.chi2.sf(np.nan_to_num(c.count), 5)
    found = [adjust_p_values(p, method=m) for m in ("holm", "bh")]
    if not len(p):
        return [(found[0], p, 0)]
    theirs = [multipletests(p, method=m)[1] for m in ("holm", "fdr_bh")]
    return [(a, b, TIGHT) for a, b in zip(found, theirs, strict=True)]


def turned_over(c):
    part = np.divide(c.count, c.whole, out=np.full(len(c.count), np.nan), where=c.whole > 0)
    low, high = (v.astype(float) for v in plain.wilson(c.count, c.whole))
    low, high = np.fmin(low, part), np.fmax(high, part)
    found = dark_share(part, low, high)
    return [(found.value, 1 - part, 0), (found.low, 1 - high, 0), (found.high, 1 - low, 0)]


def two_groups_of_counts(c):
    """Two rates by regression: their log ratio and its error are those of two Poisson sums."""
    x, n = c.count[c.known], c.size[c.known]
    side = np.arange(len(x)) < len(x) / 2
    fit = fit_counts(x, np.column_stack([np.ones(len(x)), side]), exposure=n, family="poisson")
    sums = [(plain.extended(x)[s].sum(), plain.extended(n)[s].sum()) for s in (side, ~side)]
    (a, m), (b, k) = sums
    return [
        ([fit.coefficients[1]], [np.log(a / m / (b / k))], SEARCHED),
        ([fit.errors[1]], [np.sqrt(1 / a + 1 / b)], SEARCHED),
    ]


def two_groups_of_logs(c):
    x, n = c.count[c.known], c.size[c.known]
    side = np.arange(len(x)) < len(x) / 2
    fit = fit_logs(x, np.column_stack([np.ones(len(x)), side]), exposure=n, lags=0)
    y = np.log(plain.extended(x) / n)
    groups = [y[side], y[~side]]
    error = np.sqrt(
        sum(((g - g.mean()) ** 2).sum() / len(g) ** 2 for g in groups) * len(y) / (len(y) - 2)
    )
    return [
        ([fit.coefficients[1]], [groups[0].mean() - groups[1].mean()], SEARCHED),
        ([fit.errors[1]], [error], SEARCHED),
    ]


def interruption(c):
    """36 periods: at the highest Poisson likelihood every regressor's sum is that of its counts."""
    counts, size = np.tile(c.count, 36)[:36], np.tile(c.size, 36)[:36]
    found = fit_interruption(
        counts, exposure=size, start=30, slope=False, family="poisson", errors="model"
    )
    time = np.arange(36.0)
    kept = ~np.isnan(counts)
    columns = plain.extended([np.ones(36), time - 30, time >= 30])[:, kept]
    fitted, seen = plain.extended(found.fitted)[kept], plain.extended(counts)[kept]
    gap = columns @ (seen - fitted) / (np.abs(columns) @ (seen + fitted))
    return [(1 + gap, np.ones(3), SEARCHED)]


def two_lists(c):
    """Those on both lists m, on one alone: Lincoln and Petersen, n1 n2 / m."""
    pairs, theirs = [], []
    for a, b in zip(c.count, c.before, strict=True):
        both = np.floor(min(a, b) / 2)
        found = closed_population([[1, 1], [1, 0], [0, 1]], [both, a - both, b - both])
        pairs.append(found.total)
        theirs.append(plain.L(a) * plain.L(b) / plain.L(both))
    return [(pairs, theirs, SEARCHED)]


def chapman_of_lists(c):
    both = np.floor(np.minimum(c.count, c.before) / 2)
    total, _ = chapman(c.count, c.before, both)
    a, b, m = map(plain.extended, (c.count, c.before, both))
    return [(total, (a + 1) * (b + 1) / (m + 1) - 1, TIGHT)]


def followed(c):
    """Sizes as durations, even counts as ended."""
    days, ended = c.size, np.nan_to_num(c.count) % 2 == 0
    horizon = float(np.median(days)) if len(days) else 1.0
    found = durations_by_cause(days, ended.astype(int), horizons=[horizon], n_causes=1)
    return [(found.open_share, [plain.open_share(list(days), list(ended), horizon)], TIGHT)]


def aoristic(c):
    begin = np.datetime64("2024-01-01T00:00") + c.rng.integers(0, 20_000, len(c.count)).astype(
        "m8[m]"
    )
    length = np.nan_to_num(np.clip(c.count, 0, 30_000)).astype(int)
    end = begin + length.astype("m8[m]")
    ours = aoristic_hours(begin, end)
    theirs = [
        plain.hours(a, b) if n < 10_080 else np.full(168, 1 / 168)
        for a, b, n in zip(begin, end, length, strict=True)
    ]
    return [(ours.ravel(), np.ravel(theirs), TIGHT)]


def classes(c):
    x = (c.count / c.sized)[c.known]
    found = natural_classes(x, k=3)
    groups = [plain.extended(x)[found == g] for g in np.unique(found)]
    within = sum(((g - g.mean()) ** 2).sum() for g in groups)
    best = plain.best_classes(x, min(3, len(x)))
    level = ((plain.extended(x) - x.mean()) ** 2).sum()
    return [([within / level], [best / level], 1e-9)]


def _communes(c):
    n = min(len(c.count), len(CODES))
    rows = [(CODES[i], 2022, 0) for i in range(n)]
    known = ~np.isnan(c.count[:n])
    return make_table(*rows, scale="per_1000_inhabitants").assign(
        numerator=pd.array(pd.Series(c.count[:n]), dtype="Float64").astype("Int64"),
        denominator=c.size[:n],
        status=np.where(~known, "missing", np.where(c.count[:n] == 0, "zero", "ok")),
    )


def _told(found, result):
    """Each place has a result or one reason for having none, never both."""
    told = found[result].notna().to_numpy() ^ found["no_result"].notna().to_numpy()
    return [(told, np.ones(len(found)), 0)]


def funnel_table(c):
    return _told(obs.funnel(_communes(c)), "position")


def smoothed_table(c):
    table = _communes(c)
    found = obs.smooth_rates(table)
    theirs = 1000 * plain.marshall(c.count[: len(table)], c.sized[: len(table)])
    return [*_told(found, "smoothed"), (found["smoothed"], theirs, 1e-7)]


def ranked_table(c):
    return _told(obs.rank_places(_communes(c)), "rank_low")


def exposed_table(c):
    """Resident and ambient side by side: a place flips when its two positions differ."""
    table = _communes(c)
    n = len(table)
    ambient = pd.DataFrame({"territory": CODES[:n], "exposure": c.before_size[:n]})
    found = obs.compare_exposures(table, ambient=ambient)
    theirs = 1000 * plain.extended(c.count[:n]) / np.where(c.known[:n], c.before_size[:n], np.nan)
    flips = (found["position"] != found["ambient_position"]).where(found["position"].notna())
    same = found["flips"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return [
        *_told(found, "ambient_value"),
        (found["ambient_value"], theirs, TIGHT),
        (same, flips.to_numpy(dtype=float, na_value=np.nan), 0),
    ]


def turning(c):
    """Years of one commune: the peak is the highest rate per day, known and not the last."""
    years = range(2022 - len(c.count) + 1, 2023)
    table = make_table(*((CODES[0], year, 0) for year in years), scale="per_1000_inhabitants")
    table = table.assign(
        numerator=pd.array(pd.Series(c.count), dtype="Float64").astype("Int64"),
        denominator=c.size,
        status=np.where(np.isnan(c.count) | ~(c.size > 0), "missing", "ok"),
    )
    found = obs.turning_points(table, breaks=NONE)
    found = found[found["point"] == "peak"]
    days = table["days"].to_numpy(float) if len(table) else c.size
    rates = np.where(c.known, c.count / (c.sized * days), -1.0)
    if not len(found):  # nothing to look among
        return [([], [], 0)]
    best = [str(y) for y, r in zip(years, rates, strict=True) if r >= rates.max() * (1 - 1e-12)]
    return [([float(str(found["base"].iloc[0]) in best)], [1.0], 0)]


def chao(c):
    """Two lists: f1 persons on one, f2 on both; half of f1 (f1 - 1) / 2 (f2 + 1) beyond them."""
    found, theirs, told = [], [], []
    for a, b in zip(c.count, c.before, strict=True):
        both = np.floor(min(a, b) / 2)
        ours = lower_bound([[1, 1], [1, 0], [0, 1]], [both, a - both, b - both])
        once = plain.L(a) + plain.L(b) - 2 * plain.L(both)
        found.append(ours[0])
        beyond = once * (once - 1) / (4 * (plain.L(both) + 1))
        theirs.append(plain.L(both) + once + beyond)
        told.append(ours[2] != ours[3])
    return [(found, theirs, SEARCHED), (told, np.ones(len(told)), 0)]


def seasons(c):
    """Eight years of months: in another unit the adjusted series is the same in that unit."""
    if not len(c.count):
        obs.seasonal_adjust(pd.Series([], index=pd.PeriodIndex([], freq="M"), dtype=float))
    level = np.tile(c.count + 5e4, 96)[:96] * (1 + 0.2 * np.sin(np.arange(96) / 6 * np.pi))
    months = pd.period_range("2015-01", periods=96, freq="M")
    plainly = obs.seasonal_adjust(pd.Series(np.round(level), index=months))
    unit = obs.seasonal_adjust(pd.Series(np.round(level) * 1024, index=months))
    first, second = (found.table["adjusted"].to_numpy(float) for found in (plainly, unit))
    return [(second, 1024 * first, 1e-6)]


def getis(c):
    """Products of neighbours over products of all pairs."""
    x, near = _on_a_ring(c)
    v = plain.extended(x)
    pairs = v[:, None] * v[None, :]
    np.fill_diagonal(pairs, 0)
    return [([getis_ord(x, near).statistic], [(pairs * near).sum() / pairs.sum()], 1e-6)]


def lee_of_values(c):
    x, near = _on_a_ring(c)
    y = np.where(c.before_size > 0, c.before / c.before_size, np.nan)[c.known]
    found = lee(x, y, near)
    w = plain.extended(near) / plain.extended(near).sum(axis=1, keepdims=True)
    u, v = (plain.extended(z) - plain.extended(z).mean() for z in (x, y))
    theirs = (w @ u) @ (w @ v) / np.sqrt((u @ u) * (v @ v))
    return [([found], [theirs], 1e-6)]


def smoothing_by_neighbours(c):
    """The global formula in each neighbourhood, its value at the place itself."""
    found = smooth_local(c.count, c.sized, c.ring)
    theirs = np.full(len(c.count), np.nan, dtype=np.longdouble)
    for i in np.flatnonzero(c.known):
        inside = np.flatnonzero((c.ring[i] > 0) & c.known).tolist()
        places = [i, *inside]
        theirs[i] = plain.marshall(c.count[places], c.size[places])[0]
        theirs[i] = theirs[i] if inside else c.count[i] / c.size[i]
    return [(found.rate, theirs, 1e-7)]


def gamma_limits(c):
    """Fay and Feuer: a rate of two strata, limits of two gamma distributions."""
    w = 1 / c.sized, 1 / np.where(c.before_size > 0, c.before_size, np.nan)
    value, variance = w[0] * c.count + w[1] * c.before, w[0] ** 2 * c.count + w[1] ** 2 * c.before
    most = np.fmax(*w) * np.where(np.isnan(w[0] + w[1]), np.nan, 1.0)
    low, high = fay_feuer_interval(value, variance, most)
    scale, upper = variance / value, (variance + most**2) / (value + most)
    below = stats.gamma.ppf(0.025, value / scale) * scale
    above = stats.gamma.ppf(0.975, (value + most) / upper) * upper
    below = np.where(value == 0, 0.0, below)
    return [(low, below, SEARCHED), (high, above, SEARCHED)]


def exact_count(c):
    low, high = poisson_interval(c.count, method="exact")
    x = c.count
    below = np.where(x == 0, 0.0, stats.chi2.ppf(0.025, 2 * x) / 2)
    above = stats.chi2.ppf(0.975, 2 * x + 2) / 2
    return [(low, np.where(np.isnan(x), np.nan, below), SEARCHED), (high, above, SEARCHED)]


def midp_count(c):
    """Half of the chance of the count itself is in either tail."""
    low, high = poisson_interval(c.count, method="midp")
    x = c.count
    at_low = stats.poisson.sf(x, low) + stats.poisson.pmf(x, low) / 2
    at_high = stats.poisson.cdf(x, high) - stats.poisson.pmf(x, high) / 2
    told = np.where(np.isnan(x), np.nan, 0.025)
    return [(np.where(x == 0, told, at_low), told, 1e-4), (at_high, told, 1e-4)]


def student(c):
    low, high = mean_interval(c.count)
    n, x = len(c.count), plain.extended(c.count)
    if n < 2:
        return [([low], [np.nan], 0)]
    half = plain.L(stats.t.ppf(0.975, n - 1)) * np.sqrt(((x - x.mean()) ** 2).sum() / (n - 1) / n)
    return [([low, high], [x.mean() - half, x.mean() + half], SEARCHED)]


def limits_of_shares(c):
    """A part lies outside exactly when its own tail is below the level."""
    whole = c.count + c.before
    low, high = share_limits(whole, 0.4)
    below, above = stats.binom.cdf(c.count, whole, 0.4), stats.binom.sf(c.count - 1, whole, 0.4)
    clear = (np.abs(below / 0.025 - 1) > 1e-6) & (np.abs(above / 0.025 - 1) > 1e-6)
    clear &= whole > 0
    part = np.divide(c.count, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    ours = np.select([np.isnan(low), part < low, part > high], [np.nan, -1, 1], 0)
    theirs = np.select([np.isnan(whole), below < 0.025, above < 0.025], [np.nan, -1, 1], 0)
    return [(np.where(clear, ours, np.nan), np.where(clear, theirs, np.nan), 0)]


ESTIMATORS = {
    "add_rate": rate,
    "add_share": share,
    "rate_ratio, wald": ratio_wald,
    "rate_ratio, exact": ratio_exact,
    "rate_ratio, midp": ratio_midp,
    "rate_ratio, score": ratio_score,
    "newcombe_difference": difference_of_shares,
    "pooled_score_test": score_test_of_shares,
    "compare_periods": change,
    "recent_ratio (compare_weeks)": week,
    "standardise": standardised,
    "standardised_ratio": indirect,
    "funnel_limits": funnel,
    "smooth_global": smoothing,
    "moran": moran_of_values,
    "geary": geary_of_values,
    "local_moran": local_moran_of_values,
    "equal_variance_rates": rates_of_equal_variance,
    "rank_sets": ranks,
    "overdispersion": between_places,
    "dispersion_index": dispersion,
    "severity_index": severity,
    "minimum_detectable_change": least_change,
    "adjust_p_values": adjusted,
    "dark_share": turned_over,
    "fit_counts": two_groups_of_counts,
    "fit_logs": two_groups_of_logs,
    "fit_interruption": interruption,
    "closed_population": two_lists,
    "chapman": chapman_of_lists,
    "durations_by_cause": followed,
    "aoristic_hours": aoristic,
    "natural_classes": classes,
    "getis_ord": getis,
    "lee": lee_of_values,
    "smooth_local": smoothing_by_neighbours,
    "fay_feuer_interval": gamma_limits,
    "poisson_interval, exact": exact_count,
    "poisson_interval, midp": midp_count,
    "mean_interval": student,
    "share_limits": limits_of_shares,
    "funnel": funnel_table,
    "smooth_rates": smoothed_table,
    "rank_places": ranked_table,
    "compare_exposures": exposed_table,
    "turning_points": turning,
    "lower_bound": chao,
    "seasonal_adjust": seasons,
}
