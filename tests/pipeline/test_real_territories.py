"""The territories of `examples/`: their declarations hold, and a table of each is that of its file.

A slice of each real file goes through cleaning and one indicator; plain sums of the same slice are
held against it.
"""

import shutil

import geopandas as gpd
import pandas as pd
import pytest

from obs.catalogue import own_catalogue
from obs.clean import clean_police, clean_prosecutor
from obs.indicators import compute
from obs.pipeline.deliveries import find_deliveries, profile_of_source
from obs.reference import load_observatory
from obs.report.note.declaration import load_note

OWN = ("cook_county", "lambayeque", "mexico_city", "northumbria")
CLEAN = {"police": clean_police, "prosecutor": clean_prosecutor}
EXAMPLES = (*OWN, "chicago", "seine_maritime")


def observatory_of(root, name, raw=None):
    return load_observatory(root / "examples" / name / "observatory.toml", raw=raw)


def computed(root, raw, name, kind, *indicators, **options):
    """Clean the files of a source that are in a raw folder, and compute indicators."""
    observatory = observatory_of(root, name, raw)
    source = next(one for one in observatory.sources if one.kind == kind)
    profile = profile_of_source(observatory, source, raw)
    cleaned = CLEAN[kind](find_deliveries(source, raw), profile=profile)
    with own_catalogue(observatory.catalogue_dir):
        made = [
            compute(one, {kind: cleaned.table}, territory=observatory.territory(), **options)
            for one in indicators
        ]
    return made[0] if len(made) == 1 else made


def numbers(table, *keys):
    known = table.assign(period=table["period"].astype("str")).dropna(subset="numerator")
    return known.set_index(list(keys))["numerator"].astype("int64").to_dict()


@pytest.mark.parametrize("name", OWN)
def test_notes_and_indicators_are_written_in_the_languages_of_the_observatory(root, name):
    observatory = observatory_of(root, name)
    with own_catalogue(observatory.catalogue_dir) as own:
        assert own
        for note in observatory.notes:
            path = observatory.path.parent / "notebooks" / f"{note}.ipynb"
            assert load_note(path, languages=observatory.languages).title.keys() == {"en", "fr"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_file_that_an_example_names_is_there(root, shared, name):
    observatory = observatory_of(root, name, shared / "data")
    assert observatory.territory().top
    for source in observatory.sources:
        assert profile_of_source(observatory, source, shared / "data").kind == source.kind
        assert find_deliveries(source, shared / "data")


def test_districts_of_northumbria_hold_the_incidents_that_lie_in_them(root, shared, tmp_path):
    rows = pd.read_csv(shared / "data/incidents/mpjashby/northumbria_asb.tab", sep="\t")
    rows = rows.iloc[::40]
    folder = tmp_path / "incidents/mpjashby"
    folder.mkdir(parents=True)
    districts = folder / "northumbria_districts.geojson"
    districts.symlink_to(shared / "data/incidents/mpjashby/northumbria_districts.geojson")
    rows.to_csv(folder / "northumbria_asb.tab", sep="\t", index=False)
    found = computed(root, tmp_path, "northumbria", "police", "antisocial_behaviour")
    points = gpd.points_from_xy(rows["longitude"], rows["latitude"])
    joined = gpd.GeoDataFrame(geometry=points, crs="EPSG:4326").sjoin(gpd.read_file(districts))
    plain = joined["objectid"].value_counts().to_dict()
    assert len(plain) == 6
    assert numbers(found[found["level"] == "district"], "territory") == plain


def test_domestic_violence_of_mexico_city_by_month(root, shared, tmp_path):
    (tmp_path / "covid").mkdir()
    name = "covid/mexico_city_daily_crime_2017_2020.csv"
    shutil.copyfile(shared / "data" / name, tmp_path / name)
    found = computed(root, tmp_path, "mexico_city", "police", "domestic_violence", period="month")
    rows = pd.read_csv(shared / "data" / name)
    plain = rows.groupby(rows["fecha"].str[:7])["domestic_violence"].sum().to_dict()
    assert numbers(found, "period") == plain
    assert plain["2020-02"] // 29 == 86  # as the README of the data says
    assert plain["2020-05"] // 31 == 42
    assert set(found["status"]) == {"ok"}


def test_felony_cases_of_cook_county_by_year_and_charges_approved(root, shared, tmp_path):
    (tmp_path / "prosecution").mkdir()
    name = "prosecution/cook_county_intake_2011_2017.csv.gz"
    rows = pd.read_csv(shared / "data" / name, dtype="str", keep_default_na=False).iloc[::150]
    rows.to_csv(tmp_path / name, index=False)
    cases, approved = computed(
        root, tmp_path, "cook_county", "prosecutor", "felony_cases", "charges_approved",
        coverage=("2011-01-01", "2017-12-31"),
    )  # fmt: skip
    assert numbers(cases, "period") == rows["year"].value_counts().to_dict()
    told = rows[rows["result"] != ""].groupby("year")["result"]
    assert numbers(approved, "period") == told.apply(lambda r: (r == "1").sum()).to_dict()
    whole = approved.set_index(approved["period"].astype("str"))["denominator"]
    assert whole.astype("int64").to_dict() == told.size().to_dict()


def test_complaints_of_lambayeque_by_year(root, shared, tmp_path):
    (tmp_path / "prosecution").mkdir()
    name = "prosecution/peru_mpfn_lambayeque_2019_2023.csv"
    shutil.copyfile(shared / "data" / name, tmp_path / name)
    violence, every = computed(
        root, tmp_path, "lambayeque", "prosecutor", "family_violence", "complaints",
        coverage=("2019-01-01", "2023-12-31"),
    )  # fmt: skip
    rows = pd.read_csv(shared / "data" / name, sep=";", dtype={"anio_denuncia": "str"})
    rows = rows.drop_duplicates()  # the profile counts identical rows once
    plain = rows.groupby("anio_denuncia")["cantidad"].sum().to_dict()
    assert numbers(every, "period") == plain
    assert plain["2023"] == 89_678
    family = rows[rows["articulo"] == "122-B"].groupby("anio_denuncia")["cantidad"].sum()
    assert numbers(violence, "period") == family.to_dict()
