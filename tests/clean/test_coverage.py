"""COVERAGE of cleaned facts: who says it, for which place, and what the rows show against it."""

import dataclasses
import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from obs import clean_helpline, clean_police
from obs.clean import load_profile
from obs.errors import CatalogueError
from obs.pipeline.coverage_lines import gather_coverage, say_coverage, say_how_to_declare
from obs.reference import DeclaredCoverage
from obs.reference.declared_coverage import SourceCoverage
from obs.schemas import ALL

PROFILE = r"""
name = "dated"
title = "Facts with a day and a place"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d"]
identical = "keep"
other = "theft_other"
[file]
covers = 'facts_(\d{4}(?:-\d\d)?)\.csv'
[territory]
level = "commune"
[columns]
event_date = "day"
territory = "place"
offence = "what"
"""
PLACES = ("21001", "21004", "21009")


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "dated.toml"
    path.write_text(PROFILE)
    return load_profile(path)


def deliver(folder: Path, name: str, *spans, each=3):
    """Write one fact every `each` days in each place, over spans (first, last, places)."""
    lines = [
        f"{day:%Y-%m-%d},{code},VOL"
        for first, last, places in spans
        for day in pd.date_range(first, last, freq=f"{each}D")
        for code in places
    ]
    path = folder / name
    path.write_text("\n".join(["day,place,what", *lines]) + "\n")
    return path


def said(made):
    return made.flagged[["rule", "message"]].to_dict("records")


def lines(made):
    table = made.coverage.astype({"start": "str", "end": "str"})
    return [tuple(row) for row in table[["territory", "start", "end", "how"]].to_numpy()]


def test_a_file_name_covers_its_year_or_its_month(tmp_path, profile):
    year = deliver(tmp_path, "facts_2023.csv", ("2023-01-05", "2023-12-20", PLACES))
    month = deliver(tmp_path, "facts_2024-02.csv", ("2024-02-02", "2024-02-25", PLACES))
    made = clean_police([year, month], profile=profile)
    assert lines(made) == [
        (ALL, "2023-01-01", "2023-12-31", "file"),
        (ALL, "2024-02-01", "2024-02-29", "file"),
    ]
    assert made.flagged.empty
    assert made.report["covered_to"].tolist() == [
        pd.Timestamp("2023-12-31"),
        pd.Timestamp("2024-02-29"),
    ]


def test_a_file_that_ends_in_march_is_told_and_covers_to_its_last_row(tmp_path, profile):
    path = deliver(tmp_path, "facts_2023.csv", ("2023-01-01", "2023-03-31", PLACES), each=1)
    made = clean_police(path, profile=profile)
    assert lines(made) == [(ALL, "2023-01-01", "2023-03-31", "file")]
    (only,) = said(made)
    assert only["rule"] == "short_of_coverage"
    assert only["message"].endswith(
        "said to cover 2023-01-01 to 2023-12-31 (file), rows from 2023-01-01 to 2023-03-31"
    )


def test_without_a_word_coverage_is_assumed_and_a_stray_stretches_nothing(tmp_path, profile):
    path = deliver(
        tmp_path,
        "x.csv",
        ("2019-05-04", "2019-05-04", PLACES[:1]),
        ("2023-01-01", "2023-12-31", PLACES),
    )
    made = clean_police(path, profile=profile)
    assert lines(made) == [(ALL, "2023-01-01", "2023-12-30", "assumed")]
    (only,) = said(made)
    assert only["rule"] == "outside_coverage"
    assert only["message"].endswith(": 1, of which 1 before the first day covered")
    assert len(made.table) == made.report["kept"].sum()
    told, hint = say_coverage(made)
    assert told == ("covered: police, all places, 2023-01-01 to 2023-12-30 (assumed from the rows)")
    assert hint == (
        "2023 counts as told in part. If the deliveries tell of more days than those with rows, declare "
        "it in observatory.toml under their [[source]]: [[source.coverage]] start = 2023-01-01, "
        "end = 2023-12-31, each on its line"
    )


@pytest.mark.parametrize(
    ("start", "end", "how", "hint"),
    [
        ("2022-01-01", "2023-12-31", "assumed", ()),
        ("2022-01-01", "2023-11-30", "observatory", ()),
        ("2022-01-01", "2023-10-01", "assumed", ()),  # plainly delivered in part
        ("2022-02-03", "2023-12-31", "assumed", ("2022 counts", "2022-01-01, end = 2022-12-31")),
        ("2022-02-03", "2024-12-29", "assumed", ("2022 and 2024", "2022-01-01, end = 2024-12-31")),
    ],
)
def test_what_to_declare_is_said_where_a_year_is_assumed_in_part(start, end, how, hint):
    days = {"start": pd.Timestamp(start), "end": pd.Timestamp(end)}
    told = pd.DataFrame(
        [{"source": "police", "territory": ALL, "how": how, "delivery": "x", **days}]
    )
    said = "".join(say_how_to_declare(told))
    assert all(part in said for part in hint)
    assert bool(said) == bool(hint)


