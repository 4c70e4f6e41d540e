"""Clean deliveries of facts larger than memory: judged part by part, then decided on together.

What is given is what cleaning them whole gives. Few rows are in memory at a time: tables lie on disk
until they are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.accounting import (
    doubtful_lines,
    faulty_lines,
    lines_of_files,
    noted_files,
    with_days,
    worded_rows,
)
from obs.clean.cleaned import Cleaned
from obs.clean.coded_columns import Coded, Column, encode_list
from obs.clean.coverage.covered_stretches import cover_files, named_days
from obs.clean.coverage.dated_rows import DatedRows, date_rows, join_dated
from obs.clean.delivered_rows import profile_of_all
from obs.clean.first_rows import FIRST_ROWS, LOST, Record, table_of_first
from obs.clean.judge.duplicates import KEPT, MERGED
from obs.clean.parts.judged_parts import LINE, JudgedFile, Part, Way
from obs.clean.parts.kept_files import Shelf, judge_or_take
from obs.clean.parts.key_fates import FAULTY, Fates, Windows, decide_keys
from obs.clean.parts.stored_table import Store, StoredTable, read_columns
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery
from obs.clean.read.reading import Note, Reading
from obs.clean.read.text_table import STREAMED, layout_of
from obs.clean.unmatched_places import list_unmatched
from obs.progress_bars import progress_bar

__all__ = ["clean_in_parts", "is_streamed"]

LARGE = 64 << 20  # bytes of text, from which deliveries are cleaned in parts
SMALL = 8 << 20  # the same, where judged files are kept
ROWS = 200_000  # of a part
_PACKED = 8  # times that a packed file may grow
_NAT = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class _Together:
    """All judged files, and what becomes of their rows."""

    way: Way
    store: Store
    files: list[JudgedFile]
    fates: Fates

    @property
    def readings(self) -> list[Reading]:
        """The files without their cells."""
        return [one.reading for one in self.files]


@dataclass(frozen=True)
class _Decided:
    """The parts of the files at hand: of each its file, the fates of its rows, what vanished."""

    part: Part
    file: JudgedFile
    fates: NDArray[np.int8]
    gone: NDArray[np.bool_]

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Tell which of the sound rows are kept."""
        kept: NDArray[np.bool_] = self.fates[self.part.fates != FAULTY] == KEPT
        return kept


def is_streamed(deliveries: Sequence[Delivery], profile: Profile, shelf: Shelf | None) -> bool:
    """Tell whether deliveries are cleaned in parts: large ones of facts, as text or Apache Parquet.

    Smaller ones are too, where judged files are kept.
    """
    if profile.shape != "events" or any(one.kind not in STREAMED for one in deliveries):
        return False
    return sum(map(_size, deliveries)) >= (LARGE if shelf is None else min(LARGE, SMALL))


def _size(delivery: Delivery) -> int:
    with delivery.open() as stream:
        packed = delivery.kind == "parquet" or stream.read(2) == b"\x1f\x8b"
    return delivery.size() * (_PACKED if packed else 1)


def clean_in_parts(
    deliveries: Sequence[Delivery],
    profile: Profile,
    way: Way,
    *,
    apart: bool,
    shelf: Shelf | None = None,
) -> Cleaned:
    """Clean files of facts; see `obs.clean.cleaning.clean`."""
    by = [layout_of(one, profile) for one in deliveries]
    first_of = [one for n, one in enumerate(by) if one not in by[:n]]
    way = replace(way, profile=profile_of_all(first_of), rows=way.rows or ROWS)
    store = Store()
    with progress_bar("clean", total=len(deliveries) + 1) as advance:
        files = []
        for number, (one, own) in enumerate(zip(deliveries, by, strict=True)):
            advance(0, f"read {one.name}")
            files.append(judge_or_take(one, own, number, way, store, shelf))
            advance(1, "decide")
        together = _Together(way, store, files, _fates_of(files, way))
        whole = _decided(together, None)
        if not apart:
            return whole
        if len(files) == 1:
            return replace(whole, deliveries=(whole,))
        alone = tuple(_decided(together, number) for number in range(len(files)))
    return replace(whole, deliveries=alone)


