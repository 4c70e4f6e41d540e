"""Answers give the same estimates whatever type holds them, and a Series keeps its labels."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import (
    SurveyDesign,
    group_test,
    regress,
    victimisation,
    victimisation_rate,
)
from tests.indicators.survey.estimators import ALL, people

KEEP = ["estimate", "se", "low", "high", "grade"]


@pytest.fixture
def table():
    return people(120, units=12)


def numbers(found):
    return found[[c for c in KEEP if c in found]].reset_index(drop=True)


@pytest.mark.parametrize("name", ALL)
def test_types_of_columns_do_not_matter(name, table):
    plain = numbers(ALL[name](SurveyDesign(table, weight="w", cluster="unit"), "dom"))
    typed = table.astype(
        {
            "w": "double[pyarrow]",
            "unit": "int32[pyarrow]",
            "dom": "category",
            "cat": pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string())),
            "y": pd.ArrowDtype(pa.float64()),
            "base": "Float64",
            "yes": "bool[pyarrow]",
            "times": "UInt8",
        }
    )
    objects = table.astype(object)
    codes = table.assign(unit=table["unit"].map("u{:02}".format).astype("string"))
    for other in (typed, objects, codes):
        design = SurveyDesign(other, weight="w", cluster="unit")
        found = numbers(ALL[name](design, "dom"))
        pd.testing.assert_frame_equal(plain, found, rtol=1e-9, check_dtype=False)


def test_yes_and_no_of_objects_with_gaps_are_one_item(table):
    gaps = [True, None, False, True] * 30
    for values in (gaps, pd.array(gaps, dtype="boolean"), [Decimal(1), None, 0, 1] * 30):
        found = SurveyDesign(table, weight="w").with_columns({"item": values}).share("item")
        assert found["level"].tolist() == ["yes"]
        assert found["n"].tolist() == [90]


def test_integer_codes_are_domains_as_text_is(table):
    codes = table["dom"].map({"a": 21004, "b": 21009})
    found = SurveyDesign(table.assign(dom=codes), weight="w").mean("y", by="dom")
    text = SurveyDesign(table.assign(dom=codes.astype(str)), weight="w").mean("y", by="dom")
    assert found["dom"].tolist() == [21004, 21009]
    assert found["estimate"].tolist() == text["estimate"].tolist()


def test_a_name_of_another_type_is_told(table):
    design = SurveyDesign(table.assign(dom=table["dom"].map({"a": 21004, "b": 21009})), weight="w")
    with pytest.raises(ObsError, match=r"'21004' is str, the table has 21004 \(int"):
        design.contrast("y", by="dom", base="21004")
    with pytest.raises(SchemaError, match=r"'21004' is str, the table has 21004 \(int"):
        design.calibrate({"dom": {"21004": 900.0, "21009": 900.0}})
    with pytest.raises(SchemaError, match=r"'21004' is str, the table has 21004 \(int"):
        design.standardise("y", over="dom", standard={"21004": 1, "21009": 1})


def test_a_series_is_laid_along_the_table_by_its_labels(table):
    design, shuffled = SurveyDesign(table, weight="w"), table.sample(frac=1, random_state=1)
    expected = table.loc[table["dom"] == "a", "y"]
    inside = design.subset(shuffled["dom"] == "a").mean("y").loc[0]
    assert inside["n"] == len(expected)
    assert inside["estimate"] == pytest.approx(
        np.average(expected, weights=table["w"][expected.index])
    )
    made = design.with_columns({"z": shuffled["y"]})
    assert made.table["z"].tolist() == table["y"].tolist()
    longer = pd.concat([shuffled, table.set_axis(table.index + 1_000)])
    assert design.subset(longer["dom"] == "a").mean("y").loc[0, "n"] == len(expected)


def test_labels_that_are_not_those_of_the_table_are_refused(table):
    filtered = table[table["y"] > 90]
    design = SurveyDesign(filtered, weight="w")
    fresh = pd.Series(np.ones(len(filtered), dtype=bool))
    with pytest.raises(SchemaError, match=r"another index than the respondents \(\d+ rows have no"):
        design.subset(fresh)
    with pytest.raises(SchemaError, match="new column 'z' is a Series on another index"):
        design.with_columns({"z": fresh})
    assert len(design.with_columns({"z": fresh.to_numpy()}).table) == len(filtered)
    twice = SurveyDesign(table.set_axis(np.arange(120) % 60), weight="w")
    with pytest.raises(SchemaError, match=r"another index than the respondents \(labels repeat\)"):
        twice.subset((table["dom"] == "a").set_axis(np.arange(120)[::-1] % 60))
    same = (table["dom"] == "a").set_axis(np.arange(120) % 60)
    assert twice.subset(same).mean("y").loc[0, "n"] == (table["dom"] == "a").sum()
    with pytest.raises(SchemaError, match="is a table: give one of its columns"):
        twice.subset(table[["yes"]])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_condition_without_an_answer_is_refused(table, missing):
    where = pd.Series([True, missing] + [False] * 118, dtype=object)
    with pytest.raises(SchemaError, match="missing in 1 rows: 2"):
        SurveyDesign(table, weight="w").subset(where)


def test_columns_of_one_name_are_refused(table):
    twice = pd.concat([table, table[["y"]]], axis=1)
    with pytest.raises(SchemaError, match="several columns called 'y'. Rename or drop"):
        SurveyDesign(twice, weight="w").mean("y")
    assert SurveyDesign(twice, weight="w").mean("base").loc[0, "n"] == 120
    with pytest.raises(SchemaError, match="several columns called 'w'"):
        SurveyDesign(pd.concat([table, table[["w"]]], axis=1), weight="w")
    with pytest.raises(SchemaError, match="A breakdown is named twice: 'dom'"):
        SurveyDesign(table, weight="w").mean("y", by=["dom", "dom"])
    incidents = pd.DataFrame([[1, 2, 3]], columns=["id", "times", "times"])
    with pytest.raises(SchemaError, match="incident table has several columns called 'times'"):
        victimisation_rate(SurveyDesign(table, weight="w"), incidents, key="id", times="times")


def test_values_given_for_a_name_are_not_shown(table):
    with pytest.raises(ObsError, match=r"name of a column, not its values \(a Series\)") as caught:
        SurveyDesign(table, weight=table["w"])
    assert str(table.loc[0, "w"]) not in str(caught.value)
    with pytest.raises(ObsError, match="name of a column, not its values"):
        SurveyDesign(table, weight="w").mean(table["y"])


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e200])
@pytest.mark.parametrize(
    "name", ["mean", "total", "quantile", "variance", "ratio", "contrast of means"]
)
def test_infinite_answers_are_refused(name, table, value):
    table.loc[[3, 7], "y"] = value
    with pytest.raises(SchemaError, match=r"Column 'y' is infinite, .* in 2 rows: 4, 8"):
        ALL[name](SurveyDesign(table, weight="w"), "dom")


def test_infinite_values_of_models_and_counts_are_refused(table):
    table.loc[3, "y"] = np.inf
    design = SurveyDesign(table.assign(count=table["y"]), weight="w")
    for call in (
        lambda: regress(design, "y", "base"),
        lambda: regress(design, "base", "y"),
        lambda: regress(design, "times", "base", family="poisson", offset="y"),
        lambda: group_test(design, "y", "dom"),
        lambda: victimisation(design, "count"),
        lambda: design.calibrate({"y": 1e6}),
        lambda: design.standardise("y", over="cat", standard={"x": 1, "y": 1}),
    ):
        with pytest.raises(SchemaError, match="infinite, or beyond any measure, in 1 rows: 4"):
            call()


def test_kinds_that_have_no_order_are_refused(table):
    mixed = table.assign(dom=[{"a"}, "b", 3] * 40)
    with pytest.raises((SchemaError, TypeError), match="mixes kinds|unhashable"):
        SurveyDesign(mixed, weight="w").mean("y", by="dom")


def test_weights_of_other_kinds(table):
    plain = SurveyDesign(table, weight="w").mean("y")
    for kind in ("category", "string", "float32"):
        typed = SurveyDesign(table.assign(w=table["w"].astype(kind)), weight="w").mean("y")
        pd.testing.assert_frame_equal(plain, typed, rtol=1e-6)
    with pytest.raises(SchemaError, match="missing or not a number in 120 rows"):
        SurveyDesign(table.assign(w=pd.Timestamp("2024-01-01")), weight="w")
    with pytest.raises(SchemaError, match="missing or not a number in 1 rows: 1"):
        SurveyDesign(table.assign(w=["many", *table["w"][1:]]), weight="w")


def test_counts_are_whole_and_rates_per_something(table):
    design = SurveyDesign(table, weight="w")
    for per in (0, -1_000, np.nan, np.inf, "1000", True):
        with pytest.raises(ObsError, match="A rate is per a number above 0"):
            victimisation(design, "times", per=per)
    incidents = pd.DataFrame({"id": [1, 2], "n": [1.5, 2.0]})
    with pytest.raises(SchemaError, match="not a whole number of times .* in 1 rows: 1"):
        victimisation_rate(design, incidents, key="id", times="n")
    with pytest.raises(ObsError, match="whole number of 1 or more, not 2.5"):
        victimisation_rate(design, incidents, key="id", cap=2.5)
    with pytest.raises(SchemaError, match=r"\(exposure\) is below 0 in 120 rows"):
        victimisation_rate(
            design.with_columns({"e": -1.0}), incidents[["id"]], key="id", exposure="e"
        )
    with pytest.raises(SchemaError, match=r"Types: str there, int64 among"):
        victimisation_rate(design, incidents[["id"]].astype(str), key="id")


def test_who_was_a_victim_twice_was_so_under_any_cap(table):
    design = SurveyDesign(table, weight="w")
    free, capped = (victimisation(design, "times", cap=cap).set_index("level") for cap in (None, 1))
    assert capped.loc["repeat", "estimate"].tolist() == free.loc["repeat", "estimate"].tolist()
    assert (capped.loc["concentration", "estimate"] == 1).all()
