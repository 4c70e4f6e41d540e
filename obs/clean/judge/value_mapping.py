"""Join judged distinct values back to their rows in the engine.

The input has the supplier's texts under our column names. The output has, for each column, its
value and, in one further column, the first fault of the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import ibis
import ibis.expr.types as ir

from obs.clean.judge.distinct_values import (
    Judgement,
    judge_bands,
    judge_codes,
    judge_counts,
    judge_dates,
    judge_flags,
    judge_hours,
    judge_numbers,
    judge_offences,
    judge_periods,
    judge_places,
)
from obs.clean.profiles.profile import Profile
from obs.clean.read.engine import Engine
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
    "event_hour": "int64",
    "hour": "int64",
    "attempt": "boolean",
    "open": "boolean",
    "synthetic": "boolean",
    "version": "float64",
    "numerator": "int64",
    "population": "float64",
    "dwellings": "float64",
}
_DATES = frozenset(name for name, kind in _TYPES.items() if kind == "date")
_HOURS = frozenset({"event_hour", "hour"})
_AGES = frozenset({"victim_age_band", "suspect_age_band", "age_band"})
_CONDITIONS = ("offence", "detail", "article", "label", "place")
_PLAIN = frozenset(  # texts that stay texts, unless the profile gives codes
    {"event_id", "case_id", "mother_id", "next_id", "report_id", "call_id", "document_line"}
    | {"offence", "detail", "article", "label", "place", "section"}
    | {"activity", "provider", "part"}
)


def map_columns(rows: ir.Table, profile: Profile, engine: Engine) -> ir.Table:
    """Join to each column of `rows` what it becomes (`to_x`) and its fault (`fault_x`).

    A fault is written "target|rule". Columns whose texts stay as they are come back
    trimmed, without a judge.
    """
    judges = {t: j for t in profile.targets if (j := _judge(t, profile)) is not None}
    keys = {f"key_{t}": _key(rows, t) for t in judges}
    keyed = rows.mutate(**keys)
    answers = _answers(keyed, judges, engine)
    mapped = keyed
    for target in judges:
        found = _answers_of(target, answers)
        mapped = mapped.left_join(found, [(f"key_{target}", f"text_{target}")])
    mapped = mapped.drop(*keys, *(f"text_{t}" for t in judges))
    return mapped.mutate(
        **_trimmed(mapped, [t for t in profile.targets if t not in judges], profile)
    )


def map_offences(mapped: ir.Table, rows: ir.Table, profile: Profile, engine: Engine) -> ir.Table:
    """Join phenomenon, form, relation and unit by the combination of codes of each row.

    `rows` is the table before any join, where the combinations are cheaply listed. Without
    offences the table comes back as it is.
    """
    if "offence" not in profile.targets:
        return mapped
    used = [c for c in _CONDITIONS if c in profile.targets and _is_used(c, profile)]
    keys = {f"key_{c}": ibis.coalesce(rows[c], "") for c in used}
    combos = rows.select(**keys).distinct().order_by(list(keys)).execute()
    mapped = mapped.mutate(**{f"key_{c}": ibis.coalesce(mapped[c], "") for c in used})
    judged = judge_offences(combos.set_axis(used, axis=1), profile)
    columns: dict[str, list[object]] = {f"combo_{c}": combos[f"key_{c}"].tolist() for c in used}
    columns |= {f"by_{name}": values for name, values in judged.values.items()}
    columns["fault_offence"] = _labelled("offence", judged)
    small = engine.small(columns, dict.fromkeys(columns, "string"))
    joined = mapped.left_join(small, [mapped[f"key_{c}"] == small[f"combo_{c}"] for c in used])
    return joined.drop(*keys, *(f"combo_{c}" for c in used))


def _judge(target: str, profile: Profile) -> Judge | None:
    if target in _DATES:
        return partial(judge_dates, formats=profile.dates)
    if target in _AGES and profile.bands:
        return partial(judge_bands, bounds=profile.bands)
    if target in profile.codes:
        return partial(judge_codes, codes=profile.codes[target])
    words = profile.flags.get("topic" if target.startswith("topic_") else target)
    if words is not None:
        return partial(judge_flags, words=words)
    return {
        "event_hour": judge_hours,
        "hour": judge_hours,
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


def _trimmed(rows: ir.Table, targets: list[str], profile: Profile) -> dict[str, ir.Value]:
    trimmed: dict[str, ir.Value] = {f"to_{t}": rows[t].strip().nullif("") for t in targets}
    if profile.report_id and "report_id" in targets:
        value, fault = _report_id(rows["report_id"])
        trimmed |= {"to_report_id": value, "fault_report_id": fault}
    return trimmed


def _answers(rows: ir.Table, judges: dict[str, Judge], engine: Engine) -> ir.Table:
    """Judge the distinct texts of all columns and bring the answers to the engine at once."""
    names = ("target", "text", "value", "status", "fault")
    columns: dict[str, list[object]] = {name: [] for name in names}
    for target, texts in engine.distinct({t: rows[f"key_{t}"] for t in judges}).items():
        judged = judges[target](texts)
        columns["target"] += [target] * len(texts)
        columns["text"] += texts
        columns["value"] += [None if v is None else str(v) for v in judged.values["value"]]
        columns["status"] += judged.values.get("status", [None] * len(texts))
        columns["fault"] += _labelled(target, judged)
    return engine.small(columns, dict.fromkeys(names, "string"))


def _answers_of(target: str, answers: ir.Table) -> ir.Table:
    found = answers.filter(answers.target == target)
    columns = {
        f"text_{target}": found.text,
        f"to_{target}": found.value.cast(_type(target)),
        f"fault_{target}": found.fault,
    }
    if target == "numerator":
        columns["to_status"] = found.status
    return found.select(**columns)


def _type(target: str) -> str:
    return "boolean" if target.startswith("topic_") else _TYPES.get(target, "string")


def _labelled(target: str, judged: Judgement) -> list[object]:
    return [None if fault is None else f"{target}|{fault}" for fault in judged.faults]


def _key(rows: ir.Table, target: str) -> ir.StringValue:
    """Give the text to judge: of a day with its hour, one part; a blank count is a text."""
    text = ibis.coalesce(rows[target], "")
    if target not in _DATES | _HOURS:
        return text
    if not rows[target].contains(":").any().execute():
        return text
    parts = text.strip().replace("T", " ")
    at = parts.find(" ")
    if target in _HOURS:
        return ibis.ifelse(
            at >= 0, parts.substr(at + 1), ibis.ifelse(parts.contains(":"), parts, "")
        )
    return ibis.ifelse(at >= 0, parts.substr(0, at), parts)


def _report_id(text: ir.StringValue) -> tuple[ir.StringValue, ir.StringValue]:
    """Write a Belgian report number as BR.11.LA.004633/2018, whatever its punctuation."""
    canonical = r"[A-Z]{2}\.[0-9]{2}\.[A-Z0-9]{2}\.[0-9]{6}/[0-9]{4}"
    plain = text.upper().re_replace(r"[^A-Z0-9]+", "")
    form = r"^([A-Z]{2})([0-9]{2})([A-Z0-9]{2})([0-9]{1,6})([0-9]{4})$"
    parts = [plain.re_extract(form, i) for i in range(1, 6)]
    written = (
        parts[0] + "." + parts[1] + "." + parts[2] + "." + parts[3].lpad(6, "0") + "/" + parts[4]
    )
    blank = text.strip() == ""
    whole = text.re_search(f"^{canonical}$")
    readable = plain.re_search(form)
    value = ibis.cases((whole, text), (blank, ibis.null(str)), (readable, written))
    fault = ibis.cases(
        (text.isnull() | whole | blank | readable, ibis.null(str)),
        else_="report_id|malformed_report_id",
    )
    return value, fault


def _is_used(column: str, profile: Profile) -> bool:
    return column == "offence" or any(column in entry.conditions for entry in profile.offences)
