"""Read the count of an indicator from activity counts of communes, zones and associations.

The total that a provider gives is taken, never the sum of its parts. A number that is only a
bound or an approximation is provisional.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from obs.catalogue import Indicator, get_indicator
from obs.errors import CodeError, ObsError
from obs.indicators.count.coverage_by_place import Coverage
from obs.indicators.count.covered_days import FREQUENCIES, fit_in
from obs.indicators.count.delivered_periods import COVERED_DAYS, cut_to_coverage
from obs.indicators.count.from_counts import add_beyond, add_levels, note_other_places
from obs.indicators.count.merged_units import explain_missing_parts, follow_counts
from obs.reference import Territory
from obs.schemas import ALL, SERVICES, check_table

__all__ = ["count_from_services"]


def count_from_services(
    services: pd.DataFrame,
    indicator: Indicator,
    *,
    period: str,
    place: Territory,
    coverage: Coverage,
) -> pd.DataFrame:
    """Count activities over territory and period, at the levels delivered up.

    Several providers of one activity add up. Gives territory, period, numerator, status,
    unit, reason, days, covered_from, covered_to and, for a share, `whole`: the count of the
    indicator that it is a share of, without which there is no share.
    """
    counted = _count_activities(services, indicator, period, place, coverage)
    if indicator.whole is None:
        return counted
    of = _count_activities(services, get_indicator(indicator.whole), period, place, coverage)
    of = of[["territory", "period", "numerator"]].rename(columns={"numerator": "whole"})
    made = counted.merge(of, on=["territory", "period"], how="left")
    known = made["whole"].notna() & made["numerator"].notna()
    told = known | made["status"].isin(["not_applicable", "suppressed_source"])
    return made.assign(
        whole=made["whole"].where(known),
        status=made["status"].where(told, "missing"),
        numerator=made["numerator"].where(known),
    )


def _count_activities(
    services: pd.DataFrame,
    indicator: Indicator,
    period: str,
    place: Territory,
    coverage: Coverage,
) -> pd.DataFrame:
    """Count the activities of one indicator."""
    table = check_table(_of_one_length(services, indicator), SERVICES)
    rows = table[table["activity"].isin(indicator.activities) & (table["part"] == ALL)]
    rows, lacking = follow_counts(cut_to_coverage(rows, coverage, place), place)
    if rows.empty:
        return _absent(table, indicator, period, place)
    _refuse_units(rows, indicator)
    if not fit_in(str(rows["period"].dt.freq.freqstr), FREQUENCIES[period]):
        raise ObsError(
            f"indicator '{indicator.id}': the activities are counted by longer periods than "
            f"'{period}'; ask for period='year'"
        )
    counted, elsewhere = _by_level(rows, indicator, period, place)
    counted = explain_missing_parts(counted, lacking)
    # the periods are those of its own rows: an empty frame takes the rows of what it is given
    elsewhere = elsewhere.assign(period=elsewhere["period"].dt.asfreq(FREQUENCIES[period]))
    return note_other_places(counted, elsewhere, place).assign(unit=indicator.unit)


def _by_level(
    rows: pd.DataFrame, indicator: Indicator, period: str, place: Territory
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add counts into every level, those beyond the territory apart; give also those of no unit."""
    beyond = rows["territory"].isin([*place.beyond_units])
    inside = rows["territory"].isin(set(place.units["code"]))
    if not (inside | beyond).any():
        raise CodeError(
            f"table SERVICES: no row of {', '.join(indicator.activities)} is of territory "
            f"'{place.name}'. Name the right territory."
        )
    bounded = rows["bound"].fillna("exact") != "exact"
    given = rows.assign(
        status=rows["status"].mask(bounded & rows["status"].isin(["ok", "zero"]), "provisional")
    )
    covered = [name for name in COVERED_DAYS if name in given]
    columns = ["territory", "period", "numerator", "status", *covered]
    parts = [
        add(given.loc[own, columns], period=period, place=place)
        for own, add in ((inside, add_levels), (beyond, add_beyond))
        if own.any()
    ]
    return pd.concat(parts, ignore_index=True), rows.loc[~inside & ~beyond]


def _of_one_length(services: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """Keep the counts by periods of one length: that by which the activities are counted.

    Deliveries by year and by month stand under one another; their periods are then objects.
    """
    if "period" not in services or services["period"].dtype != "object" or services.empty:
        return services
    lengths = services["period"].map(lambda period: period.freqstr)
    own = lengths[services["activity"].isin(indicator.activities)]
    if own.nunique() > 1:
        raise ObsError(
            f"indicator '{indicator.id}': {', '.join(indicator.activities)} are counted by periods "
            f"of several lengths ({', '.join(sorted(own.unique()))}), and one would be counted "
            "within the other. Deliver them by one length."
        )
    kept = services[lengths == (own if len(own) else lengths).iloc[0]].reset_index(drop=True)
    return kept.assign(period=pd.PeriodIndex(kept["period"]))


def _refuse_units(rows: pd.DataFrame, indicator: Indicator) -> None:
    others = sorted(set(rows["unit"]) - set(indicator.units))
    if others:
        raise ObsError(
            f"indicator '{indicator.id}' counts in {indicator.unit}, and table SERVICES has "
            f"{', '.join(others)} for {', '.join(indicator.activities)}: different units do not "
            "add up. Map the unit in the profile."
        )


def _absent(
    table: pd.DataFrame, indicator: Indicator, period: str, place: Territory
) -> pd.DataFrame:
    """Give rows that do not apply: the source never tells these activities."""
    periods = table["period"].dt.asfreq(FREQUENCIES[period]).drop_duplicates().sort_values()
    n = len(periods)
    return pd.DataFrame(
        {
            "territory": np.repeat(place.top, n),
            "period": periods.to_numpy(),
            "numerator": pd.array([pd.NA] * n, dtype="Int64"),
            "status": "not_applicable",
            "unit": indicator.unit,
            "reason": "absent_from_source",
            "days": pd.array([pd.NA] * n, dtype="Int64"),
            "covered_from": pd.Series(pd.NaT, index=range(n), dtype="datetime64[us]"),
            "covered_to": pd.Series(pd.NaT, index=range(n), dtype="datetime64[us]"),
        }
    ).astype({"period": f"period[{FREQUENCIES[period]}]"})
