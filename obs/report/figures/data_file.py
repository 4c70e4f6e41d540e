"""Write the data file behind each block: codes, ISO periods, dot decimals, in every language alike.

A withheld row keeps its place and its status and has no number. A cell that a spreadsheet would
run as a formula becomes plain text.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from obs.errors import ObsError
from obs.report.facts.released_only import need_released
from obs.report.figures.unmeasured import unmeasured_totals
from obs.schemas import BREAKDOWNS, COMPARED, DETECTABLE, POINTS

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = [
    "WITHHELD_WORD",
    "csv_cell",
    "csv_text",
    "iso_period",
    "plain_cell",
    "plain_status",
    "shown_rows",
]

_COLUMNS = (
    "indicator",
    "territory",
    "level",
    "period",
    "base",
    "point",
    *BREAKDOWNS,
    "numerator",
    "base_numerator",
    "denominator",
    "value",
    "change",
    "change_of",
    "low",
    "high",
    *POINTS,
    "verdict",
    "reason",
    "method",
    "p_value",
    *DETECTABLE,
    "status",
    "unit",
    "scale",
    "n",
    "censored",
    "grade",
    "detectable_change",
    "standing",
    *COMPARED,
    "denominator_flag",
    "days",
    "base_days",
    "alike",
    "periods",
    "covered_from",
    "covered_to",
    "source",
    "extracted",
)
_RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
WITHHELD_WORD = "suppressed"  # whatever the rule
_NUMBERS = ("numerator", "value", "low", "high")  # of a total that is none
_OURS = ("suppressed_primary", "suppressed_secondary")


def csv_text(released: Released, *, beside: pd.DataFrame | None = None) -> str:
    """Write a released table as CSV, with the columns of what is shown beside it.

    The text is comma separated, with one header line, lines ended by a line feed; columns in a
    fixed order, those it does not have left out; `synthetic` last, always present. Raises
    `DisclosureError` if it is not a Released.
    """
    table = shown_rows(released)
    columns = list(table.columns)
    if beside is not None:
        table = pd.concat([table.reset_index(drop=True), beside.reset_index(drop=True)], axis=1)
        columns += list(beside.columns)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, "synthetic"])
    synthetic = str(bool(released.synthetic)).lower()
    for row in table[columns].itertuples(index=False, name=None):
        writer.writerow([*map(csv_cell, row), synthetic])
    return text.getvalue()


def shown_rows(released: Released) -> pd.DataFrame:
    """Give the rows of a released table as data files show them.

    Columns stand in a fixed order, those that data files do not show left out; a status does not
    tell which rule withheld a figure, and a total over categories that are not measured has no
    number. Raises `DisclosureError` if it is not a Released.
    """
    table = need_released(released, who="csv_text").table
    if "status" in table.columns:  # which rule withheld a figure would help to work it out
        table = table.assign(status=[plain_status(s) for s in table["status"]])
    unmeasured = unmeasured_totals(table).to_numpy()
    if unmeasured.any():
        table = table.astype({c: object for c in _NUMBERS if c in table})
        table.loc[unmeasured, [c for c in _NUMBERS if c in table]] = None
        table.loc[unmeasured, "status"] = "not_applicable"
    return table[list(dict.fromkeys(c for c in _COLUMNS if c in table.columns))]


def plain_status(status: str) -> str:
    """Say a status to the public: not which of our rules withheld a figure.

    Returns the same, or one word for all that we withheld.

    Examples
    --------
    >>> from obs.report.figures.data_file import plain_status
    >>> plain_status("suppressed_secondary"), plain_status("suppressed_source")
    ('suppressed', 'suppressed_source')
    """
    return WITHHELD_WORD if status in _OURS else status


def plain_cell(text: str) -> str:
    """Make a text harmless in a spreadsheet.

    Returns text with an apostrophe before it if a spreadsheet would run it.

    Examples
    --------
    >>> from obs.report.figures.data_file import plain_cell
    >>> plain_cell("=1+1"), plain_cell("21004")
    ("'=1+1", '21004')
    """
    return f"'{text}" if text.startswith(_RUNS_AS_FORMULA) else text


def csv_cell(value: Any) -> str:
    """Write a cell: ISO periods and days, dot decimals, no formula; "" where there is nothing."""
    if isinstance(value, pd.Period):
        return iso_period(value)
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(float(round(value, 6)))
    return str(value) if isinstance(value, int) else plain_cell(str(value))


def iso_period(period: pd.Period) -> str:
    """Write a period: 2024, 2024-Q1, 2024-03, 2024-W05, 2024-03-31.

    A week runs from Monday to Sunday, numbered as ISO 8601 does. Raises `ObsError` for a period of
    another length.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.report.figures.data_file import iso_period
    >>> iso_period(pd.Period("2024Q1")), iso_period(pd.Period("2024-12-30", "W-SUN"))
    ('2024-Q1', '2025-W01')
    """
    if period.freqstr == "W-SUN":
        return period.start_time.strftime("%G-W%V")
    patterns = {"Y": "%Y", "Q": "%Y-Q%q", "M": "%Y-%m", "D": "%Y-%m-%d"}
    if period.freqstr[0] not in patterns:
        raise ObsError(
            f"periods of frequency {period.freqstr} are not published: count by year, quarter, "
            "month, week (from Monday) or day."
        )
    return period.strftime(patterns[period.freqstr[0]])
