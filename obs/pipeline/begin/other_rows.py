"""Tell what the rows of a file of inhabitants are that bear no unit: totals, notes, other places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from obs.clean.folded_texts import fold

__all__ = ["find_other_rows", "say_other_rows"]

_TOTAL = re.compile(r"(?:sous-?)?(?:total|totaal|ensemble|subtotaal|totaux|totalen|totales)\b.*")
_SHOWN = 30  # characters of a note that its pattern repeats
_DIGIT = re.compile(r"\d")


def find_other_rows(
    rest: pd.DataFrame, ours: pd.DataFrame, found: Mapping[str, object], numbers: Sequence[str]
) -> dict[str, object]:
    """Give the keys of `[population]` by which rows that bear no unit are read.

    A row without a number is a note; one that says that it is a total is checked against its units
    by the build; any other is of another place, where every unit has its rows in each year: a unit
    that lacks one may be misspelt there, and the build says so.
    """
    if not len(rest):
        return {}
    unit = str(found["unit"])
    told = rest[[*numbers]].map(lambda text: bool(_DIGIT.search(str(text)))).any(axis=1)
    notes, rows = rest[~told], rest[told]
    total = rows.map(lambda text: bool(_TOTAL.fullmatch(fold(str(text))))).any(axis=1)
    made: dict[str, object] = {}
    if left := _left_out(notes):
        made["left_out"] = left
    if total.any():
        made["totals"] = _pattern(rows.loc[total, unit].fillna(""), whole=True)
    year = found.get("year")
    years = [str(year)] if year else []
    counts = ours.groupby([unit, *years]).size().unstack(fill_value=0) if years else None
    named = (~total).any() and rows.loc[~total, unit].notna().all()
    if named and (counts is None or bool((counts > 0).all(axis=None))):
        made["elsewhere"] = True
    return made


def say_other_rows(found: Mapping[str, object]) -> str:
    """Say in a line which rows of the file are no units, or nothing."""
    said = [
        *(["notes below the table"] if "left_out" in found else []),
        *(["rows of totals, checked against their units"] if "totals" in found else []),
        *(["places that are none of the units"] if "elsewhere" in found else []),
    ]
    return f"population, left out: {', '.join(said)}" if said else ""


def _left_out(notes: pd.DataFrame) -> dict[str, str]:
    """Give a pattern of the first text of each note, by its column."""
    first = notes.apply(lambda row: row.first_valid_index(), axis=1) if len(notes) else None
    if first is None:
        return {}
    return {
        str(column): _pattern(notes.at[at, column] for at in first.index[first == column])
        for column in dict.fromkeys(first.dropna())
    }


def _pattern(texts: Iterable[object], *, whole: bool = False) -> str:
    """Write one pattern of several texts, whatever their blanks; of long ones the beginning."""
    each = dict.fromkeys(
        re.escape(str(text) if whole else str(text)[:_SHOWN]).replace("\\ ", r"\s+")
        + ("" if whole or len(str(text)) <= _SHOWN else r"[\s\S]*")
        for text in texts
    )
    return "|".join(one or r"\s*" for one in each)
