"""Declare a territory that is not packaged: its units, levels, whole and boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from obs.declare import Named, OneOf, RawPath, Table, Text, Words, empty
from obs.reference.codelists import load_codelist

__all__ = [
    "ONE_PLACE",
    "OWN_KEYS",
    "BeyondTable",
    "Boundaries",
    "Level",
    "TerritoryTable",
    "Units",
    "Whole",
]

OWN_KEYS = ("units", "base_level", "top_level", "top")  # of a territory that is not packaged
ONE_PLACE = ("top_level", "top")  # of one that has no units: all its data are of one place


@dataclass(frozen=True)
class Boundaries(Table):
    """A boundary file under the raw folder, its column of codes and the level it draws.

    Attributes
    ----------
    file : str
        Its path under the raw folder.
    key : str
        Its column with the codes of the units.
    level : str
        Level of the units that it draws.
    """

    file: RawPath
    key: Text
    level: Text


@dataclass(frozen=True)
class Units(Table):
    """Where the base units of a territory are read.

    Attributes
    ----------
    file : str
        A table or a vector file under the raw folder.
    code, name : str
        Its columns of codes and of names.
    case : str
        "title" turns "ROGERS PARK" into "Rogers Park".
    separator, encoding : str
        Of a text file.
    postal : str
        Its column of postal codes, one a row or several in a cell; a name beside a postal code
        is read if both agree.
    """

    file: RawPath
    code: Text
    name: Text
    postal: str = ""
    case: Annotated[str, OneOf(("as_written", "title"))] = "as_written"
    separator: Text = ","
    encoding: Text = "utf-8-sig"


@dataclass(frozen=True)
class Level(Table):
    """A level of units and the words for it; a level of the codelist needs none.

    Attributes
    ----------
    code : str
        Its code: "commune", "departement".
    singular : mapping
        What one unit is called, by language: `fr`, `nl`, ...
    plural : mapping
        What several are called, if it differs: `fr_plural`, `nl_plural`, ...
    """

    by_language: ClassVar[Mapping[str, str]] = {"singular": "{}", "plural": "{}_plural"}

    code: Text
    singular: Words | None = None
    plural: Words | None = None


@dataclass(frozen=True)
class Whole(Table):
    """The whole of a territory.

    Attributes
    ----------
    code : str
        Its code, of no unit.
    name : mapping
        Its name by language.
    """

    code: Text
    name: Words


@dataclass(frozen=True)
class BeyondTable(Table):
    """A place beyond the territory, such as its country, of which totals are told.

    A profile of counts of services turns what its supplier writes into the code (`[territory.names]`).

    Attributes
    ----------
    code : str
        Its code, of no unit.
    level : str
        What kind of place it is: "country".
    name : mapping
        Its name by language.
    """

    code: Text
    level: Annotated[str, OneOf(lambda: load_codelist("levels")["code"])]
    name: Words


@dataclass(frozen=True)
class TerritoryTable(Table):
    """A packaged territory, or where another one is read and what its levels are called.

    Attributes
    ----------
    reference : str
        The packaged territory; nothing else is declared then.
    units : Units
        Where the base units are read; without them and their level, the territory is one place.
    base_level, top_level : Level
        The finest level, and that of the whole.
    top : Whole
        The whole.
    names : mapping
        Further names of its units = their codes, in the deliveries of all its sources.
    mergers : str
        "belgium" for the packaged mergers of Belgian communes; those of a file `mergers.toml`
        beside the observatory's are known without a word.
    beyond : tuple of BeyondTable
        Places that are none of its units.
    """

    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (("reference",), OWN_KEYS, ONE_PLACE)

    reference: Annotated[str, OneOf(("brussels",))] | None = None
    units: Units | None = None
    base_level: Level | None = None
    top_level: Level | None = None
    top: Whole | None = None
    names: Named[str] = field(default_factory=empty)
    mergers: Annotated[str, OneOf(("belgium",))] | None = None
    beyond: tuple[BeyondTable, ...] = ()

    @property
    def is_one_place(self) -> bool:
        """Whether no units are declared: the whole is the one place of all its data."""
        return self.reference is None and self.units is None and self.base_level is None
