"""What must hold between the keys of a profile: columns, shape, codes, patterns, lines."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import permutations
from zoneinfo import available_timezones

from obs.clean.profiles.code_vintages import vintage_faults
from obs.clean.profiles.profile import Interruption, Line, OffenceEntry, Profile
from obs.clean.profiles.target_columns import (
    BREAKDOWNS_KEPT,
    CLOSED,
    COUNTED,
    DAYS,
    EXCEL,
    KINDS,
    NAMED,
    REQUIRED,
    TARGETS,
    is_attribute,
    is_target,
)
from obs.declare import did_you_mean, each, not_one_of, run_rules
from obs.reference import coverage_faults

__all__ = ["PROFILE_RULES"]


def _shape_of_kind(profile: Profile) -> Iterator[str]:
    if profile.shape not in KINDS[profile.kind]:
        said = not_one_of(profile.shape, KINDS[profile.kind])
        yield f"shape: of a {profile.kind} profile, {said}"


def _decimals(profile: Profile) -> Iterator[str]:
    if len(profile.file.thousands) > 1:
        yield "file.thousands: must be one character or none"
    if profile.file.decimal == profile.file.thousands:
        yield "file.decimal and file.thousands: must differ"


def _file_names(profile: Profile) -> Iterator[str]:
    for key in ("extracted", "covers"):
        pattern = getattr(profile.file, key)
        if pattern and re.compile(pattern).groups < 1:
            yield f"file.{key}: needs a group in brackets"


def _territory_pattern(profile: Profile) -> Iterator[str]:
    if profile.territory.match == "pattern" and not profile.territory.pattern:
        yield "territory.pattern: the form of a code is missing"


def _points(profile: Profile) -> Iterator[str]:
    rule = profile.territory
    if rule.match != "point":
        return
    if len(profile.joined.get("territory", ())) != 2:
        yield (
            "joined.territory: a place found by its point needs two columns, east and north, as "
            'joined.territory = ["longitude", "latitude"]'
        )
    if not _known_system(rule.crs):
        yield f"territory.crs: '{rule.crs[:40]}' is no reference system; write one as EPSG:4326"


def _known_system(crs: str) -> bool:
    import geopandas as gpd  # heavy, and only points need it

    try:
        gpd.GeoSeries([], crs=crs)
    except RuntimeError:
        return False
    return bool(crs)


def _known_columns(profile: Profile) -> Iterator[str]:
    known = TARGETS[profile.shape]
    for key in ("columns", "joined", "named", "constants"):
        for name in getattr(profile, key):
            if not is_target(name, profile.shape):
                yield f"unknown key '{key}.{name}'{did_you_mean(name, known)}; {_shape_columns(profile)}"


def _needed_columns(profile: Profile) -> Iterator[str]:
    for name in REQUIRED[profile.shape]:
        if name not in profile.targets:
            yield f"columns: '{name}' is missing; {_shape_columns(profile)}"
    if profile.shape == "wide_counts" and not profile.is_wide:
        yield "wide: the columns that hold counts are missing (or `wide_pattern`)"


def _wide_columns(profile: Profile) -> Iterator[str]:
    if profile.is_wide and profile.shape != "wide_counts":
        yield f"wide: only wide_counts have such columns, not {profile.shape}"
    if profile.wide and profile.wide_pattern:
        yield "wide_pattern: give the columns by name in `wide` or by a pattern, not both"
    for name in profile.wide_optional:
        if name not in profile.wide:
            yield f"wide_optional: '{name}' is not in wide{did_you_mean(name, profile.wide)}"


def _one_origin(profile: Profile) -> Iterator[str]:
    wide = [profile.wide_names, "numerator"] if profile.is_wide else []
    given = [*profile.columns, *profile.joined, *profile.named, *wide]
    for name in sorted({n for n in given if given.count(n) > 1}):
        yield f"columns.{name}: comes from two places (columns, joined, named or wide); keep one"
    for name, one in profile.named.items():
        if re.compile(one.pattern).groups < 1:
            yield f"named.{name}.pattern: needs a group in brackets"


def _shape_columns(profile: Profile) -> str:
    return f"columns of {profile.shape}: {', '.join(TARGETS[profile.shape]) or 'none'}"


def _named_columns(profile: Profile) -> Iterator[str]:
    for name in profile.optional:
        if name not in profile.columns:
            yield f"optional: '{name}' is not in columns{did_you_mean(name, profile.columns)}"
    for name in profile.strict:
        if not is_attribute(name, profile.shape):
            yield f"strict: '{name}' is no column that a row may lack; its faulty cells reject the row"
    for key in ("codes", "unknown"):
        for name in getattr(profile, key):
            if name not in profile.targets:
                yield f"{key}.{name}: not in columns{did_you_mean(name, profile.targets)}"


def _identity(profile: Profile) -> Iterator[str]:
    named = NAMED.get(profile.shape, "")
    if named and named not in profile.columns and not profile.identical:
        yield f"identical: say 'keep' or 'merge', since no column is {named}"


def _counts_alone(profile: Profile) -> Iterator[str]:
    for key in ("summed", "left_out", "repeated", "mark_patterns"):
        if getattr(profile, key) and profile.shape not in COUNTED:
            yield f"{key}: only counts have it, not {profile.shape}"
    if profile.summed and profile.repeated:
        yield "repeated: adds whatever `summed` does not name; give one of them"


def _time_zones(profile: Profile) -> Iterator[str]:
    for key, name in (("time_zone", profile.time_zone), ("file.time_zone", profile.file.time_zone)):
        if name and name not in available_timezones():
            yield f"{key}: '{name}' is no time zone{did_you_mean(name, available_timezones())}"


def _one_order(profile: Profile) -> Iterator[str]:
    """Refuse two formats that read one text as two days: the order would be guessed by the cell."""
    day = dt.datetime(2001, 2, 3)  # noqa: DTZ001 (a day)
    for one, other in permutations(profile.dates, 2):
        if one != EXCEL and other != EXCEL and _reads_otherwise(f"{day:{one}}", other, day):
            yield f"dates: '{one}' and '{other}' read the same text as two days; keep one of them"
            return


def _reads_otherwise(text: str, form: str, day: dt.datetime) -> bool:
    try:
        return dt.datetime.strptime(text, form).date() != day.date()  # noqa: DTZ007 (a day)
    except ValueError:
        return False


def _date_formats(profile: Profile) -> Iterator[str]:
    if DAYS & {*profile.targets} and not profile.dates:
        yield "dates: the formats are missing, as '%d/%m/%Y'"
    if "period" in profile.targets and not profile.period:
        yield "period: the format is missing, as '%Y'"
    if profile.by_day and "period" not in profile.summed:
        yield (
            f"period: '{profile.period}' reads days, and counts are kept by month or year: add the "
            'days of each month with `summed = ["period"]`, or give the format of a month'
        )


def _questionnaire(profile: Profile) -> Iterator[str]:
    if (profile.shape == "interviews") != bool(profile.questionnaire):
        yield "questionnaire: a profile of interviews names one, and no other does"


def _code_maps(profile: Profile) -> Iterator[str]:
    open_ = {"calls": {*CLOSED}, "services": {"unit"}}.get(profile.shape, set())
    for column in {*CLOSED} & {*profile.codes} - open_:
        allowed = ("", *CLOSED[column])
        for text, code in profile.codes[column].items():
            if code not in allowed:
                yield f"codes.{column}.{text}: {not_one_of(code, allowed)}"
    for number, one in enumerate(profile.dated_codes):
        allowed = ("", *CLOSED.get(one.column, (one.means,)))
        if one.column not in open_ and one.means not in allowed:
            yield f"dated_codes.{number}.means: {not_one_of(one.means, allowed)}"
    maps = {column: {**codes} for column, codes in profile.codes.items()}
    yield from vintage_faults(profile.dated_codes, maps)


def _offences(profile: Profile) -> Iterator[str]:
    yield from each("offences", profile.offences, _entry_conditions)


def _entry_conditions(entry: OffenceEntry) -> Iterator[str]:
    if not entry.conditions:
        yield "offence: needs a condition (offence, detail, article, label, place)"
    if entry.from_ and entry.until and entry.until < entry.from_:
        yield "until: the last day is before the first"


def _answering_lines(profile: Profile) -> Iterator[str]:
    if profile.lines and profile.kind != "helpline":
        yield "lines: only a helpline has them"
    yield from each("lines", profile.lines, _line_hours)
    yield from each("lines", profile.lines, _interruptions)


def _line_hours(line: Line) -> Iterator[str]:
    if len(line.hours) != 2 or not 0 <= line.hours[0] < line.hours[1] <= 24:
        yield "hours: must be the hours of opening and closing, as [9, 17]"


def _interruptions(line: Line) -> Iterator[str]:
    yield from each("interruptions", line.interruptions, _days_in_order)


def _days_in_order(one: Interruption) -> Iterator[str]:
    if one.first > one.last:
        yield "last: the first day is after the last"


def _coverage(profile: Profile) -> Iterator[str]:
    if profile.coverage and profile.shape in ("interviews", "tidy"):
        yield f"coverage: a profile of {profile.shape} has none; rows that say a day or a period have"
    yield from each("coverage", profile.coverage, coverage_faults)


def _other_layouts(profile: Profile) -> Iterator[str]:
    """Run the rules on what reads each other layout, and leave out what the profile itself breaks."""
    if profile.layout and profile.shape in ("interviews", "tidy"):
        yield f"layout: a profile of {profile.shape} has one layout; write another profile"
        return
    names = [other.name for other in profile.layout]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"layout: '{name}' stands twice"
    known = {*run_rules(profile, _RULES)}
    for other in profile.layout:
        for ours in other.absent:
            if ours not in profile.columns:
                said = did_you_mean(ours, profile.columns)
                yield f"layout.{other.name}.absent: '{ours}' is not in columns{said}"
        by = profile.by(other)
        for ours in (*BREAKDOWNS_KEPT, *NAMED.values()):
            if (ours in by.targets) != (ours in profile.targets):
                yield (
                    f"layout.{other.name}: '{ours}' stands in one layout alone, and tells rows apart; "
                    "give it as a constant ('all' for a breakdown), or write another profile"
                )
        faults = run_rules(by, _RULES)
        yield from (f"layout.{other.name}: {said}" for said in faults if said not in known)


_RULES = (
    *(
        _shape_of_kind,
        _decimals,
        _file_names,
        _territory_pattern,
        _points,
        _known_columns,
        _needed_columns,
    ),
    *(
        _named_columns,
        _wide_columns,
        _one_origin,
        _counts_alone,
        _time_zones,
        _one_order,
        _identity,
        _date_formats,
        _questionnaire,
        _code_maps,
        _offences,
        _answering_lines,
        _coverage,
    ),
)
PROFILE_RULES = (*_RULES, _other_layouts)
