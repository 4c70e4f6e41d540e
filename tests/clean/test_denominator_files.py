"""Denominators: every unit of each year has one whole number, or the file is refused with all faults."""

import pandas as pd
import pytest

from obs.clean.denominator_files import read_denominators
from obs.errors import DeliveryError
from obs.reference import load_territory, make_territory
from obs.reference.declared_denominators import DenominatorTable, denominator_faults

BRUSSELS = load_territory()
TOWN = make_territory(
    pd.DataFrame(
        {
            "code": ["1", "2", "0"],
            "level": ["area", "area", "city"],
            "parent": ["0", "0", None],
            **{f"name_{lang}": ["Dorna", "Velmi", "Sarn"] for lang in ("fr", "nl", "en")},
        }
    ),
    name="town",
    levels=("area", "city"),
)
GOOD = "lieu;an;n\nDorna;2023;100\nVelmi;2023;50\nDorna;2024;110\nVelmi;2024;60\n"
TABLE = DenominatorTable(files=("a.csv",), unit="lieu", value="n", year="an")


def read(folder, text, table=TABLE, *, name="a.csv", kind="population", territory=TOWN, **changed):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    made = DenominatorTable(**{**vars(table), **changed})
    return read_denominators(kind, [path], made, territory=territory)


def cells(table):
    return table[["territory", "year", "exposure"]].values.tolist()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_csv_of_any_separator_gives_a_number_of_each_unit_and_year(tmp_path, separator):
    table = read(tmp_path, GOOD.replace(";", separator))
    assert cells(table) == [["1", 2023, 100], ["1", 2024, 110], ["2", 2023, 50], ["2", 2024, 60]]
    assert set(table["flag"]) == {"observed"}
    assert set(table["kind"]) == {"population"}


@pytest.mark.parametrize("kind", ["population", "dwellings", "premises", "vehicles"])
def test_every_kind_and_a_workbook_with_titles(tmp_path, kind):
    frame = pd.DataFrame(
        {"lieu": ["DORNA", 2], "an": pd.to_datetime(["2024-01-01"] * 2), "n": [7, 8.0]}
    )
    frame.to_excel(tmp_path / "a.xlsx", index=False, startrow=2)
    table = read_denominators(kind, [tmp_path / "a.xlsx"], TABLE, territory=TOWN)
    assert cells(table) == [["1", 2024, 7], ["2", 2024, 8]]


def test_years_stand_across_the_columns_or_in_the_name_of_the_file(tmp_path):
    text = "lieu;pop_2023;pop_2024;hab/km2\nDorna;100;110;3,5\nVelmi;50;60;4,5\n"
    wide = {"year": "", "value": "", "years": r"pop_(\d{4})"}
    assert cells(read(tmp_path, text, **wide)) == cells(read(tmp_path, GOOD))
    text = "lieu;n\nDorna;100\nVelmi;50\n"
    named = {"year": "", "file_year": r"(\d{4})"}
    assert cells(read(tmp_path, text, name="pop_2023.csv", **named)) == [
        ["1", 2023, 100],
        ["2", 2023, 50],
    ]
    with pytest.raises(DeliveryError, match="the name of the file should tell the year"):
        read(tmp_path, text, **named)


