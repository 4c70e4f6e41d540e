"""Judge counts of whole periods by the days that their deliveries cover.

A count of a year of which nine months are covered is provisional, and of a year that is not
covered, missing. A count that is not delivered stays missing, whatever is said to be covered:
delivered counts tell their own zeros.
"""

from __future__ import annotations

import pandas as pd

from obs.indicators.count.coverage_by_place import (
    Coverage,
    CoveredDays,
    Stretches,
    common_days,
    read_coverage,
)
from obs.indicators.count.covered_days import Window
from obs.reference import Territory
from obs.schemas import WITHHELD

__all__ = ["TOLD", "cut_to_coverage"]

TOLD = ("told_days", "told_from", "told_to")  # days covered of each count
_NOTHING = ("not_applicable", *WITHHELD)  # statuses that no day would change


def cut_to_coverage(rows: pd.DataFrame, coverage: Coverage, place: Territory) -> pd.DataFrame:
    """Mark counts by the days of their period that are covered, source by source.

    Takes territory, period, numerator, status and, of several suppliers, source. Adds the days
    covered of each, with the first and the last.
    """
    if coverage is None or rows.empty:
        return rows
    by = rows["source"].fillna("") if "source" in rows else pd.Series("", index=rows.index)
    parts = []
    for source, own in rows.groupby(by):
        told = coverage
        if isinstance(coverage, pd.DataFrame) and source in set(coverage["source"]):
            told = coverage[coverage["source"] == source]
        said = read_coverage(told, place)
        parts.append(own if said is None else _marked(own, said[0], place))
    return pd.concat(parts).reindex(rows.index)


def _marked(rows: pd.DataFrame, told: CoveredDays, place: Territory) -> pd.DataFrame:
    """Mark the counts of one source."""
    keys = rows[["territory", "period"]].drop_duplicates()
    of = {code: _days_of(code, told, place) for code in keys["territory"].unique()}
    spans = [
        _inside(of[code], (period.start_time, period.end_time.normalize()))
        for code, period in zip(keys["territory"], keys["period"], strict=True)
    ]
    days = pd.DataFrame(spans, columns=[*TOLD, "full"], index=keys.index)
    made = rows.merge(keys.join(days), on=["territory", "period"], how="left").set_index(rows.index)
    open_ = ~made["status"].isin(_NOTHING)
    untold = open_ & (made["told_days"] == 0)
    cut = open_ & ~untold & (made["told_days"] < made["full"]) & (made["status"] != "missing")
    return made.drop(columns="full").assign(
        status=made["status"].mask(untold, "missing").mask(cut, "provisional"),
        numerator=made["numerator"].mask(untold),
    )


def _days_of(code: str, told: CoveredDays, place: Territory) -> Stretches:
    """Give the days told of a unit: of a whole, those of all its parts."""
    if not told.apart or code not in set(place.units["code"]):
        return told.of(code)
    days = told.of(place.members(code)[0])
    for member in place.members(code)[1:]:
        days = common_days(days, told.of(member))
    return days


def _inside(stretches: Stretches, period: Window) -> tuple[int, pd.Timestamp, pd.Timestamp, int]:
    """Give the days of a period that are covered, the first and the last, and all its days."""
    own = common_days(stretches, (period,))
    days = sum((end - start).days + 1 for start, end in own)
    full = (period[1] - period[0]).days + 1
    first, last = (own[0][0], own[-1][1]) if own else (pd.NaT, pd.NaT)
    return days, first, last, full
