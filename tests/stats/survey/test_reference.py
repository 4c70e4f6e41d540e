"""Stages, replicates, calibration, models and tests against values of R survey (reference.R)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from obs.indicators.survey import (
    SurveyDesign,
    association_test,
    group_test,
    regress,
    term_test,
)
from obs.stats.survey import domain_quantiles

R = json.loads((Path(__file__).parent / "reference.json").read_text())


def make_table():
    """Make the table of reference.R."""
    i = np.arange(240)
    table = pd.DataFrame(
        {
            "stratum": i // 60,
            "psu": (i // 10) % 6,
            "pair": (i // 30) % 2,
            "row": i,
            "y": (i * 37) % 101,
            "count": ((i * i + 3 * i) % 7) % 4,
            "x": (i * 13) % 29,
            "group": np.array(["p", "q", "r"])[(i * 11) % 3],
            "flag": (i * 17) % 5 < 2,
            "exposure": 1 + (i * 7) % 6,
        }
    )
    table["n1"] = np.array([20, 30, 25, 40])[table["stratum"]]
    table["n2"] = np.array([50, 40, 80])[table["psu"] % 3]
    table["w"] = table["n1"] / 6 * table["n2"] / 10 * (1 + (i % 4) / 10)
    table["z"] = table["y"] + i / 1000
    table["log_exposure"] = np.log(table["exposure"])
    return table


@pytest.fixture
def table():
    return make_table()


@pytest.fixture
def one(table):
    return SurveyDesign(table, weight="w", stratum="stratum", cluster="psu", nested=True)


@pytest.fixture
def pairs(table):
    return SurveyDesign(table, weight="w", stratum="stratum", cluster="pair", nested=True)


@pytest.fixture
def two(table):
    return SurveyDesign(
        table,
        weight="w",
        stratum="stratum",
        cluster=["psu", "row"],
        fpc=["n1", "n2"],
        nested=True,
    )


@pytest.fixture
def totals():
    group, flag = R["totals"][:3], R["totals"][3:5]
    return {
        "group": dict(zip("pqr", group, strict=True)),
        "flag": dict(zip([False, True], flag, strict=True)),
    }


def close(ours, theirs, *, rel=1e-9):
    assert np.asarray(ours, dtype=float) == pytest.approx(np.asarray(theirs), rel=rel)


def test_two_stages_with_population_sizes(two):
    mean, total = two.mean("y").loc[0], two.total("y").loc[0]
    close(mean[["estimate", "se", "deff"]], R["two_stage_mean"])
    close(total[["estimate", "se"]], R["two_stage_total"])
    close(two.mean("y", by="group")[["estimate", "se", "deff"]], R["two_stage_by"])


@pytest.mark.parametrize(
    ("rule", "position"),
    [
        (rule, k)
        for k, rule in enumerate(["math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"])
    ],
)
def test_quantiles_by_rule(one, rule, position):
    found = one.quantile("y", probability=[0.1, 0.25, 0.5, 0.9], rule=rule)
    expected = np.array(R["quantiles"][position]).reshape(4, 4)
    close(found[["estimate", "low", "high", "se"]].to_numpy().T, expected)


def test_quantiles_of_domains_equal_those_of_each_domain(table):
    domain = pd.factorize(table["group"], sort=True)[0]
    values, weight = table["y"].to_numpy(float), table["w"].to_numpy()
    half = np.full(3, 0.5)
    for rule in ("math", "school", "hf7"):
        together = domain_quantiles(values, weight, domain, half, rule=rule)
        alone = [
            domain_quantiles(
                values[domain == d],
                weight[domain == d],
                np.zeros(80, dtype=int),
                half[:1],
                rule=rule,
            )[0]
            for d in range(3)
        ]
        close(together, alone)


MODELS = {
    "gaussian": ("y", ["x", "group"], None),
    "binomial": ("flag", ["x", "group"], None),
    "poisson": ("count", ["x", "group"], "log_exposure"),
}


@pytest.mark.parametrize("family", MODELS)
def test_regressions(one, family):
    outcome, on, offset = MODELS[family]
    found = regress(one, outcome, on, family=family, offset=offset)
    expected = R["glm"][family]
    assert (found["df"] == expected["df"]).all()
    close(found["estimate"], expected["coef"], rel=1e-6)  # R stops at 1e-8 of the deviance
    close(found["se"], expected["se"], rel=1e-6)
    close(found["p_value"], expected["p"], rel=1e-5)


def test_regression_with_replicates(one):
    found = regress(one.replicate("jkn"), "flag", "x", family="binomial")
    close([*found["estimate"], *found["se"]], R["glm_jkn"], rel=1e-6)


def test_wald_test_of_a_term(one):
    found = term_test(one, "y", ["x", "group"], term="group")
    close(found.loc[0, ["statistic", "df1", "df2", "p_value"]], R["term"])


@pytest.mark.parametrize("statistic", ["F", "Wald"])
def test_independence(one, statistic):
    found = association_test(one, "flag", "group", statistic=statistic)
    close(found.loc[0, ["statistic", "df1", "df2", "p_value"]], R[f"chisq_{statistic}"])


@pytest.mark.parametrize(
    ("method", "name"),
    [("t", "t"), ("wilcoxon", "wilcoxon"), ("median", "median"), ("waerden", "vanderWaerden")],
)
def test_two_groups(one, method, name):
    variable = "y" if method == "t" else "z"  # R orders tied rows as they come
    found = group_test(one, variable, "flag", method=method)
    close(found.loc[0, ["statistic", "df2", "p_value"]], R[name])


@pytest.mark.parametrize("name", ["JKn", "BRR", "Fay"])
def test_made_replicates(one, pairs, name):
    design = one if name == "JKn" else pairs
    made = design.replicate(name.lower(), rho=0.3)
    mean, total = made.mean("y").loc[0], made.total("y").loc[0]
    ratio = made.ratio(("y", "exposure")).loc[0]
    close([mean.estimate, mean.se, total.se, ratio.se, mean.df], R[name])


def test_linear_calibration(one, totals):
    known = {**totals, "x": R["totals"][5]}
    made = one.calibrate(known, method="linear")
    mean = made.mean("y").loc[0]
    factor = made.weights / one.weights
    close([mean.estimate, mean.se, factor.min(), factor.max()], R["linear"])


def test_post_stratification_with_unequal_weights_and_domains(one, totals):
    made = one.calibrate({"group": totals["group"]}, method="poststratify")
    mean, total = made.mean("y").loc[0], made.total("y").loc[0]
    close([mean.estimate, mean.se, total.se], R["post"])
    close(made.mean("y", by="flag")[["estimate", "se"]], R["post_by"])


def test_raking_with_unequal_weights(one, totals):
    # the standard error of calibrate(calfun="raking"); rake() projects without the weights
    mean = one.calibrate(totals).mean("y").loc[0]
    close([mean.estimate, mean.se], R["rake"], rel=1e-8)


def test_logit_calibration(one, totals):
    made = one.calibrate(totals, method="logit", bounds=(0.5, 2))
    mean = made.mean("y").loc[0]
    close([mean.estimate, mean.se], R["logit"], rel=1e-8)


def test_standardised_means(one):
    found = one.standardise("y", by="flag", over="group", standard={"p": 100, "q": 300, "r": 200})
    close(found[["estimate", "se"]], R["standardised"])


def test_contrasts_of_domains_that_share_units(one):
    difference = one.contrast("y", by="group", base="p").loc[0]
    close(difference[["estimate", "se"]], R["contrast"])
    ratio = one.contrast("y", by="group", base="p", compare="ratio").loc[0]
    close(ratio[["estimate", "se"]], R["ratio_contrast"])
