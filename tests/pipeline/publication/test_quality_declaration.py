"""The quality declaration is computed from the account of the deliveries, and tells no small count."""

import csv
import io
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from obs.clean import clean_survey
from obs.clean.judge.rejection_rules import REMARKS, RULES
from obs.locale import languages, words
from obs.pipeline.publication.quality_declaration import (
    FEW,
    count_by_rule,
    declare_quality,
    interval_coverage,
)
from obs.reference import load_observatory
from obs.report.edition.quality_file import QualityLine, quality_text
from obs.report.note.quality_lines import quality_parts
from tests.clean.supplier_rows import BURGLED, CALM
from tests.report.small_tables import indicator_table, thefts


@pytest.fixture(scope="module")
def declared(sample_edition):
    text = (sample_edition.built.folder / "data" / "quality_declaration.csv").read_text(
        encoding="utf-8"
    )
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def value(declared, **key):
    found = declared
    for column, wanted in key.items():
        found = found[found[column] == wanted]
    assert len(found) == 1
    return found["value"].iloc[0]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, []),
        ({"markup": 9}, [("other", 0)]),  # too few to tell
        ({"markup": 10}, [("markup", 10)]),
        ({"markup": 10, "footer": 9}, [("other", 20)]),  # nine alone would be the rest
        ({"markup": 30, "footer": 6, "too_old": 6}, [("markup", 30), ("other", 10)]),
        ({"markup": 30, "footer": 10, "too_old": 1}, [("markup", 30), ("other", 10)]),
    ],
)
def test_few_rows_of_a_rule_are_put_together(counts, told):
    assert count_by_rule([rule for rule, n in counts.items() for _ in range(n)]) == told


@given(st.dictionaries(st.sampled_from(sorted(RULES)), st.integers(1, 40), max_size=6))
def test_no_small_number_of_rows_is_told(counts):
    told = count_by_rule([rule for rule, n in counts.items() for _ in range(n)])
    assert all(n == 0 or n >= FEW for _, n in told)
    assert all(n % 10 == 0 for _, n in told)
    small = {rule for rule, n in counts.items() if n < FEW}
    assert not small & {rule for rule, _ in told}


def test_the_coverage_of_intervals_is_that_of_a_sum_over_counts():
    """Counts below 10 have the exact interval, made here of quantiles of chi-squared."""
    mean, held = 4.0, 0.0
    for count in range(40):
        low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
        high = stats.chi2.ppf(0.975, 2 * count + 2) / 2
        if count < 10 and low <= mean <= high:
            held += math.exp(-mean) * mean**count / math.factorial(count)
    assert interval_coverage([mean]) == pytest.approx((held, held), abs=2e-3)
    least, average = interval_coverage(range(10, 200))
    assert 0.94 < least < average < 0.96


def test_what_a_source_covers_and_what_was_refused_are_those_of_its_account(
    declared, sample_edition
):
    report = sample_edition.built.report
    own = report[report["profile"] == "obs_sample"]
    police = {"source": "police", "line": "rows"}
    read = round(int(own["read"].sum()), -1)
    assert int(value(declared, measure="read", **police)) == read
    share = float(value(declared, measure="rejected", **police))
    assert share == pytest.approx(own["rejected"].sum() / own["read"].sum(), abs=2e-4)
    covered = {"source": "police", "line": "covered"}
    first, last = (value(declared, measure=m, **covered) for m in ("first", "last"))
    assert (first, last) == ("2022-01-01", "2024-12-31")
    assert float(value(declared, source="police", line="days_declared")) == 1.0
    assert int(value(declared, source="police", line="timeliness")) == 31  # to 31 January
    rules = declared[(declared["source"] == "police") & (declared["line"] == "rule")]
    assert all(int(n) >= FEW for n in rules["value"])


def test_every_heading_has_a_line_and_what_nothing_tells_is_said(declared):
    headings = {".".join(c.split(".")[:2]) for c in declared["concept"]}
    assert headings == {f"S.{n}" for n in range(1, 19)}
    unknown = declared.loc[declared["status"] == "not_computable", "line"]
    assert {"no_unit_response", "no_unreported", "no_cost", "no_earlier"} <= set(unknown)
    assert not declared.loc[declared["status"] == "not_computable", "value"].any()
    assert set(declared["synthetic"]) == {"true"}


