"""A reader who writes equations and inequalities between figures, and bounds those withheld.

Nothing of `obs` is used: constraints are kept as rows of one matrix, and each question is a linear
program over the unknowns that hang together with the cell asked for.
"""

from collections import defaultdict

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

ALMOST = 1e-6


class Knowledge:
    """Figures known, the least of the others, and what links them."""

    def __init__(self, known, least):
        self.known = known  # cell: figure
        self.least = least  # cell: least value
        self.lines = []  # (coefficients by cell, low, high)
        self.at = None

    def link(self, terms, low, high):
        """Say that a weighted sum of cells lies between two figures."""
        self.lines.append((terms, low, high))
        self.at = None

    def forget(self, cells):
        """Give the same knowledge without some figures, of which one is known to be no zero."""
        kept = {c: v for c, v in self.known.items() if c not in cells}
        least = self.least | {c: 1.0 for c in cells if self.known.get(c, 0) > 0}
        other = Knowledge(kept, least)
        other.lines = self.lines
        return other

    def bounds(self, cell):
        """Give the least and the most of an unknown cell."""
        unknown, rows = self._around(cell)
        number = {c: i for i, c in enumerate(unknown)}
        matrix, limits = [], []
        for terms, low, high in rows:
            row = np.zeros(len(unknown))
            fixed = 0.0
            for c, factor in terms.items():
                if c in number:
                    row[number[c]] += factor
                else:
                    fixed += factor * self.known[c]
            for sign, end in ((1.0, high), (-1.0, -low)):
                if np.isfinite(end):
                    matrix.append(sign * row)
                    limits.append(end - sign * fixed + ALMOST)
        bounds = [(self.least.get(c, 0.0), None) for c in unknown]
        ends = [self._solve(sign, number[cell], matrix, limits, bounds) for sign in (1.0, -1.0)]
        return ends[0], ends[1]

    @staticmethod
    def _solve(sign, column, matrix, limits, bounds):
        cost = np.zeros(len(bounds))
        cost[column] = sign
        inequalities = {"A_ub": csr_array(np.array(matrix)), "b_ub": limits} if matrix else {}
        found = linprog(cost, bounds=bounds, **inequalities)
        if found.status == 3:
            return np.inf
        if found.status != 0:
            raise ValueError(f"the attacker's figures contradict one another: {found.message}")
        return sign * found.fun

    def _around(self, cell):
        if self.at is None:
            self.at = defaultdict(list)
            for number, (terms, *_) in enumerate(self.lines):
                for c in terms:
                    if c not in self.known:
                        self.at[c].append(number)
        seen, near, rows = {cell: None}, [cell], {}
        while near:
            for number in self.at[near.pop()]:
                if number not in rows:
                    rows[number] = self.lines[number]
                    for c in self.lines[number][0]:
                        if c not in self.known and c not in seen:
                            seen[c] = None
                            near.append(c)
        return list(seen), list(rows.values())
