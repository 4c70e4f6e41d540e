"""Give what becomes of the cases of each year as tables that can be released: INCIDENCE, QUANTILES.

The cohort is that of an indicator of entered cases, so that its size is that indicator's count.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from obs.catalogue import Indicator, get_indicator
from obs.errors import ObsError
from obs.indicators.count.cases.case_durations import OPEN, case_durations, followed_cohorts
from obs.reference import Territory, load_territory
from obs.schemas import HORIZONS, INCIDENCE, QUANTILES, check_table
from obs.stats.durations.survival import duration_quantiles

__all__ = ["case_days", "case_incidence"]

_OF_STATES = "Kaplan-Meier and Aalen-Johansen, cases open when last seen are censored"
_NUMBERS = ("numerator", "value", "low", "high", "n", "at_risk", "censored")
SPANS = (5, 10, 30, 90, 180)  # days: the shortest in which enough cases ended is given
_ENOUGH = 10  # cases that ended in the span of each end that is given
_OF_DAYS = "Kaplan-Meier, cases open when last seen are censored; days in spans of {days}"
_COLUMNS = ("value", "low", "high")


def case_incidence(
    cases: pd.DataFrame,
    *,
    indicator: str,
    years: Iterable[int],
    days: Iterable[int] = (90, 180, 365, 730),
    confidence: float = 0.95,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Share out the cases that an indicator counts by their state so many days after they began.

    Parameters
    ----------
    cases : DataFrame
        CASES as `clean_prosecutor` gives them, links followed. Not modified.
    indicator : str
        An indicator of cases entered (`cases_entered`, `vif_cases`).
    years : iterable of int
        Years of entry.
    days : iterable of int
        Days to each horizon, of `obs.schemas.HORIZONS`.
    confidence : float
        Of each interval by itself.
    territory : str or Territory
        Its whole is the place of every case.

    Returns
    -------
    DataFrame
        INCIDENCE: one row a year, state (`decision`: "open", or how the cases first ended) and
        horizon (`within`); `value` is the share of the cohort, `denominator` its size. Status
        "missing", without a number, where no open case was followed so far.

    Raises
    ------
    ObsError
        An indicator that counts no cases entered, a horizon outside the list, and as
        `case_durations`.

    See Also
    --------
    case_durations : The estimates, their assumptions and their references.
    """
    entry = _need_cohort(indicator, who="case_incidence")
    horizons = sorted(set(days))
    wrong = [str(d)[:20] for d in horizons if d not in HORIZONS]
    if wrong:
        raise ObsError(
            f"case_incidence: {', '.join(wrong)} days: horizons are of {', '.join(map(str, HORIZONS))}"
        )
    found = case_durations(
        cases, years=years, days=horizons, where=entry.where, confidence=confidence
    )
    place = load_territory(territory)
    known = found["status"] != "missing"
    numbers = found.assign(n=found["denominator"])
    numbers = numbers.assign(**{c: numbers[c].where(known) for c in _NUMBERS})
    zero = known & (found["numerator"] == 0)
    table = numbers.assign(
        indicator=indicator,
        territory=place.top,
        level=place.levels[-1],
        decision=found["state"],
        within=found["days"].astype("str"),
        denominator=found["denominator"].astype("Float64"),
        status=found["status"].where(~known, "ok").mask(zero, "zero"),
        scale="share",
        source="prosecutor",
        grade=pd.array([None] * len(found), dtype="str"),
        method=_OF_STATES,
        synthetic=bool(cases["synthetic"].any()),
        extracted=cases["extracted"].max(),
    )
    return check_table(table.drop(columns=["state", "days"]), INCIDENCE)


def _need_cohort(indicator: str, *, who: str) -> Indicator:
    """Give the entry of an indicator of cases entered, or refuse another."""
    entry = get_indicator(indicator)
    if entry.source != "prosecutor" or entry.stage != "entered" or entry.whole:
        raise ObsError(
            f"{who}: '{indicator}' counts no cases entered, which a cohort is made of; take "
            "cases_entered or vif_cases"
        )
    return entry


