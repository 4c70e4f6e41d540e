"""Declare codes of a column whose meaning depends on the day of the row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from obs.clean.folded_texts import fold
from obs.declare import Table, Text

__all__ = ["CodeVintage", "vintage_faults"]


@dataclass(frozen=True)
class CodeVintage(Table):
    """A code of the supplier, what it means, and the days of the rows to which that applies.

    Attributes
    ----------
    column : str
        Our column, which has a map in `codes` too.
    code : str
        Their code; it is not in that map.
    means : str
        Ours; "" makes it missing.
    from_, until : date
        First and last day of the rows to which it applies.
    """

    column: Text
    code: Text
    means: str
    from_: dt.date | None = None
    until: dt.date | None = None

    @property
    def first(self) -> dt.date:
        """The first day to which it applies."""
        return self.from_ or dt.date.min

    @property
    def last(self) -> dt.date:
        """The last day to which it applies."""
        return self.until or dt.date.max

    @property
    def days(self) -> str:
        """Its days in words."""
        start = f"from {self.from_}" if self.from_ else ""
        return " ".join(
            part for part in (start, f"until {self.until}" if self.until else "") if part
        )


def vintage_faults(
    vintages: Sequence[CodeVintage], codes: dict[str, dict[str, str]]
) -> Iterator[str]:
    """Tell what is wrong between the entries, and between them and the maps without days."""
    for number, one in enumerate(vintages):
        where = f"dated_codes.{number}"
        if one.from_ is None and one.until is None:
            yield f"{where}: needs `from` or `until`; a code that always means the same stands in `codes`"
        if one.last < one.first:
            yield f"{where}.until: the last day is before the first"
        if one.column not in codes:
            yield f"{where}.column: '{one.column}' has no map in `codes`"
        elif fold(one.code) in map(fold, codes[one.column]):
            yield f"{where}.code: '{one.code}' is in codes.{one.column} too, without days; take it out there"
    for (i, one), (j, other) in combinations(enumerate(vintages), 2):
        same = one.column == other.column and fold(one.code) == fold(other.code)
        if same and one.first <= other.last and other.first <= one.last:
            yield f"dated_codes.{j}: '{other.code}' means two things on one day (see dated_codes.{i})"
