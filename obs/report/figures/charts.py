"""Make charts of released tables: a trend, bars with intervals, a funnel.

Tables without a common axis are refused.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from obs.errors import ObsError
from obs.locale import words
from obs.report.draw.bars import Bar, draw_bars
from obs.report.draw.lines import Line, Panel
from obs.report.draw.panels import draw_panels
from obs.report.draw.style import Drawings, draw_twice
from obs.report.facts.fact import fact_of
from obs.report.facts.printed import need_texts
from obs.report.facts.selection import finest_level, largest
from obs.report.facts.series_breaks import breaks_in
from obs.report.facts.subject import Subject, category_label, look_at
from obs.report.facts.words import caution_words, first_upper, synthetic_label
from obs.report.figures.assemble import figure_block, need_alt
from obs.report.figures.blocks import Block
from obs.schemas import ALL

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["chart_bars", "chart_trend", "draw_trend"]

MAX_BARS = 40  # more rows than this do not fit a page
_MAX_PANELS = 12
_MAX_LINES = 4
_MAX_RATIO = 5.0  # lines further apart than this get axes of their own
_KINDS_OF_RESPONDENT = ("sector", "size")  # their total is the share of all respondents


def chart_trend(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Draw how values move over the periods, with their intervals.

    The whole territory is drawn where the table has it among others. Series of one
    measure and like size share their axes; others get axes of their own. A withheld or
    unknown value is a marked gap; an incomplete period is a hollow point apart; a
    registered break in the series is a dotted line that the curve does not cross.

    Parameters
    ----------
    released : Released
        An indicator table of at least two periods.
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the catalogue.
    alt : str
        What kind of figure it is and of what, at least 30 characters, without numbers;
        what its rows show is added.
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
        If there is one period only, or more series than can be read.
    """
    subject = look_at(released, lang=lang, who="chart_trend")
    alt = need_alt(alt, who="chart_trend")
    need_texts(lang, who="chart_trend", title=title, alt=alt, note=note)
    if subject.compares or len(subject.periods) < 2:
        raise ObsError("chart_trend needs an indicator table of at least two periods.")
    return draw_trend(released, _whole_if_there(subject), title=title, alt=alt, note=note)


def draw_trend(
    released: Released,
    drawn: Subject,
    *,
    title: str | None,
    alt: str,
    note: str | None = None,
) -> Block:
    """Draw the series of rows that were looked at, of one table or several, as `chart_trend` does."""
    lang = drawn.lang
    panels = _panels(drawn)
    warning = synthetic_label(lang) if drawn.synthetic else ""
    drawings = draw_twice(partial(draw_panels, panels, lang, warning))
    measures = dict.fromkeys(panel.measure for panel in panels)
    part = any(f.covered for panel in panels for line in panel.lines for f in line.facts)
    extra = (words(lang).say("chart.part"),) if part else ()
    if any(fact.cautious for panel in panels for line in panel.lines for fact in line.facts):
        extra = (*extra, caution_words(lang))
    measure = words(lang).join("join.semicolon", list(measures))
    banded = bool(drawn.table["low"].notna().any())
    return figure_block(
        released,
        drawn,
        drawings,
        kind="trend",
        title=title,
        caption=words(lang).say("chart.trend", measure=measure) if banded else measure,
        alt=alt,
        note=note,
        extra=(*extra, *(found.text for found in breaks_in(drawn))),
    )


