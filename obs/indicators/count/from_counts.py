"""Read the count of an indicator from counts that were delivered as such.

A total is never added to its parts, nor one unit to another. A sum with a missing or withheld
part is missing or withheld, unless the supplier gives the total itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from obs.catalogue import Indicator
from obs.errors import CodeError
from obs.indicators.count.covered_days import FREQUENCIES, fit_in
from obs.reference import Territory, descendants, load_phenomena
from obs.schemas import ALL, BREAKDOWNS, OTHER_PLACES, TOTAL_DIFFERS, WITHHELD

__all__ = [
    "ABSENT",
    "LONGER",
    "add_beyond",
    "add_levels",
    "count_from_counts",
    "note_other_places",
    "sum_by_keys",
]

ABSENT, PARTIAL = "absent_from_source", "incomplete_in_source"
MIXED, OTHER, LONGER = "mixed_units", "other_unit", "longer_periods"
_NONE, _MISSING = 2, 3
_RANK = {  # how little is known: the sum takes the highest of its parts
    "ok": 0,
    "zero": 0,
    "provisional": 1,
    "not_applicable": _NONE,
    "missing": _MISSING,
    **dict.fromkeys(WITHHELD, 4),
}


def count_from_counts(
    counts: pd.DataFrame,
    indicator: Indicator,
    *,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
) -> pd.DataFrame:
    """Count an indicator over territory, period and breakdown, at the levels delivered up.

    Gives territory, period, breakdowns, numerator, status, unit, reason, days,
    covered_from, covered_to.
    """
    counts, others = _prepared(counts, place)
    if not fit_in(str(counts["period"].dt.freq.freqstr), FREQUENCIES[period]):
        return _not_split(counts, indicator, period, breakdown, place)
    counts, others = (
        t.assign(delivered=t["period"], period=t["period"].dt.asfreq(FREQUENCIES[period]))
        for t in (counts, others)
    )
    codes = {c: _codes_of(c, counts, indicator) for c in breakdown}
    parts = []
    for combination in product(*codes.values()):
        shown = dict(zip(breakdown, combination, strict=True))
        part = _count_cell(counts, indicator, shown, place)
        elsewhere, _ = _delivered_rows(others, indicator, shown)
        part = note_other_places(part, elsewhere, place)
        absent = (part["reason"] == ABSENT).all() and set(combination) - {ALL}
        if not absent:  # a crossing that was not delivered gets no row
            parts.append(part.assign(**shown))
    table = pd.concat(parts, ignore_index=True)
    return _with_days(table, counts, period)


def add_levels(rows: pd.DataFrame, *, period: str, place: Territory) -> pd.DataFrame:
    """Add counts of one kind into every level; a sum with an unknown part is unknown.

    Takes territory, period, numerator, status; gives them with reason, days, covered_from,
    covered_to, for every unit from the finest level delivered up.
    """
    delivered = rows["period"]
    rows = rows.assign(delivered=delivered, period=delivered.dt.asfreq(FREQUENCIES[period]))
    filled = _fill_levels(_delivered_grid(rows, place), _add_rows(rows, rows), place, adds=True)
    return _with_days(filled, rows, period)


def add_beyond(rows: pd.DataFrame, *, period: str, place: Territory) -> pd.DataFrame:
    """Add counts of places beyond a territory by period; they are part of no unit and add to none.

    Takes and gives what `add_levels` does.
    """
    delivered = rows["period"]
    rows = rows.assign(delivered=delivered, period=delivered.dt.asfreq(FREQUENCIES[period]))
    added = _add_rows(rows, rows).assign(reason=pd.NA).astype({"reason": "str"})
    return _with_days(added, rows, period)


def note_other_places(
    table: pd.DataFrame, elsewhere: pd.DataFrame, place: Territory
) -> pd.DataFrame:
    """Say on the whole, for its periods, that the source also counts codes of none of its units.

    `elsewhere` has their rows: period and numerator.
    """
    periods = elsewhere.loc[elsewhere["numerator"].fillna(1) > 0, "period"]
    noted = (table["territory"] == place.top) & table["period"].isin(periods)
    return table.assign(reason=table["reason"].mask(noted & table["reason"].isna(), OTHER_PLACES))


def _count_cell(
    counts: pd.DataFrame, indicator: Indicator, shown: Mapping[str, str], place: Territory
) -> pd.DataFrame:
    """Count one cell of the breakdown for every territory and period delivered."""
    rows, reason = _delivered_rows(counts, indicator, shown)
    units = rows["unit"].unique()
    if reason is None:  # there are rows
        known = OTHER if units[0] not in indicator.units else None
        reason = MIXED if len(units) > 1 else known
    grid = _delivered_grid(counts, place)
    if reason is not None:
        return grid.assign(
            numerator=pd.array([pd.NA] * len(grid), dtype="Int64"),
            status="not_applicable",
            unit=indicator.unit,
            reason=reason,
        )
    adds = "area" in indicator.additive_over
    filled = _fill_levels(grid, _add_rows(rows, counts), place, adds=adds)
    return filled.assign(unit=units[0])


def _delivered_rows(
    counts: pd.DataFrame, indicator: Indicator, shown: Mapping[str, str]
) -> tuple[pd.DataFrame, str | None]:
    """Choose disjoint delivered rows that make up the cell, or say why there are none."""
    rows = counts
    if indicator.attempts != "included":
        if "attempt" not in rows:
            return rows.iloc[:0], ABSENT
        rows = rows.loc[rows["attempt"] == ("true" if indicator.attempts == "only" else "false")]
    columns = [c for c in BREAKDOWNS if c in counts and c not in ("phenomenon", "attempt")]
    for column in sorted(columns, key=lambda c: c in indicator.requires_all):  # narrow first
        rows, reason = _with_codes(rows, column, indicator, shown.get(column, ALL))
        if reason:
            return rows.iloc[:0], reason
    wanted = indicator.phenomena
    if shown.get("phenomenon", ALL) != ALL:
        wanted = (shown["phenomenon"],)
    return _with_phenomena(rows, wanted, indicator.exclude)


def _with_codes(
    rows: pd.DataFrame, column: str, indicator: Indicator, code: str
) -> tuple[pd.DataFrame, str | None]:
    """Keep one code, or what makes the total: the delivered total, else all its codes."""
    if code != ALL:
        return rows.loc[rows[column] == code], None
    allowed = indicator.where.get(column)
    whole = rows.loc[rows[column] == ALL]
    if allowed is None:
        by_phenomenon = rows["phenomenon"].isin(whole["phenomenon"].unique())
        return rows.loc[~by_phenomenon | (rows[column] == ALL)], None
    given = rows.loc[rows[column].isin(allowed)]
    if column in indicator.requires_all and set(given[column]) != set(allowed):
        if len(whole):
            return whole, None
        return given, PARTIAL if len(given) else ABSENT
    return given, None


def _with_phenomena(
    rows: pd.DataFrame, wanted: Sequence[str], exclude: Sequence[str]
) -> tuple[pd.DataFrame, str | None]:
    out = {below for code in exclude for below in descendants(code)}
    delivered = set(rows["phenomenon"]) - out
    if not wanted:
        inner = {d for code in delivered for d in descendants(code)[1:]}
        chosen = sorted(delivered - inner)
    else:
        cover = [_covering_codes(code, delivered) for code in wanted]
        branches = {d for code in wanted for d in descendants(code)}
        if any(c is None for c in cover):
            return rows.iloc[:0], PARTIAL if delivered & branches else ABSENT
        chosen = [code for c in cover if c is not None for code in c]
    found = rows.loc[rows["phenomenon"].isin(chosen)]
    return found, None if len(found) else ABSENT


def _covering_codes(code: str, delivered: set[str]) -> list[str] | None:
    """Give the delivered codes that together are this one: itself, or all its children."""
    if code in delivered:
        return [code]
    tree = load_phenomena()
    children = tree.loc[tree["parent"] == code, "code"]
    covers = [_covering_codes(child, delivered) for child in children]
    if not covers or any(c is None for c in covers):
        return None
    return [found for c in covers if c is not None for found in c]


def _add_rows(rows: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Add the rows of each territory and period; a part that lacks makes it missing."""
    kinds = [c for c in BREAKDOWNS if c in rows]
    parts = len(rows[kinds].drop_duplicates()) if kinds else 1
    by_delivery = sum_by_keys(rows, ["territory", "period", "delivered"], expected=parts)
    spans = counts.groupby("period")["delivered"].nunique()
    return sum_by_keys(by_delivery, ["territory", "period"], expected=spans)


