"""Draw a chain of counts as a waterfall: levels, what leaves, what joins, readable in grey.

A level is a full bar, what leaves is hatched, what joins is dotted; each begins where the one
before ended, and its sign is written with its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes

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
    INK,
    LINE,
    MUTED,
    NARROW,
    PAPER,
    PLATE,
    SIZE,
    SMALL,
    WIDTH,
    drawable,
    drawing,
    to_svg,
)

__all__ = ["Step", "draw_waterfall"]

_THICK, _GAP, _FOOT = 0.15, 0.09, 0.25  # inches: of a bar, between rows, for the scale
_NAMES = 0.47  # of the width of a page, for the names of the steps
_LOOKS = {  # face, hatch
    "level": (LINE, None),
    "loss": (PAPER, "////"),
    "gain": (PAPER, "...."),
}


@dataclass(frozen=True)
class Step:
    """One row: its name, its value in words, and where its bar begins and ends.

    A row without a known value has no ends: its words stand where the one before ended.
    """

    name: str
    value: str
    kind: Literal["level", "loss", "gain", "unknown"]
    start: float | None
    end: float | None


def draw_waterfall(steps: list[Step], *, measure: str, lang: str, warning: str, wide: bool) -> str:
    """Draw steps down the page in the order given.

    Returns SVG.
    """
    width = WIDTH if wide else NARROW
    size = SIZE if wide else SMALL
    room = width * _NAMES if wide else width - 0.75
    names = [wrapped(step.name, room, size=size) for step in steps]
    heights = [_row_height(name, wide=wide) for name in names]
    ends = np.cumsum(heights)
    left = text_width(names, size=size) + 0.12 if wide else 0.05
    right = text_width([step.value for step in steps], size=SMALL) + 0.12 if wide else 0.05
    text = wrapped(measure, width - 0.05, size=SMALL)
    head = 0.13 + LINE_HEIGHT * line_count(text)
    tall = float(ends[-1])
    height = head + tall + _FOOT + warning_height(width, warning)
    with drawing(height, width=width) as figure:
        axes = figure.add_axes(
            (
                left / width,
                1 - (head + tall) / height,
                (width - left - right) / width,
                tall / height,
            )
        )
        top = max([e for s in steps for e in (s.start, s.end) if e is not None], default=1.0) or 1.0
        axes.set_xlim(0, top * 1.02)
        axes.set_ylim(tall, 0)
        number_axis(axes, "x", tick_writer(lang, kind="count", top=top), bins=5)
        axes.set_yticks([])
        middles = [
            float(end - row / 2 if wide else end - _THICK / 2 - 0.04)
            for end, row in zip(ends, heights, strict=True)
        ]
        _draw_bars(axes, steps, middles)
        for step, name, middle, end, row in zip(steps, names, middles, ends, heights, strict=True):
            place = middle if wide else float(end - row + LINE_HEIGHT * line_count(name) / 2 + 0.02)
            _write_row(axes, step, name, place, wide=wide, gap=0.1 / (width - left - right))
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.tick_params(axis="x", labelsize=SMALL)
        measure_above(axes, text, x=-left / (width - left - right))
        warning_line(figure, warning)
        return to_svg(figure)


def _row_height(name: str, *, wide: bool) -> float:
    words = LINE_HEIGHT * line_count(name)
    return max(words, _THICK) + _GAP if wide else words + _THICK + _GAP


def _draw_bars(axes: Axes, steps: list[Step], middles: list[float]) -> None:
    """Draw each bar, and a thin line from its end to the next row."""
    here = 0.0
    for i, (step, middle) in enumerate(zip(steps, middles, strict=True)):
        if step.start is not None and step.end is not None and step.kind != "unknown":
            face, hatch = _LOOKS[step.kind]
            low, high = sorted((step.start, step.end))
            axes.barh(
                middle,
                high - low,
                left=low,
                height=_THICK,
                facecolor=face,
                edgecolor=INK,
                hatch=hatch,
                linewidth=0.8,
            )
            here = step.end
        if i + 1 < len(steps):
            axes.vlines(here, middle, middles[i + 1], color=MUTED, linewidth=0.7, zorder=0.5)


def _write_row(axes: Axes, step: Step, name: str, place: float, *, wide: bool, gap: float) -> None:
    """Write the name before its bar and the value after it, or both above it."""
    heavy = "bold" if step.kind == "level" else "normal"
    for text, x, ha, size in (
        (name, -gap if wide else 0.0, "right" if wide else "left", SIZE if wide else SMALL),
        (step.value, 1.01 if wide else 1.0, "left" if wide else "right", SMALL),
    ):
        axes.text(
            x,
            place,
            drawable(text),
            transform=axes.get_yaxis_transform(),
            ha=ha,
            va="center",
            fontsize=size,
            fontweight=heavy,
            linespacing=1.1,
            style="italic" if step.kind == "unknown" and text == step.value else "normal",
            bbox=None if wide or not text else PLATE,
        )
