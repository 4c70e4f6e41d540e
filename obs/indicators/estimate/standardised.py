"""Compute directly standardised rates as a table: the rates of places under one age structure.

Every stratum of the standard must be present and known. Fewer than ten events give no rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.schemas import WITHHELD, need_above_zero, need_columns, need_frame, number_values
from obs.stats.counts.intervals import tail_of
from obs.stats.counts.standardisation import direct_rate, dobson_interval

__all__ = ["MIN_EVENTS", "standardise"]

MIN_EVENTS = 10  # no standardised rate below: PHE/OHID technical guide


def standardise(
    table: pd.DataFrame,
    *,
    by: str | Sequence[str],
    strata: str | Sequence[str],
    standard: pd.Series | Mapping[object, float],
    per: float = 100_000,
    confidence: float = 0.95,
    squares: str | None = None,
) -> pd.DataFrame:
    r"""Compute directly standardised rates with Dobson's interval.

    :math:`\sum_i w_i O_i/n_i / \sum_i w_i` over the strata, with :math:`w_i` the standard
    population. A stratum whose standard is 0 (a total beside its parts) enters nothing.

    Parameters
    ----------
    table : DataFrame of shape (n_rows, n_columns)
        One row per group and stratum with `numerator` (events) and `denominator`
        (population); a `status` is respected. Not modified.
    by : str or sequence of str
        Columns that name a group: territory, period.
    strata : str or sequence of str
        Columns that name a stratum: age band, sex.
    standard : Series or mapping
        Standard population of each stratum, indexed as `strata`; of several columns, by
        tuples.
    per : float
        For example 100,000 inhabitants; above 0.
    confidence : float
        Between 0 and 1.
    squares : str, optional
        Column with the sum over persons of their events squared, where one person can have
        several (repeat victims); the interval widens. From the events (one each) to their
        square (all of one person).

    Returns
    -------
    DataFrame
        One row per group, in the order they first appear: the columns of `by`, `numerator`,
        `denominator` (sums over the strata of the standard), `value`, `low`, `high`, `status`.
        Status "unreliable" and no value under 10 events; "missing" where a stratum of the
        standard is absent, unknown or without population; "suppressed_source" where one is
        withheld; "provisional" where one is provisional.

    Raises
    ------
    SchemaError
        No table, several columns of one name, a column that is absent or holds no numbers, a
        stratum that is repeated in a group or is not in the standard, a missing group.
    ObsError
        A standard with missing, negative or only zero values; counts that are negative or not
        whole; squares that cannot be; `per` not above 0; a bad confidence.

    References
    ----------
    .. [1] A. J. Dobson, K. Kuulasmaa, E. Eberle and J. Scherer, 1991, Statistics in
       Medicine 10.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "territory": ["21001", "21001", "21002", "21002"], "age": ["young", "old"] * 2,
    ...     "numerator": [30, 10, 5, 2], "denominator": [1_000, 1_000, 1_000, 1_000]})
    >>> standard = pd.Series({"young": 2_000, "old": 1_000})
    >>> standardise(table, by="territory", strata="age", standard=standard, per=1_000).round(1)
      territory  numerator  denominator  value   low  high      status
    0     21001         40       2000.0   23.3  16.5  32.0          ok
    1     21002          7       2000.0   <NA>  <NA>  <NA>  unreliable
    """
    scale = need_above_zero(per, who="standardise", name="per")
    tail_of(confidence)
    groups, bands = _as_list(by, "by"), _as_list(strata, "strata")
    extra = [] if squares is None else [squares]
    _check_columns(table, [*groups, *bands, "numerator", "denominator", *extra], [*groups, *bands])
    weights = _standard_weights(standard, bands)
    place = _standard_positions(table, bands, weights)
    inside = weights.to_numpy(float)[place] > 0
    keys = table[groups].drop_duplicates(ignore_index=True)
    weights, table, place = _of_the_standard(weights, table, place, inside)
    row = _group_positions(table, groups, keys)

    def spread_out(column: str) -> np.ndarray:
        grid = np.full((len(keys), len(weights)), np.nan)
        grid[row, place] = _numbers(table, column)
        return grid

    events, people = spread_out("numerator"), spread_out("denominator")
    repeated = None if squares is None else spread_out(squares)
    rate, variance = direct_rate(events, people, weights.to_numpy(float), squares=repeated)
    total = events.sum(axis=1)
    low, high = dobson_interval(rate, variance, total, confidence=confidence)
    status = _rate_status(table, row, total, rate)
    shown = np.isin(status, ["ok", "provisional"])

    def column(values: np.ndarray) -> pd.Series:
        return pd.Series(np.where(shown, scale * values, np.nan)).astype("Float64")

    return keys.assign(
        numerator=pd.Series(total).astype("Float64").astype("Int64"),
        denominator=pd.Series(people.sum(axis=1)).astype("Float64"),
        value=column(rate),
        low=column(low),
        high=column(high),
        status=pd.Series(status, dtype="str"),
    )


def _as_list(given: str | Sequence[str], name: str) -> list[str]:
    names = [given] if isinstance(given, str) else list(given)
    if not names or len(set(names)) < len(names):
        raise ObsError(f"standardise: {name}={names}: name one column or more, each once")
    return names


def _check_columns(table: pd.DataFrame, needed: list[str], key: list[str]) -> None:
    need_frame(table, who="standardise")
    need_columns(table, needed, who="standardise")
    absent = int(table[key].isna().any(axis=1).sum())
    if absent:
        raise SchemaError(f"standardise: {absent} row(s) have no {' or no '.join(key)}")
    repeated = int(table.duplicated(key).sum())
    if repeated:
        raise SchemaError(
            f"standardise: {repeated} row(s) repeat a stratum of a group ({', '.join(key)}); "
            "add them up first, or name the missing column in by or strata"
        )


def _standard_weights(standard: pd.Series | Mapping[object, float], bands: list[str]) -> pd.Series:
    if isinstance(standard, Mapping):
        standard = pd.Series(dict(standard))
    if not isinstance(standard, pd.Series):
        raise ObsError(
            f"standardise: standard must be a Series or a mapping from {', '.join(bands)} to "
            f"populations, not a {type(standard).__name__}; of a table, set_index its strata "
            "and take the column of populations"
        )
    weights = pd.to_numeric(standard, errors="coerce")
    if standard.index.nlevels != len(bands) or not standard.index.is_unique:
        raise ObsError(f"standard: one value per {', '.join(bands)}, each once")
    numbers = weights.to_numpy(float, na_value=np.nan)
    if not np.isfinite(numbers).all() or (numbers < 0).any() or not numbers.sum() > 0:
        raise ObsError("standard: known populations of at least 0, not all 0, are needed")
    return weights


def _of_the_standard(
    weights: pd.Series, table: pd.DataFrame, place: np.ndarray, inside: np.ndarray
) -> tuple[pd.Series, pd.DataFrame, np.ndarray]:
    """Leave out the strata whose standard is 0: they enter neither rate, nor sums, nor status."""
    used = weights.to_numpy(float) > 0
    position = np.cumsum(used) - 1
    return weights[used], table[inside], position[place[inside]]


def _numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    try:
        numbers = number_values(table[column])
    except TypeError:
        raise SchemaError(
            f"standardise: '{column}' must hold numbers, not {table[column].dtype}"
        ) from None
    fractional = int((np.isfinite(numbers) & (numbers != np.floor(numbers))).sum())
    if column == "numerator" and fractional:
        raise SchemaError(f"standardise: '{column}' has {fractional} count(s) that are not whole")
    return numbers


def _standard_positions(table: pd.DataFrame, bands: list[str], weights: pd.Series) -> np.ndarray:
    if len(bands) == 1:
        place = weights.index.get_indexer(table[bands[0]])
    else:
        place = weights.index.get_indexer(pd.MultiIndex.from_frame(table[bands]))
    unknown = np.flatnonzero(place < 0)
    if unknown.size:
        raise SchemaError(
            f"standardise: {unknown.size} row(s) have a stratum that is not in the standard "
            f"(first positions: {', '.join(map(str, unknown[:5]))}); drop totals, or add it "
            "with a standard population of 0"
        )
    return place


def _group_positions(table: pd.DataFrame, groups: list[str], keys: pd.DataFrame) -> np.ndarray:
    """Give each row the position of its group."""
    index = pd.MultiIndex.from_frame(keys)
    return index.get_indexer(pd.MultiIndex.from_frame(table[groups]))


def _rate_status(
    table: pd.DataFrame, row: np.ndarray, total: np.ndarray, rate: np.ndarray
) -> np.ndarray:
    status = np.where(np.isnan(rate), "missing", "ok").astype(object)
    if "status" in table:
        given = table["status"].fillna("ok")
        open_ = np.unique(row[given.eq("provisional").to_numpy()])
        status[open_] = np.where(status[open_] == "ok", "provisional", status[open_])
    status[~np.isnan(total) & (total < MIN_EVENTS) & ~np.isnan(rate)] = "unreliable"
    if "status" in table:
        unknown = {"missing": ["missing", "not_applicable"], "suppressed_source": list(WITHHELD)}
        for name, codes in unknown.items():
            status[np.unique(row[given.isin(codes).to_numpy()])] = name
    return status