def chart_bars(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Draw one value per territory or category as a bar with its interval.

    Bars follow the official list, since an order by value would rank units that their
    intervals do not set apart. The whole territory, or all sectors or sizes together, is a
    line across, with its interval. A star marks an estimate of reliability grade C.
    Above 40 rows only the 30 largest by denominator are drawn, and the figure says so.

    Parameters
    ----------
    released : Released
        One indicator and one period, over territories or over the codes of a breakdown;
        or a table of comparisons of one period with one base.
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the catalogue.
    alt : str
        What kind of figure it is and of what, at least 30 characters, without numbers.
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
        If several periods or measures are left.
    """
    subject = look_at(released, lang=lang, who="chart_bars")
    alt = need_alt(alt, who="chart_bars")
    need_texts(lang, who="chart_bars", title=title, alt=alt, note=note)
    if len(subject.periods) > 1:
        raise ObsError(
            f"chart_bars shows one period and '{subject.name}' has {len(subject.periods)}: "
            "select one, such as period='2024'."
        )
    drawn, reference = _bars_and_reference(subject)
    measure = first_upper(drawn.measure())
    kept, extra = largest(drawn, most=MAX_BARS)
    if not extra and "territory" in kept.varying:
        extra = (words(lang).say("chart.order"),)
    if any(fact.covered for fact in kept.facts()):
        extra = (*extra, words(lang).say("chart.part"))
    if any(fact.cautious for fact in kept.facts()):
        extra = (*extra, caution_words(lang))
    drawings = _draw_rows(kept, measure, reference)
    return figure_block(
        released,
        kept,
        drawings,
        kind="bars",
        title=title,
        caption=words(lang).say("chart.bars", measure=measure),
        alt=alt,
        note=note,
        extra=extra,
    )


def _draw_rows(subject: Subject, measure: str, reference: Bar | None) -> Drawings:
    lang, warning = subject.lang, synthetic_label(subject.lang) if subject.synthetic else ""
    columns = [c for c in subject.varying if c != "base"] or ["territory"]
    bars = [
        Bar(category_label(row, columns, subject), fact_of(row))
        for _, row in subject.table.iterrows()
    ]
    return draw_twice(
        partial(draw_bars, bars, measure=measure, lang=lang, reference=reference, warning=warning)
    )


def _whole_if_there(subject: Subject) -> Subject:
    top = subject.territory.top
    if "territory" not in subject.varying or top not in subject.territories:
        return subject
    return subject.keep(subject.table["territory"] == top)


def _panels(subject: Subject) -> list[Panel]:
    columns = [c for c in subject.varying if c != "period"]
    groups = subject.table.groupby(columns, sort=False) if columns else [("", subject.table)]
    lines = [
        Line(
            category_label(rows.iloc[0], columns, subject) if columns else "",
            tuple(fact_of(row) for _, row in rows.sort_values("period").iterrows()),
        )
        for _, rows in groups
    ]
    parts = [subject.keep(_same(subject, rows)) for _, rows in groups]
    measures = [first_upper(part.measure()) for part in parts]
    if len(lines) > 1 and len(lines) <= _MAX_LINES and len(set(measures)) == 1 and _alike(lines):
        return [Panel("", measures[0], tuple(lines), *_break_places(subject))]
    if len(lines) > _MAX_PANELS:
        raise ObsError(
            f"chart_trend would draw {len(lines)} series and {_MAX_PANELS} can be read: select "
            f"some of {', '.join(columns)}."
        )
    return [
        Panel(line.name, measure, (line,), *_break_places(part))
        for line, measure, part in zip(lines, measures, parts, strict=True)
    ]


def _break_places(
    subject: Subject,
) -> tuple[tuple[tuple[float, str], ...], tuple[float, ...]]:
    """Give the places of all breaks with their words, and the places of those that cut the line."""
    found = breaks_in(subject)
    freq = subject.periods[0].freqstr
    places = tuple((b.place(freq), b.short(subject.lang)) for b in found)
    return places, tuple(b.place(freq) for b in found if not b.comparable)


def _same(subject: Subject, rows: pd.DataFrame) -> pd.Series:
    return pd.Series(subject.table.index.isin(rows.index), index=subject.table.index)


def _alike(lines: list[Line]) -> bool:
    """Tell whether lines are near enough in size to share their axes, and without gaps."""
    if any(f.value is None for line in lines for f in line.facts):
        return False
    tops = [max(f.value for f in line.facts if f.value is not None) for line in lines]
    return min(tops) > 0 and max(tops) / min(tops) <= _MAX_RATIO


def _bars_and_reference(subject: Subject) -> tuple[Subject, Bar | None]:
    """Keep the finest level and drop totals of breakdowns; the whole becomes a reference."""
    table = subject.table
    parts = pd.Series(data=True, index=table.index)
    for column in subject.breakdowns:
        if table[column].nunique() > 1:
            parts &= table[column] != ALL
    if "territory" not in subject.varying:
        return subject.keep(parts), _all_together(subject)
    levels = table["territory"].map(subject.territory.level_of)
    finest = finest_level(subject)
    whole = table[(table["territory"] == subject.territory.top) & parts]
    drawn = subject.keep((levels == finest) & parts)
    reference = None
    if (
        len(whole) == 1
        and fact_of(whole.iloc[0]).kind not in ("count", "estimate")
        and finest != levels[whole.index[0]]
    ):
        name = subject.territory.label(subject.territory.top, subject.lang)
        reference = Bar(name, fact_of(whole.iloc[0]))
    return drawn, reference


def _all_together(subject: Subject) -> Bar | None:
    """Give the share of all respondents, where kinds of respondent are the bars."""
    if len(subject.varying) != 1 or subject.varying[0] not in _KINDS_OF_RESPONDENT:
        return None
    column = subject.varying[0]
    whole = subject.table[subject.table[column] == ALL]
    if whole.empty:
        return None
    return Bar(category_label(whole.iloc[0], [column], subject), fact_of(whole.iloc[0]))
