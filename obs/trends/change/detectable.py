"""Compute the least rise and fall that a comparison would have detected."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from obs.schemas import DETECTABLE
from obs.stats import minimum_detectable_change, minimum_detectable_difference
from obs.trends.change.period_exposures import Exposures

__all__ = ["least_detectable"]

POWER = 0.8  # four times in five (Cohen 1988)
_SELDOM = 0.01  # chance that too few events are left to say anything


def least_detectable(
    pairs: pd.DataFrame,
    sizes: Exposures,
    *,
    compared: pd.Series,
    together: pd.Series,
    confidence: float,
    adjust: Literal["holm", "bh", "none"],
    fewest: int,
) -> pd.DataFrame:
    r"""Give the smallest change of each pair that would have got a verdict, with 80 % power.

    The test is that of `compare_periods` at the strictest level its correction can ask,
    :math:`\alpha/m` with :math:`m` places compared (Holm and Benjamini-Hochberg ask less of
    the others once one is found), given the base count and both exposures; see
    `obs.stats.minimum_detectable_change` and `minimum_detectable_difference`. A change after
    which fewer than `fewest` events could be left (chance above 1 %) would be "too few to
    say": a fall that goes there is missing, a rise goes up to it.

    Returns `detectable_fall` and `detectable_rise`, relative (-0.2 is 20 % fewer);
    `detectable_fall_points` and `detectable_rise_points`, differences of shares (-0.03 is 3
    percentage points fewer), for shares alone. Missing where no such change would have shown.

    References
    ----------
    .. [1] H. S. Bloom, 1995, Minimum detectable effects, Evaluation Review 19.
    """
    share, old, new = sizes.share, sizes.old, sizes.new
    base = np.where(compared, _pair_floats(pairs, "numerator_base"), np.nan)
    many = together.to_numpy() if adjust != "none" else np.ones(len(pairs), dtype=np.int64)
    found = {name: np.full(len(pairs), np.nan) for name in DETECTABLE}
    floor = float(special.gammainccinv(fewest, _SELDOM))  # mean with that chance of fewer
    for m in np.unique(many[np.asarray(compared, dtype=bool)]):
        level = 1 - (1 - confidence) / m
        rows = (many == m) & ~share & ~np.isnan(base)
        ratio = new[rows] / old[rows]
        sides = minimum_detectable_change(
            base[rows], exposure_ratio=ratio, confidence=level, power=POWER
        )
        left = floor / (base[rows] * ratio) - 1
        for name, values in zip(DETECTABLE[:2], _possible_changes(*sides, left), strict=True):
            found[name][rows] = values
        rows = (many == m) & share & ~np.isnan(base)
        sides = minimum_detectable_difference(
            base[rows], old[rows], new[rows], confidence=level, power=POWER
        )
        left = floor / new[rows] - base[rows] / old[rows]
        for name, values in zip(DETECTABLE[2:], _possible_changes(*sides, left), strict=True):
            found[name][rows] = values
    return pd.DataFrame(found, index=pairs.index).astype("Float64")


def _possible_changes(
    fall: np.ndarray, rise: np.ndarray, left: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Leave out falls after which too few events are left; carry rises up to enough."""
    return np.where(fall >= left, fall, np.nan), np.where(np.isnan(rise), rise, np.fmax(rise, left))


def _pair_floats(pairs: pd.DataFrame, column: str) -> np.ndarray:
    return pairs[column].to_numpy(dtype="float64", na_value=np.nan)
