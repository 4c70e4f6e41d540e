"""Days, times and periods at the edge of what is read, one cell at a time."""

import datetime as dt

import pytest

from obs.clean.judge.dates_and_hours import (
    Moment,
    is_odd_hour,
    judge_dates,
    judge_hours,
    judge_periods,
    precision_of,
    read_clock,
    read_moment,
    to_zone,
)

BRUSSELS = "Europe/Brussels"


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("0:00", (0, None)),
        ("24:00", (1440, None)),
        ("24:01", None),
        ("24:00:01", None),
        ("23:59:59", (1439, None)),
        ("23:60", None),
        ("23:59:60", None),
        ("25:00", None),
        ("12:00 AM", (0, None)),
        ("12:30 p.m.", (750, None)),
        ("1:05 PM", (785, None)),
        ("0:30 AM", None),
        ("13:00 PM", None),
        ("9h30", (570, None)),
        ("21u", (1260, None)),
        ("9 h 30 min", (570, None)),
        ("21:30Z", (1290, 0)),
        ("21:30+02:00", (1290, 120)),
        ("21:30-0530", (1290, -330)),
        ("21:30+14:00", (1290, 840)),
        ("21:30+14:01", None),
        ("930", (570, None)),
        ("0930", (570, None)),
        ("2460", None),
        ("093059", (570, None)),
        ("093060", None),
        ("0", (0, None)),
        ("9", None),
        ("0,5", (720, None)),
        (".5", (720, None)),
        (".75", None),
        ("0,395833", (570, None)),
        ("0,50", None),  # ten to one, or half a day
        ("0.50", None),
        ("0,9999999", (1439, None)),
        ("1,5", None),
        ("", None),
        ("noon", None),
    ],
)
def test_times_of_day(text, clock):
    assert read_clock(text) == clock


DAY_FIRST = ["%d/%m/%Y"]


@pytest.mark.parametrize(
    ("text", "formats", "moment"),
    [
        ("2022-03-04", DAY_FIRST, Moment(dt.date(2022, 3, 4))),
        ("2022-03-04", ["%Y-%d-%m"], Moment(dt.date(2022, 4, 3))),
        ("2022-02-30", DAY_FIRST, None),
        ("1900-01-01", DAY_FIRST, Moment(dt.date(1900, 1, 1))),
        ("1899-12-31", DAY_FIRST, None),
        ("31/12/1899", DAY_FIRST, None),
        ("01/01/1900", DAY_FIRST, Moment(dt.date(1900, 1, 1))),
        ("31/12/9998 24:00", DAY_FIRST, Moment(dt.date(9999, 1, 1), minutes=0)),
        ("31/12/9999", DAY_FIRST, None),  # "never" in some systems: no day comes after it
        ("9999-12-31 24:00", DAY_FIRST, None),
        ("9999-12-31T23:00-05:00", DAY_FIRST, None),
        ("04/03/2022", DAY_FIRST, Moment(dt.date(2022, 3, 4))),
        ("04/03/2022 21:30", DAY_FIRST, Moment(dt.date(2022, 3, 4), minutes=1290)),
        ("04/03/2022 24:00", DAY_FIRST, Moment(dt.date(2022, 3, 5), minutes=0)),
        ("2022-03-04T21:30+01:00", DAY_FIRST, Moment(dt.date(2022, 3, 4), "day", 1290, 60)),
        ("04/03/2022 soon", DAY_FIRST, None),
        ("04/03/2022 - 05/03/2022", DAY_FIRST, None),
        ("03/2022", ["%m/%Y"], Moment(dt.date(2022, 3, 1), "month")),
        ("03/2022 21:30", ["%m/%Y"], None),
        ("2022", ["%Y"], Moment(dt.date(2022, 1, 1), "year")),
        ("44624", ["excel"], Moment(dt.date(2022, 3, 4))),
        ("44624,5", ["excel"], Moment(dt.date(2022, 3, 4), minutes=720)),
        ("44624.9999999", ["excel"], Moment(dt.date(2022, 3, 5), minutes=0)),
        ("4462", ["excel"], None),
        ("44624", DAY_FIRST, None),
        ("44624", ["excel", *DAY_FIRST], Moment(dt.date(2022, 3, 4))),
        ("04/03/2022", ["excel", *DAY_FIRST], Moment(dt.date(2022, 3, 4))),
        ("1er août 2022", ["%d %B %Y"], Moment(dt.date(2022, 8, 1))),
        ("3 mrt. 2022", ["%d %b %Y"], Moment(dt.date(2022, 3, 3))),
        ("3 foo 2022", ["%d %b %Y"], None),
        ("04/03/2022 21h", ["%d/%m/%Y %Hh"], Moment(dt.date(2022, 3, 4), minutes=1260)),
    ],
)
def test_days_and_their_times(text, formats, moment):
    assert read_moment(text, formats) == moment


