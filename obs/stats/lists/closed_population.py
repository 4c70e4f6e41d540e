"""Estimate how many persons are on no list, by log-linear models of two or more lists.

The estimate assumes lists that link without error, one closed population, and the dependence
that the model allows. The data can verify none of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from obs.errors import ObsError
from obs.stats.arrays import Floats, Integers
from obs.stats.lists.capture_histories import full_table
from obs.stats.lists.loglinear import PoissonFit, fit_poisson

__all__ = [
    "Abundance",
    "abundance_profile",
    "chapman",
    "closed_population",
    "lower_bound",
]

Model = Literal["M0", "Mt", "Mh", "Mth", "Mb", "Mbh"]
Heterogeneity = Literal["chao", "poisson", "darroch", "gamma"]
_POISSON_BASE = 2.0  # Rivest and Baillargeon's usual values
_GAMMA_SHAPE = 3.5
_HOPELESS = 100.0  # error over total: beyond, the likelihood has no top


@dataclass(frozen=True)
class Abundance:
    """A population and its standard error, and how well the model fits the lists."""

    total: float
    error: float
    observed: float
    deviance: float
    df: int
    aic: float
    bic: float
    model: str
    columns: Floats = field(repr=False)
    counts: Floats = field(repr=False)

    @property
    def hidden(self) -> float:
        """Those on no list."""
        return self.total - self.observed


def closed_population(
    histories: ArrayLike,
    counts: ArrayLike,
    *,
    model: Model = "Mt",
    heterogeneity: Heterogeneity = "chao",
    terms: Sequence[Sequence[int]] | None = None,
) -> Abundance:
    r"""Estimate a closed population from the lists its members are on.

    Poisson log-linear model of the number of persons with each history :math:`\omega`
    (which lists), all possible ones but the empty: :math:`\ln\mu_\omega = \gamma + x_\omega
    \beta`; those on no list number :math:`e^\gamma`.

    Parameters
    ----------
    histories : array_like of shape (m, k)
        1 where on the list; a history that is not there counts 0.
    counts : array_like of shape (m,)
        Persons with each history.
    model : {"M0", "Mt", "Mh", "Mth", "Mb", "Mbh"}
        What chances differ by: nothing, list (t), person (h), being caught before (b: lists
        in the order of time).
    heterogeneity : {"chao", "poisson", "darroch", "gamma"}
        How persons differ in Mh and Mth; "chao" gives a lower bound.
    terms : sequence of sequences of int, optional
        Instead of `model`: sets of lists (from 0) that depend on one another beyond their
        parts; `[(0,), (1,), (0, 1)]`. See `list_terms`.

    Returns
    -------
    Abundance
        `error` as in Rcapture: of the population estimated by Poisson likelihood.

    Raises
    ------
    ObsError
        Fewer than two lists, histories that are not 0 and 1 or empty, bad counts, a model
        that the lists cannot carry, or that has no finite estimate (no one on two lists).

    Notes
    -----
    Models that fit equally can give populations that differ several times: look at all of
    them, and prefer to publish the lower bound.

    References
    ----------
    .. [1] L. P. Rivest and S. Baillargeon, 2007, Applications and extensions of Chao's
       moment estimator for the size of a closed population, Biometrics 63.
    .. [2] S. E. Fienberg, 1972, The multiple recapture census for closed populations and
       incomplete 2^k contingency tables, Biometrika 59.

    Examples
    --------
    >>> result = closed_population([[1, 1], [1, 0], [0, 1]], [60, 240, 140])
    >>> round(result.total), round(result.error, 1)
    (1000, 96.6)
    """
    lists, y = full_table(histories, counts)
    name = "terms" if terms is not None else model
    columns = _model_columns(lists, name, heterogeneity, terms)
    if columns.shape[1] + 1 > len(y):
        raise ObsError(f"{name}: {len(y)} histories cannot carry {columns.shape[1] + 1} terms")
    if name in ("Mh", "Mth") and heterogeneity == "chao":
        columns = _without_negative(columns, y, lists)
    fit = fit_poisson(np.column_stack([np.ones(len(y)), columns]), y)
    label = f"{name} {heterogeneity}" if name in ("Mh", "Mth") else name
    total, error = _population(fit, name, lists, y)
    if not error < _HOPELESS * total:
        raise ObsError(
            f"{name}: no estimate exists, too few persons are on several lists (a person on two "
            "at least is needed where lists are independent); take fewer terms or join lists"
        )
    return Abundance(
        total=total,
        error=error,
        observed=float(y.sum()),
        deviance=fit.deviance,
        df=fit.df,
        aic=fit.aic,
        bic=fit.aic + (np.log(y.sum()) - 2) * len(fit.coefficients),
        model=label,
        columns=columns,
        counts=y,
    )


def abundance_profile(result: Abundance, *, confidence: float = 0.95) -> tuple[float, float, float]:
    r"""Give the population that is most likely, and the limits of those not much less so.

    Profile of the multinomial likelihood over the number on no list; limits where twice the
    log likelihood is :math:`\chi^2_{1}` below its top.

    Parameters
    ----------
    result : Abundance
        Of any model but Mb and Mbh.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    total, low, high : float
        The upper limit is infinite where the likelihood never falls that far.

    Raises
    ------
    ObsError
        A bad confidence, a model of behaviour.

    Notes
    -----
    `total` lies a little below the Poisson estimate. Not symmetric, and so better than plus
    or minus two standard errors, above all with few persons on two lists.

    References
    ----------
    .. [1] R. M. Cormack, 1992, Interval estimation for mark-recapture studies of closed
       populations, Biometrics 48.

    Examples
    --------
    >>> result = closed_population([[1, 1], [1, 0], [0, 1]], [60, 240, 140])
    >>> [round(x) for x in abundance_profile(result)]
    [996, 836, 1222]
    """
    if result.model in ("Mb", "Mbh") or not 0 < confidence < 1:
        raise ObsError("abundance_profile: not for Mb and Mbh; confidence between 0 and 1")
    design = np.column_stack([np.ones(len(result.counts) + 1), _with_empty(result.columns)])

    def likelihood(total: float) -> float:
        hidden = max(total - result.observed, 0.0)
        fit = fit_poisson(design, np.append(result.counts, hidden))
        return _cormack(hidden, total) - float(fit.deviance) / 2

    wide = 3 * max(result.total, result.observed + 1)
    top = optimize.minimize_scalar(
        lambda t: -likelihood(t), bounds=(result.observed, wide), options={"xatol": 1e-6}
    ).x
    floor = likelihood(top) - float(special.chdtri(1, 1 - confidence)) / 2

    def above(total: float) -> float:
        return likelihood(total) - floor

    low = result.observed
    if above(low + 1e-9) < 0:
        low = optimize.brentq(above, low + 1e-9, top)
    ceiling = 2 * wide
    while above(ceiling) > 0 and ceiling < 1e4 * wide:
        ceiling *= 2
    high = optimize.brentq(above, top, ceiling) if above(ceiling) < 0 else float("inf")
    return float(top), float(low), float(high)


def chapman(first: ArrayLike, second: ArrayLike, both: ArrayLike) -> tuple[Floats, Floats]:
    r"""Estimate a population from two lists without the bias of small overlaps.

    .. math:: \hat N = \frac{(n_1+1)(n_2+1)}{m+1} - 1, \qquad
              V = \frac{(n_1+1)(n_2+1)(n_1-m)(n_2-m)}{(m+1)^2(m+2)}

    Parameters
    ----------
    first, second, both : array_like of shapes that broadcast
        Persons on the first list, on the second, on both.

    Returns
    -------
    total, error : ndarray
        Estimate and standard error; finite even without overlap.

    Raises
    ------
    ObsError
        More persons on both lists than on one of them, or negative numbers.

    Notes
    -----
    Two lists cannot tell independence from dependence: when being on one makes the other
    likelier (police and prosecutor) the estimate is too low.

    References
    ----------
    .. [1] D. G. Chapman, 1951; G. A. F. Seber, 1970, The effects of trap response on
       tag recapture estimates, Biometrics 26.

    Examples
    --------
    >>> total, error = chapman(300, 200, 60)
    >>> float(total.round(1)), float(error.round(1))
    (990.8, 93.9)
    """
    n1, n2, m = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (first, second, both))
    )
    if np.isinf(n1).any() or np.isinf(n2).any():
        raise ObsError("chapman: an infinite number of persons; leave unknown ones missing")
    if np.any(m < 0) or np.any(m > np.minimum(n1, n2)):
        raise ObsError("chapman: those on both lists are at least 0 and at most those on either")
    product = (n1 + 1) * (n2 + 1)
    variance = product * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2))
    return product / (m + 1) - 1, np.sqrt(variance)


def lower_bound(histories: ArrayLike, counts: ArrayLike) -> tuple[float, float, float, float]:
    r"""Give Chao's lower bound of a population whose members differ in how easily listed.

    :math:`n + \frac{k-1}{k}\frac{f_1(f_1-1)}{2(f_2+1)}` with :math:`f_1`, :math:`f_2` the
    persons on one and on two of :math:`k` lists of like size. Lists of unlike size push it
    above the truth: take `closed_population(model="Mth", heterogeneity="chao")` then.

    Parameters
    ----------
    histories : array_like of shape (m, k)
        As in `closed_population`.
    counts : array_like of shape (m,)
        Persons with each history.

    Returns
    -------
    total, error, low, high : float
        Estimate, standard error, and 95 % limits on the log scale of those on no list; the last
        three are NaN where fewer than two persons are on one list alone.

    Raises
    ------
    ObsError
        As `closed_population`.

    References
    ----------
    .. [1] A. Chao, 1987, Estimating the population size for capture-recapture data with
       unequal catchability, Biometrics 43.

    Examples
    --------
    >>> [round(x) for x in lower_bound([[1, 1], [1, 0], [0, 1]], [60, 240, 140])]
    [1030, 99, 866, 1258]
    """
    lists, y = full_table(histories, counts)
    k, n = lists.shape[1], float(y.sum())
    on = lists.sum(axis=1)
    f1, f2 = float(y[on == 1].sum()), float(y[on == 2].sum())
    share = (k - 1) / k
    hidden = share * f1 * (f1 - 1) / (2 * (f2 + 1))
    spread = share**2 * f1 * (f1 - 1) * (f1**2 + 4 * f1 * f2 + 3 * f1 - 6 * f2 - 6)
    variance = hidden + spread / (4 * (f2 + 1) ** 2 * (f2 + 2))
    if hidden == 0:  # nobody, or one person, on one list alone: nothing tells how many are on none
        return n, np.nan, np.nan, np.nan
    factor = float(np.exp(special.ndtri(0.975) * np.sqrt(np.log1p(variance / hidden**2))))
    return n + hidden, float(np.sqrt(variance)), n + hidden / factor, n + hidden * factor


def _model_columns(
    lists: Integers, model: str, heterogeneity: str, terms: Sequence[Sequence[int]] | None
) -> Floats:
    on, k = lists.sum(axis=1).astype(np.float64), lists.shape[1]
    if terms is not None:
        return np.column_stack([lists[:, list(t)].prod(axis=1) for t in terms]).astype(np.float64)
    if model in ("Mb", "Mbh"):
        return _behaviour_columns(lists, model)
    if model not in ("M0", "Mt", "Mh", "Mth"):
        raise ObsError(f"unknown model {model!r}; choose M0, Mt, Mh, Mth, Mb or Mbh")
    base = lists.astype(np.float64) if "t" in model else on[:, None]
    if "h" not in model:
        return base
    extra = {
        "chao": lambda: np.maximum(on[:, None] - np.arange(2, k), 0.0),
        "poisson": lambda: _POISSON_BASE**on - 1,
        "darroch": lambda: on**2 / 2,
        "gamma": lambda: np.log(_GAMMA_SHAPE) - np.log(_GAMMA_SHAPE + on),
    }
    if heterogeneity not in extra:
        raise ObsError(f"unknown heterogeneity {heterogeneity!r}; choose {', '.join(extra)}")
    return np.column_stack([base, extra[heterogeneity]()])


def _behaviour_columns(lists: Integers, model: str) -> Floats:
    """Count misses before the first list and lists after it."""
    first = lists.argmax(axis=1)
    again = lists.sum(axis=1) - 1
    columns = [first, again] if model == "Mb" else [first == 0, np.maximum(first - 1, 0), again]
    return np.column_stack(columns).astype(np.float64)


def _without_negative(columns: Floats, y: Floats, lists: Integers) -> Floats:
    """Drop heterogeneity terms below 0, which no mixture of persons can give."""
    base = columns.shape[1] - (lists.shape[1] - 2)
    while columns.shape[1] > base:
        fit = fit_poisson(np.column_stack([np.ones(len(y)), columns]), y)
        negative = np.flatnonzero(fit.coefficients[1 + base :] < 0)
        if negative.size == 0:
            break
        columns = np.delete(columns, base + negative[0], axis=1)
    return columns


def _population(fit: PoissonFit, model: str, lists: Integers, y: Floats) -> tuple[float, float]:
    if model in ("Mb", "Mbh"):
        return _behaviour_population(fit, model, lists, y)
    hidden = float(np.exp(fit.coefficients[0]))
    return float(y.sum()) + hidden, float(np.sqrt(hidden + hidden**2 * fit.covariance[0, 0]))


def _behaviour_population(
    fit: PoissonFit, model: str, lists: Integers, y: Floats
) -> tuple[float, float]:
    """Continue the falling numbers of first listings; those caught later do not matter."""
    first = lists.argmax(axis=1)
    fresh = np.bincount(first, weights=y, minlength=lists.shape[1])
    start = 0 if model == "Mb" else 1
    kept = np.asarray(fresh[start:], dtype=np.float64)
    design = np.column_stack([np.ones(len(kept)), np.arange(len(kept), dtype=np.float64)])
    line = fit_poisson(design, kept)
    miss = float(np.exp(line.coefficients[1]))
    if miss >= 1:
        raise ObsError(f"{model}: first listings do not fall from list to list; no estimate")
    total = float(np.exp(line.coefficients[0])) / (1 - miss)
    slope = total * np.array([1.0, miss / (1 - miss)])
    variance = float(slope @ line.covariance @ slope) - total
    return total + float(fresh[:start].sum()), float(np.sqrt(variance))


def _with_empty(columns: Floats) -> Floats:
    return np.vstack([columns, np.zeros((1, columns.shape[1]))])


def _cormack(hidden: float, total: float) -> float:
    """Give what turns a Poisson into a multinomial likelihood when the total is fixed."""
    own = hidden * np.log(hidden) - special.gammaln(hidden + 1) if hidden > 0 else 0.0
    return float(own + special.gammaln(total + 1) - total * np.log(total))
