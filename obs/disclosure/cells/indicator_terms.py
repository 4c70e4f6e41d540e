"""Read from the catalogue what disclosure control needs to know of each indicator.

Indicators that count the same thing share their cells, so that hiding one hides the others: a
number, its rate, its figure per day, or a category that is an indicator of its own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from obs.catalogue import COMPOSITES
from obs.disclosure.cells.survey_question import Question, question_of
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import DisclosureError

__all__ = [
    "Between",
    "Definition",
    "counted",
    "is_amount",
    "is_survey",
    "load_between",
    "load_definitions",
]


Marks = tuple[tuple[str, str], ...]
_SURVEY_UNITS = frozenset({"respondent", "business", "household"})
_BOTH = "false|true"  # attempts and completed offences, where it is known which


@dataclass(frozen=True)
class Definition:
    """How one indicator counts.

    Attributes
    ----------
    indicator : str
        Its code.
    count : str
        What is counted before any restriction; shared by indicators of the same count.
    marks : tuple of (str, str)
        The restriction, column and code, as a breakdown would have it; several codes are
        joined by "|": couple violence is violence with relation=couple.
    rule : str
        The disclosure rule that the catalogue names.
    unit : str
        Its counting unit, for tables that do not say theirs.
    additive_over : frozenset of str
        Any of "area", "time", "offence" (categories).
    parts : tuple of str
        Indicators whose counts are disjoint parts of this one.
    kind : str
        "count", "rate", "share", "survey"...
    whole : str or None
        For a share, the indicator that counts its denominator, when there is one.
    within : tuple of str
        Breakdowns whose codes share out one denominator, which has no such restriction.
    union_over : frozenset of str
        Ways over which one thing may count in several parts and counts once in the whole.
    not_summed : frozenset of str
        Breakdowns of which the categories neither share out the whole nor are in one order.
    question : Question
        For estimates from respondents, what they were asked.
    """

    indicator: str
    count: str
    marks: Marks
    rule: str
    unit: str
    additive_over: frozenset[str]
    parts: tuple[str, ...]
    kind: str
    whole: str | None = None
    within: tuple[str, ...] = ()
    union_over: frozenset[str] = frozenset()
    not_summed: frozenset[str] = frozenset()
    question: Question = Question("")

    @property
    def measure(self) -> str:
        """What its cells count, in its own unit."""
        return f"{self.count} ({self.unit})"

    def whole_marks(self, whole: Definition) -> Marks:
        """Give the restriction of a share's denominator: attempts are compared where known."""
        own = dict(whole.marks)
        if "attempt" in dict(self.marks) and "attempt" not in own:
            own["attempt"] = _BOTH
        return tuple(sorted(own.items()))


@dataclass(frozen=True)
class Between:
    """One declared relation between the counts of indicators.

    Attributes
    ----------
    kind : str
        "at_most" or "stock".
    own : Definition
        The lesser count; of a stock, what is held.
    of, less : tuple of Definition
        The greater count; of a stock, what enters and what leaves.
    because : str
        The counting rule that makes it hold.
    """

    kind: str
    own: Definition
    of: tuple[Definition, ...]
    less: tuple[Definition, ...]
    because: str


def counted(measure: str) -> str:
    """Give the counting definition of a measure, "theft (fact)" -> "theft".

    Returns the definition.

    Examples
    --------
    >>> from obs.disclosure.cells.indicator_terms import counted
    >>> counted("theft and alike (fact)/whole")
    'theft and alike'
    """
    return measure.rsplit(" (", 1)[0]


def is_survey(definition: Definition, unit: str | None) -> bool:
    """Tell whether an indicator is an estimate from respondents, which is in no sum.

    Returns True for shares and means of respondents, businesses and households.

    Examples
    --------
    >>> from obs.disclosure.cells.indicator_terms import is_survey, load_definitions
    >>> is_survey(load_definitions(["business_victim"])["business_victim"], None)
    True
    """
    asked = definition.kind == "survey" or (unit or definition.unit) in _SURVEY_UNITS
    return asked and definition.kind != "amount"


def is_amount(definition: Definition, unit: str | None) -> bool:
    """Tell whether an indicator sums amounts of contributors, by its kind, unit or rule.

    Returns True where who makes up a sum decides whether it may be shown.

    Examples
    --------
    >>> from obs.disclosure.cells.indicator_terms import is_amount, load_definitions
    >>> is_amount(load_definitions(["theft"])["theft"], "euro")
    True
    """
    named = definition.kind == "amount" or (unit or definition.unit) == "euro"
    judged = get_rule(definition.rule).judges_contributors
    return named or (judged and not is_survey(definition, unit))


