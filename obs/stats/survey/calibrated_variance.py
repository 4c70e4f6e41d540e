"""Remove from the variance of every domain what calibration explains, without a dense unit matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from obs.stats.arrays import Floats, Positions
from obs.stats.survey.calibration import ROUNDING, scale_rows
from obs.stats.survey.covariance import chained_coefficients, domain_matrix, stage_gram, unit_totals
from obs.stats.survey.domain_totals import Grouping
from obs.stats.survey.sampling_design import Design

__all__ = ["CalibrationTerms", "prepare_terms"]


@dataclass(frozen=True)
class CalibrationTerms:
    """The calibration variables of a design, added up by unit at each stage.

    Attributes
    ----------
    by_unit : tuple of csr_array of shape (n_units, q)
        Weighted totals of the calibration variables, by stage.
    own : ndarray of shape (q, q)
        The design's quadratic form of these totals.
    """

    by_unit: tuple[sparse.csr_array, ...]
    own: Floats

    def correct(
        self,
        design: Design,
        groupings: Sequence[Grouping],
        totals: Sequence[Floats],
        influence: Floats,
        domain: Positions,
        variance: Floats,
    ) -> Floats:
        r"""Replace the variance of influences by that of their residuals.

        With :math:`Q` the design's quadratic form, :math:`t` the unit totals of an influence
        and :math:`C` those of the calibration variables, the variance of the residual is
        :math:`Q(t, t) - 2 B'Q(C, t) + B'Q(C, C)B`.

        Returns variances; 0 where the rest is rounding error.
        """
        n_domains = len(variance)
        coefficients = chained_coefficients(design, domain_matrix(influence, domain, n_domains))
        cross = np.zeros((n_domains, self.own.shape[0]))
        for grouping, by_unit, pairs in zip(groupings, self.by_unit, totals, strict=True):
            cross += _cross(grouping, by_unit, pairs)
        explained = 2 * np.einsum("kd,dk->d", coefficients, cross)
        corrected = variance - explained
        corrected += np.einsum("kd,kl,ld->d", coefficients, self.own, coefficients)
        return np.where(corrected < ROUNDING * variance, 0.0, corrected)


def prepare_terms(design: Design) -> CalibrationTerms:
    """Add the calibration variables of a design by unit, once for all its estimates.

    Returns totals by unit and their quadratic form.

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import replace
    >>> from obs.stats.survey import make_calibration, make_design
    >>> design, ones = make_design(np.ones(3)), sparse.csr_array(np.ones((3, 1)))
    >>> made = make_calibration(ones, design.weight, np.array([2.0, 2.0, 5.0]))
    >>> prepare_terms(replace(design, calibrations=(made,))).own
    array([[9.]])
    """
    blocks = [calibration.weighted for calibration in design.calibrations]
    columns = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    by_unit = tuple(unit_totals(stage, columns) for stage in design.stages)
    pairs = zip(design.stages, by_unit, strict=True)
    return CalibrationTerms(by_unit, np.sum([stage_gram(s, t) for s, t in pairs], axis=0))


def _cross(grouping: Grouping, by_unit: sparse.csr_array, pairs: Floats) -> Floats:
    """Quadratic form of the influences of each domain with the calibration variables."""
    stage, n_domains = grouping.stage, grouping.n_domains
    stratum, sizes = stage.stratum_of_unit, np.diff(stage.first)
    weighted = pairs * stage.coefficient[stratum[grouping.pair_unit]]
    cross = (
        _by_domain(grouping.pair_domain, grouping.pair_unit, weighted, (n_domains, stage.n_units))
        @ by_unit
    ).toarray()
    own = np.where(stage.grand, 0.0, stage.coefficient) / sizes
    block_domain = grouping.pair_domain[grouping.block_start]
    block_stratum = stratum[grouping.pair_unit[grouping.block_start]]
    sums = np.add.reduceat(pairs, grouping.block_start) * own[block_stratum]
    by_stratum = domain_matrix(np.ones(stage.n_units), stratum, len(sizes)).T @ by_unit
    blocks = _by_domain(block_domain, block_stratum, sums, (n_domains, len(sizes)))
    cross -= (blocks @ by_stratum).toarray()
    if stage.grand.any():
        cross += _grand_cross(grouping, by_unit, pairs)
    return np.asarray(cross, dtype=np.float64)


def _grand_cross(grouping: Grouping, by_unit: sparse.csr_array, pairs: Floats) -> Floats:
    """Move the lonely units of the policy ``adjust`` to distances from the mean of all units."""
    stage = grouping.stage
    grand = np.where(stage.grand, stage.coefficient, 0.0)[stage.stratum_of_unit]
    mean = grouping.domain_totals(pairs) / stage.n_units
    lonely = grouping.domain_totals(pairs * grand[grouping.pair_unit])
    mean_by_unit = np.asarray(by_unit.sum(axis=0)).ravel() / stage.n_units
    lonely_by_unit = np.asarray(scale_rows(by_unit, grand).sum(axis=0)).ravel()
    rest = np.outer(mean, mean_by_unit) * grand.sum() - np.outer(lonely, mean_by_unit)
    return np.asarray(rest - np.outer(mean, lonely_by_unit))


def _by_domain(
    domain: Positions, column: Positions, values: Floats, shape: tuple[int, int]
) -> sparse.csr_array:
    """Build a matrix from entries that are sorted by domain."""
    start = np.searchsorted(domain, np.arange(shape[0] + 1))
    return sparse.csr_array((values, column, start), shape=shape)
