"""Read units and boundaries of a territory from raw files."""

from obs.reference.areas.boundary_files import check_boundary_file
from obs.reference.areas.boundary_shapes import locate_points, read_shapes
from obs.reference.areas.one_place import OnePlace
from obs.reference.areas.unit_files import Areas, read_areas

__all__ = ["Areas", "OnePlace", "check_boundary_file", "locate_points", "read_areas", "read_shapes"]
