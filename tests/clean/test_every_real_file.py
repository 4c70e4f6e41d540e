"""Every real table at hand: rows and totals against a plain reading by pandas."""

import gzip
import io
import json

import pandas as pd
import pytest

from obs.clean import clean_police
from obs.clean.read.file_checks import open_deliveries
from obs.clean.read.text_table import read_delivery
from obs.errors import DeliveryError
from tests.clean.profile_texts import FACTS, profile

pytestmark = pytest.mark.slow

# separator and encoding of each text file, as its publisher wrote it
FILES = {
    "be_boundaries/REFNIS_2019.csv": (";", "latin-1"),
    "be_police/zp_crimetype_updated.csv": (";", "utf-8-sig"),
    "be_police/statbel_road_accidents_brussels_2020_2022.json": ("", ""),
    "be_population/TF_SOC_POP_STRUCT_2015_brussels_raw.txt.gz": ("|", "utf-8-sig"),
    "be_population/ibsa_communes_2012_2022.csv": (";", "utf-8-sig"),
    "be_population/municipalities_2018.csv": (",", "utf-8-sig"),
    "be_population/statbel_2020_bevolking_per_gemeente.csv": (",", "utf-8-sig"),
    "be_population/statbel_commune_sex_age5_2009_2015.csv.gz": (",", "utf-8-sig"),
    "be_population/statbel_sectors_2025.csv": (";", "utf-8-sig"),
    "covid/mexico_city_daily_crime_2017_2020.csv": (",", "utf-8-sig"),
    "covid/stringency_long_9_countries.csv": (",", "utf-8-sig"),
    "fr_ssmsi/communes_76_2016_2023.parquet": ("", ""),
    "fr_ssmsi/donnee-dep-data.gouv-2022-geographie2022-produit-le2023-02-09.csv": (
        ";",
        "utf-8-sig",
    ),
    "fr_ssmsi/etat4001/faits2002.csv": (";", "latin-1"),
    "fr_ssmsi/etat4001/faits2003.csv": (";", "latin-1"),
    "fr_ssmsi/etat4001/faits2008.csv": (";", "latin-1"),
    "fr_ssmsi/series_chronologiques_2022M05_brute.csv": (",", "utf-8-sig"),
    "fr_ssmsi/series_chronologiques_2024M01_long.csv.gz": (",", "utf-8-sig"),
    "helpline/linea144-2020.csv": (",", "utf-8-sig"),
    "helpline/linea144-2021.csv": (",", "utf-8-sig"),
    "incidents/chicago_2022_slim.csv.gz": (",", "utf-8-sig"),
    "incidents/mpjashby/chicago_aggravated_assaults.csv.gz": (",", "utf-8-sig"),
    "incidents/mpjashby/northumbria_asb.tab": ("\t", "utf-8-sig"),
    "prosecution/cook_county_intake_2011_2017.csv.gz": (",", "utf-8-sig"),
    "prosecution/peru_mpfn_lambayeque_2019_2023.csv": (";", "utf-8-sig"),
    "survey/apistrat.csv": (",", "utf-8-sig"),
    "survey/apiclus1.csv": (",", "utf-8-sig"),
    "survey/ncvs_2021_household.csv.gz": (",", "utf-8-sig"),
}
READER = """
name = "reader"
title = "Reads, and binds no column"
kind = "survey"
shape = "interviews"
questionnaire = "apistrat"
[file]
separator = "{separator}"
encodings = ["{encoding}"]
"""


