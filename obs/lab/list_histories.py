"""Count persons by the lists they are on, from one row per person and list.

The result is the input of `obs.indicators.estimate_population`.
"""

from __future__ import annotations

import pandas as pd

from obs.errors import SchemaError

__all__ = ["count_histories"]

COUNT = "count"
PREFIX = "list_"


def count_histories(
    records: pd.DataFrame, *, person: str = "person_id", source: str = "list"
) -> pd.DataFrame:
    """Count persons by the lists they are on, from one row per person and list.

    Parameters
    ----------
    records : DataFrame
        One row per entry of a person on a list; the same twice counts once. Not modified.
    person : str
        Column that tells persons apart, already pseudonymous.
    source : str
        Column that names the list.

    Returns
    -------
    DataFrame
        One column of 0 and 1 per list (`list_` and its name), and `count`; a row for each
        history seen. No person is in it.

    Raises
    ------
    SchemaError
        A column that is absent, or empty cells in one.

    Examples
    --------
    >>> import pandas as pd
    >>> records = pd.DataFrame({"person_id": ["A", "A", "B", "C"],
    ...                         "list": ["police", "shelter", "police", "shelter"]})
    >>> count_histories(records)
       list_police  list_shelter  count
    0            0             1      1
    1            1             0      1
    2            1             1      1
    """
    absent = [c for c in (person, source) if c not in records.columns]
    if absent:
        raise SchemaError(f"lists: column(s) {', '.join(absent)} are absent")
    if empty := int(records[[person, source]].isna().any(axis=1).sum()):
        raise SchemaError(f"lists: {empty} row(s) have no person or no list; leave them out first")
    if records.empty:
        raise SchemaError("lists: the table has no row")
    names = records[source].astype("str").map(_list_name)
    wide = pd.crosstab(records[person], names).clip(upper=1)
    lists = sorted(wide.columns)
    counted = wide.groupby(lists).size().rename(COUNT).reset_index()
    return counted.rename_axis(columns=None)


def _list_name(name: str) -> str:
    return name if name.startswith(PREFIX) else f"{PREFIX}{name}"
