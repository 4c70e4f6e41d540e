"""How a file is written, found from its lines alone."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from obs.clean.draft.found_layout import bare_profile, find_layout
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.read.file_checks import Delivery
from obs.errors import DeliveryError


def found(content, kind="text"):
    data = content if isinstance(content, bytes) else content.encode()
    return find_layout(Delivery(Path("a"), "a.csv", "", kind, data))


def refused(content, said, kind="text"):
    with pytest.raises(DeliveryError, match=said):
        found(content, kind)


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
def test_the_separator_is_that_which_cuts_the_lines_alike(sign):
    made = found(f"nis{sign}n\n21001{sign}3\n21002{sign}4\n")
    assert made.layout == FileLayout(encodings=("utf-8-sig",), separator=sign)
    assert made.evidence == {
        "encodings": "the whole file is sound UTF-8",
        "separator": "it cuts 100% of the first lines into 2 columns",
    }


def test_of_two_signs_the_one_that_cuts_more_lines_and_then_into_more_columns():
    assert found("a;b,c\n1;2\n3;4\n").layout.separator == ";"
    assert found("a;b,c,d\n1;2,3,4\n5;6,7,8\n").layout.separator == ","
    made = found("a;b\n1;2\n3;4\n5\n")
    assert made.evidence["separator"] == "it cuts 75% of the first lines into 2 columns"
    refused("a;b\n1;2\n3\n4\n", "no table is found")  # half of the lines are not most
    refused("no table\nat all\n", "no table is found")
    refused("\n\n", "no table is found")


def test_comments_and_titles_above_the_header_are_passed_over():
    made = found("# x\n# y\nnis;n\n21001;3\n")
    assert (made.layout.comment, made.layout.skip) == ("#", 0)
    made = found("Title;;\n\nnis;n;x\n21001;3;a\n21002;4;b\n")
    assert (made.layout.comment, made.layout.skip) == ("", 2)
    assert made.evidence["skip"] == "2 lines of titles stand above the header"
    both = found("# x\nTitle;;\nnis;n;x\n21001;3;a\n21002;4;b\n")
    assert (both.layout.comment, both.layout.skip) == ("#", 2)
    assert "skip" not in found("nis;n\n21001;3\n").evidence


def test_the_header_is_of_texts_and_something_follows_it():
    refused("1;2;x\n3;4;y\n", "no header is found.*first row of 3 cells holds numbers")
    assert found("1;x\n3;y\n").layout.skip == 0  # half are texts
    refused("nis;n\n", "nothing follows it")
    refused("nis;n\n;\n;\n", "nothing follows it")


@pytest.mark.parametrize(
    ("header", "is_one"),
    [
        ("nis;2021;2022", True),
        ("nis;2022;2021", True),
        ("nis;2021-01;2021-02", True),
        ("nis;2021;2021", False),
        ("nis;2021;2023;2022", False),
        ("2020;2021;2022", False),  # beside the name of no column
        ("nis;2021;17", False),
        ("nis;x;2021", True),  # most are texts
        ("nis;3101;3102", False),
    ],
)
def test_years_across_the_columns_are_a_header_in_order(header, is_one):
    rows = ";".join(["21001"] + ["3"] * header.count(";"))
    text = f"{header}\n{rows}\n{rows}\n"
    if is_one:
        assert found(text).layout.skip == 0
    else:
        refused(text, "no header is found")


def test_encodings_are_proven_or_said_not_to_be():
    made = found("né;n\nété;3\n".encode("cp1252"))
    assert made.layout.encodings == ("cp1252",)
    assert made.evidence["encodings"].startswith("NOT PROVEN")
    wide = found("né;n\nété;3\n".encode("utf-16"))
    assert wide.layout.encodings == ("utf-8-sig",)
    assert wide.evidence["encodings"] == "the mark of utf-16 at its beginning decides"
    refused(b"a;b\n1;2\x00\n", "NUL byte")


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


TABLE = [["nis", "n"], ["21001", 3]]


def test_sheets_with_a_table_of_the_same_columns_are_read():
    made = found(workbook(A=[["title"], *TABLE], B=TABLE), "xlsx")
    assert (made.layout.skip, made.layout.sheet) == (1, ())
    assert made.evidence == {"skip": "1 lines of titles stand above the header"}
    made = found(workbook(A=TABLE, B=[["x", "y"], ["a", 1]], C=TABLE, D=[["note"]]), "xlsx")
    assert (made.layout.skip, made.layout.sheet) == (0, ("A", "C"))
    assert made.evidence == {"sheet": "1 other sheets have other columns, and are not read"}
    refused(workbook(A=[["note"]]), "no header is found", "xlsx")


def test_the_one_list_of_records_of_a_json_file():
    assert found(json.dumps([{"a": 1}]), "json").layout == FileLayout()
    made = found(json.dumps({"data": {"items": [{"a": 1}], "n": [1, 2]}}), "json")
    assert made.layout.records == "data.items"
    assert made.evidence == {"records": "the one list of records of the file"}
    refused(json.dumps({"a": [{"x": 1}], "b": [{"x": 1}]}), "one object and not a list", "json")
    refused(json.dumps({"a": 5}), "one object and not a list", "json")
    deep = {"k": [{"a": 1}]}
    for _ in range(7):
        deep = {"k": deep}
    assert found(json.dumps(deep), "json").layout.records == ".".join("k" * 8)
    refused(json.dumps({"k": deep}), "one object and not a list", "json")
    refused("[1, 2", "damaged", "json")


def test_other_kinds_need_no_layout_and_a_bare_profile_binds_nothing():
    assert found(b"PAR1", "parquet").layout == FileLayout()
    bare = bare_profile(FileLayout(separator=";"))
    assert (bare.columns, bare.file.separator) == ({}, ";")
