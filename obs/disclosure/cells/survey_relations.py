"""Write what readers of a survey can subtract: bases, answers that share out a base, domains.

Bases add up over the breakdowns that share out respondents; a group left over is judged like
a shown one. The answers of a question share out its base. Estimates are weighted, so that what
a sum of them leaves over is taken as known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from obs.disclosure.cells.cell_list import Cells, Estimate, Key
from obs.disclosure.cells.equations import Relation, at_most, residual
from obs.disclosure.cells.sums import over_area, over_breakdowns
from obs.disclosure.cells.survey_cells import base_rule
from obs.disclosure.sensitive.rules import Rule
from obs.reference.territory import Territory

__all__ = ["LoosenedBases", "survey_relations"]

_ALMOST = 1e-6
_NEAR = 0.01  # of a base: answers whose question is not declared share it out if they sum to it
_Domain = tuple[str, str, str, tuple[tuple[str, str], ...]]
LoosenedBases = list[tuple[Relation, str]]


def survey_relations(cells: Cells, *, territory: Territory) -> tuple[list[Relation], LoosenedBases]:
    """Write the relations between the estimates there are, and say where respondents are left over.

    `cells` is completed in place.
    """
    estimates = list(cells.estimates.values())
    bases, loosened = _bases(cells, estimates, territory)
    sums = list(_sums(cells, [e.answered for e in estimates], estimates, territory))
    domains: dict[_Domain, list[Estimate]] = defaultdict(list)
    for one in estimates:
        if one.joined:
            where = (one.base.territory, one.base.period, one.base.breakdowns)
            domains[one.question.name, *where].append(one)
    shared = [r for asked in domains.values() for r in _answers(cells, asked)]
    _fill_blanks(cells, shared + sums, estimates)
    written = bases + _domains(cells, estimates, sums)
    written += [replace(r, constant=_left_over(cells, r)) for r in shared]
    written += _any_item(cells, estimates)
    return list(dict.fromkeys(written)), loosened


def _sums(
    cells: Cells, keys: Sequence[Key], estimates: Sequence[Estimate], territory: Territory
) -> Iterator[Relation]:
    """Write each domain as the domains it is made of, as far as they are there."""
    within = {e.indicator: frozenset(e.question.within) for e in estimates}
    of = {k.measure: e.indicator for e in estimates for k in (e.base, e.answered)}
    ways = {k.measure: frozenset({"offence", "area"}) for k in keys}
    apart = {k.measure.rsplit(" (", 1)[0]: within[of[k.measure]] for k in keys}
    own = list(dict.fromkeys(keys))
    for sum_of in (over_breakdowns(own, ways, apart), over_area(own, ways, territory)):
        for found in sum_of:
            parts = tuple(p for p in found.parts if p in cells.of_key)
            if found.total in cells.of_key and parts:
                yield Relation(found.total, parts, found.kind)


def _bases(
    cells: Cells, estimates: Sequence[Estimate], territory: Territory
) -> tuple[list[Relation], LoosenedBases]:
    written, loosened = [], []
    for relation in _sums(cells, [e.base for e in estimates], estimates, territory):
        rest = residual(cells, relation)
        if rest == 0:
            written.append(relation)
        elif rest > 0:
            rule = _rule(cells, relation.total)
            left = relation.total._replace(measure=f"{relation.total.measure}/rest {relation.kind}")
            cells.find_or_add(left, rest, rule)
            written.append(Relation(relation.total, (*relation.parts, left), relation.kind))
            loosened.append((relation, "more"))
    return written, loosened


def _domains(
    cells: Cells, estimates: Sequence[Estimate], sums: Sequence[Relation]
) -> list[Relation]:
    """Write that what respondents of domains answered adds up, with what is left over as known."""
    written = []
    base = {e.answered: e.base for e in estimates}
    for found in sums:
        left_out = residual(
            cells, Relation(base[found.total], tuple(base[p] for p in found.parts), "")
        )
        rest = _left_over(cells, found)
        if left_out < _rule(cells, base[found.total]).threshold:
            written.append(Relation(found.total, found.parts, found.kind, rest))
        elif rest >= 0:
            left = found.total._replace(measure=f"{found.total.measure}/slack {found.kind}")
            cells.add_slack(left, rest, _rule(cells, found.total))
            written.append(Relation(found.total, (*found.parts, left), found.kind))
    return written


def _answers(cells: Cells, asked: Sequence[Estimate]) -> list[Relation]:
    """Write that the answers of one question share out its base, whatever table shows them."""
    first = asked[0]
    whole = _whole(cells, first)
    question = first.question
    if not question.answers:
        return _undeclared(cells, asked, whole)
    shares = {e.joined: e for e in asked}
    atoms: dict[frozenset[tuple[str, ...]], list[str]] = defaultdict(list)
    for answer in question.answers:  # answers that no share tells apart are one
        atoms[frozenset(joined for joined in shares if answer in joined)].append(answer)
    keys = {
        answer: first.answered._replace(measure=f"{question.name}/slack answered {'+'.join(group)}")
        for group in atoms.values()
        for answer in group
    }
    wanted = [(e.answered, e.joined) for e in asked] + [(whole, question.answers)]
    return _as_sums(cells, wanted, keys, _rule(cells, first.answered))


def _as_sums(
    cells: Cells,
    wanted: Sequence[tuple[Key, tuple[str, ...]]],
    keys: dict[str, Key],
    rule: Rule,
) -> list[Relation]:
    """Write each share as the sum of its answers, of which no table shows the values."""
    for key in dict.fromkeys(keys.values()):
        cells.add_slack(key, float("nan"), rule)
    return [
        Relation(share, tuple(dict.fromkeys(keys[a] for a in joined)), "answers")
        for share, joined in wanted
    ]


def _fill_blanks(cells: Cells, sums: Sequence[Relation], estimates: Sequence[Estimate]) -> None:
    """Fill in what is alone unknown in a sum; a blank value that nothing tells needs no doubt."""
    for _ in range(len(sums)):
        blank = [
            (r, next(k for k in r.members if np.isnan(cells.of_key[k].value)))
            for r in sums
            if sum(np.isnan(cells.of_key[k].value) for k in r.members) == 1
        ]
        for relation, key in blank:
            known = sum(cells.of_key[k].value for k in relation.parts if k != key)
            value = known if key == relation.total else cells.of_key[relation.total].value - known
            cells.of_key[key].value = max(value, 0.0)
        if not blank:
            break
    for cell in (cells.of_key[e.answered] for e in estimates):
        if np.isnan(cell.value):
            cell.published, cell.reason, cell.doubt = False, "", 0.0


def _left_over(cells: Cells, relation: Relation) -> float:
    rest = residual(cells, relation)
    return 0.0 if np.isnan(rest) else rest


def _undeclared(cells: Cells, asked: Sequence[Estimate], whole: Key) -> list[Relation]:
    """Write what the figures show of answers whose question is not declared."""
    parts = tuple(dict.fromkeys(e.answered for e in asked))
    found = Relation(whole, parts, "answers")
    rest = residual(cells, found)
    if len(parts) > 1 and abs(rest) <= _NEAR * cells.of_key[whole].value:
        return [found]
    rule = _rule(cells, parts[0])
    return [
        at_most(cells, part, whole, f"{part.measure}/slack not answered", rule) for part in parts
    ]


def _whole(cells: Cells, one: Estimate) -> Key:
    """Give the cell of a base as shares take it: it is known, and nothing is hidden by hiding it."""
    key = one.base._replace(measure=f"{one.base.measure}/slack whole")
    cells.add_slack(key, one.weight, _rule(cells, one.base))
    cell = cells.of_key[key]
    cell.edition, cell.before = "this one", cell.value
    return key


def _any_item(cells: Cells, estimates: Sequence[Estimate]) -> list[Relation]:
    """Write that who has one item has some: each share is at most that of any."""
    written = []
    for one in estimates:
        column = one.question.any_item
        marks = dict(one.answered.breakdowns)
        if not column or column not in marks or not one.joined:
            continue
        any_one = one.answered._replace(
            breakdowns=tuple(b for b in one.answered.breakdowns if b[0] != column)
        )
        cell = cells.of_key.get(any_one)
        if cell is not None and cell.value + _ALMOST >= cells.of_key[one.answered].value:
            measure = f"{one.answered.measure}/slack below any"
            written.append(
                at_most(cells, one.answered, any_one, measure, _rule(cells, one.answered))
            )
    return written


def _rule(cells: Cells, key: Key) -> Rule:
    rule = cells.of_key[key].rule
    assert rule is not None  # every estimate is read with one
    return base_rule(rule) if "base of" in key.measure else rule
