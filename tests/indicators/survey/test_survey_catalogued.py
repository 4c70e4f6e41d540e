"""Survey indicators of the catalogue: hand-computed shares, unknown codes, published figures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import obs
from obs.catalogue import Asked, get_indicator
from obs.errors import CodeError, ObsError, SchemaError
from obs.indicators import Survey, compute

ITEMS = ("burglary", "fraud")


def entry(**changes):
    """One question of two items, cut by sector."""
    asked = Asked(
        questionnaires=("test_2021",),
        question="victim",
        answers=("yes", "no"),
        shares={"yes": ("yes",)},
        items=ITEMS,
        by_item="offence",
        any_item=True,
    )
    return replace(get_indicator("business_victim"), asked=replace(asked, **changes))


def survey(answers, *, weights=None, sectors="shops"):
    """Lay out a survey from one list of answers per item, None where there is none."""
    ids = [f"r{i}" for i in range(len(next(iter(answers.values()))))]
    respondents = pd.DataFrame({"respondent_id": ids, "weight": weights or 1.0, "sector": sectors})
    long = pd.concat(
        [
            pd.DataFrame({"respondent_id": ids, "question": "victim", "item": i, "value": v})
            for i, v in answers.items()
        ],
        ignore_index=True,
    )
    return Survey("test_2021", respondents, long.astype("str"), pd.Period("2021"))


def values(table, *columns):
    return table.set_index(list(columns))["value"].astype(float).round(10).to_dict()


def test_shares_are_weighted_and_items_do_not_add_up():
    one = survey(
        {"burglary": ["yes", "yes", "no", "no"] * 20, "fraud": ["yes", "no", "yes", "no"] * 20},
        weights=[1.0, 2.0, 3.0, 4.0] * 20,
    )
    table = compute(entry(), {"survey": [one]}, breakdown=["offence"])
    assert values(table, "offence") == {"all": 0.6, "burglary": 0.3, "fraud": 0.4}
    assert table["n"].tolist() == [80, 80, 80]
    assert table["numerator"].isna().all()
    assert (table["territory"] == "04000").all()
    assert (table["period"] == pd.Period("2021")).all()


def test_one_yes_suffices_and_an_unknown_answer_leaves_the_rest_unknown():
    one = survey(
        {"burglary": ["yes", "no", "no", None] * 20, "fraud": [None, None, "no", None] * 20}
    )
    table = compute(entry(), {"survey": [one]}, breakdown=["offence"]).set_index("offence")
    assert table.loc["all", "n"] == 40  # the yes and the two noes, not the others
    assert table.loc["all", "value"] == 0.5
    assert table.loc["burglary", "n"] == 60


def test_domains_come_with_their_totals():
    one = survey(
        {"burglary": ["yes", "no"] * 60, "fraud": ["no", "no"] * 60},
        sectors=["shops"] * 60 + ["services"] * 60,
    )
    table = compute(entry(), {"survey": [one]}, breakdown=["offence", "sector"])
    assert set(zip(table["offence"], table["sector"], strict=True)) == {
        (o, s) for o in ("all", *ITEMS) for s in ("all", "shops", "services")
    }
    assert (table.loc[table["sector"] == "all", "n"] == 120).all()


def test_too_few_answers_are_unreliable_and_lose_every_number():
    one = survey({"burglary": ["yes", "no"] * 9, "fraud": ["yes", "no"] * 9})
    table = compute(entry(), {"survey": [one]}, breakdown=["offence"])
    assert (table["status"] == "unreliable").all()
    assert (table["grade"] == "F").all()
    assert table[["value", "low", "high", "detectable_change", "standing"]].isna().all(axis=None)
    assert (table["n"] == 18).all()


def test_nobody_is_zero_with_an_interval_and_not_missing():
    one = survey({"burglary": ["no"] * 100, "fraud": ["yes", "no"] * 50})
    row = compute(entry(), {"survey": [one]}, breakdown=["offence"]).set_index("offence")
    assert row.loc["burglary", "status"] == "zero"
    assert 0 < row.loc["burglary", "high"] < 0.1


@pytest.mark.slow
def test_a_planted_difference_stands_out_and_chance_does_not():
    rng = np.random.default_rng(5)
    n = 400
    often, seldom = rng.random(n) < 0.6, rng.random(n) < 0.2
    one = survey(
        {
            "burglary": np.where(often, "yes", "no").tolist(),
            "fraud": np.where(seldom, "yes", "no").tolist(),
        },
        sectors=rng.permutation(["shops", "services"] * (n // 2)).tolist(),
    )
    offences = compute(entry(), {"survey": [one]}, breakdown=["offence"]).set_index("offence")
    assert offences["standing"].fillna("").to_dict() == {
        "all": "",
        "burglary": "above",
        "fraud": "below",
    }
    sectors = compute(entry(), {"survey": [one]}, breakdown=["sector"]).set_index("sector")
    assert sectors.loc[["shops", "services"], "standing"].tolist() == ["alike", "alike"]


def test_standing_is_that_of_paired_answers_not_of_two_samples():
    """The same respondents answer both items: McNemar's test is the independent source."""
    both, first, second, neither = 150, 30, 12, 208
    pairs = [("yes", "yes")] * both + [("yes", "no")] * first
    pairs += [("no", "yes")] * second + [("no", "no")] * neither
    one = survey({"burglary": [p[0] for p in pairs], "fraud": [p[1] for p in pairs]})
    table = compute(entry(), {"survey": [one]}, breakdown=["offence"]).set_index("offence")
    z_paired = (first - second) / np.sqrt(first + second)
    p1, p2, n = 180 / 400, 162 / 400, 400
    z_apart = (p1 - p2) / np.sqrt(p1 * (1 - p1) / n + p2 * (1 - p2) / n)
    assert z_paired > 2.24 > 1.96 > z_apart  # Holm's two tests ask 2.24 of the first
    assert table.loc["burglary", "standing"] == "above"


