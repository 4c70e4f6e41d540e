"""The engine's parts on tables solved by hand, and whole answers against trying every pattern."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obs.disclosure.feasible.cheapest_move import CheapestMoves
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.moves import Moves, Target, list_targets
from obs.disclosure.suppress.greedy import complete_choice, prune
from obs.disclosure.suppress.insiders import insider_targets
from obs.disclosure.suppress.secondary import EFFORTS, protect_block
from obs.errors import DisclosureError
from tests.disclosure.sdc_cases import bounds, make_system, sums_of
from tests.draws import draws

ROW = [(3, [0, 1, 2])]  # 3 + 20 + 50 = 73


def row(cover=10):
    flags = np.array([True, False, False, False])
    return make_system([3, 20, 50, 73], ROW, flags, cover=np.where(flags, cover, np.nan))


def table(leaves, primary_below=5, cover=8):
    """Write a two-way table with its margins: rows and columns are parts of "all"."""
    rows, columns = leaves.shape
    keys = [(r, c) for r in [*range(rows), "all"] for c in [*range(columns), "all"]]
    totals = [{"all": list(range(rows))}, {"all": list(range(columns))}]
    value = [
        leaves[
            slice(None) if r == "all" else slice(r, r + 1),
            slice(None) if c == "all" else slice(c, c + 1),
        ].sum()
        for r, c in keys
    ]
    value = np.array(value, dtype=float)
    primary = (value > 0) & (value < primary_below)
    sums = sums_of(keys, totals)
    system = make_system(value, sums, primary, cover=np.where(primary, cover, np.nan))
    least, most = bounds(system, sums, system.hidden | ~system.fixed)
    system.need_low[primary] = np.minimum(value, np.maximum(1, least))[primary]  # none is lower
    system.need_high[primary] = np.minimum(cover, most)[primary]
    return system, sums


def is_safe(system, sums, hidden):
    low, high = bounds(system, sums, hidden)
    asked = system.sensitive
    return bool(
        (low[asked] <= system.need_low[asked]).all()
        and (high[asked] >= system.need_high[asked]).all()
    )


def keeps_insiders_out(system, sums, hidden):
    """Tell whether who knows a commune's figures leaves each small count of another its interval.

    Nearer ends are enough where those are known even if all is hidden.
    """
    for owner in set(system.owner.tolist()) - {-1}:
        others = system.owner != owner
        low, high = bounds(system, sums, hidden & others)
        least, most = bounds(system, sums, (system.hidden | ~system.fixed) & others)
        asked = system.sensitive & others
        wide = low <= np.maximum(system.need_low, least), high >= np.minimum(system.need_high, most)
        if not (wide[0] & wide[1])[asked].all():
            return False
    return True


def cheapest_pattern(system, sums):
    """Try every pattern, the least loss first, until one is safe, from insiders as well."""
    free_cell = np.flatnonzero(~system.hidden & ~system.fixed)
    patterns = [p for n in range(len(free_cell) + 1) for p in combinations(free_cell, n)]
    for pattern in sorted(patterns, key=lambda p: system.weight[list(p)].sum()):
        hidden = system.hidden.copy()
        hidden[list(pattern)] = True
        if is_safe(system, sums, hidden) and keeps_insiders_out(system, sums, hidden):
            return hidden
    return None


def least_loss(system, sums):
    hidden = cheapest_pattern(system, sums)
    return None if hidden is None else float(system.weight[hidden & ~system.hidden].sum())


@pytest.mark.slow
@pytest.mark.parametrize("seed", draws(1, 8, 40))
def test_no_pattern_of_a_small_table_loses_less(seed):
    rng = np.random.default_rng(seed)
    leaves = rng.poisson(rng.choice([3.0, 9.0, 30.0], (2, 3)))
    leaves[seed % 2, seed % 3] = 1 + seed % 4  # one count is small at least
    system, sums = table(leaves)
    least = least_loss(system, sums)
    if least is None:
        with pytest.raises(DisclosureError, match="coarser"):
            protect_block(system, effort=EFFORTS["thorough"])
        return
    found = protect_block(system, effort=EFFORTS["thorough"])
    assert is_safe(system, sums, found.hidden)
    assert found.loss <= least * 1.01 + 1e-9  # whole-number moves may ask for more, 1 % is allowed
    assert found.bound <= least + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("seed", draws(1, 8, 40))
def test_no_pattern_that_keeps_insiders_out_loses_less(seed):
    """Three communes by two categories; each commune knows its own row."""
    rng = np.random.default_rng(seed)
    leaves = rng.poisson(rng.choice([9.0, 30.0], (3, 2)))
    leaves[seed % 3, seed % 2] = 1 + seed % 4
    leaves[(seed + 1) % 3, seed % 2] = 1 + (seed // 3) % 4
    system, sums = table(leaves)
    system.owner[:] = [0, 0, 0, 1, 1, 1, 2, 2, 2, -1, -1, -1]
    least = least_loss(system, sums)
    found = protect_block(system, effort=EFFORTS["fast"])
    assert is_safe(system, sums, found.hidden)
    assert keeps_insiders_out(system, sums, found.hidden)
    assert found.bound <= least + 1e-6
    assert found.loss <= least * 1.01 + 1e-9


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), effort=st.sampled_from(list(EFFORTS)))
def test_every_count_of_a_random_table_is_safe_and_the_bound_holds(seed, effort):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 7, 2))
    system, sums = table(rng.poisson(rng.lognormal(2.0, 1.2, shape)))
    before = system.value.copy(), system.hidden.copy()
    low, high = bounds(system, sums, system.hidden | ~system.fixed)
    if (low == high)[system.sensitive].any():  # zeros and margins tell, whatever is hidden
        with pytest.raises(DisclosureError, match="coarser"):
            protect_block(system, effort=EFFORTS[effort])
        return
    found = protect_block(system, effort=EFFORTS[effort])
    assert is_safe(system, sums, found.hidden)
    assert not (found.hidden & system.fixed).any()
    assert found.bound <= found.loss + 1e-6
    np.testing.assert_array_equal(system.value, before[0])
    np.testing.assert_array_equal(system.hidden, before[1])


def test_the_same_table_gives_the_same_answer():
    system, _ = table(np.random.default_rng(3).poisson(8.0, (5, 6)))
    first, second = (protect_block(system, effort=EFFORTS["quick"]).hidden for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("limit", ["nodes", "pivots", "small", "pruning"])
def test_a_choice_is_safe_wherever_the_search_is_left(limit):
    system, sums = table(np.random.default_rng(3).poisson(8.0, (5, 6)))
    least = {"nodes": 1, "pivots": 1, "small": 0, "pruning": 0}[limit]
    left = protect_block(system, effort=replace(EFFORTS["fast"], **{limit: least}))
    assert is_safe(system, sums, left.hidden)
    ended = protect_block(system, effort=EFFORTS["thorough"])
    assert left.bound <= ended.bound + 1e-6 <= ended.loss + 2e-6
    assert ended.loss <= left.loss


def test_the_cheapest_way_up_hides_the_smaller_neighbour():
    system = row()
    price = np.array([0.0, 20.0, 50.0, 73.0])
    moves = CheapestMoves(system, np.ones(4, dtype=bool)).reach(Target(0, 7.0), price, whole=True)
    np.testing.assert_allclose(moves, [7, -7, 0, 0])


def test_a_cell_that_is_barred_does_not_move_until_it_is_freed():
    system = row()
    mover = CheapestMoves(system, np.ones(4, dtype=bool))
    mover.fix_cell(1)
    price = system.weight
    np.testing.assert_allclose(mover.reach(Target(0, 7.0), price, whole=True), [7, 0, -7, 0])
    mover.free_cell(1)
    np.testing.assert_allclose(mover.reach(Target(0, 7.0), price, whole=True), [7, -7, 0, 0])


def test_a_way_beyond_a_lower_bound_does_not_exist():
    assert (
        CheapestMoves(row(), np.array([True, True, False, False])).reach(
            Target(0, 25.0), np.ones(4), whole=False
        )
        is None
    )  # the neighbour of 20 can give 19


def test_a_way_by_halves_is_no_way_in_whole_numbers():
    """a + b, b + c, a + c all shown: a can only move with b and c by the same, so not at all."""
    sums = [(3, [0, 1]), (4, [1, 2]), (5, [0, 2])]
    flags = np.array([True] * 3 + [False] * 3)
    system = make_system([2, 2, 2, 4, 4, 4], sums, flags, cover=np.where(flags, 3, np.nan))
    only = CheapestMoves(system, flags)
    assert only.reach(Target(0, 1.0), np.ones(6), whole=False) is None
    found = protect_block(system)
    assert (found.hidden & ~flags).any()


def test_a_leap_takes_from_cells_that_have_room_for_all_of_it():
    system = row()
    mover = CheapestMoves(system, np.ones(4, dtype=bool))
    price = np.array([0.0, 20.0, 50.0, 73.0])
    np.testing.assert_allclose(mover.scaled_move(Target(0, 19.0), price), [19, -19, 0, 0])
    np.testing.assert_allclose(
        mover.scaled_move(Target(0, 25.0), price), [25, 0, -25, 0]
    )  # not 19 + 6


def test_a_leap_of_two_is_whole_where_a_move_of_one_is_in_halves():
    """a + x and b + x are shown, and t + a + b: t moves by two where x moves by one."""
    sums = [(4, [0, 1]), (5, [1, 2]), (6, [0, 2, 3])]
    values = [20, 20, 20, 3, 40, 40, 43]
    flags = np.array([True] * 4 + [False] * 3)
    system = make_system(values, sums, flags, cover=np.where(flags, np.add(values, 1), np.nan))
    mover = CheapestMoves(system, flags)
    assert mover.reach(Target(3, 1.0), np.ones(7), whole=True) is None
    np.testing.assert_allclose(
        mover.scaled_move(Target(3, 1.0), np.ones(7)), [-1, 1, -1, 2, 0, 0, 0]
    )


@pytest.mark.parametrize("seed", draws(2, 12, 60))
def test_every_count_is_safe_where_the_cheapest_moves_are_not_waited_for(seed, monkeypatch):
    asked = []
    scaled_move = CheapestMoves.scaled_move
    monkeypatch.setattr("obs.disclosure.feasible.cheapest_move._FAR", 1)  # pivots
    monkeypatch.setattr(
        CheapestMoves, "scaled_move", lambda *given: asked.append(1) or scaled_move(*given)
    )
    rng = np.random.default_rng(seed)
    system, sums = table(rng.poisson(rng.lognormal(2.5, 1.2, (5, 6))))
    found = protect_block(system, effort=EFFORTS["fast"])
    assert is_safe(system, sums, found.hidden)
    assert not (found.hidden & system.fixed).any()
    assert asked


def test_amounts_are_safe_where_the_cheapest_moves_are_not_waited_for(monkeypatch):
    monkeypatch.setattr("obs.disclosure.feasible.cheapest_move._FAR", 1)
    rng = np.random.default_rng(7)
    system, sums = table(rng.poisson(30.0, (5, 6)) / 10)
    found = protect_block(system)
    assert system.sensitive.any()
    assert is_safe(system, sums, found.hidden)


def test_a_known_move_serves_every_choice_that_hides_what_it_touches():
    system = row()
    up, down = Target(0, 7.0), Target(0, -2.0)
    proofs = KnownMoves(system, [up, down])
    assert proofs.add(np.array([7.0, -7, 0, 0])).tolist() == [0]
    pair = np.array([True, True, False, False])
    assert proofs.unproved(pair) == [down]
    assert proofs.unproved(np.array([True, False, True, False])) == [up, down]
    assert proofs.reaches(np.array([-2.0, 2, 0, 0])).tolist() == [1]


def test_a_move_of_his_own_figures_proves_nothing_to_an_insider():
    system = row()
    system.owner[1] = 7
    outsider, insider = Target(0, 1.0), Target(0, 1.0, owner=7)
    proofs = KnownMoves(system, [outsider])
    proofs.add(np.array([1.0, -1, 0, 0]))
    proofs.add_targets([insider])  # asked for after the move was found
    hidden = np.array([True, True, True, False])
    assert proofs.unproved(hidden) == [insider]
    proofs.add(np.array([1.0, 0, -1, 0]))
    assert proofs.unproved(hidden) == []


def test_an_end_that_an_insider_must_doubt_is_reached_by_moves_of_others():
    """5 of 1 + 5 + 50 = 56: who knows the 50 learns nothing of the 5 from a move of the 50."""
    sums = [(3, [0, 1, 2])]
    system = make_system([1, 5, 50, 56], sums, np.array([True, True, False, False]))
    system.owner[2] = 7
    up, down = Target(1, 1.0, owner=7), Target(1, -1.0, owner=7)
    lost = np.array([0.0, -1.0, 1.0, 0.0])
    assert down.reached(lost)
    assert not up.reached(lost)
    proofs = KnownMoves(system, [up, down])
    assert proofs.reaches(lost).tolist() == []  # who knows the 50 knows that it did not move
    assert proofs.reaches(np.array([1.0, -1.0, 0.0, 0.0])).tolist() == [1]


def test_an_insider_s_end_is_looked_for_in_its_own_direction():
    """Of 1 + 5 = 6 the 5 cannot rise: 1 is the least the other can be."""
    system = make_system([1, 5, 6], [(2, [0, 1])], np.array([True, True, False]))
    mover = CheapestMoves(system, np.array([True, True, False]))
    down, up = Target(1, -1.0, owner=7), Target(1, 1.0, owner=7)
    np.testing.assert_allclose(mover.reach(down, np.ones(3), whole=True), [1, -1, 0])
    assert mover.reach(up, np.ones(3), whole=True) is None


def test_a_cut_for_an_insider_asks_for_nothing_that_the_insider_knows():
    """5 of 1 + 5 = 6: to fall it needs the 1 or the total; who knows the 1 needs the total."""
    system = make_system([1, 5, 6], [(2, [0, 1])], np.array([False, True, False]))
    system.owner[0] = 7
    shown = Moves(system, system.hidden.astype(float))
    np.testing.assert_allclose(shown.attack(Target(1, -1.0))[1], [1, 0, 1])
    np.testing.assert_allclose(shown.attack(Target(1, -1.0, owner=7))[1], [0, 0, 1])
    _moves, none = Moves(system, np.array([0.0, 1.0, 1.0])).attack(Target(1, -1.0, owner=7))
    assert none is None


def test_who_is_the_only_partner_is_an_insider():
    system = row()
    system.owner[:3] = [0, 1, 2]
    hidden = np.array([True, True, False, False])
    proofs = KnownMoves(system, list_targets(system))
    complete_choice(system, hidden, proofs, whole=True)
    told = [Target(0, 7.0, owner=1)]  # 3 is to be able to be 10
    assert insider_targets(system, hidden, proofs, whole=True) == told
    assert insider_targets(system, hidden, proofs, whole=True, exempt=told) == []
    found = protect_block(system).hidden
    assert found.tolist() == [True, True, True, False]  # two partners: none knows the third


def test_a_move_that_clears_an_insider_is_not_looked_for_again(monkeypatch):
    system = row()
    system.owner[:3] = [0, 1, 2]
    hidden = np.array([True, True, True, False])
    proofs = KnownMoves(system, list_targets(system))
    complete_choice(system, hidden, proofs, whole=True)
    assert insider_targets(system, hidden, proofs, whole=True) == []
    for question in ("together", "reach"):
        monkeypatch.setattr(
            CheapestMoves, question, lambda *_given, **_more: pytest.fail("asked again")
        )
    assert insider_targets(system, hidden, proofs, whole=True) == []


def test_an_amount_is_kept_from_insiders_by_as_much_as_from_readers():
    """An amount that need move by a half only."""
    system = row(cover=3.5)
    system.owner[:3] = [0, 1, 2]
    hidden = np.array([True, True, False, False])
    proofs = KnownMoves(system, [Target(0, 0.5)])
    complete_choice(system, hidden, proofs, whole=False)
    assert insider_targets(system, hidden, proofs, whole=False) == [Target(0, 0.5, owner=1)]


def test_a_partner_too_small_for_the_interval_takes_another():
    """3 + 4 + 50 + 60 = 117, the 50 an insider's: with the 4 alone the 3 is at most 6, not 10."""
    sums = [(4, [0, 1, 2, 3])]
    small = np.array([True, False, False, False, False])
    system = make_system([3, 4, 50, 60, 117], sums, small, cover=np.where(small, 10, np.nan))
    system.owner[:4] = [0, 1, 2, 3]
    found = protect_block(system).hidden
    assert keeps_insiders_out(system, sums, found)
    assert found[:4].sum() >= 3
    assert found[4] or found[:4].all() or not found[1]


