"""List the digits of withheld numbers, to search for them in what was published.

Only a build, which still has the tables before release, can ask for them. They are never written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.locale import languages
from obs.report.checks.data_checks import MIN_DIGITS, REVEALING
from obs.report.checks.small_secrets import Secret
from obs.schemas import ALL, BREAKDOWNS, INDICATORS, TRENDS, WITHHELD

if TYPE_CHECKING:
    from obs.disclosure import Released
    from obs.reference import Territory

__all__ = ["hidden_numbers", "small_numbers"]

_OF_COUNTS = ("count", "count_per_day")  # changes that two counts and their days give
_YEARS = range(1900, 2101)  # a number like these is read as a year


def hidden_numbers(tables: Mapping[str, pd.DataFrame], released: Released) -> frozenset[str]:
    """Give the digits of withheld numbers that no published row has too.

    Left out are numbers of fewer than five digits, since a page holds them by chance (see
    `small_numbers`), and those of a withheld change between counts that other periods of its
    series show: a text may compare these periods.

    Returns the digits for `check_publication` and `write_edition`.
    """
    hidden: set[str] = set()
    shown: set[str] = set()
    counts = _published_counts(released)
    for name in released.names:
        made = released[name].table
        key = (TRENDS if "change" in made.columns else INDICATORS).key_of(made)
        withheld = tables[name].merge(made.loc[made["status"].isin(WITHHELD), key], on=key)
        hidden |= _digits(withheld[~_follows(withheld, counts)])
        shown |= _digits(made)
    return frozenset(hidden - shown)


def small_numbers(tables: Mapping[str, pd.DataFrame], released: Released) -> frozenset[Secret]:
    """Give the withheld counts of fewer than five digits, with the names of their places.

    One that the same place shows somewhere, of anything, is left out, and so is the whole
    territory: its name stands in most sentences.

    Returns what `check_publication` and `write_edition` look for beside these names.
    """
    territory = released.territory
    hidden: set[tuple[str, int]] = set()
    shown: set[tuple[str, int]] = set()
    for name in released.names:
        made = released[name].table
        key = (TRENDS if "change" in made.columns else INDICATORS).key_of(made)
        withheld = made.loc[made["status"].isin(WITHHELD), key]
        hidden |= _counts(tables[name].merge(withheld, on=key))
        shown |= _counts(made)
    return frozenset(
        Secret(_names(territory, place), str(count))
        for place, count in hidden - shown
        if 0 < count < 10 ** (MIN_DIGITS - 1) and count not in _YEARS and place != territory.top
    )


def _published_counts(released: Released) -> set[tuple[object, ...]]:
    tables = (released[name].table for name in released.names)
    return {
        count
        for table in tables
        if "numerator" in table and "change" not in table
        for count in _ends(table[table["numerator"].notna()])
    }


def _ends(table: pd.DataFrame, when: str = "") -> list[tuple[object, ...]]:
    """Give the count of each row, or the one it is compared with: its series, number and days."""
    series = table.reindex(columns=["indicator", "territory", *BREAKDOWNS]).astype("object")
    series = series.fillna(ALL)
    for column in ("numerator", "days"):
        held = table.get(f"{when}{column}", pd.Series(None, index=table.index, dtype="object"))
        series[column] = held.astype("object").fillna(-1)
    return list(series.itertuples(index=False, name=None))


def _follows(changes: pd.DataFrame, counts: Collection[tuple[object, ...]]) -> NDArray[np.bool_]:
    """Tell which changes of counts are also those of two published counts of their series."""
    if "change_of" not in changes:
        return np.zeros(len(changes), dtype=bool)
    ends = zip(_ends(changes), _ends(changes, "base_"), strict=True)
    known = [now in counts and before in counts for now, before in ends]
    return np.array(known, dtype=bool) & changes["change_of"].isin(_OF_COUNTS).to_numpy()


def _counts(table: pd.DataFrame) -> set[tuple[str, int]]:
    columns = [c for c in ("numerator", "base_numerator") if c in table]
    return {
        (str(place), round(float(count)))
        for column in columns
        for place, count in table[["territory", column]].dropna().itertuples(index=False)
    }


def _names(territory: Territory, place: str) -> frozenset[str]:
    return frozenset(str(territory.label(place, lang)) for lang in languages())


def _digits(table: pd.DataFrame) -> set[str]:
    columns = [c for c in REVEALING if c in table.columns]
    return {written for c in columns for written in _as_in_files(table[c].dropna())}


def _as_in_files(numbers: Iterable[float]) -> Iterable[str]:
    """Write numbers as data files do: six decimals, no zero at the end."""
    for number in numbers:
        rounded = round(abs(float(number)), 6)
        text = str(int(rounded)) if rounded.is_integer() else f"{rounded:.6f}".rstrip("0")
        if len(text.replace(".", "").lstrip("0")) >= MIN_DIGITS:
            yield text