def test_the_detectable_change_follows_the_standard_error():
    one = survey({"burglary": ["yes", "no"] * 200, "fraud": ["no"] * 399 + ["yes"]})
    row = compute(entry(), {"survey": [one]}, breakdown=["offence"]).set_index("offence")
    se = np.sqrt(0.25 / 399)
    assert row.loc["burglary", "detectable_change"] == pytest.approx(
        (1.959964 + 0.841621) * np.sqrt(2) * se, rel=1e-5
    )


@pytest.mark.parametrize(
    ("answers", "sectors", "message"),
    [
        ({"burglary": ["yes", "perhaps"], "fraud": ["no", "no"]}, "shops", "answer 'perhaps'"),
        ({"burglary": ["yes", "no"]}, "shops", "no item 'fraud'"),
        (
            {"burglary": ["no"], "fraud": ["no"], "arson": ["no"]},
            "shops",
            "undeclared item 'arson'",
        ),
        ({"burglary": ["yes"], "fraud": ["no"]}, "mining", "'mining' is not a code of 'sectors'"),
    ],
)
def test_a_code_nobody_declared_is_refused(answers, sectors, message):
    with pytest.raises(CodeError, match=message):
        compute(entry(), {"survey": [survey(answers, sectors=sectors)]}, breakdown=["sector"])


def test_answers_of_other_interviews_are_refused():
    one = survey({"burglary": ["yes", "no"], "fraud": ["no", "no"]})
    other = Survey(one.questionnaire, one.respondents.iloc[:1], one.answers, one.period)
    with pytest.raises(SchemaError, match=r"1 respondents of ANSWERS .* are not in RESPONDENTS"):
        compute(entry(), {"survey": [other]})


