"""Load what each indicator means, as data."""

from obs.catalogue.indicator import COMPOSITES, Asked, Indicator, SpeaksOf
from obs.catalogue.loader import (
    get_indicator,
    kept_catalogue,
    load_catalogue,
    own_catalogue,
    untranslated,
    use_catalogue_texts,
)
from obs.catalogue.relation import DeclaredRelation

__all__ = [
    "COMPOSITES",
    "Asked",
    "DeclaredRelation",
    "Indicator",
    "SpeaksOf",
    "get_indicator",
    "kept_catalogue",
    "load_catalogue",
    "own_catalogue",
    "untranslated",
    "use_catalogue_texts",
]
