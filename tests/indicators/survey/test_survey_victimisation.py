"""Prevalence, incidence and concentration, and rates that join an incident file."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import SurveyDesign, victimisation, victimisation_rate


@pytest.fixture
def households():
    return pd.DataFrame(
        {
            "id": list("abcdef"),
            "w": [10.0, 10.0, 20.0, 20.0, 40.0, 0.0],
            "zone": ["n", "n", "s", "s", "s", "s"],
            "members": [2, 1, 4, 2, 1, 3],
            "theft": [0, 2, 0, 1, 0, 5],
            "threat": [0, 1, 30, 0, 0, 0],
        }
    )


@pytest.fixture
def incidents():
    return pd.DataFrame(
        {
            "id": ["b", "b", "c", "d", "f"],
            "kind": ["theft", "threat", "threat", "theft", "theft"],
            "times": [2, 1, 30, 1, 5],
        }
    )


@pytest.fixture
def design(households):
    return SurveyDesign(households, weight="w")


def values(result):
    return result.set_index(["variable", "level"])["estimate"]


def test_measures_by_hand(design):
    found = values(victimisation(design, ["theft", "threat"]))
    assert found["theft", "prevalence"] == pytest.approx(30 / 100)
    assert found["theft", "incidence"] == pytest.approx((2 * 10 + 20) / 100 * 1000)
    assert found["theft", "concentration"] == pytest.approx(40 / 30)
    assert found["theft", "repeat"] == pytest.approx(10 / 30)
    assert found["any", "prevalence"] == pytest.approx(50 / 100)
    assert found["any", "incidence"] == pytest.approx((30 + 600 + 20) / 100 * 1000)
    assert found["any", "multiple"] == pytest.approx(10 / 50)
    incidence = found["any", "prevalence"] * found["any", "concentration"] * 1000
    assert incidence == pytest.approx(found["any", "incidence"])


def test_a_cap_limits_series_and_is_stated(design):
    result = victimisation(design, ["theft", "threat"], cap=5)
    found = values(result)
    assert found["threat", "incidence"] == pytest.approx((10 + 5 * 20) / 100 * 1000)
    assert found["threat", "prevalence"] == pytest.approx(0.3)
    assert set(result["cap"].dropna()) == {5.0}


def test_a_cap_may_be_a_percentile_of_the_victims(design):
    result = victimisation(design, "threat", cap=0.3)
    assert result.loc[result["variable"] == "threat", "cap"].unique().tolist() == [1.0]


def test_a_victim_of_one_type_counts_even_if_another_answer_is_missing(households):
    households["threat"] = households["threat"].astype(float)
    households.loc[[0, 1], "threat"] = np.nan
    found = victimisation(SurveyDesign(households, weight="w"), ["theft", "threat"])
    table = found.set_index(["variable", "level"])
    assert table.loc[("any", "prevalence"), "n"] == 4
    assert table.loc[("any", "prevalence"), "estimate"] == pytest.approx(50 / 90)
    assert table.loc[("any", "incidence"), "n"] == 3


def test_counts_that_are_not_counts(design, households):
    with pytest.raises(SchemaError, match=r"'theft' is not a count of incidents in 1 rows: 2"):
        victimisation(
            SurveyDesign(households.assign(theft=[0, 1.5, 0, 1, 0, 1]), weight="w"), "theft"
        )
    with pytest.raises(ObsError, match="A cap is a number"):
        victimisation(design, "theft", cap=0)
    with pytest.raises(SchemaError, match="Types cannot be called"):
        victimisation(design.with_columns({"any": 1}), "any")


def test_rates_join_the_incident_file_in_one_call(design, incidents):
    result = victimisation_rate(design, incidents, key="id", kind="kind", times="times")
    found = values(result)
    assert found["theft", "rate"] == pytest.approx((2 * 10 + 20) / 100 * 1000)
    assert found["threat", "rate"] == pytest.approx((10 + 10 * 20) / 100 * 1000)
    assert found["any", "rate"] == pytest.approx(found["theft", "rate"] + found["threat", "rate"])
    assert result["n"].tolist() == [5, 5, 5]
    assert result["n_incidents"].tolist() == [2, 2, 4]
    assert result["cap"].tolist() == [10.0] * 3


def test_rates_by_domain_with_the_members_as_exposure(design, incidents):
    result = victimisation_rate(
        design, incidents, key="id", times="times", exposure="members", by="zone"
    )
    expected = [30 / (20 + 10) * 1000, (200 + 20) / (80 + 40 + 40) * 1000]
    assert result["estimate"].tolist() == pytest.approx(expected)
    assert result["n_incidents"].tolist() == [2, 2]


def test_incidents_may_have_their_own_weight(design, incidents):
    own = incidents.assign(v=[5.0, 10.0, 20.0, 10.0, 0.0])
    result = victimisation_rate(design, own, key="id", kind="kind", incident_weight="v")
    assert values(result)["theft", "rate"] == pytest.approx((5 + 10) / 100 * 1000)
    with pytest.raises(SchemaError, match=r"respondent of weight 0, in 1 rows: 5"):
        victimisation_rate(design, own.assign(v=1.0), key="id", incident_weight="v")


def test_the_rate_of_counts_and_of_their_incident_file_agree(design, incidents):
    counts = victimisation(design, ["theft", "threat"], cap=10).set_index(["variable", "level"])
    rates = victimisation_rate(design, incidents, key="id", kind="kind", times="times")
    rates = rates.set_index("variable")
    for kind in ("theft", "threat", "any"):
        expected = counts.loc[(kind, "incidence")]
        for column in ("estimate", "se", "low", "high"):
            assert rates.loc[kind, column] == pytest.approx(expected[column])


def test_incident_files_that_do_not_fit(design, households, incidents):
    with pytest.raises(SchemaError, match=r"'id' that no respondent has in 1 rows: 1"):
        victimisation_rate(design, incidents.assign(id=["z", "b", "c", "d", "f"]), key="id")
    twice = SurveyDesign(households.assign(id=list("aacdef")), weight="w")
    with pytest.raises(SchemaError, match=r"repeats among the respondents in 2 rows: 1, 2"):
        victimisation_rate(twice, incidents, key="id")
    with pytest.raises(SchemaError, match=r"'times' of the incident table .* 1 rows: 3"):
        victimisation_rate(
            design, incidents.assign(times=[1, 1, np.nan, 1, 1]), key="id", times="times"
        )
    with pytest.raises(SchemaError, match="incident table has no column 'nr'"):
        victimisation_rate(design, incidents, key="id", times="nr")
