"""Series that have no season to take out: those that do not vary, and those that stop."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.errors import ObsError
from obs.stats.seasonal import MIN_MEAN_COUNT, MIN_YEARS

__all__ = ["refuse_stopped", "unchanged", "varies"]

Array = NDArray[np.float64]

_LEAST_RUN = 3  # zeros at an end: one or two may be a month that was closed
_NEVER = 1e-9  # chance of such a run at the mean of the rest
_SAME = 1e-9  # relative spread below which values are one


def varies(values: Array, period: int) -> bool:
    """Tell whether a series long and large enough to be adjusted has two values or more."""
    known = values[~np.isnan(values)]
    if values.size < MIN_YEARS * period or known.mean() < MIN_MEAN_COUNT:
        return True  # refused by the methods, with their own reason
    return bool(np.ptp(known) > _SAME * np.abs(known).max())


def unchanged(values: Array) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Give a series that does not vary as it is: nothing to take out, nothing to find."""
    ones = np.ones(values.size)
    part = pd.DataFrame(
        {
            "observed": values,
            "trend": values,
            "seasonal": ones,
            "calendar": ones,
            "adjusted": values,
            "outlier": pd.array([None] * values.size, dtype="str"),
        }
    )
    reason = f"every period counts {np.nanmax(values):g}: there is nothing to adjust"
    note = {"mode": "none", "calendar_effects": "none", "outliers": 0, "good": True}
    return part, {**note, "reason": reason}


def refuse_stopped(values: Array, periods: pd.PeriodIndex, crises: Collection[int]) -> None:
    """Refuse zeros at an end of the series that chance cannot give at the mean of the rest."""
    known = np.flatnonzero(np.nan_to_num(values) > 0)
    if not known.size:
        return
    first, last = int(known[0]), int(known[-1])
    mean = float(np.nanmean(values[first : last + 1]))
    for places, side, kept in (
        (range(last + 1, values.size), "last", f"up to {periods[last]}"),
        (range(first), "first", f"from {periods[first]}"),
    ):
        counted = [i for i in places if i not in crises and not np.isnan(values[i])]
        if len(counted) >= _LEAST_RUN and mean * len(counted) > -np.log(_NEVER):
            raise ObsError(
                f"the {side} {len(counted)} periods count 0, the others {mean:.0f} on average: a "
                f"series that stops has no season there. Adjust it {kept}, and leave periods "
                "missing that were not delivered"
            )
