"""Read official boundaries of a territory: matched by code, repaired, simplified together.

Neighbours keep one common line when simplified, so that no gap opens between them.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from shapely import coverage_clean, make_valid
from shapely.errors import ShapelyError

from obs.errors import CodeError, DeliveryError
from obs.reference import Territory
from obs.reference.areas import read_shapes

__all__ = ["load_boundaries"]

_AREAS = ("Polygon", "MultiPolygon")
_SHOWN = 5  # codes named in a message
_DETAIL = 1 / 1500  # of the territory's width: less than a point on the page


def load_boundaries(territory: Territory) -> gpd.GeoDataFrame:
    """Load the boundaries of a territory's mapped level, flat, in metres.

    Returns code, geometry; one row per unit of the level, in official order. Not to be modified.
    Raises `DeliveryError` if the file cannot be read, lacks the column of codes, or has a unit
    without an area (no geometry, points, lines) or coordinates that its reference system cannot
    have. Raises `CodeError` if a unit of the level has no boundary; other shapes of the file are
    left out.
    """
    return _shapes_of_units(territory)


@cache
def _shapes_of_units(territory: Territory) -> gpd.GeoDataFrame:
    shapes = read_shapes(territory)
    wanted = territory.codes(territory.boundary_level or territory.base_level)
    shapes = shapes[shapes["code"].isin(wanted)]
    absent = [code for code in wanted if code not in set(shapes["code"])]
    if absent:
        raise CodeError(
            f"The boundary file has no shape for {len(absent)} of {len(wanted)} units of "
            f"'{territory.name}' (first: {', '.join(absent[:5])}). Its codes must be those of "
            f"the territory, in column '{territory.boundary_key}'."
        )
    name = territory.boundaries.name if territory.boundaries else territory.name
    _check_areas(shapes, name)
    shapes = _on_a_plane(shapes, name)
    try:
        shapes = _one_coverage(shapes, wanted)
    except (ShapelyError, TypeError, ValueError) as fault:
        raise DeliveryError(
            f"The shapes of '{name}' cannot be made one map: {fault}. Repair them in a "
            "geographic program, or take the official file."
        ) from fault
    return shapes.rename_axis("code").reset_index()[["code", "geometry"]]


def _check_areas(shapes: gpd.GeoDataFrame, name: str) -> None:
    """Refuse units without a geometry or whose geometry is no area, all named at once."""
    geometry = shapes.geometry
    empty = geometry.isna() | geometry.is_empty
    other = ~empty & ~geometry.geom_type.isin(_AREAS)
    broken = ~empty & ~np.isfinite(geometry.bounds.to_numpy()).all(axis=1)
    kinds = ", ".join(sorted(geometry[other].geom_type.unique()))
    faults = (
        (empty, "no geometry"),
        (other, f"no area ({kinds})"),
        (broken, "coordinates that are not finite"),
    )
    broken_units = [
        f"{what} in {int(rows.sum())} unit(s) ({', '.join(shapes.loc[rows, 'code'][:_SHOWN])})"
        for rows, what in faults
        if rows.any()
    ]
    if broken_units:
        raise DeliveryError(
            f"The boundary file '{name}' has {'; '.join(broken_units)}. Every unit needs a polygon: mend "
            "the file, or leave boundaries out of the observatory for a schematic map."
        )


def _one_coverage(shapes: gpd.GeoDataFrame, wanted: list[str]) -> gpd.GeoDataFrame:
    """Repair the shapes, close the gaps between them and simplify their common lines."""
    shapes = shapes.assign(geometry=_areas_of(make_valid(shapes.geometry.values)))
    shapes = shapes.dissolve(by="code").reindex(wanted)
    flat = shapes.index[~(shapes.geometry.area > 0)]
    if len(flat):
        raise ValueError(f"{', '.join(flat[:_SHOWN])} have no area")
    left, _, right, _ = shapes.total_bounds
    detail = (right - left) * _DETAIL
    shapes["geometry"] = coverage_clean(shapes.geometry.values, gap_width=detail)
    shapes["geometry"] = shapes.geometry.simplify_coverage(detail)
    return shapes


def _areas_of(shapes: np.ndarray) -> np.ndarray:
    """Keep the areas of what repairing gave, which may hold stray lines and points."""
    kinds = shapely.get_type_id(shapes)
    mixed = kinds == shapely.GeometryType.GEOMETRYCOLLECTION
    kept = [
        shapely.union_all([p for p in shapely.get_parts(s) if p.geom_type in _AREAS])
        for s in np.asarray(shapes)[mixed]
    ]
    result = np.asarray(shapes).copy()
    result[mixed] = kept
    return result


def _on_a_plane(shapes: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Project degrees onto the plane of their own zone; leave plane coordinates alone."""
    west, south, east, north = shapes.total_bounds
    degrees = west >= -180 and east <= 180 and south >= -90 and north <= 90
    if shapes.crs is None:
        if not degrees:
            return shapes
        shapes = shapes.set_crs("EPSG:4326")
    if shapes.crs.is_geographic != degrees:
        said, are = ("degrees", "none") if shapes.crs.is_geographic else ("a plane", "degrees")
        raise DeliveryError(
            f"The boundary file '{name}' says that its coordinates are {said} ({shapes.crs.name}), "
            f"and they are {are} ({west:.6g} to {east:.6g}, {south:.6g} to {north:.6g}): give it "
            "its true reference system."
        )
    return shapes.to_crs(shapes.estimate_utm_crs()) if shapes.crs.is_geographic else shapes
