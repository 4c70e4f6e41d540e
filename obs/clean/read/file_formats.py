"""Recognise what a file is by its first bytes, never by its name; name the remedy if it is not read."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from obs.errors import DeliveryError

__all__ = ["READ", "recognise"]

READ = {  # what is read, and how messages call it
    "text": "a text file (csv)",
    "json": "a JSON file",
    "xlsx": "an Excel workbook (.xlsx)",
    "xlsb": "an Excel binary workbook (.xlsb)",
    "xls": "an Excel 97-2003 workbook (.xls)",
    "ods": "an OpenDocument spreadsheet (.ods)",
    "parquet": "an Apache Parquet file",
    "sav": "an SPSS data file (.sav)",
    "dta": "a Stata data file (.dta)",
    "gzip": "a gzip file",
    "zip": "a zip archive",
}
_FROM_R = 'In R, write it with write.csv2(x, "name.csv", row.names = FALSE, fileEncoding = "UTF-8")'
_AS_CSV = "Export it as CSV (UTF-8) or as .xlsx"
_UNPACK = "Unpack it, and give the files in it"
_TABLE = "Ask for the data behind it, as CSV or .xlsx"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"<stata_dta>", "dta"),
)
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"RDX", "an R data file (.RData)", _FROM_R),
    (b"RDA", "an R data file (.RData)", _FROM_R),
    (b"X\n\x00\x00\x00", "an R data file (.rds)", _FROM_R),
    (b"A\n2\n", "an R data file (.rds)", _FROM_R),
    (b"A\n3\n", "an R data file (.rds)", _FROM_R),
    (b"ASCII SPSS PORT FILE", "an SPSS portable file (.por)", "Save it in SPSS as .sav or CSV"),
    (b"HEADER RECORD*******", "a SAS transport file (.xpt)", _AS_CSV),
    (b"SQLite format 3\x00", "an SQLite or GeoPackage database", _AS_CSV),
    (b"\x00\x01\x00\x00Standard ", "a Microsoft Access database", _AS_CSV),
    (b"ARROW1", "an Arrow or Feather file", "Save it as Apache Parquet or CSV"),
    (b"FEA1", "a Feather file", "Save it as Apache Parquet or CSV"),
    (b"ORC", "an Apache ORC file", "Save it as Apache Parquet or CSV"),
    (b"Obj\x01", "an Apache Avro file", "Save it as Apache Parquet or CSV"),
    (b"\x89HDF", "an HDF5 file", _AS_CSV),
    (b"MATLAB 5.0", "a MATLAB file", _AS_CSV),
    (b"\x00\x00\x27\x0a", "a shapefile", "Give its table as CSV"),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"%PDF", "a PDF document", _TABLE),
    (b"{\\rtf", "an RTF document", _TABLE),
    (b"\x89PNG", "an image", _TABLE),
    (b"\xff\xd8\xff", "an image", _TABLE),
    (b"GIF8", "an image", _TABLE),
)
_SAS = bytes.fromhex("000000000000000000000000c2ea8160")
_OLE = b"\xd0\xcf\x11\xe0"
_OLE_PARTS = (  # names of streams, as such a file spells them
    ("EncryptedPackage", "a workbook protected by a password", "Save it without a password"),
    ("WordDocument", "a Word document (.doc)", _TABLE),
    ("PowerPoint Document", "a PowerPoint document (.ppt)", _TABLE),
    ("__substg1.0", "an Outlook message (.msg)", "Save the file attached to it"),
)
_PC_AXIS = re.compile(
    r'(CHARSET|AXIS-VERSION|CODEPAGE|LANGUAGES?|CREATION-DATE|TITLE|MATRIX|DECIMALS)(\[\w+\])?=["\d]'
)
_JSON = re.compile(r'\[\s*[\[{"\]\d-]|\{\s*["}]|\[\s*(true|false|null)\b')
_MARKUP = re.compile(r"<(\?xml|!doctype|html|table|[a-z]+:|[a-z]+[ >])", re.IGNORECASE)
_HEAD = 4096


def recognise(content: bytes, name: str, *, whole: io.BufferedIOBase | None = None) -> str:
    """Tell what a file is.

    Parameters
    ----------
    content : bytes
        Its first 4,096 bytes, or all of them.
    name : str
        How messages call the file.
    whole : file object, optional
        The file, where an archive has to be looked into.

    Returns
    -------
    str
        A key of `READ`.

    Raises
    ------
    DeliveryError
        If it is of a kind that is not read, naming the kind and what to do.

    Examples
    --------
    >>> recognise(b"commune;annee;faits", "a.csv"), recognise(b'[{"a": 1}]', "a.json")
    ('text', 'json')
    >>> recognise(b"%PDF-1.7", "a.csv")
    Traceback (most recent call last):
    obs.errors.DeliveryError: a.csv: this is a PDF document, which is not read. Ask for the data behind it, as CSV or .xlsx.
    """
    head = content[:_HEAD]
    if head.startswith(b"PK"):
        return _archive(head, name, whole)
    if head.startswith(_OLE):
        return _compound(content, name, whole)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    for magic, what, remedy in _FOREIGN:
        if head.startswith(magic):
            raise _refusal(name, what, remedy)
    if head.startswith(_SAS):
        raise _refusal(name, "a SAS data file (.sas7bdat)", _AS_CSV)
    if _is_old_stata(head):
        return "dta"
    return _text_kind(head, name)


def _refusal(name: str, what: str, remedy: str) -> DeliveryError:
    return DeliveryError(f"{name}: this is {what}, which is not read. {remedy}.")


def _is_old_stata(head: bytes) -> bool:
    """Tell a .dta file of versions 8 to 12 by its four first bytes."""
    return (
        len(head) > 60 and 110 <= head[0] <= 115 and head[1] in (1, 2) and head[2:4] == b"\x01\x00"
    )


def _archive(head: bytes, name: str, whole: io.BufferedIOBase | None) -> str:
    """Tell what a zip holds: a workbook, a document, or files."""
    try:
        with zipfile.ZipFile(whole or io.BytesIO(head)) as book:
            parts = book.namelist()
            mime = book.read("mimetype")[:80].decode("latin-1") if "mimetype" in parts else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError):
        first = head[30 : 30 + int.from_bytes(head[26:28], "little")].decode("latin-1")
        book_like = first.startswith(("xl/", "[Content_Types]", "_rels/", "docProps/"))
        kind = "xlsx" if book_like else "ods" if first == "mimetype" else "zip"
        raise DeliveryError(
            f"{name}: {READ[kind]} whose content cannot be opened (damaged or cut short); "
            "ask for it again, or have it saved anew as .xlsx or CSV."
        ) from None
    if any(part.startswith("xl/") for part in parts):
        return "xlsb" if any(p == "xl/workbook.bin" for p in parts) else "xlsx"
    if mime.startswith("application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    if mime.startswith("application/vnd.oasis") or any(p.startswith("word/") for p in parts):
        raise _refusal(name, "a text document", _TABLE)
    if any(part.startswith("ppt/") for part in parts):
        raise _refusal(name, "a presentation", _TABLE)
    return "zip"


def _compound(content: bytes, name: str, whole: io.BufferedIOBase | None) -> str:
    """Tell what a file of Microsoft's older container is."""
    body = content if whole is None else whole.read()
    for stream, what, remedy in _OLE_PARTS:
        if stream.encode("utf-16-le") in body:
            raise _refusal(name, what, remedy)
    return "xls"


