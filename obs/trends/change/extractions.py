"""Measure how figures changed between two extractions, by age of the event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.schemas import INDICATORS, WITHHELD, check_table

__all__ = ["AGES", "compare_extractions", "sum_by_age"]

AGES = (0, 3, 6, 12, 24)  # months from the event's period to the first extraction
_TEXTS = ("unit", "level")


def compare_extractions(
    before: pd.DataFrame, after: pd.DataFrame, *, extracted: pd.Timestamp | str
) -> pd.DataFrame:
    """Compare an indicator table with the same table from a later extraction.

    Parameters
    ----------
    before, after : DataFrame
        INDICATORS of one frequency, computed alike from the two extractions. Not modified.
    extracted : Timestamp or str
        Day of the first extraction; ages count from it.

    Returns
    -------
    DataFrame
        One row per key of either table, sorted by it: the key, `unit`, `level`, `age`
        (months from the last one of the period to that of the first extraction, at least 0),
        `before` and `after` (counts), `moved` (after - before), `change` (moved / before),
        `outcome`: "unchanged", "revised", "new" (not in the first extraction), "gone" (not
        in the second) or "unknown" (missing or withheld in one of them: never 0).

    Raises
    ------
    SchemaError
        If a table is not INDICATORS.
    ObsError
        If the two tables are of different frequencies or breakdowns.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators import compute
    >>> facts = pd.DataFrame({"event_date": pd.date_range("2021-11-01", "2021-12-31"),
    ...     "territory": "21004", "phenomenon": "bicycle_theft"})
    >>> days = ("2021-11-01", "2021-12-31")
    >>> first, second = (compute("bicycle_theft", {"police": rows}, period="month",
    ...     coverage=days) for rows in (facts.head(58), facts))
    >>> moved = compare_extractions(first, second, extracted="2022-01-31")
    >>> moved.loc[moved["level"] == "region", ["period", "age", "before", "after", "outcome"]]
        period  age  before  after    outcome
    0  2021-11    2      30     30  unchanged
    1  2021-12    1      28     31    revised
    """
    first, second = check_table(before, INDICATORS), check_table(after, INDICATORS)
    keys = INDICATORS.key_of(first)
    if keys != INDICATORS.key_of(second) or first["period"].dtype != second["period"].dtype:
        raise ObsError("the two extractions are of different periods or breakdowns")
    sides = [_side(first, keys, "before"), _side(second, keys, "after")]
    both = sides[0].merge(sides[1], on=keys, how="outer", indicator="found").sort_values(keys)
    for column in _TEXTS:
        both[column] = both[f"{column}_after"].fillna(both[f"{column}_before"])
    moved = both["after"] - both["before"]
    table = both.assign(
        age=_age(both["period"], pd.Timestamp(extracted)),
        moved=moved,
        change=(moved / both["before"].where(both["before"] > 0)).astype("Float64"),
        outcome=_revision_outcome(both, moved),
    )
    shown = [*keys, "unit", "level", "age", "before", "after", "moved", "change", "outcome"]
    return table[shown].reset_index(drop=True)


def sum_by_age(
    revisions: pd.DataFrame, *, by: Sequence[str] = ("indicator",), ages: Sequence[int] = AGES
) -> pd.DataFrame:
    """Sum the movements of counts by age of the event, at one territory or level at a time.

    Parameters
    ----------
    revisions : DataFrame
        As `compare_extractions` gives it. Not modified. Keep one level: a sum over levels
        counts twice, and is refused.
    by : sequence of str
        Columns to keep apart.
    ages : sequence of int
        First months of the age bands, from 0.

    Returns
    -------
    DataFrame
        Columns `by`, `age` ("0-2", "3-5", ..., "24+"), `periods` (compared), `before`,
        `after`, `moved`, `change`, `unknown` (periods left out because one side is not
        known). Periods that only one extraction covers are left out.

    Raises
    ------
    ObsError
        If several levels are given, or ages do not begin with 0 and rise.

    Examples
    --------
    >>> import pandas as pd
    >>> moved = pd.DataFrame({"indicator": "theft", "level": "region", "age": [1, 2, 14],
    ...     "before": [90, 95, 100], "after": [99, 96, 100], "moved": [9, 1, 0],
    ...     "outcome": ["revised", "revised", "unchanged"]})
    >>> sum_by_age(moved)
      indicator    age  periods  before  after  moved    change  unknown
    0     theft    0-2        2     185    195     10  0.054054        0
    1     theft  12-23        1     100    100      0       0.0        0
    """
    if list(ages) != sorted(set(ages)) or ages[0] != 0:
        raise ObsError("ages must begin with 0 and rise")
    if revisions["level"].nunique() > 1:
        raise ObsError("a sum over several levels counts facts twice; keep one level")
    both = revisions[~revisions["outcome"].isin(["new", "gone"])]
    place = np.searchsorted(ages, both["age"].to_numpy(dtype="int64"), side="right") - 1
    known = both["outcome"] != "unknown"
    keys = [*by, "place"]
    table = both.assign(
        place=place, unknown=(~known).astype("int64"), periods=known.astype("int64")
    )
    for column in ("before", "after", "moved"):
        table[column] = table[column].astype("Int64").where(known, 0)
    sums = table.groupby(keys, as_index=False)[
        ["periods", "before", "after", "moved", "unknown"]
    ].sum()
    change = (sums["moved"] / sums["before"].where(sums["before"] > 0)).astype("Float64")
    names = _band_names(ages)
    sums = sums.assign(age=[names[i] for i in sums["place"]], change=change)
    return sums[[*by, "age", "periods", "before", "after", "moved", "change", "unknown"]]


def _side(table: pd.DataFrame, keys: list[str], name: str) -> pd.DataFrame:
    known = ~table["status"].isin([*WITHHELD, "missing", "not_applicable"])
    found = {f"{c}_{name}": table[c] for c in _TEXTS if c in table}
    return table[keys].assign(**{name: table["numerator"].where(known)}, **found)


def _age(periods: pd.Series, extracted: pd.Timestamp) -> pd.Series:
    ends = periods.dt.end_time
    months = (extracted.year - ends.dt.year) * 12 + extracted.month - ends.dt.month
    return months.clip(lower=0).astype("int64")


def _revision_outcome(both: pd.DataFrame, moved: pd.Series) -> pd.Series:
    outcome = np.select(
        [
            both["found"] == "right_only",
            both["found"] == "left_only",
            moved.isna(),
            (moved != 0).fillna(value=False),
        ],
        ["new", "gone", "unknown", "revised"],
        "unchanged",
    )
    return pd.Series(outcome, index=both.index, dtype="str")


def _band_names(ages: Sequence[int]) -> list[str]:
    names = [f"{a}-{b - 1}" for a, b in zip(ages, ages[1:], strict=False)]
    return [*names, f"{ages[-1]}+"]
