"""A released table whose withheld rows carry a number is shown by nothing."""

from weakref import WeakSet

import pandas as pd
import pytest

from obs.errors import DisclosureError
from obs.report.facts.released_only import need_released
from obs.schemas import WITHHELD
from tests.report.small_tables import thefts

VALUES = ["value", "low", "high", "change"]
COUNTS = [
    *("numerator", "n", "base_numerator", "p_value", "p_unadjusted"),
    *("points", "points_low", "points_high", "detectable_fall", "detectable_rise"),
    *("detectable_fall_points", "detectable_rise_points"),
    *("censored", "ratio", "rank_low", "expected", "expected_low", "step", "peer_value"),
]
SECRET = ["suppressed_source", "suppressed_primary", "suppressed_secondary"]


@pytest.fixture
def edited(monkeypatch):
    """Give a function that puts a table of one withheld row behind a release."""

    def put(status, column, number=3.0):
        table = pd.DataFrame({"status": ["ok", status], column: [7.0, number]})
        monkeypatch.setattr("obs.disclosure.released.Released.table", property(lambda _: table))
        monkeypatch.setattr("obs.report.facts.released_only._SOUND", WeakSet())
        return thefts()

    return put


def test_these_are_all_that_is_withheld():
    assert {*SECRET, "unreliable"} == WITHHELD


@pytest.mark.parametrize("status", SECRET)
@pytest.mark.parametrize("column", [*VALUES, *COUNTS])
def test_no_number_stands_in_a_withheld_row(edited, status, column):
    with pytest.raises(DisclosureError, match=rf"^test: withheld rows .* column\(s\) {column}\. "):
        need_released(edited(status, column), who="test")
    blank = edited(status, column, None)
    assert need_released(blank, who="test") is blank


@pytest.mark.parametrize("column", VALUES)
def test_an_unreliable_value_is_withheld(edited, column):
    with pytest.raises(DisclosureError, match=rf"column\(s\) {column}\. "):
        need_released(edited("unreliable", column), who="test")


@pytest.mark.parametrize("column", COUNTS)
@pytest.mark.parametrize("status", ["unreliable", "ok", "missing"])
def test_the_counts_of_an_unreliable_value_are_no_secret(edited, status, column):
    released = edited(status, column)
    assert need_released(released, who="test") is released
