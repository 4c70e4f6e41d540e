"""Give sentences on places and their peers: kind of peer, who stands apart, who is like whom.

Verdicts come from the released comparison; this module compares nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obs.locale import words
from obs.reference import Territory, load_similar
from obs.report.facts.fact import bound_fact
from obs.report.facts.numbers import format_number, typography
from obs.report.facts.printed import Printed
from obs.report.facts.released_row import reason_in
from obs.report.facts.standing import Category, Standing

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["among_peers", "can_compare", "nearest_peer", "similar_groups"]

_STANDINGS = {"above": "above", "below": "below", "no difference shown": "alike"}


def can_compare(released: Released) -> bool:
    """Tell whether a released table has rates or shares of two places or more.

    Returns False for counts, which places of unequal size cannot be compared by.
    """
    rows = released.table[released.table["level"] == released.territory.levels[0]]
    rates = rows["scale"].str.fullmatch(r"per_\d+_\w+|share").fillna(value=False)
    return bool(len(rows) > 1 and rates.all() and rows["value"].notna().any())


def nearest_peer(released: Released) -> Released:
    """Keep the rows against similar places, or against the whole where none is declared.

    Returns `Released` of one kind of peer. Raises `ObsError` if it is no comparison with peers.
    """
    table = released.table
    compared = table[table["verdict"].isin(list(_STANDINGS))]
    peer = "similar" if (compared["peer"] == "similar").any() else released.territory.levels[-1]
    return released.select(peer=peer)


def among_peers(released: Released, lang: str) -> Standing:
    """Tell which places are above, below or like their peers.

    Returns `Standing` in the order of the table; places without a verdict of this kind are in
    none. Raises `CodeError` if a place is not of the territory.
    """
    found: dict[str, list[Category]] = {"above": [], "below": [], "alike": []}
    for _, row in released.table.iterrows():
        side = _STANDINGS.get(str(row["verdict"]))
        if side is not None:
            name = Printed(released.territory.label(str(row["territory"]), lang))
            found[side].append(Category(name, bound_fact(row, released)))
    above, below, alike = (tuple(found[side]) for side in ("above", "below", "alike"))
    similar = bool((released.table["peer"] == "similar").any())
    counts = [_counted(released, len(found[side]), lang) for side in ("alike", "above", "below")]
    return Standing(above, below, alike, counts[0], similar, counts[1], counts[2])


def _counted(released: Released, count: int, lang: str) -> str:
    """Write how many places, with the word for places of their level."""
    territory = released.territory
    word = territory.level_label(territory.levels[0], lang, plural=count > 1)
    return Printed(f"{format_number(count, lang)} {word}")


def similar_groups(territory: Territory, lang: str, *, place: str | None = None) -> list[str]:
    """Say which places are declared similar, and why; of one place, its own groups alone.

    Returns one line per group: the reason, the places. Empty where nothing is declared.

    Examples
    --------
    >>> from obs.reference import load_territory
    >>> from obs.report.facts.peer_statements import similar_groups
    >>> similar_groups(load_territory("brussels"), "en")[1].split(": ")[1].split(", ")[:2]
    ['Auderghem', 'Uccle']
    """
    table = load_similar(territory=territory)
    lines = []
    for _, group in table.groupby("group", sort=False):
        if place is not None and place not in set(group["territory"].astype("str")):
            continue
        names = ", ".join(territory.label(str(code), lang) for code in group["territory"])
        reason = reason_in(group.iloc[0], lang, "a group of similar places")
        lines.append(typography(words(lang).say("join.colon", label=reason, text=names), lang))
    return lines
