"""Decide what each row is by the entries of `offences`: their patterns, and the days they apply to.

A nomenclature has vintages. An entry with `from` or `until` applies to a row that lies wholly in
its days; a row of a month or a year lies there whole or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, encode_list, group_rows, is_missing
from obs.clean.judge.distinct_values import Form
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.judgement import Judgement
from obs.clean.profiles.profile import OffenceEntry, Profile

__all__ = ["days_of", "judge_offences", "map_offences"]

_CONDITIONS = ("offence", "detail", "article", "label", "place")
_OUTCOMES = ("phenomenon", "form", "relation", "unit")
_WHEN = ("event_date", "entry_date", "period", "date")  # what dates a row, the first that it has
_DAY = np.timedelta64(1, "D")


def map_offences(rows: Rows, profile: Profile) -> None:
    """Put phenomenon, form, relation and unit by the combination of codes of each row."""
    if "offence" not in profile.targets:
        return
    used = [c for c in _CONDITIONS if c in profile.targets and _is_used(c, profile)]
    stretches = _stretches(rows, profile)
    combination = group_rows([*(rows.texts[c] for c in used), *stretches])
    _, first = np.unique(combination, return_index=True)
    combos = pd.DataFrame(
        {c: Coded(rows.texts[c].texts, rows.texts[c].codes[first]).to_series() for c in used}
    )
    days = [stretch[first] for stretch in stretches]
    judged = judge_offences(combos.fillna(""), profile, days=days)
    for name, values in judged.values.items():
        coded = encode_list([None if v is None else str(v) for v in values])
        rows.by[name] = Coded(coded.texts, coded.codes[combination])
    _compare_units(rows)
    for rule in dict.fromkeys(fault for fault in judged.faults if fault):
        hit = np.array([fault == rule for fault in judged.faults], dtype=bool)
        rows.blame(hit[combination], "offence", rule)


def _compare_units(rows: Rows) -> None:
    """Blame the rows that tell a counting unit other than that of their class."""
    own, of_class = rows.to.get("unit"), rows.by.get("unit")
    if isinstance(own, Coded) and of_class is not None:
        told = ~is_missing(own) & ~is_missing(of_class)
        rows.blame(
            told & (own.to_series() != of_class.to_series()).to_numpy(), "unit", "other_unit"
        )


def judge_offences(
    rows: pd.DataFrame, profile: Profile, *, days: Sequence[NDArray[np.int64]] = ()
) -> Judgement:
    """Give each combination of texts what the first entry says that fits and applies.

    `days` are the numbers of the stretches of `_changes` in which each combination begins and
    ends, where any entry has days.
    """
    changes = _changes(profile)
    entries = [_Entry(entry, changes) for entry in profile.offences]
    cells = [dict(zip(rows.columns, row, strict=True)) for row in rows.itertuples(index=False)]
    spans = list(zip(*(own.tolist() for own in days), strict=True)) if days else [None] * len(cells)
    values: dict[str, list[object]] = {name: [] for name in _OUTCOMES}
    faults: list[str | None] = []
    for row, span in zip(cells, spans, strict=True):
        found, fault = _outcome(row, span, entries, profile.other)
        faults.append(fault)
        for name in _OUTCOMES:
            values[name].append(found.get(name))
    return Judgement(values, faults)


class _Entry:
    """One entry of `offences`: patterns to fit, days to lie in, and what follows."""

    def __init__(self, entry: OffenceEntry, changes: list[dt.date]) -> None:
        self.outcome = entry.outcome
        self.forms = {key: Form(text) for key, text in entry.conditions.items()}
        self.first = -1 if entry.from_ is None else changes.index(entry.from_) + 1
        last = len(changes) + 1
        self.last = last if entry.until is None else changes.index(_next_day(entry.until))

    def fits(self, row: dict[str, str]) -> bool:
        """Tell whether every pattern matches its whole text."""
        return all(form.match(row.get(key) or "") for key, form in self.forms.items())

    def applies(self, span: tuple[int, int] | None) -> bool:
        """Tell whether a row lies wholly in the days of the entry."""
        return span is None or (self.first <= span[0] and span[1] <= self.last)


def _outcome(
    row: dict[str, str], span: tuple[int, int] | None, entries: list[_Entry], other: str
) -> tuple[dict[str, str], str | None]:
    fitting = [entry for entry in entries if entry.fits(row)]
    found = next((entry.outcome for entry in fitting if entry.applies(span)), None)
    if found is not None:
        return found, None
    if fitting:  # a class that the profile knows is no other one
        return {}, "out_of_validity"
    return ({"phenomenon": other}, None) if other else ({}, "unknown_offence")


def _changes(profile: Profile) -> list[dt.date]:
    """List the first days of the stretches between which the entries that apply differ."""
    begun = {entry.from_ for entry in profile.offences if entry.from_ is not None}
    ended = {_next_day(entry.until) for entry in profile.offences if entry.until is not None}
    return sorted(begun | ended)


def _next_day(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)


def _stretches(rows: Rows, profile: Profile) -> list[NDArray[np.int64]]:
    """Give the numbers of the stretches in which each row begins and ends; undated, of all."""
    changes = np.array(_changes(profile), dtype="datetime64[D]")
    if not len(changes):
        return []
    first, last = days_of(rows)
    untold = np.isnat(first)
    begins = np.where(untold, -1, np.searchsorted(changes, first, side="right"))
    ends = np.where(untold, len(changes) + 1, np.searchsorted(changes, last, side="right"))
    return [begins.astype("int64"), ends.astype("int64")]


def days_of(
    rows: Rows, when: str | None = None
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Give the first and the last day that each row may be of, by `when` or what dates the row."""
    name = next((one for one in (when, *_WHEN) if one in rows.to), None)
    if name is None:
        nothing = np.full(len(rows), np.datetime64("NaT"), dtype="datetime64[D]")
        return nothing, nothing
    column = rows.to[name]
    if isinstance(column, Coded):
        periods = [np.datetime64(text) for text in column.distinct()]
        starts = [one.astype("datetime64[D]") for one in periods]
        ends = [(one + 1).astype("datetime64[D]") - _DAY for one in periods]
        nat = np.datetime64("NaT", "D")
        return (
            np.array([*starts, nat], dtype="datetime64[D]")[column.codes],
            np.array([*ends, nat], dtype="datetime64[D]")[column.codes],
        )
    first = np.asarray(column).astype("datetime64[D]")
    return first, _last_days(first, rows if name == "event_date" else None)


def _last_days(first: NDArray[np.datetime64], rows: Rows | None) -> NDArray[np.datetime64]:
    """Give the last day of a month or a year that is all that is told of a fact."""
    precision = None if rows is None else rows.to.get("date_precision")
    if not isinstance(precision, Coded):
        return first
    months = (first.astype("datetime64[M]") + 1).astype("datetime64[D]") - _DAY
    years = (first.astype("datetime64[Y]") + 1).astype("datetime64[D]") - _DAY
    last = np.where(precision.has(("month",)), months, first)
    found: NDArray[np.datetime64] = np.where(precision.has(("year",)), years, last)
    return found


def _is_used(column: str, profile: Profile) -> bool:
    return column == "offence" or any(column in entry.conditions for entry in profile.offences)
