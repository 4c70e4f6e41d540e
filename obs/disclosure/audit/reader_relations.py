"""Write every relation that a reader of released tables can write: sums, and what is declared.

This module is part of the audit and shares no code with suppression. It takes the list of
declared relations, and finds by itself which undeclared sums the published figures satisfy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import pandas as pd

from obs.disclosure.audit.reader_knowledge import Name, View
from obs.disclosure.audit.reader_stocks import add_stock_equations
from obs.disclosure.released import Released, Structure
from obs.errors import DisclosureError
from obs.reference.territory import Territory

__all__ = ["add_relations"]

_ALMOST = 1e-6  # another is equivalent: counts are whole, and sums of doubles less off
_Sums = dict[tuple[Name, str], list[Name]]


def add_relations(view: View, released: Released) -> None:
    """Complete a view with every relation between its cells.

    Raises `DisclosureError` if published figures break a sum that is not said to be loosened.
    """
    structure = released.structure
    said = {
        (kind, measure, place, period, frozenset(map(tuple, marks))): how
        for kind, measure, place, period, marks, how in structure["loosened"]
    }
    _name_lesser_totals(view, released)
    ways = _declared_ways(structure)
    ways |= _ways_that_hold(view, released, ways)
    for (total, kind), parts in _closed_sums(view, released, ways).items():
        _add_sum(view, total, parts, kind, said.get((kind, *total), "exact"), structure)
    _add_shares(view, said)
    for cell, least, most in view.bounds:
        _add_bound(view, cell, most)
        floor = view.cell((f"least {least}", "", "", frozenset()))
        view.known[floor] = least
        _add_inequality(view, floor, cell)
    for relation in structure["relations"]:
        if relation["kind"] == "at_most":
            _add_at_most(view, relation, structure, said)
        if relation["kind"] == "stock":
            _add_stock(view, relation, structure, said)


def _declared_ways(structure: Structure) -> set[tuple[str, str]]:
    """Give the counts and the ways over which the catalogue declares them."""
    return {
        (entry["count"], way)
        for entry in structure["indicators"].values()
        for way in (*entry["additive_over"], *entry["union_over"])
    }


def _ways_that_hold(
    view: View, released: Released, declared: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Find where published figures add up, at least half of the time, though nothing says so."""
    cells = list(view.number)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for way in ("area", "offence"):
        own = [c for c in cells if (_count_in(c[0]), way) not in declared]
        sums: _Sums = {}
        if way == "area":
            _sum_areas(own, sums, released.territory)
        else:
            _sum_marks([c for c in own if c[0][-1] == ")"], sums)
        for (total, _), parts in sums.items():
            seen = [view.known.get(view.number.get(n, -1)) for n in (total, *parts)]
            if None not in seen:
                # no condition is equivalent: none is None here, the type checker alone asks
                first, *others = (float(value) for value in seen if value is not None)
                found[_count_in(total[0]), way].append(first - sum(others))
    return {
        name
        for name, left in found.items()
        if min(left) >= -_ALMOST or 2 * sum(abs(x) <= _ALMOST for x in left) >= len(left)
    }


def _count_in(measure: str) -> str:
    return measure.rpartition(" (")[0]


def _closed_sums(view: View, released: Released, ways: set[tuple[str, str]]) -> _Sums:
    """Write the sums of all cells, those that the sums themselves need included."""
    size = -1
    sums: _Sums = {}
    while size != len(view.number):
        size, sums = len(view.number), {}
        cells = list(view.number)
        may = {c[0]: {w for count, w in ways if count == _count_in(c[0])} for c in cells}
        _sum_marks([c for c in cells if "offence" in may[c[0]] and c[0][-1] == ")"], sums)
        _sum_areas([c for c in cells if "area" in may[c[0]]], sums, released.territory)
        _sum_periods([c for c in cells if "time" in may[c[0]]], sums)
        _sum_parts(cells, sums, released.structure["indicators"])
        for (total, _), parts in sums.items():
            for name in (total, *parts):
                view.cell(name)
    return sums


