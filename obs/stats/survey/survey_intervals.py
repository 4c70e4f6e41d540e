"""Compute intervals of survey estimates.

A share of 0 or 1 gets an interval too: its variance cannot be estimated, but the number of
respondents still bounds the share.
"""

from typing import Literal, get_args

import numpy as np
from scipy import special, stats

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["ShareInterval", "share_interval", "t_interval", "t_quantile"]

ShareInterval = Literal["logit", "beta", "wilson", "arcsine", "likelihood", "normal"]


def t_quantile(df: Floats, *, confidence: float = 0.95) -> Floats:
    """Two-sided Student quantile; infinite where no degree of freedom is left.

    Parameters
    ----------
    df : ndarray
        Degrees of freedom.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    ndarray
        Quantiles.

    Examples
    --------
    >>> import numpy as np
    >>> t_quantile(np.array([14.0])).round(4)
    array([2.1448])
    """
    if not 0 < confidence < 1:
        raise ObsError(f"The confidence must be between 0 and 1 (0.95, not 95), not {confidence}.")
    known = np.where(df > 0, df, 1.0)
    quantile = stats.t.ppf((1 + confidence) / 2, known)
    return np.where(np.isnan(df), np.nan, np.where(df > 0, quantile, np.inf))


def t_interval(
    estimate: Floats, se: Floats, df: Floats, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Student interval on the design's degrees of freedom.

    Parameters
    ----------
    estimate, se, df : ndarray
        Estimate, standard error and degrees of freedom.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    low, high : ndarray
        Limits; the estimate itself where the standard error is 0.

    Examples
    --------
    >>> import numpy as np
    >>> t_interval(np.array([10.0]), np.array([0.0]), np.array([3.0]))
    (array([10.]), array([10.]))
    """
    half = np.where(se == 0, 0.0, t_quantile(df, confidence=confidence) * np.where(se == 0, 1, se))
    return estimate - half, estimate + half


def share_interval(
    share: Floats,
    variance: Floats,
    n: Floats,
    df: Floats,
    *,
    size: Floats | None = None,
    logit_variance: Floats | None = None,
    confidence: float = 0.95,
    method: ShareInterval = "logit",
    finite: bool = False,
) -> tuple[Floats, Floats]:
    r"""Interval of a share estimated from a survey.

    With the effective size :math:`n_e = p(1-p)/v`: *logit* and *arcsine* are Student intervals
    on that scale; *wilson* and *likelihood* put :math:`n_e` in the score and the binomial
    likelihood; *beta* is Clopper-Pearson with :math:`n_e` corrected for the degrees of freedom
    (Korn and Graubard), at most n. Where p is 0 or 1 every method gives the *beta* interval with ``size``,
    because no variance can be estimated there.

    Parameters
    ----------
    share, variance : ndarray
        Share from 0 to 1 and its variance.
    n, df : ndarray
        Respondents and degrees of freedom.
    size : ndarray, optional
        Effective size for a share of 0 or 1; n when not given.
    logit_variance : ndarray, optional
        Variance of the logit, when replicates give it; by the delta method otherwise.
    confidence : float
        Level, between 0 and 1.
    method : {"logit", "beta", "wilson", "arcsine", "likelihood", "normal"}
        Interval.
    finite : bool
        Whether the variance has a finite population correction: the sample then tells more of
        its population than n answers of a large one, and *beta* is not held to n.

    Returns
    -------
    low, high : ndarray
        Limits, from 0 to 1 (``normal`` alone may leave that range).

    Raises
    ------
    ObsError
        If the method is unknown.

    References
    ----------
    .. [1] Korn, E. L. and Graubard, B. I. (1998), Confidence intervals for proportions with
       small expected number of positive counts, Survey Methodology 24, 193-201.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = share_interval(
    ...     np.array([0.0, 0.5]), np.array([0.0, 0.0025]), np.array([100.0, 100.0]),
    ...     np.array([99.0, 99.0]),
    ... )
    >>> low.round(3), high.round(3)
    (array([0.   , 0.402]), array([0.036, 0.598]))
    """
    if method not in get_args(ShareInterval):
        allowed = ", ".join(get_args(ShareInterval))
        raise ObsError(f"Unknown interval {method!r}. Allowed: {allowed}.")
    inner = (share > 0) & (share < 1)
    p = np.where(inner, share, 0.5)
    se = np.sqrt(np.where(inner, variance, 0.25))
    quantile = t_quantile(df, confidence=confidence)
    quantile = np.where(np.isinf(quantile), 1e6, quantile)  # no degree of freedom: the whole range
    if method == "beta":
        known = _for_df(_effective(p, se), n, quantile, confidence)
        low, high = _beta(p, known if finite else np.minimum(known, n), confidence)
    elif method == "likelihood":
        low, high = _likelihood(p, _effective(p, se) * (n - 1) / np.maximum(n, 1), quantile)
    elif method == "logit" and logit_variance is not None:
        low, high = _logit(p, np.sqrt(np.where(inner, logit_variance, 1)) * p * (1 - p), quantile)
    else:
        low, high = _INTERVALS[method](p, se, quantile)
    edge = np.minimum(_for_df(n if size is None else size, n, quantile, confidence), n)
    edge_low, edge_high = _beta(np.where(inner, 0.0, share), edge, confidence)
    known = variance == 0
    low = np.where(inner, np.where(known, share, low), edge_low)
    high = np.where(inner, np.where(known, share, high), edge_high)
    return low, high


def _effective(p: Floats, se: Floats) -> Floats:
    return np.asarray(p * (1 - p) / np.where(se > 0, se, np.nan) ** 2)


def _for_df(size: Floats, n: Floats, quantile: Floats, confidence: float) -> Floats:
    """Correct an effective size for the degrees of freedom (Korn and Graubard)."""
    reference = t_quantile(np.maximum(n - 1, 1.0), confidence=confidence)
    return np.asarray(size * (reference / quantile) ** 2)


def _beta(p: Floats, size: Floats, confidence: float) -> tuple[Floats, Floats]:
    tail = (1 - confidence) / 2
    x = p * size
    low = np.where(p > 0, stats.beta.ppf(tail, np.where(p > 0, x, 1), size - x + 1), 0.0)
    high = np.where(p < 1, stats.beta.ppf(1 - tail, x + 1, np.where(p < 1, size - x, 1)), 1.0)
    return np.where(np.isnan(p), np.nan, low), np.where(np.isnan(p), np.nan, high)


def _logit(p: Floats, se: Floats, t: Floats) -> tuple[Floats, Floats]:
    centre, half = special.logit(p), t * se / (p * (1 - p))
    return special.expit(centre - half), special.expit(centre + half)


def _arcsine(p: Floats, se: Floats, t: Floats) -> tuple[Floats, Floats]:
    centre, half = np.arcsin(np.sqrt(p)), t * se / (2 * np.sqrt(p * (1 - p)))
    low, high = np.maximum(centre - half, 0.0), np.minimum(centre + half, np.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


def _wilson(p: Floats, se: Floats, t: Floats) -> tuple[Floats, Floats]:
    size = _effective(p, se)
    square = t**2 / size
    half = t * np.sqrt(p * (1 - p) / size + square / (4 * size))
    return (p + square / 2 - half) / (1 + square), (p + square / 2 + half) / (1 + square)


def _normal(p: Floats, se: Floats, t: Floats) -> tuple[Floats, Floats]:
    return p - t * se, p + t * se


def _likelihood(p: Floats, size: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Shares whose binomial deviance, with the effective size, is at most t squared."""
    limit = t**2 / (2 * size)
    sides = []
    for end in (0.0, 1.0):
        inner, outer = p, np.full_like(p, end)
        for _ in range(60):  # bisection halves the error each time
            middle = (inner + outer) / 2
            distance = special.kl_div(p, middle) + special.kl_div(1 - p, 1 - middle)
            inside = distance <= limit
            inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
        sides.append(inner)
    return sides[0], sides[1]


_INTERVALS = {
    "logit": _logit,
    "arcsine": _arcsine,
    "wilson": _wilson,
    "normal": _normal,
}
