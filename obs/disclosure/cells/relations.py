"""Write every relation that a reader knows: sums, and what the catalogue declares besides.

Cells that no table shows but that an equation needs are added as hidden ones. Each relation is
judged by the figures: one that they break is loosened alone, and said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from obs.disclosure.cells.cell_list import Cells, Key, is_count
from obs.disclosure.cells.declared_relations import add_declared, add_unpublished_lessers
from obs.disclosure.cells.equations import (
    Relation,
    add_rests,
    drop_contradicted,
    fill_determined,
    judge_relations,
    residual,
)
from obs.disclosure.cells.indicator_terms import Between, Definition, counted
from obs.disclosure.cells.sums import Ways, over_area, over_breakdowns, over_parts, over_time
from obs.disclosure.cells.survey_relations import survey_relations
from obs.disclosure.sensitive.rules import Rule
from obs.reference.territory import Territory

__all__ = ["Loosened", "Relation", "Relations", "build_relations"]

_ROUNDS = 4  # a hidden total of one equation may be a part of another
Loosened = tuple[str, str, str, str, tuple[tuple[str, str], ...], str]


@dataclass(frozen=True)
class Relations:
    """Every equation, and those that do not hold as they are declared.

    Attributes
    ----------
    equations : list of Relation
        With their unpublished remainders and slacks.
    loosened : list of tuple
        Kind, measure, territory, period and breakdowns of each relation that the figures break,
        and how they differ.
    """

    equations: list[Relation]
    loosened: list[Loosened]


def build_relations(
    cells: Cells,
    *,
    definitions: Mapping[str, Definition],
    territory: Territory,
    between: Sequence[Between] = (),
) -> Relations:
    """Write every equation between the cells, and complete the values they determine.

    `cells` is completed in place. Raises `DisclosureError` if a part exceeds its total: the
    figures contradict the catalogue.
    """
    rules = {k.measure: c.rule for k, c in cells.of_key.items() if c.rule is not None}
    add_unpublished_lessers(cells, between, territory, rules)
    guessed = _ways_that_figures_show(cells, definitions, territory)
    found: dict[Relation, None] = {}
    told = frozenset(cells.of_key)
    for _ in range(_ROUNDS):
        before = len(cells.of_key)
        found = dict.fromkeys(_sums(cells, definitions, territory, guessed, told))
        for relation in found:
            _hide_absent(cells, relation, rules)
        if len(cells.of_key) == before:
            break
    judged = judge_relations(cells, found)
    chance = [r for r, rest in judged.items() if _is_chance(cells, r, rest, guessed)]
    for relation in chance:
        del judged[relation]
    sums, loosened = add_rests(cells, judged, rules)
    loosened += [(relation, "unknown") for relation in chance]
    _fill(cells, sums)
    declared, broken = add_declared(cells, between)
    equations = sums + declared
    _fill(cells, equations)
    asked, loose_bases = survey_relations(cells, territory=territory)
    said = [(r.kind, *r.total, how) for r, how in (*loosened, *broken, *loose_bases)]
    return Relations(equations + asked, sorted(dict.fromkeys(said)))


def _fill(cells: Cells, relations: list[Relation]) -> None:
    fill_determined(cells, relations)
    if drop_contradicted(cells, relations):
        fill_determined(cells, relations)


def _sums(
    cells: Cells,
    definitions: Mapping[str, Definition],
    territory: Territory,
    guessed: Mapping[tuple[str, str], str],
    told: Container[Key],
) -> Iterator[Relation]:
    sums = _counts(cells)
    declared = {d.count: d.additive_over | d.union_over for d in definitions.values()}
    ways: Ways = {
        m: declared.get(counted(m), frozenset()) | {way for n, way in guessed if n == m}
        for m in {k.measure for k in sums}
    }
    apart = {d.count: d.not_summed for d in definitions.values()}
    yield from over_breakdowns(sums, ways, apart, told)
    yield from over_area(sums, ways, territory)
    yield from over_time(sums, ways)
    yield from over_parts(sums, definitions)
    for part, whole in cells.shares.items():
        marks = " ".join(f"{column}={code}" for column, code in part.breakdowns)
        yield Relation(whole, (part,), f"share {part.measure} {marks}".strip())


def _counts(cells: Cells) -> list[Key]:
    return [k for k in cells.of_key if is_count(k)]


def _ways_that_figures_show(
    cells: Cells, definitions: Mapping[str, Definition], territory: Territory
) -> dict[tuple[str, str], str]:
    """Find where figures add up though nothing declares it: a reader would see it.

    A way of a measure "bounds" where no total is less than its parts, and "mostly" holds where
    half of its sums are exact.
    """
    declared = {d.count: d.additive_over | d.union_over for d in definitions.values()}
    sums = _counts(cells)
    rests: dict[tuple[str, str], list[float]] = defaultdict(list)
    for way in ("area", "offence"):
        open_to = [k for k in sums if way not in declared.get(counted(k.measure), {way})]
        ways = {k.measure: frozenset({way}) for k in open_to}
        found = (
            over_area(open_to, ways, territory)
            if way == "area"
            else over_breakdowns(open_to, ways, {})
        )
        for relation in found:
            rest = residual(cells, relation)
            if not np.isnan(rest):
                rests[relation.total.measure, way].append(rest)
    shown = {}
    for name, left in rests.items():
        if min(left) >= 0:
            shown[name] = "bounds"
        elif 2 * left.count(0.0) >= len(left):
            shown[name] = "mostly"
    return shown


def _is_chance(
    cells: Cells, relation: Relation, rest: float, guessed: Mapping[tuple[str, str], str]
) -> bool:
    """Tell whether a sum that nothing declares is one of the few of its kind that do not hold."""
    way = relation.kind if relation.kind in ("area", "time") else "offence"
    rule = cells.of_key[relation.total].rule
    far = not np.isnan(rest) and rule is not None and abs(rest) >= rule.cover
    return far and guessed.get((relation.total.measure, way)) == "mostly"


def _hide_absent(cells: Cells, relation: Relation, rules: Mapping[str, Rule]) -> None:
    for key in relation.members:
        if key not in cells.of_key:
            cells.find_or_add(
                key, float("nan"), rules.get(key.measure) or rules[relation.total.measure]
            )
