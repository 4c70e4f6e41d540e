"""The figures of the source documents, computed from the full sample, stand in the table of the documentation.

Nothing typed here is compared with itself: each figure is computed from cleaned data, written, and
looked for in the row of its page (`docs/editions.md`); every figure of a row is one of these.
"""

import re
from datetime import date

import pandas as pd
import pytest

import obs
from obs.clean import (
    clean_helpline,
    clean_police,
    clean_prosecutor,
    clean_services,
    clean_survey,
)
from obs.indicators import Survey, add_filing
from obs.pipeline.publication.plan_coverage import describe_plan
from obs.trends import reconcile
from tests.report.small_tables import brussels_rows, indicator_table

pytestmark = pytest.mark.proof
YEARS = range(2015, 2023)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    obs.sample(folder, years=YEARS)
    return folder


@pytest.fixture(scope="module")
def sources(raw):
    """Every source cleaned, reports linked to cases."""
    told = {}
    wanted = [
        p for y in (2015, 2016, 2017, 2018, 2021) for p in raw.glob(f"police/police_{y}_*.csv")
    ]
    police = clean_police(sorted(wanted), profile="obs_sample")
    cases = clean_prosecutor(sorted(raw.glob("prosecutor/*.csv")), profile="obs_sample_prosecutor")
    told["police"], told["prosecutor"] = add_filing(police.table, cases.table)
    told["helpline"] = clean_helpline(
        sorted(raw.glob("helpline/helpline_daily_*.csv")), profile="obs_sample_call_days"
    ).table
    for kind, pattern in (("services", "services"), ("projects", "projects")):
        files = sorted(raw.glob(f"{pattern}/*.csv"))
        told[kind] = clean_services(files, profile=f"obs_sample_{kind}").table
    waves = []
    for name, year in (("business", "2021"), ("women", "2017")):
        (path,) = raw.glob(f"survey/{name}_*.csv")
        made = clean_survey([path], profile=f"obs_sample_{name}")
        period = pd.Period(year, "Y-DEC")
        waves.append(Survey(made.questionnaire.name, made.table, made.answers, period))
    return told | {"survey": waves}


@pytest.fixture(scope="module")
def rows(root):
    """The rows of the table, by their first cell: the page and the figures."""
    text = (root / "docs" / "editions.md").read_text(encoding="utf-8")
    text = text.split("## Figures of the source documents")[1].split("\n## ")[0]
    cells = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    return {own[0].strip(): (own[1].strip(), own[2].strip()) for own in cells[1:]}


def of_region(indicator, sources, year=2021, **options):
    table = obs.compute(indicator, sources, **options)
    table = table[table["level"].isin(["region", "country"])]
    return table[table["period"].dt.year == year]


def number(indicator, sources, year=2021, **options):
    return int(of_region(indicator, sources, year, **options)["numerator"].item())


def shares(indicator, sources, column, codes, year=2021, **where):
    """Give whole per cents of some codes of a breakdown."""
    table = of_region(indicator, sources, year, breakdown=[column, *where])
    for name, value in where.items():
        table = table[table[name] == value]
    found = table.set_index(column)["value"]
    return [f"{100 * found[code]:.0f} %" for code in codes]


def need(rows, source, figures):
    """Find the computed figures in a row, in this order, and no other figure."""
    _, written = rows[source]
    said = re.findall(r"[+]?\d[\d,.]*(?: %)?", re.sub(r"\(.*?\)|\[.*?\]", "", written))
    assert [s.rstrip(".,") for s in said] == figures


def test_police(rows, sources):
    per_day = [of_region("vif_per_day", sources, y)["value"].item() for y in (2015, 2016, 2017)]
    mean = f"{sum(per_day) / 3:.0f}"
    figures = [mean, f"{number('vif_pv', sources, 2018):,}"]
    need(rows, "Police, family violence", [*figures, f"{number('vif_couple_physical', sources):,}"])


