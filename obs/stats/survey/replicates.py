"""Build or read replicate weights, and compute variances from them.

A replicate is a set of factors by sampling unit. The variance is the spread of the estimate over
the replicates, with the coefficients of the method.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from scipy import linalg, sparse

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats, Positions

__all__ = ["ReplicateMethod", "Replicates", "make_replicates", "replicate_scale"]

ReplicateMethod = Literal["jk1", "jkn", "brr", "fay", "bootstrap"]

MAX_FACTORS = 100_000_000  # 800 MB of factors; beyond, a jackknife should be a bootstrap


@dataclass(frozen=True)
class Replicates:
    """Replicate weights: ``base[i] * factor[unit[i], r]`` for row i and replicate r.

    Attributes
    ----------
    unit : ndarray of shape (n,)
        Unit of each row.
    base : ndarray of shape (n,)
        Weight of each row.
    factor : ndarray of shape (n_units, n_replicates)
        Factor of each unit in each replicate.
    scale : float
        Coefficient of the whole sum of squares.
    rscales : ndarray of shape (n_replicates,)
        Coefficient of each replicate.
    centre : {"mean", "estimate"}
        What deviations are taken from: the mean of the replicates or the full estimate.
    df : float, optional
        Degrees of freedom; None counts units and strata of the design.
    """

    unit: Positions
    base: Floats
    factor: Floats
    scale: float
    rscales: Floats
    centre: Literal["mean", "estimate"] = "mean"
    df: float | None = None

    def restrict(self, inside: Flags) -> "Replicates":
        """Set the weight to 0 outside a subpopulation, in every replicate."""
        return replace(self, base=np.where(inside, self.base, 0.0))

    def weights(self) -> Floats:
        """All replicate weights: ndarray of shape (n, n_replicates)."""
        return self.base[:, None] * self.factor[self.unit]

    def totals(self, values: Floats, domain: Positions, n_domains: int) -> Floats:
        """Domain totals of a row variable in each replicate: (n_domains, n_replicates)."""
        shape = (n_domains, self.factor.shape[0])
        sums = sparse.coo_array((self.base * values, (domain, self.unit)), shape=shape)
        return np.asarray(sums.tocsr() @ self.factor)

    def deviations(self, replicated: Floats, estimate: Floats) -> Floats:
        """Scaled deviations whose cross-product is the covariance: shape (..., n_replicates).

        A replicate of coefficient 0 (its stratum was taken whole) counts for nothing, whatever
        its estimate.
        """
        counted = self.rscales > 0
        found = np.zeros(replicated.shape)
        if counted.any():
            own = replicated[..., counted]
            mean = self.centre == "mean"
            centre = own.mean(axis=-1, keepdims=True) if mean else estimate[..., None]
            found[..., counted] = (own - centre) * np.sqrt(self.scale * self.rscales[counted])
        return found


def replicate_scale(method: ReplicateMethod, n_replicates: int, *, rho: float = 0.5) -> float:
    """Coefficient of the sum of squared deviations that goes with a method.

    Parameters
    ----------
    method : {"jk1", "jkn", "brr", "fay", "bootstrap"}
        How the replicates were made. For ``jkn`` the coefficient of each replicate,
        (n_h - 1) / n_h, is given apart.
    n_replicates : int
        Number of replicates R.
    rho : float
        Fay's factor, for ``fay`` alone.

    Returns
    -------
    float
        (R - 1) / R, 1, 1 / R, 1 / (R (1 - rho)^2) or 1 / (R - 1).

    Raises
    ------
    ObsError
        If the method is unknown or rho is not from 0 to below 1.

    Examples
    --------
    >>> replicate_scale("fay", 4, rho=0.5)
    1.0
    """
    if method not in get_args(ReplicateMethod):
        allowed = ", ".join(get_args(ReplicateMethod))
        raise ObsError(f"Unknown replicate method {method!r}. Allowed: {allowed}.")
    if not 0 <= rho < 1:
        raise ObsError(f"Fay's rho must be from 0 to below 1, not {rho:g}.")
    scales = {
        "jk1": (n_replicates - 1) / n_replicates,
        "jkn": 1.0,
        "brr": 1 / n_replicates,
        "fay": 1 / (n_replicates * (1 - rho) ** 2),
        "bootstrap": 1 / max(n_replicates - 1, 1),
    }
    return scales[method]


def make_replicates(
    weight: Floats,
    unit: Positions,
    first: Positions,
    *,
    method: ReplicateMethod,
    fraction: Floats | None = None,
    n: int = 500,
    rho: float = 0.5,
    rng: np.random.Generator | None = None,
) -> Replicates:
    """Make replicate weights from the first stage of a design.

    Parameters
    ----------
    weight : ndarray of shape (n_rows,)
        Full-sample weights.
    unit : ndarray of shape (n_rows,)
        First-stage unit of each row, consecutive within strata.
    first : ndarray of shape (n_strata + 1,)
        First unit of each stratum, then the number of units.
    method : {"jk1", "jkn", "brr", "fay", "bootstrap"}
        ``jk1`` drops one unit at a time (one stratum); ``jkn`` the same within strata;
        ``brr`` and ``fay`` need exactly two units per stratum; ``bootstrap`` draws n_h - 1 units
        of each stratum with replacement and rescales (Rao-Wu).
    fraction : ndarray of shape (n_strata,), optional
        Sampling fraction of the first stage; it enters the jackknife coefficients. The other
        methods have no finite population correction.
    n : int
        Number of bootstrap replicates.
    rho : float
        Fay's factor.
    rng : numpy.random.Generator, optional
        Needed by ``bootstrap``.

    Returns
    -------
    Replicates
        Factors by unit.

    Raises
    ------
    ObsError
        If the design does not fit the method, or there would be too many factors.

    References
    ----------
    .. [1] Rao, J. N. K. and Wu, C. F. J. (1988), Resampling inference with complex survey data,
       Journal of the American Statistical Association 83, 231-241.
    .. [2] Wolter, K. (2007), Introduction to Variance Estimation, 2nd edition, Springer.

    Examples
    --------
    >>> import numpy as np
    >>> made = make_replicates(
    ...     np.ones(3), np.arange(3), np.array([0, 3]), method="jk1"
    ... )
    >>> made.factor
    array([[0. , 1.5, 1.5],
           [1.5, 0. , 1.5],
           [1.5, 1.5, 0. ]])
    """
    sizes, kept = np.diff(first), np.ones(len(first) - 1) if fraction is None else 1 - fraction
    if (sizes < 2).any():
        raise ObsError(
            f"{int((sizes < 2).sum())} strata have a single unit: replicate weights cannot be "
            "made. Merge these strata first."
        )
    if method in ("brr", "fay"):
        factor = _balanced(sizes, 0.0 if method == "brr" else rho)
        rscales = np.ones(factor.shape[1])
    elif method == "bootstrap":
        factor = _bootstrap(sizes, n, rng)
        rscales = np.ones(n)
    else:
        factor = _jackknife(sizes, method)
        rscales = np.repeat(kept * (1.0 if method == "jk1" else (sizes - 1) / sizes), sizes)
    scale = replicate_scale(method, factor.shape[1], rho=rho)
    if method == "jk1":
        scale, rscales = scale * float(kept[0]), np.ones(factor.shape[1])
    return Replicates(unit, weight, factor, scale, rscales)


def _jackknife(sizes: Positions, method: ReplicateMethod) -> Floats:
    if method == "jk1" and len(sizes) > 1:
        raise ObsError("The method jk1 is for a design of one stratum. Use jkn.")
    n_units = int(sizes.sum())
    if n_units**2 > MAX_FACTORS:
        raise ObsError(
            f"A jackknife of {n_units} units needs {n_units**2:,} factors. Use bootstrap."
        )
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    own = sizes / (sizes - 1)
    factor = np.where(stratum[:, None] == stratum, own[stratum][:, None], 1.0)
    np.fill_diagonal(factor, 0.0)
    return factor


def _balanced(sizes: Positions, rho: float) -> Floats:
    if (sizes != 2).any():
        raise ObsError(
            f"{int((sizes != 2).sum())} strata do not have exactly two units: brr and fay cannot "
            "be used. Use jkn or bootstrap."
        )
    order = 1 << int(len(sizes)).bit_length()
    signs = linalg.hadamard(order)[1 : len(sizes) + 1].astype(np.float64)
    both = np.stack([1 + (1 - rho) * signs, 1 - (1 - rho) * signs], axis=1)
    return np.asarray(both.reshape(2 * len(sizes), order))


def _bootstrap(sizes: Positions, n: int, rng: np.random.Generator | None) -> Floats:
    if rng is None:
        raise ObsError("Bootstrap replicates need a random generator: give rng.")
    draws = [
        rng.multinomial(size - 1, np.full(size, 1 / size), size=n).T * (size / (size - 1))
        for size in sizes.tolist()
    ]
    return np.vstack(draws).astype(np.float64)
