"""Helplines: calls and days; a closed day is not a zero."""

import json
import unicodedata
from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.clean import clean_helpline, load_profile
from obs.clean.profiles.profile import Interruption
from obs.errors import CatalogueError
from obs.sample import sample
from tests.clean.supplier_rows import CALL, LINEA

pytestmark = pytest.mark.slow


def days(*rows, profile="obs_sample_call_days"):
    columns = ["DATE", "LIGNE", "OUVERT", "APPELS"]
    return clean_helpline(pd.DataFrame(rows, columns=columns), profile=profile)


def calls(*rows, profile="obs_sample_calls"):
    return clean_helpline(pd.DataFrame(rows), profile=profile)


def states(cleaned):
    table = cleaned.table[["n", "status", "reason", "hours"]].astype("object")
    return table.where(table.notna(), None).to_numpy().tolist()


def test_zero_missing_and_closed_are_three_things():
    cleaned = days(
        ["03/01/2020", "1712", "O", "0"],  # a Friday
        ["06/01/2020", "1712", "O", ""],
        ["04/01/2020", "1712", "N", ""],  # a Saturday
        ["05/01/2020", "1712", "N", "0"],
        ["01/01/2020", "1712", "N", ""],  # a public holiday
        ["04/01/2020", "EVC", "O", "12"],
    )
    assert states(cleaned) == [
        [0, "zero", None, 8.0],
        [None, "missing", "not_told", 8.0],
        [None, "not_applicable", "closed", 0.0],
        [None, "not_applicable", "closed", 0.0],
        [None, "not_applicable", "closed", 0.0],
        [12, "ok", None, 16.0],
    ]


def test_the_profile_knows_a_closed_day_that_the_file_does_not_tell():
    cleaned = days(["04/01/2020", "1712", "O", "0"], ["17/09/2019", "EVC", "O", ""])
    assert [s[1:3] for s in states(cleaned)] == [
        ["not_applicable", "closed"],
        ["not_applicable", "interrupted"],
    ]


def test_calls_counted_on_a_closed_day_are_kept_and_remarked():
    cleaned = days(["04/01/2020", "1712", "N", "3"])
    assert states(cleaned) == [[3, "ok", None, 8.0]]
    assert cleaned.flagged[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "DATE", "count_on_closed_day"]
    ]


def test_a_line_that_is_silent_while_the_other_goes_on_is_remarked_as_a_line():
    told = [
        [day.strftime("%d/%m/%Y"), line, "O", "12"]
        for day in pd.date_range("2021-01-01", "2021-06-30")
        for line in ("EVC", "1712")
        if not (line == "1712" and day.month == 3)
    ]
    said = days(*told).flagged.query("rule.str.startswith('silent')")
    assert said["rule"].tolist() == ["silent_line"]
    assert said["column"].tolist() == ["LIGNE"]
    assert said["message"].item().endswith("not covered: 1712, 2021-03-01 to 2021-03-31")


@pytest.mark.parametrize(
    "cleaned",
    [
        lambda: days(["03/01/2020", "1712", "O", "4"], ["04/01/2020", "1712", "N", ""]),
        lambda: calls(CALL, {**CALL, "APPEL": "A2", "DATE": "04/01/2020"}),
    ],
)
def test_a_cleaned_table_is_taken_as_it_is(cleaned):
    once = cleaned().table
    assert len(once) == 2
    assert_frame_equal(clean_helpline(once, profile="tidy").table, once)


def test_interruptions_are_data():
    profile = load_profile("obs_sample_call_days")
    broken = Interruption(
        pd.Timestamp("2020-01-03").date(), pd.Timestamp("2020-01-03").date(), "strike"
    )
    lines = {**profile.lines, "EVC": replace(profile.lines["EVC"], interruptions=(broken,))}
    cleaned = days(["03/01/2020", "EVC", "O", ""], profile=replace(profile, lines=lines))
    assert states(cleaned) == [[None, "not_applicable", "strike", 0.0]]


FAULTY = [
    (["31/02/2020", "EVC", "O", "3"], "DATE", "impossible_date"),
    (["03/01/2020", "XYZ", "O", "3"], "LIGNE", "unknown_code"),
    (["03/01/2020", "EVC", "?", "3"], "OUVERT", "unknown_code"),
    (["03/01/2020", "EVC", "O", "many"], "APPELS", "not_a_number"),
    (["03/01/2020", "EVC", "O", "-3"], "APPELS", "negative_count"),
    (["03/01/2020", "EVC", "O", "@SUM(A1)"], "APPELS", "formula"),
]


@pytest.fixture(scope="module")
def faulty():
    """Clean all faulty days together, after a sound one."""
    return days(["02/01/2020", "EVC", "O", "3"], *(row for row, _, _ in FAULTY))


@pytest.mark.parametrize("i", range(len(FAULTY)))
def test_a_faulty_day_is_rejected_by_its_rule(faulty, i):
    _, column, rule = FAULTY[i]
    rejected = faulty.rejected[["row", "column", "rule"]].to_numpy().tolist()
    assert rejected[i] == [i + 2, column, rule]


def test_the_sound_day_among_faulty_ones_stays(faulty):
    assert len(faulty.rejected) == len(FAULTY)
    assert len(faulty.table) == 1


def test_two_counts_of_one_day_contradict():
    cleaned = days(["03/01/2020", "EVC", "O", "3"], ["03/01/2020", "EVC", "O", "4"])
    assert cleaned.rejected["rule"].tolist() == ["conflicting_duplicate"] * 2


