"""Counts as delivered: repeated keys, totals rows, wide files, marks."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.clean import clean_police, load_profile, read_cleaned
from obs.schemas import COUNTS, check_table

pytestmark = pytest.mark.slow

ROW = {
    "classe": "Vols avec armes",
    "annee": "21",
    "CODGEO_2024": "76540",
    "faits": "31",
    "POP": "110117",
}


def communes(*rows, **options):
    frame = pd.DataFrame([{**ROW, **row} for row in rows])
    return clean_police(frame, profile="ssmsi_communes", **options)


def test_the_same_count_twice_is_one_count():
    cleaned = communes({}, {})
    assert cleaned.table["numerator"].tolist() == [31]
    assert cleaned.report[["kept", "merged"]].to_numpy().tolist() == [[1, 1]]


def test_two_counts_for_one_key_are_both_rejected():
    cleaned = communes({}, {"faits": "32"}, {"annee": "22"})
    assert cleaned.table["period"].astype("str").tolist() == ["2022"]
    assert cleaned.rejected["rule"].tolist() == ["conflicting_duplicate"] * 2


def test_a_withheld_count_contradicts_a_published_one():
    assert communes({}, {"faits": None}, {"annee": "22"}).rejected["rule"].eq(
        "conflicting_duplicate"
    ).tolist() == [True, True]


def test_a_year_after_the_extraction_is_rejected():
    cleaned = communes({}, {"annee": "24"}, extracted="2022-03-01")
    assert cleaned.rejected[["row", "rule"]].to_numpy().tolist() == [[2, "future_date"]]


def test_rows_of_totals_are_dropped_by_name_and_outside_the_tolerance(tmp_path):
    path = tmp_path / "zones.toml"
    path.write_text(
        """
        name = "totals"
        title = "Communes and totals"
        kind = "police"
        shape = "counts"
        period = "%Y"
        offences = [{ offence = "vols", phenomenon = "theft", unit = "fact" }]
        [territory]
        level = "commune"
        totals = "0[1-4]000|21000|total"
        [columns]
        territory = "NIS"
        period = "An"
        offence = "Classe"
        numerator = "Faits"
        """
    )
    frame = pd.DataFrame(
        {"NIS": ["04000", "21000", "Total", "21009"], "An": "2021", "Classe": "vols", "Faits": "7"}
    )
    cleaned = clean_police(frame, profile=path)
    assert cleaned.table["territory"].tolist() == ["21009"]
    assert cleaned.rejected["rule"].tolist() == ["totals_row"] * 3
    assert cleaned.intolerable == 0
    assert cleaned.summary()[1:] == [
        "counts: read 28, kept 7, merged 0, rejected 21",
        "rejected by totals_row: 3",
    ]


WIDE = {
    "zone_police": "ZP MIDI",
    "year": "2014",
    **dict.fromkeys(load_profile("brussels_zones").wide, "5"),
}


def wide(*rows):
    return clean_police(pd.DataFrame([{**WIDE, **r} for r in rows]), profile="brussels_zones")


def test_each_count_of_a_wide_row_stands_alone():
    cleaned = wide({"vol": "-1", "armes": "x", "fraude": None})
    assert len(cleaned.table) == 9
    assert cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "vol", "negative_count"],
        [1, "armes", "not_a_number"],
    ]
    assert cleaned.table.set_index("phenomenon").at["fraud", "status"] == "missing"


YEARS = """
name = "years"
title = "Counts, years across"
kind = "police"
shape = "wide_counts"
wide_names = "period"
wide_pattern = "20[0-9][0-9]"
period = "%Y"
offences = [{ offence = "VOL", phenomenon = "theft_other" }]
[file]
separator = ";"
[territory]
level = "commune"
[columns]
territory = "nis"
offence = "fait"
[constants]
unit = "fact"
"""


@pytest.mark.parametrize("from_file", [False, True])
def test_a_year_whose_column_has_another_name_is_said_to_be_unread(tmp_path, from_file):
    profile, path = tmp_path / "years.toml", tmp_path / "y.csv"
    profile.write_text(YEARS)
    path.write_text("nis;fait;2022;2023;2024p;2023 (%);Total\n21001;VOL;1;2;3;50;6\n")
    source = path if from_file else pd.read_csv(path, sep=";", dtype=str)
    cleaned = clean_police(source, profile=profile)
    assert cleaned.table["numerator"].tolist() == [1, 2]
    assert cleaned.flagged[["column", "rule"]].to_numpy().tolist() == [
        ["2024p", "column_unread"],
        ["2023 (%)", "column_unread"],
    ]


def test_a_wide_row_sent_twice_is_merged_count_by_count():
    cleaned = wide({}, {"vol": "6"})
    assert cleaned.report[["read", "kept", "merged", "rejected"]].to_numpy().tolist() == [
        [22, 10, 10, 2]
    ]
    assert "theft" not in cleaned.table["phenomenon"].tolist()


def test_a_wide_row_of_an_unknown_zone_loses_all_its_counts():
    cleaned = wide({}, {"zone_police": "ZP NULLE PART"})
    assert cleaned.report["rejected"].tolist() == [11]
    assert {*cleaned.rejected["column"]} == {"zone_police"}


def test_counts_cleaned_twice_equal_once(tmp_path):
    once = communes({}, {"annee": "22", "faits": None})
    check_table(once.table, COUNTS)
    assert_frame_equal(clean_police(once.table, profile="tidy").table, once.table)
    path, *_ = once.write(tmp_path)
    assert path.name == "counts.parquet"
    assert_frame_equal(read_cleaned(path), once.table)


def test_months_stay_months(tmp_path):
    path = tmp_path / "months.toml"
    text = (
        'name="m"\ntitle="m"\nkind="police"\nshape="counts"\nperiod="%YM%m"\n'
        'offences=[{offence="vols",phenomenon="theft",unit="fact"}]\n'
        '[territory]\nmatch="pattern"\npattern="F"\n'
        '[columns]\nterritory="t"\nperiod="p"\noffence="o"\nnumerator="n"\n'
    )
    path.write_text(text)
    frame = pd.DataFrame({"t": "F", "p": ["2021M01", "2021M02"], "o": "vols", "n": ["1", "2"]})
    cleaned = clean_police(frame, profile=path)
    assert cleaned.table["period"].dtype == "period[M]"
    assert cleaned.report["covered_to"].tolist() == [pd.Timestamp("2021-02-28")]
