"""From a TOML table to a frozen profile: types first, then what the values may be.

Every function returns faults in words instead of raising, so that the author of a
profile sees them all at once.
"""

from __future__ import annotations

import codecs
import datetime as dt
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from obs.clean.profiles.target_columns import KINDS, REQUIRED, TARGETS, is_target
from obs.reference import load_phenomena
from obs.schemas import BOUNDS, CASE_CONTEXTS, DECISIONS, FORMS, RELATIONS, STATUSES, UNITS

if TYPE_CHECKING:
    from obs.clean.profiles.profile import FileLayout, Profile

__all__ = ["faults_of", "make"]

_FORMATS = ("csv", "xlsx", "json", "parquet")
_CONDITIONS = ("offence", "detail", "article", "label", "place")
_OUTCOMES = {"form": FORMS, "relation": RELATIONS, "unit": UNITS}
_CLOSED = {
    **{"form": FORMS, "relation": RELATIONS},
    **{"context": CASE_CONTEXTS, "decision": DECISIONS, "bound": BOUNDS},
}
_FLAGS = ("attempt", "synthetic", "open", "topic")
_DAYS = frozenset(
    {"event_date", "report_date", "extracted", "date", "entry_date", "decision_date"}
    | {"first_close_date", "reopened_date"}
)
_NAMED = {"events": "event_id", "cases": "case_id", "calls": "call_id"}  # what names a row
_WORDS = {str: "a text", int: "a whole number", dt.date: "a day"}


def make(cls: type, raw: Mapping[str, Any], where: str = "") -> tuple[Any, list[str]]:
    """Make a frozen dataclass from a TOML table, or None with the faults found."""
    known = {f.name: f for f in fields(cls)}
    faults = [_unknown(where + key, list(known)) for key in raw if key not in known]
    hints = typing.get_type_hints(cls)
    values: dict[str, Any] = {}
    for name, one in known.items():
        if name not in raw:
            if _is_needed(one):
                faults.append(f"key '{where}{name}' is missing")
            continue
        values[name], wrong = _convert(hints[name], raw[name], where + name)
        faults += wrong
    return (None if faults else cls(**values)), faults


def faults_of(profile: Profile) -> list[str]:
    """List what is wrong with the values of a profile whose types are right."""
    if profile.shape not in TARGETS:
        return [f"shape '{profile.shape}' is not one of {', '.join(TARGETS)}"]
    if profile.kind not in KINDS:
        return [f"kind: '{profile.kind}' is not one of {', '.join(KINDS)}"]
    return [
        *_outside(f"shape of a {profile.kind} profile", [profile.shape], KINDS[profile.kind]),
        *_outside("file.format", [profile.file.format], _FORMATS),
        *_outside("territory.match", [profile.territory.match], ("reference", "pattern")),
        *_outside("report_id", [profile.report_id], ("", "belgian_pv")),
        *_outside("identical", [profile.identical], ("", "keep", "merge")),
        *_outside("repeated", [profile.repeated], ("", "add")),
        *_outside("marks", profile.marks.values(), STATUSES),
        *_layout_faults(profile.file),
        *_column_faults(profile),
        *_code_faults(profile),
        *_offence_faults(profile),
        *_pattern_faults(profile),
        *_line_faults(profile),
    ]


def _is_needed(one: Field[Any]) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _unknown(key: str, known: list[str]) -> str:
    near = get_close_matches(key.rpartition(".")[2], known, n=1)
    return f"unknown key '{key}'" + (f", perhaps '{near[0]}'" if near else "")


def _convert(hint: Any, value: Any, where: str) -> tuple[Any, list[str]]:
    if isinstance(hint, type) and is_dataclass(hint):
        if not isinstance(value, Mapping):
            return None, [f"'{where}' must be a table"]
        return make(hint, value, f"{where}.")
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if type(None) in args:  # what may be left out
        return _convert(args[0], value, where)
    if origin is tuple:
        return _convert_list(args[0], value, where)
    if origin is dict:
        return _convert_table(args[1], value, where)
    if isinstance(value, bool) or not isinstance(value, hint):
        return None, [f"'{where}' must be {_WORDS[hint]}"]
    return value, []


def _convert_list(item: Any, value: Any, where: str) -> tuple[Any, list[str]]:
    if isinstance(value, str) and item is str:
        value = [value]
    if not isinstance(value, list):
        return None, [f"'{where}' must be a list"]
    pairs = [_convert(item, v, f"{where}[{i}]") for i, v in enumerate(value)]
    return tuple(v for v, _ in pairs), [f for _, wrong in pairs for f in wrong]


def _convert_table(item: Any, value: Any, where: str) -> tuple[Any, list[str]]:
    if not isinstance(value, Mapping):
        return None, [f"'{where}' must be a table"]
    pairs = {key: _convert(item, v, f"{where}.{key}") for key, v in value.items()}
    made = types.MappingProxyType({key: v for key, (v, _) in pairs.items()})
    return made, [f for _, wrong in pairs.values() for f in wrong]


def _outside(where: str, values: Any, allowed: tuple[Any, ...]) -> list[str]:
    wrong = [v for v in values if v not in allowed]
    words = ", ".join(str(a) if a != "" else "(none)" for a in allowed)
    return [f"{where}: '{v}' is not one of {words}" for v in wrong]


