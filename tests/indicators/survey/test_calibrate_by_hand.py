"""Calibration totals at their limits: what matches, what contradicts, what is not possible."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import SurveyDesign

TABLE = pd.DataFrame(
    {
        "w": [10.0, 10.0, 20.0, 20.0],
        "sex": ["f", "m", "f", "m"],
        "age": ["y", "y", "o", "o"],
        "size": [1.0, 2.0, 3.0, 4.0],
        "debt": [-1.0, -2.0, 0.0, -4.0],
    }
)
SEX, AGE = {"f": 40, "m": 20}, {"y": 30, "o": 30}


def weights(totals, table=TABLE, **options):
    return SurveyDesign(table, weight="w").calibrate(totals, **options).weights.to_numpy()


def refusal(totals, table=TABLE, kind=ObsError, **options):
    with pytest.raises(kind) as refused:
        weights(totals, table, **options)
    return str(refused.value)


def test_one_margin_scales_the_weights_of_each_level():
    found = weights({"sex": SEX})
    assert found == pytest.approx([40 * 10 / 30, 20 * 10 / 30, 40 * 20 / 30, 20 * 20 / 30])
    assert weights({"sex": pd.Series(SEX)}) == pytest.approx(found)
    assert weights({"sex": SEX}, method="poststratify") == pytest.approx(found)


def test_two_margins_are_both_met():
    found = weights({"sex": SEX, "age": AGE})
    assert found[[0, 2]].sum() == pytest.approx(40)
    assert found[[0, 1]].sum() == pytest.approx(30)


def test_a_crossing_is_one_margin_and_several_are_no_post_stratification():
    crossed = {("sex", "age"): {("f", "y"): 15, ("m", "y"): 15, ("f", "o"): 15, ("m", "o"): 15}}
    assert weights(crossed, method="poststratify") == pytest.approx([15] * 4)
    assert "takes the levels of one column" in refusal(
        {"sex": SEX, "age": AGE}, method="poststratify"
    )
    assert "takes the levels of one column" in refusal({"size": 170}, method="poststratify")


def test_a_number_is_met_beside_the_margins_or_alone():
    found = weights({"sex": {"f": 30, "m": 30}, "size": 180}, method="linear")
    assert (found * TABLE["size"]).sum() == pytest.approx(180)
    assert found.sum() == pytest.approx(60)
    alone = weights({"size": 170.0}, method="linear")
    assert (alone * TABLE["size"]).sum() == pytest.approx(170)


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        ({"sex": {"f": 40}}, "levels of 'sex' without a total in 2 rows"),
        ({"sex": SEX | {"x": 1}}, "totals of 'sex' without a respondent: ['x']"),
        ({"sex": {"f": 70, "m": -10}}, "totals of 'sex' that are missing or negative: ['m']"),
        ({"sex": 5}, "is one number, but this is not a numeric column"),
        ({("sex", "size"): 5}, "is one number, but this is not a numeric column"),
    ],
)
def test_totals_that_do_not_match_the_respondents(totals, said):
    assert said in refusal(totals, kind=SchemaError)


def test_a_level_of_nobody_may_have_the_total_0():
    assert weights({"sex": SEX | {"x": 0}}) == pytest.approx(weights({"sex": SEX}))


@pytest.mark.parametrize("totals", [{}, [], None, 5])
def test_totals_are_a_mapping(totals):
    assert "Totals are a mapping" in refusal(totals)


@pytest.mark.parametrize("value", ["x", None, np.nan, np.inf])
def test_a_total_is_a_number(value):
    assert "The total of 'sex=f' is not a number" in refusal({"sex": {"f": value, "m": 20}})
    if value is not None:
        assert "The total of 'size' is not a number" in refusal({"size": value})


@pytest.mark.parametrize(("m", "met"), [(20.00003, True), (20.0002, False)])
def test_margins_of_one_population_differ_by_rounding_alone(m, met):
    """A millionth of 60 is 0.00006."""
    totals = {"age": AGE, "sex": {"f": 40, "m": m}}
    if met:
        assert weights(totals).sum() == pytest.approx(60, rel=1e-5)
    else:
        assert "do not add up to the same population (age: 60, sex: 60.0002)" in refusal(totals)


def test_a_population_is_not_of_nobody_nor_smaller_than_its_sample():
    assert "there is no population" in refusal({"sex": {"f": 0, "m": 0}})
    assert "add up to 3.9, fewer than the 4 respondents" in refusal({"sex": {"f": 2, "m": 1.9}})
    assert weights({"sex": {"f": 3, "m": 3}}, bounds=None).sum() == pytest.approx(6)


def test_percentages_of_heavy_weights_are_not_taken():
    heavy = TABLE.assign(w=TABLE["w"] * 100)
    assert "while the weights stand for 6,000" in refusal({"sex": {"f": 50, "m": 49}}, heavy)
    assert weights({"sex": {"f": 300, "m": 300}}, heavy).sum() == pytest.approx(600)  # ten times


def test_weights_with_a_mean_of_one_may_be_wanted():
    heavy = TABLE.assign(w=TABLE["w"] * 100)
    assert weights({"sex": {"f": 2, "m": 2}}, heavy).sum() == pytest.approx(4)


def test_a_number_has_a_sign_that_some_respondent_has_and_is_not_below_their_own_sum():
    assert "no respondent has that sign" in refusal({"size": -1}, method="linear")
    assert "no respondent has that sign" in refusal({"debt": 1}, method="linear")
    light = TABLE.assign(w=[1.0, 1.0, 1.0, 2.0])
    below = refusal({"sex": {"f": 2, "m": 3}, "size": 9.9}, light)
    assert "The total of 'size' is 9.9, below the 10 of the respondents alone" in below
    assert (weights({"debt": -130}, method="linear") * TABLE["debt"]).sum() == pytest.approx(-130)


def test_missing_answers_are_refused_unless_their_weight_is_0():
    gap = TABLE.assign(sex=["f", "m", "f", None], size=[1.0, 2.0, 3.0, np.nan])
    assert "column 'sex' is missing in 1 row" in refusal({"sex": SEX}, gap, kind=SchemaError)
    assert "column 'size' is missing in 1 row" in refusal({"size": 100}, gap, kind=SchemaError)
    light = gap.assign(w=[10.0, 10.0, 20.0, 0.0])
    assert weights({"sex": SEX}, light)[:3] == pytest.approx([40 / 3, 20, 80 / 3])
    assert weights({"size": 100}, light, method="linear")[3] == 0


def test_weights_below_nothing_are_refused():
    far = {"sex": {"f": 30, "m": 30}, "size": 235}
    assert "negative weights" in refusal(far, method="linear")
