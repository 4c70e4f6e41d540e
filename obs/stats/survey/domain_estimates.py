"""Compute means, ratios and totals of every domain with their variances, one pass per variable.

A mean is a ratio with a denominator of ones. A missing value leaves out one variable, not the
row.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from obs.stats.arrays import Flags, Floats
from obs.stats.survey.domain_frame import Counts, Frame

__all__ = [
    "Cells",
    "fill",
    "is_flat",
    "positive",
    "ratio_cells",
    "stack_cells",
    "total_cells",
    "variance_cells",
]


ROUNDING = 2e-15  # standard error over estimate below which it is rounding
UNVARIED = 1e-12  # variance over that of a simple random sample, likewise


@dataclass(frozen=True)
class Cells:
    """Estimates of one or several variables by domain; arrays of shape (..., n_domains).

    Attributes
    ----------
    estimate, variance : ndarray
        Estimate and its design-based variance; missing where the domain has no answer.
    n, n_missing : ndarray
        Respondents of positive weight with and without an answer.
    weight, square : ndarray
        Sum of the weights and of their squares over the answers.
    random_variance : ndarray
        Variance that a simple random sample of n would have had.
    base : ndarray
        What the grade rests on: the smaller of the respondents and of their effective size;
        those that a ratio divides by.
    units : ndarray
        Sampling units with an answer.
    own_df : ndarray
        Degrees of freedom that these units give (:meth:`Frame.degrees_of_freedom`).
    flat : ndarray of bool
        The design shows no variance: the estimate is the same in every unit.
    """

    estimate: Floats
    variance: Floats
    n: Floats
    n_missing: Floats
    weight: Floats
    square: Floats
    random_variance: Floats
    base: Floats
    units: Floats
    own_df: Floats
    flat: Flags


def ratio_cells(frame: Frame, numerator: Floats, denominator: Floats | None = None) -> Cells:
    r"""Ratio of two totals, or mean, in each domain, by Taylor linearisation.

    :math:`\hat R_d = \sum_d w y / \sum_d w x`, with influence
    :math:`w (y - \hat R_d x) / \sum_d w x`. With replicate weights the ratio is computed in each
    replicate.

    Parameters
    ----------
    frame : Frame
        Design and domains.
    numerator : ndarray of shape (n,)
        Variable y; NaN where missing.
    denominator : ndarray of shape (n,), optional
        Variable x, NaN where missing; ones when not given, which makes the ratio a mean.

    Returns
    -------
    Cells
        One value per domain.

    References
    ----------
    .. [1] Särndal, C.-E., Swensson, B. and Wretman, J. (1992), Model Assisted Survey Sampling,
       Springer, section 5.6.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> frame = frame_domains(make_design(np.ones(4)), np.array([0, 0, 0, 0]), 1)
    >>> cells = ratio_cells(frame, np.array([1.0, 2.0, 3.0, 6.0]))
    >>> cells.estimate, cells.variance.round(6)
    (array([3.]), array([1.166667]))
    """
    counts = frame.count(numerator, denominator)
    y = fill(numerator, counts.valid)
    x = counts.valid if denominator is None else fill(denominator, counts.valid)
    if frame.is_linear:
        estimate, variance, bottom = _linear_ratio(frame, y, x)
    else:
        estimate, variance, bottom = _general_ratio(frame, y, x)
    slope = bottom / positive(counts.weight)
    spread = _spread(frame, y, x, counts, estimate)
    random = spread / positive(counts.n) / positive(slope) ** 2
    carrying = counts if denominator is None else frame.count(np.where(x == 0, np.nan, numerator))
    return _cells(frame, estimate, variance, counts, random, carrying)


def total_cells(frame: Frame, values: Floats) -> Cells:
    """Total of a variable in each domain, over those who answered.

    `values` holds one number a respondent, NaN where missing; see :func:`ratio_cells`.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> frame = frame_domains(make_design(np.full(2, 5.0)), np.array([0, 0]), 1)
    >>> total_cells(frame, np.array([1.0, 3.0])).estimate
    array([20.])
    """
    counts = frame.count(values)
    y = fill(values, counts.valid)
    weighted = frame.design.weight * y
    estimate = np.where(counts.n > 0, frame.by_domain(weighted), np.nan)
    if frame.design.replicates is None:
        variance = frame.influence_variance(weighted)
    else:
        replicated = frame.design.replicates.totals(y, frame.domain, frame.n_domains)
        variance = (frame.design.replicates.deviations(replicated, estimate) ** 2).sum(axis=-1)
    mean = estimate / positive(counts.weight)
    spread = _spread(frame, y, counts.valid, counts, mean)
    random = spread * counts.weight**2 / positive(counts.n)
    return _cells(frame, estimate, variance, counts, random, counts)


def variance_cells(frame: Frame, values: Floats) -> Cells:
    """Estimate the population variance of each domain: the mean of scaled squared distances.

    In each replicate the distances are from the mean of that replicate. `values` holds one number
    a respondent, NaN where missing; see :func:`ratio_cells`.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> frame = frame_domains(make_design(np.ones(3)), np.zeros(3, dtype=int), 1)
    >>> variance_cells(frame, np.array([1.0, 2.0, 3.0])).estimate
    array([1.])
    """
    centre = ratio_cells(frame, values)
    factor = centre.n / np.where(centre.n > 1, centre.n - 1, 1.0)
    apart = values - centre.estimate[frame.domain]
    cells = ratio_cells(frame, apart**2 * factor[frame.domain])
    replicates = frame.design.replicates
    if replicates is None:
        return cells
    valid = frame.count(values).valid
    present = np.ones_like(values) if valid is None else valid
    bottoms = positive(replicates.totals(present, frame.domain, frame.n_domains))
    moved, squares = (
        replicates.totals(fill(v, valid), frame.domain, frame.n_domains) / bottoms
        for v in (apart, apart**2)
    )
    deviations = replicates.deviations((squares - moved**2) * factor[:, None], cells.estimate)
    return replace(cells, variance=(deviations**2).sum(axis=-1))


def stack_cells(parts: list[Cells]) -> Cells:
    """Stack the cells of several variables along a new first axis.

    Parameters
    ----------
    parts : list of Cells
        One per variable, of the same domains.

    Returns
    -------
    Cells
        Arrays of shape (n_variables, n_domains).

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> frame = frame_domains(make_design(np.ones(4)), np.array([0, 0, 1, 1]), 2)
    >>> cells = stack_cells([ratio_cells(frame, np.arange(4.0)), total_cells(frame, np.ones(4))])
    >>> cells.estimate
    array([[0.5, 2.5],
           [2. , 2. ]])
    """
    names = [field.name for field in fields(Cells)]
    return Cells(**{name: np.stack([getattr(part, name) for part in parts]) for name in names})


def fill(values: Floats, valid: Floats | None) -> Floats:
    """Put 0 where there is no answer."""
    return values if valid is None else np.where(valid > 0, values, 0.0)


def positive(values: Floats) -> Floats:
    """Put NaN where a divisor is 0."""
    return np.where(values != 0, values, np.nan)


def _linear_ratio(frame: Frame, y: Floats, x: Floats | None) -> tuple[Floats, Floats, Floats]:
    weight = frame.design.weight
    tops = frame.pairs(weight * y)
    bottoms = frame.weight_pairs if x is None else frame.pairs(weight * x)
    bottom = frame.groupings[0].domain_totals(bottoms[0])
    safe = np.where(bottom != 0, bottom, 1.0)
    ratio = frame.groupings[0].domain_totals(tops[0]) / safe
    variance = np.zeros(frame.n_domains)
    for grouping, top, low in zip(frame.groupings, tops, bottoms, strict=True):
        domain = grouping.pair_domain
        variance += grouping.variance((top - ratio[domain] * low) / safe[domain])
    undefined = bottom == 0
    return np.where(undefined, np.nan, ratio), np.where(undefined, np.nan, variance), bottom


def _general_ratio(frame: Frame, y: Floats, x: Floats | None) -> tuple[Floats, Floats, Floats]:
    design = frame.design
    x = np.ones_like(y) if x is None else x
    bottom = frame.by_domain(design.weight * x)
    ratio = frame.by_domain(design.weight * y) / positive(bottom)
    if design.replicates is None:
        residual = y - np.nan_to_num(ratio)[frame.domain] * x
        influence = design.weight * residual / np.where(bottom != 0, bottom, 1.0)[frame.domain]
        variance = frame.influence_variance(influence)
        return ratio, np.where(np.isnan(ratio), np.nan, variance), bottom
    tops = design.replicates.totals(y, frame.domain, frame.n_domains)
    bottoms = design.replicates.totals(x, frame.domain, frame.n_domains)
    deviations = design.replicates.deviations(tops / positive(bottoms), ratio)
    return ratio, (deviations**2).sum(axis=-1), bottom


def _spread(frame: Frame, y: Floats, x: Floats | None, counts: Counts, ratio: Floats) -> Floats:
    """Estimate the population variance of the residuals, with the weights."""
    expected = np.nan_to_num(ratio)[frame.domain]
    residual = y - (expected if x is None else expected * x)
    squares = frame.by_domain(frame.design.weight * residual**2)
    return squares / positive(counts.weight) * counts.n / positive(counts.n - 1)


def is_flat(estimate: Floats, variance: Floats, random: Floats) -> Flags:
    """Tell a variance that is 0 but for rounding.

    Parameters
    ----------
    estimate, variance : ndarray
        Estimate and variance.
    random : ndarray
        Variance of a simple random sample; NaN where unknown.

    Returns
    -------
    ndarray of bool
        False where the variance is missing.

    Examples
    --------
    >>> import numpy as np
    >>> is_flat(np.array([1.0, 1.0]), np.array([1e-31, 1e-3]), np.array([np.nan, 1e-3]))
    array([ True, False])
    """
    floor = np.maximum((ROUNDING * estimate) ** 2, UNVARIED * np.nan_to_num(random))
    return np.asarray(variance <= floor)


def _cells(
    frame: Frame,
    estimate: Floats,
    variance: Floats,
    counts: Counts,
    random: Floats,
    carrying: Counts,
) -> Cells:
    if frame.design.has_fpc:
        share = 1 - counts.n / positive(counts.weight)
        random = random * np.where(share > 0, share, np.nan)
    return Cells(
        estimate,
        variance,
        counts.n,
        counts.n_missing,
        counts.weight,
        counts.square,
        random,
        carrying.base,
        carrying.units,
        carrying.own_df,
        is_flat(estimate, variance, random),
    )
