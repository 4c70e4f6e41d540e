"""Lay out the table of an answer: places and periods, in as few columns as they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from obs.errors import ObsError
from obs.locale import words
from obs.report.facts.dates import format_period
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import filters, written
from obs.report.facts.numbers import format_number, status_text, typography
from obs.report.facts.subject import Subject, category_label
from obs.report.facts.words import first_upper
from obs.report.figures.blocks import Block, Column, CsvFile, Row, TableBody
from obs.report.figures.data_file import csv_text
from obs.report.figures.figure_notes import lines_under
from obs.report.figures.rows_behind import behind, with_sources

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "answer_table", "need_room"]

MOST_ROWS = 32  # of a page of paper, beside the words of an answer
MOST_COLUMNS = 10  # of periods beside one another
_IN_FULL = (
    24  # rows up to which each figure of several places and periods has its count and interval
)
_LEFT_OUT = ("reading", "withheld")  # the sentences and the cells of an answer say it


def need_room(places: int, periods: int) -> None:
    """Refuse what one page has no room for.

    Examples
    --------
    >>> need_room(20, 120)
    Traceback (most recent call last):
    obs.errors.ObsError: an answer is one page: 20 places and 120 periods have no room there...
    """
    rows, columns = (places, periods) if min(places, periods) > 1 else (max(places, periods), 1)
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise ObsError(
            f"an answer is one page: {places} places and {periods} periods have no room there. Ask for "
            f"at most {MOST_ROWS} places, and {MOST_COLUMNS} periods of several places or {MOST_ROWS} of "
            "one; or for longer periods."
        )


def answer_table(subject: Subject, released: Released) -> Block:
    """Show the figures of an answer.

    Each place and period has a row with count, value and interval; where these would be many, each
    place has a row and each period a column.
    """
    lang = subject.lang
    several = len(subject.periods) > 1 and len(subject.territories) > 1
    wide = several and len(subject.table) > _IN_FULL
    body = _by_place_and_period(subject) if wide else _in_full(subject)
    notes = [n for n in lines_under(subject) if n.label not in _labels_in(_LEFT_OUT, lang)]
    return Block(
        released=released,
        kind="table",
        id="answer-table",
        lang=lang,
        title=typography(subject.title(), lang),
        caption=typography(first_upper(subject.measure()), lang),
        notes=tuple(notes),
        table=with_sources(body, released, lang),
        csv=CsvFile("by-place.csv", csv_text(released)),
    )


def _labels_in(keys: Sequence[str], lang: str) -> set[str]:
    return {typography(f"{words(lang).say(f'remark.label.{key}')}:", lang) for key in keys}


def _in_full(subject: Subject) -> TableBody:
    """Give every row its count, value and interval."""
    say, lang = words(subject.lang).say, subject.lang
    facts = subject.facts()
    rated = any(fact.kind != "count" for fact in facts)
    heads = [
        *([say("table.head.numerator")] if any(f.numerator is not None for f in facts) else []),
        *([first_upper(say("table.head.value"))] if rated else []),
        say("table.head.interval"),
    ]
    rows = []
    for (_, row), fact in zip(subject.table.iterrows(), facts, strict=True):
        cells = [
            *([_count_in_words(fact, lang)] if len(heads) == 2 + rated else []),
            *([written(fact, lang, fact.value)] if rated else []),
            _between(fact, lang),
        ]
        named = category_label(row, _named_by(subject), subject)
        rows.append(Row(named, tuple(cells), (behind(row, lang),)))
    first = say("table.rows.period" if _named_by(subject) == ["period"] else "table.rows.territory")
    return TableBody(first, tuple(Column(head) for head in heads), tuple(rows))


def _by_place_and_period(subject: Subject) -> TableBody:
    """Give each place a row and each period a column; the intervals are in the data file."""
    lang, periods = subject.lang, subject.periods
    rows = []
    for code, group in subject.table.groupby("territory", sort=False):
        facts = {row["period"]: fact_of(row) for _, row in group.iterrows()}
        cells = tuple(_value_in_words(facts.get(period), lang) for period in periods)
        own = {row["period"]: row for _, row in group.iterrows()}
        told = tuple(behind(own.get(period), lang) for period in periods)
        rows.append(Row(subject.territory.label(str(code), lang), cells, told))
    heads = tuple(Column(format_period(period, lang)) for period in periods)
    return TableBody(words(lang).say("table.rows.territory"), heads, tuple(rows))


def _named_by(subject: Subject) -> list[str]:
    """Tell what names a row: its place, its period or both."""
    several = {
        "territory": len(subject.territories) > 1,
        "period": len(subject.periods) > 1,
    }
    return [column for column, found in several.items() if found] or ["territory"]


def _count_in_words(fact: Fact, lang: str) -> str:
    if fact.numerator is None:
        return status_text("missing" if fact.value is not None else fact.status, lang)
    return format_number(fact.numerator, lang)


def _value_in_words(fact: Fact | None, lang: str) -> str:
    if fact is None:
        return status_text("missing", lang)
    return written(fact, lang, fact.value)


def _between(fact: Fact, lang: str) -> str:
    known = fact.value is not None and fact.low is not None and fact.high is not None
    return filters(lang)["interval"](fact) if known else words(lang).say("mark.not_applicable")
