"""Prosecutor's files, real and synthetic: exact accounts and published figures."""

import json

import pandas as pd
import pytest

from obs.clean import clean_prosecutor
from obs.indicators.count.cases.case_flows import stock_flow
from obs.sample import sample

pytestmark = pytest.mark.slow

RULES = {
    "unknown_commune": "unknown_territory",
    "closed_before_entry": "closed_before_entry",
    "unknown_decision": "unknown_code",
    "markup": "markup",
}


def account(cleaned):
    return cleaned.report[["read", "kept", "merged", "rejected"]].sum().tolist()


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    sample(folder, years=[2020, 2021], scale=0.1)
    manifest = json.loads((folder / "sample_manifest.json").read_text(encoding="utf-8"))["files"]
    paths = sorted((folder / "prosecutor").glob("*.csv"))
    files = [manifest[f"prosecutor/{path.name}"] for path in paths]
    return clean_prosecutor(paths, profile="obs_sample_prosecutor"), files


@pytest.fixture(scope="module")
def whole_year(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    sample(folder, years=[2021], scale=1.0)
    path = next((folder / "prosecutor").glob("*.csv"))
    return clean_prosecutor(path, profile="obs_sample_prosecutor").table


def test_every_planted_fault_is_found_by_its_rule(delivered):
    cleaned, files = delivered
    assert cleaned.report["read"].tolist() == [f["rows"] for f in files]
    planted = {r: sum(f["kinds"][k] for f in files) for k, r in RULES.items()}
    assert cleaned.rejected["rule"].value_counts().to_dict() == planted


def test_stocks_and_flows_are_the_true_ones(delivered):
    cleaned, files = delivered
    flow = stock_flow(cleaned.table, years=[2020, 2021]).set_index(["period", "section"])
    assert (flow["gap"] == 0).all()
    for year, file in zip((2020, 2021), files, strict=True):
        truth = {**file["truth"]["flow_by_section"], "all": file["truth"]["flow"]}
        for section, told in truth.items():
            found = flow.loc[(pd.Period(str(year)), section)]
            assert {k: int(found[k]) for k in told} == told


def test_the_published_figures_of_2021_come_out(whole_year):
    entered = whole_year[whole_year["entry_date"].dt.year == 2021]
    family = entered["context"] != "none"
    assault = entered["charge"] == "COUPS"
    shares = entered.loc[family, "charge"].value_counts(normalize=True).mul(100).round()
    published = {"COUPS": 50, "HARCEL": 16, "MENACES": 13, "DIFF-FAM": 9, "VIOL": 2}
    assert {k: int(shares[k]) for k in published} == published
    assert int((family & (entered["charge"] == "VIOL")).sum()) == 37
    assert round(100 * (family & assault).sum() / assault.sum()) == 43


@pytest.mark.slow
def test_family_entries_rose_by_a_fifth_from_2015_to_2021(whole_year, tmp_path):
    sample(tmp_path, years=[2015], scale=1.0)
    path = next((tmp_path / "prosecutor").glob("*.csv"))
    before = clean_prosecutor(path, profile="obs_sample_prosecutor").table
    family = [
        int((t["context"].ne("none") & (t["entry_date"].dt.year == y)).sum())
        for t, y in ((before, 2015), (whole_year, 2021))
    ]
    assert family == [1529, 1850]
    assert round(100 * (family[1] / family[0] - 1)) == 21


@pytest.mark.slow
def test_cook_county_keeps_every_intake(shared):
    path = shared / "data/prosecution/cook_county_intake_2011_2017.csv.gz"
    cleaned = clean_prosecutor(path, profile="cook_county_intake")
    raw = pd.read_csv(path, dtype="str")
    assert account(cleaned) == [298_919, 298_919, 0, 0]
    assert cleaned.report["identical"].tolist() == [int(raw.duplicated().sum())] == [275_276]
    table = cleaned.table
    assert table["decision"].value_counts(dropna=False).tolist() == [274_911, 13_127, 10_881]
    assert table["entry_period"].eq(pd.Period("2013")).sum() == 48_967
    assert table["charge"].value_counts().to_dict() == raw["charge.cat"].value_counts().to_dict()
    assert cleaned.report["covered_to"].tolist() == [pd.Timestamp("2017-12-31")]


def test_lambayeque_adds_the_rows_that_nothing_tells_apart(shared):
    path = shared / "data/prosecution/peru_mpfn_lambayeque_2019_2023.csv"
    cleaned = clean_prosecutor(path, profile="peru_mpfn_lambayeque")
    raw = pd.read_csv(path, sep=";", dtype="str").drop_duplicates()
    raw["cantidad"] = raw["cantidad"].astype("int64")
    assert account(cleaned) == [1_723, 1_608, 115, 0]
    assert cleaned.report["identical"].tolist() == [4]
    assert cleaned.flagged["rule"].tolist() == ["added_rows"] * 89
    by_year = cleaned.table.groupby(cleaned.table["period"].dt.year)["numerator"].sum()
    assert by_year.tolist() == raw.groupby("anio_denuncia")["cantidad"].sum().tolist()
    family = raw[raw["articulo"] == "122-B"]["cantidad"].sum()
    assert cleaned.table[cleaned.table["context"] == "family"]["numerator"].sum() == family + (
        raw[raw["subgenerico"].str.contains("ASISTENCIA FAMILIAR")]["cantidad"].sum()
    )
    unnamed = cleaned.table["charge"].str.split(" / ").str[2] == "unspecified"
    assert cleaned.table[unnamed]["numerator"].sum() == (
        raw[raw["articulo"] == "S/Art"]["cantidad"].sum()
    )
