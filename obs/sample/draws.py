"""Draw random numbers that are the same on every machine and NumPy version.

All draws use whole-number arithmetic on the raw PCG64 stream, whose values NumPy guarantees.
NumPy does not guarantee its distributions and floating sums.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ints", "Stream", "pick_at", "share_out"]

Ints = NDArray[np.int64]


class Stream:
    """One stream of draws, named by a seed and by words or numbers.

    Streams of different names are independent, so what one year or source draws never
    depends on which others were asked for.

    Examples
    --------
    >>> from obs.sample.draws import Stream
    >>> Stream(1, "police", 2021).below(100, 5)
    array([ 4, 13,  0, 27,  0])
    """

    def __init__(self, seed: int, *name: str | int) -> None:
        words = [n if isinstance(n, int) else zlib.crc32(n.encode()) for n in name]
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, *words]))

    def below(self, bound: int, n: int) -> Ints:
        """Draw n whole numbers from 0 to bound - 1 (bound below 2**31), equally likely."""
        high = self._bits.random_raw(n).astype(np.uint64) >> np.uint64(32)
        return ((high * np.uint64(bound)) >> np.uint64(32)).astype(np.int64)

    def pick(self, weights: Sequence[int] | Ints, n: int) -> Ints:
        """Draw n positions in proportion to whole-number weights."""
        return pick_at(weights, self.below(1 << 31, n), bits=31)

    def chance(self, per_thousand: int, n: int) -> NDArray[np.bool_]:
        """Draw n flags, true in so many cases per thousand."""
        return self.below(1000, n) < per_thousand

    def order(self, n: int) -> Ints:
        """Draw an order of n things."""
        return np.argsort(self._bits.random_raw(n), kind="stable").astype(np.int64)


def pick_at(weights: Sequence[int] | Ints, place: Ints, *, bits: int) -> Ints:
    """Pick positions in proportion to weights, from places between 0 and 2**bits."""
    edges = np.cumsum(np.asarray(weights, dtype=np.int64))
    drawn = (place * int(edges[-1])) >> bits
    return np.searchsorted(edges, drawn, side="right").astype(np.int64)


def share_out(total: int, weights: Sequence[int] | Ints) -> Ints:
    """Share a whole total by whole weights, exactly (largest remainder, first wins a tie).

    Returns whole parts that sum to the total.

    Examples
    --------
    >>> from obs.sample.draws import share_out
    >>> share_out(10, [1, 1, 1])
    array([4, 3, 3])
    """
    scaled = np.asarray(weights, dtype=np.int64) * total
    parts, rest = np.divmod(scaled, int(np.sum(weights)))
    missing = total - int(parts.sum())
    parts[np.argsort(-rest, kind="stable")[:missing]] += 1
    return parts
