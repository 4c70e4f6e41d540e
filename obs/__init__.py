"""Statistics of a regional security observatory: clean, compute, protect, publish."""

import importlib
from typing import Any

from obs import moved

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
    "chart_bars": "obs.report",
    "chart_funnel": "obs.report",
    "map_territory": "obs.report",
    "show_table": "obs.report",
    "fact": "obs.report",
    "open_note": "obs.report",
    "render": "obs.report",
    "sample": "obs.sample",
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
