"""Write raw files of two helplines, 2018-2021: a count per day and line, and single calls.

A closed or interrupted day has no count; it is not a day without calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from obs.sample.draws import Ints, Stream
from obs.sample.published_totals import document, scaled
from obs.sample.text import csv_bytes, date_texts, join_text, number_texts, pick_text, repeat_text
from obs.sample.writing import SampleFile, label

__all__ = ["YEARS", "helpline_files"]

YEARS = (2018, 2019, 2020, 2021)
_WEEKDAYS = (108, 104, 100, 98, 96, 92, 98)  # Monday to Sunday
_AGES = (("NonRenseigné", 300), ("", 60), ("127", 2))  # weights per thousand; else an age
_DECIMAL_AGES = 150  # per thousand ages written "31.0"


def helpline_files(years: Iterable[int], *, seed: int, scale: float) -> Iterator[SampleFile]:
    """Make the daily and the call-level file of each year that the lines cover.

    The account of each file gives rows, closed days and calls.

    Examples
    --------
    >>> from obs.sample.helpline_files import helpline_files
    >>> [f.path for f in helpline_files([2017, 2020], seed=1, scale=0.01)]
    ['helpline/helpline_daily_2020.csv', 'helpline/helpline_calls_2020.csv']
    """
    for year in years:
        if year in YEARS:
            days, line, calls = _year(year, seed, scale)
            yield _daily(year, days, line, calls, label(seed, scale))
            stream = Stream(seed, "calls", year)
            yield _calls(year, days, line, calls, stream, label(seed, scale))


def _year(year: int, seed: int, scale: float) -> tuple[np.ndarray, Ints, Ints]:
    """Give day, line and calls, -1 where the line is closed, of each day and line."""
    spec = document("helpline.toml")
    days, lines, calls = [], [], []
    for position, name in enumerate(spec["lines"]):
        for stretch in spec["stretches"]:
            if stretch["from"].year == year:
                stream = Stream(seed, "helpline", name, stretch["from"].toordinal())
                counted = _stretch(stream, spec, name, stretch, scale)
                days += list(counted)
                calls += list(counted.values())
                lines += [position] * len(counted)
    order = np.lexsort((lines, np.asarray(days, dtype="datetime64[D]")))
    return (
        np.asarray(days, dtype="datetime64[D]")[order],
        np.asarray(lines)[order],
        np.asarray(calls)[order],
    )


def _stretch(
    stream: Stream, spec: dict[str, Any], line: str, stretch: dict[str, Any], scale: float
) -> dict[date, int]:
    span = (stretch["to"] - stretch["from"]).days + 1
    days = [stretch["from"] + timedelta(k) for k in range(span)]
    opened = [d for d in days if _is_open(spec, line, d)]
    total = scaled(stretch[line] * len(opened), scale)
    drawn = stream.pick([_WEEKDAYS[d.weekday()] for d in opened], total)
    counted = dict(zip(opened, np.bincount(drawn, minlength=len(opened)).tolist(), strict=True))
    return {d: counted.get(d, -1) for d in days}


def _is_open(spec: dict[str, Any], line: str, day: date) -> bool:
    own, broken, holidays = spec["lines"][line], spec["interruption"], spec["holidays"]
    if broken["line"] == line and broken["from"] <= day <= broken["to"]:
        return False
    free = f"{day:%m-%d}" in holidays["every_year"] or str(day) in holidays["movable"]
    return day.weekday() not in own["closed_weekdays"] and not (own["closed_holidays"] and free)


def _daily(year: int, days: np.ndarray, line: Ints, calls: Ints, first_line: str) -> SampleFile:
    names = list(document("helpline.toml")["lines"])
    counts = number_texts(np.maximum(calls, 0))
    n = len(calls)
    place = np.where(calls < 0, n, np.arange(n))
    columns = {
        "DATE": date_texts(days),
        "LIGNE": pick_text(names, line),
        "OUVERT": pick_text(["N", "O"], (calls >= 0).astype(np.int64)),
        "APPELS": pa.concat_arrays([counts, repeat_text("", 1)]).take(pa.array(place)),
        "SYNTH": repeat_text("OUI", n),
    }
    payload = csv_bytes(list(columns.values()), header=list(columns), first_line=first_line)
    counts = {"rows": n, "closed": int((calls < 0).sum()), "calls": int(np.maximum(calls, 0).sum())}
    return SampleFile(f"helpline/helpline_daily_{year}.csv", payload, counts)


def _calls(
    year: int, days: np.ndarray, line: Ints, calls: Ints, stream: Stream, first_line: str
) -> SampleFile:
    spec = document("helpline.toml")
    row = np.repeat(np.arange(len(calls)), np.maximum(calls, 0))
    n = len(row)
    hours = np.asarray([own["hours"] for own in spec["lines"].values()])[line[row]]
    minute = hours[:, 0] * 60 + (stream.below(1 << 20, n) * (hours[:, 1] - hours[:, 0]) * 60 >> 20)
    columns = {
        "APPEL": join_text(f"A{year}-", number_texts(np.arange(1, n + 1), 6)),
        "DATE": date_texts(days[row]),
        "HEURE": join_text(number_texts(minute // 60, 2), ":", number_texts(minute % 60, 2)),
        "LIGNE": pick_text(list(spec["lines"]), line[row]),
        "THEME": _drawn(stream, spec["topics"], n),
        "RELATION": _drawn(stream, spec["relations"], n),
        "GENRE": _drawn(stream, spec["callers"], n),
        "AGE": _ages(stream, n),
        "SYNTH": repeat_text("OUI", n),
    }
    payload = csv_bytes(
        list(columns.values()), header=list(columns), first_line=first_line, encoding="utf-8-sig"
    )
    return SampleFile(f"helpline/helpline_calls_{year}.csv", payload, {"rows": n, "calls": n})


def _drawn(stream: Stream, weights: dict[str, int], n: int) -> pa.Array:
    return pick_text(list(weights), stream.pick(list(weights.values()), n))


def _ages(stream: Stream, n: int) -> pa.Array:
    """Write ages as the call takers do: most whole, some with decimals, some not at all."""
    texts = [*(str(a) for a in range(18, 78)), *(f"{a}.0" for a in range(18, 78))]
    drawn = stream.below(60, n) + 60 * stream.chance(_DECIMAL_AGES, n)
    weights = [weight for _, weight in _AGES]
    kind = stream.pick([*weights, 1000 - sum(weights)], n)
    place = np.where(kind < len(_AGES), len(texts) + kind, drawn)
    return pick_text([*texts, *(text for text, _ in _AGES)], place)
