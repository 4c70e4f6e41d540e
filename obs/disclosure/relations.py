"""What sums to what: territory, breakdowns, parts of an indicator, shares, periods.

A reader who knows the hierarchy can write these equations himself, so each is one of the
attacker's. Cells that no table shows but that an equation needs are added as hidden ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from obs.disclosure.cells import Cells, Key, describe
from obs.disclosure.definitions import Definition
from obs.disclosure.rules import Rule
from obs.errors import DisclosureError

__all__ = ["Relation", "build_relations"]

_ROUNDS = 4  # a hidden total of one equation may be a part of another


@dataclass(frozen=True)
class Relation:
    """One equation: the parts sum to the total; `kind` says along what."""

    total: Key
    parts: tuple[Key, ...]
    kind: str


def build_relations(
    cells: Cells,
    *,
    definitions: Mapping[str, Definition],
    territory: Any,
    open_kinds: set[tuple[str, str]] | None = None,
) -> tuple[list[Relation], set[tuple[str, str]]]:
    """Write every equation between the cells, and complete the values they determine.

    Where totals exceed the sum of the parts shown (facts of no known form or place), the
    equations of that kind get a hidden remainder.

    Parameters
    ----------
    cells : Cells
        Completed in place with the hidden cells that the equations need.
    definitions : mapping
        Indicator to definition.
    territory : Territory
        The hierarchy of places.
    open_kinds : set of (count, kind), optional
        Equations already known to have a remainder.

    Returns
    -------
    list of Relation
        The equations.
    set of (str, str)
        Counting definition and kind of the equations that have a remainder.

    Raises
    ------
    DisclosureError
        If parts exceed their total: the figures contradict the catalogue's additivity.

    Examples
    --------
    Called by `obs.release`.
    """
    rules = {k.measure: c.rule for k, c in cells.of_key.items() if c.rule is not None}
    found: dict[Relation, None] = {}
    for _ in range(_ROUNDS):
        before = len(cells.of_key)
        found = dict.fromkeys(_relations(list(cells.of_key), definitions, territory))
        for relation in found:
            _hide_absent(cells, relation, rules)
        if len(cells.of_key) == before:
            break
    opened = _open_kinds(cells, found) | (open_kinds or set())
    relations = [_with_rest(cells, r, opened, rules) for r in found]
    _complete(cells, relations)
    return relations, opened


def _relations(
    keys: list[Key], definitions: Mapping[str, Definition], territory: Any
) -> Iterator[Relation]:
    additive = {d.count: d.additive_over for d in definitions.values()}
    additive |= {f"{d.count}/whole": d.additive_over for d in definitions.values()}
    sums = [k for k in keys if "/rest " not in k.measure and not k.measure.startswith("survey ")]
    yield from _over_breakdowns(sums)
    yield from _over_area(sums, additive, territory)
    yield from _over_time(sums, additive)
    yield from _over_parts(sums, definitions)
    yield from _over_shares(sums, definitions)


def _over_area(
    keys: list[Key], additive: Mapping[str, frozenset[str]], territory: Any
) -> Iterator[Relation]:
    children = {code: tuple(territory.children(code)) for code in territory.units["code"]}
    for group, places in _groups(keys, lambda k: k._replace(territory="")):
        if "area" in additive.get(group.measure, ()) and len(places) > 1:
            present = {k.territory for k in places}
            for top, kids in _families(territory.top, children, present):
                yield Relation(
                    group._replace(territory=top),
                    tuple(group._replace(territory=kid) for kid in kids),
                    "area",
                )


def _families(
    top: str, children: Mapping[str, tuple[str, ...]], present: set[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each place with its children, where a figure stands above and one below."""
    below: dict[str, bool] = {}

    def mark(code: str) -> bool:
        below[code] = any([mark(kid) or kid in present for kid in children[code]])
        return below[code]

    def walk(code: str, *, covered: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
        covered |= code in present
        if below[code]:
            if covered:
                yield code, children[code]
            for kid in children[code]:
                yield from walk(kid, covered=covered)

    mark(top)
    yield from walk(top, covered=False)


def _over_breakdowns(keys: list[Key]) -> Iterator[Relation]:
    used = sorted({(k.measure, c) for k in keys for c, _ in k.breakdowns})
    for count, column in used:
        if count.endswith("/whole"):
            continue  # the whole of a share need not differ by category
        own = [k for k in keys if k.measure == count]
        categories = sorted({v for k in own for c, v in k.breakdowns if c == column})
        tree = _tree(column, categories)
        for total, _ in _groups(
            [k for k in own if any(c == column for c, _ in k.breakdowns)],
            lambda k, column=column: _without(k, column),  # type: ignore[misc]
        ):
            for parent, kids in tree.items():
                head = total if parent is None else _with(total, column, parent)
                yield Relation(head, tuple(_with(total, column, kid) for kid in kids), column)


def _tree(column: str, categories: list[str]) -> dict[str | None, list[str]]:
    """Arrange categories under their parents: flat, but for the tree of phenomena."""
    if column != "phenomenon":
        return {None: categories}
    from obs.reference import load_phenomena

    listed = load_phenomena()
    parents = dict(zip(listed["code"], listed["parent"], strict=True))
    unknown = sorted(set(categories) - set(parents))
    if unknown:
        raise DisclosureError(
            f"Unknown phenomenon code(s) {', '.join(unknown[:5])}: their place in the codelist "
            "is needed to know what they are part of."
        )
    tree: dict[str | None, list[str]] = defaultdict(list)
    for code in categories:
        parent = parents[code]
        while not pd.isna(parent) and parent not in categories:
            parent = parents[parent]
        tree[None if pd.isna(parent) else parent].append(code)
    return dict(tree)


def _over_parts(keys: list[Key], definitions: Mapping[str, Definition]) -> Iterator[Relation]:
    for definition in definitions.values():
        names = tuple(definitions[p].count for p in definition.parts if p in definitions)
        if not names:
            continue
        counted = {k for k in keys if k.measure in names}
        for key in (k for k in keys if k.measure == definition.count):
            parts = tuple(key._replace(measure=n) for n in names)
            if counted & set(parts):
                yield Relation(key, parts, f"parts of {definition.count}")


def _over_shares(keys: list[Key], definitions: Mapping[str, Definition]) -> Iterator[Relation]:
    wholes = {d.count: d.whole or f"{d.count}/whole" for d in definitions.values()}
    shares = {d.count for d in definitions.values() if d.kind == "share"}
    present = set(keys)
    for key in keys:
        whole = key._replace(measure=wholes.get(key.measure, ""))
        if whole in present and (key.measure in shares or whole.measure.endswith("/whole")):
            yield Relation(whole, (key,), f"share {key.measure}")


def _over_time(keys: list[Key], additive: Mapping[str, frozenset[str]]) -> Iterator[Relation]:
    for group, members in _groups(keys, lambda k: k._replace(period="")):
        periods = {k.period for k in members}
        if "time" in additive.get(group.measure, ()) and len({len(p) for p in periods}) > 1:
            for whole in sorted(periods):
                for parts in _finer(whole):
                    if periods & set(parts):
                        yield Relation(
                            group._replace(period=whole),
                            tuple(group._replace(period=p) for p in parts),
                            f"time {len(parts)}",
                        )


def _finer(period: str) -> list[list[str]]:
    if re.fullmatch(r"\d{4}", period):
        months = [f"{period}-{m:02d}" for m in range(1, 13)]
        return [[f"{period}Q{q}" for q in range(1, 5)], months]
    if match := re.fullmatch(r"(\d{4})Q([1-4])", period):
        first = 3 * int(match[2]) - 2
        return [[f"{match[1]}-{m:02d}" for m in range(first, first + 3)]]
    return []


def _groups(keys: list[Key], by: Callable[[Key], Key]) -> list[tuple[Key, list[Key]]]:
    groups: dict[Key, list[Key]] = defaultdict(list)
    for key in keys:
        groups[by(key)].append(key)
    return list(groups.items())


def _without(key: Key, column: str) -> Key:
    return key._replace(breakdowns=tuple(b for b in key.breakdowns if b[0] != column))


def _with(key: Key, column: str, value: str) -> Key:
    return key._replace(breakdowns=tuple(sorted((*key.breakdowns, (column, value)))))


def _hide_absent(cells: Cells, relation: Relation, rules: Mapping[str, Rule]) -> None:
    for key in (relation.total, *relation.parts):
        if key not in cells.of_key:
            cells.see(key, float("nan"), rules.get(key.measure) or rules[relation.total.measure])


def _open_kinds(cells: Cells, relations: Mapping[Relation, None]) -> set[tuple[str, str]]:
    opened: set[tuple[str, str]] = set()
    for relation in relations:
        rest = _residual(cells, relation)
        if not np.isnan(rest) and rest < 0:
            raise DisclosureError(
                f"the parts exceed the total of {describe(relation.total)} ({relation.kind}). "
                "Correct the figures, or declare in the catalogue that they do not add up."
            )
        if relation.kind.startswith("share ") or rest > 0:
            opened.add((relation.total.measure, relation.kind))
    return opened


def _with_rest(
    cells: Cells, relation: Relation, opened: set[tuple[str, str]], rules: Mapping[str, Rule]
) -> Relation:
    if (relation.total.measure, relation.kind) not in opened:
        return relation
    key = relation.total._replace(measure=f"{relation.total.measure}/rest {relation.kind}")
    rule = rules.get(relation.total.measure) or rules[relation.parts[0].measure]
    cells.see(key, _residual(cells, relation), rule)
    return Relation(relation.total, (*relation.parts, key), relation.kind)


def _residual(cells: Cells, relation: Relation) -> float:
    parts = sum(cells.of_key[k].value for k in relation.parts)
    return float(cells.of_key[relation.total].value - parts)


def _complete(cells: Cells, relations: list[Relation]) -> None:
    """Fill in each value that is alone unknown in an equation, as any reader would."""
    changed = True
    while changed:
        changed = False
        for relation in relations:
            members = (relation.total, *relation.parts)
            unknown = [k for k in members if np.isnan(cells.of_key[k].value)]
            if len(unknown) == 1:
                cells.of_key[unknown[0]].value = _alone(cells, relation, unknown[0])
                changed = True


def _alone(cells: Cells, relation: Relation, key: Key) -> float:
    known = sum(cells.of_key[k].value for k in relation.parts if k != key)
    value = known if key == relation.total else cells.of_key[relation.total].value - known
    if value < 0:
        raise DisclosureError(
            f"the parts exceed the total of {describe(relation.total)} ({relation.kind}). "
            "Correct the figures, or declare in the catalogue that they do not add up."
        )
    return float(value)
