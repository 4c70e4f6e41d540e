"""Compute effective sample sizes where a domain shows no variance, from weights and clusters."""

import numpy as np

from obs.stats.arrays import Floats
from obs.stats.survey.domain_estimates import Cells

__all__ = ["cluster_correlation", "effective_size"]


def cluster_correlation(cells: Cells) -> Floats:
    r"""Estimate how alike the answers of one sampling unit are.

    From the design effect beyond that of the weights,
    :math:`\rho = (d - 1) / (\bar m - 1)`, with :math:`\bar m` respondents per unit, cut to 0-1.

    Parameters
    ----------
    cells : Cells
        A variable over all respondents.

    Returns
    -------
    ndarray
        Intra-class correlation; 0 where none can be estimated.

    References
    ----------
    .. [1] Kish, L. (1965), Survey Sampling, Wiley, section 5.4.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design, ratio_cells
    >>> design = make_design(np.ones(6), clusters=[np.array([0, 0, 1, 1, 2, 2])])
    >>> frame = frame_domains(design, np.zeros(6, dtype=int), 1)
    >>> cluster_correlation(ratio_cells(frame, np.array([0.0, 0, 1, 1, 1, 1])))
    array([1.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = cells.weight**2 / cells.square
        effect = cells.variance / cells.random_variance * kish / cells.n
        correlation = (effect - 1) / (cells.n / cells.units - 1)
    return np.clip(np.where(np.isfinite(correlation), correlation, 0.0), 0.0, 1.0)


def effective_size(cells: Cells, correlation: Floats) -> Floats:
    r"""Size of a simple random sample with the same information on a share of 0 or 1.

    Kish's :math:`(\sum w)^2 / \sum w^2`, divided by :math:`1 + (\bar m - 1)\rho` for the
    :math:`\bar m` respondents per sampling unit of the domain.

    Parameters
    ----------
    cells : Cells
        Arrays of shape (..., n_domains).
    correlation : ndarray that broadcasts to the cells
        Intra-class correlation of the variable over all respondents.

    Returns
    -------
    ndarray of shape (..., n_domains)
        Effective sizes.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design, ratio_cells
    >>> design = make_design(np.ones(6), clusters=[np.array([0, 0, 1, 1, 2, 2])])
    >>> frame = frame_domains(design, np.zeros(6, dtype=int), 1)
    >>> effective_size(ratio_cells(frame, np.zeros(6)), np.array([1.0]))
    array([3.])
    """
    kish = cells.weight**2 / np.where(cells.square > 0, cells.square, np.nan)
    per_unit = cells.n / np.where(cells.units > 0, cells.units, np.nan)
    return np.asarray(kish / (1 + np.maximum(per_unit - 1, 0.0) * correlation))
