"""Give every unit of a territory that one text may stand for: codes, names, pairs of them.

A name in two languages and a postal code beside a name are pairs: both parts must agree, and a
pair that does not settle one unit gives all of those it may be, or none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from obs.reference.place_names import normalise_name
from obs.reference.territory import Territory

__all__ = ["NameIndex", "find_units", "name_index", "postal_parts", "without_brackets"]

_MOST = 200  # characters of a place name: longer text is no name
_PARTS = 24  # words of a name in several languages
_SECTOR = re.compile(r"(\d{5})[A-Z][0-9A-Z]{2}[0-9A-Z-]")  # Statbel: NIS + A00-, A012, MJ3 ...
_WHOLE_FLOAT = re.compile(r"(\d+)[.,]0+")
_AS_TEXT = re.compile(r"['`\u2018\u2019](?=\d)")  # what makes a spreadsheet keep a number as text
_BRACKETED = re.compile(r"^(?P<place>.+?) \((?P<where>[^()]+)\)$")
_POSTAL = re.compile(r"\d{4,5}")
_COUNTRY = re.compile(r"[a-z]{1,2}")  # B-1050
_KINDS = {  # words before a name that say the level of what follows
    "zone": (
        "zone de police de",
        "zone de police",
        "zone",
        "zp",
        "pz",
        "politiezone",
        "police zone",
    ),
    "commune": ("commune de", "commune d", "commune", "gemeente", "municipality of"),
}


class NameIndex:
    """The codes of a territory, the units each normalised name and postal code may stand for."""

    def __init__(self, place: Territory) -> None:
        self.codes = frozenset(place.units["code"]) | frozenset(place.former_units)
        self.base = frozenset(place.codes(place.base_level))
        self.names: dict[str, frozenset[str]] = {}
        self.spellings: dict[str, str] = {}
        self.postal: dict[str, frozenset[str]] = {}
        for alias, code in place.aliases[["alias", "code"]].itertuples(index=False):
            key = without_brackets(normalise_name(alias))
            self.names[key] = self.names.get(key, frozenset()) | {code}
            self.spellings[key] = alias
        if place.postal_codes is not None:
            for postal, code in place.postal_codes[["postal", "code"]].itertuples(index=False):
                self.postal[postal] = self.postal.get(postal, frozenset()) | {code}


@lru_cache(maxsize=16)
def name_index(place: Territory) -> NameIndex:
    """Give the index of a territory, made once."""
    return NameIndex(place)


def find_units(text: str, place: Territory, level: str | None) -> frozenset[str]:
    """Give every unit a text may stand for, at the level stated if one is."""
    if len(text) > _MOST:
        return frozenset()
    found = _by_code(text, place) or _by_name(normalise_name(text), place)
    if level is None:
        return found
    before = place.former_units if level == place.base_level else {}
    return frozenset(code for code in found if place.level_of(code) == level or code in before)


def without_brackets(key: str) -> str:
    """Give a normalised name without its brackets, what they hold kept."""
    return " ".join(key.replace("(", " ").replace(")", " ").split())


def postal_parts(key: str) -> tuple[str, str] | None:
    """Split a normalised text into a postal code, first or last, and the name beside it."""
    words = key.split()
    ends = [(words[0], words[1:])] if words else []
    if len(words) > 2 and _COUNTRY.fullmatch(words[0]):
        ends.append((words[1], words[2:]))
    if len(words) > 1:
        before = words[:-2] if len(words) > 2 and len(words[-2]) == 1 else words[:-1]
        ends.append((words[-1], before))
    for code, name in ends:
        if name and _POSTAL.fullmatch(code.strip("()")):
            return code.strip("()"), " ".join(name)
    return None


def _by_code(text: str, place: Territory) -> frozenset[str]:
    index = name_index(place)
    text = _AS_TEXT.sub("", text, count=1) if _AS_TEXT.match(text) else text
    if whole := _WHOLE_FLOAT.fullmatch(text):
        text = whole[1]
    if sector := _SECTOR.fullmatch(text):
        return index.base & {sector[1]}
    if text in index.codes:
        return frozenset({text})
    return index.codes & {text.lstrip("0")} if text.isdecimal() else frozenset()


def _by_name(key: str, place: Territory) -> frozenset[str]:
    if found := _one_name(key, place):
        return found
    return _by_postal_code(key, place) or _in_languages(without_brackets(key).split(), place)


def _one_name(key: str, place: Territory) -> frozenset[str]:
    """Read one name, with what may stand around it: its territory, its level, its code."""
    names = name_index(place).names
    if found := names.get(without_brackets(key)):
        return found
    bracketed = _BRACKETED.match(key)
    if bracketed and place.top in names.get(bracketed["where"], ()):
        return _by_name(bracketed["place"], place)
    for level, words in _KINDS.items():
        for word in words:
            if key.startswith(f"{word} ") and level in place.levels:
                return _of_kind(key.removeprefix(f"{word} "), place, level)
    return _by_code_and_name(key, place)


def _of_kind(key: str, place: Territory, level: str) -> frozenset[str]:
    found = _by_code(key, place) or _by_name(key, place)
    return frozenset(code for code in found if place.level_of(code) == level)


def _by_code_and_name(key: str, place: Territory) -> frozenset[str]:
    """Read "5340 Bruxelles-Ouest": the code counts only if the name agrees with it."""
    index = name_index(place)
    first, _, rest = key.partition(" ")
    start, _, last = key.rpartition(" ")
    for code, name in ((first, rest), (last, start)):
        if code in index.codes and code in index.names.get(without_brackets(name), ()):
            return frozenset({code})
    return frozenset()


def _by_postal_code(key: str, place: Territory) -> frozenset[str]:
    """Read "1050 Ixelles": the name decides, and the postal code must be one of its unit's.

    A name of several units is settled by a postal code of one of them alone; by the postal
    code of another unit it is ambiguous, since "1180 Bruxelles" is how addresses are written.
    """
    index = name_index(place)
    parts = postal_parts(key)
    if parts is None or parts[0] in index.codes or parts[0] not in index.postal:
        return frozenset()
    of_code = index.postal[parts[0]]
    named = _one_name(parts[1], place) or _in_languages(without_brackets(parts[1]).split(), place)
    if len(named) == 1:
        return named & of_code
    if named and len(of_code) == 1 and of_code <= named:
        return of_code
    return of_code | (named & index.base) if named else frozenset()


def _in_languages(words: list[str], place: Territory) -> frozenset[str]:
    """Read a name written in several languages: the units that all its parts may stand for."""
    if not 1 < len(words) <= _PARTS:
        return frozenset()
    for cut in range(1, len(words)):
        if first := _one_name(" ".join(words[:cut]), place):
            rest = words[cut:]
            other = _one_name(" ".join(rest), place) or _in_languages(rest, place)
            if both := first & other:
                return both
    return frozenset()