def _add_sum(
    view: View, total: Name, parts: Iterable[Name], kind: str, how: str, structure: Structure
) -> None:
    """Write one sum as it is said to hold: exactly, or with more or less in the total."""
    numbers = [view.cell(p) for p in parts]
    whole = view.cell(total)
    if how == "unknown":
        return
    if how == "exact":
        _refuse_broken(view, whole, numbers, total, kind)
        view.equations.append((whole, numbers))
        return
    rest = view.cell((f"{total[0]}/rest {kind}", *total[1:]))
    if how.startswith("near"):
        _add_bound(view, rest, _doubt_of(total, structure) - 1)
    if how.endswith("more"):
        view.equations.append((whole, [*numbers, rest]))
        return
    both = view.cell((f"{total[0]}/parts of {kind}", *total[1:]))
    view.equations += [(both, numbers), (both, [whole, rest])]
    for number in numbers:
        _add_inequality(view, number, whole)


def _refuse_broken(view: View, whole: int, parts: list[int], total: Name, kind: str) -> None:
    known = [view.known.get(n) for n in (whole, *parts)]
    if None in known:
        return
    first, *others = (float(k) for k in known if k is not None)
    if abs(first - sum(others)) > _ALMOST * max(1.0, abs(first)):
        raise DisclosureError(
            f"the audit could not be carried out: what is published of {total[0]} {total[1]} "
            f"{total[2]} does not add up ({kind}), and the release does not say so."
        )


def _add_inequality(view: View, lesser: int, greater: int) -> None:
    """Write that one cell is at most another."""
    short = view.cell((f"short of {greater}", str(lesser), "", frozenset()))
    view.equations.append((greater, [lesser, short]))


def _add_bound(view: View, cell: int, most: float) -> None:
    """Write that a cell is at most a figure."""
    top = view.cell((f"most {most}", "", "", frozenset()))
    view.known[top] = most
    _add_inequality(view, cell, top)


def _doubt_of(name: Name, structure: Structure) -> float:
    """Give the cover that the strictest rule of a count asks for."""
    rules = [
        e["cover"] for e in structure["indicators"].values() if e["count"] == _count_in(name[0])
    ]
    rules += [
        cover for column, code, _, cover in structure["stricter"] if (column, code) in name[3]
    ]
    return float(max(rules, default=1))


def _add_shares(view: View, said: Mapping[Any, str]) -> None:
    names = {number: name for name, number in view.number.items()}
    for part, whole in list(view.shares.items()):
        kind = share_kind(names[part])
        how = said.get((kind, *names[whole]), "exact")
        if how == "exact":
            view.equations.append((whole, [part]))
        else:
            _add_inequality(view, part, whole)


def share_kind(part: Name) -> str:
    """Name the relation of a part to its whole, as the release names it."""
    marks = " ".join(f"{column}={code}" for column, code in sorted(part[3]))
    return f"share {part[0]} {marks}".strip()


def _cells_counted(view: View, entry: Mapping[str, Any]) -> Iterator[Name]:
    """Give the cells that an indicator counts in its own unit, restricted as it is or more."""
    measure, own = f"{entry['count']} ({entry['unit']})", entry["marks"]
    for name in list(view.number):
        if name[0] == measure:
            marks = dict(name[3])
            if all(set(marks.get(c, "?").split("|")) <= set(v.split("|")) for c, v in own.items()):
                yield name


def _counted_by(name: Name, own: Mapping[str, Any], other: Mapping[str, Any]) -> Name:
    """Name what another indicator counts at the place, period and breakdowns of a cell."""
    kept = {c: v for c, v in name[3] if c not in own["marks"] or c in other["marks"]}
    marks = frozenset({**other["marks"], **kept}.items())
    return (f"{other['count']} ({other['unit']})", name[1], name[2], marks)


