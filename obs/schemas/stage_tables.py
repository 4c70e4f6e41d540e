"""Define the tables that cross a stage: what one row is, the key, the columns."""

from __future__ import annotations

from obs.schemas.codes import (
    ALL,
    BOUNDS,
    CASE_CONTEXTS,
    CASE_LINKS,
    CHANGES,
    DECISIONS,
    DETECTABLE,
    FORMS,
    HOW_COVERED,
    NO_RESULTS,
    PEER_VERDICTS,
    POINTS,
    POSITIONS,
    REASONS,
    RELATIONS,
    STANDINGS,
    STATUSES,
    TURNS,
    UNITS,
    VERDICTS,
)
from obs.schemas.schema import Column, Schema

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
    "INDICATORS",
    "REJECTED",
    "REPORT",
    "RESPONDENTS",
    "SCHEMAS",
    "SERVICES",
    "TRENDS",
]


def _text(*, nullable: bool = True, allowed: tuple[str, ...] = (), required: bool = True) -> Column:
    return Column("text", nullable, allowed, required)


_LIMITS = (("low", "high"),)
_PROVENANCE = {
    "source": Column("text", required=False),
    "synthetic": Column("flag", nullable=False, required=False),
    "extracted": Column("date", required=False),
}

_DELIVERED_BREAKDOWNS = (
    *("place", "victim_sex", "victim_age_band", "suspect_sex", "suspect_age_band"),
)

