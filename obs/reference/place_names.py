"""Normalise place names: case, accents, hyphens, apostrophes, Saint and Sint.

Only spelling is normalised here; `obs.reference.matching` decides what a name means.
"""

from __future__ import annotations

import unicodedata

__all__ = ["alphabetical_key", "normalise_name"]

_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)
_PARTS_OF_LETTERS = frozenset(
    {0, 7, 8, 9}
)  # classes of marks that make another letter (kana, Indic)
_SAINTS = frozenset({"saint", "sainte", "saints", "saintes", "sint", "sinte", "ste", "sts", "stes"})


def normalise_name(name: str) -> str:
    """Give the form of a place name that all its spellings share.

    Accents and case go, every run of hyphens, apostrophes, dots, slashes and blanks
    becomes one blank, and Saint, Sainte, Ste, St. and Sint all become ``st``. Letters of any script
    stay, and brackets, because what they hold says where a place is.

    Parameters
    ----------
    name : str
        A name as delivered.

    Returns
    -------
    str
        Lower-case words separated by one blank; empty if the name holds no letter or digit.

    Raises
    ------
    TypeError
        If the name is not text.

    Examples
    --------
    >>> normalise_name("WOLUWÉ-St. Lambert")
    'woluwe st lambert'
    >>> normalise_name("Sint-Gillis") == normalise_name("SINT  GILLIS")
    True
    """
    return " ".join("st" if word in _SAINTS else word for word in _words(name))


def alphabetical_key(name: str) -> str:
    """Give what a list of places is sorted by: Saint-Gilles before Schaerbeek, Écaussinnes under E.

    Parameters
    ----------
    name : str
        A name as published.

    Returns
    -------
    str
        Lower-case words without accents, separated by one blank.

    Examples
    --------
    >>> sorted(["Uccle", "Schaerbeek", "Saint-Gilles", "Écaussinnes"], key=alphabetical_key)
    ['Écaussinnes', 'Saint-Gilles', 'Schaerbeek', 'Uccle']
    """
    return " ".join(_words(name))


def _words(name: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", name.casefold().translate(_LIGATURES))
    plain = (c for c in folded if unicodedata.combining(c) in _PARTS_OF_LETTERS)
    spaced = "".join(c if _is_kept(c) else " " for c in plain)
    return spaced.replace("(", " (").replace(")", ") ").split()


def _is_kept(sign: str) -> bool:
    """Tell whether a sign is a letter, a part of one, a digit or a bracket."""
    return sign.isalnum() or sign in "()" or unicodedata.category(sign).startswith("M")
