"""Draw maps: shapes or tiles filled by class, with the value in each unit where there is room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from obs.report.draw.axes import text_width
from obs.report.draw.style import (
    INK,
    MUTED,
    PAPER,
    SEQUENTIAL,
    SIZE,
    SMALL,
    UNKNOWN,
    WITHHELD,
    drawable,
    text_on,
)

__all__ = ["Legend", "Unit", "draw_legend", "draw_shapes", "draw_tiles", "shades"]

_EDGE = {"edgecolor": MUTED, "linewidth": 0.5}


@dataclass(frozen=True)
class Unit:
    """One unit of a map: its name, what is written in it, its class.

    `klass` is 0 for the lowest class; None when there is no value, and then `withheld`
    tells what is not published from what is unknown.
    """

    code: str
    name: str
    text: str
    klass: int | None
    withheld: bool = False


@dataclass(frozen=True)
class Legend:
    """The measure, one line per class from the lowest, the words for no value."""

    measure: str
    classes: tuple[str, ...]
    withheld: str
    unknown: str


def shades(n_classes: int) -> tuple[str, ...]:
    """Spread the sequential colours over so many classes, from light to dark."""
    places = np.linspace(0, len(SEQUENTIAL) - 1, n_classes) if n_classes > 1 else [2]
    return tuple(SEQUENTIAL[round(float(p))] for p in places)


def draw_shapes(axes: Axes, shapes: gpd.GeoDataFrame, units: list[Unit], n_classes: int) -> None:
    """Fill official boundaries; write values where there are few enough units."""
    by_code = {unit.code: unit for unit in units}
    west, south, east, north = shapes.total_bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    axes.set_axis_off()
    for code, shape in zip(shapes["code"], shapes.geometry, strict=True):
        axes.add_patch(PathPatch(_outline(shape), **_fill(by_code[code], n_classes)))
    per_inch = (east - west) / _inches_wide(axes, (east - west) / (north - south))
    for code, shape in zip(shapes["code"], shapes.geometry, strict=True):
        if by_code[code].text:
            _write_in_shape(axes, shape, by_code[code], n_classes, per_inch)


def draw_tiles(
    axes: Axes, places: dict[str, tuple[int, int]], units: list[Unit], n_classes: int
) -> None:
    """Draw one square per unit at its row and column, name and value in each."""
    rows, columns = (max(p[i] for p in places.values()) + 1 for i in (0, 1))
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_axis_off()
    for unit in units:
        row, column = places[unit.code]
        box = Rectangle((column + 0.02, row + 0.03), 0.96, 0.94, **_fill(unit, n_classes))
        axes.add_patch(box)
        ink = _ink(unit, n_classes)
        name = _wrapped(unit.name, 16)
        axes.text(
            column + 0.5,
            row + 0.34,
            drawable(name),
            ha="center",
            va="center",
            fontsize=SMALL - 0.5,
            color=ink,
            linespacing=0.95,
            bbox=_plate(unit),
        )
        axes.text(
            column + 0.5,
            row + 0.76,
            drawable(unit.text),
            ha="center",
            va="center",
            fontsize=SIZE,
            fontweight="bold",
            color=ink,
            bbox=_plate(unit),
        )


def draw_legend(
    figure: Figure, legend: Legend, units: list[Unit], *, left: float, top: float
) -> None:
    """Write the legend down the page: dark on top, then what has no value."""
    width, height = figure.get_size_inches()
    figure.text(left, top, drawable(legend.measure), fontsize=SMALL, color=MUTED, va="top")
    step, box = 0.23 / height, (0.26 / width, 0.16 / height)
    y = top - 0.3 / height
    for label, count, fill in _legend_lines(legend, units):
        if count or label in legend.classes:
            figure.add_artist(
                Rectangle((left, y - box[1]), *box, transform=figure.transFigure, **fill)
            )
            figure.text(
                left + 0.34 / width,
                y - box[1] / 2,
                drawable(f"{label} ({count})"),
                fontsize=SMALL,
                va="center",
            )
            y -= step


def _legend_lines(legend: Legend, units: list[Unit]) -> list[tuple[str, int, dict[str, Any]]]:
    """List label, number of units and fill: the darkest class first, no value last."""
    thin: dict[str, Any] = {"linewidth": 0.5}
    classes = zip(legend.classes, shades(len(legend.classes)), strict=True)
    lines: list[tuple[str, int, dict[str, Any]]] = [
        (label, sum(u.klass == k for u in units), {"facecolor": colour, "edgecolor": MUTED, **thin})
        for k, (label, colour) in enumerate(classes)
    ][::-1]
    without = [u for u in units if u.klass is None]
    lines.append((legend.withheld, sum(u.withheld for u in without), {**WITHHELD, **thin}))
    lines.append((legend.unknown, sum(not u.withheld for u in without), {**UNKNOWN, **thin}))
    return lines


def _fill(unit: Unit, n_classes: int) -> dict[str, Any]:
    if unit.klass is not None:
        return {"facecolor": shades(n_classes)[unit.klass], **_EDGE}
    return {**(WITHHELD if unit.withheld else UNKNOWN), "linewidth": 0.6}


def _ink(unit: Unit, n_classes: int) -> str:
    return INK if unit.klass is None else text_on(shades(n_classes)[unit.klass])


def _plate(unit: Unit) -> dict[str, Any] | None:
    """Put a plain plate behind words on hatching, so that they can be read."""
    if unit.klass is not None:
        return None
    return {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2}


def _outline(shape: shapely.Geometry) -> Path:
    polygons = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return Path.make_compound_path(
        *(Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings)
    )


def _inches_wide(axes: Axes, ratio: float) -> float:
    box = axes.get_position()
    figure = axes.get_figure(root=True)
    assert figure is not None  # axes are drawn into a figure
    width, height = figure.get_size_inches()
    return float(min(box.width * width, box.height * height * ratio))


def _write_in_shape(
    axes: Axes, shape: shapely.Geometry, unit: Unit, n_classes: int, per_inch: float
) -> None:
    """Write the value at the roomiest place of a shape, and its name where that fits too."""
    line = shapely.maximum_inscribed_circle(shape, tolerance=per_inch * 0.01)
    centre, radius = shapely.get_point(line, 0), shapely.length(line) / per_inch
    name = _wrapped(unit.name, 12)
    fits = text_width(name.split("\n"), size=SMALL - 1.5) / 2 < radius * 0.95
    fits = fits and 0.13 * (name.count("\n") + 2) / 2 < radius * 0.95
    ink = _ink(unit, n_classes)
    gap = 0.065 * (name.count("\n") + 1) * per_inch if fits else 0
    common: dict[str, Any] = {"ha": "center", "va": "center", "color": ink, "bbox": _plate(unit)}
    if fits:
        axes.text(
            centre.x,
            centre.y + 0.07 * per_inch,
            drawable(name),
            fontsize=SMALL - 1.5,
            linespacing=0.95,
            **common,
        )
    axes.text(
        centre.x, centre.y - gap, drawable(unit.text), fontsize=SMALL, fontweight="bold", **common
    )


def _wrapped(name: str, width: int) -> str:
    """Break a name after hyphens, spaces and slashes into lines of about `width` letters."""
    lines = [""]
    for part in name.replace("-", "-\0").replace(" ", " \0").split("\0"):
        if lines[-1] and len(lines[-1]) + len(part.strip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.strip() for line in lines)
