"""Tell lines under a table, totals and notes, from rows that lack something."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from obs.clean.folded_texts import fold
from obs.clean.read.reading import Reading

__all__ = ["find_footers"]

_TOTAL = re.compile(
    r"(grand |sous-?|algemeen |sub)?(total|totaux|totaal|totale|ensemble|somme|sum|gesamt)( general| generaal)?s?\b.{0,40}"
)
_NOTE = re.compile(
    r"(sources?|bron(nen)?|notes?|nota|noot|nb|n\.b\.|remarques?|opmerking(en)?|legende|quelle|attention|let op"
    r"|mise a jour|bijgewerkt|extrait le|extraction|\(?c\)|copyright|lecture|leeswijzer|champ|avertissement|\*+|\(\d\)|\d\))"
    r"[\s:.,)*-].*"
)


def find_footers(reading: Reading, needed: Sequence[str]) -> NDArray[np.bool_]:
    """Tell the rows that are a total or a note under the table.

    Such a row begins like one and lacks what a row needs: it is told by itself, wherever it
    stands.

    Parameters
    ----------
    reading : Reading
        A delivery, bound to its profile.
    needed : sequence of str
        Our columns without which a row says nothing.

    Returns
    -------
    ndarray of shape (n_rows,)
        True for footers.
    """
    n = len(reading.lines)
    found = np.zeros(n, dtype=bool)
    places = [reading.bound.columns[t] for t in needed if t in reading.bound.columns]
    if not places or len(reading.columns) < 2:
        return found
    blank = np.sum([reading.columns[place].codes < 0 for place in places], axis=0)
    for row in np.flatnonzero(blank > 0).tolist():
        first = next(c for c in reading.columns if c.codes[row] >= 0)  # no row is without a text
        text = fold(first.texts[int(first.codes[row])].as_py())
        total = bool(_TOTAL.fullmatch(text))
        note = 2 * blank[row] >= len(places) and bool(_NOTE.fullmatch(f"{text} "))
        found[row] = total or note
    return found