def _layout_faults(layout: FileLayout) -> Iterator[str]:
    for key, value in (("separator", layout.separator), ("quote", layout.quote)):
        if len(value) != 1:
            yield f"file.{key}: must be one character"
    if len(layout.decimal) != 1 or len(layout.thousands) > 1:
        yield "file.decimal, file.thousands: must be one character"
    if layout.decimal == layout.thousands:
        yield "file.decimal and file.thousands: must differ"
    if layout.skip < 0 or layout.longest_text < 1:
        yield "file.skip and file.longest_text: must not be negative"
    for encoding in layout.encodings:
        try:
            codecs.lookup(encoding)
        except LookupError:
            yield f"file.encodings: '{encoding}' is no encoding"


def _column_faults(profile: Profile) -> Iterator[str]:
    for name in profile.targets:
        if not is_target(name, profile.shape):
            yield _unknown(f"columns.{name}", list(TARGETS[profile.shape]))
    for name in REQUIRED[profile.shape]:
        if name not in profile.targets:
            yield f"columns: '{name}' is missing"
    for name in profile.optional:
        if name not in profile.columns:
            yield f"optional: '{name}' is not in columns"
    if profile.shape == "wide_counts" and not profile.wide:
        yield "wide: the columns that hold counts are missing"
    named = _NAMED.get(profile.shape, "")
    if named and named not in profile.columns and not profile.identical:
        yield f"identical: say 'keep' or 'merge', since no column is {named}"
    if _DAYS & {*profile.targets} and not profile.dates:
        yield "dates: the formats are missing"
    if (profile.shape == "interviews") != bool(profile.questionnaire):
        yield "questionnaire: a profile of interviews names one, and no other does"
    if "period" in profile.targets and not profile.period:
        yield "period: the format is missing"


def _code_faults(profile: Profile) -> Iterator[str]:
    for column, codes in profile.codes.items():
        if column not in profile.targets:
            yield f"codes.{column}: not in columns"
        allowed = _closed(column, profile)
        if allowed:
            yield from _outside(f"codes.{column}", codes.values(), ("", *allowed))
    for column, words in profile.flags.items():
        if column not in _FLAGS:
            yield f"flags.{column}: not a flag ({', '.join(_FLAGS)})"
        yield from _outside(f"flags.{column}", words, ("true", "false"))
    for column in profile.unknown:
        if column not in profile.targets:
            yield f"unknown.{column}: not in columns"


def _closed(column: str, profile: Profile) -> tuple[str, ...]:
    """Give the closed codes of a column; a call's relations and a service's units are open."""
    if column == "unit" and profile.shape != "services":
        return UNITS
    return () if profile.shape == "calls" else _CLOSED.get(column, ())


def _offence_faults(profile: Profile) -> Iterator[str]:
    phenomena = tuple(load_phenomena()["code"])
    if profile.other:
        yield from _outside("other", [profile.other], phenomena)
    for i, entry in enumerate(profile.offences, start=1):
        where = f"offences, entry {i}"
        for key in entry:
            if key not in (*_CONDITIONS, *_OUTCOMES, "phenomenon"):
                yield _unknown(f"{where}: {key}", [*_CONDITIONS, *_OUTCOMES, "phenomenon"])
        if not {*entry} & {*_CONDITIONS} or "phenomenon" not in entry:
            yield f"{where}: needs a condition ({', '.join(_CONDITIONS)}) and a phenomenon"
            continue
        yield from _outside(where, [entry["phenomenon"]], phenomena)
        for key, allowed in _OUTCOMES.items():
            yield from _outside(where, [entry[key]] if key in entry else [], allowed)


def _pattern_faults(profile: Profile) -> Iterator[str]:
    patterns = {
        "file.extracted": profile.file.extracted,
        "file.covers": profile.file.covers,
        "territory.pattern": profile.territory.pattern,
        "territory.totals": profile.territory.totals,
    }
    for i, entry in enumerate(profile.offences, start=1):
        patterns |= {f"offences, entry {i}: {k}": entry[k] for k in _CONDITIONS if k in entry}
    for column, words in profile.flags.items():
        patterns |= {f"flags.{column}.{k}": v for k, v in words.items()}
    for where, pattern in patterns.items():
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            yield f"{where}: not a regular expression ({error})"
            continue
        if pattern and where.startswith("file.") and groups < 1:
            yield f"{where}: needs a group in brackets"
    if profile.territory.match == "pattern" and not profile.territory.pattern:
        yield "territory.pattern: the form of a code is missing"


def _line_faults(profile: Profile) -> Iterator[str]:
    if profile.lines and profile.kind != "helpline":
        yield "lines: only a helpline has them"
    for name, line in profile.lines.items():
        where = f"lines.{name}"
        yield from _outside(f"{where}.closed_weekdays", line.closed_weekdays, tuple(range(7)))
        if len(line.hours) != 2 or not 0 <= line.hours[0] < line.hours[1] <= 24:
            yield f"{where}.hours: must be the hours of opening and closing, as [9, 17]"
        for one in line.interruptions:
            if one.first > one.last:
                yield f"{where}.interruptions: the first day is after the last"
