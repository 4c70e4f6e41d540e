"""Choose what to hide, block by block, for readers with and without the earlier editions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from obs.disclosure.cells.cell_list import Cells
from obs.disclosure.cells.relations import Relation
from obs.disclosure.feasible.feasible_table import complete_values
from obs.disclosure.feasible.linear_system import (
    Flags,
    Floats,
    Rows,
    System,
    binding_equations,
    blocks,
    informative_equations,
)
from obs.disclosure.feasible.moves import Moves, Target, list_targets
from obs.disclosure.feasible.suppression_model import build_system
from obs.disclosure.suppress.attainable import all_attainable
from obs.disclosure.suppress.secondary import Effort, protect_block
from obs.errors import DisclosureError
from obs.progress_bars import progress_bar
from obs.reference.territory import Territory

__all__ = ["choose_hidden"]

_MOST_SMALL = 5_000  # small counts in one block of linked figures
_LARGE = 1e8
_MOVES = 4  # so many times as far as a target any other cell may move


def choose_hidden(
    cells: Cells,
    relations: Sequence[Relation],
    *,
    territory: Territory,
    effort: Effort,
    remedies: Callable[[], str] = str,
) -> Flags:
    """Choose the cells to hide.

    Two readers with the earlier editions are assumed. The uninformed one knows only the old
    value of a figure revised since: every sensitive count of today must be protected. The
    informed one knows today's value of every figure published before: no sensitive count may
    follow from these, unless no further withholding can prevent it.

    Returns an array in the order of `cells.of_key`. Raises `DisclosureError` if some count cannot
    be protected, or the solver fails.
    """
    constants = np.array([r.constant for r in relations])
    informed = build_system(cells, relations, territory=territory)
    if not any(c.revised for c in cells.of_key.values()):
        return _protect(informed, constants, effort, remedies)
    uninformed = build_system(cells, relations, territory=territory, knows_revised=False)
    naive = _protect(uninformed, constants, effort, remedies)
    public = np.array([bool(c.edition) for c in cells.of_key.values()])
    kept = informed.hidden | (naive & ~public)
    informed = replace(informed, hidden=kept, fixed=informed.fixed & ~kept)
    return naive | _protect(informed, constants, effort, remedies, accept_known=True)


def _protect(
    system: System,
    constants: Floats,
    effort: Effort,
    remedies: Callable[[], str],
    *,
    accept_known: bool = False,
) -> Flags:
    hidden = system.hidden.copy()
    rows = informative_equations(system)
    possible = complete_values(system, rows, constants)
    with progress_bar("release: cells", total=len(hidden)) as advance:
        for members, block in _blocks_of_small_moves(possible, rows):
            block = _in_units(block)
            _refuse_mostly_small(block, remedies)
            if accept_known:
                block = _without_determined(block)
            hidden[members] = protect_block(block, effort=effort).hidden
            advance(len(members))
    return hidden


def _blocks_of_small_moves(system: System, rows: Rows) -> Iterator[tuple[Rows, System]]:
    """Cut blocks where an inequality is too far from binding for moves of the size needed.

    Where larger moves are needed, the block stays whole.
    """
    for members, equations in blocks(system, rows):
        whole = system.take(members, equations)
        limit = _MOVES * max((t.size for t in list_targets(whole)), default=0.0)
        binding = binding_equations(system, equations, limit=limit)
        small = [(m, _limited(system.take(m, e), limit)) for m, e in blocks(system, binding)]
        yield from small if all(all_attainable(block) for _, block in small) else [(members, whole)]


def _limited(block: System, limit: float) -> System:
    """Let no cell move further than a few targets, so that the equations left aside hold."""
    return replace(
        block,
        lower=np.maximum(block.lower, block.value - limit),
        upper=np.minimum(block.upper, block.value + limit),
    )


def _without_determined(block: System) -> System:
    """Drop the targets of cells that stay determined whatever is hidden."""
    every = Moves(block, (block.hidden | ~block.fixed).astype(float))
    steps = [Target(t.cell, float(np.sign(t.move))) for t in list_targets(block)]
    stays = set(every.unreachable(steps))
    lost = {t.cell for t in steps} - {t.cell for t in steps if t not in stays}
    need_low, need_high = block.need_low.copy(), block.need_high.copy()
    need_low[list(lost)] = need_high[list(lost)] = np.nan
    return replace(block, need_low=need_low, need_high=need_high)


def _in_units(block: System) -> System:
    """Count large amounts in tens, hundreds...: solvers are exact to about 1e8.

    What must stay possible is rounded up to whole units, downwards as far as the amount goes.
    """
    top = float(np.abs(block.value).max(initial=1.0))
    if top <= _LARGE:
        return block
    unit = float(10.0 ** np.ceil(np.log10(top / _LARGE)))
    value, lower = block.value / unit, block.lower / unit
    up = np.ceil((block.need_high - block.value) / unit)
    down = np.ceil((block.value - block.need_low) / unit)
    return replace(
        block,
        value=value,
        lower=lower,
        upper=block.upper / unit,
        need_low=value - np.minimum(down, np.floor(value - lower)),
        need_high=value + up,
    )


def _refuse_mostly_small(block: System, remedies: Callable[[], str]) -> None:
    """Refuse a table in which so many counts are small that little would be left of it."""
    small = int((block.sensitive & (block.lower > 0)).sum())
    if small > _MOST_SMALL:
        advice = " ".join(filter(None, ["little would be left.", remedies()]))
        raise DisclosureError(
            f"{small} small counts in {len(block.value)} linked figures: too many to protect by "
            f"withholding, and {advice} Publish a coarser table; "
            "obs.disclosure.propose_remedies counts what each would still withhold."
        )
