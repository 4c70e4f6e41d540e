"""No page prints zero for what is not zero, nor an interval whose ends look alike for want of digits."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import obs
from obs.report.facts.decimals import enough_digits
from obs.report.facts.fact import fact
from tests.report.small_tables import indicator_table


@pytest.mark.parametrize(
    ("kind", "value", "low", "high", "least", "wanted"),
    [
        ("rate", 3.9, 3.8, 4.0, 1, 1),
        ("rate", 0.39, 0.36, 0.43, 1, 2),  # 0.4 (0.4 to 0.4)
        ("rate", 0.016, 0.0098, 0.0248, 1, 3),  # 0.0 (0.0 to 0.0), then 0.02 (0.01 to 0.02)
        ("rate", 0.984, 0.93, 1.04, 1, 2),  # 1.0 (0.9 to 1.0): a bound falls onto the value
        ("rate", 0.04, 0.01, 0.09, 1, 2),  # 0.0 (0.0 to 0.1) of something
        ("rate", 0.0, 0.0, 0.03, 1, 2),  # zero is zero, and its interval has a width
        ("rate", 0.0, 0.0, 0.0, 1, 1),
        ("rate", 12.34, 12.33, 12.36, 1, 2),  # 12.3 (12.3 to 12.4)
        ("change", 0.03, 0.002, 0.06, 0, 1),  # +3 % (0 % to 6 %) has a bound above zero
        ("change", 0.001, -0.01, 0.012, 0, 0),  # 0 % (-1 % to +1 %)
        ("rate", 1e-9, None, None, 1, 5),  # four more at most
        ("share", 0.004, 0.0036, 0.0044, 0, 2),  # 0 %, then 0.4 % (0.4 % to 0.4 %)
        ("share", 0.43, 0.42, 0.44, 0, 0),
        ("per_day", 0.03, 0.02, 0.05, 1, 2),
        ("count", 3.0, 0.6, 8.8, 0, 0),
        ("rate", 0.25, 0.18, 0.34, 1, 2),  # 0.3 (0.2 to 0.3): a half goes up, as it is printed
        ("share", 0.025, 0.016, 0.034, 0, 1),  # 3 % (2 % to 3 %)
        ("rate", 0.05, 0.04, 0.16, 1, 1),  # 0.1 (0.0 to 0.2), and not zero
        ("index", 0.01, 0.01, 0.01, 1, 1),
        ("rate", None, None, None, 1, 1),
    ],
)
def test_digits_by_hand(kind, value, low, high, least, wanted):
    assert enough_digits(kind, value, low, high, least=least) == wanted


def on_paper(value, digits):
    """Round as a page does, by whole units of the last digit: a half away from zero."""
    return int(Decimal(repr(value)) * 10**digits + Decimal("0.5"))


@given(st.floats(1e-5, 1e4), st.integers(0, 3))
def test_what_is_not_zero_is_not_written_as_zero(value, least):
    digits = enough_digits("rate", value, None, None, least=least)
    assert on_paper(value, digits) > 0 or digits == least + 4
    assert digits == least or on_paper(value, digits - 1) == 0


def test_a_table_has_one_number_of_decimals_unless_that_is_two_too_many():
    people = 1_245_000
    rows = [
        {"indicator": "vif_total", "territory": "04000", "level": "region", "period": 2024}
        | {"form": form, "relation": "all", "numerator": n, "denominator": people}
        for form, n in (("all", 4810), ("physical", 4790), ("sexual", 20))
    ]
    released = obs.release({"n.classes": indicator_table(rows)})["n.classes"]
    body = obs.show_table(released, lang="fr").table
    assert [row.cells[1] for row in body.rows] == ["3,9", "3,8", "0,016"]
    assert fact(released, form="all").decimals == 1
    assert fact(released, form="sexual").decimals == 3
    assert isinstance(released.table, pd.DataFrame)
    assert "digits" not in released.table
