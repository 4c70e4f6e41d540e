"""Decide for every estimator what is withheld, and grade the reliability of the rest.

A standard error of 0 is seldom certainty: the domain lies in one sampling unit, the replicates
do not differ, or all answers are equal. Such an estimate has grade F, whatever the estimator.
"""

import numpy as np
from numpy.typing import NDArray

from obs.stats.arrays import Floats, Texts
from obs.stats.survey.domain_estimates import Cells
from obs.stats.survey.domain_frame import Frame

__all__ = ["BASE_LIMIT", "NO_VARIATION", "grade", "judge", "kish_size", "why_withheld"]

Reasons = NDArray[np.object_]

CV_CAUTION, CV_LIMIT = 0.166, 0.333  # Statistics Canada, General Social Survey
BASE_LIMIT, BASE_CAUTION = 20, 50  # Eurostat social surveys: withheld, flagged

NO_VARIATION = "no variation between sampling units"
_CERTAIN = {  # a standard error of 0 that is right, though no finding of the survey
    "fixed by the calibration",
    "the whole population is in the sample",
}


def grade(cv: Floats, n: Floats) -> Texts:
    """Grade the reliability of estimates: A, C (use with caution) or F (not to be printed).

    A needs a coefficient of variation of at most 16.6 % and a base of 50; C at most 33.3 % and
    20. The base is the smaller of the respondents and of the effective size, which unequal
    weights lower. Where no coefficient exists but there are respondents (a share of 0 or 1),
    the base alone decides and C is the best grade.

    Parameters
    ----------
    cv : ndarray
        Coefficient of variation; NaN where undefined.
    n : ndarray
        Base.

    Returns
    -------
    ndarray of str
        "A", "C" or "F".

    References
    ----------
    .. [1] Statistics Canada, General Social Survey (coefficient of variation); Eurostat,
       European social surveys (base).

    Examples
    --------
    >>> import numpy as np
    >>> grade(np.array([0.1, 0.1, 0.2, 0.5]), np.array([100, 30, 100, 100]))
    array(['A', 'C', 'C', 'F'], dtype='<U1')
    """
    letters = np.full(np.shape(cv), "C", dtype="<U1")
    letters[(cv <= CV_CAUTION) & (n >= BASE_CAUTION)] = "A"
    letters[(cv > CV_LIMIT) | ~(n >= BASE_LIMIT)] = "F"
    return letters


def kish_size(weight: Floats) -> float:
    r"""Kish's effective size :math:`(\sum w)^2 / \sum w^2` of some weights; 0 without any.

    Parameters
    ----------
    weight : ndarray of shape (n,)
        0 or more.

    Returns
    -------
    float
        From 1 to the number of weights above 0.

    References
    ----------
    .. [1] Kish, L. (1965), Survey Sampling, Wiley, section 11.7.

    Examples
    --------
    >>> import numpy as np
    >>> kish_size(np.array([1.0, 1.0, 2.0]))
    2.6666666666666665
    """
    largest = float(weight.max(initial=0.0))
    if largest == 0:
        return 0.0
    share = weight / largest
    return float(share.sum() ** 2 / (share**2).sum())


def why_withheld(frame: Frame, cells: Cells) -> Reasons:
    """Say why an estimate, or its standard error, cannot be given.

    Parameters
    ----------
    frame : Frame
        Design and domains.
    cells : Cells
        Arrays of shape (..., n_domains).

    Returns
    -------
    ndarray of object, shape (..., n_domains)
        The reason in words, or None.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design, ratio_cells
    >>> design = make_design(np.ones(5), clusters=[np.array([0, 0, 1, 1, 2])])
    >>> frame = frame_domains(design, np.array([0, 0, 1, 1, 1]), 2)
    >>> why_withheld(frame, ratio_cells(frame, np.array([1.0, 2.0, 3.0, 4.0, 5.0]))).tolist()
    ['one sampling unit', None]
    """
    reason = np.full(cells.n.shape, None, dtype=object)
    reason[cells.flat] = NO_VARIATION
    if frame.design.replicates is not None:
        reason[cells.flat] = "no variation between replicates"
        reason[np.isnan(cells.variance)] = "empty in a replicate"
    if frame.design.calibrations:
        reason[cells.flat & (cells.random_variance > 0)] = "fixed by the calibration"
    reason[cells.flat & frame.is_census] = "the whole population is in the sample"
    reason[cells.units == 1] = "one sampling unit"
    reason[cells.base <= 1 + 1e-9] = "one respondent"
    reason[cells.base == 0] = "the denominator is 0"
    reason[cells.n == 0] = "no answer"
    return reason


def judge(
    *,
    cv: Floats,
    base: Floats,
    df: Floats,
    se: Floats,
    low: Floats,
    high: Floats,
    reason: Reasons,
) -> tuple[Texts, Reasons]:
    """Grade estimates from what stands behind them and from what their interval says.

    Parameters
    ----------
    cv, base : ndarray
        As in :func:`grade`.
    df, se, low, high : ndarray
        Degrees of freedom, standard error and interval.
    reason : ndarray of object
        Why a value is withheld (:func:`why_withheld`), or None.

    Returns
    -------
    letters : ndarray of str
        F for what is withheld, has no interval or no variation; at best C for an interval
        that is a single value.
    reason : ndarray of object
        Completed.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1)
    >>> judge(cv=0.1 * one, base=90 * one, df=0 * one, se=one, low=-np.inf * one,
    ...       high=np.inf * one, reason=np.array([None]))
    (array(['F'], dtype='<U1'), array(['no interval at this base'], dtype=object))
    """
    letters, reasons = grade(cv, base), reason.copy()
    infinite = ~(np.isfinite(se) & np.isfinite(low) & np.isfinite(high) & (df > 0))
    reasons[infinite & (reasons == None)] = "no interval at this base"  # noqa: E711 - elementwise
    certain = np.isin(reasons.astype(str), list(_CERTAIN))
    letters[((low == high) | certain) & (letters == "A")] = "C"
    letters[(reasons != None) & ~certain] = "F"  # noqa: E711 - elementwise
    return letters, reasons
