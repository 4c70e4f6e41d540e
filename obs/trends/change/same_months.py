"""Compare years over the months that both know, where one month is not known whole.

A year that lacks the calls of one day has no total, and yet eleven of its months can be compared
with the same eleven of another year.
"""

from __future__ import annotations

import pandas as pd

from obs.errors import ObsError
from obs.reference import Territory, load_breaks, load_territory
from obs.schemas import (
    INDICATORS,
    MISSING_DAYS,
    TRENDS,
    check_table,
    empty_table,
    require,
    shown,
)
from obs.stats.counts.intervals import tail_of
from obs.trends.change.judged_pairs import judge_pairs, trend_rows
from obs.trends.change.period_exposures import calendar_days, row_days

__all__ = ["compare_same_months"]

MIN_MONTHS = 9  # fewer in common do not stand for a year (house rule)
_KNOWN = ("ok", "zero", "provisional")


def compare_same_months(
    indicators: pd.DataFrame,
    *,
    base: int | str,
    confidence: float = 0.95,
    breaks: pd.DataFrame | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Compare every later year with one, over the months that are known whole in both.

    The counts of the months in common are added up in each year and their ratio is that of
    two Poisson counts. A month with days without a count, or covered in part, is left out of
    both years. Numbers are compared, not numbers per day: a leap day is one day in 335.

    Parameters
    ----------
    indicators : DataFrame
        INDICATORS by month: counts. Not modified.
    base : int or str
        The year compared with.
    confidence : float
        Of the intervals and verdicts.
    breaks : DataFrame, optional
        Breaks in series; those of the territory by default.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        TRENDS with `point` "same_months": one row per series and later year. `period` and
        `base` are the last month in common of each year, `periods` how many are added up. A
        year with fewer than nine months in common has no row.

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or has no `scale`.
    ObsError
        Periods that are not months, values that are not counts, a year that is not in the
        table, a bad confidence.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators import compute
    >>> months = pd.period_range("2019-01", "2020-12", freq="M")
    >>> counts = pd.DataFrame({"territory": "04000", "period": months, "phenomenon": "robbery",
    ...     "unit": "fact", "numerator": [100] * 12 + [150] * 12, "status": "ok",
    ...     "delivery": "region.csv"})
    >>> table = compute("robbery", {"police": counts}, period="month").assign(scale="count")
    >>> found = compare_same_months(table, base=2019)
    >>> found[["period", "base", "periods", "verdict"]]
        period     base  periods verdict
    0  2020-12  2019-12       12      up
    >>> found["change"].tolist()
    [0.5]
    """
    tail_of(confidence)
    table = check_table(indicators, require(INDICATORS, "scale"))
    if table.empty:
        return empty_table(TRENDS, freq="M")
    if not table["period"].dtype.name.startswith("period[M"):
        raise ObsError("compare_same_months compares months; this table has other periods.")
    if not (table["scale"] == "count").all():
        raise ObsError("compare_same_months adds up counts; take an indicator without a rate.")
    years = {str(year): int(year) for year in table["period"].dt.year.unique()}
    if str(base) not in years:
        raise ObsError(
            f"base {shown(base)} is no year of the table, which has {table['period'].min()} to "
            f"{table['period'].max()}."
        )
    year = years[str(base)]
    pairs = _pairs(table, year)
    if pairs.empty:
        return empty_table(TRENDS, freq="M")
    place = load_territory(territory)
    known = load_breaks(territory=place) if breaks is None else breaks
    judged = judge_pairs(pairs, breaks=known, place=place, confidence=confidence, adjust="none")
    return trend_rows(judged.assign(point="same_months", periods=pairs["months"].astype("Int64")))


def _pairs(table: pd.DataFrame, base: int) -> pd.DataFrame:
    """Add up the months in common of each series, for the base and each later year."""
    whole = row_days(table) >= calendar_days(table["period"])
    counted = table["reason"].ne(MISSING_DAYS).fillna(value=True) if "reason" in table else True
    known = table[table["status"].isin(_KNOWN) & table["numerator"].notna() & whole & counted]
    keys = [k for k in INDICATORS.key_of(table) if k != "period"]
    rows = []
    for _, series in known.groupby(keys, dropna=False, sort=False):
        by_year = dict(list(series.groupby(series["period"].dt.year)))
        for year in sorted(y for y in by_year if y > base and base in by_year):
            row = _pair(by_year[year], by_year[base], keys)
            rows += [row] if row["months"] >= MIN_MONTHS else []
    made = pd.DataFrame(rows)
    return made.astype({"numerator": "Int64", "numerator_base": "Int64"}) if rows else made


def _pair(new: pd.DataFrame, old: pd.DataFrame, keys: list[str]) -> dict[str, object]:
    common = set(new["period"].dt.month) & set(old["period"].dt.month)
    now, before = (rows[rows["period"].dt.month.isin(common)] for rows in (new, old))
    first = new.iloc[0]
    same = {k: first[k] for k in (*keys, "unit", "scale", "level", "source") if k in new}
    sides = {}
    for side, rows, period in (("", now, "period"), ("_base", before, "base")):
        provisional = rows["status"].eq("provisional").any()
        sides[f"numerator{side}"] = rows["numerator"].sum()
        sides[f"denominator{side}"] = None  # a count has none
        sides[f"status{side}"] = "provisional" if provisional else "ok"
        sides[f"unit{side}"], sides[f"scale{side}"] = first["unit"], first["scale"]
        sides[period] = rows["period"].max() if len(rows) else first["period"]
    return {**same, **sides, "months": len(common)}
