"""What is done where the solver stops, fails or takes too long; which moves are remembered: by hand."""

from importlib import import_module

import highspy
import numpy as np
import pytest

from obs.disclosure.feasible.cheapest_move import CheapestMoves
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.moves import Moves, Target
from obs.errors import DisclosureError
from tests.disclosure.feasible.test_moves_by_hand import everything, small

STATUS = highspy.HighsModelStatus
ONES = np.ones(4)


class Stopping:
    """A solver that says of its first runs that they stopped."""

    def __init__(self, solver, *said):
        self.solver, self.said, self.runs, self.options = solver, list(said), 0, []

    def __getattr__(self, name):
        return getattr(self.solver, name)

    def run(self):
        self.runs += 1
        return self.solver.run()

    def setOptionValue(self, name, value):  # noqa: N802 (of HiGHS)
        self.options.append((name, value))
        return self.solver.setOptionValue(name, value)

    def getModelStatus(self):  # noqa: N802 (of HiGHS)
        if self.runs <= len(self.said):
            return self.said[self.runs - 1]
        return self.solver.getModelStatus()


def stopping(mover, *said):
    mover.solver = Stopping(mover.solver, *said)
    return mover


def test_an_attack_that_stops_is_tried_another_way():
    mover = stopping(Moves(small(), np.array([1.0, 1, 0, 0])), STATUS.kUnknown)
    moves, _ = mover.furthest(Target(0, 4.0))
    assert moves[0] == pytest.approx(4)
    assert mover.solver.runs == 2
    assert mover.solver.options == [("simplex_strategy", 1), ("simplex_strategy", 4)]
    twice = stopping(Moves(small(), np.array([1.0, 1, 0, 0])), *[STATUS.kUnknown] * 2)
    with pytest.raises(DisclosureError, match="failed to attack a choice; nothing is released"):
        twice.furthest(Target(0, 4.0))


@pytest.mark.parametrize("status", [STATUS.kInfeasible, STATUS.kUnknown])
def test_a_move_that_cannot_fail_and_fails_stops_the_release(status):
    said = "failed to move a table; nothing is released"
    with pytest.raises(DisclosureError, match=said):
        stopping(everything(small()), status).together([Target(0, 2.0)], ONES)
    with pytest.raises(DisclosureError, match=said):
        stopping(everything(small()), status).furthest(Target(0, 2.0))


def test_a_target_that_no_move_reaches_is_none_and_an_unknown_end_is_refused():
    for status in (STATUS.kInfeasible, STATUS.kUnboundedOrInfeasible):
        assert stopping(everything(small()), status).reach(Target(0, 2.0), ONES, whole=True) is None
    with pytest.raises(DisclosureError, match="failed to move a table"):
        stopping(everything(small()), STATUS.kTimeLimit).reach(Target(0, 2.0), ONES, whole=True)


def test_a_move_that_goes_too_far_is_taken_in_leaps(monkeypatch):
    mover = stopping(everything(small()), STATUS.kIterationLimit)
    found = mover.reach(Target(0, 2.0), np.array([0.0, 5, 1, 9]), whole=True)
    assert found.tolist() == [2, 0, -2, 0]  # twice a move of one
    assert mover.solver.runs == 2
    many = stopping(everything(small()), STATUS.kIterationLimit)
    assert many.together([Target(0, 2.0)], ONES) is None
    assert many.far
    lost = stopping(everything(small()), STATUS.kIterationLimit)
    monkeypatch.setattr(lost, "scaled_move", lambda *_: None)
    assert lost.reach(Target(0, 2.0), ONES, whole=True, search=False) is None
    again = stopping(everything(small()), STATUS.kIterationLimit)
    monkeypatch.setattr(again, "scaled_move", lambda *_: None)
    assert again.reach(Target(0, 2.0), ONES, whole=True)[0] == 2  # searched for


def test_a_search_that_stops_gives_what_it_has_if_it_fits():
    for fits, found in ((0.0, 2.0), (1.0, None)):
        mover = stopping(everything(small()), STATUS.kSolutionLimit)
        mover._fits = lambda _, fits=fits: fits < 1e-6
        made = mover.reach(Target(0, 2.0), ONES, whole=True)
        assert (None if made is None else made[0]) == found


