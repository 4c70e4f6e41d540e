"""Judge counts of whole periods by the days that their deliveries cover.

A count of a year of which nine months are covered is provisional, and of a year that is not
covered, missing. A count that is not delivered stays missing, whatever the coverage:
delivered counts hold their own zeros.
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

__all__ = ["COVERED_DAYS", "cut_to_coverage"]

COVERED_DAYS = ("covered_days", "first_covered", "last_covered")  # of each count
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
        declared = coverage
        if isinstance(coverage, pd.DataFrame) and source in set(coverage["source"]):
            declared = coverage[coverage["source"] == source]
        found = read_coverage(declared, place)
        parts.append(own if found is None else _marked(own, found[0], place))
    return pd.concat(parts).reindex(rows.index)


def _marked(rows: pd.DataFrame, covered: CoveredDays, place: Territory) -> pd.DataFrame:
    """Mark the counts of one source."""
    keys = rows[["territory", "period"]].drop_duplicates()
    of = {code: _days_of(code, covered, place) for code in keys["territory"].unique()}
    spans = [
        _inside(of[code], (period.start_time, period.end_time.normalize()))
        for code, period in zip(keys["territory"], keys["period"], strict=True)
    ]
    days = pd.DataFrame(spans, columns=[*COVERED_DAYS, "full"], index=keys.index)
    made = rows.merge(keys.join(days), on=["territory", "period"], how="left").set_index(rows.index)
    open_ = ~made["status"].isin(_NOTHING)
    uncovered = open_ & (made["covered_days"] == 0)
    cut = open_ & ~uncovered & (made["covered_days"] < made["full"]) & (made["status"] != "missing")
    return made.drop(columns="full").assign(
        status=made["status"].mask(uncovered, "missing").mask(cut, "provisional"),
        numerator=made["numerator"].mask(uncovered),
    )


def _days_of(code: str, covered: CoveredDays, place: Territory) -> Stretches:
    """Give the covered days of a unit; of a whole, those on which all its parts are covered."""
    if not covered.apart or code not in set(place.units["code"]):
        return covered.of(code)
    days = covered.of(place.members(code)[0])
    for member in place.members(code)[1:]:
        days = common_days(days, covered.of(member))
    return days


def _inside(stretches: Stretches, period: Window) -> tuple[int, pd.Timestamp, pd.Timestamp, int]:
    """Give the days of a period that are covered, the first and the last, and all its days."""
    own = common_days(stretches, (period,))
    days = sum((end - start).days + 1 for start, end in own)
    full = (period[1] - period[0]).days + 1
    first, last = (own[0][0], own[-1][1]) if own else (pd.NaT, pd.NaT)
    return days, first, last, full
