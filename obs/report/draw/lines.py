"""Draw lines over periods with intervals; gaps stay gaps, and part-periods are hollow points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from babel.dates import get_month_names
from matplotlib.axes import Axes

from obs.errors import ObsError
from obs.locale import conventions
from obs.report.draw.axes import LINE_HEIGHT, line_count, number_axis, tick_writer, wrapped
from obs.report.draw.style import (
    BAND,
    INK,
    LINE,
    MUTED,
    PAPER,
    PLATE,
    SERIES,
    SMALL,
    UNKNOWN,
    WITHHELD,
    drawable,
)
from obs.report.facts.dates import format_span
from obs.report.facts.fact import Fact
from obs.report.facts.filters import shown
from obs.report.facts.numbers import status_text
from obs.schemas import WITHHELD as WITHHELD_STATUSES

__all__ = ["Line", "Panel", "draw_panel", "end_labels", "names_months", "unbroken_runs"]

_WIDE = 4.0  # inches: axes wider than this have room for the span of a part-period
_PRINTED = 0.46  # inches of axis that a printed value takes
_NAME = 1.15  # inches for the name of a line at its end
_NAMED_MONTHS = 24  # fewer months than this have names on their axis
_CROWDED = 0.15  # of the axis: breaks closer than that have no room for words between them
_FEW = 40  # up to this many points, each has a marker
_MARKERS = ("o", "s", "D", "^", "v", "P")
_DASHES: tuple[object, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)), "-")


@dataclass(frozen=True)
class Line:
    """One series: its name and its facts, one per period."""

    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Panel:
    """One pair of axes: a heading, the measure, the lines that share them.

    `breaks` are places on the axis of periods with a vertical mark and its words; no line
    crosses those of `cuts`.
    """

    heading: str
    measure: str
    lines: tuple[Line, ...]
    breaks: tuple[tuple[float, str], ...] = ()
    cuts: tuple[float, ...] = ()


def draw_panel(axes: Axes, panel: Panel, lang: str, *, room: tuple[float, float]) -> None:
    """Draw a panel in axes of so many inches, but for its heading and its measure."""
    periods = sorted({_period(f) for line in panel.lines for f in line.facts})
    top = _axis_top(panel)
    kind = panel.lines[0].facts[0].kind
    wide = room[0] > _WIDE
    axes.set_ylim(0, top * 1.14)
    margin = max(0.6, 0.02 * (periods[-1].ordinal - periods[0].ordinal))
    axes.set_xlim(periods[0].ordinal - margin, periods[-1].ordinal + margin)
    number_axis(axes, "y", tick_writer(lang, kind=kind, top=top), bins=5 if room[1] > 1.7 else 3)
    if all(fact.value is None for line in panel.lines for fact in line.facts):
        axes.set_yticks([])  # a scale without a value would suggest one
    _period_axis(axes, periods, lang, most=int(room[0] / 0.5))
    for place, text in panel.breaks:
        _mark_break(axes, place, text, others=[other for other, _ in panel.breaks])
    alone = len(panel.lines) == 1
    for index, line in enumerate(panel.lines):
        _draw_line(axes, line, index, alone=alone, cuts=panel.cuts)
        if alone:
            _mark_gaps(axes, line, lang)
            _print_values(axes, line, lang, every=len(periods) <= room[0] / _PRINTED)
        _part_periods(axes, line, lang, colour=_colour(index, alone=alone), named=alone and wide)
    if not alone:
        _name_lines(axes, end_labels(panel, lang), room[1])


def names_months(panel: Panel) -> bool:
    """Tell whether the axis of a panel names months, with the year under them."""
    periods = [_period(f) for line in panel.lines for f in line.facts]
    span = max(p.ordinal for p in periods) - min(p.ordinal for p in periods)
    return periods[0].freqstr[0] == "M" and span + 1 < _NAMED_MONTHS


def end_labels(panel: Panel, lang: str) -> list[tuple[Fact, str, str]]:
    """Give what is written after the last point of each line: its fact, the words, the colour."""
    alone = len(panel.lines) == 1
    ends = []
    for index, line in enumerate(panel.lines):
        full = [f for f in line.facts if _full(f)]
        if full:
            value = shown(full[-1], lang)
            name = "" if alone else wrapped(line.name, _NAME, size=SMALL, bold=True)
            text = "\n".join(filter(None, (name, value)))
            ends.append((full[-1], text, _colour(index, alone=alone)))
    return ends


def _period(fact: Fact) -> pd.Period:
    if fact.period is None:
        raise ObsError("a trend needs the period of each value")
    return fact.period


def _value(fact: Fact) -> float:
    if fact.value is None:
        raise ObsError("a line is drawn through known values")
    return fact.value


def _axis_top(panel: Panel) -> float:
    values = [
        bound
        for line in panel.lines
        for f in line.facts
        for bound in (f.value, f.high)
        if bound is not None and np.isfinite(bound)
    ]
    return max(values, default=0.0) or 1.0


def _colour(index: int, *, alone: bool) -> str:
    return LINE if alone else SERIES[index % len(SERIES)]


def _full(fact: Fact) -> bool:
    return fact.value is not None and fact.covered is None


def unbroken_runs(facts: tuple[Fact, ...], cuts: tuple[float, ...]) -> list[list[Fact]]:
    """Cut a series at a break, and where a value is withheld, unknown, partial or absent."""
    runs: list[list[Fact]] = []
    last: int | None = None
    for fact in facts:
        if not _full(fact):
            last = None
            continue
        here = _period(fact).ordinal
        if last is None or here != last + 1 or any(last < cut <= here for cut in cuts):
            runs.append([])
        runs[-1].append(fact)
        last = here
    return runs


def _draw_line(axes: Axes, line: Line, index: int, *, alone: bool, cuts: tuple[float, ...]) -> None:
    colour = _colour(index, alone=alone)
    few = len(line.facts) <= _FEW
    for run in unbroken_runs(line.facts, cuts):
        x = [_period(f).ordinal for f in run]
        y = [_value(f) for f in run]
        low = [_value(f) if f.low is None else f.low for f in run]
        high = [_value(f) if f.high is None else f.high for f in run]
        if len(run) == 1:
            axes.vlines(x, low, high, color=colour, linewidth=1.2)
        else:
            axes.fill_between(
                x,
                low,
                high,
                color=BAND if alone else colour,
                alpha=1 if alone else 0.15,
                linewidth=0,
            )
        axes.plot(
            x,
            y,
            color=colour,
            linewidth=1.8 if few else 1.3,
            linestyle=_DASHES[0 if alone else index % len(_DASHES)],
            marker=_MARKERS[0 if alone else index % len(_MARKERS)] if few else None,
            markersize=4.5,
        )
        unsettled = [f for f in run if f.status == "provisional"]
        axes.plot(
            [_period(f).ordinal for f in unsettled],
            [_value(f) for f in unsettled],
            linestyle="none",
            marker=_MARKERS[0 if alone else index % len(_MARKERS)],
            markersize=5,
            color=colour,
            markerfacecolor=PAPER,
        )


def _part_periods(axes: Axes, line: Line, lang: str, *, colour: str, named: bool) -> None:
    for fact in line.facts:
        if fact.value is None or fact.covered is None:
            continue
        x = _period(fact).ordinal
        if fact.low is not None and fact.high is not None:
            axes.vlines(x, fact.low, fact.high, color=colour, linewidth=1)
        axes.plot(x, fact.value, marker="o", markersize=6, color=colour, markerfacecolor=PAPER)
        text = shown(fact, lang)
        span = format_span(*fact.covered, lang)
        text += f"\n{span.replace(f' {_period(fact).year}', '')}" if named else ""
        _annotate(axes, x, fact.low or fact.value, text, above=False)


def _mark_gaps(axes: Axes, line: Line, lang: str) -> None:
    for fact in line.facts:
        if fact.value is not None:
            continue
        style: dict[str, Any] = WITHHELD if fact.status in WITHHELD_STATUSES else UNKNOWN
        x = _period(fact).ordinal
        axes.axvspan(x - 0.4, x + 0.4, linewidth=0, zorder=0.5, **style)
        axes.text(
            x,
            0.5,
            drawable(status_text(fact.status, lang)),
            transform=axes.get_xaxis_transform(),
            rotation=90,
            ha="center",
            va="center",
            fontsize=SMALL,
            bbox=PLATE,
        )


def _print_values(axes: Axes, line: Line, lang: str, *, every: bool) -> None:
    """Print every value above its point, or the first and the last where they are many."""
    full = [f for f in line.facts if _full(f)]
    if every or len(full) < 2:
        for fact in full:
            high = _value(fact) if fact.high is None else fact.high
            _annotate(axes, _period(fact).ordinal, high, shown(fact, lang))
        return
    if len(full) <= _FEW:
        first = full[0]
        above = first.high or _value(first)
        _annotate(axes, _period(first).ordinal, above, shown(first, lang), "left")
    _label_after(axes, full[-1], shown(full[-1], lang), INK, 0.0)


def _label_after(axes: Axes, fact: Fact, text: str, colour: str, lift: float) -> None:
    """Write beside a point, so many inches above it."""
    axes.annotate(
        drawable(text),
        (_period(fact).ordinal, _value(fact)),
        xytext=(6, lift * 72),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize=SMALL,
        fontweight="bold",
        linespacing=1.05,
        color=colour,
        bbox=PLATE,
        annotation_clip=False,
    )


def _annotate(
    axes: Axes, x: float, y: float, text: str, side: str = "center", *, above: bool = True
) -> None:
    axes.annotate(
        drawable(text),
        (x, y),
        xytext=(0, 4 if above else -5),
        textcoords="offset points",
        ha=side,
        va="bottom" if above else "top",
        fontsize=SMALL,
        bbox=PLATE,
    )


def _name_lines(axes: Axes, ends: list[tuple[Fact, str, str]], height: float) -> None:
    """Name each line at its end, pushed apart so that no two names touch."""
    per_inch = axes.get_ylim()[1] / height
    floor = -np.inf
    for fact, text, colour in sorted(ends, key=lambda end: _value(end[0])):
        half = LINE_HEIGHT * line_count(text) / 2
        middle = max(_value(fact) / per_inch, floor + half)
        floor = middle + half
        _label_after(axes, fact, text, colour, middle - _value(fact) / per_inch)


def _mark_break(axes: Axes, place: float, text: str, *, others: list[float]) -> None:
    """Draw a break as a dotted line, named at its foot on the side with more room.

    A break with another one close to it on that side is named on the other side.
    """
    axes.axvline(place, color=INK, linewidth=1.1, linestyle=(0, (1, 2)))
    low, high = axes.get_xlim()
    after = place - low < high - place
    close = [o - place for o in others if 0 < abs(o - place) < _CROWDED * (high - low)]
    if close and all((gap > 0) == after for gap in close):
        after = not after
    axes.annotate(
        drawable(text),
        (place, 0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(4 if after else -4, 4),
        textcoords="offset points",
        ha="left" if after else "right",
        va="bottom",
        fontsize=SMALL,
        bbox=PLATE,
        zorder=4,
    )


def _period_axis(axes: Axes, periods: list[pd.Period], lang: str, *, most: int) -> None:
    """Label at most so many years; within a year, label its first period and leave others as ticks.

    Months of less than two years have names.
    """
    first, last = periods[0], periods[-1]
    every = pd.period_range(first, last, freq=first.freqstr)
    if first.freqstr[0] == "M" and len(every) < _NAMED_MONTHS:  # as `names_months` says
        _month_axis(axes, list(every), lang, most=most)
        return
    starts = [p for p in every if _year(p - 1) < _year(p)] or [first]
    step = max(1, -(-len(starts) // max(2, most)))
    shown = starts[::-1][::step][::-1] if first.freqstr[0] == "Y" else starts[::step]
    axes.set_xticks([p.ordinal for p in shown], [str(_year(p)) for p in shown])
    if first.freqstr[0] != "Y":
        _minor_ticks(axes, [p.ordinal for p in every])
    axes.tick_params(axis="both", which="major", labelsize=SMALL)


def _year(period: pd.Period) -> int:
    """Give the year of a period; of a week, the one that ISO 8601 counts it in."""
    weekly = period.freqstr[0] == "W"
    return int(period.start_time.isocalendar().year if weekly else period.year)


def _month_axis(axes: Axes, every: list[pd.Period], lang: str, *, most: int) -> None:
    """Name months, and the year under the first one and under each January."""
    names = get_month_names("abbreviated", context="stand-alone", locale=conventions(lang).locale)
    step = next(n for n in (1, 2, 3, 6, 12, 24) if len(every) / n <= max(2, most))
    shown = every[::step]
    years = [p.year if i == 0 or p.year != shown[i - 1].year else "" for i, p in enumerate(shown)]
    texts = [f"{names[p.month]}\n{year}".strip() for p, year in zip(shown, years, strict=True)]
    axes.set_xticks([p.ordinal for p in shown], [drawable(text) for text in texts])
    _minor_ticks(axes, [p.ordinal for p in every])
    axes.tick_params(axis="both", which="major", labelsize=SMALL)


def _minor_ticks(axes: Axes, places: list[int]) -> None:
    axes.set_xticks(places, minor=True)
    axes.tick_params(axis="x", which="minor", length=2, color=MUTED)
    axes.tick_params(axis="x", which="major", length=5, color=MUTED)
