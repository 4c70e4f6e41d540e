"""Place names beside points so that none covers another name or a point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from obs.report.draw.axes import text_width
from obs.report.draw.style import PLATE, SMALL, drawable

__all__ = ["name_points"]

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points
_GAP = 6.0  # points between a point and its name
_RADIUS = 3.5  # points kept free around every point


def name_points(
    axes: Axes, points: np.ndarray, names: Sequence[str], *, chosen: Sequence[int]
) -> None:
    """Write names beside points, the first chosen first; one without room is left out."""
    to_points = 72 / axes.figure.dpi
    places = axes.transData.transform(points) * to_points
    frame = np.asarray(axes.get_window_extent().extents) * to_points
    taken = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in places]
    for index in chosen:
        width = text_width([names[index]], size=SMALL) * 72
        free = _free_side(places[index], width, frame, taken)
        if free is None:
            continue
        offset, align, box = free
        taken.append(box)
        axes.annotate(
            drawable(names[index]),
            points[index],
            xytext=offset,
            textcoords="offset points",
            ha=align,
            va="center",
            fontsize=SMALL,
            bbox=PLATE,
            zorder=5,
        )


def _free_side(
    place: np.ndarray, width: float, frame: np.ndarray, taken: list[Box]
) -> tuple[tuple[float, float], str, Box] | None:
    half = SMALL * 0.6
    sides = (
        ((_GAP, 0.0), "left", 0.0),
        ((-_GAP, 0.0), "right", -width),
        ((0.0, _GAP + half), "center", -width / 2),
        ((0.0, -_GAP - half), "center", -width / 2),
    )
    for offset, align, start in sides:
        left, middle = place[0] + offset[0] + start, place[1] + offset[1]
        box = (left, middle - half, left + width, middle + half)
        inside = box[0] >= frame[0] and box[2] <= frame[2] and box[3] <= frame[3]
        if inside and not any(_overlap(box, other) for other in taken):
            return offset, align, box
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
