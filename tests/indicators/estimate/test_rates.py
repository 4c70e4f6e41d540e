"""Rates and shares: workbook values, the four kinds of absence, refusals, properties."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import ObsError, SchemaError
from obs.indicators import add_rate, add_share

ADDED = ["value", "low", "high", "status"]


def table(numerator, denominator, **columns):
    return pd.DataFrame({"numerator": numerator, "denominator": denominator, **columns})


def load_case(shared, name):
    case = json.loads((shared / "cases" / name / "expected.json").read_text())
    rows = pd.DataFrame(case["expected"]["rows"])
    return rows, case["meta"]["tolerance_hint"]


@pytest.mark.parametrize(("confidence", "suffix"), [(0.95, "95_0"), (0.998, "99_8")])
def test_rates_are_those_of_the_phe_workbook(shared, confidence, suffix):
    rows, rtol = load_case(shared, "rate_byars_exact")
    for per, group in rows.groupby("multiplier"):
        ours = add_rate(
            group, per=per, confidence=confidence, events="Numerator", exposure="Denominator"
        )
        for mine, theirs in (("low", f"lower{suffix}cl"), ("high", f"upper{suffix}cl")):
            np.testing.assert_allclose(ours[mine].astype(float), group[theirs], rtol=rtol)
        unknown = group[["Numerator", "Denominator"]].isna().any(axis=1)
        assert (ours["status"] == np.where(unknown, "missing", "ok")).all()


def test_rates_of_grouped_areas_are_those_of_the_phe_workbook(shared):
    rows, rtol = load_case(shared, "rate_grouped_areas")
    given_rows = pd.read_csv(shared / "cases" / "rate_grouped_areas" / "input.csv")
    sums = given_rows.groupby("Area")[["Numerator", "Denominator"]].sum(min_count=1)
    for (per, confidence), expected in rows.groupby(["multiplier", "confidence"]):
        grouped = sums.loc[expected["Area"]]
        ours = add_rate(
            grouped,
            per=per,
            confidence=float(confidence.rstrip("%")) / 100,
            events="Numerator",
            exposure="Denominator",
        )
        for mine, theirs in (("value", "value"), ("low", "lowercl"), ("high", "uppercl")):
            np.testing.assert_allclose(ours[mine].astype(float), expected[theirs], rtol=rtol)


def test_zero_missing_and_withheld_are_three_things():
    ours = add_rate(
        table(
            [0, None, 7, None, 4, 4],
            [1000, 1000, 1000, 1000, None, 0],
            status=["zero", "missing", "ok", "suppressed_source", "ok", "ok"],
        )
    )
    assert ours["status"].tolist() == [
        "zero",
        "missing",
        "ok",
        "suppressed_source",
        "missing",
        "missing",
    ]
    assert ours["value"].isna().tolist() == [False, True, False, True, True, True]
    assert ours.loc[0, "value"] == 0
    assert ours.loc[0, "high"] > 0


def test_a_provisional_count_keeps_its_status_and_its_rate():
    ours = add_rate(table([40], [1000], status=["provisional"]))
    assert ours.loc[0, ["value", "status"]].tolist() == [40, "provisional"]


def test_a_withheld_count_never_shows_a_value_even_if_the_number_is_there():
    ours = add_rate(table([3], [1000], status=["suppressed_primary"]))
    assert ours[["value", "low", "high"]].isna().all(axis=None)
    assert ours["status"].tolist() == ["suppressed_primary"]


def test_shares_are_wilson_and_know_their_absences():
    ours = add_share(table([366, 0, None, 0], [426, 40, 40, 0]))
    assert ours["value"].round(3).tolist()[:2] == [0.859, 0.0]
    assert ours.loc[0, ["low", "high"]].astype(float).round(3).tolist() == [0.823, 0.889]
    assert ours["status"].tolist() == ["ok", "zero", "missing", "missing"]


@pytest.mark.parametrize("count", [-1, 2.5])
@pytest.mark.parametrize("add", [add_rate, add_share])
def test_fractional_and_negative_counts_are_refused(add, count):
    with pytest.raises(SchemaError, match=r"1 row\(s\) hold no whole count .*positions: 1"):
        add(table([3, count], [10, 10]))


def test_faulty_calls_say_what_is_wrong():
    with pytest.raises(SchemaError, match="deaths are absent. The table has: numerator"):
        add_rate(table([1], [1]), events="deaths")
    with pytest.raises(SchemaError, match="Did you mean 'numerator'"):
        add_rate(table([1], [1]), events="numerater")
    for add in (add_rate, add_share):
        with pytest.raises(SchemaError, match=r"'denominator': 1 row\(s\) hold infinite"):
            add(table([1], [np.inf]))
        with pytest.raises(SchemaError, match=r"'denominator': 1 row\(s\) hold negative"):
            add(table([1, 2], [9, -5]))
        with pytest.raises(SchemaError, match="no status. Did you mean 'zero'"):
            add(table([1], [9], status=["zeros"]))
        with pytest.raises(SchemaError, match="several columns called 'denominator'"):
            add(
                table([1], [9])
                .assign(other=2)
                .set_axis(["numerator", *["denominator"] * 2], axis=1)
            )
        for other in ([1, 2], {"numerator": [1]}, None, 3, pd.Series([1])):
            with pytest.raises(SchemaError, match="table must be a DataFrame, not a"):
                add(other)
    for other in (["a"], [pd.Timestamp(2024, 1, 1)], [True], [1j], [[1]]):
        with pytest.raises(SchemaError, match="must hold numbers"):
            add_rate(table(other, [1]))
    for per in (0, -1000, np.inf, np.nan, "1000", True, None):
        with pytest.raises(ObsError, match="add_rate: per"):
            add_rate(table([3], [2]), per=per)
    with pytest.raises(ObsError, match="above their whole"):
        add_share(table([3], [2]))
    with pytest.raises(ObsError, match="between 0 and 1"):
        add_rate(table([3], [2]), confidence=95)


@pytest.mark.parametrize("add", [add_rate, add_share])
def test_empty_and_one_row_tables_keep_their_shape_and_index(add):
    one = table([3], [10], name=["x"]).set_index(pd.Index([7]))
    ours = add(one)
    assert ours.index.tolist() == [7]
    assert ours.columns.tolist() == [*one.columns, *ADDED]
    assert add(one.iloc[:0]).shape == (0, 7)
    assert ours["value"].dtype == "Float64"


counts = st.lists(
    st.tuples(st.integers(0, 10**6) | st.none(), st.integers(0, 10**6) | st.none()), min_size=1
)


@pytest.mark.slow
@given(counts, st.integers(2, 50))
def test_rates_hold_their_value_scale_and_leave_the_input_alone(rows, factor):
    given_rows = table(
        pd.array([r[0] for r in rows], dtype="Int64"), pd.array([r[1] for r in rows], dtype="Int64")
    )
    before = given_rows.copy(deep=True)
    ours = add_rate(given_rows)
    pd.testing.assert_frame_equal(given_rows, before)
    known = ours["value"].notna()
    assert (ours["low"] <= ours["value"])[known].all()
    assert (ours["value"] <= ours["high"])[known].all()
    assert (known == ours["status"].isin(["ok", "zero"])).all()
    larger = add_rate(given_rows.assign(denominator=given_rows["denominator"] * factor))
    np.testing.assert_allclose(
        (larger["value"] * factor).astype(float), ours["value"].astype(float), rtol=1e-12
    )
    backwards = add_rate(given_rows.iloc[::-1]).iloc[::-1]
    pd.testing.assert_frame_equal(backwards, ours)