def test_a_respondent_table_without_the_breakdown_is_refused():
    one = survey({"burglary": ["yes", "no"], "fraud": ["no", "no"]})
    with pytest.raises(SchemaError, match="have no column size"):
        compute(entry(), {"survey": [one]}, breakdown=["size"])


def test_a_question_without_total_must_be_broken_down():
    one = survey({"burglary": ["yes", "no"], "fraud": ["no", "no"]})
    with pytest.raises(ObsError, match="no total over offence: ask for breakdown offence"):
        compute(entry(any_item=False), {"survey": [one]})


def test_a_survey_has_no_months():
    with pytest.raises(ObsError, match="a survey is of a year"):
        compute(entry(), {"survey": []}, period="month")


def test_waves_of_other_questionnaires_are_left_aside():
    one = survey({"burglary": ["yes", "no"], "fraud": ["no", "no"]})
    table = compute(entry(questionnaires=("other_2020",)), {"survey": [one]})
    assert table.empty


@pytest.mark.slow
def test_two_waves_are_two_periods_and_the_input_is_untouched():
    one = survey({"burglary": ["yes", "no"] * 40, "fraud": ["no", "yes"] * 40})
    next_wave = Survey("test_2023", one.respondents, one.answers, pd.Period("2023"))
    before = one.respondents.copy(), one.answers.copy()
    both = entry(questionnaires=("test_2021", "test_2023"))
    table = compute(both, {"survey": [one, next_wave]}, breakdown=["offence"])
    assert sorted(set(table["period"].astype(str))) == ["2021", "2023"]
    pd.testing.assert_frame_equal(one.respondents, before[0])
    pd.testing.assert_frame_equal(one.answers, before[1])


@pytest.fixture(scope="module", params=[1, 7])
def wave(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    obs.sample(folder, years=[2021], scale=0.001, seed=request.param)
    cleaned = obs.clean_survey(
        folder / "survey" / "business_2021.csv", profile="obs_sample_business"
    )
    return Survey(cleaned.questionnaire.name, cleaned.table, cleaned.answers, pd.Period("2021"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("indicator", "key", "per_cent"),
    [
        ("business_reporting", {"offence": "burglary", "answer": "reported"}, 80),
        ("business_reporting", {"offence": "violence", "answer": "reported"}, 26),
        ("business_motive", {"motive": "not_worth"}, 52),
        ("business_motive", {"motive": "useless"}, 47),
        ("business_motive", {"motive": "elsewhere"}, 13),
        ("business_satisfaction", {"answer": "satisfied"}, 40),
    ],
)
def test_published_figures_come_out_of_the_sample(wave, indicator, key, per_cent):
    table = compute(indicator, {"survey": [wave]}, breakdown=list(key))
    row = table[(table[list(key)] == pd.Series(key)).all(axis=1)].iloc[0]
    assert round(100 * row["value"]) == per_cent
    assert row["low"] < row["value"] < row["high"]
    assert row["status"] == "ok"


@pytest.mark.slow
def test_a_majority_reports_vehicle_theft_and_damage_and_a_third_or_fewer_the_rest(wave):
    table = compute("business_reporting", {"survey": [wave]}, breakdown=["offence", "answer"])
    reported = values(table[table["answer"] == "reported"], "offence")
    assert min(reported["vehicle_theft"], reported["damage"]) > 0.5
    assert max(reported[o] for o in ("theft_other", "fraud", "cyber")) < 0.34
    assert min(reported, key=reported.get) == "violence"


@pytest.mark.slow
def test_answers_to_one_question_add_up_and_reasons_do_not(wave):
    told = values(compute("business_safety", {"survey": [wave]}, breakdown=["answer"]), "answer")
    assert told["safe"] == pytest.approx(told["always"] + told["often"])
    assert sum(told[a] for a in ("always", "often", "rarely", "never")) == pytest.approx(1)
    reasons = compute("business_motive", {"survey": [wave]}, breakdown=["motive"])
    assert reasons["value"].sum() > 1.1
    assert "all" not in set(reasons["motive"])
