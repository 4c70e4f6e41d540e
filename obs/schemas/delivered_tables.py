"""State the columns of what is delivered and cleaned: facts, cases, interviews, calls, services."""

from __future__ import annotations

from obs.schemas.codes import (
    ALL,
    BOUNDS,
    CASE_CONTEXTS,
    CASE_LINKS,
    DECISIONS,
    FORMS,
    RELATIONS,
    STATUSES,
    UNITS,
)
from obs.schemas.schema import Column, Schema
from obs.schemas.shared_columns import PROVENANCE, text_column

__all__ = [
    "ANSWERS",
    "CALLS",
    "CALL_DAYS",
    "CASES",
    "CASE_COUNTS",
    "COUNTS",
    "EVENTS",
    "RESPONDENTS",
    "SERVICES",
]

_DELIVERED_BREAKDOWNS = (
    *("place", "victim_sex", "victim_age_band", "suspect_sex", "suspect_age_band"),
)

EVENTS = Schema(
    "EVENTS",
    "a police fact",
    ("event_id",),
    {
        "event_id": text_column(nullable=False),
        "report_id": text_column(),
        "event_date": Column("date"),
        # day, month or year: where there is such a column, an event_date that is no day is the
        # first day of its month or year
        "date_precision": text_column(allowed=("day", "month", "year"), required=False),
        "event_hour": Column("count"),
        "report_date": Column("date"),
        "extracted": Column("date"),
        "territory": text_column(),
        "offence": text_column(),
        "phenomenon": text_column(),
        "attempt": Column("flag"),
        "form": text_column(allowed=FORMS),
        "relation": text_column(allowed=RELATIONS),
        "place": text_column(),
        "victim_sex": text_column(),
        "victim_age_band": text_column(),
        "suspect_sex": text_column(),
        "suspect_age_band": text_column(),
        "source": text_column(),
        "delivery": text_column(),
        "synthetic": Column("flag", nullable=False),
        "filing": text_column(required=False),  # of a report: whether the prosecutor has a case
    },
)

COUNTS = Schema(
    "COUNTS",
    "an aggregated count as delivered",
    ("territory", "period", "phenomenon", "unit"),
    {
        "territory": text_column(nullable=False),
        "period": Column("period", nullable=False),
        "phenomenon": text_column(nullable=False),
        "unit": text_column(nullable=False, allowed=UNITS),
        "form": text_column(allowed=(*FORMS, ALL), required=False),
        "relation": text_column(allowed=(*RELATIONS, ALL), required=False),
        **{name: text_column(required=False) for name in _DELIVERED_BREAKDOWNS},
        "numerator": Column("count"),
        "status": text_column(nullable=False, allowed=STATUSES),
        "population": Column("number", required=False, least=0),
        "dwellings": Column("number", required=False, least=0),
        "delivery": text_column(),
        **PROVENANCE,
    },
    breakdowns=True,
)

CASES = Schema(
    "CASES",
    "a prosecutor's case",
    ("case_id",),
    {
        "case_id": text_column(nullable=False),
        "mother_id": text_column(),
        "report_id": text_column(),
        "entry_date": Column("date"),
        "charge": text_column(),
        "context": text_column(allowed=CASE_CONTEXTS),
        "section": text_column(),
        "decision": text_column(allowed=DECISIONS),
        "decision_date": Column("date"),
        "territory": text_column(),
        "extracted": Column("date"),
        "delivery": text_column(),
        # what a supplier may add, and what following the links gives
        "next_id": text_column(required=False),  # the case opened by the receiver of a transfer
        "first_close_date": Column("date", required=False),  # of a case reopened since
        "reopened_date": Column("date", required=False),
        "entry_period": Column("period", required=False),  # where no day of entry is known
        "phenomenon": text_column(required=False),
        "link": text_column(allowed=CASE_LINKS, required=False),
        "lead_id": text_column(required=False),  # the case that carries the decision
        "outcome": text_column(allowed=DECISIONS, required=False),
        "outcome_date": Column("date", required=False),
        "filing": text_column(required=False),  # whether the police have the report
        "remark": text_column(required=False),
        "source": text_column(required=False),
        "synthetic": Column("flag", nullable=False, required=False),
    },
)

