"""Declare which days deliveries cover: in a profile, or for the sources of an observatory."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from obs.declare import Table, Text

__all__ = ["DeclaredCoverage", "SourceCoverage", "coverage_faults"]


@dataclass(frozen=True)
class DeclaredCoverage(Table):
    """Days that deliveries cover: an absent fact did not happen there, and is not known elsewhere.

    Attributes
    ----------
    start, end : date
        The first and the last day.
    territories : tuple of str
        Codes of the places that it holds for; without them, of every place that no other
        entry names.
    files : tuple of str
        Names of the deliveries that it holds for, patterns such as `facts_2023*.csv`
        allowed; without them, of all.
    """

    how: ClassVar[str] = "profile"

    start: dt.date
    end: dt.date
    territories: tuple[Text, ...] = ()
    files: tuple[Text, ...] = ()

    def is_of(self, name: str) -> bool:
        """Tell whether it holds for a file."""
        name = PurePosixPath(name).name
        return not self.files or any(fnmatch.fnmatchcase(name, p) for p in self.files)


@dataclass(frozen=True)
class SourceCoverage(DeclaredCoverage):
    """Days that deliveries of a source cover, declared by its observatory: all of them, or some by name."""

    how: ClassVar[str] = "observatory"


def coverage_faults(one: DeclaredCoverage) -> Iterator[str]:
    """Tell what is wrong between the keys of an entry."""
    if one.end < one.start:
        yield "end: the last day is before the first"
