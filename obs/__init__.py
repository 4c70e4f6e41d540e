"""Statistics of a regional security observatory: clean, compute, protect, publish."""

import importlib
from typing import TYPE_CHECKING, Any

from obs import moved

if TYPE_CHECKING:  # what editors and type checkers read; a test holds it to the names below
    from obs.clean import Cleaned as Cleaned
    from obs.clean import clean_helpline as clean_helpline
    from obs.clean import clean_police as clean_police
    from obs.clean import clean_prosecutor as clean_prosecutor
    from obs.clean import clean_services as clean_services
    from obs.clean import clean_survey as clean_survey
    from obs.disclosure import Released as Released
    from obs.disclosure import audit as audit
    from obs.disclosure import release as release
    from obs.indicators import SurveyDesign as SurveyDesign
    from obs.indicators import add_rate as add_rate
    from obs.indicators import add_share as add_share
    from obs.indicators import compute as compute
    from obs.indicators import count_events as count_events
    from obs.indicators import standardise as standardise
    from obs.open_data import write_open_data as write_open_data
    from obs.pipeline import answer as answer
    from obs.pipeline import build as build
    from obs.pipeline import publish as publish
    from obs.reference import load_exposure as load_exposure
    from obs.reference import load_observatory as load_observatory
    from obs.reference import load_territory as load_territory
    from obs.reference import match_territory as match_territory
    from obs.report import chart_bars as chart_bars
    from obs.report import chart_expected as chart_expected
    from obs.report import chart_flow as chart_flow
    from obs.report import chart_funnel as chart_funnel
    from obs.report import chart_trend as chart_trend
    from obs.report import chart_waterfall as chart_waterfall
    from obs.report import fact as fact
    from obs.report import map_territory as map_territory
    from obs.report import open_note as open_note
    from obs.report import render as render
    from obs.report import show_table as show_table
    from obs.sample import sample as sample
    from obs.trends import cluster_map as cluster_map
    from obs.trends import compare_exposures as compare_exposures
    from obs.trends import compare_models as compare_models
    from obs.trends import compare_peers as compare_peers
    from obs.trends import compare_periods as compare_periods
    from obs.trends import compare_same_months as compare_same_months
    from obs.trends import compare_weeks as compare_weeks
    from obs.trends import funnel as funnel
    from obs.trends import interrupted_trend as interrupted_trend
    from obs.trends import rank_places as rank_places
    from obs.trends import seasonal_adjust as seasonal_adjust
    from obs.trends import smooth_rates as smooth_rates
    from obs.trends import turning_points as turning_points

__version__ = "0.2.0"

_HOMES = {
    "Cleaned": "obs.clean",
    "clean_police": "obs.clean",
    "clean_prosecutor": "obs.clean",
    "clean_survey": "obs.clean",
    "clean_helpline": "obs.clean",
    "clean_services": "obs.clean",
    "match_territory": "obs.reference",
    "load_territory": "obs.reference",
    "load_observatory": "obs.reference",
    "load_exposure": "obs.reference",
    "count_events": "obs.indicators",
    "add_rate": "obs.indicators",
    "add_share": "obs.indicators",
    "compute": "obs.indicators",
    "standardise": "obs.indicators",
    "SurveyDesign": "obs.indicators",
    "compare_periods": "obs.trends",
    "compare_weeks": "obs.trends",
    "compare_same_months": "obs.trends",
    "interrupted_trend": "obs.trends",
    "compare_models": "obs.trends",
    "turning_points": "obs.trends",
    "seasonal_adjust": "obs.trends",
    "funnel": "obs.trends",
    "smooth_rates": "obs.trends",
    "cluster_map": "obs.trends",
    "rank_places": "obs.trends",
    "compare_peers": "obs.trends",
    "compare_exposures": "obs.trends",
    "release": "obs.disclosure",
    "audit": "obs.disclosure",
    "Released": "obs.disclosure",
    "chart_trend": "obs.report",
    "chart_waterfall": "obs.report",
    "chart_bars": "obs.report",
    "chart_expected": "obs.report",
    "chart_flow": "obs.report",
    "chart_funnel": "obs.report",
    "map_territory": "obs.report",
    "show_table": "obs.report",
    "fact": "obs.report",
    "open_note": "obs.report",
    "render": "obs.report",
    "sample": "obs.sample",
    "answer": "obs.pipeline",
    "write_open_data": "obs.open_data",
    "build": "obs.pipeline",
    "publish": "obs.pipeline",
}

__all__ = ["__version__", *_HOMES]

moved.install()


def __getattr__(name: str) -> Any:
    """Import a public name from its room on first use, so that `import obs` is quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'obs' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
