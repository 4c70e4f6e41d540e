"""What is the count of a period: not a number over eleven months of a year; a week as files write it."""

import json

import pandas as pd

import obs
from obs.disclosure.ledger.published_counts import counts_published, counts_shown
from obs.report.figures.data_file import csv_text
from obs.report.page.quoted_figures import quoted_text
from tests.report.small_tables import brussels_rows, indicator_table

HEADER = "indicator,territory,period,base,point,numerator,unit\n"


def test_a_sum_over_the_months_known_in_both_years_is_no_count_of_the_year(tmp_path):
    path = tmp_path / "data" / "text.csv"
    path.parent.mkdir()
    path.write_text(
        HEADER
        + "helpline_calls,04000,2021,2019,same_months,27042,call\n"
        + "vif_total,04000,2024,2015,peak,4810,fact\n"
        + "vif_total,04000,2023,,,4700,fact\n"
    )
    key = {"indicator": "helpline_calls", "territory": "04000", "period": "2021", "base": "2019"}
    numbers = [
        {"key": key | {"point": "same_months"}, "numerator": 27042, "unit": "call"},
        {"key": key, "numerator": 29000, "unit": "call"},
    ]
    notes = {"notes": {"n": {"fr": {"numbers": numbers}}}}
    (tmp_path / "manifest.json").write_text(json.dumps(notes))
    assert [(c[0], c[2], c[-1]) for c in counts_published([path])] == [
        ("vif_total", "2024", "4810"),
        ("vif_total", "2023", "4700"),
        ("helpline_calls", "2021", "29000"),
    ]


def test_counts_of_weeks_are_read_back_from_the_data_files_as_released(tmp_path):
    rows = indicator_table(brussels_rows())
    rows = rows[rows["level"] == "region"]
    weeks = pd.PeriodIndex(["2024-01-29", "2024-12-23", "2024-12-30"], freq="W-SUN")
    released = obs.release(rows.assign(period=weeks))
    path = tmp_path / "data" / "weeks.csv"
    path.parent.mkdir()
    path.write_text(csv_text(released))
    assert list(pd.read_csv(path)["period"]) == ["2024-W05", "2024-W52", "2025-W01"]
    assert counts_published([path]) == counts_shown(released)
    key = {"indicator": "theft", "territory": "04000", "period": str(weeks[0])}
    quoted = quoted_text([{"kind": "value", "key": key, "value": 3.0}], synthetic=True)
    assert "2024-W05" in quoted
