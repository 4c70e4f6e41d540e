"""Write the lines under a table that say why comparisons have no direction."""

from __future__ import annotations

from obs.locale import words
from obs.reference import label
from obs.report.facts.fact import fact_of
from obs.report.facts.series_breaks import breaks_in
from obs.report.facts.subject import Subject, category_label
from obs.report.facts.words import UNLIKE, first_upper, verdict_words

__all__ = ["unlike_lines"]

_MOST_NAMED = 5  # rows with one reason; above, they are counted


def unlike_lines(subject: Subject) -> tuple[str, ...]:
    """Say why rows are not comparable, and which registered breaks the others cross.

    Returns "Not comparable: break in the series (Ixelles)." with the rows of each reason named,
    or counted above five, and not at all where all rows have it; then one sentence per break.
    Empty where there is neither. Raises `CodeError` if a reason has no words.
    """
    if not subject.compares:
        return ()
    lang = subject.lang
    rows: dict[str, list[str]] = {}
    for _, row in subject.table.iterrows():
        fact = fact_of(row)
        if fact.verdict == UNLIKE and fact.reason is not None:
            name = category_label(row, subject.varying, subject)
            rows.setdefault(fact.reason, []).append(name)
    parts = [
        label("reasons", reason, lang) + _which(names, len(subject.table), lang)
        for reason, names in rows.items()
    ]
    broken = tuple(found.text for found in breaks_in(subject))
    if not parts:
        return broken
    own = words(lang)
    head, why = first_upper(verdict_words(UNLIKE, lang)), own.join("join.semicolon", parts)
    return (f"{own.say('join.colon', label=head, text=why)}.", *broken)


def _which(names: list[str], of: int, lang: str) -> str:
    if len(names) == of:
        return ""
    if len(names) > _MOST_NAMED:
        return f" ({words(lang).say('alt.values', count=len(names))})"
    return f" ({words(lang).join('join.semicolon', names)})"
