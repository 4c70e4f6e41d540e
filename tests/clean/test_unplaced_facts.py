"""Deliveries of facts whose place is not known: kept at the level that is, by declaration."""

import pandas as pd
import pytest

from obs.clean import clean_police, load_profile

PROFILE = """
name = "facts"
title = "Facts"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d"]
identical = "keep"
offences = [{ offence = "V", phenomenon = "theft_other" }]

[territory]
territory = "brussels"
LEVEL

[unknown]
territory = ["Inconnu", "Onbekend", ""]

[columns]
event_date = "date"
territory = "place"
offence = "code"
"""


@pytest.fixture
def clean(tmp_path):
    def run(places, *, level='level = "commune"', text=PROFILE, dates="2024-01-05"):
        path = tmp_path / "facts.toml"
        path.write_text(text.replace("LEVEL", level), encoding="utf-8")
        rows = pd.DataFrame({"date": dates, "place": places, "code": "V"})
        return clean_police(rows, profile=load_profile(path))

    return run


def test_what_means_not_known_is_known_to_be_in_the_whole(clean):
    cleaned = clean(["Ixelles", "inconnu", "ONBEKEND", None, ""])
    assert cleaned.table["territory"].tolist() == ["21009", "04000", "04000", "04000", "04000"]
    assert "remarked as unplaced: 4" in cleaned.summary()


def test_a_zone_says_that_its_facts_are_in_it(clean):
    cleaned = clean(["Ixelles", "Inconnu"], level='level = "commune"\nunplaced = "5339"')
    assert cleaned.table["territory"].tolist() == ["21009", "5339"]


def test_without_a_declaration_a_fact_without_a_place_is_rejected(clean):
    text = PROFILE.replace('[unknown]\nterritory = ["Inconnu", "Onbekend", ""]\n', "")
    cleaned = clean(["Ixelles", "Inconnu", None], text=text)
    assert cleaned.rejected["rule"].tolist() == ["unknown_territory", "missing_key"]


def test_a_name_that_is_misspelt_is_not_unknown(clean):
    cleaned = clean(["Ixeles", "Inconnu"])
    assert cleaned.table["territory"].tolist() == ["04000"]
    assert cleaned.rejected["rule"].tolist() == ["unknown_territory"]


def test_without_a_level_the_name_of_a_zone_or_the_region_is_the_level_known(clean):
    cleaned = clean(["Marlow", "Région de Bruxelles-Capitale", "Bruxelles"], level="")
    assert cleaned.table["territory"].tolist() == ["5342", "04000"]
    assert cleaned.rejected["rule"].tolist() == ["ambiguous_territory"]  # never guessed
    assert "remarked as unplaced: 2" in cleaned.summary()


def test_codes_of_a_pattern_need_the_code_of_the_whole(clean):
    pattern = "match = \"pattern\"\npattern = '21\\d{3}'"
    text = PROFILE.replace('territory = "brussels"\n', "")
    rejected = clean(["21009", "Inconnu"], level=pattern, text=text).rejected
    assert rejected["rule"].tolist() == ["missing_key"]
    told = clean(["21009", "Inconnu"], level=pattern + '\nunplaced = "04000"', text=text)
    assert told.table["territory"].tolist() == ["21009", "04000"]


def test_unplaced_facts_are_no_silent_place(clean):
    days = pd.date_range("2023-01-01", "2023-12-31").strftime("%Y-%m-%d").tolist()
    places = ["Ixelles"] * 365 + ["Uccle"] * 365 + ["Inconnu"] * 60  # until March alone
    cleaned = clean(places, dates=[*days, *days, *days[:60]])
    assert cleaned.table["territory"].value_counts()["04000"] == 60
    assert "silent_place" not in set(cleaned.flagged["rule"])
