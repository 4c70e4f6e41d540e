"""Values that follow from the counts of their row, and those that tell of others."""

import pandas as pd
import pytest

from obs.disclosure.cells.indicator_terms import load_definitions
from obs.disclosure.cells.values_from_counts import refuse_foreign_values
from obs.errors import DisclosureError


@pytest.fixture(scope="module")
def definitions():
    return load_definitions(["robbery", "severity_index"])


def frame(value, *, count=7, whole=30_000.0, days=365, n=None, **columns):
    table = pd.DataFrame(
        {
            "indicator": "robbery",
            "unit": "fact",
            "numerator": pd.array([count], dtype="Int64"),
            "denominator": pd.array([whole], dtype="Float64"),
            "value": pd.array([value], dtype="Float64"),
            "days": pd.array([days], dtype="Int64"),
            "n": pd.array([n], dtype="Float64"),
        }
    )
    return table.assign(**columns)


@pytest.mark.parametrize(
    "value",
    [
        7.0,
        7 / 365,
        round(7 / 365, 3),
        7 / 30_000,
        round(7 / 30_000 * 10, 4),
        7 / 30_000 * 100,
        round(7 / 30_000 * 1_000, 1),
        7 / 30_000 * 10_000,
        round(7 / 30_000 * 100_000, 2),
        7 / 30_000 * 1_000_000,
        round(7 / 30_000 * 1_000_000, 0),
        round(7 / 30_000 * 1_000, 6),
        None,
    ],
)
def test_a_count_its_rates_and_its_figure_a_day_are_its_own(definitions, value):
    refuse_foreign_values("t", frame(value), definitions=definitions)


@pytest.mark.parametrize(
    "value",
    [
        8.0,
        7.1,
        7 / 366,
        7 / 30_001 * 1_000,
        7 / 30_000 * 10_000_000,  # per ten million: no scale of ours
        7 / 30_000 / 10,
        0.0,  # a count of 7 is not rounded to none
        round(7 / 30_000 * 100_000, 2) + 0.01,
    ],
)
def test_a_value_of_other_counts_is_refused(definitions, value):
    words = r"'t' \(column 'value', 1 rows\): the value is not the count, rate, share or figure"
    with pytest.raises(DisclosureError, match=words):
        refuse_foreign_values("t", frame(value), definitions=definitions)


def test_seven_decimals_are_not_a_rounding_of_ours(definitions):
    """A millionth is the tolerance of values up to one, and a millionth of greater ones."""
    refuse_foreign_values("t", frame(7 + 6e-6), definitions=definitions)
    with pytest.raises(DisclosureError, match="column 'value'"):
        refuse_foreign_values("t", frame(7 + 8e-6), definitions=definitions)
    share = 7 / 30_000
    refuse_foreign_values("t", frame(share + 0.9e-6, days=None), definitions=definitions)
    with pytest.raises(DisclosureError, match="column 'value'"):
        refuse_foreign_values("t", frame(share + 1.6e-6, days=None), definitions=definitions)


def test_a_zero_of_no_event_is_its_own(definitions):
    refuse_foreign_values("t", frame(0.0, count=0), definitions=definitions)
    refuse_foreign_values("t", frame(0.0, count=0, whole=None, days=None), definitions=definitions)


@pytest.mark.parametrize(("n", "refused"), [(7, False), (30_000, False), (None, False), (8, True)])
def test_n_is_the_count_or_the_denominator(definitions, n, refused):
    if refused:
        with pytest.raises(DisclosureError, match="n is neither the numerator nor the denominator"):
            refuse_foreign_values("t", frame(7.0, n=n), definitions=definitions)
    else:
        refuse_foreign_values("t", frame(7.0, n=n), definitions=definitions)


def test_what_is_judged_otherwise_is_left_to_its_judge(definitions):
    refuse_foreign_values("t", frame(8.0, indicator="severity_index"), definitions=definitions)
    refuse_foreign_values("t", frame(8.0, unit="respondent"), definitions=definitions)
    refuse_foreign_values("t", frame(8.0, base="2020"), definitions=definitions)
    none = frame(None).assign(numerator=pd.array([None], dtype="Int64"))
    refuse_foreign_values("t", none.assign(value=8.0), definitions=definitions)
    refuse_foreign_values("t", frame(7.0).drop(columns=["days", "n"]), definitions=definitions)


def test_amounts_and_estimates_are_judged_otherwise(definitions):
    for unit in ("euro", "respondent"):
        refuse_foreign_values("t", frame(8.0).assign(unit=unit), definitions=definitions)
    with pytest.raises(DisclosureError, match="the value is not the count"):
        refuse_foreign_values("t", frame(8.0), definitions=definitions)
