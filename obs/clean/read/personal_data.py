"""Recognise personal data: numbers of persons, phones, names, addresses, exact places, plates.

This module has the rules only. `obs.clean.read.screening` applies them to distinct texts and
refuses the file.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import phonenumbers
from stdnum import iban
from stdnum.be import bis, nn
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.it import codicefiscale

from obs.declare.plain_texts import EMAIL

__all__ = [
    "BARE",
    "LIKE_NUMBERS",
    "SUSPECT",
    "WHEN",
    "has_first_name",
    "header_kind",
    "is_mobile",
    "is_personal_header",
    "is_register",
    "names_beside",
    "personal_kind",
]

_WORDS = Path(__file__).with_name("personal_words.toml")

_STREET = (
    r"(?:rue|avenue|av|bd|bld|boulevard|chauss[eé]e|ch[eé]e|place|square|impasse|all[eé]e|quai"
    r"|clos|dr[eè]ve|venelle|chemin|sentier|passage|galerie|rampe)"
)
_STREET_ENDS = r"(?:straat|laan|steenweg|plein|dreef|singel|gracht|kaai|lei)"
# shapes that the columns are searched for, in RE2: a text with none of them holds nothing personal
SUSPECT = "|".join(
    (
        r"@",
        r"(?:^|\D)\d{2}[ ./-]?\d{2}[ ./-]?\d{2}[ ./-]{0,3}\d{3}[ ./-]?\d{2}(?:\D|$)",
        r"^\s*\d[.,]\d{10}[eE]",
        r"(?:^|[^\w.,])(?:\+|0|\(0)[ ./()-]*\d(?:[ ./()-]{0,3}\d){6}",
        r"\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}",
        r"(?i:tel|tél|gsm|phone|mobile)\D{1,12}\d",
        r"(?:^|\W)[12] ?\d{2} ?\d{2} ?[\dAB]{2} ?\d{3} ?\d{3} ?\d{2}(?:\W|$)",
        r"[A-Z]{6}\d{2}[A-Z]\d{2}|(?:^|\W)[XYZ\d]-?\d{7}-?[A-Z](?:\W|$)",
        r"[A-Za-z]{2}\d{2} ?[A-Za-z0-9]{4} ?[A-Za-z0-9]{4}",
        r"(?:^|[^\w-])(?:[1-9]-?[A-Za-z]{3}-?\d{3}|[A-Z]{2}-\d{3}-[A-Z]{2})(?:[^\w-]|$)",
        r"\d[.,]\d{4,}.*\d[.,]\d{4}|POINT ?\(|\d°|\d{5}[.,]\d+ ?[;,/ ] ?\d{5,7}[.,]\d",
        r"\d\.\d{1,3}\.\d{1,3}\.\d|[0-9a-fA-F]:[0-9a-fA-F:]*:[0-9a-fA-F:]*:",
        r"(?i:n[eé]e? le|n[eé]e?[.:,]|\bgeb|\bborn|\bddn\b|naissance)|°",
        r"(?i:\b(?:monsieur|madame|mademoiselle|mme|mlle|mevrouw|mevr|dhr|mrs|heer)\b)|\bM[rsw]?\.? +\p{L}",
        rf"(?i:\b{_STREET}\b)|(?i:{_STREET_ENDS}\b),? ?|\d (?:\w+\.? )+(?i:st|street|ave|avenue|rd|road|blvd|lane)\b",
        r"\p{Lu}\p{Ll}[\p{L}'’-]*,? +\p{Lu}|\p{Lu}[\p{L}'’-]+,? +\p{Lu}\p{Ll}",
    )
)
WHEN = r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]+\d{1,2}[:h.]\d{2}[\d:.]*(?: ?[AP]M)?Z?)?\s*$"  # a day

LIKE_NUMBERS = frozenset(  # kinds that the number of a file may look like by chance
    {"national register number", "phone number", "number plate", "bank account", "exact place"}
    | {"internet address"}
)
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-/.]\d{2}[-/.]\d{2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d(?!\d))(?:[T ]\d{1,2}[:h.]\d{2}(?:[:.]\d{2})?)?"
)
_REGISTER = re.compile(
    r"(?<!\d)(?<!\d[.,])\d{2}[ ./-]?\d{2}[ ./-]?\d{2}[ ./-]{0,3}\d{3}[ ./-]?\d{2}(?![.,]?\d)"
)
_FLOAT = re.compile(r"\s*(\d{11})[.,]0+\s*|\s*(\d)[.,](\d{10})[eE]\+?10\s*")
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?\b")
_NATIONAL = re.compile(  # numbers of other countries, told by letters or by length
    r"(?<!\w)(?<!\d[.,])(?:[12] ?\d{2} ?\d{2} ?[\dAB]{2} ?\d{3} ?\d{3} ?\d{2}|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"
    r"|\d{8}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z])(?!\w)"
)
_PHONE = re.compile(
    r"(?<![\w+])(?<!\w[.,/-])(?:\+\d{1,3}|00\d{1,3}|0|\(0)[ ./()-]*\d(?:[ ./()-]{0,3}\d){6,12}(?!\w|[.,]\d)"
)
_AFTER_WORD = re.compile(r"(?i)\b(?:t[eé]l|gsm|phone|mobile|telefoon)\w{0,7}[.: ]{1,3}(?=[\d+(])")
_GROUPED = re.compile(  # written as a phone, whatever the number: groups of two or three
    r"(?<!\w)(?<!\d[.,])(?:0[1-9]\d{0,2}[ /.]\d{2,3}(?:[ .]\d{2}){2}|0[1-9](?:[ .-]\d{2}){4}"
    r"|04[5-9]\d{7}|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?!\w|[.,]\d)"
)
_PLATE = re.compile(
    r"(?<![\w-])(?:[1-9]-?[A-Za-z]{3}-?\d{3}|[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2})(?![\w-])"
)
_DEGREES = re.compile(
    r"(?<![\d.])[(]?\s*(-?\d{1,2}[.]\d{4,})\s*°?\s*[NnSs]?\s*[,; ]\s*(-?\d{1,3}[.]\d{4,})\s*°?\s*[EeWwOo]?"
)
_DEGREES_COMMA = re.compile(r"(?<![\d,])(-?\d{1,2},\d{4,})\s*[;/ ]\s*(-?\d{1,3},\d{4,})(?!\d)")
_POINT = re.compile(  # WKT, degrees and minutes, a pair of metres of a national grid
    r"(?i)POINT ?\(|\d{1,2}° ?\d{1,2}['’′]|(?<![\d.,])\d{5,7}[.,]\d+ ?[;,/ ] ?\d{5,7}[.,]\d"
)
_IP = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])[0-9A-Fa-f:]{6,39}(?![\w:])"
)
_BORN = re.compile(
    r"(?i)(?:\bn[eé]e?s?(?: le|[.:,])|\bgeb(?:oren|\.)?(?: op|[.:])?|\bborn(?: on)?|\bddn\b|°|\bnaissance\b)"
    r"[ :.]{0,3}\d{1,2}(?:er)?[ ./-](?:\d{1,2}|\w{3,9})[ ./-]\d{2,4}"
)
_TITLE = re.compile(
    r"(?:\b(?i:monsieur|madame|mademoiselle|mme|mlle|mevrouw|mevr|dhr|mrs|de heer)\b\.?|\bMr?\.|\bMr\b|\bMw\.|\bMs\b\.?)"
    r" {1,2}(?:[A-ZÀ-Ý]\.? ?-?){0,2}[^\W\d_]{2,}"
)
_MONTH = r"(?:janv|f[eé]vr|mars|avril|mai|juin|juil|ao[uû]t|sept|octo|nove|d[eé]ce)"
_ADDRESS = re.compile(
    rf"(?i)\b{_STREET}\b\.? (?:(?:de|du|des|la|le|les|van|der?|d'|l'|aux?) ?)*[^\W\d_]{{3,}}[^\d,;]{{0,40}}?"
    rf",? ?(?:n°|nr?\.?)? ?\d{{1,4}}(?![\d/.-])(?! ?{_MONTH})"
    rf"|(?<!\d)\d{{1,4}} ?[a-z]?,? {_STREET}\b\.? [^\W\d_]{{2,}}"
    rf"|\b[^\W\d_]{{2,}}{_STREET_ENDS}\b,? ?(?:nr?\.?)? ?\d{{1,4}}(?!\d)"
)
_ENGLISH_ADDRESS = re.compile(
    r"(?<![\w-])\d{1,5} (?:[NSEW]\.? )?[A-Z][A-Za-z]+ (?:ST|STREET|Street|AVE|AVENUE|Avenue|RD|ROAD|Road|BLVD|LANE|Lane)\b"
)
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
BARE = re.compile(r"\s*(\d{8,11})(?:[.,]0+)?\s*")


def is_personal_header(name: str) -> bool:
    """Tell whether a column's name announces persons' names, numbers or addresses.

    Parameters
    ----------
    name : str
        A header in French, Dutch or English, in any case, with any separators.

    Returns
    -------
    bool
        True for "Prénom", "NOM_VICTIME", "Geboortedatum"; False for "NOM_DEPCOM", "vol_gsm".

    Examples
    --------
    >>> [is_personal_header(h) for h in ("Prénom", "nom_victime", "NOM_DEP", "vol_gsm")]
    [True, True, False, False]
    """
    return header_kind(name) == "personal"


def header_kind(name: str) -> str:
    """Say what the name of a column announces.

    Returns
    -------
    str
        "personal" (refused whatever its cells hold), "person" (persons, unless its cells are
        numbers), "sensitive" (what the law protects most), or "".

    Examples
    --------
    >>> [header_kind(h) for h in ("DDN", "Auteur", "Nationalité", "n_mobile_phones_stolen")]
    ['personal', 'person', 'sensitive', '']
    """
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = set(re.findall(r"[a-z]+", _plain(split)))
    known = _words()
    if words & known["counted"]:
        return ""
    if words & known["alone"] or any({*phrase} <= words for phrase in known["together"]):
        return "personal"
    if words & known["perhaps"] and words <= known["perhaps"] | known["around"]:
        return "personal"
    small = known["around"] - known["persons"]
    if words & known["persons"] and words <= known["persons"] | small:
        return "person"
    if words & known["sensitive"] and words <= known["sensitive"] | known["around"]:
        return "sensitive"
    return ""


@lru_cache(maxsize=65_536)
def personal_kind(text: str) -> str | None:
    """Say what personal data a text holds, if any; one such text is enough.

    Numbers are told by their check digits (python-stdnum) or the plan of their country
    (phonenumbers), Belgian and French ones in every written form.

    Parameters
    ----------
    text : str
        One cell.

    Returns
    -------
    str or None
        "national register number", "phone number", "e-mail address", "bank account",
        "number plate", "exact place", "internet address", "day of birth", "address",
        "person's name", or None.

    Examples
    --------
    >>> personal_kind("85.07.30-033.28"), personal_kind("BR.11.LA.004633/2018")
    ('national register number', None)
    >>> personal_kind("0470/123456"), personal_kind("rue du Modèle 16")
    ('phone number', 'address')
    """
    for kind, holds in _KINDS:
        if holds(text):
            return kind
    return None


def has_first_name(text: str) -> bool:
    """Tell whether a word of a text is a first name."""
    known = _words()["first_names"]
    return any(_plain(token) in known for token in _TOKEN.findall(text))


def is_register(number: str) -> bool:
    """Tell a Belgian national register number, or one of those without."""
    return bool(nn.is_valid(number) or bis.is_valid(number))


def _holds_register(text: str) -> bool:
    if found := _FLOAT.fullmatch(text):
        return is_register(found[1] or found[2] + found[3])
    return any(is_register(found[0]) for found in _REGISTER.finditer(text))


def _holds_national(text: str) -> bool:
    return any(
        one.is_valid(found[0])
        for found in _NATIONAL.finditer(text)
        for one in (nir, codicefiscale, dni, nie)
    )


def _holds_phone(text: str) -> bool:
    plain = _DATE.sub(" ", _AFTER_WORD.sub(" ", text))
    if _GROUPED.search(plain):
        return True
    if any(_is_phone(found[0]) for found in _PHONE.finditer(plain)):
        return True
    bare = BARE.fullmatch(plain)
    return bool(
        bare and len(bare[1]) == 11 and bare[1][:2] in ("32", "33") and is_mobile(f"+{bare[1]}")
    )


def _valid_numbers(text: str) -> Iterator[phonenumbers.PhoneNumber]:
    """Give the numbers that the plan of Belgium or of France knows in a text."""
    for region in ("BE", "FR"):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield number


def _is_phone(text: str) -> bool:
    return any(True for _ in _valid_numbers(text))


def is_mobile(text: str) -> bool:
    """Tell a Belgian or French mobile number."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    return any(phonenumbers.number_type(number) == mobile for number in _valid_numbers(text))


