"""Sum domains by sampling unit, and compute the variance of all domain totals at once.

Only (domain, unit) pairs with a row are stored, so memory grows with the rows and not with
domains times units.
"""

from dataclasses import dataclass

import numpy as np

from obs.stats.arrays import Floats, Positions
from obs.stats.survey.sampling_design import Stage, compress, tally

__all__ = ["Grouping", "group_rows"]


@dataclass(frozen=True)
class Grouping:
    """The (domain, unit) pairs of one stage, sorted by domain and then by unit.

    Attributes
    ----------
    stage : Stage
        The stage whose units are paired.
    n_domains : int
        Number of domains.
    row_pair : ndarray of shape (n,)
        Pair of each row.
    pair_domain, pair_unit : ndarray of shape (n_pairs,)
        Domain and unit of each pair.
    block_start : ndarray of shape (n_blocks,)
        First pair of each block; a block holds the pairs of one domain in one stratum.
    """

    stage: Stage
    n_domains: int
    row_pair: Positions
    pair_domain: Positions
    pair_unit: Positions
    block_start: Positions

    @property
    def n_pairs(self) -> int:
        """Number of pairs."""
        return len(self.pair_domain)

    @property
    def pair_fraction(self) -> Floats:
        """Sampling fraction of the stratum of each pair: ndarray of shape (n_pairs,)."""
        return self.stage.fraction[self.stage.stratum_of_unit[self.pair_unit]]

    def pair_totals(self, values: Floats) -> Floats:
        """Add row values by pair: ndarray of shape (n_pairs,)."""
        return tally(self.row_pair, values, self.n_pairs)

    def domain_totals(self, pair_totals: Floats) -> Floats:
        """Add pair totals by domain: ndarray of shape (n_domains,)."""
        return tally(self.pair_domain, pair_totals, self.n_domains)

    def variance(self, totals: Floats) -> Floats:
        r"""Variance of the domain totals, with every unit of the design in every domain.

        For each domain :math:`\sum_h a_h \sum_{i \in h} (t_i - \bar t_h)^2` over all sampled
        units of the stratum; a unit without a row of the domain has :math:`t_i = 0`.

        Returns variance contributed by the stage.
        """
        if not self.n_pairs:
            return np.zeros(self.n_domains)
        stage, start = self.stage, self.block_start
        stratum = stage.stratum_of_unit[self.pair_unit[start]]
        sizes = np.diff(stage.first)[stratum]
        lengths = np.diff(np.append(start, self.n_pairs))
        mean = np.add.reduceat(totals, start) / sizes
        centre = np.where(stage.grand[stratum], 0.0, mean)
        squares = (totals - np.repeat(centre, lengths)) ** 2
        spread = np.add.reduceat(squares, start) + (sizes - lengths) * centre**2
        domain = self.pair_domain[start]
        variance = tally(domain, stage.coefficient[stratum] * spread, self.n_domains)
        return variance + self._grand_mean_term(totals) if stage.grand.any() else variance

    def _grand_mean_term(self, totals: Floats) -> Floats:
        """Move single units from distance to zero to distance to the mean of all units."""
        stage = self.stage
        coefficient = np.where(stage.grand, stage.coefficient, 0.0)
        mean = self.domain_totals(totals) / stage.n_units
        weighted = coefficient[stage.stratum_of_unit[self.pair_unit]] * totals
        cross = 2 * mean * self.domain_totals(weighted)
        return np.asarray(mean**2 * coefficient.sum() - cross)


def group_rows(stage: Stage, domain: Positions, n_domains: int) -> Grouping:
    """Pair the domain of each row with its unit.

    Returns pairs sorted by domain and unit, and the blocks of a domain in a stratum.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey.sampling_design import make_design
    >>> design = make_design(np.ones(4), clusters=[np.array([0, 0, 1, 1])])
    >>> pairs = group_rows(design.stages[0], np.array([0, 1, 0, 1]), 2)
    >>> pairs.pair_domain, pairs.pair_unit
    (array([0, 0, 1, 1]), array([0, 1, 0, 1]))
    """
    n_units = stage.n_units
    row_pair, present = compress(domain * n_units + stage.unit, n_domains * n_units)
    pair_domain, pair_unit = np.divmod(present, max(n_units, 1))
    block = pair_domain * len(stage.coefficient) + stage.stratum_of_unit[pair_unit]
    starts = np.flatnonzero(np.diff(block, prepend=-1)).astype(np.intp)
    return Grouping(stage, n_domains, row_pair, pair_domain, pair_unit, starts)
