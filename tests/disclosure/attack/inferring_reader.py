"""The second attacker: it knows no list, and infers relations from published numbers.

Any two series of figures that satisfy an equation or an inequality in all published cells, any
three of which two add up to the third, and any sum over places, periods or categories that holds
wherever it can be seen, is taken for a rule. One that does not hold of the true figures, withheld
ones included, of several such towns is a coincidence: who uses it finds nothing true.
"""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pandas as pd

SEEN = 6  # common published cells from which a relation is inferred
FEW = 3  # sums seen, from which one over places, periods or categories is
MOST_SERIES = 60  # of which every three are compared
ALMOST = 1e-6
TESTS = {"=": lambda x: abs(x) <= ALMOST, "<=": lambda x: x <= ALMOST}
ENDS = {"=": (0.0, 0.0), "<=": (-np.inf, 0.0)}


def infer(figures, territory):
    """Give the relations that all published cells satisfy, each as a description."""
    series = _by_series(figures.shown)
    found = list(_pairs(series)) + list(_triples(series))
    for described, instances in _index(figures, territory).items():
        left = [_value(t, figures.shown) for t in instances if figures.shown.keys() >= t.keys()]
        for sign, test in TESTS.items():
            for way in (1, -1):
                if len(left) >= FEW and all(test(way * x) for x in left):
                    found.append((*described, sign, way))
    return found


def holds(described, figures, territory):
    """Tell whether a relation is true of all figures, those withheld included."""
    test = TESTS[described[-2]]
    return all(
        test(described[-1] * _value(terms, figures.truth))
        for terms in _instances(described, figures, territory)
    )


def tell(knowledge, figures, described, territory):
    """Add a relation to what a reader knows."""
    low, high = ENDS[described[-2]]
    for terms in _instances(described, figures, territory):
        knowledge.link({c: described[-1] * factor for c, factor in terms.items()}, low, high)


def _by_series(cells):
    series = defaultdict(dict)
    for (measure, marks, place, period), value in cells.items():
        series[measure, marks][place, period] = value
    return series


def _pairs(series):
    for one, other in combinations(series, 2):
        common = series[one].keys() & series[other].keys()
        if len(common) < SEEN:
            continue
        left = np.array([series[one][k] - series[other][k] for k in common])
        for sign, test in TESTS.items():
            for way in (1, -1):
                if all(test(way * x) for x in left):
                    yield "series", (one,), (other,), sign, way


def _triples(series):
    """Give two series that add up to a third."""
    long = {name: own for name, own in series.items() if len(own) >= SEEN}
    if len(long) > MOST_SERIES:
        return
    for whole, own in long.items():
        for one, other in combinations([n for n in long if n != whole], 2):
            common = own.keys() & long[one].keys() & long[other].keys()
            if len(common) >= SEEN and all(
                abs(long[one][k] + long[other][k] - own[k]) <= ALMOST for k in common
            ):
                yield "series", (one, other), (whole,), "=", 1


def _sums(truth, territory):
    """Give every sum that a reader may try: its description, and the cells with their signs."""
    for cell in truth:
        measure, marks, place, period = cell
        for level, parts in _places(place, territory).items():
            cells = [(measure, marks, p, period) for p in parts]
            yield from _complete(("area", (measure, marks), level), cells, cell, truth)
        for freq, parts in _periods(period).items():
            cells = [(measure, marks, place, p) for p in parts]
            yield from _complete(("time", (measure, marks), freq), cells, cell, truth)
    lines = defaultdict(list)
    for measure, marks, place, period in truth:
        for column, _ in marks:
            rest = tuple(m for m in marks if m[0] != column)
            lines[measure, rest, column, place, period].append((measure, marks, place, period))
    for (measure, rest, column, place, period), cells in lines.items():
        single = [c for c in cells if "|" not in dict(c[1])[column]]
        total = (measure, rest, place, period)
        if len(single) > 1:
            yield from _complete(("column", (measure, rest), column), single, total, truth)


def _complete(described, parts, total, truth):
    if parts and total in truth and truth.keys() >= set(parts):
        yield described, {**dict.fromkeys(parts, 1.0), total: -1.0}


def _places(place, territory):
    below = defaultdict(list)
    near = list(territory.children(place))
    while near:
        code = near.pop()
        below[territory.level_of(code)].append(code)
        near += territory.children(code)
    return below


def _periods(period):
    span = pd.Period(period)
    return {
        freq: [str(p) for p in pd.period_range(span.start_time, span.end_time, freq=freq)]
        for freq in {"Y": ("Q", "M"), "Q": ("M",)}.get(span.freqstr[0], ())
    }


def _index(figures, territory):
    """Give the sums there are, by description."""
    if "sums" not in figures.index:
        figures.index["sums"] = defaultdict(list)
        for described, terms in _sums(figures.truth, territory):
            figures.index["sums"][described].append(terms)
    return figures.index["sums"]


def _instances(described, figures, territory):
    kind, first, second = described[:3]
    if kind == "series":
        series = figures.index.setdefault("series", _by_series(figures.truth))
        keys = set.intersection(*(set(series[name]) for name in (*first, *second)))
        for place, period in sorted(keys):
            yield {
                **{(*name, place, period): 1.0 for name in first},
                **{(*name, place, period): -1.0 for name in second},
            }
        return
    yield from _index(figures, territory).get((kind, first, second), ())


def _value(terms, cells):
    return sum(factor * cells[cell] for cell, factor in terms.items())
