"""Test hypotheses under a design: Wald, Rao-Scott for two-way tables, scores for ranks."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg, sparse, stats

from obs.errors import ObsError
from obs.stats.arrays import Floats, Positions
from obs.stats.linear.pivoted_qr import factor_rows
from obs.stats.survey.covariance import domain_matrix, influence_covariance
from obs.stats.survey.sampling_design import Design, tally

__all__ = ["Test", "independence_test", "rank_scores", "t_test", "wald_test"]


SINGULAR = 1e-10  # smallest over largest eigenvalue, below which a direction has no information


@dataclass(frozen=True)
class Test:
    """A test: its statistic, degrees of freedom and p-value."""

    __test__ = False  # not for pytest to collect

    statistic: float
    df1: float
    df2: float
    p_value: float


def t_test(estimate: float, variance: float, df: float) -> Test:
    """Test that an estimate is 0, by Student's t.

    Parameters
    ----------
    estimate, variance : float
        Estimate and variance, above 0.
    df : float
        Degrees of freedom.

    Returns
    -------
    Test
        Statistic t, two-sided p-value.

    Raises
    ------
    ObsError
        If the variance is not above 0.

    Examples
    --------
    >>> round(t_test(2.0, 1.0, 10).p_value, 4)
    0.0734
    """
    if not variance > 0:
        raise ObsError("The test has no error to compare with: its variance is 0 or unknown.")
    statistic = estimate / np.sqrt(variance)
    return Test(float(statistic), 1.0, df, float(2 * stats.t.sf(abs(statistic), df)))


def wald_test(estimate: Floats, covariance: Floats, df: float) -> Test:
    r"""Test that several estimates are all 0: :math:`F = b' V^{-1} b / k`.

    Parameters
    ----------
    estimate : ndarray of shape (k,)
        Estimates b.
    covariance : ndarray of shape (k, k)
        Covariance V, of full rank.
    df : float
        Denominator degrees of freedom.

    Returns
    -------
    Test
        F on k and ``df``.

    Raises
    ------
    ObsError
        If the covariance is not of full rank, whatever the units of the estimates.

    Examples
    --------
    >>> import numpy as np
    >>> wald_test(np.array([2.0]), np.array([[1.0]]), 10).statistic
    4.0
    """
    k, error = len(estimate), np.sqrt(np.diag(covariance))
    alike = covariance / np.outer(error, error) if (error > 0).all() else np.zeros_like(covariance)
    if df <= 0 or not np.linalg.eigvalsh(alike)[0] > SINGULAR:
        raise ObsError(
            f"A Wald test of {k} values needs more sampling units than this design has (df {df:g})."
        )
    scaled = estimate / error
    statistic = float(scaled @ linalg.solve(alike, scaled, assume_a="pos")) / k
    return Test(statistic, k, df, float(stats.f.sf(statistic, k, df)))


def independence_test(
    design: Design, rows: Positions, columns: Positions, *, statistic: Literal["F", "Wald"] = "F"
) -> Test:
    """Test that two questions are independent.

    ``F`` is Pearson's statistic with the second-order correction of Rao and Scott; ``Wald``
    tests the differences between the observed and expected totals.

    Parameters
    ----------
    design : Design
        Weights and stages.
    rows, columns : ndarray of shape (n,)
        Codes of the answers from 0, or -1 where missing: these respondents leave the test.
    statistic : {"F", "Wald"}
        Test statistic.

    Returns
    -------
    Test
        F, with its (fractional) degrees of freedom.

    Raises
    ------
    ObsError
        Fewer than two answers, an unknown statistic, too many combinations of answers without
        a respondent, or shares that do not vary between sampling units.

    References
    ----------
    .. [1] Rao, J. N. K. and Scott, A. J. (1984), On chi-squared tests for multiway contingency
       tables with cell proportions estimated from survey data, Annals of Statistics 12, 46-60.
    .. [2] Koch, G., Freeman, D. and Freeman, J. (1975), Strategies in the multivariate analysis
       of data from complex surveys, International Statistical Review 43, 59-78.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import make_design
    >>> rows, columns = np.array([0, 0, 1, 1] * 10), np.array([0, 1, 1, 1] * 10)
    >>> test = independence_test(make_design(np.ones(40)), rows, columns)
    >>> round(test.statistic, 3), test.df1, test.df2, round(test.p_value, 4)
    (14.444, 1.0, 39.0, 0.0005)
    """
    if statistic not in ("F", "Wald"):
        raise ObsError(f"Unknown statistic {statistic!r}. Allowed: F, Wald.")
    used = (rows >= 0) & (columns >= 0) & (design.weight > 0)
    r, c = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
    if r < 2 or c < 2:
        raise ObsError("A test of independence needs two questions with two answers each.")
    cell = np.where(used, rows * c + columns, 0)
    kept = design.restrict(used)
    df = design.degrees_of_freedom()
    if statistic == "Wald":
        total, covariance = _cell_covariance(kept, cell, r * c, centred=False)
        return _wald_independence(total, covariance, r, c, df)
    share, covariance = _cell_covariance(kept, cell, r * c, centred=True)
    return _rao_scott(share, covariance, r, c, df, int(used.sum()))


def rank_scores(
    design: Design, values: Floats, *, kind: Literal["wilcoxon", "median", "waerden"] = "wilcoxon"
) -> Floats:
    """Give each respondent the score of its estimated rank in the population.

    Parameters
    ----------
    design : Design
        Weights.
    values : ndarray of shape (n,)
        Variable; NaN where missing.
    kind : {"wilcoxon", "median", "waerden"}
        The rank itself (0 to 1, middle of ties), whether it is above one half, or its normal
        quantile.

    Returns
    -------
    ndarray of shape (n,)
        Scores; a regression of them on a group is the rank test.

    References
    ----------
    .. [1] Lumley, T. and Scott, A. J. (2013), Two-sample rank tests under complex sampling,
       Biometrika 100, 831-842.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey.sampling_design import make_design
    >>> rank_scores(make_design(np.ones(4)), np.array([5.0, 1.0, 5.0, 9.0]))
    array([0.5  , 0.125, 0.5  , 0.875])
    """
    used = ~np.isnan(values) & (design.weight > 0)
    levels, position = np.unique(values[used], return_inverse=True)
    mass = np.bincount(position, weights=design.weight[used], minlength=len(levels))
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    scored = {"wilcoxon": middle, "median": (middle > 0.5).astype(float)}
    ranks = stats.norm.ppf(middle) if kind == "waerden" else scored[kind]
    scores = np.full(len(values), np.nan)
    scores[used] = ranks[position]
    return scores


def _cell_covariance(
    design: Design, cell: Positions, n_cells: int, *, centred: bool
) -> tuple[Floats, Floats]:
    """Shares (centred) or totals of the cells of a table and their covariance."""
    weight = design.weight
    found = tally(cell, weight, n_cells) / (weight.sum() if centred else 1.0)
    if design.replicates is not None:
        replicated = design.replicates.totals(np.ones_like(weight), cell, n_cells)
        whole = replicated.sum(axis=0) if centred else np.ones(replicated.shape[1])
        deviations = design.replicates.deviations(replicated / whole, found)
        return found, deviations @ deviations.T
    indicators = domain_matrix(weight, cell, n_cells)
    if centred:
        weighted = np.column_stack([weight] * n_cells) * found
        indicators = sparse.csr_array((indicators.toarray() - weighted) / weight.sum())
    return found, influence_covariance(design, indicators)


def _rao_scott(share: Floats, covariance: Floats, r: int, c: int, df: float, n: int) -> Test:
    table = share.reshape(r, c)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = n * float(((table - expected) ** 2 / expected).sum())
    contrasts = _interactions(r, c)
    inverse = np.where(share > 0, 1 / np.where(share > 0, share, 1.0), 0.0)
    random = contrasts.T @ (inverse[:, None] / n * contrasts)
    actual = (contrasts * inverse[:, None]).T @ covariance @ (contrasts * inverse[:, None])
    size = np.linalg.eigvalsh(random)
    if not size[0] > SINGULAR * size[-1]:
        raise ObsError(
            f"{int((share == 0).sum())} of {r * c} combinations of answers have no respondent: "
            "independence cannot be tested. Merge rare answers."
        )
    delta = linalg.solve(random, actual, assume_a="pos")
    trace = float(np.trace(delta))
    if not trace > SINGULAR:
        raise ObsError("The test has no error to compare with: the shares do not vary.")
    df1 = trace**2 / float(np.trace(delta @ delta))
    statistic = pearson / trace
    return Test(statistic, df1, df1 * df, float(stats.f.sf(statistic, df1, df1 * df)))


def _interactions(r: int, c: int) -> Floats:
    """Interaction columns of a saturated model, orthogonal to the main effects."""
    rows, columns = np.divmod(np.arange(r * c), c)
    own_rows, own_columns = np.eye(r)[rows][:, 1:], np.eye(c)[columns][:, 1:]
    main = np.hstack([np.ones((r * c, 1)), own_rows, own_columns])
    crossed = (own_rows[:, :, None] * own_columns[:, None, :]).reshape(r * c, -1)
    q = factor_rows(main).q
    return np.asarray(crossed - q @ (q.T @ crossed))


def _wald_independence(total: Floats, covariance: Floats, r: int, c: int, df: float) -> Test:
    table = total.reshape(r, c) / total.sum()
    row, column = table.sum(axis=1), table.sum(axis=0)
    rows, columns = np.divmod(np.arange(r * c), c)
    expected = row[rows] * column[columns]
    same_row, same_column = rows[:, None] == rows, columns[:, None] == columns
    slope = np.eye(r * c) - same_row * column[columns][:, None] - same_column * row[rows][:, None]
    slope += expected[:, None]
    variance = slope @ covariance @ slope.T
    kept = (rows > 0) & (columns > 0)
    gap = total - expected * total.sum()
    return wald_test(gap[kept], variance[np.ix_(kept, kept)], df)
