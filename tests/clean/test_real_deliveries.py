"""Real files, read in place: exact accounts, and figures against independent readings."""

import pandas as pd
import pytest

from obs.clean import clean_police
from obs.schemas import COUNTS, EVENTS, check_table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def communes(shared):
    path = shared / "data/fr_ssmsi/communes_76_2016_2023.parquet"
    return clean_police(path, profile="ssmsi_communes"), pd.read_parquet(path)


@pytest.fixture(scope="module")
def chicago(shared):
    path = shared / "data/incidents/chicago_2022_slim.csv.gz"
    return clean_police(path, profile="chicago_incidents"), pd.read_csv(path)


def account(cleaned):
    return cleaned.report.iloc[0][["read", "kept", "merged", "rejected"]].tolist()


def test_ssmsi_communes_keep_what_is_withheld_withheld(communes):
    cleaned, raw = communes
    table = check_table(cleaned.table, COUNTS)
    assert account(cleaned) == [79_296, 79_296, 0, 0]
    withheld = table["status"] == "suppressed_source"
    assert withheld.sum() == raw["faits"].isna().sum() == 39_064
    assert table.loc[withheld, "numerator"].isna().all()
    assert (table["status"] == "zero").sum() == (raw["faits"] == 0).sum()
    assert table["numerator"].sum() == raw["faits"].sum()
    assert table["territory"].nunique() == 708
    assert table["period"].min() == pd.Period("2016")
    assert table["period"].max() == pd.Period("2023")


def test_ssmsi_communes_class_by_class(communes):
    cleaned, raw = communes
    counts = cleaned.table.groupby("phenomenon")["numerator"].sum()
    known = raw.groupby("classe")["faits"].sum()
    pairs = {
        "burglary_dwelling": "Cambriolages de logement",
        "assault_family": "Coups et blessures volontaires intrafamiliaux",
        "vehicle_theft": "Vols de véhicules",
        "drugs_use": "Usage de stupéfiants",
    }
    assert {p: counts[p] for p in pairs} == {p: known[c] for p, c in pairs.items()}
    family = cleaned.table[cleaned.table["phenomenon"] == "assault_family"]
    assert family[["form", "relation"]].drop_duplicates().to_numpy().tolist() == [
        ["physical", "family"]
    ]


def test_ssmsi_departements_give_the_published_rates(shared):
    path = next((shared / "data/fr_ssmsi").glob("donnee-dep-*.csv"))
    cleaned = clean_police(path, profile="ssmsi_departements")
    assert account(cleaned) == [8_484, 8_484, 0, 0]
    assert cleaned.report["extracted"].tolist() == [pd.Timestamp("2023-02-09")]
    raw = pd.read_csv(path, sep=";", decimal=",", dtype={"Code.département": "str"})
    table = cleaned.table
    by = table["phenomenon"].eq("burglary_dwelling")
    exposure = table["population"].where(~by, table["dwellings"])
    rates = table["numerator"].astype("float64") / exposure.astype("float64") * 1000
    assert (rates - raw["tauxpourmille"]).abs().max() < 1e-6
    assert {*table["unit"]} == {"victim", "fact", "victim_heard", "vehicle"}


def test_brussels_zones_give_the_published_burglary_rates(shared):
    path = shared / "data/be_police/zp_crimetype_updated.csv"
    cleaned = clean_police(path, profile="brussels_zones")
    assert account(cleaned) == [198, 198, 0, 0]  # 18 rows of 11 counts
    table = cleaned.table.set_index(["phenomenon", "territory", "period"])["numerator"]
    population = {  # 1 January 2014, the communes of each zone (domain/reference.md)
        "5339": 170407 + 83316,
        "5340": 23690 + 23836 + 50237 + 21317 + 94854,
        "5341": 115178 + 54524 + 50460,
        "5342": 32560 + 81089 + 24408,
        "5343": 46427 + 53318 + 40841,
        "5344": 37957 + 27447 + 131604,
    }
    published = {
        "5339": 8.978, "5340": 7.549, "5341": 6.931, "5342": 10.901, "5343": 7.860, "5344": 6.081,
    }  # fmt: skip
    year = pd.Period("2014")
    rates = {
        z: round(table["burglary_dwelling", z, year] / n * 1000, 3) for z, n in population.items()
    }
    assert rates == published


def test_brussels_blanks_stay_unknown(shared):
    path = shared / "data/be_police/zp_crimetype_updated.csv"
    table = clean_police(path, profile="brussels_zones").table
    blank = table[table["status"] == "missing"]
    assert blank["numerator"].isna().all()
    assert len(blank) == 5  # cyber_crime in 2000, five zones
    assert {*blank["phenomenon"]} == {"cyber"}
    assert not (table["numerator"] == 0).any()


def test_chicago_keeps_identical_rows_as_two_facts(chicago):
    cleaned, raw = chicago
    table = check_table(cleaned.table, EVENTS)
    assert account(cleaned) == [215_551, 215_551, 0, 0]
    assert cleaned.report["identical"].tolist() == [443] == [int(raw.duplicated().sum())]
    assert cleaned.summary()[1] == "identical rows within a file 443"
    assert table["event_id"].is_unique


def test_chicago_days_areas_and_family(chicago):
    cleaned, raw = chicago
    table = cleaned.table
    dates = pd.to_datetime(raw["Date"])
    assert (table["event_date"].to_numpy() == dates.dt.normalize().to_numpy()).all()
    assert (table["event_hour"].to_numpy(dtype="int64") == dates.dt.hour.to_numpy()).all()
    assert (table["territory"] == raw["Community Area"].astype("str")).all()
    assert ((table["relation"] == "family") == raw["Domestic"]).all()
    report = cleaned.report.iloc[0]
    assert report["covered_from"] == pd.Timestamp("2022-01-01")
    assert report["covered_to"] == pd.Timestamp("2022-11-30")
    by_type = raw["Primary Type"].value_counts()
    assert (table["phenomenon"] == "assault").sum() == by_type["BATTERY"]
    assert (table["phenomenon"] == "vehicle_theft").sum() == by_type["MOTOR VEHICLE THEFT"]


def test_the_same_rows_in_a_second_file_are_the_same_facts(shared, tmp_path):
    whole = pd.read_csv(shared / "data/incidents/chicago_2022_slim.csv.gz", dtype="str")
    twins = whole[whole.duplicated(keep=False)]
    single = whole.drop_duplicates().head(100)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    pd.concat([twins, single]).to_csv(first, index=False)
    pd.concat([single, twins]).to_csv(second, index=False)
    cleaned = clean_police([first, second], profile="chicago_incidents")
    assert cleaned.report["kept"].sum() == len(twins) + len(single)
    assert cleaned.report["merged"].sum() == len(twins) + len(single)
