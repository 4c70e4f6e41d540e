"""Judge the distinct texts of each column once, and look up the value of each row by its code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from obs.clean.coded_columns import Coded, Column, encode_list, group_rows
from obs.clean.judge.dates_and_hours import judge_dates, judge_hours, judge_periods
from obs.clean.judge.distinct_values import (
    judge_bands,
    judge_codes,
    judge_counts,
    judge_flags,
    judge_numbers,
    judge_offences,
    judge_places,
    judge_report_ids,
)
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.judgement import Judgement
from obs.clean.judge.local_times import settle_times
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import is_attribute
from obs.reference import load_measures
from obs.schemas import BOUNDS, CASE_CONTEXTS, DECISIONS, FORMS, RELATIONS, UNITS

__all__ = ["map_columns", "map_offences"]

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
_HOURS = ("event_hour", "hour")
_AGES = frozenset({"victim_age_band", "suspect_age_band", "age_band"})
_CONDITIONS = ("offence", "detail", "article", "label", "place")
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
    hours: dict[str, Judgement] = {}
    for target in profile.targets:
        column = rows.texts[target]
        judge = _judge(target, profile)
        if judge is None:
            rows.to[target] = column.map([text.strip() for text in column.distinct()])
            continue
        judged = judge([*column.distinct(), ""])  # the last one is that of missing cells
        rows.to[target] = _looked_up(judged.values["value"], column, target)
        if target == "numerator":
            rows.to["status"] = column.map([str(s) if s else None for s in judged.values["status"]])
        if target in _HOURS:
            hours[target] = judged
        _tell_faults(rows, target, judged, profile)
    for target, judged in hours.items():
        day = "event_date" if target == "event_hour" else "date"
        zone = zone_of(profile)
        settle_times(rows, judged, day=day, hour=target, zone=zone, written="")


def _tell_faults(rows: Rows, target: str, judged: Judgement, profile: Profile) -> None:
    """Blame the rows of faulty cells, or remark them where the column is an attribute."""
    codes = rows.texts[target].codes
    attribute = is_attribute(target, profile.shape)
    for rule in dict.fromkeys(fault for fault in judged.faults if fault):
        hit = np.array([fault == rule for fault in judged.faults])[codes]
        if attribute:
            rows.remark(hit, target, rule)
        else:
            rows.blame(hit, target, rule)


def zone_of(profile: Profile) -> str:
    """Give the time zone in which the facts of a profile take place, "" if it tells none."""
    return "Europe/Brussels" if profile.territory.territory == "brussels" else ""


def map_offences(rows: Rows, profile: Profile) -> None:
    """Put phenomenon, form, relation and unit by the combination of codes of each row."""
    if "offence" not in profile.targets:
        return
    used = [c for c in _CONDITIONS if c in profile.targets and _is_used(c, profile)]
    combination = group_rows([rows.texts[c] for c in used])
    _, first = np.unique(combination, return_index=True)
    combos = pd.DataFrame(
        {c: Coded(rows.texts[c].texts, rows.texts[c].codes[first]).to_series() for c in used}
    )
    judged = judge_offences(combos.fillna(""), profile)
    for name, values in judged.values.items():
        coded = encode_list([None if v is None else str(v) for v in values])
        rows.by[name] = Coded(coded.texts, coded.codes[combination])
    unknown = np.array([fault is not None for fault in judged.faults], dtype=bool)
    if len(unknown):
        rows.blame(unknown[combination], "offence", "unknown_offence")


def _judge(target: str, profile: Profile) -> Judge | None:
    if target in _DATES:
        return partial(judge_dates, formats=profile.dates, zone=zone_of(profile))
    if target in _HOURS:
        return partial(judge_hours, formats=profile.dates, zone=zone_of(profile))
    if target in _AGES and profile.bands:
        return partial(judge_bands, bounds=profile.bands)
    if target in profile.codes:
        return partial(judge_codes, codes=profile.codes[target])
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
    closed = {
        **{"form": FORMS, "relation": RELATIONS, "unit": UNITS},
        **{"context": CASE_CONTEXTS, "decision": DECISIONS, "bound": BOUNDS},
    }
    if target == "line":
        return {name: name for name in profile.lines}
    if target == "measure":
        return {m: m for m in load_measures()["measure"]}
    return {c: c for c in closed.get(target, ())}


def _looked_up(values: Sequence[object], column: Coded, target: str) -> Column:
    """Give each row the value of its text, in the type of the column."""
    kind = "boolean" if target.startswith("topic_") else _TYPES.get(target, "text")
    if kind == "text":
        return column.map([None if v is None else str(v) for v in values])
    if kind == "date":
        days = np.array([np.datetime64("NaT") if v is None else v for v in values], "datetime64[D]")
        return days[column.codes]
    return pd.array(list(values), dtype=kind)[column.codes]


def _is_used(column: str, profile: Profile) -> bool:
    return column == "offence" or any(column in entry.conditions for entry in profile.offences)
