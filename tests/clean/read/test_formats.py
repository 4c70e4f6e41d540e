"""Every format of the field gives the same table; what is not read is named."""

import datetime as dt
import gzip
import io
import json
import zipfile
from decimal import Decimal

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import xlwt

from obs.clean import clean_police, clean_survey
from obs.errors import DeliveryError
from tests.clean.profile_texts import COUNTS, FACTS, profile

ROWS = [
    ("21001", 2023, "VOL", 12),
    ("Evere", 2023, "VOL", 0),
    ("21009", 2024, "VOL", None),
    ("Atlantis", 2024, "VOL", 3),
]
HEADER = ["nis", "annee", "fait", "n"]
TABLE = pd.DataFrame(ROWS, columns=HEADER).astype({"n": "Int64"})


def csv_bytes(separator=";", encoding="utf-8"):
    return TABLE.to_csv(sep=separator, index=False).encode(encoding)


def xlsx_bytes():
    book = openpyxl.Workbook()
    for row in (HEADER, *ROWS):
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls_bytes():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Comptes")
    for i, row in enumerate((HEADER, *ROWS)):
        for j, cell in enumerate(row):
            if cell is not None:
                sheet.write(i, j, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods_bytes(rows=(HEADER, *ROWS)):
    document = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="Comptes")
    for row in rows:
        line = odf.table.TableRow()
        for cell in row:
            if cell is None:
                line.addElement(odf.table.TableCell())
                continue
            number = isinstance(cell, int)
            made = odf.table.TableCell(
                valuetype="float" if number else "string", **({"value": cell} if number else {})
            )
            made.addElement(odf.text.P(text=str(cell)))
            line.addElement(made)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def statistics_bytes(write, name, tmp_path):
    path = tmp_path / f"written.{name}"
    frame = TABLE.astype({"n": "float64", "annee": "float64"})
    write(frame, path, column_labels=["Commune", "Année", "Fait", "Nombre"])
    return path.read_bytes()


