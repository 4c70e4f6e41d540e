"""The days that files cover, and what their rows show against it, by hand."""

import datetime as dt

import numpy as np
import pytest

from obs.clean.coded_columns import encode_list
from obs.clean.coverage.covered_stretches import cover_files, named_days
from obs.clean.coverage.dated_rows import DatedRows
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.territory_rule import TerritoryRule
from obs.clean.read.headers import Bound
from obs.clean.read.reading import Reading
from obs.reference import DeclaredCoverage
from obs.reference.declared_coverage import SourceCoverage
from obs.schemas import ALL

PLACES = ("A", "B", "C")
JUNE = np.datetime64("2023-06-30")
NEVER = np.datetime64("NaT", "D")


def profile(covers="", coverage=(), **rule):
    return Profile(
        *("own", "Own", "police", "events"),
        file=FileLayout(covers=covers),
        coverage=coverage,
        territory=TerritoryRule(**rule),
    )


def entry(start, end, *territories):
    days = (dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    return DeclaredCoverage(*days, territories=territories)


def dated(*rows, kind="facts", where="territory", when="event_date"):
    """Give rows (file, first day, last day, place)."""
    file, first, last, place = zip(*rows, strict=True) if rows else ((), (), (), ())
    n = len(rows)
    return DatedRows(
        *(kind, when, where, np.array(file, dtype="int32")),
        *(np.array(first, dtype="datetime64[D]"), np.array(last, dtype="datetime64[D]")),
        encode_list(list(place)),
        *(np.zeros(n, dtype=bool), np.ones(n, dtype="int64")),
    )


def every(first, last, *, file=0, each=3, places=PLACES):
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1, each)
    return [(file, day, day, place) for day in days for place in places]


def cover(rows, *, names=("facts_2023.csv",), by=None, files=None, extracted=NEVER, **more):
    by = by or profile(covers=r"facts_(\d{4}(?:-\d\d)?)")
    bound = Bound({"event_date": 0, "territory": 1})
    readings = [
        Reading(n, ["Day", "Place"], [], np.array([2]), bound=bound, layout=by) for n in names
    ]
    numbers = range(len(names)) if files is None else files
    days = dict.fromkeys(range(len(names)), extracted)
    return cover_files(readings, numbers, by, dated(*rows, **more), days)


def lines(table):
    cells = table.astype({"start": "str", "end": "str"})
    return [
        tuple(row) for row in cells[["territory", "start", "end", "how", "delivery"]].to_numpy()
    ]


def said(notes):
    return [
        (number, one.rule, one.column, one.detail) for number, own in notes.items() for one in own
    ]


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("facts_2024.csv", ("2024-01-01", "2024-12-31")),
        ("facts_2024-02.csv", ("2024-02-01", "2024-02-29")),
        ("facts_2024-12.csv", ("2024-12-01", "2024-12-31")),
        ("facts_2024-01.csv", ("2024-01-01", "2024-01-31")),
        ("facts_2024-13.csv", None),
        ("facts_2024-00.csv", None),
        ("other.csv", None),
    ],
)
def test_a_name_tells_a_year_or_a_month(name, days):
    found = named_days(name, profile(covers=r"facts_(\d{4}(?:-\d\d)?)"))
    assert found == (days and tuple(map(np.datetime64, days)))
    assert named_days(name, profile()) is None
    assert named_days("facts_20240105", profile(covers=r"facts_(\d+)")) is None


def test_a_year_said_and_told_whole_is_covered():
    table, notes = cover(every("2023-01-02", "2023-12-30"))
    assert lines(table) == [(ALL, "2023-01-01", "2023-12-31", "file", "facts_2023.csv")]
    assert table["source"].tolist() == ["police"]
    assert said(notes) == []


