"""Provide the words of a page in each language: verdicts, labels of notes, warnings.

Direction words come from the verdict of a comparison, never from a difference.
"""

from __future__ import annotations

import re

from obs.errors import ObsError
from obs.reference import label
from obs.report.facts.released_only import need_language
from obs.report.facts.released_row import Kind

__all__ = [
    "CAUTION",
    "UNLIKE",
    "base_words",
    "caution_words",
    "exposure_words",
    "first_upper",
    "measure_words",
    "synthetic_label",
    "unseen_words",
    "verdict_words",
]

CAUTION = "*"  # after an estimate of reliability grade C
UNLIKE = "not comparable"  # the verdict that needs its reason

_SYNTHETIC = {
    "fr": "Données synthétiques — aucun chiffre de cette page n’est réel",
    "nl": "Synthetische gegevens — geen enkel cijfer op deze pagina is echt",
    "en": "Synthetic data — no figure on this page is real",
}
_DIFFERENCES = {
    "change": {"fr": "évolution en %", "nl": "evolutie in %", "en": "change in %"},
    "points": {
        "fr": "écart en points de pourcentage",
        "nl": "verschil in procentpunten",
        "en": "difference in percentage points",
    },
    "share": {"fr": "part en %", "nl": "aandeel in %", "en": "share in %"},
}
_CAUTIOUS = {
    "fr": "{} : estimation peu précise, à lire avec prudence.",
    "nl": "{}: weinig nauwkeurige schatting, met voorzichtigheid te lezen.",
    "en": "{}: imprecise estimate, to be read with caution.",
}
_UNSEEN = {  # a rise or a fall of less than so much; any of them, where none would have shown
    "fr": (
        "une hausse de moins de {}",
        "une baisse de moins de {}",
        "toute hausse",
        "toute baisse",
    ),
    "nl": (
        "een stijging van minder dan {}",
        "een daling van minder dan {}",
        "gelijk welke stijging",
        "gelijk welke daling",
    ),
    "en": ("a rise of less than {}", "a fall of less than {}", "any rise", "any fall"),
}
_UNSEEN_TEXT = {
    "fr": "{} ou {} a pu passer inaperçue",
    "nl": "{} of {} kan onopgemerkt gebleven zijn",
    "en": "{} or {} may have gone unseen",
}
_INDEX = {"fr": "indice ({})", "nl": "index ({})", "en": "index ({})"}
_EXPOSURES = {
    "inhabitants": {"fr": "habitants", "nl": "inwoners", "en": "inhabitants"},
    "dwellings": {"fr": "logements", "nl": "woningen", "en": "dwellings"},
}
_NARROW = "\N{NARROW NO-BREAK SPACE}"
_NO_BREAK = "\N{NO-BREAK SPACE}"


def synthetic_label(lang: str) -> str:
    """Say that the data are synthetic.

    Returns the sentence every page, figure and file of synthetic data carries.

    Examples
    --------
    >>> from obs.report.facts.words import synthetic_label
    >>> synthetic_label("en")
    'Synthetic data — no figure on this page is real'
    """
    return _SYNTHETIC[need_language(lang)]


def verdict_words(verdict: str, lang: str, *, reason: str | None = None) -> str:
    """Say the verdict of a comparison.

    Returns words that fit after "is" or "are". Raises `ObsError` if the verdict, the reason or
    the language is unknown.

    Examples
    --------
    >>> from obs.report.facts.words import verdict_words
    >>> verdict_words("down", "fr"), verdict_words("stable", "en")
    ('en baisse', 'no significant change')
    >>> verdict_words("not comparable", "en", reason="break_in_series")
    'not comparable (break in the series)'
    """
    words = label("verdicts", verdict, need_language(lang))
    if reason is None or verdict != UNLIKE:
        return words
    return f"{words} ({label('reasons', reason, lang)})"


def measure_words(kind: Kind, unit: str, scale: str, lang: str) -> str:
    """Say what a value counts and in which proportion.

    Returns "faits pour 1 000 habitants", with a no-break space in the number; "personnes, nombre
    estimé"; "indice (2015 = 100)". Raises `ObsError` if a code or the language is unknown.

    Examples
    --------
    >>> from obs.report.facts.words import measure_words
    >>> measure_words("rate", "fact", "per_1000_dwellings", "nl")
    'feiten per 1.000 woningen'
    """
    if kind in ("change", "points"):
        return _DIFFERENCES[kind][need_language(lang)]
    if kind == "share":
        return _DIFFERENCES["share"][need_language(lang)]
    if kind == "index":
        return _INDEX[need_language(lang)].format(base_words(scale))
    counted = label("units", unit, lang, plural=True)
    if kind == "count":
        return counted
    if kind == "estimate":
        return f"{counted}, {label('scales', scale, lang)}"
    proportion = label("scales", scale, lang)
    return f"{counted} {re.sub(r'(?<=[0-9]) (?=[0-9]{3})', _NARROW, proportion)}"


def base_words(scale: str) -> str:
    """Say in which year an index is 100, alike in every language.

    Returns text on one line. Raises `ObsError` if the scale is of no index.

    Examples
    --------
    >>> from obs.report.facts.words import base_words
    >>> base_words("index_2015").split()
    ['2015', '=', '100']
    """
    found = re.fullmatch(r"index_(\d{4})", scale)
    if found is None:
        raise ObsError(f"Scale {scale!r} is of no index: the form is index_2015.")
    return f"{found[1]}{_NO_BREAK}={_NO_BREAK}100"


def caution_words(lang: str) -> str:
    """Say what the mark of an imprecise estimate means.

    Returns a sentence.

    Examples
    --------
    >>> from obs.report.facts.words import caution_words
    >>> caution_words("en")
    '*: imprecise estimate, to be read with caution.'
    """
    return _CAUTIOUS[need_language(lang)].format(CAUTION)


def unseen_words(rise: str | None, fall: str | None, lang: str) -> str:
    """Say which changes a comparison would not have shown with confidence.

    Returns a clause.

    Examples
    --------
    >>> from obs.report.facts.words import unseen_words
    >>> unseen_words("8%", None, "en")
    'a rise of less than 8% or any fall may have gone unseen'
    """
    less_rise, less_fall, any_rise, any_fall = _UNSEEN[need_language(lang)]
    return _UNSEEN_TEXT[lang].format(
        any_rise if rise is None else less_rise.format(rise),
        any_fall if fall is None else less_fall.format(fall),
    )


def exposure_words(scale: str, lang: str) -> str:
    """Name what a rate is divided by.

    Returns "habitants". Raises `ObsError` if the scale is of no known denominator.

    Examples
    --------
    >>> from obs.report.facts.words import exposure_words
    >>> exposure_words("per_1000_dwellings", "nl")
    'woningen'
    """
    kind = scale.rsplit("_", 1)[-1]
    if kind not in _EXPOSURES:
        raise ObsError(f"Scale {scale!r} has no known denominator: {', '.join(_EXPOSURES)}.")
    return _EXPOSURES[kind][need_language(lang)]


def first_upper(text: str) -> str:
    """Start a text with a capital, the rest as it is."""
    return text[:1].upper() + text[1:]
