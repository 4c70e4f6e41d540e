"""What must hold between the keys of an indicator, and between the indicators of a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from obs.catalogue.indicator import TEXTS, Indicator
from obs.catalogue.relation_rules import check_relation_references, relation_keys
from obs.declare import did_you_mean, not_one_of, run_rules
from obs.reference import load_codelist
from obs.schemas import CASE_CONTEXTS, DECISIONS, FORMS, RELATIONS

__all__ = ["INDICATOR_RULES", "Rule", "check_references", "require_name"]

Rule = Callable[[Indicator], Iterator[str]]
_CLOSED_CODES = {
    "form": FORMS,
    "relation": RELATIONS,
    "context": CASE_CONTEXTS,
    "decision": DECISIONS,
}


def require_name(stem: str) -> Rule:
    """Make the rule that a file is called after its indicator."""
    return _holds(
        lambda one: one.id == stem, lambda one: f"id: the file must be called {one.id}.toml"
    )


def check_references(found: Mapping[str, Indicator | None]) -> Iterator[str]:
    """Tell the references to indicators that are not there or count another unit.

    `found` has what was read of each file by its name, nothing if it is no TOML; what a faulty
    file does not tell is not held against those that refer to it.
    """
    keys = ("parts", "whole", "suffered", "reporting")
    rules = [partial(_references, key=key, found=found) for key in keys]
    rules.append(partial(check_relation_references, found=found))
    for name, entry in found.items():
        if entry is not None:
            yield from (f"{name}.toml: {fault}" for fault in run_rules(entry, rules))


def _references(
    entry: Indicator, *, key: str, found: Mapping[str, Indicator | None]
) -> Iterator[str]:
    named = getattr(entry, key)
    for other in named if key == "parts" else [named] * (named is not None):
        if other not in found:
            yield f"{key}: there is no indicator '{other}'{did_you_mean(other, found)}"
            continue
        yield from run_rules(found[other], [partial(_fits, key=key, name=other, of=entry)])


def _fits(one: Indicator | None, *, key: str, name: str, of: Indicator) -> Iterator[str]:
    if one is None:
        return
    if one.unit != of.unit:
        yield f"{key}: '{name}' counts another unit"
    elif key in ("suffered", "reporting") and not _one_share(one):
        yield f"{key}: '{name}' is not one share of respondents"


def _one_share(one: Indicator) -> bool:
    return one.asked is not None and len(one.asked.shares) == 1


def _holds(good: Callable[[Indicator], bool], fault: Callable[[Indicator], str]) -> Rule:
    def rule(one: Indicator) -> Iterator[str]:
        if not good(one):
            yield fault(one)

    return rule


def _text_languages(one: Indicator) -> Iterator[str]:
    """Ask for every text in each language that one of them is written in."""
    texts = {name: getattr(one, name) for name in TEXTS}
    written = dict.fromkeys(lang for words in texts.values() for lang in words)
    for name, words in texts.items():
        yield from (f"'{name}' has no text in '{lang}'" for lang in written if lang not in words)


def _where_codes(one: Indicator) -> Iterator[str]:
    for column, codes in one.where.items():
        allowed = _CLOSED_CODES.get(column, codes)
        for code in codes:
            if code not in allowed:
                yield f"where.{column}: {not_one_of(code, allowed)}"
    for column in one.requires_all:
        if column not in one.where:
            yield f"requires_all: '{column}' is not a column of 'where'"


def _asked_shares(one: Indicator) -> Iterator[str]:
    if one.asked is None:
        return
    for code, answers in one.asked.shares.items():
        if set(answers) - set(one.asked.answers):
            yield f"asked.shares.{code}: share '{code}' must list answers of 'asked.answers'"


def _items(one: Indicator) -> Iterator[str]:
    if one.asked is not None and bool(one.asked.items) != bool(one.asked.by_item):
        yield "'asked.items' and 'asked.by_item' go together"


def _words_of_items(one: Indicator) -> Iterator[str]:
    if one.asked is not None and one.asked.items and one.asked.by_item:
        yield from _unworded("asked.items", one.asked.by_item, one.asked.items)


def _words_of_shares(one: Indicator) -> Iterator[str]:
    if one.asked is not None and len(one.asked.shares) > 1:
        yield from _unworded("asked.shares", "answer", [*one.asked.shares])


def _unworded(key: str, column: str, codes: Sequence[str]) -> Iterator[str]:
    """Tell the codes that no codelist has words for."""
    known = load_codelist(column)["code"].tolist()
    for code in codes:
        if code not in known:
            yield f"{key}: {column} '{code}' is in no codelist{did_you_mean(code, known)}"


_SENSE: dict[str, Callable[[Indicator], bool]] = {
    "base: a severity index, and only that, has a 'base', a year such as 2015": lambda one: (
        (one.kind == "severity") == one.base.isdigit()
    ),
    "denominators: a severity index is per head of the population": lambda one: (
        one.kind != "severity" or one.denominators == ("population",)
    ),
    "denominators: a rate needs a denominator, dwellings or population": lambda one: (
        one.kind != "rate" or (bool(one.denominators) and "days" not in one.denominators)
    ),
    "denominators: a figure per day has the denominator days and no other": lambda one: (
        one.kind != "per_day" or one.denominators == ("days",)
    ),
    "denominators: a count or a share has no denominators": lambda one: (
        one.kind not in ("count", "share") or not one.denominators
    ),
    "whole: a share of records, and only that, names its 'whole'": lambda one: (
        (one.whole is not None) == (one.kind == "share" and one.source != "survey")
    ),
    "asked: an indicator of a survey, and only that, has 'asked'": lambda one: (
        (one.asked is not None) == (one.source == "survey" and one.kind != "unreported")
    ),
    "kind: an indicator of a survey is a share or a number unreported": lambda one: (
        one.source != "survey" or one.kind in ("share", "unreported")
    ),
    "suffered, reporting: a number unreported, and only that, is of a survey and names both": (
        lambda one: (
            (one.suffered is not None) == (one.reporting is not None) == (one.kind == "unreported")
            and (one.kind != "unreported" or one.source == "survey")
        )
    ),
    "source: a population estimated from lists, and only that, is of the source 'lists'": (
        lambda one: (one.kind in ("recapture", "lower_bound")) == (one.source == "lists")
    ),
    "unit: a population estimated from lists counts persons": lambda one: (
        one.source != "lists" or one.unit == "person"
    ),
    "stage: an indicator of the prosecutor, and only that, has a 'stage'": lambda one: (
        bool(one.stage) == (one.source == "prosecutor")
    ),
    "shares_out: breakdowns of a share of the prosecutor's cases, named in 'breakdowns'": lambda one: (
        not one.shares_out
        or (
            one.whole is not None
            and one.source == "prosecutor"
            and not set(one.shares_out) - set(one.breakdowns)
        )
    ),
    "activities: an indicator of services, and only that, names 'activities'": lambda one: (
        bool(one.activities) == (one.source == "services")
    ),
    "per: only a rate has a 'per'": lambda one: one.kind == "rate" or one.per == 1,
}
INDICATOR_RULES: tuple[Rule, ...] = (
    *(
        relation_keys,
        _text_languages,
        _where_codes,
        _asked_shares,
        _items,
        _words_of_items,
        _words_of_shares,
    ),
    *(_holds(good, lambda _, fault=fault: fault) for fault, good in _SENSE.items()),  # type: ignore[misc]
)
