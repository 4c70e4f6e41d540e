"""The rules that judge distinct texts, on texts chosen for their traps."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from obs.clean import load_profile
from obs.clean.judge.dates_and_hours import judge_dates, judge_hours, judge_periods
from obs.clean.judge.distinct_values import (
    judge_bands,
    judge_codes,
    judge_counts,
    judge_flags,
    judge_numbers,
    judge_places,
)
from obs.clean.judge.offence_entries import judge_offences

FRENCH = load_profile("ssmsi_departements")  # decimal comma
PLAIN = load_profile("ssmsi_communes")


def outcome(judged):
    return [f or v for v, f in zip(judged.values["value"], judged.faults, strict=True)]


def test_dates_in_the_first_format_that_fits():
    judged = judge_dates(["05/03/2021", "2021-03-05", "29/02/2023", " ", "x"], FR_DATES)
    bad = "impossible_date"
    assert outcome(judged) == [dt.date(2021, 3, 5), dt.date(2021, 3, 5), bad, None, bad]


FR_DATES = ("%d/%m/%Y", "%Y-%m-%d")


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        *[("21:30", 21), ("9:05", 9), ("00:00:59", 0), ("12:10:00 AM", 0), ("12:10 PM", 12)],
        *[("0930", 9), ("930", 9), ("2130", 21), ("213059", 21), ("0000", 0), ("0", 0)],
        *[("9h30", 9), ("9 h 30", 9), ("9h", 9), ("21u15", 21), ("21U", 21), ("21.30", 21)],
        *[
            ("0,395833", 9),
            ("0.395833", 9),
            ("0.9999", 23),
            ("0.3333", 8),
            ("0,99999", 23),
            (",5", 12),
            ("0.5", 12),
        ],
        *[("24:00", 0), ("24h00", 0), ("2400", 0), ("", None), ("  ", None)],
    ],
)
def test_hours(text, hour):
    assert outcome(judge_hours([text])) == [hour]


@pytest.mark.parametrize(
    "text",
    [
        "21:60",
        "21",
        "9",
        "13:00 PM",
        "21:30:61",
        "24:01",
        "2530",
        "0,50",
        "0.50",
        "1.5",
        "vers 21h",
        "21h-22h",
        "21:30 ou 22:00",
    ],
)
def test_impossible_hours(text):
    assert outcome(judge_hours([text])) == ["impossible_hour"]


def test_codes_in_any_case_and_spacing():
    judged = judge_codes([" p ", "C  d", "", "?"], {"P": "physical", "c D": ""})
    assert outcome(judged) == ["physical", None, None, "unknown_code"]


def test_flags_by_whole_patterns():
    words = {"true": "O|J", "false": "N"}
    assert outcome(judge_flags(["o", "N", "", "ON"], words)) == [True, False, None, "unknown_code"]


def test_ages_fall_in_the_band_that_begins_at_or_below():
    texts = ["0", "11", "12", "64", "65", "120", "31.0", "12-17", "121", "-1", "vingt", ""]
    bad = "impossible_age"
    assert outcome(judge_bands(texts, (12, 18, 65))) == [
        *("0-11", "0-11", "12-17", "18-64", "65+", "65+", "18-64", "12-17", bad, bad, bad, None)
    ]


def test_years_and_months():
    assert outcome(judge_periods(["16", "16.0", "99"], "%y")) == ["2016", "2016", "1999"]
    assert outcome(judge_periods(["2016M01", "2016M13"], "%YM%m")) == ["2016-01", "impossible_date"]


@pytest.mark.parametrize(
    ("text", "profile", "expected"),
    [
        ("0", PLAIN, (0, "zero", None)),
        ("277.0", PLAIN, (277, "ok", None)),
        ("14 293", PLAIN, (14293, "ok", None)),
        ("14\u202f293", PLAIN, (14293, "ok", None)),
        ("", PLAIN, (None, "suppressed_source", None)),
        ("NaN", PLAIN, (None, "suppressed_source", None)),
        ("-3", PLAIN, (None, None, "negative_count")),
        ("3.5", PLAIN, (None, None, "not_a_number")),
        ("14,293", PLAIN, (None, None, "not_a_number")),
        ("14.000", FRENCH, (None, None, "not_a_number")),
        ("14,0", FRENCH, (14, "ok", None)),
        ("1e3", PLAIN, (None, None, "not_a_number")),
        ("14 29", PLAIN, (None, None, "not_a_number")),
        ("douze", PLAIN, (None, None, "not_a_number")),
    ],
)
def test_counts_are_never_guessed(text, profile, expected):
    judged = judge_counts([text], profile)
    assert (judged.values["value"][0], judged.values["status"][0], judged.faults[0]) == expected


def test_thousands_are_read_where_the_profile_says_how():
    anglo = replace(PLAIN, file=replace(PLAIN.file, thousands=","))
    assert judge_counts(["14,304", "14,30"], anglo).values["value"] == [14304, None]


def test_numbers():
    judged = judge_numbers(["308491,1600513844", "12", "nan", "", "-1", "1.234,5"], FRENCH)
    bad = "not_a_number"
    assert outcome(judged) == [308491.1600513844, 12.0, None, None, bad, bad]


def test_places_totals_first_then_names_then_the_rule():
    sample = load_profile("obs_sample")
    rule = replace(sample.territory, totals="0[124]000|TOTAL", names={"Zone Nord": "21015"})
    judged = judge_places(
        ["04000", "total", "zone  nord", "Elsene", "21004.0", "Bruxelles", "Paris", ""],
        replace(sample, territory=rule),
    )
    assert outcome(judged) == [
        "totals_row",
        "totals_row",
        "21015",
        "21009",
        "21004",
        "ambiguous_territory",
        "unknown_territory",
        "missing_key",
    ]


def test_codes_by_pattern_pass_whole_or_not_at_all():
    judged = judge_places(["76001", "2A004", "76001 ", "7600", "76001x"], PLAIN)
    unknown = "unknown_territory"
    assert outcome(judged) == ["76001", "2A004", "76001", unknown, unknown]


def test_the_first_entry_that_fits_decides():
    chicago = load_profile("chicago_incidents")
    rows = pd.DataFrame(
        [
            ("BURGLARY", "FORCIBLE ENTRY", "RESIDENCE - GARAGE"),
            ("BURGLARY", "FORCIBLE ENTRY", "BANK"),
            ("THEFT", "POCKET-PICKING", ""),
            ("ROBBERY", "ATTEMPT ARMED - HANDGUN", "STREET"),
            ("JAYWALKING", "", ""),
        ],
        columns=["offence", "detail", "place"],
    )
    judged = judge_offences(rows, chicago)
    found = [f or p for p, f in zip(judged.values["phenomenon"], judged.faults, strict=True)]
    assert found == [
        "burglary_dwelling",
        "burglary_other",
        "pickpocketing",
        "robbery_armed",
        "unknown_offence",
    ]
    other = judge_offences(rows, replace(chicago, other="other"))
    assert other.values["phenomenon"][-1] == "other"


@pytest.mark.parametrize("digits", [19, 400, 5_000])
def test_numbers_too_long_to_be_one_are_faults(digits):
    profile = load_profile("obs_sample")
    text = "9" * digits
    assert judge_counts([text], profile).faults == ["not_a_number"]
    assert judge_numbers([text], profile).faults == ["not_a_number"]
    assert judge_bands([text], [18, 65]).faults == ["impossible_age"]
