"""Count the prosecutor's flow of cases: pending, entered, reopened, closed, pending at the end.

Stocks are counted on the day and flows over the year, each from the dates of the cases. Their
agreement is a check, not a construction. The unit is the case, never the offence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.schemas import ALL, CASES, check_table
from obs.stats import wilson_interval

__all__ = [
    "LOST_CASES",
    "check_flow",
    "closing_shares",
    "follow_cohort",
    "pending_on",
    "stock_flow",
]

FLOWS = ("pending_start", "new", "reopened", "closed", "pending_end")
NET_OF = ("joinder", "disposition")  # closures that only move a case elsewhere
_NEEDED = ("first_close_date", "reopened_date")
LOST_CASES = {
    "joined_lost": "lost_mother",
    "transfer_lost": "lost_transfer",
    "circular": "circular",
}


def stock_flow(
    cases: pd.DataFrame, *, years: Iterable[int], by: Sequence[str] = ("section",)
) -> pd.DataFrame:
    """Count pending, new, reopened and closed cases of each year.

    A case is pending on the morning of a day if it entered before and is not closed before,
    or was reopened before and not closed since. A case reopened once closes twice.

    Parameters
    ----------
    cases : DataFrame
        CASES with `first_close_date` and `reopened_date`. Not modified.
    years : iterable of int
        Years that the deliveries cover whole: cases closed before the first delivery are in
        none, so that earlier years would come out too small.
    by : sequence of str
        Columns to count by; rows over all their values ("all") come last.

    Returns
    -------
    DataFrame
        period, `by`, pending_start, new, reopened, closed, pending_end, gap (0 if the flow
        closes), unit; by period and `by`.

    Raises
    ------
    SchemaError
        If the table is not CASES, or lacks the two dates or a column of `by`.
    ObsError
        If a year was not over at the last extraction.

    Examples
    --------
    >>> from obs.schemas import CASES, empty_table
    >>> cases = empty_table(CASES).reindex(range(2)).assign(
    ...     case_id=["A", "B"], section="FR", synthetic=True,
    ...     entry_date=pd.to_datetime(["2020-11-03", "2021-02-01"]),
    ...     decision_date=pd.to_datetime(["2021-03-01", None]),
    ...     extracted=pd.Timestamp("2022-01-31"))
    >>> flow = stock_flow(cases, years=[2021])
    >>> flow[["section", *FLOWS, "gap"]]
      section  pending_start  new  reopened  closed  pending_end  gap
    0      FR              1    1         0       1            1    0
    1     all              1    1         0       1            1    0
    """
    table = _checked_cases(cases, (*_NEEDED, *by))
    parts = []
    for year in sorted(years):
        _refuse_unfinished(table, pd.Timestamp(year + 1, 1, 1), f"{year}")
        parts.append(_year_flow(table, year, list(by)))
    flow = pd.concat(parts, ignore_index=True)
    return check_flow(flow, by=by).drop(columns="carried_gap").assign(unit="case")


def check_flow(flow: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    r"""Check the identity of stocks and flows, row by row and from year to year.

    .. math:: gap = start + new + reopened - closed - end

    Parameters
    ----------
    flow : DataFrame
        pending_start, new, reopened, closed, pending_end and, for the second check, period
        and the columns of `by`. Not modified.
    by : sequence of str
        Columns within which one year's end is the next year's start.

    Returns
    -------
    DataFrame
        With `gap` and `carried_gap` (end of the year before less start; missing where the
        year before is not there).

    Raises
    ------
    SchemaError
        If a column is absent, or a period comes twice within `by`.

    Examples
    --------
    The published rows of Brussels 2007 and 2010:

    >>> published = pd.DataFrame({
    ...     "period": pd.PeriodIndex(["2007", "2010"], freq="Y"),
    ...     "pending_start": [44_424, 29_622], "new": [138_366, 129_911],
    ...     "reopened": [6_021, 4_144], "closed": [151_886, 132_597],
    ...     "pending_end": [36_925, 31_080]})
    >>> check_flow(published)["gap"].tolist()
    [0, 0]
    """
    absent = [c for c in (*FLOWS, *by) if c not in flow]
    if absent:
        raise SchemaError(f"flow: column '{absent[0]}' is absent; needed: {', '.join(FLOWS)}.")
    if "period" in flow and flow.duplicated(["period", *by]).any():
        raise SchemaError(
            "flow: a period comes twice; name in `by` the columns that part its rows."
        )
    start, new, reopened, closed, end = (flow[c].astype("Int64") for c in FLOWS)
    made = flow.assign(gap=start + new + reopened - closed - end)
    return made.assign(carried_gap=_add_carried(made, list(by)))


def closing_shares(
    cases: pd.DataFrame, *, years: Iterable[int], confidence: float = 0.95
) -> pd.DataFrame:
    """Share out the closing decisions of each year, on two bases named differently.

    `all_closures` divides by every case whose last closure fell in the year; `net_closures`
    leaves out joinders and transfers, which only move a case elsewhere. Closures of cases
    reopened since are in neither: their first decision is no longer in the data.

    Parameters
    ----------
    cases : DataFrame
        CASES. Not modified.
    years : iterable of int
        Years over at the last extraction.
    confidence : float
        Level of the Wilson interval.

    Returns
    -------
    DataFrame
        period, base, decision, numerator, denominator, value, low, high, unit; every
        decision that came in any of the years, also where it is 0.

    Raises
    ------
    SchemaError
        If the table is not CASES.
    ObsError
        If a year was not over at the last extraction.

    Examples
    --------
    >>> from obs.schemas import CASES, empty_table
    >>> cases = empty_table(CASES).reindex(range(4)).assign(
    ...     case_id=["A", "B", "C", "D"], synthetic=True,
    ...     decision=["joinder", "summons", "technical", "technical"],
    ...     decision_date=pd.Timestamp("2021-06-01"), extracted=pd.Timestamp("2022-01-31"))
    >>> shares = closing_shares(cases, years=[2021])
    >>> shares[["base", "decision", "numerator", "denominator"]]
               base   decision  numerator  denominator
    0  all_closures    joinder          1            4
    1  all_closures    summons          1            4
    2  all_closures  technical          2            4
    3  net_closures    summons          1            3
    4  net_closures  technical          2            3
    """
    table = _checked_cases(cases)
    wanted = pd.PeriodIndex([str(y) for y in sorted(years)], freq="Y")
    for year in wanted:
        _refuse_unfinished(table, (year + 1).start_time, str(year))
    period = table["decision_date"].dt.to_period("Y")
    closed = table.assign(period=period)[period.isin(wanted) & table["decision"].ne("open")]
    bases = {"all_closures": closed, "net_closures": closed[~closed["decision"].isin(NET_OF)]}
    parts = [_decision_shares(rows, wanted).assign(base=base) for base, rows in bases.items()]
    shares = pd.concat(parts).sort_values(["period", "base", "decision"], ignore_index=True)
    columns = ["period", "base", "decision", "numerator", "denominator"]
    return _with_interval(shares[columns], confidence)


def follow_cohort(
    cases: pd.DataFrame, *, year: int, months: int, confidence: float = 0.95
) -> pd.DataFrame:
    """Share out the cases entered in a year by their state a fixed time after entry.

    Daughters follow their mother and transfers their successor; those that cannot be
    followed are `lost_mother`, `lost_transfer` or `circular`, states of their own. A case
    closed at the horizon and reopened later is `reopened_later`: the decision that
    first closed it is no longer in the data. Closed in a year over entered in that year is no rate
    of a cohort [1]_.

    Parameters
    ----------
    cases : DataFrame
        CASES as `clean_prosecutor` gives them, links followed. Not modified.
    year : int
        Year of entry.
    months : int
        Months from entry to the horizon, the same for each case.
    confidence : float
        Level of the Wilson interval.

    Returns
    -------
    DataFrame
        period, months, state, numerator, denominator, value, low, high, unit; by state.

    Raises
    ------
    SchemaError
        If the table is not CASES or its links were not followed.
    ObsError
        If the horizon of the last case entered lies after the last extraction.

    References
    ----------
    .. [1] ONS, Crime outcomes in England and Wales: stages come from different sources and
       are not the same cases.

    Examples
    --------
    >>> from obs.schemas import CASES, empty_table
    >>> cases = empty_table(CASES).reindex(range(3)).assign(
    ...     case_id=["A", "B", "C"], synthetic=True, link=["own", "joined", "joined_lost"],
    ...     lead_id=["A", "A", "C"], outcome=["summons", "summons", "joinder"],
    ...     entry_date=pd.to_datetime(["2021-01-04", "2021-01-11", "2021-05-01"]),
    ...     outcome_date=pd.to_datetime(["2021-06-01", "2021-06-01", "2021-06-02"]),
    ...     extracted=pd.Timestamp("2023-01-31"))
    >>> follow_cohort(cases, year=2021, months=12)[["state", "numerator", "denominator"]]
             state  numerator  denominator
    0  lost_mother          1            3
    1      summons          2            3
    """
    table = _checked_cases(cases, ("link", "lead_id", "outcome", "outcome_date", *_NEEDED))
    entered = table[table["entry_date"].dt.year == year]
    last = pd.Timestamp(year + 1, 1, 1) + pd.DateOffset(months=months)
    _refuse_unfinished(table, last, f"the horizon of {months} months after {year}")
    links = table.set_index("case_id")["link"]
    ends = entered["lead_id"].map(links).fillna(entered["link"])  # a circle leads to no case
    state = _state_at(
        entered.assign(**_reopenings(table, entered)),
        ends,
        entered["entry_date"] + pd.DateOffset(months=months),
    )
    counted = state.value_counts().sort_index().rename_axis("state").reset_index(name="numerator")
    made = counted.assign(
        period=pd.Period(str(year), freq="Y"), months=months, denominator=len(entered)
    )
    columns = ["period", "months", "state", "numerator", "denominator"]
    return _with_interval(made[columns], confidence)


def _checked_cases(cases: pd.DataFrame, needed: Sequence[str] = ()) -> pd.DataFrame:
    table = check_table(cases, CASES)
    absent = [c for c in needed if c not in table]
    if absent:
        raise SchemaError(
            f"table CASES: column '{absent[0]}' is absent, which this count needs; clean the "
            "prosecutor's deliveries with a profile that has it."
        )
    return table


def _refuse_unfinished(table: pd.DataFrame, day: pd.Timestamp, what: str) -> None:
    last = table["extracted"].max()
    if pd.isna(last) or last < day:
        known = "no extraction date" if pd.isna(last) else f"the last extraction, {last:%Y-%m-%d}"
        raise ObsError(f"cases: {what} ends after {known}; take an earlier year.")


def _year_flow(table: pd.DataFrame, year: int, by: list[str]) -> pd.DataFrame:
    first, after = pd.Timestamp(year, 1, 1), pd.Timestamp(year + 1, 1, 1)
    marks = {
        "pending_start": pending_on(table, first),
        "new": _within(table["entry_date"], first, after),
        "reopened": _within(table["reopened_date"], first, after),
        "closed": _within(table["first_close_date"], first, after)
        + _within(table["decision_date"], first, after),
        "pending_end": pending_on(table, after),
    }
    counted = pd.DataFrame({k: v.astype("Int64") for k, v in marks.items()}, index=table.index)
    total = counted.sum().to_frame().T.assign(**dict.fromkeys(by, ALL))
    parts = [counted.groupby([table[c] for c in by]).sum().reset_index()] if by else []
    whole = pd.concat([*parts, total], ignore_index=True)
    whole.insert(0, "period", pd.PeriodIndex([str(year)] * len(whole), freq="Y"))
    return whole[["period", *by, *FLOWS]]


def _within(days: pd.Series, first: pd.Timestamp, after: pd.Timestamp) -> pd.Series:
    return ((days >= first) & (days < after)).astype("int64")


def pending_on(table: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Mark the cases open on the morning of a day, 1 or 0."""
    again, closed = table["reopened_date"], table["decision_date"]
    once = again.isna() | (again >= day)
    end = closed.where(again.isna(), table["first_close_date"]).where(once, closed)
    return ((table["entry_date"] < day) & (end.isna() | (end >= day))).astype("int64")


