"""Refuse anything but what `obs.disclosure.release` made.

It also refuses a released table whose withheld rows still carry a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import pandas as pd

from obs.errors import DisclosureError
from obs.report.facts.edition_seal import need_own
from obs.schemas import COMPARED, DETECTABLE, POINTS, WITHHELD

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["need_released"]

_SOUND: WeakSet[Any] = WeakSet()  # looked at already: a Released cannot change
_VALUES = ("value", "low", "high", "change")
_COUNTS = ("numerator", "n", "base_numerator", "censored", "p_unadjusted", *POINTS, *DETECTABLE)


def need_released(thing: object, *, who: str) -> Released:
    """Give back what `release` made, or refuse.

    Returns the same object. Raises `DisclosureError` if it is not a Released, or if a withheld
    row still carries a number.

    Examples
    --------
    >>> from obs.report.facts.released_only import need_released
    >>> need_released({"theft": 3}, who="chart_bars")
    Traceback (most recent call last):
    obs.errors.DisclosureError: chart_bars shows only what obs.release made, and was given a dict.
    """
    from obs.disclosure import Released

    if not isinstance(thing, Released):
        raise DisclosureError(
            f"{who} shows only what obs.release made, and was given a {type(thing).__name__}. "
            "Pass the table through obs.release first."
        )
    need_own(thing, who=who)
    if thing not in _SOUND:
        _refuse_leaks(thing.table, who)
        _SOUND.add(thing)
    return thing


def _refuse_leaks(table: pd.DataFrame, who: str) -> None:
    """Refuse a number in a withheld row; the counts of an unreliable value are no secret."""
    from obs.disclosure.released_comparisons import REVEALING

    if "status" not in table.columns:
        return
    withheld = table["status"].isin(WITHHELD)
    secret = withheld & (table["status"] != "unreliable")
    kept = [c for c in _VALUES if c in table.columns and table.loc[withheld, c].notna().any()]
    numbers = [c for c in REVEALING if c == "p_value" or COMPARED[c].kind in ("number", "count")]
    kept += [
        c for c in (*_COUNTS, *numbers) if c in table.columns and table.loc[secret, c].notna().any()
    ]
    if kept:
        raise DisclosureError(
            f"{who}: withheld rows still carry a number in column(s) {', '.join(kept)}. "
            "Release the table again; do not edit a released table."
        )
