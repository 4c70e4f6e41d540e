"""What must hold of the relations that an indicator declares, and between it and the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from obs.catalogue.indicator import Indicator
from obs.catalogue.relation import DeclaredRelation
from obs.declare import did_you_mean, each, run_rules

__all__ = ["check_relation_references", "relation_keys"]

_KEYS = {
    "at_most": ("of",),
    "stock": ("of", "less"),
    "union": ("over",),
    "complement": ("of",),
    "made_of": ("of",),
    "apart": ("of",),
}
_SAME_UNIT = ("stock", "complement")


def relation_keys(one: Indicator) -> Iterator[str]:
    """Tell the keys that a relation of its kind needs, or does not have."""
    yield from each("relation", one.relation, partial(_keys_of_kind, of=one), join=": ")


def _keys_of_kind(relation: DeclaredRelation, *, of: Indicator) -> Iterator[str]:
    kind, wanted = relation.kind, _KEYS[relation.kind]
    given = {"of": relation.of, "less": relation.less, "over": relation.over}
    for key, values in given.items():
        if bool(values) != (key in wanted):
            yield f"a relation '{kind}' {'needs' if key in wanted else 'has no'} '{key}'"
    if kind in ("at_most", "complement") and len(relation.of) > 1:
        yield f"of: a relation '{kind}' names one indicator"
    if kind == "complement" and of.asked is None:
        yield "only shares of respondents have a complement to declare"
    for way in relation.over:
        if way in of.additive_over:
            yield f"over: '{way}' adds up, so it is no union"


def check_relation_references(
    entry: Indicator, *, found: Mapping[str, Indicator | None]
) -> Iterator[str]:
    """Tell what names no indicator, or cannot be so between two."""
    rule = partial(_references_of, entry=entry, found=found)
    yield from each("relation", entry.relation, rule)


def _references_of(
    relation: DeclaredRelation, *, entry: Indicator, found: Mapping[str, Indicator | None]
) -> Iterator[str]:
    for key, names in (("of", relation.of), ("less", relation.less)):
        for name in names:
            if name not in found:
                yield f"{key}: there is no indicator '{name}'{did_you_mean(name, found)}"
            elif name == entry.id:
                yield f"{key}: '{name}' is the indicator itself"
            elif found[name] is not None and relation.kind in _SAME_UNIT:
                fits = partial(_same_unit, fault=f"{key}: '{name}' counts another unit", of=entry)
                yield from run_rules(found[name], [fits])


def _same_unit(one: Indicator, *, fault: str, of: Indicator) -> Iterator[str]:
    if one.unit != of.unit:
        yield fault