def _add_at_most(
    view: View, relation: Mapping[str, Any], structure: Structure, said: Mapping[Any, str]
) -> None:
    about = structure["indicators"] | structure["alike"]
    own, (other, *_) = about[relation["own"]], [about[i] for i in relation["of"]]
    for name in _cells_counted(view, own):
        greater = _counted_by(name, own, other)
        broken = (f"at most {relation['of'][0]}", *name) in said
        if greater in view.number and greater != name and not broken:
            _add_inequality(view, view.number[name], view.number[greater])


def _name_lesser_totals(view: View, released: Released) -> None:
    """Name the lesser count wherever the greater one is named: its parts may add up to it."""
    structure, place = released.structure, released.territory
    about = structure["indicators"] | structure["alike"]
    for relation in (r for r in structure["relations"] if r["kind"] == "at_most"):
        own, other = about[relation["own"]], about[relation["of"][0]]
        named: dict[frozenset[tuple[str, str]], list[Name]] = defaultdict(list)
        for name in _cells_counted(view, own):
            named[name[3]].append(name)
        for greater in list(_cells_counted(view, other)):
            lesser = _counted_by(greater, other, own)
            if lesser in view.number or _counted_by(lesser, own, other) != greater:
                continue
            span = _periods_of(greater[2])
            places = {greater[1], *_below(place, greater[1])}
            if any(n[1] in places and _periods_of(n[2]) <= span for n in named[lesser[3]]):
                view.cell(lesser)


def _below(place: Territory, code: str) -> Iterator[str]:
    """Give every place under a place of the hierarchy."""
    if code in place.units["code"].to_numpy():
        for kid in place.children(code):
            yield kid
            yield from _below(place, kid)


@cache
def _periods_of(period: str) -> set[str]:
    """Give the months of a period; a shorter one is itself."""
    own = pd.Period(period)
    if own.freqstr[0] not in "YQM":
        return {period}
    ends = own.asfreq("M", how="start"), own.asfreq("M", how="end")
    return {str(m) for m in pd.period_range(*ends, freq="M")}


def _add_stock(
    view: View, relation: Mapping[str, Any], structure: Structure, said: Mapping[Any, str]
) -> None:
    about, kind = structure["indicators"] | structure["alike"], f"stock {relation['own']}"
    own = about[relation["own"]]
    held = list(_cells_counted(view, own))
    flows = {side: [about[i] for i in relation[side]] for side in ("of", "less")}
    add_stock_equations(view, held, flows, lambda n, i: _counted_by(n, own, i), kind, said)
    for name in held:
        step = pd.Period(name[2])
        for freq in ("Q", "M"):
            last = (*name[:2], str(step.asfreq(freq, how="end")), name[3])
            ends = (f"{kind} at {last[2]}", *name)
            if last[2] != name[2] and last in view.number and ends not in said:
                view.equations.append((view.number[name], [view.number[last]]))


def _sum_marks(cells: list[Name], sums: dict[tuple[Name, str], list[Name]]) -> None:
    """Sum categories, also those that an indicator joins ("couple|family")."""
    columns = {(c[0], column) for c in cells for column, _ in c[3]}
    for measure, column in columns:
        own = [c for c in cells if c[0] == measure]
        codes = {code for c in own for k, code in c[3] if k == column}
        whole_too = any(column not in dict(c[3]) for c in own)
        kids: dict[str | None, set[str]] = {}
        if column == "phenomenon":
            for code, up in _parent_phenomena(codes).items():
                kids.setdefault(up, set()).add(code)
        else:
            kids[None] = {single for code in codes for single in code.split("|")}
            kids |= {code: set(code.split("|")) for code in codes if "|" in code}
        rests = [frozenset(m for m in cell[3] if m[0] != column) for cell in own]
        several = Counter((*cell[:3], rest) for cell, rest in zip(own, rests, strict=True))
        for cell, rest in zip(own, rests, strict=True):
            alone = several[(*cell[:3], rest)] == 1  # nothing that its parts could be compared with
            for up in kids if rest != cell[3] and not alone else ():
                if up is None and not whole_too:
                    continue
                total = (*cell[:3], rest if up is None else rest | {(column, up)})
                sums[total, f"{column} {up or 'all'}"] = [
                    (*cell[:3], rest | {(column, kid)}) for kid in sorted(kids[up])
                ]


