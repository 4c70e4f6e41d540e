"""Adjust p-values and verdicts again over the comparisons that are shown.

A p-value adjusted over several places depends on the places withheld. From the shown values one
could work out the rank of a withheld place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from obs.schemas import BREAKDOWNS
from obs.stats import adjust_p_values

__all__ = ["readjust_comparisons"]

_FAMILY = ("indicator", "level", "period", "base", *BREAKDOWNS)
_ADJUSTED = (", holm", ", bh")


def readjust_comparisons(frame: pd.DataFrame, hidden: np.ndarray) -> pd.DataFrame:
    """Adjust p-values and verdicts over the rows that stay, where a row of their family goes.

    In families that lose a row, p-values and verdicts depend on the remaining rows alone. Without
    `p_unadjusted` and `confidence` they cannot be made again: both go.
    """
    if not hidden.any() or "method" not in frame:
        return frame
    method = frame["method"].fillna("")
    result = frame.copy()
    keys = [frame[c] for c in _FAMILY if c in frame]
    for found in frame.groupby(keys, dropna=False).indices.values():
        rows = np.asarray(found)
        adjusted = method.iloc[rows].str.endswith(_ADJUSTED).to_numpy()
        if not hidden[rows].any() or not adjusted.any():
            continue
        kept = rows[adjusted & ~hidden[rows]]
        _readjust_family(result, kept, method.iloc[rows[adjusted][0]].rpartition(", ")[2])
    return result


def _readjust_family(result: pd.DataFrame, rows: np.ndarray, correction: str) -> None:
    """Write new p-values and verdicts in rows of one family, or none."""
    where = result.index[rows]
    if not {"p_unadjusted", "confidence"} <= set(result.columns):
        for column in ("p_value", "verdict"):
            if column in result:
                result.loc[where, column] = pd.NA
        return
    alone = result.loc[where, "p_unadjusted"].to_numpy(dtype=np.float64, na_value=np.nan)
    level = 1 - result.loc[where, "confidence"].to_numpy(dtype=np.float64, na_value=np.nan)
    adjusted = adjust_p_values(alone, method="holm" if correction == "holm" else "bh")
    verdict = result.loc[where, "verdict"]
    lost = verdict.isin(["up", "down"]) & ~(adjusted < level)
    found = (verdict == "stable") & (adjusted < level)
    if "p_value" in result:
        result.loc[where, "p_value"] = adjusted
    result.loc[where, "verdict"] = verdict.mask(lost, "stable").mask(
        found, np.where(_rises(result.loc[where]), "up", "down")
    )


def _rises(rows: pd.DataFrame) -> np.ndarray:
    rises = rows["change"]
    if "points" in rows:
        rises = rises.fillna(rows["points"])
    return (rises > 0).fillna(value=False).to_numpy(dtype=bool)
