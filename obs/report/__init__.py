"""From Released tables to figures, sentences, pages and files.

Names are imported on first use: a notebook's kernel, which draws, does not wait for what
lays pages out (nbconvert, Typst).
"""

import importlib
from typing import Any

_HOMES = {
    "Note": "notes",
    "NoteSpec": "declarations",
    "chart_bars": "charts",
    "chart_funnel": "funnel",
    "chart_trend": "charts",
    "check_path": "checks",
    "edition_folder": "opening",
    "fact": "facts",
    "hidden_numbers": "hidden",
    "load_note": "declarations",
    "map_territory": "maps",
    "open_note": "opening",
    "render": "publish",
    "show_table": "tables",
    "write_edition": "publish",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'obs.report' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"obs.report.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