def _add_carried(flow: pd.DataFrame, by: list[str]) -> pd.Series:
    if "period" not in flow:
        return pd.Series(pd.NA, index=flow.index, dtype="Int64")
    before = flow[["period", *by, "pending_end"]].assign(period=flow["period"] + 1)
    joined = flow[["period", *by, "pending_start"]].merge(before, on=["period", *by], how="left")
    gap = joined["pending_end"].astype("Int64") - joined["pending_start"].astype("Int64")
    return gap.set_axis(flow.index)


def _decision_shares(closed: pd.DataFrame, years: pd.PeriodIndex) -> pd.DataFrame:
    codes = sorted(closed["decision"].dropna().unique())
    grid = pd.MultiIndex.from_product([years, codes], names=["period", "decision"])
    counted = closed.groupby(["period", "decision"]).size().reindex(grid, fill_value=0)
    made = counted.rename("numerator").reset_index()
    return made.assign(denominator=made.groupby("period")["numerator"].transform("sum"))


def _reopenings(table: pd.DataFrame, entered: pd.DataFrame) -> dict[str, pd.Series]:
    """Give first closing and reopening of each case, those of its lead where it has none."""
    of_lead = table.set_index("case_id")[list(_NEEDED)]
    return {c: entered[c].fillna(entered["lead_id"].map(of_lead[c])) for c in _NEEDED}


def _state_at(entered: pd.DataFrame, ends: pd.Series, horizon: pd.Series) -> pd.Series:
    """Give the state of each case at its horizon; `ends` is the link of the last case found."""
    state = entered["outcome"].where(entered["outcome_date"] <= horizon, "open").fillna("open")
    first, again = entered["first_close_date"], entered["reopened_date"]
    state = state.mask((first <= horizon) & (again > horizon), "reopened_later")
    gone = ends.map(LOST_CASES)
    moved = entered["outcome_date"].le(horizon) | ends.eq("circular")
    return state.mask(gone.notna() & moved, gone)


def _with_interval(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    part = table["numerator"].to_numpy(dtype="float64")
    whole = table["denominator"].to_numpy(dtype="float64")
    low, high = wilson_interval(part, whole, confidence=confidence)
    value = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return table.assign(value=value, low=low, high=high, unit="case")
