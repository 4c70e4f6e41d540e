"""Draw maps: shapes or tiles filled by class, with the value in each unit where there is room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from obs.report.draw.axes import (
    LINE_HEIGHT,
    line_count,
    text_width,
    warning_height,
    warning_line,
    wrapped,
)
from obs.report.draw.style import (
    INK,
    MUTED,
    NARROW,
    PAPER,
    SEQUENTIAL,
    SMALL,
    UNKNOWN,
    WIDTH,
    WITHHELD,
    drawable,
    drawing,
    text_on,
    to_svg,
)

__all__ = ["Legend", "Unit", "map_svg", "shades"]

_EDGE = {"edgecolor": MUTED, "linewidth": 0.5}
_DASHED: dict[str, Any] = {"facecolor": "none", "linewidth": 0.9, "linestyle": (0, (3, 2))}
_MAP = 0.7  # part of the width that a map takes on a page, beside its legend
_LOWEST, _HIGHEST = 2.9, 4.2  # inches of a map of shapes
_MANY = 40  # units from which the outline of an uncertain class is thin
_STEP = 0.23  # inches between the lines of a legend
_BOX = (0.26, 0.16)
Places: TypeAlias = gpd.GeoDataFrame | dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Unit:
    """One unit of a map: its name, what is written in it, its class.

    `klass` is 0 for the lowest class; None when there is no value, and then `withheld`
    tells what is not published from what is unknown. The class of an `uncertain` unit is one
    that its interval does not settle.
    """

    code: str
    name: str
    text: str
    klass: int | None
    withheld: bool = False
    uncertain: bool = False


@dataclass(frozen=True)
class Legend:
    """The measure, one line per class from the lowest, the words for no value."""

    measure: str
    classes: tuple[str, ...]
    withheld: str
    unknown: str
    uncertain: str


def shades(n_classes: int) -> tuple[str, ...]:
    """Spread the sequential colours over so many classes, from light to dark.

    Two classes are no extremes: they have the lightest colour and the last but one.
    """
    darkest = min(len(SEQUENTIAL) - 1, n_classes + 1)
    places = np.linspace(0, darkest, n_classes) if n_classes > 1 else [2]
    return tuple(SEQUENTIAL[round(float(p))] for p in places)


def map_svg(places: Places, units: list[Unit], legend: Legend, warning: str, *, wide: bool) -> str:
    """Draw a map of boundaries, or of tiles at their row and column, with its legend.

    On a page the legend stands beside the map, on a telephone under it. Returns SVG.
    """
    width = WIDTH if wide else NARROW
    across = width * _MAP if wide else width
    tall = _map_height(places, across, units)
    foot = warning_height(width, warning)
    lines = _legend_texts(legend, units, width - across - 0.15 if wide else width)
    below = 0.0 if wide else _legend_height(lines) + 0.1
    whole = max(tall, _legend_height(lines)) if wide else tall + below
    height = whole + foot + 0.05
    with drawing(height, width=width) as figure:
        box = (0.0, 1 - tall / height, across / width, tall / height)
        axes = figure.add_axes(box)
        if isinstance(places, dict):
            _draw_tiles(axes, places, units, len(legend.classes))
        else:
            _draw_shapes(axes, places, units, len(legend.classes))
        left = across + 0.1 if wide else 0.03
        _draw_legend(figure, lines, left=left, top=0.03 if wide else tall + 0.1)
        warning_line(figure, warning)
        return to_svg(figure)


def _map_height(places: Places, across: float, units: list[Unit]) -> float:
    if isinstance(places, dict):
        rows, columns = _extent(places)
        lines = max(line_count(name) for name in _tile_names(units, across / columns).values())
        return rows * max(0.42, 0.33 + LINE_HEIGHT * lines)
    west, south, east, north = places.total_bounds
    return float(min(max(across * (north - south) / (east - west), _LOWEST), _HIGHEST))


def _extent(places: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Count the rows and the columns of tiles."""
    rows, columns = (max(place[i] for place in places.values()) + 1 for i in (0, 1))
    return rows, columns


def _draw_shapes(axes: Axes, shapes: gpd.GeoDataFrame, units: list[Unit], n_classes: int) -> None:
    """Fill official boundaries; write values where there are few enough units."""
    by_code = {unit.code: unit for unit in units}
    west, south, east, north = shapes.total_bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal", anchor="NW")
    axes.set_axis_off()
    for code, shape in zip(shapes["code"], shapes.geometry, strict=True):
        axes.add_patch(PathPatch(_outline(shape), **_fill(by_code[code], n_classes)))
    per_inch = (east - west) / _inches_wide(axes, (east - west) / (north - south))
    for code, shape in zip(shapes["code"], shapes.geometry, strict=True):
        inside = shape.buffer(-0.03 * per_inch)
        if by_code[code].uncertain and not inside.is_empty:
            fill = _uncertain(by_code[code], n_classes)
            fill["linewidth"] = 0.9 if len(units) < _MANY else 0.6
            axes.add_patch(PathPatch(_outline(inside), **fill))
    for code, shape in zip(shapes["code"], shapes.geometry, strict=True):
        if by_code[code].text:
            _write_in_shape(axes, shape, by_code[code], n_classes, per_inch)


