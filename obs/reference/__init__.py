"""Provide reference data: places, names, denominators, codelists, calendar, plan."""

from obs.reference.calendar import (
    days_in_period,
    holidays_in_period,
    public_holidays,
)
from obs.reference.codelists import descendants, label, load_codelist, load_phenomena
from obs.reference.declared_coverage import DeclaredCoverage, coverage_faults
from obs.reference.exposure import load_exposure
from obs.reference.matching import explain_match, match_candidates, match_territory
from obs.reference.mergers import Merger, load_mergers
from obs.reference.observatory import Observatory, Source, load_observatory
from obs.reference.place_names import normalise_name
from obs.reference.registers import (
    is_bridged,
    load_breaks,
    load_help_lines,
    load_measures,
    load_report_statements,
)
from obs.reference.severity_weights import load_severity_weights
from obs.reference.similar import load_neighbours, load_similar
from obs.reference.territory import FORMER, UNPLACED, Territory, load_territory, make_territory

__all__ = [
    "FORMER",
    "UNPLACED",
    "DeclaredCoverage",
    "Merger",
    "Observatory",
    "Source",
    "Territory",
    "coverage_faults",
    "days_in_period",
    "descendants",
    "explain_match",
    "holidays_in_period",
    "is_bridged",
    "label",
    "load_breaks",
    "load_codelist",
    "load_exposure",
    "load_measures",
    "load_mergers",
    "load_neighbours",
    "load_observatory",
    "load_phenomena",
    "load_report_statements",
    "load_severity_weights",
    "load_help_lines",
    "load_similar",
    "load_territory",
    "make_territory",
    "match_candidates",
    "match_territory",
    "normalise_name",
    "public_holidays",
]
