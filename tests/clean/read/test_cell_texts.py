"""Typed cells as texts, by hand."""

import datetime as dt
import decimal as dec
import math

import pandas as pd
import pytest

from obs.clean.read.cell_texts import cell_text

MIDNIGHT = dt.datetime.fromisoformat("2024-01-05")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ixelles  centre", "Ixelles  centre"),  # blanks of one line are the supplier's
        ("Ixelles\n centre", "Ixelles centre"),
        ("Ixelles\rcentre", "Ixelles centre"),
        (None, None),
        (pd.NaT, None),
        (pd.NA, None),
        (math.nan, None),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (7.0, "7"),
        (-7.0, "-7"),
        (7.25, "7,25"),
        (999_999_999_999_999.0, "999999999999999"),
        (1e15, "1000000000000000,0"),  # not sure to be exact: as a number with decimals
        (-1e15, "-1000000000000000,0"),
        (dec.Decimal("2.50"), "2,50"),
        (MIDNIGHT, "2024-01-05"),
        (MIDNIGHT.replace(hour=12, minute=30), "2024-01-05 12:30:00"),
        (MIDNIGHT.replace(tzinfo=dt.UTC), "2024-01-05 00:00:00+00:00"),
        (dt.date(2024, 1, 5), "2024-01-05"),
        (dt.timedelta(hours=25, minutes=1, seconds=59), "25:01:59"),
        (dt.timedelta(seconds=3600), "01:00:00"),
        (dt.timedelta(seconds=59.6), "00:01:00"),
        (dt.timedelta(minutes=61), "01:01:00"),
    ],
)
def test_a_typed_cell_is_the_text_of_a_csv(value, text):
    assert cell_text(value, ",") == text