def test_what_no_target_needs_is_shown_again():
    system = row()
    proofs = KnownMoves(system, list_targets(system))
    hidden = complete_choice(system, np.ones(4, dtype=bool), proofs, whole=True)
    lean, spent = prune(system, hidden, proofs, whole=True, pivots=10_000)
    assert lean.tolist() == [True, True, False, False]
    assert proofs.unproved(lean) == []
    assert spent == 0  # the moves found already show it


def test_a_choice_that_lacks_something_is_completed():
    system = row()
    proofs = KnownMoves(system, list_targets(system))
    hidden = complete_choice(system, system.hidden, proofs, whole=True)
    assert hidden.tolist() == [True, True, False, False]


def test_a_target_out_of_reach_is_given_with_how_far_it_comes():
    system = row()
    moves = Moves(system, np.array([1.0, 1.0, 0.0, 0.0]))
    lost = moves.unreachable([Target(0, 7.0), Target(0, 25.0)])
    assert list(lost) == [Target(0, 25.0)]
    assert lost[Target(0, 25.0)][0] == pytest.approx(19)


def test_a_cut_holds_for_every_choice_that_protects():
    """For 3 of 73: 20 can give 19, 50 can give 49, the total can rise without end."""
    system = row()
    target = Target(0, 7.0)
    moves = Moves(system, system.hidden.astype(float))
    _, prices = moves.furthest(target)
    np.testing.assert_allclose(moves.cut(target, prices), [0, 1, 1, 1])


