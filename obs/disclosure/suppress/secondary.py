"""Choose complementary suppressions of least loss that protect every sensitive cell.

An integer program makes a choice, an attack shows what the choice leaves computable, and the
attack becomes a cut of the program. This repeats until no attack succeeds. A lower bound of the
loss of any choice is returned too; it says how far the choice can be from the best one.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from obs.disclosure.feasible.cheapest_move import is_whole
from obs.disclosure.feasible.exchangeable import not_exchangeable
from obs.disclosure.feasible.known_moves import Indices, KnownMoves
from obs.disclosure.feasible.linear_system import Flags, Floats, System
from obs.disclosure.feasible.moves import MOVE_LIMITS, TINY, Moves, Target, list_targets
from obs.disclosure.feasible.solver_threads import N_THREADS, ask_in_threads
from obs.disclosure.suppress.attainable import attainable, avoidable
from obs.disclosure.suppress.greedy import NoChoiceError, complete_choice, first_choice, prune
from obs.disclosure.suppress.insiders import insider_targets
from obs.disclosure.suppress.integer_program import IntegerProgram, first_cuts

__all__ = ["EFFORTS", "Effort", "Protection", "protect_block"]

_FULL_ATTACK_EVERY = 6  # rounds of attack after which every target is asked for again
_FIRST_PASSES = (2, 1, 1)  # targets of the first choice where it takes little time
_LITTLE_WORK = 30_000  # work on tidying a choice that is one of many
_LEAST_RISE = 1e-3  # rounds of attack stop where the bound rises by less
_ROUNDINGS = 4  # roundings, each cut off, before the first choice is taken
_ROUNDING_STEPS = 5  # that part of the fractions, at least, is rounded at each step
_ROUNDED_ABOVE = 0.05  # what is chosen but for so much is rounded as well
_MOST_REPEATS = 4  # further searches at most, where insiders were found meanwhile
_ROOM_OF_FORMER = 0.02  # of cells that were chosen before


@dataclass(frozen=True)
class Effort:
    """How long to look, counted in steps so that the same table gives the same answer.

    Attributes
    ----------
    relaxed : int
        Rounds of attack on fractional choices.
    searches : int
        Turns of search, the first a plain one; whole choices are attacked, and improved among
        their cells and the best ones.
    inner : int
        Rounds of attack in each such search.
    nodes : int
        Nodes of the search for a lower bound.
    again : int
        Targets times cells that may be searched again, where insiders were found meanwhile.
    gap : float
        Proven distance from the best at which to stop.
    tidying : int
        Questions to a solver, times cells, about what can be shown again.
    largest : int
        Targets of a block above which it is not searched, only completed and pruned.
    together : tuple of int
        Targets asked for together in the first choice of such a block, pass after pass.
    """

    solve_relaxed: int = 60
    searches: int = 16
    inner: int = 12
    nodes: int = 500
    again: int = 16_000_000
    gap: float = 0.01
    tidying: int = 500_000
    largest: int = 1_500
    together: tuple[int, ...] = (4, 2, 1, 1, 1)


EFFORTS = {
    "fast": Effort(
        solve_relaxed=24,
        searches=2,
        inner=6,
        nodes=50,
        again=500_000,
        tidying=100_000,
        largest=1_000,
        together=(4,),
    ),
    "quick": Effort(
        solve_relaxed=30, searches=6, nodes=100, again=4_000_000, tidying=250_000, together=(4, 2)
    ),
    "thorough": Effort(),
}


@dataclass(frozen=True)
class Protection:
    """What to hide in a block, its loss, and a lower bound of the loss of any choice."""

    hidden: Flags
    loss: float
    bound: float

    @property
    def gap(self) -> float:
        """How far from the best this can be, as a share of the loss."""
        return (self.loss - self.bound) / self.loss if self.loss > 0 else 0.0


def protect_block(system: System, *, effort: Effort = EFFORTS["fast"]) -> Protection:
    """Choose the cells to hide in one block.

    Returns `Protection` with every target reachable by a move in whole numbers. Raises
    `DisclosureError` if a sensitive cell stays determined whatever is hidden, or the solver
    fails.

    References
    ----------
    Fischetti and Salazar-Gonzalez (2001), Solving the cell suppression problem on tabular
    data with linear constraints, Management Science 47. Kelly, Golden and Assad (1992),
    Cell suppression: disclosure protection for sensitive tabular data, Networks 22.
    """
    targets = not_exchangeable(system, list_targets(system))
    if not targets:
        return Protection(system.hidden.copy(), _loss(system, system.hidden), 0.0)
    targets = attainable(system, targets)
    if (system.hidden | system.fixed).all():  # nothing is left to choose
        return Protection(system.hidden.copy(), _loss(system, system.hidden), 0.0)
    search = _begin_search(system, targets, effort)
    search.improve()
    search.prune_best()
    for _ in range(min(_MOST_REPEATS, effort.again // (len(targets) * len(system.value)))):
        if not search.found_insiders():
            break
        search.improve()
        search.prune_best()
    return Protection(search.best, _loss(system, search.best), search.bound)


def _begin_search(system: System, targets: list[Target], effort: Effort) -> _Search:
    """Make a first choice; where there is none, lower the targets that nothing reaches."""
    try:
        return _Search(system, targets, effort)
    except NoChoiceError:
        lowered = attainable(system, targets, by_solver=True)
        if lowered == targets:
            raise
        return _Search(system, lowered, effort)


class _Search:
    """A safe choice, what is known to be possible, and a lower bound of any loss."""

    def __init__(self, system: System, targets: list[Target], effort: Effort) -> None:
        self.system = system
        self.effort = effort
        self.whole = _in_whole_numbers(system, targets)
        self.proofs = KnownMoves(system, targets)
        self.bound = 0.0
        self.near = system.hidden.copy()
        self.program = IntegerProgram(system)
        self.exempt: set[Target] = set()  # what insiders know whatever is hidden
        self.searched = len(targets) <= effort.largest
        together = _FIRST_PASSES if self.searched else effort.together
        first = first_choice(system, self.proofs, together, whole=self.whole)
        self.best = self._protect_from_insiders(self._complete_and_prune(first), effort.tidying)
        self.known = 0  # targets when the last search began

    def improve(self) -> None:
        """Look for less loss: cuts give a bound, and choices near those of the program."""
        targets, effort, program = self.proofs.targets, self.effort, self.program
        self.known = len(targets)
        if not self.searched or not self._gap_is_open(self.bound):
            return
        first_cuts(program, targets)
        self.bound = max(self.bound, self._cut_fractions(program, effort.solve_relaxed))
        chosen = self._round_and_cut(program)
        self._keep_if_better(chosen)
        self._cut_off(program, chosen)
        with ThreadPoolExecutor(1) as beside:
            for turn in range(1, effort.searches):
                if not self._gap_is_open(self.bound):
                    break
                raising = beside.submit(self._bound_search(program))
                self._cut_off(program, self._round(program, seed=turn))
                chosen, low = raising.result()
                self.bound = max(self.bound, low)
                self._cut_off(program, chosen)

    def prune_best(self) -> None:
        """Look at each dear cell once more, whether it is needed."""
        self._keep_if_better(self.best, self.effort.tidying)

    def found_insiders(self) -> bool:
        """Tell whether insiders were found that the last search did not know from the start."""
        return len(self.proofs.targets) > self.known

    def _gap_is_open(self, bound: float) -> bool:
        loss = _loss(self.system, self.best)
        return loss - bound > self.effort.gap * loss

    def _complete_and_prune(self, chosen: Flags, work: int = 0) -> Flags:
        chosen = complete_choice(self.system, chosen, self.proofs, whole=self.whole)
        return prune(self.system, chosen, self.proofs, whole=self.whole, work=work)

    def _protect_from_insiders(self, chosen: Flags, work: int, *, below: float = np.inf) -> Flags:
        """Hide more until no insider can compute a figure, where hiding more can avoid it.

        A choice that turns out no cheaper than it should be is given as it is.
        """
        system, proofs, exempt = self.system, self.proofs, self.exempt
        while _loss(system, chosen) < below:
            found = insider_targets(system, chosen, proofs, whole=self.whole, exempt=exempt)
            inside = avoidable(system, found)
            exempt.update(set(found) - set(inside))
            if not inside:
                break
            proofs.add_targets(inside)
            chosen = self._complete_and_prune(chosen, work)
        return chosen

    def _keep_if_better(self, chosen: Flags, work: int = _LITTLE_WORK) -> None:
        """Prune a choice and protect it from insiders; keep it if it is better than the best."""
        loss = _loss(self.system, self.best)
        pruned = self._protect_from_insiders(
            self._complete_and_prune(chosen, work), work, below=loss
        )
        if _loss(self.system, pruned) < loss:
            self.best = pruned

    def _bound_search(self, program: IntegerProgram) -> Callable[[], tuple[Flags, float]]:
        """Give a search for the bound that would do, or for a choice that it overlooks."""
        gap, nodes = self.effort.gap, self.effort.nodes
        wanted = _loss(self.system, self.best) * (1 - gap)
        return program.bound(gap=gap / 10, nodes=nodes, wanted=wanted)

    def _cut_off(self, program: IntegerProgram, chosen: Flags) -> None:
        """Cut off a choice, and look among its cells and the best ones for a better one."""
        self._attack_choice(program, chosen)
        self._keep_if_better(self._search_within(program, chosen | self.best))

    def _search_within(self, program: IntegerProgram, allowed: Flags) -> Flags:
        """Choose among some cells only, and cut, until the choice is safe."""
        program.allow(allowed)
        for _ in range(self.effort.inner):
            chosen, low = program.best(gap=self.effort.gap / 3, nodes=self.effort.nodes)
            if low >= _loss(self.system, self.best) * (1 - self.effort.gap / 10):
                break
            open_targets, fresh = self._attack_choice(program, chosen)
            if not open_targets or not fresh:
                break
        program.allow(np.ones_like(allowed))
        return chosen

    def _cut_fractions(self, program: IntegerProgram, rounds: int) -> float:
        """Attack fractional choices: cheap rounds that raise the lower bound."""
        bound, before, active = 0.0, 0.0, self.proofs.targets
        for turn in range(rounds):
            choice, bound = program.solve_relaxed()
            every = turn % _FULL_ATTACK_EVERY == 0 or not active
            lost, fresh = self._separate(program, choice, self.proofs.targets if every else active)
            active = lost if fresh else []
            if every and (not fresh or bound < before * (1 + _LEAST_RISE)):
                break
            before = bound if every else before
        return bound

    def _round_and_cut(self, program: IntegerProgram) -> Flags:
        """Round fractional choices and cut them off, a few times."""
        for seed in range(_ROUNDINGS):
            chosen = self._round(program, seed=seed)
            if not self._attack_choice(program, chosen)[1]:
                break
        return chosen

    def _round(self, program: IntegerProgram, *, seed: int) -> Flags:
        """Round a fractional choice up bit by bit, likely cells first, until it is whole."""
        dice = np.random.default_rng(seed)
        forced = np.zeros_like(self.best)
        while True:
            choice, _bound = program.solve_relaxed()
            half = np.flatnonzero((choice > TINY) & (choice < 1 - TINY))
            if not len(half):
                break
            likely = choice[half] * dice.uniform(0.7, 1.3, len(half))
            forced |= choice > 1 - _ROUNDED_ABOVE
            forced[half[np.argsort(-likely)[: max(len(half) // _ROUNDING_STEPS, 1)]]] = True
            program.force(forced)
        program.force(np.zeros_like(forced))
        return np.asarray(choice > 0.5)

    def _separate(
        self, program: IntegerProgram, choice: Floats, targets: list[Target]
    ) -> tuple[list[Target], int]:
        """Cut off a choice; of cuts as deep there, prefer those that ask little elsewhere.

        Cells that were chosen before get a little room too, so that they count.
        """
        self.near |= choice > TINY
        room = np.maximum(choice, _ROOM_OF_FORMER * self.near)

        def ask(_number: int, part: list[Target]) -> list[tuple[Target, Floats]]:
            return _unreachable(Moves(self.system, room), part)

        parts = [targets[number::N_THREADS] for number in range(N_THREADS)]
        lost = [found for part in ask_in_threads(ask, filter(None, parts)) for found in part]
        return [target for target, _ in lost], sum(program.add(cut) for _, cut in lost)

    def _attack_choice(self, program: IntegerProgram, chosen: Flags) -> tuple[list[Target], int]:
        """Cut off a choice that leaves targets out of reach; give them, and the new cuts."""
        moves = [Moves(self.system, chosen.astype(float)) for _ in range(N_THREADS)]
        left = dict.fromkeys(self.proofs.unproved(chosen))
        lost: list[Target] = []
        fresh = 0

        def ask(number: int, question: tuple[Target, float]) -> tuple[Floats, Floats | None]:
            return moves[number].attack(question[0], room=question[1])

        while left:
            open_still = list(islice(left, N_THREADS))
            for room in MOVE_LIMITS:
                asked, open_still = open_still, []
                answers = ask_in_threads(ask, [(target, room) for target in asked])
                for target, (found, cut) in zip(asked, answers, strict=True):
                    left.pop(target, None)
                    if cut is None:
                        for number in self._keep_move(found):
                            left.pop(self.proofs.targets[number], None)
                    elif program.add(cut):
                        fresh += 1
                        lost.append(target)
                    else:
                        open_still.append(target)
            lost += open_still
        if lost:
            fresh += self._separate(program, chosen.astype(float), lost)[1]
        fresh += program.strengthen(chosen.astype(float), lasting=True)
        return lost, fresh

    def _keep_move(self, moves: Floats) -> Indices:
        if self.whole and is_whole(moves):
            return self.proofs.add(np.round(moves))
        return self.proofs.reaches(moves) if self.whole else self.proofs.add(moves)


def _unreachable(moves: Moves, targets: list[Target]) -> list[tuple[Target, Floats]]:
    """Give the targets that no move within the choice reaches, each with a cut."""
    lost = []
    for target in targets:
        _found, cut = moves.attack(target)
        if cut is not None:
            lost.append((target, cut))
    return lost


def _in_whole_numbers(system: System, targets: list[Target]) -> bool:
    """Tell whether the figures are counts, of which parts cannot move."""
    sizes = np.array([t.size for t in targets])
    return bool((system.value % 1 == 0).all() and (sizes % 1 == 0).all())


def _loss(system: System, hidden: Flags) -> float:
    return float(system.weight[hidden & ~system.hidden].sum())
