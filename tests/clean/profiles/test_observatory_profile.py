"""A profile that names no territory is of its observatory: its units, its names, its time zone."""

from dataclasses import replace

import pandas as pd
import pytest

from obs.clean import clean_police, load_profile
from obs.clean.profiles.observatory_profile import place_beside, place_profile
from obs.errors import CatalogueError, CodeError, DeliveryError
from obs.reference import load_observatory

OBSERVATORY = """
name = "valley"
languages = ["fr"]
notes = ["focus"]
licence = "CC BY 4.0"
time_zone = "America/Lima"

[title]
fr = "Observatoire de la vallée"

[publisher]
fr = "Vallée"

[territory.units]
file = "units.csv"
code = "CODE"
name = "NAME"
postal = "POSTAL"

[territory.base_level]
code = "commune"

[territory.top_level]
code = "arrondissement"
fr = "arrondissement"

[territory.top]
code = "90000"
fr = "Vallée"

[territory.names]
"Le Haut" = "90001"

[[source]]
kind = "police"
profile = "facts"
files = ["facts_*.csv"]
"""
OBSERVATORY = OBSERVATORY.replace(
    'fr = "Vallée"\n\n[territory.names]', 'name.fr = "Vallée"\n\n[territory.names]'
)
PROFILE = """
name = "facts"
title = "Facts"
kind = "police"
shape = "events"
dates = ["%d/%m/%Y"]
identical = "keep"
offences = [{ offence = "11.01", phenomenon = "bicycle_theft" }]

[file]
format = "csv"
separator = ";"

[columns]
event_date = "Date"
event_hour = "Hour"
territory = "Place"
offence = "Code"
"""
UNITS = "CODE,NAME,POSTAL\n90001,Alba,7910\n90002,Borra,7911 7912\n90003,Forest,7910\n"
FACTS = """Date;Hour;Place;Code
01/01/2024;10:00;Forest;11.01
01/01/2024;10:00;7910 Forest;11.01
02/01/2024;10:00;Le Haut;11.01
02/01/2024;10:00;7912 Borra;11.01
03/01/2024;10:00;Ixelles;11.01
04/01/2024;10:00;Bora;11.01
04/01/2024;10:00;Bora;11.01
05/01/2024;10:00;x9;11.01
05/01/2024;10:00;Marie;11.01
"""


