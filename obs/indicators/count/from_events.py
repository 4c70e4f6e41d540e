"""Count an indicator from police facts, at every level and with the margins.

Every level and every margin is counted from the facts themselves. A report may concern two
communes or two forms, so that sums of parts would count it twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from ibis.expr import types as ir

from obs.catalogue import Indicator
from obs.errors import CodeError
from obs.indicators.count.coverage_by_place import CoveredDays
from obs.indicators.count.covered_days import FREQUENCIES, periods_of_span
from obs.indicators.count.tally import (
    Overview,
    add_times,
    as_codes,
    keep,
    tally,
)
from obs.query_engine.answer import fetch
from obs.reference import Territory, descendants
from obs.schemas import ALL, MISSING_DAYS

__all__ = ["ABSENT", "count_from_events"]

ABSENT = "absent_from_source"
_LINKED = ("filing",)  # what linking adds, where the other source is delivered too


def count_from_events(
    table: ir.Table,
    indicator: Indicator,
    whole: Indicator | None,
    *,
    seen: Overview,
    covered: CoveredDays,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
) -> pd.DataFrame:
    """Count an indicator, and the whole of a share, over territory, period and breakdown.

    Gives territory, period, breakdowns, numerator, status, unit, reason, days,
    covered_from, covered_to and, for a share, `whole`.
    """
    _check_codes(seen, place)
    unplaced = [code for code in seen.territories if code in place.unplaced_units]
    grid = _with_unplaced(_full_grid(covered, period, place), unplaced, place)
    reason = _why_not(table, indicator, breakdown)
    if reason:
        for column in breakdown:
            grid = grid.assign(**{column: ALL})
        return _not_applicable(grid, indicator.unit, reason)
    keys = ["territory", "period", *breakdown]
    counted = _count_levels(select(table, indicator), indicator.unit, period, breakdown, place)
    base = counted
    if whole is not None:
        known = _with_known_membership(select(table, whole), indicator, whole)
        base = _count_levels(known, whole.unit, period, breakdown, place)
        counted = base.rename(columns={"numerator": "whole"}).merge(counted, on=keys, how="left")
    if breakdown:
        grid = grid.merge(_seen_combinations(base, breakdown), how="cross")
    result = grid.merge(counted, on=keys, how="left")
    if whole is not None:
        result["whole"] = result["whole"].astype("Int64").fillna(0)
    return _grid_status(result, indicator.unit)


def select(table: ir.Table, indicator: Indicator) -> ir.Table:
    """Keep the facts that an indicator counts."""
    if indicator.phenomena:
        table = keep(table, {"phenomenon": _branches(indicator.phenomena)})
    if indicator.exclude:
        phenomenon = table["phenomenon"]
        left_out = phenomenon.isin(_branches(indicator.exclude))
        table = table.filter(phenomenon.isnull() | ~left_out)
    if indicator.attempts != "included":
        table = keep(table, {"attempt": indicator.attempts == "only"})
    return keep(table, indicator.where)


def _with_known_membership(table: ir.Table, part: Indicator, whole: Indicator) -> ir.Table:
    """Keep the facts of the whole that tell whether they belong to the part."""
    if part.attempts != whole.attempts:
        table = table.filter(table["attempt"].notnull())
    for column, codes in part.where.items():
        if codes == whole.where.get(column):
            continue
        table = table.filter(table[column].notnull())
        if (
            column == "relation" and "family" not in codes
        ):  # in the family, but which link is not recorded
            table = table.filter(table[column] != "family")
    return table


def _why_not(table: ir.Table, indicator: Indicator, breakdown: Sequence[str]) -> str | None:
    """Give the reason if the source never holds what the indicator counts: no count is not zero."""
    if any(column in _LINKED and column not in table.columns for column in breakdown):
        return ABSENT
    needed: dict[str, ir.Value] = {}
    if indicator.phenomena:
        needed["phenomenon"] = _has_any(table, "phenomenon", _branches(indicator.phenomena))
    for column, codes in indicator.where.items():
        needed[column] = _has_any(table, column, list(codes))
    if indicator.attempts != "included":
        needed["attempt"] = _has_any(table, "attempt", None)
    if indicator.unit == "pv":
        needed["report_id"] = _has_any(table, "report_id", None)
    found = fetch(table.aggregate(**needed)).to_pylist()[0] if needed else {}
    return None if all(found.values()) else ABSENT  # None: there is no row


def _has_any(table: ir.Table, column: str, codes: list[str] | None) -> ir.Value:
    if column not in table.columns:
        return ibis.literal(value=False)
    hit = table[column].notnull() if codes is None else table[column].isin(codes)
    return hit.any()


def _count_levels(
    table: ir.Table, unit: str, period: str, breakdown: Sequence[str], place: Territory
) -> pd.DataFrame:
    """Count at every level and for every margin of the breakdown."""
    parts = []
    dated = add_times(table, [period])
    spread = dated.join(ibis.memtable(_units_above(place)), [("territory", "member")])
    for shown in _subsets(breakdown):
        keys: dict[str, Any] = {"unit_code": spread["upper"], "ordinal": spread[f"{period}_of_day"]}
        keys.update({c: as_codes(spread, c) for c in shown})
        counted = tally(spread, keys, unit=unit)
        parts.append(counted.assign(**{c: ALL for c in breakdown if c not in shown}))
    table_of_all = pd.concat(parts, ignore_index=True)
    ordinals = table_of_all["ordinal"].to_numpy(dtype="int64")
    return pd.DataFrame(
        {
            "territory": table_of_all["unit_code"].astype("str"),
            "period": pd.PeriodIndex.from_ordinals(ordinals, freq=FREQUENCIES[period]),
            **{c: table_of_all[c].astype("str") for c in breakdown},
            "numerator": table_of_all["numerator"].astype("Int64"),
        }
    )


def _units_above(place: Territory) -> pa.Table:
    """List each base unit, and the facts without a place, with every unit above and themselves."""
    pairs = [
        {"member": member, "upper": upper}
        for level in place.levels
        for upper in place.codes(level)
        for member in place.members(upper)
    ]
    for code in place.unplaced_units:
        upper: str | None = code
        while upper is not None:
            pairs.append({"member": code, "upper": upper})
            upper = place.parent(upper)
    return pa.Table.from_pylist(pairs)


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(names) + 1):
        yield from combinations(names, size)


def _seen_combinations(base: pd.DataFrame, breakdown: Sequence[str]) -> pd.DataFrame:
    """List the codes and crossings that the source has, and the total.

    A code without a fact may be one that the source does not record: it gets no row, not a zero.
    """
    total = pd.DataFrame({column: [ALL] for column in breakdown}, dtype="str")
    seen = base[list(breakdown)].drop_duplicates()
    return pd.concat([total, seen], ignore_index=True).drop_duplicates(ignore_index=True)


def _full_grid(covered: CoveredDays, period: str, place: Territory) -> pd.DataFrame:
    """List units and periods, with the covered days of each.

    A whole is covered on the days of its best covered part; `lacking` marks a part with fewer days.
    """
    span = covered.span
    assert span is not None  # noqa: S101 - callers refuse a table without a covered day
    base = place.codes(place.base_level)
    grids = {
        stretches: periods_of_span(stretches, span, period)
        for stretches in {covered.common, *(covered.of(code) for code in base)}
    }
    most = grids[covered.common]["days"]
    parts = [
        grids[covered.of(code)].assign(
            territory=code, lacking=(grids[covered.of(code)]["days"] < most).astype(bool)
        )
        for code in base
    ]
    units = pd.concat(parts, ignore_index=True)
    return pd.concat([units, _wholes(units, place)], ignore_index=True)


def _with_unplaced(grid: pd.DataFrame, unplaced: list[str], place: Territory) -> pd.DataFrame:
    """Add the facts without a place, covered on the days of the unit that holds them."""
    parts = [
        grid[grid["territory"] == place.parent(code)].assign(territory=code) for code in unplaced
    ]
    return pd.concat([grid, *parts], ignore_index=True)


def _wholes(units: pd.DataFrame, place: Territory) -> pd.DataFrame:
    """Give the covered days of every unit above the finest."""
    pairs = _units_above(place).to_pandas().astype("str")
    above = pairs[pairs["member"] != pairs["upper"]]
    spread = above.merge(units, left_on="member", right_on="territory").drop(columns="territory")
    found = spread.groupby(["upper", "period"], as_index=False).agg(
        days=("days", "max"),
        least=("days", "min"),
        lacking=("lacking", "any"),
        covered_from=("covered_from", "min"),
        covered_to=("covered_to", "max"),
        full=("full", "first"),
    )
    lacking = found["lacking"] | (found["least"] < found["days"]).astype(bool)
    return (
        found.assign(lacking=lacking).drop(columns="least").rename(columns={"upper": "territory"})
    )


def _grid_status(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    numerator = table["numerator"].astype("Int64").fillna(0)
    uncovered = (table["days"] == 0).astype(bool)
    partial = (table["days"] < table["full"]) | table["lacking"]
    status = np.select(
        [uncovered, partial, numerator == 0], ["missing", "provisional", "zero"], "ok"
    )
    lacking = np.where(table["lacking"] & ~uncovered, MISSING_DAYS, pd.NA)
    made = table.drop(columns=["full", "lacking"]).assign(
        numerator=numerator.mask(uncovered),
        status=pd.Series(status, index=table.index, dtype="str"),
        unit=unit,
        reason=pd.Series(lacking, index=table.index, dtype="str"),
    )
    return made.assign(whole=made["whole"].mask(uncovered)) if "whole" in made else made


def _not_applicable(grid: pd.DataFrame, unit: str, reason: str) -> pd.DataFrame:
    numerator = pd.Series(pd.NA, index=grid.index, dtype="Int64")
    table = grid.drop(columns=["full", "lacking"]).assign(numerator=numerator, whole=numerator)
    return table.assign(status="not_applicable", unit=unit, reason=reason)


def _check_codes(seen: Overview, place: Territory) -> None:
    unknown = sorted(code for code in seen.territories if not place.holds(code))
    if unknown:
        raise CodeError(
            f"table EVENTS: {len(unknown)} territory code(s) are no units "
            f"of '{place.name}': {', '.join(unknown[:5])}. "
            "Use match_territory when cleaning, or name the right territory."
        )


def _branches(codes: Sequence[str]) -> list[str]:
    return [below for code in codes for below in descendants(code)]
