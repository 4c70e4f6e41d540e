"""The words a page needs in three languages: verdicts, labels of remarks, warnings.

Direction words come from the verdict of a comparison, never from a difference.
"""

from __future__ import annotations

from obs.errors import ObsError
from obs.report.gate import need_language
from obs.schemas import VERDICTS

__all__ = ["synthetic_label", "verdict_words"]

_SYNTHETIC = {
    "fr": "Données synthétiques — aucun chiffre de cette page n’est réel",
    "nl": "Synthetische gegevens — geen enkel cijfer op deze pagina is echt",
    "en": "Synthetic data — no figure on this page is real",
}
_VERDICTS = {
    "up": {"fr": "en hausse", "nl": "gestegen", "en": "up"},
    "down": {"fr": "en baisse", "nl": "gedaald", "en": "down"},
    "stable": {
        "fr": "sans évolution nette",
        "nl": "zonder duidelijke verandering",
        "en": "without clear change",
    },
    "not comparable": {
        "fr": "non comparable",
        "nl": "niet vergelijkbaar",
        "en": "not comparable",
    },
    "too few to say": {
        "fr": "trop peu nombreux pour conclure",
        "nl": "te weinig om te besluiten",
        "en": "too few to say",
    },
}


def synthetic_label(lang: str) -> str:
    """Say that the data are synthetic.

    Parameters
    ----------
    lang : {"fr", "nl", "en"}
        Language.

    Returns
    -------
    str
        The sentence every page, figure and file of synthetic data carries.

    Raises
    ------
    ObsError
        If the language is unknown.

    Examples
    --------
    >>> from obs.report.words import synthetic_label
    >>> synthetic_label("en")
    'Synthetic data — no figure on this page is real'
    """
    return _SYNTHETIC[need_language(lang)]


def verdict_words(verdict: str, lang: str) -> str:
    """Say the verdict of a comparison.

    Parameters
    ----------
    verdict : str
        One of `obs.schemas.VERDICTS`.
    lang : {"fr", "nl", "en"}
        Language.

    Returns
    -------
    str
        Words that fit after "is" or "are".

    Raises
    ------
    ObsError
        If the verdict or the language is unknown.

    Examples
    --------
    >>> from obs.report.words import verdict_words
    >>> verdict_words("down", "fr"), verdict_words("stable", "en")
    ('en baisse', 'without clear change')
    """
    if verdict not in _VERDICTS:
        raise ObsError(f"Unknown verdict {verdict!r}: choose one of {', '.join(VERDICTS)}.")
    return _VERDICTS[verdict][need_language(lang)]
