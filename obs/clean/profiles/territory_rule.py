"""Define how the places of a delivery become codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from obs.declare import Named, OneOf, Pattern, Table, empty
from obs.reference import Territory, load_territory

__all__ = ["TerritoryRule"]


@dataclass(frozen=True)
class TerritoryRule(Table):
    """How places become codes.

    Attributes
    ----------
    match : str
        "reference" (names and codes of a territory, at one level), "pattern" (codes of that form
        pass as they are) or "point" (the unit in whose official boundary a point lies).
    territory : str
        The packaged territory; without it, that of the observatory whose deliveries are read.
    level : str
        The level of its units; without it, a name that may be several units is rejected.
    pattern : str
        The form of a code.
    crs : str
        The reference system of points, as "EPSG:31370"; degrees east and north, if not said.
    totals : str
        Pattern of places that are rows of totals.
    unplaced : str
        Code of the unit in which facts are known to be whose place is one of the texts of
        `unknown.territory`; the whole territory, if not said.
    names : mapping
        Their name of a place = its code, looked up first.
    """

    match: Annotated[str, OneOf(("reference", "pattern", "point"))] = "reference"
    territory: str = ""
    level: str = ""
    pattern: Pattern = ""
    crs: str = "EPSG:4326"
    totals: Pattern = ""
    unplaced: str = ""
    names: Named[str] = field(default_factory=empty)

    @property
    def looks_up(self) -> bool:
        """Whether places are looked up among the units of a territory, by name or by point."""
        return self.match != "pattern"

    @property
    def place(self) -> Territory:
        """The territory whose names and codes are looked up."""
        return load_territory(self.territory or "brussels")

    @property
    def whole(self) -> str:
        """The unit in which facts without a known place are, "" where none is told."""
        return self.unplaced or (self.place.top if self.looks_up else "")

    @property
    def wholes(self) -> frozenset[str]:
        """The units of which facts can be known without their part."""
        if self.looks_up:
            return frozenset({*self.place.unplaced_units.values(), self.whole})
        return frozenset({self.unplaced} - {""})

    @property
    def time_zone(self) -> str:
        """The time zone that is known of the territory."""
        brussels = self.looks_up and self.territory in ("", "brussels")
        return "Europe/Brussels" if brussels else ""
