"""Lay out the tables of a sheet: the last year beside peers and the whole, and year by year."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.locale import words
from obs.report.facts.dates import format_period
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.fact_trace import remark_of
from obs.report.facts.filters import filters, reason_text, written
from obs.report.facts.numbers import format_number, status_text, typography
from obs.report.facts.released_row import number_in
from obs.report.facts.subject import Subject
from obs.report.facts.words import UNLIKE, first_upper, measure_words
from obs.report.figures.blocks import Block, Column, CsvFile, FigureNote, Row, TableBody
from obs.report.figures.comparison_columns import peers_in_short
from obs.report.figures.data_file import csv_text
from obs.report.figures.figure_notes import lines_under
from obs.report.figures.rows_behind import behind, with_base, with_sources
from obs.report.sheet.place_figures import Place, PlaceFigure

__all__ = ["table_of_year", "table_of_years", "without"]

_PEER = ("peer", "peer_value", "ratio", "ratio_low", "ratio_high")
_YEARS = 10


def table_of_year(place: Place, *, lang: str) -> Block:
    """Show the figures of a place in one year: count, rate, interval, peers, whole, change."""
    say, own = words(lang).say, place.figures
    subject, territory = place.in_language(lang), place.rows.territory
    period = pd.Period(place.year)
    subject = subject.keep(subject.table["period"] == period)
    columns = _columns(own)
    heads = [_head(column, place, lang) for column in columns]
    rows = [
        Row(
            _title(one, lang),
            tuple(_CELLS[column](one, lang) for column in columns),
            (with_base(_behind(one, lang), one.change.base),),
        )
        for one in own
    ]
    named = {"place": territory.label(place.code, lang), "year": format_period(period, lang)}
    return Block(
        released=place.rows,
        kind="table",
        id="sheet-year",
        lang=lang,
        title=typography(say("sheet.year_title", **named), lang),
        caption=typography(_measures(subject), lang),
        notes=_notes(subject, columns, own, lang),
        table=with_sources(_body(heads, rows, lang), place.rows, lang),
        csv=CsvFile("sheet-year.csv", _year_file(place, str(period))),
    )


def table_of_years(place: Place, *, lang: str) -> Block | None:
    """Show the values of a place year by year, the last ten at most; None of a single year."""
    subject = place.in_language(lang)
    periods = subject.periods[-_YEARS:]
    if len(periods) < 2:
        return None
    subject = subject.keep(subject.table["period"].isin(periods))
    rows = []
    for indicator, group in subject.table.groupby("indicator", sort=False):
        facts = {row["period"]: fact_of(row) for _, row in group.iterrows()}
        cells = tuple(_short(facts.get(period), lang) for period in periods)
        own = {row["period"]: row for _, row in group.iterrows()}
        told = tuple(behind(own.get(period), lang) for period in periods)
        rows.append(Row(get_indicator(str(indicator)).text("title", lang), cells, told))
    heads = [format_period(period, lang) for period in periods]
    label = place.rows.territory.label(place.code, lang)
    title = words(lang).say("sheet.years_title", place=label, first=heads[0], last=heads[-1])
    return Block(
        released=place.rows,
        kind="table",
        id="sheet-years",
        lang=lang,
        title=typography(title, lang),
        caption=typography(_measures(subject), lang),
        notes=_symbols(subject),
        table=with_sources(_body(heads, rows, lang), place.rows, lang),
        csv=CsvFile("sheet-years.csv", _years_file(place)),
    )


def _behind(one: PlaceFigure, lang: str) -> dict[str, Any]:
    """Give what a page says of the released row of a figure, whose interval has a column."""
    level = one.level
    said = {"key": dict(level.key), "interval": "", "remark": remark_of(level, lang)}
    return said if level.key else {}


def _title(figure: PlaceFigure, lang: str) -> str:
    return get_indicator(figure.indicator).text("title", lang)


def _body(heads: Sequence[str], rows: Sequence[Row], lang: str) -> TableBody:
    first = words(lang).say("table.rows.indicator")
    return TableBody(first, tuple(Column(head) for head in heads), tuple(rows))


def _columns(own: Sequence[PlaceFigure]) -> list[str]:
    """Choose the columns that have something to say."""
    rates = any(one.level.kind not in ("count", "unknown") for one in own)
    compared = any(one.standing not in ("", UNLIKE) for one in own)
    changed = any(one.change.base is not None for one in own)
    return [
        "numerator",
        *(["value"] if rates else []),
        "interval",
        *(["peer_value", "against_peers"] if compared else []),
        "whole",
        *(["change", "verdict"] if changed else []),
    ]


def _head(column: str, place: Place, lang: str) -> str:
    say, territory = words(lang).say, place.rows.territory
    if column == "whole":
        return str(territory.label(territory.top, lang))
    if column == "change":
        bases = (one.change.base for one in place.figures)
        base = next(base for base in bases if base is not None)
        return typography(say("sheet.head.change", base=format_period(base, lang)), lang)
    named = {"value": "sheet.head.rate", "verdict": "table.head.change_verdict"}
    return typography(say(named.get(column, f"table.head.{column}")), lang)


def _count(level: Fact, lang: str) -> str:
    if level.numerator is None:
        return status_text("missing" if level.value is not None else level.status, lang)
    return format_number(level.numerator, lang)


def _short(level: Fact | None, lang: str) -> str:
    """Write a value in little room, or the mark of why there is none."""
    say = words(lang).say
    if level is None:
        return say("mark.missing")
    if level.value is None:
        there = level.status in ("missing", "not_applicable")
        return say(f"mark.{level.status if there else 'withheld'}")
    text = written(level, lang, level.value)
    return text if level.covered is None else f"{text} {say('mark.part')}"


def _interval(level: Fact, lang: str) -> str:
    known = level.value is not None and level.low is not None and level.high is not None
    return filters(lang)["interval"](level) if known else ""


def _peer_value(one: PlaceFigure, lang: str) -> str:
    number = None if one.compared is None else number_in(one.compared, "peer_value")
    if number is None:
        return words(lang).say("mark.not_applicable")
    return written(one.level, lang, number)


def _value_of_whole(one: PlaceFigure, lang: str) -> str:
    """Write the value of the whole as precisely as that of the place."""
    if one.whole.value is None:
        return reason_text(one.whole, lang)
    digits = one.level.decimals if one.level.known else one.whole.decimals
    return written(one.whole, lang, one.whole.value, decimals=digits)


def _against_peers(one: PlaceFigure, lang: str) -> str:
    """Write the verdict in short; a dash where there is none, explained under the table."""
    if one.standing in ("", UNLIKE):
        return words(lang).say("mark.not_applicable")
    return _short_verdict(one.standing, lang)


def _changed(one: PlaceFigure, lang: str) -> str:
    change = one.change
    known = change.value is not None
    return written(change, lang, change.value) if known else words(lang).say("mark.not_applicable")


def _verdict(one: PlaceFigure, lang: str) -> str:
    """Write the verdict on the change in short; a dash where there is none."""
    if one.change.verdict in (None, UNLIKE):
        return words(lang).say("mark.not_applicable")
    return _short_verdict(one.change.verdict, lang)


def _short_verdict(verdict: str | None, lang: str) -> str:
    return words(lang).say(f"short.{(verdict or 'not comparable').replace(' ', '_')}")


_CELLS: dict[str, Callable[[PlaceFigure, str], str]] = {
    "numerator": lambda one, lang: _count(one.level, lang),
    "value": lambda one, lang: _short(one.level, lang),
    "interval": lambda one, lang: _interval(one.level, lang),
    "peer_value": _peer_value,
    "against_peers": _against_peers,
    "whole": _value_of_whole,
    "change": _changed,
    "verdict": _verdict,
}


def _measures(subject: Subject) -> str:
    facts = subject.facts()
    found = dict.fromkeys(measure_words(f.kind, f.unit, f.scale, subject.lang) for f in facts)
    return first_upper(words(subject.lang).join("join.semicolon", list(found)))


def _notes(
    subject: Subject, columns: Sequence[str], own: Sequence[PlaceFigure], lang: str
) -> tuple[FigureNote, ...]:
    """Say once what every figure of the sheet needs: scope, peers, verdicts, source."""
    say = words(lang).say
    peers = [one.compared["peer"] for one in own if one.compared is not None]
    extra = [peers_in_short(peers, lang)] if "peer_value" in columns else []
    dashes = any(one.standing == UNLIKE for one in own) and "peer_value" in columns
    extra += [say("sheet.no_peer")] if dashes else []
    extra += [say("table.not_shown")] if {"verdict", "against_peers"} & {*columns} else []
    rules = dict.fromkeys(get_indicator(i).place_rule for i in subject.indicators)
    extra = [*(say(f"sheet.place.{rule}") for rule in rules), *extra]
    return without(
        lines_under(subject, extra=(" ".join(extra),)), ("reading", "scope", "withheld"), lang
    )


def without(
    notes: Sequence[FigureNote], labels: Sequence[str], lang: str
) -> tuple[FigureNote, ...]:
    """Leave out the lines that a sheet says once, or has no room for."""
    left = {typography(f"{words(lang).say(f'remark.label.{label}')}:", lang) for label in labels}
    return tuple(replace(note, place="note") for note in notes if note.label not in left)


def _symbols(subject: Subject) -> tuple[FigureNote, ...]:
    """Explain the marks that the cells use, those and no others."""
    lang, say = subject.lang, words(subject.lang).say
    without = {f.status for f in subject.facts() if f.value is None}
    withheld = without - {"missing", "not_applicable", "ok", "zero", "provisional"}
    found = [("withheld", status_text(min(withheld), lang))] if withheld else []
    found += [(k, say(f"status.{k}")) for k in ("missing", "not_applicable") if k in without]
    if any(f.covered is not None and f.value is not None for f in subject.facts()):
        found.append(("part", say("status.part")))
    lines = [say("join.colon", label=say(f"mark.{key}"), text=text) for key, text in found]
    if not lines:
        return ()
    label = typography(f"{say('remark.label.remark')}:", lang)
    text = words(lang).join("join.semicolon", lines)
    return (FigureNote(label, typography(f"{text}.", lang)),)


def _year_file(place: Place, year: str) -> str:
    """Write the rows of the place in the year, with what the table shows beside each."""
    figures = {one.indicator: one for one in place.figures}
    texts = []
    for name in place.rows.names:
        rows = place.rows[name].select(period=year)
        beside = [_shown_beside(figures[str(indicator)]) for indicator in rows.table["indicator"]]
        texts.append(csv_text(rows, beside=pd.DataFrame(beside)))
    return _joined(texts)


def _years_file(place: Place) -> str:
    return _joined([csv_text(place.rows[name]) for name in place.rows.names])


def _shown_beside(one: PlaceFigure) -> dict[str, Any]:
    peer = {} if one.compared is None else one.compared.to_dict()
    change = one.change
    return {
        **{column: peer.get(column) for column in _PEER},
        "peer_verdict": peer.get("verdict"),
        "whole_value": one.whole.value,
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
        "change_verdict": change.verdict,
        "change_base": change.base,
    }


def _joined(texts: Sequence[str]) -> str:
    """Join data files whose columns differ, each cell as it is written."""
    if len(texts) == 1:
        return texts[0]
    read = [list(csv.reader(io.StringIO(text))) for text in texts]
    columns = list(dict.fromkeys(c for rows in read for c in rows[0] if c != "synthetic"))
    columns.append("synthetic")
    made = io.StringIO()
    writer = csv.DictWriter(made, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for head, *rows in read:
        writer.writerows(dict(zip(head, row, strict=True)) for row in rows)
    return made.getvalue()
