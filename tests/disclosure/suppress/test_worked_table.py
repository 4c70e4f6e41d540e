"""The table that docs/suppression.md works through by hand."""

import numpy as np
import pytest

from obs.disclosure.feasible.moves import Moves, Target
from obs.disclosure.suppress.secondary import EFFORTS, protect_block
from tests.disclosure.sdc_cases import bounds, make_system, sums_of

PLACES, OFFENCES = ("A", "B", "C", "town"), ("theft", "fraud", "arson", "all")
COUNTS = [20, 3, 40, 63, 30, 25, 50, 105, 45, 60, 30, 135, 95, 88, 120, 303]
KEYS = [(place, offence) for place in PLACES for offence in OFFENCES]
SUMS = sums_of(KEYS, [{"town": ["A", "B", "C"]}, {"all": ["theft", "fraud", "arson"]}])
SMALL = KEYS.index(("A", "fraud"))


@pytest.fixture
def system():
    flags = np.arange(len(KEYS)) == SMALL
    made = make_system(COUNTS, SUMS, flags, cover=np.where(flags, 10, np.nan))
    made.need_low[SMALL] = 1
    return made


def names(hidden):
    return {" ".join(KEYS[i]) for i in np.flatnonzero(hidden)}


@pytest.mark.parametrize("effort", list(EFFORTS))
def test_the_least_loss_is_the_rectangle_of_75(system, effort):
    found = protect_block(system, effort=EFFORTS[effort])
    assert names(found.hidden) == {"A fraud", "A theft", "B theft", "B fraud"}
    assert (found.loss, found.bound) == (75, pytest.approx(75))
    low, high = bounds(system, SUMS, found.hidden)
    # fraud of B falls by 24 at most, but theft of A by 19: 3 + 19; and 3 falls to 1
    assert (low[SMALL], high[SMALL]) == (pytest.approx(1), pytest.approx(22))


def test_communes_that_know_their_own_figures_ask_for_a_second_rectangle(system):
    system.owner[:12] = np.repeat([0, 1, 2], 4)
    found = protect_block(system)
    rectangles = {"A fraud", "A theft", "B theft", "B fraud", "C theft", "C fraud"}
    assert names(found.hidden) == rectangles
    assert (found.loss, found.bound) == (180, pytest.approx(180))


def test_two_cells_of_45_are_cut_off_by_the_sums_that_leave_one_alone(system):
    """Theft of A alone in its column is known, so the row needs another cell, or the column."""
    chosen = system.hidden.copy()
    chosen[[KEYS.index(("A", "theft")), KEYS.index(("B", "fraud"))]] = True
    moves, cut = Moves(system, chosen.astype(float)).attack(Target(SMALL, 7.0))
    assert moves[SMALL] == pytest.approx(0)
    assert cut[chosen] == pytest.approx(0)
    for safe in ({"A theft", "B theft", "B fraud"}, {"A arson", "C arson", "C fraud"}):
        assert sum(cut[i] for i, key in enumerate(KEYS) if " ".join(key) in safe) >= 1
