"""Compute changes between periods, with the verdict that the interval allows.

Unlike figures are refused: part of a period with a full one, two units, two sides of a
registered break. An unknown change stays unknown; it is never 0.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from obs.errors import ObsError
from obs.reference import Territory, load_breaks, load_territory
from obs.schemas import INDICATORS, check_table, shown
from obs.trends.change.judged_pairs import judge_pairs

__all__ = ["compare_periods", "pair_rows"]

_COMPARED = (
    *("numerator", "denominator", "status", "unit", "scale", "completeness"),
    *("days", "covered_from", "covered_to", "reason"),
)
_NO_FIGURE = ("missing", "not_applicable", "suppressed_source")


def compare_periods(
    indicators: pd.DataFrame,
    *,
    base: pd.Period | str | int,
    confidence: float = 0.95,
    adjust: Literal["holm", "bh", "none"] = "holm",
    breaks: pd.DataFrame | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    r"""Compare each period with a base: relative change, interval, p-value and verdict.

    The change is :math:`r_1/r_0 - 1`, of rates per inhabitant, dwelling or day where the
    values are such rates, else of counts; its interval is that of the ratio of two
    Poisson rates (Wald on the log). Where the two periods do not cover as many days
    (months, quarters, a leap year) both are taken per day, so that the same facts a day
    are no change; a stock at the end of a period is compared as it is. The p-values are adjusted
    over the territories of one level that are compared for the same indicator, periods and
    breakdown.

    Parameters
    ----------
    indicators : DataFrame
        INDICATORS as `compute` gives them. Not modified.
    base : Period, str or int
        A period of the table (2015, "2015", "2021-03"): later ones are compared with
        it. "previous": each with the one before; "year_before": each with the same
        period of the year before; "first": each with the first period that its own series
        (an indicator in a territory and a breakdown) has a figure of.
    confidence : float
        Of the interval; a verdict needs an adjusted p-value below 1 - confidence.
    adjust : {"holm", "bh", "none"}
        Correction for several comparisons.
    breaks : DataFrame, optional
        Breaks in series as `load_breaks` gives them; those of the territory by default.
        Effect "refuse" forbids a comparison across, "note" does not.
    territory : str or Territory
        Where a break of a unit also touches its members and the units that hold it.

    Returns
    -------
    DataFrame
        TRENDS in the order of `indicators`. `change_of` says what changed: "count", "rate",
        "count_per_day", "rate_per_day" (over `days` and `base_days`) or "share". `verdict`: "up",
        "down", "stable", "too few to say" (under 20 events in either period: no change is given),
        "not comparable", whose `reason` is "missing", "withheld", "not_applicable", "other_unit",
        "other_scale", "partial_period" (a side is covered in part and the other does not
        cover the same days, or has days without a count), "unequal_maturity"
        (registration is not as far advanced on both sides) or "break_in_series". `p_value` is the
        adjusted one, `p_unadjusted` that of the pair alone. Counts are given where both are known.
        Two shares have a difference in `points` (0.03 is 3 percentage points; Newcombe's
        limits) and no relative change: points and per cent are two things.
        `detectable_fall` and `detectable_rise` (relative; of shares `detectable_fall_points`
        and `detectable_rise_points`) are the least changes that would have been shown with
        80 % power at this confidence and correction; missing where none would.

    Raises
    ------
    ObsError
        A base that is not in the table, an unknown adjustment, a bad confidence.
    SchemaError
        A table that is not INDICATORS.

    References
    ----------
    .. [1] K. J. Rothman and S. Greenland, 1998, Modern epidemiology, chapter 14.
    .. [2] S. Holm, 1979, Scandinavian Journal of Statistics 6.
    .. [3] H. S. Bloom, 1995, Minimum detectable effects, Evaluation Review 19.
    .. [4] Eurostat, 2015, ESS guidelines on seasonal adjustment, 2.1 (length of month and
       leap year are effects of the calendar, not of what is counted).

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators import compute
    >>> counts = pd.DataFrame({
    ...     "territory": "5339", "period": pd.PeriodIndex(["2014", "2024"], freq="Y"),
    ...     "phenomenon": "theft", "unit": "fact", "numerator": [33698, 34852],
    ...     "status": "ok", "delivery": "zones.csv"})
    >>> table = compute("theft", {"police": counts})
    >>> trend = compare_periods(table[table["territory"] == "5339"], base=2014)
    >>> trend[["change", "low", "high", "verdict", "change_of"]].round(3)
       change    low   high verdict     change_of
    0  -0.079 -0.092 -0.065    down  rate_per_day
    """
    table = check_table(indicators, INDICATORS)
    place = load_territory(territory)
    breaks = load_breaks(territory=place) if breaks is None else breaks
    return judge_pairs(
        pair_rows(table, _bases(table, base)),
        breaks=breaks,
        place=place,
        confidence=confidence,
        adjust=adjust,
    )


def pair_rows(table: pd.DataFrame, bases: pd.Series) -> pd.DataFrame:
    """Put beside each row that has a base the row of its base, "_base" at its columns."""
    later = table.assign(base=bases).dropna(subset="base")
    keys = [k for k in INDICATORS.key_of(table) if k != "period"]
    compared = [c for c in _COMPARED if c in table]
    before = table[[*keys, "period", *compared]].rename(columns={"period": "base"})
    pairs = later.merge(before, on=[*keys, "base"], how="left", suffixes=("", "_base"))
    return pairs.assign(
        status_base=pairs["status_base"].fillna("missing"),
        denominator_base=pairs["denominator_base"].astype("Float64"),
        numerator_base=pairs["numerator_base"].astype("Int64"),
    )


def _bases(table: pd.DataFrame, base: pd.Period | str | int) -> pd.Series:
    """Give the base of each period, missing where there is none to compare with."""
    periods = table["period"]
    if table.empty:
        return periods
    if base in ("previous", "year_before"):
        per_year = {"Y": 1, "Q": 4, "M": 12}.get(periods.dt.freq.freqstr[0])
        if base == "year_before" and per_year is None:
            raise ObsError(
                f"base 'year_before' compares years, quarters or months; these are periods of "
                f"frequency {periods.dt.freq.freqstr}. Use 'previous' or count by month."
            )
        wanted = periods - (1 if base == "previous" else int(per_year or 1))
        return wanted.where(wanted >= periods.min())
    if base == "first":
        return _first_periods(table)
    try:
        fixed = pd.Period(str(base), freq=periods.dt.freq)
    except (ValueError, OverflowError):
        raise ObsError(
            f"base {shown(base)} is neither a period, 'previous', 'year_before' nor 'first'"
        ) from None
    if fixed not in set(periods):
        raise ObsError(
            f"base {fixed} is not in the table, which has {periods.min()} to {periods.max()}"
        )
    return pd.Series(fixed, index=table.index, dtype=periods.dtype).where(periods > fixed)


def _first_periods(table: pd.DataFrame) -> pd.Series:
    """Give each later row the first period that its series has a figure of.

    A series without a row later than that has the first period of the table: its change is unknown.
    """
    keys = [k for k in INDICATORS.key_of(table) if k != "period"]
    known = table[~table["status"].isin(_NO_FIGURE)]
    by = {"dropna": False, "observed": True, "as_index": False}
    own = known.groupby(keys, **by)["period"].min().rename(columns={"period": "first"})
    last = table.groupby(keys, **by)["period"].max().rename(columns={"period": "last"})
    told = table[[*keys, "period"]].merge(own, on=keys, how="left").merge(last, on=keys)
    firsts = told["first"].where(told["first"] < told["last"], table["period"].min())
    return firsts.where(firsts < told["period"]).set_axis(table.index)
