"""Find records that a later delivery of the same days no longer has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["find_vanished"]

Days = NDArray[np.datetime64]


def find_vanished(
    key: NDArray[np.int64],
    file: NDArray[np.int32],
    when: Days,
    *,
    extracted: Days,
    windows: Sequence[tuple[np.datetime64, np.datetime64]],
) -> NDArray[np.bool_]:
    """Tell the rows whose record a later delivery covers and does not have.

    Parameters
    ----------
    key, file : ndarray of shape (n_rows,)
        Number of the record of each row, and of its file.
    when : ndarray of shape (n_rows,)
        Day of each row.
    extracted : ndarray of shape (n_files,)
        Day of extraction of each file.
    windows : sequence of pairs
        First and last day that each file covers.

    Returns
    -------
    ndarray of shape (n_rows,)
        A record that a still later delivery has again did not vanish.
    """
    gone = np.zeros(len(key), dtype=bool)
    if len(extracted) < 2 or not len(key):
        return gone
    days = extracted.astype("datetime64[D]")
    own = days[file]
    known = ~np.isnat(own)
    last = np.full(int(key.max()) + 1, np.iinfo("int64").min)
    np.maximum.at(last, key[known], own[known].astype("int64"))
    for number, (first, end) in enumerate(windows):
        if np.isnat(days[number]) or np.isnat(first) or np.isnat(end):
            continue
        earlier = known & (last[key] < days[number].astype("int64"))
        gone |= earlier & (when >= first) & (when <= end)
    return gone
