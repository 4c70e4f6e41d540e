"""One guard for all estimators: what the data cannot carry has grade F or C, or is refused."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import ObsError
from obs.indicators.survey import Replication, SurveyDesign
from tests.indicators.survey.estimators import ALL, BY_DOMAIN, people


def clustered(table, **options):
    return SurveyDesign(table, weight="w", stratum="stratum", cluster="unit", **options)


def letters(name, design, by, domain=None):
    """Grades of an estimator's rows (those of a domain), or F where it refuses."""
    try:
        found = ALL[name](design, by)
    except ObsError:
        return ["F"], ["refused"]
    if domain is not None and name in BY_DOMAIN:
        found = found[found[by] == domain]
    elif "variable" in found and "regress" in name:
        found = found[found["variable"] == by]
    assert len(found)
    return found["grade"].tolist(), found["reason"].tolist()


@pytest.mark.parametrize("name", ALL)
def test_sound_data_are_not_held_back(name):
    grades, reasons = letters(name, clustered(people(2_000, units=100)), "dom")
    assert set(grades) <= {"A", "C"}, (grades, reasons)


@pytest.mark.parametrize("name", ALL)
def test_a_domain_in_one_sampling_unit(name):
    table = people()
    table["dom"] = np.where(table["unit"] == 3, "lone", "rest")
    table.loc[table["unit"] == 3, "w"] = 40.0  # heavy enough for every base
    table = pd.concat([table, table[table["unit"] == 3]] * 6, ignore_index=True)
    table["id"] = np.arange(len(table))
    grades, reasons = letters(name, clustered(table), "dom", "lone")
    assert set(grades) == {"F"}, (grades, reasons)
    assert reasons[0] in ("one sampling unit", "a side is withheld", "refused"), reasons


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("share", [0.91, 0.999])
def test_a_respondent_with_most_of_the_weight(name, share):
    table = people()
    table["w"] = 1.0
    heavy = 1 + (table["dom"] == "a").sum() * share / (1 - share)
    table.loc[table.index[table["dom"] == "a"][0], "w"] = heavy
    grades, reasons = letters(name, SurveyDesign(table, weight="w"), "dom", "a")
    assert "A" not in grades, (grades, reasons)
    assert "C" not in grades, (grades, reasons)


@pytest.mark.parametrize("name", ALL)
def test_replicates_that_do_not_vary(name):
    table = people()
    same = {f"r{k}": table["w"] for k in range(4)}
    rule = Replication("bootstrap", df=30)
    design = SurveyDesign(table.assign(**same), weight="w", replicates=list(same), method=rule)
    grades, reasons = letters(name, design, "dom", "a")
    shown = {"F", "C"} if name == "victimisation" else {"F"}  # nobody of several types: C
    assert set(grades) <= shown, (grades, reasons)


@pytest.mark.parametrize("name", ALL)
def test_answers_that_do_not_vary(name):
    table = people().assign(y=7.3, base=1.9, yes=False, times=0)
    grades, reasons = letters(name, clustered(table), "dom", "a")
    assert "A" not in grades or "total" in name, (grades, reasons)
    known = "share" in name or "total" in name or name == "victimisation"
    if not known:  # nobody in n bounds a share; a total varies with the weights
        assert set(grades) == {"F"}, (grades, reasons)


@pytest.mark.parametrize("name", ALL)
def test_strata_of_one_unit_leave_no_interval(name):
    table = people().assign(stratum=lambda t: t["unit"])
    for policy in ("remove", "certainty", "adjust", "average"):
        grades, reasons = letters(name, clustered(table, single=policy), "dom", "a")
        assert set(grades) == {"F"}, (policy, grades, reasons)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("n", [2, 3, 19])
def test_few_respondents(name, n):
    table = people(n, units=n, strata=1).assign(
        dom=np.where(np.arange(n) % 2, "a", "b"), cat=np.where(np.arange(n) < n / 2, "x", "y")
    )
    grades, reasons = letters(name, SurveyDesign(table, weight="w"), "dom", "a")
    assert set(grades) == {"F"}, (grades, reasons)


@pytest.mark.parametrize("name", BY_DOMAIN)
def test_one_respondent_is_not_shown(name):
    table = people().assign(dom=lambda t: np.where(t["id"] == 5, "one", "rest"))
    try:
        found = BY_DOMAIN[name](clustered(table), "dom")
    except ObsError:
        return
    one = found[found["dom"] == "one"]
    assert (one["grade"] == "F").all()
    if name != "victimisation_rate":
        assert one["estimate"].isna().all(), one


@pytest.mark.parametrize("name", ["mean", "total", "share", "ratio", "quantile", "variance"])
def test_the_whole_population_is_certain_and_says_why(name):
    table = people().assign(size=1.0)
    found = BY_DOMAIN[name](SurveyDesign(table, weight="w", fpc="size"), "dom")
    assert (found["se"] == 0).all()
    assert (found["grade"] == "C").all()
    assert (found["reason"] == "the whole population is in the sample").all()


