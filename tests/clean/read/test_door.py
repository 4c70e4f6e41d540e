"""Files that are refused whole: the message names the file, the place and the remedy."""

import gzip
import json
import os
import re
import resource
import zipfile

import openpyxl
import pandas as pd
import pytest

from obs.clean import clean_police
from obs.clean.read.file_checks import find_encoding, open_deliveries
from obs.clean.read.json_records import read_json
from obs.errors import DeliveryError
from tests.clean.deliveries import FACT, HEADER, NAME, NOTICE, line


def refuse(path, match, *, profile="obs_sample"):
    with pytest.raises(DeliveryError, match=match) as caught:
        clean_police(path, profile=profile)
    for value in ("Dupont", "0475", "85.07.30", str(path.parent)):
        assert value not in str(caught.value)


def test_no_file(tmp_path):
    refuse(tmp_path / "absent.csv", r"absent\.csv: there is no such file")
    with pytest.raises(DeliveryError, match="no file is given"):
        clean_police([], profile="obs_sample")


def test_a_folder(tmp_path):
    refuse(tmp_path, "is a folder; give its files")


def test_an_empty_file(tmp_path):
    path = tmp_path / NAME
    path.touch()
    refuse(path, "the file is empty")


def test_a_header_alone(deliver):
    refuse(deliver(), "there is a header and no rows")


def test_a_notice_alone(tmp_path):
    path = tmp_path / NAME
    path.write_text(f"{NOTICE}\n")
    refuse(path, "there is no header line")


def test_a_file_given_twice(deliver):
    path = deliver(line())
    with pytest.raises(DeliveryError, match="given twice"):
        clean_police([path, path], profile="obs_sample")


@pytest.mark.slow
def test_files_of_one_name_are_told_apart_by_their_folder(tmp_path):
    paths = []
    for folder, fact in (("a", "F1"), ("b", "F2")):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / NAME)
        paths[-1].write_text(f"{HEADER}\n{line(NUM_FAIT=fact)}\n")
    cleaned = clean_police(paths, profile="obs_sample")
    assert cleaned.report["file"].tolist() == [f"a/{NAME}", f"b/{NAME}"]


def test_a_wrong_profile_names_what_is_missing_and_what_is_near(deliver):
    path = deliver(line(), head=HEADER.replace("DATE_FAIT", "DATE_FAITS"))
    refuse(path, r"'DATE_FAIT' or 'DATUM_FEIT'.* Found: NUM_FAIT.* Nearest: .*DATE_FAITS")


def test_a_file_without_header_does_not_show_its_first_row(tmp_path):
    path = tmp_path / NAME
    path.write_text("Dupont;0475 12 34 56\nDurand;0475 65 43 21\n")
    refuse(path, r"columns of profile 'obs_sample' missing")


def test_a_repeated_header(deliver):
    refuse(deliver(line(), head=f"{HEADER};NUM_PV"), r"repeats a name \(columns 20\)")


