"""Measures of victimisation respondent by respondent: caps, unknown counts, series, weights."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError, SchemaError
from obs.indicators.survey import SurveyDesign, victimisation, victimisation_rate

NAN = np.nan


def measures(theft, threat=None, *, weight=None, cap=None, per=1, by=None, **more):
    table = pd.DataFrame(
        {"theft": theft} | ({"threat": threat} if threat else {}) | more, dtype=None
    )
    table["w"] = 1.0 if weight is None else weight
    types = ["theft", "threat"] if threat else ["theft"]
    found = victimisation(SurveyDesign(table, weight="w"), types, cap=cap, per=per, by=by)
    return found.set_index(["variable", "level"])


def value(found, *key):
    return found.loc[key, "estimate"]


def test_of_one_type_each_measure_is_its_count():
    found = measures([0, 0, 1, 3])
    assert value(found, "theft", "prevalence") == pytest.approx(1 / 2)
    assert value(found, "theft", "incidence") == pytest.approx(1.0)
    assert value(found, "theft", "concentration") == pytest.approx(2.0)
    assert value(found, "theft", "repeat") == pytest.approx(1 / 2)
    assert value(found, "any", "multiple") == 0
    assert [level for name, level in found.index if name == "theft"] == [
        "prevalence",
        "incidence",
        "concentration",
        "repeat",
    ]
    assert found["cap"].isna().all()


def test_a_cap_limits_incidents_and_not_who_is_a_victim_twice():
    found = measures([0, 0, 1, 3], cap=1)
    assert value(found, "theft", "incidence") == pytest.approx(0.5)
    assert value(found, "theft", "repeat") == pytest.approx(0.5)
    assert value(found, "theft", "prevalence") == pytest.approx(0.5)
    assert set(found["cap"].dropna()) == {1.0}
    assert value(measures([0, 0, 1, 3], cap=2), "theft", "incidence") == pytest.approx(3 / 4)


def test_a_share_is_the_quantile_of_the_victims_by_their_weights():
    found = measures([0, 1, 2, 30], weight=[100.0, 8.0, 1.0, 1.0], cap=0.9)
    assert found.loc[("theft", "incidence"), "cap"] == 2.0
    assert value(found, "theft", "incidence") == pytest.approx((8 + 2 + 2) / 110)


@pytest.mark.parametrize("cap", [0, -1, 1.5, np.inf])
def test_a_cap_is_a_number_of_incidents_or_a_share(cap):
    with pytest.raises(ObsError, match="A cap is a number of incidents, or a share below 1"):
        measures([0, 1], cap=cap)
    assert value(measures([0, 2], cap=1), "theft", "incidence") == pytest.approx(0.5)


def test_what_is_not_known_of_a_type_leaves_what_is():
    found = measures([1, NAN, 0, 0, NAN], [NAN, 0, 0, 0, 2])
    assert value(found, "theft", "prevalence") == pytest.approx(1 / 3)
    assert value(found, "any", "prevalence") == pytest.approx(2 / 4)  # the second may be a victim
    assert value(found, "any", "incidence") == 0  # of the two of whom all is known
    many = measures([1, 1, 1, NAN], [1, NAN, 0, 0])
    assert value(many, "any", "multiple") == pytest.approx(1 / 2)  # of the second it is not known


def test_rates_per_and_reserved_names_and_counts_that_are_none():
    assert value(measures([0, 1], per=1000), "theft", "incidence") == pytest.approx(500)
    for per in (0, -1, True, np.inf, "x"):
        with pytest.raises(ObsError, match="A rate is per a number above 0"):
            measures([0, 1], per=per)
    for counts in ([0, -1], [0, 1.5]):
        with pytest.raises(SchemaError, match="'theft' is not a count of incidents in 1 row"):
            measures(counts)
    for name in ("any", "a|b", "a/b"):
        table = pd.DataFrame({name: [0, 1], "w": 1.0})
        with pytest.raises(SchemaError, match="Types cannot be called"):
            victimisation(SurveyDesign(table, weight="w"), name)


HOMES = pd.DataFrame(
    {
        "id": list("abcd"),
        "w": [10.0, 10.0, 20.0, 0.0],
        "members": [2, 1, 4, 3],
        "zone": ["n", "n", "s", "s"],
    }
)


def rates(incidents, *, homes=HOMES, **options):
    design = SurveyDesign(homes, weight="w")
    found = victimisation_rate(design, pd.DataFrame(incidents), key="id", per=1, **options)
    return found if options.get("by") else found.set_index("variable")


def test_series_count_as_often_as_they_happened_up_to_the_cap():
    series = {"id": ["a", "a", "c"], "times": [1, 40, 2]}
    assert rates(series, times="times").loc["any", "estimate"] == pytest.approx(
        (11 * 10 + 2 * 20) / 40
    )
    assert rates(series, times="times", cap=5).loc["any", "estimate"] == pytest.approx(
        (6 * 10 + 40) / 40
    )
    found = rates(series)
    assert found.loc["any", "estimate"] == pytest.approx((2 * 10 + 20) / 40)
    assert (found.loc["any", "n_incidents"], found.loc["any", "cap"]) == (3, 10)


def test_types_are_told_apart_and_any_counts_all():
    found = rates({"id": ["a", "b", "c", "d"], "kind": ["x", "y", None, "x"]}, kind="kind")
    assert found["estimate"].to_dict() == pytest.approx(
        {"x": 10 / 40, "y": 10 / 40, "any": 40 / 40}
    )
    assert found["n_incidents"].to_dict() == {"x": 1, "y": 1, "any": 3}  # of weight 0 is none


def test_incidents_have_a_weight_and_rates_a_base_of_their_own():
    incidents = {"id": ["a", "c", "d"], "v": [5.0, 40.0, 0.0]}
    assert rates(incidents, incident_weight="v").loc["any", "estimate"] == pytest.approx(45 / 40)
    assert rates(incidents, exposure="members").loc["any", "estimate"] == pytest.approx(
        30 / (20 + 10 + 80)
    )
    by = rates(incidents, by="zone")
    assert by["estimate"].tolist()[0] == pytest.approx(
        10 / 20
    )  # in the other one a home alone counts
    assert by["n_incidents"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("incidents", "options", "said"),
    [
        ({"id": ["a"], "v": [-1.0]}, {"incident_weight": "v"}, "is not a weight of 0 or more"),
        (
            {"id": ["d"], "v": [1.0]},
            {"incident_weight": "v"},
            "belongs to a respondent of weight 0",
        ),
        ({"id": ["a"], "t": [0]}, {"times": "t"}, "not a whole number of times"),
        ({"id": ["a"], "t": [1.5]}, {"times": "t"}, "not a whole number of times"),
        ({"id": ["a"], "t": [NAN]}, {"times": "t"}, "not a whole number of times"),
        ({"id": ["z"]}, {}, "has a 'id' that no respondent has in 1 row"),
        ({"x": ["a"]}, {}, "no column 'id'"),
        ({"id": ["a"]}, {"kind": "k"}, "no column 'k'"),
    ],
)
def test_incidents_that_cannot_be_counted_are_refused(incidents, options, said):
    with pytest.raises(SchemaError, match=said):
        rates(incidents, **options)


@pytest.mark.parametrize("cap", [0, 1.5, np.inf])
def test_a_series_counts_at_least_once(cap):
    with pytest.raises(ObsError, match="whole number of 1 or more"):
        rates({"id": ["a"]}, cap=cap)


def test_respondents_are_named_once_and_exposed_at_least_not_below_nothing():
    with pytest.raises(SchemaError, match="repeats among the respondents in 2 rows"):
        rates({"id": ["a"]}, homes=HOMES.assign(id=["a", "a", "c", "d"]))
    with pytest.raises(SchemaError, match="exposure. is below 0 in 1 row"):
        rates({"id": ["a"]}, homes=HOMES.assign(members=[-1, 1, 1, 1]), exposure="members")
    with pytest.raises(ObsError, match="Incidents must be a DataFrame"):
        victimisation_rate(SurveyDesign(HOMES, weight="w"), [1], key="id")
    twice = pd.DataFrame([["a", 1, 1]], columns=["id", "t", "t"])
    with pytest.raises(SchemaError, match="several columns called 't'"):
        victimisation_rate(SurveyDesign(HOMES, weight="w"), twice, key="id", times="t")
