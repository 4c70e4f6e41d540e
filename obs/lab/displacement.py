"""Estimate whether crime fell where a measure ran or moved next door: weighted displacement.

The inputs are counts before and after in the treated, the displacement and the control area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["Displacement", "weighted_displacement_difference"]


@dataclass(frozen=True)
class Displacement:
    """The difference with its standard error, interval and p-value, and its two parts."""

    difference: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    p_value: Floats
    local: Floats
    displaced: Floats


def weighted_displacement_difference(
    treated: ArrayLike,
    control: ArrayLike,
    displacement: ArrayLike | None = None,
    displacement_control: ArrayLike | None = None,
    *,
    weights: tuple[float, float] = (1.0, 1.0),
    confidence: float = 0.95,
) -> Displacement:
    r"""Estimate the events a local measure avoided, those moved next door counted.

    :math:`WDD = \Delta_T - \Delta_C + \Delta_D - \Delta_{DC}`, each :math:`\Delta` the count
    after less the count before. Counts are taken as Poisson, so the variance is the sum of
    all the counts. A period of another length is brought to the first's by its weight.

    Parameters
    ----------
    treated, control : array_like of shape (..., 2)
        Counts before and after in the treated and its control area.
    displacement, displacement_control : array_like of shape (..., 2) or None
        The same where events may have moved, and its control; None for no such area.
    weights : (float, float)
        Multiply the counts before and after: (0.5, 1) for a before twice as long.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Displacement
        Below 0: events avoided. `local` is the treated-control part, `displaced` the
        rest (above 0: events moved).

    Raises
    ------
    ObsError
        Negative or missing counts, an axis that is not before and after.

    Notes
    -----
    The control must have moved alongside the treated area before (as many events more or
    fewer, not as many per cent): with areas of different sizes take rates of change
    instead, or `fit_interruption` on series.

    References
    ----------
    .. [1] A. P. Wheeler and J. H. Ratcliffe, 2018, A simple weighted displacement
       difference test to evaluate place based crime interventions, Crime Science 7:11.

    Examples
    --------
    >>> result = weighted_displacement_difference([100, 70], [100, 95], [40, 42], [40, 40])
    >>> float(result.difference), float(result.standard_error.round(2))
    (-23.0, 22.96)
    """
    areas = [treated, control, displacement, displacement_control]
    names = ("treated", "control", "displacement", "displacement_control")
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    counts = [_checked_pair(area, name) for area, name in zip(areas, names, strict=True)]
    scale = np.asarray(weights, dtype=np.float64)
    change = [(pair * scale)[..., 1] - (pair * scale)[..., 0] for pair in counts]
    variance = sum((pair * scale**2).sum(axis=-1) for pair in counts)
    local, moved = change[0] - change[1], change[2] - change[3]
    difference, error = local + moved, np.sqrt(variance)
    half = special.ndtri(0.5 + confidence / 2) * error
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = np.where(error > 0, 2 * special.ndtr(-np.abs(difference) / error), np.nan)
    return Displacement(
        difference=np.asarray(difference),
        standard_error=np.asarray(error),
        low=np.asarray(difference - half),
        high=np.asarray(difference + half),
        p_value=np.asarray(p_value),
        local=np.asarray(local),
        displaced=np.asarray(moved),
    )


def _checked_pair(area: ArrayLike | None, name: str) -> Floats:
    pair = np.zeros(2) if area is None else np.asarray(area, dtype=np.float64)
    if pair.shape[-1:] != (2,) or not np.all(pair >= 0):
        raise ObsError(f"{name}: counts before and after are needed, at least 0 and not missing")
    return pair
