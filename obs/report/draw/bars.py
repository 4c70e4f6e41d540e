"""Draw horizontal bars with intervals and printed values; withheld rows keep their place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from obs.report.draw.axes import measure_above, number_axis, text_width, tick_writer
from obs.report.draw.style import BAND, LINE, MUTED, PAPER, SERIES, SIZE, SMALL, drawable
from obs.report.facts.fact import Fact
from obs.report.facts.filters import filters, reason_text, written
from obs.report.facts.words import CAUTION

__all__ = ["Bar", "draw_bars", "height_for"]

_ROW = 0.235  # inches
_HEAD, _LOW_HEAD = 0.5, 0.28  # above the bars, with and without the name of a reference
_REFERENCE = SERIES[1]


@dataclass(frozen=True)
class Bar:
    """One row: its name and its fact."""

    name: str
    fact: Fact


def height_for(n_bars: int, *, warned: bool, reference: bool) -> float:
    """Give the height of a figure of so many bars, in inches."""
    head = _HEAD if reference else _LOW_HEAD
    return 0.35 + head + n_bars * _ROW + (0.2 if warned else 0)


def draw_bars(
    figure: Figure, bars: list[Bar], *, measure: str, lang: str, reference: Bar | None, warned: bool
) -> None:
    """Draw bars down the page in the order given."""
    kind = bars[0].fact.kind
    names = [bar.name for bar in bars]
    values = [_value_with_interval(bar.fact, lang) for bar in bars]
    head = _LOW_HEAD if reference is None else _HEAD
    axes = _axes(figure, names, values, warned=warned, head=head)
    places = np.arange(len(bars))
    low, high = _axis_limits(bars, reference)
    axes.set_xlim(low, high)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    number_axis(axes, "x", tick_writer(lang, kind=kind, top=max(abs(low), high)))
    if reference is not None:
        _draw_reference(axes, reference, lang)
    for place, bar in enumerate(bars):
        _draw_bar(axes, place, bar.fact, lang)
    axes.set_yticks(places, [drawable(name) for name in names], fontsize=SIZE)
    for place, value in enumerate(values):
        axes.text(
            1.01,
            place,
            drawable(value),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL,
        )
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.tick_params(axis="x", labelsize=SMALL)
    inset = axes.get_position().x0 - 0.005
    measure_above(axes, measure, x=-inset / axes.get_position().width, lift=17 if reference else 4)


def _axes(
    figure: Figure, names: list[str], values: list[str], *, warned: bool, head: float
) -> Axes:
    width, height = figure.get_size_inches()
    left = text_width(names, size=SIZE) + 0.12
    right = text_width(values, size=SMALL) + 0.12
    bottom = 0.25 + (0.2 if warned else 0)
    box = (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - bottom - head) / height,
    )
    return figure.add_axes(box)


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


def _draw_bar(axes: Axes, place: int, fact: Fact, lang: str) -> None:
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
    axes.barh(place, fact.value, height=0.62, color=BAND, linewidth=0)
    if fact.low is not None and fact.high is not None:
        axes.hlines(place, fact.low, fact.high, color=LINE, linewidth=1.4)
        axes.vlines([fact.low, fact.high], place - 0.13, place + 0.13, color=LINE, linewidth=1.2)
    hollow = fact.covered is not None
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
    value = written(fact, lang, fact.value) + (CAUTION if fact.cautious else "")
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
        drawable(f"{reference.name} {written(fact, lang, fact.value)}"),
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
