"""Where a curve names its years: at the first period of each, once."""

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from obs.report.draw.lines import Line, Panel, draw_panel
from obs.report.facts.fact import unknown_fact


def named_years(periods):
    """Draw a curve of these periods; give the first day under each label of its axis."""
    fact = replace(unknown_fact("en"), value=10.0, kind="count", status="ok", numerator=10)
    facts = tuple(replace(fact, period=period) for period in periods)
    axes = Figure(figsize=(6, 3)).add_subplot()
    draw_panel(axes, Panel("", "", (Line("Facts", facts),)), "en", room=(6, 3))
    days = {period.ordinal: f"{period.start_time:%Y-%m-%d}" for period in periods}
    labels = axes.get_xticklabels()
    return [(days[int(x)], t.get_text()) for x, t in zip(axes.get_xticks(), labels, strict=True)]


@pytest.mark.parametrize(
    ("first", "last", "freq", "expected"),
    [
        (  # week 1 of ISO 8601 is the one of the first Thursday
            "2022-12-05",
            "2025-03-03",
            "W-SUN",
            [("2023-01-02", "2023"), ("2024-01-01", "2024"), ("2024-12-30", "2025")],
        ),
        ("2023-02-06", "2023-05-01", "W-SUN", [("2023-02-06", "2023")]),
        ("2023-11-05", "2024-02-20", "D", [("2024-01-01", "2024")]),
        ("2022-10", "2024-12", "M", [("2023-01-01", "2023"), ("2024-01-01", "2024")]),
    ],
)
def test_a_year_is_named_once_at_its_first_period(first, last, freq, expected):
    assert named_years(pd.period_range(first, last, freq=freq)) == expected
