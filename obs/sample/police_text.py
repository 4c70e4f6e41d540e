"""Facts written as a police supplier's clerks write them: text columns, one per header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from obs.sample.calibration import communes, layout, patterns, spellings
from obs.sample.draws import Ints, Stream, pick_at
from obs.sample.facts import CODES, FORMS, RELATIONS, Facts
from obs.sample.writing import csv_bytes

__all__ = ["Delivery", "Recorded", "day_of_year", "encode", "interleave", "text_columns"]

ISO_DATES = 20  # rows per thousand whose dates are written yyyy-mm-dd
REPORT_SPELLINGS = (900, 30, 30, 30, 10)  # as is, lower case, spaces, dashes, spaces around
_SEPARATORS = ((".", "/"), (".", "/"), (" ", "/"), ("-", "-"), (".", "/"))
_UNITS = {"5339": "LA", "5340": "LB", "5341": "LC", "5342": "LD", "5343": "LE", "5344": "LF"}
_HABIT = (1 << 20) - 1
_LAST_DAY = 365 + 181 + 31  # days of the year and after that can be written

Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class Recorded:
    """Facts once recorded: their number, and the number, day and opener of their report.

    `hand` holds 60 random bits per fact, the clerk's habits: the same fact is spelled the
    same way whenever it is sent.
    """

    facts: Facts
    number: Ints
    report: Ints
    report_day: Ints
    report_code: Ints
    report_commune: Ints
    hand: Ints

    def take(self, rows: Ints) -> Recorded:
        """Give some of them."""
        others = {f.name: getattr(self, f.name)[rows] for f in fields(self)[1:]}
        return Recorded(self.facts.take(rows), **others)


@dataclass(frozen=True)
class Delivery:
    """One file: the year of its facts, its extraction date, its language."""

    year: int
    extracted: date
    language: str

    @property
    def words(self) -> Mapping[str, Any]:
        """Give the supplier's layout in the language of this delivery."""
        return layout()[self.language]


def day_of_year(day: date, year: int) -> int:
    """Count the days from 1 January of a year."""
    return (day - date(year, 1, 1)).days


def text_columns(rows: Recorded, delivery: Delivery, *, version: int) -> Columns:
    """Write facts as text columns under neutral names, in the supplier's order."""
    facts, words, n = rows.facts, delivery.words, len(rows.number)
    iso = pick_at((1000 - ISO_DATES, ISO_DATES), rows.hand >> 40, bits=20)
    codes = patterns()["codes"]
    places = [p[delivery.language] for p in patterns()["places"].values()]
    letters = layout()["codes"]
    numbers = pc.utf8_lpad(pa.array(rows.number).cast(pa.string()), 6, "0")
    columns = {
        "fact": _joined(f"F{delivery.year % 100:02d}", numbers),
        "report": _reports(rows, delivery.year),
        "event_date": _dates(facts.day, delivery.year, iso),
        "hour": _pick_text(_clock(), facts.minute),
        "report_date": _dates(rows.report_day, delivery.year, iso),
        "commune": _commune_names(rows, delivery.language),
        "code": _pick_text(CODES, facts.code),
        "label": _pick_text([codes[c][delivery.language] for c in CODES], facts.code),
        "attempt": _pick_text(words["attempt"], facts.attempt),
        "form": _pick_text([letters["form"].get(f, "") for f in FORMS], facts.form),
        "relation": _pick_text([letters["relation"].get(r, "") for r in RELATIONS], facts.relation),
        "place": _pick_text(places, facts.place),
        "victim_sex": _pick_text(words["sex"], facts.victim_sex),
        "victim_age": _pick_text(_AGES, facts.victim_age),
        "suspect_sex": _pick_text(words["sex"], facts.suspect_sex),
        "suspect_age": _pick_text(_AGES, facts.suspect_age),
        "version": _repeat(str(version), n),
        "extraction": _repeat(delivery.extracted.strftime("%d/%m/%Y"), n),
        "synthetic": _repeat(words["synthetic"], n),
    }
    return {name: columns[name] for name in layout()["columns"]}


def interleave(rows: Columns, extra: Columns, stream: Stream) -> Columns:
    """Put extra rows anywhere among the others, which keep their order."""
    n, m = len(rows["fact"]), len(extra["fact"])
    place = np.concatenate([np.arange(n), stream.below(max(n, 1), m)])
    order = pa.array(np.argsort(place, kind="stable"))
    return {k: pa.concat_arrays([rows[k], extra[k]]).take(order) for k in rows}


def encode(columns: Columns, delivery: Delivery, first_line: str) -> bytes:
    """Give the bytes of the file: label, header, rows, in its encoding and line ending."""
    words = delivery.words
    return csv_bytes(
        list(columns.values()),
        header=words["header"],
        first_line=first_line,
        encoding=words["encoding"],
        newline=words["newline"],
    )


# position -1 reads the last text, which is blank: unknown
_AGES = (*(str(a) for a in range(90)), "")


def _clock() -> list[str]:
    return [*(f"{m // 60:02d}:{m % 60:02d}" for m in range(1440)), ""]


def _pick_text(texts: Sequence[str], positions: Ints) -> pa.Array:
    found = np.where(positions < 0, len(texts) + positions, positions)
    return pa.array(list(texts), pa.string()).take(pa.array(found))


def _repeat(text: str, n: int) -> pa.Array:
    return pa.array([text], pa.string()).take(pa.array(np.zeros(n, dtype=np.int64)))


def _joined(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _dates(day: Ints, year: int, iso: Ints) -> pa.Array:
    days = np.datetime64(f"{year}-01-01") + np.arange(_LAST_DAY)
    as_iso = [str(d) for d in days]
    as_european = [f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in as_iso]
    return _pick_text([*as_european, *as_iso], day + iso * _LAST_DAY)


def _commune_names(rows: Recorded, language: str) -> pa.Array:
    commune, habit = rows.facts.commune, rows.hand & _HABIT
    names = spellings(language)
    texts: list[str] = []
    found = np.zeros(len(commune), dtype=np.int64)
    for position, row in enumerate(communes()):
        here = np.flatnonzero(commune == position)
        choices = names[row["nis"]]
        found[here] = len(texts) + pick_at([w for _, w in choices], habit[here], bits=20)
        texts += [text for text, _ in choices]
    return _pick_text(texts, found)


def _reports(rows: Recorded, year: int) -> pa.Array:
    spelling = pick_at(REPORT_SPELLINGS, (rows.hand >> 20) & _HABIT, bits=20)
    zones = [_UNITS[c["zone"]] for c in communes()]
    preventions = [patterns()["codes"][c]["prevention"] for c in CODES]
    heads = [
        _report_head(way, dot, prevention, zone)
        for way, (dot, _) in enumerate(_SEPARATORS)
        for prevention in preventions
        for zone in zones
    ]
    place = (spelling * len(CODES) + rows.report_code) * len(zones) + rows.report_commune
    next_year = rows.report_day >= day_of_year(date(year + 1, 1, 1), year)
    tails = [
        f"{slash}{y}{' ' if way == 4 else ''}"
        for way, (_, slash) in enumerate(_SEPARATORS)
        for y in (year, year + 1)
    ]
    numbers = pc.utf8_lpad(pa.array(rows.report).cast(pa.string()), 6, "0")
    tail = _pick_text(tails, spelling * 2 + next_year)
    return _joined(_pick_text(heads, place), numbers, tail)


def _report_head(way: int, dot: str, prevention: str, zone: str) -> str:
    head = f"BR{dot}{prevention}{dot}{zone}{dot}"
    if way == 1:
        return head.lower()
    return f" {head}" if way == 4 else head
