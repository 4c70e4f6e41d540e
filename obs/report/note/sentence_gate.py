"""Refuse a sentence that joins facts of differing period, base or unit without saying so.

What a filter writes is marked in the text, so that the facts of one paragraph, list item or
heading are known; the marks are taken out again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from obs.report.facts.fact import Fact
from obs.report.facts.numbers import printed

__all__ = [
    "Written",
    "joined_faults",
    "marked",
    "marked_parts",
    "recorded_period",
    "rewritten",
    "traced_text",
    "without_marks",
]

_OPEN, _CLOSE, _START = "\ue000", "\ue001", "\ue002"  # for private use: no text of a page has them
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_WHOLE = re.compile(f"{_START}([^{_START}]*?){_OPEN}(\\d+){_CLOSE}")
_LEVELS = ("n", "count", "rate", "pct", "per_day", "estimate", "index", "measure", "respondents")
_CHANGES = ("change", "points", "finding", "told")
_NO_NUMBER = ("verdict", "period", "date", "label")
_SAYS_UNIT = ("count", "measure", "respondents")
_RATES = ("rate", "rate_per_day")


@dataclass(frozen=True)
class Written:
    """What a filter wrote: its name, and the fact or the period."""

    filter: str
    thing: Fact | pd.Period

    @property
    def fact(self) -> Fact | None:
        """The fact, if it is one that is known."""
        return self.thing if isinstance(self.thing, Fact) and self.thing.known else None


def marked(text: str, number: int) -> str:
    """Mark a text as that of the record with this number.

    Examples
    --------
    >>> from obs.report.note.sentence_gate import marked, without_marks
    >>> without_marks(marked("4.7", 0))
    '4.7'
    """
    return f"{_START}{text}{_OPEN}{number}{_CLOSE}"


def without_marks(text: str) -> str:
    """Take the marks out of a text."""
    return _MARK.sub("", text).replace(_START, "")


def rewritten(text: str, writer: Callable[[str], str]) -> str:
    """Write a text in another way, its mark where it was before."""
    return _START + writer(text[1:]) if text.startswith(_START) else writer(text)


def traced_text(text: str, written: Sequence[Written]) -> str:
    """Keep the marks of facts alone, each with its place among the facts that were written.

    Examples
    --------
    >>> from obs.report.note.sentence_gate import marked, traced_text
    >>> ascii(traced_text(f"In {marked('2024', 0)}", [Written("period", pd.Period("2024"))]))
    "'In 2024'"
    """
    facts = [n for n, one in enumerate(written) if isinstance(one.thing, Fact)]
    place = {n: i for i, n in enumerate(facts) if written[n].filter not in _NO_NUMBER}

    def kept(found: re.Match[str]) -> str:
        number = place.get(int(found[2]))
        return found[1] if number is None else f"{_START}{found[1]}{_OPEN}{number}{_CLOSE}"

    return _WHOLE.sub(kept, text)


def marked_parts(text: str) -> Iterator[tuple[str, int | None]]:
    """Part a text into those that are marked, each with its number, and those between.

    Examples
    --------
    >>> from obs.report.note.sentence_gate import marked, marked_parts
    >>> list(marked_parts(f"In all {marked('12', 0)}."))
    [('In all ', None), ('12', 0), ('.', None)]
    """
    end = 0
    for found in _WHOLE.finditer(text):
        if text[end : found.start()]:
            yield text[end : found.start()], None
        yield found[1], int(found[2])
        end = found.end()
    if text[end:]:
        yield text[end:], None


def recorded_period(written: Sequence[Written]) -> set[str]:
    """Give the periods that a paragraph says in words."""
    said = {str(_period_of(w)) for w in written if w.filter == "period"}
    return said | {str(w.fact.base) for w in written if w.filter in ("finding", "told") and w.fact}


def joined_faults(text: str, written: Sequence[Written]) -> list[str]:
    """Find the paragraphs of a marked text that join what does not go together.

    Parameters
    ----------
    text : str
        Markdown with marks.
    written : sequence of Written
        What the marks stand for.

    Returns
    -------
    list of str
        One line for each fault: what differs, and what to write.

    Examples
    --------
    >>> from obs.report.note.sentence_gate import joined_faults
    >>> joined_faults("Nothing is written here.", [])
    []
    """
    faults: list[str] = []
    for line in re.split(r"\n", text):
        own = [written[int(number)] for number in _MARK.findall(line)]
        for rule in _RULES:
            faults += rule(own)
    return list(dict.fromkeys(faults))


def _periods(own: Sequence[Written]) -> Iterator[str]:
    facts = [w.fact for w in own if w.filter in (*_LEVELS, *_CHANGES) and w.fact]
    periods = {str(f.period) for f in facts if f.period is not None}
    unsaid = sorted(periods - recorded_period(own))
    if len(periods) > 1 and unsaid:
        yield (
            f"facts of {_joined_names(sorted(periods))} stand in one paragraph, and it does not say "
            f"{_joined_names(unsaid)}: write the period of each (`|period`), or bind facts of one period"
        )


def _bases(own: Sequence[Written]) -> Iterator[str]:
    bases = {str(w.fact.base) for w in own if w.filter in _CHANGES and w.fact} - {"None"}
    unsaid = sorted(bases - recorded_period(own))
    if len(bases) > 1 and unsaid:
        yield (
            f"changes from {_joined_names(sorted(bases))} stand in one paragraph, and it does not say "
            f"{_joined_names(unsaid)}: write each base (`.base|period`), or `|finding`"
        )


def _units(own: Sequence[Written]) -> Iterator[str]:
    levels = [(w.filter, w.fact) for w in own if w.filter in _LEVELS and w.fact]
    units = {f.unit for _, f in levels if f.unit}
    bare = sorted({f.unit for name, f in levels if name == "n"})
    if len(units) > 1 and bare:
        yield (
            f"numbers of {_joined_names(sorted(units))} stand in one paragraph without their unit: "
            "write `|count` or `|measure`"
        )


def _of_what(own: Sequence[Written]) -> Iterator[str]:
    """Refuse a change of the rate beside the count alone, where the count changes otherwise."""
    rated = {_key(w.fact, "indicator") for w in own if w.filter in ("rate", "measure") and w.fact}
    counted = {_key(w.fact, "indicator") for w in own if w.filter in ("n", "count") and w.fact}
    for w in own:
        f = w.fact
        if w.filter != "change" or f is None or f.of not in _RATES:
            continue
        name = _key(f, "indicator")
        if name in counted - rated and _differs_from_count(f):
            yield (
                "a change of the rate stands beside the number alone, which changes by another "
                "figure: write the rate too (`|measure`), or `|finding`, which says what changed"
            )


def _verdicts(own: Sequence[Written]) -> Iterator[str]:
    facts = [w.fact for w in own if w.filter in ("verdict", "finding", "told") and w.fact]
    intervals = [w.fact for w in own if w.filter == "interval" and w.fact]
    for f in facts:
        if f not in intervals or f.low is None or f.high is None:
            continue
        holds_zero = f.low <= 0 <= f.high
        if holds_zero == (f.verdict in ("up", "down")):
            yield (
                "a verdict corrected for the number of comparisons stands beside an interval that "
                "is not, and the two disagree: leave the interval out"
            )


_RULES: tuple[Callable[[Sequence[Written]], Iterator[str]], ...] = (
    _periods,
    _bases,
    _units,
    _of_what,
    _verdicts,
)


def _differs_from_count(change: Fact) -> bool:
    now, base = change.numerator, change.base_numerator
    if not base or now is None or change.value is None:
        return False
    own = printed(100 * (now / base - 1), change.decimals)
    return own != printed(100 * change.value, change.decimals)


def _period_of(written: Written) -> Any:
    return written.thing.period if isinstance(written.thing, Fact) else written.thing


def _key(fact: Fact | None, column: str) -> str:
    return "" if fact is None else str(fact.key.get(column, ""))


def _joined_names(names: Sequence[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1))
