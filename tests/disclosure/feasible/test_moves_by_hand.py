"""Moves of a table of a few cells, by hand: how far, at what price, known to whom."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import linprog

from obs.disclosure.feasible.cheapest_move import CheapestMoves
from obs.disclosure.feasible.exchangeable import not_exchangeable, spread_evenly
from obs.disclosure.feasible.linear_system import binding_equations, blocks, informative_equations
from obs.disclosure.feasible.moves import Moves, Target, list_targets
from obs.disclosure.suppress.attainable import all_attainable, attainable
from obs.errors import DisclosureError
from tests.disclosure.sdc_cases import make_system

SUM = [(3, [0, 1, 2])]  # the fourth cell is the sum of the three before


def small(values=(3, 5, 8, 16), sums=SUM, primary=(0,), **options):
    flags = np.isin(np.arange(len(values)), primary)
    return make_system(values, sums, flags, **options)


def everything(system):
    return CheapestMoves(system, np.ones(len(system.value), dtype=bool))


@pytest.mark.parametrize(
    ("move", "reached", "still"),
    [(4.0, [4.0, 5.0], [3.999, -4.0, 0.0]), (-2.0, [-2.0, -3.0], [-1.999, 2.0, 0.0])],
)
def test_a_target_is_reached_its_way_and_at_its_size(move, reached, still):
    target = Target(1, move)
    assert target.size == abs(move)
    for found, wanted in ((reached, True), (still, False)):
        assert {target.reached(np.array([9.0, m])) for m in found} == {wanted}


def test_targets_are_both_ends_of_each_sensitive_cell_the_largest_first():
    system = small(primary=(0, 1), cover=[10, 6, 0, 0])
    system.need_low[:2] = [1, 5]
    assert [(t.cell, t.move) for t in list_targets(system)] == [(0, 7.0), (0, -2.0), (1, 1.0)]
    assert system.sensitive.tolist() == [True, True, False, False]


def test_the_cheapest_move_goes_through_the_cheapest_cells():
    system = small()
    mover = everything(system)
    price = np.array([0.0, 5.0, 1.0, 9.0])
    assert mover.reach(Target(0, 2.0), price, whole=True).tolist() == [2, 0, -2, 0]
    assert mover.reach(Target(0, -2.0), price, whole=True).tolist() == [-2, 0, 2, 0]
    beyond = mover.reach(Target(0, 9.0), price, whole=True)
    assert beyond.tolist() == [9, -2, -7, 0]  # the eight goes to one at most
    assert mover.reach(Target(0, -3.0), price, whole=True) is None  # every figure is one at least


def test_what_an_insider_knows_does_not_move():
    system = small()
    system.owner[2] = 7
    price = np.array([0.0, 5.0, 1.0, 9.0])
    assert everything(system).reach(Target(0, 2.0, owner=7), price, whole=True).tolist() == [
        2,
        -2,
        0,
        0,
    ]
    assert everything(system).reach(Target(0, 2.0), price, whole=True).tolist() == [2, 0, -2, 0]


def test_a_fixed_cell_stays_until_it_is_freed():
    mover, price = everything(small()), np.array([0.0, 5.0, 1.0, 9.0])
    mover.fix_cell(2)
    assert mover.reach(Target(0, 2.0), price, whole=True).tolist() == [2, -2, 0, 0]
    mover.free_cell(2)
    assert mover.reach(Target(0, 2.0), price, whole=True).tolist() == [2, 0, -2, 0]


def test_the_furthest_move_stops_at_the_target_or_at_the_limits():
    system = small(values=(3, 5, 8, 16))
    mover = CheapestMoves(system, np.array([True, True, False, False]))
    assert mover.furthest(Target(0, 9.0))[0] == pytest.approx(4)  # the five falls to one
    assert mover.furthest(Target(0, 2.0))[0] == pytest.approx(2)
    assert mover.furthest(Target(0, -9.0))[0] == pytest.approx(-2)
    assert mover.furthest(Target(0, 9.0))[[2, 3]].tolist() == [0, 0]


def test_a_scaled_move_is_whole():
    """Three shares of a sum must rise together: each by a third of what the other sum gives."""
    system = small()
    found = everything(system).scaled_move(Target(0, 2.0), np.array([0.0, 5.0, 1.0, 9.0]))
    assert found[0] >= 2
    assert (found == np.round(found)).all()
    assert (system.equations @ found == 0).all()
    far = CheapestMoves(system, np.array([True, True, False, False]))
    assert far.scaled_move(Target(0, 9.0), np.ones(4)) is None


def test_many_targets_are_reached_together():
    system = small(primary=(0, 1))
    found = everything(system).together([Target(0, 2.0), Target(1, -3.0)], np.ones(4))
    assert found[:2] == pytest.approx([2, -3])
    assert system.equations @ found == pytest.approx([0])


def test_an_attack_that_fails_says_what_must_be_hidden():
    system = small()
    chosen = np.array([1.0, 0, 0, 0])
    moves, cut = Moves(system, chosen).attack(Target(0, 4.0))
    assert moves[0] == pytest.approx(0)
    assert cut.tolist() == pytest.approx([0, 1, 1, 1])  # any one of the others can take it up
    far = Moves(system, chosen).attack(Target(0, 7.0))[1]
    assert far.tolist() == pytest.approx([0, 4 / 7, 1, 1])  # the five falls by four at most
    moves, cut = Moves(system, np.array([1.0, 1, 0, 0])).attack(Target(0, 4.0))
    assert cut is None
    assert moves[:2] == pytest.approx([4, -4])


def test_a_half_hidden_cell_moves_half_as_far():
    moves, _ = Moves(small(), np.array([1.0, 0.5, 0, 0])).furthest(Target(0, 4.0))
    assert moves[0] == pytest.approx(2)
    owned = small()
    owned.owner[1] = 3
    stuck, _ = Moves(owned, np.array([1.0, 1, 0, 0])).furthest(Target(0, 4.0, owner=3))
    assert stuck[0] == pytest.approx(0)


def test_targets_that_no_move_reaches_are_given_with_the_nearest_move():
    mover = Moves(small(), np.array([1.0, 1, 0, 0]))
    lost = mover.unreachable([Target(0, 4.0), Target(0, 5.0), Target(0, -2.0)])
    assert [t.move for t in lost] == [5.0]
    assert lost[Target(0, 5.0)][0] == pytest.approx(4)


def test_only_zeros_fixed_leave_every_target_in_reach():
    system = small(values=(3, 0, 8, 11))
    assert all_attainable(system)
    assert attainable(system, list_targets(system)) == list_targets(system)
    system.fixed[2:] = True
    assert not all_attainable(system)
    with pytest.raises(DisclosureError, match=r"1 withheld figure\(s\) stay known whatever else"):
        attainable(system, list_targets(system))


# --- cells alike -------------------------------------------------------------------------


def test_cells_alike_trade_with_one_another():
    system = small(values=(3, 5, 2, 10), primary=(0, 1, 2))
    asked = [Target(0, 5.0), Target(0, 6.0), Target(0, -2.0), Target(1, 3.0), Target(1, 4.0)]
    left = not_exchangeable(system, asked)
    # others give four and one; two and one: 6 and 4 are beyond them
    assert [(t.cell, t.move) for t in left] == [(0, 6.0), (1, 4.0)]
    assert not_exchangeable(system, [Target(0, -3.0)]) == [Target(0, -3.0)]  # it is one at least
    assert not_exchangeable(system, [Target(0, 1.0, owner=2)]) == [Target(0, 1.0, owner=2)]


def test_the_cells_of_any_one_owner_are_not_counted_on():
    system = small(values=(3, 5, 2, 10), primary=(0, 1, 2))
    system.owner[1] = 7
    asked = [Target(0, 1.0), Target(0, 2.0)]
    assert not_exchangeable(system, asked) == [Target(0, 2.0)]  # without the five, one can give one
    system.owner[0] = 7  # its own owner: the five is his too
    assert not_exchangeable(system, asked) == [Target(0, 2.0)]


def test_an_assumed_total_is_shared_evenly():
    system = small(values=(3, 5, 3, 11), primary=(0, 1, 2))
    even = spread_evenly(system.equations, system.value, system.hidden)
    assert sorted(even[:3].tolist()) == [3, 4, 4]
    assert even[3] == 11
    halves = spread_evenly(system.equations, np.array([0.5, 1, 1, 2.5]), system.hidden)
    assert halves[:3] == pytest.approx([2.5 / 3] * 3)
    alone = spread_evenly(system.equations, system.value, np.arange(4) == 0)
    assert alone.tolist() == [3, 5, 3, 11]


# --- equations ---------------------------------------------------------------------------


def test_an_equation_whose_total_is_hidden_and_free_tells_nothing():
    def kept(**changes):
        system = small(primary=())
        system.hidden[3] = changes.pop("hidden", True)
        for name, (cell, value) in changes.items():
            getattr(system, name)[cell] = value
        return informative_equations(system).tolist()

    assert kept() == []
    assert kept(hidden=False) == [0]
    assert kept(upper=(3, 99.0)) == [0]
    assert kept(need_high=(3, 20.0)) == [0]
    assert kept(lower=(3, 4.0)) == [0]  # above the three ones of its parts
    assert kept(lower=(3, 3.0)) == []


def test_an_equation_goes_when_the_one_that_used_its_total_is_gone():
    sums = [(2, [0, 1]), (4, [2, 3])]
    system = small(values=(3, 5, 8, 4, 12), sums=sums, primary=())
    system.hidden[[2, 4]] = True
    assert informative_equations(system).tolist() == []
    system.hidden[4] = False
    assert informative_equations(system).tolist() == [0, 1]


def test_an_equation_far_from_binding_goes():
    """A hidden cell in one equation alone takes up what three others add."""
    system = small(values=(3, 5, 90, 98), primary=(0,))
    system.hidden[2] = True
    system.upper[2] = 180.0
    every = np.array([0])
    assert binding_equations(system, every, limit=29.0).tolist() == []  # 89 down: 3 times 29 is 87
    assert binding_equations(system, every, limit=30.0).tolist() == [0]
    system.hidden[2] = False
    assert binding_equations(system, every, limit=1.0).tolist() == [0]


def test_blocks_hold_a_sensitive_cell_each():
    sums = [(2, [0, 1]), (5, [3, 4]), (8, [6, 7])]
    system = small(values=(3, 5, 8, 2, 9, 11, 4, 4, 8), sums=sums, primary=(0, 3))
    found = [(c.tolist(), r.tolist()) for c, r in blocks(system, np.arange(3))]
    assert found == [([0, 1, 2], [0]), ([3, 4, 5], [1])]
    system.fixed[[1, 2]] = True
    apart = [c.tolist() for c, _ in blocks(system, np.arange(3))]
    assert apart == [[0], [3, 4, 5]]
    part = system.take(np.array([3, 4, 5]), np.array([1]))
    assert part.value.tolist() == [2, 9, 11]
    assert sp.csr_array(part.equations).toarray().tolist() == [[1, 1, -1]]


# --- against SciPy -----------------------------------------------------------------------


def crossed(rng):
    """Draw a table of two rows of three with its sums; each shown figure is at least one."""
    a = rng.integers(0, 9, (2, 3)).astype(float)
    whole = np.block([[a, a.sum(axis=1, keepdims=True)], [a.sum(axis=0), a.sum()]])
    at = np.arange(12).reshape(3, 4)
    sums = [(row[3], row[:3].tolist()) for row in at]
    sums += [(column[2], column[:2].tolist()) for column in at.T]
    system = make_system(whole.ravel(), sums, np.arange(12) == rng.integers(0, 6))
    system.owner[:] = rng.integers(-1, 3, 12)
    return system


@pytest.mark.parametrize("seed", range(8))
def test_the_furthest_move_is_that_of_a_plain_program(seed):
    rng = np.random.default_rng(seed)
    system = crossed(rng)
    may = system.hidden | (rng.random(12) < 0.7)
    (cell,) = np.flatnonzero(system.hidden)
    for owner in (-1, 0):
        held = ~may | ((system.owner == owner) & (owner >= 0))
        if held[cell]:
            continue
        least = float(system.value[cell] - system.lower[cell])  # no target is below what may be
        for sign, size in ((1.0, 5.0), (-1.0, least)) if least else ((1.0, 5.0),):
            down, up = system.lower - system.value, np.full(12, np.inf)
            limits = [(0, 0) if h else (lo, hi) for h, lo, hi in zip(held, down, up, strict=True)]
            plain = linprog(
                -sign * np.eye(12)[cell],
                A_eq=system.equations.toarray(),
                b_eq=np.zeros(system.equations.shape[0]),
                bounds=limits,
            )
            most = min(size, np.inf if plain.status == 3 else -plain.fun)
            target = Target(int(cell), sign * size, owner)
            mover = CheapestMoves(system, may)
            assert abs(mover.furthest(target)[cell]) == pytest.approx(most, abs=1e-6)
            moves, cut = Moves(system, may.astype(float)).attack(target)
            reached = most >= size - 1e-6
            assert (cut is None) == reached
            assert np.abs(system.equations @ moves).max() == pytest.approx(0, abs=1e-6)
            assert not moves[held].any()
            found = mover.reach(target, np.ones(12), whole=True)
            assert (found is not None) == reached
            if reached:
                assert found[cell] == sign * size
                assert np.abs(system.equations @ found).max() == 0
                assert (system.value + found >= system.lower).all()
            else:
                assert may @ cut < 1
                assert (system.hidden @ cut) <= 1