def zipped(content, *, name="comptes.csv", more=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("__MACOSX/._comptes.csv", "x")
        archive.writestr(name, content)
        for one in more:
            archive.writestr(one, "x")
    return out.getvalue()


def records():
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


FORMATS = {
    "csv": lambda _: csv_bytes(),
    "tab": lambda _: csv_bytes("\t"),
    "pipe": lambda _: csv_bytes("|"),
    "utf-16": lambda _: csv_bytes(encoding="utf-16"),
    "gzip": lambda _: gzip.compress(csv_bytes()),
    "zip": lambda _: zipped(csv_bytes()),
    "zipped xlsx": lambda _: zipped(xlsx_bytes(), name="c.xlsx"),
    "xlsx": lambda _: xlsx_bytes(),
    "xls": lambda _: xls_bytes(),
    "ods": lambda _: ods_bytes(),
    "json": lambda _: json.dumps(records()).encode(),
    "gzipped json": lambda _: gzip.compress(json.dumps(records()).encode()),
    "json lines": lambda _: "\n".join(json.dumps(r) for r in records()).encode(),
    "nested json": lambda _: json.dumps({"meta": {"n": 4}, "data": {"items": records()}}).encode(),
    "parquet": lambda _: TABLE.to_parquet(),
    "sav": lambda path: statistics_bytes(pyreadstat.write_sav, "sav", path),
    "dta": lambda path: statistics_bytes(pyreadstat.write_dta, "dta", path),
}
LINES = {"tab": "\t", "pipe": "|"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_of_the_field_gives_the_same_counts(tmp_path, name):
    path = tmp_path / "delivered"  # no name tells what it is
    path.write_bytes(FORMATS[name](tmp_path))
    changes = {'separator = ";"': f'separator = "{LINES[name]}"'} if name in LINES else {}
    records_at = 'records = "data.items"' if name == "nested json" else ""
    cleaned = clean_police(path, profile=profile(file=records_at, **changes))
    found = cleaned.table[["territory", "numerator", "status"]].astype("object").to_numpy().tolist()
    assert found == [["21001", 12, "ok"], ["21006", 0, "zero"], ["21009", pd.NA, "missing"]]
    assert cleaned.table["period"].astype("str").tolist() == ["2023", "2023", "2024"]
    first = (
        2
        if name
        in ("csv", "tab", "pipe", "utf-16", "gzip", "zip", "zipped xlsx", "xlsx", "xls", "ods")
        else 1
    )
    assert cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist() == [
        [first + 3, "nis", "unknown_territory"]
    ]
    assert cleaned.report[["sum_read", "sum_kept", "sum_rejected"]].iloc[0].tolist() == [15, 12, 3]


def test_another_kind_than_the_profile_says_is_read_and_remarked(tmp_path):
    path = tmp_path / "c.xlsx"
    path.write_bytes(xlsx_bytes())
    cleaned = clean_police(path, profile=profile(file='format = "csv"'))
    said = cleaned.flagged.set_index("rule")["message"]
    assert said["other_format"].endswith("an Excel workbook (.xlsx)")
    assert said["silent_place"].endswith(": 21009, 2023-01-01 to 2023-12-31")


def refuse(tmp_path, content, match, **lines):
    path = tmp_path / "c.bin"
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=match) as caught:
        clean_police(path, profile=profile(**lines))
    assert str(caught.value).startswith("c.bin")
    return str(caught.value)


@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_a_wrong_separator_is_named_with_what_was_found(tmp_path, separator):
    said = refuse(tmp_path, csv_bytes(separator), "the columns are separated by")
    assert ("a tab" if separator == "\t" else f"'{separator}'") in said
    assert "profile 'counts' says ';'; change `file.separator`" in said


@pytest.mark.parametrize(
    ("value", "match"),
    [
        ({"data": {"items": []}}, r"one object and not a list of records; give `file.records`"),
        ({"a": [1], "b": [2]}, r"lists in it: a, b"),
        ([{"nis": "21001", "victims": [1, 2]}], r"record 1 holds a list of 2 under 'victims'"),
        ([[1, 2]], r"record 1 is a list and not an object"),
        ({"version": "2.0", "class": "dataset", "value": [1]}, "JSON-stat"),
        ({"dataset": {"dimension": {}, "value": [1]}}, "JSON-stat"),
    ],
)
def test_json_that_is_no_list_of_records_is_refused(tmp_path, value, match):
    refuse(tmp_path, json.dumps(value).encode(), match)


def test_json_refusals_name_the_path_the_key_and_the_place(tmp_path):
    nested = json.dumps({"data": {"rows": records()}}).encode()
    said = refuse(tmp_path, nested, "no 'items' on the path", file='records = "data.items"')
    assert "keys there: rows" in said
    refuse(tmp_path, b'[{"nis": "1", "nis": "2"}]', "gives a key twice")
    refuse(tmp_path, b'[{"a.b": 1, "a": {"b": 2}}]', "record 1 gives 'a.b' twice")
    refuse(tmp_path, b"[" * 100_000, "nested without end|not JSON")
    refuse(tmp_path, b'[{"a": 1},\n {"a": }]', "at line 2, character 8")
    refuse(tmp_path, b'[{"a": "\xff"}]', "byte 9 is not UTF-8")
    deep = b'[{"a": ' + b'{"a": ' * 20 + b"1" + b"}" * 21 + b"]"
    refuse(tmp_path, deep, "record 1 nests more than 8 objects")
    many = json.dumps([{f"k{i}": 1 for i in range(1_100)}]).encode()
    refuse(tmp_path, many, "more than 1,000 different keys")


def test_objects_within_a_record_are_columns_by_their_path(tmp_path):
    path = tmp_path / "c.json"
    nested = [{"lieu": {"nis": "21004"}, "annee": 2023, "fait": "VOL", "n": 4}]
    path.write_text(json.dumps(nested))
    own = profile(**{'territory = "nis"': 'territory = "lieu.nis"'})
    assert clean_police(path, profile=own).table["territory"].tolist() == ["21004"]


def test_numbers_are_written_with_the_decimal_sign_of_the_profile(tmp_path):
    comma = profile(file='decimal = ","')
    for content in (xlsx_bytes(), TABLE.astype({"n": "float64"}).to_parquet()):
        path = tmp_path / "c"
        path.write_bytes(content)
        assert clean_police(path, profile=comma).table["numerator"].tolist()[:2] == [12, 0]


def test_zip_archives_hold_one_file(tmp_path):
    refuse(tmp_path, zipped(b"x", more=["b.csv"]), "the zip archive holds 2 files; one is read")
    refuse(tmp_path, zipped(zipped(b"x"), name="c.zip"), "a zip archive within an archive")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("c.csv", b"0" * 90_000_000)
    refuse(tmp_path, bomb.getvalue(), "expands more than 200 times")
    damaged = zipped(csv_bytes()).replace(b"VOL", b"LOV")  # its check sum no longer fits
    refuse(tmp_path, damaged, "the zip archive is damaged, or protected by a password")


def test_values_of_a_statistics_program_come_by_their_labels_or_as_codes(tmp_path):
    frame = pd.DataFrame(
        {"ID": ["1", "2", "3"], "d": [dt.date(2024, 3, 5)] * 3, "c": [1.0, 2.0, 9.0]}
    )
    frame = frame.assign(f="VOL", s=[1.0, 2.0, 9.0])
    labels = {
        "c": {1: "Ixelles", 2: "Evere", 9: "Jette"},
        "s": {1: "Homme", 2: "Femme", 9: "Refus"},
    }
    path = tmp_path / "f.sav"
    pyreadstat.write_sav(
        frame,
        path,
        column_labels=["Numéro", "Date", "Commune", "Fait", "Sexe de la victime"],
        variable_value_labels=labels,
        missing_ranges={"s": [9]},
    )
    column = 'victim_sex = "Sexe de la victime"'  # the label of the variable
    own = profile(
        FACTS,
        columns=column,
        tables='[codes.victim_sex]\nHomme = "male"\nFemme = "female"\nRefus = ""',
        **{'"Commune"': '"c"', '"Fait"': '"f"', '"Date"': '"d"'},
    )
    table = clean_police(path, profile=own).table
    assert table["territory"].tolist() == ["21009", "21006", "21010"]
    assert table["victim_sex"].tolist()[:2] == ["male", "female"]
    assert table["event_date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-05"] * 3
    coded = profile(
        FACTS,
        columns=column,
        file="labels = false",
        tables='[codes.victim_sex]\n1 = "male"\n2 = "female"\n9 = ""\n[territory.names]\n1 = "21009"\n2 = "21006"\n9 = "21010"',
        **{'"Commune"': '"c"', '"Fait"': '"f"', '"Date"': '"d"'},
    )
    assert clean_police(path, profile=coded).table["victim_sex"].tolist()[:2] == ["male", "female"]
    cut = path.read_bytes()[:-20]
    refuse(tmp_path, cut, r"an SPSS data file \(.sav\) whose content cannot be read to its end")


def test_a_survey_is_read_from_spss(tmp_path):
    women = pd.DataFrame({
        "ID": ["1", "2"], "AGE": "30-44", "COMMUNE": "Ixelles", "POIDS": [0.93, 1.07],
        "VIOL_PARTENAIRE": [1.0, 2.0], "HARC_SEX": 1.0, "STALKING": 2.0,
        "F_PSY": [1.0, None], "F_PHYS": [2.0, None], "F_SEX": [2.0, None], "F_ECO": [2.0, None],
        "CONSEQUENCES": [2.0, None], "DEMARCHE": [1.0, None]})  # fmt: skip
    path = tmp_path / "women_2017.sav"
    pyreadstat.write_sav(women, path)
    cleaned = clean_survey(path, profile="obs_sample_women")
    assert cleaned.summary()[0] == "read 2, kept 2, merged 0, rejected 0"
    assert cleaned.table["weight"].tolist() == [0.93, 1.07]


def test_sdmx_csv_with_its_status(tmp_path):
    path = tmp_path / "sdmx.csv"
    path.write_text(
        "DATAFLOW,FREQ,REF_AREA,OFFENCE,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
        "OBS:CRIME(1.0),A,21004,VOL,2023,12,A\nOBS:CRIME(1.0),A,21001,VOL,2023,,Q\n"
        "OBS:CRIME(1.0),A,21002,VOL,2023,7,P\n"
    )
    own = profile(
        COUNTS.replace('"" = "missing"', ""),
        columns='status = "OBS_STATUS"',
        **{
            '";"': '","',
            '"nis"': '"REF_AREA"',
            '"annee"': '"TIME_PERIOD"',
            '"fait"': '"OFFENCE"',
            '"n"': '"OBS_VALUE"',
        },
    )
    table = clean_police(path, profile=own).table
    assert table["status"].tolist() == ["ok", "suppressed_source", "provisional"]
    assert table["numerator"].isna().tolist() == [False, True, False]


def test_places_or_years_across_the_columns(tmp_path):
    path = tmp_path / "vol_2023.csv"
    path.write_text("fait;21001;21002;Total\nVOL;3;4;7\n")
    places = """
name = "places"
title = "Places across"
kind = "police"
shape = "wide_counts"
wide_pattern = '\\d{5}'
wide_names = "territory"
period = "%Y"
offences = [{ offence = "VOL", phenomenon = "theft" }]
[file]
separator = ";"
[columns]
offence = "fait"
[constants]
unit = "fact"
[named]
period = { of = "file", pattern = '_(\\d{4})' }
"""
    table = clean_police(path, profile=profile(places)).table
    assert table[["territory", "numerator"]].to_numpy().tolist() == [["21001", 3], ["21002", 4]]
    assert table["period"].astype("str").tolist() == ["2023", "2023"]
    path.rename(tmp_path / "vol.csv")
    with pytest.raises(
        DeliveryError, match="the name of the file 'vol.csv' should tell our column 'period'"
    ):
        clean_police(tmp_path / "vol.csv", profile=profile(places))
    years = places.replace("'\\d{5}'", "'faits (\\d{4})'").replace(
        'wide_names = "territory"', 'wide_names = "period"'
    )
    years = years.split("[named]")[0].replace("[columns]", '[columns]\nterritory = "nis"')
    path.write_text("nis;fait;faits 2022;faits 2023\n21001;VOL;3;4\n")
    table = clean_police(path, profile=profile(years)).table
    assert table["period"].astype("str").tolist() == ["2022", "2023"]
    path.write_text("nis;fait;année\n21001;VOL;3\n")
    with pytest.raises(DeliveryError, match=r"columns of the form faits \(\\d\{4\}\)"):
        clean_police(path, profile=profile(years))


def test_wide_columns_that_a_file_may_lack():
    wide = profile(
        more='wide = ["vol_a", "vol_b"]\nwide_optional = ["vol_b"]\nsummed = ["offence"]',
        **{
            '"counts"\nperiod': '"wide_counts"\nperiod',
            'offence = "fait"\n': "",
            'numerator = "n"\n': "",
        },
    )
    cleaned = clean_police(
        pd.DataFrame({"nis": ["21001"], "annee": "2022", "vol_a": "4"}), profile=wide
    )
    assert cleaned.table["numerator"].tolist() == [4]


def test_a_header_of_two_lines(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(";;Faits;\nnis;annee;fait;n\n21001;2023;VOL;3\n21002;2023;VOL;x\n")
    own = profile(file="header_rows = 2", **{'"fait"': '"Faits / fait"', '"n"': '"Faits / n"'})
    cleaned = clean_police(path, profile=own)
    assert cleaned.table["numerator"].tolist() == [3]
    assert cleaned.rejected[["row", "column"]].to_numpy().tolist() == [[4, "Faits / n"]]


@pytest.mark.parametrize(("end", "doubts"), [("\n", []), ("", ["no_line_end"])])
@pytest.mark.parametrize("last", ["21002;2023;VOL;4", '21002;2023;"VOL";4'])
def test_a_last_line_without_an_end_is_remarked_and_kept(tmp_path, last, end, doubts):
    """The file may be cut short: 4 may be the start of 41."""
    path = tmp_path / "c.csv"
    path.write_text(f"nis;annee;fait;n\n21001;2023;VOL;3\n{last}{end}")
    cleaned = clean_police(path, profile=profile())
    assert cleaned.table["numerator"].tolist() == [3, 4]
    assert cleaned.flagged["rule"].tolist() == doubts
    assert cleaned.flagged["row"].tolist() == [3] * len(doubts)


@pytest.mark.parametrize("encodings", ['"cp1252", "utf-8-sig"', '"utf-8-sig", "cp1252"'])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_decides_the_encoding_whatever_comes_first(tmp_path, mark, encodings):
    text = mark + "nis;annee;fait;n\n21001;2023;VOLÉ;3\n"
    path = tmp_path / "c.csv"
    path.write_bytes(text.encode("utf-8" if mark else "cp1252"))
    own = profile(file=f"encodings = [{encodings}]", **{'"VOL.*"': '"VOLÉ"'})
    assert clean_police(path, profile=own).table["numerator"].tolist() == [3]


def test_decimals_and_unmarked_texts_of_parquet_are_read(tmp_path):
    counts = [Decimal("12.00"), Decimal("0.00"), Decimal("1.50"), None]
    table = pa.table(
        {
            "nis": pa.array([b"21001", b"21006", b"21009", b"21009"]),
            "annee": pa.array([Decimal(2023)] * 3 + [Decimal(2024)], pa.decimal128(6, 0)),
            "fait": ["VOL"] * 4,
            "n": pa.array(counts, pa.decimal128(10, 2)),
        }
    )
    pq.write_table(table, tmp_path / "d.parquet")
    cleaned = clean_police(tmp_path / "d.parquet", profile=profile())
    found = cleaned.table[["territory", "numerator", "status"]].astype("object").to_numpy().tolist()
    assert found == [["21001", 12, "ok"], ["21006", 0, "zero"], ["21009", pd.NA, "missing"]]
    assert cleaned.rejected["rule"].tolist() == ["not_a_number"]


MARK = "\ufeff"


def test_a_mark_of_bytes_within_a_file_makes_no_fact_two(tmp_path):
    head, row = "ID;Date;Commune;Fait\n", "1;01/03/2024;Ixelles;VOL\n"
    path = tmp_path / "joined.csv"
    path.write_text(MARK + head + row + MARK + row + f"2{MARK};01/03/2024;Jette;VOL\n")
    cleaned = clean_police(path, profile=profile(FACTS))
    assert cleaned.table["event_id"].tolist() == ["1", "2"]
    assert cleaned.report[["read", "kept", "merged"]].to_numpy().tolist() == [[3, 2, 1]]
    path.write_text(MARK * 2 + head + row)
    assert len(clean_police(path, profile=profile(FACTS)).table) == 1


def test_a_phone_number_parted_by_signs_of_no_width_is_refused(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("ID;Date;Commune;Fait;Note\n1;01/03/2024;Ixelles;VOL;0475\u200b/12.34.56\n")
    with pytest.raises(DeliveryError, match=r"column 'Note' holds a phone number in 1 row"):
        clean_police(path, profile=profile(FACTS))


def test_a_fact_that_never_was_is_rejected_beside_its_hour(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(
        "ID;Date;Heure;Commune;Fait\n"
        "1;01/03/2024;10:00;Ixelles;VOL\n2;31/12/9999;23:30;Ixelles;VOL\n"
    )
    cleaned = clean_police(path, profile=profile(FACTS, columns='event_hour = "Heure"'))
    assert cleaned.table["event_id"].tolist() == ["1"]
    assert cleaned.rejected["rule"].tolist() == ["impossible_date"]
