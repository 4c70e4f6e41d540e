"""A quick part of bench/survey_coverage.py: intervals hold the truth as often as they say."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def coverage(root):
    path = root / "bench" / "survey_coverage.py"
    spec = importlib.util.spec_from_file_location("survey_coverage", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.simulate(40)


@pytest.mark.slow
@pytest.mark.parametrize("outcome", ["30 %", "10 %", "2 %", "0.5 %", "5 %, whole blocks"])
def test_communes_hold_their_level(coverage, outcome):
    found = coverage["commune", outcome]  # 40 samples x 19 communes: two points of noise
    assert found["logit"] > 0.93
    assert found["beta"] >= found["logit"] - 0.01


@pytest.mark.slow
def test_rare_outcomes_need_an_interval_at_zero(coverage):
    rare = coverage["commune", "0.5 %"]
    assert rare["at 0"] > 0.4
    assert rare["R"] < 0.6 < 0.93 < rare["logit"]


@pytest.mark.slow
def test_few_units_need_their_own_degrees_of_freedom(coverage):
    loss = coverage["commune", "mean, skewed"]
    assert loss["normal"] > loss["normal, design df"] + 0.01
