"""Draw a funnel: rate against exposure, with limits of chance and of usual differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

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
from obs.report.draw.point_labels import name_points
from obs.report.draw.style import (
    BAND,
    INK,
    LINE,
    MUTED,
    NARROW,
    PAPER,
    PLATE,
    SERIES,
    SMALL,
    WIDTH,
    drawable,
    drawing,
    to_svg,
)
from obs.report.facts.numbers import format_number

__all__ = ["Funnel", "Limit", "draw_funnel", "funnel_svg"]

_MOST_NAMES = 12
_MOST_ROOM = 1.6  # limits higher than this many times the highest point are cut off
_OF_CHANCE = ("-", (0, (5, 2)))  # inner, outer
_WIDENED = ("-", (0, (7, 3)))
_WIDE_RANGE = 12  # exposures this many times apart need a logarithmic axis


class Limit(NamedTuple):
    """A pair of limits over the grid, and what it is called at its end."""

    lower: np.ndarray
    upper: np.ndarray
    name: str


@dataclass(frozen=True)
class Funnel:
    """Points, the common rate, and the limits over a grid of exposures.

    `limits` (of chance) and `wide` (with the usual differences between places; may be empty)
    hold one `Limit` per pair, inner pair first; `outside` says which points lie beyond the
    last pair of `wide`, or of `limits` where there is none.
    """

    names: tuple[str, ...]
    exposure: np.ndarray
    rate: np.ndarray
    outside: np.ndarray
    centre: float
    centre_name: str
    grid: np.ndarray
    limits: tuple[Limit, ...]
    wide: tuple[Limit, ...]
    kind: str
    measure: str
    exposure_name: str


def funnel_svg(funnel: Funnel, lang: str, warning: str, *, wide: bool) -> str:
    """Draw a funnel for a page, names of the limits at its side, or for a telephone, in it.

    Returns SVG.
    """
    width = WIDTH if wide else NARROW
    foot = 0.45 + warning_height(width, warning)
    measure = wrapped(funnel.measure, width - 0.1, size=SMALL)
    head, tall = 0.12 + LINE_HEIGHT * line_count(measure), 2.6 if wide else 2.5
    write = tick_writer(lang, kind=funnel.kind, top=_height(funnel))
    left = text_width([write(_height(funnel))], size=SMALL) + 0.12
    names = [limit.name for limit in (*funnel.limits, *funnel.wide)]
    right = text_width([*names, funnel.centre_name], size=SMALL, bold=True) + 0.1 if wide else 0.06
    height = head + tall + foot
    with drawing(height, width=width) as figure:
        box = (left / width, foot / height, (width - left - right) / width, tall / height)
        axes = figure.add_axes(box)
        draw_funnel(axes, funnel, lang, wide=wide)
        measure_above(axes, measure, x=-left / (width - left - right))
        warning_line(figure, warning)
        return to_svg(figure)


def draw_funnel(axes: Axes, funnel: Funnel, lang: str, *, wide: bool) -> None:
    """Draw a funnel in empty axes, names given to the points beyond the outer limits."""
    top = _height(funnel)
    axes.set_ylim(0, top)
    number_axis(axes, "y", tick_writer(lang, kind=funnel.kind, top=top))
    _exposure_axis(axes, funnel, lang, wide=wide)
    _draw_limits(axes, funnel, wide=wide)
    _draw_points(axes, funnel)
    axes.set_xlabel(drawable(funnel.exposure_name), fontsize=SMALL, color=MUTED, loc="right")
    axes.tick_params(labelsize=SMALL)


def _height(funnel: Funnel) -> float:
    """Leave room for every point, and for the limits where that does not flatten the points."""
    points = max(float(funnel.rate.max()), funnel.centre * 1.5)
    ends = [float(limit.upper[-1]) for limit in (*funnel.limits, *funnel.wide)]
    return max([points * 1.12, *(end * 1.05 for end in ends if end < _MOST_ROOM * points)])


def _exposure_axis(axes: Axes, funnel: Funnel, lang: str, *, wide: bool) -> None:
    low, high = float(funnel.grid[0]), float(funnel.grid[-1])
    if high / low > _WIDE_RANGE:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if wide else (1.0, 3.0)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8 if wide else 3))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value, lang)))
    axes.set_xlim(low, high)


def _draw_limits(axes: Axes, funnel: Funnel, *, wide: bool) -> None:
    axes.axhline(funnel.centre, color=SERIES[1], linewidth=1.3)
    ends = [(funnel.centre, funnel.centre_name, SERIES[1])]
    for group, colour, dashes in (
        (funnel.limits, MUTED if funnel.wide else LINE, _OF_CHANCE),
        (funnel.wide, SERIES[0], _WIDENED),
    ):
        for limit, dash in zip(group, dashes, strict=False):
            for bound in (limit.lower, limit.upper):
                axes.plot(funnel.grid, bound, linestyle=dash, color=colour, linewidth=1.2)
            ends.append((float(limit.upper[-1]), limit.name, colour))
    band = (funnel.wide or funnel.limits)[0]
    axes.fill_between(funnel.grid, band.lower, band.upper, color=BAND, alpha=0.45, linewidth=0)
    _name_ends(axes, ends, beside=wide)


def _name_ends(axes: Axes, ends: list[tuple[float, str, str]], *, beside: bool) -> None:
    """Write what each line is at its right end, apart from one another and within the height.

    Where there is no room beside the lines, the words stand on them.
    """
    top = axes.get_ylim()[1]
    gap, places, last = top * 0.065, [], -np.inf
    for y, _, _ in sorted(ends):
        last = max(min(y, top), last + gap)
        places.append(last)
    over = max(0.0, places[-1] - top)
    for place, (_, name, colour) in zip(places, sorted(ends), strict=True):
        axes.annotate(
            drawable(name),
            (1.01 if beside else 0.995, place - over),
            xycoords=axes.get_yaxis_transform(),
            ha="left" if beside else "right",
            va="center",
            fontsize=SMALL,
            fontweight="bold",
            color=colour,
            bbox=None if beside else PLATE,
            zorder=6,
            annotation_clip=False,
        )


def _draw_points(axes: Axes, funnel: Funnel) -> None:
    inside = ~funnel.outside
    axes.scatter(
        funnel.exposure[inside],
        funnel.rate[inside],
        s=22,
        color=LINE,
        edgecolor=PAPER,
        linewidth=0.6,
        zorder=3,
    )
    axes.scatter(
        funnel.exposure[funnel.outside],
        funnel.rate[funnel.outside],
        s=34,
        marker="D",
        color=INK,
        edgecolor=PAPER,
        linewidth=0.6,
        zorder=4,
    )
    points = np.column_stack([funnel.exposure, funnel.rate])
    name_points(axes, points, funnel.names, chosen=_to_name(funnel))


def _to_name(funnel: Funnel) -> list[int]:
    """Name the points beyond the limits, the furthest first where there are many."""
    outside = np.flatnonzero(funnel.outside)
    distance = np.abs(funnel.rate[outside] - funnel.centre) * np.sqrt(funnel.exposure[outside])
    return [int(i) for i in outside[np.argsort(-distance, kind="stable")][:_MOST_NAMES]]
