"""List the columns of `obs` that a profile may fill, by the shape of its rows.

Each shape belongs to one kind of delivery. A column that the shape does not have is a fault of
the profile.
"""

from __future__ import annotations

from collections.abc import Collection

from obs.schemas import BOUNDS, CASE_CONTEXTS, DECISIONS, FORMS, RELATIONS, UNITS

__all__ = [
    "BREAKDOWNS_KEPT",
    "CLOSED",
    "COUNTED",
    "DAYS",
    "EXCEL",
    "FLAGS",
    "IDENTIFIERS",
    "KINDS",
    "NAMED",
    "NUMBERS",
    "OBSERVATION_STATUS",
    "PERSONS",
    "REQUIRED",
    "TARGETS",
    "is_attribute",
    "is_closed",
    "is_of_days",
    "is_target",
]

_EVENTS = (
    *("event_id", "report_id", "event_date", "event_hour", "report_date", "extracted"),
    *("territory", "offence", "detail", "attempt", "form", "relation", "place"),
    *("victim_sex", "victim_age_band", "suspect_sex", "suspect_age_band", "version", "synthetic"),
)
BREAKDOWNS_KEPT = ("place", "victim_sex", "victim_age_band", "suspect_sex", "suspect_age_band")
_COUNTS = (
    *("territory", "period", "offence", "detail", "unit", "form", "relation", "numerator"),
    *("status", *BREAKDOWNS_KEPT),
    *("population", "dwellings", "extracted", "version", "synthetic"),
)
_CASES = (
    *("case_id", "mother_id", "next_id", "report_id", "entry_date", "period", "offence"),
    *("detail", "context", "section", "decision", "decision_date", "first_close_date"),
    *("reopened_date", "territory", "extracted", "version", "synthetic"),
)
_CASE_COUNTS = (
    *("territory", "period", "offence", "detail", "article", "label", "context", "numerator"),
    *("status", "extracted", "version", "synthetic"),
)
_CALLS = (
    *("call_id", "date", "hour", "line", "topic", "relation", "gender", "age_band"),
    *("aggressor_gender", "territory", "extracted", "version", "synthetic"),
)
_CALL_DAYS = ("date", "line", "open", "numerator", "status", "extracted", "version", "synthetic")
_SERVICES = (
    *("territory", "period", "activity", "part", "unit", "provider", "measure", "numerator"),
    *("status", "bound", "document_line", "extracted", "version", "synthetic"),
)
_TOPIC = "topic_"  # of a call with several topics: one yes-or-no column each

TARGETS = {
    "events": _EVENTS,
    "counts": _COUNTS,
    "wide_counts": _COUNTS,
    "cases": _CASES,
    "case_counts": _CASE_COUNTS,
    "calls": _CALLS,
    "call_days": _CALL_DAYS,
    "services": _SERVICES,
    "interviews": ("extracted", "synthetic"),
    "tidy": (),
}
REQUIRED = {
    "events": ("event_date", "territory", "offence"),
    "counts": ("territory", "period", "offence", "numerator"),
    "wide_counts": ("territory", "period", "offence"),
    "cases": ("offence",),
    "case_counts": ("territory", "period", "offence", "numerator"),
    "calls": ("date", "line"),
    "call_days": ("date", "line", "numerator"),
    "services": ("territory", "period", "activity", "unit", "numerator"),
    "interviews": (),
    "tidy": (),
}
_ATTRIBUTES = {  # what a row may lack and still count; any other column decides what is counted
    "events": frozenset(
        {"report_id", "event_hour", "report_date", "attempt", "form", "relation", "place"}
        | {"victim_sex", "victim_age_band", "suspect_sex", "suspect_age_band"}
    ),
    "counts": frozenset({"population", "dwellings"}),
    "wide_counts": frozenset({"population", "dwellings"}),
    "cases": frozenset({"report_id", "context"}),
    "calls": frozenset(
        {"hour", "topic", "relation", "gender", "age_band", "aggressor_gender", "territory"}
    ),
    "services": frozenset({"measure"}),
}
KINDS = {
    "police": ("events", "counts", "wide_counts", "tidy"),
    "prosecutor": ("cases", "case_counts"),
    "survey": ("interviews",),
    "helpline": ("calls", "call_days"),
    "services": ("services",),
}
CLOSED = {
    **{"form": FORMS, "relation": RELATIONS, "unit": UNITS},
    **{"context": CASE_CONTEXTS, "decision": DECISIONS, "bound": BOUNDS},
}
EXCEL = "excel"  # in place of a format of days: the number of days that a spreadsheet counts
COUNTED = frozenset({"counts", "wide_counts", "case_counts", "services", "call_days"})
OBSERVATION_STATUS = {  # of SDMX (CL_OBS_STATUS); estimates, forecasts and imputations are none
    **{"A": "ok", "B": "ok", "D": "ok", "P": "provisional", "V": "provisional", "U": "unreliable"},
    **{"N": "suppressed_source", "Q": "suppressed_source", "M": "not_applicable"},
    **{"H": "missing", "K": "missing", "L": "missing", "O": "missing", "J": "missing"},
    **{
        "S": "ok",
        "W": "ok",
    },  # strikes, and parts of another class: said by the supplier, and counted
}
FLAGS = ("attempt", "synthetic", "open", "topic")
DAYS = frozenset(
    {"event_date", "report_date", "extracted", "date", "entry_date", "decision_date"}
    | {"first_close_date", "reopened_date"}
)
NAMED = {"events": "event_id", "cases": "case_id", "calls": "call_id"}  # what names a row
IDENTIFIERS = frozenset(  # what names a thing: a number in it is not what its digits may look like
    {"event_id", "report_id", "case_id", "mother_id", "next_id", "call_id", "document_line"}
)
NUMBERS = frozenset({"numerator", "population", "dwellings", "version"})
PERSONS = frozenset({"events", "cases", "calls"})  # shapes in which a row is of persons
_READ_BY_LIST = DAYS | NUMBERS | {"event_hour", "hour", "territory", "period", "status"}
_LISTED = frozenset(CLOSED) | {"line", "measure", "attempt", "open", "synthetic"}
_BANDS = frozenset({"victim_age_band", "suspect_age_band", "age_band"})


def is_target(name: str, shape: str) -> bool:
    """Tell whether a shape has a column of that name, topics of calls included."""
    return name in TARGETS[shape] or (shape == "calls" and name.startswith(_TOPIC))


def is_attribute(name: str, shape: str) -> bool:
    """Tell whether a row without this column still counts: its faulty cell rejects nothing."""
    return name in _ATTRIBUTES.get(shape, ()) or (shape == "calls" and name.startswith(_TOPIC))


def is_closed(name: str, codes: Collection[str], flags: Collection[str]) -> bool:
    """Tell whether a column keeps only what a list, a form or a number allows, never a free text."""
    wide = name.startswith(("wide ", "column ", _TOPIC))
    return wide or name in codes or name in flags or name in _READ_BY_LIST | _LISTED | _BANDS


def is_of_days(form: str) -> bool:
    """Tell whether a format tells a day."""
    return form == EXCEL or any(mark in form for mark in ("%d", "%-d", "%j"))
