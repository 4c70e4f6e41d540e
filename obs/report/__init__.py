"""Turn released tables into figures, sentences, pages and files.

Names are imported on first use, so that a notebook's kernel, which only draws, does not load the
page layout (nbconvert, Typst).
"""

import importlib
from typing import Any

from obs.report.note.notebook_format import skip_grammar

_HOMES = {
    "Closed": "kernel.closed_kernel",
    "Note": "note.note",
    "NoteSpec": "note.declaration",
    "Page": "page.content",
    "chart_bars": "figures.charts",
    "chart_expected": "figures.model_charts.expected_chart",
    "chart_flow": "figures.model_charts.flow_chart",
    "chart_funnel": "figures.funnel_chart",
    "chart_trend": "figures.charts",
    "chart_waterfall": "figures.model_charts.waterfall_chart",
    "check_path": "checks.check_path",
    "earlier_editions": "edition.edition_facts",
    "edition_facts": "edition.edition_facts",
    "edition_folder": "note.open_note",
    "fact": "facts.fact",
    "hidden_numbers": "edition.withheld_numbers",
    "known_answers": "edition.edition_facts",
    "load_note": "note.declaration",
    "make_sheets": "sheet.sheet_page",
    "map_territory": "figures.maps",
    "open_note": "note.open_note",
    "read_note": "note.notebook_cells",
    "render": "edition.publish",
    "small_numbers": "edition.withheld_numbers",
    "show_table": "figures.tables",
    "write_edition": "edition.publish",
    "write_site": "edition.site",
    "written_languages": "note.notebook_cells",
}

__all__ = list(_HOMES)

skip_grammar()


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'obs.report' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"obs.report.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
