"""What everything else refers to: places, names, denominators, codelists, calendar, plan."""

from obs.reference.codelists import LANGUAGES, descendants, label, load_codelist, load_phenomena
from obs.reference.exposure import load_exposure
from obs.reference.matching import explain_match, match_territory
from obs.reference.names import normalise_name
from obs.reference.observatory import Observatory, Source, load_observatory
from obs.reference.territory import Territory, load_territory, make_territory

__all__ = [
    "LANGUAGES",
    "Observatory",
    "Source",
    "Territory",
    "descendants",
    "explain_match",
    "label",
    "load_codelist",
    "load_exposure",
    "load_observatory",
    "load_phenomena",
    "load_territory",
    "make_territory",
    "match_territory",
    "normalise_name",
]
