"""Count an indicator from a prosecutor's cases: entered, closed, decided, pending.

The prosecutor's whole district is one territory. A case is never an offence, and every count
uses the date of one stage of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from obs.catalogue import Indicator
from obs.errors import ObsError, SchemaError
from obs.indicators.count.cases.case_flows import pending_on
from obs.indicators.count.coverage_by_place import (
    Coverage,
    CoveredDays,
    days_of_whole,
    join_stretches,
    read_coverage,
)
from obs.indicators.count.from_counts import ABSENT
from obs.indicators.count.tally import UNKNOWN
from obs.reference import Territory, descendants, load_phenomena
from obs.schemas import ALL, CASE_CONTEXTS, CASES, DECISIONS, FILINGS, MISSING_DAYS, check_table
from obs.stats import flow_stretches

__all__ = ["count_from_cases", "not_applicable", "rows_counted"]

_CODES = {
    "context": CASE_CONTEXTS,
    "decision": tuple(d for d in DECISIONS if d != "open"),
    "filing": tuple(FILINGS),
}
_REOPENING = ("first_close_date", "reopened_date")


def count_from_cases(
    cases: pd.DataFrame,
    indicator: Indicator,
    whole: Indicator | None,
    *,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
    coverage: Coverage,
) -> pd.DataFrame:
    """Count an indicator, and the whole of a share, over period and breakdown.

    By default the covered years are those of which the deliveries have entries and closings
    (`obs.stats.flow_stretches`). Another year is missing.

    Gives territory, period, breakdowns, numerator, status, unit, reason, days,
    covered_from, covered_to and, for a share, `whole`.
    """
    table = check_table(cases, CASES)
    if table.empty:
        raise SchemaError("table CASES has no row, so nothing tells which days it covers")
    _require_dates(table, indicator)
    periods = days_of_whole(_covered_days(table, coverage, place), period, place)
    named = [*indicator.where, *breakdown, *(whole.where if whole else ())]
    if any(column not in table for column in named):
        return not_applicable(periods, indicator, breakdown, place, ABSENT)
    counted = _count_all_periods(table, indicator, periods, breakdown)
    if whole is not None:
        cut = [column for column in breakdown if column not in indicator.without_total]
        base = _count_all_periods(table, whole, periods, cut)
        base = base[["period", *cut, "numerator"]].rename(columns={"numerator": "whole"})
        counted = counted.merge(base, on=["period", *cut])
    partial = (counted["days"] < counted["full"]) | counted["lacking"]
    uncovered = (counted["days"] == 0).astype(bool)
    none = counted["numerator"] == 0
    status = np.select([uncovered, partial, none], ["missing", "provisional", "zero"], "ok")
    reason = np.where(counted["lacking"] & ~uncovered, MISSING_DAYS, pd.NA)
    numbers = [name for name in ("numerator", "whole") if name in counted]
    return counted.drop(columns=["full", "lacking"]).assign(
        **{name: counted[name].mask(uncovered) for name in numbers},
        territory=place.top,
        status=pd.Series(status, index=counted.index, dtype="str"),
        unit=indicator.unit,
        reason=pd.Series(reason, index=counted.index, dtype="str"),
    )


def not_applicable(
    grid: pd.DataFrame,
    indicator: Indicator,
    breakdown: Sequence[str],
    place: Territory,
    reason: str,
) -> pd.DataFrame:
    """Give rows of what the delivery cannot tell: a shorter period, a column that it has not.

    Takes periods with their days; gives the columns of `count_from_cases`.
    """
    table = grid.drop(columns=["full", "lacking"]).assign(
        **dict.fromkeys(breakdown, ALL),
        **dict.fromkeys(("numerator", "whole")[: 1 + (indicator.whole is not None)], pd.NA),
        territory=place.top,
        status="not_applicable",
        unit=indicator.unit,
        reason=reason,
    )
    numbers = {name: "Int64" for name in ("numerator", "whole") if name in table}
    return table.astype({**numbers, "status": "str", "reason": "str"})


def rows_counted(
    table: pd.DataFrame, indicator: Indicator, breakdown: Sequence[str]
) -> pd.DataFrame:
    """Give the rows that an indicator counts, codes of the breakdown that lack as "unknown"."""
    coded = table.assign(**{c: table[c].fillna(UNKNOWN) for c in breakdown})
    if indicator.phenomena:
        coded = coded[coded["phenomenon"].isin(_charges_of(indicator))]
    for column, codes in indicator.where.items():
        coded = coded[coded[column].isin(codes)]
    return coded


def _count_all_periods(
    table: pd.DataFrame, indicator: Indicator, periods: pd.DataFrame, breakdown: Sequence[str]
) -> pd.DataFrame:
    """Count each period and crossing of the breakdown, totals coded "all"."""
    coded = rows_counted(table, indicator, breakdown)
    crossings = product(*(_breakdown_codes(coded, indicator, column) for column in breakdown))
    parts = []
    for crossing in crossings:
        own = coded
        for column, code in zip(breakdown, crossing, strict=True):
            own = own if code == ALL else own[own[column] == code]
        shown = dict(zip(breakdown, crossing, strict=True))
        parts.append(periods.assign(**shown, numerator=_count_stage(own, indicator.stage, periods)))
    return pd.concat(parts, ignore_index=True)


def _charges_of(indicator: Indicator) -> set[str]:
    """Give the phenomena, and all below them, whose cases an indicator counts."""
    wanted = {below for code in indicator.phenomena for below in descendants(code)}
    return wanted - {below for code in indicator.exclude for below in descendants(code)}


def _count_stage(own: pd.DataFrame, stage: str, periods: pd.DataFrame) -> pd.array:
    """Count one stage in each period, within its covered days."""
    first, last = periods["covered_from"], periods["covered_to"]
    if stage == "pending":
        eves = [day + pd.Timedelta(days=1) for day in last]
        return pd.array([int(pending_on(own, day).sum()) for day in eves], dtype="Int64")
    dates = [own[name].dropna() for name in _dates_of(stage)]
    if stage != "entered":
        closed = own["decision"].ne("open").fillna(value=False).astype(bool)
        dates[0] = own.loc[closed, "decision_date"].dropna()
    days = np.sort(pd.concat(dates).to_numpy(dtype="datetime64[D]"))
    start = np.searchsorted(days, first.to_numpy(dtype="datetime64[D]"), side="left")
    end = np.searchsorted(days, last.to_numpy(dtype="datetime64[D]"), side="right")
    return pd.array(end - start, dtype="Int64")


def _dates_of(stage: str) -> tuple[str, ...]:
    if stage == "entered":
        return ("entry_date",)
    return ("decision_date", "first_close_date") if stage == "closed" else ("decision_date",)


def _breakdown_codes(table: pd.DataFrame, indicator: Indicator, column: str) -> list[str]:
    """List the codes of a breakdown: the total first, unless the indicator is of its codes."""
    charges = tuple(load_phenomena()["code"])
    allowed = indicator.where.get(column, charges if column == "phenomenon" else _CODES[column])
    seen = set(table[column])
    seen_codes = [c for c in (*allowed, UNKNOWN) if c in seen and (c != "open")]
    return (
        (seen_codes or list(allowed)) if column in indicator.without_total else [ALL, *seen_codes]
    )


def _require_dates(table: pd.DataFrame, indicator: Indicator) -> None:
    """Refuse a table without the dates of the stage."""
    if indicator.stage == "entered" and table["entry_date"].isna().any():
        raise SchemaError(
            f"table CASES: {int(table['entry_date'].isna().sum())} row(s) have no entry_date, so "
            f"'{indicator.id}' cannot be counted: reject them, or clean them with a profile that tells the period of all."
        )
    if indicator.stage in ("closed", "pending"):
        absent = [c for c in _REOPENING if c not in table]
        if absent:
            raise SchemaError(
                f"table CASES: column '{absent[0]}' is absent, which '{indicator.id}' needs: a case "
                "reopened closes twice. Clean the deliveries with a profile that has it."
            )


def _covered_days(table: pd.DataFrame, coverage: Coverage, place: Territory) -> CoveredDays:
    """Give the covered days: as declared, else as the cases of each delivery show."""
    if declared := read_coverage(coverage, place):
        return declared[0]
    extracted = table["extracted"].max()
    if pd.isna(extracted):
        raise ObsError(
            "table CASES has no extraction date, so nothing tells which days it covers: pass "
            "coverage=(first day, last day)"
        )
    by = table["delivery"].fillna("") if "delivery" in table else pd.Series("", index=table.index)
    found = [one for _, own in table.groupby(by) for one in _stretches(own)]
    if not found:
        raise ObsError(
            f"table CASES was extracted on {extracted:%Y-%m-%d}, before any year of its closings "
            "was over: pass coverage=(first day, last day)"
        )
    rows = pd.DataFrame(found, columns=["start", "end"]).assign(how="observatory")
    return CoveredDays(join_stretches(rows), {})


def _stretches(own: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Give the days that the cases of one delivery show to be covered."""
    closed = own["decision_date"].to_numpy(dtype="datetime64[D]")  # a first closing may be older
    entered = own["entry_date"].to_numpy(dtype="datetime64[D]")
    extracted = own["extracted"].max()
    day = np.datetime64("NaT") if pd.isna(extracted) else np.datetime64(extracted, "D")
    found = flow_stretches(entered, closed, extracted=day)
    return [(pd.Timestamp(start), pd.Timestamp(end)) for start, end in found]
