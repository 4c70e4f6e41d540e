"""The two survey samples give the published per cents, weighted and rounded."""

import csv

import pytest

from obs.sample.surveys.business_survey import business_survey_file
from obs.sample.surveys.women_survey import women_survey_file

LABEL = "# DONNEES SYNTHETIQUES / SYNTHETISCHE GEGEVENS / SYNTHETIC DATA"


def read(file):
    first, *lines = file.payload.decode("utf-8").splitlines()
    assert first.startswith(LABEL)
    rows = list(csv.DictReader(lines, delimiter=";"))
    assert {r["SYNTH"] for r in rows} == {"OUI"}
    return rows


@pytest.fixture(scope="module", params=[1, 2, 7])
def businesses(request):
    return read(business_survey_file(seed=request.param, scale=1.0))


@pytest.fixture(scope="module", params=[1, 2, 7])
def women(request):
    return read(women_survey_file(seed=request.param, scale=1.0))


def share(rows, column, yes, valid):
    weight = {
        answer: sum(float(r["POIDS"].replace(",", ".")) for r in rows if r[column] == answer)
        for answer in valid
    }
    return round(100 * sum(weight[a] for a in yes) / sum(weight.values()))


def test_two_samples_of_400_businesses_with_one_weight_a_stratum(businesses):
    assert [r["ECHANTILLON"] for r in businesses] == ["PP"] * 400 + ["PM"] * 400
    weights = {}
    for row in businesses:
        weights.setdefault(row["STRATE"], set()).add(row["POIDS"])
        assert row["STRATE"] == f"{row['ECHANTILLON']}-{row['TAILLE']}-{row['SECTEUR']}"
    assert len(weights) == 24
    assert all(len(w) == 1 for w in weights.values())


def test_reporting_of_facts_by_businesses(businesses):
    reported = {
        name: share(businesses, f"D_{name}", "12", "123")
        for name in ("CAMB", "VEH", "DEGR", "VOL", "FRAU", "CYB", "VIOL")
    }
    assert reported["CAMB"] == 80
    assert reported["VIOL"] == 26 == min(reported.values())
    assert reported["VEH"] > 50
    assert reported["DEGR"] > 50
    assert max(reported[name] for name in ("VOL", "FRAU", "CYB")) <= 33


def test_reasons_and_satisfaction_of_businesses(businesses):
    reasons = [
        share(businesses, f"R_{name}", "1", "01") for name in ("PEINE", "INUTILE", "AILLEURS")
    ]
    assert reasons == [52, 47, 13]
    assert share(businesses, "SATISF", "12", "1234") == 40


def test_routing_of_the_business_questionnaire(businesses):
    names = [c[2:] for c in businesses[0] if c.startswith("D_")]
    for row in businesses:
        answers = [row[f"D_{name}"] for name in names]
        for name in names:
            assert (row[f"D_{name}"] == "") == (row[f"V_{name}"] == "2")
        assert (row["R_PEINE"] == "") == (not {"2", "3"} & set(answers))
        assert (row["SATISF"] == "") == (not {"1", "2"} & set(answers))


def test_women_survey_gives_the_published_shares(women):
    assert len(women) == 426
    assert share(women, "HARC_SEX", "1", "12") == 86
    assert share(women, "STALKING", "1", "12") == 17
    assert share(women, "VIOL_PARTENAIRE", "1", "12") > 50
    assert share(women, "CONSEQUENCES", "1", "12") == 30
    assert share(women, "DEMARCHE", "1", "12") == 13


def test_routing_of_the_women_questionnaire(women):
    for row in women:
        assert (row["DEMARCHE"] == "") == (row["VIOL_PARTENAIRE"] == "2")
