"""Refuse indicators that could count the same things and declare no relation to one another.

What is withheld in one could be read off the other, and nothing would say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations
from typing import Any

from obs.disclosure.cells.indicator_terms import alike, own_catalogue
from obs.errors import DisclosureError

__all__ = ["could_share", "refuse_undeclared"]


def refuse_undeclared(ids: Iterable[str], *, catalogue: Mapping[str, Any] | None = None) -> None:
    """Refuse to release two indicators that could share cells and are not related.

    Related are indicators of one count, a whole and its parts, a share and its whole, and those
    of which the catalogue declares a relation, directly or through others. Entries that do not
    say what they select cannot be compared, and are left to the figures.
    """
    entries = dict(own_catalogue(catalogue))
    family = _families(entries)
    for one, other in combinations(sorted(set(ids)), 2):
        if family[one] != family[other] and could_share(entries[one], entries[other]):
            raise DisclosureError(
                f"'{one}' and '{other}' count the same unit of the same source and could count "
                "the same things, and the catalogue declares no relation between them: what one "
                "withholds the other might give away. Declare it in the catalogue ([[relation]] "
                f'in {one}.toml or {other}.toml; kind = "apart" if neither bounds the other), '
                "or release them in different editions."
            )


def could_share(one: Any, other: Any) -> bool:
    """Tell whether two entries could count the same thing: source, unit, overlapping selection.

    Examples
    --------
    >>> from obs.catalogue import get_indicator
    >>> could_share(get_indicator("robbery"), get_indicator("severity_index"))
    True
    >>> could_share(get_indicator("robbery"), get_indicator("pickpocketing"))
    False
    """
    if not (hasattr(one, "numerator") and hasattr(other, "numerator")):
        return False
    if (one.source, one.unit) != (other.source, other.unit):
        return False
    ours, theirs = (getattr(e, "asked", None) for e in (one, other))
    if ours is not None and theirs is not None:
        same = set(ours.questionnaires) & set(theirs.questionnaires)
        return bool(same) and ours.question == theirs.question
    attempts = {one.attempts, other.attempts} != {"only", "excluded"}
    places = all(set(codes) & set(other.where.get(c, codes)) for c, codes in one.where.items())
    return attempts and places and _same_activity(one, other) and _same_phenomenon(one, other)


def _same_activity(one: Any, other: Any) -> bool:
    ours, theirs = (set(getattr(e, "activities", ())) for e in (one, other))
    return not (ours and theirs) or bool(ours & theirs)


def _same_phenomenon(one: Any, other: Any) -> bool:
    ours, theirs = (_phenomena(tuple(e.phenomena), tuple(e.exclude)) for e in (one, other))
    return bool(ours & theirs)


@cache
def _phenomena(counted: tuple[str, ...], left_out: tuple[str, ...]) -> frozenset[str]:
    """List the phenomena that an entry counts, with their branches."""
    from obs.reference import descendants, load_phenomena

    chosen = {c for p in counted or load_phenomena()["code"] for c in descendants(p)}
    return frozenset(chosen - {c for p in left_out for c in descendants(p)})


def _families(entries: Mapping[str, Any]) -> dict[str, str]:
    """Name for each indicator one of those that it is related to, the same for all of them."""
    parent = {name: name for name in entries}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for group in alike(entries).values():
        for name in group[1:]:
            parent[root(name)] = root(group[0])
    for name, entry in entries.items():
        declared = [o for r in getattr(entry, "relation", ()) for o in (*r.of, *r.less)]
        whole = getattr(entry, "whole", None)
        for other in (*declared, *entry.parts, *([whole] if whole else [])):
            if other in parent:
                parent[root(name)] = root(str(other))
    return {name: root(name) for name in entries}
