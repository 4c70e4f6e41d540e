"""Load what each indicator means, as data."""

from obs.catalogue.indicator import COMPOSITES, Asked, Indicator, SpeaksOf
from obs.catalogue.loader import get_indicator, load_catalogue, untranslated

__all__ = [
    "COMPOSITES",
    "Asked",
    "Indicator",
    "SpeaksOf",
    "get_indicator",
    "load_catalogue",
    "untranslated",
]
