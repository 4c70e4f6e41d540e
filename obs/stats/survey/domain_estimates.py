"""Compute means, ratios and totals of every domain with their variances, one pass per variable.

A mean is a ratio with a denominator of ones. A missing value leaves out one variable, not the
row.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from obs.stats.survey.calibrated import CalibrationTerms, prepare_terms
from obs.stats.survey.grouping import Grouping, group_rows
from obs.stats.survey.sampling_design import Design, tally

__all__ = [
    "Cells",
    "DegreesOfFreedom",
    "Frame",
    "fill",
    "frame_domains",
    "positive",
    "ratio_cells",
    "stack_cells",
    "total_cells",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
DegreesOfFreedom = Literal["auto", "design", "domain"]

FEW_UNITS = 30  # below, Student's quantile is visibly not the normal one


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
    """

    estimate: Floats
    variance: Floats
    n: Floats
    n_missing: Floats
    weight: Floats
    square: Floats
    random_variance: Floats


@dataclass(frozen=True)
class _Counts:
    """What the answers to one variable add up to, by domain."""

    valid: Floats | None
    n: Floats
    n_missing: Floats
    weight: Floats
    square: Floats


@dataclass(frozen=True)
class Frame:
    """A design and the domain of each row; what all variables share is worked out once.

    Attributes
    ----------
    design : Design
        Weights and stages.
    domain : ndarray of shape (n,)
        Domain of each row, from 0 to ``n_domains`` - 1.
    n_domains : int
        Number of domains.
    """

    design: Design
    domain: Ints
    n_domains: int

    @cached_property
    def groupings(self) -> tuple[Grouping, ...]:
        """Pairs of domain and unit, by stage."""
        return tuple(group_rows(s, self.domain, self.n_domains) for s in self.design.stages)

    @cached_property
    def weight_pairs(self) -> tuple[Floats, ...]:
        """Sums of the weights by pair, by stage."""
        return self.pairs(self.design.weight)

    @cached_property
    def counts(self) -> _Counts:
        """Counts for a variable without missing values."""
        weight = self.design.weight
        return self._count(None, (weight > 0).astype(np.float64), np.zeros_like(weight), weight)

    @property
    def is_linear(self) -> bool:
        """Whether the sparse pass by pairs gives the variance."""
        return not self.design.calibrations and self.design.replicates is None

    def pairs(self, weighted: Floats) -> tuple[Floats, ...]:
        """Add a weighted row variable by pair, at each stage."""
        return tuple(grouping.pair_totals(weighted) for grouping in self.groupings)

    @cached_property
    def calibration(self) -> CalibrationTerms:
        """Calibration variables by unit, for a calibrated design."""
        return prepare_terms(self.design)

    def influence_variance(self, influence: Floats) -> Floats:
        """Variance of the sum of weighted influences in each domain: (n_domains,)."""
        totals = self.pairs(influence)
        pairs = zip(self.groupings, totals, strict=True)
        variance = np.sum([grouping.variance(t) for grouping, t in pairs], axis=0)
        if not self.design.calibrations:
            return np.asarray(variance)
        return self.calibration.correct(
            self.design, self.groupings, totals, influence, self.domain, variance
        )

    def by_domain(self, values: Floats) -> Floats:
        """Add a row variable by domain: ndarray of shape (n_domains,)."""
        return tally(self.domain, values, self.n_domains)

    def count(self, values: Floats, other: Floats | None = None) -> _Counts:
        """Count the answers to a variable (or to both of two)."""
        missing = np.isnan(values) if other is None else np.isnan(values) | np.isnan(other)
        if not missing.any():
            return self.counts
        positive = (self.design.weight > 0).astype(np.float64)
        valid = np.where(missing, 0.0, 1.0)
        return self._count(valid, positive * valid, positive * missing, self.design.weight * valid)

    @cached_property
    def units(self) -> Floats:
        """First-stage units that hold a respondent of each domain."""
        return self.groupings[0].domain_totals(self._held)

    def degrees_of_freedom(self, whole: float, *, rule: DegreesOfFreedom = "auto") -> Floats:
        """Degrees of freedom of each domain, given those of the whole design.

        ``design``: the whole design's. ``domain``: units minus strata that hold the domain.
        ``auto``: the design's, but where the sum of (n_h - 1) / n_h over the units that hold
        the domain is below 30, that sum: units of a stratum all in the domain give n_h - 1,
        scattered ones count almost fully, and a handful of units is never taken for a large
        sample. Replicate designs have those of the whole design.
        """
        design = np.full(self.n_domains, whole)
        if rule == "design" or self.design.replicates is not None:
            return design
        grouping = self.groupings[0]
        if rule == "domain":
            return self.units - self._strata()
        sizes = np.diff(grouping.stage.first)
        share = ((sizes - 1) / sizes)[grouping.stage.stratum_of_unit[grouping.pair_unit]]
        own = grouping.domain_totals(self._held * share)
        return np.where(own < FEW_UNITS, np.minimum(own, design), design)

    @cached_property
    def _held(self) -> Floats:
        positive = (self.design.weight > 0).astype(np.float64)
        return (self.groupings[0].pair_totals(positive) > 0).astype(np.float64)

    def _strata(self) -> Floats:
        grouping = self.groupings[0]
        if not grouping.n_pairs:
            return np.zeros(self.n_domains)
        held = np.maximum.reduceat(self._held, grouping.block_start)
        domain = grouping.pair_domain[grouping.block_start]
        return tally(domain, held, self.n_domains)

    def _count(
        self, valid: Floats | None, answered: Floats, unanswered: Floats, weight: Floats
    ) -> _Counts:
        return _Counts(
            valid,
            self.by_domain(answered),
            self.by_domain(unanswered),
            self.by_domain(weight),
            self.by_domain(weight**2),
        )


