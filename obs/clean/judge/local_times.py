"""Put the day and hour of a row together: 24:00, times of another zone, hours that clocks skip."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded
from obs.clean.judge.dates_and_hours import Moment, is_odd_hour, to_zone
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.judgement import Judgement

__all__ = ["reconcile_times"]

_DAY = 24 * 60


def reconcile_times(
    rows: Rows,
    judged: Judgement,
    *,
    day: str,
    hour: str,
    zone: str,
    written: str,
) -> None:
    """Bring the day and hour of each row to local time, and say what is odd about them.

    Parameters
    ----------
    rows : Rows
        Both columns are judged; both may change.
    judged : Judgement
        Of the texts of the hour.
    day, hour : str
        Our names of the two columns.
    zone, written : str
        Time zone of the place, and that in which times without an offset are written.
    """
    column = rows.texts[hour]
    minutes = _as_numbers(judged.values["minutes"], column)
    offset = _as_numbers(judged.values["offset"], column)
    exact = np.array(judged.values["exact"], dtype=bool)[column.codes]
    days = np.asarray(rows.to[day]).astype("datetime64[D]")
    told = ~np.isnat(days) & ~np.isnan(minutes)
    late = told & (minutes >= _DAY)
    if late.any():
        days = np.where(late, days + np.timedelta64(1, "D"), days)
        minutes = np.where(late, minutes - _DAY, minutes)
        rows.remark(late, hour, "midnight")
    foreign = told & ~exact & (~np.isnan(offset) | (written not in ("", zone)))
    if foreign.any() and not zone:
        rows.blame(foreign, hour, "unknown_time_zone")
    elif foreign.any():
        days, minutes = _moved(days, minutes, offset, foreign, zone, written)
    if late.any() or foreign.any():
        rows.to[day] = days
        rows.to[hour] = pd.array(np.where(told, minutes // 60, np.nan), dtype="Int64")
    if zone:
        _note_odd_hours(rows, days, minutes, told & ~exact & ~foreign, hour, zone)


def _as_numbers(values: list[object], column: Coded) -> NDArray[np.float64]:
    known = np.array([np.nan if v is None else v for v in values], dtype="float64")
    found: NDArray[np.float64] = known[column.codes]
    return found


def _moved(
    days: NDArray[np.datetime64],
    minutes: NDArray[np.float64],
    offset: NDArray[np.float64],
    which: NDArray[np.bool_],
    zone: str,
    written: str,
) -> tuple[NDArray[np.datetime64], NDArray[np.float64]]:
    """Bring some rows to a zone, each distinct day, time and offset once."""
    own = pd.DataFrame({"day": days[which], "minutes": minutes[which], "offset": offset[which]})
    distinct = own.drop_duplicates()
    moments = [
        to_zone(Moment(day, minutes=int(m), offset=_whole_or_none(o)), zone, written)
        for day, m, o in zip(
            distinct["day"].dt.date, distinct["minutes"], distinct["offset"], strict=True
        )
    ]
    local = distinct.assign(
        to_day=np.array([m.day for m in moments], dtype="datetime64[D]"),
        to_minutes=[float(m.minutes or 0) for m in moments],
    )
    found = own.merge(local, on=["day", "minutes", "offset"], how="left")
    days, minutes = days.copy(), minutes.copy()
    days[which] = found["to_day"].to_numpy().astype("datetime64[D]")
    minutes[which] = found["to_minutes"].to_numpy()
    return days, minutes


def _offset(day: dt.date, zone: str) -> dt.timedelta | None:
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(zone)).utcoffset()


def _whole_or_none(number: float) -> int | None:
    return None if np.isnan(number) else int(number)


def _note_odd_hours(
    rows: Rows,
    days: NDArray[np.datetime64],
    minutes: NDArray[np.float64],
    told: NDArray[np.bool_],
    hour: str,
    zone: str,
) -> None:
    """Say which times do not exist or exist twice, on the days on which clocks are changed."""
    changed = [
        day
        for day in np.unique(days[told]).tolist()
        if _offset(day, zone) != _offset(day + dt.timedelta(days=1), zone)
    ]
    if not changed:
        return
    there = np.flatnonzero(told & np.isin(days, np.array(changed, dtype="datetime64[D]")))
    pairs = {(d, int(m)) for d, m in zip(days[there].tolist(), minutes[there], strict=True)}
    odd: dict[tuple[dt.date, int], str] = {pair: is_odd_hour(*pair, zone) for pair in pairs}
    for rule in ("no_such_hour", "hour_twice"):
        hit = np.zeros(len(rows), dtype=bool)
        hit[there] = [
            odd[d, int(m)] == rule
            for d, m in zip(days[there].tolist(), minutes[there], strict=True)
        ]
        rows.remark(hit, hour, rule)
