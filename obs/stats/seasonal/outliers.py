"""Find additive outliers, level shifts and temporary changes in a regression with airline errors.

The months of a crisis such as the pandemic are a run of outliers, not a new season.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.seasonal.airline import START, AirlineFit, difference, fit_airline, whiten

__all__ = ["Outlier", "OutlierKind", "critical_value", "find_outliers", "outlier_regressors"]

OutlierKind = Literal["AO", "LS", "TC"]

_DECAY = 0.7  # a temporary change loses 30 % a month, the rule of TRAMO and X-12-ARIMA
_NO_NOISE = 1e-8  # residuals this small beside the series are rounding, not noise
_MOST = 0.12  # no more than this share of the months may be called outlying


@dataclass(frozen=True)
class Outlier:
    """One month that the model does not explain: its position, kind, size, t-value.

    The size is on the scale of the fit: logarithms, or parts of the mean absolute value.
    """

    kind: OutlierKind
    at: int
    effect: float
    t_value: float


def critical_value(n: int, *, false_alarm: float = 0.05) -> float:
    r"""Give the t-value above which a month of a series of n is called an outlier.

    The upper quantile of the largest of n absolute standard normal values, by its
    extreme-value limit: with :math:`a = \sqrt{2\ln n}`,
    :math:`a - (\ln\ln n + \ln 4\pi)/2a - \ln(-\tfrac12\ln(2-\sqrt{1+\alpha}))/a`.

    Raises `ObsError` for fewer than 13 months, a chance outside ]0, 1[.

    References
    ----------
    .. [1] G. M. Ljung, 1993, On outlier detection in time series, JRSS B 55.

    Examples
    --------
    >>> round(critical_value(120), 2), round(critical_value(60), 2)
    (3.85, 3.7)
    """
    if n < 13 or not 0 < false_alarm < 1:
        raise ObsError("an outlier limit needs 13 months or more and a chance between 0 and 1")
    scale = np.sqrt(2 * np.log(n))
    location = scale - (np.log(np.log(n)) + np.log(4 * np.pi)) / (2 * scale)
    quantile = -np.log(-0.5 * np.log(2 - np.sqrt(1 + false_alarm)))
    return float(location + quantile / scale)


def outlier_regressors(n: int, found: Sequence[tuple[OutlierKind, int]]) -> Floats:
    """Make one regressor for each outlier.

    AO is one month; LS is a lasting step, -1 before and 0 from the month on (so that the
    last level is the level of the series); TC is a jump that decays by 30 % a month.

    Examples
    --------
    >>> outlier_regressors(4, [("AO", 1), ("LS", 2), ("TC", 1)]).T.round(2).tolist()
    [[0.0, 1.0, 0.0, 0.0], [-1.0, -1.0, 0.0, 0.0], [0.0, 1.0, 0.7, 0.49]]
    """
    months = np.arange(n)
    made = np.empty((n, len(found)))
    for j, (kind, at) in enumerate(found):
        if kind == "AO":
            made[:, j] = months == at
        elif kind == "LS":
            made[:, j] = np.where(months < at, -1.0, 0.0)
        else:
            made[:, j] = np.where(months < at, 0.0, _DECAY ** np.maximum(months - at, 0))
    return made


def find_outliers(
    values: Floats,
    regressors: Floats,
    *,
    period: int = 12,
    kinds: Sequence[OutlierKind] = ("AO", "LS", "TC"),
    critical: float | None = None,
    known: Sequence[tuple[OutlierKind, int]] = (),
) -> tuple[tuple[Outlier, ...], AirlineFit]:
    """Add the most significant outlier until none is left, then drop those that faded.

    Returns `outliers`: the known first, then the found, each with its effect and t-value; `fit`:
    the fit with `regressors` and then one column for each outlier.

    References
    ----------
    .. [1] I. Chang, G. C. Tiao and C. Chen, 1988, Estimation of time series parameters in
       the presence of outliers, Technometrics 30.
    .. [2] C. Chen and L.-M. Liu, 1993, Joint estimation of model parameters and outlier
       effects in time series, JASA 88.
    """
    n, n_known = values.size, len(known)
    limit = critical_value(n) if critical is None else critical
    candidates = _candidates(n, period, kinds)
    columns = difference(outlier_regressors(n, candidates), period)
    chosen = list(known)
    fit = _fit_with_outliers(values, regressors, chosen, period)
    while len(chosen) < n_known + _MOST * n:
        t_values = _candidate_t(fit, values, regressors, columns, chosen)
        t_values[[i for i, c in enumerate(candidates) if c in chosen]] = 0.0
        best = int(np.argmax(np.abs(t_values)))
        if abs(t_values[best]) < limit:
            break
        chosen.append(candidates[best])
        fit = _fit_with_outliers(values, regressors, chosen, period, fit)
    chosen, fit = _prune(fit, values, regressors, chosen, n_known, limit)
    return _describe_outliers(fit, chosen, regressors.shape[1]), fit


def _candidates(n: int, period: int, kinds: Sequence[OutlierKind]) -> list[tuple[OutlierKind, int]]:
    """All places where an outlier can be told from another kind and from the start."""
    return [
        (kind, at)
        for kind in kinds
        for at in range(n)
        if kind == "AO" or 2 <= at < n - (2 if kind == "LS" else 1)
    ]


def _fit_with_outliers(
    values: Floats,
    regressors: Floats,
    chosen: Sequence[tuple[OutlierKind, int]],
    period: int,
    like: AirlineFit | None = None,
) -> AirlineFit:
    columns = np.column_stack([regressors, outlier_regressors(values.size, chosen)])
    start = START if like is None else (like.theta, like.seasonal_theta)
    return fit_airline(values, columns, period=period, start=start)


def _candidate_t(
    fit: AirlineFit,
    values: Floats,
    regressors: Floats,
    columns: Floats,
    chosen: Sequence[tuple[OutlierKind, int]],
) -> Floats:
    """T-values of every candidate, were it added alone at the present parameters."""
    used = np.column_stack([regressors, outlier_regressors(values.size, chosen)])
    white = whiten(fit.factor, columns)
    if used.shape[1]:
        basis, _ = np.linalg.qr(whiten(fit.factor, difference(used, fit.period)))
        white = white - basis @ (basis.T @ white)
    size = np.sqrt(np.einsum("ij,ij->j", white, white))
    scale = 1.4826 * float(np.median(np.abs(fit.residuals)))  # outliers must not widen it
    scale = max(scale, _NO_NOISE * float(np.abs(values).max()))
    usable = size > 1e-6
    return np.where(usable, white.T @ fit.residuals / np.where(usable, size * scale, 1.0), 0.0)


def _prune(
    fit: AirlineFit,
    values: Floats,
    regressors: Floats,
    chosen: list[tuple[OutlierKind, int]],
    n_known: int,
    limit: float,
) -> tuple[list[tuple[OutlierKind, int]], AirlineFit]:
    first = regressors.shape[1] + n_known
    while len(chosen) > n_known:
        weakest = int(np.argmin(np.abs(fit.t_values[first:])))
        if abs(fit.t_values[first + weakest]) >= limit:
            break
        chosen = [c for i, c in enumerate(chosen) if i != n_known + weakest]
        fit = _fit_with_outliers(values, regressors, chosen, fit.period, fit)
    return chosen, fit


def _describe_outliers(
    fit: AirlineFit, chosen: Sequence[tuple[OutlierKind, int]], first: int
) -> tuple[Outlier, ...]:
    return tuple(
        Outlier(kind, at, float(fit.coefficients[first + j]), float(fit.t_values[first + j]))
        for j, (kind, at) in enumerate(chosen)
    )
