"""Count the cases that entered, from deliveries without days: counts by year, or cases of a year.

Of a case, the month or the year of entry is known. What needs the day of another stage (closed,
pending) cannot be counted. The charges of a delivery share its cases out: they add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from obs.catalogue import Indicator
from obs.errors import SchemaError
from obs.indicators.count.cases.from_cases import not_applicable, rows_counted
from obs.indicators.count.coverage_by_place import (
    Coverage,
    CoveredDays,
    Stretches,
    common_days,
    days_of_whole,
    join_stretches,
    read_coverage,
)
from obs.indicators.count.covered_days import FREQUENCIES, fit_in
from obs.indicators.count.from_counts import ABSENT, LONGER, sum_by_keys
from obs.indicators.count.tally import UNKNOWN
from obs.reference import Territory, load_phenomena
from obs.schemas import (
    ALL,
    CASE_CONTEXTS,
    CASE_COUNTS,
    CASES,
    DECISIONS,
    MISSING_DAYS,
    check_table,
)

__all__ = ["count_from_case_periods", "tells_periods_alone"]

_CODES = {"context": CASE_CONTEXTS, "decision": tuple(d for d in DECISIONS if d != "open")}
_NUMBERS = ("numerator", "whole")


def tells_periods_alone(table: pd.DataFrame) -> bool:
    """Tell whether a prosecutor's table has counts of periods, or cases without a day."""
    if "numerator" in table:
        return True
    dated = "entry_date" in table and bool(table["entry_date"].notna().any())
    return "entry_period" in table and not dated and bool(table["entry_period"].notna().all())


def count_from_case_periods(
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

    Covered are the days declared, else the periods delivered. Counts of a period that is not
    delivered are missing, whatever is declared. Gives the columns of `count_from_cases`.
    """
    rows, counted = _delivered(cases)
    for one in (indicator, whole):
        if one is not None and one.stage != "entered":
            raise SchemaError(
                f"the prosecutor's table tells no day, only the period in which cases entered: "
                f"'{one.id}' counts cases {one.stage}, and needs a delivery with days."
            )
    covered = _covered(rows, coverage, place, counted=counted)
    if covered.span is None:
        raise SchemaError(
            "the prosecutor's table has no row of a period that is covered: "
            "pass coverage=(first day, last day) of periods that it delivers, or leave it out"
        )
    grid = days_of_whole(covered, period, place)
    if not fit_in(str(rows["period"].dt.freq.freqstr), FREQUENCIES[period]):
        return not_applicable(grid, indicator, breakdown, place, LONGER)
    rows = rows.assign(period=rows["period"].dt.asfreq(FREQUENCIES[period]))
    named = [*indicator.where, *breakdown, *(whole.where if whole else ())]
    if any(column not in rows or rows[column].isna().all() for column in named):
        return not_applicable(grid, indicator, breakdown, place, ABSENT)
    table = _count_cells(rows, indicator, grid, breakdown)
    if whole is not None:
        cut = [column for column in breakdown if column not in indicator.without_total]
        base = _count_cells(rows, whole, grid, cut)[["period", *cut, "numerator", "status"]]
        base = base.rename(columns={"numerator": "whole", "status": "of_whole"})
        table = table.merge(base, on=["period", *cut])
        unknown = table["whole"].isna()
        table["status"] = table["status"].mask(unknown, table["of_whole"])
    return _finished(table, indicator, place)


def _delivered(cases: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Give one frame of both kinds, and whether they are counts: period, numerator, status, codes."""
    if "numerator" in cases:
        return check_table(cases, CASE_COUNTS), True
    table = check_table(cases, CASES)
    one = pd.array([1] * len(table), dtype="Int64")
    return table.assign(period=table["entry_period"], numerator=one, status="ok"), False


def _covered(
    rows: pd.DataFrame, coverage: Coverage, place: Territory, *, counted: bool
) -> CoveredDays:
    """Give the days covered: as declared; of counts, those of the periods delivered alone."""
    periods = rows["period"].drop_duplicates()
    stretches = pd.DataFrame(
        {"start": periods.dt.start_time, "end": periods.dt.end_time.dt.normalize()}
    )
    shown: Stretches = join_stretches(stretches.assign(how="observatory"))
    declared = read_coverage(coverage, place)
    if declared is None:
        return CoveredDays(shown, {})
    days, _ = declared
    if not counted:
        return days
    apart = {code: common_days(own, shown) for code, own in days.apart.items()}
    return CoveredDays(common_days(days.common, shown), apart)


def _count_cells(
    rows: pd.DataFrame, indicator: Indicator, grid: pd.DataFrame, breakdown: Sequence[str]
) -> pd.DataFrame:
    """Count each period and crossing of the breakdown, totals coded "all"."""
    coded = rows_counted(rows, indicator, breakdown)
    crossings = product(*(_breakdown_codes(coded, indicator, column) for column in breakdown))
    parts = []
    for crossing in crossings:
        shown = dict(zip(breakdown, crossing, strict=True))
        own = coded
        for column, code in shown.items():
            own = own if code == ALL else own[own[column] == code]
        added = sum_by_keys(own, ["period"])
        parts.append(grid.merge(added, on="period", how="left").assign(**shown))
    table = pd.concat(parts, ignore_index=True)
    none = table["status"].isna()  # no case of this kind, of a delivery that lists what there is
    return table.assign(
        numerator=table["numerator"].astype("Int64").mask(none, 0),
        status=table["status"].fillna("zero").astype("str"),
    )


def _breakdown_codes(rows: pd.DataFrame, indicator: Indicator, column: str) -> list[str]:
    """List the codes of a breakdown: the total first, unless the indicator is of its codes."""
    known = tuple(load_phenomena()["code"]) if column == "phenomenon" else _CODES[column]
    seen = set(rows[column])
    found = [code for code in (*indicator.where.get(column, known), UNKNOWN) if code in seen]
    return found if column in indicator.without_total and found else [ALL, *found]


def _finished(table: pd.DataFrame, indicator: Indicator, place: Territory) -> pd.DataFrame:
    """Give the status of each period by its days covered, and why a period lacks some."""
    uncovered = (table["days"] == 0).astype(bool)
    partial = (table["days"] < table["full"]) | table["lacking"]
    partial &= table["status"].isin(["ok", "zero"])
    status = np.select([uncovered, partial], ["missing", "provisional"], table["status"])
    reason = np.where(table["lacking"] & ~uncovered, MISSING_DAYS, pd.NA)
    numbers = [name for name in _NUMBERS if name in table]
    kept = table.drop(columns=["full", "lacking", *({"of_whole"} & {*table.columns})])
    return kept.assign(
        **{name: table[name].mask(uncovered) for name in numbers},
        territory=place.top,
        status=pd.Series(status, index=table.index, dtype="str"),
        unit=indicator.unit,
        reason=pd.Series(reason, index=table.index, dtype="str"),
    )
