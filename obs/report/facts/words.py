"""Provide the words that several figures share: verdicts, measures, warnings.

Direction words come from the verdict of a comparison, never from a difference.
"""

from __future__ import annotations

import re
from decimal import Decimal

from obs.errors import ObsError
from obs.locale import words
from obs.reference import label
from obs.report.facts.released_row import Kind

__all__ = [
    "CAUTION",
    "UNLIKE",
    "base_words",
    "caution_words",
    "exposure_words",
    "first_lower",
    "first_upper",
    "measure_words",
    "synthetic_label",
    "unseen_words",
    "verdict_words",
]

CAUTION = "*"  # after an estimate of reliability grade C
UNLIKE = "not comparable"  # the verdict that needs its reason

_TIME = "day"  # unit of durations
_EXPOSURES = ("inhabitants", "dwellings", "premises", "vehicles")
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
    return words(lang).say("page.synthetic")


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
    text = label("verdicts", verdict, lang)
    if reason is None or verdict != UNLIKE:
        return text
    return f"{text} ({label('reasons', reason, lang)})"


def measure_words(
    kind: Kind, unit: str, scale: str, lang: str, *, count: Decimal | None = None
) -> str:
    r"""Say what a value counts and in which proportion.

    Returns "faits pour 1 000 habitants", with a no-break space in the number; "personnes, nombre
    estimé"; "indice (2015 = 100)". Raises `ObsError` if a code or the language is unknown.
    `count` is the number before the words, as it is printed: 0.31 has the singular in French.

    Examples
    --------
    >>> from obs.report.facts.words import measure_words
    >>> measure_words("rate", "fact", "per_1000_dwellings", "nl")
    'feiten per 1.000 woningen'
    >>> ascii(measure_words("rate", "fact", "per_1000_dwellings", "fr", count=Decimal("0.31")))
    "'fait pour 1\\u202f000 logements'"
    """
    own = words(lang)
    if kind in ("change", "points", "share"):
        return own.say(f"measure.{kind}")
    if kind == "index":
        return own.say("measure.index", base=base_words(scale))
    counted = own.several("units", unit) if count is None else own.code("units", unit, count=count)
    if (
        kind == "count" or unit == _TIME
    ):  # a duration is never counted, and need not be called estimated
        return counted
    proportion = own.code("scales", scale)
    return f"{counted}, {proportion}" if kind == "estimate" else f"{counted} {proportion}"


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
    return words(lang).say("measure.caution", mark=CAUTION)


def unseen_words(rise: str | None, fall: str | None, lang: str) -> str:
    """Say which changes a comparison would not have shown with confidence.

    Returns a clause.

    Examples
    --------
    >>> from obs.report.facts.words import unseen_words
    >>> unseen_words("8%", None, "en")
    'a rise of less than 8% or any fall may have gone unseen'
    """
    say = words(lang).say
    return say(
        "unseen.either",
        rise=say("unseen.any_rise") if rise is None else say("unseen.rise_below", least=rise),
        fall=say("unseen.any_fall") if fall is None else say("unseen.fall_below", least=fall),
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
    return words(lang).say(f"measure.exposure.{kind}")


def first_upper(text: str) -> str:
    """Start a text with a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def first_lower(text: str) -> str:
    """Start a text as within a sentence; one that starts with an abbreviation stays.

    Examples
    --------
    >>> from obs.report.facts.words import first_lower
    >>> first_lower("Thefts per day"), first_lower("PV par jour")
    ('thefts per day', 'PV par jour')
    """
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
