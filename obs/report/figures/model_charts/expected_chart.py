"""Draw the counts observed beside those that were expected without what interrupted them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from obs.errors import ObsError
from obs.locale import words
from obs.report.draw.lines import Line, Panel
from obs.report.draw.panels import draw_panels
from obs.report.draw.style import draw_twice
from obs.report.facts.dates import format_period
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.numbers import format_interval, format_number
from obs.report.facts.printed import need_texts
from obs.report.facts.released_row import number_in
from obs.report.facts.subject import Subject, category_label, look_at
from obs.report.facts.words import first_upper, synthetic_label
from obs.report.figures.assemble import figure_block, need_alt
from obs.report.figures.blocks import Block

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["chart_expected"]

_BEFORE = 12  # periods before the interruption that are drawn


def chart_expected(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Draw what was observed, and what was expected without the interruption.

    The year before the interruption and all that follows are drawn, each series on axes of its
    own; dotted lines mark the first period under it, and the first after it.

    Parameters
    ----------
    released : Released
        The table `ID_expected` of an interruption, for one place.
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the catalogue.
    alt : str
        What kind of figure it is and of what, at least 30 characters, without numbers; its
        numbers are added.
    note : str or None
        A remark under the figure.

    Returns
    -------
    Block
        A figure with its data file.

    Raises
    ------
    DisclosureError
        If `released` is not a Released.
    PublicationError
        If the alternative text is missing or short.
    ObsError
        If nothing was expected in it, or it is of several places.
    """
    subject = look_at(released, lang=lang, who="chart_expected")
    alt = need_alt(alt, who="chart_expected")
    need_texts(lang, who="chart_expected", title=title, alt=alt, note=note)
    if not {"expected", "under"} <= set(subject.table):
        raise ObsError("chart_expected shows an interruption: the table called ID_expected.")
    if len(subject.territories) > 1:
        raise ObsError("chart_expected shows one place: select one.")
    drawn = subject.keep(_near(subject.table))
    series = [rows for _, rows in drawn.table.groupby("indicator", sort=False)]
    panels = [_panel(rows, drawn, several=len(series) > 1) for rows in series]
    warning = synthetic_label(lang) if drawn.synthetic else ""
    told = words(lang).join("join.semicolon", [_said(rows, drawn) for rows in series])
    return figure_block(
        released,
        drawn,
        draw_twice(partial(draw_panels, panels, lang, warning)),
        kind="expected",
        title=title,
        caption=_caption(drawn.table, lang),
        alt=alt,
        note=note,
        told=told,
    )


def _near(table: pd.DataFrame) -> pd.Series:
    """Tell the rows from a year before the interruption on."""
    under = table["under"].fillna(value=False).astype(bool)
    first = table.loc[under, "period"].min()
    since = table["period"].min() if pd.isna(first) else first - _BEFORE
    near: pd.Series = table["period"] >= since
    return near


def _caption(table: pd.DataFrame, lang: str) -> str:
    """Say what lines, band and dotted marks are, and which periods lie between the marks."""
    under = table.loc[table["under"].fillna(value=False).astype(bool), "period"]
    own, text = words(lang), words(lang).say("expected.caption")
    if not len(under):
        return text
    ends = "end" if (table["period"] > under.max()).any() else "open"
    periods = dict.fromkeys(format_period(p, lang) for p in (under.min(), under.max()))
    period = "\N{EN DASH}".join(periods)
    return own.join("join.semicolon", [text, own.say(f"expected.marks.{ends}", period=period)])


def _panel(rows: pd.DataFrame, subject: Subject, *, several: bool) -> Panel:
    """Put both lines of a series on one pair of axes."""
    own, _lang = words(subject.lang), subject.lang
    rows = rows.sort_values("period")
    seen = [replace(fact_of(row), low=None, high=None) for _, row in rows.iterrows()]
    wanted = [_expected(row) for _, row in rows.iterrows()]
    lines = (
        Line(own.say("expected.observed"), tuple(seen)),
        Line(own.say("expected.expected"), tuple(f for f in wanted if f is not None)),
    )
    under = rows.loc[rows["under"].fillna(value=False).astype(bool), "period"]
    after = rows.loc[rows["period"] > under.max(), "period"] if len(under) else under
    marks = [
        (p.ordinal - 0.5, key)
        for p, key in ((under.min(), "start"), (after.min(), "end"))
        if not pd.isna(p)
    ]
    heading = category_label(rows.iloc[0], ["indicator"], subject) if several else ""
    measure = first_upper(subject.with_table(rows).measure())
    breaks = tuple((place, own.say(f"expected.{key}")) for place, key in marks)
    return Panel(heading, measure, lines, breaks, ())


def _expected(row: pd.Series) -> Fact | None:
    """Give what was expected of a period as a count with its limits."""
    value, low, high = (number_in(row, c) for c in ("expected", "expected_low", "expected_high"))
    if value is None:
        return None
    return replace(fact_of(row), value=value, low=low, high=high, status="ok", covered=None)


def _said(rows: pd.DataFrame, subject: Subject) -> str:
    """Say, of a series, what was observed and expected under the interruption, month by month."""
    lang, own = subject.lang, words(subject.lang)
    parts = []
    for _, row in rows[rows["under"].fillna(value=False).astype(bool)].iterrows():
        fact, wanted = fact_of(row), _expected(row)
        if fact.value is None or wanted is None or wanted.value is None:
            continue
        limits = (
            ""
            if wanted.low is None or wanted.high is None
            else format_interval(
                format_number(wanted.low, lang), format_number(wanted.high, lang), lang
            )
        )
        text = own.say(
            "expected.told",
            observed=format_number(fact.value, lang),
            expected=format_number(wanted.value, lang),
            interval=limits,
        )
        parts.append(own.say("join.colon", label=format_period(row["period"], lang), text=text))
    name = category_label(rows.iloc[0], ["indicator"], subject)
    return own.say("join.colon", label=name, text=", ".join(parts))