def frame_domains(design: Design, domain: Ints, n_domains: int) -> Frame:
    """Prepare the domains of a design; rows of code -1 stay in the design, in no domain.

    Parameters
    ----------
    design : Design
        Weights and stages.
    domain : ndarray of shape (n,)
        Domain of each row, from 0, or -1.
    n_domains : int
        Number of domains.

    Returns
    -------
    Frame
        Ready for :func:`ratio_cells` and :func:`total_cells`.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey.sampling_design import make_design
    >>> frame = frame_domains(make_design(np.ones(4)), np.array([0, 0, 1, -1]), 2)
    >>> frame.counts.n
    array([2., 1.])
    """
    outside = domain < 0
    if not outside.any():
        return Frame(design, domain.astype(np.intp, copy=False), n_domains)
    inside = design.restrict(~outside)
    return Frame(inside, np.where(outside, 0, domain).astype(np.intp), n_domains)


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
    >>> from obs.stats.survey.sampling_design import make_design
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
    return _cells(frame, estimate, variance, counts, spread / positive(counts.n) / slope**2)


def total_cells(frame: Frame, values: Floats) -> Cells:
    """Total of a variable in each domain, over those who answered.

    Parameters
    ----------
    frame : Frame
        Design and domains.
    values : ndarray of shape (n,)
        Variable; NaN where missing.

    Returns
    -------
    Cells
        One value per domain.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey.sampling_design import make_design
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
    return _cells(frame, estimate, variance, counts, random)


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


def _spread(frame: Frame, y: Floats, x: Floats | None, counts: _Counts, ratio: Floats) -> Floats:
    """Estimate the population variance of the residuals, with the weights."""
    expected = np.nan_to_num(ratio)[frame.domain]
    residual = y - (expected if x is None else expected * x)
    squares = frame.by_domain(frame.design.weight * residual**2)
    return squares / positive(counts.weight) * counts.n / positive(counts.n - 1)


def _cells(
    frame: Frame, estimate: Floats, variance: Floats, counts: _Counts, random: Floats
) -> Cells:
    if frame.design.has_fpc:
        share = 1 - counts.n / positive(counts.weight)
        random = random * np.where(share > 0, share, np.nan)
    weight, square = counts.weight, counts.square
    return Cells(estimate, variance, counts.n, counts.n_missing, weight, square, random)
