"""Weighted least squares in exact fractions: a source that no rounding reaches."""

from fractions import Fraction

import numpy as np


def exact_least_squares(columns, weight, target):
    """Solve the normal equations without any rounding."""
    n, p = columns.shape
    x = [[Fraction(v) for v in row] for row in columns.tolist()]
    w, y = [Fraction(v) for v in weight.tolist()], [Fraction(v) for v in target.tolist()]
    rows = [
        [sum(w[i] * x[i][a] * x[i][b] for i in range(n)) for b in range(p)]
        + [sum(w[i] * x[i][a] * y[i] for i in range(n))]
        for a in range(p)
    ]
    for k in range(p):
        for j in range(k + 1, p):
            factor = rows[j][k] / rows[k][k]
            rows[j] = [u - factor * v for u, v in zip(rows[j], rows[k], strict=True)]
    solved = [Fraction(0)] * p
    for k in reversed(range(p)):
        rest = sum(rows[k][j] * solved[j] for j in range(k + 1, p))
        solved[k] = (rows[k][p] - rest) / rows[k][k]
    return np.array([float(v) for v in solved])
