"""Give sentences on categories that are above or below the others.

The verdict was computed with the estimates and released with them; this module compares nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from obs.errors import ObsError
from obs.reference import label
from obs.report.facts.fact import Fact, bound_fact
from obs.report.facts.printed import Bound, Printed
from obs.report.facts.subject import look_at

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["Category", "Standing", "standing_of"]


@dataclass(frozen=True)
class Category(Bound):
    """One category: its words within a sentence, its share."""

    title: str
    level: Fact


@dataclass(frozen=True)
class Standing(Bound):
    """Categories apart from the others, each as the words and the share of one.

    Attributes
    ----------
    above, below, alike : tuple of Category
        Significantly above the others together, below them, or neither.
    places : str
        Of a comparison of places: how many are neither, with their word ("4 communes").
    similar : bool
        Of a comparison of places: whether it is with those declared similar.
    places_above, places_below : str
        As `places`, of those above and below.
    """

    above: tuple[Category, ...] = ()
    below: tuple[Category, ...] = ()
    alike: tuple[Category, ...] = ()
    places: str = ""
    similar: bool = False
    places_above: str = ""
    places_below: str = ""

    @property
    def only_above(self) -> Category | None:
        """The category above the others, if it is the only one."""
        return self.above[0] if len(self.above) == 1 else None

    @property
    def found_any(self) -> bool:
        """Whether a sentence can name a category apart from the others."""
        return bool(self.above or self.below)


def standing_of(released: Released, *, by: str, lang: str) -> Standing:
    """Read which categories of a released table stand apart.

    Returns `Standing` in the order of the codelist; withheld categories and totals are in none.
    Raises `DisclosureError` if `released` is not a Released. Raises `ObsError` if the table tells
    no standing, or more than that breakdown varies.
    """
    subject = look_at(released, lang=lang, who="standing_of")
    if "standing" not in subject.table or subject.varying not in ([by], []):
        raise ObsError(
            f"standing: table '{subject.name}' must tell the standing of each {by} and vary by "
            f"nothing else; it varies by {', '.join(subject.varying) or 'nothing'}."
        )
    found: dict[str, list[Category]] = {"above": [], "below": [], "alike": []}
    for _, row in subject.table[subject.table["standing"].notna()].iterrows():
        level = bound_fact(row, released)
        if level.known:
            title = Printed(label(by, str(row[by]), lang))
            found[str(row["standing"])].append(Category(title, level))
    above, below, alike = (tuple(found[side]) for side in ("above", "below", "alike"))
    return Standing(above, below, alike)
