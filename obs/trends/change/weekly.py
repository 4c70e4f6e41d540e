"""Set the last week beside the eight before it, and the year so far beside the year before.

A week is judged by how much the weeks before it vary, not by chance alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.reference import Territory, load_breaks, load_territory
from obs.schemas import BREAKDOWNS, DETECTABLE, INDICATORS, TRENDS, check_table, empty_table
from obs.stats import adjust_p_values, recent_ratio
from obs.stats.counts.intervals import tail_of
from obs.trends.change.judged_pairs import Adjust, judge_pairs, trend_rows
from obs.trends.change.period_exposures import row_days
from obs.trends.change.summed_spans import add_up_span
from obs.trends.period_edges import as_edge, need_periods

__all__ = ["compare_weeks"]

_MEASURED = ("change", "low", "high", "p_value", "p_unadjusted")


def compare_weeks(
    indicators: pd.DataFrame,
    *,
    week: Any = None,
    weeks: int = 8,
    confidence: float = 0.95,
    adjust: Adjust = "holm",
    breaks: pd.DataFrame | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    r"""Compare a week with those before it, and the year so far with the year before.

    The week: score interval of the ratio, as wide as the weeks before it vary among themselves
    (`obs.stats.recent_ratio`; Poisson limits call 25 to 50 % of ordinary weeks unusual where
    weekly rates vary by a fifth). The year to date: weeks 1 to k of the ISO year beside weeks 1 to
    k of the year before, as `compare_periods` compares two periods.

    Parameters
    ----------
    indicators : DataFrame
        INDICATORS of weeks (``compute(..., period="week")``): counts or rates. Not modified.
    week : Period, date or str, optional
        The week, by a day that begins it; the last that is covered whole by default.
    weeks : int
        How many weeks before it, 4 to 52.
    confidence : float
        Of the intervals and verdicts.
    adjust : {"holm", "bh", "none"}
        Over the places of one indicator.
    breaks : DataFrame, optional
        Breaks in series; those of the territory by default.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        TRENDS, two rows a series: `point` is "weeks" (`base` is the week before, `base_numerator`
        the sum of the `periods` weeks before it) or "year_to_date" (`base` is the week of the same
        number a year before, both numerators are sums of `periods` weeks). `change` is that of
        the figure per day. A series without all of these weeks has its `reason`.

    Raises
    ------
    SchemaError
        A table that is not INDICATORS, or not of weeks.
    ObsError
        No week covered whole, a week that is not in the table, a number of weeks outside 4 to 52,
        shares (which are not counted by the week here), a bad confidence or adjustment.

    Notes
    -----
    The last weeks of a delivery are not all registered yet: bring the weeks to equal maturity
    first (`limit_maturity`), or the last one looks quiet.

    References
    ----------
    .. [1] P. McCullagh and J. A. Nelder, 1989, Generalized linear models.
    .. [2] ISO 8601-1:2019, 5.2.3 (calendar weeks).

    Examples
    --------
    >>> counts = pd.DataFrame({"territory": "04000", "phenomenon": "robbery", "unit": "fact",
    ...     "period": pd.period_range("2023-01-02", "2024-03-03", freq="W"), "status": "ok",
    ...     "numerator": [40, 46, 37, 43] * 15 + [80], "delivery": "region.csv"})
    >>> from obs.indicators import compute
    >>> found = compare_weeks(compute("robbery", {"police": counts}, period="week"))
    >>> found[["point", "periods", "numerator", "base_numerator", "verdict"]]
              point  periods  numerator  base_numerator verdict
    0         weeks        8         80             332      up
    1  year_to_date        9        412             372  stable
    """
    tail_of(confidence)
    adjust_p_values([], method=adjust)
    table = _weekly(check_table(indicators, INDICATORS))
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 4 <= weeks <= 52:
        raise ObsError(
            f"compare_weeks: weeks={str(weeks)[:40]} must be a whole number from 4 to 52"
        )
    if table.empty:
        return empty_table(TRENDS, freq="W-SUN")
    chosen = _chosen_week(table, week)
    place = load_territory(territory)
    options = {
        "breaks": load_breaks(territory=place) if breaks is None else breaks,
        "place": place,
        "confidence": confidence,
    }
    keys = [k for k in INDICATORS.key_of(table) if k != "period"]
    parts = [
        _among_weeks(table, keys, chosen, weeks, adjust, options),
        _year_to_date(table, keys, chosen, adjust, options),
    ]
    result = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    order = [*(k for k in keys if k in result), "point"]
    return trend_rows(result.sort_values(order, kind="stable", ignore_index=True))


def _weekly(table: pd.DataFrame) -> pd.DataFrame:
    dtype = need_periods(table["period"], who="compare_weeks", name="period")
    if dtype.freq.rule_code[0] != "W":
        raise ObsError(
            f"compare_weeks: the table has periods of frequency {dtype.freq.freqstr}; count by week "
            "with compute(..., period='week')"
        )
    if "scale" not in table:
        return table
    if (table["scale"] == "share").any():
        raise ObsError("compare_weeks: shares are not compared by the week; pass counts or rates")
    rates = table["scale"].str.startswith("per_").fillna(value=False).astype(bool)
    return table.assign(scale=table["scale"].mask(rates, "count"))


def _chosen_week(table: pd.DataFrame, week: Any) -> pd.Period:
    """Give the week asked for, or the last that some series covers on all its days."""
    if week is not None:
        named = as_edge(week, table["period"].dtype, edge="start")
        if named not in set(table["period"]):
            raise ObsError(
                f"compare_weeks: the week {named} is not in the table, which has "
                f"{table['period'].min()} to {table['period'].max()}"
            )
        return named
    whole = (row_days(table) == 7) & table["status"].ne("missing").to_numpy()
    if not whole.any():
        raise ObsError("compare_weeks: no week of the table is covered on all its days")
    return table.loc[whole, "period"].max()


def _among_weeks(
    table: pd.DataFrame,
    keys: list[str],
    week: pd.Period,
    weeks: int,
    adjust: Adjust,
    options: dict[str, Any],
) -> pd.DataFrame:
    """Compare each series' week with the weeks before it."""
    new = add_up_span(table, keys, week, week, 1)
    old = add_up_span(table, keys, week - weeks, week - 1, weeks)
    pairs = _paired(new, old, keys, week - weeks)
    judged = judge_pairs(pairs, adjust="none", **options)
    judged = judged.assign(**dict.fromkeys((c for c in DETECTABLE if c in judged), pd.NA))
    compared = judged["verdict"].isin(["up", "down", "stable"]).to_numpy()
    if compared.any():
        counts = _counts_of_weeks(table, keys, pairs[compared], week, weeks)
        among = _judged_among(judged[compared], counts, adjust, options["confidence"])
        judged = pd.concat([among, judged[~compared]]).sort_index()
    edges = {"period": week, "base": week - 1}
    return _with_edges(judged, edges, "weeks", weeks, table["period"].dtype)


