"""Compute tails, quantiles and draws of a mixture of centred Student distributions.

Each distribution has its scale and weight; the mixture describes errors of uncertain size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from obs.stats.arrays import Floats

__all__ = ["ErrorMixture"]


@dataclass(frozen=True)
class ErrorMixture:
    """A centred error of several possible variances.

    Attributes
    ----------
    variance : ndarray of shape (n_pairs, m)
        Of each of m errors, for each possibility.
    weight : ndarray of shape (n_pairs,)
        Of each possibility; sums to 1.
    df : float
        Degrees of freedom; infinite for normal errors.
    """

    variance: Floats
    weight: Floats
    df: float

    def tail(self, distance: Floats) -> Floats:
        """Give the chance of an error farther from 0 than each distance, on either side."""
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(distance == 0, 0.0, distance / np.sqrt(self.variance))
        return np.asarray(2 * self.weight @ self._below(-score))

    def half_width(self, confidence: float) -> Floats:
        """Give the distance from 0 within which errors stay with the chance given.

        Newton's steps find it to a relative 1e-9; they never pass the root, because the chance of
        being farther is convex.
        """
        scale = np.sqrt(self.variance)
        half = -self._student_quantile((1 - confidence) / 2) * scale.min(axis=0)
        step = half
        while np.any(step > 1e-9 * half):
            with np.errstate(divide="ignore", invalid="ignore"):
                slope = (
                    2 * self.weight @ np.where(scale > 0, self._density(half / scale) / scale, 0)
                )
                step = np.where(slope > 0, (self.tail(half) - (1 - confidence)) / slope, 0.0)
            half = half + step
        return np.asarray(half)

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw n rows of m errors; those of a row have one possibility in common."""
        which = rng.choice(self.weight.size, n, p=self.weight)
        errors = rng.normal(size=(n, self.variance.shape[1])) * np.sqrt(self.variance[which])
        if np.isfinite(self.df):
            errors *= np.sqrt(self.df / rng.chisquare(self.df, n))[:, None]
        return np.asarray(errors)

    def _below(self, score: Floats) -> Floats:
        if np.isfinite(self.df):
            return np.asarray(special.stdtr(self.df, score))
        return np.asarray(special.ndtr(score))

    def _density(self, score: Floats) -> Floats:
        if np.isfinite(self.df):
            scale = np.sqrt(self.df) * special.beta(self.df / 2, 0.5)
            return np.asarray((1 + score**2 / self.df) ** (-(self.df + 1) / 2) / scale)
        return np.asarray(np.exp(-(score**2) / 2) / np.sqrt(2 * np.pi))

    def _student_quantile(self, chance: float) -> float:
        if np.isfinite(self.df):
            return float(special.stdtrit(self.df, chance))
        return float(special.ndtri(chance))
