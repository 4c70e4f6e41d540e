"""Tables are what the schemas say, or every fault is told at once."""

import pandas as pd
import pytest

from obs.errors import SchemaError
from obs.schemas import ALL, COUNTS, INDICATORS, SCHEMAS, check_table, empty_table


def counts(**changes):
    table = pd.DataFrame(
        {
            "territory": ["21001", "21002"],
            "period": pd.PeriodIndex(["2021", "2021"], freq="Y"),
            "phenomenon": ["theft", "theft"],
            "unit": ["fact", "fact"],
            "numerator": [12, 0],
            "status": ["ok", "zero"],
            "delivery": ["a", "a"],
        }
    )
    return table.assign(**changes)


def test_a_good_table_comes_back_typed_and_the_input_is_untouched():
    table = counts()
    before = table.copy()
    checked = check_table(table, COUNTS)
    pd.testing.assert_frame_equal(table, before)
    assert checked["numerator"].dtype == "Int64"
    assert len(checked) == 2


def test_every_fault_is_told_at_once():
    table = counts(territory=[21001, 21002], unit=["fact", "crime"], numerator=[-1, 0])
    with pytest.raises(SchemaError) as told:
        check_table(table.drop(columns="status"), COUNTS)
    for part in (
        "'status' is absent",
        "'territory' must hold text",
        "'unit' has a code",
        "negative",
    ):
        assert part in str(told.value)


def test_codes_in_messages_are_the_allowed_ones_never_the_values_met():
    with pytest.raises(SchemaError) as told:
        check_table(counts(unit=["fact", "a person's name"]), COUNTS)
    assert "a person's name" not in str(told.value)


def test_a_repeated_key_is_refused_and_a_breakdown_joins_the_key():
    twice = counts(territory=["21001", "21001"])
    with pytest.raises(SchemaError, match="repeated in 2 rows"):
        check_table(twice, COUNTS)
    assert len(check_table(twice.assign(form=["physical", ALL]), COUNTS)) == 2


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_empty_table_meets_its_own_schema(name):
    assert check_table(empty_table(SCHEMAS[name]), SCHEMAS[name]).empty


def test_a_count_with_decimals_is_refused():
    with pytest.raises(SchemaError, match="'numerator' must hold count values"):
        check_table(counts(numerator=[1.5, 0.0]), COUNTS)


def test_period_of_an_indicator_table_must_be_periods():
    table = empty_table(INDICATORS).assign(period=pd.Series(dtype="str"))
    with pytest.raises(SchemaError, match="'period' must hold period"):
        check_table(table, INDICATORS)


def test_what_is_no_table_is_refused():
    with pytest.raises(SchemaError, match="COUNTS: a DataFrame is needed, not list"):
        check_table([1, 2], COUNTS)
