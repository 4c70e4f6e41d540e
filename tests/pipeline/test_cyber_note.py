"""The note on violence online: the published totals, a stricter rule for minors, one place."""

import json

import pandas as pd
import pytest

import obs
from obs.catalogue import get_indicator
from obs.clean import clean_services
from obs.indicators import compute
from obs.report import load_note
from obs.sample.services_files import services_files

LANGS = ("fr", "nl", "en")


@pytest.fixture(scope="module")
def activities(tmp_path_factory):
    folder = tmp_path_factory.mktemp("services")
    paths = []
    for file in services_files(range(2019, 2023), seed=1, scale=1.0):
        paths.append(folder / file.path.rpartition("/")[2])
        paths[-1].write_bytes(file.payload)
    return clean_services(paths, profile="obs_sample_services")


def test_the_published_totals_come_out_of_the_cleaned_deliveries(activities):
    assert len(activities.rejected) == 0
    sources = {"services": activities.table}
    told = {
        name: compute(name, sources).set_index("period")["numerator"].to_dict()
        for name in ("minors_exploitation", "cyber_referrals", "cyber_procedure_share")
    }
    year = {y: pd.Period(str(y), "Y") for y in range(2019, 2023)}
    minors = told["minors_exploitation"]
    assert (minors[year[2020]], minors[year[2021]]) == (1657, 1725)
    assert minors[year[2021]] / minors[year[2020]] - 1 == pytest.approx(0.041, abs=5e-4)
    assert told["cyber_referrals"][year[2022]] == 1144
    assert told["cyber_procedure_share"][year[2022]] == 381


def test_few_cases_of_minors_are_withheld_where_others_of_that_number_are_not():
    rows = pd.DataFrame(
        {
            "ANNEE": "2022",
            "NIVEAU": "region",
            "TERRITOIRE": "04000",
            "ACTIVITE": ["minors_exploitation", "cyber_harassment"],
            "PARTIE": "",
            "UNITE": "affaires",
            "PRESTATAIRE": "Parquet",
            "MESURE": "",
            "NOMBRE": "7",
        }
    )
    table = clean_services(rows, profile="obs_sample_services").table
    made = {
        i: compute(i, {"services": table})
        for i in ("minors_exploitation", "cyber_harassment_cases")
    }
    released = obs.release(made)
    assert get_indicator("minors_exploitation").disclosure == "sensitive"
    status = {name: released[name].table["status"].tolist() for name in made}
    assert status == {
        "minors_exploitation": ["suppressed_primary"],
        "cyber_harassment_cases": ["ok"],
    }


def test_totals_of_a_country_are_none_of_the_region(activities):
    """Belgium's youth prosecutors and a French platform: the Region has no row of them at all."""
    sources = {"services": activities.table}
    places = {
        name: compute(name, sources)[["territory", "level"]].drop_duplicates().values.tolist()
        for name in ("minors_exploitation", "cyber_procedure_share", "cyber_calls")
    }
    assert places == {
        "minors_exploitation": [["BE", "country"]],
        "cyber_procedure_share": [["FR", "country"]],
        "cyber_calls": [["04000", "region"]],
    }
    released = obs.release({"n.years": compute("minors_exploitation", sources)})
    titles = [obs.show_table(released, lang=lang).title.split(", ")[1] for lang in LANGS]
    assert titles == ["Belgique", "België", "Belgium"]


def test_a_country_and_the_region_do_not_add_up(activities):
    """A number of the Region beside that of its country: no sum ties one to the other."""
    table = activities.table
    own = table[table["activity"] == "minors_exploitation"]
    both = pd.concat([table, own.assign(territory="04000", numerator=3)], ignore_index=True)
    made = compute("minors_exploitation", {"services": both})
    found = made.set_index(["territory", "period"])["numerator"]
    year = pd.Period("2021", "Y")
    assert (found["BE", year], found["04000", year]) == (1725, 3)
    shown = obs.release(made).table.set_index(["territory", "period"])["status"]
    assert (shown["BE", year], shown["04000", year]) == ("ok", "suppressed_primary")


def test_a_fact_recorded_by_the_police_is_never_placed_in_a_country(root):
    """Only a profile that names a country reads it; that of the police does not."""
    assert pd.isna(obs.match_territory(["BE"]).iloc[0])
    assert pd.isna(obs.match_territory(["Belgique"]).iloc[0])


def test_every_table_of_the_note_is_of_the_whole_territory_or_of_a_country(root):
    note = load_note(root / "notebooks" / "focus_cyber.ipynb", languages=LANGS)
    assert {table.levels for table in note.tables} == {("top", "beyond")}
    assert set(note.measures) >= {"1.7", "4.6"}


def test_the_note_says_the_same_numbers_in_every_language(sample_edition):
    manifest = sample_edition.built.folder / "manifest.json"
    versions = json.loads(manifest.read_text(encoding="utf-8"))["notes"]["focus_cyber"]
    said = [
        [(n["filter"], n["value"], n["key"]) for n in versions[lang]["numbers"]] for lang in LANGS
    ]
    assert said[0] == said[1] == said[2]
    assert len(said[0]) > 12
