"""Add to the audit what only the observatory knows: levels of places and withheld numbers of facts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from obs.disclosure.released import Released
from obs.errors import DisclosureError
from obs.schemas import BREAKDOWNS

__all__ = ["add_facts"]


def add_facts(
    audited: pd.DataFrame, released: Released, original: Mapping[str, pd.DataFrame] | None
) -> pd.DataFrame:
    """Add to an audit the level of each place, and the facts that each withheld count stands for.

    Parameters
    ----------
    audited : DataFrame of shape (n_withheld, 10)
        From `audit`; not modified.
    released : Released
        What was audited.
    original : mapping of str to DataFrame, optional
        The tables before the release, by name; without them, the level alone.

    Returns
    -------
    DataFrame of shape (n_withheld, 11 or 12)
        With `level` and, given the tables, `facts` (missing for the base of a change, which
        has no row of its own). Internal: never shown outside.

    Raises
    ------
    DisclosureError
        If `original` is not what was released.
    """
    level = audited["territory"].map(released.territory.level_of).astype("str")
    cells = audited.assign(level=level)
    if original is None:
        return cells
    facts: dict[tuple[str, ...], int] = {}
    for name in released.names:
        frame = original.get(name)
        if frame is None or len(frame) != len(released[name]):
            raise DisclosureError(f"original: table '{name}' is not there as it was released.")
        if "base" not in frame and "numerator" in frame:
            columns = ["indicator", "territory", "period"]
            keys = zip(
                *(frame[c].astype("str") for c in columns), _breakdowns_of(frame), strict=True
            )
            known = zip(keys, frame["numerator"], strict=True)
            facts |= {(name, *key): int(n) for key, n in known if not pd.isna(n)}
    where = ["table", "indicator", "territory", "period", "breakdowns"]
    found = [facts.get(key) for key in cells[where].itertuples(index=False, name=None)]
    return cells.assign(facts=pd.array(found, dtype="Int64"))


def _breakdowns_of(frame: pd.DataFrame) -> list[str]:
    text = [""] * len(frame)
    for column in (c for c in BREAKDOWNS if c in frame):
        codes = frame[column].astype(object).where(frame[column].notna(), None)
        text = [
            t if code is None else f"{t} {column}={code}"
            for t, code in zip(text, codes, strict=True)
        ]
    return [t.strip() for t in text]
