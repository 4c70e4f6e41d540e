"""Compute covariances between domains, for differences, ratios and standardised values."""

import numpy as np
from scipy import special

from obs.stats.arrays import Floats
from obs.stats.survey.covariance import domain_matrix, influence_covariance
from obs.stats.survey.domain_estimates import Cells, fill, is_flat, positive, ratio_cells
from obs.stats.survey.domain_frame import Frame

__all__ = ["logit_variance", "ratio_covariance", "standardised_cells", "total_covariance"]


def ratio_covariance(frame: Frame, numerator: Floats, denominator: Floats | None = None) -> Floats:
    """Covariance of the ratios (or means) of the domains, shared units included.

    Parameters
    ----------
    frame : Frame
        Design and domains.
    numerator, denominator : ndarray of shape (n,)
        As in :func:`ratio_cells`.

    Returns
    -------
    ndarray of shape (n_domains, n_domains)
        Covariance matrix; its diagonal is the variance of :func:`ratio_cells`.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> frame = frame_domains(make_design(np.ones(4)), np.array([0, 0, 1, 1]), 2)
    >>> ratio_covariance(frame, np.array([1.0, 3.0, 5.0, 9.0])).round(4)
    array([[0.6667, 0.    ],
           [0.    , 2.6667]])
    """
    counts = frame.count(numerator, denominator)
    y = fill(numerator, counts.valid)
    x = counts.valid if denominator is None else fill(denominator, counts.valid)
    x = np.ones_like(y) if x is None else x
    design = frame.design
    bottom = positive(frame.by_domain(design.weight * x))
    ratio = frame.by_domain(design.weight * y) / bottom
    if design.replicates is None:
        residual = y - np.nan_to_num(ratio)[frame.domain] * x
        influence = design.weight * residual / np.nan_to_num(bottom, nan=1.0)[frame.domain]
        matrix = domain_matrix(influence, frame.domain, frame.n_domains)
        return influence_covariance(design, matrix)
    tops = design.replicates.totals(y, frame.domain, frame.n_domains)
    bottoms = design.replicates.totals(x, frame.domain, frame.n_domains)
    deviations = design.replicates.deviations(tops / positive(bottoms), ratio)
    return deviations @ deviations.T


def total_covariance(frame: Frame, values: Floats) -> Floats:
    """Covariance of the totals of the domains.

    Parameters
    ----------
    frame : Frame
        Design and domains.
    values : ndarray of shape (n,)
        Variable; NaN where missing.

    Returns
    -------
    ndarray of shape (n_domains, n_domains)
        Covariance matrix.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> frame = frame_domains(make_design(np.ones(4)), np.array([0, 0, 1, 1]), 2)
    >>> total_covariance(frame, np.array([1.0, 3.0, 5.0, 9.0])).round(4)
    array([[  8.    , -18.6667],
           [-18.6667,  76.    ]])
    """
    y = fill(values, frame.count(values).valid)
    design = frame.design
    if design.replicates is None:
        matrix = domain_matrix(design.weight * y, frame.domain, frame.n_domains)
        return influence_covariance(design, matrix)
    replicated = design.replicates.totals(y, frame.domain, frame.n_domains)
    deviations = design.replicates.deviations(replicated, frame.by_domain(design.weight * y))
    return deviations @ deviations.T


def logit_variance(frame: Frame, values: Floats) -> Floats:
    """Variance of the logit of each domain's share, over the replicates.

    Parameters
    ----------
    frame : Frame
        Domains of a design with replicate weights.
    values : ndarray of shape (n,)
        0 and 1; NaN where missing.

    Returns
    -------
    ndarray of shape (n_domains,)
        Missing where the share is 0 or 1 in the sample or in a replicate.

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import replace
    >>> from obs.stats.survey import frame_domains, make_design, make_replicates
    >>> design, stage = make_design(np.ones(5)), make_design(np.ones(5)).stages[0]
    >>> made = make_replicates(design.weight, stage.unit, stage.first, method="jk1")
    >>> frame = frame_domains(replace(design, replicates=made), np.zeros(5, dtype=int), 1)
    >>> logit_variance(frame, np.array([1.0, 1.0, 0.0, 0.0, 0.0])).round(4)
    array([1.1587])
    """
    replicates = frame.design.replicates
    cells = ratio_cells(frame, values)
    if replicates is None:
        return np.asarray(cells.variance / (cells.estimate * (1 - cells.estimate)) ** 2)
    valid = frame.count(values).valid
    present = np.ones_like(values) if valid is None else valid
    tops = replicates.totals(fill(values, valid), frame.domain, frame.n_domains)
    bottoms = replicates.totals(present, frame.domain, frame.n_domains)
    with np.errstate(divide="ignore", invalid="ignore"):
        logits = special.logit(tops / positive(bottoms))
        deviations = replicates.deviations(logits, special.logit(cells.estimate))
        variance = (deviations**2).sum(axis=-1)
    return np.where(np.isfinite(variance), variance, np.nan)


