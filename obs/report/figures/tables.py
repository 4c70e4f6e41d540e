"""Make tables of released values: units down, periods or indicators or measures across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from obs.errors import ObsError
from obs.locale import words
from obs.report.facts.dates import format_period
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import filters, reason_text, shown
from obs.report.facts.numbers import format_number, status_text, typography
from obs.report.facts.printed import need_texts
from obs.report.facts.released_row import whole_in
from obs.report.facts.selection import largest
from obs.report.facts.subject import Subject, category_label, look_at
from obs.report.facts.words import (
    caution_words,
    first_upper,
    measure_words,
    verdict_words,
)
from obs.report.figures.blocks import Block, Column, CsvFile, Row, TableBody
from obs.report.figures.changes_beside import (
    BESIDE,
    CHANGED,
    PEERS,
    base_beside,
    changed_cell,
    changed_head,
    changes_of,
    with_changes,
    without_peers,
)
from obs.report.figures.comparison_columns import (
    COMPARING,
    compared_cell,
    compared_head,
    comparison_kind,
    comparison_words,
    peers_in_short,
)
from obs.report.figures.data_file import csv_text
from obs.report.figures.figure_notes import lines_under, with_own_title
from obs.report.figures.rows_behind import behind, with_base, with_sources
from obs.report.figures.unmeasured import unmeasured_totals

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["show_table"]

MOST_ROWS = 60  # units; above, the largest are shown and the rest is in the data file
_MOST_COLUMNS = 12
UNMEASURED = "unmeasured"  # column of a table that is shown: a total that is none
_IN_WORDS = (
    "change_verdict",
    "against_peers",
    "verdict",
    "peer_verdict",
    "position",
    "chance_position",
    "ambient_position",
    "flips",
)
_ACROSS = (
    "answer",
    "sector",
    "size",
    "within",
)  # breakdowns with few codes: they go across another one
_ROW_HEADERS = ("territory", "indicator", "period", "base", "point")


def show_table(
    released: Released,
    *,
    lang: str,
    title: str | None = None,
    alt: str | None = None,
    note: str | None = None,
    columns: Sequence[str] | None = None,
    beside: Released | None = None,
) -> Block:
    """Lay released values out as a table.

    One key that varies goes down, a second across (periods, or indicators); with only one,
    the measures go across: number, value, interval, and the verdict of a comparison.
    Above 60 units the 30 largest are shown, and the table says so.

    Parameters
    ----------
    released : Released
        At most two keys may vary (two breakdowns count as one).
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the catalogue.
    alt : str or None
        What the table is, for readers who do not see it; it may be left out, since the
        cells of a table are read.
    note : str or None
        A remark under the table.
    columns : sequence of str or None
        Measures across when one key varies, among numerator, base_numerator, value,
        interval, verdict, and n and detectable of a survey; for compared places also those
        of the comparison (ratio, ranks, position...); all that the table has by default.
    beside : Released or None
        A table of changes of the same places and period: change and verdict become the last
        columns.

    Returns
    -------
    Block
        A table with its data file.

    Raises
    ------
    DisclosureError
        If `released` is not a Released.
    ObsError
        If more than two keys vary, a measure is unknown, or the table is too wide.
    """
    subject = look_at(released, lang=lang, who="show_table")
    need_texts(lang, who="show_table", title=title, alt=alt, note=note)
    kept, notes = largest(subject, most=MOST_ROWS)
    down, across = _layout(kept)
    compares = comparison_kind(kept.table)
    if compares and (across or "peer" in kept.varying):
        varying = ", ".join(c for c in kept.varying if c not in down)
        raise ObsError(
            f"show_table: places are compared in one table at a time; select one value of {varying}."
        )
    if across and columns:
        raise ObsError("show_table: columns chooses measures, where one key varies; two do here.")
    if across and beside is not None:
        raise ObsError(
            f"show_table: changes stand beside values of one period, and '{across}' varies too; select "
            "one value of it."
        )
    if beside is not None:
        kept = with_changes(without_peers(kept), beside)
        columns = columns or BESIDE
        compares = comparison_kind(kept.table)
    body = _crossed(kept, down, across) if across else _measured(kept, down, columns)
    against, *explained = (
        comparison_words(kept.table, kept.facts()[0], kept.territory, lang) if compares else ("",)
    )
    if beside is not None:  # the ratio that is explained is not shown
        explained = [peers_in_short(kept.table["peer"], lang)] if compares == "peer" else []
    name = subject.slug("table") + ("-and-change" if beside is not None else "")
    own_title = ", ".join(filter(None, (subject.title(), against)))
    return Block(
        released=released,
        kind="table",
        id=name,
        lang=lang,
        title=typography(title or own_title, lang),
        alt=typography(alt or "", lang),
        caption=typography(with_own_title(title, own_title, _caption(kept)), lang),
        notes=lines_under(kept, extra=(*notes, *explained, *_symbols(kept, across)), note=note),
        table=with_sources(body, released, lang),
        csv=CsvFile(f"{name}.csv", csv_text(released, beside=changes_of(kept, released))),
    )


def _layout(subject: Subject) -> tuple[list[str], str | None]:
    """Choose the keys that go down, and the one that goes across."""
    bases = _several_bases(subject)
    varying = [c for c in subject.varying if c != "base" or bases]
    breakdowns = [c for c in varying if c in subject.breakdowns]
    wanted = ("territory", "indicator", "period", "base", "point")
    single: list[str] = [c for c in wanted if c in varying]
    if len(single) + bool(breakdowns) > 2:
        raise ObsError(
            f"show_table: {', '.join(varying)} vary in '{subject.name}' and a page has two "
            "directions; select one value of some of them."
        )
    if len(breakdowns) == 2 and not single and breakdowns[1] in _ACROSS:
        return breakdowns[:1], breakdowns[1]
    if breakdowns:
        return breakdowns, single[0] if single else None
    if len(single) == 2:
        return single[:1], single[1]
    return single or ["territory"], None


def _several_bases(subject: Subject) -> bool:
    """Tell whether one value is compared with several bases."""
    key = ["indicator", *subject.breakdowns, "territory", "period"]
    return subject.compares and bool(subject.table.duplicated(key).any())


def _crossed(subject: Subject, down: list[str], across: str) -> TableBody:
    heads = subject.table.drop_duplicates(across)
    if across in ("period", "base"):
        heads = heads.sort_values(across)
    if len(heads) > _MOST_COLUMNS:
        raise ObsError(
            f"show_table: {len(heads)} columns of '{across}' do not fit a page, {_MOST_COLUMNS} do; "
            "select fewer."
        )
    keys = list(heads[across])
    rows = []
    for _, group in subject.table.groupby(down, sort=False):
        facts = {row[across]: fact_of(row) for _, row in group.iterrows()}
        header = category_label(group.iloc[0], down, subject)
        cells = tuple(_short_cell(facts.get(key), subject.lang) for key in keys)
        own = {row[across]: row for _, row in group.iterrows()}
        rows.append(Row(header, cells, tuple(behind(own.get(k), subject.lang) for k in keys)))
    labels = [category_label(row, [across], subject) for _, row in heads.iterrows()]
    return TableBody(
        _header_of(down, subject.lang), tuple(Column(label) for label in labels), tuple(rows)
    )


def _measured(subject: Subject, down: list[str], columns: Sequence[str] | None) -> TableBody:
    measures = _measure_columns(subject, columns)
    table = subject.table.assign(**{UNMEASURED: unmeasured_totals(subject.table)})
    rows = tuple(
        Row(
            category_label(row, down, subject),
            tuple(_cell(row, measure, subject.lang) for measure in measures),
            (with_base(behind(row, subject.lang), base_beside(row)),),
        )
        for _, row in table.iterrows()
    )
    heads = tuple(
        Column(_measure_head(m, subject), "left" if m in _IN_WORDS else "right") for m in measures
    )
    return TableBody(_header_of(down, subject.lang), heads, rows)


def _measure_columns(subject: Subject, columns: Sequence[str] | None) -> list[str]:
    kinds = {f.kind for f in subject.facts()}
    if subject.compares:
        usual = ["base_numerator", "numerator", "value", "interval", "verdict"]
    else:
        own = kinds <= {"count", "estimate"}  # no count beside it that it is made of
        usual = ["value", "interval"] if own else ["numerator", "value", "interval"]
        if _of_survey(subject):
            usual = ["n", "value", "interval", *([] if kinds == {"estimate"} else ["detectable"])]
    compares = comparison_kind(subject.table)
    usual = list(COMPARING[compares]) if compares else usual
    if columns is BESIDE:
        peer = (PEERS,) if "peer" in subject.table else ()
        always = ("value", "interval", *CHANGED, *peer)
        twice = ("numerator",) if kinds == {"count"} else ()  # a count is its own value
        return [m for m in BESIDE if m not in twice and (m in always or m in subject.table)]
    there = [m for m in usual if m not in ("numerator", "base_numerator") or m in subject.table]
    if columns is None:
        return there
    unknown = [m for m in columns if m not in there]
    if unknown:
        raise ObsError(
            f"show_table: no measure {', '.join(map(repr, unknown))}; there are {', '.join(there)}."
        )
    return list(columns)


def _measure_head(measure: str, subject: Subject) -> str:
    lang = subject.lang
    if measure in (PEERS, *CHANGED):
        return changed_head(measure, subject)
    if measure == "value":
        return first_upper(
            subject.measure() if _one_measure(subject) else words(lang).say("table.head.value")
        )
    if measure == "base_numerator":
        bases = " / ".join(format_period(p, lang) for p in sorted(subject.table["base"].unique()))
        text = words(lang).say("table.head.base_numerator", base=bases)
    else:
        text = compared_head(measure, lang) or words(lang).say(f"table.head.{measure}")
    return typography(text, lang)


def _of_survey(subject: Subject) -> bool:
    """Tell whether values are estimates from answers: there are respondents, and no count."""
    table = subject.table
    return "source" in table and bool((table["source"] == "survey").all())


def _one_measure(subject: Subject) -> bool:
    return len({(f.kind, f.unit, f.scale) for f in subject.facts()}) == 1


def _cell(row: pd.Series, measure: str, lang: str) -> str:
    """Write a cell; a change from another table, and a total that is none, in their own way."""
    if measure in (PEERS, *CHANGED):
        return changed_cell(row, measure, lang)
    if row[UNMEASURED]:
        return "" if measure == "interval" else words(lang).say("table.unmeasured")
    return _measure_cell(row, measure, lang)


def _measure_cell(row: pd.Series, measure: str, lang: str) -> str:
    fact = fact_of(row)
    if compared_head(measure, lang):
        return compared_cell(row, fact, measure, lang)
    if measure == "verdict":
        return verdict_words(fact.verdict, lang) if fact.verdict else ""
    if measure in ("numerator", "base_numerator"):
        number = whole_in(row, measure)
        if number is None:
            return status_text(_status_of_fact(fact), lang)
        return format_number(number, lang)
    if measure == "n":
        return format_number(fact.respondents, lang) if fact.respondents is not None else ""
    if measure == "detectable":
        return filters(lang)["detectable"](fact) if fact.detectable is not None else ""
    if measure == "interval":
        known = fact.value is not None and fact.low is not None and fact.high is not None
        return filters(lang)["interval"](fact) if known else ""
    if fact.value is None and fact.verdict is not None:
        return words(lang).say("mark.not_applicable")  # the verdict says why
    return _with_part(fact, lang) if fact.value is not None else reason_text(fact, lang)


def _status_of_fact(fact: Fact) -> str:
    return "missing" if fact.status in ("ok", "zero", "unreliable") else fact.status


def _short_cell(fact: Fact | None, lang: str) -> str:
    """Write a value in little room; its symbols are explained under the table."""
    if fact is None:
        return words(lang).say("mark.missing")
    if fact.value is not None:
        return _with_part(fact, lang)
    key = fact.status if fact.status in ("missing", "not_applicable") else "withheld"
    return words(lang).say(f"mark.{key}")


def _with_part(fact: Fact, lang: str) -> str:
    value = shown(fact, lang)
    return value if fact.covered is None else f"{value} {words(lang).say('mark.part')}"


def _header_of(down: list[str], lang: str) -> str:
    kind = down[0] if down[0] in _ROW_HEADERS else "category"
    return words(lang).say(f"table.rows.{kind}")


def _caption(subject: Subject) -> str:
    """Say the measure; with several, each in turn."""
    found = dict.fromkeys(
        measure_words(f.kind, f.unit, f.scale, subject.lang) for f in subject.facts()
    )
    return first_upper(words(subject.lang).join("join.semicolon", list(found)))


def _symbols(subject: Subject, across: str | None) -> tuple[str, ...]:
    """Explain the symbols that the cells use, those and no others."""
    lang, facts, own = subject.lang, subject.facts(), words(subject.lang)
    found = []
    if across:
        states = {f.status for f in facts if f.value is None}
        withheld = states - {"missing", "not_applicable", "ok", "zero", "provisional"}
        if withheld:
            found.append((own.say("mark.withheld"), status_text(min(withheld), lang)))
        found += [
            (own.say(f"mark.{key}"), own.say(f"status.{key}"))
            for key in ("missing", "not_applicable")
            if key in states
        ]
    if any(f.covered is not None and f.value is not None for f in facts):
        found.append((own.say("mark.part"), own.say("status.part")))
    lines = [own.say("join.colon", label=mark, text=text) for mark, text in found]
    caution = (caution_words(lang),) if any(f.cautious for f in facts) else ()
    changes = CHANGED[0] in subject.table
    short = (own.say("table.not_shown"),) if changes else ()
    judged = (changes or subject.compares) and not across and "territory" in subject.varying
    adjusted = (own.say("table.adjusted"),) if judged else ()
    least = any(f.detectable is not None for f in facts) and not across
    detectable = (own.say("table.detectable"),) if least else ()
    return (
        *((f"{own.join('join.semicolon', lines)}.",) if lines else ()),
        *caution,
        *detectable,
        " ".join((*short, *adjusted)),
    )
