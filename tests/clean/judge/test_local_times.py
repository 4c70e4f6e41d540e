"""Days and hours put together, by hand: midnight, other zones, hours that clocks skip."""

import numpy as np
import pandas as pd
import pytest

from obs.clean.judge.dates_and_hours import judge_hours
from obs.clean.judge.local_times import reconcile_times
from tests.clean.judge.some_rows import faults, remarks, rows_of, told

BRUSSELS = "Europe/Brussels"


def reconciled(pairs, *, zone=BRUSSELS, written=""):
    """Put days and hours (texts, None for none) together."""
    days, hours = zip(*pairs, strict=True)
    rows = rows_of(len(pairs), event_hour=list(hours))
    judged = judge_hours(
        [*rows.texts["event_hour"].distinct(), ""], ["%d/%m/%Y"], zone=zone, written=written
    )
    rows.to["event_date"] = np.array([d or "NaT" for d in days], dtype="datetime64[D]")
    rows.to["event_hour"] = pd.array(judged.values["value"], dtype="Int64")[
        rows.texts["event_hour"].codes
    ]
    reconcile_times(rows, judged, day="event_date", hour="event_hour", zone=zone, written=written)
    return rows


def both(rows):
    return list(zip(told(rows.to["event_date"]), told(rows.to["event_hour"]), strict=True))


def test_plain_times_stay_as_they_are():
    rows = reconciled([("2021-03-05", "21:30"), ("2021-03-05", None), (None, "21:30")])
    assert both(rows) == [("2021-03-05", 21), ("2021-03-05", None), (None, 21)]
    assert (faults(rows), remarks(rows)) == ([None] * 3, [])


def test_midnight_at_the_end_is_the_next_day():
    rows = reconciled(
        [("2021-12-31", "24:00"), ("2021-03-05", "23:59"), ("2021-03-05", "0:00"), (None, "24:00")]
    )
    assert both(rows) == [("2022-01-01", 0), ("2021-03-05", 23), ("2021-03-05", 0), (None, None)]
    assert remarks(rows) == [("event_hour", "midnight", [0])]


@pytest.mark.parametrize(
    ("day", "hour", "written", "found"),
    [
        ("2021-07-05", "23:30", "UTC", ("2021-07-06", 1)),
        ("2021-01-05", "23:30", "UTC", ("2021-01-06", 0)),
        ("2021-01-05", "0:30", "America/Lima", ("2021-01-05", 6)),
        ("2021-01-05", "0:30+03:00", "", ("2021-01-04", 22)),
        ("2021-01-05", "0:30Z", "America/Lima", ("2021-01-05", 1)),  # its own offset goes first
        ("2021-01-05", "0:30", BRUSSELS, ("2021-01-05", 0)),
        ("2021-01-05", "24:00", "UTC", ("2021-01-06", 1)),
    ],
)
def test_times_of_another_zone_are_moved_with_their_day(day, hour, written, found):
    rows = reconciled([(day, hour), ("2021-01-05", None)], written=written)
    assert both(rows) == [found, ("2021-01-05", None)]
    assert faults(rows) == [None, None]


def test_a_time_that_was_brought_with_its_own_day_is_not_moved_again():
    rows = reconciled([("2021-07-05", "05/07/2021 12:00"), ("2021-07-05", "12:00")], written="UTC")
    assert both(rows) == [("2021-07-05", 14), ("2021-07-05", 14)]


def test_without_a_zone_such_a_time_cannot_be_read():
    rows = reconciled([("2021-01-05", "0:30+03:00"), ("2021-01-05", "0:30")], zone="")
    assert faults(rows) == [("event_hour", "unknown_time_zone"), None]
    assert remarks(rows) == []


def test_hours_that_clocks_skip_or_repeat_are_said_of_local_times_alone():
    pairs = [
        *(("2021-03-28", "2:30"), ("2021-03-28", "3:00"), ("2021-03-28", "1:59")),
        *(("2021-10-31", "2:30"), ("2021-10-31", "3:00"), ("2021-10-30", "2:30")),
        ("2021-10-31", "0:30Z"),
    ]
    rows = reconciled(pairs)
    assert remarks(rows) == [("event_hour", "no_such_hour", [0]), ("event_hour", "hour_twice", [3])]
    assert both(rows)[6] == ("2021-10-31", 2)
    assert remarks(reconciled(pairs[:6], zone="")) == []
    assert remarks(reconciled(pairs[1:3])) == []
