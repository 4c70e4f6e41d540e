"""Write the relations between counts that the catalogue declares: at most, stock and flow.

An inequality is an equation with an unpublished slack that is not negative. One that the
figures break is not assumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from obs.disclosure.cells.cell_list import Cells, Key, is_count
from obs.disclosure.cells.equations import Relation, at_most, residual
from obs.disclosure.cells.indicator_terms import Between, Definition
from obs.disclosure.cells.stock_chains import chains_to
from obs.disclosure.sensitive.rules import Rule
from obs.reference.territory import Territory

__all__ = ["add_declared", "add_unpublished_lessers", "key_in"]

_Broken = list[tuple[Relation, str]]
_STEPS = {4: "Y", 6: "Q", 7: "M"}  # how long a period's text is: its frequency


@dataclass
class _Finder:
    """The cells of counts, by measure."""

    of_measure: Mapping[str, Sequence[Key]]

    def cells_of(self, definition: Definition) -> Iterator[Key]:
        """Give the cells that an indicator counts, in its own unit."""
        own = dict(definition.marks)
        for key in self.of_measure.get(definition.measure, ()):
            marks = dict(key.breakdowns)
            if all(_within(marks.get(c), codes) for c, codes in own.items()):
                yield key


def add_declared(cells: Cells, between: Sequence[Between]) -> tuple[list[Relation], _Broken]:
    """Write the relations that hold between the cells there are; give also those that do not."""
    by_measure: dict[str, list[Key]] = {}
    for key in (k for k in cells.of_key if is_count(k)):
        by_measure.setdefault(key.measure, []).append(key)
    finder = _Finder(by_measure)
    written: list[Relation] = []
    broken: _Broken = []
    for relation in between:
        if relation.kind == "at_most":
            _add_at_most(cells, relation, finder, written, broken)
        elif relation.kind == "stock":
            _add_stock(cells, relation, finder, written, broken)
    return written, broken


def add_unpublished_lessers(
    cells: Cells, between: Sequence[Between], territory: Territory, rules: Mapping[str, Rule]
) -> None:
    """Add the lesser count that no table asks for, where the greater one and a part of it are.

    Reports of a commune are at most the facts of its zone, through the reports of the zone.
    """
    by_measure: dict[str, list[Key]] = {}
    for key in (k for k in cells.of_key if is_count(k)):
        by_measure.setdefault(key.measure, []).append(key)
    finder = _Finder(by_measure)
    for relation in (r for r in between if r.kind == "at_most"):
        own, other = relation.own, relation.of[0]
        parts: dict[tuple[tuple[str, str], ...], list[Key]] = {}
        for part in finder.cells_of(own):
            parts.setdefault(part.breakdowns, []).append(part)
        for greater in list(finder.cells_of(other)):
            kept = {c: v for c, v in greater.breakdowns if c not in dict(other.marks)}
            marks = tuple(sorted({**kept, **dict(own.marks)}.items()))
            lesser = greater._replace(measure=own.measure, breakdowns=marks)
            if lesser in cells.of_key or lesser == greater or own.measure not in rules:
                continue
            if key_in(lesser, own, other) == greater and any(
                _is_part(part, lesser, territory) for part in parts.get(marks, ())
            ):
                cells.find_or_add(lesser, float("nan"), rules[own.measure])


def _is_part(part: Key, whole: Key, territory: Territory) -> bool:
    """Tell whether a cell is of a place and a period that are part of another's."""
    if part.period not in (whole.period, *_all_within(whole.period)):
        return False
    code: str | None = part.territory
    while code is not None and code != whole.territory:
        code = territory.parent(code)
    return code is not None


def _all_within(period: str) -> list[str]:
    """List the quarters and months of a year, and the months of a quarter."""
    months = {4: range(1, 13), 6: range(3 * int(period[-1]) - 2, 3 * int(period[-1]) + 1)}
    own = [f"{period[:4]}-{m:02d}" for m in months.get(len(period), ())]
    return own + ([f"{period}Q{q}" for q in range(1, 5)] if len(period) == 4 else [])


