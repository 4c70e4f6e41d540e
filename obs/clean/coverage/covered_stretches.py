"""Tell which days deliveries cover, of any source: as declared, else as their rows show.

What is declared is checked against the rows. What is said here is said of files, never of persons:
days and numbers of rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coverage.dated_rows import DatedRows
from obs.clean.profiles.profile import Profile
from obs.clean.read.reading import Note, Reading
from obs.reference import DeclaredCoverage
from obs.schemas import ALL, COVERAGE, check_table, empty_table
from obs.stats import falls_short, silent_gaps

__all__ = ["cover_files", "named_days"]

Days = NDArray[np.datetime64]
Stamps = tuple[pd.Timestamp, pd.Timestamp]
Gap = tuple[str, np.datetime64, np.datetime64]  # of a place: its first and last day
_DAY = np.timedelta64(1, "D")
_NAMED = 20  # silent places of a cleaning that are named
_JOINED = np.timedelta64(31, "D")  # of two files, days between that leave no month out


@dataclass(frozen=True)
class Stretch:
    """Days that one file covers, of a place or of all, and who says so."""

    file: int
    start: np.datetime64
    end: np.datetime64
    how: str
    territory: str = ALL


def cover_files(
    readings: Sequence[Reading],
    files: Sequence[int],
    profile: Profile,
    dated: DatedRows,
    extracted: dict[int, np.datetime64],
) -> tuple[pd.DataFrame, dict[int, list[Note]]]:
    """Give COVERAGE of some files, and what their rows show against it, by number of file."""
    found: list[Stretch] = []
    notes: dict[int, list[Note]] = {number: [] for number in files}
    for number in files:
        said = _said(number, readings[number].name, readings[number].by)
        said = [_until(one, extracted[number]) for one in said]
        own = dated.take(dated.file == number)
        if not any(one.territory == ALL for one in said):
            shown = own.stretches(extracted[number])
            said += [Stretch(number, a, b, "assumed") for a, b in shown]
        for one in said:
            days = (own if one.how in ("file", "delivery") else dated).days()[0]
            column = readings[number].theirs(dated.when)
            found.append(_checked(one, days, column, notes))
    if dated.kind != "cases":  # of cases, what entered before is pending
        _note_outside(found, dated, readings, notes)
    if len(files) == len(readings):
        by_period = dated.kind == "counts" and dated.where != "line"
        silent = _silent_periods if by_period else _silent_days
        gaps = silent(found, dated, profile.territory.wholes)
        _note_silence(gaps, found, dated.where, readings, notes)
    return _table(found, readings, profile), notes


def named_days(name: str, profile: Profile) -> tuple[np.datetime64, np.datetime64] | None:
    """Give the first and the last day of the year or the month in a file's name."""
    named = re.search(profile.file.covers, name) if profile.file.covers else None
    digits = re.sub(r"\D", "", named[1]) if named else ""
    if len(digits) == 4:
        year = np.datetime64(digits, "Y")
        return year.astype("datetime64[D]"), (year + 1).astype("datetime64[D]") - _DAY
    if len(digits) == 6 and 1 <= int(digits[4:]) <= 12:
        month = np.datetime64(f"{digits[:4]}-{digits[4:]}", "M")
        return month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]") - _DAY
    return None


def _said(number: int, name: str, profile: Profile) -> list[Stretch]:
    """Give what is declared of a file: its delivery, its name, its profile, its observatory."""
    entries = [(_declared_by(one), one) for one in profile.coverage if one.is_of(name)]
    stretches = [
        Stretch(number, np.datetime64(one.start, "D"), np.datetime64(one.end, "D"), how, code)
        for how, one in entries
        for code in (one.territories or (ALL,))
    ]
    if days := named_days(name, profile):
        stretches.append(Stretch(number, *days, "file"))
    of_all = [one for one in stretches if one.territory == ALL]
    order = ("delivery", "file", "profile", "observatory")
    # is equivalent: without one of all places, none is chosen among them
    strongest = min((order.index(one.how) for one in of_all), default=0)
    return [one for one in stretches if one.territory != ALL or one.how == order[strongest]]


def _declared_by(one: DeclaredCoverage) -> str:
    return "delivery" if one.how == "observatory" and one.files else one.how


def _until(one: Stretch, extracted: np.datetime64) -> Stretch:
    """End a stretch on the day of extraction: nobody tells of later days."""
    if np.isnat(extracted) or one.end <= extracted or one.start > extracted:
        return one
    return replace(one, end=extracted)


def _checked(
    one: Stretch,
    days: Days,
    column: str | None,
    notes: dict[int, list[Note]],
) -> Stretch:
    """Shorten what is declared of all places to the rows, where they leave long stretches out."""
    if one.territory != ALL or one.how == "assumed":
        return one
    inside = days[(days >= one.start) & (days <= one.end)]
    late, early = falls_short(inside, start=one.start, end=one.end)
    if not late and not early:
        return one
    first, last = (inside[0] if late else one.start), (inside[-1] if early else one.end)
    detail = (
        f"said to cover {one.start} to {one.end} ({one.how}), rows from {inside[0]} to {inside[-1]}"
    )
    notes[one.file].append(Note("short_of_coverage", column=column, detail=detail))
    return replace(one, start=first, end=last)


