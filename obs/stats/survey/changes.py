"""Compute differences and ratios between domains, with their intervals and tests.

A share of 0 or 1 has no standard error: that side enters with its own interval, because nobody
in twenty respondents is not a certain zero.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats

from obs.stats.arrays import Floats, Positions
from obs.stats.survey.domain_estimates import Cells, is_flat
from obs.stats.survey.survey_intervals import share_interval, t_interval

__all__ = ["Change", "change_between", "share_change"]

Limits = Callable[[float], tuple[Floats, Floats]]

LEAST_P = 1e-15


@dataclass(frozen=True)
class Change:
    """Changes between pairs of domains; arrays of shape (n_pairs,).

    Attributes
    ----------
    cells : Cells
        Difference or ratio and its variance; sizes and base are those of the weaker side.
    low, high, p_value : ndarray of shape (n_pairs,)
        Interval, and two-sided test of no change.
    """

    cells: Cells
    low: Floats
    high: Floats
    p_value: Floats


def change_between(
    cells: Cells,
    covariance: Floats,
    pairs: tuple[Positions, Positions],
    df: Floats,
    *,
    compare: Literal["difference", "ratio"] = "difference",
    confidence: float = 0.95,
) -> Change:
    """Compare domains by Student's t, a ratio on the log scale.

    Parameters
    ----------
    cells : Cells
        Arrays of shape (n_domains,).
    covariance : ndarray of shape (n_domains, n_domains)
        Of the estimates.
    pairs : tuple of ndarray of shape (n_pairs,)
        Domains compared, and those they are compared with.
    df : ndarray of shape (n_domains,)
        Degrees of freedom.
    compare : {"difference", "ratio"}
        What is estimated.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    Change
        Missing where a side is; a ratio also where a side is not above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design, ratio_cells, ratio_covariance
    >>> frame = frame_domains(make_design(np.ones(4)), np.array([0, 0, 1, 1]), 2)
    >>> y, pair = np.array([1.0, 3.0, 5.0, 9.0]), (np.array([1]), np.array([0]))
    >>> made = change_between(ratio_cells(frame, y), ratio_covariance(frame, y), pair, np.full(2, 3))
    >>> made.cells.estimate, made.p_value.round(3)
    (array([5.]), array([0.071]))
    """
    ours, theirs = pairs
    a, b = cells.estimate[ours], cells.estimate[theirs]
    va, vb, both = covariance[ours, ours], covariance[theirs, theirs], covariance[ours, theirs]
    if compare == "difference":
        estimate, variance = a - b, np.maximum(va + vb - 2 * both, 0.0)
        flat = is_flat(np.fmax(np.abs(a), np.abs(b)), variance, np.fmin(va, vb))
        centre, scale = estimate, np.sqrt(variance)
    else:
        above = (a > 0) & (b > 0)
        a, b = np.where(above, a, np.nan), np.where(above, b, np.nan)
        scale = np.sqrt(np.maximum(va / a**2 + vb / b**2 - 2 * both / (a * b), 0.0))
        estimate, variance, centre = a / b, (a / b * scale) ** 2, np.log(a / b)
        flat = is_flat(np.ones_like(a), scale**2, np.fmin(va / a**2, vb / b**2))
    unknown = np.isnan(cells.variance[ours]) | np.isnan(cells.variance[theirs])
    weaker = np.where(cells.base[ours] <= cells.base[theirs], ours, theirs)
    freedom = np.minimum(df[ours], df[theirs]).astype(np.float64)
    low, high = t_interval(centre, scale, freedom, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.t.sf(np.abs(centre) / np.where(flat, np.nan, scale), freedom)
    logs = compare == "ratio"
    made = Cells(
        np.where(unknown, np.nan, estimate),
        np.where(unknown, np.nan, variance),
        np.minimum(cells.n[ours], cells.n[theirs]),
        cells.n_missing[ours] + cells.n_missing[theirs],
        cells.weight[weaker],
        cells.square[weaker],
        np.full(len(ours), np.nan),
        cells.base[weaker],
        np.minimum(cells.units[ours], cells.units[theirs]),
        np.minimum(cells.own_df[ours], cells.own_df[theirs]),
        flat & ~unknown,
    )
    return Change(
        made,
        np.exp(low) if logs else low,
        np.exp(high) if logs else high,
        np.where(unknown, np.nan, p_value),
    )


def share_change(
    change: Change,
    cells: Cells,
    pairs: tuple[Positions, Positions],
    df: Floats,
    *,
    confidence: float = 0.95,
) -> Change:
    r"""Give the difference of two shares its interval where one of them is 0 or 1.

    With :math:`(l_i, u_i)` the interval of each side (Korn-Graubard's at 0 and 1, logit else),
    :math:`\hat\delta - \sqrt{(\hat p_1 - l_1)^2 + (u_2 - \hat p_2)^2}` to
    :math:`\hat\delta + \sqrt{(u_1 - \hat p_1)^2 + (\hat p_2 - l_2)^2}`; the p-value is that of
    the interval that just reaches 0. Other differences stay as they are.

    Parameters
    ----------
    change : Change
        Differences of the shares.
    cells : Cells
        Shares of shape (n_domains,); ``base`` is their effective size.
    pairs, df, confidence
        As in :func:`change_between`.

    Returns
    -------
    Change
        The standard error is the one that the interval implies.

    References
    ----------
    .. [1] Newcombe, R. G. (1998), Interval estimation for the difference between independent
       proportions, Statistics in Medicine 17, 873-890.
    .. [2] Zou, G. Y. and Donner, A. (2008), Construction of confidence limits about effect
       measures, Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design, ratio_cells, ratio_covariance
    >>> y, group = np.repeat([0.0, 1.0, 0.0], [20, 4, 16]), np.repeat([0, 1], 20)
    >>> frame = frame_domains(make_design(np.ones(40)), group, 2)
    >>> cells, pair, df = ratio_cells(frame, y), (np.array([1]), np.array([0])), np.full(2, 39.0)
    >>> plain = change_between(cells, ratio_covariance(frame, y), pair, df)
    >>> made = share_change(plain, cells, pair, df)
    >>> plain.p_value.round(3), made.p_value.round(3)
    (array([0.033]), array([0.063]))
    """
    ours, theirs = pairs
    edge = ((cells.estimate == 0) | (cells.estimate == 1)) & ~np.isnan(cells.variance)
    chosen = np.flatnonzero((edge[ours] | edge[theirs]) & ~np.isnan(change.cells.estimate))
    if not len(chosen):
        return change
    first, second = ours[chosen], theirs[chosen]
    limits = _square_and_add(cells, first, second, df)
    low, high = change.low.copy(), change.high.copy()
    low[chosen], high[chosen] = limits(confidence)
    p_value, variance = change.p_value.copy(), change.cells.variance.copy()
    p_value[chosen] = [
        _inverted(_square_and_add(cells, first[k : k + 1], second[k : k + 1], df))
        for k in range(len(chosen))
    ]
    freedom = np.minimum(df[first], df[second])
    width = (high[chosen] - low[chosen]) / 2
    variance[chosen] = (width / stats.t.ppf((1 + confidence) / 2, freedom)) ** 2
    flat = change.cells.flat.copy()
    flat[chosen] = False
    return Change(replace(change.cells, variance=variance, flat=flat), low, high, p_value)


def _square_and_add(cells: Cells, first: Positions, second: Positions, df: Floats) -> Limits:
    """Make the limits of the differences as a function of the confidence."""

    def side(rows: Positions, confidence: float) -> tuple[Floats, Floats, Floats]:
        low, high = share_interval(
            cells.estimate[rows],
            cells.variance[rows],
            cells.n[rows],
            df[rows],
            size=cells.base[rows],
            confidence=confidence,
        )
        return cells.estimate[rows], low, high

    def limits(confidence: float) -> tuple[Floats, Floats]:
        (a, a_low, a_high), (b, b_low, b_high) = (side(r, confidence) for r in (first, second))
        below, above = np.hypot(a - a_low, b_high - b), np.hypot(a_high - a, b - b_low)
        return a - b - below, a - b + above

    return limits


def _inverted(limits: Limits) -> float:
    """Find the p-value: the confidence at which the interval just reaches 0."""
    low, high = float(np.log(LEAST_P)), 0.0
    for _ in range(50):
        middle = (low + high) / 2
        ends = limits(-float(np.expm1(middle)))
        holds = bool(ends[0][0] <= 0 <= ends[1][0])
        low, high = (middle, high) if holds else (low, middle)
    return float(np.exp(low))