def test_bytes_of_no_encoding_are_placed(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(f"{HEADER}\n".encode() + line().encode() + b"\n\xe9\x9f\n")
    at = len(HEADER) + 1 + len(line().encode()) + 2
    refuse(path, rf"utf-8-sig at byte {at:,}; latin-1 at byte {at + 1:,}")


def test_a_bad_byte_after_a_byte_order_mark_is_not_read_as_latin_1(deliver):
    path = deliver(line())
    path.write_bytes(
        path.read_bytes() + line(LIB_FAIT="@@").encode().replace(b"@@", b"\xe9") + b"\n"
    )
    refuse(path, "in none of the profile's encodings")


def test_utf_8_with_one_bad_byte_is_not_read_as_latin_1(tmp_path):
    path = tmp_path / NAME
    bad = line(LIB_FAIT="dégradé @@").encode().replace(b"@@", b"\xe8")
    path.write_bytes(f"{HEADER}\n".encode() + bad + b"\n")
    refuse(path, "in none of the profile's encodings")


@pytest.mark.slow
def test_a_character_cut_by_a_block_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("obs.clean.read.file_checks.BLOCK", 7)
    path = tmp_path / NAME
    path.write_text(f"{HEADER}\n{line(LIB_FAIT='éèàùç')}\n", encoding="utf-8")
    assert len(clean_police(path, profile="obs_sample").table) == 1


def test_nul_bytes(deliver):
    path = deliver(line(LIB_FAIT="a\0b"))
    refuse(path, r"NUL byte at byte \d")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_text_of_two_or_four_bytes_a_character_is_told_by_its_mark(tmp_path, encoding):
    path = tmp_path / NAME
    path.write_text(f"{HEADER}\n{line(LIB_FAIT='été')}\n", encoding=encoding)
    assert len(clean_police(path, profile="obs_sample").table) == 1


def test_a_text_of_two_bytes_a_character_without_its_mark(tmp_path):
    path = tmp_path / NAME
    path.write_text(f"{HEADER}\n{line()}\n", encoding="utf-16-le")
    refuse(path, "UTF-16 without its mark")


def test_a_cut_gzip(deliver, tmp_path):
    packed = gzip.compress(deliver(*(line(NUM_FAIT=f"F{i}") for i in range(5000))).read_bytes())
    path = tmp_path / "police_2021_20220131.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    refuse(path, "damaged or cut short")


def test_a_gzip_that_expands_beyond_measure(tmp_path, monkeypatch):
    monkeypatch.setattr("obs.clean.read.file_checks._SMALL", 1 << 20)
    path = tmp_path / "police_2021_20220131.csv.gz"
    path.write_bytes(gzip.compress(b"0;\n" * 4_000_000))
    refuse(path, "expands more than 200 times")


def test_an_endless_line_in_bounded_memory(tmp_path):
    path = tmp_path / NAME
    with path.open("wb") as out:
        out.write(f"{HEADER}\n{line()}\n".encode())
        for _ in range(100):
            out.write(b"x" * 1_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refuse(path, r"a line after line 2 is longer than 1,000,000 bytes")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kilobytes


def test_mixed_separators(deliver):
    path = deliver(line(), line().replace(";", ","))
    refuse(path, r"line 4 is separated otherwise than the header \(by ';'\)")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04zip", "a zip archive whose content cannot be opened"),
        (b"PAR1data", "an Apache Parquet file that is damaged or cut short"),
        (b"\xd0\xcf\x11\xe0old", r"an Excel 97-2003 workbook \(.xls\) of which a part"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"an Excel 97-2003 workbook .* a part"),
        (b"$FL2@(#) SPSS DATA FILE", r"an SPSS data file \(.sav\) whose content cannot be read"),
        (b"<stata_dta><header>", r"a Stata data file \(.dta\) whose content cannot be read"),
        (b"%PDF-1.7", "this is a PDF document, which is not read. Ask for the data"),
        (b"RDX3\nX\n", r"an R data file \(.RData\).* write.csv2"),
        (b"SQLite format 3\x00", "an SQLite or GeoPackage database.*CSV"),
        (b'CHARSET="ANSI";\nAXIS-VERSION="2000";', r"a PC-Axis file \(.px\).*CSV"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b'<?xml version="1.0"?><message:GenericData>', "an XML file"),
        (b'{"class": "dataset", "value": [1], "dimension": {}}', "a JSON-stat file"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive.*Unpack it"),
    ],
)
def test_what_a_file_is_is_told_by_its_content_with_the_remedy(tmp_path, content, words):
    path = tmp_path / NAME
    path.write_bytes(content + b"\n" * 200)
    refuse(path, words)


def test_a_damaged_parquet(tmp_path):
    path = tmp_path / "counts.parquet"
    path.write_bytes(b"PAR1" + b"x" * 100)
    refuse(path, "damaged or cut short", profile="ssmsi_communes")


@pytest.fixture
def workbook_profile(tmp_path):
    path = tmp_path / "book.toml"
    path.write_text(
        """
        name = "book"
        title = "Counts in a workbook"
        kind = "police"
        shape = "counts"
        period = "%Y"
        offences = [{ offence = "vols", phenomenon = "theft" }]
        [file]
        format = "xlsx"
        sheet = "Comptes"
        skip = 1
        [territory]
        match = "reference"
        level = "commune"
        [columns]
        territory = "Commune"
        period = "An"
        offence = "Classe"
        numerator = "Faits"
        [constants]
        unit = "fact"
        [marks]
        "" = "missing"
        "n.d." = "suppressed_source"
        """
    )
    return path


def write_book(path, rows, *, sheet="Comptes"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in [["Titre"], ["Commune", "An", "Classe", "Faits", None], *rows]:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.slow
def test_a_workbook_is_read_with_its_formulas_rejected(tmp_path, workbook_profile):
    rows = [
        ["Ixelles", 2021, "Vols", 12],
        ["Bruxelles", 2021, "Vols", None],
        ["Jette", 2021, "Vols", "n.d."],
        ["Evere", 2021, "Vols", "=SUM(D3:D5)"],
        ["Uccle", 2021, "Vols", -4],
        ["Forest", 2021, "Vols", 3.5],
        [21001, 2021, "Vols", 0],
    ]
    cleaned = clean_police(write_book(tmp_path / "a.xlsx", rows), profile=workbook_profile)
    found = cleaned.table[["territory", "status"]].to_numpy().tolist()
    assert found == [
        ["21009", "ok"],
        ["21004", "missing"],
        ["21010", "suppressed_source"],
        ["21001", "zero"],
    ]
    assert cleaned.rejected[["row", "rule"]].to_numpy().tolist() == [
        [6, "formula"],
        [7, "negative_count"],
        [8, "not_a_number"],
    ]


def test_a_workbook_without_the_sheet(tmp_path, workbook_profile):
    path = write_book(tmp_path / "a.xlsx", [["Ixelles", 2021, "Vols", 1]], sheet="Autre")
    refuse(path, r"no sheet 'Comptes'; it has 1: Autre", profile=workbook_profile)


def test_a_damaged_workbook(tmp_path, workbook_profile):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04" + b"x" * 50)
    refuse(path, "cannot be opened", profile=workbook_profile)
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("xl/other.xml", "not a workbook")
    refuse(path, "a part is missing or cannot be read", profile=workbook_profile)


def test_a_workbook_that_expands_beyond_measure(tmp_path, workbook_profile, monkeypatch):
    monkeypatch.setattr("obs.clean.read.file_checks._SMALL", 1 << 20)
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    refuse(path, "expands more than 200 times", profile=workbook_profile)


@pytest.fixture
def json_profile(tmp_path, workbook_profile):
    path = tmp_path / "records.toml"
    text = workbook_profile.read_text().replace('"xlsx"', '"json"').replace("skip = 1", "")
    path.write_text(text.replace('sheet = "Comptes"', ""))
    return path


@pytest.mark.slow
def test_json_records_are_read(tmp_path, json_profile):
    records = [
        {"Commune": "Ixelles", "An": 2021, "Classe": "Vols", "Faits": 12},
        {"Commune": "Jette", "An": "2021", "Classe": "Vols", "Faits": None},
        {"Commune": "Evere", "An": 2021, "Classe": "Vols"},
        {"Commune": "Nulle part", "An": 2021, "Classe": "Vols", "Faits": 1},
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(records))
    cleaned = clean_police(path, profile=json_profile)
    assert cleaned.table["status"].tolist() == ["ok", "missing", "missing"]
    assert cleaned.rejected["row"].tolist() == [4]


@pytest.mark.parametrize("text", ["{", '{"a": 1', "[1, 2", "no json"])
def test_damaged_json(tmp_path, json_profile, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    refuse(path, "damaged, or not JSON|missing", profile=json_profile)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("85.07.30-033.28", "national register number"),
        ("85073003328", "national register number"),
        ("n° 00.01.25-567.77 (victime)", "national register number"),
        ("0475 12 34 56", "phone number"),
        ("+32 475 12 34 56", "phone number"),
        ("appeler le 02/123.45.67", "phone number"),
        ("j.dupont@example.org", "e-mail address"),
    ],
)
def test_personal_data_refuse_the_file_and_are_not_shown(tmp_path, value, kind):
    frame = pd.DataFrame([FACT, {**FACT, "NUM_FAIT": "F2", "LIB_FAIT": value}] * 2)
    with pytest.raises(DeliveryError) as caught:
        clean_police(frame, profile="obs_sample")
    message = str(caught.value)
    assert re.search(rf"column 'LIB_FAIT' holds an? {kind} in 2 rows \(first: 2, 4\)", message)
    assert value not in message


def test_personal_headers_refuse_the_file_all_at_once():
    frame = pd.DataFrame([{**FACT, "Prénom": "x", "NOM_VICTIME": "y", "rijksregisternummer": "z"}])
    with pytest.raises(DeliveryError, match="'Prénom'.*'NOM_VICTIME'.*'rijksregisternummer'"):
        clean_police(frame, profile="obs_sample")


@pytest.mark.parametrize("name", ["=cmd()", "<b>Nom</b>", "a\x07b", "x" * 201])
def test_hostile_headers_refuse_the_file(name):
    with pytest.raises(DeliveryError, match=r"the name of column 20 is a text that no header"):
        clean_police(pd.DataFrame([{**FACT, name: "1"}]), profile="obs_sample")


@pytest.mark.slow
def test_a_header_of_thousands_of_columns(deliver):
    path = deliver(line(), head=";".join([HEADER, *(f"x{i}" for i in range(1000))]))
    refuse(path, "no delivery has more than 1,000")


def test_a_file_named_like_a_formula(tmp_path):
    path = tmp_path / "=cmd.csv"
    path.write_text("a")
    with pytest.raises(DeliveryError, match="rename it"):
        clean_police(path, profile="obs_sample")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("faits_85073003328.csv", "national register number"),
        ("dossier_85.07.30-033.28", "national register number"),
        ("jan.peeters@example.be", "e-mail address"),
        ("faits_0470123456.csv.gz", "phone number"),
        ("Monsieur Dupont 2024.csv", "person's name"),
    ],
)
def test_a_file_whose_name_holds_personal_data_is_refused_without_it(name, kind, tmp_path):
    (tmp_path / name).write_text("a")
    with pytest.raises(DeliveryError, match=f"holds personal data \\({kind}\\); rename it") as told:
        clean_police(tmp_path / name, profile="obs_sample")
    assert not {"85073003328", "033.28", "peeters", "0470123456", "Dupont"} & set(
        re.split(r"[_ @]", str(told.value))
    )