@pytest.fixture
def valley(tmp_path):
    for folder in ("profiles", "raw"):
        (tmp_path / folder).mkdir()
    (tmp_path / "observatory.toml").write_text(OBSERVATORY, encoding="utf-8")
    (tmp_path / "profiles" / "facts.toml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "raw" / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "raw" / "facts_2024.csv").write_text(FACTS, encoding="utf-8")
    return tmp_path


def test_the_units_are_those_of_the_observatory_beside_and_never_those_of_brussels(valley):
    cleaned = clean_police(
        valley / "raw" / "facts_2024.csv", profile=valley / "profiles/facts.toml"
    )
    assert cleaned.table["territory"].tolist() == ["90003", "90003", "90001", "90002"]
    assert cleaned.rejected["rule"].tolist() == ["unknown_territory"] * 5


def test_places_not_found_are_listed_with_rows_and_nearest_names_and_the_rest_counted(valley):
    cleaned = clean_police(
        valley / "raw" / "facts_2024.csv", profile=valley / "profiles/facts.toml"
    )
    listed = cleaned.unmatched.fillna("").values.tolist()
    assert listed == [
        ["Bora", 2, "'Bora' is unknown; nearest: Borra 90002"],
        ["Ixelles", 1, "'Ixelles' is unknown"],
        ["", 2, "2 texts that resemble no place"],  # x9, and a first name, which is never shown
    ]
    assert cleaned.summary()[-3:] == [
        "no unit: 'Bora' is unknown; nearest: Borra 90002 (2 rows)",
        "no unit: 'Ixelles' is unknown (1 row)",
        "no unit: 2 texts that resemble no place (2 rows)",
    ]
    assert "unmatched.csv" in [path.name for path in cleaned.write(valley / "out")]


def test_a_repeated_place_that_resembles_nothing_is_shown(valley):
    rows = pd.DataFrame({"Date": "01/01/2024", "Hour": "", "Place": ["x9"] * 3, "Code": "11.01"})
    observatory = load_observatory(valley / "observatory.toml", raw=valley / "raw")
    profile = place_profile(load_profile(valley / "profiles/facts.toml"), observatory, raw=None)
    cleaned = clean_police(rows, profile=profile)
    assert cleaned.unmatched.values.tolist() == [["x9", 3, "'x9' is unknown"]]


def test_without_the_file_of_the_units_the_delivery_is_refused(valley):
    (valley / "raw" / "units.csv").unlink()
    with pytest.raises(DeliveryError, match="is of observatory 'valley', whose units are in"):
        clean_police(valley / "raw" / "facts_2024.csv", profile=valley / "profiles/facts.toml")


def test_a_profile_that_names_a_territory_keeps_it(valley):
    named = PROFILE + '\n[territory]\nterritory = "brussels"\nlevel = "commune"\n'
    (valley / "profiles" / "facts.toml").write_text(named, encoding="utf-8")
    cleaned = clean_police(
        valley / "raw" / "facts_2024.csv", profile=valley / "profiles/facts.toml"
    )
    assert cleaned.table["territory"].tolist() == ["21007", "21009"]


def test_the_time_zone_is_that_of_the_observatory(valley):
    profile = load_profile(valley / "profiles/facts.toml")
    observatory = load_observatory(valley / "observatory.toml", raw=valley / "raw")
    assert profile.zone == "Europe/Brussels"  # of the default observatory
    assert place_profile(profile, observatory, raw=None).zone == "America/Lima"
    own = replace(profile, time_zone="UTC")
    assert place_profile(own, observatory, raw=None).zone == "UTC"
    silent = replace(observatory, time_zone="")
    assert place_profile(profile, silent, raw=None).zone == ""


def test_times_of_another_zone_come_to_that_of_the_observatory(valley):
    at = FACTS.replace("01/01/2024;10:00;Forest", "01/01/2024;02:30Z;Forest")
    (valley / "raw" / "facts_2024.csv").write_text(at, encoding="utf-8")
    cleaned = clean_police(
        valley / "raw" / "facts_2024.csv", profile=valley / "profiles/facts.toml"
    )
    first = cleaned.table.iloc[0]  # 02:30 in Greenwich is 21:30 of the day before in Lima
    assert (str(first["event_date"].date()), first["event_hour"]) == ("2023-12-31", 21)


def test_a_zone_that_nobody_tells_is_asked_for(valley):
    zoned = PROFILE.replace('separator = ";"', 'separator = ";"\ntime_zone = "UTC"')
    (valley / "profiles" / "facts.toml").write_text(zoned, encoding="utf-8")
    text = OBSERVATORY.replace('time_zone = "America/Lima"\n', "")
    (valley / "observatory.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match="the zone of the place is missing"):
        clean_police(valley / "raw" / "facts_2024.csv", profile=valley / "profiles/facts.toml")


def test_a_changed_unit_changes_what_the_delivery_is_cleaned_by(valley):
    profile = load_profile(valley / "profiles/facts.toml")
    path = valley / "observatory.toml"
    before = place_profile(profile, load_observatory(path), raw=valley / "raw")
    (valley / "raw" / "units.csv").write_text(UNITS.replace("Alba", "Alta"), encoding="utf-8")
    after = place_profile(profile, load_observatory(path), raw=valley / "raw")
    assert repr(before.territory) != repr(after.territory)


def test_names_of_no_unit_and_strange_zones_are_faults_of_the_observatory(valley):
    path = valley / "observatory.toml"
    path.write_text(OBSERVATORY.replace('"90001"', '"90009"'), encoding="utf-8")
    with pytest.raises(CodeError, match="codes of no unit: 90009"):
        load_observatory(path, raw=valley / "raw").territory()
    path.write_text(OBSERVATORY.replace("America/Lima", "America/Limma"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="'America/Limma' is no time zone"):
        load_observatory(path)


def test_a_profile_is_of_the_observatory_above_its_folder_of_profiles_alone(valley):
    """Elsewhere beside it, or as another kind of file, it is of the default territory."""
    drafts = valley / "drafts"
    drafts.mkdir()
    for place in (drafts / "facts.toml", valley / "profiles" / "facts.txt"):
        place.write_text(PROFILE, encoding="utf-8")
    raw = valley / "raw" / "facts_2024.csv"
    own = place_beside(
        load_profile(valley / "profiles/facts.toml"), valley / "profiles/facts.toml", raw
    )
    assert own.territory.place.name == "valley"
    loaded = load_profile(drafts / "facts.toml")
    assert place_beside(loaded, drafts / "facts.toml", raw).territory.place.name == "brussels"
    assert (
        place_beside(loaded, valley / "profiles" / "facts.txt", raw).territory.place.name
        == "brussels"
    )
    (valley / "observatory.toml").unlink()
    path = valley / "profiles" / "facts.toml"
    assert place_beside(loaded, path, raw).territory.place.name == "brussels"
