"""Write what sums to what: territory, breakdowns, parts of an indicator, shares, periods.

A reader who knows the hierarchy can write these equations, so an attacker has each of them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator, Mapping

import pandas as pd

from obs.disclosure.cells.cell_list import Key
from obs.disclosure.cells.equations import Relation
from obs.disclosure.cells.indicator_terms import Definition, counted
from obs.errors import DisclosureError
from obs.reference.territory import Territory

__all__ = ["Ways", "over_area", "over_breakdowns", "over_parts", "over_time"]

_COMPARABLE = 2  # figures along a column
Ways = Mapping[str, frozenset[str]]  # measure: the ways over which it is summed


def over_area(keys: list[Key], ways: Ways, territory: Territory) -> Iterator[Relation]:
    """Write places as parts of the place above them."""
    children = {code: tuple(territory.children(code)) for code in territory.units["code"]}
    for group, places in _group_keys(keys, lambda k: Key(k.measure, "", k.period, k.breakdowns)):
        if "area" in ways[group.measure] and len(places) > 1:
            present = {k.territory for k in places}
            own = _with_unplaced(children, present, territory)
            for top, kids in _place_families(territory.top, own, present):
                yield Relation(
                    Key(group.measure, top, *group[2:]),
                    tuple([Key(group.measure, kid, *group[2:]) for kid in kids]),
                    "area",
                )
            for new, parts in _merged_units(present, territory):
                yield Relation(
                    Key(group.measure, new, *group[2:]),
                    tuple([Key(group.measure, part, *group[2:]) for part in parts]),
                    "merger",
                )


def _merged_units(present: set[str], territory: Territory) -> Iterator[tuple[str, list[str]]]:
    """Give the merged units with a figure, and their parts, where one of these had a figure."""
    for one in territory.mergers:
        parts = [one.former(part) for part in one.parts]
        if one.new in present and present & {*parts}:
            yield one.new, parts


def _with_unplaced(
    children: Mapping[str, tuple[str, ...]], present: set[str], territory: Territory
) -> Mapping[str, tuple[str, ...]]:
    """Add to the parts of a place its facts without a known place, where they have a figure."""
    found = {code: unit for code, unit in territory.unplaced_units.items() if code in present}
    if not found:
        return children
    own = {unit: (*children[unit], code) for code, unit in found.items()}
    return {**children, **own, **dict.fromkeys(found, ())}


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


def over_breakdowns(
    keys: list[Key],
    ways: Ways,
    apart: Mapping[str, frozenset[str]],
    told: Container[Key] | None = None,
) -> Iterator[Relation]:
    """Write categories as parts of "all", but along the columns that are kept apart.

    Where there is one figure alone along a column, its parts could not be compared with any.
    `told` are the cells of the tables, without those that only equations name; all, if not given.
    """
    by_measure: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        if "offence" in ways[key.measure] and not key.measure.endswith("/whole"):
            by_measure[key.measure].append(key)
    for own in by_measure.values():
        kept_apart = apart.get(counted(own[0].measure), frozenset())
        for column in sorted({c for k in own for c, _ in k.breakdowns} - kept_apart):
            codes = {v for k in own for c, v in k.breakdowns if c == column}
            bare = any(column not in dict(k.breakdowns) for k in own)
            known = {
                v
                for k in own
                for c, v in k.breakdowns
                if c == column and (told is None or k in told)
            }
            tree = _code_tree(column, codes, known)
            figures = Counter(_without_breakdown(k, column) for k in own)
            for total in dict.fromkeys(
                _without_breakdown(k, column)
                for k in own
                # without it is equivalent: a total without a category stands alone along the column
                if _has_breakdown(k, column)
            ):
                if figures[total] < _COMPARABLE:
                    continue
                for parent, kids in tree.items():
                    if parent is not None or bare:
                        head = total if parent is None else _with_breakdown(total, column, parent)
                        parts = tuple(_with_breakdown(total, column, kid) for kid in kids)
                        yield Relation(head, parts, f"{column} {parent or 'all'}")


def _code_tree(column: str, codes: set[str], told: set[str]) -> dict[str | None, list[str]]:
    """Arrange codes under what they sum to: "a|b" is the sum of a and b, None of all."""
    if column == "phenomenon":
        return _phenomenon_tree(codes)
    tree: dict[str | None, list[str]] = {None: _parts_of_all(codes, told)}
    for code in sorted(codes):
        if "|" in code:
            tree[code] = code.split("|")
    return tree


def _parts_of_all(codes: set[str], told: set[str]) -> list[str]:
    """List what all codes sum to: single codes, or a union of which no code is told alone.

    The number of such a union is known and those of its codes are not: what the total holds beside
    it could not be told otherwise, and the total would be taken for the union.
    """
    unions = [c.split("|") for c in codes if "|" in c]
    singles = {single for code in codes for single in code.split("|")}
    alone = [u for u in unions if not any({*u} & {*v} for v in unions if v is not u)]
    whole = [u for u in alone if not {*u} & told]
    inside = {single for union in whole for single in union}
    return sorted((singles - inside) | {"|".join(union) for union in whole})


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


def over_parts(keys: list[Key], definitions: Mapping[str, Definition]) -> Iterator[Relation]:
    """Write the indicators that are declared parts of another."""
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


def over_time(keys: list[Key], ways: Ways) -> Iterator[Relation]:
    """Write months as parts of quarters, and both of years."""
    for group, members in _group_keys(
        keys, lambda k: Key(k.measure, k.territory, "", k.breakdowns)
    ):
        periods = {k.period for k in members}
        if "time" in ways[group.measure] and len({len(p) for p in periods}) > 1:
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
