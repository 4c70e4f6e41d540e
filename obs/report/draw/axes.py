"""Draw what all figures share: tick labels, the measure above the axis, the warning line."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter, MaxNLocator

from obs.report.draw.style import GRID, INK, MUTED, SMALL, bare_axes, drawable
from obs.report.facts.numbers import format_number

__all__ = ["measure_above", "number_axis", "text_width", "tick_writer", "warning_line"]

Writer = Callable[[float], str]


def number_axis(axes: Axes, which: Literal["x", "y"], write: Writer, *, bins: int = 5) -> None:
    """Give an axis few ticks, written in the language, and a light grid."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(MaxNLocator(nbins=bins, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    bare_axes(axes, keep=("bottom",) if which == "y" else ("left",))
    axes.grid(axis=which, color=GRID, linewidth=0.8)


def tick_writer(lang: str, *, kind: str, top: float) -> Writer:
    """Write ticks with the decimals that steps of 1, 2 or 5 need, so that none is rounded."""
    scale = 100.0 if kind in ("share", "change") else 1.0
    decimals = max(0, 1 - math.floor(math.log10(abs(top) * scale)))

    def write(value: float) -> str:
        sign = "+" if kind == "change" and value > 0 else ""
        return sign + format_number(value * scale, lang, decimals=decimals)

    return write


def measure_above(axes: Axes, text: str, *, x: float = 0.0, lift: float = 4) -> None:
    """Write the measure above the axis, where it is read first, instead of along it."""
    axes.annotate(
        drawable(text),
        (x, 1),
        xycoords="axes fraction",
        xytext=(0, lift),
        textcoords="offset points",
        ha="left",
        va="bottom",
        fontsize=SMALL,
        color=MUTED,
    )


def warning_line(figure: Figure, text: str) -> None:
    """Write that the data are synthetic, in the figure itself."""
    if not text:
        return
    height = figure.get_figheight()
    figure.text(
        0.005,
        0.05 / height,
        drawable(text),
        fontsize=SMALL,
        fontweight="bold",
        color=INK,
        va="bottom",
    )


def text_width(texts: list[str], *, size: float) -> float:
    """Measure the widest of some texts, in inches."""
    font = FontProperties(family=mpl.rcParams["font.family"])
    paths = (TextPath((0, 0), drawable(text), size=size, prop=font) for text in texts if text)
    return max((path.get_extents().width / 72 for path in paths), default=0.0)