def key_in(key: Key, own: Definition, other: Definition) -> Key:
    """Name the cell of another indicator at the place, period and breakdowns of a cell.

    A breakdown that the indicator restricts and the other does not is dropped: the cell is
    then a part of the other's.
    """
    theirs = dict(other.marks)
    marks = {
        column: code
        for column, code in key.breakdowns
        if column not in dict(own.marks) or column in theirs
    }
    return key._replace(
        measure=other.measure, breakdowns=tuple(sorted({**theirs, **marks}.items()))
    )


def _within(code: str | None, codes: str) -> bool:
    """Tell whether a code, or each of several joined by "|", is among others."""
    return code is not None and set(code.split("|")) <= set(codes.split("|"))


def _add_at_most(
    cells: Cells, relation: Between, finder: _Finder, written: list[Relation], broken: _Broken
) -> None:
    own, other = relation.own, relation.of[0]
    for lesser in list(finder.cells_of(own)):
        greater = key_in(lesser, own, other)
        if greater not in cells.of_key or greater == lesser:
            continue
        rule = cells.of_key[lesser].rule or cells.of_key[greater].rule
        short = cells.of_key[greater].value - cells.of_key[lesser].value
        if rule is None:
            continue
        if short < 0:
            broken.append((Relation(lesser, (greater,), f"at most {other.indicator}"), "less"))
            continue
        measure = f"{own.measure}/rest below {other.measure}"
        counted = own.unit == other.unit
        written.append(at_most(cells, lesser, greater, measure, rule, counted=counted))


def _add_stock(
    cells: Cells, relation: Between, finder: _Finder, written: list[Relation], broken: _Broken
) -> None:
    """Write stock before + entered + entered again = stock + left, and stocks at one date as one."""
    own = relation.own
    stocks = list(finder.cells_of(own))
    for now in stocks:
        before = now._replace(period=_before(now.period))
        entered = [key_in(now, own, d) for d in relation.of]
        left = [key_in(now, own, d) for d in relation.less]
        if {before, *entered, *left} <= cells.of_key.keys():
            _write_stock(cells, own, (now, before), entered, left, written, broken)
        for earlier, came, went in chains_to(cells, now, stocks, of=entered, less=left):
            _write_stock(cells, own, (now, earlier), came, went, written, broken)
        for end in _ends(now.period):
            same = now._replace(period=end)
            if same in cells.of_key:
                one = Relation(now, (same,), f"stock {own.indicator} at {end}")
                unequal = abs(residual(cells, one)) > 0
                broken += [(one, "unknown")] if unequal else []
                written += [] if unequal else [one]


def _write_stock(
    cells: Cells,
    own: Definition,
    stocks: tuple[Key, Key],
    entered: list[Key],
    left: list[Key],
    written: list[Relation],
    broken: _Broken,
) -> None:
    now, before = stocks
    chained = before.period != _before(now.period) or {k.period for k in left} != {now.period}
    since = f" since {before.period}" if chained else ""
    kind = f"stock {own.indicator}{since}"
    came = sum(cells.of_key[k].value for k in (before, *entered))
    went = sum(cells.of_key[k].value for k in (now, *left))
    rule = cells.of_key[now].rule
    if rule is None:
        return
    if went < came:
        broken.append((Relation(now, (before, *entered), kind), "less"))
        return
    every = now._replace(measure=f"{own.measure}/slack held or left{since}")
    again = now._replace(measure=f"{own.measure}/rest {kind}")
    cells.add_slack(every, went, rule)
    written.append(Relation(every, (now, *left), kind))
    if went == came:
        written.append(Relation(every, (before, *entered), kind))
        return
    broken.append((Relation(now, (before, *entered), kind), "more"))
    cells.find_or_add(again, went - came, rule)
    written.append(Relation(every, (before, *entered, again), kind))


def _before(period: str) -> str:
    """Give the period before: "2023" before "2024", "2023-12" before "2024-01"."""
    freq = _STEPS.get(len(period))
    return str(pd.Period(period, freq) - 1) if freq else ""


def _ends(period: str) -> list[str]:
    """Give the shorter periods that end with a year or a quarter."""
    if len(period) == 4:
        return [f"{period}Q4", f"{period}-12"]
    if len(period) == 6 and period[4] == "Q":
        return [f"{period[:4]}-{3 * int(period[5]):02d}"]
    return []
