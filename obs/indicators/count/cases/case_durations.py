"""Estimate how long cases stay open and how they first end, those still open being censored.

Time runs from the day of entry, or of the police report where reports are linked, to the first
closing. A case still open is followed to its last extraction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.indicators.count.cases.case_flows import LOST_CASES
from obs.schemas import CASES, check_table, need_columns
from obs.stats.durations.survival import duration_quantiles, durations_by_cause

__all__ = ["MIN_KNOWN", "OPEN", "case_durations", "case_quantiles", "followed_cohorts"]

MIN_KNOWN = 20  # cases whose state is known: below, no percentage (house rule, methods 6)
OPEN = "open"
_NEEDED = ("link", "lead_id", "outcome", "outcome_date", "first_close_date", "reopened_date")
_OF_LEAD = ("first_close_date", "reopened_date", "extracted")


def case_durations(
    cases: pd.DataFrame,
    *,
    years: Iterable[int],
    days: Iterable[int] = (90, 180, 365, 730),
    links: pd.DataFrame | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Share out the cases of each year by their state so many days after they began.

    What is open is the Kaplan-Meier estimate, each way of ending the Aalen-Johansen one; they
    add up to 1. Cases still open count until their last extraction, so that a year whose cases
    cannot all be followed to the horizon has a figure too. Daughters follow their mother and
    transfers their successor; those that cannot be followed end as `lost_mother`,
    `lost_transfer` or `circular`, and a case reopened since as `reopened_later` at its first
    closing: the decision that first closed it is not in the data.

    Parameters
    ----------
    cases : DataFrame
        CASES as `clean_prosecutor` gives them, links followed. Not modified.
    years : iterable of int
        Years of entry, or of the police report with `links`.
    days : iterable of int
        Days from the start to each horizon.
    links : DataFrame, optional
        Result of `link_reports`: the cohort is then that of the matched reports, each once,
        and time runs from the day on which the police registered it.
    where : mapping, optional
        Column of CASES to the codes of the cases followed; a case outside may still be the
        mother of one.
    confidence : float
        Of each interval by itself.

    Returns
    -------
    DataFrame
        period, days, state ("open" or how it ended), numerator (cases in that state on that
        day, as far as seen), `at_risk` (followed and open until that day), `censored` (open when
        last seen before it), denominator (cases of the year), value, low, high, status, unit; by
        period, days and state. Status "missing" where no open case was followed so far,
        "unreliable" where the state of fewer than 20 is known.

    Raises
    ------
    SchemaError
        A table that is not CASES or whose links were not followed, or `links` without its columns.
    ObsError
        A year without cases, or with cases that have no day of entry or closed before they
        began, no extraction date, horizons that are not whole days, a bad confidence.

    References
    ----------
    .. [1] E. L. Kaplan and P. Meier, 1958, JASA 53.
    .. [2] O. O. Aalen and S. Johansen, 1978, Scandinavian Journal of Statistics 5.

    Examples
    --------
    >>> from obs.schemas import CASES, empty_table
    >>> cases = empty_table(CASES).reindex(range(4)).assign(
    ...     case_id=["A", "B", "C", "D"], synthetic=True, link="own",
    ...     lead_id=["A", "B", "C", "D"], outcome=["summons", "technical", "open", "open"],
    ...     entry_date=pd.to_datetime(["2021-01-01"] * 4),
    ...     outcome_date=pd.to_datetime(["2021-01-31", "2021-03-02", None, None]),
    ...     extracted=pd.Timestamp("2022-01-31"))
    >>> found = case_durations(cases, years=[2021], days=[60])
    >>> found[["state", "numerator", "at_risk", "value", "status"]]
           state  numerator  at_risk  value      status
    0       open          2        3    0.5  unreliable
    1    summons          1        3   0.25  unreliable
    2  technical          1        3   0.25  unreliable
    """
    horizons = _whole_days(days)
    parts = [
        _states(rows, year, horizons, confidence)
        for year, rows in followed_cohorts(cases, years, links, where)
    ]
    return pd.concat(parts, ignore_index=True)


