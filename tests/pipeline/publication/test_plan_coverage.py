"""What can be seen of the security plan: the printed coverage, and what its report contradicts."""

import csv
from importlib.resources import files

import pandas as pd
import pytest

import obs
from obs.catalogue import load_catalogue
from obs.clean import clean_services
from obs.locale import languages
from obs.pipeline.publication.plan_coverage import describe_plan, report_contradictions
from obs.reference import load_measures, load_territory
from obs.report.note.plan_lines import plan_words
from obs.sample.project_files import project_files
from tests.report.small_tables import brussels_rows, indicator_table

PRINTED = {  # table 1 of the report on 2021-2022, of 77 measures
    "police_zone": 37,
    "commune": 48,
    "regional_body": 10,
    "association_call": 17,
    "association_other": 15,
}


@pytest.fixture(scope="module")
def released():
    return obs.release({"a.years": indicator_table(brussels_rows())})


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    folder = tmp_path_factory.mktemp("projects")
    paths = []
    for file in project_files(range(2015, 2025), seed=3, scale=0.1):
        paths.append(folder / file.path.rpartition("/")[2])
        paths[-1].write_bytes(file.payload)
    cleaned = clean_services(paths, profile="obs_sample_projects")
    assert len(cleaned.rejected) == 0
    assert cleaned.flagged["rule"].tolist() == []
    return cleaned.table


@pytest.fixture(scope="module")
def plan(services, released):
    return pd.DataFrame(describe_plan(services, released))


def test_the_printed_totals_come_out_of_cleaned_forms(plan):
    whole = plan[(plan["kind"] == "coverage") & (plan["theme"] == "all")]
    assert dict(zip(whole["partner"], whole["value"], strict=True)) == PRINTED
    assert set(whole["of"]) == {77}


def test_each_theme_has_the_measures_that_the_report_prints(plan):
    lines = (files("obs.sample") / "data" / "plan_coverage.csv").read_text().splitlines()
    printed = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    own = plan[(plan["kind"] == "coverage") & (plan["theme"] != "all")]
    found = own.set_index(["theme", "partner"])["value"]
    assert {(r["theme"], p): int(r[p]) for r in printed for p in PRINTED} == found.to_dict()
    sizes = load_measures()["theme"].astype("str").value_counts()
    assert own.set_index("theme")["of"].to_dict() == sizes.to_dict()


def test_a_form_without_a_number_serves_no_measure(services, released):
    none = services.assign(numerator=0)
    assert not [one for one in describe_plan(none, released) if one["kind"] == "coverage"]
    assert not [one for one in describe_plan(None, released) if one["kind"] == "coverage"]


def test_the_report_contradicts_itself_where_hand_sums_say_so():
    """The sums are those of the printed lists: 14+22+8+5+1+1+1+1+1, 13+21+8+4+0+1+1+0+1, 16+17."""
    found = {(o.subject, o.period): (o.value, o.of) for o in report_contradictions() if o.of}
    assert found == {
        ("burglary_bonuses_granted", "2022"): (31, 33),
        ("call_projects_funded", "2021"): (52, 14 + 22 + 8 + 5 + 1 + 1 + 1 + 1 + 1),
        ("call_projects_funded", "2022"): (50, 13 + 21 + 8 + 4 + 0 + 1 + 1 + 0 + 1),
        ("homeless_interventions", "2021"): (799, 790),
        ("homeless_interventions", "2022"): (828, 767),
    }
    repeated = [(o.measure, o.subject) for o in report_contradictions() if o.kind == "repeated"]
    assert repeated == [("1.2", "1.3"), ("8.6", "8.7")]


@pytest.mark.parametrize("lang", languages())
def test_the_plan_is_told_in_every_language(plan, lang):
    said = plan_words(plan.to_dict("records"), lang, territory=load_territory("brussels"))
    assert all(str(n) in said.total for n in (*PRINTED.values(), 77))
    assert len(said.themes) == 9
    assert len(said.contradictions) == 7
    served = {m for one in load_catalogue().values() for m in one.measures}
    assert str(len(served)) in said.seen
    assert all(m not in said.without.replace(".", " ").split() for m in served)


def test_topics_without_a_source_name_the_one_that_would_tell_them():
    awaited = {i for i, one in load_catalogue().items() if one.awaited}
    assert awaited == {"identity_checks", "violence_public_professions", "lgbtqi_phobia_reports"}
    for one in (load_catalogue()[i] for i in awaited):
        assert one.source == "services"
        assert set(one.awaited) == set(languages())