def test_parts_are_added_where_it_is_said_and_refused_where_not(tmp_path):
    text = "lieu;an;sexe;n\nDorna;2023;F;51\nDorna;2023;M;49\nDorna;2023;T;100\nVelmi;2023;F;50\n"
    out = {"left_out": {"sexe": "T"}}
    assert cells(read(tmp_path, text, summed=("sexe",), **out)) == [
        ["1", 2023, 100],
        ["2", 2023, 50],
    ]
    with pytest.raises(DeliveryError) as caught:
        read(tmp_path, text, **out)
    assert "1 units and years stand in several rows (first: 1 in 2023, rows 2, 3)" in str(
        caught.value
    )
    assert "they differ in 'sexe': add over these columns with `summed`" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Velmi;2023", "Narnia;2023", "1 units are none of the territory: 'Narnia' is unknown"),
        ("Velmi;2024;60\n", "", "2024 has no number of 1 units: Velmi (2)"),
        ("Dorna;2023;100", "Dorna;2023;-100", "the number is negative in row 2"),
        ("Dorna;2023;100", "Dorna;2023;100,5", "has a fraction, or a sign between thousands"),
        ("Dorna;2023;100", "Dorna;2023;1 100", "has a fraction, or a sign between thousands"),
        ("Dorna;2023;100", "Dorna;2023;52.000", "has a fraction, or a sign between thousands"),
        ("Dorna;2023;100", "Dorna;2023;52,000", "has a fraction, or a sign between thousands"),
        ("Dorna;2023;100", "Dorna;2023;", "the number is blank in row 2"),
        ("Dorna;2023;100", "Dorna;2023;many", "no number in row 2"),
        ("Dorna;2023", "Dorna;23", "no year from 1900 to 2099 in row 2"),
        ("Velmi;2023;50", "Dorna;2023;50", "1 units and years stand in several rows"),
        ("Velmi;2023;50", "Velmi;2023;50\nVelmi;2023;50", "rows 3, 4); keep one of them"),
        (
            "Velmi;2023;50",
            "Velmi;2023;50\nSarn;2023;151",
            "0 in 2023 has 151, and its units add up to 150",
        ),
        ("lieu;an;n", "lieu;an;pop", "no column 'n' (did you mean 'an'?); it has lieu, an, pop"),
    ],
)
def test_a_faulty_denominator_is_refused(tmp_path, old, new, said):
    with pytest.raises(DeliveryError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert said in str(caught.value)


def test_all_faults_are_told_at_once(tmp_path):
    text = GOOD.replace("Velmi;2023", "Narnia;2023").replace("110", "-1").replace("60", "x")
    with pytest.raises(DeliveryError) as caught:
        read(tmp_path, text)
    assert str(caught.value).count("\n- ") == 3


def test_totals_are_checked_and_right_ones_pass(tmp_path):
    total = {"totals": "total.*"}
    right = GOOD + "Total;2023;150\n"
    assert cells(read(tmp_path, right, **total)) == cells(read(tmp_path, GOOD))
    with pytest.raises(
        DeliveryError, match="row 6: the total of 2023 is 151, and its units add up to 150"
    ):
        read(tmp_path, right.replace("150", "151"), **total)
    assert len(read(tmp_path, GOOD + "Sarn;2023;150\n")) == 5


def test_thousands_are_read_where_their_sign_is_said(tmp_path):
    text = GOOD.replace(";", "|").replace("100", "1,100")
    assert cells(read(tmp_path, text, thousands=","))[0] == ["1", 2023, 1100]


@pytest.mark.parametrize(
    ("sign", "text", "number"),
    [
        (" ", "52\u202f100", 52_100),
        (" ", "52\u00a0000", 52_000),
        (".", "52.000", 52_000),
        (".", "1.052.000,0", 1_052_000),
        (",", "52.000", 52),  # decimals: thousands have another sign
        (".", "52.0", 52),  # a spreadsheet's number was read as 520
        ("", "52.0", 52),
        ("", "52.0000", 52),
    ],
)
def test_a_sign_between_thousands_stands_before_three_digits(tmp_path, sign, text, number):
    made = read(tmp_path, GOOD.replace(";100", f";{text}"), thousands=sign)
    assert cells(made)[0] == ["1", 2023, number]


@pytest.mark.parametrize("text", ["1.5", "52.00.000", "5.2000"])
def test_a_sign_elsewhere_is_no_thousand(tmp_path, text):
    with pytest.raises(DeliveryError, match="has a fraction"):
        read(tmp_path, GOOD.replace(";100", f";{text}"), thousands=".")


def test_units_of_other_places_are_left_out_where_it_is_said(tmp_path):
    text = GOOD + "Elsewhere;2023;9\n"
    assert cells(read(tmp_path, text, elsewhere=True)) == cells(read(tmp_path, GOOD))
    with pytest.raises(DeliveryError, match="no row is of a unit of territory 'town'"):
        read(tmp_path, "lieu;an;n\nNarnia;2023;5\n", elsewhere=True)


def test_two_files_that_disagree_are_refused(tmp_path):
    for name, first in (("a.csv", "100"), ("b.csv", "101")):
        (tmp_path / name).write_text(GOOD.replace("100", first))
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    with pytest.raises(
        DeliveryError, match=r"a\.csv and b\.csv give 1 units and years two numbers"
    ):
        read_denominators("population", paths, TABLE, territory=TOWN)


def test_personal_data_are_refused_at_the_door(tmp_path):
    text = "lieu;an;n;contact\nDorna;2023;100;0470 12 34 56\nVelmi;2023;50;0471 22 33 44\n"
    with pytest.raises(DeliveryError, match="refused at the door") as caught:
        read(tmp_path, text)
    assert "0470" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "lieu;an;n\n", "\x00\x01", "no table\nat all\n"])
