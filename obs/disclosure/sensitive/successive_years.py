"""Show a count only if it satisfies a threshold in several successive years.

The French interior ministry's statisticians publish a commune's count only above five facts in
three successive years. Their published file follows this reading: a year is shown if in each of
the three years that end with it the count is 5 or more, or in each it is 0; the first two years
of a series are shown if the third is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from obs.disclosure.feasible.linear_system import Flags
from obs.errors import DisclosureError

__all__ = ["judge_series"]


def judge_series(counts: npt.ArrayLike, *, threshold: int, years: int) -> Flags:
    """Say which years of each series the rule shows.

    Returns True where the last `years` counts (for the first ones, the first `years`) are all at
    least `threshold`, or all 0. A series shorter than `years` is not shown, nor is a year with an
    unknown one among its `years`. Raises `DisclosureError` if there is less than one year, or the
    threshold is below 1.

    Examples
    --------
    >>> from obs.disclosure.sensitive.successive_years import judge_series
    >>> judge_series([[9, 8, 7, 4, 6, 6, 6]], threshold=5, years=3).tolist()
    [[True, True, True, False, False, False, True]]

    References
    ----------
    SSMSI, Base statistique communale de la delinquance enregistree: statistical secrecy.
    """
    values = np.asarray(counts, dtype=float)
    if years < 1 or threshold < 1 or values.ndim != 2:
        raise DisclosureError(
            "series are judged as a table of series x years, over 1 year or more, with a "
            "threshold of 1 or more."
        )
    shown = np.zeros(values.shape, dtype=bool)
    if values.shape[1] >= years:
        spans = np.lib.stride_tricks.sliding_window_view(values, years, axis=1)
        holds = (spans >= threshold).all(axis=2) | (spans == 0).all(axis=2)
        shown[:, : years - 1] = holds[:, :1]
        shown[:, years - 1 :] = holds
    return shown
