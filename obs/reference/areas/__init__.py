"""Read units and boundaries of a territory from raw files."""

from obs.reference.areas.boundary_files import check_boundary_file
from obs.reference.areas.unit_files import Areas, read_areas

__all__ = ["Areas", "check_boundary_file", "read_areas"]
