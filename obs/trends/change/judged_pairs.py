"""Judge pairs of periods: why two are not compared, how much they differ, what the data allow.

A pair is a row of INDICATORS with the row of its base beside it, "_base" at its columns.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

import numpy as np
import pandas as pd

from obs.reference import Territory, is_bridged
from obs.schemas import BREAKDOWNS, DETECTABLE, POINTS, TRENDS, WITHHELD, check_table
from obs.stats import adjust_p_values, newcombe_difference, pooled_score_test, rate_ratio
from obs.trends.change.comparable_periods import partial_pairs
from obs.trends.change.detectable import least_detectable
from obs.trends.change.period_exposures import Exposures

__all__ = ["MIN_EVENTS", "SAME_MATURITY", "comparable", "judge_pairs", "trend_rows"]

Adjust = Literal["holm", "bh", "none"]

MIN_EVENTS = 20  # fewer in either period: counts only, no percentage (house rule, methods 6)
SAME_MATURITY = 0.01  # completeness may differ by one point at most (house rule, methods 8)
_NO_COUNT = r"index_|estimate$"  # scales whose value is not a count over an exposure
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


def judge_pairs(
    pairs: pd.DataFrame,
    *,
    breaks: pd.DataFrame,
    place: Territory,
    confidence: float,
    adjust: Adjust,
    looked: pd.Series | None = None,
) -> pd.DataFrame:
    """Give TRENDS of the pairs, in their order.

    `looked` tells how many comparisons each pair was chosen among; its p-value is multiplied
    by them and its interval has the confidence that all of them hold together (Bonferroni).
    Without it the correction is that of `adjust`, over the places of one family.
    """
    reason = _reasons(pairs, breaks, place)
    sizes = Exposures(pairs)
    if looked is None:
        measured = _measure(pairs, reason, sizes, confidence)
        adjusted, together = _adjust(pairs, measured["p_value"], adjust), _together(pairs, reason)
    else:
        together = looked
        measured = _measured_together(pairs, reason, sizes, confidence, looked)
        adjusted = (measured["p_value"] * looked).clip(upper=1.0)
    named = adjust if looked is None else "bonferroni"
    names = measured["method"] + ("" if named == "none" else f", {named}")
    least = least_detectable(
        pairs,
        sizes,
        compared=adjusted.notna(),
        together=together,
        confidence=confidence,
        adjust=adjust if looked is None else "holm",  # both ask alpha/m of the first
        fewest=MIN_EVENTS,
    )
    measured = measured.assign(
        **least,
        p_unadjusted=measured["p_value"],
        confidence=confidence,
        p_value=adjusted.astype("Float64"),
        verdict=_verdicts(measured, adjusted, reason, 1 - confidence),
        method=names.where(adjusted.notna()).astype("str"),
        reason=reason,
    )
    return _trends_table(pairs, measured)


def comparable(pairs: pd.DataFrame, breaks: pd.DataFrame, place: Territory) -> pd.Series:
    """Tell the pairs that are alike enough to compare, however few their events."""
    reason = _reasons(pairs, breaks, place)
    return reason.isna() | (reason == "few_events")


def _measured_together(
    pairs: pd.DataFrame,
    reason: pd.Series,
    sizes: Exposures,
    confidence: float,
    looked: pd.Series,
) -> pd.DataFrame:
    """Measure every pair with the confidence that all it was chosen among hold together."""
    parts = []
    for many in np.unique(looked) if len(looked) else [1]:
        level = 1 - (1 - confidence) / max(int(many), 1)
        parts.append(_measure(pairs, reason, sizes, level)[looked == many])
    return pd.concat(parts).reindex(pairs.index)


def _reasons(pairs: pd.DataFrame, breaks: pd.DataFrame, place: Territory) -> pd.Series:
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
        named = [
            one
            for one in pairs["indicator"].unique()
            if fnmatchcase(one, row["indicator"]) and not is_bridged(one, row)
        ]
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
    return found | {place.unplaced(one) for one in found}


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
    return trend_rows(table)


def trend_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns of TRENDS and the breakdowns, in their order, and check them."""
    kept = dict.fromkeys(c for c in (*TRENDS.columns, *BREAKDOWNS) if c in table)
    return check_table(table[list(kept)], TRENDS)


def _floats(pairs: pd.DataFrame, column: str) -> np.ndarray:
    return pairs[column].to_numpy(dtype="float64", na_value=np.nan)
