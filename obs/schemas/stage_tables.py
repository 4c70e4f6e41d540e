"""List the tables that cross a stage: what is delivered, computed and accounted for."""

from __future__ import annotations

from obs.schemas.account_tables import COVERAGE, REJECTED, REPORT, UNMATCHED
from obs.schemas.computed_tables import (
    COMPARED,
    COMPARISONS,
    EXPOSURE,
    INCIDENCE,
    INDICATORS,
    QUANTILES,
    TRENDS,
)
from obs.schemas.delivered_tables import (
    ANSWERS,
    CALL_DAYS,
    CALLS,
    CASE_COUNTS,
    CASES,
    COUNTS,
    EVENTS,
    RESPONDENTS,
    SERVICES,
)

__all__ = [
    "ANSWERS",
    "CALLS",
    "CALL_DAYS",
    "CASES",
    "CASE_COUNTS",
    "COMPARED",
    "COMPARISONS",
    "COUNTS",
    "COVERAGE",
    "EVENTS",
    "EXPOSURE",
    "INCIDENCE",
    "INDICATORS",
    "QUANTILES",
    "REJECTED",
    "REPORT",
    "RESPONDENTS",
    "SCHEMAS",
    "SERVICES",
    "TRENDS",
    "UNMATCHED",
]

SCHEMAS = {
    s.name: s
    for s in (
        EVENTS,
        COUNTS,
        CASES,
        CASE_COUNTS,
        RESPONDENTS,
        ANSWERS,
        CALLS,
        CALL_DAYS,
        SERVICES,
        INDICATORS,
        INCIDENCE,
        QUANTILES,
        TRENDS,
        COMPARISONS,
        EXPOSURE,
        REJECTED,
        COVERAGE,
        REPORT,
        UNMATCHED,
    )
}