def _fates_of(files: Sequence[JudgedFile], way: Way) -> Fates:
    parts = [(part, one.number) for one in files for part in one.parts]
    windows = None
    if len(files) > 1 and way.profile.vanished != "keep":
        extracted = np.array([one.extracted for one in files], dtype="datetime64[D]")
        windows = Windows(extracted, [*map(_window, files)], way.profile.vanished == "drop")
    paths, numbers = [part.path for part, _ in parts], [number for _, number in parts]
    return decide_keys(paths, numbers, [part.fates for part, _ in parts], windows)


def _window(one: JudgedFile) -> tuple[np.datetime64, np.datetime64]:
    """Give the days that a file covers: those of its name, else first to last row."""
    return named_days(one.reading.name, one.reading.by) or (one.first, one.last)


def _decided(together: _Together, only: int | None) -> Cleaned:
    """Close the accounts of all files, or of one as if it came alone."""
    way, readings = together.way, together.readings
    numbers = list(range(len(readings))) if only is None else [only]
    parts = [*_parts(together, only)]
    lost = [place for one in parts for place in _lost_places(one, way)]
    refused = [frame for one in parts for frame in one.part.rejected]
    rejected = worded_rows([*refused, *lost, *faulty_lines(readings, numbers)], readings)
    report = _report(together, parts, numbers, rejected)
    told = report["extracted"].to_numpy(dtype="datetime64[D]")
    extracted = dict(zip(numbers, told, strict=True))
    coverage, notes = cover_files(readings, numbers, way.profile, _dated(parts, way), extracted)
    if len(coverage):
        report = with_days(report, coverage)
    return Cleaned(
        *(way.shape.schema, rejected, report, _table(together, parts)),
        _flagged(together, parts, numbers, notes),
        coverage=coverage,
        unmatched=_unmatched(together, numbers),
        first=_first(parts, [(number, readings[number]) for number in numbers]),
    )


def _parts(together: _Together, only: int | None) -> Iterator[_Decided]:
    pairs = [(part, one) for one in together.files for part in one.parts]
    fates = together.fates
    for n, (part, one) in enumerate(pairs):
        if only is None:
            gone = fates.gone[n] & (fates.whole[n] == KEPT) if len(fates.gone[n]) else fates.gone[n]
            yield _Decided(part, one, fates.whole[n], gone)
        elif one.number == only:
            yield _Decided(part, one, fates.alone[n], fates.gone[n][:0])


def _table(together: _Together, parts: Sequence[_Decided]) -> StoredTable:
    vague = any(not one.precise for one in together.files)
    names = [n for n in together.files[0].columns if n != "date_precision" or vague]
    return StoredTable(
        together.store, tuple(names), tuple((one.part.path, one.kept) for one in parts)
    )


def _lost_places(one: _Decided, way: Way) -> Iterator[pd.DataFrame]:
    """Say where the rows stand that others of their key put out."""
    for fate, rule in LOST.items():
        hit = np.flatnonzero(one.fates == fate)
        if len(hit):
            yield _places(one, hit, way.shape.key[0], rule)


def _places(one: _Decided, rows: NDArray[np.int64], target: str, rule: str) -> pd.DataFrame:
    """Say where some sound rows of a part stand."""
    sound = np.cumsum(one.part.fates != FAULTY) - 1
    lines = np.asarray(read_columns(one.part.path, [LINE])[LINE])
    made = {
        "file": one.file.number,
        "sheet": None,
        "row": lines[sound[rows]],
        "column": one.file.reading.theirs(target),
        "rule": rule,
        "detail": "",
    }
    return pd.DataFrame(made)


def _flagged(
    together: _Together,
    parts: Sequence[_Decided],
    numbers: Sequence[int],
    notes: Mapping[int, Sequence[Note]],
) -> pd.DataFrame:
    """List what is said of kept rows, and of files."""
    way, readings = together.way, together.readings
    said = [
        _places(one, np.flatnonzero(one.gone), way.shape.key[0], "no_longer_delivered")
        for one in parts
        if one.gone.any()
    ]
    for one in parts:
        for where, places in one.part.remarks:
            said.append(places[one.fates[where] == KEPT])
        far = _far_rows(one, way)
        if len(far):
            said.append(_places(one, far, way.shape.when, "far_date"))
    said += noted_files(notes)
    return worded_rows([*said, *doubtful_lines(readings, numbers)], readings)


