"""List the relations that a release and its audit assume every reader to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from obs.disclosure.released import Released

__all__ = ["RELATIONS", "relations_used"]

RELATIONS = ("sum", "union", "parts", "share", "at_most", "stock", "answers", "product")
_COLUMNS = ("relation", "indicator", "of", "because", "loosened")
_Line = tuple[str, str, str, str]


def relations_used(released: Released) -> pd.DataFrame:
    """List each relation of the released indicators, and in how many places it is loosened.

    Returns a table with a row per indicator and relation: kind (one of `RELATIONS`), indicator,
    what it is related to, the counting rule as the catalogue gives it, and how many equations
    of its kind and count the figures break, so that they hold with something left over.
    """
    about = released.structure["indicators"]
    broken = Counter(
        (_kind(kind), measure.rpartition(" (")[0])
        for kind, measure, *_ in released.structure["loosened"]
    )
    rows = []
    for kind, indicator, of, because in _lines(released.structure):
        rows.append((kind, indicator, of, because, broken[kind, about[indicator]["count"]]))
    return pd.DataFrame(sorted(rows), columns=list(_COLUMNS)).astype({"loosened": "int64"})


def _lines(structure: Mapping[str, Any]) -> Iterator[_Line]:
    for indicator, entry in structure["indicators"].items():
        question = entry["question"]
        for way in entry["additive_over"]:
            yield "sum", indicator, way, ""
        for way in entry["union_over"]:
            yield "union", indicator, way, ""
        if entry["parts"]:
            yield "parts", indicator, " ".join(entry["parts"]), ""
        if entry["whole"]:
            yield "share", indicator, entry["whole"], ""
        if question["answers"]:
            yield "answers", indicator, question["name"], ""
        if question["made_of"]:
            yield "product", indicator, " ".join(question["made_of"]), ""
    for relation in structure["relations"]:
        others = (*relation["of"], *(f"-{other}" for other in relation["less"]))
        yield relation["kind"], relation["own"], " ".join(others), relation["because"]


def _kind(loosened: str) -> str:
    """Name the relation of a loosened equation; a sum is named by what it runs along."""
    first = loosened.partition(" ")[0]
    if loosened.startswith("at most"):
        return "at_most"
    return first if first in ("parts", "share", "stock", "answers") else "sum"
