"""Comparisons of domains: whose degrees of freedom, whose grade, which base."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import SurveyDesign


def table(sizes, *, clusters=None):
    """Respondents of domains a, b, ... of some sizes; values 1 to 5 in turn, and a yes or no."""
    names = [name for name, n in zip("abc", sizes, strict=False) for _ in range(n)]
    n = len(names)
    made = pd.DataFrame({"dom": names, "w": 1.0, "y": [float(i % 5 + 1) for i in range(n)]})
    made["yes"] = [i % 3 == 0 for i in range(n)]
    made["unit"] = (
        [i % clusters[name] + 100 * "abc".index(name) for i, name in enumerate(names)]
        if clusters
        else range(n)
    )
    return made


def design(frame, **more):
    return SurveyDesign(frame, weight="w", stratum="dom", cluster="unit", **more)


@pytest.mark.parametrize("base", ["a", "b"])
def test_the_degrees_of_freedom_are_the_fewer_of_the_two_sides(base):
    own = design(table([90, 90], clusters={"a": 3, "b": 30}))
    df = own.mean("y", by="dom").set_index("dom")["df"]
    assert df["a"] < df["b"]
    assert own.contrast("y", by="dom", base=base).loc[0, "df"] == df["a"]


@pytest.mark.parametrize("base", ["a", "b"])
def test_the_grade_is_the_worse_of_the_two_sides(base):
    own = SurveyDesign(table([400, 30]), weight="w")
    grades = own.mean("y", by="dom").set_index("dom")["grade"]
    assert grades["a"] < grades["b"] != "F"
    found = own.contrast("y", by="dom", base=base).loc[0]
    assert found["grade"] == grades["b"]
    assert found["estimate"] == pytest.approx(
        (-1 if base == "b" else 1) * (own.mean("y", by="dom")["estimate"].diff()[1])
    )


def test_without_a_base_each_pair_is_compared_once_with_the_earlier_one():
    found = SurveyDesign(table([60, 60, 60]), weight="w").contrast("y", by="dom")
    assert found[["dom", "base"]].to_numpy().tolist() == [["b", "a"], ["c", "a"], ["c", "b"]]


def test_with_a_base_every_other_one_is_compared_with_it_within_its_group():
    frame = pd.concat([table([60, 60]).assign(year=y) for y in (2021, 2022)], ignore_index=True)
    found = SurveyDesign(frame, weight="w").contrast("y", by="dom", base="b", within="year")
    assert found[["year", "dom", "base"]].to_numpy().tolist() == [
        [2021, "a", "b"],
        [2022, "a", "b"],
    ]


def test_ratios_are_compared_with_one_and_differences_with_none():
    frame = table([200, 200])
    frame.loc[frame["dom"] == "b", "y"] *= 2
    own = SurveyDesign(frame, weight="w")
    ratio = own.contrast("y", by="dom", base="a", compare="ratio").loc[0]
    assert (ratio["estimate"], ratio["verdict"]) == (pytest.approx(2.0), "up")
    assert own.contrast("y", by="dom", base="b", compare="ratio").loc[0, "verdict"] == "down"
    assert own.contrast("y", by="dom", base="b").loc[0, "verdict"] == "down"
    same = SurveyDesign(table([200, 200]), weight="w").contrast("y", by="dom", base="a")
    assert (same.loc[0, "estimate"], same.loc[0, "verdict"]) == (0.0, "stable")


def test_a_ratio_of_shares_has_limits_of_a_ratio():
    frame = table([300, 300])
    frame["yes"] = [
        i % 3 == 0 if name == "a" else i % 2 == 0 for i, name in enumerate(frame["dom"])
    ]
    own = SurveyDesign(frame, weight="w")
    ratio = own.contrast("yes", by="dom", base="a", of="share", compare="ratio").loc[0]
    assert ratio["estimate"] == pytest.approx(1.5)
    assert ratio["low"] * ratio["high"] == pytest.approx(1.5**2, rel=1e-6)  # alike on the log scale
    assert 1 < ratio["low"] < 1.5 < ratio["high"]
    difference = own.contrast("yes", by="dom", base="a", of="share").loc[0]
    assert difference["estimate"] == pytest.approx(1 / 6)
    assert 0 < difference["low"] < 1 / 6 < difference["high"] < 0.5


def test_a_ratio_with_a_side_of_all_has_limits_around_it():
    """All of b and half of a: twice, and half of everybody more."""
    frame = table([300, 300])
    frame["yes"] = [i % 2 == 0 if name == "a" else True for i, name in enumerate(frame["dom"])]
    own = SurveyDesign(frame, weight="w")
    ratio = own.contrast("yes", by="dom", base="a", of="share", compare="ratio").loc[0]
    assert ratio["low"] < ratio["estimate"] == pytest.approx(2.0)
    assert ratio["low"] * ratio["high"] == pytest.approx(4.0)
    difference = own.contrast("yes", by="dom", base="a", of="share").loc[0]
    assert difference["low"] < difference["estimate"] == pytest.approx(0.5)
    assert difference["high"] < 0.6


def test_sides_that_are_withheld_or_too_few_have_no_verdict():
    one = SurveyDesign(table([200, 1]), weight="w").contrast("y", by="dom", base="a").loc[0]
    assert (one["verdict"], one["reason"]) == ("not comparable", "a side is withheld")
    assert np.isnan(one["p_value"])
    frame = table([200, 19])
    frame.loc[frame["dom"] == "b", "y"] += 50
    few = SurveyDesign(frame, weight="w").contrast("y", by="dom", base="a").loc[0]
    assert few["verdict"] == "too few to say"
    enough = table([200, 25])
    enough.loc[enough["dom"] == "b", "y"] += 50
    assert (
        SurveyDesign(enough, weight="w").contrast("y", by="dom", base="a").loc[0, "verdict"] == "up"
    )


def test_what_cannot_be_compared_is_refused():
    own = SurveyDesign(table([60, 60]), weight="w")
    with pytest.raises(ObsError, match="Allowed: difference or ratio, of mean, share, total"):
        own.contrast("y", by="dom", of="median")
    with pytest.raises(ObsError, match="Allowed: difference or ratio"):
        own.contrast("y", by="dom", compare="sum")
    with pytest.raises(ObsError, match="The base 'z' is not a domain of"):
        own.contrast("y", by="dom", base="z")
    with pytest.raises(ObsError, match="fewer than two domains"):
        SurveyDesign(table([60]), weight="w").contrast("y", by="dom")


def test_a_standardised_mean_weighs_classes_by_the_standard():
    """Means of a: 1 and 3, of b: 2 and 5, in classes of sizes 1 and 3."""
    rows = [("a", "x", 1.0), ("a", "y", 3.0), ("b", "x", 2.0), ("b", "y", 5.0)] * 30
    frame = pd.DataFrame(rows, columns=["dom", "age", "y"]).assign(w=1.0)
    frame["y"] += np.tile(np.repeat([-0.5, 0.5], 4), 15)
    own = SurveyDesign(frame, weight="w")
    found = own.standardise("y", by="dom", over="age", standard={"x": 1, "y": 3})
    assert found["estimate"].tolist() == pytest.approx([(1 + 9) / 4, (2 + 15) / 4])
    for standard in ({"x": 1}, {"x": 1, "y": 3, "z": 1}, {"x": 1, "y": -1}, {"x": 0, "y": 0}):
        with pytest.raises(SchemaError, match="The standard does not fit"):
            own.standardise("y", by="dom", over="age", standard=standard)
    part = own.standardise("y", by="dom", over="age", standard={"x": 0, "y": 3})
    assert part["estimate"].tolist() == pytest.approx([3.0, 5.0])
