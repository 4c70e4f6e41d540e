"""Provide denominators of rates: the inhabitants of a territory by year.

Known values are stored with their source. Years between them are interpolated at load and
flagged. Nothing is extrapolated.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from obs.errors import CodeError
from obs.reference.declared_denominators import DENOMINATORS
from obs.reference.territory import Territory, load_territory
from obs.schemas import EXPOSURE, check_table, empty_table

__all__ = ["load_exposure", "round_to_total"]

_VINTAGE = "computed at load"


def load_exposure(
    kind: str = "population", *, territory: str | Territory = "brussels"
) -> pd.DataFrame:
    """Load a denominator for every unit and level of a territory and every known year.

    For Brussels: inhabitants on 1 January, 2009 to 2025. Years without a value per commune
    (2016, 2017, 2021, 2023, 2024) are interpolated linearly between the known years around
    them; where the total of the Region is known (2016, 2017, 2021) the communes are scaled
    to it, and rounded by largest remainder so that they add up to it exactly.

    Parameters
    ----------
    kind : {"population", "dwellings", "premises", "vehicles"}
        Which denominator. For Brussels the population alone is packaged; an observatory is
        delivered the others, and its own population (`[population]` of `observatory.toml`).
    territory : str or Territory
        A territory without packaged values gives an empty table: its denominators come
        with its counts.

    Returns
    -------
    DataFrame
        The EXPOSURE table: kind, territory, year, exposure, flag, source, vintage, sorted
        by kind, territory, year. A zone or the Region is the sum of its communes, and is
        "interpolated" if any of them is, except the Region where its own total is known.

    Raises
    ------
    CodeError
        If the kind or the territory is unknown, or the packaged values contradict
        each other.

    Examples
    --------
    >>> table = load_exposure().set_index(["territory", "year"])
    >>> int(table.loc[("04000", 2020), "exposure"])
    1218255
    >>> table.loc[("21004", 2021), "flag"]
    'interpolated'
    """
    if kind not in DENOMINATORS:
        raise CodeError(f"Exposure '{kind}' is not one of {', '.join(DENOMINATORS)}.")
    return _load_kind(kind, load_territory(territory)).copy()


@cache
def _load_kind(kind: str, place: Territory) -> pd.DataFrame:
    file = None if place.folder is None else place.folder / f"{kind}.csv"
    if file is None or not file.is_file():
        return empty_table(EXPOSURE)
    known = pd.read_csv(file, dtype={"code": "str", "year": "int64", kind: "int64"})
    totals = known.loc[known["code"] == place.top].set_index("year")
    units = known.loc[known["code"] != place.top]
    wide = units.pivot(index="year", columns="code", values=kind)
    filled = _fill_years(wide, totals[kind])
    sources = units.groupby("year")[["source", "vintage"]].first()
    base = _describe_flags(filled, wide, sources, totals)
    table = pd.concat([base, *(_sum_level(base, place, level) for level in place.levels[1:])])
    table = _with_own_totals(table, totals, kind, place.top).assign(kind=kind)
    return check_table(table.sort_values(["territory", "year"]), EXPOSURE)


def _fill_years(known: pd.DataFrame, totals: pd.Series) -> pd.DataFrame:
    """Interpolate the years between known ones; whole numbers that add up exactly."""
    years = pd.RangeIndex(int(known.index.min()), int(known.index.max()) + 1, name="year")
    values = known.reindex(years)
    lines = values.astype("float64").interpolate(method="index", limit_area="inside")
    for year in years.difference(known.index):
        row = lines.loc[year].to_numpy()
        target = int(totals.get(year, round(row.sum())))
        lines.loc[year] = round_to_total(row * (target / row.sum()), target)
    return lines.round().astype("int64")


def round_to_total(values: np.ndarray, total: int) -> np.ndarray:
    """Round down, then add one where the remainder is largest until the total is met."""
    whole = np.floor(values)
    order = np.argsort(whole - values, kind="stable")
    whole[order[: int(total - whole.sum())]] += 1
    return whole


def _describe_flags(
    filled: pd.DataFrame, known: pd.DataFrame, sources: pd.DataFrame, totals: pd.DataFrame
) -> pd.DataFrame:
    table = filled.reset_index().melt("year", var_name="territory", value_name="exposure")
    observed = table["year"].isin(known.index)
    computed = table["year"].map({y: _how(y, known.index, totals) for y in filled.index})
    return table.assign(
        flag=np.where(observed, "observed", "interpolated"),
        source=table["year"].map(sources["source"]).where(observed, computed),
        vintage=table["year"].map(sources["vintage"]).where(observed, _VINTAGE),
    )


def _how(year: int, known: pd.Index, totals: pd.DataFrame) -> str:
    before, after = known[known < year].max(), known[known > year].min()
    line = f"linear interpolation between {before} and {after}"
    if year in totals.index:
        return f"{line}, scaled to the known total ({totals.at[year, 'source']})"
    return f"{line}, no known total"


def _sum_level(base: pd.DataFrame, place: Territory, level: str) -> pd.DataFrame:
    parts = []
    for code in place.codes(level):
        rows = base.loc[base["territory"].isin(place.members(code))]
        total = rows.groupby("year", as_index=False).agg(
            exposure=("exposure", "sum"),
            flag=("flag", "min"),  # "interpolated" sorts before "observed"
            source=("source", "first"),
            vintage=("vintage", "first"),
        )
        parts.append(total.assign(territory=code))
    return pd.concat(parts)


def _with_own_totals(
    table: pd.DataFrame, totals: pd.DataFrame, kind: str, top: str
) -> pd.DataFrame:
    own = (table["territory"] == top) & table["year"].isin(totals.index)
    published = table.loc[own, "year"].map(totals[kind])
    wrong = table.loc[own, "year"][published != table.loc[own, "exposure"]]
    if len(wrong):
        years = ", ".join(map(str, wrong))
        raise CodeError(
            f"Packaged {kind}: the units do not add up to the published total of '{top}' "
            f"in {years}. Correct {kind}.csv."
        )
    table = table.assign(flag=table["flag"].mask(own, "observed"))
    for column in ("source", "vintage"):
        table[column] = table[column].mask(own, table["year"].map(totals[column]))
    return table
