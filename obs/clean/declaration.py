"""From a TOML table to a frozen profile: types first, then what the values may be.

Every function returns faults in words instead of raising, so that the author of a
profile sees them all at once.
"""

from __future__ import annotations

import codecs
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from obs.reference import load_phenomena
from obs.schemas import FORMS, RELATIONS, STATUSES, UNITS

if TYPE_CHECKING:
    from obs.clean.profile import FileLayout, Profile

__all__ = ["EVENT_TARGETS", "COUNT_TARGETS", "faults_of", "make"]

EVENT_TARGETS = (
    "event_id",
    "report_id",
    "event_date",
    "event_hour",
    "report_date",
    "extracted",
    "territory",
    "offence",
    "detail",
    "attempt",
    "form",
    "relation",
    "place",
    "victim_sex",
    "victim_age_band",
    "suspect_sex",
    "suspect_age_band",
    "version",
    "synthetic",
)
COUNT_TARGETS = (
    "territory",
    "period",
    "offence",
    "detail",
    "unit",
    "form",
    "relation",
    "numerator",
    "population",
    "dwellings",
    "extracted",
    "version",
    "synthetic",
)
_TARGETS = {
    "events": EVENT_TARGETS,
    "counts": COUNT_TARGETS,
    "wide_counts": COUNT_TARGETS,
    "tidy": (),
}
_REQUIRED = {
    "events": ("event_date", "territory", "offence"),
    "counts": ("territory", "period", "offence", "numerator"),
    "wide_counts": ("territory", "period"),
    "tidy": (),
}
_KINDS = ("police",)
_FORMATS = ("csv", "xlsx", "json", "parquet")
_CONDITIONS = ("offence", "detail", "place")
_OUTCOMES = {"form": FORMS, "relation": RELATIONS, "unit": UNITS}
_CLOSED = {"form": FORMS, "relation": RELATIONS, "unit": UNITS}
_FLAGS = ("attempt", "synthetic")


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
    if profile.shape not in _TARGETS:
        return [f"shape '{profile.shape}' is not one of {', '.join(_TARGETS)}"]
    return [
        *_outside("kind", [profile.kind], _KINDS),
        *_outside("file.format", [profile.file.format], _FORMATS),
        *_outside("territory.match", [profile.territory.match], ("reference", "pattern")),
        *_outside("report_id", [profile.report_id], ("", "belgian_pv")),
        *_outside("identical", [profile.identical], ("", "keep", "merge")),
        *_outside("marks", profile.marks.values(), STATUSES),
        *_layout_faults(profile.file),
        *_column_faults(profile),
        *_code_faults(profile),
        *_offence_faults(profile),
        *_pattern_faults(profile),
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
    if origin is tuple:
        return _convert_list(args[0], value, where)
    if origin is dict:
        return _convert_table(args[1], value, where)
    if isinstance(value, bool) or not isinstance(value, hint):
        return None, [f"'{where}' must be {'a text' if hint is str else 'a whole number'}"]
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


def _outside(where: str, values: Any, allowed: tuple[str, ...]) -> list[str]:
    wrong = [v for v in values if v not in allowed]
    words = ", ".join(a or "(none)" for a in allowed)
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
    targets = _TARGETS[profile.shape]
    for name in profile.targets:
        if name not in targets:
            yield _unknown(f"columns.{name}", list(targets))
    for name in _REQUIRED[profile.shape]:
        if name not in profile.targets:
            yield f"columns: '{name}' is missing"
    for name in profile.optional:
        if name not in profile.columns:
            yield f"optional: '{name}' is not in columns"
    if profile.shape == "wide_counts" and not profile.wide:
        yield "wide: the columns that hold counts are missing"
    if profile.shape == "events" and "event_id" not in profile.columns and not profile.identical:
        yield "identical: say 'keep' or 'merge', since no column is event_id"
    dated = {"event_date", "report_date", "extracted"} & {*profile.targets}
    if dated and not profile.dates:
        yield "dates: the formats are missing"
    if "period" in profile.targets and not profile.period:
        yield "period: the format is missing"


def _code_faults(profile: Profile) -> Iterator[str]:
    for column, codes in profile.codes.items():
        if column not in profile.targets:
            yield f"codes.{column}: not in columns"
        if column in _CLOSED:
            yield from _outside(f"codes.{column}", codes.values(), ("", *_CLOSED[column]))
    for column, words in profile.flags.items():
        if column not in _FLAGS:
            yield f"flags.{column}: not a flag ({', '.join(_FLAGS)})"
        yield from _outside(f"flags.{column}", words, ("true", "false"))


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
