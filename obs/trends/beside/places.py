"""Group an indicator table into families of places: one indicator, period and breakdown each.

Only values that are known and whole are compared. Counts without a denominator are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.reference import Territory, load_neighbours, load_territory
from obs.schemas import (
    BREAKDOWNS,
    INDICATORS,
    WITHHELD,
    check_table,
    nearest_names,
    need_columns,
    need_frame,
    require,
    text_values,
)

__all__ = [
    "Family",
    "Places",
    "chosen_level",
    "code_pairs",
    "families",
    "neighbour_matrix",
    "no_result",
    "places_of",
    "put",
    "read_places",
    "totals",
    "units_of",
]

_COMPARED = ("ok", "zero")


@dataclass(frozen=True)
class Places:
    """Places of one level: the whole table, typed, and the rows of the level, their positions as index."""

    territory: Territory
    level: str
    table: pd.DataFrame
    units: pd.DataFrame

    def families(self) -> Iterator[Family]:
        """Give each indicator, period and breakdown of the level, in the order of the table."""
        return families(self.table, self.territory, level=self.level)

    def empty(self, columns: Sequence[str]) -> pd.DataFrame:
        """Give a table without numbers, one row a place."""
        return pd.DataFrame(np.nan, index=self.units.index, columns=list(columns))


def places_of(
    indicators: pd.DataFrame, *, level: str | None, territory: str | Territory, who: str
) -> Places:
    """Check a table of rates or shares, and find the places of a level, the finest by default."""
    place = load_territory(territory)
    checked = read_places(indicators, place, who=who)
    level = chosen_level(level, place)
    return Places(place, level, checked, units_of(checked, level))


@dataclass(frozen=True)
class Family:
    """Places of one level: positions in the table, counts, denominators, what they mean."""

    rows: np.ndarray
    codes: tuple[str, ...]
    count: np.ndarray
    size: np.ndarray
    per: float
    share: bool
    centre: float

    @property
    def known(self) -> np.ndarray:
        """Tell which places have a count and a denominator."""
        return ~np.isnan(self.count)


def read_places(indicators: pd.DataFrame, place: Territory, *, who: str) -> pd.DataFrame:
    """Check a table of rates or shares and give it back typed, with a fresh index.

    Returns a table as `check_table` gives it. Raises `SchemaError` for a table that is not
    INDICATORS, or holds counts without a denominator. Raises `CodeError` for a code that is not
    of the territory.
    """
    table = check_table(indicators, require(INDICATORS, "level", "scale"))
    for code in table["territory"].unique():
        place.level_of(str(code))
    scales = table["scale"].fillna("")
    wrong = ~(scales.str.fullmatch(r"per_0*[1-9]\d*_\w+") | (scales == "share"))
    if wrong.any():
        raise SchemaError(
            f"{who}: {int(wrong.sum())} row(s) are neither a rate nor a share (scale "
            f"'{scales[wrong].iloc[0]}'); places of unequal size cannot be compared by counts. "
            "Use a rate of the catalogue, or add_rate."
        )
    return table


def families(table: pd.DataFrame, place: Territory, *, level: str) -> Iterator[Family]:
    """Give each indicator, period and breakdown of one level, in the order of the table.

    Yields one per indicator, period and breakdown.
    """
    keys = ["indicator", "period", *(c for c in BREAKDOWNS if c in table.columns)]
    for _, rows in table.groupby(keys, sort=False, dropna=False):
        units = rows[rows["level"] == level]
        if units.empty:
            continue
        count, size = _usable_counts_of(units)
        scale = str(units["scale"].iloc[0])
        if (units["scale"] != scale).any():
            raise SchemaError(
                f"the places of one indicator and period have several scales: "
                f"{', '.join(sorted(units['scale'].unique()))}"
            )
        yield Family(
            rows=units.index.to_numpy(),
            codes=tuple(units["territory"]),
            count=count,
            size=size,
            per=1.0 if scale == "share" else float(scale.split("_")[1]),
            share=scale == "share",
            centre=_centre(rows[rows["territory"] == place.top], count, size),
        )


def chosen_level(level: str | None, place: Territory) -> str:
    """Give the level asked for, the finest one by default.

    Returns one of its levels. Raises `ObsError` for a level that the territory does not have.
    """
    if level is None:
        return place.base_level
    if level not in place.levels:
        raise ObsError(
            f"level {str(level)[:40]!r} is none of '{place.name}': {', '.join(place.levels)}."
            f"{nearest_names(level, place.levels)}"
        )
    return level


def no_result(units: pd.DataFrame, found: np.ndarray) -> pd.Series:
    """Give one reason for every place without a result, missing where there is one.

    `found` tells, by position, which rows have a result.
    """
    status, size = units["status"], units["denominator"].fillna(0)
    reason = np.select(
        [
            found,
            status.isin(WITHHELD),
            status == "not_applicable",
            (status == "missing") | units["numerator"].isna(),
            status == "provisional",
            size <= 0,
        ],
        ["", "withheld", "not_applicable", "missing", "provisional", "no_denominator"],
        "at_a_bound",
    )
    return pd.Series(reason, index=units.index, dtype="str").replace("", pd.NA)


def totals(table: pd.DataFrame, family: Family) -> dict[str, tuple[float, float]]:
    """Give count and denominator of every unit, whatever its level, for what a family tells.

    Returns a dict by code; NaN where unknown.
    """
    keys = ["indicator", "period", *(c for c in BREAKDOWNS if c in table.columns)]
    first = table.loc[family.rows[0]]
    same = pd.Series(data=True, index=table.index)
    for key in keys:
        same &= table[key].isna() if pd.isna(first[key]) else table[key] == first[key]
    rows = table[same]
    return dict(zip(rows["territory"], zip(*_usable_counts_of(rows), strict=True), strict=True))


def units_of(table: pd.DataFrame, level: str) -> pd.DataFrame:
    """Keep the rows of one level, their positions as index.

    Returns rows of the level, index kept.
    """
    return table[table["level"] == level]


def put(table: pd.DataFrame, columns: dict[str, pd.Series]) -> pd.DataFrame:
    """Add columns by position and give a fresh index.

    Returns a table with the columns at the end.
    """
    return table.assign(**{n: c.reindex(table.index) for n, c in columns.items()}).reset_index(
        drop=True
    )


def neighbour_matrix(
    codes: tuple[str, ...], neighbours: pd.DataFrame | None, place: Territory
) -> np.ndarray:
    """Make the matrix of neighbours of these places.

    Returns 1 for neighbours. Raises `ObsError` if no neighbours are declared for these places,
    `SchemaError` for what is no table of codes, `CodeError` for a code of no unit.
    """
    pairs = load_neighbours(territory=place) if neighbours is None else neighbours
    pairs = code_pairs(pairs, ("territory", "neighbour"), name="neighbours")
    for code in pd.unique(pd.concat([pairs["territory"], pairs["neighbour"]])):
        place.level_of(code)
    order = pd.Index(codes)
    i, j = order.get_indexer(pairs["territory"]), order.get_indexer(pairs["neighbour"])
    inside = (i >= 0) & (j >= 0)
    if not inside.any():
        raise ObsError(
            f"no neighbours are declared for the {len(codes)} places compared; pass neighbours "
            "with columns territory and neighbour"
        )
    matrix = np.zeros((len(codes), len(codes)))
    matrix[i[inside], j[inside]] = matrix[j[inside], i[inside]] = 1.0
    return matrix


def code_pairs(table: pd.DataFrame, columns: tuple[str, str], *, name: str) -> pd.DataFrame:
    """Check a table of two columns of codes, and give them as text without missing rows."""
    need_frame(table, who=name, name="the table")
    need_columns(table, columns, who=name)
    try:
        return pd.DataFrame({c: text_values(table[c]) for c in columns}).dropna()
    except TypeError:
        raise SchemaError(
            f"{name}: columns {' and '.join(columns)} hold codes, which are text, since 04000 "
            "read as a number is 4000"
        ) from None


def _usable_counts_of(units: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    count = units["numerator"].to_numpy(dtype=np.float64, na_value=np.nan)
    size = units["denominator"].to_numpy(dtype=np.float64, na_value=np.nan)
    usable = units["status"].isin(_COMPARED).to_numpy() & (size > 0) & ~np.isnan(count)
    return np.where(usable, count, np.nan), np.where(usable, size, np.nan)


def _centre(whole: pd.DataFrame, count: np.ndarray, size: np.ndarray) -> float:
    """Give the rate of the whole territory, or of the places together."""
    if len(whole) == 1:
        events, people = _usable_counts_of(whole)
        if not np.isnan(events[0]):
            return float(events[0] / people[0])
    total = np.nansum(size)
    return float(np.nansum(count) / total) if total > 0 else float("nan")
