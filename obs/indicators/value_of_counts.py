"""Express counts as what an indicator is: a share, a rate, a count per day or the count itself."""

from __future__ import annotations

import pandas as pd

from obs.catalogue import Indicator
from obs.indicators.count.denominators import add_exposure
from obs.indicators.estimate.rates import add_rate, add_share
from obs.reference import UNPLACED, Territory
from obs.schemas import INDEX_POINT, NO_DENOMINATOR

__all__ = ["express_counts"]


def express_counts(
    table: pd.DataFrame,
    entry: Indicator,
    counts: pd.DataFrame | None,
    exposure: pd.DataFrame | None,
    place: Territory,
) -> pd.DataFrame:
    """Turn counts into values of the kind the indicator is; points of an index have no interval."""
    if entry.kind == "share":
        table = table.assign(denominator=table["whole"].astype("Float64"), scale="share")
        return add_share(table).assign(n=table["whole"], denominator_flag="observed")
    if entry.kind == "rate":
        rated = add_exposure(table, entry, counts=counts, exposure=exposure, place=place)
        given = exposure is not None and exposure["kind"].isin(entry.denominators).any()
        if rated["denominator"].notna().any() or given:
            rated = add_rate(rated, per=entry.per).assign(n=table["numerator"])
            return _without_denominator(_of_no_population(rated, table["status"], place))
    made = _as_counts(table, per_day=entry.kind == "per_day", flag=entry.kind == "rate")
    unknown = pd.array([pd.NA] * len(made), dtype="Float64")
    return made.assign(low=unknown, high=unknown) if entry.unit == INDEX_POINT else made


def _without_denominator(rated: pd.DataFrame) -> pd.DataFrame:
    """Give a value without a denominator its reason."""
    unknown = rated["denominator"].isna() & rated["numerator"].notna()
    reason = pd.Series(rated.get("reason", pd.NA), index=rated.index, dtype="str")
    return rated.assign(reason=reason.mask(unknown & reason.isna(), NO_DENOMINATOR))


def _of_no_population(rated: pd.DataFrame, counted: pd.Series, place: Territory) -> pd.DataFrame:
    """Keep the status of facts without a known place: they have no population to divide by."""
    unplaced = rated["territory"].isin([*place.unplaced_units])
    reason = pd.Series(rated.get("reason", pd.NA), index=rated.index, dtype="str")
    return rated.assign(
        status=rated["status"].mask(unplaced, counted),
        reason=reason.mask(unplaced & reason.isna(), UNPLACED),
    )


def _as_counts(table: pd.DataFrame, *, per_day: bool, flag: bool) -> pd.DataFrame:
    """Give the count itself, or the count per day, as the value."""
    days = table["answered" if "answered" in table else "days"].astype("Float64")
    size = days if per_day else pd.Series(1.0, index=table.index)
    rated = add_rate(table.assign(denominator=size), per=1)
    without = "missing" if flag else pd.NA  # a rate whose denominator nobody knows
    return rated.assign(
        denominator=size if per_day else pd.Series(pd.NA, index=table.index, dtype="Float64"),
        denominator_flag="observed" if per_day else without,
        scale="per_day" if per_day else "count",
        n=table["numerator"],
    )
