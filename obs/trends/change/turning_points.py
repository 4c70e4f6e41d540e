"""Turning points of a series: its peak and trough, a declared event, and named periods.

A peak is chosen because it is high: to say that the last period lies below it, the comparison
allows for every period that could have been chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

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
    check_table,
    empty_table,
)
from obs.stats.counts.intervals import tail_of
from obs.stats.counts.ranks import rank_sets
from obs.trends.change.comparison import pair_rows
from obs.trends.change.judged_pairs import comparable, judge_pairs, trend_rows
from obs.trends.change.period_exposures import row_exposures
from obs.trends.change.summed_spans import add_up_span
from obs.trends.period_edges import as_edge

__all__ = ["turning_points"]

_SIDE = ("numerator", "denominator", "days")
_UNSAID = (
    *("change", "low", "high", "verdict", "method", "reason", "p_value", "p_unadjusted"),
    *POINTS,
    *DETECTABLE,
)
_PER_YEAR = {"Y": 1, "Q": 4, "M": 12}


def turning_points(
    indicators: pd.DataFrame,
    *,
    event: Any = None,
    since: Sequence[Any] = (),
    confidence: float = 0.95,
    breaks: pd.DataFrame | None = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    r"""Compare the last period of each series with its peak, its trough and named periods.

    The peak is the highest value of the periods that may be compared with the last one, that
    one included; so for the trough. Looking for it means as many comparisons as periods: the
    p-value is multiplied by their number :math:`m` (over all series of one indicator and
    level) and the interval has the confidence :math:`1-\alpha/m` (Bonferroni). An event and
    the periods of `since` are named before looking, and are not corrected.

    Parameters
    ----------
    indicators : DataFrame
        INDICATORS: counts, rates, shares or figures per day. Not modified.
    event : period, or pair of first and last period, optional
        What happened: the year before it is compared with the year after it (as many periods
        as a year has), season against the same season.
    since : sequence of periods
        Earlier periods that the last one is compared with.
    confidence : float
        Of the intervals and verdicts.
    breaks : DataFrame, optional
        Breaks in series; those of the territory by default.
    territory : str or Territory
        Where the codes are from.

    Returns
    -------
    DataFrame
        TRENDS with `point`: "peak" and "trough" (`base` is the period; `alike` counts the
        others that the data do not tell from it), "since", "event" (`base` and `period` are
        the last period before and the first after it, `periods` how many each side adds up).
        A series whose last period is itself the peak has it as its own base, without a change.

    Raises
    ------
    SchemaError
        A table that is not INDICATORS.
    ObsError
        A period that is not in the table, an event without a year of periods before it or a
        period after it, periods that are neither years, quarters nor months where an event is
        given, a bad confidence.

    References
    ----------
    .. [1] J. P. Shaffer, 1995, Multiple hypothesis testing, Annual Review of Psychology 46.
    .. [2] M. Mogstad, J. P. Romano, A. M. Shaikh and D. Wilhelm, 2024, Review of Economic
       Studies 91.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators import compute
    >>> years = pd.PeriodIndex(["2015", "2016", "2017", "2018"], freq="Y")
    >>> counts = pd.DataFrame({"territory": "04000", "period": years, "phenomenon": "robbery",
    ...     "unit": "fact", "numerator": [900, 1200, 1190, 880], "status": "ok",
    ...     "delivery": "region.csv"})
    >>> table = compute("robbery", {"police": counts})
    >>> found = turning_points(table, since=["2015"])
    >>> found[["point", "base", "alike", "verdict"]]
        point  base  alike verdict
    0    peak  2016      1    down
    1  trough  2018      1     NaN
    2   since  2015   <NA>  stable
    >>> found["change"].round(2).tolist()
    [-0.27, <NA>, -0.04]
    """
    tail_of(confidence)
    table = check_table(indicators, INDICATORS)
    nothing = empty_table(TRENDS, freq=table["period"].dtype.name[7:-1])
    if table.empty:
        return nothing
    place = load_territory(territory)
    breaks = load_breaks(territory=place) if breaks is None else breaks
    options = {"breaks": breaks, "place": place, "confidence": confidence}
    last = table["period"] == table["period"].max()
    found = [
        *_searched(table, last, options),
        *(_named(table, last, period, options) for period in since),
        *([] if event is None else [_around(table, event, options)]),
    ]
    result = pd.concat([f for f in found if len(f)] or [nothing], ignore_index=True)
    return trend_rows(result)


def _searched(
    table: pd.DataFrame, last: pd.Series, options: dict[str, Any]
) -> Iterator[pd.DataFrame]:
    """Compare the last period with every earlier one, and keep the highest and the lowest."""
    every = [
        pair_rows(table, _fixed_base(table, last, period))
        for period in sorted(table.loc[~last, "period"].unique())
    ]
    pairs = pd.concat(every, ignore_index=True) if every else pd.DataFrame()
    if pairs.empty:
        return
    pairs = pairs[comparable(pairs, options["breaks"], options["place"])].reset_index(drop=True)
    if pairs.empty:
        return
    family = [c for c in ("indicator", "level", *BREAKDOWNS) if c in pairs]
    looked = pairs.groupby(family, dropna=False)["period"].transform("size")
    judged = judge_pairs(pairs, adjust="none", looked=looked, **options)
    keys = [k for k in INDICATORS.key_of(table) if k != "period"]
    groups = pairs.groupby(keys, dropna=False, sort=False).indices.values()
    for point in ("peak", "trough"):
        parts = [
            _extreme(judged.iloc[rows], pairs.iloc[rows], point, options["confidence"])
            for rows in groups
        ]
        yield pd.concat(parts, ignore_index=True).assign(point=point)


def _extreme(
    judged: pd.DataFrame, pairs: pd.DataFrame, point: str, confidence: float
) -> pd.DataFrame:
    """Give the row of the highest (or lowest) period of one series, and how many are alike."""
    base = {f"{c}_base": c for c in _SIDE if f"{c}_base" in pairs}
    before = pairs[["indicator", "base", *base]].rename(columns={"base": "period", **base})
    now = pairs[[c for c in before.columns if c in pairs]].iloc[[0]]
    rows = pd.concat([before, now], ignore_index=True)
    rows = rows.assign(scale=pairs["scale"].iloc[0] if "scale" in pairs else "count")
    count, size = rows["numerator"].to_numpy(dtype="float64"), row_exposures(rows)
    sign = 1.0 if point == "peak" else -1.0
    best, _ = rank_sets(
        *_rooted(count, size, sign, str(rows["scale"].iloc[0])), confidence=confidence
    )
    alike, at = int(np.sum(best == 1)) - 1, int(np.argmax(sign * count / size))
    if at < len(pairs):
        return judged.iloc[[at]].assign(alike=alike)
    row = judged.iloc[[0]]
    unsaid = {c: pd.NA for c in _UNSAID if c in row}
    own = {"base": row["period"], "base_numerator": row["numerator"], "base_days": row["days"]}
    return row.assign(**unsaid, **own, alike=alike, status=str(pairs["status"].iloc[0]))


def _rooted(
    count: np.ndarray, size: np.ndarray, sign: float, scale: str
) -> tuple[np.ndarray, np.ndarray]:
    """Bring values to the scale on which their error does not depend on them."""
    if scale == "share":
        root = np.arcsin(np.sqrt((count + 3 / 8) / (size + 3 / 4)))
    else:
        root = np.sqrt((count + 3 / 8) / size)
    return sign * root, 1 / (2 * np.sqrt(size))


def _named(
    table: pd.DataFrame, last: pd.Series, period: Any, options: dict[str, Any]
) -> pd.DataFrame:
    """Compare the last period with one named before looking."""
    base = as_edge(period, table["period"].dtype, edge="start")
    if base not in set(table["period"]) or base >= table["period"].max():
        raise ObsError(
            f"since {base}: no earlier period of the table, which has {table['period'].min()} to "
            f"{table['period'].max()}"
        )
    pairs = pair_rows(table, _fixed_base(table, last, base))
    return judge_pairs(pairs, adjust="none", **options).assign(point="since")


def _fixed_base(table: pd.DataFrame, last: pd.Series, base: pd.Period) -> pd.Series:
    return pd.Series(base, index=table.index, dtype=table["period"].dtype).where(last)


def _around(table: pd.DataFrame, event: Any, options: dict[str, Any]) -> pd.DataFrame:
    """Compare a year before an event with a year after it, each added up."""
    dtype = table["period"].dtype
    many = _PER_YEAR.get(dtype.freq.rule_code[0])
    if many is None:
        raise ObsError("an event is looked at in years, quarters or months")
    first, last = event if isinstance(event, tuple | list) else (event, event)
    before = as_edge(first, dtype, edge="start") - 1
    after = as_edge(last, dtype, edge="end") + 1
    if before - many + 1 < table["period"].min():
        raise ObsError(
            f"event {before + 1}: {many} period(s) before it are needed, and the table begins with "
            f"{table['period'].min()}"
        )
    keys = [k for k in INDICATORS.key_of(table) if k != "period"]
    old = add_up_span(table, keys, before - many + 1, before, many)
    new = add_up_span(table, keys, after, after + many - 1, many)
    pairs = new.merge(old, on=keys, how="inner", suffixes=("", "_base"))
    if pairs.empty:
        raise ObsError(
            f"event {before + 1} to {after - 1}: no series has a row on both sides of it; the table "
            f"has {table['period'].min()} to {table['period'].max()}"
        )
    pairs = pairs.assign(base=before - many + 1, period=after + many - 1)
    judged = judge_pairs(pairs, adjust="none", **options)
    for name, period in {"base": before, "period": after}.items():
        judged[name] = pd.Series(period, index=judged.index, dtype=dtype)
    return judged.assign(point="event", periods=many)