def _holds_place(text: str) -> bool:
    if _POINT.search(text):
        return True
    found = [*_DEGREES.findall(text), *_DEGREES_COMMA.findall(text)]
    pairs = [(float(a.replace(",", ".")), float(b.replace(",", "."))) for a, b in found]
    return any(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in pairs)


def _holds_internet_address(text: str) -> bool:
    for found in _IP.finditer(text):
        try:
            address = ipaddress.ip_address(found[0])
        except ValueError:
            continue
        if address.version == 6 or max(address.packed) > 31:  # "1.2.3.4" numbers a chapter
            return True
    return False


def _holds_name(text: str) -> bool:
    """Tell a title before a name, or a first name beside a name; not one all in capitals."""
    return bool(_TITLE.search(text)) or names_beside(text, capitals=False)


def names_beside(text: str, *, capitals: bool) -> bool:
    """Tell a first name beside another name, neither of them part of the name of a place."""
    tokens = _TOKEN.findall(text)
    known = _words()
    for turn, (one, other) in enumerate(zip(tokens, tokens[1:], strict=False)):
        if not (one[:1].isupper() and other[:1].isupper()):
            continue
        first, second = _plain(one), _plain(other)
        if {first, second}.isdisjoint(known["first_names"]) or min(len(first), len(second)) < 2:
            continue
        if one.isupper() and other.isupper() and not capitals:
            continue
        near = {_plain(token) for token in tokens[max(turn - 2, 0) : turn + 4]}
        if near.isdisjoint(known["places"]):
            return True
    return False


_KINDS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("national register number", _holds_register),
    ("e-mail address", EMAIL.search),
    ("phone number", _holds_phone),
    (
        "bank account",
        lambda text: any(iban.is_valid(m[0], check_country=False) for m in _IBAN.finditer(text)),
    ),
    ("national register number", _holds_national),
    ("number plate", _PLATE.search),
    ("exact place", _holds_place),
    ("internet address", _holds_internet_address),
    ("day of birth", _BORN.search),
    ("address", lambda text: _ADDRESS.search(text) or _ENGLISH_ADDRESS.search(text)),
    ("person's name", _holds_name),
)


@lru_cache(maxsize=65_536)
def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()


@cache
def _words() -> dict[str, frozenset[Any]]:
    listed = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    listed["first_names"] = listed["first_names"].split()
    return {
        key: frozenset(tuple(w) if isinstance(w, list) else w for w in words)
        for key, words in listed.items()
    }