def _note_outside(
    found: list[Stretch],
    dated: DatedRows,
    readings: Sequence[Reading],
    notes: dict[int, list[Note]],
) -> None:
    """Say of each file how many rows lie in days that no file covers."""
    outside = np.ones(len(dated.first), dtype=bool)
    for one in found:
        outside &= (dated.last < one.start) | (dated.first > one.end)
    for number in np.unique(dated.file[outside]).tolist():
        here = outside & (dated.file == number)
        own = [one for one in found if one.file == number]
        early = dated.first < min(one.start for one in own) if own else here
        rows, before = int(dated.rows[here].sum()), int(dated.rows[here & early].sum())
        detail = f"{rows}, of which {before} before the first day covered"
        column = readings[number].theirs(dated.when)
        notes[number].append(Note("outside_coverage", column=column, detail=detail))


def _note_silence(
    silent: Sequence[Gap],
    found: list[Stretch],
    ours: str,
    readings: Sequence[Reading],
    notes: dict[int, list[Note]],
) -> None:
    """Say which places have no row while the others go on; of many, the first and how many."""
    rule = "silent_line" if ours == "line" else "silent_place"
    last = found[-1].file if found else 0
    for name, first, end in silent[:_NAMED]:
        where = max(
            (one.file for one in found if one.start <= end and one.end >= first), default=last
        )
        detail = f"{name}, {first} to {end}"
        notes[where].append(Note(rule, column=readings[where].theirs(ours), detail=detail))
    if len(silent) > _NAMED:
        detail = f"{len(silent) - _NAMED} further gaps"
        notes[last].append(Note(rule, column=readings[last].theirs(ours), detail=detail))


def _silent_days(found: list[Stretch], dated: DatedRows, wholes: frozenset[str]) -> list[Gap]:
    """Give the days on which a place has no row though the others leave no room for it."""
    named = {one.territory for one in found}
    stretches = _joined([one for one in found if one.territory == ALL])
    pairs = pd.DataFrame(
        {"code": dated.place.codes, "day": dated.first.astype("datetime64[s]")}
    ).drop_duplicates()
    codes, by_pair = pairs["code"].to_numpy(), pairs["day"].to_numpy(dtype="datetime64[D]")
    calendar, places = np.unique(by_pair, return_counts=True)
    silent = []
    names = dated.place.texts.to_pylist()
    for code in sorted(range(len(names)), key=names.__getitem__):  # not as they came: in parts
        name = names[code]
        if name in named or name in wholes:
            continue
        days = np.sort(by_pair[codes == code])
        others = places.copy()
        others[np.searchsorted(calendar, days)] -= 1
        gaps = silent_gaps(days, others, calendar, stretches=stretches)
        silent += [(name, first, last) for first, last in gaps]
    return silent


def _silent_periods(found: list[Stretch], dated: DatedRows, wholes: frozenset[str]) -> list[Gap]:
    """Give the periods in which a place that has counts of others has none, and most others do."""
    texts = dated.place.texts.to_pylist()
    pairs = pd.DataFrame(
        {"code": dated.place.codes, "first": dated.first, "last": dated.last}
    ).drop_duplicates()
    present: dict[Stamps, set[int]] = {}
    for code, first, last in zip(pairs["code"], pairs["first"], pairs["last"], strict=True):
        if code >= 0 and texts[code] not in wholes:
            present.setdefault((first, last), set()).add(code)
    every = set().union(*present.values())
    return sorted(
        (texts[code], np.datetime64(first, "D"), np.datetime64(last, "D"))
        for (first, last), told in present.items()
        if len(told) * 2 > len(every)
        for code in every - told
    )


def _joined(found: list[Stretch]) -> list[tuple[np.datetime64, np.datetime64]]:
    joined: list[tuple[np.datetime64, np.datetime64]] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        if joined and one.start <= joined[-1][1] + _JOINED:
            joined[-1] = (joined[-1][0], max(joined[-1][1], one.end))
        else:
            joined.append((one.start, one.end))
    return joined


def _table(found: list[Stretch], readings: Sequence[Reading], profile: Profile) -> pd.DataFrame:
    if not found:
        return empty_table(COVERAGE)
    return check_table(pd.DataFrame(list(_lines(found, readings, profile))), COVERAGE)


def _lines(
    found: list[Stretch], readings: Sequence[Reading], profile: Profile
) -> Iterator[dict[str, object]]:
    for one in dict.fromkeys(found):
        yield {
            "source": profile.source,
            "territory": one.territory,
            "start": pd.Timestamp(one.start),
            "end": pd.Timestamp(one.end),
            "how": one.how,
            "delivery": readings[one.file].name,
        }
