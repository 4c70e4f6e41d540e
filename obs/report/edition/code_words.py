"""Say the codes of a data file in words: names of areas and indicators, words of codelists."""

from __future__ import annotations

from collections.abc import Mapping

from obs.catalogue import get_indicator
from obs.errors import CatalogueError, CodeError
from obs.locale import words
from obs.reference import label
from obs.report.facts.words import first_upper
from obs.report.figures.data_file import WITHHELD_WORD
from obs.schemas import BREAKDOWNS

__all__ = ["CODED", "CODELISTS", "code_in_words"]

CODELISTS = {
    **{column: (column,) for column in BREAKDOWNS},
    "level": ("levels",),
    "peer": ("levels",),
    "unit": ("units",),
    "scale": ("scales",),
    "status": ("statuses",),
    "verdict": ("verdicts", "peer_verdicts"),
    "change_verdict": ("verdicts",),
    "reason": ("reasons",),
    "point": ("points",),
}
CODED = ("indicator", "territory", *CODELISTS)


def code_in_words(column: str, code: str, lang: str, places: Mapping[str, str]) -> str:
    """Say a code of one of the columns `CODED`; "" where nothing names it.

    `places` are the names of areas by code, in the language.

    Examples
    --------
    >>> from obs.report.edition.code_words import code_in_words
    >>> code_in_words("status", "suppressed", "en", {}), code_in_words("territory", "1", "en", {"1": "Dorna"})
    ('not published', 'Dorna')
    """
    if not code:
        return ""
    if column == "territory":
        return places.get(code, "")
    if code == WITHHELD_WORD:
        return words(lang).say("status.withheld")
    if column == "indicator":
        try:
            return get_indicator(code).text("title", lang)
        except CatalogueError:
            return ""
    for codelist in CODELISTS[column]:
        try:
            return first_upper(label(codelist, code, lang))
        except CodeError:
            continue
    return ""
