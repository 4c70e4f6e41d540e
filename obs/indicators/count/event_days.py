"""Judge the distinct days of facts: their period, their weekday, the end of a date that is vague.

The engine that holds the facts knows days alone; the calendar is that of Python, whatever the engine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from obs.indicators.count.covered_days import FREQUENCIES

__all__ = ["last_days", "ordinals_of"]

_VAGUE = {"month": "M", "year": "Y"}  # how much of a date is told -> its unit in NumPy


def ordinals_of(days: Any, key: str) -> np.ndarray:
    """Give the ordinals that pandas uses for the periods of days, or their weekdays from Monday = 1."""
    dated = pd.DatetimeIndex(_plain_days(days).astype("datetime64[s]"))
    if key == "weekday":
        return dated.day_of_week.to_numpy(dtype="int64") + 1
    return dated.to_period(FREQUENCIES[key]).astype("int64").to_numpy()


def last_days(days: Any, precision: Any = None) -> np.ndarray:
    """Give the last days on which facts may be: of a month, or of a year, its last one.

    Without a precision all are told to the day.
    """
    known = _plain_days(days)
    if precision is None:
        return known
    told = np.asarray(precision, dtype=object)
    for name, unit in _VAGUE.items():
        vague = (told == name) & ~np.isnat(known)
        following = known[vague].astype(f"datetime64[{unit}]") + 1
        known[vague] = following.astype("datetime64[D]") - 1
    return known


def _plain_days(days: Any) -> np.ndarray:
    return np.array(pd.Series(days).to_numpy(dtype="datetime64[D]"))