def case_quantiles(
    cases: pd.DataFrame,
    *,
    years: Iterable[int],
    shares: Iterable[float] = (0.25, 0.5, 0.75),
    links: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Give the days by which a quarter, half and three quarters of a year's cases first ended.

    Parameters
    ----------
    cases, years, links, confidence
        As of `case_durations`.
    shares : iterable of float
        Shares that have ended, between 0 and 1; 0.5 is the median.

    Returns
    -------
    DataFrame
        period, share, value (days), low, high, numerator (cases that ended), denominator,
        status, unit; by period, in the order of `shares`. Status "missing" where the share is not reached within
        what was followed, "unreliable" where fewer than 20 have ended; an upper limit that is not
        reached is missing.

    Raises
    ------
    SchemaError, ObsError
        As `case_durations`.

    References
    ----------
    .. [1] R. Brookmeyer and J. Crowley, 1982, Biometrics 38.

    Examples
    --------
    >>> from obs.schemas import CASES, empty_table
    >>> cases = empty_table(CASES).reindex(range(3)).assign(
    ...     case_id=["A", "B", "C"], synthetic=True, link="own", lead_id=["A", "B", "C"],
    ...     outcome=["summons", "technical", "open"],
    ...     entry_date=pd.to_datetime(["2021-01-01"] * 3),
    ...     outcome_date=pd.to_datetime(["2021-01-31", "2021-03-02", None]),
    ...     extracted=pd.Timestamp("2022-01-31"))
    >>> case_quantiles(cases, years=[2021])[["share", "value", "status"]]
       share  value      status
    0   0.25   30.0  unreliable
    1   0.50   60.0  unreliable
    2   0.75   <NA>     missing
    """
    parts = []
    for year, rows in followed_cohorts(cases, years, links):
        ended = (rows["state"] != OPEN).to_numpy()
        found = duration_quantiles(
            rows["days"], ended.astype(int), shares=list(shares), confidence=confidence
        )
        part = pd.DataFrame(
            {
                "period": pd.Period(str(year), freq="Y"),
                "share": found.shares,
                "value": pd.array(found.duration, dtype="Float64"),
                "low": pd.array(found.low, dtype="Float64"),
                "high": pd.array(found.high, dtype="Float64"),
                "numerator": pd.array([ended.sum()] * len(found.shares), dtype="Int64"),
                "denominator": pd.array([len(rows)] * len(found.shares), dtype="Int64"),
            }
        )
        parts.append(_with_status(part, np.full(len(part), ended.sum())))
    return pd.concat(parts, ignore_index=True)


def _states(rows: pd.DataFrame, year: int, horizons: np.ndarray, confidence: float) -> pd.DataFrame:
    """Give one row per horizon and state of one year's cases."""
    names = sorted(set(rows["state"]) - {OPEN})
    causes = rows["state"].map({OPEN: 0} | {name: k + 1 for k, name in enumerate(names)})
    found = durations_by_cause(
        rows["days"], causes, horizons=horizons, n_causes=len(names) or None, confidence=confidence
    )
    n, many = len(names), len(horizons)
    still = len(rows) - found.censored - found.ended_count.sum(axis=0)

    def column(first: np.ndarray, others: np.ndarray) -> np.ndarray:
        return np.vstack([first[None, :], others[:n]]).T.ravel()

    table = pd.DataFrame(
        {
            "period": pd.Period(str(year), freq="Y"),
            "days": np.repeat(horizons, n + 1),
            "state": pd.array([OPEN, *names] * many, dtype="str"),
            "numerator": pd.array(column(still, found.ended_count), dtype="Int64"),
            "at_risk": pd.array(np.repeat(found.at_risk, n + 1), dtype="Int64"),
            "censored": pd.array(np.repeat(found.censored, n + 1), dtype="Int64"),
            "denominator": pd.array([len(rows)] * (n + 1) * many, dtype="Int64"),
            "value": pd.array(column(found.open_share, found.ended_share), dtype="Float64"),
            "low": pd.array(column(found.open_low, found.ended_low), dtype="Float64"),
            "high": pd.array(column(found.open_high, found.ended_high), dtype="Float64"),
        }
    )
    return _with_status(table, len(rows) - table["censored"].to_numpy(dtype=np.int64))


def _with_status(table: pd.DataFrame, known: np.ndarray) -> pd.DataFrame:
    unknown = table["value"].isna().to_numpy()
    status = np.select([unknown, known < MIN_KNOWN], ["missing", "unreliable"], "ok")
    return table.assign(status=pd.array(status, dtype="str"), unit="case")


def followed_cohorts(
    cases: pd.DataFrame,
    years: Iterable[int],
    links: pd.DataFrame | None,
    where: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Give the days and the state of the cases of each year; `where` selects those followed."""
    table = check_table(cases, CASES)
    need_columns(table, _NEEDED, who="the table of cases, whose links are followed by cleaning,")
    cases_followed = _durations(
        table, table["entry_date"] if links is None else _report_days(table, links)
    )
    for column, codes in (where or {}).items():
        cases_followed = cases_followed[table[column].isin(list(codes))]
    wanted = sorted({int(year) for year in years})
    if not wanted:
        raise ObsError("case_durations: name one year or more")
    for year in wanted:
        if "entry_period" in table:
            blank = table["entry_date"].isna() & table["entry_period"].dt.year.eq(year)
            blank = blank & blank.index.isin(cases_followed.index)
            _refuse_rows(blank, f"cases of {year} have no day of entry, only a period")
        rows = cases_followed[cases_followed["start"].dt.year == year]
        if rows.empty:
            raise ObsError(f"case_durations: no case began in {year}")
        _refuse_rows(rows["days"].isna(), f"open cases of {year} have no extraction date")
        _refuse_rows(rows["days"] < 0, f"cases of {year} ended before they began")
        yield year, rows


def _durations(table: pd.DataFrame, start: pd.Series) -> pd.DataFrame:
    """Give each case its start, its state at its first ending, and the days between."""
    of_lead = table.set_index("case_id")[list(_OF_LEAD)]
    lead = {c: table[c].fillna(table["lead_id"].map(of_lead[c])) for c in _OF_LEAD[:2]}
    seen = table["lead_id"].map(of_lead["extracted"]).fillna(table["extracted"])
    seen = seen.where(seen >= table["extracted"], table["extracted"])
    links = table.set_index("case_id")["link"]
    lost = table["lead_id"].map(links).fillna(table["link"]).map(LOST_CASES)
    state = table["outcome"].fillna(OPEN)
    end = table["outcome_date"].where(state != OPEN)
    first = lead["first_close_date"].where(lead["first_close_date"] >= start)
    again = first.notna() & (end.isna() | (first < end))
    state, end = state.mask(again, "reopened_later"), end.mask(again, first)
    moved = lost.notna() & (end.notna() | lost.eq("circular"))
    state = state.mask(moved, lost)
    end = end.mask(lost.eq("circular"), start)
    days = (end.fillna(seen) - start).dt.days
    followed = table["link"] != "own"  # the mother may have been decided before
    days = days.mask(followed & (days < 0), 0)
    return pd.DataFrame({"start": start, "state": state.astype("str"), "days": days})


def _report_days(table: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """Give the day of each matched report to its first case, missing elsewhere."""
    need_columns(
        links, ["report_id", "link", "report_day"], who="links, as link_reports gives them,"
    )
    matched = links.loc[links["link"] == "matched"].set_index("report_id")["report_day"]
    first = ~table.sort_values("entry_date", kind="stable")["report_id"].duplicated()
    return table["report_id"].map(matched).where(first.reindex(table.index))


def _refuse_rows(wrong: pd.Series, what: str) -> None:
    if wrong.any():
        raise ObsError(f"case_durations: {int(wrong.sum())} {what}")


def _whole_days(days: Iterable[int]) -> np.ndarray:
    try:
        found = np.array(sorted(set(days)), dtype=np.float64)
    except (TypeError, ValueError):
        raise ObsError(
            "case_durations: days are whole numbers from 1 up, such as (90, 365)"
        ) from None
    if not found.size or not ((found >= 1) & (found == np.floor(found)) & (found < 1e5)).all():
        raise ObsError("case_durations: days are whole numbers from 1 up, such as (90, 365)")
    return found.astype(np.int64)
