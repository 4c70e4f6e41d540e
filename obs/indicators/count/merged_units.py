"""Follow merged units back in time: before a merger, a unit of today is the sum of its parts.

A whole of which a part is not known is missing, with the reason, never silently smaller.
"""

from __future__ import annotations

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
from ibis.expr import types as ir

from obs.indicators.count.coverage_by_place import (
    Coverage,
    CoveredDays,
    Stretches,
    common_days,
    find_covered_days,
)
from obs.indicators.count.tally import Overview, look_over
from obs.reference import Merger, Territory
from obs.schemas import BREAKDOWNS, MERGED_PART

__all__ = [
    "flag_of_sum",
    "follow_counts",
    "follow_days",
    "follow_events",
    "follow_exposure",
    "follow_facts",
    "explain_missing_facts",
    "explain_missing_parts",
]

_NUMBERLESS = ("suppressed_source", "missing", "not_applicable")  # the least known goes first
_OF_SERVICES = ("activity", "measure", "part")  # what makes a class of services
_DAY = pd.Timedelta(days=1)


def follow_facts(
    table: ir.Table, coverage: Coverage, place: Territory
) -> tuple[ir.Table, Overview, CoveredDays]:
    """Give facts under the units of today, what they hold, and the covered days of each unit."""
    seen = look_over(table, dated=True)
    covered = find_covered_days(table, coverage, place)
    if not place.mergers:
        return table, seen, covered
    new = {part: one.new for one in place.mergers for part in one.parts}
    codes = tuple(sorted({new.get(code, code) for code in seen.territories}))
    covered = follow_days(covered, set(seen.territories), place)
    return follow_events(table, place), replace(seen, territories=codes), covered


def follow_events(table: ir.Table, place: Territory) -> ir.Table:
    """Give facts of units before a merger the code of the unit of today."""
    pairs = [(part, one.new) for one in place.mergers for part in one.parts if part != one.new]
    if not pairs or "territory" not in table.columns:
        return table
    code = table["territory"]
    cases = [(code == part, ibis.literal(new)) for part, new in pairs]
    return table.mutate(territory=ibis.cases(*cases, else_=code))


def follow_days(covered: CoveredDays, seen: set[str], place: Territory) -> CoveredDays:
    """Give the covered days of merged units: before the merger, those of every part.

    `seen` are the codes that facts have. Where a part has no fact and no coverage names it, while
    other parts have facts, the merged unit is not covered before the merger.
    """
    apart = dict(covered.apart)
    for one in place.mergers:
        parts = [part for part in one.parts if part != one.new]
        if not any(part in seen or part in covered.apart for part in parts):
            continue  # delivered as the units of today all along
        last = pd.Timestamp(one.date) - _DAY
        before = covered.of(one.new) if one.new in one.parts else covered.common
        for part in parts:
            silent = part not in seen and part not in covered.apart
            before = () if silent else common_days(before, covered.of(part))
        apart[one.new] = (*_until(before, last), *_from(covered.of(one.new), last + _DAY))
    return replace(covered, apart=apart)


def _until(stretches: Stretches, last: pd.Timestamp) -> Stretches:
    return tuple((a, min(b, last)) for a, b in stretches if a <= last)


def _from(stretches: Stretches, first: pd.Timestamp) -> Stretches:
    return tuple((max(a, first), b) for a, b in stretches if b >= first)


