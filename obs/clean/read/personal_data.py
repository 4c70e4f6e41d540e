"""Recognise personal data: national register numbers, phone numbers, columns of names.

This module has the rules only. `obs.clean.read.screening` applies them to distinct texts and
refuses the file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["SUSPECT", "is_personal_header", "personal_kind"]

# shapes that the engine may search too: no look-around, which RE2 has not
_REGISTER_SHAPE = r"(\d{2})[ ./-]?(\d{2})[ ./-]?(\d{2})[ ./-]{0,3}(\d{3})[ ./-]?(\d{2})"
_PHONE_SHAPE = (
    r"(?:\+[1-9]\d{0,2}[ ./-]*(?:\(0\)[ ./-]*)?\d(?:[ ./-]*\d){6,10}"  # +32 2 123 45 67
    r"|00(?:3[1-6]|4[13-9]|352)[ ./-]*\d(?:[ ./-]*\d){6,10}"  # 0032475123456
    r"|0[1-9]\d{0,2}[ /.]\d{2,3}(?:[ .]\d{2}){2}"  # 02/123.45.67, 0475 12 34 56
    r"|0[1-9](?:[ .-]\d{2}){4}"  # 06 12 34 56 78
    r"|04[5-9]\d{7}"  # 0475123456
    r"|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})"  # (312) 555-0100
)
_EMAIL_SHAPE = r"[^\s@<>;,]+@[^\s@<>;,]+\.[A-Za-z]{2,}"
SUSPECT = f"{_EMAIL_SHAPE}|{_PHONE_SHAPE}|{_REGISTER_SHAPE}"

_REGISTER = re.compile(rf"(?<!\d)(?<!\d[.,]){_REGISTER_SHAPE}(?![.,]?\d)")
_PHONE = re.compile(rf"(?<!\w)(?<!\d[.,]){_PHONE_SHAPE}(?!\w|[.,]\d)")
# the same as _EMAIL_SHAPE, bounded: without bounds the time grows with the square of a text
_EMAIL = re.compile(r"[^\s@<>;,]{1,64}@[^\s@<>;,]{1,253}\.[A-Za-z]{2,}")
_WORDS = Path(__file__).with_name("personal_words.toml")


def is_personal_header(name: str) -> bool:
    """Tell whether a column's name announces persons' names, numbers or addresses.

    Returns True for "Prénom", "NOM_VICTIME", "Geboortedatum"; False for "NOM_DEPCOM".

    Examples
    --------
    >>> [is_personal_header(h) for h in ("Prénom", "nom_victime", "NOM_DEP", "DATE_FAIT")]
    [True, True, False, False]
    """
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode().casefold()
    words = set(re.findall(r"[a-z]+", plain))
    known = _header_words()
    if words & known["alone"] or any({*phrase} <= words for phrase in known["together"]):
        return True
    return bool(words & known["perhaps"]) and words <= known["perhaps"] | known["around"]


def personal_kind(text: str) -> str | None:
    """Say what personal data a text holds, if any.

    A Belgian national register number is told by its checksum, 97 minus the first nine
    digits modulo 97, with a 2 before them for those born from 2000; its month may be
    raised by 20 or 40 (bis numbers) and its day may be 00.

    Returns "national register number", "phone number", "e-mail address", or None.

    Examples
    --------
    >>> personal_kind("85.07.30-033.28"), personal_kind("BR.11.LA.004633/2018")
    ('national register number', None)
    """
    if any(_is_register_number(m.groups()) for m in _REGISTER.finditer(text)):
        return "national register number"
    if _EMAIL.search(text):
        return "e-mail address"
    if _PHONE.search(text):
        return "phone number"
    return None


def _is_register_number(parts: tuple[str, ...]) -> bool:
    year, month, day, order, check = parts
    if int(month) % 20 > 12 or int(month) >= 60 or int(day) > 31:
        return False
    first_nine = year + month + day + order
    return int(check) in (97 - int(first_nine) % 97, 97 - int("2" + first_nine) % 97)


@cache
def _header_words() -> dict[str, frozenset[Any]]:
    listed = tomllib.loads(_WORDS.read_text(encoding="utf-8"))
    return {
        key: frozenset(tuple(w) if isinstance(w, list) else w for w in words)
        for key, words in listed.items()
    }
