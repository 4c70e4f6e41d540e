"""Match names and codes of places, as delivered, to the codes of a territory.

A name that may mean several units stays missing, with the reason in words. Distinct values are
judged once, so that a column of ten million rows costs no more than its few hundred spellings.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Set
from typing import Any, Literal

import numpy as np
import pandas as pd

from obs.errors import CodeError
from obs.reference.name_lookup import find_units, name_index, postal_parts, without_brackets
from obs.reference.place_names import normalise_name
from obs.reference.territory import Territory, load_territory

__all__ = ["explain_match", "match_candidates", "match_territory"]

_SHOWN = 5  # names listed in an error
_LONGEST = 40  # characters of a name shown in an error


def match_territory(
    names: Iterable[Any],
    *,
    territory: str | Territory = "brussels",
    errors: Literal["missing", "raise"] = "missing",
    level: str | None = None,
) -> pd.Series:
    """Turn place names and codes, as delivered, into territory codes.

    Names are matched whatever their case, accents, hyphens and apostrophes, with Saint,
    Sainte, St, Ste and Sint alike, in any language of the territory or in several of them
    ("Ixelles - Elsene"), with or without "commune de", "zone de police", "ZP", or a bracket
    that only repeats the territory ("Forest (Bruxelles-Capitale)"). Codes are taken as text
    or number, with leading zeros too many, an apostrophe before, as "21004.0", or as the
    first five characters of a statistical sector. A postal code beside a name must be one
    of the unit's ("1050 Ixelles"); several units may share one.

    Parameters
    ----------
    names : Series or list-like
        Names or codes; missing and blank values give missing codes. Not modified.
    territory : str or Territory
        Where the names belong.
    errors : {"missing", "raise"}
        Unknown and ambiguous names stay missing, or raise with the nearest names.
    level : str, optional
        The level the caller knows the names to be of: "Bruxelles" alone is ambiguous,
        with ``level="commune"`` it is the commune. Units of another level do not match.

    Returns
    -------
    Series of str
        Codes on the index of `names` (or 0, 1, ... for another list), missing where
        there is no single answer.

    Raises
    ------
    CodeError
        With ``errors="raise"``: unknown and ambiguous names, each with its number of
        rows, five at most; always: an unknown level or territory, or what is no column or
        list of names (a lone text or number, a mapping, a table).

    Notes
    -----
    A postal code is not a commune (1040 and 1050 cross borders), so a four-digit number
    alone that is no police zone does not match. Beside a name of several units it settles
    which, if it is of one of them alone ("1000 Bruxelles"); "1050 Bruxelles" and "1180
    Bruxelles" stay ambiguous, since addresses all over the Region are written so.

    Examples
    --------
    >>> match_territory(["Elsene", "ST-GILLES", 21004, "Vorst (Brussel-Hoofdstad)"]).tolist()
    ['21009', '21013', '21004', '21007']
    >>> match_territory(["Bruxelles"]).isna().tolist()
    [True]
    >>> match_territory(["Bruxelles"], level="commune").tolist()
    ['21004']
    >>> match_territory(["Ixeles", "Bruxelles"], errors="raise")
    Traceback (most recent call last):
    obs.errors.CodeError: Territory 'brussels': 1 name unknown: 'Ixeles' is unknown; ...
    """
    place = load_territory(territory)
    _check_options(names, errors, level, place)
    column = names if isinstance(names, pd.Series) else pd.Series(list(names), dtype="object")
    try:
        positions, distinct = pd.factorize(column)
    except TypeError:
        raise CodeError(
            "names must be texts or numbers, one a place; some are lists or other objects"
        ) from None
    found = [find_units(_as_text(value), place, level) for value in distinct]
    if errors == "raise":
        rows = np.bincount(positions[positions >= 0], minlength=len(distinct))
        _raise_unmatched([_as_text(value) for value in distinct], found, rows, place, level)
    codes = np.array([*(min(c) if len(c) == 1 else None for c in found), None], dtype="object")
    return pd.Series(codes[positions], index=column.index, name=column.name, dtype="str")


def match_candidates(
    name: Any, *, territory: str | Territory = "brussels", level: str | None = None
) -> tuple[str, ...]:
    """List every unit that a name may stand for.

    Parameters
    ----------
    name : str or int
        One name or code as delivered.
    territory : str or Territory
        Where the name belongs.
    level : str, optional
        As in `match_territory`.

    Returns
    -------
    tuple of str
        Codes, sorted: none if the name is unknown, several if it is ambiguous.

    Raises
    ------
    CodeError
        If the territory or the level is unknown.

    Examples
    --------
    >>> match_candidates("Brussel")
    ('04000', '21004', '5339')
    >>> match_candidates("Atlantis")
    ()
    """
    place = load_territory(territory)
    _check_options([name], "missing", level, place)
    return tuple(sorted(find_units(_as_text(name), place, level)))


def explain_match(
    name: Any, *, territory: str | Territory = "brussels", level: str | None = None
) -> str:
    """Say in words why a name does not match; an empty text if it does.

    Parameters
    ----------
    name : str or int
        One name or code as delivered.
    territory : str or Territory
        Where the name belongs.
    level : str, optional
        As in `match_territory`.

    Returns
    -------
    str
        The name (40 characters at most), what it may be, and the nearest names.

    Raises
    ------
    CodeError
        If the territory or the level is unknown.

    Examples
    --------
    >>> explain_match("Elsene")
    ''
    >>> explain_match("Brussel")
    "'Brussel' may be 04000 (region), 21004 (commune), 5339 (zone)"
    """
    place = load_territory(territory)
    _check_options([name], "missing", level, place)
    text = _as_text(name)
    found = find_units(text, place, level)
    return "" if len(found) == 1 else _reason(text, found, place, level)


def _check_options(names: Any, errors: str, level: str | None, place: Territory) -> None:
    unordered = str | bytes | Mapping | Set | pd.DataFrame
    flat = not isinstance(names, np.ndarray) or names.ndim == 1
    if isinstance(names, unordered) or not isinstance(names, Iterable) or not flat:
        raise CodeError(
            f"names must be a column or a list of names, not a {type(names).__name__}; "
            "of one name, put it in [ ]."
        )
    if errors not in ("missing", "raise"):
        raise CodeError(f"errors must be 'missing' or 'raise', not '{errors}'.")
    if level is not None:
        place.codes(level)


def _as_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _reason(text: str, found: frozenset[str], place: Territory, level: str | None) -> str:
    shown = f"'{text[:_LONGEST]}'"
    if found:
        options = ", ".join(f"{code} ({place.level_of(code)})" for code in sorted(found))
        return f"{shown} may be {options}"
    elsewhere = find_units(text, place, None)
    if level is not None and elsewhere:
        options = ", ".join(f"{code} ({place.level_of(code)})" for code in sorted(elsewhere))
        return f"{shown} is {options}, not of level {level}"
    if reason := _postal_reason(text, place):
        return f"{shown}: {reason}"
    if re.fullmatch(r"\d{4}", text):
        return (
            f"{shown} is no code of '{place.name}'; a postal code is not a commune, "
            "and a code read as a number may have lost its first zero"
        )
    return f"{shown} is unknown{_nearest(text, place)}"


def _postal_reason(text: str, place: Territory) -> str:
    """Say why the name and the postal code of a text do not go together."""
    parts = postal_parts(normalise_name(text[:_LONGEST]))
    named = find_units(parts[1], place, None) if parts else frozenset()
    if parts is None or not named or parts[0] in name_index(place).codes:
        return ""
    postal = name_index(place).postal
    if not postal:
        return f"'{place.name}' has no postal codes to judge {parts[0]} by"
    own = sorted(code for code, units in postal.items() if units & named)
    units = "/".join(sorted(named))
    known = f"which has {', '.join(own)}" if own else "which has none"
    return f"{parts[0]} is no postal code of {units}, {known}"


def _nearest(text: str, place: Territory) -> str:
    index = name_index(place)
    keys = difflib.get_close_matches(
        without_brackets(normalise_name(text[:_LONGEST])), index.names, n=3, cutoff=0.7
    )
    near = ", ".join(f"{index.spellings[k]} {'/'.join(sorted(index.names[k]))}" for k in keys)
    return f"; nearest: {near}" if near else ""


def _raise_unmatched(
    texts: list[str],
    found: list[frozenset[str]],
    rows: np.ndarray,
    place: Territory,
    level: str | None,
) -> None:
    unknown = [i for i, text in enumerate(texts) if text and not found[i]]
    ambiguous = [i for i, units in enumerate(found) if len(units) > 1]
    parts = []
    for word, chosen in (("unknown", unknown), ("ambiguous", ambiguous)):
        if chosen:
            reasons = "; ".join(
                f"{_reason(texts[i], found[i], place, level)} ({_in_words(rows[i], 'row')})"
                for i in chosen[:_SHOWN]
            )
            parts.append(f"{_in_words(len(chosen), 'name')} {word}: {reasons}")
    if parts:
        raise CodeError(
            f"Territory '{place.name}': {'. '.join(parts)}. "
            "Correct the names, or state their level where they are ambiguous."
        )


def _in_words(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
