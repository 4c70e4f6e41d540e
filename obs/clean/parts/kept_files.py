"""Keep files that are judged from one cleaning to the next, so that a new one alone is judged.

What is kept of a file is its parts, its keys and its sums: what holds of it whatever comes beside
it. What holds between files is decided anew each time.
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from obs.clean.parts.judged_parts import JudgedFile, Part, Way, judge_file
from obs.clean.parts.key_fates import key_files
from obs.clean.parts.mapped_rows import this_day
from obs.clean.parts.stored_table import Store
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.territory_rule import TerritoryRule
from obs.clean.read.file_checks import Delivery
from obs.private_files import private_files

__all__ = ["Shelf", "judge_or_take", "names_begin"]

_SUMS = "sums"  # the file of all that is no part


class Shelf(Protocol):
    """Where judged files are kept, whole or not at all, with the digests of what they are made of."""

    def take(
        self,
        name: str,
        inputs: Mapping[str, str],
        read: Callable[[Path], JudgedFile],
    ) -> JudgedFile | None:
        """Read what was kept of a file; nothing if it is absent, damaged or made of other things."""

    def keep(
        self,
        name: str,
        inputs: Mapping[str, str],
        write: Callable[[JudgedFile, Path], None],
        judged: JudgedFile,
    ) -> Path:
        """Keep a file in the place of what was kept of it before; give its folder."""


def names_begin(profile: Profile) -> str:
    """Give the beginning of the names of all files kept that a profile judged."""
    return _digest_texts(profile.kind, profile.name)[:16] + "-"


def judge_or_take(
    delivery: Delivery, by: Profile, number: int, way: Way, store: Store, shelf: Shelf | None
) -> JudgedFile:
    """Take a file as it was judged before, or judge it and keep it."""
    if shelf is None:
        return judge_file(delivery, by, number, way, store)
    name = names_begin(way.profile) + _digest_texts(delivery.name, delivery.sha256)[:32]
    inputs = {
        "the file": _digest_texts(delivery.name, delivery.sha256, delivery.kind),
        "the profile": _digest_texts(repr(by), repr(way.profile)),
        "units": _digest_texts(*_told_of_units(by.territory)),
        "the day of extraction": str(way.day),
        "rows of a part": str(way.rows),
    }
    read = partial(_read_judged, by=by, number=number)
    found = shelf.take(name, inputs, read)
    if found is None or not _holds_on(found, this_day()):
        judged = judge_file(delivery, by, number, way, store)
        found = _placed(judged, shelf.keep(name, inputs, _write_judged, judged))
    return found


def _digest_texts(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _told_of_units(rule: TerritoryRule) -> Iterator[str]:
    """Tell all that a place is looked up by, beyond what the profile says."""
    if not rule.looks_up:
        return
    place = rule.place
    for f in fields(place):
        value = getattr(place, f.name)
        yield value.to_csv(index=False) if isinstance(value, pd.DataFrame) else repr(value)
    if place.boundaries is not None:
        yield hashlib.sha256(place.boundaries.read_bytes()).hexdigest()


def _write_judged(judged: JudgedFile, folder: Path) -> None:
    """Move the parts of a file to a folder, and write beside them all else that is known of it."""
    with private_files():
        for part in judged.parts:
            for path in (part.path, *key_files(part.path)):
                shutil.move(path, folder / path.name)
        reading = replace(judged.reading, lines=np.empty(0, dtype="int64"), layout=None)
        told = replace(judged, reading=reading), len(judged.reading.lines)
        (folder / _SUMS).write_bytes(pickle.dumps(told, protocol=5))


def _read_judged(folder: Path, *, by: Profile, number: int) -> JudgedFile:
    """Read a file as it was judged, under its number among the files of today."""
    told, lines = pickle.loads((folder / _SUMS).read_bytes())  # noqa: S301 (its owner's alone, and whole)
    judged: JudgedFile = told
    whole = np.broadcast_to(np.int64(0), lines)
    reading = replace(judged.reading, lines=whole, layout=by)
    parts = [_renumbered(part, number) for part in judged.parts]
    return _placed(replace(judged, number=number, reading=reading, parts=parts), folder)


def _holds_on(judged: JudgedFile, day: np.datetime64) -> bool:
    """Tell whether a file would be judged the same on a day.

    A row of no known extraction is not later than today: one that was may no longer be.
    """
    if judged.undated == "none":
        return True
    return bool(judged.day == day or (judged.day < day and judged.undated == "past"))


def _renumbered(part: Part, number: int) -> Part:
    return replace(
        part,
        rejected=[places.assign(file=number) for places in part.rejected],
        remarks=[(rows, places.assign(file=number)) for rows, places in part.remarks],
    )


def _placed(judged: JudgedFile, folder: Path) -> JudgedFile:
    """Give a file whose parts lie in a folder."""
    parts = [replace(part, path=folder / part.path.name) for part in judged.parts]
    return replace(judged, parts=parts)
