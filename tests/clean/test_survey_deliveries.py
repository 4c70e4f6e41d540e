"""Survey files, real and synthetic: exact accounts and published figures."""

import pandas as pd
import pytest

from obs.clean import clean_survey
from obs.clean.profiles.questionnaire_files import load_questionnaire
from obs.indicators import SurveyDesign
from obs.sample import sample

pytestmark = pytest.mark.slow


def account(cleaned):
    return cleaned.report[["read", "kept", "merged", "rejected"]].sum().tolist()


@pytest.fixture(scope="module")
def surveys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    sample(folder, years=[2017, 2021], scale=0.001)
    return {
        "business": clean_survey(
            folder / "survey/business_2021.csv", profile="obs_sample_business"
        ),
        "women": clean_survey(folder / "survey/women_2017.csv", profile="obs_sample_women"),
    }


def share(cleaned, question, answers, item="all"):
    """Give the weighted per cent of those who answered, rounded as it was printed."""
    told = cleaned.answers.query("question == @question and item == @item and status == 'ok'")
    weight = cleaned.table.set_index("respondent_id")["weight"].loc[told["respondent_id"]]
    return round(float(100 * weight[told["value"].isin(answers).to_numpy()].sum() / weight.sum()))


def test_the_figures_of_the_business_survey_come_out(surveys):
    cleaned = surveys["business"]
    assert account(cleaned) == [800, 800, 0, 0]
    assert cleaned.table["sample"].value_counts().tolist() == [400, 400]
    assert cleaned.flagged.empty
    told = {"always", "sometimes"}
    assert share(cleaned, "reported", told, "burglary") == 80
    assert share(cleaned, "reported", told, "violence") == 26
    named = [share(cleaned, "reasons", {"named"}, i) for i in ("not_worth", "useless", "elsewhere")]
    assert named == [52, 47, 13]
    assert share(cleaned, "satisfied", {"very", "rather"}) == 40
    items = ("vehicle_theft", "damage", "theft_other", "fraud", "cyber")
    reported = [share(cleaned, "reported", told, item) for item in items]
    assert min(reported[:2]) > 50
    assert max(reported[2:]) <= 33


def test_the_figures_of_the_womens_survey_come_out(surveys):
    cleaned = surveys["women"]
    assert account(cleaned) == [426, 426, 0, 0]
    assert share(cleaned, "sexual_harassment", {"yes"}) == 86
    assert share(cleaned, "stalking", {"yes"}) == 17
    assert share(cleaned, "partner_violence", {"yes"}) > 50
    assert share(cleaned, "consequences", {"yes"}) == 30
    assert share(cleaned, "official_step", {"yes"}) == 13
    assert cleaned.table["synthetic"].all()


def test_the_design_gives_the_same_share_with_its_error(surveys):
    cleaned = surveys["business"]
    table = cleaned.with_answers("reported")
    victims = table[table["reported_burglary"].notna()].copy()
    victims["told"] = victims["reported_burglary"].isin(["always", "sometimes"])
    design = SurveyDesign(table.assign(told=victims["told"]), weight="weight", stratum="stratum")
    found = design.share("told").set_index("level")
    assert round(100 * found.loc["yes", "estimate"]) == 80


def test_stratified_schools_give_the_published_estimates(shared):
    cleaned = clean_survey(shared / "data/survey/apistrat.csv", profile="apistrat")
    assert account(cleaned) == [200, 200, 0, 0]
    design = SurveyDesign(cleaned.with_answers(), weight="weight", stratum="stratum", fpc="fpc")
    mean, total = design.mean("api_2000").iloc[0], design.total("enrolled").iloc[0]
    assert (round(mean["estimate"], 2), round(mean["se"], 4)) == (662.29, 9.4089)
    assert (round(total["estimate"]), round(total["se"])) == (3_687_178, 114_642)
    totals = load_questionnaire("apistrat").totals
    counted = design.calibrate(totals).total("type").set_index("level")["estimate"]
    assert counted.round().to_dict() == totals["type"]


def test_clustered_schools_give_the_published_mean(shared):
    cleaned = clean_survey(shared / "data/survey/apiclus1.csv", profile="apiclus1")
    assert account(cleaned) == [183, 183, 0, 0]
    table = cleaned.with_answers()
    design = SurveyDesign(table, weight="weight", cluster="cluster", fpc="fpc")
    mean = design.mean("api_2000").iloc[0]
    assert (round(mean["estimate"], 2), round(mean["se"], 3)) == (644.17, 23.542)


@pytest.mark.slow
def test_ncvs_households_are_those_interviewed(shared):
    path = shared / "data/survey/ncvs_2021_household.csv.gz"
    cleaned = clean_survey(path, profile="ncvs_2021_household")
    raw = pd.read_csv(path, dtype={"IDHH": "str"})
    assert account(cleaned) == [256_460, 150_138, 0, 106_322]
    assert cleaned.rejected["rule"].unique().tolist() == ["not_interviewed"]
    assert cleaned.intolerable == 0
    assert (raw["WGTHHCY"] == 0).sum() == 106_322
    assert cleaned.table["weight"].sum() == pytest.approx(raw["WGTHHCY"].sum(), rel=1e-12)
    wide = cleaned.with_answers("tenure")
    owned = wide.loc[wide["tenure"] == "owned", "weight"].sum()
    assert owned == pytest.approx(raw.loc[raw["V2015"] == 1, "WGTHHCY"].sum(), rel=1e-12)
    assert cleaned.answers["status"].eq("ok").all()
