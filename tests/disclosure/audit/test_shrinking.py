"""The audit's program made smaller: the same ends as one linear program per cell and end."""

import numpy as np
import pytest
from scipy.optimize import linprog

from obs.disclosure.audit.attack_bounds import bound_cells
from obs.errors import DisclosureError


def draw(seed):
    """Draw a table of places, zones and Region by form, some cells seen; give its sums."""
    rng = np.random.default_rng(seed)
    places, forms = int(rng.integers(2, 7)), int(rng.integers(1, 5))
    zone = rng.integers(0, 2, places)
    base = rng.poisson(rng.lognormal(1, 1), (places, forms))
    table = np.vstack([base, [base[zone == z].sum(axis=0) for z in (0, 1)], base.sum(axis=0)])
    table = np.column_stack([table, table.sum(axis=1)])
    number = np.arange(table.size).reshape(table.shape)
    sums = [(int(row[-1]), row[:-1].tolist()) for row in number]
    for column in number.T:
        sums += [(int(column[places + z]), column[:places][zone == z].tolist()) for z in (0, 1)]
        sums.append((int(column[-1]), column[places : places + 2].tolist()))
    value = table.ravel().astype(float)
    seen = rng.random(value.size) < rng.uniform(0.05, 0.8)
    least = np.where(rng.random(value.size) < 0.5, np.minimum(value, rng.integers(0, 4)), 0.0)
    return sums, value, seen, least


def solve(sums, value, seen, least, cell, sign):
    """Give one end by one program over every cell, nothing left out."""
    matrix = np.zeros((len(sums), len(value)))
    for row, (total, parts) in enumerate(sums):
        matrix[row, total] -= 1
        matrix[row, parts] += 1
    bounds = [(v, v) if s else (low, None) for v, s, low in zip(value, seen, least, strict=True)]
    cost = sign * (np.arange(len(value)) == cell)
    found = linprog(cost, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=bounds)
    assert found.status in (0, 3), found.message
    return sign * found.fun if found.status == 0 else -sign * np.inf


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_every_end_is_that_of_a_program_over_all_cells(seed):
    sums, value, seen, least = draw(seed)
    known = {int(c): value[c] for c in np.flatnonzero(seen)}
    asked = [int(c) for c in np.flatnonzero(~seen)]
    low, high = bound_cells(sums, known, least=least, asked=asked)
    for cell in asked:
        assert low[cell] == np.ceil(solve(sums, value, seen, least, cell, 1) - 1e-6), cell
        assert high[cell] == np.floor(solve(sums, value, seen, least, cell, -1) + 1e-6), cell


def test_a_total_that_is_more_than_its_parts_must_be_stays_in_the_program():
    """20 = t + u, t = a + b at least 8, u = c + d at least 2: a may be 0 to 18, b is 8 - a or more."""
    sums = [(0, [1, 2]), (1, [3, 4]), (2, [5, 6])]
    least = np.array([0, 8, 2, 0, 0, 0, 0], dtype=float)
    low, high = bound_cells(sums, {0: 20.0}, least=least, asked=range(1, 7))
    assert low[1:].tolist() == [8, 2, 0, 0, 0, 0]
    assert high[1:].tolist() == [18, 12, 18, 18, 12, 12]
    low, high = bound_cells(sums, {0: 20.0, 3: 3.0}, least=least, asked=range(4, 7))
    assert low[4] == 5
    assert high[4] == 15


def test_a_hidden_total_of_one_hidden_part_says_what_its_part_is():
    sums = [(0, [1, 2]), (1, [3])]
    low, high = bound_cells(sums, {0: 9.0}, least=np.array([0, 4, 1, 2.0]), asked=[1, 2, 3])
    assert (low[1:].tolist(), high[1:].tolist()) == ([4, 1, 4], [8, 5, 8])


@pytest.mark.parametrize(
    "known", [{0: 5.0, 1: 2.0, 2: 2.0}, {0: 1.0}, {0: 6.0, 3: 1.0}], ids=["rest", "three", "two"]
)
def test_figures_that_contradict_each_other_are_refused(known):
    """5 = 2 + 2 + at least 2; 1 = three of at least 2; 1 = two of at least 2."""
    sums = [(0, [1, 2, 3]), (4, [1, 2]), (4, [3])]
    with pytest.raises(DisclosureError, match="contradicts"):
        bound_cells(sums, known, least=np.full(5, 2.0), asked=[1, 2, 3, 4])


@pytest.mark.slow
def test_thousands_of_places_that_are_alike_are_one_question(solver_runs):
    """Two classes and their sum in 3,000 places under shown totals: 18,000 ends."""
    n = 3_000
    sums = [(3 * i, [3 * i + 1, 3 * i + 2]) for i in range(n)]
    tops = [3 * n, 3 * n + 1, 3 * n + 2]
    sums += [(top, [3 * i + k for i in range(n)]) for k, top in enumerate(tops)]
    known = {3 * n: 9_000.0, 3 * n + 1: 4_000.0, 3 * n + 2: 5_000.0}
    low, high = bound_cells(sums, known, least=np.zeros(3 * n + 3), asked=range(3 * n))
    assert len(solver_runs) < 10  # of 18,000 ends
    assert (low[: 3 * n] == 0).all()
    assert high[:3].tolist() == [9_000, 4_000, 5_000]