def sum_by_keys(
    rows: pd.DataFrame, keys: list[str], *, expected: int | pd.Series = 1
) -> pd.DataFrame:
    """Add counts by keys; a sum is as unknown as the least known of its parts."""
    rank = rows["status"].map(_RANK)
    rank = rank.mask(rows["numerator"].isna() & (rank < _NONE), _MISSING)
    ranked = rows[[*keys, "numerator"]].assign(rank=rank)
    added = ranked.groupby(keys, as_index=False).agg(
        numerator=("numerator", "sum"),
        rank=("rank", "max"),
        least=("rank", "min"),
        size=("rank", "size"),
    )
    wanted = expected if isinstance(expected, int) else added["period"].map(expected)
    mixed = (added["rank"] == _NONE) & (added["least"] < _NONE)
    lacking = (added["size"] < wanted) & (added["rank"] < _MISSING)
    rank = added["rank"].mask(mixed | lacking, _MISSING)
    numerator = added["numerator"].astype("Int64").where(rank < _NONE)
    status = rank.map({0: "ok", 1: "provisional", 2: "not_applicable", 3: "missing"})
    status = status.fillna("suppressed_source").mask((rank == 0) & (numerator == 0), "zero")
    return added[keys].assign(numerator=numerator, status=status.astype("str"))