def test_prosecutor(rows, sources):
    entered = [number("vif_cases", sources, y) for y in (2015, 2021)]
    charge = shares(
        *("vif_charge_share", sources, "phenomenon"),
        ["assault", "harassment", "threats", "family_dispute", "rape"],
    )
    context = shares("vif_context_share", sources, "phenomenon", ["assault"])
    table = of_region("vif_charge_share", sources, breakdown=["phenomenon"]).set_index("phenomenon")
    rapes = str(int(table.loc["rape", "numerator"]))
    change = f"+{100 * (entered[1] / entered[0] - 1):.0f} %"
    need(
        rows,
        "Prosecutor, cases with the context",
        [change, charge[0], *context, *charge[1:], rapes],
    )


def test_reconciliation(rows, sources):
    tables = [
        of_region("vif_total", sources),
        of_region("vif_pv", sources, breakdown=["filing"]),
        of_region("vif_cases", sources, breakdown=["filing"]),
    ]
    table = pd.concat(tables).assign(filing=lambda t: t["filing"].fillna("all"))
    chain = reconcile(
        table.reset_index(drop=True), indicators=["vif_total", "vif_pv", "vif_cases"]
    ).set_index(["indicator", "filing"])
    ends = [int(chain.loc[(i, "all"), "numerator"]) for i in ("vif_total", "vif_cases")]
    assert ends[0] + chain["step"].sum() == ends[1]
    rest = int(chain.loc[("vif_cases", "no_number"), "step"])
    need(rows, "Police beside prosecutor", [f"{n:,}" for n in (*ends, rest)])


def test_women(rows, sources):
    names = ("sexual_harassment", "stalking", "consequences", "reporting_rate", "dark_share")
    found = [of_region(f"women_{n}", sources, 2017)["value"].item() for n in names]
    assert of_region("women_partner_violence", sources, 2017)["value"].item() > 0.5
    need(rows, "Women, survey", [f"{100 * v:.0f} %" for v in found])


def test_businesses(rows, sources):
    reported = [
        shares("business_reporting", sources, "offence", [code], answer="reported")[0]
        for code in ("burglary", "violence")
    ]
    motives = shares("business_motive", sources, "motive", ["not_worth", "useless", "elsewhere"])
    satisfied = shares("business_satisfaction", sources, "answer", ["satisfied"])
    need(rows, "Businesses, survey", [*reported, *motives, *satisfied])


def test_helplines(rows, sources):
    """Calls from 15 April to the end of June 2020, against the same days of 2019."""
    calls = sources["helpline"]
    days = pd.to_datetime(calls["date"]).dt.date

    def counted(year):
        own = (days >= date(year, 4, 15)) & (days <= date(year, 6, 30))
        return int(calls.loc[own, "n"].sum())

    need(rows, "Helplines", [f"{counted(2020) / counted(2019):.0f}"])


def test_online(rows, sources):
    minors = [number("minors_exploitation", sources, y) for y in (2020, 2021)]
    need(rows, "Youth prosecutors (Belgium)", [f"{n:,}" for n in minors])
    led = of_region("cyber_procedure_share", sources, 2022)["value"].item()
    figures = [f"{number('cyber_referrals', sources, 2022):,}", f"{100 * led:.0f} %"]
    need(rows, "Reporting platform (France)", figures)


def test_plan(rows, sources):
    released = obs.release({"a.years": indicator_table(brussels_rows())})
    lines = pd.DataFrame(describe_plan(sources["projects"], released))
    whole = lines[(lines["kind"] == "coverage") & (lines["theme"] == "all")]
    need(rows, "Project forms of the plan", [*map(str, whole["value"]), str(whole["of"].iloc[0])])


def test_every_page_of_the_table_is_a_note(rows, root):
    notes = {path.stem for path in (root / "notebooks").glob("*.toml")}
    named = {name for page, _ in rows.values() for name in re.findall(r"`(\w+)`", page)}
    assert named <= notes
    assert len(rows) == 9
