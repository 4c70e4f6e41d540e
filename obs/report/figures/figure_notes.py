"""Write the lines under a figure: how to read it, its scope, what is withheld, its source.

Every word and number is computed from the released rows and the catalogue.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from obs.catalogue import get_indicator
from obs.locale import words
from obs.reference import load_exposure
from obs.report.facts.dates import format_date, format_period, format_span
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import filters, measured, shown, written
from obs.report.facts.numbers import typography
from obs.report.facts.released_row import covered_part
from obs.report.facts.subject import Subject, against, category_label, span_under
from obs.report.facts.words import base_words, first_upper, verdict_words
from obs.report.figures.blocks import FigureNote
from obs.report.figures.comparison_columns import compared_reading
from obs.report.figures.not_comparable import unlike_lines
from obs.schemas import WITHHELD

__all__ = ["example_row", "lines_under", "value_in_words", "with_own_title"]

_Place = Literal["source", "note", "general"]
_ESTIMATED = {"inhabitants", "dwellings"}  # denominators that are counted in some years only


def lines_under(
    subject: Subject,
    *,
    extra: tuple[str, ...] = (),
    note: str | None = None,
    read: bool = True,
) -> tuple[FigureNote, ...]:
    """Write the lines under a figure or a table.

    Returns reading, scope, period, withheld, denominator, remarks, source, intervals, each with
    the line where it stands; those that have nothing to say are left out, and the reading unless
    `read`. Raises `CatalogueError`
    if an indicator is not in the catalogue.
    """
    scope: _Place = "source" if len(subject.indicators) == 1 else "general"
    remarks = (*unlike_lines(subject), *extra, note or "")
    lines: tuple[tuple[str, _Place, str], ...] = (
        ("reading", "note", _reading(subject) if read else ""),
        ("scope", scope, _each_indicator(subject, "scope")),
        ("period", "note", _periods(subject)),
        ("withheld", "note", _withheld_line(subject)),
        ("denominator", "general", _interpolated(subject)),
        ("remark", "general", _per_day(subject)),
        *_notes("remark", remarks),
        ("source", "source", _source_line(subject)),
        ("interval", "general", _of_intervals(subject)),
    )
    lang, own = subject.lang, words(subject.lang)
    return tuple(
        FigureNote(
            typography(f"{own.say(f'remark.label.{key}')}:", lang), typography(text, lang), place
        )
        for key, place, text in lines
        if text
    )


def _notes(key: str, texts: tuple[str, ...]) -> list[tuple[str, _Place, str]]:
    return [(key, "note", text) for text in texts]


def with_own_title(title: str | None, own: str, caption: str) -> str:
    """Put what a figure is of before its measure, where its title says what it shows."""
    return f"{own}. {caption}" if title else caption


def value_in_words(fact: Fact, lang: str) -> str:
    """Write a value with its measure and its interval.

    Returns "9.9 offences per 1,000 inhabitants (95% interval: 9.7 to 10.1)".

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.figures.figure_notes import value_in_words
    >>> value_in_words(Fact("count", 12.0, 6.2, 21.0, "ok", "fact", "count", 0), "en").split(" (")[0]
    '12 offences'
    """
    if fact.value is None:
        return written(fact, lang, None)
    counts = fact.kind in ("count", "rate", "per_day", "estimate")
    text, own = measured(fact, lang) if counts else shown(fact, lang), words(lang)
    aside = [base_words(fact.scale)] if fact.kind == "index" else []
    if fact.low is not None and fact.high is not None:
        aside.append(own.say("remark.interval", interval=filters(lang)["interval"](fact)))
    return f"{text} ({own.join('join.semicolon', aside)})" if aside else text


def example_row(subject: Subject) -> pd.Series | None:
    """Choose the row that the reading example tells: the whole territory, the last full period.

    The row is never chosen by its value; the result is None when no row has one.
    """
    table = subject.table
    known = table[[f.known for f in subject.facts()]]
    full = known[[covered_part(row) is None for _, row in known.iterrows()]]
    rows = full if len(full) else known
    if rows.empty:
        return None
    rows = rows[rows["period"] == rows["period"].max()]
    whole = rows[rows["territory"] == subject.territory.top]
    first: pd.Series = (whole if len(whole) else rows).iloc[0]
    return first


def _reading(subject: Subject) -> str:
    row = example_row(subject)
    if row is None:
        return ""
    lang, fact = subject.lang, fact_of(row)
    place = subject.territory.label(str(row["territory"]), lang)
    named = [category for category in (_categories(row, subject),) if category]
    when = format_period(row["period"], lang)
    if fact.covered is not None:
        when = format_span(*fact.covered, lang)
    if under := span_under(row.to_frame().T, lang):
        when = under
    elif fact.base is not None:
        when = against(when, fact.base, lang)
    verdict = _verdict_clause(fact, lang)
    head = first_upper(", ".join([*named, place, when]))
    own = words(lang)
    in_words = f"{value_in_words(fact, lang)}{verdict}."
    read = compared_reading(row, lang)
    return " ".join(filter(None, (own.say("join.colon", label=head, text=in_words), read)))


def _of_intervals(subject: Subject) -> str:
    """Say which chance the intervals describe, and which errors they do not."""
    table = subject.table
    if table["low"].isna().all():
        return ""
    survey = "source" in table and (table["source"] == "survey").all()
    return words(subject.lang).say("remark.sampling" if survey else "remark.random")


def _verdict_clause(fact: Fact, lang: str) -> str:
    """Say the verdict; where nothing showed, also what could have been missed."""
    if not fact.verdict:
        return ""
    text = f", {verdict_words(fact.verdict, lang, reason=fact.reason)}"
    if fact.verdict == "stable" and (fact.least_rise is not None or fact.least_fall is not None):
        text = words(lang).say(
            "join.semicolon", first=text, second=filters(lang)["detectable"](fact)
        )
    return text


def _categories(row: pd.Series, subject: Subject) -> str:
    columns = [c for c in subject.varying if c not in ("territory", "period", "base")]
    return category_label(row, columns, subject) if columns else ""


def _each_indicator(subject: Subject, text: str) -> str:
    found = dict.fromkeys(get_indicator(i).text(text, subject.lang) for i in subject.indicators)
    if all(one.endswith(".") for one in found):
        return " ".join(found)
    return words(subject.lang).join("join.semicolon", list(found))  # names of sources


def _periods(subject: Subject) -> str:
    """Say which days incomplete periods cover, of each row that is one, and which are provisional."""
    lang, say, table = subject.lang, words(subject.lang).say, subject.table
    days = [c for c in ("days", "covered_from", "covered_to") if c in table]
    known = table[[fact.known for fact in subject.facts()]]
    spans: dict[tuple[pd.Period, str], None] = {}
    for _, row in known.drop_duplicates(["period", *days]).iterrows():
        if covered := covered_part(row):
            spans[row["period"], format_span(*covered, lang)] = None
    lines = [
        say("remark.partial", period=format_period(period, lang), span=span)
        for period, span in sorted(spans)
    ]
    if "status" in table.columns:
        partial = {period for period, _ in spans}
        rows = table[(table["status"] == "provisional") & ~table["period"].isin(partial)]
        names = [format_period(p, lang) for p in sorted(rows["period"].unique())]
        lines += [say("remark.provisional", periods=", ".join(names))] if names else []
    return " ".join(lines)


def _withheld_line(subject: Subject) -> str:
    if "status" not in subject.table.columns:
        return ""
    say, status = words(subject.lang).say, subject.table["status"]
    theirs = int((status == "suppressed_source").sum())
    unreliable = int((status == "unreliable").sum())
    ours = int(status.isin(WITHHELD).sum()) - theirs - unreliable
    missing = int((status == "missing").sum())
    survey = "source" in subject.table and (subject.table["source"] == "survey").any()
    unsure = "few_answers" if survey else "unreliable"
    parts = [
        say(f"remark.{key}", count=n)
        for key, n in (("ours", ours), ("theirs", theirs), (unsure, unreliable))
        if n
    ]
    lines = [first_upper(", ".join(parts)) + ".", say("remark.neither")] if parts else []
    if missing:
        lines.append(say("remark.missing", count=missing))
    return " ".join(lines)


def _per_day(subject: Subject) -> str:
    """Say that a change is not that of the numbers beside it, where the days differ."""
    table = subject.table
    if not {"change", "change_of", "days", "base_days"} <= set(table.columns):
        return ""
    unequal = (table["days"] != table["base_days"]).fillna(value=False)
    in_words = unequal & table["change"].notna() & table["change_of"].str.endswith("_per_day")
    return words(subject.lang).say("remark.per_day") if in_words.any() else ""


def _interpolated(subject: Subject) -> str:
    if "denominator_flag" not in subject.table.columns:
        return ""
    rows = subject.table[subject.table["denominator_flag"] == "interpolated"]
    kinds = {str(scale).rsplit("_", 1)[-1] for scale in rows["scale"]}
    if len(kinds) != 1 or not kinds <= _ESTIMATED:
        return ""
    kind, say = kinds.pop(), words(subject.lang).say
    years = sorted({int(year) for year in rows["period"].dt.year})
    gaps = _years_around(subject, years, kind)
    how = [say("remark.interpolated", before=str(a), after=str(b)) for a, b in gaps]
    method = ", ".join(how) or say("remark.for_years", years=", ".join(map(str, years)))
    return say("remark.estimated", what=say(f"measure.estimated.{kind}"), how=method)


def _years_around(subject: Subject, years: list[int], kind: str) -> list[tuple[int, int]]:
    """Give the years of the counts that estimated years lie between; none where they are unknown."""
    name = {"inhabitants": "population"}.get(kind, kind)
    table = load_exposure(name, territory=subject.territory)
    units = table["territory"].isin(subject.territories)
    estimated = set(table.loc[units & (table["flag"] != "observed"), "year"])
    counted = sorted(set(table["year"]) - estimated)
    around = [
        (
            max((y for y in counted if y < year), default=0),
            min((y for y in counted if y > year), default=0),
        )
        for year in years
    ]
    return list(dict.fromkeys(around)) if all(a and b for a, b in around) else []


def _source_line(subject: Subject) -> str:
    own = words(subject.lang)
    text = _each_indicator(subject, "source_label")
    if "extracted" in subject.table.columns:
        dates = subject.table.groupby("indicator")["extracted"].max()
        if dates.notna().all():  # else the latest day is not known
            on = format_date(pd.Timestamp(dates.max()).date(), subject.lang)
            text = own.join("join.semicolon", [text, own.say("remark.extracted", date=on)])
    return text + "."