def follow_counts(counts: pd.DataFrame, place: Territory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add counts of units before a merger into those of today, by period and class.

    Gives the counts, and the territory and period of every sum that lacks a part. A count that
    is delivered of the unit of today itself stands for the sum. What is delivered under old codes
    after the merger is summed likewise.
    """
    lacking = []
    for one in place.mergers:
        early = counts["period"].dt.start_time < pd.Timestamp(one.date)
        of_parts = counts["territory"].isin(_others(one)) | (
            early & counts["territory"].isin([*one.parts])
        )
        if not of_parts.any():
            continue
        rows = of_parts | (counts["territory"] == one.new)
        summed = _sum_parts(counts[rows], one)
        absent = summed.loc[summed["lacking"].astype(bool), ["territory", "period"]]
        lacking.append(absent.drop_duplicates())
        counts = pd.concat([counts[~rows], summed[counts.columns]], ignore_index=True)
    none = pd.DataFrame({"territory": pd.Series(dtype="str"), "period": counts["period"].iloc[:0]})
    return counts, pd.concat([none, *lacking], ignore_index=True)


def follow_exposure(known: pd.DataFrame, place: Territory) -> pd.DataFrame:
    """Add the denominators of units before a merger into those of today, year by year.

    Takes territory, year, exposure, flag. A sum that lacks a part is left out; one with an
    interpolated part is interpolated.
    """
    for one in place.mergers:
        early = known["year"] < one.date.year
        parts = known[known["territory"].isin([*one.parts]) & early]
        whole = set(known.loc[(known["territory"] == one.new) & early, "year"])
        if one.new in one.parts:
            whole = set()
        sizes = parts.groupby("year")["territory"].nunique()
        years = set(sizes[sizes == len(one.parts)].index) - whole
        added = parts[parts["year"].isin(years)].groupby("year", as_index=False)
        summed = added.agg(exposure=("exposure", "sum"), flag=("flag", flag_of_sum))
        gone = known["territory"].isin([*one.parts]) & early
        rest = known[~gone]
        known = pd.concat(
            [rest, summed.assign(territory=one.new)[known.columns]], ignore_index=True
        )
    return known


def flag_of_sum(flags: pd.Series) -> str:
    """Give the flag of a sum of denominators: observed only if every part is."""
    return "observed" if (flags == "observed").all() else "interpolated"


def explain_missing_facts(table: pd.DataFrame, place: Territory) -> pd.DataFrame:
    """Give merged units that are missing before their merger the reason: a part is not known."""
    which = pd.Series(data=False, index=table.index)
    for one in place.mergers:
        early = table["period"].dt.start_time < pd.Timestamp(one.date)
        which |= (table["territory"] == one.new) & early & (table["status"] == "missing")
    return table.assign(reason=table["reason"].mask(which & table["reason"].isna(), MERGED_PART))


def explain_missing_parts(table: pd.DataFrame, lacking: pd.DataFrame) -> pd.DataFrame:
    """Give the figures of merged units that lack a part the reason."""
    if lacking.empty:
        return table
    periods = lacking["period"].dt.asfreq(table["period"].dt.freq)
    pairs = set(zip(lacking["territory"], periods, strict=True))
    hit = [pair in pairs for pair in zip(table["territory"], table["period"], strict=True)]
    which = pd.Series(hit, index=table.index) & table["numerator"].isna()
    return table.assign(reason=table["reason"].mask(which & table["reason"].isna(), MERGED_PART))


def _others(one: Merger) -> list[str]:
    return [part for part in one.parts if part != one.new]


def _sum_parts(rows: pd.DataFrame, one: Merger) -> pd.DataFrame:
    """Sum the parts of one unit by period and class; a sum without one of them is missing."""
    keys = [c for c in ("period", "phenomenon", "unit", *BREAKDOWNS, *_OF_SERVICES) if c in rows]
    keys = list(dict.fromkeys(keys))
    made = [_whole(group, one) for _, group in rows.groupby(keys, dropna=False, sort=False)]
    return pd.concat(made, ignore_index=True)


def _whole(group: pd.DataFrame, one: Merger) -> pd.DataFrame:
    """Give the count of the unit of today for one period and class."""
    own = group[group["territory"] == one.new]
    parts = group[group["territory"].isin(_others(one))]
    absent = [part for part in _others(one) if part not in set(parts["territory"])]
    early = group["period"].iloc[0].start_time < pd.Timestamp(one.date)
    if one.new in one.parts and (early or len(parts)):  # its code was that of a part
        absent += [] if len(own) else [one.new]
        parts, own = group, own.iloc[:0]
    elif len(own) and len(parts) and [one.parts[part] for part in absent] == [one.name]:
        parts, own, absent = group, own.iloc[:0], []  # a part that has the name of the whole
    if len(own) and not _other_providers(parts, own):
        return own.assign(lacking=False)
    absent += [one.new] if len(own) else []  # of one provider the whole, of another the parts
    first = parts.head(1).assign(territory=one.new, lacking=bool(absent))
    status = _least_known(parts["status"])
    if absent:
        return first.assign(numerator=pd.array([pd.NA], dtype="Int64"), status="missing")
    if status in _NUMBERLESS or parts["numerator"].isna().any():
        least = status if status in _NUMBERLESS else "missing"
        return first.assign(numerator=pd.array([pd.NA], dtype="Int64"), status=least)
    total = int(parts["numerator"].sum())
    plain = "zero" if total == 0 else "ok"
    sizes = {
        c: [parts[c].sum(min_count=len(parts))] for c in ("population", "dwellings") if c in parts
    }
    return first.assign(
        numerator=pd.array([total], dtype="Int64"),
        status="provisional" if "provisional" in set(parts["status"]) else plain,
        **{c: np.array(v, dtype="float64") for c, v in sizes.items()},
    )


def _other_providers(parts: pd.DataFrame, own: pd.DataFrame) -> bool:
    return "provider" in parts and not set(parts["provider"]) <= set(own["provider"])


def _least_known(status: pd.Series) -> str:
    found = set(status)
    return next((one for one in _NUMBERLESS if one in found), "ok")
