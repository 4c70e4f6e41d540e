"""Standardised rates as a table: the workbook's rates, the threshold, absent strata."""

import json

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.errors import ObsError, SchemaError
from obs.indicators import standardise

STANDARD = pd.Series({"young": 2_000, "old": 1_000})


def make_table(*rows):
    columns = ["territory", "age", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=columns).assign(period="2022")


TWO = make_table(
    ("21001", "young", 30, 1_000),
    ("21001", "old", 10, 1_000),
    ("21002", "young", 8, 1_000),
    ("21002", "old", 2, 1_000),
)


def run_areas(table, standard, **options):
    return standardise(table, by="area", strata="ageband", standard=standard, **options)


def run(table, **options):
    return standardise(table, by="territory", strata="age", standard=STANDARD, **options)


@pytest.mark.parametrize(("confidence", "suffix"), [(0.95, "95_0cl"), (0.998, "99_8cl")])
def test_rates_limits_and_withholding_are_those_of_the_workbook(shared, confidence, suffix):
    folder = shared / "cases" / "dsr_dobson"
    case = json.loads((folder / "expected.json").read_text())
    table = pd.read_csv(folder / "input.csv")
    table = table.rename(columns={"count": "numerator", "pop": "denominator"})
    standard = table.groupby("ageband")["esp2013"].first()
    assert run_areas(table, standard)["status"].tolist()[-1] == "missing"  # one blank count
    table = table.assign(numerator=table["numerator"].fillna(0))  # which the peer reads as 0
    ours = run_areas(table, standard, confidence=confidence).set_index("area")
    theirs = pd.DataFrame(case["expected"]["dobson"]).set_index("area").loc[ours.index]
    for mine, name in (("value", "value"), ("low", "lower" + suffix), ("high", "upper" + suffix)):
        np.testing.assert_allclose(
            ours[mine].to_numpy(float, na_value=np.nan),
            theirs[name].astype(float),
            rtol=case["meta"]["tolerance_hint"],
        )
    assert ours.at["testdata_tiny", "status"] == "unreliable"
    assert ours["numerator"].tolist() == theirs["total_count"].tolist()
    assert ours["denominator"].tolist() == theirs["total_pop"].tolist()


def test_both_sides_of_the_ten_events():
    nine = TWO.assign(numerator=[30, 10, 8, 1])
    assert run(TWO)["status"].tolist() == ["ok", "ok"]
    assert run(nine)["status"].tolist() == ["ok", "unreliable"]
    assert run(nine)[["value", "low", "high"]].isna().all(axis=1).tolist() == [False, True]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"numerator": [30, None, 8, 2]}, "missing"),
        ({"denominator": [1_000, 0, 1_000, 1_000]}, "missing"),
        ({"status": ["ok", "suppressed_source", "ok", "zero"]}, "suppressed_source"),
        ({"status": ["missing", "ok", "ok", "ok"]}, "missing"),
    ],
)
def test_one_unknown_stratum_makes_its_group_unknown_and_no_other(change, status):
    result = run(TWO.assign(**change))
    assert result["status"].tolist() == [status, "ok"]
    assert result["value"].isna().tolist() == [True, False]


def test_an_absent_stratum_is_not_read_as_no_risk():
    assert run(TWO.drop(index=1))["status"].tolist() == ["missing", "ok"]


def test_rows_in_any_order_and_the_input_untouched():
    before = TWO.copy()
    turned = run(TWO.iloc[::-1]).sort_values("territory", ignore_index=True)
    assert_frame_equal(turned, run(TWO))
    assert_frame_equal(TWO, before)


def test_several_columns_make_groups_and_strata():
    table = pd.concat([TWO.assign(sex=s) for s in ("f", "m")], ignore_index=True)
    standard = pd.concat({"f": STANDARD, "m": STANDARD}).swaplevel()
    result = standardise(
        table, by=["territory", "period"], strata=["age", "sex"], standard=standard
    )
    assert result.columns[:2].tolist() == ["territory", "period"]
    np.testing.assert_allclose(result["value"].astype(float), run(TWO)["value"].astype(float))


def test_repeat_victims_widen_the_interval_and_leave_the_rate():
    table = TWO.assign(squares=[60, 20, 8, 2])
    plain, repeated = run(TWO), run(table, squares="squares")
    assert repeated["value"].tolist() == plain["value"].tolist()
    assert (repeated["high"] > plain["high"]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: run(TWO.drop(columns="numerator")), SchemaError, "numerator are absent"),
        (lambda: run(pd.concat([TWO, TWO])), SchemaError, "4 row\\(s\\) repeat"),
        (lambda: run(TWO.replace("old", "all")), SchemaError, "not in the standard"),
        (
            lambda: standardise(TWO, by="territory", strata="age", standard=-STANDARD),
            ObsError,
            "at least 0",
        ),
        (lambda: run(TWO, confidence=95), ObsError, "0.95, not 95"),
    ],
)
def test_impossible_inputs_are_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()