def _fill_levels(
    grid: pd.DataFrame, known: pd.DataFrame, place: Territory, *, adds: bool
) -> pd.DataFrame:
    """Add each level into the next, or take the delivered total; a reason tells a difference."""
    keys = ["territory", "period"]
    given = grid.merge(known, on=keys, how="left").assign(reason=pd.NA)
    given = given.astype({"reason": "str"})
    given["status"] = given["status"].fillna("missing")
    done = given.loc[given["level"] == given["level"].iloc[0]]
    parts = [done]
    for level in place.levels[place.levels.index(str(done["level"].iloc[0])) + 1 :]:
        upper = {child: code for code in place.codes(level) for child in place.children(code)}
        below = done.assign(territory=done["territory"].map(upper))
        added = sum_by_keys(below, keys)
        own = given.loc[given["level"] == level]
        done = _prefer_known_sum(added, own, adds=adds)
        parts.append(done)
    return pd.concat(parts, ignore_index=True).drop(columns="level")


def _prefer_known_sum(added: pd.DataFrame, own: pd.DataFrame, *, adds: bool) -> pd.DataFrame:
    """Take the sum where every part is known, else the total as delivered.

    What does not add up over areas keeps the total as delivered wherever there is one. A total
    that its supplier withholds is delivered.
    """
    both = own.merge(added, on=["territory", "period"], how="left", suffixes=("", "_added"))
    delivered = both["numerator"].notna() | both["status"].isin(WITHHELD)
    summed = ~delivered | (both["numerator_added"].notna() & adds)
    summed &= both["status_added"].notna()
    differs = (both["numerator"] != both["numerator_added"]).fillna(value=False).astype(bool)
    return both.assign(
        numerator=both["numerator"].mask(summed, both["numerator_added"]),
        status=both["status"].mask(summed, both["status_added"]),
        reason=both["reason"].mask(differs & summed, TOTAL_DIFFERS),
    )[own.columns]