def test_a_silent_place_is_remarked_by_its_code_and_days(tmp_path, profile):
    path = deliver(
        tmp_path,
        "facts_2023.csv",
        ("2023-01-01", "2023-12-31", PLACES[:2]),
        ("2023-01-01", "2023-06-30", PLACES[2:]),
    )
    made = clean_police(path, profile=profile)
    (only,) = said(made)
    assert only["rule"] == "silent_place"
    assert only["message"].endswith(": 21009, 2023-07-01 to 2023-12-31")
    assert list(say_coverage(made))[-1] == "silent: 21009, 2023-07-01 to 2023-12-31"


def entry(kind=DeclaredCoverage, **keys):
    days = {"start": dt.date(2023, 1, 1), "end": dt.date(2023, 12, 31)}
    return kind(**{**days, **keys})


def test_delivery_comes_before_file_before_profile_before_observatory(tmp_path, profile):
    path = deliver(tmp_path, "facts_2023.csv", ("2023-01-01", "2023-12-31", PLACES))
    other = path.rename(tmp_path / "x.csv")
    entries = {
        "delivery": entry(SourceCoverage, files=("x*.csv",)),
        "profile": entry(),
        "observatory": entry(SourceCoverage),
    }
    for how, one in entries.items():
        own = dataclasses.replace(profile, coverage=(*entries.values(),)[[*entries].index(how) :])
        made = clean_police(other, profile=own)
        assert lines(made) == [(ALL, "2023-01-01", "2023-12-31", how)], one
    named = path.write_text(other.read_text()) and clean_police(
        path, profile=dataclasses.replace(profile, coverage=(entries["observatory"],))
    )
    assert lines(named) == [(ALL, "2023-01-01", "2023-12-31", "file")]


def test_a_place_has_days_of_its_own(tmp_path, profile):
    path = deliver(tmp_path, "facts_2023.csv", ("2023-01-01", "2023-12-31", PLACES[:2]))
    half = entry(territories=("21009",), end=dt.date(2023, 6, 30))
    made = clean_police(path, profile=dataclasses.replace(profile, coverage=(half,)))
    assert lines(made) == [
        ("21009", "2023-01-01", "2023-06-30", "profile"),
        (ALL, "2023-01-01", "2023-12-31", "file"),
    ]
    assert gather_coverage([("police", made)])["police"].equals(made.coverage)


def test_a_silent_line_of_calls_is_remarked(tmp_path):
    days = pd.date_range("2020-01-01", "2020-12-31")
    rows = [
        (day, line) for day in days for line in ("1712", "EVC") if day.month < 7 or line == "EVC"
    ]
    given = pd.DataFrame(
        {
            "DATE": [f"{day:%d/%m/%Y}" for day, _ in rows],
            "LIGNE": [line for _, line in rows],
            "OUVERT": "O",
            "APPELS": "3",
        }
    )
    made = clean_helpline(given, profile="obs_sample_call_days")
    assert lines(made) == [(ALL, "2020-01-01", "2020-12-31", "assumed")]
    silent = made.flagged[made.flagged["rule"] == "silent_line"]
    assert silent["message"].tolist() == [
        "no call on this line while the others go on: these days are not covered: 1712, 2020-07-01 "
        "to 2020-12-31"
    ]
    assert list(say_coverage(made))[-1] == "silent: 1712, 2020-07-01 to 2020-12-31"


def test_coverage_is_written_beside_the_report(tmp_path, profile):
    path = deliver(tmp_path, "facts_2023.csv", ("2023-01-01", "2023-12-31", PLACES))
    clean_police(path, profile=profile).write(tmp_path / "out")
    written = (tmp_path / "out" / "coverage.csv").read_text().splitlines()
    assert written == [
        "source,territory,start,end,how,delivery",
        "police,all,2023-01-01,2023-12-31,file,facts_2023.csv",
    ]


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (
            "start = 2023-12-31\nend = 2023-01-01",
            "coverage.0.end: the last day is before the first",
        ),
        ("start = 2023-01-01", "coverage.0.end"),
        ('start = 2023-01-01\nend = 2023-12-31\nteritories = ["21001"]', "teritories"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_key(tmp_path, written, fault):
    path = tmp_path / "dated.toml"
    path.write_text(PROFILE + f"[[coverage]]\n{written}\n")
    with pytest.raises(CatalogueError, match=fault):
        load_profile(path)