def case_days(
    cases: pd.DataFrame,
    *,
    indicator: str,
    years: Iterable[int],
    shares: Iterable[int] = (25, 50, 75),
    confidence: float = 0.95,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Give the days by which shares of the cases that an indicator counts have first ended.

    Parameters
    ----------
    cases : DataFrame
        CASES as `clean_prosecutor` gives them, links followed. Not modified.
    indicator : str
        An indicator of cases entered (`cases_entered`, `vif_cases`).
    years : iterable of int
        Years of entry.
    shares : iterable of int
        Per cent that have ended, of `obs.schemas.ENDED_SHARES`.
    confidence : float
        Of each interval by itself.
    territory : str or Territory
        Its whole is the place of every case.

    Returns
    -------
    DataFrame
        QUANTILES: one row a year and share (`ended_share`); `value` is the end of the span of
        days in which it is reached, `low` the beginning and `high` the end of those of its limits;
        `denominator` is the size of the cohort. Status "missing" where the share is not reached
        within what was followed.

    Raises
    ------
    ObsError
        An indicator that counts no cases entered, and as `case_quantiles`.

    See Also
    --------
    case_quantiles : The estimates, their assumptions and their references.
    """
    entry = _need_cohort(indicator, who="case_days")
    wanted = sorted(set(shares))
    parts = [
        _year_in_spans(rows, year, wanted, confidence)
        for year, rows in followed_cohorts(cases, years, None, entry.where)
    ]
    made = pd.concat(parts, ignore_index=True)
    place = load_territory(territory)
    known = made["value"].notna()
    table = made.assign(
        indicator=indicator,
        territory=place.top,
        level=place.levels[-1],
        numerator=pd.array([None] * len(made), dtype="Int64"),
        n=pd.array([None] * len(made), dtype="Int64"),
        status=pd.Series("ok", index=made.index, dtype="str").where(known, "missing"),
        unit="day",
        scale="estimate",
        source="prosecutor",
        grade=pd.array([None] * len(made), dtype="str"),
        synthetic=bool(cases["synthetic"].any()),
        extracted=cases["extracted"].max(),
    )
    return check_table(table, QUANTILES)


def _year_in_spans(
    rows: pd.DataFrame, year: int, shares: list[int], confidence: float
) -> pd.DataFrame:
    """Give the quantiles of the cases of one year in spans of days, with their method."""
    ended = (rows["state"] != OPEN).to_numpy()
    found = duration_quantiles(
        rows["days"], ended.astype(int), shares=[s / 100 for s in shares], confidence=confidence
    )
    on = np.sort(rows["days"].to_numpy(dtype=float)[ended])
    spans = [
        _in_spans(on, *ends) for ends in zip(found.duration, found.low, found.high, strict=True)
    ]
    part = pd.DataFrame(spans, columns=[*_COLUMNS, "ended_around", "span"])
    return part.assign(
        **{c: part[c].astype("Float64") for c in _COLUMNS},
        period=pd.Period(str(year), freq="Y"),
        ended_share=[str(s) for s in shares],
        denominator=pd.array([float(len(rows))] * len(part), dtype="Float64"),
        ended_around=part["ended_around"].astype("Int64"),
        method=[_OF_DAYS.format(days=int(d)) if d else None for d in part["span"]],
    ).drop(columns="span")


def _in_spans(
    on: np.ndarray, value: float, low: float, high: float
) -> tuple[float, float, float, float, int]:
    """Give the ends of the spans of one quantile and its limits, and the fewest cases in them."""
    if np.isnan(value):
        return np.nan, np.nan, np.nan, np.nan, 0
    for span in SPANS:
        last = [np.ceil(day / span) * span for day in (value, low, high)]
        many = [int(((on > end - span) & (on <= end)).sum()) for end in last if not np.isnan(end)]
        if min(many) >= _ENOUGH or span == SPANS[-1]:
            break
    return last[0], max(last[1] - span, 0.0), last[2], float(min(many)), span
