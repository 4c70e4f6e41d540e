"""Define the other layouts of one supplier: what a later edition of its file writes otherwise.

A file is read by the layout whose columns its header has, else by the profile itself. Nothing
but the header decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from obs.clean.profiles.file_layout import FileLayout
from obs.declare import Named, OneOf, OneOrSeveral, Table, Text, Texts, empty
from obs.schemas import STATUSES

__all__ = ["OtherLayout"]


@dataclass(frozen=True)
class OtherLayout(Table):
    """Another layout of the same supplier, known by its header.

    Attributes
    ----------
    name : str
        How it is called, as the year of its edition.
    header : tuple of str
        Names of columns that its files have, all of them, and those of other layouts have not.
    file : FileLayout
        How its files are written, in place of the profile's; the same if not said.
    columns : mapping
        Our column = theirs, in place of the profile's or beside them.
    absent : tuple of str
        Our columns that the profile reads and this layout does not have.
    optional : tuple of str
        Our columns that a file may lack, beside the profile's.
    constants : mapping
        Our column = one text for every row, beside the profile's.
    dates : tuple of str
        Formats of days, in place of the profile's.
    period : str
        Format of years or months, in place of the profile's.
    codes : mapping
        For a column of ours, their code = ours, in place of the profile's for that column.
    marks : mapping
        Text instead of a count = its status, beside the profile's.
    allow : tuple of str
        Their columns that may look like personal data, beside the profile's.
    """

    name: Text
    header: Texts
    file: FileLayout | None = None
    columns: Named[Annotated[Texts, OneOrSeveral()]] = field(default_factory=empty)
    absent: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    optional: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    constants: Named[str] = field(default_factory=empty)
    dates: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    period: str = ""
    codes: Named[Named[str]] = field(default_factory=empty)
    marks: Named[Annotated[str, OneOf(STATUSES)]] = field(default_factory=empty)
    allow: Annotated[tuple[str, ...], OneOrSeveral()] = ()
