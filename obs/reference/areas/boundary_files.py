"""Open a file of units or boundaries by the format that its name declares, and by no other.

The library that reads such files chooses its driver by the content. Some drivers follow
references: a file named `areas.geojson` could then show another file of the machine, or ask the
network. The content is therefore held against the name before the library sees it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from obs.errors import DeliveryError

__all__ = ["BOUNDARY_FORMATS", "check_boundary_file"]

_GEOJSON = {"FeatureCollection", "Feature", "GeometryCollection"}


def check_boundary_file(path: Path) -> None:
    """Refuse a boundary file whose content is not of the format that its name declares.

    Raises
    ------
    DeliveryError
        If the name has no such ending, or the content is another format, or refers elsewhere.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     path = Path(place, "areas.geojson")
    ...     _ = path.write_text("<OGRVRTDataSource/>")
    ...     check_boundary_file(path)
    Traceback (most recent call last):
    ...
    obs.errors.DeliveryError: 'areas.geojson' is not a GeoJSON file: its content is not JSON...
    """
    known = BOUNDARY_FORMATS.get(path.suffix.lower())
    if known is None:
        raise DeliveryError(
            f"'{path.name}': files of boundaries are read with the endings "
            f"{', '.join(BOUNDARY_FORMATS)}."
        )
    name, fault_of = known
    if fault := fault_of(path):
        raise DeliveryError(
            f"'{path.name}' is not {name}: {fault}. A file is read by the format of its name "
            "alone, and never through a reference to another; ask the supplier for the file itself."
        )


def _geopackage(path: Path) -> str:
    head = _head(path, 100)
    if not head.startswith(b"SQLite format 3\0"):
        return "it does not begin as a GeoPackage does"
    return "" if head[68:70] == b"GP" else "it is another kind of database"


def _shapefile(path: Path) -> str:
    return "" if _head(path, 4) == b"\0\0\x27\x0a" else "it does not begin as a shapefile does"


def _json_of(path: Path, kinds: set[str]) -> str:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        return "its content is not JSON in UTF-8"
    kind = content.get("type") if isinstance(content, Mapping) else None
    if not isinstance(kind, str) or kind not in kinds:
        return f"its content is no JSON object of type {' or '.join(sorted(kinds))}"
    return "it refers to another place for its coordinate system" if _linked(content) else ""


def _linked(content: Mapping[str, Any]) -> bool:
    system = content.get("crs")
    return isinstance(system, Mapping) and system.get("type") in ("link", "url")


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


BOUNDARY_FORMATS: Mapping[str, tuple[str, Callable[[Path], str]]] = {
    ".gpkg": ("a GeoPackage", _geopackage),
    ".geojson": ("a GeoJSON file", lambda path: _json_of(path, _GEOJSON)),
    ".json": ("a GeoJSON or TopoJSON file", lambda path: _json_of(path, _GEOJSON | {"Topology"})),
    ".topojson": ("a TopoJSON file", lambda path: _json_of(path, {"Topology"})),
    ".shp": ("a shapefile", _shapefile),
}
