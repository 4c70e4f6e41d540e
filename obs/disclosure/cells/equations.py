"""Represent sums as equations, and fill in the values that they determine.

Equations get a remainder where parts are missing, and old figures that no longer satisfy them
are dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from obs.disclosure.cells.cell_list import Cells, Key, describe
from obs.disclosure.sensitive.rules import Rule
from obs.errors import DisclosureError

__all__ = [
    "Relation",
    "fill_determined",
    "drop_contradicted",
    "kinds_with_remainder",
    "residual",
    "with_remainder",
]


@dataclass(frozen=True)
class Relation:
    """One equation: the parts sum to the total; `kind` says along what."""

    total: Key
    parts: tuple[Key, ...]
    kind: str


def residual(cells: Cells, relation: Relation) -> float:
    """Give the total less its parts, NaN if one is unknown."""
    members = [cells.of_key.get(k) for k in (relation.total, *relation.parts)]
    values = [float("nan") if m is None else m.value for m in members]
    return float(values[0] - sum(values[1:]))


def kinds_with_remainder(cells: Cells, relations: Mapping[Relation, None]) -> set[tuple[str, str]]:
    """Find the kinds of equation that need a remainder.

    Parts of an indicator are declared disjoint, not exhaustive: without figures that show
    them to add up exactly, a remainder is left open.
    """
    opened: set[tuple[str, str]] = set()
    exact: set[tuple[str, str]] = set()
    for relation in relations:
        rest = residual(cells, relation)
        if rest == 0:
            exact.add((relation.total.measure, relation.kind))
        if not np.isnan(rest) and rest != 0 and _drop_unsatisfied(cells, relation):
            continue
        _refuse_excess(relation, rest)
        if relation.kind.startswith("share ") or rest > 0:
            opened.add((relation.total.measure, relation.kind))
    in_parts = {(r.total.measure, r.kind) for r in relations if r.kind.startswith("parts of ")}
    return opened | (in_parts - exact)


def with_remainder(
    cells: Cells, relation: Relation, opened: set[tuple[str, str]], rules: Mapping[str, Rule]
) -> Relation:
    """Give an equation of an open kind its remainder, a hidden cell."""
    if (relation.total.measure, relation.kind) not in opened:
        return relation
    key = relation.total._replace(measure=f"{relation.total.measure}/rest {relation.kind}")
    rule = rules.get(relation.total.measure) or rules[relation.parts[0].measure]
    rest = cells.find_or_add(key, residual(cells, relation), rule)
    rest.recalled = any(cells.of_key[k].recalled for k in (relation.total, *relation.parts))
    return Relation(relation.total, (*relation.parts, key), relation.kind)


def fill_determined(cells: Cells, relations: list[Relation]) -> None:
    """Fill in each value that is alone unknown in an equation, as any reader would."""
    changed = True
    while changed:
        changed = False
        for relation in relations:
            members = (relation.total, *relation.parts)
            unknown = [k for k in members if np.isnan(cells.of_key[k].value)]
            if len(unknown) == 1:
                value = _is_only_unknown(cells, relation, unknown[0])
                if value < 0 and _drop_connected([relation], cells, relations):
                    continue
                _refuse_excess(relation, value)
                filled = cells.of_key[unknown[0]]
                filled.value = value
                filled.recalled = any(cells.of_key[k].recalled for k in members)
                changed = True


def _is_only_unknown(cells: Cells, relation: Relation, key: Key) -> float:
    known = sum(cells.of_key[k].value for k in relation.parts if k != key)
    value = known if key == relation.total else cells.of_key[relation.total].value - known
    return float(value)


def _drop_unsatisfied(cells: Cells, relation: Relation) -> bool:
    """Drop the old values of an equation that today's figures no longer satisfy."""
    members = [cells.of_key[k] for k in (relation.total, *relation.parts)]
    recalled = [m for m in members if m.recalled and not np.isnan(m.value)]
    for member in recalled:
        member.value = float("nan")
    return bool(recalled)


def drop_contradicted(cells: Cells, relations: list[Relation]) -> bool:
    """Drop old values, and what follows from them, wherever some sum does not hold with them."""
    if not any(c.recalled and not np.isnan(c.value) for c in cells.of_key.values()):
        return False
    wrong = [r for r in relations if abs(residual(cells, r)) > 0]
    return bool(wrong) and _drop_connected(wrong, cells, relations)


def _drop_connected(wrong: list[Relation], cells: Cells, relations: list[Relation]) -> bool:
    """Drop the old values that hang together with wrong equations; tell whether there were any."""
    recalled = {k for k, c in cells.of_key.items() if c.recalled and not np.isnan(c.value)}
    at: dict[Key, list[Relation]] = defaultdict(list)
    for relation in relations if recalled else ():
        for key in (relation.total, *relation.parts):
            at[key].append(relation)
    near = [k for r in wrong for k in (r.total, *r.parts)]
    seen: set[Key] = set()
    while near:
        key = near.pop()
        if key not in seen:
            seen.add(key)
            near += [k for r in at[key] for k in (r.total, *r.parts)]
    for key in seen & recalled:
        cells.of_key[key].value = float("nan")
    return bool(seen & recalled)


def _refuse_excess(relation: Relation, rest: float) -> None:
    if rest < 0:
        raise DisclosureError(
            f"the parts exceed the total of {describe(relation.total)} ({relation.kind}). "
            "Correct the figures, or declare in the catalogue that they do not add up."
        )
