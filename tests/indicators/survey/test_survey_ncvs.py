"""The NCVS household file, and an incident file made from the sample's business survey."""

import importlib.util
import io

import numpy as np
import pandas as pd
import pytest

from obs.indicators.survey import SurveyDesign, victimisation, victimisation_rate
from obs.sample.surveys.business_survey import business_survey_file


@pytest.fixture(scope="module")
def example(root):
    path = root / "examples" / "ncvs" / "households.py"
    spec = importlib.util.spec_from_file_location("ncvs_households", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def households(example, shared):
    path = shared / "data" / "survey" / "ncvs_2021_household.csv.gz"
    if not path.is_file():
        pytest.skip("the NCVS household file is not on this machine")
    return example.read_households(str(path))


@pytest.fixture(scope="module")
def design(example, households):
    return example.make_design(households)


def test_non_interviews_are_counted_and_left_out(design, example, households):
    facts = design.summary().loc[0]
    assert facts[["n", "n_zero", "n_strata", "n_units", "df"]].tolist() == [
        256_460,
        106_322,
        160,
        330,
        170,
    ]
    residue = example.describe_residue(households).set_index("interviewed")
    assert residue.loc["non-interview", "rows"] == 106_322
    assert residue.loc["interview", "missing tenure"] == 0
    assert design.share("tenure")["n"].unique().tolist() == [150_138]


def test_shares_and_totals_are_those_of_r_survey(design):
    tenure = design.share("tenure").set_index("level")
    expected = {
        "owned": (0.6404874611268728, 0.003193096343412374),
        "rented": (0.3458006716972013, 0.003223290319714432),
        "no cash rent": (0.0137118671759258, 0.000624737556926496),
    }
    for level, values in expected.items():
        assert tenure.loc[level, ["estimate", "se"]].tolist() == pytest.approx(values, rel=1e-9)
    totals = design.total(["urbanicity", "tenure"]).set_index("level")
    expected = {
        "urban": (16201572.31192, 177304.833901883),
        "suburban": (89379420.97858, 1185818.929619573),
        "rural": (23738238.21090, 744523.764412364),
        "rented": (44718677.11655, 540886.793641261),
    }
    for level, values in expected.items():
        assert totals.loc[level, ["estimate", "se"]].tolist() == pytest.approx(values, rel=1e-9)


def test_domains_are_those_of_r_survey(design):
    rented = design.share("tenure", by="urbanicity").set_index(["urbanicity", "level"])
    income = design.share("income", by="urbanicity").set_index(["urbanicity", "level"])
    expected = {
        "urban": (0.604485418675972, 0.00773397176124927, 0.382521906007255, 0.00639585714773207),
        "suburban": (
            0.353052292895950,
            0.00410820314840844,
            0.413467053248717,
            0.00364955033693205,
        ),
        "rural": (0.141942015672538, 0.00415588001617425, 0.370640203926761, 0.00783747678218856),
    }
    for place, (share, se, rich, rich_se) in expected.items():
        ours = rented.loc[(place, "rented"), ["estimate", "se"]].tolist()
        assert ours == pytest.approx((share, se), rel=1e-9)
        ours = income.loc[(place, "$75,000 or more"), ["estimate", "se"]].tolist()
        assert ours == pytest.approx((rich, rich_se), rel=1e-9)


def test_the_standard_error_by_the_textbook_formula(design, households):
    used = households["tenure"].notna()
    y = (households["tenure"] == "owned").where(used, 0).to_numpy(float)
    w = households["WGTHHCY"].where(used, 0).to_numpy()
    share = (w * y).sum() / w.sum()
    influence = pd.Series(w * (y - share) / w.sum())
    units = influence.groupby([households["V2117"], households["V2118"]]).sum()
    strata = units.groupby(level=0)
    variance = (strata.count() * strata.var(ddof=1)).sum()
    ours = design.share("tenure").set_index("level").loc["owned"]
    assert ours[["estimate", "se"]].tolist() == pytest.approx([share, np.sqrt(variance)], rel=1e-10)


@pytest.fixture(scope="module")
def businesses():
    text = business_survey_file(seed=1, scale=1.0).payload.decode("utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return pd.read_csv(io.StringIO("\n".join(lines)), sep=";", dtype={"ID": "str"})


def test_a_rate_that_joins_an_incident_file_on_the_sample(businesses):
    types = [name for name in businesses if name.startswith("V_")]
    long = businesses.melt(id_vars="ID", value_vars=types, var_name="kind", value_name="answer")
    incidents = long[long["answer"] == 1].reset_index(drop=True)
    incidents["times"] = incidents.index % 14 + 1
    design = SurveyDesign(businesses, weight="POIDS", stratum="STRATE", single="average")
    rates = victimisation_rate(
        design, incidents, key="ID", kind="kind", times="times", cap=10, by="SECTEUR"
    )
    assert set(rates["variable"]) == {*types, "any"}
    one = rates[(rates["SECTEUR"] == "COM") & (rates["variable"] == "V_VOL")].iloc[0]
    inside = businesses[businesses["SECTEUR"] == "COM"]
    theirs = incidents[incidents["kind"] == "V_VOL"].merge(inside, on="ID")
    expected = (theirs["POIDS"] * theirs["times"].clip(upper=10)).sum() / inside["POIDS"].sum()
    assert one["estimate"] == pytest.approx(1_000 * expected)
    assert one["n_incidents"] == len(theirs)
    assert one["cap"] == 10
    counts = design.with_columns({name: (businesses[name] == 1).astype(int) for name in types})
    found = victimisation(counts, types, by="SECTEUR")
    prevalence = found[found["level"] == "prevalence"]
    assert prevalence["estimate"].between(0, 1).all()
