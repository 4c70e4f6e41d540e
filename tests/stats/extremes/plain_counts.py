"""Textbook formulas of counts, places and lists, in extended precision and by plain loops."""

from fractions import Fraction

import numpy as np
from scipy import stats

L = np.longdouble
Z = L(stats.norm.ppf(0.975))


def extended(values):
    return np.asarray(values, dtype=np.longdouble)


def count_limits(x):
    """Garwood below 10, Byar from 10."""
    low, high = [], []
    for count in extended(x):
        if np.isnan(count):
            low.append(np.nan), high.append(np.nan)
        elif count < 10:
            low.append(stats.chi2.ppf(0.025, 2 * float(count)) / 2 if count else 0.0)
            high.append(stats.chi2.ppf(0.975, 2 * float(count) + 2) / 2)
        else:
            low.append(count * (1 - 1 / (9 * count) - Z / (3 * np.sqrt(count))) ** 3)
            above = count + 1
            high.append(above * (1 - 1 / (9 * above) + Z / (3 * np.sqrt(above))) ** 3)
    return extended(low), extended(high)


def wilson(x, n, z=Z):
    """Roots of (x/n - p)^2 = z^2 p (1 - p) / n, the small one from the product of both."""
    x, n = extended(x), np.where(extended(n) > 0, extended(n), np.nan)
    b, a = 2 * x + z**2, n + z**2
    root = np.sqrt(z**2 * (z**2 + 4 * x * (n - x) / n))
    high = (b + root) / (2 * a)
    return x**2 / (n * a) / high, high


def wald_ratio(x1, n1, x0, n0):
    x1, n1, x0, n0 = map(extended, (x1, n1, x0, n0))
    log, error = np.log(x1 / n1 / (x0 / n0)), np.sqrt(1 / x1 + 1 / x0)
    p_value = 2 * stats.norm.sf(np.abs(log / error).astype(float))
    return np.exp(log - Z * error), np.exp(log + Z * error), p_value


def exact_ratio(x1, n1, x0, n0):
    """Clopper and Pearson and the exact test of one binomial, from the side with fewer events."""
    rows = [_exact_ratio(*row) for row in zip(x1, n1, x0, n0, strict=True)]
    return tuple(extended(rows).reshape(-1, 3).T)


def _exact_ratio(a, m, b, n):
    if np.isnan(a + b) or not (m > 0 and n > 0):
        return np.nan, np.nan, np.nan
    if a + b == 0:
        return 0.0, np.inf, 1.0
    if a > b:
        low, high, p_value = _exact_ratio(b, n, a, m)
        return 1 / high, 1 / low if low else np.inf, p_value
    test = stats.binomtest(int(a), int(a + b), float(L(m) / (L(m) + L(n))))
    ends = stats.beta.ppf(0.025, a, b + 1) if a else 0.0, stats.beta.ppf(0.975, a + 1, b)
    low, high = (L(end) / (1 - L(end)) * (L(n) / L(m)) for end in ends)
    return low, high, test.pvalue


def score_ratio(x1, n1, x0, n0, z=Z):
    """Roots of (x1 n0 - r n1 x0)^2 = z^2 r n1 n0 (x1 + x0) in r."""
    x1, n1, x0, n0 = map(extended, (x1, n1, x0, n0))
    u, c = n1 / n0, z**2 * (x1 + x0)
    a, b, d = (u * x0) ** 2, 2 * u * x1 * x0 + u * c, x1**2
    root = u * np.sqrt(c * (4 * x1 * x0 + c))
    high = np.where(x0 == 0, np.where(np.isnan(x1), np.nan, np.inf), (b + root) / (2 * a))
    low = 2 * d / (b + root)
    both = x1 + x0 == 0
    return np.where(both, 0, low), np.where(both, np.inf, high)


def dobson(rate, variance, events):
    low, high = count_limits(events)
    scale = np.sqrt(variance / events)
    return rate + scale * (low - events), rate + scale * (high - events)


def marshall(count, size):
    known = ~np.isnan(count + size) & (size > 0)
    o, n = extended(count)[known], extended(size)[known]
    b, r = o.sum() / n.sum(), o / n
    a = max(L(0), (n * (r - b) ** 2).sum() / n.sum() - b / (n.sum() / len(n)))
    weight = a / (a + b / n) if a > 0 else np.zeros_like(n)
    out = np.full(len(count), np.nan, dtype=np.longdouble)
    out[known] = b + weight * (r - b)
    return out


def moran(values, near):
    z = extended(values) - extended(values).mean()
    w = extended(near) / extended(near).sum(axis=1, keepdims=True)
    return len(z) / w.sum() * (z @ w @ z) / (z @ z)


def geary(values, near):
    x, n = extended(values), len(values)
    w = extended(near) / extended(near).sum(axis=1, keepdims=True)
    pairs = (w * (x[:, None] - x[None, :]) ** 2).sum()
    return (n - 1) * pairs / (2 * w.sum() * ((x - x.mean()) ** 2).sum())


def dispersion(count, size):
    known = ~np.isnan(count + size) & (size > 0)
    o, n = extended(count)[known], extended(size)[known]
    if o.size < 2 or o.sum() == 0:
        return np.nan
    e = n * (o.sum() / n.sum())
    return ((o - e) ** 2 / e).sum() / (o.size - 1)


def holm(p):
    """By hand: the smallest times m, the next times m - 1, never below one before."""
    p = np.asarray(p, dtype=float)
    out, most = np.full(p.size, np.nan), 0.0
    order = [i for i in np.argsort(p) if not np.isnan(p[i])]
    for place, i in enumerate(order):
        most = max(most, min(1.0, p[i] * (len(order) - place)))
        out[i] = most
    return out


def sure_ranks(estimate, error):
    n = len(estimate)
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    z = [(estimate[i] - estimate[j]) / np.hypot(error[i], error[j]) for i, j in pairs]
    sure = holm(2 * stats.norm.sf(np.abs(np.asarray(z, dtype=float)))) < 0.05
    low, high = np.ones(n), np.full(n, float(n))
    for (i, j), value, told in zip(pairs, z, sure, strict=True):
        if told:
            above, below = (i, j) if value > 0 else (j, i)
            low[below] += 1
            high[above] -= 1
    return low, high


def open_share(days, ended, horizon):
    """Kaplan and Meier as a fraction."""
    share = Fraction(1)
    for day in sorted({d for d, e in zip(days, ended, strict=True) if e and d <= horizon}):
        at_risk = sum(d >= day for d in days)
        share *= 1 - Fraction(
            sum(d == day and e for d, e in zip(days, ended, strict=True)), at_risk
        )
    return float(share)


def hours(begin, end):
    """Walk through a window minute by minute."""
    out = np.zeros(168)
    first, last = sorted((begin, end))
    if first == last:
        last = first + np.timedelta64(1, "m")
    for moment in np.arange(first, last, np.timedelta64(1, "m")):
        since = (moment - np.datetime64("1970-01-05T00:00")).astype(int)
        out[since // 60 % 168] += 1
    return out / out.sum()


def best_classes(values, k):
    """Least sum of squares within classes, trying every cut of the sorted values."""
    from itertools import combinations

    x = np.sort(extended(values))
    return min(
        sum(((part - part.mean()) ** 2).sum() for part in np.split(x, cut))
        for cut in combinations(range(1, len(x)), k - 1)
    )
