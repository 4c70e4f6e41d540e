"""Bounds of withheld cells that a reader computes from sums, by hand."""

import numpy as np
import pytest
from scipy.optimize import linprog

from obs.disclosure.audit.attack_bounds import bound_cells
from obs.errors import DisclosureError


def bounds(equations, known, *, n, asked, least=None):
    floor = np.ones(n) if least is None else np.asarray(least, dtype=float)
    low, high = bound_cells(equations, known, least=floor, asked=asked)
    return {cell: (float(low[cell]), float(high[cell])) for cell in asked}


def test_parts_of_a_known_total():
    found = bounds([(0, [1, 2, 3])], {0: 12, 3: 5}, n=4, asked=[1, 2, 3])
    assert found == {1: (1, 6), 2: (1, 6), 3: (5, 5)}
    zeros = bounds([(0, [1, 2])], {0: 3}, n=3, asked=[1], least=[0, 0, 2])
    assert zeros == {1: (0, 1)}


def test_a_part_alone_is_known():
    assert bounds([(0, [1, 2])], {0: 12, 2: 9}, n=3, asked=[1]) == {1: (3, 3)}


def test_what_no_total_limits_has_no_upper_end():
    assert bounds([(0, [1, 2])], {1: 4}, n=3, asked=[0, 2]) == {0: (5, np.inf), 2: (1, np.inf)}
    assert bounds([], {0: 4}, n=2, asked=[0, 1]) == {0: (4, 4), 1: (1, np.inf)}


def test_crossed_sums_narrow_one_another():
    """Rows 3 and 9, columns 4 and 8: the first cell is 1 or 2, as is the one beside it."""
    rows = [(4, [0, 1]), (5, [2, 3]), (6, [0, 2]), (7, [1, 3])]
    found = bounds(rows, {4: 3, 5: 9, 6: 4, 7: 8}, n=8, asked=[0, 1, 2, 3])
    assert found == {0: (1, 2), 1: (1, 2), 2: (2, 3), 3: (6, 7)}


def test_ends_are_rounded_inwards():
    """Twice a cell is between 3 and 5 and a half: it is 2."""
    found = bounds([(2, [0, 0, 1])], {2: 5.5}, n=3, asked=[0], least=[1.5, 0.5, 0])
    assert found == {0: (2, 2)}


def test_vast_figures_keep_their_last_digit():
    found = bounds([(0, [1, 2])], {0: 7_000_000, 2: 6_999_990}, n=3, asked=[1])
    assert found == {1: (10, 10)}


def test_parts_that_have_no_sum_in_common_are_solved_apart():
    found = bounds([(0, [1, 2]), (3, [4, 5])], {0: 5, 3: 7}, n=6, asked=[1, 4])
    assert found == {1: (1, 4), 4: (1, 6)}


def test_figures_that_contradict_one_another_are_refused():
    with pytest.raises(DisclosureError, match="contradicts what is shown, or the solver failed"):
        bounds([(4, [0, 1]), (5, [0, 1])], {4: 3, 5: 9}, n=6, asked=[0])


def random_sums(rng):
    """Draw a table of whole numbers and sums over it: crossed, nested, with cells alike."""
    value = list(rng.integers(0, 9, rng.integers(3, 7)).astype(float))
    equations = []
    for _ in range(rng.integers(1, 5)):
        parts = rng.choice(len(value), size=rng.integers(1, min(4, len(value)) + 1), replace=False)
        equations.append((len(value), parts.tolist()))
        value.append(float(sum(value[p] for p in parts)))
    if rng.random() < 0.3:
        total, parts = equations[-1]  # a cell counted twice
        equations[-1] = (total, [*parts, parts[0]])
        value[total] += value[parts[0]]
    value = np.array(value)
    known = {int(c): float(value[c]) for c in np.flatnonzero(rng.random(len(value)) < 0.4)}
    least = np.where(value > 0, rng.integers(0, 2, len(value)), 0).astype(float)
    return value, equations, known, least


@pytest.mark.parametrize("seed", range(12))
def test_ends_are_those_of_a_plain_program(seed):
    """The independent source is SciPy on all cells and sums, nothing left out or joined."""
    value, equations, known, least = random_sums(np.random.default_rng(seed))
    n = len(value)
    matrix = np.zeros((len(equations), n))
    for i, (total, parts) in enumerate(equations):
        matrix[i, total] -= 1
        np.add.at(matrix[i], parts, 1)
    limits = [(known[c],) * 2 if c in known else (least[c], None) for c in range(n)]
    asked = [c for c in range(n) if c not in known]
    low, high = bound_cells(equations, known, least=least, asked=asked)
    for cell in asked:
        cost = np.eye(n)[cell]
        right = np.zeros(len(equations))
        down, up = (linprog(s * cost, A_eq=matrix, b_eq=right, bounds=limits) for s in (1, -1))
        assert low[cell] == np.ceil(down.fun - 1e-6)
        assert high[cell] == (np.inf if up.status == 3 else np.floor(-up.fun + 1e-6))
        assert low[cell] <= value[cell] <= high[cell]