def _judged_among(
    judged: pd.DataFrame, counts: np.ndarray, adjust: Adjust, confidence: float
) -> pd.DataFrame:
    """Put in place of Poisson limits those of the dispersion of the weeks before."""
    found = recent_ratio(counts[:, -1], counts[:, :-1], confidence=confidence)
    plain = pd.Series(found.p_value, index=judged.index)
    family = [judged[c] for c in ("indicator", "level", *BREAKDOWNS) if c in judged]
    adjusted = plain.groupby(family, dropna=False).transform(
        lambda p: adjust_p_values(p.to_numpy(), method=adjust)
    )
    sure = adjusted < 1 - confidence
    named = "" if adjust == "none" else f", {adjust}"
    changes = (found.ratio - 1, found.low - 1, found.high - 1, adjusted, plain)
    columns = dict(zip(_MEASURED, changes, strict=True))
    return judged.assign(
        **{c: pd.array(np.asarray(v), dtype="Float64") for c, v in columns.items()},
        verdict=np.where(sure, np.where(found.ratio > 1, "up", "down"), "stable"),
        method=f"rate ratio per day, score, dispersion of {counts.shape[1] - 1} weeks{named}",
    )


def _counts_of_weeks(
    table: pd.DataFrame, keys: list[str], pairs: pd.DataFrame, week: pd.Period, weeks: int
) -> np.ndarray:
    """Give the counts of the weeks before and of the week itself, a row for each pair."""
    rows = table[table["period"].between(week - weeks, week)]
    counts = rows.assign(place=rows["period"].map(lambda p: (p - week).n))
    wide = counts.pivot_table(
        index=keys, columns="place", values="numerator", aggfunc="first", dropna=False
    )
    wanted = pd.MultiIndex.from_frame(pairs[keys]) if len(keys) > 1 else pd.Index(pairs[keys[0]])
    return wide.reindex(wanted).sort_index(axis=1).to_numpy(dtype="float64", na_value=np.nan)


def _year_to_date(
    table: pd.DataFrame, keys: list[str], week: pd.Period, adjust: Adjust, options: dict[str, Any]
) -> pd.DataFrame:
    """Compare the weeks of the year so far with as many of the year before."""
    first, number = _first_week(week)
    before, _ = _first_week(first - 1)
    many = min(number, (first - before).n)
    new = add_up_span(table, keys, first, week, number)
    old = add_up_span(table, keys, before, before + many - 1, many)
    judged = judge_pairs(_paired(new, old, keys, before), adjust=adjust, **options)
    edges = {"period": week, "base": before + many - 1}
    return _with_edges(judged, edges, "year_to_date", number, table["period"].dtype)


def _first_week(week: pd.Period) -> tuple[pd.Period, int]:
    """Give the first week of the ISO year of a week, and the number of the week."""
    number = int((week.start_time + pd.Timedelta(days=3)).isocalendar().week)
    return week - (number - 1), number


def _paired(new: pd.DataFrame, old: pd.DataFrame, keys: list[str], base: pd.Period) -> pd.DataFrame:
    """Put the two sums of each series side by side, over the span that both are in."""
    pairs = new.merge(old, on=keys, how="left", suffixes=("", "_base"))
    return pairs.assign(
        status_base=pairs["status_base"].fillna("missing"),
        numerator_base=pairs["numerator_base"].astype("Int64"),
        days_base=pairs["days_base"].astype("float64").fillna(0.0),
        base=pd.Series(base, index=pairs.index, dtype=pairs["last"].dtype),
        period=pairs["last"],
    )


def _with_edges(
    judged: pd.DataFrame, edges: dict[str, pd.Period], point: str, many: int, dtype: Any
) -> pd.DataFrame:
    periods = {n: pd.Series(p, index=judged.index, dtype=dtype) for n, p in edges.items()}
    return judged.assign(**periods, point=point, periods=many)
