"""Lay panels out in one or two columns, each with the room that its labels need.

Nothing is measured after drawing: margins come from the words of headings, ticks and line ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from obs.report.draw.axes import (
    LINE_HEIGHT,
    line_count,
    text_width,
    warning_height,
    warning_line,
    wrapped,
)
from obs.report.draw.lines import Panel, draw_panel, end_labels, names_months
from obs.report.draw.style import MUTED, NARROW, SIZE, SMALL, WIDTH, drawable, drawing, to_svg

__all__ = ["draw_panels"]

_ALONE, _SHORT = 2.15, 1.15  # inches of axes of a panel alone, and of one among others
_FOOT = 0.28  # inches under the axes: years, and the distance to what follows
_TITLE_LINE = 0.17
_GAP = 0.12


def draw_panels(panels: Sequence[Panel], lang: str, warning: str, *, wide: bool) -> str:
    """Draw panels as one figure.

    Returns SVG.
    """
    width = WIDTH if wide else NARROW
    columns = 1 if len(panels) == 1 or not wide else 2
    column = (width - _GAP * (columns - 1)) / columns
    heads = [_head(panel, column) for panel in panels]
    rows = [heads[i : i + columns] for i in range(0, len(heads), columns)]
    tall = _ALONE if len(panels) == 1 else _SHORT
    foot = _FOOT + LINE_HEIGHT * any(names_months(panel) for panel in panels)
    tops = [max(_head_height(head) for head in row) for row in rows]
    height = sum(tops) + len(rows) * (tall + foot) + warning_height(width, warning)
    with drawing(height, width=width) as figure:
        for index, (panel, head) in enumerate(zip(panels, heads, strict=True)):
            row, place = divmod(index, columns)
            top = sum(tops[: row + 1]) + row * (tall + foot)
            left = place * (column + _GAP)
            _place_panel(figure, panel, head, lang, box=(left, top, column, tall))
        warning_line(figure, warning)
        return to_svg(figure)


def _place_panel(
    figure: Figure,
    panel: Panel,
    head: tuple[str, str],
    lang: str,
    *,
    box: tuple[float, float, float, float],
) -> None:
    """Draw a panel in a box: its left, the top of its axes, its width, the height of its axes."""
    left, top, width, tall = box
    ends = text_width([text for _, text, _ in end_labels(panel, lang)], size=SMALL, bold=True)
    room = width - ends - 0.5
    axes = figure.add_axes((0, 0, 1, 1))
    draw_panel(axes, panel, lang, room=(room, tall))
    before = _ticks_width(axes) + 0.08
    after = max(0.05, ends + 0.12 - 0.02 * room) if len(panel.lines) > 1 or ends else 0.05
    across, down = figure.get_size_inches()
    axes.set_position(
        (
            (left + before) / across,
            1 - (top + tall) / down,
            (width - before - after) / across,
            tall / down,
        )
    )
    _write_head(figure, head, left=left, top=top - _head_height(head))


def _ticks_width(axes: Axes) -> float:
    ticks = axes.yaxis.get_major_locator()()
    write = axes.yaxis.get_major_formatter()
    low, high = axes.get_ylim()
    return text_width([write(t) for t in ticks if low <= t <= high], size=SMALL)


def _head(panel: Panel, width: float) -> tuple[str, str]:
    """Break the heading and the measure of a panel into lines."""
    heading = wrapped(panel.heading, width, size=SIZE, bold=True) if panel.heading else ""
    return heading, wrapped(panel.measure, width, size=SMALL)


def _head_height(head: tuple[str, str]) -> float:
    heading, measure = head
    lines = line_count(heading) * _TITLE_LINE if heading else 0.0
    return lines + line_count(measure) * LINE_HEIGHT + 0.1


def _write_head(figure: Figure, head: tuple[str, str], *, left: float, top: float) -> None:
    width, height = figure.get_size_inches()
    heading, measure = head
    x, y = left / width, 1 - (top + 0.02) / height
    if heading:
        figure.text(
            x, y, drawable(heading), va="top", fontsize=SIZE, fontweight="bold", linespacing=1.15
        )
        y -= line_count(heading) * _TITLE_LINE / height
    figure.text(x, y, drawable(measure), va="top", fontsize=SMALL, color=MUTED, linespacing=1.15)
