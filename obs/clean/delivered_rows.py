"""Read the deliveries of a source and put their rows under our names, whatever the layout."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from obs.clean.coded_columns import Coded, coalesce, concat, encode_list, join_texts, repeat
from obs.clean.folded_texts import fold
from obs.clean.judge.duplicates import content_id
from obs.clean.judge.judged_rows import Rows
from obs.clean.profiles.profile import NameEntry, Profile
from obs.clean.read.file_checks import Delivery, open_deliveries
from obs.clean.read.reading import Reading
from obs.clean.read.screening import Hostile, screen
from obs.clean.read.text_table import read_delivery, read_frame
from obs.errors import DeliveryError

__all__ = [
    "Source",
    "day_of",
    "extracted_by_name",
    "gather_rows",
    "group_by_layout",
    "profile_of_all",
    "paths_of",
    "open_source",
    "read_all",
    "read_opened",
    "screen_all",
]

_NAMES = frozenset({"event_id", "case_id", "call_id"})
Source = str | Path | Sequence[str | Path] | pd.DataFrame


def paths_of(source: str | Path | Sequence[str | Path]) -> list[Path]:
    """Give the paths of one path or several."""
    return [Path(source)] if isinstance(source, str | Path) else [Path(p) for p in source]


def day_of(extracted: str | dt.date | None) -> dt.date | None:
    """Read the day of extraction that the caller gives."""
    if extracted is None or isinstance(extracted, dt.date):
        return extracted.date() if isinstance(extracted, dt.datetime) else extracted
    try:
        return dt.date.fromisoformat(extracted)
    except ValueError:
        raise DeliveryError(
            f"extracted: '{extracted[:20]}' is not a day; write it as 2024-01-31."
        ) from None


def read_all(source: Source, profile: Profile) -> list[Reading]:
    """Read the deliveries, each as its profile says."""
    return read_opened(open_source(source), profile)


def open_source(source: Source) -> pd.DataFrame | list[Delivery]:
    """Check that the files are there and recognise them; a table is given as it is."""
    return source if isinstance(source, pd.DataFrame) else open_deliveries(paths_of(source))


def read_opened(source: pd.DataFrame | list[Delivery], profile: Profile) -> list[Reading]:
    """Read files that were opened, or a table."""
    if isinstance(source, pd.DataFrame):
        return [read_frame(source, profile)]
    return [read_delivery(delivery, profile) for delivery in source]


def screen_all(readings: list[Reading]) -> list[list[Hostile]]:
    """Give for each file the rows that hold a hostile text: which, the column, the rule."""
    return [screen(reading) for reading in readings]


def extracted_by_name(name: str, profile: Profile) -> dt.date | None:
    """Read the day of extraction in a file's name, as the profile says."""
    found = re.search(profile.file.extracted, name) if profile.file.extracted else None
    if not found:
        return None
    digits = re.sub(r"\D", "", found[1])
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 (a day)
    except ValueError:
        raise DeliveryError(
            f"{name}: the name should hold a day of extraction and holds none; "
            "rename the file or give `extracted`."
        ) from None


def gather_rows(readings: list[Reading], profile: Profile, *, day: dt.date | None) -> Rows:
    """Put the rows of all files under our names, with what the file itself tells."""
    sizes = [len(reading.lines) for reading in readings]
    widths = [max(len(reading.bound.wide), 1) for reading in readings]  # counts of a row
    each = [day or extracted_by_name(reading.name, profile) for reading in readings]
    told = np.array([np.datetime64("NaT") if d is None else d for d in each], "datetime64[D]")
    numbers = [n * w for n, w in zip(sizes, widths, strict=True)]
    file = np.repeat(np.arange(len(readings), dtype="int32"), numbers)
    pairs = list(zip(sizes, widths, strict=True))
    names = encode_list([reading.name for reading in readings])
    return Rows(
        file=file,
        place=np.concatenate([np.repeat(np.arange(n), w) for n, w in pairs]),
        cell=np.concatenate([np.tile(np.arange(w, dtype="int32"), n) for n, w in pairs]),
        texts=_texts(readings, profile),
        content=_contents(readings, profile),
        delivery=Coded(names.texts, names.codes[file]),
        source=profile.source,
        extracted=told[file],
        synthetic=np.array([reading.synthetic for reading in readings])[file],
        version=np.full(len(file), np.nan),
    )


