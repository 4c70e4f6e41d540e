"""Screen every cell of a delivery: personal data refuse the file, hostile texts reject their row.

Distinct texts are searched, not rows. No text is ever quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import IDENTIFIERS, NUMBERS, PERSONS, is_closed
from obs.clean.read.personal_data import (
    LIKE_NUMBERS,
    SUSPECT,
    WHEN,
    header_kind,
    personal_kind,
)
from obs.clean.read.reading import Reading
from obs.clean.read.texts_together import SeenTexts, TextsTogether, column_kind
from obs.declare.plain_texts import HOSTILE, hostile_rule
from obs.errors import DeliveryError

__all__ = ["Door", "Hostile", "screen"]

Hostile = tuple[NDArray[np.bool_], str, str]  # which rows, the supplier's column, the rule
_LONGEST_NAME = 200
_BARE = r"^\s*\d{8,11}(?:[.,]0+)?\s*$"
_FEW = 1_000  # texts: so many are looked at one by one sooner than the patterns are compiled
_CHANCE = 0.2  # of the names of things that look like a number of a person
_EXACT = "is one of two coordinates: together they are an exact place"
_LETTER = re.compile(r"[^\W\d_]")
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Shapes:
    """Which distinct texts of a column need a look, and for what."""

    texts: pa.Array
    long: Mask
    hostile: Mask
    suspect: Mask
    bare: Mask
    capitals: Mask

    def listed(self, which: Mask) -> list[tuple[int, str]]:
        """List some texts with their positions."""
        places = np.flatnonzero(which)
        return list(
            zip(places.tolist(), self.texts.take(pa.array(places)).to_pylist(), strict=True)
        )


def screen(reading: Reading) -> list[Hostile]:
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
    profile = reading.by
    faults = [
        f"the name of column {i} is a text that no header holds ({rule})"
        for i, name in enumerate(reading.header, start=1)
        if (rule := hostile_rule(name, _LONGEST_NAME))
    ]
    names = {name.strip().casefold() for name in reading.header}
    plane = {"x", "y"} if {"x", "y"} <= names else set()
    targets = reading.bound.target_of()
    found: list[Hostile] = []
    shapes = _search(reading.columns, profile.file.longest_text)
    for place, (column, name) in enumerate(zip(reading.columns, reading.header, strict=True)):
        own = shapes[place]
        if name not in profile.allow:
            target = targets.get(place)
            shown = f"column {place + 1}" if personal_kind(name) else f"column '{name}'"
            axis = name.strip().casefold() in plane and target is None
            fault = _EXACT if axis else _header_fault(name, own, target, profile)
            told = [fault] if fault else _cell_faults(reading, column, own, target)
            faults += [f"{shown} {one}" for one in told]
        found += _hostile_rows(column, own, name, profile.file.longest_text)
    if faults:
        raise DeliveryError(
            f"{reading.name}: refused at the door: {'; '.join(faults)}. "
            "Have the supplier mend these columns or take them out; if they are not what "
            "they seem, name them in the profile's `allow`."
        )
    return found


def _search(columns: Sequence[Coded], longest: int) -> list[_Shapes]:
    """Search the texts of all columns at once; endless ones are not searched."""
    whole = pa.concat_arrays([column.texts for column in columns])
    long = np.asarray(pc.greater(pc.utf8_length(whole), longest))
    if long.any():
        whole = pc.if_else(pa.array(long), "", whole)
    if len(whole) < _FEW:
        hostile = suspect = np.ones(len(whole), dtype=bool)
    else:
        hostile = _match(whole, f"(?m){HOSTILE}")
        suspect = _match_of(whole, _match(whole, SUSPECT), lambda some: ~_match(some, WHEN))
    bare = _match(whole, _BARE)
    spaced = np.asarray(pc.match_substring(whole, " "))
    capitals = _match_of(whole, spaced, lambda some: np.asarray(pc.utf8_is_upper(some)))
    ends = np.cumsum([0, *(len(column.texts) for column in columns)])
    parts = [slice(a, b) for a, b in zip(ends, ends[1:], strict=False)]
    return [_Shapes(whole[p], long[p], hostile[p], suspect[p], bare[p], capitals[p]) for p in parts]


def _match(texts: pa.Array, pattern: str) -> Mask:
    return np.asarray(pc.match_substring_regex(texts, pattern))


def _match_of(texts: pa.Array, which: Mask, match: Callable[[pa.Array], Mask]) -> Mask:
    """Match some of the texts further; none of the others does."""
    found = which.copy()
    found[which] = match(texts.filter(pa.array(which)))
    return found


def _hostile_rows(column: Coded, own: _Shapes, name: str, longest: int) -> list[Hostile]:
    """Give the rows of the hostile texts of a column, by rule."""
    rules = {i: rule for i, t in own.listed(own.hostile) if (rule := hostile_rule(t, longest))}
    rules |= dict.fromkeys(np.flatnonzero(own.long).tolist(), "field_too_long")
    made: list[Hostile] = []
    for rule in dict.fromkeys(rules.values()):
        hit = np.zeros(len(column.texts) + 1, dtype=bool)  # the last one: missing cells
        hit[[i for i, one in rules.items() if one == rule]] = True
        made.append((hit[column.codes], name, rule))
    return made


def _header_fault(name: str, own: _Shapes, target: str | None, profile: Profile) -> str:
    """Say what is wrong with the name of a column, if anything.

    A column that the profile reads by a closed list keeps nothing else, whatever its name.
    """
    kind = header_kind(name)
    if not kind or (target and is_closed(target, profile.codes, profile.flags)):
        return ""
    if kind == "sensitive":
        one_by_one = profile.shape in PERSONS and target is None
        return "by its name tells what the law protects most, of each person" if one_by_one else ""
    if kind == "person" and not any(_LETTER.search(text) for text in own.texts.to_pylist()):
        return ""
    return "by its name holds personal data"


def _cell_faults(reading: Reading, column: Coded, own: _Shapes, target: str | None) -> list[str]:
    """Say what personal data the cells of a column hold, and where."""
    kinds = _kinds_alone(own, target)
    if target in IDENTIFIERS:  # the number of a file may look like a phone: many of them do not
        few = _CHANCE * len(own.texts)
        for kind in [k for k, found in kinds.items() if k in LIKE_NUMBERS and len(found) < few]:
            del kinds[kind]
    if target not in NUMBERS:
        together = own.listed(own.bare | own.capitals)
        texts = [text for _, text in together]
        if (beside := column_kind(texts, identifier=target in IDENTIFIERS)) is not None:
            kinds.setdefault(beside, []).extend(place for place, _ in together)
    return [_places_fault(reading, column, kind, kinds[kind]) for kind in sorted(kinds)]


def _kinds_alone(own: _Shapes, target: str | None) -> dict[str, list[int]]:
    """Give the texts of a column that are personal each by itself, by kind."""
    kinds: dict[str, list[int]] = {}
    for place, text in own.listed(own.suspect):
        if target in IDENTIFIERS | NUMBERS and own.bare[place]:
            continue  # numbers that name or count things are judged together
        if kind := personal_kind(text):
            kinds.setdefault(kind, []).append(place)
    return kinds


@dataclass
class _Evidence:
    """What the parts of a file showed of one column."""

    together: TextsTogether
    seen: SeenTexts
    alone: dict[str, set[str]]
    most: int = 0  # distinct texts of one part
    refused: bool = False

    def doubted(self, target: str | None) -> bool:
        """Tell whether the column may be refused, judged whole."""
        few = _CHANCE * self.most if target in IDENTIFIERS else 0
        alone = any(k not in LIKE_NUMBERS or len(found) >= few for k, found in self.alone.items())
        return self.refused or alone or self.together.kind() is not None


class Door:
    """Screen a file that comes part by part: rows at once, columns once all parts were seen.

    A column that may have to be refused is named by `doubted`: `screen` decides on it whole.
    """

    def __init__(self, reading: Reading) -> None:
        self._targets = reading.bound.target_of()
        self._header = any(hostile_rule(name, _LONGEST_NAME) for name in reading.header)
        self._found = [
            _Evidence(TextsTogether(self._targets.get(i) in IDENTIFIERS), SeenTexts(), {})
            for i in range(len(reading.header))
        ]

    def look(self, reading: Reading) -> list[Hostile]:
        """Give the rows of a part that hold a hostile text, and keep what its columns show."""
        profile = reading.by
        shapes = _search(reading.columns, profile.file.longest_text)
        hostile: list[Hostile] = []
        for place, (column, name) in enumerate(zip(reading.columns, reading.header, strict=True)):
            if name not in profile.allow:
                self._look_at(place, name, shapes[place], reading)
            hostile += _hostile_rows(column, shapes[place], name, profile.file.longest_text)
        return hostile

    def _look_at(self, place: int, name: str, own: _Shapes, reading: Reading) -> None:
        one, target = self._found[place], self._targets.get(place)
        names = {n.strip().casefold() for n in reading.header}
        axis = name.strip().casefold() in {"x", "y"} <= names and target is None
        one.refused |= axis or bool(_header_fault(name, own, target, reading.by))
        one.most = max(one.most, len(own.texts))
        listed = own.texts
        for kind, places in _kinds_alone(own, target).items():
            one.alone.setdefault(kind, set()).update(listed[i].as_py() for i in places)
        which = own.bare | own.capitals
        if target not in NUMBERS and which.any():
            one.together.add(one.seen.fresh([text for _, text in own.listed(which)]))

    def doubted(self) -> list[int]:
        """List the columns that may have to be refused, by position; all if a name is hostile."""
        every = range(len(self._found))
        if self._header:
            return list(every)
        return [i for i in every if self._found[i].doubted(self._targets.get(i))]


def _places_fault(reading: Reading, column: Coded, kind: str, texts: list[int]) -> str:
    rows = np.flatnonzero(np.isin(column.codes, texts))
    n = len(rows)
    first = ", ".join(
        f"{reading.lines[row]} of sheet '{sheet}'"
        if (sheet := reading.sheet_of(int(row)))
        else str(reading.lines[row])
        for row in rows[:5]
    )
    return f"holds {'an' if kind[0] in 'aei' else 'a'} {kind} in {n} row{'s' if n > 1 else ''} (first: {first})"