@pytest.mark.parametrize(
    ("first", "last", "covered"),
    [
        ("2023-01-01", "2023-03-31", ("2023-01-01", "2023-03-29")),  # every third day
        ("2023-10-01", "2023-12-31", ("2023-10-01", "2023-12-31")),
        ("2023-04-01", "2023-09-30", ("2023-04-01", "2023-09-28")),
    ],
)
def test_rows_that_begin_late_or_end_early_shorten_what_is_said(first, last, covered):
    each = 1 if first == "2023-10-01" else 4
    last_row = np.datetime64(first) + each * (
        (np.datetime64(last) - np.datetime64(first)).astype(int) // each
    )
    table, notes = cover(every(first, last, each=each))
    start = "2023-01-01" if first == "2023-01-01" else first
    end = "2023-12-31" if last == "2023-12-31" else str(last_row)
    assert lines(table)[0][1:4] == (start, end, "file")
    detail = f"said to cover 2023-01-01 to 2023-12-31 (file), rows from {first} to {last_row}"
    assert said(notes) == [(0, "short_of_coverage", "Day", detail)]
    assert covered[0] == start


def test_what_is_said_of_a_place_or_assumed_is_not_shortened():
    own = profile(coverage=(entry("2023-01-01", "2023-12-31", "A"),))
    table, notes = cover(every("2023-01-01", "2023-03-31", each=1), by=own)
    assert lines(table) == [
        ("A", "2023-01-01", "2023-12-31", "profile", "facts_2023.csv"),
        (ALL, "2023-01-01", "2023-03-31", "assumed", "facts_2023.csv"),
    ]
    assert said(notes) == []


def test_an_entry_of_some_files_is_of_no_other_and_one_of_all_places_is_weaker_than_a_name():
    days = (dt.date(2023, 2, 1), dt.date(2023, 11, 30))
    some = SourceCoverage(*days, files=("facts_2023*",))
    other = SourceCoverage(*days, files=("x*",))
    whole = entry("2023-03-01", "2023-10-31")
    rows = every("2023-01-01", "2023-12-31")
    for declared, how in (
        ((some, whole), "delivery"),
        ((other, whole), "file"),
        ((whole,), "file"),
    ):
        table, _ = cover(rows, by=profile(r"facts_(\d{4})", declared))
        start = "2023-02-01" if how == "delivery" else "2023-01-01"
        assert [line[1:4:2] for line in lines(table)] == [(start, how)]


def test_nothing_is_covered_past_the_day_of_extraction():
    rows = every("2023-01-01", "2023-06-30", each=1)
    table, _ = cover(rows, extracted=JUNE)
    assert lines(table)[0][1:3] == ("2023-01-01", "2023-06-30")
    later, _ = cover(every("2023-01-01", "2023-12-30"), extracted=np.datetime64("2023-12-31"))
    assert lines(later)[0][2] == "2023-12-31"
    same, _ = cover(rows, extracted=np.datetime64("2023-01-01"))
    assert lines(same)[0][2] == "2023-01-01"
    before, _ = cover(rows, extracted=np.datetime64("2022-12-31"))
    assert lines(before)[0][2] == "2023-06-30"  # begins after its extraction: rows decide


def test_rows_outside_what_any_file_covers_are_counted():
    rows = [
        *every("2023-01-01", "2023-12-31", each=2),
        *((0, "2022-12-31", "2022-12-31", "A"), (0, "2024-01-01", "2024-01-01", "B")),
        *((0, "2022-12-01", "2022-12-31", "A"), (0, "2022-12-15", "2023-01-01", "A")),
    ]
    _, notes = cover(rows)
    assert said(notes) == [
        (0, "outside_coverage", "Day", "3, of which 2 before the first day covered")
    ]
    _, notes = cover(rows, kind="cases", when="entry_date")
    assert "outside_coverage" not in [one[1] for one in said(notes)]


def test_a_file_covers_what_another_one_has_rows_of():
    rows = every("2023-01-01", "2023-12-31") + every("2024-01-01", "2024-12-31", file=1)
    rows.append((1, "2023-05-05", "2023-05-05", "A"))
    table, notes = cover(rows, names=("facts_2023.csv", "facts_2024.csv"))
    assert [line[4] for line in lines(table)] == ["facts_2023.csv", "facts_2024.csv"]
    assert said(notes) == []
    early = [*rows, (1, "2022-12-31", "2022-12-31", "A")]
    _, notes = cover(early, names=("facts_2023.csv", "facts_2024.csv"))
    assert said(notes) == [
        (1, "outside_coverage", "Day", "1, of which 1 before the first day covered")
    ]
    alone = [row for row in rows if row[0] == 1]
    one, notes = cover(alone, names=("facts_2023.csv", "facts_2024.csv"), files=[1])
    assert [line[4] for line in lines(one)] == ["facts_2024.csv"]
    assert said(notes) == [
        (1, "outside_coverage", "Day", "1, of which 1 before the first day covered")
    ]