def test_what_is_no_table_is_refused_in_words(tmp_path, text):
    with pytest.raises(DeliveryError, match=r"^a\.csv"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("name", "layout", "totals"),
    [
        (
            "ibsa_communes_2012_2022.csv",
            {"unit": "name", "years": r"pop_nb_(\d{4})"},
            {2012: 1_138_854, 2022: 1_222_637},
        ),
        (
            "municipalities_2018.csv",
            {"unit": "NIS_code", "value": "inhabitants", "thousands": ",", "file_year": r"(\d{4})"},
            {2018: 1_198_726},
        ),
        (
            "statbel_2020_bevolking_per_gemeente.csv",
            {"unit": "NIS code", "value": "Totaal", "file_year": r"(\d{4})"},
            {2020: 1_218_255},
        ),
        (
            "statbel_sectors_2025.csv",
            {
                "unit": "CD_SECTOR",
                "value": "TOTAL",
                "file_year": r"(\d{4})",
                "summed": ("CD_SECTOR",),
                "allow": ("TX_DESCR_SECTOR_FR",),
            },
            {2025: 1_255_795},
        ),
        pytest.param(
            "statbel_commune_sex_age5_2009_2015.csv.gz",
            {
                "unit": "CD_MUNTY_REFNIS",
                "value": "MS_POPULATION",
                "year": "CD_YEAR",
                "summed": ("CD_SEX", "AGE5"),
            },
            {2009: 1_068_532, 2010: 1_089_538, 2014: 1_163_486, 2015: 1_175_173},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_published_files_give_the_published_totals(shared, name, layout, totals):
    table = DenominatorTable(files=(name,), elsewhere="name" not in layout["unit"], **layout)
    path = shared / "data" / "be_population" / name
    found = read_denominators("population", [path], table, territory=BRUSSELS)
    base = found[found["territory"].isin(BRUSSELS.codes("commune"))]
    sums = base.groupby("year")["exposure"].sum()
    assert {year: int(sums[year]) for year in totals} == totals
    assert set(base["territory"]) == set(BRUSSELS.codes("commune"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"year": ""}, "year: say where the year is by one of year, years, file_year"),
        ({"file_year": r"(\d+)"}, "file_year; it has year, file_year"),
        ({"value": ""}, "value: name the column of numbers, or give a pattern"),
        ({"year": "", "file_year": r"\d{4}"}, "file_year: needs a group in brackets, the year"),
        ({"thousands": ", "}, "thousands: must be one character"),
    ],
)
def test_a_faulty_declaration_is_told(changed, said):
    table = DenominatorTable(**{**vars(TABLE), **changed})
    assert said in "\n".join(denominator_faults(table))
