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
from obs.pipeline.publication.report_statements import statement_contradictions
from obs.reference import load_measures, load_territory
from obs.report.figures.plan_table import plan_table
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
    told = [o for o in report_contradictions() if o.kind == "total"]
    found = {(o.subject, o.period): (o.value, o.of) for o in told}
    assert found == {
        ("burglary_bonuses_granted", "2022"): (31, 33),
        ("call_projects_funded", "2021"): (52, 14 + 22 + 8 + 5 + 1 + 1 + 1 + 1 + 1),
        ("call_projects_funded", "2022"): (50, 13 + 21 + 8 + 4 + 0 + 1 + 1 + 0 + 1),
        ("homeless_interventions", "2021"): (799, 790),
        ("homeless_interventions", "2022"): (828, 767),
    }
    repeated = [(o.measure, o.subject) for o in report_contradictions() if o.kind == "repeated"]
    assert repeated == [("1.2", "1.3"), ("8.6", "8.7")]


def test_its_statements_are_recomputed_from_its_own_numbers():
    """615 of 438 is 40.4 % more; 2,223 in 88 is 25.3; 4,633 in the 365 days of 2018 is 12.7."""
    found = {o.kind: (o.value, o.of, o.bound) for o in report_contradictions() if o.of}
    assert found["change"] == (30, round(100 * (615 / 438 - 1), 1), "at_least")
    assert found["mean"] == (24, round(2223 / 88, 1), "")
    assert found["day_mean"] == (14, round(4633 / 365, 1), "")
    dates = {o.subject: (o.value, o.other) for o in report_contradictions() if "date" in o.kind}
    assert dates == {
        "working_group_created": ("2021-09", "2021-03-03"),
        "first_lockdown_focus": ("2020-07-16", "2020-06"),
        "second_lockdown_focus": ("2021-02-19", "2021-02-18"),
    }
    names = {o.place: o.other for o in report_contradictions() if o.kind == "name"}
    assert names == {
        "5340": "Bruxelles-Occident",
        "5341": "Midi; Sud",
        "5342": "Uccle-WB-Auderghem; Marlow",
    }
    marks = [(o.value, o.measure) for o in report_contradictions() if o.kind == "mark"]
    assert marks == [("4.102", "4.10")]


COUNTS = pd.DataFrame(
    [
        ("trained", "04000", "2021", 438, "exact"),
        ("trained", "04000", "2022", 615, "exact"),
        ("sessions", "04000", "2022", 20, "exact"),
    ],
    columns=["activity", "territory", "period", "numerator", "bound"],
).assign(part="all")


def statement(kind, value, **other):
    empty = dict.fromkeys(("subject", "place", "period", "other", "other_period"), "")
    return pd.DataFrame([empty | {"kind": kind, "value": value} | other])


@pytest.mark.parametrize(
    "told",
    [
        statement(
            "change", "40", subject="trained", place="04000", period="2022", other_period="2021"
        ),
        statement("mean", "31", subject="trained", place="04000", period="2022", other="sessions"),
        statement("day_mean", "13", other="4633", other_period="2018"),
        statement("date", "2021-09", other="2021-09-03"),
        statement("name", "Bruxelles-Ouest"),
        statement("mark", "4.10"),
    ],
    ids=lambda told: told["kind"].item(),
)
def test_a_statement_that_holds_as_it_is_rounded_is_no_contradiction(told):
    assert not statement_contradictions(COUNTS, told)


@pytest.mark.parametrize(
    ("value", "contradicted"),
    [("14", True), ("15", False), ("16", False), ("31", False)],
)
def test_a_mean_of_at_least_so_many_is_contradicted_by_less_alone(value, contradicted):
    """At least 310 in 20 sessions make 15.5 or more."""
    counts = COUNTS.assign(numerator=[438, 310, 20], bound=["exact", "at_least", "exact"])
    told = statement(
        "mean", value, subject="trained", place="04000", period="2022", other="sessions"
    )
    found = statement_contradictions(counts, told)
    assert bool(found) == contradicted


@pytest.mark.parametrize("value", ["12", "13"])
def test_a_half_may_have_been_rounded_either_way(value):
    counts = COUNTS.assign(numerator=[438, 250, 20])  # 250 in 20 sessions are 12.5
    told = statement(
        "mean", value, subject="trained", place="04000", period="2022", other="sessions"
    )
    assert not statement_contradictions(counts, told)


def test_a_leap_year_has_a_day_more():
    (found,) = statement_contradictions(
        COUNTS, statement("day_mean", "9", other="3660", other_period="2020")
    )
    assert found.of == 10


@pytest.mark.parametrize("lang", languages())
def test_the_table_of_the_plan_has_the_printed_numbers_and_a_total_row(plan, lang, released):
    block = plan_table(plan.to_dict("records"), released, lang=lang)
    cells = [[int(cell) for cell in row.cells] for row in block.table.rows]
    assert cells[-1][:5] == list(PRINTED.values())
    assert [sum(column) for column in zip(*cells[:-1], strict=True)] == cells[-1]
    served = {m for one in load_catalogue().values() for m in one.measures}
    assert cells[-1][5] == len(served)
    assert len(block.table.rows) == 10
    assert "(77)" in block.table.rows[-1].header
    assert plan_table([], released, lang=lang) is None


def test_a_measure_that_asks_for_data_names_the_source_that_would_tell():
    served = {m for one in load_catalogue().values() for m in one.measures}
    table = load_measures().set_index("measure")
    asked = table.index[table["needed_en"].notna()]
    assert not served & set(asked)
    assert set(asked) == {"2.8", "3.9", "4.10", "6.6", "7.1", "9.9"}
    for lang in languages():
        assert table.loc[asked, f"needed_{lang}"].str.endswith(".").all()


@pytest.mark.parametrize("lang", languages())
def test_the_plan_is_told_in_every_language(plan, lang):
    said = plan_words(plan.to_dict("records"), lang, territory=load_territory("brussels"))
    assert all(str(n) in said.total for n in (*PRINTED.values(), 77))
    assert len(said.contradictions) == 5 + 3 + 3 + 3 + 1 + 2
    assert {"48", "77", "10"} <= set(said.most.split()) | set(said.most.split(" ")[-1:])
    assert [one.text for one in said.needed] == load_measures()[f"needed_{lang}"].dropna().tolist()
    served = {m for one in load_catalogue().values() for m in one.measures}
    assert str(len(served)) in said.seen
    assert all(m not in said.without.replace(".", " ").split() for m in served)


def test_topics_without_a_source_name_the_one_that_would_tell_them():
    awaited = {i for i, one in load_catalogue().items() if one.awaited}
    assert awaited == {
        *("identity_checks", "violence_public_professions", "lgbtqi_phobia_reports"),
        *("feminicide", "ipv_women_victims", "ipv_men_suspects", "ipv_protection_orders"),
        *("ipv_men_prosecuted", "ipv_men_sentenced", "ipv_men_imprisoned"),
    }
    for one in (load_catalogue()[i] for i in awaited):
        assert one.source == "services"
        assert set(one.awaited) == set(languages())
