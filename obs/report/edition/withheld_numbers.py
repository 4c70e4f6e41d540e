"""List the digits of withheld numbers, to search for them in what was published.

Only a build, which still has the tables before release, can ask for them. They are never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from obs.locale import languages
from obs.report.checks.data_checks import MIN_DIGITS, REVEALING
from obs.report.checks.small_secrets import Secret
from obs.schemas import INDICATORS, TRENDS, WITHHELD

if TYPE_CHECKING:
    from obs.disclosure import Released
    from obs.reference import Territory

__all__ = ["hidden_numbers", "small_numbers"]

_YEARS = range(1900, 2101)  # a number like these is read as a year


def hidden_numbers(tables: Mapping[str, pd.DataFrame], released: Released) -> frozenset[str]:
    """Give the digits of withheld numbers that no published row has too.

    Numbers of fewer than five digits are left out, since a page holds them by chance: see
    `small_numbers`.

    Returns the digits for `check_publication` and `write_edition`.
    """
    hidden: set[str] = set()
    shown: set[str] = set()
    for name in released.names:
        made = released[name].table
        key = (TRENDS if "change" in made.columns else INDICATORS).key_of(made)
        withheld = made.loc[made["status"].isin(WITHHELD), key]
        hidden |= _digits(tables[name].merge(withheld, on=key))
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