@pytest.mark.parametrize(
    ("form", "precision"),
    [
        ("%d/%m/%Y", "day"),
        ("%m/%Y", "month"),
        ("%B %Y", "month"),
        ("%b %y", "month"),
        ("%Y", "year"),
    ],
)
def test_formats_have_a_precision(form, precision):
    assert precision_of(form) == precision


@pytest.mark.parametrize(
    ("text", "form", "period"),
    [
        ("2016.0", "%Y", "2016"),
        ("2016,00", "%Y", "2016"),
        ("2016.5", "%Y", None),
        ("2016-01-01", "%Y", "2016"),
        ("2016-02-01", "%Y", None),
        ("2016-01-02", "%Y", None),
        ("2016-02-01", "%m/%Y", "2016-02"),
        ("2016-02-02", "%m/%Y", None),
        ("2016-02-01T00:30", "%m/%Y", None),
        ("02/2016", "%m/%Y", "2016-02"),
        ("17/02/2016", "%d/%m/%Y", "2016-02"),
        ("", "%Y", None),
        ("x", "%Y", None),
    ],
)
def test_periods_as_they_are_kept(text, form, period):
    found = judge_periods([text], form)
    assert found.values["value"] == [period]
    assert found.faults == ["impossible_date" if period is None and text else None]


@pytest.mark.parametrize(
    ("day", "minutes", "odd"),
    [
        (dt.date(2022, 3, 27), 119, ""),
        (dt.date(2022, 3, 27), 120, "no_such_hour"),
        (dt.date(2022, 3, 27), 179, "no_such_hour"),
        (dt.date(2022, 3, 27), 180, ""),
        (dt.date(2022, 10, 30), 119, ""),
        (dt.date(2022, 10, 30), 120, "hour_twice"),
        (dt.date(2022, 10, 30), 179, "hour_twice"),
        (dt.date(2022, 10, 30), 180, ""),
    ],
)
def test_hours_that_clocks_skip_or_repeat(day, minutes, odd):
    assert is_odd_hour(day, minutes, BRUSSELS) == odd


def test_times_are_brought_to_their_zone_with_their_day():
    late = Moment(dt.date(2022, 7, 1), minutes=23 * 60, offset=0)
    assert to_zone(late, BRUSSELS, "") == Moment(dt.date(2022, 7, 2), minutes=60)
    written = Moment(dt.date(2022, 1, 1), minutes=30)
    assert to_zone(written, BRUSSELS, "America/New_York").minutes == 6 * 60 + 30
    day = Moment(dt.date(2022, 1, 1))
    assert to_zone(day, BRUSSELS, "UTC") is day


@pytest.mark.parametrize(
    ("text", "zone", "written", "day", "fault"),
    [
        ("2022-07-01T23:00Z", BRUSSELS, "", dt.date(2022, 7, 2), None),
        ("2022-07-01T23:00Z", "", "", None, "unknown_time_zone"),
        ("2022-07-01T23:00", "", "", dt.date(2022, 7, 1), None),
        ("2022-07-01T23:00", BRUSSELS, BRUSSELS, dt.date(2022, 7, 1), None),
        ("2022-07-01T23:00", BRUSSELS, "UTC", dt.date(2022, 7, 2), None),
        ("2022-07-01", BRUSSELS, "UTC", dt.date(2022, 7, 1), None),
        ("2022-07-01", "", "UTC", dt.date(2022, 7, 1), None),
        ("soon", BRUSSELS, "", None, "impossible_date"),
        (" ", BRUSSELS, "", None, None),
    ],
)
def test_days_are_judged_in_the_zone_of_the_place(text, zone, written, day, fault):
    found = judge_dates([text], DAY_FIRST, zone=zone, written=written)
    assert found.values["value"] == [day]
    assert found.values["precision"] == [None if day is None else "day"]
    assert found.faults == [fault]


@pytest.mark.parametrize(
    ("text", "hour", "minutes", "exact", "fault"),
    [
        ("24:00", 0, 1440, False, None),
        ("23:59", 23, 1439, False, None),
        ("2022-07-01T23:00Z", 1, 60, True, None),
        ("2022-07-01T23:00", 23, 1380, False, None),
        ("2022-07-01", None, None, False, None),
        ("soon", None, None, False, "impossible_hour"),
        ("", None, None, False, None),
    ],
)
def test_hours_of_cells(text, hour, minutes, exact, fault):
    found = judge_hours([text], DAY_FIRST, zone=BRUSSELS)
    assert (found.values["value"], found.values["minutes"]) == ([hour], [minutes])
    assert (found.values["exact"], found.faults) == ([exact], [fault])
    if text.endswith("Z"):
        assert judge_hours([text], DAY_FIRST).faults == ["unknown_time_zone"]
