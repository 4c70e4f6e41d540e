"""Targets that nothing reaches are lowered; a table of them is not refused."""

import numpy as np
import pytest
import scipy.sparse as sp

from obs.disclosure.feasible.cheapest_move import CheapestMoves
from obs.disclosure.feasible.linear_system import System
from obs.disclosure.feasible.moves import Moves, Target, list_targets
from obs.disclosure.suppress.attainable import all_attainable, attainable, avoidable
from obs.disclosure.suppress.secondary import protect_block
from tests.disclosure.sdc_cases import make_system

# Two rows of two cells, each at least 1, with their totals. The first cell is 3 and should be
# able to be 1: its row and its column, which are at least 4 and 5, can go no lower than that.
VALUE = np.array([3.0, 2, 5, 4, 1, 5, 7, 3, 10])
LOWER = np.array([1.0, 1, 4, 1, 1, 1, 5, 1, 1])


def crossed():
    rows, columns, signs = [], [], []
    sums = [(2, 0, 1), (5, 3, 4), (8, 6, 7), (6, 0, 3), (7, 1, 4), (8, 2, 5)]
    for i, (total, *parts) in enumerate(sums):
        for cell, sign in ((total, -1.0), *((p, 1.0) for p in parts)):
            rows.append(i)
            columns.append(cell)
            signs.append(sign)
    primary = np.arange(9) == 0
    fixed = np.isin(np.arange(9), [1, 3])
    return System(
        value=VALUE,
        lower=LOWER,
        upper=np.full(9, np.inf),
        hidden=primary.copy(),
        fixed=fixed,
        need_low=np.where(primary, 1.0, np.nan),
        need_high=np.where(primary, 10.0, np.nan),
        weight=np.ones(9),
        owner=np.full(9, -1),
        equations=sp.csr_array(sp.coo_array((signs, (rows, columns)), shape=(6, 9))),
    )


def test_a_target_that_sums_of_shown_figures_stop_is_lowered():
    """The row can go from 5 to 4 and the column from 7 to 5: the cell from 3 to 2."""
    system = crossed()
    moves = sorted(t.move for t in attainable(system, list_targets(system), by_solver=True))
    assert moves == [-1.0, 7.0]


def test_a_block_with_such_a_target_is_protected_as_far_as_can_be(monkeypatch):
    monkeypatch.setattr("obs.disclosure.suppress.attainable._plainly_attainable", lambda *_: True)
    found = protect_block(crossed())
    assert found.hidden[[0, 2, 6]].all()


def test_what_can_be_reached_is_asked_for_as_it_is():
    system = crossed()
    system.fixed[:] = False
    system.lower[:] = 0.0
    assert len(attainable(system, list_targets(system), by_solver=True)) == 2


@pytest.mark.parametrize(
    ("fixed", "knows", "kept"),
    [
        ([], [], [7.0]),  # the total can rise by 7
        ([2], [], [4.0]),  # the 5 can fall to 1
        ([2], [1], []),  # who knows the 5 knows the 3
        ([1], [2], []),
    ],
)
def test_an_insider_s_end_is_promised_as_far_as_hiding_more_can_keep_it(fixed, knows, kept):
    """3 + 5 = 8, the 3 withheld: it should be able to be 10."""
    system = make_system([3, 5, 8], [(2, [0, 1])], np.array([True, False, False]))
    system.lower[:] = 1.0
    system.fixed[fixed] = True
    system.owner[knows] = 6
    assert [t.move for t in avoidable(system, [Target(0, 7.0, owner=6)])] == kept


def test_ends_that_are_reached_are_not_asked_of_the_furthest_move(monkeypatch):
    """The furthest move takes a hundred times the work of the cheapest: large tables did not end."""
    system = make_system([3, 5, 8], [(2, [0, 1])], np.array([True, False, False]))
    monkeypatch.setattr(CheapestMoves, "furthest", None)
    monkeypatch.setattr(Moves, "furthest", None)
    asked = [Target(0, 7.0, owner=6), Target(0, -1.0, owner=6)]
    assert avoidable(system, asked) == asked


def test_a_target_is_in_reach_of_what_may_be_hidden_and_is_not_yet():
    """3 + 5 + 8 = 16 with the 16 published before: the 5 and the 8 can give, once they are hidden."""
    system = make_system([3, 5, 8, 16], [(3, [0, 1, 2])], np.arange(4) == 0)
    system.fixed[3] = True
    assert all_attainable(system)
    system.fixed[1:] = True
    assert not all_attainable(system)


def test_a_sum_that_may_not_rise_so_far_is_not_plainly_in_reach():
    """The 3 should be able to be 10; the 5 and the 8 cannot fall, and the 16 can rise by two."""
    system = make_system([3, 5, 8, 16], [(3, [0, 1, 2])], np.arange(4) == 0, cover=[10, 0, 0, 0])
    system.lower[1:3] = [5, 8]
    assert all_attainable(system)
    system.upper[3] = 18
    assert not all_attainable(system)