def load_definitions(
    ids: Iterable[str], *, catalogue: Mapping[str, Any] | None = None
) -> dict[str, Definition]:
    """Look up indicators, those that are parts of them included.

    Returns a dict from indicator code to `Definition`. Raises `DisclosureError` if an indicator
    is not in the catalogue: its rule and its sums are unknown.

    Examples
    --------
    >>> from types import SimpleNamespace as Entry
    >>> from obs.disclosure.cells.indicator_terms import load_definitions
    >>> mine = {"theft": Entry(disclosure="default", additive_over=("area",), parts=(),
    ...                        kind="rate", unit="fact")}
    >>> load_definitions(["theft"], catalogue=mine)["theft"].additive_over
    frozenset({'area'})
    >>> load_definitions(["vif_couple_physical"])["vif_couple_physical"].marks
    (('form', 'physical'), ('relation', 'couple'))
    """
    catalogue = own_catalogue(catalogue)
    wanted = sorted(set(ids))
    unknown = [i for i in wanted if i not in catalogue]
    if unknown:
        raise DisclosureError(
            f"{len(unknown)} indicator(s) are not in the catalogue: {', '.join(unknown[:5])}. "
            "Without a definition neither their rule nor their sums are known: "
            "add them to the catalogue, or leave them out of the release."
        )
    entries, groups = dict(catalogue), alike(catalogue)
    found: dict[str, Definition] = {}
    for name in wanted:
        _add_definition(name, entries, groups, found)
    return found


def load_between(
    definitions: Mapping[str, Definition], *, catalogue: Mapping[str, Any] | None = None
) -> list[Between]:
    """List the declared relations of which every side is counted by these indicators.

    Indicators that count the same thing share their relations: what is declared of reports
    holds of reports per day.
    """
    entries = dict(own_catalogue(catalogue))
    groups, counts = alike(entries), {d.count for d in definitions.values()}
    found = []
    for name in sorted(entries):
        for relation in getattr(entries[name], "relation", ()):
            sides: dict[str, Definition] = {}
            for other in (name, *relation.of, *relation.less):
                _add_definition(other, entries, groups, sides)
            known = all(
                o in sides and sides[o].count in counts for o in (*relation.of, *relation.less)
            )
            if relation.kind in ("at_most", "stock") and known and sides[name].count in counts:
                of, less = (tuple(sides[o] for o in ids) for ids in (relation.of, relation.less))
                found.append(Between(relation.kind, sides[name], of, less, relation.because))
    return found


def own_catalogue(catalogue: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Give a catalogue, the observatory's own if there is none."""
    if catalogue is not None:
        return catalogue
    from obs.catalogue import load_catalogue

    return load_catalogue()


def alike(entries: Mapping[str, Any]) -> dict[str, list[str]]:
    """Group the indicators that count the same thing."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(entries):
        groups[_signature(name, entries[name])].append(name)
    return groups


def _add_definition(
    name: str,
    entries: Mapping[str, Any],
    groups: Mapping[str, list[str]],
    found: dict[str, Definition],
) -> None:
    if name in found or name not in entries:
        return
    entry = entries[name]
    same = groups[_signature(name, entry)]
    whole = getattr(entry, "whole", None)
    found[name] = Definition(
        indicator=name,
        count=same[0] if len(same) == 1 else f"{same[0]} and alike",
        marks=_marks_of_entry(entry),
        rule=str(entry.disclosure),
        unit=str(entry.unit),
        additive_over=frozenset().union(*(entries[a].additive_over for a in same)),
        parts=tuple(entry.parts),
        kind=str(entry.kind),
        whole=str(whole) if whole else None,
        within=tuple(getattr(entry, "without_total", ())) if whole else (),
        union_over=frozenset().union(*(_union_over(entries[a]) for a in same)),
        question=question_of(name, entry),
    )
    for other in (*entry.parts, *([whole] if whole else [])):
        _add_definition(str(other), entries, groups, found)


def _union_over(entry: Any) -> frozenset[str]:
    unions = [r for r in getattr(entry, "relation", ()) if r.kind == "union"]
    return frozenset(way for relation in unions for way in relation.over)


def _marks_of_entry(entry: Any) -> Marks:
    """Write what an entry counts as breakdown codes, as far as it can be."""
    if not hasattr(entry, "numerator"):
        return ()
    marks = {column: "|".join(sorted(codes)) for column, codes in entry.where.items()}
    if entry.attempts != "included":
        marks["attempt"] = "true" if entry.attempts == "only" else "false"
    if len(entry.phenomena) == 1 and not entry.exclude:
        marks["phenomenon"] = entry.phenomena[0]
    return tuple(sorted(marks.items()))


def _signature(name: str, entry: Any) -> str:
    """Say what is counted apart from the marks: equal for indicators that can be compared."""
    if not hasattr(entry, "numerator") or entry.kind in COMPOSITES:
        return f"indicator {name}"
    phenomena = [] if "phenomenon" in dict(_marks_of_entry(entry)) else sorted(entry.phenomena)
    parts = [entry.source, entry.unit, entry.place_rule, entry.date_rule]
    parts += list(getattr(entry, "activities", ()))
    return json.dumps([*parts, phenomena, sorted(entry.exclude)])
