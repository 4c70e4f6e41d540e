"""Codes whose meaning changes at a date are read by the day of the row."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from obs import clean_police, clean_prosecutor
from obs.clean import load_profile
from obs.clean.profiles.code_vintages import CodeVintage
from obs.errors import CatalogueError

PROFILE = """
name = "vintages"
title = "Codes that changed"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d", "%Y-%m"]
identical = "keep"
other = "theft_other"
[territory]
level = "commune"
[columns]
event_date = "day"
territory = "place"
offence = "what"
relation = "link"
[codes.relation]
P = "couple"
N = "none"
"""
DATED = """
[[dated_codes]]
column = "relation"
code = "Lien 2"
means = "couple"
until = 2022-05-31
[[dated_codes]]
column = "relation"
code = "Lien 2"
means = "family"
from = 2022-06-01
until = 2024-12-31
"""


@pytest.fixture
def load(tmp_path):
    def loaded(text):
        path = tmp_path / "vintages.toml"
        path.write_text(text)
        return load_profile(path)

    return loaded


def relations(profile, *rows):
    given = pd.DataFrame(rows, columns=["day", "link"]).assign(place="21004", what="VOL")
    made = clean_police(given, profile=profile)
    said = made.flagged[made.flagged["rule"] == "code_out_of_validity"]
    return made.table["relation"].fillna("-").tolist(), said


def test_a_code_that_changed_is_read_by_the_day_of_the_fact(load):
    told, said = relations(
        load(PROFILE + DATED),
        ("2022-05-31", "Lien 2"),
        ("2022-06-01", "LIEN  2"),
        ("2024-12-31", "lien 2"),
        ("2023-01-01", "P"),
        ("2023-01-02", ""),
    )
    assert told == ["couple", "family", "family", "couple", "-"]
    assert said.empty


def test_a_code_outside_its_days_is_not_told_and_said_with_its_place(load):
    told, said = relations(
        load(PROFILE + DATED), ("2022-01-01", "Lien 2"), ("2025-01-01", "Lien 2")
    )
    assert told == ["couple", "-"]
    assert said["column"].tolist() == ["link"]
    assert said["message"].tolist() == [
        "the code has no meaning on the days of this row (`from`, `until` of `dated_codes`)"
    ]


def test_a_strict_column_rejects_the_row(load):
    strict = PROFILE.replace('identical = "keep"', 'identical = "keep"\nstrict = ["relation"]')
    given = pd.DataFrame({"day": ["2025-01-01"], "link": "Lien 2", "place": "21004", "what": "VOL"})
    made = clean_police(given, profile=load(strict + DATED))
    assert made.rejected["rule"].tolist() == ["code_out_of_validity"]


def test_a_month_that_the_change_parts_tells_no_meaning(load):
    later = DATED.replace("2022-05-31", "2022-06-14").replace("2022-06-01", "2022-06-15")
    told, said = relations(load(PROFILE + later), ("2022-06", "Lien 2"), ("2022-05", "Lien 2"))
    assert told == ["-", "couple"]
    assert len(said) == 1


def test_a_decision_is_read_by_its_own_day():
    profile = load_profile("obs_sample_prosecutor")
    codes = {column: dict(map_) for column, map_ in profile.codes.items()}
    code = next(text for text, ours in codes["decision"].items() if ours == "technical")
    del codes["decision"][code]
    dated = (
        CodeVintage("decision", code, "technical", until=date(2020, 12, 31)),
        CodeVintage("decision", code, "expediency", from_=date(2021, 1, 1)),
    )
    own = replace(profile, codes=codes, dated_codes=dated)
    cases = pd.DataFrame(
        {
            "NOTICE": ["FR-2020/000001", "FR-2020/000002"],
            "SECTION": "FR",
            "DATE_ENTREE": "04/01/2020",
            "PREVENTION": "COUPS",
            "CONTEXTE": "VIF-C",
            "NUM_PV": "",
            "COMMUNE": "Ixelles",
            "NOTICE_MERE": "",
            "MODE_CLOTURE": code,
            "DATE_CLOTURE": ["01/06/2020", "01/06/2021"],
            "NOTICE_SUIVANTE": "",
            "PREMIERE_CLOTURE": "",
            "DATE_REOUVERTURE": "",
            "DATE_EXTRACTION": "31/01/2022",
        }
    )
    assert clean_prosecutor(cases, profile=own).table["decision"].tolist() == [
        "technical",
        "expediency",
    ]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ('code = "A"\nmeans = "couple"', "dated_codes.0: needs `from` or `until`"),
        (
            'code = "p"\nmeans = "family"\nfrom = 2022-01-01',
            "'p' is in codes.relation too, without days",
        ),
        ('code = "A"\nmeans = "wife"\nfrom = 2022-01-01', "dated_codes.0.means: 'wife'"),
        (
            'code = "A"\nmeans = "couple"\nfrom = 2022-01-01\nuntil = 2021-01-01',
            "dated_codes.0.until: the last day is before the first",
        ),
        (
            'code = "A"\nmeans = "couple"\nuntil = 2022-01-01\n[[dated_codes]]\ncolumn = "relation"\n'
            'code = "a"\nmeans = "family"\nfrom = 2022-01-01',
            "dated_codes.1: 'a' means two things on one day",
        ),
    ],
)
def test_faulty_entries_are_refused(load, entry, fault):
    with pytest.raises(CatalogueError, match=fault):
        load(PROFILE + '[[dated_codes]]\ncolumn = "relation"\n' + entry)


def test_a_column_without_a_map_is_refused(load):
    entry = (
        '[[dated_codes]]\ncolumn = "victim_sex"\ncode = "A"\nmeans = "female"\nfrom = 2022-01-01'
    )
    with pytest.raises(CatalogueError, match="'victim_sex' has no map in `codes`"):
        load(PROFILE + entry)
