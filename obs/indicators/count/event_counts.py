"""Count police facts over a full grid; an absent cell is 0 only where the source covers it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ibis.expr import types as ir

from obs.errors import ObsError, SchemaError
from obs.indicators.count.coverage_by_place import Coverage, CoveredDays, find_covered_days
from obs.indicators.count.covered_days import FREQUENCIES, Window, make_window, time_grid
from obs.indicators.count.merged_units import follow_days, follow_events
from obs.indicators.count.tally import (
    UNKNOWN,
    Overview,
    add_times,
    as_codes,
    check_codes,
    covered_by_source,
    keep,
    look_over,
    mark_unplaced,
    open_events,
)
from obs.indicators.count.tally import tally as count_rows
from obs.reference import Territory, load_codelist, load_phenomena, load_territory
from obs.schemas import ALL, EVENTS, nearest_names

__all__ = ["count_events"]

_TIME = (*FREQUENCIES, "weekday")
_RESERVED = ("numerator", "status", "unit", "days")
_LISTED = (  # columns of EVENTS whose codes are closed
    *("form", "relation", "place"),
    *("victim_sex", "victim_age_band", "suspect_sex", "suspect_age_band"),
)
_HOURS = {"hour": range(24), "hour_band": ("night", "morning", "afternoon", "evening")}


def count_events(
    events: pd.DataFrame | str | Path | ir.Table,
    *,
    by: Sequence[str] = ("territory", "year"),
    where: Mapping[str, Any] | None = None,
    unit: str | None = None,
    coverage: Coverage = None,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Count police facts, or their reports, over the full grid of the columns asked for.

    Parameters
    ----------
    events : DataFrame, path of Apache Parquet, or Ibis table
        EVENTS; only the columns used are read. Not modified.
    by : sequence of str
        "territory", "year", "quarter", "month", "week" (begins on Monday), "weekday" (1 = Monday),
        "hour", "hour_band", or any column of EVENTS.
    where : mapping, optional
        Column -> code or codes allowed; a missing value never matches. A code that neither
        the codelist nor the table has is refused: a misspelt one would count as zero.
    unit : {"fact", "pv"}, optional
        Rows (the default), or distinct `report_id`; reports with facts in two cells count
        in both, so they do not add up.
    coverage : two dates or DataFrame, optional
        First and last day that the source covers, or COVERAGE; assumed from the rows by
        default (with several sources, the days that all cover). See Notes.
    territory : str or Territory
        Whose base units make the grid, with the other codes seen, if any; the codes seen
        alone where none is of the territory.

    Returns
    -------
    DataFrame
        The columns of `by` (year, quarter and month as periods), `numerator` (Int64),
        `status`, `unit`, `days` (covered days of the cell). "zero": none, in covered
        days; "missing": no covered day; "provisional": a period covered in part, or all
        places together of which one is silent. Missing answers have the code "unknown"; an
        unknown hour is missing. Sorted by `by`.

    Raises
    ------
    SchemaError
        A column is absent, an event has no territory or no date where they are asked
        for, event_id is repeated, a report number is missing for unit "pv", or a column is
        of another type (codes that are numbers, dates that are periods).
    CodeError
        A code of `where` that is unknown, with the nearest.
    ObsError
        An unknown unit, a bad coverage, an unreadable file, a faulty `by` or `where`.

    Notes
    -----
    Assumed coverage leaves out whole years without an event, and a few events far from all
    others do not stretch it. A territory that falls silent while the others go on is not
    covered on these days, unless COVERAGE names it (`obs.stats.silent_gaps`).

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({
    ...     "territory": ["21004", "21004", "21001"],
    ...     "event_date": pd.to_datetime(["2023-01-01", "2023-06-30", "2023-12-31"]),
    ...     "phenomenon": ["theft_other", "robbery", "robbery"]})
    >>> counts = count_events(events, where={"phenomenon": "robbery"})
    >>> counts.head(4)[["territory", "year", "numerator", "status", "days"]]
      territory  year  numerator status  days
    0     21001  2023          1     ok   365
    1     21002  2023          0   zero   365
    2     21003  2023          0   zero   365
    3     21004  2023          1     ok   365
    """
    unit = _checked_unit(unit)
    place = load_territory(territory)
    table = mark_unplaced(open_events(events), place)
    by = _checked_by(by, table.columns)
    times = [k for k in by if k in _TIME]
    seen = look_over(table, dated=bool(times) or coverage is not None)
    covered = follow_days(_covered_days(table, coverage, territory), {*seen.territories}, place)
    table = follow_events(table, place)
    check_codes(table, _as_filter(where), _known_codes(territory))
    chosen = add_times(keep(table, where or {}), times)
    counted = _typed_columns(
        count_rows(chosen, {k: _grid_key(chosen, k) for k in by}, unit=unit), by
    )
    observed = None if seen.first is None else make_window(None, *_all_dates(table, seen))
    span = _widest(covered.span, observed)
    grid = time_grid(covered.common, span, times)
    for key in (k for k in by if k not in times):
        grid = grid.merge(_grid_codes(key, counted, seen, territory), how="cross")
    grid = _days_apart(grid, covered, span, times)
    result = grid.merge(counted, on=by, how="left") if by else grid.assign(**counted.iloc[0])
    result = _set_status(result, unit, partial=any(k in FREQUENCIES for k in by))
    columns = [*by, "numerator", "status", "unit", "days"]
    return result[columns].sort_values(by, ignore_index=True) if by else result[columns]


def _covered_days(table: ir.Table, coverage: Coverage, territory: str | Territory) -> CoveredDays:
    if "event_date" not in table.columns:
        return CoveredDays((), {})
    return find_covered_days(table, coverage, load_territory(territory))


