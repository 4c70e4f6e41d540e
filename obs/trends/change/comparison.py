"""Compute changes between periods, with the verdict that the interval allows.

Unlike figures are refused: part of a period with a full one, two units, two sides of a
registered break. An unknown change stays unknown; it is never 0.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.reference import Territory, load_breaks, load_territory
from obs.schemas import (
    BREAKDOWNS,
    DETECTABLE,
    INDICATORS,
    POINTS,
    TRENDS,
    WITHHELD,
    check_table,
)
from obs.stats import adjust_p_values, newcombe_difference, pooled_score_test, rate_ratio
from obs.trends.change.comparable_periods import partial_pairs
from obs.trends.change.detectable import least_detectable
from obs.trends.change.period_exposures import Exposures

__all__ = ["MIN_EVENTS", "SAME_MATURITY", "compare_periods"]

MIN_EVENTS = 20  # fewer in either period: counts only, no percentage (house rule, methods 6)
SAME_MATURITY = 0.01  # completeness may differ by one point at most (house rule, methods 8)
_NO_COUNT = r"index_|estimate$"  # scales whose value is not a count over an exposure
_COMPARED = (
    *("numerator", "denominator", "status", "unit", "scale", "completeness"),
    *("days", "covered_from", "covered_to", "reason"),
)
_TESTED = ("p_value", "p_unadjusted", "confidence")
_MEASURED = ("change", "low", "high", *POINTS, *_TESTED, *DETECTABLE)
_STATUS = {  # status of a row without a verdict of its own
    "not_applicable": "not_applicable",
    "missing": "missing",
    "withheld": "suppressed_source",
    "other_unit": "not_applicable",
    "other_scale": "not_applicable",
    "partial_period": "not_applicable",
    "unequal_maturity": "not_applicable",
    "break_in_series": "not_applicable",
    "few_events": "unreliable",
}


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
    are no change; a stock at the end of a period is not. The p-values are adjusted over the territories of
    one level that are compared for the same indicator, periods and breakdown.

    Parameters
    ----------
    indicators : DataFrame
        INDICATORS as `compute` gives them. Not modified.
    base : Period, str or int
        A period of the table (2015, "2015", "2021-03"): later ones are compared with
        it. "previous": each with the one before; "year_before": each with the same
        period of the year before.
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
        "count_per_day", "rate_per_day" (over `days` and `base_days`) or "share". `verdict`: "up", "down", "stable", "too few
        to say" (under 20 events in either period: no change is given), "not comparable",
        whose `reason` is "missing", "withheld", "not_applicable", "other_unit",
        "other_scale", "partial_period" (a side is covered in part and the other does not
        cover the same days, or lacks days that were not told), "unequal_maturity"
        (registration is not as far advanced on both sides) or "break_in_series". `p_value` is the adjusted
        one, `p_unadjusted` that of the pair alone. Counts are given where both are known.
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
    pairs = _pair(table, base)
    reason = _why_not(pairs, breaks, place)
    sizes = Exposures(pairs)
    measured = _measure(pairs, reason, sizes, confidence)
    adjusted = _adjust(pairs, measured["p_value"], adjust)
    verdict = _verdicts(measured, adjusted, reason, 1 - confidence)
    names = measured["method"] + (f", {adjust}" if adjust != "none" else "")
    least = least_detectable(
        pairs,
        sizes,
        compared=adjusted.notna(),
        together=_together(pairs, reason),
        confidence=confidence,
        adjust=adjust,
        fewest=MIN_EVENTS,
    )
    measured = measured.assign(
        **least,
        p_unadjusted=measured["p_value"],
        confidence=confidence,
        p_value=adjusted.astype("Float64"),
        verdict=verdict,
        method=names.where(adjusted.notna()).astype("str"),
        reason=reason,
    )
    return _trends_table(pairs, measured)


def _pair(table: pd.DataFrame, base: pd.Period | str | int) -> pd.DataFrame:
    """Put beside each row that has a base the row of its base, "_base" at its columns."""
    later = table.assign(base=_bases(table, base)).dropna(subset="base")
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
    try:
        fixed = pd.Period(str(base), freq=periods.dt.freq)
    except ValueError:
        raise ObsError(
            f"base {str(base)[:40]!r} is neither a period, 'previous' nor 'year_before'"
        ) from None
    if fixed not in set(periods):
        raise ObsError(
            f"base {fixed} is not in the table, which has {periods.min()} to {periods.max()}"
        )
    return pd.Series(fixed, index=table.index, dtype=periods.dtype).where(periods > fixed)


def _why_not(pairs: pd.DataFrame, breaks: pd.DataFrame, place: Territory) -> pd.Series:
    """Say why a pair is not compared, missing where it is; the first reason counts."""

    def either(test: object) -> pd.Series:
        return pairs["status"].isin(test) | pairs["status_base"].isin(test)  # type: ignore[arg-type]

    def differs(column: str) -> pd.Series:
        if column not in pairs:
            return pd.Series(data=False, index=pairs.index)
        return (pairs[column] != pairs[f"{column}_base"]).fillna(value=True).astype(bool)

    made = pd.Series(data=False, index=pairs.index)  # an index or an estimate is no count
    if "scale" in pairs:
        made = pairs["scale"].str.match(_NO_COUNT).fillna(value=False).astype(bool)
    unknown = pairs["numerator"].isna() | pairs["numerator_base"].isna()
    few = (pairs["numerator"] < MIN_EVENTS) | (pairs["numerator_base"] < MIN_EVENTS)
    reasons = {
        "not_applicable": either(["not_applicable"]) | made,
        "withheld": either(WITHHELD),
        "missing": either(["missing"]) | unknown,
        "other_unit": differs("unit"),
        "other_scale": differs("scale"),
        "partial_period": partial_pairs(pairs),
        "unequal_maturity": _unequal(pairs),
        "break_in_series": _crosses(pairs, breaks, place),
        "few_events": few.fillna(value=False).astype(bool),
    }
    reason = np.select(list(reasons.values()), list(reasons), "")
    return pd.Series(reason, index=pairs.index, dtype="str").replace("", pd.NA)


def _unequal(pairs: pd.DataFrame) -> pd.Series:
    """Tell the pairs of which one side is more completely registered than the other."""
    if "completeness" not in pairs:
        return pd.Series(data=False, index=pairs.index)
    gap = (pairs["completeness"].fillna(1.0) - pairs["completeness_base"].fillna(1.0)).abs()
    return gap > SAME_MATURITY


def _crosses(pairs: pd.DataFrame, breaks: pd.DataFrame, place: Territory) -> pd.Series:
    """Tell the pairs of which one side, in part, is before a break and the other after."""
    crossed = pd.Series(data=False, index=pairs.index)
    if not len(pairs):
        return crossed
    first, last = pairs["base"].dt.start_time, pairs["period"].dt.end_time
    for row in breaks.loc[breaks["effect"] == "refuse"].to_dict("records"):
        touched = pairs["territory"].isin(_touched(row["territory"], place))
        named = [i for i in pairs["indicator"].unique() if fnmatchcase(i, row["indicator"])]
        crossed |= (
            touched & pairs["indicator"].isin(named) & (first < row["date"]) & (row["date"] <= last)
        )
    return crossed


def _touched(code: str, place: Territory) -> set[str]:
    """List the unit of a break, its members, and the units that hold it."""
    if code not in set(place.units["code"]):
        return {code}
    found, level = {code, *place.members(code)}, place.parent(code)
    for other in place.units["code"]:
        if set(place.members(other)) <= found:
            found.add(other)
    while level is not None:
        found.add(level)
        level = place.parent(level)
    return found


def _measure(
    pairs: pd.DataFrame, reason: pd.Series, sizes: Exposures, confidence: float
) -> pd.DataFrame:
    """Measure every pair that may be compared: ratio of rates, or difference of shares."""
    share, may = sizes.share, reason.isna().to_numpy()
    new = np.where(may, _floats(pairs, "numerator"), np.nan)
    old = np.where(may, _floats(pairs, "numerator_base"), np.nan)
    size, base_size = sizes.new, sizes.old
    rates = np.where(share, np.nan, new), size, np.where(share, np.nan, old), base_size
    result = rate_ratio(*rates, confidence=confidence)
    parts = [np.where(share, x, np.nan) for x in (new, size, old, base_size)]
    difference, p_value = pooled_score_test(*parts)
    points_low, points_high = newcombe_difference(*parts, confidence=confidence)
    return pd.DataFrame(
        {
            "change": result.ratio - 1,
            "low": result.low - 1,
            "high": result.high - 1,
            "points": difference,
            "points_low": points_low,
            "points_high": points_high,
            "p_value": np.where(share, p_value, result.p_value),
            "direction": np.where(share, difference, result.ratio - 1),
            "method": np.where(share, "difference of shares", _named(result.method, sizes)),
            "change_of": sizes.change_of,
            "days": sizes.days,
            "base_days": sizes.base_days,
        },
        index=pairs.index,
    )


def _named(methods: np.ndarray, sizes: Exposures) -> np.ndarray:
    """Name how two rates were compared; "per day" where their days differ."""
    ratio = np.where(sizes.per_day, "rate ratio per day, ", "rate ratio, ")
    return np.asarray(np.char.add(ratio, methods))


def _adjust(pairs: pd.DataFrame, p_values: pd.Series, method: str) -> pd.Series:
    """Adjust within each family: one indicator, level, breakdown, period and base."""
    groups = pairs.groupby(_family(pairs), dropna=False).indices
    adjusted = p_values.to_numpy(dtype="float64", copy=True)
    adjust_p_values([], method=method)  # an unknown method is refused, rows or not
    for rows in (r for r in groups.values() if len(r) > 1):  # one comparison stays as it is
        adjusted[rows] = adjust_p_values(adjusted[rows], method=method)
    return pd.Series(adjusted, index=pairs.index)


def _together(pairs: pd.DataFrame, reason: pd.Series) -> pd.Series:
    """Count the pairs of each family that are alike enough to compare, whatever their counts."""
    alike = reason.isna() | (reason == "few_events")
    columns = _family(pairs)
    return alike.groupby([pairs[c] for c in columns], dropna=False).transform("sum")


def _family(pairs: pd.DataFrame) -> list[str]:
    """Name the columns whose values a family of comparisons shares."""
    family = ["indicator", "level", "period", "base", *BREAKDOWNS]
    return [c for c in family if c in pairs]


def _verdicts(
    measured: pd.DataFrame, adjusted: pd.Series, reason: pd.Series, alpha: float
) -> pd.Series:
    shown = adjusted < alpha
    verdict = np.select(
        [
            reason == "few_events",
            reason.notna() | adjusted.isna(),
            shown & (measured["direction"] > 0),
            shown & (measured["direction"] < 0),
        ],
        ["too few to say", "not comparable", "up", "down"],
        "stable",
    )
    return pd.Series(verdict, index=reason.index, dtype="str")


def _trends_table(pairs: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns of TRENDS; counts only where both are known."""
    unsaid = (measured["verdict"] == "not comparable") & measured["reason"].isna()
    reason = measured["reason"].mask(unsaid, "missing")
    open_counts = ~reason.isin(["missing", "withheld", "not_applicable"])
    provisional = (pairs["status"] == "provisional") | (pairs["status_base"] == "provisional")
    status = reason.map(_STATUS).fillna("ok").mask(reason.isna() & provisional, "provisional")
    for side in ("status_base", "status"):  # withheld stays withheld the same way
        ours = pairs[side].isin(["suppressed_primary", "suppressed_secondary"])
        status = status.mask((reason == "withheld") & ours, pairs[side])
    table = pairs.assign(
        **{c: measured[c].astype("Float64") for c in _MEASURED},
        **{c: measured[c].astype("Int64") for c in ("days", "base_days")},
        change_of=measured["change_of"].where(~reason.isin(["not_applicable", "other_scale"])),
        verdict=measured["verdict"],
        method=measured["method"].where(reason.isna()),
        reason=reason,
        status=status.astype("str"),
        numerator=pairs["numerator"].where(open_counts),
        base_numerator=pairs["numerator_base"].where(open_counts),
    )
    kept = [c for c in (*TRENDS.columns, *BREAKDOWNS) if c in table]
    return check_table(table[list(dict.fromkeys(kept))], TRENDS)


def _floats(pairs: pd.DataFrame, column: str) -> np.ndarray:
    return pairs[column].to_numpy(dtype="float64", na_value=np.nan)