def _texts(readings: list[Reading], profile: Profile) -> dict[str, Coded]:
    """Give the texts under our names; of a wide row, one row for each of its counts."""
    from_wide = {profile.wide_names, "numerator"} if profile.is_wide else set()
    found = {
        target: concat([_spread(_column(one, profile, target), one) for one in readings])
        for target in profile.targets
        if target not in from_wide
    }
    if profile.is_wide:
        found[profile.wide_names] = concat([_wide_names(one) for one in readings])
        found["numerator"] = concat([_wide_counts(one) for one in readings])
    return found


def _spread(column: Coded, reading: Reading) -> Coded:
    """Repeat each row for each of its counts."""
    width = max(len(reading.bound.wide), 1)
    return column if width == 1 else Coded(column.texts, np.repeat(column.codes, width))


def _wide_names(reading: Reading) -> Coded:
    names = encode_list([told for told, _ in reading.bound.wide])
    return Coded(names.texts, np.tile(names.codes, len(reading.lines)))


def _wide_counts(reading: Reading) -> Coded:
    counts = concat([reading.columns[place] for _, place in reading.bound.wide])
    shape = (len(reading.bound.wide), len(reading.lines))
    return Coded(counts.texts, counts.codes.reshape(shape).T.ravel())


def _column(reading: Reading, profile: Profile, target: str) -> Coded:
    """Give one of our columns of a file, with what means "not known" blanked."""
    column = _delivered(reading, profile, target)
    unknown = {fold(text) for text in profile.unknown.get(target, ())}
    if not unknown:
        return column
    facts = target == "territory" and profile.shape == "events"
    instead = (profile.territory.whole or None) if facts else None
    told = column.map([instead if fold(text) in unknown else text for text in column.distinct()])
    if instead is not None and "" in unknown:
        return coalesce(told, repeat(instead, len(told)))
    return told


def _delivered(reading: Reading, profile: Profile, target: str) -> Coded:
    """Give one of our columns: theirs, several joined, what a name tells, or a constant."""
    n = len(reading.lines)
    if target in reading.bound.columns:
        return reading.columns[reading.bound.columns[target]]
    if target in reading.bound.joined:
        return join_texts([reading.columns[place] for place in reading.bound.joined[target]])
    if target in profile.named:
        return _read_from_name(reading, profile.named[target], target)
    return repeat(profile.constants.get(target), n)


def _read_from_name(reading: Reading, one: NameEntry, target: str) -> Coded:
    """Give what the name of the file, or of the sheet of each row, tells."""
    n = len(reading.lines)
    sheets = reading.sheets
    names = repeat(reading.name, n) if one.of == "file" or sheets is None else sheets
    found = [re.search(one.pattern, name) for name in names.distinct()]
    silent = [name for name, m in zip(names.distinct(), found, strict=True) if not m]
    if silent:
        raise DeliveryError(
            f"{reading.name}: the name of the {one.of} '{silent[0][:40]}' should tell our column "
            f"'{target}' by the pattern {one.pattern} and does not; rename it, or change `named` in "
            "the profile."
        )
    return names.map([m[1] for m in found if m])


def _contents(readings: list[Reading], profile: Profile) -> Coded:
    """Name the rows after their content, where the supplier does not name them."""
    if not profile.identical or _NAMES & {*profile.targets}:
        return concat([_spread(repeat(None, len(one.lines)), one) for one in readings])
    return concat([_spread(content_id(one.columns, len(one.lines)), one) for one in readings])


def group_by_layout(readings: list[Reading]) -> list[tuple[Profile, list[int]]]:
    """Group the files by the layout that read them."""
    found: list[tuple[Profile, list[int]]] = []
    for number, reading in enumerate(readings):
        own = next((files for by, files in found if by == reading.by), None)
        if own is None:
            found.append((reading.by, [number]))
        else:
            own.append(number)
    return found


def profile_of_all(layouts: list[Profile]) -> Profile:
    """Give the profile of all rows: the columns of every layout at hand."""
    first, *_ = layouts
    columns = {ours: theirs for by in layouts for ours, theirs in by.columns.items()}
    constants = {ours: text for by in layouts for ours, text in by.constants.items()}
    return replace(first, columns=columns, constants=constants)
