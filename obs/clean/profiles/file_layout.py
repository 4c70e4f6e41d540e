"""Define how a supplier's file is written: its encoding, its signs, where its table is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from obs.declare import Character, Encoding, OneOf, OneOrSeveral, Pattern, Table, between

__all__ = ["FileLayout"]

FORMATS = ("", "csv", "xlsx", "xls", "ods", "json", "parquet", "sav", "dta")


@dataclass(frozen=True)
class FileLayout(Table):
    """How the file is written.

    Attributes
    ----------
    format : str
        How the supplier stores the file. The content decides how it is read; a file of
        another kind is read as well, with a remark.
    encodings : tuple of str
        Encodings of a text file, tried in this order on the whole file.
    separator, quote : str
        Characters between cells, and around a cell that holds a separator.
    decimal, thousands : str
        Characters before decimals, and between thousands (none if empty).
    skip : int
        Lines to pass over before the header.
    comment : str
        First characters of lines to pass over before the header.
    header_rows : int
        Lines of the header; the names of several are joined by " / ".
    sheet : tuple of str
        Sheets of a workbook to read; every sheet with the profile's columns if not said.
    records : str
        Path of the list of records in a JSON file, as "data.items".
    labels : bool
        Whether a value of an SPSS or Stata file is given by its label, or as the code.
    time_zone : str
        Time zone in which times are written, as "UTC"; that of the place if not said.
    extracted, covers : str
        Patterns searched in the file name: their first group is the day of extraction,
        and the year (2024) or month (2024-01, 202401) that the file covers whole.
    synthetic : str
        Text of the opening comment lines that says the data are synthetic.
    longest_text : int
        Characters that a cell may have.
    """

    format: Annotated[str, OneOf(FORMATS)] = ""
    encodings: Annotated[tuple[Encoding, ...], OneOrSeveral()] = ("utf-8-sig",)
    separator: Character = ","
    quote: Character = '"'
    decimal: Character = "."
    thousands: str = ""
    skip: Annotated[int, between(0)] = 0
    comment: str = ""
    header_rows: Annotated[int, between(1, 5)] = 1
    sheet: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    records: str = ""
    labels: bool = True
    time_zone: str = ""
    extracted: Pattern = ""
    covers: Pattern = ""
    synthetic: str = ""
    longest_text: Annotated[int, between(1)] = 500
