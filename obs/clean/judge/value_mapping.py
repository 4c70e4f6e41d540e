"""Judge the distinct texts of each column once, and look up the value of each row by its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from obs.clean.coded_columns import (
    Coded,
    Column,
    choose,
    is_missing,
    whole_numbers,
)
from obs.clean.judge.dates_and_hours import judge_dates, judge_hours, judge_periods
from obs.clean.judge.distinct_values import (
    judge_bands,
    judge_codes,
    judge_counts,
    judge_flags,
    judge_numbers,
    judge_places,
    judge_report_ids,
)
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.judgement import Judgement
from obs.clean.judge.local_times import reconcile_times
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import OBSERVATION_STATUS, is_attribute
from obs.reference import load_measures
from obs.schemas import BOUNDS, CASE_CONTEXTS, DECISIONS, FORMS, RELATIONS, UNITS

__all__ = ["map_columns"]

Judge = Callable[[Sequence[str]], Judgement]

_TYPES = {
    "event_date": "date",
    "report_date": "date",
    "extracted": "date",
    "date": "date",
    "entry_date": "date",
    "decision_date": "date",
    "first_close_date": "date",
    "reopened_date": "date",
    "event_hour": "Int64",
    "hour": "Int64",
    "attempt": "boolean",
    "open": "boolean",
    "synthetic": "boolean",
    "version": "Float64",
    "numerator": "Int64",
    "population": "Float64",
    "dwellings": "Float64",
}
_DATES = frozenset(name for name, kind in _TYPES.items() if kind == "date")
_HOURS = {"event_hour": "event_date", "hour": "date"}  # the day that each one belongs to
_IMPRECISE = "event_date"  # may be of a month or a year
_NUMBERLESS = ("missing", "not_applicable", "suppressed_source")
_NO_VALUE = ("NaN", "nan", "NA")
_AGES = frozenset({"victim_age_band", "suspect_age_band", "age_band"})
_PLAIN = frozenset(  # texts that stay texts, unless the profile gives codes
    {"event_id", "case_id", "mother_id", "next_id", "report_id", "call_id", "document_line"}
    | {"offence", "detail", "article", "label", "place", "section"}
    | {"activity", "provider", "part"}
)


def map_columns(rows: Rows, profile: Profile) -> None:
    """Put to each column of `rows` what it becomes; blame or remark the rows of a faulty cell.

    A column without which a row says nothing rejects it; any other becomes missing, with a
    remark. Columns whose texts stay as they are come back trimmed, without a judge.
    """
    found: dict[str, Judgement] = {}
    for target in profile.targets:
        column = rows.texts[target]
        judge = _judge(target, profile)
        if judge is None:
            rows.to[target] = column.trimmed()
            continue
        judged = judge([*column.distinct(), ""])  # the last one is that of missing cells
        if target in _DATES and target != _IMPRECISE:
            judged = _days_alone(judged)
        found[target] = judged
        rows.to[target] = _looked_up(judged.values["value"], column, target)
        if target != "numerator":
            _note_faults(rows, target, judged, profile)
    if profile.shape == "events" and "territory" in found:
        known_to_be_in = rows.outcome_texts("territory").has((*profile.territory.wholes,))
        rows.remark(known_to_be_in, "territory", "unplaced")
    if "numerator" in found:
        _join_counts_and_status(rows, found["numerator"], profile)
    if _IMPRECISE in found:
        column = rows.texts[_IMPRECISE]
        precisions = [None if p is None else str(p) for p in found[_IMPRECISE].values["precision"]]
        rows.to["date_precision"] = column.map(precisions)
    for hour, day in _HOURS.items():
        if hour in found and day in found:
            written = profile.file.time_zone
            reconcile_times(
                rows, found[hour], day=day, hour=hour, zone=profile.zone, written=written
            )


def _days_alone(judged: Judgement) -> Judgement:
    """Leave out the days of which the month or the year alone is told."""
    vague = [p not in (None, "day") for p in judged.values["precision"]]
    values = [None if v else day for day, v in zip(judged.values["value"], vague, strict=True)]
    faults = ["not_a_day" if v else f for f, v in zip(judged.faults, vague, strict=True)]
    return Judgement({**judged.values, "value": values}, faults)


def _note_faults(rows: Rows, target: str, judged: Judgement, profile: Profile) -> None:
    """Blame the rows of faulty cells, or remark them where the column is an attribute."""
    codes = rows.texts[target].codes
    attribute = is_attribute(target, profile.shape) and target not in profile.strict
    for rule in dict.fromkeys(fault for fault in judged.faults if fault):
        hit = np.array([fault == rule for fault in judged.faults])[codes]
        if attribute:
            rows.remark(hit, target, rule)
        else:
            rows.blame(hit, target, rule)


def _join_counts_and_status(rows: Rows, judged: Judgement, profile: Profile) -> None:
    """Put number and status together, where the file tells a status of its own.

    A number beside a status that says there is none is not read: suppliers put estimates there.
    """
    column = rows.texts["numerator"]
    own = column.map([str(s) if s else None for s in judged.values["status"]])
    if "status" not in profile.targets:
        rows.to["status"] = own
        _note_faults(rows, "numerator", judged, profile)
        return
    told = rows.outcome_texts("status")
    silent = told.has(_NUMBERLESS)
    marked = np.isin([f or "" for f in judged.faults], ["not_a_number"])[column.codes]
    blank = is_missing(column) | column.has(_NO_VALUE)
    for rule in dict.fromkeys(fault for fault in judged.faults if fault):
        hit = np.array([fault == rule for fault in judged.faults])[column.codes]
        rows.blame(hit & ~(silent & blank & marked), "numerator", rule)
    number = whole_numbers(rows.to["numerator"])
    number[silent] = pd.NA
    rows.to["numerator"] = number
    plain = told.has(("ok",)) | is_missing(told)
    rows.to["status"] = choose(plain, own, told)


def _judge(target: str, profile: Profile) -> Judge | None:
    if target in _DATES:
        zones = {"zone": profile.zone, "written": profile.file.time_zone}
        return partial(judge_dates, formats=profile.dates, **zones)
    if target in _HOURS:
        zones = {"zone": profile.zone, "written": profile.file.time_zone}
        return partial(judge_hours, formats=(*profile.dates, *profile.hours), **zones)
    if target in _AGES and profile.bands:
        return partial(judge_bands, bounds=profile.bands)
    if target in profile.codes:
        dated = {one.code: one.means for one in profile.dated_codes if one.column == target}
        return partial(judge_codes, codes={**profile.codes[target], **dated})
    words = profile.flags.get("topic" if target.startswith("topic_") else target)
    if words is not None:
        return partial(judge_flags, words=words)
    if target == "report_id" and profile.report_id:
        return judge_report_ids
    return {
        "territory": partial(judge_places, profile=profile),
        "period": partial(judge_periods, form=profile.period),
        "numerator": partial(judge_counts, profile=profile),
        "population": partial(judge_numbers, profile=profile),
        "dwellings": partial(judge_numbers, profile=profile),
        "version": partial(judge_numbers, profile=profile),
    }.get(target) or (
        None if target in _PLAIN else partial(judge_codes, codes=_closed(target, profile))
    )


def _closed(target: str, profile: Profile) -> dict[str, str]:
    """Give the codes of a column without a code map: the house's own."""
    closed: dict[str, Mapping[str, str] | tuple[str, ...]] = {
        "status": OBSERVATION_STATUS,
        **{"form": FORMS, "relation": RELATIONS, "unit": UNITS},
        **{"context": CASE_CONTEXTS, "decision": DECISIONS, "bound": BOUNDS},
    }
    if target == "line":
        return {name: name for name in profile.lines}
    if target == "measure":
        return {m: m for m in load_measures()["measure"]}
    known = closed.get(target, ())
    return dict(known) if isinstance(known, Mapping) else {c: c for c in known}


def _looked_up(values: Sequence[object], column: Coded, target: str) -> Column:
    """Give each row the value of its text, in the type of the column."""
    kind = "boolean" if target.startswith("topic_") else _TYPES.get(target, "text")
    if kind == "text":
        return column.map([None if v is None else str(v) for v in values])
    if kind == "date":
        days = np.array([np.datetime64("NaT") if v is None else v for v in values], "datetime64[D]")
        return days[column.codes]
    listed: Any = list(values)
    made: Column = pd.array(listed, dtype=kind)[column.codes]
    return made
