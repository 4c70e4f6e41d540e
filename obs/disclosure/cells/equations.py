"""Judge each sum by the figures, and fill in the values that sums determine.

A sum that leaves something over gets what is left as an unpublished cell: a remainder where the
total is more than its parts, an overlap where it is less. A difference that counts nobody and is
smaller than the doubt to be kept is taken as known, since a reader who supposes that the figures
add up is off by no more than it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from obs.disclosure.cells.cell_list import Cells, Key, describe
from obs.disclosure.sensitive.rules import Rule
from obs.errors import DisclosureError

__all__ = [
    "Relation",
    "add_rests",
    "at_most",
    "drop_contradicted",
    "fill_determined",
    "judge_relations",
    "residual",
]

_ROUNDED = 1e-6  # of a figure: differences below it come from computing


@dataclass(frozen=True)
class Relation:
    """One equation: the parts sum to the total, but for a constant; `kind` says along what."""

    total: Key
    parts: tuple[Key, ...]
    kind: str
    constant: float = 0.0  # what is taken as known of the total beyond its parts

    @property
    def members(self) -> tuple[Key, ...]:
        """The total and its parts."""
        return (self.total, *self.parts)

    @property
    def name(self) -> tuple[str, str]:
        """The measure and the kind."""
        return self.total.measure, self.kind


def residual(cells: Cells, relation: Relation) -> float:
    """Give the total less its parts and the constant, NaN if one is unknown."""
    members = [cells.of_key.get(k) for k in relation.members]
    values = [float("nan") if m is None else m.value for m in members]
    rest = float(values[0] - sum(values[1:]) - relation.constant)
    return 0.0 if abs(rest) <= _ROUNDED * max(1.0, abs(values[0])) else rest


def judge_relations(cells: Cells, relations: Iterable[Relation]) -> dict[Relation, float]:
    """Give what each relation leaves over; old values that today's figures contradict go."""
    found = {}
    for relation in relations:
        rest = residual(cells, relation)
        if not np.isnan(rest) and rest != 0 and _drop_unsatisfied(cells, relation):
            rest = float("nan")
        found[relation] = rest
    return found


def add_rests(
    cells: Cells,
    judged: Mapping[Relation, float],
    rules: Mapping[str, Rule],
) -> tuple[list[Relation], list[tuple[Relation, str]]]:
    """Write each relation with what it leaves over.

    Returns the relations, and those that do not hold as declared with the way they differ:
    "more" or "less" than the parts, "near" where by less than the doubt to be kept.
    """
    opened = {r.name for r, rest in judged.items() if rest > 0}
    short = {r.name for r, rest in judged.items() if rest < 0}
    closed = {r.name for r, rest in judged.items() if rest == 0}
    kept: list[Relation] = []
    loosened: list[tuple[Relation, str]] = []
    for relation, rest in judged.items():
        rule = rules.get(relation.total.measure) or rules[relation.parts[0].measure]
        if np.isnan(rest) and relation.name in short:  # and nothing is known if some are opened
            either = relation.name in opened
            kept += [] if either else _with_overlap(cells, relation, rule)
            loosened.append((relation, "unknown" if either else "less"))
        elif np.isnan(rest) and (relation.name in opened or _may_leave_some(relation, closed)):
            kept.append(_with_remainder(cells, relation, rule))
            loosened.append((relation, "more"))
        elif np.isnan(rest) or (rest == 0 and not _zero_tells(relation, rule, opened)):
            kept.append(relation)
        elif _is_near(cells, relation, rest):
            kept.append(Relation(relation.total, relation.parts, relation.kind, rest))
            loosened.append((relation, "near, more" if rest > 0 else "near, less"))
        elif rest >= 0:
            kept.append(_with_remainder(cells, relation, rule))
            loosened.append((relation, "more"))
        else:
            kept += _with_overlap(cells, relation, rule)
            loosened.append((relation, "less"))
    return kept, loosened


def _may_leave_some(relation: Relation, closed: set[tuple[str, str]]) -> bool:
    """Tell whether a sum with unknown figures is supposed to leave something over.

    Parts of an indicator are declared disjoint, not exhaustive, and a share has a complement.
    """
    if relation.kind.startswith("share "):
        return True
    return relation.kind.startswith("parts of ") and relation.name not in closed


def _zero_tells(relation: Relation, rule: Rule, opened: set[tuple[str, str]]) -> bool:
    """Tell whether that nothing is left over says in which categories all are."""
    return rule.protect_zeros and (relation.kind.startswith("share ") or relation.name in opened)


