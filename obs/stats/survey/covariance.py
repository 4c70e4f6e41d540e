"""Compute the covariance of estimates from their influences: stages, calibrations, replicates.

An influence is what one respondent contributes to the error of an estimate, times the weight.
"""

import numpy as np
from scipy import sparse

from obs.stats.arrays import Floats, Positions
from obs.stats.survey.calibration import ROUNDING, scale_rows
from obs.stats.survey.sampling_design import Design, Stage

__all__ = [
    "chained_coefficients",
    "domain_matrix",
    "influence_covariance",
    "stage_gram",
    "unit_totals",
]


DENSE = 20_000_000  # numbers, 160 MB


def domain_matrix(values: Floats, domain: Positions, n_domains: int) -> sparse.csr_array:
    """Spread row values over one column per domain.

    Parameters
    ----------
    values : ndarray of shape (n,)
        One value per row.
    domain : ndarray of shape (n,)
        Column of each row's value.
    n_domains : int
        Number of columns.

    Returns
    -------
    csr_array of shape (n, n_domains)
        One stored value per row.

    Examples
    --------
    >>> import numpy as np
    >>> domain_matrix(np.array([1.0, 2.0, 3.0]), np.array([0, 1, 0]), 2).toarray()
    array([[1., 0.],
           [0., 2.],
           [3., 0.]])
    """
    n = len(values)
    return sparse.csr_array((values, domain, np.arange(n + 1)), shape=(n, n_domains))


def influence_covariance(design: Design, influence: sparse.csr_array) -> Floats:
    r"""Covariance matrix of sums of weighted influences.

    The design's quadratic form :math:`Q` is taken of the influences and of the calibration
    variables together; with :math:`L = (I, -B')` the covariance is :math:`L Q L'`.

    Parameters
    ----------
    design : Design
        Stages and calibrations. Its replicate weights are not used here.
    influence : csr_array of shape (n, m)
        Weighted influence of each row on each of m estimates.

    Returns
    -------
    ndarray of shape (m, m)
        Covariance; a variance that calibration brought down to rounding error is 0.

    References
    ----------
    .. [1] Binder, D. A. (1983), On the variances of asymptotically normal estimators from
       complex surveys, International Statistical Review 51, 279-292.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse
    >>> from obs.stats.survey.sampling_design import make_design
    >>> design = make_design(np.ones(3))
    >>> influence_covariance(design, sparse.csr_array(np.array([[1.0], [2.0], [3.0]])))
    array([[3.]])
    """
    m = influence.shape[1]
    blocks = [influence, *(c.weighted for c in design.calibrations)]
    columns = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    gram = np.zeros((columns.shape[1],) * 2)
    for stage in design.stages:
        gram += stage_gram(stage, unit_totals(stage, columns))
    if not design.calibrations:
        return gram
    residual = np.hstack([np.eye(m), -chained_coefficients(design, influence).T])
    covariance = residual @ gram @ residual.T
    rounding = np.diag(covariance) < ROUNDING * np.diag(gram)[:m]
    covariance[rounding, :] = 0.0
    covariance[:, rounding] = 0.0
    return np.asarray(covariance, dtype=np.float64)


def unit_totals(stage: Stage, columns: sparse.csr_array) -> sparse.csr_array:
    """Add rows by unit of a stage: csr_array of shape (n_units, n_columns)."""
    members = domain_matrix(np.ones(len(stage.unit)), stage.unit, stage.n_units)
    return sparse.csr_array(members.T @ columns)


def stage_gram(stage: Stage, totals: sparse.csr_array) -> Floats:
    """Quadratic form of one stage of the design in unit totals: shape (m, m).

    Small ones are centred in their strata first: the square of a sum taken off a sum of squares
    would lose a spread that is small beside the level.
    """
    if totals.shape[0] * totals.shape[1] <= DENSE:
        return _centred_gram(stage, totals.toarray())
    stratum, sizes = stage.stratum_of_unit, np.diff(stage.first)
    sums = domain_matrix(np.ones(stage.n_units), stratum, len(sizes)).T @ totals
    own = np.where(stage.grand, 0.0, stage.coefficient)
    weighted = scale_rows(totals, stage.coefficient[stratum])
    gram = (totals.T @ weighted).toarray()
    gram -= (sums.T @ scale_rows(sparse.csr_array(sums), own / sizes)).toarray()
    if stage.grand.any():
        grand = np.where(stage.grand, stage.coefficient, 0.0)
        mean = np.asarray(totals.sum(axis=0)).ravel() / stage.n_units
        cross = np.outer(mean, sums.T @ grand)
        gram += np.outer(mean, mean) * grand.sum() - cross - cross.T
    return np.asarray(gram, dtype=np.float64)


def _centred_gram(stage: Stage, totals: Floats) -> Floats:
    stratum, sizes = stage.stratum_of_unit, np.diff(stage.first)
    mean = np.add.reduceat(totals, stage.first[:-1], axis=0) / sizes[:, None]
    if stage.grand.any():
        mean = np.where(stage.grand[:, None], totals.mean(axis=0), mean)
    apart = totals - mean[stratum]
    return np.asarray(apart.T @ (apart * stage.coefficient[stratum, None]), dtype=np.float64)


def chained_coefficients(design: Design, influence: sparse.csr_array) -> Floats:
    """Regress on each calibration's variables, the last calibration first."""
    found: list[Floats] = []
    later: list[sparse.csr_array] = []
    for calibration in reversed(design.calibrations):
        own = calibration.coefficients(influence)
        for weighted, coefficients in zip(later, found, strict=True):
            own = own - calibration.coefficients(weighted) @ coefficients
        found.append(own)
        later.append(calibration.weighted)
    return np.vstack(found[::-1])
