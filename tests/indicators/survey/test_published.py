"""Two published percentages with their design factors, against other programs and by hand."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import test_proportions_2indep as two_shares

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import SurveyDesign, compare_published


@pytest.fixture
def waves():
    return pd.DataFrame(
        {
            "wave": ["2017", "2019", "2021"],
            "share": [0.155, 0.142, 0.133],
            "n": [23_571, 33_735, 3_120],
            "design_factor": [1.2, 1.2, 1.35],
        }
    )


def test_the_test_is_that_of_effective_sizes(waves):
    found = compare_published(waves, by="wave", base="2017").set_index("wave")
    size = waves["n"] / waves["design_factor"] ** 2
    for place, wave in ((1, "2019"), (2, "2021")):
        p, m = waves["share"], size
        theirs = two_shares(
            p[place] * m[place], m[place], p[0] * m[0], m[0], method="wald", compare="diff"
        )
        assert found.loc[wave, "statistic"] == pytest.approx(theirs.statistic)
        assert found.loc[wave, "p_value"] == pytest.approx(theirs.pvalue)
        assert found.loc[wave, "n_effective"] == pytest.approx(min(m[place], m[0]))


def test_a_difference_by_hand(waves):
    row = compare_published(waves, by="wave", base="2017").iloc[0]
    # 1.2 sqrt(0.155 * 0.845 / 23571) = 0.0028287; 1.2 sqrt(0.142 * 0.858 / 33735) = 0.0022805
    assert row["se"] == pytest.approx(0.0036335, abs=5e-7)
    assert row["low"] == pytest.approx(-0.013 - 1.959964 * 0.0036335, abs=1e-6)
    assert (row["verdict"], row["grade"], row["base"]) == ("down", "A", "2017")


def test_a_design_factor_widens_and_rounding_may_take_the_direction_away(waves):
    plain = compare_published(waves.assign(design_factor=1.0), by="wave", base="2017")
    factored = compare_published(waves, by="wave", base="2017")
    assert (factored["se"] > plain["se"]).all()
    assert factored["verdict"].tolist() == ["down", "down"]
    whole = waves.assign(share=[0.15, 0.14, 0.13])  # differences of 1 and 2 points, each +-1
    assert compare_published(whole, by="wave", base="2017")["verdict"].tolist() == ["down"] * 2
    rounded = compare_published(whole, by="wave", base="2017", decimals=0)
    assert rounded["verdict"].tolist() == ["stable", "stable"]
    assert (rounded["low"] < factored["low"]).all()
    assert (rounded["high"] > factored["high"]).all()


def test_the_direction_is_that_of_the_row_against_its_base(waves):
    there = compare_published(waves, by="wave", base="2017").iloc[0]
    back = compare_published(waves, by="wave", base="2019").iloc[0]
    assert back["estimate"] == -there["estimate"]
    assert back["verdict"] == "up"


def test_the_estimates_of_a_design_give_what_its_contrast_gives():
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"w": rng.uniform(1, 3, 2_000), "wave": rng.choice(["a", "b"], 2_000)})
    table["unit"] = np.where(table["wave"] == "a", 0, 100) + rng.integers(0, 100, 2_000)
    table["yes"] = rng.random(2_000) < np.where(table["wave"] == "a", 0.2, 0.26)
    design = SurveyDesign(table, weight="w", stratum="wave", cluster="unit")
    own = design.share("yes", by="wave")
    random = own["estimate"] * (1 - own["estimate"]) / own["n"].astype(float)
    published = own.assign(design_factor=own["se"] / np.sqrt(random), share=own["estimate"])
    found = compare_published(published, by="wave", base="a").iloc[0]
    contrast = design.contrast("yes", by="wave", base="a", of="share").iloc[0]
    assert found["se"] == pytest.approx(contrast["se"], rel=1e-9)
    assert found["estimate"] == pytest.approx(contrast["estimate"])


@pytest.mark.parametrize(("share", "n"), [(0.0, 5_000), (1.0, 5_000), (0.001, 5_000), (0.4, 15)])
def test_shares_that_are_not_normal_have_no_direction(waves, share, n):
    waves.loc[2, ["share", "n"]] = [share, n]
    row = compare_published(waves, by="wave", base="2017").iloc[1]
    assert (row["grade"], row["verdict"]) == ("F", "too few to say")


def test_bad_input_is_refused_in_words(waves):
    with pytest.raises(ObsError, match="divide percentages by 100"):
        compare_published(waves.assign(share=waves["share"] * 100), by="wave", base="2017")
    with pytest.raises(ObsError, match="Bases and design factors are numbers above 0"):
        compare_published(waves.assign(n=0), by="wave", base="2017")
    with pytest.raises(ObsError, match="Bases and design factors are numbers above 0"):
        compare_published(waves.assign(design_factor=np.nan), by="wave", base="2017")
    with pytest.raises(SchemaError, match="no column 'design_factor'"):
        compare_published(waves.drop(columns="design_factor"), by="wave", base="2017")
    with pytest.raises(SchemaError, match="2017 is int, the table has '2017'"):
        compare_published(waves, by="wave", base=2017)
    with pytest.raises(SchemaError, match="must name each published share once"):
        compare_published(waves.assign(wave="2017"), by="wave", base="2017")
    with pytest.raises(SchemaError, match="'n' of the published shares is not made of numbers"):
        compare_published(waves.assign(n="many"), by="wave", base="2017")
    with pytest.raises(ObsError, match="0.95, not 95"):
        compare_published(waves, by="wave", base="2017", confidence=95)


@pytest.mark.parametrize(("n", "verdict"), [(20, "up"), (19, "too few to say")])
def test_twenty_effective_answers_are_the_fewest(n, verdict):
    """Half of twenty are enough on either side, and the other share is far below."""
    two = pd.DataFrame(
        {"wave": ["a", "b"], "share": [0.1, 0.5], "n": [1000, n], "design_factor": [1.0, 1.0]}
    )
    row = compare_published(two, by="wave", base="a").iloc[0]
    assert row["verdict"] == verdict
    assert (row["reason"] is None) or pd.isna(row["reason"])


def test_a_base_that_is_none_or_alone_is_refused(waves):
    with pytest.raises(SchemaError, match="The base '2018' is not in 'wave'"):
        compare_published(waves, by="wave", base="2018")
    with pytest.raises(SchemaError, match="or there is nothing beside it"):
        compare_published(waves.iloc[:1], by="wave", base="2017")
    for names in (["2017", "2017", "2021"], ["2017", None, "2021"]):
        with pytest.raises(SchemaError, match="'wave' must name each published share once"):
            compare_published(waves.assign(wave=names), by="wave", base="2017")
    with pytest.raises(SchemaError, match="no column 'design_factor': wave, share, n"):
        compare_published(waves.drop(columns="design_factor"), by="wave", base="2017")
