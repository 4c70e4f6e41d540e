"""From Released tables to figures, sentences, pages and files."""

from obs.report.charts import chart_bars, chart_trend
from obs.report.checks import check_path
from obs.report.facts import fact
from obs.report.funnel import chart_funnel
from obs.report.maps import map_territory
from obs.report.notes import Note, NoteSpec, edition_folder, load_note, open_note
from obs.report.publish import render, write_edition
from obs.report.tables import show_table

__all__ = [
    "Note",
    "NoteSpec",
    "chart_bars",
    "chart_funnel",
    "chart_trend",
    "check_path",
    "edition_folder",
    "fact",
    "load_note",
    "map_territory",
    "open_note",
    "render",
    "show_table",
    "write_edition",
]
