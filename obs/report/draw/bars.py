"""Draw horizontal bars with intervals and printed values; withheld rows keep their place.

On a page the name stands before its bar and the value after it; on a telephone both stand above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from obs.report.draw.axes import (
    LINE_HEIGHT,
    line_count,
    measure_above,
    number_axis,
    text_width,
    tick_writer,
    warning_height,
    warning_line,
    wrapped,
)
from obs.report.draw.style import (
    BAND,
    LINE,
    MUTED,
    NARROW,
    PAPER,
    PLATE,
    SERIES,
    SIZE,
    SMALL,
    WIDTH,
    drawable,
    drawing,
    to_svg,
)
from obs.report.facts.fact import Fact
from obs.report.facts.filters import filters, reason_text, shown

__all__ = ["Bar", "draw_bars"]

_ROW, _THICK = 0.235, 0.146  # inches: from bar to bar on a page, and of a bar
_FOOT = 0.25  # inches for the scale
_REFERENCE = SERIES[1]


@dataclass(frozen=True)
class Bar:
    """One row: its name and its fact."""

    name: str
    fact: Fact


@dataclass(frozen=True)
class _Layout:
    """Where the rows of a figure go, in inches: names and values, bars down, margins."""

    names: list[str]
    values: list[str]
    bars: list[float]  # the middle of each bar, from the top of the axes
    texts: list[float]  # the middle of its words
    height: float  # of the axes
    left: float
    right: float


def draw_bars(
    bars: list[Bar], *, measure: str, lang: str, reference: Bar | None, warning: str, wide: bool
) -> str:
    """Draw bars down the page in the order given.

    Returns SVG.
    """
    width = WIDTH if wide else NARROW
    rows = (_beside if wide else _above)(bars, lang, width)
    text = wrapped(measure, width - 0.05, size=SMALL)
    head = 0.13 + LINE_HEIGHT * (line_count(text) + (reference is not None))
    foot = _FOOT + warning_height(width, warning)
    with drawing(head + rows.height + foot, width=width) as figure:
        axes = _axes(figure, rows, head)
        low, high = _axis_limits(bars, reference)
        axes.set_xlim(low, high)
        axes.set_ylim(rows.height, 0)
        top = max(abs(low), high)
        number_axis(axes, "x", tick_writer(lang, kind=bars[0].fact.kind, top=top), bins=5)
        if reference is not None:
            _draw_reference(axes, reference, lang)
        for place, bar in zip(rows.bars, bars, strict=True):
            _draw_bar(axes, place, bar.fact, lang)
        _write_rows(axes, rows, wide=wide)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.tick_params(axis="x", labelsize=SMALL)
        inset = -rows.left / (width - rows.left - rows.right)
        measure_above(axes, text, x=inset, lift=17 if reference else 4)
        warning_line(figure, warning)
        return to_svg(figure)


def _beside(bars: list[Bar], lang: str, width: float) -> _Layout:
    """Put names before the bars and values after them; a long name takes two lines."""
    values = [_value_with_interval(bar.fact, lang) for bar in bars]
    names = [wrapped(bar.name, width * 0.36, size=SIZE) for bar in bars]
    heights = [_ROW + LINE_HEIGHT * (line_count(name) - 1) for name in names]
    middles = list(np.cumsum(heights) - np.asarray(heights) / 2 + 0.05)
    left = text_width(names, size=SIZE) + 0.12
    right = text_width(values, size=SMALL) + 0.12
    return _Layout(names, values, middles, middles, sum(heights) + 0.08, left, right)


def _above(bars: list[Bar], lang: str, width: float) -> _Layout:
    """Put name and value above each bar, the value at the right."""
    values = [_value_with_interval(bar.fact, lang) for bar in bars]
    room = [width - 0.2 - text_width([value], size=SMALL) for value in values]
    names = [wrapped(bar.name, r, size=SMALL) for bar, r in zip(bars, room, strict=True)]
    words = [LINE_HEIGHT * line_count(name) for name in names]
    heights = [w + _THICK + 0.12 for w in words]
    ends = np.cumsum(heights)
    return _Layout(
        names,
        values,
        [float(end - _THICK / 2 - 0.06) for end in ends],
        [float(end - h + w / 2 + 0.03) for end, h, w in zip(ends, heights, words, strict=True)],
        float(ends[-1]),
        0.05,
        0.05,
    )


def _axes(figure: Figure, rows: _Layout, head: float) -> Axes:
    width, height = figure.get_size_inches()
    return figure.add_axes(
        (
            rows.left / width,
            1 - (head + rows.height) / height,
            (width - rows.left - rows.right) / width,
            rows.height / height,
        )
    )


def _write_rows(axes: Axes, rows: _Layout, *, wide: bool) -> None:
    """Write the name and the value of each row."""
    size = SIZE if wide else SMALL
    axes.set_yticks(rows.texts, ["" for _ in rows.texts])
    for name, value, place in zip(rows.names, rows.values, rows.texts, strict=True):
        for text, x, ha, letters in (
            (name, -0.1 / _inches(axes) if wide else 0.0, "right" if wide else "left", size),
            (value, 1.01 if wide else 1.0, "left" if wide else "right", SMALL),
        ):
            axes.text(
                x,
                place,
                drawable(text),
                transform=axes.get_yaxis_transform(),
                ha=ha,
                va="center",
                fontsize=letters,
                linespacing=1.1,
                bbox=None if wide or not text else PLATE,
            )


def _inches(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    assert figure is not None  # axes are drawn into a figure
    return float(axes.get_position().width * figure.get_size_inches()[0])


def _axis_limits(bars: list[Bar], reference: Bar | None) -> tuple[float, float]:
    facts = [bar.fact for bar in bars] + ([reference.fact] if reference else [])
    ends = [
        bound
        for fact in facts
        for bound in (fact.value, fact.low, fact.high)
        if bound is not None and np.isfinite(bound)
    ]
    high = max([*ends, 0.0]) or 1.0
    low = min([*ends, 0.0])
    return low * 1.04, high * 1.04


def _draw_bar(axes: Axes, place: float, fact: Fact, lang: str) -> None:
    if fact.value is None:
        axes.annotate(
            drawable(reason_text(fact, lang)),
            (0, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            style="italic",
            color=MUTED,
        )
        return
    axes.barh(place, fact.value, height=_THICK, color=BAND, linewidth=0)
    if fact.low is not None and fact.high is not None:
        axes.hlines(place, fact.low, fact.high, color=LINE, linewidth=1.4)
        cap = _THICK / 5
        axes.vlines([fact.low, fact.high], place - cap, place + cap, color=LINE, linewidth=1.2)
    hollow = fact.covered is not None or fact.status == "provisional"
    axes.plot(
        fact.value,
        place,
        "o",
        markersize=4.5,
        color=LINE,
        markerfacecolor=PAPER if hollow else LINE,
    )


def _value_with_interval(fact: Fact, lang: str) -> str:
    if fact.value is None:
        return ""
    value = shown(fact, lang)
    if fact.low is None or fact.high is None:
        return value
    return f"{value} ({filters(lang)['interval'](fact)})"


def _draw_reference(axes: Axes, reference: Bar, lang: str) -> None:
    fact = reference.fact
    if fact.value is None:
        return
    if fact.low is not None and fact.high is not None:
        axes.axvspan(fact.low, fact.high, color=_REFERENCE, alpha=0.18, linewidth=0)
    axes.axvline(fact.value, color=_REFERENCE, linewidth=1.3, linestyle=(0, (4, 2)))
    axes.annotate(
        drawable(f"{reference.name} {shown(fact, lang)}"),
        (fact.value, 1),
        annotation_clip=False,
        xycoords=axes.get_xaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        ha=_anchor(axes, fact.value),
        va="bottom",
        fontsize=SMALL,
        fontweight="bold",
        color=_REFERENCE,
    )


def _anchor(axes: Axes, x: float) -> str:
    """Keep a name inside the figure: it hangs from its left, its middle or its right."""
    low, high = axes.get_xlim()
    part = (x - low) / (high - low)
    return "left" if part < 0.3 else "right" if part > 0.7 else "center"
