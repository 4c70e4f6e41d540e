"""From tidy tables to indicator tables."""

from obs.indicators.compute import compute
from obs.indicators.counts import count_events
from obs.indicators.flows import check_flow, closing_shares, follow_cohort, stock_flow
from obs.indicators.maturity import add_completeness, limit_maturity, nowcast_events
from obs.indicators.rates import add_rate, add_share
from obs.indicators.recapture import Recapture, count_histories, estimate_population
from obs.indicators.severity import weigh_severity
from obs.indicators.standardised import standardise
from obs.indicators.survey import Survey, SurveyDesign
from obs.indicators.unrecorded import compare_scopes, estimate_all, make_dark_share, scope_of

__all__ = [
    "Recapture",
    "Survey",
    "SurveyDesign",
    "add_completeness",
    "add_rate",
    "add_share",
    "check_flow",
    "closing_shares",
    "compare_scopes",
    "compute",
    "count_events",
    "count_histories",
    "estimate_all",
    "estimate_population",
    "follow_cohort",
    "limit_maturity",
    "make_dark_share",
    "nowcast_events",
    "scope_of",
    "standardise",
    "stock_flow",
    "weigh_severity",
]