def _widest(*spans: Window | None) -> Window | None:
    known = [s for s in spans if s is not None]
    return (min(s[0] for s in known), max(s[1] for s in known)) if known else None


def _days_apart(
    grid: pd.DataFrame, covered: CoveredDays, span: Window | None, times: Sequence[str]
) -> pd.DataFrame:
    """Put the days of the territories that are covered otherwise than the others."""
    grid = grid.assign(lacking=False)
    for code, stretches in covered.apart.items():
        own = time_grid(stretches, span, times).drop(columns="full")
        fewer = grid[times].merge(own, on=times, how="left") if times else own
        days = fewer["days"].to_numpy() if times else np.full(len(grid), int(own["days"].iloc[0]))
        if "territory" in grid:
            grid["days"] = grid["days"].mask(grid["territory"] == code, days)
        else:
            grid["lacking"] |= days < grid["days"]
    return grid


def _set_status(table: pd.DataFrame, unit: str, *, partial: bool) -> pd.DataFrame:
    numerator = table["numerator"].astype("Int64").fillna(0)
    uncovered, none = table["days"] == 0, numerator == 0
    cut = ((table["days"] < table["full"]) | table["lacking"]) & partial
    status = np.select(
        [uncovered & none, uncovered | cut, none], ["missing", "provisional", "zero"], "ok"
    )
    return table.assign(
        numerator=numerator.mask(uncovered & none),
        status=pd.Series(status, index=table.index, dtype="str"),
        unit=pd.Series(unit, index=table.index, dtype="str"),
        days=table["days"].astype("Int64"),
    )


def _grid_codes(
    key: str, counted: pd.DataFrame, seen: Overview, territory: str | Territory
) -> pd.DataFrame:
    """List the codes of one column of the grid."""
    if key == "territory":
        place = load_territory(territory)
        units = place.codes(place.base_level)
        others = [c for c in seen.territories if c not in [*units, *place.former_units]]
        none_of_ours = others and len(others) == len(seen.territories)
        codes = others if none_of_ours else [*units, *others]
        return pd.DataFrame({key: pd.Series(codes, dtype="str")})
    known = set(counted[key].dropna()) - {UNKNOWN}
    known |= (
        set(_HOURS.get(key, ())) if known else set()
    )  # hours that are never recorded are not zeros
    rest = [UNKNOWN] if UNKNOWN in set(counted[key]) else []
    rest = [pd.NA] if counted[key].isna().any() else rest
    return pd.DataFrame({key: pd.array([*sorted(known), *rest], dtype=counted[key].dtype)})


def _grid_key(table: ir.Table, key: str) -> ir.Value:
    if key in _TIME:
        return table[f"{key}_of_day"]
    if key == "hour":
        if "event_hour" not in table.columns:
            raise SchemaError("table EVENTS: column event_hour is absent, which 'hour' counts")
        return table["event_hour"]
    return as_codes(table, key)


def _typed_columns(counted: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for key in by:
        if key in FREQUENCIES:
            ordinals = counted[key].to_numpy(dtype="int64")
            columns[key] = pd.PeriodIndex.from_ordinals(ordinals, freq=FREQUENCIES[key])
        else:
            columns[key] = counted[key].astype("Int64" if key in ("weekday", "hour") else "str")
    return pd.DataFrame({**columns, "numerator": counted["numerator"].astype("Int64")})


def _all_dates(table: ir.Table, seen: Overview) -> tuple[dt.date | None, dt.date | None]:
    """Give the first and the last event of any source, which the grid must hold."""
    if "source" not in table.columns:
        return seen.first, seen.last
    ends = covered_by_source(table)
    return ends["first"].min().date(), ends["last"].max().date()


def _checked_unit(unit: str | None) -> str:
    if unit not in (None, "fact", "pv"):
        raise ObsError(
            f"unit {unit!r}: events count as 'fact' (rows) or 'pv' (distinct reports); "
            "other units come from delivered counts"
        )
    return unit or "fact"


def _as_filter(where: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if where is None or isinstance(where, Mapping):
        return where or {}
    raise ObsError(
        f"where must be a mapping of columns to codes, such as {{'form': 'physical'}}, not a "
        f"{type(where).__name__}"
    )


def _known_codes(territory: str | Territory) -> dict[str, Sequence[str]]:
    """Give the closed codes of the columns that have some; `offence` is the supplier's own."""
    place = load_territory(territory)
    known: dict[str, Sequence[str]] = {
        "territory": [*place.codes(place.base_level), *place.unplaced_units],
        "phenomenon": load_phenomena()["code"].tolist(),
        "hour_band": _HOURS["hour_band"],
        "event_hour": _HOURS["hour"],
    }
    for column in _LISTED:
        codes = EVENTS.columns[column].allowed or load_codelist(column)["code"].tolist()
        known[column] = [c for c in codes if c != ALL]
    return known


def _checked_by(by: Sequence[str], columns: Sequence[str]) -> list[str]:
    if not isinstance(by, str | list | tuple) or not all(isinstance(k, str) for k in by):
        raise ObsError(f"by must be a column or a list of columns, not {str(by)[:60]!r}")
    keys = [by] if isinstance(by, str) else list(by)
    wrong = [k for k in keys if k in _RESERVED]
    if wrong or len(set(keys)) < len(keys):
        raise ObsError(
            f"by={keys}: name each column once, and none of {', '.join(_RESERVED)}, "
            "which the result adds"
        )
    known = [*_TIME, "hour", *columns]
    if unknown := [k for k in keys if k not in known]:
        hints = "".join(nearest_names(k, known) for k in unknown)
        raise SchemaError(
            f"by: column(s) {', '.join(unknown)} absent.{hints} Known: {', '.join(known)}"
        )
    return keys