EVENTS = Schema(
    "EVENTS",
    "a police fact",
    ("event_id",),
    {
        "event_id": _text(nullable=False),
        "report_id": _text(),
        "event_date": Column("date"),
        # day, month or year: where there is such a column, an event_date that is no day is the
        # first day of its month or year
        "date_precision": _text(allowed=("day", "month", "year"), required=False),
        "event_hour": Column("count"),
        "report_date": Column("date"),
        "extracted": Column("date"),
        "territory": _text(),
        "offence": _text(),
        "phenomenon": _text(),
        "attempt": Column("flag"),
        "form": _text(allowed=FORMS),
        "relation": _text(allowed=RELATIONS),
        "place": _text(),
        "victim_sex": _text(),
        "victim_age_band": _text(),
        "suspect_sex": _text(),
        "suspect_age_band": _text(),
        "source": _text(),
        "delivery": _text(),
        "synthetic": Column("flag", nullable=False),
    },
)
COUNTS = Schema(
    "COUNTS",
    "an aggregated count as delivered",
    ("territory", "period", "phenomenon", "unit"),
    {
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "phenomenon": _text(nullable=False),
        "unit": _text(nullable=False, allowed=UNITS),
        "form": _text(allowed=(*FORMS, ALL), required=False),
        "relation": _text(allowed=(*RELATIONS, ALL), required=False),
        **{name: _text(required=False) for name in _DELIVERED_BREAKDOWNS},
        "numerator": Column("count"),
        "status": _text(nullable=False, allowed=STATUSES),
        "population": Column("number", required=False, least=0),
        "dwellings": Column("number", required=False, least=0),
        "delivery": _text(),
        **_PROVENANCE,
    },
    breakdowns=True,
)
CASES = Schema(
    "CASES",
    "a prosecutor's case",
    ("case_id",),
    {
        "case_id": _text(nullable=False),
        "mother_id": _text(),
        "report_id": _text(),
        "entry_date": Column("date"),
        "charge": _text(),
        "context": _text(allowed=CASE_CONTEXTS),
        "section": _text(),
        "decision": _text(allowed=DECISIONS),
        "decision_date": Column("date"),
        "territory": _text(),
        "extracted": Column("date"),
        "delivery": _text(),
        # what a supplier may add, and what following the links gives
        "next_id": _text(required=False),  # the case opened by the receiver of a transfer
        "first_close_date": Column("date", required=False),  # of a case reopened since
        "reopened_date": Column("date", required=False),
        "entry_period": Column("period", required=False),  # where no day of entry is told
        "phenomenon": _text(required=False),
        "link": _text(allowed=CASE_LINKS, required=False),
        "lead_id": _text(required=False),  # the case that carries the decision
        "outcome": _text(allowed=DECISIONS, required=False),
        "outcome_date": Column("date", required=False),
        "remark": _text(required=False),
        "source": _text(required=False),
        "synthetic": Column("flag", nullable=False, required=False),
    },
)
CASE_COUNTS = Schema(
    "CASE_COUNTS",
    "an aggregated count of cases as delivered",
    ("territory", "period", "charge"),
    {
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "charge": _text(nullable=False),
        "phenomenon": _text(nullable=False),
        "context": _text(allowed=CASE_CONTEXTS),
        "unit": _text(nullable=False, allowed=UNITS),
        "numerator": Column("count"),
        "status": _text(nullable=False, allowed=STATUSES),
        "remark": _text(required=False),
        "delivery": _text(),
        **_PROVENANCE,
    },
)
RESPONDENTS = Schema(
    "RESPONDENTS",
    "an interview",
    ("respondent_id",),
    {
        "respondent_id": _text(nullable=False),
        "weight": Column("number"),
        "stratum": _text(required=False),
        "cluster": _text(required=False),
        "fpc": Column("number", required=False),
        "territory": _text(required=False),
        "unit": _text(allowed=UNITS, required=False),
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
ANSWERS = Schema(
    "ANSWERS",
    "one answer of an interview to one item",
    ("respondent_id", "question", "item"),
    {
        "respondent_id": _text(nullable=False),
        "question": _text(nullable=False),
        "item": _text(nullable=False),
        "value": _text(),
        "status": _text(allowed=("ok", "missing", "not_applicable"), required=False),
        "reason": _text(required=False),  # why there is no value, as a code
    },
)
CALLS = Schema(
    "CALLS",
    "a helpline call",
    ("call_id",),
    {
        "call_id": _text(nullable=False),
        "date": Column("date", nullable=False),
        "line": _text(nullable=False),
        "n": Column("count"),
        "topic": _text(),  # codes joined by "+" where a call has several
        "relation": _text(),
        "gender": _text(),
        "hour": Column("count", required=False),
        "age_band": _text(required=False),
        "aggressor_gender": _text(required=False),
        "territory": _text(required=False),
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
CALL_DAYS = Schema(
    "CALL_DAYS",
    "a day's calls to one helpline",
    ("date", "line"),
    {
        "date": Column("date", nullable=False),
        "line": _text(nullable=False),
        "n": Column("count"),
        "status": _text(nullable=False, allowed=STATUSES),
        "reason": _text(),  # why there is no count: closed, interrupted, not_told
        "hours": Column("number"),  # that the line was open
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
SERVICES = Schema(
    "SERVICES",
    "an activity count of a commune, zone or association",
    ("territory", "period", "activity", "unit", "provider", "part"),
    {
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "activity": _text(nullable=False),
        "numerator": Column("count"),
        "unit": _text(nullable=False),
        "provider": _text(),
        "measure": _text(),
        "part": _text(nullable=False),  # of the activity; "all" is the total
        "status": _text(nullable=False, allowed=STATUSES),
        "bound": _text(allowed=BOUNDS),
        "document_line": _text(required=False),
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
INDICATORS = Schema(
    "INDICATORS",
    "one value",
    ("indicator", "territory", "period"),
    {
        "indicator": _text(nullable=False),
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "numerator": Column("count"),
        "denominator": Column("number", least=0),
        "value": Column("number"),
        "low": Column("number"),
        "high": Column("number"),
        "status": _text(nullable=False, allowed=STATUSES),
        "unit": _text(nullable=False, allowed=UNITS),
        "n": Column("count"),
        "grade": _text(allowed=("A", "C", "F")),
        # what a reader needs to judge the value; compute writes them all
        "level": _text(required=False),
        "scale": _text(required=False),
        "denominator_flag": _text(required=False),
        "days": Column("count", required=False),
        "covered_from": Column("date", required=False),
        "covered_to": Column("date", required=False),
        "reason": _text(required=False),  # why a value is missing or lacks days, as a code
        "completeness": Column("number", required=False),  # share expected to be registered yet
        "matching": Column("number", required=False),  # share of records that were linked
        "detectable_change": Column("number", required=False),  # least that a next wave would find
        "standing": _text(allowed=STANDINGS, required=False),  # against the other categories
        # of a sum of amounts, for disclosure control alone: how many units make it up, and the
        # shares of it (0 to 1) that the largest and the second largest make
        "contributors": Column("count", required=False),
        "largest_share": Column("number", required=False),
        "second_share": Column("number", required=False),
        # of a value made of several counts, the smallest above 0: for disclosure control alone
        "smallest_part": Column("count", required=False),
        "method": _text(required=False),  # of an estimate: the model, and how it fits
        **_PROVENANCE,
    },
    breakdowns=True,
    limits=_LIMITS,
)
TRENDS = Schema(
    "TRENDS",
    "one comparison of a period with a base",
    ("indicator", "territory", "period", "base"),
    {
        "indicator": _text(nullable=False),
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "base": Column("period", nullable=False),
        "change": Column("number"),
        "change_of": _text(allowed=CHANGES, required=False),  # what it is a change of
        "low": Column("number"),
        "high": Column("number"),
        "verdict": _text(allowed=VERDICTS),
        "method": _text(),
        "numerator": Column("count", required=False),
        "base_numerator": Column("count", required=False),
        "days": Column("count", required=False),  # covered, on both sides
        "base_days": Column("count", required=False),
        "point": _text(nullable=False, allowed=TURNS, required=False),  # of a turning point
        "alike": Column("count", required=False),  # periods that may be the peak or trough as well
        "periods": Column("count", required=False),  # on each side of an event
        "p_value": Column("number", required=False),
        "p_unadjusted": Column("number", required=False),  # as if it were the only comparison
        "confidence": Column("number", required=False),  # of the interval and of the verdict
        **{c: Column("number", required=False) for c in POINTS},
        **{c: Column("number", required=False) for c in DETECTABLE},
        "status": _text(allowed=STATUSES, required=False),
        "unit": _text(allowed=UNITS, required=False),
        "level": _text(required=False),
        "reason": _text(allowed=REASONS, required=False),  # why there is no direction
        **_PROVENANCE,
    },
    breakdowns=True,
    variants=("point",),
    limits=(*_LIMITS, ("points_low", "points_high")),
)
COMPARED = {  # what comparing places adds to their rows
    "peer": _text(required=False),  # a level of the territory, or "similar"
    "peer_value": Column("number", required=False),
    "ratio": Column("number", required=False),
    "ratio_low": Column("number", required=False),
    "ratio_high": Column("number", required=False),
    "p_value": Column("number", required=False),
    "verdict": _text(allowed=PEER_VERDICTS, required=False),
    "centre": Column("number", required=False),
    "inner_low": Column("number", required=False),
    "inner_high": Column("number", required=False),
    "outer_low": Column("number", required=False),
    "outer_high": Column("number", required=False),
    "tau2": Column("number", required=False),
    "chance_position": _text(allowed=POSITIONS, required=False),
    "position": _text(allowed=POSITIONS, required=False),
    "rank_low": Column("count", required=False),
    "rank_high": Column("count", required=False),
    "ranked": Column("count", required=False),
    "ambient_exposure": Column("number", required=False, least=0),
    "ambient_value": Column("number", required=False),
    "ambient_position": _text(allowed=POSITIONS, required=False),
    "flips": Column("flag", required=False),
    "no_result": _text(allowed=NO_RESULTS, required=False),
}
COMPARISONS = Schema(
    "COMPARISONS",
    "a place beside others, in one period",
    ("indicator", "territory", "period"),
    {**INDICATORS.columns, **COMPARED},
    breakdowns=True,
    variants=("peer",),
    limits=(
        *_LIMITS,
        ("ratio_low", "ratio_high"),
        ("inner_low", "inner_high"),
        ("outer_low", "outer_high"),
    ),
)
EXPOSURE = Schema(
    "EXPOSURE",
    "a denominator of one territory and year",
    ("kind", "territory", "year"),
    {
        "kind": _text(nullable=False),
        "territory": _text(nullable=False),
        "year": Column("count", nullable=False),
        "exposure": Column("number", least=0),
        "flag": _text(nullable=False, allowed=("observed", "interpolated", "missing")),
        "source": _text(),
        "vintage": _text(),
    },
)
REJECTED = Schema(
    "REJECTED",
    "a delivered row that was not kept",
    (),
    {
        "file": _text(nullable=False),
        "sheet": _text(),  # of a workbook
        "row": Column("count"),  # missing for what is said of a whole file or sheet
        "column": _text(),
        "rule": _text(nullable=False),
        "message": _text(nullable=False),
    },
)
COVERAGE = Schema(
    "COVERAGE",
    "a stretch of days that a delivery tells of",
    ("source", "territory", "start", "end", "delivery"),
    {
        "source": _text(nullable=False),
        "territory": _text(nullable=False),  # ALL: every place
        "start": Column("date", nullable=False),
        "end": Column("date", nullable=False),
        "how": _text(nullable=False, allowed=HOW_COVERED),
        "delivery": _text(nullable=False),
    },
)
REPORT = Schema(
    "REPORT",
    "a delivered file",
    ("file",),
    {
        "file": _text(nullable=False),
        "profile": _text(nullable=False),
        "sha256": _text(),
        "extracted": Column("date"),
        "read": Column("count", nullable=False),
        "kept": Column("count", nullable=False),
        "merged": Column("count", nullable=False),
        "rejected": Column("count", nullable=False),
        "covered_from": Column("date"),
        "covered_to": Column("date"),
        "synthetic": Column("flag", nullable=False),
        # of counts: their sums, which close as rows do; missing for rows one by one
        "sum_read": Column("count", required=False),
        "sum_kept": Column("count", required=False),
        "sum_merged": Column("count", required=False),
        "sum_rejected": Column("count", required=False),
    },
)
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
        TRENDS,
        COMPARISONS,
        EXPOSURE,
        REJECTED,
        COVERAGE,
        REPORT,
    )
}