def test_a_cut_downwards_asks_for_what_gives_or_takes_the_other_way():
    """5 of 3 + 5 = 8, to be 1: the 3 can rise without end, the total fall by 7; to be 9, 3 gives 2."""
    system = make_system([3, 5, 8], [(2, [0, 1])], np.array([False, True, False]))
    moves = Moves(system, system.hidden.astype(float))
    for move, asked in ((-4.0, [1, 0, 1]), (4.0, [0.5, 0, 1])):
        target = Target(1, move)
        found, prices = moves.furthest(target)
        assert not target.reached(found)
        np.testing.assert_allclose(moves.cut(target, prices), asked)


@pytest.mark.slow
@pytest.mark.parametrize("seed", draws(1, 4, 20))
def test_no_choice_that_lets_a_target_be_reached_breaks_its_cut(seed):
    """A count of 5 to be 1, or 6; every choice of a small table is asked by the attacker's program."""
    leaves = np.random.default_rng(seed).poisson(2.0, (2, 2)) + 1
    leaves[0, 0] = 5
    system, sums = table(leaves, primary_below=0)
    system.hidden[0], system.need_low[0], system.need_high[0] = True, 1, 6
    targets = list_targets(system)
    assert [t.move for t in targets] == [-4, 1]
    choices = [np.array(c, dtype=bool) for c in product([False, True], repeat=9)]
    choices = [c for c in choices if c[0]]
    cuts = []
    for chosen in choices[::8]:
        moves = Moves(system, chosen.astype(float))
        for target in targets:
            found, prices = moves.furthest(target)
            if not target.reached(found):
                cuts.append((target, moves.cut(target, prices)))
    assert {t.move for t, _ in cuts} == {-4, 1}
    for chosen in choices:
        low, high = bounds(system, sums, chosen)
        for target, cut in cuts:
            if low[0] <= 5 + target.move <= high[0]:
                assert cut[chosen].sum() >= 1 - 1e-6
