"""Draw survey answers so that weighted shares equal published percentages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from obs.sample.draws import Ints, Stream

__all__ = ["choose_share", "split_shares"]


def choose_share(stream: Stream, weights: Ints, share: int) -> NDArray[np.bool_]:
    """Choose respondents at random whose weights make up a whole per cent of the total.

    Respondents are taken in a random order as long as the share is not passed; the lightest
    one left out joins them if that comes nearer.

    The result is True for the rows chosen.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.sample.surveys.answers import choose_share
    >>> from obs.sample.draws import Stream
    >>> chosen = choose_share(Stream(1, "doc"), np.full(50, 7), 26)
    >>> int(chosen.sum())
    13
    """
    return _choose_part(stream, weights, int(weights.sum()) * share)


def split_shares(stream: Stream, weights: Ints, shares: Sequence[int]) -> Ints:
    """Give each respondent one answer (1, 2, ...) so that weighted shares come out.

    Shares are met cumulated (1, 1 or 2, ...), each as near as the lightest respondent left allows.
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
    """Choose up to a total of weights, given a hundred times, then one more if that is nearer."""
    chosen = np.zeros(len(weights), dtype=bool)
    left = wanted
    for one in stream.order(len(weights)).tolist():
        if 100 * int(weights[one]) <= left:
            chosen[one] = True
            left -= 100 * int(weights[one])
    if not chosen.all():
        lightest = int(np.argmin(np.where(chosen, weights.max() + 1, weights)))
        chosen[lightest] = 50 * int(weights[lightest]) < left
    return chosen