def test_a_place_without_rows_is_silent_unless_it_is_named_or_a_whole():
    rows = every("2023-01-01", "2023-12-31", each=1, places=("A", "B"))
    rows += every("2023-01-01", "2023-06-30", each=1, places=("C",))
    _, notes = cover(rows)
    silent = [(0, "silent_place", "Place", "C, 2023-07-01 to 2023-12-31")]
    assert said(notes) == silent
    two = ("facts_2023.csv", "facts_2024.csv")
    assert said(cover(rows, names=two, files=[0])[1]) == []  # of some files, silence is not asked
    named = profile(covers=r"facts_(\d{4})", coverage=(entry("2023-01-01", "2023-06-30", "C"),))
    _, notes = cover(rows, by=named)
    assert said(notes) == []
    whole = profile(covers=r"facts_(\d{4})", unplaced="C")
    _, notes = cover(rows, by=whole)
    assert said(notes) == []


def months(*pairs, file=0):
    """Give counts of months (month, places)."""
    return [
        (
            file,
            np.datetime64(month, "D"),
            (np.datetime64(month) + 1).astype("datetime64[D]") - 1,
            place,
        )
        for month, places in pairs
        for place in places
    ]


def test_counts_of_most_places_leave_the_others_silent():
    rows = months(("2023-01", "ABC"), ("2023-02", "AB"), ("2023-03", "C"))
    _, notes = cover(rows, names=("x.csv",), kind="counts", when="event_date")
    assert said(notes) == [(0, "silent_place", "Place", "C, 2023-02-01 to 2023-02-28")]
    half = months(("2023-01", "ABCD"), ("2023-02", "AB"))
    assert said(cover(half, names=("x.csv",), kind="counts")[1]) == []  # half is not most
    whole = profile(unplaced="C")
    assert said(cover(rows, names=("x.csv",), by=whole, kind="counts")[1]) == []


def test_days_of_counts_of_a_line_are_compared_by_day():
    rows = every("2023-01-01", "2023-12-31", each=1, places=("1712", "EVC"))
    rows = [row for row in rows if row[3] == "EVC" or row[1] < np.datetime64("2023-07-01")]
    _, notes = cover(rows, kind="counts", where="line")
    assert [one[1:] for one in said(notes)] == [
        ("silent_line", None, "1712, 2023-07-01 to 2023-12-31")
    ]


def test_twenty_silent_places_are_named_and_further_ones_counted():
    others = [f"P{i:02d}" for i in range(30)]
    late = [f"Q{i:02d}" for i in range(22)]
    rows = months(("2023-01", [*others, *late]), ("2023-02", others))
    found = said(cover(rows, names=("x.csv",), kind="counts")[1])
    assert len(found) == 21
    assert found[-1] == (0, "silent_place", "Place", "2 further gaps")
    assert found[19][3] == "Q19, 2023-02-01 to 2023-02-28"
    twenty = months(("2023-01", [*others, *late[:20]]), ("2023-02", others))
    assert len(said(cover(twenty, names=("x.csv",), kind="counts")[1])) == 20


def test_silence_is_said_of_the_last_file_that_covers_its_days():
    rows = months(("2023-01", "ABC"), ("2023-02", "AB")) + months(("2023-03", "ABC"), file=1)
    names = ("x.csv", "y.csv")
    assert [one[0] for one in said(cover(rows, names=names, kind="counts")[1])] == [0]
    late = months(("2023-01", "ABC"), ("2023-02", "ABC")) + months(("2023-03", "AB"), file=1)
    assert [one[0] for one in said(cover(late, names=names, kind="counts")[1])] == [1]


def test_without_rows_nothing_is_covered():
    table, notes = cover([], names=("x.csv",))
    assert len(table) == 0
    assert said(notes) == []
