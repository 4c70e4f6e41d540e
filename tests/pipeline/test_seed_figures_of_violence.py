"""The figures of the annual report 2021 and of the prevalence survey, from the full sample, cleaned."""

import pandas as pd
import pytest

import obs
from obs.clean import clean_police, clean_prosecutor, clean_survey
from obs.indicators import Survey, add_filing
from obs.trends import reconcile

pytestmark = pytest.mark.proof
YEARS = (2015, 2021)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seed")
    obs.sample(folder, years=range(YEARS[0], YEARS[1] + 1))
    return folder


@pytest.fixture(scope="module")
def sources(raw):
    """Facts of 2021 and cases of 2015 to 2021, linked."""
    police = clean_police(sorted(raw.glob("police/police_2021_*.csv")), profile="obs_sample")
    cases = clean_prosecutor(sorted(raw.glob("prosecutor/*.csv")), profile="obs_sample_prosecutor")
    facts, filed = add_filing(police.table, cases.table)
    return {"police": facts, "prosecutor": filed}


def of_region(indicator, sources, year=2021, **options):
    table = obs.compute(indicator, sources, **options)
    return table[(table["level"] == "region") & (table["period"].dt.year == year)]


def test_the_shares_of_2021_are_those_of_the_annual_report(sources):
    """50, 16, 13, 9 and 2 % of the cases, 37 rapes; 43 % of the assaults; 21 % more than in 2015."""
    rows = of_region("vif_charge_share", sources, breakdown=["phenomenon"])
    found = rows.set_index("phenomenon")["value"]
    wanted = {"assault": 50, "harassment": 16, "threats": 13, "family_dispute": 9, "rape": 2}
    assert {c: round(100 * found[c]) for c in wanted} == wanted
    assert rows.set_index("phenomenon").loc["rape", "numerator"] == 37
    rows = of_region("vif_context_share", sources, breakdown=["phenomenon"])
    assert round(100 * rows.set_index("phenomenon").loc["assault", "value"]) == 43
    entered = [of_region("vif_cases", sources, y)["numerator"].item() for y in YEARS]
    assert round(100 * (entered[1] / entered[0] - 1)) == 21


def test_4588_facts_and_1850_cases_are_reconciled_without_a_rest(sources):
    tables = [
        of_region("vif_total", sources),
        of_region("vif_pv", sources, breakdown=["filing"]),
        of_region("vif_cases", sources, breakdown=["filing"]),
    ]
    table = pd.concat(tables).assign(filing=lambda t: t["filing"].fillna("all"))
    chain = reconcile(
        table.reset_index(drop=True), indicators=["vif_total", "vif_pv", "vif_cases"]
    ).set_index(["indicator", "filing"])
    assert chain.loc[("vif_total", "all"), "numerator"] == 4588
    assert chain.loc[("vif_cases", "all"), "numerator"] == 1850
    assert 4588 + chain["step"].sum() == 1850
    assert chain.loc[("vif_cases", "no_number"), "explained"] == "unexplained"


def test_the_survey_of_women_has_its_published_shares(raw):
    (path,) = raw.glob("survey/women_*.csv")
    made = clean_survey([path], profile="obs_sample_women")
    wave = Survey("women_2017", made.table, made.answers, pd.Period("2017", "Y-DEC"))
    wanted = {"sexual_harassment": 86, "stalking": 17, "consequences": 30, "reporting_rate": 13}
    found = {i: of_region(f"women_{i}", {"survey": [wave]}, 2017)["value"].item() for i in wanted}
    assert {i: round(100 * v) for i, v in found.items()} == wanted
    dark = of_region("women_dark_share", {"survey": [wave]}, 2017)["value"].item()
    assert dark == pytest.approx(1 - found["reporting_rate"])
    assert of_region("women_partner_violence", {"survey": [wave]}, 2017)["value"].item() > 0.5
