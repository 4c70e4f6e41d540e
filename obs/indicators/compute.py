"""Compute one indicator of the catalogue from its source, at every level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from ibis.expr import types as ir

from obs.catalogue import Indicator, get_indicator
from obs.errors import ObsError, SchemaError
from obs.indicators.count.coverage_by_place import Coverage
from obs.indicators.count.covered_days import FREQUENCIES
from obs.indicators.count.delivered_periods import cut_to_coverage
from obs.indicators.count.denominators import add_exposure
from obs.indicators.count.facts_looked_over import look_over_facts
from obs.indicators.count.from_counts import count_from_counts
from obs.indicators.count.from_events import count_from_events
from obs.indicators.count.from_records import RECORDS, Source, count_records, provenance_of_counts
from obs.indicators.count.merged_units import (
    explain_missing_facts,
    explain_missing_parts,
    follow_counts,
)
from obs.indicators.count.tally import mark_unplaced, open_events
from obs.indicators.estimate.hidden_population import compute_recapture
from obs.indicators.estimate.severity import count_by_weight, weigh_severity
from obs.indicators.survey import Survey, compute_survey, compute_unreported
from obs.indicators.value_of_counts import express_counts
from obs.query_engine.open_engine import DUCKDB, QueryEngine
from obs.reference import UNPLACED, Territory, load_severity_weights, load_territory
from obs.schemas import COUNTS, INDICATORS, check_table, nearest_names

__all__ = ["compute", "open_once"]


def compute(
    indicator: str | Indicator,
    sources: Mapping[str, Source | Sequence[pd.DataFrame] | Sequence[Survey]],
    *,
    by: str = "territory",
    period: str = "year",
    breakdown: Sequence[str] = (),
    territory: str | Territory = "brussels",
    exposure: pd.DataFrame | None = None,
    coverage: Coverage = None,
    weights: pd.DataFrame | str | Path | None = None,
    base: str | int | None = None,
) -> pd.DataFrame:
    """Compute an indicator by its definition in the catalogue, at every level.

    Parameters
    ----------
    indicator : str or Indicator
        Its id, or an entry of another catalogue.
    sources : mapping
        Source name of the catalogue ("police") -> EVENTS (frame, path of Apache Parquet,
        Ibis table), COUNTS (frame or path), or several COUNTS frames, for example base
        units and a delivery of a higher level; "survey" -> the waves, each a `Survey`;
        "prosecutor" -> CASES; "helpline" -> CALLS or CALL_DAYS; "services" -> SERVICES;
        "lists" -> persons or histories, columns of 0 and 1. Not modified.
    by : {"territory"}
        Values are always given by territory, every level in one table.
    period : {"year", "quarter", "month", "week"}
        Length of the periods.
    breakdown : sequence of str
        Columns that the indicator allows; totals have the code "all".
    territory : str or Territory
        The units and levels. Counts of codes that are of none of its units are in no total,
        and the `reason` of the whole says that there are some.
    exposure : DataFrame, optional
        EXPOSURE to use before that of the counts and of the reference.
    coverage : two dates or DataFrame, optional
        First and last day that the source covers, or COVERAGE, by place. By default assumed
        from its rows: facts and calls as in `count_events`, cases as in
        `obs.stats.flow_stretches`, counts of periods as delivered. A delivered count of a
        period covered in part is provisional; one that is not delivered is missing.
    weights : DataFrame or path, optional
        Of a severity index: phenomenon, weight, source, year (`load_severity_weights`).
    base : str or int, optional
        Of a severity index, the year in which the whole territory is 100; the catalogue's by
        default.

    Returns
    -------
    DataFrame
        INDICATORS, sorted by level (finest first), territory, breakdown and period.
        `reason` says why values do not apply: "absent_from_source" (the source never has
        what the indicator counts), "incomplete_in_source" (it has only a part of it),
        "mixed_units", "other_unit", "longer_periods" (years are delivered, months asked
        for), "before_first_period"; or, beside a value, that it lacks what days without
        a count would add: "untold_days" (a line that did not answer, a place that fell silent), or
        that it is the sum of its parts where the source gives another total:
        "total_differs", or that the source also counts codes of no unit of the territory:
        "other_places"; or that its denominator is not known: "no_denominator" (a year that the
        delivered population lacks).

    Raises
    ------
    ObsError
        An unknown period or breakdown, an absent source.
    CatalogueError, SchemaError, CodeError
        An unknown indicator; faulty tables; codes that are not of the territory.

    Notes
    -----
    A period covered in part is "provisional" and is not scaled up. A sum over withheld
    parts is withheld, unless the supplier gives that total itself. A total delivered
    with its parts is never added to them; where it is not their sum, the sum is taken and
    its reason says so (of what does not add up over areas, the total). One table has one scale:
    dwellings only where they are known for every row, and counts if no denominator is known.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.date_range("2020-01-01", "2020-12-31")
    >>> events = pd.DataFrame({"event_date": days, "territory": "21004",
    ...     "phenomenon": "bicycle_theft", "synthetic": True, "source": "police"})
    >>> table = compute("bicycle_theft", {"police": events})
    >>> table.loc[table["level"] == "region", ["numerator", "value", "scale", "status"]].round(4)
        numerator   value                  scale status
    25        366  0.3004  per_1000_inhabitants     ok
    """
    entry = get_indicator(indicator) if isinstance(indicator, str) else indicator
    if not isinstance(entry, Indicator):
        raise ObsError(f"indicator must be an id of the catalogue, not a {type(entry).__name__}")
    _check_options(entry, sources, by, period, breakdown)
    _check_weighing(entry, period, weights=weights is not None, base=base is not None)
    place = load_territory(territory)
    if entry.source == "survey":
        of_survey = compute_unreported if entry.kind == "unreported" else compute_survey
        return of_survey(entry, sources["survey"], breakdown=breakdown, place=place)
    if entry.source == "lists":
        return compute_recapture(entry, sources["lists"], place=place)
    if entry.source in RECORDS:
        table = count_records(sources[entry.source], entry, period, breakdown, place, coverage)
        table = _before_first(table, entry)
        return _indicators_table(
            express_counts(table, entry, None, exposure, place), entry, place, breakdown
        )
    source = _open_source(sources[entry.source], entry.source)
    lacking = None
    if isinstance(source, pd.DataFrame):
        source = cut_to_coverage(source, coverage, place)
    if isinstance(source, pd.DataFrame) and place.mergers:
        source, lacking = follow_counts(source, place)
    if weights is not None:
        known = load_severity_weights(weights)
        year = base if base is not None else entry.base
        return _severity(source, entry, known, year, exposure, place, coverage)
    whole = get_indicator(entry.whole) if entry.whole else None
    if isinstance(source, ir.Table):
        source = mark_unplaced(source, place)
        table = _from_events(source, entry, whole, period, breakdown, place, coverage)
        counts = None
    else:
        table, counts = _from_counts(source, entry, whole, period, breakdown, place), source
        table = table if lacking is None else explain_missing_parts(table, lacking)
    table = _before_first(table, entry)
    table = express_counts(table, entry, counts, exposure, place)
    return _indicators_table(table, entry, place, breakdown)


def _severity(
    source: ir.Table | pd.DataFrame,
    entry: Indicator,
    weights: pd.DataFrame,
    base: str | int,
    exposure: pd.DataFrame | None,
    place: Territory,
    coverage: Coverage,
) -> pd.DataFrame:
    """Weigh the counts of every phenomenon; the whole territory is 100 in the base year."""
    if isinstance(source, ir.Table):
        looked = look_over_facts(source, coverage, place)
        source, covered = looked.table, looked.covered if looked.covered.span else None
        provenance, counts = looked.provenance, None
    else:
        covered, counts = None, source
        provenance = provenance_of_counts(source, entry)
    parts = count_by_weight(source, entry, weights=weights, place=place, covered=covered)
    parts = add_exposure(parts, entry, counts=counts, exposure=exposure, place=place)
    used = weights[weights["phenomenon"].isin(parts["phenomenon"])]
    table = weigh_severity(parts, weights=used, base=base, reference=place.top)
    about = parts.drop_duplicates(["territory", "period"])
    kept = ["territory", "period", "unit", "days", "covered_from", "covered_to"]
    table = table.drop(columns="largest_weight").merge(
        about[[*kept, "denominator_flag"]], on=["territory", "period"]
    )
    table = table.assign(
        **provenance,
        scale=f"index_{base}",
        n=table["numerator"],
        reason=pd.Series(pd.NA, index=table.index, dtype="str"),
    )
    early = table["period"].dt.year < int(entry.first_period)
    for column in ("value", "low", "high"):
        table[column] = table[column].mask(early)
    return _indicators_table(_before_first(table, entry), entry, place, ())


def _from_events(
    table: ir.Table,
    entry: Indicator,
    whole: Indicator | None,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
    coverage: Coverage,
) -> pd.DataFrame:
    looked = look_over_facts(table, coverage, place)
    if not looked.covered.span:
        raise SchemaError(
            "table EVENTS has no row, so the days it covers are not known: "
            "pass coverage=(first day, last day), or leave the source out"
        )
    counted = count_from_events(
        looked.table,
        entry,
        whole,
        seen=looked.seen,
        covered=looked.covered,
        period=period,
        breakdown=breakdown,
        place=place,
    )
    return explain_missing_facts(counted, place).assign(**looked.provenance)


def _from_counts(
    counts: pd.DataFrame,
    entry: Indicator,
    whole: Indicator | None,
    period: str,
    breakdown: Sequence[str],
    place: Territory,
) -> pd.DataFrame:
    options: dict[str, Any] = {"period": period, "breakdown": breakdown, "place": place}
    table = count_from_counts(counts, entry, **options)
    if whole is not None:
        keys = ["territory", "period", *breakdown]
        base = count_from_counts(counts, whole, **options)[[*keys, "numerator", "unit"]]
        table = table.merge(
            base.rename(columns={"numerator": "whole", "unit": "whole_unit"}), on=keys, how="left"
        )
        other = (table["unit"] != table["whole_unit"]) & (table["status"] != "not_applicable")
        table["status"] = table["status"].mask(other, "not_applicable")
        table["reason"] = table["reason"].mask(other, "mixed_units")
    return table.assign(**provenance_of_counts(counts, entry))


def _before_first(table: pd.DataFrame, entry: Indicator) -> pd.DataFrame:
    early = table["period"].dt.year < int(entry.first_period)
    unused = early & (table["status"] != "not_applicable")
    return table.assign(
        numerator=table["numerator"].mask(early),
        status=table["status"].mask(early, "not_applicable"),
        reason=table["reason"].mask(unused, "before_first_period"),
    )


def _indicators_table(
    table: pd.DataFrame, entry: Indicator, place: Territory, breakdown: Sequence[str]
) -> pd.DataFrame:
    table = table.assign(
        indicator=entry.id,
        level=table["territory"].map({c: place.level_of(c) for c in table["territory"].unique()}),
        grade=pd.Series(pd.NA, index=table.index, dtype="str"),
        denominator_flag=pd.Series(table["denominator_flag"], dtype="str"),
    )
    levels = (*place.levels, *place.beyond_levels)
    order = {UNPLACED: 0.5} | {level: float(i) for i, level in enumerate(levels)}
    table = table.assign(order=table["level"].map(order))
    for column in breakdown:  # totals first
        table[f"order_{column}"] = (table[column] != "all").astype(int)
    keys = [k for c in breakdown for k in (f"order_{c}", c)]
    table = table.sort_values(["order", "territory", *keys, "period"])
    kept = [*(c for c in INDICATORS.columns if c in table), *breakdown, "reason"]
    return check_table(table[list(dict.fromkeys(kept))], INDICATORS)


def open_once(source: Any, engine: QueryEngine = DUCKDB) -> Any:
    """Open a frame of EVENTS for many indicators, on an engine; any other source is given as it is.

    The frame of each indicator by itself would be kept by the engine, one beside the other.
    """
    if isinstance(source, pd.DataFrame) and "event_id" in source.columns:
        return open_events(source, typed=False, engine=engine)
    return source


def _open_source(source: Any, name: str) -> ir.Table | pd.DataFrame:
    """Open EVENTS lazily and COUNTS as one frame; their columns say which it is."""
    if isinstance(source, list | tuple):
        tables = [_open_source(part, name) for part in source]
        if not tables or any(isinstance(t, ir.Table) for t in tables):
            raise ObsError("several tables for one source must all be COUNTS")
        return check_table(pd.concat(tables, ignore_index=True), COUNTS)
    if not isinstance(source, pd.DataFrame | str | Path | ir.Table):
        raise SchemaError(
            f"source '{name}' must be a DataFrame, the path of an Apache Parquet file or an Ibis "
            f"table, not a {type(source).__name__}"
        )
    if isinstance(source, pd.DataFrame):
        return check_table(source, COUNTS) if _is_counts(source.columns) else open_events(source)
    table = open_events(source, typed=False)
    if not _is_counts(table.columns):
        return open_events(table)
    if isinstance(source, ir.Table):
        raise ObsError("counts are read from a frame or a file, not from an Ibis table")
    return check_table(pd.read_parquet(source), COUNTS)


def _is_counts(columns: Sequence[str]) -> bool:
    return "numerator" in columns and "period" in columns


def _check_weighing(entry: Indicator, period: str, *, weights: bool, base: bool) -> None:
    if entry.kind != "severity":
        if weights or base:
            raise ObsError(f"indicator '{entry.id}': only a severity index has weights and a base")
        return
    if not weights:
        raise ObsError(
            f"indicator '{entry.id}' needs weights=: a table of phenomenon, weight, source, year. "
            "They are the observatory's, the library has none."
        )
    if period != "year":
        raise ObsError(f"indicator '{entry.id}': its base is a year, so period='year'")


def _check_options(
    entry: Indicator,
    sources: Mapping[str, Any],
    by: str,
    period: str,
    breakdown: Sequence[str],
) -> None:
    if isinstance(breakdown, str) or not isinstance(breakdown, Sequence):
        raise ObsError(f"breakdown takes a sequence of columns: ({str(breakdown)[:40]!r},)")
    if not isinstance(sources, Mapping):
        raise ObsError(
            f"sources must be a mapping of names to tables, such as {{'{entry.source}': table}}, "
            f"not a {type(sources).__name__}"
        )
    faults = []
    if by != "territory":
        faults.append(f"by={by!r}: values are given by 'territory'")
    if period not in FREQUENCIES:
        faults.append(f"period {period!r} is not one of {', '.join(FREQUENCIES)}")
    if wrong := [c for c in breakdown if c not in entry.breakdowns]:
        allowed = ", ".join(entry.breakdowns) or "none"
        hints = "".join(nearest_names(c, entry.breakdowns) for c in wrong)
        named = ", ".join(map(str, wrong))
        faults.append(f"'{entry.id}' is not broken down by {named} (allowed: {allowed}){hints}")
    if entry.asked is None and (lacking := [c for c in entry.without_total if c not in breakdown]):
        faults.append(
            f"it has no total over {', '.join(lacking)}: ask for breakdown "
            f"{', '.join([*lacking, *breakdown])}"
        )
    if entry.source == "survey" and period != "year":
        faults.append("a survey is of a year: period='year'")
    if entry.source not in sources:
        given = ", ".join(map(str, sources)) or "none"
        faults.append(f"source '{entry.source}' is absent; given: {given}")
    if faults:
        raise ObsError(f"indicator '{entry.id}': " + "; ".join(faults))