def _draw_tiles(
    axes: Axes, places: dict[str, tuple[int, int]], units: list[Unit], n_classes: int
) -> None:
    """Draw one square per unit at its row and column, name and value in each."""
    rows, columns = _extent(places)
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    axes.set_axis_off()
    figure = axes.get_figure(root=True)
    assert figure is not None  # axes are drawn into a figure
    names = _tile_names(units, axes.get_position().width * figure.get_size_inches()[0] / columns)
    for unit in units:
        row, column = places[unit.code]
        box = Rectangle((column + 0.02, row + 0.03), 0.96, 0.94, **_fill(unit, n_classes))
        axes.add_patch(box)
        if unit.uncertain:
            inside = Rectangle((column + 0.06, row + 0.09), 0.88, 0.82)
            inside.update(_uncertain(unit, n_classes))
            axes.add_patch(inside)
        common: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "color": _ink(unit, n_classes),
            "bbox": _plate(unit),
            "fontsize": SMALL,
        }
        name = names[unit.code]
        axes.text(column + 0.5, row + 0.38, drawable(name), linespacing=0.98, **common)
        value = row + (0.8 if name else 0.5)
        axes.text(column + 0.5, value, drawable(unit.text), fontweight="bold", **common)


def _tile_names(units: list[Unit], room: float) -> dict[str, str]:
    """Break the names into lines that fit a tile of so many inches; no name where one does not."""
    names = {unit.code: wrapped(unit.name, room - 0.06, size=SMALL) for unit in units}
    fits = text_width(names.values(), size=SMALL) <= room - 0.02
    return names if fits else dict.fromkeys(names, "")


_Line: TypeAlias = tuple[str, dict[str, Any] | None]  # words and fill of a line of the legend


def _legend_texts(legend: Legend, units: list[Unit], room: float) -> list[_Line]:
    """Write the legend: the measure, the classes, what has no value where that occurs."""
    lines: list[_Line] = [(wrapped(legend.measure, room, size=SMALL), None)]
    for label, count, fill in _legend_lines(legend, units):
        if count or label in legend.classes:
            lines.append((wrapped(f"{label} ({count})", room - 0.34, size=SMALL), fill))
    return lines


def _legend_height(lines: list[_Line]) -> float:
    return sum(_STEP + LINE_HEIGHT * (line_count(text) - 1) for text, _ in lines) + 0.05


def _draw_legend(figure: Figure, lines: list[_Line], *, left: float, top: float) -> None:
    """Draw the legend down the page from a place in inches: dark on top, no value last."""
    width, height = figure.get_size_inches()
    for text, fill in lines:
        y = 1 - top / height
        if fill is not None:
            corner = (left / width, y - (_BOX[1] + 0.02) / height)
            size = (_BOX[0] / width, _BOX[1] / height)
            figure.add_artist(Rectangle(corner, *size, transform=figure.transFigure, **fill))
        start = left if fill is None else left + 0.34
        colour = MUTED if fill is None else INK
        figure.text(
            start / width, y, text, fontsize=SMALL, color=colour, va="top", linespacing=1.15
        )
        top += _STEP + LINE_HEIGHT * (line_count(text) - 1)


def _legend_lines(legend: Legend, units: list[Unit]) -> list[tuple[str, int, dict[str, Any]]]:
    """List label, number of units and fill: the darkest class first, no value last."""
    thin: dict[str, Any] = {"linewidth": 0.5}
    classes = zip(legend.classes, shades(len(legend.classes)), strict=True)
    lines: list[tuple[str, int, dict[str, Any]]] = [
        (label, sum(u.klass == k for u in units), {"facecolor": colour, "edgecolor": MUTED, **thin})
        for k, (label, colour) in enumerate(classes)
    ][::-1]
    without = [u for u in units if u.klass is None]
    lines.append((legend.uncertain, sum(u.uncertain for u in units), {**_DASHED, "edgecolor": INK}))
    lines.append((legend.withheld, sum(u.withheld for u in without), {**WITHHELD, **thin}))
    lines.append((legend.unknown, sum(not u.withheld for u in without), {**UNKNOWN, **thin}))
    return lines


def _fill(unit: Unit, n_classes: int) -> dict[str, Any]:
    if unit.klass is not None:
        return {"facecolor": shades(n_classes)[unit.klass], **_EDGE}
    return {**(WITHHELD if unit.withheld else UNKNOWN), "linewidth": 0.6}


def _uncertain(unit: Unit, n_classes: int) -> dict[str, Any]:
    """Outline a unit whose class is uncertain."""
    return {**_DASHED, "edgecolor": _ink(unit, n_classes)}


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
    name = wrapped(unit.name, 1.8 * radius, size=SMALL)
    fits = text_width([name], size=SMALL) / 2 < radius * 0.95
    fits = fits and LINE_HEIGHT * (line_count(name) + 1) / 2 < radius * 0.95
    gap = LINE_HEIGHT / 2 * line_count(name) * per_inch if fits else 0
    common: dict[str, Any] = {
        "ha": "center",
        "va": "center",
        "color": _ink(unit, n_classes),
        "bbox": _plate(unit),
        "fontsize": SMALL,
    }
    if fits:
        above = centre.y + LINE_HEIGHT / 2 * per_inch
        axes.text(centre.x, above, drawable(name), linespacing=0.98, **common)
    if text_width([unit.text], size=SMALL, bold=True) / 2 < radius * 1.6:
        axes.text(centre.x, centre.y - gap, drawable(unit.text), fontweight="bold", **common)