def test_certain_units_are_told_by_those_drawn_within_them():
    table = people().assign(communes=24.0, persons=50.0)
    design = SurveyDesign(table, weight="w", cluster=["unit", "id"], fpc=["communes", "persons"])
    found = design.mean("y", by="unit")
    assert found["reason"].isna().all()
    assert (found["se"] > 0).all()


def test_calibrated_totals_are_known_and_say_so():
    design = clustered(people()).calibrate({"dom": {"a": 300.0, "b": 250.0}})
    found = design.total("dom")
    assert (found["se"] == 0).all()
    assert found["grade"].tolist() == ["C", "C"]
    assert found["reason"].unique().tolist() == ["fixed by the calibration"]


def test_a_ratio_rests_on_those_it_divides_by():
    table = people().assign(base=0.0, y=0.0)
    table.loc[:24, ["base", "y"]] = [2.0, 3.0]
    table.loc[:24, "y"] += np.arange(25) / 50
    design = SurveyDesign(table, weight="w")
    assert design.ratio(("y", "base")).loc[0, "grade"] == "C"  # 25 of 240 carry it
    few = SurveyDesign(table.assign(base=table["base"].where(table.index < 6, 0.0)), weight="w")
    assert few.ratio(("y", "base")).loc[0, "grade"] == "F"
    one = SurveyDesign(table.assign(base=table["base"].where(table.index < 1, 0.0)), weight="w")
    found = one.ratio(("y", "base")).loc[0]
    assert (found["reason"], np.isnan(found["estimate"])) == ("one respondent", True)
    none = SurveyDesign(table.assign(base=0.0), weight="w").ratio(("y", "base")).loc[0]
    assert none["reason"] == "the denominator is 0"


def test_a_class_of_the_standard_in_one_unit_is_told():
    table = people().assign(cat=lambda t: np.where(t["unit"] == 4, "x", "y"))
    found = clustered(table).standardise("y", over="cat", standard={"x": 1, "y": 1}).loc[0]
    assert found["reason"] == "a class of the standard lies in one sampling unit"
    assert found["grade"] == "F"


def test_a_median_of_many_equal_answers_keeps_its_interval_and_a_star():
    table = people().assign(y=lambda t: np.where(t["id"] % 10 == 0, 3.0, 1.0))
    found = clustered(table).quantile("y").loc[0]
    assert (found["low"], found["high"], found["grade"]) == (1.0, 1.0, "C")
    assert pd.isna(found["reason"])


def test_nobody_in_twenty_is_not_a_certain_zero_in_a_contrast():
    table = pd.DataFrame({"w": 1.0, "half": ["p", "q"] * 20})
    table["yes"] = (table["half"] == "q") & (table.index < 8)
    found = SurveyDesign(table, weight="w").contrast("yes", by="half", of="share").loc[0]
    assert found["p_value"] > 0.05
    assert found["low"] < 0 < found["high"]
    assert found["verdict"] == "stable"


def test_a_question_asked_in_few_units_has_their_degrees_of_freedom():
    table = people().assign(y=lambda t: t["y"].where(t["unit"].isin([1, 2, 15])))
    design = clustered(table)
    inside = table["y"].notna()
    asked = design.mean("y").loc[0]
    assert asked["df"] == pytest.approx(3 * 11 / 12)
    domain = design.with_columns({"asked": inside}).mean("y", by="asked").iloc[-1]
    assert asked[["se", "df", "low", "high"]].tolist() == pytest.approx(
        domain[["se", "df", "low", "high"]].tolist()
    )
    other = design.contrast("y", by="half").loc[0]
    assert other["df"] == pytest.approx(3 * 11 / 12)


@pytest.mark.parametrize("kind", ["mean", "total", "share", "ratio"])
def test_replicates_of_a_full_census_vary_by_nothing(kind):
    """Every unit of both strata was drawn: (1 - f) is 0, so the jackknife variance is 0."""
    table = pd.DataFrame({"w": 1.0, "s": ["a"] * 4 + ["b"] * 4, "y": [3, 1, 4, 1, 5, 9, 2, 6]})
    table = table.assign(N=4, one=[*["yes"] * 3, *["no"] * 5])
    design = SurveyDesign(table, weight="w", stratum="s", fpc="N").replicate("jkn")
    variables = {"share": "one", "ratio": ("y", "w")}.get(kind, "y")
    found = getattr(design, kind)(variables)
    assert found["se"].tolist() == [0.0] * len(found)
    assert set(found["reason"]) == {"the whole population is in the sample"}


def test_a_stratum_taken_whole_adds_nothing_to_the_variance_of_the_jackknife():
    table = pd.DataFrame({"w": 1.0, "s": ["a"] * 4 + ["b"] * 4, "y": [3, 1, 4, 1, 5, 9, 2, 6]})
    table = table.assign(N=[4] * 4 + [40] * 4, part=[*"xxyy", *"yyyy"])
    design = SurveyDesign(table, weight="w", stratum="s", fpc="N")
    found = design.replicate("jkn").total("y", by="part").set_index("part")
    linear = design.total("y", by="part").set_index("part")
    assert found.loc["x", "reason"] == linear.loc["x", "reason"]
    assert found.loc["x", "se"] == 0.0
    assert found.loc["y", "se"] == pytest.approx(linear.loc["y", "se"])  # a total is linear
