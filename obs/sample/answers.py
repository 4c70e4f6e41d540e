"""Survey answers drawn so that weighted shares fall on published per cents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from obs.sample.draws import Ints, Stream

__all__ = ["choose_share", "split_shares"]


def choose_share(stream: Stream, weights: Ints, share: int) -> NDArray[np.bool_]:
    """Choose respondents at random whose weights make up a whole per cent of the total.

    Respondents are taken in a random order as long as the share is not passed, so that the
    result falls short of it by less than the lightest one left out.

    Parameters
    ----------
    stream : Stream
        The draws.
    weights : ndarray of shape (n,)
        Whole weights.
    share : int
        Per cent of the total weight.

    Returns
    -------
    ndarray of shape (n,)
        True for those chosen.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.sample.answers import choose_share
    >>> from obs.sample.draws import Stream
    >>> chosen = choose_share(Stream(1, "doc"), np.full(50, 7), 26)
    >>> int(chosen.sum())
    13
    """
    return _choose_part(stream, weights, int(weights.sum()) * share)


def split_shares(stream: Stream, weights: Ints, shares: Sequence[int]) -> Ints:
    """Give each respondent one answer (1, 2, ...) so that weighted shares come out.

    Shares are met cumulated (1, 1 or 2, ...), each within the lightest respondent left.
    """
    answer = np.full(len(weights), len(shares))
    free = np.arange(len(weights))
    total, wanted = int(weights.sum()), 0
    for code, share in enumerate(shares[:-1], start=1):
        wanted += total * share
        got = 100 * int(weights[answer < code].sum())
        chosen = _choose_part(stream, weights[free], wanted - got)
        answer[free[chosen]] = code
        free = free[~chosen]
    return answer


def _choose_part(stream: Stream, weights: Ints, wanted: int) -> NDArray[np.bool_]:
    """Choose up to a total of weights, given a hundred times."""
    chosen = np.zeros(len(weights), dtype=bool)
    got = 0
    for one in stream.order(len(weights)).tolist():
        if (got + int(weights[one])) * 100 <= wanted:
            chosen[one] = True
            got += int(weights[one])
    return chosen
