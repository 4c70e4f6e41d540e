"""Hold a design with its domains, and compute once what all variables share.

Respondents and sampling units with an answer, weights, and degrees of freedom.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from obs.stats.arrays import Flags, Floats, Positions
from obs.stats.survey.calibrated_variance import CalibrationTerms, prepare_terms
from obs.stats.survey.domain_totals import Grouping, group_rows
from obs.stats.survey.sampling_design import Design, tally

__all__ = ["Counts", "DegreesOfFreedom", "Frame", "frame_domains"]

DegreesOfFreedom = Literal["auto", "design", "domain"]

FEW_UNITS = 30  # below, Student's quantile is visibly not the normal one


@dataclass(frozen=True)
class Counts:
    """What the answers to one variable add up to, by domain.

    Attributes
    ----------
    valid : ndarray of shape (n,), optional
        1 for an answer, 0 without; None where all answered.
    n, n_missing : ndarray of shape (n_domains,)
        Respondents of positive weight with and without an answer.
    weight, square : ndarray of shape (n_domains,)
        Sum of the weights and of their squares over the answers.
    units : ndarray of shape (n_domains,)
        Sampling units with an answer (:meth:`Frame.units_with`).
    own_df : ndarray of shape (n_domains,)
        Sum of (n_h - 1) / n_h over these units.
    """

    valid: Floats | None
    n: Floats
    n_missing: Floats
    weight: Floats
    square: Floats
    units: Floats
    own_df: Floats

    @property
    def base(self) -> Floats:
        """The smaller of the respondents and of Kish's effective size."""
        size = self.weight**2 / np.where(self.square > 0, self.square, 1.0)
        return np.minimum(self.n, size)


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
    domain: Positions
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
    def counts(self) -> Counts:
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

    def count(self, values: Floats, other: Floats | None = None) -> Counts:
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

    def units_with(self, present: Floats) -> Floats:
        """Count the sampling units of each domain that hold a row that is present (above 0).

        Of the first stage; of the next one where a domain lies in a single unit that was
        certain to be drawn. Infinite where no stage is left: nothing was sampled.
        """
        units = np.zeros(self.n_domains)
        lone = np.ones(self.n_domains, dtype=bool)
        for grouping in self.groupings:
            held = (grouping.pair_totals(present) > 0).astype(np.float64)
            units = np.where(lone, grouping.domain_totals(held), units)
            certain = grouping.pair_fraction >= 1
            lone &= (units == 1) & (grouping.domain_totals(held * certain) == 1)
        return np.where(lone, np.inf, units)

    @cached_property
    def is_census(self) -> Flags:
        """Domains of which every unit was drawn, at every stage: shape (n_domains,)."""
        positive = (self.design.weight > 0).astype(np.float64)
        drawn = np.zeros(self.n_domains)
        for grouping in self.groupings:
            held = grouping.pair_totals(positive) > 0
            drawn += grouping.domain_totals((held & (grouping.pair_fraction < 1)).astype(float))
        return np.asarray(drawn == 0)

    def degrees_of_freedom(
        self, whole: float, *, rule: DegreesOfFreedom = "auto", own: Floats | None = None
    ) -> Floats:
        """Degrees of freedom of each domain, given those of the whole design.

        ``design``: the whole design's. ``domain``: units minus strata that hold the domain.
        ``auto``: the design's, but where the sum of (n_h - 1) / n_h over the units with an
        answer in the domain (``own``; those that hold it when not given) is below 30, that sum:
        units of a stratum all in the domain give n_h - 1, scattered ones count almost fully,
        and a handful of units is never taken for a large sample. Replicate designs have those
        of the whole design.
        """
        found = self.counts.own_df if own is None else own
        design = np.full(found.shape, whole)
        if rule == "design" or self.design.replicates is not None:
            return design
        if rule == "domain":
            return np.broadcast_to(self.units - self._strata(), found.shape)
        return np.where(found < FEW_UNITS, np.minimum(found, design), design)

    def _own_degrees(self, present: Floats) -> Floats:
        """Sum of (n_h - 1) / n_h over the first-stage units that hold a row that is present."""
        grouping = self.groupings[0]
        held = (grouping.pair_totals(present) > 0).astype(np.float64)
        sizes = np.diff(grouping.stage.first)
        share = ((sizes - 1) / sizes)[grouping.stage.stratum_of_unit[grouping.pair_unit]]
        return grouping.domain_totals(held * share)

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
    ) -> Counts:
        return Counts(
            valid,
            self.by_domain(answered),
            self.by_domain(unanswered),
            self.by_domain(weight),
            self.by_domain(weight**2),
            self.units_with(answered),
            self._own_degrees(answered),
        )


def frame_domains(design: Design, domain: Positions, n_domains: int) -> Frame:
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
