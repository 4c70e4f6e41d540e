"""Years compared over the months that both know: what is added up, what is left out."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.reference import load_breaks
from obs.stats import rate_ratio
from obs.trends import compare_same_months
from tests.trends.change.test_comparison import make_table

NONE = load_breaks().iloc[:0]


def months(*years, first=2019, lacking=()):
    """Give monthly counts: of each year, one number; `lacking` months have days not told."""
    rows = [("04000", f"{first + i}-{m:02}", n) for i, n in enumerate(years) for m in range(1, 13)]
    table = make_table(*rows, freq="M").assign(scale="count")
    named = table["period"].astype("str").isin(lacking)
    return table.assign(
        reason=pd.Series(np.where(named, "untold_days", None), dtype="str"),
        status=np.where(named, "provisional", table["status"]),
    )


def test_eleven_months_are_compared_where_one_is_not_known():
    """100 and 204 a month, eleven months: 2244 on 1100 is +104 %."""
    found = compare_same_months(months(100, 204, lacking=["2019-09"]), base=2019, breaks=NONE)
    (row,) = found.to_dict("records")
    assert (row["numerator"], row["base_numerator"], row["periods"]) == (2244, 1100, 11)
    assert row["change"] == pytest.approx(1.04)
    expected = rate_ratio(2244, 1, 1100, 1)
    assert row["low"] == pytest.approx(float(expected.low) - 1)
    assert (row["verdict"], row["point"], row["change_of"]) == ("up", "same_months", "count")


def test_every_later_year_is_compared_with_the_base():
    found = compare_same_months(months(100, 204, 160), base="2019", breaks=NONE)
    assert found["change"].round(2).tolist() == [1.04, 0.6]
    assert found["periods"].tolist() == [12, 12]


def test_too_few_months_in_common_do_not_stand_for_a_year():
    lacking = [f"2019-{m:02}" for m in range(1, 5)]
    assert compare_same_months(months(100, 200, lacking=lacking), base=2019, breaks=NONE).empty


def test_a_month_lacking_in_the_later_year_is_left_out_of_both():
    found = compare_same_months(months(100, 200, lacking=["2020-03"]), base=2019, breaks=NONE)
    assert found["base_numerator"].tolist() == [1100]


@pytest.mark.parametrize(
    ("change", "base", "said"),
    [
        ({"scale": "per_1000_inhabitants"}, 2019, "adds up counts"),
        ({}, 1999, "base '1999' is no year of the table, which has 2019-01 to 2020-12"),
        ({}, "previous", "base 'previous' is no year of the table"),
    ],
)
def test_what_it_cannot_compare_is_refused(change, base, said):
    with pytest.raises(ObsError, match=said):
        compare_same_months(months(100, 200).assign(**change), base=base, breaks=NONE)


def test_a_table_without_a_scale_is_refused():
    with pytest.raises(SchemaError, match="scale"):
        compare_same_months(months(100, 200).drop(columns="scale"), base=2019, breaks=NONE)


def test_years_are_refused():
    table = make_table(("04000", 2019, 100), ("04000", 2020, 120)).assign(scale="count")
    with pytest.raises(ObsError, match="compares months"):
        compare_same_months(table, base=2019, breaks=NONE)
