"""Decide between rows of one key that stand in many parts, with few of them in memory at a time.

A key is held as 128 bits of its text; what two rows of one key say is compared as 64 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, Column, group_rows
from obs.clean.judge.duplicates import KEPT, WITHDRAWN, resolve_duplicates
from obs.clean.judge.vanished_records import find_vanished
from obs.clean.parts.stored_table import laid_aside
from obs.private_files import private_files

__all__ = ["FAULTY", "Fates", "Windows", "decide_keys", "key_files", "write_keys"]

FAULTY = -1  # the fate of a row that is rejected by itself
_KEY = np.dtype([("key", "u8"), ("other", "u8")])
_TOLD = np.dtype([("said", "u8"), ("extracted", "i4"), ("when", "i4"), ("version", "f8")])
_UNKNOWN = np.iinfo("int32").min  # of a day
_AT_ONCE = 2_000_000  # keys
_SALT = "fedcba9876543210"  # of the second half of a key
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Windows:
    """What finding vanished records needs of each file: its extraction, the days that it covers."""

    extracted: NDArray[np.datetime64]
    days: Sequence[tuple[np.datetime64, np.datetime64]]
    drop: bool


@dataclass
class Fates:
    """What becomes of the rows of each part: together, each file by itself, what vanished."""

    whole: list[NDArray[np.int8]]
    alone: list[NDArray[np.int8]]
    gone: list[NDArray[np.bool_]]


def write_keys(
    path: Path,
    key: Column,
    content: Sequence[Column],
    *,
    extracted: NDArray[np.datetime64],
    when: NDArray[np.datetime64],
    version: NDArray[np.float64],
) -> None:
    """Write beside a part, for each of its rows, what decides between it and others of its key."""
    keys = np.empty(len(extracted), dtype=_KEY)
    keys["key"], keys["other"] = _hashed(key), _hashed(key, _SALT)
    told = np.empty(len(extracted), dtype=_TOLD)
    told["said"] = _combined(content, len(extracted))
    told["extracted"], told["when"] = _whole_days(extracted), _whole_days(when)
    told["version"] = version
    with laid_aside(), private_files():
        for values, place in zip((keys, told), key_files(path), strict=True):
            values.tofile(place)


def key_files(path: Path) -> tuple[Path, Path]:
    """Name the files of the keys of a part, and of what decides between rows of one key."""
    return path.with_suffix(".keys"), path.with_suffix(".told")


def decide_keys(
    paths: Sequence[Path],
    file: Sequence[int],
    fates: Sequence[NDArray[np.int8]],
    windows: Windows | None,
) -> Fates:
    """Give the fates of the rows of all parts, whose faulty rows are told."""
    made = Fates(
        [own.copy() for own in fates],
        [own.copy() for own in fates],
        [np.zeros(len(own) if windows else 0, dtype=bool) for own in fates],
    )
    rows = sum(map(len, fates))
    shares = -(-rows // _AT_ONCE) or 1
    with laid_aside():
        for share in range(shares):
            _decide_share(_Share(paths, file, share, shares), made, windows)
    return made


class _Share:
    """The rows of all parts whose key falls into one of several shares."""

    def __init__(self, paths: Sequence[Path], file: Sequence[int], number: int, of: int) -> None:
        self._paths = paths
        self.at: list[NDArray[np.int64]] = []
        keys = []
        for path in paths:
            own = np.fromfile(key_files(path)[0], _KEY)
            hit = np.flatnonzero(own["key"] % np.uint64(of) == number)
            keys.append(own[hit])
            self.at.append(hit)
        self.keys = np.concatenate(keys)
        sizes = [len(one) for one in self.at]
        self.part = np.repeat(np.arange(len(paths)), sizes)
        self.file = np.repeat(np.asarray(file, dtype="int32"), sizes)
        self.row = np.concatenate(self.at)

    def keep(self, which: NDArray[np.int64]) -> None:
        """Leave out other rows."""
        self.keys, self.part = self.keys[which], self.part[which]
        self.file, self.row = self.file[which], self.row[which]

    def told(self) -> NDArray[np.void]:
        """Read what the rows say."""
        made = np.empty(len(self.row), dtype=_TOLD)
        for part in np.unique(self.part).tolist():
            own = self.part == part
            made[own] = np.fromfile(key_files(self._paths[part])[1], _TOLD)[self.row[own]]
        return made


def _decide_share(share: _Share, made: Fates, windows: Windows | None) -> None:
    """Put the fates of the rows of a share into those of all."""
    if windows is None:
        share.keep(_repeated(share.keys["key"]))
    if not len(share.row):
        return
    told = share.told()
    halves: list[Column] = [share.keys[name].view("int64") for name in ("key", "other")]
    key = group_rows(halves)
    parts = np.unique(share.part).tolist()
    own = {part: share.part == part for part in parts}
    before = np.empty(len(key), dtype="int8")
    for part in parts:
        before[own[part]] = made.whole[part][share.row[own[part]]]
    sound = np.flatnonzero(before == KEPT)
    whole, alone = before.copy(), before.copy()
    whole[sound] = _resolved(key[sound], told[sound])
    alone[sound] = _resolved(group_rows([key, share.file])[sound], told[sound])
    gone = np.zeros(len(key), dtype=bool)
    if windows is not None:
        when = _days(told["when"])
        gone = find_vanished(
            key, share.file, when, extracted=windows.extracted, windows=windows.days
        )
        if windows.drop:
            whole[gone & (whole == KEPT)] = WITHDRAWN
    for part in parts:
        rows = share.row[own[part]]
        made.whole[part][rows], made.alone[part][rows] = whole[own[part]], alone[own[part]]
        if windows is not None:
            made.gone[part][rows] = gone[own[part]]


def _resolved(key: NDArray[np.int64], told: NDArray[np.void]) -> NDArray[np.int8]:
    return resolve_duplicates(
        key,
        extracted=_days(told["extracted"]),
        version=told["version"],
        content=lambda some: told["said"][some].view("int64"),
    )


def _repeated(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Give the rows whose key another row has too."""
    order = np.argsort(keys)
    same = keys[order][1:] == keys[order][:-1]
    hit = np.r_[same, False] | np.r_[False, same] if len(keys) else np.zeros(0, dtype=bool)
    return np.sort(order[hit])


