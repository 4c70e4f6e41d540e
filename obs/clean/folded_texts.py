"""Fold texts so that spellings of one word are alike: case, accents, blanks, apostrophes."""

from __future__ import annotations

import unicodedata

__all__ = ["UNSEEN", "fold", "unaccented"]

UNSEEN = "\u200b\u200e\u200f\u2060\ufeff"  # signs of no width
_ALIKE = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u2010": "-", "\u2011": "-", "\u2013": "-"}
    | dict.fromkeys(UNSEEN, "")
)


def fold(text: str) -> str:
    """Give the form that all spellings of a text share.

    Parameters
    ----------
    text : str
        A code, a word or a name.

    Returns
    -------
    str
        In lower case, without accents, its blanks made one.

    Examples
    --------
    >>> fold("  FÉMININ ") == fold("feminin")
    True
    """
    return " ".join(unaccented(text).split()).casefold()


def unaccented(text: str) -> str:
    """Give a text without accents, its typographic signs made plain."""
    spread = unicodedata.normalize("NFKD", text.translate(_ALIKE))
    return "".join(c for c in spread if not unicodedata.combining(c))
