"""Tables are what the schemas say, or every fault is told at once."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from obs.errors import SchemaError
from obs.schemas import (
    ALL,
    COUNTS,
    EVENTS,
    INDICATORS,
    SCHEMAS,
    check_columns,
    check_table,
    empty_table,
)


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
    with pytest.raises(SchemaError, match="COUNTS: the table must be a DataFrame, not a list"):
        check_table([1, 2], COUNTS)


@pytest.mark.parametrize(
    "kind", ["object", "string", "string[pyarrow]", "category", pd.ArrowDtype(pa.string())]
)
def test_text_of_any_kind_is_text(kind):
    table = counts(form=["physical", ALL]).astype(
        dict.fromkeys(["territory", "unit", "form"], kind)
    )
    pd.testing.assert_frame_equal(
        check_table(table, COUNTS), check_table(counts(form=["physical", ALL]), COUNTS)
    )


@pytest.mark.parametrize("kind", ["int8", "float64", "Int64", "uint16", "Float32", "object"])
def test_whole_numbers_of_any_kind_are_counts(kind):
    checked = check_table(counts(numerator=pd.Series([12, 0]).astype(kind)), COUNTS)
    assert checked["numerator"].tolist() == [12, 0]
    assert checked["numerator"].dtype == "Int64"


def test_dates_may_be_iso_text_and_nothing_that_can_be_read_in_two_ways():
    table = pd.DataFrame({"event_date": ["2024-02-03", None, "2024-02-03 10:30"]})
    assert check_columns(table, EVENTS)["event_date"].dt.day.tolist()[::2] == [3, 3]
    for other in (["03/02/2024"], [20240203], [2024.0], ["2024"], [True]):
        with pytest.raises(SchemaError, match="such as 2024-03-31"):
            check_columns(pd.DataFrame({"event_date": other}), EVENTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"territory": [21001, 21002]}, "04000 read as a number is 4000"),
        ({"territory": [["21001"], ["21002"]]}, "'territory' must hold text"),
        ({"territory": [b"21001", b"21002"]}, "'territory' must hold text"),
        ({"form": [1, 2]}, "'form' must hold text"),
        ({"numerator": [np.inf, 0]}, "'numerator' holds infinite"),
        ({"numerator": [1e30, 0]}, "'numerator' holds infinite numbers or counts above 9007"),
        ({"numerator": [10**17, 0]}, "'numerator' holds infinite numbers or counts above"),
        ({"numerator": [True, False]}, "'numerator' must hold count"),
        ({"population": [-5.0, 1.0]}, r"'population' is negative in 1 row \(first: 0\)"),
        ({"population": [np.inf, 1.0]}, "'population' holds infinite"),
        ({"period": ["2021", "2021"]}, r"pandas.PeriodIndex\(table\['period'\]"),
    ],
)
def test_what_cannot_be_is_refused_in_words(change, message):
    with pytest.raises(SchemaError, match=message):
        check_table(counts(**change), COUNTS)


def test_two_columns_of_one_name_and_names_of_two_rows_are_refused():
    table = counts()
    with pytest.raises(SchemaError, match="several columns called 'unit'"):
        check_table(pd.concat([table, table[["unit"]]], axis=1), COUNTS)
    with pytest.raises(SchemaError, match="2 rows of column names"):
        check_table(pd.concat({"a": table}, axis=1), COUNTS)


def test_limits_inside_out_are_refused():
    row = (
        empty_table(INDICATORS)
        .reindex([0])
        .assign(
            indicator="theft",
            territory="21001",
            period=pd.PeriodIndex(["2021"], freq="Y"),
            status="ok",
            synthetic=False,
            unit="fact",
        )
    )
    assert len(check_table(row.assign(low=1.0, high=2.0), INDICATORS)) == 1
    with pytest.raises(SchemaError, match="column 'low' is above 'high' in 1 row"):
        check_table(row.assign(low=2.0, high=1.0), INDICATORS)
