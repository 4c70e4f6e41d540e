"""Write every sum that a reader knows: places, breakdowns, parts, shares and periods.

A reader who knows the hierarchy can write these equations, so an attack can use each of them.
A cell that an equation needs but no table shows is added as a hidden cell.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.equations import (
    Relation,
    drop_contradicted,
    fill_determined,
    kinds_with_remainder,
    residual,
    with_remainder,
)
from obs.disclosure.cells.indicator_terms import Definition, counted
from obs.disclosure.sensitive.rules import Rule
from obs.errors import DisclosureError
from obs.reference.territory import Territory

__all__ = ["Relation", "Sums", "build_relations"]

_ROUNDS = 4  # a hidden total of one equation may be a part of another


@dataclass(frozen=True)
class Sums:
    """Every equation, and what a reader may know of them.

    Attributes
    ----------
    relations : list of Relation
        The equations, hidden remainders included.
    remainders : set of (str, str)
        Measure and kind of the equations that have a remainder.
    inferred : set of (str, str)
        Measure, and "area" or "offence", where the catalogue declares no additivity and
        the figures add up all the same.
    """

    relations: list[Relation]
    remainders: set[tuple[str, str]]
    inferred: set[tuple[str, str]]


def build_relations(
    cells: Cells, *, definitions: Mapping[str, Definition], territory: Territory
) -> Sums:
    """Write every equation between the cells, and complete the values they determine.

    Where totals exceed the sum of the parts shown (facts of no known form or place), the
    equations of that kind get a hidden remainder.

    `cells` is completed in place. Returns the equations. Raises `DisclosureError` if parts exceed
    their total: the figures contradict the catalogue's additivity.
    """
    rules = {k.measure: c.rule for k, c in cells.of_key.items() if c.rule is not None}
    inferred = _inferred_relations(cells, definitions, territory)
    found: dict[Relation, None] = {}
    for _ in range(_ROUNDS):
        before = len(cells.of_key)
        found = dict.fromkeys(_declared_relations(cells, definitions, territory, inferred))
        for relation in found:
            _hide_absent(cells, relation, rules)
        if len(cells.of_key) == before:
            break
    opened = kinds_with_remainder(cells, found)
    relations = [with_remainder(cells, r, opened, rules) for r in found]
    fill_determined(cells, relations)
    if drop_contradicted(cells, relations):
        fill_determined(cells, relations)
    return Sums(relations, opened, inferred)


def _inferred_relations(
    cells: Cells, definitions: Mapping[str, Definition], territory: Territory
) -> set[tuple[str, str]]:
    """Find where figures add up though nothing declares it: a reader would see it."""
    declared = {d.count: d.additive_over for d in definitions.values()}
    sums = _summable(cells)
    adds: dict[tuple[str, str], bool] = {}
    for way in ("area", "offence"):
        open_to = [k for k in sums if way not in declared.get(counted(k.measure), way)]
        additive = {k.measure: frozenset({way}) for k in open_to}
        relations = (
            _over_area(open_to, additive, territory)
            if way == "area"
            else _over_breakdowns(open_to, additive)
        )
        for relation in relations:
            rest = residual(cells, relation)
            if not np.isnan(rest):
                name = (relation.total.measure, way)
                adds[name] = adds.get(name, True) and rest >= 0
    return {name for name, holds in adds.items() if holds}


def _summable(cells: Cells) -> list[Key]:
    return [
        k for k in cells.of_key if "/rest " not in k.measure and not k.measure.startswith("survey ")
    ]


def _declared_relations(
    cells: Cells,
    definitions: Mapping[str, Definition],
    territory: Territory,
    inferred: set[tuple[str, str]],
) -> Iterator[Relation]:
    over = {d.count: d.additive_over for d in definitions.values()}
    sums = _summable(cells)
    additive = {
        m: over.get(counted(m), frozenset()) | {way for n, way in inferred if n == m}
        for m in {k.measure for k in sums}
    }
    yield from _over_breakdowns(sums, additive)
    yield from _over_area(sums, additive, territory)
    yield from _over_time(sums, additive)
    yield from _over_parts(sums, definitions)
    for part, whole in cells.shares.items():
        yield Relation(whole, (part,), f"share {part.measure}")


def _over_area(
    keys: list[Key], additive: Mapping[str, frozenset[str]], territory: Territory
) -> Iterator[Relation]:
    children = {code: tuple(territory.children(code)) for code in territory.units["code"]}
    for group, places in _group_keys(keys, lambda k: Key(k.measure, "", k.period, k.breakdowns)):
        if "area" in additive[group.measure] and len(places) > 1:
            present = {k.territory for k in places}
            for top, kids in _place_families(territory.top, children, present):
                yield Relation(
                    Key(group.measure, top, *group[2:]),
                    tuple([Key(group.measure, kid, *group[2:]) for kid in kids]),
                    "area",
                )


def _place_families(
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


def _over_breakdowns(keys: list[Key], additive: Mapping[str, frozenset[str]]) -> Iterator[Relation]:
    by_measure: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        if "offence" in additive[key.measure] and not key.measure.endswith("/whole"):
            by_measure[key.measure].append(key)
    for own in by_measure.values():
        for column in sorted({c for k in own for c, _ in k.breakdowns}):
            codes = {v for k in own for c, v in k.breakdowns if c == column}
            bare = any(column not in dict(k.breakdowns) for k in own)
            tree = _code_tree(column, codes)
            for total in dict.fromkeys(
                _without_breakdown(k, column) for k in own if _has_breakdown(k, column)
            ):
                for parent, kids in tree.items():
                    if parent is not None or bare:
                        head = total if parent is None else _with_breakdown(total, column, parent)
                        parts = tuple(_with_breakdown(total, column, kid) for kid in kids)
                        yield Relation(head, parts, f"{column} {parent or 'all'}")


def _code_tree(column: str, codes: set[str]) -> dict[str | None, list[str]]:
    """Arrange codes under what they sum to: "a|b" is the sum of a and b, None of all."""
    if column == "phenomenon":
        return _phenomenon_tree(codes)
    singles = sorted({single for code in codes for single in code.split("|")})
    tree: dict[str | None, list[str]] = {None: singles}
    for code in sorted(codes):
        if "|" in code:
            tree[code] = code.split("|")
    return tree


def _phenomenon_tree(codes: set[str]) -> dict[str | None, list[str]]:
    from obs.reference import load_phenomena

    listed = load_phenomena()
    parents = dict(zip(listed["code"], listed["parent"], strict=True))
    unknown = sorted(codes - set(parents))
    if unknown:
        raise DisclosureError(
            f"Unknown phenomenon code(s) {', '.join(unknown[:5])}: their place in the codelist "
            "is needed to know what they are part of."
        )
    tree: dict[str | None, list[str]] = defaultdict(list)
    for code in sorted(codes):
        parent = parents[code]
        while not pd.isna(parent) and parent not in codes:
            parent = parents[parent]
        tree[None if pd.isna(parent) else parent].append(code)
    return dict(tree)


def _over_parts(keys: list[Key], definitions: Mapping[str, Definition]) -> Iterator[Relation]:
    present = set(keys)
    for definition in (d for d in definitions.values() if d.parts):
        parts = [definitions[p] for p in definition.parts if p in definitions]
        own = dict(definition.marks)
        for key in (k for k in keys if counted(k.measure) == definition.count):
            marks = dict(key.breakdowns)
            if key.measure.endswith(")") and own.items() <= marks.items():
                extra = {c: v for c, v in marks.items() if c not in own}
                found = tuple(
                    p for d in parts for p in _part_of_cell(key, d, definition.count, extra)
                )
                if present & set(found):
                    yield Relation(key, found, f"parts of {definition.indicator}")


def _part_of_cell(
    key: Key, part: Definition, whole: str, extra: Mapping[str, str]
) -> Iterator[Key]:
    """Name a part of a cell, unless the cell is already cut along the same column."""
    if not set(extra) & {c for c, _ in part.marks}:
        marks = tuple(sorted({**dict(part.marks), **extra}.items()))
        measure = part.count + key.measure.removeprefix(whole)
        yield Key(measure, key.territory, key.period, marks)


def _over_time(keys: list[Key], additive: Mapping[str, frozenset[str]]) -> Iterator[Relation]:
    for group, members in _group_keys(
        keys, lambda k: Key(k.measure, k.territory, "", k.breakdowns)
    ):
        periods = {k.period for k in members}
        if "time" in additive[group.measure] and len({len(p) for p in periods}) > 1:
            for whole in sorted(periods):
                for parts in _finer_periods(whole):
                    if periods & set(parts):
                        yield Relation(
                            group._replace(period=whole),
                            tuple(group._replace(period=p) for p in parts),
                            f"time {len(parts)}",
                        )


def _finer_periods(period: str) -> list[list[str]]:
    if re.fullmatch(r"\d{4}", period):
        months = [f"{period}-{m:02d}" for m in range(1, 13)]
        return [[f"{period}Q{q}" for q in range(1, 5)], months]
    if match := re.fullmatch(r"(\d{4})Q([1-4])", period):
        first = 3 * int(match[2]) - 2
        return [[f"{match[1]}-{m:02d}" for m in range(first, first + 3)]]
    return []


def _group_keys(keys: list[Key], by: Callable[[Key], Key]) -> list[tuple[Key, list[Key]]]:
    groups: dict[Key, list[Key]] = defaultdict(list)
    for key in keys:
        groups[by(key)].append(key)
    return list(groups.items())


def _has_breakdown(key: Key, column: str) -> bool:
    return any(c == column for c, _ in key.breakdowns)


def _without_breakdown(key: Key, column: str) -> Key:
    return Key(*key[:3], tuple([b for b in key.breakdowns if b[0] != column]))


def _with_breakdown(key: Key, column: str, value: str) -> Key:
    return Key(*key[:3], tuple(sorted((*key.breakdowns, (column, value)))))


def _hide_absent(cells: Cells, relation: Relation, rules: Mapping[str, Rule]) -> None:
    for key in (relation.total, *relation.parts):
        if key not in cells.of_key:
            cells.find_or_add(
                key, float("nan"), rules.get(key.measure) or rules[relation.total.measure]
            )
