"""A funnel: rate against exposure, between the limits that chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from obs.report.draw.axes import measure_above, number_axis, tick_writer
from obs.report.draw.names import name_points
from obs.report.numbers import format_number, format_percent
from obs.report.style import BAND, INK, LINE, MUTED, PAPER, SERIES, SMALL, drawable, text_on

__all__ = ["Funnel", "draw_funnel"]

_MOST_NAMES = 12
_WIDE_RANGE = 12  # exposures this many times apart need a logarithmic axis


@dataclass(frozen=True)
class Funnel:
    """Points, the common rate, and the limits over a grid of exposures.

    `limits` holds one (confidence, lower, upper) per pair of limits, inner pair first;
    `outside` says which points lie beyond the last pair.
    """

    names: tuple[str, ...]
    exposure: np.ndarray
    rate: np.ndarray
    outside: np.ndarray
    centre: float
    centre_name: str
    grid: np.ndarray
    limits: tuple[tuple[float, np.ndarray, np.ndarray], ...]
    kind: str
    measure: str
    exposure_name: str


def draw_funnel(axes: Axes, funnel: Funnel, lang: str) -> None:
    """Draw a funnel in empty axes, names given to the points beyond the outer limits.

    Parameters
    ----------
    axes : Axes
        Changed in place.
    funnel : Funnel
        What to draw.
    lang : {"fr", "nl", "en"}
        Language.
    """
    top = float(max(funnel.rate.max(), funnel.centre * 1.5) * 1.12)
    axes.set_ylim(0, top)
    number_axis(axes, "y", tick_writer(lang, kind=funnel.kind, top=top))
    _exposure_axis(axes, funnel, lang)
    _limits(axes, funnel, lang)
    _points(axes, funnel)
    measure_above(axes, funnel.measure)
    axes.set_xlabel(drawable(funnel.exposure_name), fontsize=SMALL, color=MUTED, loc="right")
    axes.tick_params(labelsize=SMALL)


def _exposure_axis(axes: Axes, funnel: Funnel, lang: str) -> None:
    low, high = float(funnel.grid[0]), float(funnel.grid[-1])
    if high / low > _WIDE_RANGE:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_number(value, lang)))
    axes.set_xlim(low, high)


def _limits(axes: Axes, funnel: Funnel, lang: str) -> None:
    styles = (("-", LINE), ((0, (5, 2)), MUTED))
    axes.axhline(funnel.centre, color=SERIES[1], linewidth=1.3)
    ends = [(funnel.centre, funnel.centre_name, SERIES[1])]
    for (confidence, lower, upper), (dashes, colour) in zip(funnel.limits, styles, strict=True):
        for bound in (lower, upper):
            axes.plot(funnel.grid, bound, linestyle=dashes, color=colour, linewidth=1.2)
        name = format_percent(confidence, lang, decimals=1 if confidence > 0.99 else 0)
        ends.append((float(upper[-1]), name, colour))
    axes.fill_between(funnel.grid, *funnel.limits[0][1:], color=BAND, alpha=0.45, linewidth=0)
    gap, last = axes.get_ylim()[1] * 0.055, -np.inf
    for y, name, colour in sorted(ends):
        last = max(y, last + gap)
        axes.annotate(
            drawable(name),
            (1, y),
            xycoords=axes.get_yaxis_transform(),
            xytext=(1.01, last),
            textcoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL,
            fontweight="bold",
            color=colour,
            annotation_clip=False,
        )


def _points(axes: Axes, funnel: Funnel) -> None:
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
        edgecolor=text_on(INK),
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
