"""Give each column of a file the column of ours that its cells prove, or that its name tells.

A name decides only between columns whose cells fit; where two fit alike, none is taken.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from obs.clean.draft.column_evidence import ColumnEvidence
from obs.clean.draft.known_labels import codes_of

__all__ = ["YEARS_ACROSS", "Roles", "choose_roles", "shape_by_cells", "years_across"]

Test = Callable[[ColumnEvidence], bool]
_PROVEN = 0.8  # of the rows name a place
_HEADER_WORDS = Path(__file__).with_name("header_words.toml")
_WORDS = {
    kind: frozenset(words)
    for kind, words in tomllib.loads(_HEADER_WORDS.read_text(encoding="utf-8")).items()
}
_NONE: frozenset[str] = frozenset()
YEARS_ACROSS = "years across"  # of the shape wide_counts, the names of whose counts are years


@dataclass(frozen=True)
class _Role:
    """One column of ours: what its cells must be, and which names tell it."""

    target: str
    fits: Test
    words: frozenset[str] = _NONE
    by_cells: bool = False  # the cells alone prove it, where one column fits
    not_words: frozenset[str] = _NONE


@dataclass
class Roles:
    """The columns taken, why, and what could not be decided between."""

    columns: dict[str, ColumnEvidence] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    open: dict[str, list[str]] = field(default_factory=dict)


def shape_by_cells(kind: str, columns: Sequence[ColumnEvidence]) -> tuple[str, str]:
    """Give the shape of the rows of a kind of delivery, and what shows it."""
    counted = [c.name for c in columns if c.whole and c.words & _WORDS["count"] and not c.period]
    if kind == "survey":
        return "interviews", "a survey is of interviews"
    if kind == "services":
        return "services", "a row of services is a count"
    if kind == "helpline":
        numbers = [c for c in columns if c.whole and c.words & _WORDS["calls"]]
        calls = [c.name for c in numbers if not c.words & _WORDS["identifier"]]
        return _of_counts("call_days", calls) or ("calls", "no count is found")
    if kind == "prosecutor":
        return _of_counts("case_counts", counted) or ("cases", "no count is found")
    return _police_shape(columns, counted)


def _of_counts(shape: str, names: Sequence[str]) -> tuple[str, str] | None:
    return (shape, f"'{names[0]}' is a number") if names else None


def _police_shape(columns: Sequence[ColumnEvidence], counted: Sequence[str]) -> tuple[str, str]:
    """Tell facts, counts and counts across the columns; `counted` names the columns of counts."""
    wide = [c.name for c in columns if c.whole and codes_of([c.name], "phenomena")]
    days = [c.name for c in columns if c.is_day]
    across = years_across(columns)
    if len(wide) > 1 and not counted:
        return "wide_counts", f"{len(wide)} columns of numbers bear the name of a phenomenon"
    if across and not counted and not days:
        return "wide_counts", f"{len(across)} columns of numbers bear the name of a year"
    if counted and not days:
        return "counts", f"'{counted[0]}' holds whole numbers, and no column holds days"
    if counted and any(c.period for c in columns):
        return "counts", f"'{counted[0]}' holds whole numbers beside a period"
    return "events", "no column is a count" if not days else f"'{days[0]}' holds days"


def years_across(columns: Sequence[ColumnEvidence]) -> list[str]:
    """List the columns of numbers whose names are years, where there are several."""
    found = [c.name for c in columns if c.whole and re.fullmatch(r"(?:19|20)\d\d", c.name.strip())]
    return found if len(found) > 1 else []


def choose_roles(
    shape: str,
    columns: Sequence[ColumnEvidence],
    told: Mapping[str, ColumnEvidence] | None = None,
) -> Roles:
    """Choose for each column of ours one of theirs: what was told, then in the order of what is surest."""
    made = Roles(dict(told or {}), dict.fromkeys(told or {}, "told by whoever drafted this"))
    for role in _ROLES.get(shape, ()):
        if role.target in made.columns:
            continue
        taken = {c.name for c in made.columns.values()}
        fitting = [c for c in columns if c.name not in taken and role.fits(c)]
        fitting = [c for c in fitting if not c.words & role.not_words or c.words & role.words]
        named = [c for c in fitting if c.words & role.words]
        if role.by_cells and len(fitting) == 1:
            made.columns[role.target] = fitting[0]
            made.why[role.target] = "the only column whose cells fit"
        elif len(named) == 1:
            made.columns[role.target] = named[0]
            made.why[role.target] = "its cells fit, and its name tells which"
        elif len(named) > 1 or (role.by_cells and fitting):
            made.open[role.target] = [c.name for c in (named or fitting)]
    made.open = {ours: theirs for ours, theirs in made.open.items() if ours not in made.columns}
    hour = made.columns.get("event_date") or made.columns.get("date")
    if hour is not None and hour.timed:
        target = "event_hour" if "event_date" in made.columns else "hour"
        if target not in made.columns:
            made.columns[target] = hour
            made.why[target] = "its days come with a time"
    return made


def _is_place(column: ColumnEvidence) -> bool:
    return max(column.places.values(), default=0) >= _PROVEN


def _is_list(column: ColumnEvidence) -> bool:
    return bool(column.labels) and not (column.is_day or column.period or column.clock)


def _names_codes(codelist: str) -> Test:
    """Tell a column most of whose rows bear the name of a code."""

    def fits(column: ColumnEvidence) -> bool:
        known = codes_of(column.labels, codelist)
        return sum(column.labels[label] for label in known) * 2 > column.rows > 0

    return fits


def _is_identifier(column: ColumnEvidence) -> bool:
    return column.distinct == column.rows > 1 and not column.is_day


_PLACE = _Role("territory", _is_place, _WORDS["place"], by_cells=True)
_PERIOD = _Role(
    "period",
    lambda c: bool(c.period),
    _WORDS["period"],
    by_cells=True,
)
_OFFENCE = (
    _Role("offence", _names_codes("phenomena"), _WORDS["class"], by_cells=True),
    _Role("offence", lambda c: _is_list(c) and not _is_place(c), _WORDS["class"]),
    _Role("offence", lambda c: _is_list(c) and not _is_place(c), _WORDS["fact"]),
)
_NUMBER = _Role("numerator", lambda c: c.whole and not c.period, _WORDS["count"])
_PERSONS = tuple(
    _Role(f"{who}_sex", _names_codes("sexes"), words)
    for who, words in (("victim", _WORDS["victim"]), ("suspect", _WORDS["suspect"]))
)
_COUNTS = (
    *(_PLACE, _PERIOD, _NUMBER),
    _Role("population", lambda c: c.whole and not c.period, _WORDS["people"]),
    _Role("dwellings", lambda c: c.whole and not c.period, _WORDS["homes"]),
    *(*_OFFENCE, *_PERSONS),
)
_ROLES: dict[str, tuple[_Role, ...]] = {
    "events": (
        _PLACE,
        _Role(
            "event_date",
            lambda c: c.is_day,
            _WORDS["fact"],
            by_cells=True,
            not_words=_WORDS["report"],
        ),
        _Role("report_date", lambda c: c.is_day, _WORDS["report"]),
        _Role(
            "event_hour",
            lambda c: c.clock,
            _WORDS["fact"],
            by_cells=True,
            not_words=_WORDS["report"],
        ),
        _Role(
            "event_id",
            _is_identifier,
            _WORDS["identifier"] | _WORDS["fact"],
            not_words=_WORDS["report"],
        ),
        *_OFFENCE,
        _Role("place", _names_codes("places"), by_cells=True),
        *_PERSONS,
    ),
    "counts": _COUNTS,
    "wide_counts": (_PLACE, _PERIOD),
    YEARS_ACROSS: (_PLACE, *_OFFENCE, *_PERSONS),
    "case_counts": (_PLACE, _PERIOD, _NUMBER, *_OFFENCE),
    "cases": (
        _PLACE,
        _Role("entry_date", lambda c: c.is_day, _WORDS["entry"]),
        _Role("decision_date", lambda c: c.is_day, _WORDS["decision"]),
        _Role("case_id", _is_identifier, _WORDS["identifier"]),
        _Role("decision", _names_codes("decisions"), by_cells=True),
        _Role("context", _names_codes("contexts"), by_cells=True),
        *_OFFENCE,
    ),
    "calls": (
        _PLACE,
        _Role("date", lambda c: c.is_day, _WORDS["day"], by_cells=True),
        _Role("hour", lambda c: c.clock, by_cells=True),
        _Role("call_id", _is_identifier, _WORDS["identifier"]),
        _Role("line", _is_list, _WORDS["line"]),
    ),
    "call_days": (
        _Role("date", lambda c: c.is_day, _WORDS["day"], by_cells=True),
        _Role("line", _is_list, _WORDS["line"]),
        _Role("numerator", lambda c: c.whole, _WORDS["calls"]),
    ),
    "services": (
        *(_PLACE, _PERIOD, _NUMBER),
        _Role("activity", _is_list, _WORDS["activity"]),
        _Role("unit", _names_codes("units"), by_cells=True),
    ),
}