def _is_near(cells: Cells, relation: Relation, rest: float) -> bool:
    """Tell whether a difference that counts nobody could be neglected by a reader."""
    rule = cells.of_key[relation.total].rule
    counted = rest >= 0 and relation.kind != "area"
    return not counted and rule is not None and abs(rest) < rule.cover


def _with_remainder(cells: Cells, relation: Relation, rule: Rule) -> Relation:
    """Add to the parts what they leave over, a hidden cell."""
    key = relation.total._replace(measure=f"{relation.total.measure}/rest {relation.kind}")
    rest = cells.find_or_add(key, residual(cells, relation), rule)
    rest.recalled = any(cells.of_key[k].recalled for k in relation.members)
    return Relation(relation.total, (*relation.parts, key), relation.kind)


def _with_overlap(cells: Cells, relation: Relation, rule: Rule) -> list[Relation]:
    """Write that things which count in several parts count once in the total.

    The parts together are the total and the overlap, and none is more than the total.
    """
    total, rest = relation.total, residual(cells, relation)
    _refuse_excess(cells, relation)
    both = total._replace(measure=f"{total.measure}/slack parts of {relation.kind}")
    twice = total._replace(measure=f"{total.measure}/slack twice in {relation.kind}")
    cells.add_slack(both, cells.of_key[total].value - rest, rule)
    cells.add_slack(twice, -rest, rule)
    within = [
        at_most(cells, part, total, f"{part.measure}/slack not in {relation.kind}", rule)
        for part in relation.parts
    ]
    own = f"union {relation.kind}"
    return [Relation(both, relation.parts, own), Relation(both, (total, twice), own), *within]


def at_most(
    cells: Cells, lesser: Key, greater: Key, measure: str, rule: Rule, *, counted: bool = False
) -> Relation:
    """Write that one count is at most another: what it falls short by is a hidden cell.

    The slack is a count like others, under the rule, only if it is `counted`.
    """
    short = lesser._replace(measure=measure)
    value = cells.of_key[greater].value - cells.of_key[lesser].value
    if counted:
        cells.find_or_add(short, value, rule)
    else:
        cells.add_slack(short, value, rule)
    return Relation(greater, (lesser, short), "at most")


def _refuse_excess(cells: Cells, relation: Relation) -> None:
    """Refuse a part that is more than its total: no overlap explains it."""
    total = cells.of_key[relation.total].value
    if any(cells.of_key[part].value > total for part in relation.parts):
        _refuse(relation)


def _refuse(relation: Relation) -> None:
    raise DisclosureError(
        f"the parts exceed the total of {describe(relation.total)} ({relation.kind}). "
        "Correct the figures, or declare in the catalogue that they do not add up."
    )


def fill_determined(cells: Cells, relations: list[Relation]) -> None:
    """Fill in each value that is alone unknown in an equation, as any reader would.

    Several parts of which nothing is left are 0, each of them, since no count is negative; what
    the supplier withheld is not.
    """
    changed = True
    while changed:
        changed = False
        for relation in relations:
            unknown = [k for k in relation.members if np.isnan(cells.of_key[k].value)]
            if not unknown or (len(unknown) > 1 and relation.total in unknown):
                continue
            value = _value_of_unknown(cells, relation, unknown)
            if len(unknown) > 1 and (value != 0 or any(cells.of_key[k].source for k in unknown)):
                continue
            if value < 0 and _drop_connected([relation], cells, relations):
                continue
            if value < 0:
                _refuse(relation)
            for key in unknown:
                filled = cells.of_key[key]
                filled.value = value
                filled.recalled = any(cells.of_key[k].recalled for k in relation.members)
            changed = True


def _value_of_unknown(cells: Cells, relation: Relation, unknown: list[Key]) -> float:
    """Give what an equation says of its unknown total, or of its unknown parts together."""
    known = sum(cells.of_key[k].value for k in relation.parts if k not in unknown)
    known += relation.constant
    value = known if relation.total in unknown else cells.of_key[relation.total].value - known
    return 0.0 if abs(value) <= _ROUNDED * max(1.0, abs(known)) else float(value)


def _drop_unsatisfied(cells: Cells, relation: Relation) -> bool:
    """Drop the old values of an equation that today's figures no longer satisfy."""
    members = [cells.of_key[k] for k in relation.members]
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
        for key in relation.members:
            at[key].append(relation)
    near = [k for r in wrong for k in r.members]
    seen: set[Key] = set()
    while near:
        key = near.pop()
        if key not in seen:
            seen.add(key)
            near += [k for r in at[key] for k in r.members]
    for key in seen & recalled:
        cells.of_key[key].value = float("nan")
    return bool(seen & recalled)
