"""Standardised rates as a table: the workbook's rates, the threshold, absent strata."""

import json

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.errors import ObsError, SchemaError
from obs.indicators import standardise
from obs.stats import direct_rate

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


def test_a_provisional_stratum_makes_a_provisional_rate():
    given = TWO.assign(status=["provisional", "ok", "provisional", "missing"])
    known, unknown = run(given).to_dict("records")
    assert (known["status"], unknown["status"]) == ("provisional", "missing")
    assert known["value"] == run(TWO)["value"].iloc[0]
    few = TWO.assign(status="provisional", numerator=[30, 10, 5, 2])
    assert run(few)["status"].tolist() == ["provisional", "unreliable"]


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


def test_groups_that_share_a_part_of_their_key_stay_apart():
    both = pd.concat([TWO, TWO.assign(period="2023", numerator=TWO["numerator"] * 2)])
    made = standardise(both, by=["territory", "period"], strata="age", standard=STANDARD)
    found = made.sort_values(["territory", "period"])
    assert found[["territory", "period", "numerator"]].to_numpy().tolist() == [
        ["21001", "2022", 40],
        ["21001", "2023", 80],
        ["21002", "2022", 10],
        ["21002", "2023", 20],
    ]


def test_repeat_victims_widen_the_interval_and_leave_the_rate():
    table = TWO.assign(squares=[60, 20, 8, 2])
    plain, repeated = run(TWO), run(table, squares="squares")
    assert repeated["value"].tolist() == plain["value"].tolist()
    assert (repeated["high"] > plain["high"]).tolist() == [True, False]


def test_a_stratum_of_no_standard_enters_nothing():
    """A total beside its parts, even withheld or unknown, changes no column of the result."""
    total = make_table(("21001", "total", 40, 2_000), ("21002", "total", None, None))
    both = pd.concat([TWO, total], ignore_index=True).assign(squares=[30, 10, 8, 2, 40, None])
    standard = pd.concat([pd.Series({"total": 0.0}), STANDARD])
    for extra in ({}, {"status": ["ok"] * 4 + ["suppressed_source", "missing"]}):
        for squares in (None, "squares"):
            made = standardise(
                both.assign(**extra),
                by="territory",
                strata="age",
                standard=standard,
                squares=squares,
            )
            assert_frame_equal(made, run(TWO))
    with_total = pd.concat([TWO.drop(index=3), total], ignore_index=True)
    assert standardise(with_total, by="territory", strata="age", standard=standard)[
        "status"
    ].tolist() == ["ok", "missing"]


def test_a_mapping_is_a_standard_and_its_order_and_index_do_not_matter():
    for standard in (STANDARD.to_dict(), STANDARD.iloc[::-1], STANDARD.astype("Int64")):
        made = standardise(TWO, by="territory", strata="age", standard=standard)
        assert_frame_equal(made, run(TWO))
    text = TWO.astype({"age": "category", "territory": "string"})
    assert run(text)["value"].tolist() == run(TWO)["value"].tolist()


@pytest.mark.parametrize(
    ("squares", "said"),
    [
        ([3, 10, 8, 2], r"1 value\(s\) below the events"),
        ([901, 10, 8, 2], r"1 value\(s\) above the events squared"),
        ([-1, 10, 8, 2], "below 0"),
    ],
)
def test_squares_that_no_persons_can_have_are_refused(squares, said):
    with pytest.raises(ObsError, match=said):
        run(TWO.assign(squares=squares), squares="squares")


@pytest.mark.parametrize("persons", [[[1] * 30], [[3] * 10], [[30]], [[2, 5, 1], [4]]])
def test_squares_of_any_persons_are_taken(persons):
    """Sums over persons made one by one, and the variance by hand."""
    events = [sum(p) for p in persons] + [0] * (2 - len(persons))
    squares = [sum(x * x for x in p) for p in persons] + [0] * (2 - len(persons))
    rate, variance = direct_rate(events, [1_000, 1_000], [1, 1], squares=squares)
    assert rate == pytest.approx(sum(events) / 2_000)
    assert variance == pytest.approx(sum(squares) / 1_000**2 / 4)


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
        (lambda: run(TWO, per=0), ObsError, "per=0 must be above 0"),
        (lambda: run([1, 2]), SchemaError, "table must be a DataFrame, not a list"),
        (lambda: run(TWO.assign(denominator=-5)), ObsError, "population: 4 .* below 0"),
        (lambda: run(TWO.assign(denominator=np.inf)), ObsError, "infinite"),
        (lambda: run(TWO.assign(numerator=1.5)), SchemaError, "4 count.* not whole"),
        (lambda: run(TWO.assign(numerator="5")), SchemaError, "'numerator' must hold numbers"),
        (lambda: run(TWO.assign(age=None)), SchemaError, r"4 row\(s\) have no territory or no age"),
        (
            lambda: standardise(TWO, by="territory", strata="age", standard=[2, 1]),
            ObsError,
            "a Series or a mapping from age to populations, not a list",
        ),
        (
            lambda: standardise(TWO, by="territory", strata="age", standard={"young": np.inf}),
            ObsError,
            "known populations",
        ),
        (
            lambda: standardise(TWO, by=[], strata="age", standard=STANDARD),
            ObsError,
            "name one column or more",
        ),
    ],
)
def test_impossible_inputs_are_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()
