"""Declare the denominators of rates that an observatory is delivered: inhabitants, dwellings, ..."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from obs.declare import Named, OneOrSeveral, Pattern, RawPath, Table, Text, Texts, empty

__all__ = ["DENOMINATORS", "DenominatorTable", "denominator_faults"]

DENOMINATORS = ("population", "dwellings", "premises", "vehicles")


@dataclass(frozen=True)
class DenominatorTable(Table):
    """Files of one denominator: which column has the unit, which the year, which the number.

    Attributes
    ----------
    files : tuple of str
        Their paths under the raw folder, patterns such as `population/*.csv` allowed.
    unit : str
        Their column of units: names or codes of the observatory's.
    value : str
        Their column of numbers; none where years stand across the columns (`years`).
    year : str
        Their column of years, or of days of which the year is taken.
    years : str
        Pattern of their columns of numbers, one for each year; its first group is the year.
    file_year : str
        Pattern searched in the file name; its first group is the year of all its rows.
    separator : str
        Of a text file; found where none is given.
    encoding : str
        Of a text file; UTF-8, or else Windows-1252, where none is given.
    thousands : str
        Sign between thousands, none if empty.
    sheet : str
        Sheet of a workbook, where several have a table.
    summed : tuple of str
        Their columns over which the numbers of a unit and year are added: sex, age, sector.
    left_out : mapping
        Their column = pattern of its cells on rows that are no part: totals within `summed`.
    totals : str
        Pattern of units that are rows of totals of the year: checked against its parts.
    elsewhere : bool
        Whether units of other places are left out, as in a file of a whole country.
    level : str
        Level of units that several answer to; the finest if none is given.
    allow : tuple of str
        Their columns that may look like personal data, as names of sectors.
    source : str
        Who publishes them, for the account.
    vintage : str
        The day that they hold for, as "1 January"; the name of the file if none is given.
    """

    files: Annotated[tuple[RawPath, ...], *Texts.__metadata__]
    unit: Text
    value: str = ""
    year: str = ""
    years: Pattern = ""
    file_year: Pattern = ""
    separator: str = ""
    encoding: str = ""
    thousands: str = ""
    sheet: str = ""
    summed: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    left_out: Named[Pattern] = field(default_factory=empty)
    totals: Pattern = ""
    elsewhere: bool = False
    level: str = ""
    allow: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    source: str = ""
    vintage: str = ""


def denominator_faults(table: DenominatorTable) -> Iterator[str]:
    """Tell what is missing or given twice: where the years are, where the numbers are."""
    named = [name for name in ("year", "years", "file_year") if getattr(table, name)]
    if len(named) != 1:
        given = f"; it has {', '.join(named)}" if named else ""
        yield f"year: say where the year is by one of year, years, file_year{given}"
    if bool(table.years) == bool(table.value):
        yield "value: name the column of numbers, or give a pattern of several in `years`, not both"
    for key in ("years", "file_year"):
        pattern = getattr(table, key)
        if pattern and re.compile(pattern).groups < 1:
            yield f"{key}: needs a group in brackets, the year"
    for key in ("separator", "thousands"):
        if len(getattr(table, key)) > 1:
            yield f"{key}: must be one character"
