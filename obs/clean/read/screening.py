"""Screen every cell of a delivery: personal data refuse the file, hostile texts reject their row.

Distinct texts are searched, not rows. No text is ever quoted.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from obs.clean.coded_columns import Coded
from obs.clean.profiles.profile import Profile
from obs.clean.read.personal_data import SUSPECT, is_personal_header, personal_kind
from obs.clean.read.reading import Reading
from obs.errors import DeliveryError

__all__ = ["screen"]

_HOSTILE = r"[\x00-\x08\x0b-\x1f\x7f]|<[A-Za-z/!?]|^\s*[=+@-]"
_LONGEST_NAME = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TAG = re.compile(r"<[A-Za-z/!?]")
_SIGNED = re.compile(r"\s*[+-]?[\d\s.,]*(?:[eE][+-]?\d+)?\s*%?|-+")


def screen(reading: Reading, profile: Profile) -> list[tuple[np.ndarray, str, str]]:
    """Screen one delivery.

    Returns
    -------
    list of tuple
        Which rows hold a hostile text (a mask), the supplier's column, the rule.

    Raises
    ------
    DeliveryError
        If a column's name or its cells are personal data, naming every such column,
        the number of rows and the first five (columns in the profile's `allow` pass), or
        if a column's name is itself hostile.
    """
    longest = profile.file.longest_text
    faults = [
        f"the name of column {i} is a text that no header holds ({rule})"
        for i, name in enumerate(reading.header, start=1)
        if (rule := _hostile_rule(name, _LONGEST_NAME))
    ]
    found: list[tuple[np.ndarray, str, str]] = []
    for column, name in zip(reading.columns, reading.header, strict=True):
        long = np.asarray(pc.greater(pc.utf8_length(column.texts), longest))
        odd = _odd_texts(column.texts, long)
        if name not in profile.allow:
            faults += _personal_faults(reading, column, name, odd)
        rules = {i: rule for i, text in odd.items() if (rule := _hostile_rule(text, longest))}
        rules |= dict.fromkeys(np.flatnonzero(long).tolist(), "field_too_long")
        for rule in dict.fromkeys(rules.values()):
            hit = np.zeros(len(column.texts) + 1, dtype=bool)  # the last one: missing cells
            hit[[i for i, one in rules.items() if one == rule]] = True
            found.append((hit[column.codes], name, rule))
    if faults:
        raise DeliveryError(
            f"{reading.name}: refused at the door: {'; '.join(faults)}. "
            "Have the supplier mend these columns or take them out; if they are not what "
            "they seem, name them in the profile's `allow`."
        )
    return found


def _odd_texts(texts: pa.Array, long: np.ndarray) -> dict[int, str]:
    """Give the texts that need a look, by position; endless ones are not searched."""
    shape = f"(?m){_HOSTILE}|{SUSPECT}"
    short = texts if not long.any() else pc.if_else(pa.array(long), "", texts)
    hit = np.flatnonzero(np.asarray(pc.match_substring_regex(short, shape)))
    return dict(zip(hit.tolist(), short.take(pa.array(hit)).to_pylist(), strict=True))


def _personal_faults(reading: Reading, column: Coded, name: str, odd: dict[int, str]) -> list[str]:
    if is_personal_header(name):
        return [f"column '{name}' by its name holds personal data"]
    kinds: dict[str, list[int]] = {}
    for place, text in odd.items():
        if kind := personal_kind(text):
            kinds.setdefault(kind, []).append(place)
    return [_personal_fault(reading, column, name, kind, kinds[kind]) for kind in sorted(kinds)]


def _personal_fault(reading: Reading, column: Coded, name: str, kind: str, texts: list[int]) -> str:
    rows = np.flatnonzero(np.isin(column.codes, texts))
    n = len(rows)
    first = ", ".join(str(reading.lines[row]) for row in rows[:5])
    return f"column '{name}' holds a {kind} in {n} row{'s' if n > 1 else ''} (first: {first})"


def _hostile_rule(text: str, longest: int) -> str | None:
    if len(text) > longest:
        return "field_too_long"
    if _CONTROL.search(text):
        return "control_characters"
    if text.lstrip()[:1] in ("=", "+", "-", "@") and not _SIGNED.fullmatch(text):
        return "formula"
    return "markup" if _TAG.search(text) else None
