"""Build the harmonics of a season as columns of a regression."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["harmonic_terms"]


def harmonic_terms(
    positions: ArrayLike, *, period: float, harmonics: int = 2
) -> tuple[Floats, tuple[str, ...]]:
    """Make sine and cosine columns of a season.

    Parameters
    ----------
    positions : array_like of shape (n,)
        Time in the unit of `period`.
    period : float
        Length of the season: 12 months, 365.25 days.
    harmonics : int
        Waves a season: 1 up to half the period.

    Returns
    -------
    columns : ndarray of shape (n, 2 * harmonics)
    names : tuple of str
        `sin1, cos1, sin2, ...`

    Raises
    ------
    ObsError
        A period or a number of harmonics not above 0.

    Examples
    --------
    >>> columns, names = harmonic_terms([3, 6], period=12, harmonics=1)
    >>> names, columns.round(2).tolist()
    (('sin1', 'cos1'), [[1.0, 0.0], [0.0, -1.0]])
    """
    if not period > 0 or harmonics < 1:
        raise ObsError("a season has a length above 0 and one harmonic or more")
    angle = 2 * np.pi * np.asarray(positions, dtype=np.float64)[:, None] / period
    waves = np.arange(1, harmonics + 1)
    columns = np.stack([np.sin(angle * waves), np.cos(angle * waves)], axis=2)
    names = tuple(f"{wave}{k}" for k in waves for wave in ("sin", "cos"))
    return columns.reshape(angle.shape[0], -1), names
