"""Covariance of estimates from their influences: all stages, calibrations and replicates.

An influence is what one respondent adds to the error of an estimate, times its weight.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from obs.stats.survey.calibration import scale_rows
from obs.stats.survey.design import Design, Stage

__all__ = ["domain_matrix", "influence_covariance", "influence_variance"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

ROUNDING = 1e-12  # a calibrated variance below this share of the uncalibrated one is rounding
COLUMNS_AT_ONCE = 256  # keeps the cross-products of a calibrated design small


def domain_matrix(values: Floats, domain: Ints, n_domains: int) -> sparse.csr_array:
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
    >>> from obs.stats.survey.design import make_design
    >>> design = make_design(np.ones(3))
    >>> influence_covariance(design, sparse.csr_array(np.array([[1.0], [2.0], [3.0]])))
    array([[3.]])
    """
    m = influence.shape[1]
    blocks = [influence, *(c.weighted for c in design.calibrations)]
    columns = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    gram = np.zeros((columns.shape[1],) * 2)
    for stage in design.stages:
        gram += _stage_gram(stage, columns)
    if not design.calibrations:
        return gram
    residual = np.hstack([np.eye(m), -_chained_coefficients(design, influence).T])
    covariance = residual @ gram @ residual.T
    rounding = np.diag(covariance) < ROUNDING * np.diag(gram)[:m]
    covariance[rounding, :] = 0.0
    covariance[:, rounding] = 0.0
    return np.asarray(covariance, dtype=np.float64)


def influence_variance(design: Design, values: Floats, domain: Ints, n_domains: int) -> Floats:
    """Variance of the sum of weighted influences in each domain.

    Parameters
    ----------
    design : Design
        Stages and calibrations.
    values : ndarray of shape (n,)
        Weighted influence of each row on the estimate of its domain.
    domain : ndarray of shape (n,)
        Domain of each row.
    n_domains : int
        Number of domains.

    Returns
    -------
    ndarray of shape (n_domains,)
        Variances.
    """
    matrix = domain_matrix(values, domain, n_domains).tocsc()
    variances = [
        np.diag(influence_covariance(design, matrix[:, start : start + COLUMNS_AT_ONCE].tocsr()))
        for start in range(0, n_domains, COLUMNS_AT_ONCE)
    ]
    return np.concatenate(variances)


def _stage_gram(stage: Stage, columns: sparse.csr_array) -> Floats:
    totals = domain_matrix(np.ones(len(stage.unit)), stage.unit, stage.n_units).T @ columns
    totals = sparse.csr_array(totals)
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


def _chained_coefficients(design: Design, influence: sparse.csr_array) -> Floats:
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
