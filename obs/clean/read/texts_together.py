"""Say what the bare numbers and the capitals of a column are, judged together, however they come.

A column is judged by counts of its distinct texts: these may come all at once or part by part.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from stdnum.nl import bsn

from obs.clean.read.personal_data import BARE, is_mobile, is_register, names_beside

__all__ = ["SeenTexts", "TextsTogether", "column_kind"]

_MANY, _SELDOM = 500, 0.001  # more than half of so many is never by chance


def column_kind(texts: Sequence[str], *, identifier: bool = False) -> str | None:
    """Say what the bare numbers and the capitals of a column are, judged together.

    One number of eleven digits in some hundred passes the check of a national register
    number, and one of nine digits in four is a phone without its first zero: a column is
    personal where such numbers are far more than chance gives. Names in capitals look like
    classes and places: a column is personal where they are more than a quarter.

    Parameters
    ----------
    texts : sequence of str
        Distinct cells.
    identifier : bool
        Whether the profile says that the column names things: its numbers of eleven digits
        are judged together as well.

    Returns
    -------
    str or None
        As `personal_kind`.
    """
    together = TextsTogether(identifier=identifier)
    together.add(texts)
    return together.kind()


@dataclass
class _Hits:
    """How many were looked at, and how many passed."""

    n: int = 0
    k: int = 0

    def add(self, passed: Iterable[bool]) -> None:
        """Count further ones."""
        for one in passed:
            self.n += 1
            self.k += bool(one)

    def beyond(self, chance: float) -> bool:
        """Tell whether more than half pass, and so many seldom pass by chance."""
        n, k = self.n, self.k
        if not n or 2 * k <= n:
            return False
        if k == n:
            return True
        some = range(k, n + 1) if n < _MANY else ()
        tail = sum(math.comb(n, i) * chance**i * (1 - chance) ** (n - i) for i in some)
        return tail < _SELDOM


@dataclass
class TextsTogether:
    """Counts of the texts of a column, each distinct text counted once by whoever adds it."""

    identifier: bool
    names: _Hits = field(default_factory=_Hits)
    whole: _Hits = field(default_factory=_Hits)
    short: _Hits = field(default_factory=_Hits)
    mobile: _Hits = field(default_factory=_Hits)
    dutch: _Hits = field(default_factory=_Hits)

    def add(self, texts: Sequence[str]) -> None:
        """Count further texts."""
        letters = (text for text in texts if any(c.isalpha() for c in text))
        self.names.add(names_beside(text, capitals=True) for text in letters)
        bare = [found[1] for text in texts if (found := BARE.fullmatch(text))]
        if self.identifier:
            self.whole.add(is_register(number) for number in bare if len(number) == 11)
        short = (number for number in bare if 8 <= len(number) <= 10)
        self.short.add(is_register(number.zfill(11)) for number in short)
        nine = [number for number in bare if len(number) == 9]
        self.mobile.add(is_mobile(f"0{number}") for number in nine)
        self.dutch.add(bsn.is_valid(number) for number in nine)

    def kind(self) -> str | None:
        """Say what the texts are."""
        if self.names.k > 2 and 4 * self.names.k > self.names.n:
            return "person's name"
        if self.whole.beyond(0.01) or self.short.beyond(0.01):
            return "national register number"
        if self.mobile.beyond(0.3):
            return "phone number"
        return "national register number" if self.dutch.beyond(1 / 11) else None


class SeenTexts:
    """Texts that came before, each as a number of 64 bits, with how often it came."""

    def __init__(self) -> None:
        self.known: NDArray[np.uint64] = np.empty(0, dtype="uint64")
        self.times: NDArray[np.int64] = np.empty(0, dtype="int64")

    def before(self, texts: Sequence[str], often: NDArray[np.int64]) -> NDArray[np.int64]:
        """Say how often each of some distinct texts came before, and add how often it comes now."""
        own = pd.util.hash_array(np.array(texts, dtype="object"), categorize=False)
        at = np.searchsorted(self.known, own)
        inside = at < len(self.known)
        hit = np.zeros(len(own), dtype=bool)
        hit[inside] = self.known[at[inside]] == own[inside]
        told = np.zeros(len(own), dtype="int64")
        told[hit] = self.times[at[hit]]
        self.times[at[hit]] += often[hit]
        known = np.concatenate([self.known, own[~hit]])
        order = np.argsort(known, kind="stable")
        self.known = known[order]
        self.times = np.concatenate([self.times, often[~hit]])[order]
        return told

    def fresh(self, texts: Sequence[str]) -> list[str]:
        """Give those of some distinct texts that did not come before."""
        told = self.before(texts, np.ones(len(texts), dtype="int64"))
        return [text for text, n in zip(texts, told, strict=True) if not n]
