"""Whether what is selected of released tables can be there: a misspelt code selects nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from obs.catalogue import load_catalogue
from obs.errors import CodeError
from obs.reference import UNPLACED, Territory, load_codelist
from obs.schemas import BREAKDOWNS, PEER_VERDICTS, STATUSES, VERDICTS, nearest_names

__all__ = ["check_selected"]

_PERIODS = ("period", "base")
_CLOSED = ("territory", "level", "indicator", "status", "verdict", "peer", *BREAKDOWNS)
_MOST = 20  # values listed in a message


def check_selected(
    frames: Mapping[str, pd.DataFrame], wanted: Mapping[str, set[str]], territory: Territory
) -> None:
    """Refuse values that no table has and no codelist knows, all at once, with the nearest.

    A code that is known and not there (a commune without a row, a year not delivered) is no
    misspelling: it selects no row.
    """
    faults = []
    for column, values in wanted.items():
        present = {
            code
            for frame in frames.values()
            if column in frame
            for code in frame[column].dropna().astype("str")
        }
        unknown = sorted(values - present - set(_known_codes(column, territory, values)))
        if unknown and (present or column in _CLOSED):
            listed = sorted(present)[:_MOST]
            hints = "".join(nearest_names(v, present) for v in unknown)
            shown = ", ".join(repr(v[:40]) for v in unknown)
            faults.append(f"'{column}' has no {shown}.{hints} It has: {', '.join(listed)}")
    if faults:
        raise CodeError(f"select: {'; '.join(faults)}.")


def _known_codes(column: str, territory: Territory, values: set[str]) -> Collection[str]:
    """List the codes a column may hold; numbers and other free columns may hold any."""
    if column == "territory":
        return [*territory.units["code"], *territory.unplaced_units, *territory.beyond_units]
    if column in _PERIODS:
        return [v for v in values if _is_period(v)]
    if column == "indicator":
        return list(load_catalogue())
    if column in BREAKDOWNS:
        return load_codelist(column)["code"].tolist()
    closed = {
        "level": (*territory.levels, UNPLACED, *territory.beyond_levels),
        "peer": (*territory.levels, "similar"),
        "status": STATUSES,
        "verdict": (*VERDICTS, *PEER_VERDICTS),
    }
    return closed.get(column, values)


def _is_period(text: str) -> bool:
    try:
        return str(pd.Period(text)) != "NaT"
    except ValueError:
        return False