def _parent_phenomena(codes: set[str]) -> dict[str, str | None]:
    """Give the phenomenon just above each, among those shown."""
    from obs.reference import load_phenomena

    parent = load_phenomena().set_index("code")["parent"]
    above: dict[str, str | None] = {}
    for code in codes:
        up = parent.get(code)
        while isinstance(up, str) and up not in codes:
            up = parent.get(up)
        above[code] = up if isinstance(up, str) else None
    return above


def _sum_areas(
    cells: list[Name], sums: dict[tuple[Name, str], list[Name]], territory: Territory
) -> None:
    seen: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for measure, code, period, marks in cells:
        seen[measure, period, marks].add(code)
    shown = {code for own in seen.values() for code in own}
    unplaced = [code for code in territory.unplaced_units if code in shown]
    parent = {c: territory.parent(c) for c in (*territory.units["code"], *unplaced)}
    kids: dict[str, list[str]] = defaultdict(list)
    for code, up in parent.items():
        if up is not None:
            kids[up].append(code)
    for (count, period, marks), codes in seen.items():
        needed = set()  # places between a figure above and a figure below
        for code in codes:
            line = []
            up = parent.get(code)  # none of a place that is no more
            while up is not None:
                line.append(up)
                if up in codes:
                    needed |= set(line)
                up = parent[up]
        for up in needed:
            sums[(count, up, period, marks), "area"] = [
                (count, kid, period, marks)
                for kid in kids[up]
                if kid in codes or kid not in unplaced
            ]
        _sum_mergers((count, period, marks), codes, sums, territory)


def _sum_mergers(
    figure: tuple[Any, ...],
    codes: set[str],
    sums: dict[tuple[Name, str], list[Name]],
    territory: Territory,
) -> None:
    """Write merged units as the sums of their parts, of which earlier editions had figures."""
    count, period, marks = figure
    for one in territory.mergers:
        parts = [one.former(part) for part in one.parts]
        if one.new in codes and codes & {*parts}:
            sums[(count, one.new, period, marks), "merger"] = [
                (count, part, period, marks) for part in parts
            ]


def _sum_parts(
    cells: list[Name], sums: dict[tuple[Name, str], list[Name]], about: Mapping[str, Any]
) -> None:
    present = set(cells)
    for indicator, entry in ((i, e) for i, e in about.items() if e["parts"]):
        own = set(entry["marks"].items())
        head = f"{entry['count']} ("
        for cell in cells:
            if not (cell[0].startswith(head) and cell[0].endswith(")") and own <= cell[3]):
                continue
            more = {m for m in cell[3] if m[0] not in entry["marks"]}
            parts = []
            for part in (about[p] for p in entry["parts"]):
                if not {m[0] for m in more} & set(part["marks"]):
                    measure = part["count"] + cell[0].removeprefix(entry["count"])
                    parts.append((measure, *cell[1:3], frozenset(part["marks"].items()) | more))
            if present & set(parts):
                sums[cell, f"parts of {indicator}"] = parts


def _sum_periods(cells: list[Name], sums: dict[tuple[Name, str], list[Name]]) -> None:
    spans: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for measure, code, period, marks in cells:
        spans[measure, code, marks].add(period)
    for (measure, code, marks), periods in spans.items():
        for whole in [p for p in periods if len({len(q) for q in periods}) > 1 and len(p) < 7]:
            for freq in ("Q", "M"):
                span = pd.Period(whole)
                if span.freqstr[0] == freq:
                    continue
                fine = pd.period_range(span.start_time, span.end_time, freq=freq).astype("str")
                if periods & set(fine):
                    sums[(measure, code, whole, marks), f"time {len(fine)}"] = [
                        (measure, code, str(p), marks) for p in fine
                    ]