HALVES = [(4, [0, 1]), (5, [1, 2]), (6, [0, 2])]


def triangle():
    """Three figures, two by two in three sums of which one is shown: halves answer it."""
    system = small(values=(4, 5, 6, 9, 9, 11, 10, 9), sums=HALVES, primary=(0,))
    system.fixed[:] = False
    return system


def test_a_move_in_halves_is_sought_again_in_whole_numbers():
    """0 and 1 go together against 4, 1 and 2 against 5, 0 and 2 against 6."""
    system = triangle()
    may = np.isin(np.arange(8), [0, 1, 2, 4, 5, 6])
    mover = CheapestMoves(system, may)
    price = np.array([1.0, 1, 1, 1, 0.1, 0.1, 0.1, 1])
    found = mover.reach(Target(4, 1.0), price, whole=True)
    assert (found == np.round(found)).all()
    assert found[4] == 1
    assert np.abs(system.equations @ found).max() == 0


# --- moves remembered --------------------------------------------------------------------


def vector(**moves):
    made = np.zeros(4)
    for cell, by in moves.items():
        made[int(cell[1:])] = by
    return made


def test_a_move_proves_what_it_reaches_for_all_but_those_who_know_it():
    system = small(primary=(0, 1))
    system.owner[1] = 7
    targets = [Target(0, 2.0), Target(0, 3.0), Target(0, -1.0), Target(0, 2.0, owner=7)]
    targets += [Target(0, 2.0, owner=8), Target(1, -2.0)]
    known = KnownMoves(system, targets)
    assert known.reaches(vector(c0=2, c1=-2)).tolist() == [0, 4, 5]
    assert known.reaches(vector(c0=2, c2=-2)).tolist() == [0, 3, 4]
    assert known.reaches(vector(c0=2 - 5e-7, c2=-2)).tolist() == [0, 3, 4]
    assert known.reaches(vector(c0=1.99, c2=-2)).tolist() == []
    assert known.reaches(vector()).tolist() == []
    assert known.reaches(vector(c2=1, c3=1)).tolist() == []
    assert KnownMoves(system, []).reaches(vector(c0=2)).tolist() == []


def test_a_target_is_proved_where_a_move_touches_hidden_cells_only():
    system = small(primary=(0, 1))
    known = KnownMoves(system, [Target(0, 2.0), Target(1, -1.0)])
    assert known.unproved(np.ones(4, dtype=bool)) == known.targets
    assert known.add(vector(c0=2, c2=-2)).tolist() == [0]
    assert known.add(vector(c3=1)).tolist() == []
    assert len(known.moves) == 1
    for hidden, left in (([0, 2], [1]), ([0, 1, 2], [1]), ([0, 1], [0, 1]), ([2, 3], [0, 1])):
        flags = np.isin(np.arange(4), hidden)
        assert known.unproved(flags) == [known.targets[i] for i in left]
        assert known.moves_within(flags).tolist() == [left == [1]]
    known.add_targets([Target(0, 1.0), Target(0, 2.0)])
    assert len(known.targets) == 3
    assert known.unproved(np.isin(np.arange(4), [0, 2])) == [known.targets[1]]


def test_the_oldest_moves_are_forgotten_first(monkeypatch):
    monkeypatch.setattr(import_module("obs.disclosure.feasible.known_moves"), "_MOST_MOVES", 8)
    known = KnownMoves(small(primary=(0, 1)), [Target(0, 2.0), Target(1, 2.0)])
    known.add(vector(c1=2, c3=2))
    for more in range(8):
        known.unproved(np.ones(4, dtype=bool))
        known.add(vector(c0=2 + more, c2=-2 - more))
    assert [m[0] for m in known.moves] == [3, 4, 5, 6, 7, 8, 9]  # the two oldest of eight are gone
    assert len(known.touched) == len(known.reached) == 7
    assert known.unproved(np.ones(4, dtype=bool)) == [Target(1, 2.0)]
