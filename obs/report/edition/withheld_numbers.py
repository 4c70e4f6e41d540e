"""List the digits of withheld numbers, to search for them in what was published.

Only a build, which still has the tables before release, can ask for them. They are never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from obs.report.checks.data_checks import MIN_DIGITS, REVEALING
from obs.schemas import INDICATORS, TRENDS, WITHHELD

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["hidden_numbers"]


def hidden_numbers(tables: Mapping[str, pd.DataFrame], released: Released) -> frozenset[str]:
    """Give the digits of withheld numbers that no published row has too.

    Numbers of fewer than five digits are left out, since a page holds them by chance.

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
