"""Decide between rows of one key: which is kept, which are merged, which contradict each other.

The latest extraction wins, then the highest version. Rows that tie with equal content are
merged. Rows that tie with different content are all rejected, with their older versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, encode, encode_list, to_arrow

__all__ = [
    "CONFLICTING",
    "KEPT",
    "MERGED",
    "WITHDRAWN",
    "content_id",
    "number_identical",
    "resolve_duplicates",
]

KEPT, MERGED, CONFLICTING, WITHDRAWN = 0, 1, 2, 3
_BLANK = "\x00"  # a missing cell; "" is equivalent: `encode` leaves no empty text
_BETWEEN = "\x1f"
Fates = NDArray[np.int8]


def resolve_duplicates(
    key: NDArray[np.int64],
    *,
    extracted: NDArray[np.datetime64],
    version: NDArray[np.float64],
    content: Callable[[NDArray[np.int64]], NDArray[np.int64]],
) -> Fates:
    """Give the fate of every row: KEPT, MERGED or CONFLICTING.

    Parameters
    ----------
    key : ndarray of shape (n_rows,)
        Number of the key of each row, from 0; rows stand in their order.
    extracted : ndarray of shape (n_rows,)
        Day of extraction; one not known comes before all others.
    version : ndarray of shape (n_rows,)
        Version within an extraction, NaN for none.
    content : callable
        Numbers given rows, by position, so that those that say the same are alike.

    Returns
    -------
    ndarray of shape (n_rows,)
        A key that comes once is kept.
    """
    fates = np.full(len(key), KEPT, dtype="int8")
    often = np.bincount(key) if len(key) else np.empty(0, dtype="int64")
    contested = np.flatnonzero(often[key] > 1)
    if not len(contested):
        return fates
    days = extracted[contested].astype("datetime64[D]").astype("int64").astype("float64")
    days[np.isnat(extracted[contested])] = -np.inf
    turns = np.where(np.isnan(version[contested]), -np.inf, version[contested])
    order = np.lexsort((contested, -turns, -days, key[contested]))
    rows, days, turns = contested[order], days[order], turns[order]
    keys = key[rows]
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])  # of each key, the latest
    own = np.repeat(first, np.diff(np.r_[first, len(rows)]))
    latest = (days == days[own]) & (turns == turns[own])
    said = content(rows)
    differ = np.zeros(len(often), dtype=bool)
    differ[keys[latest & (said != said[own])]] = True
    fates[rows] = MERGED
    fates[rows[first]] = KEPT
    fates[rows[differ[keys]]] = CONFLICTING
    return fates


def content_id(columns: Sequence[Coded], n: int) -> Coded:
    """Name each row after its content: the md5 of its texts, wherever it stands."""
    if not columns:
        return encode_list([hashlib.md5(b"").hexdigest()] * n)  # noqa: S324 (a name)
    texts = [pc.fill_null(to_arrow(c).cast(pa.string()), _BLANK) for c in columns]
    joined = encode(pc.binary_join_element_wise(*texts, _BETWEEN))
    names = [hashlib.md5(text.encode()).hexdigest() for text in joined.distinct()]  # noqa: S324
    return joined.map(names)


def number_identical(file: NDArray[np.int32], content: Coded) -> NDArray[np.int64]:
    """Count rows of one content within their file: 0 for the first, 1 for the next."""
    pairs = pd.DataFrame({"file": file, "content": content.codes})
    numbers = pairs.groupby(["file", "content"], sort=False).cumcount()
    return np.asarray(numbers, dtype="int64")
