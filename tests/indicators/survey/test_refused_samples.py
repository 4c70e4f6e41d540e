"""What a survey design refuses, in which words; boundaries and untold answers by hand."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import (
    Replication,
    SurveyDesign,
    add_contributors,
    association_test,
    group_test,
    regress,
    term_test,
)
from obs.indicators.survey.respondent_checks import (
    aligned,
    is_number,
    is_yes_no,
    of_another_type,
    read_numbers,
    weight_numbers,
)


def eight(**columns):
    return pd.DataFrame(
        {
            "w": 1.0,
            "x": [1.0, 2, 3, 4, 5, 6, 7, 8],
            "sex": ["f", "m"] * 4,
            "place": ["a", "a", "a", "b", "b", "b", "c", "c"],
            **columns,
        }
    )


def simple(**columns):
    return SurveyDesign(eight(**columns), weight="w")


REPLICATES = {f"r{k}": np.roll([0.0, 8 / 7, *[8 / 7] * 6], k) for k in range(8)}
NAMES = list(REPLICATES)


def replicated(rule=None, names=NAMES, **columns):
    made = REPLICATES | columns
    return SurveyDesign(
        eight(**made), weight="w", replicates=names, method=rule or Replication("jk1")
    )


def calibrated(totals, design=None, **options):
    return (design or simple()).calibrate(totals, **options)


REFUSED = {
    "strata without clusters": (
        lambda: SurveyDesign(eight(), weight="w", stratum=["sex", "place"]),
        "more strata or population columns than stages of clusters",
    ),
    "populations without clusters": (
        lambda: SurveyDesign(eight(n1=9, n2=9), weight="w", fpc=["n1", "n2"]),
        "more strata or population columns than stages of clusters",
    ),
    "mixed kinds": (
        lambda: simple(place=[1, pd.Timestamp("2020-01-01")] * 4).mean("x", by="place"),
        "Column 'place' mixes kinds of values that have no order",
    ),
    "a missing stratum": (
        lambda: SurveyDesign(eight(s=[None, *"abcdefg"]), weight="w", stratum="s"),
        "The survey design cannot be used: column 's' is missing in",
    ),
    "several faults at once": (
        lambda: SurveyDesign(
            eight(w=[-1.0, np.nan, *[1] * 6], s=[None, *"aabbccd"]), weight="w", stratum="s"
        ),
        "'w' is missing or not a number in .*; weight 'w' is negative in .*; column 's' is missing",
    ),
    "weights of 0": (lambda: simple(w=0.0), "weight 'w' is 0 in every row"),
    "a population of 0": (
        lambda: SurveyDesign(eight(n=[0.0] + [9.0] * 7), weight="w", fpc="n"),
        r"column 'n' \(finite population\) is not a number above 0",
    ),
    "a population that varies": (
        lambda: SurveyDesign(eight(n=[9.0] * 7 + [10.0]), weight="w", fpc="n"),
        r"Column 'n' \(finite population\) differs between the rows",
    ),
    "a population below the sample": (
        lambda: SurveyDesign(eight(n=7.0), weight="w", fpc="n"),
        "is smaller than the sample of its stratum",
    ),
    "no respondent": (
        lambda: SurveyDesign(eight().iloc[:0], weight="w"),
        "The respondent table has no rows",
    ),
    "no table": (lambda: SurveyDesign([1, 2], weight="w"), "DataFrame"),
    "a stratum of one": (
        lambda: SurveyDesign(eight(s=[*"aaaaaaab"]), weight="w", stratum="s"),
        r"1 strata \(column 's'\) have a single sampling unit",
    ),
    "a cluster in two strata": (
        lambda: SurveyDesign(
            eight(c=[1, 1, 2, 2, 3, 3, 4, 4], s=[*"aaabbbbb"]),
            weight="w",
            stratum="s",
            cluster="c",
        ),
        r"1 clusters \(column 'c'\) lie in two or more strata \(column 's'\)",
    ),
    "one replicate": (
        lambda: replicated(names=["r0"]),
        "At least two replicate weight columns are needed, not 1",
    ),
    "a replicate below 0": (
        lambda: replicated(r0=[-1.0] + [1.0] * 7),
        r"missing or negative in 1 columns \(first: 'r0'\)",
    ),
    "an endless replicate": (
        lambda: replicated(r1=[np.inf] + [1.0] * 7),
        r"missing or negative in 1 columns \(first: 'r1'\)",
    ),
    "jkn without coefficients": (
        lambda: replicated(Replication("jkn")),
        "jkn needs rscales",
    ),
    "coefficients of others": (
        lambda: replicated(Replication("jkn", rscales=(1.0, 1.0))),
        "There are 8 replicate weights and 2 rscales",
    ),
    "totals that are a list": (
        lambda: calibrated([1, 2]),
        "Totals are a mapping: {column: {level: total}} or {column: number}",
    ),
    "no total": (lambda: calibrated({}), "Totals are a mapping"),
    "a total of two columns": (
        lambda: calibrated({("x", "w"): 9.0}),
        "is one number, but this is not a numeric column",
    ),
    "levels without a total": (
        lambda: calibrated({"sex": {"f": 8}}),
        "levels of 'sex' without a total in",
    ),
    "totals without a respondent": (
        lambda: calibrated({"sex": {"f": 4, "m": 4, "x": 2}}),
        r"totals of 'sex' without a respondent: \['x'\]",
    ),
    "totals below 0": (
        lambda: calibrated({"sex": {"f": 12, "m": -4}}),
        r"totals of 'sex' that are missing or negative: \['m'\]",
    ),
    "margins apart": (
        lambda: calibrated({"sex": {"f": 4, "m": 4}, "place": {"a": 3, "b": 3, "c": 3}}),
        r"do not add up to the same population \(sex: 8, place: 9\)",
    ),
    "margins of nothing": (
        lambda: calibrated({"sex": {"f": 0, "m": 0}}),
        "there is no population",
    ),
    "a missing level": (
        lambda: calibrated({"sex": {"f": 4, "m": 4}}, simple(sex=[None, *"mfmfmfm"])),
        "Calibration column 'sex' is missing in",
    ),
    "a sign that no one has": (
        lambda: calibrated({"x": -1.0}),
        "no respondent has that sign",
    ),
    "a sign that no one has, above": (
        lambda: calibrated({"x": 1.0}, simple(x=-np.arange(1.0, 9.0))),
        "no respondent has that sign",
    ),
    "method of a test": (
        lambda: group_test(simple(), "x", "sex", method="sign"),
        "Unknown method 'sign'. Allowed: t, ",
    ),
    "one group": (
        lambda: group_test(simple(sex="f"), "x", "sex"),
        r"'sex' has 1 group\(s\): there is nothing to compare",
    ),
    "groups all alike": (
        lambda: group_test(simple(x=[1.0, 2.0] * 4), "x", "sex"),
        "The t test has no error to compare with: ",
    ),
    "a term that is none": (
        lambda: term_test(simple(), "x", ["sex"], term="place"),
        r"'place' is not one of the predictors \['sex'\]",
    ),
    "a condition of words": (
        lambda: simple().subset(eight()["sex"]),
        "The condition must be boolean",
    ),
    "a condition too short": (
        lambda: simple().subset(np.array([True, False])),
        r"one value for each of the 8 rows \(it has 2",
    ),
    "a condition that is missing": (
        lambda: simple().subset(pd.Series([True, None] * 4, dtype="boolean")),
        "must have one value for each of the 8 rows",
    ),
    "columns too short": (
        lambda: simple().with_columns({"new": np.ones(3)}),
        r"New columns need 8 values: \['new'\] do not",
    ),
    "a table for a column": (
        lambda: simple().with_columns({"new": eight()}),
        "The new column 'new' is a table: give one of its columns",
    ),
    "labels of others": (
        lambda: simple().with_columns({"new": pd.Series(1.0, index=range(5, 13))}),
        r"on another index than the respondents \(5 rows have no value\)",
    ),
    "labels that repeat": (
        lambda: simple().with_columns({"new": pd.Series(1.0, index=[0] * 9)}),
        "labels repeat",
    ),
    "amounts below 0": (
        lambda: add_contributors(
            simple(x=[-1.0, *[1.0] * 7]).total("x"), simple(x=[-1.0, *[1.0] * 7])
        ),
        "Column 'x' has negative amounts in",
    ),
    "a text for a number": (lambda: simple().mean("sex"), "'sex' are not numbers. Use share"),
    "an endless number": (
        lambda: simple(x=[np.inf, *range(7)]).mean("x"),
        "is infinite, or beyond any measure",
    ),
    "a column twice": (
        lambda: simple().mean("x", by=["sex", "sex"]),
        "A breakdown is named twice: 'sex'",
    ),
    "a reserved name": (
        lambda: simple(n=[*"abababab"]).mean("x", by="n"),
        "A breakdown cannot be called 'n'",
    ),
    "an unknown column": (lambda: simple().mean("y"), "has no column 'y'. Its columns: w, x"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises((ObsError, SchemaError), match=words):
        call()


def test_a_sampling_unit_of_a_whole_population_is_not_lonely():
    """A stratum of one unit of one: as a count 1, or as a fraction 1 in every row."""
    alone = [*"aaaaaaab"]
    counted = SurveyDesign(eight(s=alone, n=[9.0] * 7 + [1.0]), weight="w", stratum="s", fpc="n")
    fraction = SurveyDesign(eight(s=alone, n=[7 / 9] * 7 + [1.0]), weight="w", stratum="s", fpc="n")
    for design in (counted, fraction):
        found = design.total("x").iloc[0]
        seven = np.arange(1.0, 8.0)
        error = np.sqrt(7 * seven.var(ddof=1) * (1 - 7 / 9))
        assert (found["estimate"], found["se"]) == pytest.approx((36, error))
    part = eight(s=alone, n=[7 / 9] * 7 + [0.5])
    with pytest.raises(ObsError, match="have a single sampling unit"):
        SurveyDesign(part, weight="w", stratum="s", fpc="n")
    of_two = eight(s=alone, n=[9.0] * 7 + [2.0])
    with pytest.raises(ObsError, match="have a single sampling unit"):
        SurveyDesign(of_two, weight="w", stratum="s", fpc="n")


def test_totals_of_a_crossing_are_reached():
    design = simple().calibrate({("sex", "place"): crossing()})
    made = design.total("x", by=["sex", "place"])
    shares = design.total("one" if "one" in made else "w")
    assert design.weights.sum() == pytest.approx(16)
    assert shares["estimate"].notna().all()
    weights = pd.Series(design.weights).groupby([eight()["sex"], eight()["place"]]).sum()
    assert weights.to_dict() == pytest.approx(crossing())


def crossing():
    return {
        ("f", "a"): 3.0,
        ("m", "a"): 2.0,
        ("f", "b"): 2.0,
        ("m", "b"): 4.0,
        ("f", "c"): 2.5,
        ("m", "c"): 2.5,
    }


def test_weights_with_a_mean_of_one_know_no_total_of_a_number():
    """A margin as large as the sample: the total of a number may then be any."""
    totals = {"sex": {"f": 4.0, "m": 4.0}, "x": 30.0}  # the respondents alone make 36
    made = simple().calibrate(totals, method="raking")
    assert made.total("x").loc[0, "estimate"] == pytest.approx(30)
    with pytest.raises(ObsError, match="below the 36 of the respondents alone"):
        simple(w=2.0).calibrate({"sex": {"f": 8.0, "m": 8.0}, "x": 30.0}, method="raking")


def test_a_share_of_none_or_of_all_rests_on_its_clusters():
    """Clusters are alike inside, so that a hundred answers of ten clusters are worth ten: too few."""
    unit = np.repeat(np.arange(20), 10)
    yes = (unit < 10) | (unit % 2 == 0)  # north: all; south: every second cluster
    table = pd.DataFrame({"w": 1.0, "unit": unit, "yes": yes, "no": ~yes})
    table["half"] = np.where(unit < 10, "north", "south")
    found = SurveyDesign(table, weight="w", cluster="unit").share(["yes", "no"], by="half")
    north = found[found["half"] == "north"]
    assert north["estimate"].tolist() == [1, 0]
    assert north["grade"].tolist() == ["F", "F"]
    alone = SurveyDesign(table, weight="w").share(["yes", "no"], by="half")
    assert alone.loc[alone["half"] == "north", "grade"].tolist() == ["C", "C"]


def test_a_coefficient_of_one_respondent_says_so_and_one_of_a_cluster_too():
    alone = regress(simple(g=[*"aaaaaaab"]), "x", "g")
    assert alone["reason"].tolist()[1] == "one respondent"
    cluster = eight(g=[*"aaaaaabb"], c=[1, 1, 2, 2, 3, 3, 4, 4])
    found = regress(SurveyDesign(cluster, weight="w", cluster="c"), "x", "g")
    assert found["reason"].tolist()[1] == "one sampling unit"
    assert found["n"].tolist() == [8, 8]


def test_a_coefficient_that_no_unit_varies_has_no_error():
    found = regress(simple(x=[1.0, 3.0] * 4), "x", "sex")
    assert found["estimate"].tolist() == pytest.approx([1, 2])
    assert found["se"].tolist() == [0, 0]
    assert found["p_value"].isna().all()
    assert found["reason"].tolist() == ["no variation between sampling units"] * 2


def test_sides_of_a_number_of_two_values_and_of_many():
    """Of 0 and 1 both sides are bases; of many values, those who differ from the usual one."""
    two = regress(simple(z=[0, 0, 0, 1, 1, 1, 1, 1]), "x", "z").set_index("variable")
    assert two.loc["z", "n_effective"] == 3
    many = regress(simple(z=[0, 0, 0, 0, 0, 1, 2, 3]), "x", "z").set_index("variable")
    assert many.loc["z", "n_effective"] == 3


def test_the_untold_leave_a_test_of_association():
    told = simple(theft=[True, True, False, False, True, False, True, None])
    found = association_test(told, "sex", "theft").iloc[0]
    assert found["n"] == 7
    weighed = simple(w=[1.0] * 7 + [0.0], theft=[True, True, False, False, True, False, True, True])
    again = association_test(weighed, "sex", "theft").iloc[0]
    assert again["n"] == 7
    assert again["statistic"] == pytest.approx(found["statistic"], nan_ok=True)


@pytest.mark.parametrize(
    ("values", "number", "yes_no"),
    [
        ([1, 0, 1], True, True),
        ([1, 2], True, False),
        ([True, False], True, True),
        ([1.0, np.nan, 0.0], True, True),
        (["1", "0"], False, False),
        ([1j, 0j], False, False),
    ],
)
def test_kinds_of_columns(values, number, yes_no):
    assert is_number(pd.Series(values)) == number
    assert is_yes_no(pd.Series(values)) == yes_no


def test_weights_are_read_from_text_and_categories_and_never_from_dates():
    assert weight_numbers(pd.Series(["1.5", "x"])).tolist()[0] == 1.5
    assert np.isnan(weight_numbers(pd.Series(["1.5", "x"]))[1])
    assert weight_numbers(pd.Series([2, 3], dtype="category")).tolist() == [2, 3]
    for dates in (pd.Series(pd.to_datetime(["2020-01-01"])), pd.Series(pd.to_timedelta([1], "D"))):
        assert np.isnan(weight_numbers(dates)).all()


def test_values_are_laid_by_label_or_by_position():
    index = pd.Index([3, 1, 2])
    assert aligned([10, 20, 30], index, what="x").to_dict() == {3: 10, 1: 20, 2: 30}
    laid = aligned(pd.Series([10, 20, 30], index=[1, 2, 3]), index, what="x")
    assert laid.to_dict() == {3: 30, 1: 10, 2: 20}
    wider = aligned(pd.Series([10, 20, 30, 40], index=[1, 2, 3, 4]), index, what="x")
    assert wider.tolist() == [30, 10, 20]


def test_a_level_of_another_type_is_named():
    assert of_another_type(1, ["2", "1 "]) == " 1 is int, the table has '1 ' (str)."
    assert of_another_type(1, [1, "2"]) == ""
    with pytest.raises(SchemaError, match=r"1 is int, the table has '1' \(str\)"):
        calibrated({"code": {1: 4, 2: 4}}, simple(code=["1", "2"] * 4))


def test_the_table_is_named_where_it_is_another():
    with pytest.raises(SchemaError, match="Column 'sex' of the standard is not made of numbers"):
        read_numbers(eight(), "sex", of="the standard")


def test_contributors_by_hand():
    """Of 1 to 8: the largest is 8 of 36, the next 7; weights of 2 make the largest twice there."""
    found = add_contributors(simple().total("x"), simple()).iloc[0]
    assert (found["amount"], found["contributors"]) == (36, 8)
    assert (found["largest_share"], found["second_share"]) == pytest.approx((8 / 36, 7 / 36))
    double = simple(w=2.0)
    found = add_contributors(double.total("x"), double).iloc[0]
    assert (found["amount"], found["contributors"]) == (72, 8)
    assert (found["largest_share"], found["second_share"]) == pytest.approx((8 / 72, 8 / 72))
    nearly = simple(w=1.99)
    found = add_contributors(nearly.total("x"), nearly).iloc[0]
    assert found["second_share"] == pytest.approx(7 / found["amount"])
    nothing = simple(x=0.0)
    found = add_contributors(nothing.total("x"), nothing).iloc[0]
    assert (found["amount"], found["contributors"]) == (0, 0)
    assert pd.isna(found["largest_share"])
    light = simple(w=0.01)
    found = add_contributors(light.total("x"), light).iloc[0]
    assert (found["largest_share"], found["second_share"]) == (1, 0)
