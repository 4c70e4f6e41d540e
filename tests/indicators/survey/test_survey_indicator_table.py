"""Survey estimates become indicators; what is not reliable carries no value."""

import numpy as np
import pandas as pd
import pytest

from obs.catalogue import get_indicator
from obs.errors import ObsError, SchemaError
from obs.indicators.survey import SurveyDesign, make_indicators
from obs.indicators.survey.from_respondents import compute_survey
from obs.reference import load_territory
from obs.schemas import INDICATORS, check_table


@pytest.fixture
def shares():
    commune = np.repeat(["21001", "21004", "21009", "21019"], [60, 60, 15, 1])
    theft = np.resize([True, False], 136) & (commune != "21004")
    answers = pd.DataFrame({"w": 1.0, "commune": commune, "theft": theft})
    return SurveyDesign(answers, weight="w").share("theft", by="commune")


OPTIONS = {
    "period": pd.Period("2021"),
    "unit": "business",
    "territory": "commune",
    "level": "commune",
    "synthetic": True,
}


def test_unreliable_values_are_withheld_with_their_reason(shares):
    table = make_indicators(shares, names={"theft": "survey_theft"}, **OPTIONS)
    assert table["status"].tolist() == ["ok", "zero", "unreliable", "unreliable"]
    assert table["reason"].tolist()[2:] == ["unreliable", "one respondent"]
    assert table["value"].isna().tolist() == [False, False, True, True]
    assert table.loc[1, "high"] > 0
    assert table["n"].tolist() == [60, 60, 15, 1]
    pd.testing.assert_frame_equal(check_table(table, INDICATORS), table)


def test_only_named_estimates_are_taken(shares):
    table = make_indicators(shares, names={("theft", "yes"): "a"}, **OPTIONS)
    assert set(table["indicator"]) == {"a"}
    with pytest.raises(SchemaError, match="None of the estimates is named"):
        make_indicators(shares, names={"fire": "a"}, **OPTIONS)


def test_an_indicator_that_asks_no_question_is_of_no_survey():
    with pytest.raises(ObsError, match="'robbery' is not of a survey: it asks no question"):
        compute_survey(get_indicator("robbery"), [], place=load_territory("brussels"))
