"""Spread events of uncertain time over the hours of the week in which they may have happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats

__all__ = ["WEEK_HOURS", "aoristic_hours"]


WEEK_HOURS = 168
_SECONDS = WEEK_HOURS * 3600
_MONDAY = 4 * 86400  # 1970-01-05, a Monday, in seconds of the epoch


def aoristic_hours(begin: ArrayLike, end: ArrayLike) -> Floats:
    """Weigh each hour of the week by the share of an event's window that it covers.

    A burglary found on return from work may have happened at any moment in between; each
    moment is given the same chance. A window longer than a week tells nothing: 1/168 for
    every hour.

    Parameters
    ----------
    begin, end : array_like of datetime64 of shape (n,)
        First and last possible moment, local time. A missing end makes the event certain
        at `begin`; a missing begin leaves it without weight; swapped times are put right.

    Returns
    -------
    ndarray of shape (n, 168)
        Rows add to 1, or to 0 without a begin. Column 24 * weekday + hour, Monday 0.

    Raises
    ------
    ObsError
        Lengths that differ.

    Notes
    -----
    The hour of a summer-time change is not treated apart.

    References
    ----------
    .. [1] J. H. Ratcliffe, 2002, Aoristic signatures and the spatio-temporal analysis of
       high volume crime patterns, Journal of Quantitative Criminology 18.

    Examples
    --------
    >>> weights = aoristic_hours(["2024-01-01T01:50"], ["2024-01-01T02:10"])
    >>> weights[0, 1:3].tolist()
    [0.5, 0.5]
    """
    first = np.asarray(begin, dtype="datetime64[s]").ravel()
    last = np.asarray(end, dtype="datetime64[s]").ravel()
    if first.shape != last.shape:
        raise ObsError(f"{first.size} begins and {last.size} ends: one of each for every event")
    known = ~np.isnat(first)
    last = np.where(np.isnat(last), first, last)
    start, stop = np.minimum(first, last), np.maximum(first, last)
    weights = np.zeros((first.size, WEEK_HOURS))
    weights[known] = _spread(
        start[known].astype(np.int64).astype(np.float64),
        stop[known].astype(np.int64).astype(np.float64),
    )
    return weights


def _spread(start: Floats, stop: Floats) -> Floats:
    length = stop - start
    offset = (start - _MONDAY) % _SECONDS
    opens = np.arange(WEEK_HOURS) * 3600.0
    covered = np.zeros((start.size, WEEK_HOURS))
    for lap in (0.0, float(_SECONDS)):  # a window may run over into the next week
        left = np.maximum(opens + lap, offset[:, None])
        right = np.minimum(opens + lap + 3600, (offset + length)[:, None])
        covered += np.maximum(right - left, 0)
    sure = length == 0
    covered[sure, (offset[sure] // 3600).astype(int)] = 1.0
    covered[length >= _SECONDS] = 1.0
    return np.asarray(covered / covered.sum(axis=1, keepdims=True))
