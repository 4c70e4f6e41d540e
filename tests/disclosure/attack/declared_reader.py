"""The first attacker: the list of relations that the catalogue and the territory declare.

It takes a relation of two figures or more for exact wherever it is, though no reader could know
where that is so: what it cannot narrow, no reader can.
"""

from collections import defaultdict

import numpy as np
import pandas as pd

from obs.reference import load_phenomena
from tests.disclosure.attack.figures import signature

ALMOST = 1e-6


def relations(figures, catalogue, territory):
    """Give (kind, total, parts, way) for every declared relation between figures that there are.

    The way is "sum" (judged by the figures) or "at most" (the parts together do not exceed).
    """
    entries = _counted(figures, catalogue)
    yield from _areas(figures, entries, territory)
    yield from _periods(figures, entries)
    yield from _categories(figures, entries)
    for indicator in catalogue:
        yield from _of_indicator(figures, indicator, catalogue)
    for part, whole in figures.whole.items():
        yield "share", whole, (part,), "at most"


def _counted(figures, catalogue):
    """Give the ways over which each measure adds up or counts once."""
    ways = defaultdict(set)
    for name, entry in catalogue.items():
        counted, _ = signature(name, entry)
        ways[counted] |= set(entry.additive_over)
        for relation in getattr(entry, "relation", ()):
            ways[counted] |= set(relation.over) if relation.kind == "union" else set()
    return {measure: ways[measure[:-1]] for measure, *_ in figures.truth if measure[:-1] in ways}


def _areas(figures, ways, territory):
    base = territory.base_level
    below = defaultdict(lambda: defaultdict(list))
    for code in territory.units["code"]:
        up = territory.parent(code)
        while up is not None:
            below[up][territory.level_of(code)].append(code)
            up = territory.parent(up)
    for measure, marks, place, period in list(figures.truth):
        if "area" in ways.get(measure, ()) and territory.level_of(place) != base:
            for parts in below[place].values():
                cells = tuple((measure, marks, part, period) for part in parts)
                if figures.truth.keys() >= set(cells):
                    yield "area", (measure, marks, place, period), cells, "sum"


def _periods(figures, ways):
    for measure, marks, place, period in list(figures.truth):
        span = pd.Period(period)
        if "time" in ways.get(measure, ()) and span.freqstr[0] != "M":
            for freq in {"Q", "M"} - {span.freqstr[0]}:
                fine = pd.period_range(span.start_time, span.end_time, freq=freq).astype("str")
                cells = tuple((measure, marks, place, p) for p in fine)
                if figures.truth.keys() >= set(cells):
                    yield "time", (measure, marks, place, period), cells, "sum"


def _categories(figures, ways):
    """Give each figure with those that have one restriction more, along each column."""
    parent = load_phenomena().set_index("code")["parent"].to_dict()
    found = defaultdict(lambda: defaultdict(set))
    for measure, marks, place, period in figures.truth:
        if "offence" not in ways.get(measure, ()):
            continue
        for column, code in marks:
            rest = tuple(m for m in marks if m[0] != column)
            found[measure, rest, place, period][column].add(code)
    for (measure, rest, place, period), columns in found.items():
        for column, codes in columns.items():
            for head, parts in _families(column, codes, parent):
                total = rest if head is None else tuple(sorted((*rest, (column, head))))
                cells = tuple(
                    (measure, tuple(sorted((*rest, (column, c)))), place, period) for c in parts
                )
                total = (measure, total, place, period)
                if total in figures.truth:
                    yield "offence", total, cells, "sum"


def _families(column, codes, parent):
    if column == "phenomenon":
        heads = defaultdict(list)
        for code in sorted(codes):
            up = parent.get(code)
            while isinstance(up, str) and up not in codes:
                up = parent.get(up)
            heads[up if isinstance(up, str) else None].append(code)
        yield from heads.items()
        return
    singles = sorted(c for c in codes if "|" not in c)
    if singles:
        yield None, singles
    for code in codes:
        members = [c for c in singles if c in code.split("|")]
        if "|" in code and len(members) == len(code.split("|")):
            yield code, members


def _of_indicator(figures, name, catalogue):
    """Give the relations that an entry declares: its parts, at most, stock and flow."""
    entry = catalogue[name]
    own = signature(name, entry)
    declared = [("parts", tuple(entry.parts), (), "sum")] if entry.parts else []
    for relation in getattr(entry, "relation", ()):
        if relation.kind in ("at_most", "stock"):
            declared.append((relation.kind, tuple(relation.of), tuple(relation.less), "at most"))
    for kind, others, less, way in declared:
        for cell in _cells_of(figures, own, entry.unit):
            of = [_same_place(cell, own, catalogue, other) for other in others]
            gone = [_same_place(cell, own, catalogue, other) for other in less]
            if kind == "parts" and figures.truth.keys() & set(of):
                yield kind, cell, tuple(c for c in of if c in figures.truth), way
            elif kind == "at_most" and of[0] in figures.truth and of[0] != cell:
                yield kind, of[0], (cell,), way
            elif kind == "stock":
                before = (*cell[:3], str(pd.Period(cell[3]) - 1))
                if {before, *of, *gone} <= figures.truth.keys():
                    yield kind, (cell, *gone), (before, *of), "stock"


def _cells_of(figures, own, unit):
    counted, marks = own
    for cell in list(figures.truth):
        there = dict(cell[1])
        within = (set(there.get(c, "?").split("|")) <= set(v.split("|")) for c, v in marks.items())
        if cell[0] == (*counted, unit) and all(within):
            yield cell


def _same_place(cell, own, catalogue, other):
    counted, marks = signature(other, catalogue[other])
    kept = {c: v for c, v in cell[1] if c not in own[1] or c in marks}
    measure = (*counted, catalogue[other].unit)
    return (measure, tuple(sorted({**marks, **kept}.items())), *cell[2:])


def tell(knowledge, figures, found):
    """Add relations to what a reader knows, each as far as it is true."""
    for _, total, parts, way in found:
        totals = total if way == "stock" else (total,)
        terms = defaultdict(float)
        for cell in totals:
            terms[cell] -= 1
        for cell in parts:
            terms[cell] += 1
        left = sum(factor * figures.truth[cell] for cell, factor in terms.items())
        if abs(left) <= ALMOST and way != "at most":
            knowledge.link(dict(terms), 0.0, 0.0)
        elif left <= ALMOST:
            knowledge.link(dict(terms), -np.inf, 0.0)
        elif way == "sum":  # things that count in several parts
            knowledge.link(dict(terms), 0.0, np.inf)
            for part in parts:
                if figures.truth[part] <= figures.truth[total] + ALMOST:
                    knowledge.link({part: 1.0, total: -1.0}, -np.inf, 0.0)
