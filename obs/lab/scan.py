"""Find the circle of areas with the most unlikely excess, and its p-value (scan statistic)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers

__all__ = ["ScanCluster", "scan_clusters"]


@dataclass(frozen=True)
class ScanCluster:
    """Areas of the most likely cluster, nearest to its centre first, and what it holds."""

    members: Integers
    events: float
    expected: float
    population: float
    log_likelihood_ratio: float
    p_value: float

    @property
    def ratio(self) -> float:
        """Observed over expected events."""
        return self.events / self.expected


def scan_clusters(
    events: ArrayLike,
    population: ArrayLike,
    coordinates: ArrayLike,
    *,
    rng: np.random.Generator,
    expected: ArrayLike | None = None,
    model: Literal["poisson", "binomial"] = "poisson",
    largest: float = 0.5,
    simulations: int = 999,
) -> ScanCluster:
    r"""Find the most likely cluster of high rates among circles around each area.

    For a circle with :math:`c` of :math:`C` events where :math:`e` of :math:`C` are
    expected, the Poisson log likelihood ratio is

    .. math:: c\ln\frac{c}{e} + (C-c)\ln\frac{C-c}{C-e} \quad \text{if } c > e
              \text{, else } 0.

    The p-value compares the largest ratio with those of simulated maps without a cluster;
    it answers for all circles at once.

    Parameters
    ----------
    events, population : array_like of shape (n,)
        Counts and people, none missing.
    coordinates : array_like of shape (n, 2)
        Centres, in a plane (metres), not degrees.
    rng : numpy.random.Generator
        For the simulations.
    expected : array_like of shape (n,), optional
        Expected counts (of a standardised comparison), scaled to the total; in proportion
        to the population by default. Poisson only.
    model : {"poisson", "binomial"}
        "binomial" where the events are a large part of the population.
    largest : float
        Largest share of the population a circle may hold.
    simulations : int
        Number of simulated maps; 0 gives no p-value.

    Returns
    -------
    ScanCluster
        The cluster with the largest ratio; no members if no circle has an excess.

    Raises
    ------
    ObsError
        Missing or negative values, shapes that differ, no event, an unknown model.

    Notes
    -----
    Only one cluster, only excesses, only circles. Counts that vary beyond Poisson make
    clusters of any noise: look at the over-dispersion first.

    References
    ----------
    .. [1] M. Kulldorff, 1997, A spatial scan statistic, Communications in Statistics 26.

    Examples
    --------
    >>> import numpy as np
    >>> cluster = scan_clusters([1, 2, 30, 25, 2], [100] * 5, [[0, 0], [1, 0], [2, 0], [3, 0],
    ...     [4, 0]], rng=np.random.default_rng(1), simulations=99)
    >>> cluster.members.tolist(), cluster.p_value
    ([3, 2], 0.01)
    """
    count, size, centres = _checked_areas(events, population, coordinates)
    if model not in ("poisson", "binomial"):
        raise ObsError(f"unknown model {model!r}; choose poisson or binomial")
    base = size if expected is None or model == "binomial" else np.asarray(expected, dtype=float)
    fitted = base * (count.sum() / base.sum())
    order = _circles(centres)
    inside = np.cumsum(size[order], axis=1)
    allowed = inside <= largest * size.sum() + 1e-9 * size.sum()
    score = _poisson_score(fitted[order]) if model == "poisson" else _binomial_score(inside, size)
    scores = np.where(allowed, score(count[order]), 0.0)
    best = np.unravel_index(int(np.argmax(scores)), scores.shape)
    found = float(scores[best])
    members = order[best[0], : best[1] + 1] if found > 0 else np.array([], dtype=np.int64)
    maps = _simulate(count, fitted, size, model, simulations, rng)
    above = sum(bool(np.where(allowed, score(m[order]), 0.0).max() >= found - 1e-12) for m in maps)
    return ScanCluster(
        members=members,
        events=float(count[members].sum()),
        expected=float(fitted[members].sum()),
        population=float(size[members].sum()),
        log_likelihood_ratio=found,
        p_value=(1 + above) / (1 + simulations) if simulations else float("nan"),
    )


def _circles(centres: Floats) -> Integers:
    """Order all areas by distance from each area."""
    gaps = np.hypot(*(centres[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
    return np.argsort(gaps, axis=1, kind="stable")


def _poisson_score(fitted: Floats) -> Callable[[Floats], Floats]:
    e = np.cumsum(fitted, axis=1)
    rest = np.maximum(e[0, -1] - e, 0.0)

    def score(count: Floats) -> Floats:
        c = np.cumsum(count, axis=1)
        out = c[0, -1] - c
        with np.errstate(divide="ignore", invalid="ignore"):
            value = special.xlogy(c, c / e) + special.xlogy(out, out / rest)
        return np.where((c > e) & (rest > 0), value, 0.0)

    return score


def _binomial_score(inside: Floats, size: Floats) -> Callable[[Floats], Floats]:
    outside = size.sum() - inside

    def part(c: Floats, n: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            value = special.xlogy(c, c / n) + special.xlogy(n - c, 1 - c / n)
        return np.asarray(value)

    def score(count: Floats) -> Floats:
        c = np.cumsum(count, axis=1)
        out = c[0, -1] - c
        whole = part(c[0, -1:], np.array([size.sum()]))
        value = part(c, inside) + part(out, outside) - whole
        return np.where((c * outside > out * inside) & (outside > 0), value, 0.0)

    return score


def _simulate(
    count: Floats,
    fitted: Floats,
    size: Floats,
    model: str,
    simulations: int,
    rng: np.random.Generator,
) -> Integers:
    total = int(count.sum())
    if model == "poisson":
        return rng.multinomial(total, fitted / fitted.sum(), size=simulations)
    people = np.round(size).astype(np.int64)
    return rng.multivariate_hypergeometric(people, total, size=simulations)


def _checked_areas(
    events: ArrayLike, population: ArrayLike, coordinates: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    count, size = np.asarray(events, dtype=np.float64), np.asarray(population, dtype=np.float64)
    centres = np.asarray(coordinates, dtype=np.float64)
    if count.shape != size.shape or centres.shape != (count.size, 2):
        raise ObsError("scan_clusters: counts, populations and (x, y) are one per area")
    if not (np.all(count >= 0) and np.all(size >= 0) and np.all(np.isfinite(centres))):
        raise ObsError("scan_clusters: counts, populations and places must be known, none negative")
    if count.sum() == 0:
        raise ObsError("scan_clusters: there is no event")
    return count, size, centres
