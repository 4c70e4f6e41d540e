"""Survey estimates by the textbook: loops over strata and units, in extended precision.

Nothing of obs is used. A number here is the independent source of a fuzz of the estimators.
"""

import numpy as np

Long = np.longdouble


class Sample:
    """Weights and units as extended numbers, with the loops that every formula needs."""

    def __init__(self, table, *, clustered):
        self.w = table["w"].to_numpy().astype(Long)
        one = np.zeros(len(table), dtype=int)
        self.stratum = table["stratum"].to_numpy() if clustered else one
        self.unit = table["unit"].to_numpy() if clustered else np.arange(len(table))

    def variance(self, influence):
        """Sum over strata of n / (n - 1) times the squared distances of unit totals."""
        total = Long(0)
        for h in np.unique(self.stratum):
            units = np.unique(self.unit[self.stratum == h])
            sums = np.array(
                [influence[(self.stratum == h) & (self.unit == u)].sum() for u in units], dtype=Long
            )
            if len(units) > 1:
                n = Long(len(units))
                total += n / (n - 1) * ((sums - sums.mean()) ** 2).sum()
        return total

    def ratio(self, y, x, inside):
        """Ratio of two totals in a domain, and its influences."""
        known = inside & ~np.isnan(y) & ~np.isnan(x)
        w, top, low = self.w * known, np.where(known, y, 0).astype(Long), np.where(known, x, 0)
        bottom = (w * low).sum()
        value = (w * top).sum() / bottom
        return value, w * (top - value * low) / bottom

    def pair(self, estimate):
        """Give an estimate and its standard error."""
        value, influence = estimate
        return float(value), float(np.sqrt(self.variance(influence)))

    def mean(self, y, inside):
        return self.pair(self.ratio(y, np.ones(len(y)), inside))

    def total(self, y, inside):
        influence = self.w * np.where(inside, y, 0).astype(Long)
        return self.pair((influence.sum(), influence))

    def spread(self, y, inside, whole):
        """Population variance: the mean of squared distances times n / (n - 1)."""
        value, _ = self.ratio(y, np.ones(len(y)), inside)
        n = Long((inside & (whole.w > 0)).sum())
        squares = (y.astype(Long) - value) ** 2 * n / (n - 1)
        return self.pair(self.ratio(squares, np.ones(len(y)), inside))

    def difference(self, y, one, other):
        (a, first), (b, second) = (self.ratio(y, np.ones(len(y)), side) for side in (one, other))
        return self.pair((a - b, first - second))

    def difference_of_totals(self, y, one, other):
        influence = self.w * y.astype(Long) * (one.astype(int) - other.astype(int))
        return self.pair((influence.sum(), influence))

    def quotient(self, y, one, other, whole):
        (a, first), (b, second) = (self.ratio(y, np.ones(len(y)), side) for side in (one, other))
        (c, _), (d, _) = (whole.ratio(y, np.ones(len(y)), side) for side in (one, other))
        return self.pair((a / d - c * b / d**2 + c / d, first / d - c * second / d**2))

    def standardised(self, y, classes, inside):
        parts = [
            self.ratio(y, np.ones(len(y)), inside & (classes == k)) for k in np.unique(classes)
        ]
        share = Long(1) / len(parts)
        return self.pair((sum(p[0] for p in parts) * share, sum(p[1] for p in parts) * share))

    def median(self, y, inside):
        """Least value whose cumulated weight reaches one half."""
        rows = np.flatnonzero(inside & (self.w > 0))
        rows = rows[np.argsort(y[rows], kind="stable")]
        reached = np.cumsum(self.w[rows]) >= self.w[rows].sum() / 2 * (1 - Long(1e-12))
        return float(y[rows[np.argmax(reached)]]), None

    def ranks(self, y):
        """Share of the population below each value, with half of those who equal it."""
        used = (self.w > 0) & ~np.isnan(y)
        below = np.array([self.w[used & (y < v)].sum() for v in y])
        equal = np.array([self.w[used & (y == v)].sum() for v in y])
        return np.where(np.isnan(y), np.nan, (below + equal / 2) / self.w[used].sum())

    def four_shares(self, one, other):
        """Shares of a table of two by two, and those expected of independent answers."""
        cells = [one & other, one & ~other, ~one & other, ~one & ~other]
        p = np.array([(self.w * cell).sum() for cell in cells], dtype=Long) / self.w.sum()
        r, c = p[0] + p[1], p[0] + p[2]
        return cells, p, np.array([r * c, r * (1 - c), (1 - r) * c, (1 - r) * (1 - c)])

    def interaction(self, one, other, whole):
        """Sum of the shares over those of the whole sample, with the signs of an interaction."""
        cells, p, _ = self.four_shares(one, other)
        _, full, _ = whole.four_shares(one, other)
        inverse = np.array([1, -1, -1, 1]) * np.where(full > 0, 1 / np.where(full > 0, full, 1), 0)
        parts = zip(inverse, cells, p, strict=True)
        influence = sum(i * self.w * (cell - share) for i, cell, share in parts) / self.w.sum()
        return self.pair(((inverse * p).sum(), influence))

    def gap(self, one, other, whole):
        """Total of a cell less the expected one, to the first order."""
        _, full, _ = whole.four_shares(one, other)
        r, c = full[0] + full[1], full[0] + full[2]
        influence = self.w * ((one & other) - c * one - r * other + r * c)
        return self.pair((influence.sum(), influence))

    def regression(self, y, columns, family):
        """Newton's steps with Gaussian elimination, and the sandwich of influences."""
        w = np.where(np.isnan(y), 0, self.w)
        used = w > 0
        middle = columns[used].mean(axis=0).astype(Long)
        middle[0] = 0
        x = np.where(used[:, None], columns.astype(Long) - middle, 0)
        size = np.sqrt((x[used] ** 2).mean(axis=0))
        x, y = x / size, np.where(used, y, 0).astype(Long)
        level = (w * y).sum() / w.sum()
        beta = np.zeros(x.shape[1], dtype=Long)
        beta[0] = {"binomial": np.log(level / (1 - level)), "poisson": np.log(level)}.get(
            family, level
        )
        for _ in range(60):
            mean, slope = _mean(x @ beta, family)
            bread = _inverse(x.T @ (x * (w * slope)[:, None]))
            beta = beta + bread @ (x.T @ (w * (y - mean)))
        mean, slope = _mean(x @ beta, family)
        bread = _inverse(x.T @ (x * (w * slope)[:, None]))
        influences = (x * (w * (y - mean))[:, None]) @ bread
        return [
            self.pair((beta[k] / size[k], influences[:, k] / size[k])) for k in range(1, len(beta))
        ]


def _mean(linear, family):
    if family == "gaussian":
        return linear, np.ones_like(linear)
    if family == "poisson":
        return np.exp(linear), np.exp(linear)
    share = 1 / (1 + np.exp(-linear))
    return share, share * (1 - share)


def _inverse(matrix):
    """Gauss and Jordan, with the largest pivot of each column."""
    n = len(matrix)
    work = np.hstack([matrix, np.eye(n, dtype=Long)])
    for k in range(n):
        best = k + int(np.argmax(np.abs(work[k:, k])))
        work[[k, best]] = work[[best, k]]
        work[k] = work[k] / work[k, k]
        for j in range(n):
            if j != k:
                work[j] = work[j] - work[j, k] * work[k]
    return work[:, n:]