CASE_COUNTS = Schema(
    "CASE_COUNTS",
    "an aggregated count of cases as delivered",
    ("territory", "period", "charge"),
    {
        "territory": text_column(nullable=False),
        "period": Column("period", nullable=False),
        "charge": text_column(nullable=False),
        "phenomenon": text_column(nullable=False),
        "context": text_column(allowed=CASE_CONTEXTS),
        "unit": text_column(nullable=False, allowed=UNITS),
        "numerator": Column("count"),
        "status": text_column(nullable=False, allowed=STATUSES),
        "remark": text_column(required=False),
        "delivery": text_column(),
        **PROVENANCE,
    },
)

RESPONDENTS = Schema(
    "RESPONDENTS",
    "an interview",
    ("respondent_id",),
    {
        "respondent_id": text_column(nullable=False),
        "weight": Column("number"),
        "stratum": text_column(required=False),
        "cluster": text_column(required=False),
        "fpc": Column("number", required=False),
        "territory": text_column(required=False),
        "unit": text_column(allowed=UNITS, required=False),
        "remark": text_column(required=False),
        "delivery": text_column(required=False),
        **PROVENANCE,
    },
)

ANSWERS = Schema(
    "ANSWERS",
    "one answer of an interview to one item",
    ("respondent_id", "question", "item"),
    {
        "respondent_id": text_column(nullable=False),
        "question": text_column(nullable=False),
        "item": text_column(nullable=False),
        "value": text_column(),
        "status": text_column(allowed=("ok", "missing", "not_applicable"), required=False),
        "reason": text_column(required=False),  # why there is no value, as a code
    },
)

CALLS = Schema(
    "CALLS",
    "a helpline call",
    ("call_id",),
    {
        "call_id": text_column(nullable=False),
        "date": Column("date", nullable=False),
        "line": text_column(nullable=False),
        "n": Column("count"),
        "topic": text_column(),  # codes joined by "+" where a call has several
        "relation": text_column(),
        "gender": text_column(),
        "hour": Column("count", required=False),
        "age_band": text_column(required=False),
        "aggressor_gender": text_column(required=False),
        "territory": text_column(required=False),
        "remark": text_column(required=False),
        "delivery": text_column(required=False),
        **PROVENANCE,
    },
)

CALL_DAYS = Schema(
    "CALL_DAYS",
    "a day's calls to one helpline",
    ("date", "line"),
    {
        "date": Column("date", nullable=False),
        "line": text_column(nullable=False),
        "n": Column("count"),
        "status": text_column(nullable=False, allowed=STATUSES),
        "reason": text_column(),  # why there is no count: closed, interrupted, not_told
        "hours": Column("number"),  # that the line was open
        "remark": text_column(required=False),
        "delivery": text_column(required=False),
        **PROVENANCE,
    },
)

SERVICES = Schema(
    "SERVICES",
    "an activity count of a commune, zone or association",
    ("territory", "period", "activity", "unit", "provider", "part"),
    {
        "territory": text_column(nullable=False),
        "period": Column("period", nullable=False),
        "activity": text_column(nullable=False),
        "numerator": Column("count"),
        "unit": text_column(nullable=False),
        "provider": text_column(),
        "measure": text_column(),
        "part": text_column(nullable=False),  # of the activity; "all" is the total
        "status": text_column(nullable=False, allowed=STATUSES),
        "bound": text_column(allowed=BOUNDS),
        "document_line": text_column(required=False),
        "remark": text_column(required=False),
        "delivery": text_column(required=False),
        **PROVENANCE,
    },
)
