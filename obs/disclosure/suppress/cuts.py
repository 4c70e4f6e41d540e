"""Keep cuts in their first form, and strengthen them for the choice at hand.

A cut says that the hidden cells must give enough room: sum(c x) >= 1, with c from 0 to 1 and x
either 0 or 1. Its first form is loose where fractions of several cells add up to enough.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import Floats

__all__ = ["Cuts"]

_TINY = 1e-7
_BROKEN = 0.01  # a sharper cut is kept if the choice misses it by so much
_TAKEN = (2.0, 0.999, 0.9, 0.75, 0.5)  # cells chosen to such a degree are taken as hidden
_FOLDS = range(1, 6)


class Cuts:
    """Cuts in their first form, from which sharper ones are derived.

    References
    ----------
    Carr, Fleischer, Leung and Phillips (2000), Strengthening integrality gaps for capacitated
    network design and covering problems, SODA 2000 (knapsack covers). Chvatal (1973), Edmonds
    polytopes and a hierarchy of combinatorial problems, Discrete Mathematics 4 (rounding).
    """

    def __init__(self) -> None:
        self.cells: list[npt.NDArray[np.int64]] = []
        self.values: list[Floats] = []
        self.seen: set[tuple[bytes, bytes]] = set()
        self.rows = sp.csr_array((0, 0))

    def add(self, cells: npt.NDArray[np.int64], values: Floats) -> bool:
        """Keep sum(values x of cells) >= 1; tell whether it is new."""
        name = (cells.tobytes(), values.tobytes())
        if name in self.seen:
            return False
        self.seen.add(name)
        self.cells.append(cells)
        self.values.append(values)
        return True

    def strengthen(self, choice: Floats) -> Iterator[tuple[npt.NDArray[np.int64], Floats]]:
        """Give the sharpest form known of each cut that a choice breaks.

        If cells A were hidden whole, the others would have to give the rest r = 1 - sum_A c:
        sum(min(c, r) x) >= r over the others, which holds whatever is hidden. And with any
        whole k >= 1, sum((floor(k c) + 1) x) >= k + 1 over the cells with c > 0, rounded.

        Yields `cells`: the cells of a cut; `values`: their coefficients; the right side is one.

        Examples
        --------
        Two of three cells are needed: 0.6 each is met by 5/9 of each, half of each by 2/3.

        >>> import numpy as np
        >>> cuts = Cuts()
        >>> _ = cuts.add(np.array([0, 1, 2]), np.array([0.6, 0.6, 0.6]))
        >>> next(cuts.strengthen(np.full(3, 5 / 9)))
        (array([0, 1, 2]), array([0.5, 0.5, 0.5]))
        """
        open_cuts = self._open_cuts(choice)
        if not open_cuts:
            return
        cells = np.concatenate([self.cells[number] for number in open_cuts])
        values = np.concatenate([self.values[number] for number in open_cuts])
        size = np.array([len(self.cells[number]) for number in open_cuts])
        start = np.cumsum(size) - size
        row = np.repeat(np.arange(len(size)), size)
        degree = choice[cells]
        best, most = np.zeros(len(values)), np.full(len(size), -np.inf)
        for least in _TAKEN:
            taken = (degree >= least) & (values < 1 - _TINY)
            rest = 1.0 - np.add.reduceat(np.where(taken, values, 0.0), start)
            possible = rest > 1e-3
            others = np.where(taken, 0.0, values / np.where(possible, rest, 1.0)[row])
            others = np.minimum(others, 1.0)
            for form in (others, *(_rounded(others, fold) for fold in _FOLDS)):
                missed = 1.0 - np.add.reduceat(form * degree, start)
                better = possible & (missed > most + 1e-6)
                most = np.where(better, missed, most)
                best = np.where(better[row], form, best)
        for number in np.flatnonzero(most > _BROKEN):
            part = slice(start[number], start[number] + size[number])
            some = best[part] > _TINY
            yield cells[part][some], best[part][some]

    def _open_cuts(self, choice: Floats) -> list[int]:
        """Give the cuts that the whole cells of a choice leave open: it breaks no form of others.

        With those cells whole the others may be whole or not: every such choice keeps the
        cut, and so does whatever lies between them.
        """
        if not self.cells:
            return []
        if self.rows.shape[0] < len(self.cells):
            start = np.cumsum([0, *map(len, self.cells)])
            parts = np.concatenate(self.values), np.concatenate(self.cells), start
            self.rows = sp.csr_array(parts, shape=(len(self.cells), len(choice)))
        sure = self.rows @ (choice > 1 - _TINY).astype(float)
        return [int(number) for number in np.flatnonzero(sure < 1 - _TINY)]


def _rounded(values: Floats, fold: int) -> Floats:
    up = (np.floor(values * fold + 1e-6) + 1.0) / (fold + 1)
    return np.where(values > _TINY, np.minimum(up, 1.0), 0.0)