def plainly(path, separator, encoding):
    """Read a table as one would in a notebook, every cell as text."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".json":
        return pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = io.StringIO(content.decode(encoding))
    return pd.read_csv(text, sep=separator, dtype="str", keep_default_na=False)


def total(texts):
    return pd.to_numeric(texts, errors="coerce").astype("float64").sum()


def test_no_table_at_hand_is_left_out(shared):
    folder = shared / "data"
    kinds = (".csv", ".gz", ".tab", ".parquet", ".json", ".txt")
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.suffix in kinds}
    assert found == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_rows_and_totals_are_those_of_a_plain_reading(shared, name):
    separator, encoding = FILES[name]
    raw = plainly(shared / "data" / name, separator, encoding)
    raw = raw.astype("object").where(raw.notna(), "").astype("str")
    raw = raw[~(raw == "").all(axis=1)]
    own = profile(
        READER.format(
            separator=separator.replace("\t", "\\t") or ",", encoding=encoding or "utf-8-sig"
        )
    )
    read = read_delivery(open_deliveries([shared / "data" / name])[0], own)
    assert read.read == len(raw)
    assert not read.faults
    for column, texts in zip(read.columns, (raw[c] for c in raw.columns), strict=True):
        found = column.to_series()
        assert found.notna().sum() == (texts != "").sum()
        assert total(found) == pytest.approx(total(texts), rel=1e-12)


ETAT = """
name = "etat4001"
title = "Facts by class and departement"
kind = "police"
shape = "wide_counts"
wide_pattern = '\\d{1,2}|2[AB]'
wide_names = "territory"
period = "%Y"
other = "other"
summed = ["Faits"]
[file]
separator = ";"
encodings = ["latin-1"]
[territory]
match = "pattern"
pattern = '\\d{1,2}|2[AB]'
[columns]
offence = "Faits"
[constants]
unit = "fact"
[named]
period = { of = "file", pattern = '(\\d{4})' }
"""


@pytest.mark.parametrize("year", [2002, 2003, 2008])
def test_facts_by_departement_add_up_to_the_columns_of_the_ministry(shared, year):
    path = shared / f"data/fr_ssmsi/etat4001/faits{year}.csv"
    raw = pd.read_csv(path, sep=";", encoding="latin-1", dtype="str", index_col=0)
    number = raw.map(lambda text: int(text.replace("\xa0", "").replace(" ", "")))
    cleaned = clean_police(path, profile=profile(ETAT))
    found = cleaned.table.set_index("territory")["numerator"]
    assert found.astype("int64").to_dict() == number.sum().to_dict()
    assert cleaned.report[["sum_read", "sum_kept"]].iloc[0].tolist() == [number.sum().sum()] * 2
    silent = ETAT.replace('summed = ["Faits"]', "")
    with pytest.raises(DeliveryError, match="differ in column 'Faits'"):
        clean_police(path, profile=profile(silent))


PERSONS = """
name = "persons"
title = "Persons by commune, sex and age"
kind = "police"
shape = "counts"
period = "%Y"
other = "other"
{more}
[file]
separator = ","
[territory]
match = "pattern"
pattern = '\\d{5}'
[columns]
territory = "CD_MUNTY_REFNIS"
period = "CD_YEAR"
numerator = "MS_POPULATION"
victim_sex = "CD_SEX"
[constants]
unit = "person"
offence = "persons"
[codes.victim_sex]
F = "female"
M = "male"
"""


def test_no_person_of_the_population_is_lost(shared):
    path = shared / "data/be_population/statbel_commune_sex_age5_2009_2015.csv.gz"
    raw = pd.read_csv(path, dtype={"CD_MUNTY_REFNIS": "str"})
    with pytest.raises(DeliveryError, match="differ in column 'AGE5'"):
        clean_police(path, profile=profile(PERSONS))
    cleaned = clean_police(path, profile=profile(PERSONS, more='summed = ["AGE5"]'))
    table = cleaned.table
    brussels = table["territory"].str.startswith("21")
    by_year = table[brussels].groupby(table["period"].dt.year)["numerator"].sum()
    assert by_year.loc[[2009, 2012, 2015]].tolist() == [1_068_532, 1_138_854, 1_175_173]
    assert int(table["numerator"].sum()) == int(raw["MS_POPULATION"].sum())
    assert len(table) == len(raw.groupby(["CD_YEAR", "CD_MUNTY_REFNIS", "CD_SEX"]))


def test_exact_places_of_accidents_do_not_come_in(shared):
    path = shared / "data/be_police/statbel_road_accidents_brussels_2020_2022.json"
    accidents = FACTS.replace('event_id = "ID"\n', "").replace('"%d/%m/%Y"', '"%Y"')
    changed = {
        '"Date"': '"DT_YEAR_COLLISION"', '"Commune"': '"TX_MUNTY_COLLISION_FR"',
        '"Fait"': '"TX_CLASS_ACCIDENTS_FR"', '"VOL.*"': '".*"', '"theft_other"': '"traffic"',
    }  # fmt: skip
    with pytest.raises(DeliveryError, match="column 'MS_X_COORD' by its name.*'MS_Y_COORD'"):
        clean_police(path, profile=profile(accidents, more='identical = "keep"', **changed))
    allowed = 'identical = "keep"\nallow = ["MS_X_COORD", "MS_Y_COORD"]'
    cleaned = clean_police(path, profile=profile(accidents, more=allowed, **changed))
    raw = pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    assert len(cleaned.table) == len(raw) == 3_912
    assert (
        cleaned.table["territory"].value_counts().max()
        == raw["TX_MUNTY_COLLISION_FR"].value_counts().max()
    )
    assert cleaned.table["date_precision"].eq("year").all()
