import datetime as dt
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.report.facts.dates import format_date, format_period, format_span
from obs.report.facts.numbers import (
    format_change,
    format_interval,
    format_number,
    format_percent,
    format_points,
    status_text,
    typography,
)

NARROW, SPACE, MINUS = "\u202f", "\u00a0", "\u2212"
LANGUAGES = ("fr", "nl", "en")


@pytest.mark.parametrize(
    ("lang", "written"),
    [("fr", f"{MINUS}1{NARROW}234,5"), ("nl", f"{MINUS}1.234,5"), ("en", f"{MINUS}1,234.5")],
)
def test_separators_are_those_of_the_language(lang, written):
    assert format_number(-1234.5, lang, decimals=1) == written


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0.5, 0, "1"),
        (1.5, 0, "2"),
        (2.5, 0, "3"),
        (-0.04, 1, "0.0"),
        (2.675, 2, "2.68"),
        (0, 0, "0"),
    ],
)
def test_halves_round_away_from_zero_and_zero_has_no_sign(value, decimals, written):
    assert format_number(value, "en", decimals=decimals) == written


def test_percent_points_and_change_are_three_things():
    assert [format_percent(0.1234, lang, decimals=1) for lang in LANGUAGES] == [
        f"12,3{SPACE}%",
        "12,3%",
        "12.3%",
    ]
    assert format_change(0.041, "fr") == f"+4{SPACE}%"
    assert format_change(-0.23, "nl") == f"{MINUS}23%"
    assert format_points(0.012, "fr") == f"+1,2{SPACE}point de pourcentage"
    assert format_points(-0.031, "fr") == f"{MINUS}3,1{SPACE}points de pourcentage"
    assert "%" not in format_points(0.5, "en")


def test_round_last_keeps_the_published_percentage():
    assert format_change(1725 / 1657 - 1, "en") == "+4%"
    assert format_change(1725 / 1657 - 1, "en", decimals=2) == "+4.10%"


def test_dates_periods_and_spans():
    new_year = dt.date(2024, 1, 1)
    assert [format_date(new_year, lang) for lang in LANGUAGES] == [
        "1er janvier 2024",
        "1 januari 2024",
        "1 January 2024",
    ]
    assert format_date(dt.date(2024, 1, 11), "fr") == "11 janvier 2024"
    month = pd.Period("2024-01", "M")
    assert [format_period(month, lang) for lang in LANGUAGES] == [
        "janvier 2024",
        "januari 2024",
        "January 2024",
    ]
    assert format_period(pd.Period("2024Q1", "Q"), "fr") == "1er trimestre 2024"
    partial = (dt.date(2022, 1, 1), dt.date(2022, 11, 30))
    assert [format_span(*partial, lang) for lang in LANGUAGES] == [
        "janvier à novembre 2022",
        "januari tot en met november 2022",
        "January to November 2022",
    ]


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        ("2022-01-01", "2022-12-31", "2022"),
        ("2021-01-01", "2022-12-31", "2021 to 2022"),
        ("2022-02-01", "2022-02-28", "February 2022"),
        ("2021-11-01", "2022-02-28", "November 2021 to February 2022"),
        ("2022-01-01", "2022-11-14", "1 January 2022 to 14 November 2022"),
    ],
)
def test_a_span_is_as_short_as_is_exact(first, last, written):
    assert format_span(dt.date.fromisoformat(first), dt.date.fromisoformat(last), "en") == written


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ObsError, match="not before it"):
        format_span(dt.date(2022, 2, 1), dt.date(2022, 1, 1), "fr")


def test_an_interval_is_joined_on_one_line():
    assert format_interval("12,1", "12,5", "fr") == f"12,1{SPACE}à{SPACE}12,5"
    assert format_interval("12,1", "12,5", "nl") == f"12,1{SPACE}tot{SPACE}12,5"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, pd.NA])
def test_a_missing_number_is_never_written(value):
    with pytest.raises(ObsError, match="missing or infinite"):
        format_number(value, "fr")


def test_statuses_have_words_and_never_a_number():
    assert status_text("suppressed_source", "fr") == "non publié"
    assert status_text("suppressed_secondary", "nl") == "niet gepubliceerd"
    assert status_text("missing", "en") == "unknown"
    assert status_text("not_applicable", "fr") == "sans objet"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Quoi ? Non !", f"Quoi{NARROW}? Non{NARROW}!"),
        ("Quoi? Non!", f"Quoi{NARROW}? Non{NARROW}!"),
        ("Vols : 43 %", f"Vols{SPACE}: 43{SPACE}%"),
        ("« vols »", f"«{SPACE}vols{SPACE}»"),
        ("à 14:30, https://obs.example/a?b=1;c", "à 14:30, https://obs.example/a?b=1;c"),
    ],
)
def test_french_typography(text, written):
    assert typography(text, "fr") == written


def test_a_title_that_is_no_text_is_refused():
    with pytest.raises(ObsError, match="is text, not int"):
        typography(3, "fr")


def test_other_languages_have_no_spaces_before_marks():
    assert typography("What? Now: yes!", "en") == "What? Now: yes!"


@pytest.mark.parametrize(
    ("text", "lang", "written"),
    [
        ("L'essentiel d'aujourd'hui", "fr", "L’essentiel d’aujourd’hui"),
        (
            "Businesses' feeling of the firm's 'safety'",
            "en",
            "Businesses’ feeling of the firm’s 'safety'",
        ),
        ("foto's", "nl", "foto’s"),
    ],
)
def test_an_apostrophe_within_a_word_is_curved(text, lang, written):
    assert typography(text, lang) == written


@given(st.text(alphabet="abs1' :;!?«»%\u00a0\u202f./", max_size=40))
def test_typography_twice_is_typography_once(text):
    once = typography(text, "fr")
    assert typography(once, "fr") == once


@given(st.decimals(-(10**9), 10**9, places=3), st.integers(0, 3))
def test_languages_write_the_same_digits(value, decimals):
    digits = {
        re.sub(r"[^\d\u2212]", "", format_number(float(value), lang, decimals=decimals))
        for lang in LANGUAGES
    }
    assert len(digits) == 1