def standardised_cells(frame: Frame, values: Floats, standard: Floats) -> Cells:
    r"""Mean of each domain with the composition of a standard population.

    :math:`\hat\theta_d = \sum_k s_k \hat\mu_{dk}` over the classes k of the standard, with the
    covariance between classes that share units.

    Parameters
    ----------
    frame : Frame
        Its domains are the cells domain x class, in that order (class runs fastest).
    values : ndarray of shape (n,)
        Variable; NaN where missing.
    standard : ndarray of shape (n_classes,)
        Shares of the standard population, adding up to 1.

    Returns
    -------
    Cells
        Arrays of shape (n_domains // n_classes,). The estimate is missing where a class of the
        standard has no answer; ``units`` is that of the class with the fewest, and ``base``
        the size :math:`1 / \sum_k s_k^2 / m_k` of the bases :math:`m_k` together.

    References
    ----------
    .. [1] Korn, E. L. and Graubard, B. I. (1999), Analysis of Health Surveys, Wiley, chapter 3.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> classes = np.array([0, 0, 0, 1])  # one domain, two classes
    >>> frame = frame_domains(make_design(np.ones(4)), classes, 2)
    >>> found = standardised_cells(frame, np.array([1.0, 2.0, 3.0, 8.0]), np.array([0.5, 0.5]))
    >>> found.estimate, found.base, found.units
    (array([5.]), array([3.]), array([1.]))
    """
    n_classes = len(standard)
    shape = (frame.n_domains // n_classes, n_classes)
    cells = ratio_cells(frame, values)
    asked = standard > 0
    means = np.where(asked, cells.estimate.reshape(shape), 0.0)
    estimate = np.asarray(means @ standard)
    variance = _standardised_variance(frame, values, cells, standard)

    def add(parts: Floats) -> Floats:
        return np.asarray(np.where(asked, parts.reshape(shape), 0.0).sum(axis=1))

    base = np.where(cells.base > 0, cells.base, np.nan).reshape(shape)
    per_base = np.where(asked, standard**2 / base, 0.0).sum(axis=1)
    unknown = np.full(shape[0], np.nan)
    return Cells(
        estimate,
        np.where(np.isnan(estimate), np.nan, variance),
        add(cells.n),
        add(cells.n_missing),
        add(cells.weight),
        add(cells.square),
        unknown,
        np.nan_to_num(1 / per_base),
        np.where(asked, cells.units.reshape(shape), np.inf).min(axis=1),
        add(cells.own_df),
        is_flat(estimate, variance, unknown),
    )


def _standardised_variance(frame: Frame, values: Floats, cells: Cells, standard: Floats) -> Floats:
    """Variance of the weighted sums of the means of the classes, by domain."""
    n_classes = len(standard)
    shape = (frame.n_domains // n_classes, n_classes)
    valid, design = frame.count(values).valid, frame.design
    y = fill(values, valid)
    if design.replicates is not None:
        tops = design.replicates.totals(y, frame.domain, frame.n_domains)
        present = np.ones_like(y) if valid is None else valid
        bottoms = design.replicates.totals(present, frame.domain, frame.n_domains)
        means = (tops / positive(bottoms)).reshape(*shape, -1)
        weighted = np.einsum("dkr,k->dr", np.where(standard[:, None] > 0, means, 0.0), standard)
        estimate = np.where(standard > 0, cells.estimate.reshape(shape), 0.0) @ standard
        return np.asarray(np.sum(design.replicates.deviations(weighted, estimate) ** 2, axis=-1))
    residual = y - np.nan_to_num(cells.estimate)[frame.domain] * (1.0 if valid is None else valid)
    share = standard[frame.domain % n_classes]
    mass = np.where(cells.weight > 0, cells.weight, 1.0)[frame.domain]
    influence = design.weight * residual * share / mass
    return Frame(design, frame.domain // n_classes, shape[0]).influence_variance(influence)
