"""What a file is, by its first bytes alone."""

import io
import zipfile

import pytest

from obs.clean.read.file_formats import member_of, recognise
from obs.errors import DeliveryError


def zipped(**parts):
    """Write a zip archive of parts whose names have '/' as '__'."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, text in parts.items():
            book.writestr(name.replace("__", "/"), text)
    return out


def kind(content):
    return recognise(content, "a", whole=io.BytesIO(content))


def stata(version=114, order=2, zero=b"\x01\x00", length=61):
    return (bytes([version, order]) + zero).ljust(length, b"\x00")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"\x1f\x8b\x08", "gzip"),
        (b"PAR1", "parquet"),
        (b"$FL2@(#)", "sav"),
        (b"$FL3@(#)", "sav"),
        (b"<stata_dta>", "dta"),
        (stata(110), "dta"),
        (stata(115), "dta"),
        (stata(order=1), "dta"),
        (stata(109), "text"),
        (stata(116), "text"),
        (stata(order=3), "text"),
        (stata(zero=b"\x02\x00"), "text"),
        (stata(length=60), "text"),
        (b" [1, 2]", "json"),
        (b"{}", "json"),
        (b"[true]", "json"),
        (b"\xff\xfe" + "[1]".encode("utf-16-le"), "json"),
        (b"\xfe\xff" + "[1]".encode("utf-16-be"), "json"),
        (b"[x] of an ini", "text"),
        (b"a;b\n", "text"),
        (b"\xd0\xcf\x11\xe0", "xls"),
    ],
)
def test_the_first_bytes_tell_what_is_read(content, found):
    assert recognise(content, "a") == found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7", "a PDF document"),
        (b"RDX3\n", "an R data file"),
        (bytes.fromhex("000000000000000000000000c2ea8160"), "a SAS data file"),
        (b'CHARSET="ANSI";', "a PC-Axis file"),
        (b"<!DOCTYPE html><p>", "a web page"),
        (b"<table><tr>", "a web page"),
        (b"<?xml version='1.0'?><a/>", "an XML file"),
        (b"@RELATION facts", "a Weka file"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ],
)
def test_what_is_not_read_is_named(content, said):
    with pytest.raises(DeliveryError, match=said):
        recognise(content, "a")


def test_a_container_of_microsoft_is_looked_into_whole():
    content = b"\xd0\xcf\x11\xe0".ljust(5000) + "WordDocument".encode("utf-16-le")
    with pytest.raises(DeliveryError, match="a Word document"):
        recognise(content[:4096], "a", whole=io.BytesIO(content))


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"xl__workbook.xml": "", "docProps__app.xml": ""}, "xlsx"),
        ({"xl__workbook.bin": "", "docProps__app.xml": ""}, "xlsb"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "ods"),
        ({"a.csv": "a;b"}, "zip"),
    ],
)
def test_an_archive_is_told_by_its_parts(parts, found):
    assert kind(zipped(**parts).getvalue()) == found
    assert recognise(zipped(**parts).getvalue(), "a") == found


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"word__document.xml": "", "a.xml": ""}, "a text document"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "a text document"),
        ({"ppt__slides.xml": "", "a.xml": ""}, "a presentation"),
    ],
)
def test_an_archive_that_is_a_document_is_refused(parts, said):
    with pytest.raises(DeliveryError, match=said):
        kind(zipped(**parts).getvalue())


@pytest.mark.parametrize(
    ("first", "called"),
    [
        ("xl/workbook.xml", "Excel workbook"),
        ("mimetype", "OpenDocument spreadsheet"),
        ("a.csv", "zip archive"),
    ],
)
def test_an_archive_cut_short_is_called_by_its_first_part(first, called):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr(first, "text" * 40)
    with pytest.raises(DeliveryError, match=f"{called}.*cannot be opened"):
        kind(out.getvalue()[:100])


def member(**parts):
    with zipfile.ZipFile(zipped(**parts)) as book:
        return member_of(book, "a.zip").filename


def test_the_one_file_of_an_archive_is_taken_past_folders_and_litter():
    assert member(sub__="", sub__a__csv="x") == "sub/a/csv"
    litter = {"__MACOSX/._a.csv": "x", "sub/.DS_Store": "x", "a.csv": "x"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        for name, text in litter.items():
            book.writestr(name, text)
    with zipfile.ZipFile(out) as book:
        assert member_of(book, "a.zip").filename == "a.csv"


def test_an_archive_of_none_or_several_files_is_refused():
    with pytest.raises(DeliveryError, match="holds 2 files; one is read. Unpack it"):
        member(a="x", b="y")
    with pytest.raises(DeliveryError, match="holds 0 files; one is read. Ask for it again"):
        member(sub__="")
