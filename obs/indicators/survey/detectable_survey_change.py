"""Compute what change a survey would have detected, so that "no change" is not overstated."""

import numpy as np
import pandas as pd
from scipy import stats

from obs.errors import ObsError, SchemaError

__all__ = ["add_detectable_change"]


def add_detectable_change(
    estimates: pd.DataFrame,
    *,
    power: float = 0.8,
    confidence: float = 0.95,
    size_ratio: float = 1.0,
    correlation: float = 0.0,
) -> pd.DataFrame:
    r"""Add the smallest change from one wave to the next that a test would find.

    :math:`(z_{1-\alpha/2} + z_{power})\, s \sqrt{1 + 1/k - 2\rho/\sqrt k}`, for a standard error
    :math:`s` in this wave, a next wave of k times the effective size and a correlation
    :math:`\rho` between waves that share units.

    Parameters
    ----------
    estimates : DataFrame
        Estimates of a :class:`SurveyDesign`, one row each. Not modified.
    power : float
        Probability of finding the change, between 0 and 1.
    confidence : float
        Level of the two-sided test, between 0 and 1.
    size_ratio : float
        Size of the next wave over this one.
    correlation : float
        Between the estimates of the two waves; 0 for independent samples.

    Returns
    -------
    DataFrame
        With the column ``detectable_change``, in the unit of the estimate (0.03 is 3 points of
        a share); missing where the standard error is.

    Raises
    ------
    SchemaError
        A table without standard errors.
    ObsError
        Options outside their range.

    References
    ----------
    .. [1] Bloom, H. S. (1995), Minimum detectable effects, Evaluation Review 19, 547-556.

    Examples
    --------
    >>> import pandas as pd
    >>> add_detectable_change(pd.DataFrame({"se": [0.01]}))["detectable_change"].round(4).tolist()
    [0.0396]
    """
    if "se" not in estimates.columns:
        raise SchemaError("The table has no column 'se': give the estimates of a survey design.")
    inside = 0 < power < 1 and 0 < confidence < 1 and -1 < correlation < 1 and size_ratio > 0
    if not inside:
        raise ObsError(
            "Power and confidence lie between 0 and 1, the correlation between -1 and 1, and the "
            "size ratio is above 0."
        )
    spread = np.sqrt(1 + 1 / size_ratio - 2 * correlation / np.sqrt(size_ratio))
    factor = (stats.norm.ppf((1 + confidence) / 2) + stats.norm.ppf(power)) * spread
    return estimates.assign(detectable_change=estimates["se"] * factor)