def test_a_call_is_read_with_its_codes():
    row = calls(CALL).table.iloc[0]
    assert row[["call_id", "line", "topic", "relation", "gender", "age_band"]].tolist() == [
        *("A1", "EVC", "physical", "ex_partner", "female", "25-34")
    ]
    assert (row["hour"], row["n"]) == (22, 1)


def test_ages_as_call_takers_write_them():
    ages = {"73": "65+", "31.0": "25-34", "127": None, "NonRenseigné": None, "": None}
    found = calls(*({**CALL, "APPEL": f"A{i}", "AGE": age} for i, age in enumerate(ages)))
    assert [None if pd.isna(b) else b for b in found.table["age_band"]] == list(ages.values())


def test_several_topics_stand_in_one_code_and_blank_places_stay_unknown():
    hit = {"tipo_de_violencia_fisica": "Si", "tipo_de_violencia_domestica": "SI"}
    place = "prov_residencia_persona_en_situacion_violencia"
    rows = [{**LINEA, **hit}, {**LINEA, place: ""}, {**LINEA, place: "Cordoba"}, {**LINEA, **hit}]
    cleaned = calls(*rows, profile="linea144")
    assert cleaned.table["topic"].fillna("-").tolist() == [
        *("physical+domestic", "-", "-", "physical+domestic")
    ]
    assert cleaned.table["territory"].fillna("-").tolist() == ["AR-X", "-", "AR-X", "AR-X"]
    assert cleaned.table["call_id"].is_unique
    assert cleaned.report["identical"].tolist() == [1]


def test_a_line_is_declared_whole(tmp_path, root):
    text = (root / "obs/clean/profiles/obs_sample_call_days.toml").read_text(encoding="utf-8")
    for old, new, fault in (
        ("hours = [9, 17]", "hours = [17, 9]", "lines.1712.hours: must be the hours"),
        ("closed_weekdays = [5, 6]", "closed_weekdays = [7]", "'7' is not one of 0, 1, 2"),
        ("first = 2019-09-17", "first = 2019-09-19", "the first day is after the last"),
        ("first = 2019-09-17", 'first = "today"', "must be a day"),
    ):
        path = tmp_path / "mine.toml"
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(CatalogueError, match=fault):
            load_profile(path)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    sample(folder, years=[2020], scale=0.2)
    manifest = json.loads((folder / "sample_manifest.json").read_text(encoding="utf-8"))["files"]
    daily = clean_helpline(
        folder / "helpline/helpline_daily_2020.csv", profile="obs_sample_call_days"
    )
    each = clean_helpline(folder / "helpline/helpline_calls_2020.csv", profile="obs_sample_calls")
    return daily, each, manifest


def test_daily_counts_and_calls_of_the_sample_agree(delivered):
    daily, each, manifest = delivered
    told = manifest["helpline/helpline_daily_2020.csv"]
    assert daily.report[["read", "kept"]].to_numpy().tolist() == [[told["rows"]] * 2]
    assert (daily.table["status"] == "not_applicable").sum() == told["closed"]
    assert daily.table["n"].sum() == told["calls"] == len(each.table)
    assert daily.flagged.empty
    assert each.flagged.empty


def test_calls_tripled_from_15_april_2020(delivered):
    daily, _, _ = delivered
    open_days = daily.table[daily.table["n"].notna()].set_index("date").sort_index()
    before = open_days.loc["2020-01-01":"2020-04-14"].groupby("line")["n"].mean()
    after = open_days.loc["2020-04-15":"2020-06-30"].groupby("line")["n"].mean()
    assert (after / before).round(1).tolist() == [3.0, 3.0]


def test_linea_144_closes_exactly(shared):
    paths = [shared / f"data/helpline/linea144-{year}.csv" for year in (2020, 2021)]
    cleaned = clean_helpline(paths, profile="linea144")
    columns = ["read", "kept", "merged", "rejected", "identical"]
    assert cleaned.report[columns].to_numpy().tolist() == [
        [29_706, 29_706, 0, 0, 455],
        [25_301, 25_301, 0, 0, 365],
    ]
    raw = pd.concat([pd.read_csv(path, dtype="str", encoding="utf-8-sig") for path in paths])
    table = cleaned.table
    assert table["territory"].isna().sum() == 842
    assert table["territory"].nunique() == 24
    assert table["topic"].str.contains("sexual").sum() == 7_352
    ages = raw["edad_persona_en_situacion_de_violencia"]
    assert table["age_band"].isna().sum() == (ages.isna() | (ages == "127")).sum()
    names = raw["prov_residencia_persona_en_situacion_violencia"].fillna("")
    plain = names.map(lambda t: unicodedata.normalize("NFKD", t).encode("ascii", "ignore").decode())
    assert (table["territory"] == "AR-X").sum() == (plain == "Cordoba").sum()


def test_mexico_city_calls_rose_while_six_days_stay_unknown(shared):
    path = shared / "data/covid/mexico_city_daily_crime_2017_2020.csv"
    cleaned = clean_helpline(path, profile="mexico_city_calls")
    columns = ["read", "kept", "merged", "rejected"]
    assert cleaned.report[columns].to_numpy().tolist() == [[1_247, 1_247, 0, 0]]
    table = cleaned.table
    assert table["status"].value_counts().to_dict() == {"ok": 1_241, "missing": 6}
    assert table.loc[table["status"] == "missing", "n"].isna().all()
    by_month = table.set_index("date")["n"].resample("MS").mean().round().astype("int64")
    assert (by_month["2020-01-01"], by_month["2020-05-01"]) == (47, 77)