def _far_rows(one: _Decided, way: Way) -> NDArray[np.int64]:
    """Give the kept rows that are far before the rest of their file."""
    limit = one.file.far_before()
    if way.profile.earliest or np.isnat(limit) or one.file.first >= limit:
        return np.empty(0, dtype="int64")
    days = np.asarray(read_columns(one.part.path, [way.shape.when])[way.shape.when])
    sound = np.flatnonzero(one.part.fates != FAULTY)
    found: NDArray[np.int64] = sound[one.kept & (days < limit)]
    return found


def _report(
    together: _Together, parts: Sequence[_Decided], numbers: Sequence[int], rejected: pd.DataFrame
) -> pd.DataFrame:
    """Give REPORT of the files at hand."""
    kept, merged = Counter[int](), Counter[int]()
    for one in parts:
        kept[one.file.number] += int(np.count_nonzero(one.fates == KEPT))
        merged[one.file.number] += int(np.count_nonzero(one.fates == MERGED))
    files = [together.files[number] for number in numbers if together.files[number].rows]
    summed = pd.DataFrame(
        {
            "rows": [one.rows for one in files],
            "kept": [kept[one.number] for one in files],
            "merged": [merged[one.number] for one in files],
            "contents": [one.contents for one in files],
            "first": np.array([one.first for one in files], dtype="datetime64[s]"),
            "last": np.array([one.last for one in files], dtype="datetime64[s]"),
            "extracted": np.array([one.extracted for one in files], dtype="datetime64[s]"),
            "synthetic": [one.synthetic for one in files],
        },
        index=[one.number for one in files],
    )
    return lines_of_files(summed, together.readings, numbers, rejected)


def _dated(parts: Sequence[_Decided], way: Way) -> DatedRows:
    """Give the kept rows with the days that each tells of."""
    made = []
    for one in parts:
        own = read_columns(one.part.path, [way.shape.when, "territory", "date_precision"])
        rows = np.flatnonzero(one.kept)
        file = np.full(len(one.kept), one.file.number, dtype="int32")
        made.append(date_rows(way.shape, own, file, rows))
    return join_dated(made) if made else _nothing_dated(way)


def _nothing_dated(way: Way) -> DatedRows:
    nothing = np.empty(0, dtype="int64")
    days = np.empty(0, dtype="datetime64[D]")
    table: dict[str, Column] = {way.shape.when: days, "territory": encode_list([])}
    return date_rows(way.shape, table, nothing.astype("int32"), nothing)


def _unmatched(together: _Together, numbers: Sequence[int]) -> pd.DataFrame:
    """List the places of the files at hand that no unit answers to."""
    often: Counter[str] = Counter()
    for number in numbers:
        often.update(together.files[number].unmatched)
    texts = encode_list([*often])
    rows = Coded(texts.texts, np.repeat(texts.codes, [*often.values()]))
    return list_unmatched(rows, np.ones(len(rows), dtype=bool), together.way.profile)


def _first(parts: Sequence[_Decided], readings: list[tuple[int, Reading]]) -> pd.DataFrame:
    """Say of the first rows where they stand and what became of each."""
    records: list[Record] = []
    before = 0
    for one in parts:
        turn = np.cumsum(one.fates == KEPT) - 1 + before
        before += int(np.count_nonzero(one.fates == KEPT))
        for at, (line, rule) in enumerate(one.part.head[: FIRST_ROWS - len(records)]):
            records.append(_record(one, at, line, rule, int(turn[at])))
        if len(records) == FIRST_ROWS:
            break
    return table_of_first(records, readings)


def _record(one: _Decided, at: int, line: int, rule: str | None, turn: int) -> Record:
    file, fate = one.file.number, int(one.fates[at])
    if rule is not None or fate in LOST:
        return file, line, "rejected", rule or LOST[fate], None
    return (
        (file, line, "merged", None, None) if fate == MERGED else (file, line, "kept", None, turn)
    )