def _text_kind(head: bytes, name: str) -> str:
    """Tell JSON and the text formats that are not read from a text table."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = head.decode(encoding, errors="replace").lstrip()
    if _JSON.match(text):
        return "json"
    if _PC_AXIS.match(text):
        raise _refusal(name, "a PC-Axis file (.px)", _AS_CSV)
    if _MARKUP.match(text):
        page = bool(re.match(r"<(!doctype html|html|table)", text, re.IGNORECASE))
        raise _refusal(name, "a web page" if page else "an XML file", _AS_CSV)
    if text.casefold().startswith("@relation"):
        raise _refusal(name, "a Weka file (.arff)", _AS_CSV)
    return "text"


def member_of(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Give the one file of a zip archive, or refuse."""
    files = [one for one in archive.infolist() if not one.is_dir() and not _is_litter(one)]
    if len(files) == 1:
        return files[0]
    raise DeliveryError(
        f"{name}: the zip archive holds {len(files)} files; one is read. "
        + ("Ask for it again." if not files else f"{_UNPACK}.")
    )


def _is_litter(one: zipfile.ZipInfo) -> bool:
    """Tell what macOS adds to an archive."""
    path = PurePosixPath(one.filename)
    return path.parts[0] == "__MACOSX" or path.name == ".DS_Store"
