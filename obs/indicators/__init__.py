"""Compute indicator tables from tidy tables."""

from typing import Any

from obs.indicators.compute import compute
from obs.indicators.count.cases.case_durations import case_durations, case_quantiles
from obs.indicators.count.cases.case_flows import (
    check_flow,
    closing_shares,
    follow_cohort,
    stock_flow,
)
from obs.indicators.count.cases.case_incidence import case_days, case_incidence
from obs.indicators.count.coverage_by_place import join_stretches
from obs.indicators.count.event_counts import count_events
from obs.indicators.count.linkage import add_filing
from obs.indicators.count.maturity import add_completeness, limit_maturity, nowcast_events
from obs.indicators.count.tally import open_events
from obs.indicators.estimate.dark_figure import (
    compare_scopes,
    estimate_all,
    make_dark_share,
    scope_of,
)
from obs.indicators.estimate.hidden_population import (
    Recapture,
    estimate_population,
)
from obs.indicators.estimate.rates import add_rate, add_share
from obs.indicators.estimate.severity import weigh_severity
from obs.indicators.estimate.standardised import standardise
from obs.indicators.survey import Survey, SurveyDesign
from obs.moved import moved_name
from obs.query_engine.open_engine import open_engine

__all__ = [
    "Recapture",
    "Survey",
    "SurveyDesign",
    "add_completeness",
    "add_filing",
    "add_rate",
    "add_share",
    "case_days",
    "case_durations",
    "case_incidence",
    "case_quantiles",
    "check_flow",
    "closing_shares",
    "compare_scopes",
    "compute",
    "count_events",
    "estimate_all",
    "estimate_population",
    "follow_cohort",
    "join_stretches",
    "limit_maturity",
    "make_dark_share",
    "nowcast_events",
    "open_engine",
    "open_events",
    "scope_of",
    "standardise",
    "stock_flow",
    "weigh_severity",
]


def __getattr__(name: str) -> Any:
    """Give a name that left this room, with a warning."""
    return moved_name("obs.indicators", name)
