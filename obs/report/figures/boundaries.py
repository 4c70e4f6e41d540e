"""Read official boundaries of a territory: matched by code, repaired, simplified together.

Neighbours keep one common line when simplified, so that no gap opens between them.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import pandas as pd
import pyogrio
from shapely import coverage_clean, make_valid

from obs.errors import CodeError, DeliveryError
from obs.reference import Territory

__all__ = ["load_boundaries"]

_DETAIL = 1 / 1500  # of the territory's width: less than a point on the page


def load_boundaries(territory: Territory) -> gpd.GeoDataFrame:
    """Load the boundaries of a territory's mapped level, flat, in metres.

    Returns code, geometry; one row per unit of the level, in official order. Not to be modified.
    Raises `DeliveryError` if the file cannot be read or lacks the column of codes. Raises
    `CodeError` if a unit of the level has no boundary; other shapes of the file are left out.
    """
    return _load(territory)


@cache
def _load(territory: Territory) -> gpd.GeoDataFrame:
    shapes = _read(territory)
    wanted = territory.codes(territory.boundary_level or territory.base_level)
    shapes = shapes[shapes["code"].isin(wanted)]
    absent = [code for code in wanted if code not in set(shapes["code"])]
    if absent:
        raise CodeError(
            f"The boundary file has no shape for {len(absent)} of {len(wanted)} units of "
            f"'{territory.name}' (first: {', '.join(absent[:5])}). Its codes must be those of "
            f"the territory, in column '{territory.boundary_key}'."
        )
    shapes = _flat(shapes)
    shapes["geometry"] = make_valid(shapes.geometry.values)
    shapes = shapes.dissolve(by="code").reindex(wanted)
    left, _, right, _ = shapes.total_bounds
    detail = (right - left) * _DETAIL
    shapes["geometry"] = coverage_clean(shapes.geometry.values, gap_width=detail)
    shapes["geometry"] = shapes.geometry.simplify_coverage(detail)
    return shapes.rename_axis("code").reset_index()[["code", "geometry"]]


def _read(territory: Territory) -> gpd.GeoDataFrame:
    path, key = territory.boundaries, territory.boundary_key
    try:
        shapes = gpd.read_file(path, layer=pyogrio.list_layers(path)[0, 0])
    except (OSError, RuntimeError, ValueError) as fault:
        raise DeliveryError(f"The boundary file '{path.name}' cannot be read: {fault}") from fault
    if key not in shapes.columns:
        columns = ", ".join(c for c in shapes.columns if c != "geometry")
        raise DeliveryError(f"'{path.name}' has no column '{key}'; it has {columns}.")
    codes = shapes[key]
    if pd.api.types.is_float_dtype(codes.dtype) and (codes.dropna() % 1 == 0).all():
        codes = codes.astype("Int64")
    return shapes.assign(code=codes.astype("str").str.strip())[["code", "geometry"]]


def _flat(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project degrees onto the plane of their own zone; leave plane coordinates alone."""
    if shapes.crs is None:
        west, south, east, north = shapes.total_bounds
        if west < -180 or east > 180 or south < -90 or north > 90:
            return shapes
        shapes = shapes.set_crs("EPSG:4326")
    return shapes.to_crs(shapes.estimate_utm_crs()) if shapes.crs.is_geographic else shapes
