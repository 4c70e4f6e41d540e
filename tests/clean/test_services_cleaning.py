"""Activity counts: units and providers kept, contradictions reported and not repaired."""

import csv
import re
from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.clean import clean_services, load_profile
from obs.reference import load_measures
from obs.sample import sample
from tests.clean.supplier_rows import COUNT

pytestmark = pytest.mark.slow


def clean(*rows):
    table = pd.DataFrame([{**COUNT, **row} for row in rows])
    return clean_services(table, profile="obs_sample_services")


@pytest.fixture(scope="module")
def printed(root_folder):
    path = root_folder / "obs/reference/services_2021_2022.csv"
    return clean_services(path, profile="pgsp_report_2021_2022")


@pytest.fixture(scope="module")
def root_folder(request):
    return request.config.rootpath


def test_a_count_keeps_its_unit_provider_and_measure():
    row = clean({}).table.iloc[0]
    assert row[["territory", "activity", "unit", "provider", "measure", "part"]].tolist() == [
        *("21002", "vif_support", "person", "commune", "1.7", "all")
    ]
    assert row["period"] == pd.Period("2021")


def test_zones_and_the_region_count_as_themselves():
    cleaned = clean({"TERRITOIRE": "5339"}, {"TERRITOIRE": "04000"})
    assert cleaned.table["territory"].tolist() == ["5339", "04000"]


FAULTY = [
    ({"NOMBRE": ""}, "NOMBRE", "not_a_number"),
    ({"NOMBRE": "-1"}, "NOMBRE", "negative_count"),
    ({"NOMBRE": "10,5"}, "NOMBRE", "not_a_number"),
    ({"UNITE": "choses"}, "UNITE", "unknown_code"),
    ({"ACTIVITE": ""}, "ACTIVITE", "missing_key"),
    ({"TERRITOIRE": "21099"}, "TERRITOIRE", "unknown_territory"),
    ({"ANNEE": "year"}, "ANNEE", "impossible_date"),
]


@pytest.fixture(scope="module")
def faulty():
    """Clean all faulty counts together, after a sound one."""
    rows = [{"ACTIVITE": f"activity_{i}", **cells} for i, (cells, _, _) in enumerate(FAULTY)]
    return clean({}, *rows)


@pytest.mark.parametrize("i", range(len(FAULTY)))
def test_a_faulty_count_is_rejected_by_its_rule(faulty, i):
    _, column, rule = FAULTY[i]
    rejected = faulty.rejected[["row", "column", "rule"]].to_numpy().tolist()
    assert rejected[i] == [i + 2, column, rule]


def test_the_sound_count_among_faulty_ones_stays(faulty):
    assert len(faulty.rejected) == len(FAULTY)
    assert faulty.table["activity"].tolist() == ["vif_support"]


def test_a_measure_that_is_not_known_is_not_told():
    cleaned = clean({"MESURE": "10.1"})
    assert cleaned.table["measure"].isna().all()
    assert cleaned.flagged["rule"].tolist() == ["unknown_code"]


def test_a_cleaned_table_is_taken_as_it_is():
    once = clean({}, {"UNITE": "dossiers", "NOMBRE": "4"}).table
    assert len(once) == 2
    assert_frame_equal(clean_services(once, profile="tidy").table, once)


def test_two_units_of_one_activity_are_two_counts():
    cleaned = clean({}, {"UNITE": "dossiers", "NOMBRE": "4"})
    assert cleaned.table["numerator"].tolist() == [10, 4]


def test_a_total_that_is_not_the_sum_of_its_parts_is_reported_and_left():
    parts = [{"PARTIE": "adultes", "NOMBRE": "6"}, {"PARTIE": "mineurs", "NOMBRE": "5"}]
    cleaned = clean({}, *parts)
    assert cleaned.table["numerator"].tolist() == [10, 6, 5]
    assert cleaned.table["remark"].fillna("").tolist() == ["parts_differ", "", ""]
    assert cleaned.flagged[["row", "column"]].to_numpy().tolist() == [[1, "NOMBRE"]]
    parts[1]["NOMBRE"] = "4"
    assert clean({}, *parts).flagged.empty


@pytest.mark.parametrize(
    ("number", "bound", "differ"),
    [
        ("6", "", True),  # 6 + 5 are not 10
        ("5", "", False),
        ("n.d.", "", False),  # a part untold: the sum is not known
        ("6", "at_least", False),
    ],
)
def test_a_sum_with_a_part_untold_or_a_bound_contradicts_no_total(number, bound, differ):
    profile = replace(load_profile("pgsp_report_2021_2022"), marks={"n.d.": "missing"})
    parts = [("", "10", ""), ("age:adult", number, bound), ("age:minor", "5", "")]
    table = pd.DataFrame(parts, columns=["part", "number", "bound"]).assign(
        year="2021", territory="21001", activity="a", unit="file", provider="Commune"
    )
    cleaned = clean_services(table.assign(measure="", line="302"), profile=profile)
    assert len(cleaned.table) == 3
    assert cleaned.flagged["rule"].tolist() == ["parts_differ"] * differ


def test_parts_of_two_places_are_not_mixed():
    parts = [{"PARTIE": "adultes"}, {"PARTIE": "adultes", "TERRITOIRE": "21003", "NOMBRE": "9"}]
    assert clean({}, {"TERRITOIRE": "21003", "NOMBRE": "9"}, *parts).flagged.empty


def test_the_sample_reports_its_contradictions(tmp_path):
    sample(tmp_path, years=[2020, 2021], scale=0.01)
    paths = sorted((tmp_path / "services").glob("*.csv"))
    cleaned = clean_services(paths, profile="obs_sample_services")
    assert cleaned.report[["read", "kept", "rejected"]].to_numpy().tolist() == [[126, 126, 0]] * 2
    assert cleaned.flagged.groupby("file").size().tolist() == [1, 1]


def test_the_printed_report_closes(printed):
    columns = ["read", "kept", "merged", "rejected"]
    assert printed.report[columns].to_numpy().tolist() == [[172, 172, 0, 0]]
    assert {*printed.table["measure"].dropna()} <= {*load_measures()["measure"]}
    assert printed.table["document_line"].str.fullmatch(r"\d+").all()


def test_the_contradictions_of_the_printed_report_are_found(printed):
    wrong = printed.table[printed.table["remark"] == "parts_differ"]
    assert wrong[["activity", "period", "numerator"]].astype("str").to_numpy().tolist() == [
        ["burglary_bonuses_granted", "2022", "31"],  # 16 + 17
        ["call_projects_funded", "2021", "52"],  # themes add to 54
        ["call_projects_funded", "2022", "50"],  # 49
        ["homeless_interventions", "2021", "799"],  # 790
        ["homeless_interventions", "2022", "828"],  # 767
    ]


def test_bounds_are_no_exact_counts(printed):
    at_least = printed.table[printed.table["bound"] == "at_least"]
    assert at_least["numerator"].tolist() == [1700, 220, 103, 4280, 615]


def test_every_typed_count_stands_on_its_line(shared, root_folder):
    document = next((shared / "seeds").glob("002_*.txt")).read_text(encoding="utf-8").split("\n")
    words = {2: ("deux",), 1: ("une", "projet"), 9: ("neuf",), 8: ("huit",)}
    path = root_folder / "obs/reference/services_2021_2022.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(x for x in lines if not x.startswith("#")):
        line = document[int(row["line"]) - 1].casefold().replace(".", "")
        number = int(row["number"])
        numbers = {int(n) for n in re.findall(r"\d+", line)}
        assert number in numbers or any(w in line for w in words.get(number, ())), row
