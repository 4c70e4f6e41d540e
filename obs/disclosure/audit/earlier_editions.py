"""Add what earlier editions tell a reader: old figures, their sums, and likely revisions.

The reader is assumed to guess that as little as possible was revised: a count that shows no
change keeps its old value unless the sums contradict it; then the smallest revision that
explains them is taken. This module is part of the audit and shares no code with suppression.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from obs.disclosure.audit.reader_knowledge import ASKED, Name, View, cell_name, rows_of
from obs.disclosure.ledger.ledger import Ledger
from obs.disclosure.released import Structure
from obs.schemas import ALL

__all__ = ["EarlierFigures", "read_earlier_editions", "add_earlier_editions"]


@dataclass
class EarlierFigures:
    """What the old editions add to what a reader holds.

    Attributes
    ----------
    own : dict
        Withheld cell that was published before, to the slack of the guess that it is the
        same.
    slack : list of int
        Cells that measure how far a guess is wrong, all others.
    """

    own: dict[int, list[int]] = field(default_factory=dict)
    slack: list[int] = field(default_factory=list)


def add_earlier_editions(view: View, editions: list[dict[Name, float]]) -> EarlierFigures:
    """Add to a view the old figures, the sums they had, and the guess that ties them to today's.

    `view` is completed in place. Returns the slack of each guess.
    """
    published = [{view.number[name]: value for name, value in e.items()} for e in editions]
    last = {cell: value for edition in published for cell, value in edition.items()}
    archive, sums = EarlierFigures(), list(view.equations)
    names = {number: name for name, number in view.number.items()}
    for cell, value in last.items():
        if cell not in view.known:
            old = _copy_of_cell(view, names[cell], "last")
            view.known[old] = value
            slack = _add_slack_equation(view, old, cell, f"last {cell}")
            if cell in view.places:
                archive.own[cell] = slack
            else:
                archive.slack += slack
    today = last | view.known
    before: dict[int, float] = {}
    for number, edition in enumerate(published):
        state = before | edition
        changed = {cell for cell, value in state.items() if value != today[cell]}
        touched = [s for s in sums if changed & {s[0], *s[1]} and not {s[0], *s[1]} <= set(state)]
        archive.slack += _sums_of_edition(view, edition, before, touched, f"{number}", names)
        before = state
    return archive


def read_earlier_editions(ledger: Ledger, structure: Structure) -> list[dict[Name, float]]:
    """Give the figures that each publication brought, in order: cell to figure.

    Each publication has one dict; a figure published before at the same value is left out.
    """
    counted = [
        i
        for i, about in structure["indicators"].items()
        if about["kind"] == "amount" or not (about["kind"] == "survey" or about["unit"] in ASKED)
    ]
    table = ledger.history
    table = table[table["indicator"].isin(counted)]
    if "within" in table:  # of cases followed in time: in no sum of these
        table = table[table["within"] == ALL].drop(columns="within")
    run = (table["edition"] != table["edition"].shift()).cumsum()
    return [
        {
            cell_name(row, row["indicator"], structure, whole=row["figure"] == "whole"): float(
                row["numerator"]
            )
            for row in rows_of(lines)
        }
        for _, lines in table.groupby(run, sort=False)
    ]


def _sums_of_edition(
    view: View,
    edition: dict[int, float],
    before: dict[int, float],
    sums: list[tuple[int, list[int]]],
    mark: str,
    names: dict[int, Name],
) -> list[int]:
    """Write sums as an old edition had them.

    A figure that it did not bring is supposed to have been that of the editions before it,
    or else today's.
    """
    slack: list[int] = []
    copies: dict[int, int] = {}
    for cell in dict.fromkeys(cell for total, parts in sums for cell in (total, *parts)):
        own = copies[cell] = _copy_of_cell(view, names[cell], mark)
        if cell in edition:
            view.known[own] = edition[cell]
            continue
        same = cell
        if cell in before:
            same = _copy_of_cell(view, names[cell], f"before {mark}")
            view.known[same] = before[cell]
        slack += _add_slack_equation(view, own, same, f"{mark} {cell}")
    view.equations += [(copies[total], [copies[part] for part in parts]) for total, parts in sums]
    return slack


def _copy_of_cell(view: View, name: Name, mark: str) -> int:
    return view.cell((f"{name[0]} as of {mark}", *name[1:]))


def _add_slack_equation(view: View, old: int, new: int, label: str) -> list[int]:
    """Say that old + less = new + more; give the numbers of less and more."""
    made = [view.cell((f"{word} {label}", "", "", frozenset())) for word in ("less", "more", "sum")]
    less, more, both = made
    view.equations += [(both, [old, less]), (both, [new, more])]
    return [less, more]
