"""Write the alternative text of a figure: what a sighted reader learns from it.

Among places a highest or lowest value is named only if its interval is clear of all others; a few
categories are named one by one, and the classes of a map with the places in each. Over time the peak
and the trough are named together with the periods that their intervals do not tell from them. If no
value is apart from another, the text says only that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from obs.locale import words
from obs.report.facts.dates import format_period
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import shown
from obs.report.facts.released_row import covered_part
from obs.report.facts.series_breaks import breaks_in
from obs.report.facts.subject import Subject, category_label
from obs.report.facts.words import UNLIKE, first_upper, synthetic_label
from obs.report.figures.figure_notes import value_in_words

__all__ = ["describe", "in_words"]

_MOST = 4  # series described one by one; more would be a table read aloud
_MOST_NAMED = 2  # periods named as highest together
_MOST_VALUES = 8  # categories given with their values
_MOST_PLACES = 40  # places of a map named by class


def describe(subject: Subject, *, classes: Mapping[str, Sequence[str]] | None = None) -> str:
    """Describe in words what a figure shows; of a map, the places of each of its classes.

    Returns sentences in the language of the subject: title and measure, range, first and last
    value or extremes that their intervals set apart, what is not published. Raises
    `CatalogueError` if an indicator is not in the catalogue.
    """
    lang = subject.lang
    over_time = len(subject.periods) > 1 and not subject.compares
    body = _over_time(subject) if over_time else _across(subject)
    body += _by_class(classes or {}, lang)
    return in_words(subject, *body)


def in_words(subject: Subject, *body: str) -> str:
    """Put sentences between the title of a figure and the warning of synthetic data."""
    warning = [synthetic_label(subject.lang)] if subject.synthetic else []
    return ". ".join([subject.title(), *map(first_upper, body), *warning]) + "."


def _by_class(classes: Mapping[str, Sequence[str]], lang: str) -> list[str]:
    """Name the places of each class, where they are few enough to be heard.

    The bounds of a class and its places are apart: a bound is no count of a place.
    """
    if len({place for places in classes.values() for place in places}) > _MOST_PLACES:
        return []
    say = words(lang).say
    return [
        say("join.colon", label=name, text="\n" + ", ".join(places))
        for name, places in classes.items()
        if places
    ]


def _over_time(subject: Subject) -> list[str]:
    columns = [c for c in subject.varying if c != "period"]
    groups = subject.table.groupby(columns, sort=False) if columns else [((), subject.table)]
    sentences = []
    for _, rows in list(groups)[:_MOST]:
        name = category_label(rows.iloc[0], columns, subject) if columns else ""
        sentences.append(_series_text(rows, name, subject))
    if len(groups) > _MOST:
        sentences.append(words(subject.lang).say("alt.more"))
    return sentences


def _series_text(rows: pd.DataFrame, name: str, subject: Subject) -> str:
    lang, own = subject.lang, words(subject.lang)
    known = rows[rows["value"].notna()]
    full = known[[covered_part(row) is None for _, row in known.iterrows()]]
    parts = []
    if len(full):
        ends = [full.iloc[0], full.iloc[-1]] if len(full) > 1 else [full.iloc[0]]
        parts += [
            own.say(
                "join.colon",
                label=format_period(row["period"], lang),
                text=value_in_words(fact_of(row), lang),
            )
            for row in ends
        ]
    broken = [b for b in breaks_in(subject.with_table(rows)) if not b.comparable]
    parts += [b.text.rstrip(".") for b in broken]
    if len(full) > 2 and not broken:
        parts += _peak_and_trough(full, subject)
    parts += _gaps(rows, lang)
    text = own.join("join.semicolon", parts)
    return own.say("join.colon", label=name, text=text) if name else text


def _across(subject: Subject) -> list[str]:
    lang, own = subject.lang, words(subject.lang)
    table = subject.table.assign(
        shown=pd.Series(
            [f.value for f in subject.facts()], index=subject.table.index, dtype="float64"
        )
    )
    if "territory" in subject.varying:
        table = table[table["territory"] != subject.territory.top]
    known = table[table["shown"].notna()].sort_values("shown", kind="stable")
    count = own.say("alt.values", count=len(known))
    parts = [own.say("join.colon", label=first_upper(subject.measure()), text=count)]
    if "territory" not in subject.varying and 1 < len(known) <= _MOST_VALUES:
        each = [_category_and_value(row, subject) for _, row in known.sort_index().iterrows()]
        return [parts[0], own.join("join.semicolon", each), *_gaps(table, lang)]
    if len(known) > 1:
        ends = [fact_of(known.iloc[0]), fact_of(known.iloc[-1])]
        low, high = (shown(f, lang) for f in ends)
        parts.append(own.say("alt.range", low=low, high=high))
        parts.append(own.join("join.semicolon", _extremes(known, subject.varying, subject)))
    return [", ".join(parts[:2]), *map(first_upper, parts[2:]), *_gaps(table, lang)]


def _category_and_value(row: pd.Series, subject: Subject) -> str:
    """Say one category and its value."""
    fact = fact_of(row)
    name = category_label(row, [c for c in subject.varying if c != "base"], subject)
    value = shown(fact, subject.lang)
    return words(subject.lang).say("join.colon", label=name, text=value)


def _extremes(rows: pd.DataFrame, columns: Sequence[str], subject: Subject) -> list[str]:
    """Name the highest and the lowest where intervals set them apart from all others."""
    lang = subject.lang
    facts = [(row, fact_of(row)) for _, row in rows.iterrows()]
    bounded = [(row, f) for row, f in facts if f.low is not None and f.high is not None]
    if len(bounded) < len(facts) or len(facts) < 2:
        return []
    sentences = []
    for key, row, fact in (("highest", *_apart(bounded, 1)), ("lowest", *_apart(bounded, -1))):
        if row is not None and fact is not None:
            name = category_label(row, list(columns), subject)
            value = shown(fact, lang)
            sentences.append(words(lang).say(f"alt.{key}", name=name, value=value))
    return sentences or [words(lang).say("alt.none_apart")]


def _peak_and_trough(rows: pd.DataFrame, subject: Subject) -> list[str]:
    """Name the highest and the lowest periods, with those that their intervals do not tell apart."""
    facts = [(row, fact_of(row)) for _, row in rows.iterrows()]
    if any(f.low is None or f.high is None for _, f in facts):
        return []
    ends = (("highest", 1.0), ("lowest", -1.0))
    texts = [_end_text(facts, end, sign, subject.lang) for end, sign in ends]
    return [text for text in texts if text] or [words(subject.lang).say("alt.none_apart")]


def _end_text(rows: list[tuple[pd.Series, Fact]], end: str, sign: float, lang: str) -> str:
    """Say one end of a series; nothing where it is like all the rest."""
    own, best = words(lang), max(rows, key=lambda pair: sign * (pair[1].value or 0.0))
    alike = [pair for pair in rows if _overlap(pair[1], best[1])]
    value = shown(best[1], lang)
    names = [format_period(row["period"], lang) for row, _ in alike]
    if len(alike) == len(rows):
        return ""
    if len(alike) == 1:
        return own.say(f"alt.{end}", name=names[0], value=value)
    if len(alike) <= _MOST_NAMED:
        return own.say(f"alt.{end}_of", names=own.join("join.and", names), value=value)
    name = format_period(best[0]["period"], lang)
    return own.say(f"alt.{end}_alike", name=name, value=value, count=len(alike) - 1)


def _overlap(one: Fact, other: Fact) -> bool:
    bounds = one.low, one.high, other.low, other.high
    low, high, below, above = (float(b) if b is not None else float("nan") for b in bounds)
    return low <= above and below <= high


def _apart(rows: list[tuple[pd.Series, Fact]], sign: int) -> tuple[pd.Series | None, Fact | None]:
    """Find the extreme row whose interval touches no other, or nothing."""
    best = max(rows, key=lambda pair: sign * (pair[1].value or 0.0))
    edge, others = best[1].low, [f.high for row, f in rows if row is not best[0]]
    if sign < 0:
        edge, others = best[1].high, [f.low for row, f in rows if row is not best[0]]
    touching = [x for x in others if x is None or edge is None or sign * (edge - x) <= 0]
    return (None, None) if touching else best


def _gaps(rows: pd.DataFrame, lang: str) -> list[str]:
    if "status" not in rows.columns:
        return []
    counts = (
        ("withheld", int(rows["status"].str.startswith("suppressed").sum())),
        ("unreliable", int((rows["status"] == "unreliable").sum())),
        ("missing", int((rows["status"] == "missing").sum())),
        ("unlike", int((rows["verdict"] == UNLIKE).sum()) if "change" in rows else 0),
    )
    return [words(lang).say(f"alt.{key}", count=n) for key, n in counts if n]
