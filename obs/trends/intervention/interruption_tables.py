"""Give an interrupted trend as tables: its effects, and what was expected of each period.

Both are made of the counts of the table alone: of released rows, nothing that is withheld is in
them. A series that cannot be judged has one row, which says why; one without the first period of
the interruption has none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.reference import Territory
from obs.schemas import (
    BREAKDOWNS,
    COMPARISONS,
    INDICATORS,
    INTERRUPTIONS,
    TRENDS,
    WITHHELD,
    check_table,
    empty_table,
    need_columns,
)
from obs.trends.change.judged_pairs import trend_rows
from obs.trends.intervention.interrupted_trend import InterruptedTrend, interrupted_trend
from obs.trends.period_edges import as_edge

__all__ = ["interruption_tables"]

MIN_EVENTS = 20  # fewer before or under it: no percentage (house rule, methods 6)
_NAMED = {"total": "counterfactual", "two_year_mean": "two_years_before"}
_NUMBERS = ("change", "low", "high", "p_value", "confidence")
_COPIED = ("unit", "level", "source", "synthetic", "extracted")


def interruption_tables(
    table: pd.DataFrame,
    *,
    start: Any,
    end: Any = None,
    seasonal: bool = True,
    confidence: float = 0.95,
    territory: str | Territory = "brussels",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate what changed in each series when something began, and what was expected without it.

    Parameters
    ----------
    table : DataFrame
        INDICATORS of months or quarters. Not modified.
    start, end : Period, date or str
        First and last period under the intervention; it lasts where no end is given.
    seasonal : bool
        Whether the model has a season.
    confidence : float
        Of the intervals.
    territory : str or Territory
        Not used: every comparison takes it.

    Returns
    -------
    DataFrame
        TRENDS, one row a series and effect (`point`): "level", "slope", "aftermath",
        "counterfactual" (observed against expected, start to end), "two_years_before" (against the
        mean of the same periods of the two years before). `base` is the last period before the
        start, `period` the first under it, `periods` how many are.
    DataFrame
        COMPARISONS: the rows of the series judged, with `expected` without the intervention, its
        limits, and `under`.

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or of years.
    ObsError
        A start or an end that is no period of the table, an end before the start.

    See Also
    --------
    interrupted_trend : The model, its assumptions and its references.
    """
    rows = check_table(table, INDICATORS)
    need_columns(rows, ["level"], who="interruption_tables")
    first = as_edge(start, rows["period"].dtype, edge="start")
    last = None if end is None else as_edge(end, rows["period"].dtype, edge="end")
    if last is not None and last < first:
        raise ObsError(f"the end {last} is before the start {first}")
    keys = [k for k in INDICATORS.key_of(rows) if k != "period"]
    effects, paths = [], []
    begun = rows[rows.groupby(keys)["period"].transform(lambda p: (p == first).any()).astype(bool)]
    for _, series in begun.groupby(keys, sort=False):
        own = series.sort_values("period")
        found, why = _fitted(own, first, last, seasonal=seasonal, confidence=confidence)
        if found is None:
            effects.append(_unjudged(own, first, why))
        else:
            effects.append(_effects(own, found, first, last))
            paths.append(_path(own, found))
    path = check_table(pd.concat(paths or [_beside(rows.iloc[:0])], ignore_index=True), COMPARISONS)
    if not effects:
        return empty_table(TRENDS, freq=rows["period"].dtype.name[7:-1]), path
    return trend_rows(pd.concat(effects, ignore_index=True)), path


def _fitted(
    series: pd.DataFrame,
    first: pd.Period,
    last: pd.Period | None,
    *,
    seasonal: bool,
    confidence: float,
) -> tuple[InterruptedTrend | None, str]:
    """Fit one series; the second value says why it has no model."""
    under = series["period"] >= first
    if last is not None:
        under &= series["period"] <= last
    sides = (series["period"] < first, under)
    if min(series.loc[side, "numerator"].sum() for side in sides) < MIN_EVENTS:
        return None, _gap(series) or "few_events"
    try:
        found = interrupted_trend(
            series, start=first, end=last, seasonal=seasonal, placebos=0, confidence=confidence
        )
    except ObsError:  # gaps, or too short a series: the periods are sound, as checked above
        return None, _gap(series) or "too_few_periods"
    return found, ""


def _gap(series: pd.DataFrame) -> str:
    """Say why counts are absent, if some are."""
    if series["status"].isin(WITHHELD).any():
        return "withheld"
    return "missing" if series["numerator"].isna().any() else ""


def _effects(
    series: pd.DataFrame, found: InterruptedTrend, first: pd.Period, last: pd.Period | None
) -> pd.DataFrame:
    made = found.effects
    under = found.table["under"].astype(bool)
    points = [_NAMED.get(e, e) for e in made["effect"]]
    compared = ~(made["verdict"] == "not comparable").to_numpy()
    table = _of_series(series, first, points).assign(
        **{c: pd.array(made[c], dtype="Float64") for c in _NUMBERS[:4]},
        confidence=found.confidence,
        verdict=made["verdict"].to_numpy(),
        status=np.where(compared & made["change"].notna(), "ok", "not_applicable"),
        method=found.method,
        reason=pd.array(np.where(compared, None, "too_few_periods"), dtype="str"),
    )
    return table.assign(periods=pd.array([under.sum()] * len(points), dtype="Int64"))


def _unjudged(series: pd.DataFrame, first: pd.Period, why: str) -> pd.DataFrame:
    """Give the one row of a series that has no model."""
    few = why in ("few_events", "too_few_periods")
    return _of_series(series, first, ["counterfactual"]).assign(
        **{c: pd.array([None], dtype="Float64") for c in _NUMBERS},
        verdict="too few to say" if few else "not comparable",
        status="suppressed_source" if why == "withheld" else "not_applicable",
        method=pd.array([None], dtype="str"),
        reason=why,
        periods=pd.array([None], dtype="Int64"),
    )


def _of_series(series: pd.DataFrame, first: pd.Period, points: list[str]) -> pd.DataFrame:
    """Name a series once for each effect, in the order of the schema."""
    kept = ["indicator", "territory", *(c for c in BREAKDOWNS if c in series)]
    kept += [c for c in _COPIED if c in series]
    one = series.iloc[[-1] * len(points)][kept].reset_index(drop=True)
    order = sorted(points, key=INTERRUPTIONS.index)
    if order != points:
        raise ObsError(f"effects {', '.join(points)} are not in the order of the schema")
    return one.assign(period=first, base=first - 1, point=points, change_of="count").astype(
        {"period": series["period"].dtype, "base": series["period"].dtype}
    )


def _path(series: pd.DataFrame, found: InterruptedTrend) -> pd.DataFrame:
    """Put what was expected beside the rows that the model read; nothing beside a withheld one."""
    made = found.table.set_index("period")
    rows = series[series["period"].isin(made.index)]
    shown = ~rows["status"].isin(WITHHELD).to_numpy()
    model = made.loc[rows["period"]]
    return _beside(rows).assign(
        expected=pd.array(np.where(shown, model["expected"], np.nan), dtype="Float64"),
        expected_low=pd.array(np.where(shown, model["low"], np.nan), dtype="Float64"),
        expected_high=pd.array(np.where(shown, model["high"], np.nan), dtype="Float64"),
        under=pd.array(model["under"], dtype="boolean"),
    )


def _beside(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        **{
            c: pd.array([None] * len(rows), dtype="Float64")
            for c in ("expected", "expected_low", "expected_high")
        },
        under=pd.array([None] * len(rows), dtype="boolean"),
    )
