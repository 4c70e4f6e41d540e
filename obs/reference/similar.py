"""Load the relations between units of a territory: those that touch, those declared similar.

Similar communes are declared in a table, with the reason, before any figure is seen. A territory
without a declaration has none.
"""

from __future__ import annotations

import pandas as pd

from obs.reference.territory import Territory, load_territory
from obs.reference.translated import add_reasons

__all__ = ["load_neighbours", "load_similar"]

_SIMILAR = ["territory", "group", "source"]
_NEIGHBOURS = ["territory", "neighbour", "source"]


def load_similar(*, territory: str | Territory = "brussels") -> pd.DataFrame:
    """Load the groups of similar units, for comparisons like with like.

    For Brussels the groups follow population density on 1 January 2020, which has gaps
    between 5,000 and 6,500 and between 10,500 and 13,000 inhabitants per square kilometre;
    the City of Brussels stands alone.

    Parameters
    ----------
    territory : str or Territory
        A territory without a declaration gives an empty table.

    Returns
    -------
    DataFrame
        One row per unit: territory, group, source, and a reason in each language
        (reason_fr...). Units of one group are similar to each other.

    Raises
    ------
    CodeError
        If the territory is unknown.

    Examples
    --------
    >>> similar = load_similar().set_index("territory")["group"]
    >>> similar[similar == similar["21013"]].index.tolist()
    ['21005', '21009', '21011', '21012', '21013', '21014', '21015']
    """
    table = _read_pairs("similar.csv", _SIMILAR, territory)
    name = load_territory(territory).name
    return add_reasons(table, name=name, register="similar", key=table["group"])


def load_neighbours(*, territory: str | Territory = "brussels") -> pd.DataFrame:
    """Load the pairs of units that share a border, each in both directions.

    Parameters
    ----------
    territory : str or Territory
        A territory without the table gives an empty one.

    Returns
    -------
    DataFrame
        territory, neighbour, source; sorted. In Brussels the City touches 11 communes, far
        ones included, because the Louise avenue and the Cambre wood belong to it.

    Raises
    ------
    CodeError
        If the territory is unknown.

    Examples
    --------
    >>> pairs = load_neighbours()
    >>> pairs.loc[pairs["territory"] == "21014", "neighbour"].tolist()
    ['21004', '21015']
    """
    once = _read_pairs("neighbours.csv", _NEIGHBOURS, territory)
    back = once.rename(columns={"territory": "neighbour", "neighbour": "territory"})
    both = pd.concat([once, back[_NEIGHBOURS]])
    return both.sort_values(["territory", "neighbour"], ignore_index=True)


def _read_pairs(name: str, columns: list[str], territory: str | Territory) -> pd.DataFrame:
    place = load_territory(territory)
    file = None if place.folder is None else place.folder / name
    if file is None or not file.is_file():
        return pd.DataFrame(columns=columns, dtype="str")
    return pd.read_csv(file, dtype="str")
