"""Aoristic weights against the reference case and by hand."""

import csv
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError
from obs.stats.series.aoristic import WEEK_HOURS, aoristic_hours

CASES = [
    "same_hour_point",
    "cross_hour_boundary",
    "within_same_hour",
    "cross_hour_partial",
    "over_one_day",
    "over_one_week",
    "cross_midnight",
    "cross_weekend",
    "missing_end",
    "missing_begin",
    "swapped_times",
]


@pytest.mark.parametrize("case", CASES)
def test_weights_of_the_reference_case(shared, case):
    folder = shared / "cases" / "aoristic_weekhour"
    expected = json.loads((folder / "expected.json").read_text())["expected"]["row_weights"]
    wanted = next(r for r in expected if r["case"] == case)["weights"]
    with (folder / "input.csv").open() as lines:
        row = next(r for r in csv.DictReader(lines) if r["case"] == case)
    found = aoristic_hours([row["begin"] or "NaT"], [row["end"] or "NaT"])[0]
    theirs = np.zeros(WEEK_HOURS)
    for hour, weight in wanted.items():
        theirs[int(hour)] = weight
    np.testing.assert_allclose(found, theirs, rtol=1e-9, atol=1e-12)


def test_monday_midnight_is_hour_zero_and_sunday_evening_the_last():
    weights = aoristic_hours(
        ["2024-01-01T00:00", "2024-01-07T23:10"], ["2024-01-01T00:00", "2024-01-07T23:50"]
    )
    assert weights.argmax(axis=1).tolist() == [0, 167]


@given(st.integers(0, 10**6), st.integers(0, 3 * WEEK_HOURS * 3600))
def test_every_window_weighs_one(start, length):
    begin = np.datetime64("2023-05-03T00:00") + np.timedelta64(start, "s")
    weights = aoristic_hours([begin], [begin + np.timedelta64(length, "s")])
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)


def test_lengths_that_differ_are_refused():
    with pytest.raises(ObsError, match="one of each"):
        aoristic_hours(["2024-01-01"], ["2024-01-01", "2024-01-02"])
