"""Write numbers as each language does; the conventions are those of `obs.locale`.

The same value gives the same digits in every language; only separators, signs and words differ.
Rounding is the last step, half away from zero, and a rounded zero never has a sign.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from obs.errors import ObsError
from obs.locale import conventions, words

__all__ = [
    "MINUS",
    "format_change",
    "format_interval",
    "format_number",
    "format_percent",
    "format_points",
    "printed",
    "status_text",
    "typography",
]

MINUS = "\N{MINUS SIGN}"
_STATUSES = ("missing", "not_applicable", "unreliable")  # others are "withheld"


def format_number(value: float | Decimal, lang: str, *, decimals: int = 0) -> str:
    """Write a number with the separators of a language.

    Returns thousands grouped, a true minus sign, no sign on a rounded zero. Raises `ObsError` if
    the value is missing or infinite, or the language unknown.

    Examples
    --------
    >>> from obs.report.facts.numbers import format_number
    >>> format_number(-1234.55, "nl", decimals=1), format_number(1234.55, "en", decimals=1)
    ('−1.234,6', '1,234.6')
    """
    return conventions(lang).write(printed(value, decimals))


def printed(value: float | Decimal, decimals: int = 0) -> Decimal:
    """Round a number to the digits that are printed, half away from zero.

    Parameters
    ----------
    value : float or Decimal
        Finite.
    decimals : int
        Digits after the decimal sign.

    Returns
    -------
    Decimal
        With exactly these decimals; a plural form follows it.

    Raises
    ------
    ObsError
        If the value is missing or infinite.

    Examples
    --------
    >>> from obs.report.facts.numbers import printed
    >>> printed(0.305, 2), printed(-0.2)
    (Decimal('0.31'), Decimal('0'))
    """
    if not isinstance(value, Decimal) and (pd.isna(value) or not math.isfinite(value)):
        raise ObsError("A number to be written is missing or infinite: show its status instead.")
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) + Decimal(0)


def format_percent(share: float, lang: str, *, decimals: int = 0) -> str:
    """Write a share (0 to 1) as a percentage, its sign placed as the language places it.

    Returns text with a no-break space before the sign in French. Raises `ObsError` if the value
    is missing or infinite, or the language unknown.

    Examples
    --------
    >>> from obs.report.facts.numbers import format_percent
    >>> format_percent(0.431, "nl"), format_percent(0.431, "en", decimals=1)
    ('43%', '43.1%')
    """
    number = format_number(_times_hundred(share), lang, decimals=decimals)
    return conventions(lang).percent.replace("{number}", number)


def format_change(change: float, lang: str, *, decimals: int = 0) -> str:
    """Write a relative change (0.21 is plus 21 per cent) with its sign.

    Returns "+21 %", "−3 %", and "0 %" when it rounds to nothing. Raises `ObsError` if the value
    is missing or infinite, or the language unknown.

    Examples
    --------
    >>> from obs.report.facts.numbers import format_change
    >>> format_change(0.041, "en"), format_change(-0.23, "en"), format_change(0.001, "en")
    ('+4%', '−23%', '0%')
    """
    sign = "+" if printed(_times_hundred(change), decimals) > 0 else ""
    return sign + format_percent(change, lang, decimals=decimals)


def format_points(difference: float, lang: str, *, decimals: int = 1) -> str:
    """Write the difference of two shares in percentage points, with its sign.

    Returns a number and the words; never a per cent sign. Raises `ObsError` if the value is
    missing or infinite, or the language unknown.

    Examples
    --------
    >>> from obs.report.facts.numbers import format_points
    >>> format_points(-0.0123, "en").split(), format_points(0.01, "nl").split()
    (['−1.2', 'percentage', 'points'], ['+1,0', 'procentpunt'])
    """
    points = printed(_times_hundred(difference), decimals)
    number = ("+" if points > 0 else "") + conventions(lang).write(points)
    return words(lang).say("number.points", count=points, number=number)


def format_interval(low: str, high: str, lang: str) -> str:
    """Join two written bounds: "12,1 à 12,5", "12,1 tot 12,5", "12.1 to 12.5".

    The name stays on one line around the joining word.

    Examples
    --------
    >>> from obs.report.facts.numbers import format_interval
    >>> format_interval("12.1", "12.5", "en").split()
    ['12.1', 'to', '12.5']
    """
    return words(lang).say("number.interval", low=low, high=high)


def status_text(status: str, lang: str) -> str:
    """Say in words why a cell shows no number.

    Returns "not published" for what was withheld, by us or by the source; "unknown"; "not
    applicable".

    Examples
    --------
    >>> from obs.report.facts.numbers import status_text
    >>> status_text("suppressed_primary", "nl"), status_text("missing", "en")
    ('niet gepubliceerd', 'unknown')
    """
    return words(lang).say(f"status.{status if status in _STATUSES else 'withheld'}")


def typography(text: str, lang: str) -> str:
    r"""Set prose as the language's printers do.

    An apostrophe within a word is a curved one, and after the s of an English plural. Spaces
    before punctuation and inside quotation marks are those of the language's conventions, so
    no-break spaces in French. Addresses and times are left alone.

    Returns the same words; doing it twice changes nothing more. Raises `ObsError` if the language
    is unknown, or the prose is no text.

    Examples
    --------
    >>> from obs.report.facts.numbers import typography
    >>> ascii(typography("Pourquoi ? Voici : « 14:30 ».", "fr"))
    "'Pourquoi\\u202f? Voici\\xa0: \\xab\\xa014:30\\xa0\\xbb.'"
    """
    if not isinstance(text, str):
        raise ObsError(f"a title, alt or note is text, not {type(text).__name__}: give words.")
    return conventions(lang).typeset(text)


def _times_hundred(share: float) -> Decimal:
    if pd.isna(share) or not math.isfinite(share):
        raise ObsError("A share to be written is missing or infinite: show its status instead.")
    return Decimal(repr(float(share))) * 100
