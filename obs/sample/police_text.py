"""Write facts as the text columns of a police supplier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from obs.sample.draws import Ints, pick_at
from obs.sample.incidents import CODES, FORMS, RELATIONS, Facts
from obs.sample.published_totals import communes, layout, patterns, spellings
from obs.sample.text import (
    Columns,
    csv_bytes,
    date_texts,
    join_text,
    number_texts,
    pick_text,
    repeat_text,
)

__all__ = ["Delivery", "Recorded", "day_of_year", "encode", "report_texts", "text_columns"]

ISO_DATES = 20  # rows per thousand whose dates are written yyyy-mm-dd
REPORT_SPELLINGS = (900, 30, 30, 30, 10)  # as is, lower case, spaces, dashes, spaces around
_SEPARATORS = ((".", "/"), (".", "/"), (" ", "/"), ("-", "-"), (".", "/"))
_UNITS = {"5339": "LA", "5340": "LB", "5341": "LC", "5342": "LD", "5343": "LE", "5344": "LF"}
_HABIT = (1 << 20) - 1  # the bits of `hand` that one habit reads
_AGES = (*(str(a) for a in range(90)), "")  # position -1 reads the blank: unknown


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
    january = np.datetime64(f"{delivery.year}-01-01")
    letters = layout()["codes"]
    numbers = number_texts(rows.number, 6)
    columns = {
        "fact": join_text(f"F{delivery.year % 100:02d}", numbers),
        "report": report_texts(rows, delivery.year, _report_habit(rows)),
        "event_date": date_texts(january + facts.day, iso=iso),
        "hour": pick_text(_clock(), facts.minute),
        "report_date": date_texts(january + rows.report_day, iso=iso),
        "commune": _commune_names(rows, delivery.language),
        "code": pick_text(CODES, facts.code),
        "label": pick_text([codes[c][delivery.language] for c in CODES], facts.code),
        "attempt": pick_text(words["attempt"], facts.attempt),
        "form": pick_text([letters["form"].get(f, "") for f in FORMS], facts.form),
        "relation": pick_text([letters["relation"].get(r, "") for r in RELATIONS], facts.relation),
        "place": pick_text(places, facts.place),
        **_persons(facts, words),
        "version": repeat_text(str(version), n),
        "extraction": repeat_text(delivery.extracted.strftime("%d/%m/%Y"), n),
        "synthetic": repeat_text(words["synthetic"], n),
    }
    return {name: columns[name] for name in layout()["columns"]}


def report_texts(rows: Recorded, year: int, spelling: Ints) -> pa.Array:
    """Write report numbers, each in one of the spellings of `REPORT_SPELLINGS`."""
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
    numbers = number_texts(rows.report, 6)
    tail = pick_text(tails, spelling * 2 + next_year)
    return join_text(pick_text(heads, place), numbers, tail)


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


def _persons(facts: Facts, words: Mapping[str, Any]) -> Columns:
    return {
        "victim_sex": pick_text(words["sex"], facts.victim_sex),
        "victim_age": pick_text(_AGES, facts.victim_age),
        "suspect_sex": pick_text(words["sex"], facts.suspect_sex),
        "suspect_age": pick_text(_AGES, facts.suspect_age),
    }


def _clock() -> list[str]:
    return [*(f"{m // 60:02d}:{m % 60:02d}" for m in range(1440)), ""]


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
    return pick_text(texts, found)


def _report_habit(rows: Recorded) -> Ints:
    return pick_at(REPORT_SPELLINGS, (rows.hand >> 20) & _HABIT, bits=20)


def _report_head(way: int, dot: str, prevention: str, zone: str) -> str:
    head = f"BR{dot}{prevention}{dot}{zone}{dot}"
    if way == 1:
        return head.lower()
    return f" {head}" if way == 4 else head