def _whole_days(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    own = days.astype("datetime64[D]")
    return np.where(np.isnat(own), _UNKNOWN, own.astype("int64"))


def _days(numbers: NDArray[np.int32]) -> NDArray[np.datetime64]:
    days = numbers.astype("int64").astype("datetime64[D]")
    days[numbers == _UNKNOWN] = np.datetime64("NaT")
    return days


def _combined(columns: Sequence[Column], n: int) -> NDArray[np.uint64]:
    """Give each row a number by all its columns, missing included."""
    made = np.zeros(n, dtype="uint64")
    for column in columns:
        made = (made ^ (made >> np.uint64(29))) * _MIX + _hashed(column)
    return made


def _hashed(column: Column, salt: str | None = None) -> NDArray[np.uint64]:
    """Give each row a number by its value, whatever else is in the column."""
    named = {} if salt is None else {"hash_key": salt}
    if isinstance(column, Coded):
        texts = column.texts.to_numpy(zero_copy_only=False)
        hashed = pd.util.hash_array(texts.astype("object"), categorize=False, **named)
        found: NDArray[np.uint64] = np.append(hashed, np.uint64(0))[column.codes]
        return found
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        days = column.astype("datetime64[D]").astype("int64")
    else:
        values: Any = column
        told: Any = pd.array(values)
        days = told.to_numpy(dtype="int64", na_value=-1)
    return (days.view("uint64") + np.uint64(1)) * _MIX
