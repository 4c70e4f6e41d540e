"""Totals that cannot be those of the population are refused; those in another unit are not."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import SurveyDesign


@pytest.fixture
def table():
    rng = np.random.default_rng(5)
    sizes = rng.choice(["small", "big"], 400, p=[0.8, 0.2])
    return pd.DataFrame(
        {
            "w": rng.uniform(50, 150, 400),
            "size": sizes,
            "sector": rng.choice(["shop", "office"], 400),
            "turnover": rng.lognormal(17, 1, 400) * np.where(sizes == "big", 8, 1),
            "hit": rng.random(400) < 0.3,
            "unit": np.arange(400) // 10,
        }
    )


def margins(table, unit=1.0):
    people, total = table["w"].sum(), (table["w"] * table["turnover"]).sum()
    return {
        "size": {"small": 0.78 * people, "big": 0.22 * people},
        "turnover": 1.05 * total * unit,
    }


@pytest.mark.parametrize("method", ["raking", "linear", "bounded", "logit"])
@pytest.mark.parametrize("replicated", [False, True])
def test_the_unit_of_a_total_changes_nothing(table, method, replicated):
    bounds = (0.3, 3.0) if method in ("bounded", "logit") else None
    found = []
    for unit in (1e-9, 1.0, 1e12):
        other = table.assign(turnover=table["turnover"] * unit)
        design = SurveyDesign(other, weight="w", cluster="unit")
        design = design.replicate("jk1") if replicated else design
        made = design.calibrate(margins(table, unit), method=method, bounds=bounds)
        assert made.total("turnover").loc[0, "estimate"] == pytest.approx(
            margins(table, unit)["turnover"], rel=1e-9
        )
        people = table["w"].sum()
        assert made.total("size")["se"].max() < 1e-6 * people
        found.append([made.share("hit").loc[0, "se"], made.weights.max()])
    assert found[0] == pytest.approx(found[1], rel=1e-6)
    assert found[2] == pytest.approx(found[1], rel=1e-6)


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ((78, 22), "fewer than the 400 respondents"),
        ((0.78, 0.22), "fewer than the 400 respondents"),
        ((780, 220), "while the weights stand for 39,"),
    ],
)
def test_percentages_shares_and_thousands_are_refused(table, parts, word):
    totals = {"size": dict(zip(["small", "big"], parts, strict=True))}
    design = SurveyDesign(table, weight="w")
    with pytest.raises(ObsError, match=word):
        design.calibrate(totals)
    if "fewer" not in word:
        relative = SurveyDesign(table.assign(w=table["w"] / 100), weight="w")
        assert relative.calibrate(totals).weights.sum() == pytest.approx(sum(parts))


def test_weights_with_a_mean_of_one_may_be_calibrated_to_the_sample(table):
    made = SurveyDesign(table, weight="w").calibrate({"size": {"small": 312, "big": 88}})
    assert made.weights.mean() == pytest.approx(1)


def test_a_total_below_that_of_the_respondents_is_in_another_unit(table):
    totals = margins(table)
    with pytest.raises(ObsError, match=r"'turnover' is .*, below the .* of the respondents alone"):
        SurveyDesign(table, weight="w").calibrate(
            {"turnover": totals["turnover"] / 1e3}, method="raking"
        )
    with pytest.raises(ObsError, match="no respondent has that sign"):
        SurveyDesign(table, weight="w").calibrate({"turnover": -1.0})


@pytest.mark.parametrize("value", [np.nan, np.inf, "many", None])
def test_totals_that_are_no_numbers(table, value):
    design = SurveyDesign(table, weight="w")
    with pytest.raises(ObsError, match="total of 'size=big' is not a number"):
        design.calibrate({"size": {"small": 30_000, "big": value}})
    with pytest.raises(ObsError, match="total of 'turnover' is not a number"):
        design.calibrate({"turnover": value})


def test_margins_that_differ_by_rounding_are_brought_to_one_population(table):
    people = round(table["w"].sum())
    totals = {
        "size": {"small": people * 0.8, "big": people * 0.2},
        "sector": {"shop": people * 0.5, "office": people * 0.5 * (1 + 1e-7)},
    }
    made = SurveyDesign(table, weight="w").calibrate(totals)
    assert made.total("size")["estimate"].tolist() == pytest.approx([people * 0.2, people * 0.8])


def test_a_replicate_that_cannot_reach_a_total_is_named(table):
    table["rare"] = np.where(table["unit"] == 7, "yes", "no")
    people = table["w"].sum()
    design = SurveyDesign(table, weight="w", cluster="unit").replicate("jk1")
    with pytest.raises(ObsError, match=r"weights in replicate 8 cannot be calibrated by raking"):
        design.calibrate({"rare": {"yes": 0.03 * people, "no": 0.97 * people}})


def test_levels_of_a_crossing_that_follow_from_one_another(table):
    table["twin"] = table["size"].map({"small": "s", "big": "b"})
    people = table["w"].sum()
    totals = {
        "size": {"small": 0.8 * people, "big": 0.2 * people},
        "twin": {"s": 0.7 * people, "b": 0.3 * people},
    }
    with pytest.raises(ObsError, match="contradict one another: among the respondents"):
        SurveyDesign(table, weight="w").calibrate(totals)
    with pytest.raises(SchemaError, match="this is not a numeric column"):
        SurveyDesign(table, weight="w").calibrate({"twin": 5.0})
