"""From tidy tables to indicator tables."""

from obs.indicators.compute import compute
from obs.indicators.counts import count_events
from obs.indicators.maturity import add_completeness, limit_maturity, nowcast_events
from obs.indicators.rates import add_rate, add_share
from obs.indicators.standardised import standardise
from obs.indicators.survey import Survey, SurveyDesign

__all__ = [
    "Survey",
    "SurveyDesign",
    "add_completeness",
    "add_rate",
    "add_share",
    "compute",
    "count_events",
    "limit_maturity",
    "nowcast_events",
    "standardise",
]
