"""Bad input is refused with its column and rows, before anything is computed."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import Replication, SurveyDesign


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "w": [2.0, 2.0, 3.0, 3.0, 1.0, 1.0],
            "area": ["a", "a", "a", "b", "b", "b"],
            "unit": [1, 1, 2, 3, 3, 4],
            "size": [20, 20, 20, 10, 10, 10],
            "sex": ["f", "m", "f", "m", "f", "m"],
            "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "r1": [1.0, 2, 3, 4, 5, 6],
            "r2": [2.0, 1, 3, 4, 5, 6],
        }
    )


def design(table, **options):
    return SurveyDesign(table, **{"weight": "w", "stratum": "area", "cluster": "unit", **options})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-1.0, r"weight 'w' is negative in 1 rows: 3"),
        (np.nan, r"weight 'w' is missing or not a number in 1 rows: 3"),
        (np.inf, r"weight 'w' is missing or not a number in 1 rows: 3"),
    ],
)
def test_a_weight_that_cannot_be_used(table, value, message):
    table.loc[2, "w"] = value
    with pytest.raises(SchemaError, match=message):
        design(table)


def test_weights_that_are_all_zero(table):
    with pytest.raises(SchemaError, match="0 in every row"):
        design(table.assign(w=0.0))


def test_all_faults_are_told_at_once(table):
    table.loc[0, "w"] = -1
    table.loc[1, "area"] = None
    table["size"] = [0, 20, 20, 10, 10, 10]
    with pytest.raises(SchemaError) as caught:
        design(table, fpc="size")
    for part in ("'w' is negative", "'area' is missing in 1 rows: 2", "'size'"):
        assert part in str(caught.value)


def test_unknown_columns_are_named_with_those_there_are(table):
    with pytest.raises(SchemaError, match=r"no column 'wgt'\. Its columns: w, area"):
        design(table, weight="wgt")
    with pytest.raises(SchemaError, match="no column 'z'"):
        design(table).mean("z")


def test_a_table_that_is_not_one_or_is_empty(table):
    with pytest.raises(ObsError, match="must be a DataFrame, not dict"):
        SurveyDesign({"w": [1]}, weight="w")
    with pytest.raises(SchemaError, match="has no rows"):
        design(table.iloc[:0])


def test_a_cluster_in_two_strata_is_refused_unless_codes_start_again(table):
    table["unit"] = [1, 1, 2, 1, 1, 2]
    with pytest.raises(
        SchemaError, match=r"2 clusters \(column 'unit'\) lie in two .* nested=True"
    ):
        design(table)
    assert design(table, nested=True).summary().loc[0, "n_units"] == 4


def test_a_population_smaller_than_the_sample(table):
    with pytest.raises(SchemaError, match=r"'size' .* smaller than the sample .* 3 rows: 1, 2, 3"):
        design(table.assign(size=[1.5, 1.5, 1.5, 10, 10, 10]), fpc="size")


def test_a_population_that_varies_in_a_stratum(table):
    with pytest.raises(SchemaError, match=r"'size' .* differs between the rows of a stratum"):
        design(table.assign(size=[20, 21, 20, 10, 10, 10]), fpc="size")


def test_population_sizes_may_be_fractions(table):
    sizes = design(table, fpc="size").mean("y")
    fractions = design(table.assign(size=[0.1] * 3 + [0.2] * 3), fpc="size").mean("y")
    pd.testing.assert_frame_equal(sizes, fractions)


def test_a_single_unit_stratum_needs_a_policy(table):
    table["unit"] = [1, 1, 2, 3, 3, 3]
    with pytest.raises(ObsError, match=r"1 strata \(column 'area'\) .* 3 rows: 4, 5, 6"):
        design(table)
    with pytest.raises(ObsError, match="Unknown single 'ignore'"):
        design(table, single="ignore")
    whole = table.assign(size=[20, 20, 20, 1, 1, 1])
    assert design(whole, fpc="size").mean("y").loc[0, "se"] > 0


def test_replicate_weights_that_cannot_be_used(table):
    both = {"replicates": ["r1", "r2"], "method": "jk1"}
    with pytest.raises(ObsError, match="need both replicates"):
        design(table, replicates=["r1", "r2"])
    with pytest.raises(SchemaError, match="At least two replicate"):
        design(table, replicates=["r1"], method="jk1")
    rule = Replication("jkn", rscales=(1.0, 1.0, 1.0))
    with pytest.raises(SchemaError, match="2 replicate weights and 3 rscales"):
        design(table, replicates=["r1", "r2"], method=rule)
    with pytest.raises(ObsError, match="jkn needs rscales"):
        design(table, replicates=["r1", "r2"], method="jkn")
    with pytest.raises(ObsError, match="Unknown replicate method 'sdr'"):
        design(table, replicates=["r1", "r2"], method="sdr")
    table.loc[4, "r2"] = np.nan
    with pytest.raises(
        SchemaError, match=r"missing or negative in 1 columns \(first: 'r2'\), 1 rows: 5"
    ):
        design(table, **both)


def test_totals_that_do_not_match_the_categories(table):
    with pytest.raises(SchemaError, match=r"levels of 'sex' without a total in 3 rows: 2, 4, 6"):
        design(table).calibrate({"sex": {"f": 10}})
    with pytest.raises(SchemaError, match=r"totals of 'sex' without a respondent: \['x'\]"):
        design(table).calibrate({"sex": {"f": 10, "m": 5, "x": 2}})
    with pytest.raises(SchemaError, match=r"'sex' is missing in 1 rows: 1"):
        design(table.assign(sex=[None, "m", "f", "m", "f", "m"])).calibrate(
            {"sex": {"f": 10, "m": 5}}
        )
    with pytest.raises(ObsError, match=r"margins do not add up .*sex: 15, area: 18"):
        design(table).calibrate({"sex": {"f": 10, "m": 5}, "area": {"a": 9, "b": 9}})


@pytest.mark.slow
def test_a_calibration_that_cannot_converge(table):
    totals = {"sex": {"f": 100.0, "m": 1.0}}
    with pytest.raises(ObsError, match=r"cannot be calibrated by bounded.*sex=f"):
        design(table).calibrate(totals, method="bounded", bounds=(0.9, 1.1))
    with pytest.raises(ObsError, match="Bounds go with the methods"):
        design(table).calibrate(totals, bounds=(0.9, 1.1))
    with pytest.raises(ObsError, match="Unknown calibration method 'ipf'"):
        design(table).calibrate(totals, method="ipf")
    with pytest.raises(ObsError, match="Linear calibration gives negative weights"):
        design(table).calibrate({"y": 21.0, "sex": {"f": 6.0, "m": 0.5}}, method="linear")


def test_limits_that_trimming_cannot_keep(table):
    with pytest.raises(ObsError, match="mean is 2"):
        design(table).trim(upper=1.5)


def test_a_breakdown_with_the_name_of_a_result(table):
    with pytest.raises(SchemaError, match="cannot be called 'level'"):
        design(table.assign(level="x")).mean("y", by="level")


def test_text_has_no_mean(table):
    with pytest.raises(SchemaError, match="'sex' are not numbers. Use share"):
        design(table).mean("sex")


def test_a_condition_of_the_wrong_length_or_kind(table):
    with pytest.raises(SchemaError, match="one value for each of the 6 rows"):
        design(table).subset([True, False])
    with pytest.raises(SchemaError, match="boolean"):
        design(table).subset(["yes"] * 6)


def test_options_outside_their_range(table):
    with pytest.raises(ObsError, match="0.95, not 95"):
        design(table).mean("y", confidence=95)
    with pytest.raises(ObsError, match="Unknown interval 'exact'"):
        design(table).share("sex", interval="exact")
    with pytest.raises(ObsError, match="Unknown quantile rule 'hf1'"):
        design(table).quantile("y", rule="hf1")
    with pytest.raises(ObsError, match="probability must be between"):
        design(table).quantile("y", probability=50)
    with pytest.raises(ObsError, match="tuple of two columns"):
        design(table).ratio("y")
    with pytest.raises(ObsError, match="Unknown df 'residual'"):
        design(table, df="residual")


def test_replicates_that_the_design_does_not_fit(table):
    with pytest.raises(ObsError, match="jk1 is for a design of one stratum"):
        design(table).replicate("jk1")
    with pytest.raises(ObsError, match="need a random generator"):
        design(table).replicate("bootstrap")
    three = table.assign(unit=[1, 2, 3, 4, 5, 6])
    with pytest.raises(ObsError, match="2 strata do not have exactly two units"):
        design(three).replicate("brr")
    with pytest.raises(ObsError, match="before the calibration"):
        design(table).calibrate({"sex": {"f": 6, "m": 6}}).replicate("jkn")


def test_comparisons_that_do_not_exist(table):
    with pytest.raises(ObsError, match="base 'x' is not a domain"):
        design(table).contrast("y", by="sex", base="x")
    with pytest.raises(ObsError, match="fewer than two domains"):
        design(table.assign(sex="f")).contrast("y", by="sex")
    with pytest.raises(ObsError, match="Cannot compare the 'odds' of 'mean'"):
        design(table).contrast("y", by="sex", compare="odds")


def test_a_standard_that_does_not_fit(table):
    with pytest.raises(SchemaError, match=r"classes without a size \['m'\]"):
        design(table).standardise("y", over="sex", standard={"f": 1})


def test_columns_without_any_answer(table):
    empty = design(table.assign(none=None, many=np.nan))
    with pytest.raises(SchemaError, match="'none' has no answer"):
        empty.share("none")
    with pytest.raises(SchemaError, match=r"No respondent has a value in \['none'\]"):
        empty.mean("y", by="none")
    assert empty.mean("many").loc[0, ["n", "reason"]].tolist() == [0, "no answer"]
    with pytest.raises(SchemaError, match=r"need 6 values: \['a'\]"):
        empty.with_columns({"a": [1, 2]})


def test_a_subset_of_nobody_says_so(table):
    found = design(table).subset(np.zeros(6, dtype=bool)).share("sex")
    assert found["reason"].tolist() == ["no answer", "no answer"]
