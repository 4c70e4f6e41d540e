"""Tell which days deliveries of facts cover: as declared, else as their rows show.

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

from obs.clean.coded_columns import Coded
from obs.clean.profiles.profile import Profile
from obs.clean.read.reading import Note, Reading
from obs.reference import DeclaredCoverage
from obs.schemas import ALL, COVERAGE, check_table, empty_table
from obs.stats import covered_stretches, falls_short, silent_gaps

__all__ = ["DatedFacts", "cover_files", "named_days"]

Days = NDArray[np.datetime64]
_DAY = np.timedelta64(1, "D")
_JOINED = np.timedelta64(31, "D")  # of two files, days between that leave no month out


@dataclass(frozen=True)
class DatedFacts:
    """Kept facts: the number of their file, their day, their place."""

    file: NDArray[np.int32]
    day: Days
    place: Coded

    def take(self, which: NDArray[np.bool_]) -> DatedFacts:
        """Keep some facts."""
        place = Coded(self.place.texts, self.place.codes[which])
        return DatedFacts(self.file[which], self.day[which], place)


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
    facts: DatedFacts,
    extracted: dict[int, np.datetime64],
) -> tuple[pd.DataFrame, dict[int, list[Note]]]:
    """Give COVERAGE of some files, and what their rows show against it, by number of file."""
    found: list[Stretch] = []
    notes: dict[int, list[Note]] = {number: [] for number in files}
    for number in files:
        said = _said(number, readings[number].name, readings[number].by)
        said = [_until(one, extracted[number]) for one in said]
        own = _days(facts.take(facts.file == number))
        if not any(one.territory == ALL for one in said):
            said += [Stretch(number, a, b, "assumed") for a, b in covered_stretches(*own)]
        for one in said:
            days = own[0] if one.how in ("file", "delivery") else _days(facts)[0]
            found.append(_checked(one, days, readings, notes))
    column = {number: readings[number].theirs("event_date") for number in files}
    _note_outside(found, facts, column, notes)
    if len(files) == len(readings):
        _note_silence(found, facts, readings, notes, profile.territory.wholes)
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
    strongest = min((order.index(one.how) for one in of_all), default=0)
    return [one for one in stretches if one.territory != ALL or one.how == order[strongest]]


def _declared_by(one: DeclaredCoverage) -> str:
    return "delivery" if one.how == "observatory" and one.files else one.how


def _until(one: Stretch, extracted: np.datetime64) -> Stretch:
    """End a stretch on the day of extraction: nobody tells of later days."""
    if np.isnat(extracted) or one.end <= extracted or one.start > extracted:
        return one
    return replace(one, end=extracted)


def _days(facts: DatedFacts) -> tuple[Days, NDArray[np.int64]]:
    return np.unique(facts.day, return_counts=True)


def _checked(
    one: Stretch, days: Days, readings: Sequence[Reading], notes: dict[int, list[Note]]
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
    column = readings[one.file].theirs("event_date")
    notes[one.file].append(Note("short_of_coverage", column=column, detail=detail))
    return replace(one, start=first, end=last)


def _note_outside(
    found: list[Stretch],
    facts: DatedFacts,
    column: dict[int, str | None],
    notes: dict[int, list[Note]],
) -> None:
    """Say of each file how many facts lie in days that no file covers."""
    outside = np.ones(len(facts.day), dtype=bool)
    for one in found:
        outside &= (facts.day < one.start) | (facts.day > one.end)
    for number in np.unique(facts.file[outside]).tolist():
        days = facts.day[outside & (facts.file == number)]
        own = [one for one in found if one.file == number]
        before = sum(int(d < min(one.start for one in own)) for d in days) if own else len(days)
        detail = f"{len(days)}, of which {before} before the first day covered"
        notes[number].append(Note("outside_coverage", column=column[number], detail=detail))


def _note_silence(
    found: list[Stretch],
    facts: DatedFacts,
    readings: Sequence[Reading],
    notes: dict[int, list[Note]],
    wholes: frozenset[str],
) -> None:
    """Say which places have no fact while the others go on; `wholes` are no places of facts."""
    named = {one.territory for one in found}
    stretches = _joined([one for one in found if one.territory == ALL])
    pairs = pd.DataFrame(
        {"code": facts.place.codes, "day": facts.day.astype("datetime64[s]")}
    ).drop_duplicates()
    codes, by_pair = pairs["code"].to_numpy(), pairs["day"].to_numpy(dtype="datetime64[D]")
    calendar, places = np.unique(by_pair, return_counts=True)
    for code, name in enumerate(facts.place.texts.to_pylist()):
        if name in named or name in wholes:
            continue
        days = np.sort(by_pair[codes == code])
        others = places.copy()
        others[np.searchsorted(calendar, days)] -= 1
        for first, last in silent_gaps(days, others, calendar, stretches=stretches):
            near = [one.file for one in found if one.start <= last and one.end >= first]
            where = max(near, default=found[-1].file)
            detail = f"{name}, {first} to {last}"
            column = readings[where].theirs("territory")
            notes[where].append(Note("silent_place", column=column, detail=detail))


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