def test_the_declaration_says_the_same_in_every_language(declared, sample_edition):
    rows = [
        {
            **row,
            "value": row["value"]
            if row["unit"] in ("day", "year", "code") or not row["value"]
            else float(row["value"]),
        }
        for row in declared.to_dict("records")
    ]
    said = {
        lang: quality_parts(rows, lang, about={"publisher": {lang: "X"}, "contact": {lang: "x@y"}})
        for lang in ("fr", "nl", "en")
    }
    lines = {lang: [line for part in parts for line in part.lines] for lang, parts in said.items()}
    assert len({len(own) for own in lines.values()}) == 1
    for together in zip(*lines.values(), strict=True):
        assert len({tuple(re.findall(r"\d", line)) for line in together} - {()}) <= 2  # dates
        assert not any("{" in line for line in together)


@pytest.mark.parametrize("lang", languages())
def test_every_rule_has_a_name_in_every_language(lang):
    messages = words(lang).messages
    named = {
        group: {k.rpartition(".")[2] for k in messages if k.startswith(f"quality.{group}.")}
        for group in ("rules", "remarks")
    }
    assert named == {"rules": {*RULES, "other"}, "remarks": set(REMARKS)}


def test_a_line_with_a_comma_stays_one_cell():
    line = QualityLine("S.1", "contact", "who", value="A, B", unit="code").to_json()
    (row,) = csv.DictReader(io.StringIO(quality_text([line], synthetic=False)))
    assert (row["value"], row["status"], row["synthetic"]) == ("A, B", "computed", "false")
    assert quality_text([], synthetic=False) == ""


def estimates(*rows):
    """Give shares of a survey: rows of (sector, value, status, grade)."""
    key = {"indicator": "business_victim", "territory": "04000", "level": "region", "period": 2021}
    table = indicator_table(
        [
            key | {"sector": sector, "numerator": None, "denominator": None, "status": status}
            for sector, _, status, _ in rows
        ],
        scale="share",
        unit="business",
    )
    values = pd.array([value for _, value, _, _ in rows], dtype="Float64")
    grades = pd.array([grade for *_, grade in rows], dtype="str")
    return table.assign(value=values, grade=grades, source="survey")


def declaration_of(table, cleaned=()):
    released = SimpleNamespace(table=table, territory=thefts().territory)
    lines = declare_quality(
        load_observatory(None), 2021, specs=(), cleaned=cleaned, released=released, facts={}
    )
    return {(one["line"], one["measure"]): one["value"] for one in lines}


def test_an_estimate_withheld_to_protect_another_is_one_that_is_not_published():
    """Of eight estimates four are plain and two marked: a half and a quarter, the others withheld."""
    told = declaration_of(
        estimates(
            ("all", 0.4, "ok", "A"),
            ("shops", 0.5, "ok", "A"),
            ("industry", 0.3, "ok", "B"),
            ("services", 0.4, "ok", "A"),
            ("hospitality", 0.2, "ok", "C"),
            ("transport", 0.3, "ok", "C"),
            ("construction", None, "unreliable", "F"),
            ("other", None, "suppressed_secondary", None),
        )
    )
    assert (told["sampling", "plain"], told["sampling", "marked"]) == (0.5, 0.25)


def test_respondents_of_all_deliveries_of_a_questionnaire_are_counted():
    waves = [
        clean_survey(pd.DataFrame(rows), profile="obs_sample_business")
        for rows in ([BURGLED, CALM], [CALM])
    ]
    told = declaration_of(estimates(("all", 0.4, "ok", "A")), [("survey", wave) for wave in waves])
    assert told["response", "respondents"] == 3


@pytest.mark.parametrize(
    ("days", "last"), [(("2022-01-31", "2021-06-30"), "2022-01-31"), (("2022-01-31", None), None)]
)
def test_a_last_extraction_is_told_only_where_every_file_tells_its_day(days, last):
    wave = clean_survey(pd.DataFrame([CALM]), profile="obs_sample_business")
    dated = [
        replace(wave, report=wave.report.assign(extracted=pd.Timestamp(day) if day else pd.NaT))
        for day in days
    ]
    told = declaration_of(estimates(("all", 0.4, "ok", "A")), [("survey", one) for one in dated])
    assert told.get(("updated", "day")) == last
