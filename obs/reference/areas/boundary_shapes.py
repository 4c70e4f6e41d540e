"""Read the shapes of a boundary file, and find the unit in which a point lies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from obs.errors import DeliveryError
from obs.reference.areas.boundary_files import check_boundary_file
from obs.reference.territory import Territory

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["locate_points", "read_shapes"]

_DEGREES = "EPSG:4326"


def read_shapes(territory: Territory) -> gpd.GeoDataFrame:
    """Read the boundary file of a territory as it is: code, geometry.

    Raises `DeliveryError` if the file cannot be read, has no geometry or lacks the column of codes.
    """
    import geopandas as gpd  # heavy, and only boundary files need them
    import pyogrio

    path, key = Path(territory.boundaries or ""), territory.boundary_key
    check_boundary_file(path)
    try:
        shapes = gpd.read_file(path, layer=pyogrio.list_layers(path)[0, 0])
    except (OSError, RuntimeError, ValueError, IndexError) as fault:
        raise DeliveryError(f"The boundary file '{path.name}' cannot be read: {fault}") from fault
    if not isinstance(shapes, gpd.GeoDataFrame):
        raise DeliveryError(f"'{path.name}' holds a table without geometry: no boundary is in it.")
    if key not in shapes.columns:
        columns = ", ".join(c for c in shapes.columns if c != "geometry")
        raise DeliveryError(f"'{path.name}' has no column '{key}'; it has {columns}.")
    codes = shapes[key]
    if pd.api.types.is_float_dtype(codes.dtype) and (codes.dropna() % 1 == 0).all():
        codes = codes.astype("Int64")
    if shapes.geometry.name != "geometry":
        shapes = shapes.rename_geometry("geometry")
    return shapes.assign(code=codes.astype("str").str.strip())[["code", "geometry"]]


def locate_points(
    points: Sequence[tuple[float, float] | None], territory: Territory, *, crs: str
) -> list[str | None]:
    """Give the code of the unit in which each point lies, None outside every unit.

    A point is east and north (longitude and latitude) in the reference system `crs`. On a common
    line it is of the first unit in the order of the codes. Raises `DeliveryError` as `read_shapes`
    does.
    """
    import geopandas as gpd
    import shapely

    shapes = _shapes_by_code(territory)
    known = np.array([i for i, point in enumerate(points) if point is not None], dtype="int64")
    found: list[str | None] = [None] * len(points)
    if not len(known):
        return found
    flat = np.array([points[i] for i in known], dtype="float64")
    placed = gpd.GeoSeries(gpd.points_from_xy(flat[:, 0], flat[:, 1]), crs=crs)
    placed = placed.to_crs(shapes.crs or _DEGREES)
    which, unit = shapely.STRtree(shapes.geometry.values).query(
        placed.values, predicate="intersects"
    )
    first = pd.Series(unit).groupby(known[which]).min()
    for at, place in first.items():
        found[int(str(at))] = str(shapes["code"].iloc[place])
    return found


@lru_cache(maxsize=4)
def _shapes_by_code(territory: Territory) -> gpd.GeoDataFrame:
    """Read the shapes of the units, repaired, in the order of their codes."""
    shapes = read_shapes(territory)
    wanted = territory.codes(territory.boundary_level or territory.base_level)
    shapes = shapes[shapes["code"].isin(wanted) & shapes.geometry.notna()]
    shapes = shapes.assign(geometry=shapes.geometry.make_valid()).sort_values("code")
    return shapes.reset_index(drop=True)
