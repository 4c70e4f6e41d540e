"""Write numbers in each language (fr-BE, nl-BE, en-GB).

The same value gives the same digits in every language; only separators, signs and words differ.
Rounding is the last step, half away from zero, and a rounded zero never has a sign.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
from babel import Locale
from babel.numbers import format_decimal

from obs.errors import ObsError
from obs.report.facts.released_only import need_language

__all__ = [
    "LOCALES",
    "MINUS",
    "format_change",
    "format_interval",
    "format_number",
    "format_percent",
    "format_points",
    "status_text",
    "typography",
]

MINUS = "\N{MINUS SIGN}"
_NARROW = "\N{NARROW NO-BREAK SPACE}"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB"}
_TO = {"fr": "à", "nl": "tot", "en": "to"}
_POINTS = {  # one, several
    "fr": ("point de pourcentage", "points de pourcentage"),
    "nl": ("procentpunt", "procentpunt"),
    "en": ("percentage point", "percentage points"),
}
_STATUS = {
    "missing": {"fr": "inconnu", "nl": "onbekend", "en": "unknown"},
    "not_applicable": {
        "fr": "sans objet",
        "nl": "niet van toepassing",
        "en": "not applicable",
    },
}
_WITHHELD = {"fr": "non publié", "nl": "niet gepubliceerd", "en": "not published"}
_UNRELIABLE = {"fr": "trop peu fiable", "nl": "te onbetrouwbaar", "en": "too unreliable"}


def format_number(value: float, lang: str, *, decimals: int = 0) -> str:
    """Write a number with the separators of a language.

    Returns thousands grouped, a true minus sign, no sign on a rounded zero. Raises `ObsError` if
    the value is missing or infinite, or the language unknown.

    Examples
    --------
    >>> from obs.report.facts.numbers import format_number
    >>> format_number(-1234.55, "nl", decimals=1), format_number(1234.55, "en", decimals=1)
    ('−1.234,6', '1,234.6')
    """
    rounded = _round(value, decimals)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(rounded, format=pattern, locale=_locale(lang)).replace("-", MINUS)


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
    pattern = Locale.parse(_locale(lang)).percent_formats[None].pattern
    return re.sub(r"[#,.0]+", number, pattern, count=1)


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
    sign = "+" if _round(_times_hundred(change), decimals) > 0 else ""
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
    points = _round(_times_hundred(difference), decimals)
    number = ("+" if points > 0 else "") + format_number(float(points), lang, decimals=decimals)
    singular = abs(points) < 2 if lang == "fr" else abs(points) == 1 and decimals == 0
    return f"{number}{_NO_BREAK}{_POINTS[lang][0 if singular else 1]}"


def format_interval(low: str, high: str, lang: str) -> str:
    """Join two written bounds: "12,1 à 12,5", "12,1 tot 12,5", "12.1 to 12.5".

    The name stays on one line around the joining word.

    Examples
    --------
    >>> from obs.report.facts.numbers import format_interval
    >>> format_interval("12.1", "12.5", "en").split()
    ['12.1', 'to', '12.5']
    """
    return f"{low}{_NO_BREAK}{_TO[need_language(lang)]}{_NO_BREAK}{high}"


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
    need_language(lang)
    if status == "unreliable":
        return _UNRELIABLE[lang]
    return _STATUS.get(status, _WITHHELD)[lang]


def typography(text: str, lang: str) -> str:
    r"""Set prose as the language's printers do.

    An apostrophe within a word, or after the s of an English plural, is a curved one. French
    gets its no-break spaces: before `:` and inside guillemets a full one, before `; ! ?` a
    narrow one. Addresses and times are left alone.

    Returns the same words; doing it twice changes nothing more. Raises `ObsError` if the language
    is unknown, or the prose is no text.

    Examples
    --------
    >>> from obs.report.facts.numbers import typography
    >>> ascii(typography("Pourquoi ? Voici : « 14:30 ».", "fr"))
    "'Pourquoi\\u202f? Voici\\xa0: \\xab\\xa014:30\\xa0\\xbb.'"
    """
    need_language(lang)
    if not isinstance(text, str):
        raise ObsError(f"a title, alt or note is text, not {type(text).__name__}: give words.")
    text = re.sub(r"(?<=\w)'(?=\w)", _APOSTROPHE, text)
    if lang == "en":
        text = re.sub(r"(?<=s)'(?=\s)", _APOSTROPHE, text)
    if lang != "fr":
        return text
    text = re.sub(r"«[ \u00a0\u202f]*", f"«{_NO_BREAK}", text)
    text = re.sub(r"[ \u00a0\u202f]*»", f"{_NO_BREAK}»", text)
    text = re.sub(r"[ \u00a0\u202f]+:", f"{_NO_BREAK}:", text)
    text = re.sub(r"(?<=[\w)\]%».?]):(?=\s|$)", f"{_NO_BREAK}:", text)
    text = re.sub(r"[ \u00a0\u202f]+([;!?])", rf"{_NARROW}\1", text)
    text = re.sub(r"(?<=[\w)\]%»])([;!?])(?=\s|$)", rf"{_NARROW}\1", text)
    return re.sub(r"(?<=\d) (?=%)", _NO_BREAK, text)


def _locale(lang: str) -> str:
    return LOCALES[need_language(lang)]


def _round(value: float | Decimal, decimals: int) -> Decimal:
    if not isinstance(value, Decimal) and (pd.isna(value) or not math.isfinite(value)):
        raise ObsError("A number to be written is missing or infinite: show its status instead.")
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) + Decimal(0)


def _times_hundred(share: float) -> Decimal:
    if pd.isna(share) or not math.isfinite(share):
        raise ObsError("A share to be written is missing or infinite: show its status instead.")
    return Decimal(repr(float(share))) * 100
