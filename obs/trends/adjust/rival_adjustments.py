"""Adjust a series by other methods than our X-11: count model, STL, the X-13 program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.errors import ObsError
from obs.stats.seasonal import decompose_stl, fit_count_season, seasonality_f
from obs.trends.adjust.x13_program import run_x13

__all__ = ["OTHER_METHODS"]

Array = NDArray[np.float64]
Dates = NDArray[np.datetime64]
Adjustment = tuple[pd.DataFrame, dict[str, Any]]


def _adjust_by_counts(
    values: Array, months: Dates, period: int, crises: Sequence[int]
) -> Adjustment:
    fitted = fit_count_season(values, months, period=period)  # type: ignore[arg-type]
    part = _parts_table(values, fitted.trend, fitted.seasonal, fitted.adjusted)
    return part, _note(values, fitted.adjusted, period, good=fitted.has_season)


def _stl(values: Array, months: Dates, period: int, crises: Sequence[int]) -> Adjustment:
    if not np.all(values > 0):
        raise ObsError("STL of logarithms needs counts above 0 in every period")
    _least_years(values, period)
    parts = decompose_stl(np.log(values), period=period, robust=True)
    seasonal = np.exp(parts.seasonal)
    part = _parts_table(values, np.exp(parts.trend), seasonal, values / seasonal)
    return part, _note(values, values / seasonal, period)


def _x13(values: Array, months: Dates, period: int, crises: Sequence[int]) -> Adjustment:
    _least_years(values, period)
    first = months[0].astype("datetime64[M]").astype(int)
    found = run_x13(
        values,
        year=1970 + first // 12,
        place=(first % 12) // (12 // period) + 1,
        period=period,
        crises=crises,
    )
    adjusted = found["adjusted"]
    part = _parts_table(values, found["trend"], found["seasonal"], adjusted)
    return part, _note(values, adjusted, period)


def _least_years(values: Array, period: int) -> None:
    if values.size < 3 * period or np.isnan(values).any():
        raise ObsError("three years or more without a missing value are needed")


def _parts_table(values: Array, trend: Array, seasonal: Array, adjusted: Array) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "observed": values,
            "trend": trend,
            "seasonal": seasonal,
            "calendar": np.ones(values.size),
            "adjusted": adjusted,
            "outlier": pd.array([None] * values.size, dtype="str"),
        }
    )


def _note(
    values: Array, adjusted: Array, period: int, *, good: bool | None = None
) -> dict[str, Any]:
    after = seasonality_f(adjusted, period=period)[1]
    return {
        "mode": "multiplicative",
        "calendar_effects": "none",
        "outliers": 0,
        "season_before_p": seasonality_f(values, period=period)[1],
        "season_after_p": after,
        "good": after > 0.01 if good is None else good,
    }


OTHER_METHODS: dict[str, Callable[[Array, Dates, int, Sequence[int]], Adjustment]] = {
    "count": _adjust_by_counts,
    "stl": _stl,
    "x13": _x13,
}