def _prepared(counts: pd.DataFrame, place: Territory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the rows of this territory from those of other codes, their totals coded "all"."""
    levels = place.units.set_index("code")["level"]
    inside = counts["territory"].isin(levels.index)
    if not inside.any():
        raise CodeError(
            f"table COUNTS: no row is of territory '{place.name}' "
            f"({len(levels)} codes, such as {levels.index[0]}). Name the right territory."
        )
    totals = {c: counts[c].fillna(ALL) for c in BREAKDOWNS if c in counts and c != "phenomenon"}
    counts = counts.assign(**totals)
    return counts.loc[inside], counts.loc[~inside]


def _not_split(
    counts: pd.DataFrame,
    indicator: Indicator,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
) -> pd.DataFrame:
    """Give rows that do not apply where years were delivered and months or weeks are asked for."""
    freq = FREQUENCIES[period]
    years = counts["period"].unique()
    shorter = {p for y in years for p in pd.period_range(y.start_time, y.end_time, freq=freq)}
    asked = pd.DataFrame({"territory": counts["territory"].unique()}, dtype="str").merge(
        pd.DataFrame({"period": pd.PeriodIndex(sorted(shorter), freq=freq)}), how="cross"
    )
    grid = _delivered_grid(asked, place)
    return grid.drop(columns="level").assign(
        **dict.fromkeys(breakdown, ALL),
        numerator=pd.Series(pd.NA, index=grid.index, dtype="Int64"),
        status="not_applicable",
        unit=indicator.unit,
        reason=LONGER,
        days=pd.Series(pd.NA, index=grid.index, dtype="Int64"),
        covered_from=pd.Series(pd.NaT, index=grid.index, dtype="datetime64[us]"),
        covered_to=pd.Series(pd.NaT, index=grid.index, dtype="datetime64[us]"),
    )


def _delivered_grid(counts: pd.DataFrame, place: Territory) -> pd.DataFrame:
    """List every unit of the levels from the finest delivered up, with every period."""
    levels = place.units.set_index("code")["level"]
    delivered = set(counts["territory"].map(levels))
    first = next(i for i, level in enumerate(place.levels) if level in delivered)
    units = [(code, level) for level in place.levels[first:] for code in place.codes(level)]
    territories = pd.DataFrame(units, columns=["territory", "level"], dtype="str")
    periods = pd.DataFrame({"period": sorted(counts["period"].unique())})
    periods = periods.astype(counts["period"].dtype)
    return territories.merge(periods, how="cross")


def _codes_of(column: str, counts: pd.DataFrame, indicator: Indicator) -> list[str]:
    """List the codes of a breakdown that the delivery tells, total first."""
    if column == "phenomenon":
        branches = {d for code in indicator.phenomena for d in descendants(code)}
        inner = branches - set(indicator.phenomena)
        given = counts.loc[counts["unit"].isin(indicator.units), "phenomenon"]
        delivered = set(given) & inner
        nested = {d for code in delivered for d in descendants(code)[1:]}
        return [ALL, *sorted(delivered - nested)]
    if column not in counts:
        return [ALL]
    allowed = indicator.where.get(column)
    seen = set(counts[column]) - {ALL}
    return [ALL, *sorted(seen if allowed is None else seen & set(allowed))]


def _with_days(table: pd.DataFrame, counts: pd.DataFrame, period: str) -> pd.DataFrame:
    """Add the days of each period that the delivered periods make up."""
    spans = _spans(counts)
    days = spans.groupby("period", as_index=False).agg(
        days=("days", "sum"), covered_from=("covered_from", "min"), covered_to=("covered_to", "max")
    )
    full = (days["period"].dt.end_time.dt.normalize() - days["period"].dt.start_time).dt.days + 1
    days = days.assign(partial=days["days"] < full)
    result = table.merge(days, on="period", how="left")
    cut = result["partial"] & result["status"].isin(["ok", "zero"])
    return result.drop(columns="partial").assign(
        status=np.where(cut, "provisional", result["status"]),
        days=result["days"].astype("Int64"),
    )


def _spans(counts: pd.DataFrame) -> pd.DataFrame:
    """Give the days of each delivered period: all of them, or those that are covered."""
    if "covered_days" in counts:
        return counts.groupby(["period", "delivered"], as_index=False).agg(
            days=("covered_days", "max"),
            covered_from=("first_covered", "min"),
            covered_to=("last_covered", "max"),
        )
    spans = counts[["period", "delivered"]].drop_duplicates()
    opened = spans["delivered"].dt.start_time
    closed = spans["delivered"].dt.end_time.dt.normalize()
    return spans.assign(days=(closed - opened).dt.days + 1, covered_from=opened, covered_to=closed)
