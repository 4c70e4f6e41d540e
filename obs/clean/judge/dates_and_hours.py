"""Judge days, hours and periods as suppliers write them, on the cell alone and with their precision.

The order of day and month is the profile's. A month is a month and never its first day; a
range, or a day said to be uncertain, is no day. A time with an offset is brought to the
profile's time zone together with its day.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from zoneinfo import ZoneInfo

from obs.clean.judge.judgement import Judgement
from obs.clean.profiles.target_columns import EXCEL, is_of_days

__all__ = [
    "Moment",
    "is_odd_hour",
    "judge_dates",
    "judge_hours",
    "judge_periods",
    "precision_of",
    "read_clock",
    "read_moment",
    "to_zone",
]

_OLDEST = 1900
_NEWEST = 9998  # of the year 9999, which stands for "never", the last day has no next one
_EPOCH = dt.date(1899, 12, 30)
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\S.*))?")
_CLOCK = re.compile(
    r"(?!0\.\d\d$)(?P<hour>\d{1,2}) ?(?:[:.] ?(?P<colon>\d{2})|[hHuU] ?(?P<minute>\d{2})?(?: ?min)?)"
    r"(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r" ?(?P<offset>Z|[+-]\d{2}:?\d{2})?"
)
_DIGITS = re.compile(r"(\d{1,2})(\d{2})|(\d{2})(\d{2})(\d{2})|(0)")  # 0930, 930, 093000
_FRACTION = re.compile(r"0?[.,](\d|\d{3,})")  # of a day; "0,50" may be ten to one as well
_SPLIT = re.compile(r"(?<=\d)T(?=\d)|\s+")
_DAY = 24 * 60
_ROUNDED = 0.1  # minutes that a fraction of a day, cut after four digits, may fall short
_MONTHS = (
    ("januari", "janvier", "january", "januar", "janv", "jan", "janner"),
    ("februari", "fevrier", "february", "februar", "fevr", "fev", "feb"),
    ("maart", "mars", "march", "marz", "mrt", "mar"),
    ("april", "avril", "avr", "apr"),
    ("mei", "mai", "may"),
    ("juni", "juin", "june", "jun"),
    ("juli", "juillet", "july", "juil", "jul"),
    ("augustus", "aout", "august", "aou", "aug"),
    ("september", "septembre", "sept", "sep"),
    ("oktober", "octobre", "october", "okt", "oct"),
    ("november", "novembre", "nov"),
    ("december", "decembre", "dezember", "dec", "dez"),
)
_MONTH_OF = {word: i for i, words in enumerate(_MONTHS, start=1) for word in words}
_WORD = re.compile(r"[^\W\d_]{3,}\.?")
_FIRST = re.compile(r"\b1(?:er|ste|st)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Moment:
    """What a cell says of when: a day with its precision, and minutes after midnight if told."""

    day: dt.date
    precision: str = "day"
    minutes: int | None = None
    offset: int | None = None  # minutes ahead of UTC, where the cell tells it


def judge_dates(
    texts: Sequence[str], formats: Sequence[str], *, zone: str = "", written: str = ""
) -> Judgement:
    """Read days; the first format that fits the whole text decides.

    `precision` is day, month or year. A time with an offset, or written in another zone, is
    brought to `zone`; without a zone it cannot be, and the cell is not read.
    """
    values: list[object] = []
    precisions: list[object] = []
    faults: list[str | None] = []
    for text in map(str.strip, texts):
        moment = read_moment(text, formats) if text else None
        local = None if moment is None else _in_zone(moment, zone, written)
        values.append(None if local is None else local.day)
        precisions.append(None if local is None else local.precision)
        fault = "impossible_date" if moment is None else "unknown_time_zone"
        faults.append(fault if text and local is None else None)
    return Judgement({"value": values, "precision": precisions}, faults)


def judge_hours(
    texts: Sequence[str], formats: Sequence[str] = (), *, zone: str = "", written: str = ""
) -> Judgement:
    """Read the hour of the day of "21:30", "9:05:00 PM", "0930", "9h30", "21u15", "0,395833".

    `minutes` counts from midnight, 1,440 for a 24:00 whose day is in another cell; `offset`
    is that of a time without a day; `exact` tells a time that was brought from another zone.
    A cell that holds a day and no time has no hour.
    """
    clocks = [_clock_of(text.strip(), formats, zone, written) for text in texts]
    hours: list[object] = [None if c.minutes is None else c.minutes % _DAY // 60 for c in clocks]
    return Judgement(
        {
            "value": hours,
            "minutes": [c.minutes for c in clocks],
            "offset": [c.offset for c in clocks],
            "exact": [c.exact for c in clocks],
        },
        [c.fault for c in clocks],
    )


def judge_periods(texts: Sequence[str], form: str) -> Judgement:
    """Read years or months; a fraction as in "2016.0" is left out.

    Where the format is of days, a day is of its month. Elsewhere it is a period only if it is the
    first one of it: a spreadsheet keeps so a year.
    """
    monthly = precision_of(form) != "year"
    values: list[object] = []
    for text in map(str.strip, texts):
        moment = read_moment(re.sub(r"[.,]0+$", "", text), [form]) if text else None
        if moment is not None and moment.precision == "day" and precision_of(form) != "day":
            first = moment.day.day == 1 and (monthly or moment.day.month == 1)
            moment = moment if first and moment.minutes is None else None
        day = None if moment is None else moment.day
        values.append(None if day is None else f"{day:%Y-%m}" if monthly else f"{day:%Y}")
    faults = [
        "impossible_date" if t.strip() and v is None else None
        for t, v in zip(texts, values, strict=True)
    ]
    return Judgement({"value": values}, faults)


def precision_of(form: str) -> str:
    """Give the precision of a format: day, month or year."""
    if is_of_days(form):
        return "day"
    return "month" if any(mark in form for mark in ("%m", "%b", "%B")) else "year"


def read_moment(text: str, formats: Sequence[str]) -> Moment | None:
    """Read a cell that holds a day, or a day and a time; None if it does not."""
    iso = _ISO.fullmatch(text)
    if iso and not any(form.startswith("%Y-%d") for form in formats):
        day = _date(int(iso[1]), int(iso[2]), int(iso[3]))
        return None if day is None else _with_time(Moment(day), iso[4])
    if whole := _day(text, tuple(formats)):
        return whole
    for split in _SPLIT.finditer(text):
        found = _day(text[: split.start()], tuple(formats))
        if found is not None:
            return _with_time(found, text[split.end() :])
    return None


def read_clock(text: str) -> tuple[int, int | None] | None:
    """Read a time of day: minutes after midnight (1,440 for 24:00) and the offset if told."""
    if found := _CLOCK.fullmatch(text):
        return _clock(found)
    if found := _DIGITS.fullmatch(text):
        hour, minute = found[1] or found[3] or "0", found[2] or found[4] or "0"
        return _checked(int(hour), int(minute), int(found[5] or 0), None)
    if _FRACTION.fullmatch(text):
        minutes = int(float(text.replace(",", ".")) * _DAY + _ROUNDED)
        return min(minutes, _DAY - 1), None
    return None


@dataclass(frozen=True)
class _Clock:
    """A time of day, and how it was told."""

    minutes: int | None = None
    offset: int | None = None
    exact: bool = False
    fault: str | None = None


def _clock_of(text: str, formats: Sequence[str], zone: str, written: str) -> _Clock:
    """Read the time of a cell that holds a time, or a day and a time."""
    if not text:
        return _Clock()
    if found := read_clock(text):
        return _Clock(*found)
    moment = read_moment(text, formats)
    if moment is None:
        return _Clock(fault="impossible_hour")
    local = _in_zone(moment, zone, written)
    if local is None:
        return _Clock(fault="unknown_time_zone")
    return _Clock(local.minutes, exact=local is not moment)


def _with_time(moment: Moment, text: str | None) -> Moment | None:
    """Add the time that follows a day; 24:00 is 0:00 of the next day."""
    if text is None:
        return moment
    clock = read_clock(text.strip())
    if clock is None or moment.precision != "day" or moment.minutes is not None:
        return None
    days, minutes = divmod(clock[0], _DAY)
    return replace(
        moment, day=moment.day + dt.timedelta(days=days), minutes=minutes, offset=clock[1]
    )


def _in_zone(moment: Moment, zone: str, written: str) -> Moment | None:
    """Bring a time with an offset, or written in another zone, to a zone; None without one."""
    foreign = moment.offset is not None or written not in ("", zone)
    if moment.minutes is None or not foreign:
        return moment
    if not zone:
        return None
    return to_zone(moment, zone, written)


def to_zone(moment: Moment, zone: str, written: str) -> Moment:
    """Bring a time to a zone, from its own offset or else from the zone it is written in."""
    if moment.minutes is None:
        return moment
    told = (
        ZoneInfo(written)
        if moment.offset is None
        else dt.timezone(dt.timedelta(minutes=moment.offset))
    )
    clock = dt.time(moment.minutes // 60, moment.minutes % 60, tzinfo=told)
    local = dt.datetime.combine(moment.day, clock).astimezone(ZoneInfo(zone))
    return Moment(local.date(), minutes=local.hour * 60 + local.minute)


def is_odd_hour(day: dt.date, minutes: int, zone: str) -> str:
    """Tell a local time that does not exist, or exists twice, when clocks are changed."""
    place = ZoneInfo(zone)
    naive = dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60))
    first, second = (naive.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1))
    # None is equivalent: a zone has an offset at any time, the type checker alone asks
    if first == second or first is None or second is None:
        return ""
    return "hour_twice" if first > second else "no_such_hour"


def _clock(found: re.Match[str]) -> tuple[int, int | None] | None:
    hour = int(found["hour"])
    minute, second = int(found["colon"] or found["minute"] or 0), int(found["second"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    return _checked(hour, minute, second, found["offset"])


def _checked(
    hour: int, minute: int, second: int, offset: str | None
) -> tuple[int, int | None] | None:
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    if offset is None:
        return hour * 60 + minute, None
    if offset == "Z":
        return hour * 60 + minute, 0
    ahead = int(offset[1:3]) * 60 + int(offset[-2:])
    if ahead > 14 * 60:
        return None
    return hour * 60 + minute, -ahead if offset[0] == "-" else ahead


@lru_cache(maxsize=65_536)
def _day(text: str, formats: tuple[str, ...]) -> Moment | None:
    """Read a day by the first format that fits the whole text."""
    for form in formats:
        if form == EXCEL:
            if serial := _SERIAL.fullmatch(text):
                return _of_serial(serial)
            continue
        told, plain = (text, form) if "%b" not in form.casefold() else _without_words(text, form)
        try:
            when = dt.datetime.strptime(told, plain)  # noqa: DTZ007 (a zone follows, if any)
        except ValueError:
            continue
        timed = any(mark in form for mark in ("%H", "%I"))
        minutes = when.hour * 60 + when.minute if timed else None
        ahead = when.utcoffset()
        offset = None if ahead is None else int(ahead.total_seconds() // 60)
        if not _OLDEST <= when.year <= _NEWEST:
            return None
        return Moment(when.date(), precision_of(form), minutes, offset)
    return None


def _of_serial(serial: re.Match[str]) -> Moment:
    day = _EPOCH + dt.timedelta(days=int(serial[1]))
    minutes = round(float(f"0.{serial[2]}") * _DAY) if serial[2] else None
    if minutes == _DAY:
        return Moment(day + dt.timedelta(days=1), minutes=0)
    return Moment(day, minutes=minutes)


def _without_words(text: str, form: str) -> tuple[str, str]:
    """Put the number of a month for its name, in French, Dutch, German or English."""

    def number(found: re.Match[str]) -> str:
        plain = unicodedata.normalize("NFKD", found[0].casefold()).encode("ascii", "ignore")
        return str(_MONTH_OF.get(plain.decode().removesuffix("."), found[0]))

    told = _FIRST.sub("1", _WORD.sub(number, text))
    return told, form.replace("%B", "%m").replace("%b", "%m")


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day) if _OLDEST <= year <= _NEWEST else None
    except ValueError:
        return None
