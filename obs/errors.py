"""Define the errors that `obs` raises: what was wrong, where, what is allowed, what to do.

Messages never hold a person's data, only row numbers, column names and counts.
"""

__all__ = [
    "BusyError",
    "CatalogueError",
    "CodeError",
    "DeliveryError",
    "DisclosureError",
    "ObsError",
    "PublicationError",
    "SchemaError",
]


class ObsError(ValueError):
    """Wrong use or bad input; the command line ends with code 2."""


class BusyError(ObsError):
    """A folder of the house is being written by another process."""


class SchemaError(ObsError):
    """A table lacks columns, has wrong types, repeated keys or forbidden values."""


class CodeError(ObsError):
    """A code or a name is unknown or ambiguous in its codelist."""


class CatalogueError(ObsError):
    """A declaration (indicator, profile, note, observatory) is faulty."""


class DeliveryError(ObsError):
    """A delivered file cannot be read as its profile says."""


class DisclosureError(ObsError):
    """Something not safe to disclose was about to be shown; exit code 3."""


class PublicationError(ObsError):
    """A page fails a publication gate; exit code 3."""