def test_a_file_named_by_a_day_and_a_place_is_taken(tmp_path):
    for name in ("faits_20240131_123000.csv", "Saint-Gilles_2024.csv", "POLBRUNO 31.01.2024.csv"):
        (tmp_path / name).write_text("a;b\n1;2\n")
        assert open_deliveries([tmp_path / name])[0].name == name


@pytest.mark.parametrize("before", [0, 1, 40_000, 60_000])
def test_an_endless_line_is_found_wherever_it_stands_in_a_block(before, tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("a;b\n" + "1;2\n" * before + "x" * 1_000_001 + ";2\n" + "1;2\n" * 9)
    with pytest.raises(DeliveryError, match=r"a line after line [\d,]+ is longer"):
        find_encoding(open_deliveries([path])[0], ["utf-8"])
    path.write_text("a;b\n" + "1;2\n" * before + "x" * 999_990 + ";2\n" + "1;2\n" * 9)
    assert find_encoding(open_deliveries([path])[0], ["utf-8"]) == "utf-8"


def test_half_of_a_character_in_json_is_refused(tmp_path):
    """An escape of a surrogate alone is valid JSON, and no text."""
    path = tmp_path / "halves.json"
    for text, said in (
        ('[{"a": "\\ud83d\\ude00"}, {"a": "x\\uD800"}]', "record 2 holds half of a character"),
        ('[{"a\\udc00": "x"}]', "the name of a key holds half of a character"),
    ):
        path.write_text(text, encoding="utf-8")
        (delivery,) = open_deliveries([path])
        with pytest.raises(DeliveryError, match=rf"halves\.json: {said}.*ask for the file again"):
            read_json(delivery, records="", decimal=".")


def test_what_is_no_file_is_told_apart_from_what_is_not_there(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "endless.csv").symlink_to("/dev/zero")
    for name in ("pipe", "loop", "endless"):
        refuse(tmp_path / f"{name}.csv", rf"{name}\.csv: is no file that can be read \(a pipe")
