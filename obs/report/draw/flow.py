"""Draw what becomes of a cohort: one block that parts into others, readable in grey.

Each branch keeps its thickness, which is its share; its name and value stand at its end. What ended
is white or grey by turns, what is still open is dotted, and what is not published is hatched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from obs.report.draw.axes import LINE_HEIGHT, line_count, warning_height, warning_line, wrapped
from obs.report.draw.style import (
    BAND,
    GRID,
    INK,
    LINE,
    NARROW,
    PAPER,
    PLATE,
    SMALL,
    WIDTH,
    drawable,
    drawing,
    to_svg,
)

__all__ = ["Branch", "draw_flow"]

_GAP = 0.012  # of the height, between two ends
_NAMES = (0.5, 0.53)  # of the width, for the names: on a page, on a telephone
_ROOM = 0.06  # inches between two names
_FACES = (BAND, PAPER)


@dataclass(frozen=True)
class Branch:
    """One way in which a cohort parts: its name with its value, its share, its kind."""

    name: str
    share: float
    kind: Literal["ended", "open", "hidden"]


def draw_flow(head: str, branches: list[Branch], *, warning: str, wide: bool) -> str:
    """Draw the branches down the page in the order given, `head` over the block they leave.

    Returns SVG.
    """
    width = WIDTH if wide else NARROW
    part = _NAMES[0 if wide else 1]
    names = [wrapped(branch.name, width * part - 0.15, size=SMALL) for branch in branches]
    words = [LINE_HEIGHT * line_count(name) + _ROOM for name in names]
    top = 0.1 + LINE_HEIGHT * line_count(text := wrapped(head, width - 0.05, size=SMALL, bold=True))
    tall = max(sum(words), 2.2)
    height = top + tall + 0.08 + warning_height(width, warning)
    with drawing(height, width=width) as figure:
        axes = figure.add_axes((0.01, 1 - (top + tall) / height, 1 - part - 0.01, tall / height))
        axes.set_xlim(0, 1)
        axes.set_ylim(tall, 0)
        axes.axis("off")
        _draw_branches(axes, branches, names, words, tall)
        axes.annotate(
            drawable(text),
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, 4),
            textcoords="offset points",
            ha="left",
            va="bottom",
            fontsize=SMALL,
            fontweight="bold",
        )
        warning_line(figure, warning)
        return to_svg(figure)


def _draw_branches(
    axes: Axes, branches: list[Branch], names: list[str], words: list[float], tall: float
) -> None:
    """Draw each branch from its part of the block to its end, and its name beside it."""
    shares = np.array([branch.share for branch in branches])
    total = max(float(shares.sum()), 1e-9)
    starts = np.concatenate([[0.0], np.cumsum(shares)]) / total * tall
    free = tall * (1 - _GAP * (len(branches) - 1))
    ends = np.concatenate([[0.0], np.cumsum(shares / total * free + tall * _GAP)])
    middles = [float(ends[i] + shares[i] / total * free / 2) for i in range(len(branches))]
    places = _apart(middles, words, tall)
    axes.add_patch(Rectangle((0, 0), 0.05, tall, facecolor=LINE, edgecolor=INK, linewidth=0.8))
    for i, (branch, name, place) in enumerate(zip(branches, names, places, strict=True)):
        thick = shares[i] / total * free
        _ribbon(axes, (starts[i], starts[i + 1]), (ends[i], ends[i] + thick), branch, i)
        axes.plot([0.86, 0.97], [middles[i], place], color=INK, linewidth=0.6)
        axes.annotate(
            drawable(name),
            (0.97, place),
            xytext=(3, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=SMALL,
            fontweight="bold" if branch.kind == "open" else "normal",
            linespacing=1.1,
            bbox=PLATE,
            annotation_clip=False,
        )


def _ribbon(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], branch: Branch, index: int
) -> None:
    """Draw a band that leaves the block level and arrives level."""
    bend = Path.CURVE4
    corners = [
        (0.05, start[0]),
        (0.4, start[0]),
        (0.45, end[0]),
        (0.78, end[0]),
        (0.86, end[0]),
        (0.86, end[1]),
        (0.78, end[1]),
        (0.45, end[1]),
        (0.4, start[1]),
        (0.05, start[1]),
        (0.05, start[0]),
    ]
    line = Path.LINETO
    codes = [Path.MOVETO, bend, bend, bend, line, line, line, bend, bend, bend, Path.CLOSEPOLY]
    looks = {"ended": (_FACES[index % 2], None), "open": (PAPER, "...."), "hidden": (GRID, "////")}
    face, hatch = looks[branch.kind]
    axes.add_patch(
        PathPatch(Path(corners, codes), facecolor=face, edgecolor=INK, linewidth=0.6, hatch=hatch)
    )


def _apart(middles: list[float], words: list[float], tall: float) -> list[float]:
    """Push names apart so that no two touch and none leaves the figure."""
    floor, places = 0.0, []
    for middle, own in zip(middles, words, strict=True):
        place = max(middle, floor + own / 2)
        places.append(place)
        floor = place + own / 2
    ceiling = tall
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], ceiling - words[i] / 2)
        ceiling = places[i] - words[i] / 2
    return places
