"""Draw what all figures share: tick labels, the measure above the axis, the warning line.

Widths of text come from the font's own table, so that places are known before anything is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

from fontTools.ttLib import TTFont
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from obs.report.draw.style import GRID, INK, MUTED, SMALL, bare_axes, drawable
from obs.report.facts.numbers import format_number
from obs.report.page.fonts import face_path

__all__ = [
    "LINE_HEIGHT",
    "line_count",
    "measure_above",
    "number_axis",
    "text_width",
    "tick_writer",
    "warning_height",
    "warning_line",
    "wrapped",
]

Writer = Callable[[float], str]
LINE_HEIGHT = 0.15  # inches between two lines of small text
_EDGE = 0.03  # inches left free beside the warning


def number_axis(axes: Axes, which: Literal["x", "y"], write: Writer, *, bins: int = 5) -> None:
    """Give an axis few ticks, written in the language, and a light grid."""
    axis = axes.yaxis if which == "y" else axes.xaxis
    axis.set_major_locator(MaxNLocator(nbins=bins, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: write(value)))
    bare_axes(axes, keep=("bottom",) if which == "y" else ("left",))
    axes.grid(axis=which, color=GRID, linewidth=0.8)


def tick_writer(lang: str, *, kind: str, top: float) -> Writer:
    """Write ticks with the decimals that steps of 1, 2 or 5 need, so that none is rounded.

    Examples
    --------
    >>> from obs.report.draw.axes import tick_writer
    >>> tick_writer("en", kind="points", top=0.2)(0.1), tick_writer("en", kind="rate", top=9)(5)
    ('+10', '5.0')
    """
    signed = kind in ("change", "points")
    scale = 100.0 if signed or kind == "share" else 1.0
    decimals = max(0, 1 - math.floor(math.log10(abs(top) * scale)))

    def write(value: float) -> str:
        sign = "+" if signed and value > 0 else ""
        return sign + format_number(value * scale, lang, decimals=decimals)

    return write


def measure_above(axes: Axes, text: str, *, x: float = 0.0, lift: float = 4) -> None:
    """Write the measure above the axis, where it is read first, instead of along it.

    Lines are broken before.
    """
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


def warning_height(figure_width: float, text: str) -> float:
    """Give the height that the warning takes at the foot of a figure, in inches."""
    return 0.07 + LINE_HEIGHT * line_count(_warning(figure_width, text)) if text else 0.0


def warning_line(figure: Figure, text: str) -> None:
    """Write that the data are synthetic, in the figure itself."""
    if not text:
        return
    width, height = figure.get_size_inches()
    figure.text(
        _EDGE / width,
        0.05 / height,
        _warning(width, text),
        fontsize=SMALL,
        fontweight="bold",
        linespacing=1.15,
        color=INK,
        va="bottom",
    )


def _warning(figure_width: float, text: str) -> str:
    return wrapped(text, figure_width - 2 * _EDGE, size=SMALL, bold=True)


def text_width(texts: Iterable[str], *, size: float, bold: bool = False) -> float:
    """Measure the widest line of some texts, in inches, from the advances of their letters."""
    advances, em = _advances("Bold" if bold else "Regular")
    lines = (line for text in texts for line in drawable(text).split("\n"))
    widest = max((sum(advances.get(ord(c), em // 2) for c in line) for line in lines), default=0)
    return widest / em * size / 72


def wrapped(text: str, width: float, *, size: float, bold: bool = False) -> str:
    """Break a text at its spaces and after its hyphens into lines of at most `width` inches.

    A longer word stays whole. The text is made drawable.
    """
    lines = [""]
    for part in drawable(text).replace("-", "-\0").replace(" ", " \0").split("\0"):
        longer = lines[-1] + part
        if lines[-1] and text_width([longer.rstrip()], size=size, bold=bold) > width:
            lines.append(part)
        else:
            lines[-1] = longer
    return "\n".join(line.rstrip() for line in lines)


def line_count(text: str) -> int:
    """Count the lines of a text."""
    return text.count("\n") + 1


@cache
def _advances(face: str) -> tuple[dict[int, int], int]:
    """Give the advance of each letter of a face, and the units of an em."""
    font = TTFont(face_path(face))
    metrics = font["hmtx"].metrics
    return {code: metrics[name][0] for code, name in font.getBestCmap().items()}, font[
        "head"
    ].unitsPerEm
