"""What a front page says of its edition: areas, sources, breaks, revised figures, corrections, editions before."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest

import obs
from obs.disclosure import Ledger
from obs.disclosure.ledger.published_counts import counts_shown
from obs.report.checks.html_checks import html_faults
from obs.report.edition.edition_facts import (
    REVISIONS,
    earlier_editions,
    edition_facts,
    published_editions,
)
from obs.report.edition.edition_files import write_files
from obs.report.edition.plan_file import PlanLine
from obs.report.note.edition_lists import last_extractions, source_lines
from obs.report.page.content import DataFile
from obs.report.page.exporters import FocusPDFExporter
from obs.report.page.front_page import front_page
from tests.report.small_tables import brussels_rows, indicator_table

LANGS = ["fr", "nl", "en"]


@pytest.fixture(scope="module")
def released():
    return obs.release({"a.years": indicator_table(brussels_rows(indicator="vif_total"))})


@pytest.fixture
def ledger(released, tmp_path):
    """A ledger in which the Region had seven facts fewer in 2023, and one commune two more."""
    ledger = Ledger(tmp_path / "ledger.csv")
    lines = []
    for *cell, number in counts_shown(released):
        place, period = cell[1], cell[2]
        change = {("04000", "2023"): -7, ("21001", "2022"): 2}.get((place, period), 0)
        lines.append((*cell, str(int(number) + change)))
    ledger.write_down([("2023", lines)])
    return ledger


def facts_of(released, ledger, **more):
    return edition_facts(released, known=ledger, langs=LANGS) | more


def test_a_figure_of_the_whole_area_that_readers_know_as_another_is_revised(released, ledger):
    (one,) = facts_of(released, ledger)["revisions"]
    assert (one["indicator"], one["territory"], one["period"]) == ("vif_total", "04000", "2023")
    assert int(one["after"]) - int(one["before"]) == 7
    assert facts_of(released, Ledger("none"))["revisions"] == []


def test_facts_of_an_edition_are_values_that_json_holds(released, ledger):
    facts = facts_of(released, ledger)
    assert json.loads(json.dumps(facts)) == facts
    assert facts["places"]["title"]["nl"] == "Gemeenten"
    assert len(facts["places"]["units"]) == 19
    assert facts["names"]["04000"]["nl"] == "Brussels Hoofdstedelijk Gewest"


def test_breaks_inside_the_periods_shown_are_named_once_in_each_language():
    years = range(2021, 2024)  # the reform of sexual criminal law is of June 2022
    rows = brussels_rows(years, indicator="vif_sexual")
    released = obs.release({"a.years": indicator_table(rows)})
    breaks = edition_facts(released, known=Ledger("none"), langs=LANGS)["breaks"]
    assert [one["en"].startswith("Break in the series on 1 June 2022") for one in breaks] == [True]
    later = obs.release(
        {"a.years": indicator_table(brussels_rows((2023, 2024, 2025), indicator="vif_sexual"))}
    )
    assert edition_facts(later, known=Ledger("none"), langs=LANGS)["breaks"] == []


def test_a_revised_figure_is_on_the_front_page_and_in_a_data_file(
    tiny_pages, released, ledger, tmp_path
):
    folder = tmp_path / "2022"
    write_files(tiny_pages, folder, about=facts_of(released, ledger))
    (row,) = csv.DictReader(io.StringIO((folder / "data" / REVISIONS).read_text("utf-8")))
    assert int(row["after"]) - int(row["before"]) == 7
    text = (folder / "index.en.html").read_text("utf-8")
    before, after = (f"{int(row[name]):,}" for name in ("before", "after"))
    assert f"Family violence, 2023: {after} ({before} before)" in text
    assert f'href="data/{REVISIONS}"' in text
    assert "No correction to date." not in text
    assert list(html_faults(text, folder)) == []


def test_a_note_links_the_data_files_of_the_edition_that_it_tells_of(
    tiny_pages, released, ledger, tmp_path
):
    """One that tells of nothing but revisions and the plan has no link to the quality declaration."""
    told = [replace(page, told=("plan", "revisions", "quality")) for page in tiny_pages]
    line = PlanLine("coverage", "1", partner="commune", value=6, of=9).to_json()
    folder = tmp_path / "2022"
    write_files(told, folder, about=facts_of(released, ledger) | {"plan": [line]})
    text = (folder / "tiny.en.html").read_text("utf-8")
    links = re.findall(r'<a href="data/([^"]*)" download="\1">([^<]*)</a>', text)
    names = [name for name, _ in links if name.startswith(("security", "quality", "revis"))]
    assert names == ["security_plan.csv", REVISIONS]
    assert "contradictions of the report (CSV, 1\u00a0kB)" in dict(links)["security_plan.csv"]
    assert list(html_faults(text, folder)) == []
    beside = replace(told[0], beside=(DataFile("security_plan.csv", "", "1"),))
    source = FocusPDFExporter().template.render(page=beside)
    assert 'beside: "De l’édition, dans son dossier de données\u00a0: security_plan.csv."' in source
    write_files(tiny_pages, tmp_path / "2023", about={"plan": [line]})
    assert "security_plan.csv" not in (tmp_path / "2023" / "tiny.en.html").read_text("utf-8")


def test_an_area_leads_to_its_row_and_to_its_sheet_if_there_is_one(tiny_pages, tmp_path):
    names = {"21001": "Anderlecht", "21002": "Évil"}
    units = [{"code": code, "name": {"fr": name}} for code, name in names.items()]
    units[1]["name"]["fr"] = 'Évil "]#panic()'
    about = {"places": {"title": {"fr": "Communes"}, "units": units}}
    folder = tmp_path / "2022"
    write_files(tiny_pages, folder, about=about)
    text = (folder / "index.fr.html").read_text("utf-8")
    (target,) = re.findall(r'href="tiny\.fr\.html#([^"]*)" aria-label="Anderlecht', text)
    row = (folder / "tiny.fr.html").read_text("utf-8").partition(f'<tr id="{target}">')[2]
    assert row.startswith('<th scope="row">Anderlecht</th>')
    assert "communes/21001" not in text
    (folder / "communes").mkdir()
    (folder / "communes" / "21001.fr.html").write_text("x", encoding="utf-8")
    again = front_page(tiny_pages, "fr", about=about, folder=folder)
    assert '<a href="communes/21001.fr.html">Anderlecht</a>' in again
    assert "communes/21002" not in again


def test_places_are_listed_by_the_alphabet(tiny_pages):
    names = ["Uccle", "Schaerbeek", "Saint-Gilles", "Écaussinnes"]
    units = [{"code": str(code), "name": {"fr": name}} for code, name in enumerate(names)]
    page = front_page(tiny_pages, "fr", about={"places": {"title": {"fr": "x"}, "units": units}})
    own = sorted(names, key=page.index)
    assert own == ["Écaussinnes", "Saint-Gilles", "Schaerbeek", "Uccle"]


def test_two_places_of_one_name_lead_to_no_row_rather_than_to_that_of_the_other(tiny_pages):
    def renamed(page):
        parts = [part for part in page.parts if part.exhibit and part.exhibit.block["table"]]
        block = parts[0].exhibit.block
        rows = [row | {"header": "Anderlecht"} for row in block["table"]["rows"]]
        exhibit = replace(
            parts[0].exhibit, block=block | {"table": block["table"] | {"rows": rows}}
        )
        return replace(page, parts=(replace(parts[0], exhibit=exhibit),))

    units = [{"code": code, "name": {"fr": "Anderlecht"}} for code in ("1", "2")]
    about = {"places": {"title": {"fr": "Communes"}, "units": units}}
    assert 'aria-label="Anderlecht' in front_page(tiny_pages, "fr", about=about)
    pages = [renamed(page) for page in tiny_pages]
    assert 'aria-label="Anderlecht' not in front_page(pages, "fr", about=about)


def test_a_source_has_the_name_of_its_supplier_and_never_that_of_a_file():
    file = {"source": "police", "file": "police_2024_20250131.csv", "extracted": "2025-01-31"}
    days = {"covered_from": "2023-01-01", "covered_to": "2023-12-31"}
    later = {"covered_from": "2024-01-01", "covered_to": "2024-12-31"}
    called = {"supplier": {"fr": "Zone de police 5340"}}
    assert source_lines([file | days, file | later], "fr") == [
        "Services de police, faits enregistrés. 2023 à 2024. Données extraites le 31 janvier 2025"
    ]
    assert source_lines([file | called], "fr")[0].startswith("Zone de police 5340. Données")
    assert source_lines([file | called], "nl")[0].startswith("Politiediensten"), "not in Dutch"
    survey = {"source": "survey", "supplier": {"fr": "Enquête, 2024"}}
    assert source_lines([survey | later], "fr") == ["Enquête, 2024"], (
        "its year stands there already"
    )
    assert source_lines([file | {"used": False}], "fr") == []
    assert "police_2024" not in str([source_lines([file], lang) for lang in LANGS])


def test_corrections_and_editions_before_are_listed(tiny_pages, tmp_path):
    correction = {"reported": "2022-03-01", "reason": "a street in the wrong commune"}
    correction |= {"provider": "zone 5340", "outcome": "applied"}
    before = {"edition": "2021", "published": "2022-06-30", "languages": ["nl"], "front": True}
    about = {"corrections": [correction], "earlier": [before], "above": "../"}
    text = front_page(tiny_pages, "nl", about=about)
    said = "1 maart 2022: a street in the wrong commune (zone 5340); gecorrigeerd in deze editie"
    assert said in text
    assert '<a href="../2021/index.nl.html">Editie 2021</a> · Gepubliceerd op 30 juni 2022' in text
    french = front_page(tiny_pages, "fr", about=about)
    assert '<a href="../2021/index.html">Édition 2021</a>' in french, "it was not in French"


def test_a_front_page_leads_to_other_languages_and_says_what_it_is(tiny_pages, tmp_path):
    write_files(tiny_pages, tmp_path / "2022", about={"above": "../"})
    for lang in LANGS:
        text = (tmp_path / "2022" / f"index.{lang}.html").read_text("utf-8")
        assert f'<html lang="{lang}">' in text
        for other in LANGS:
            assert f'<link rel="alternate" hreflang="{other}" href="index.{other}.html">' in text
        assert 'itemtype="https://schema.org/Report"' in text
        assert 'itemtype="https://schema.org/Dataset"' in text
        assert '<meta property="og:title"' in text
        assert f'href="../feed.{lang}.xml"' in text
        assert f'<a itemprop="url" href="tiny.{lang}.html">' in text
        note = (tmp_path / "2022" / f"tiny.{lang}.html").read_text("utf-8")
        assert f'<a href="index.{lang}.html">' in note, "a note leads back"


def test_editions_are_listed_the_latest_first_and_drafts_are_not(tmp_path):
    for year, state in (("2022", "published"), ("2024", "draft"), ("2023", "published")):
        (tmp_path / year).mkdir()
        manifest = {"state": state, "published": f"{year}-12-31", "languages": ["fr"]}
        (tmp_path / year / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for year, text in (("2021", "{"), ("2020", '{"published": 5, "replaces": "x"}')):
        (tmp_path / year).mkdir()
        (tmp_path / year / "manifest.json").write_text(text, encoding="utf-8")
    assert [one["edition"] for one in published_editions(tmp_path)] == ["2023", "2022", "2020"]
    assert published_editions(tmp_path)[-1]["published"] is None
    assert [one["edition"] for one in earlier_editions(tmp_path, 2023)] == ["2022", "2020"]


def test_a_day_of_extraction_is_told_only_where_every_delivery_of_its_kind_tells_one():
    """Two files of one supplier, one without a day: that of the older is none of the newer."""
    old = {"source": "police", "extracted": "2023-02-09", "covered_to": "2022-12-31"}
    new = {"source": "police", "extracted": None, "covered_to": "2023-12-31"}
    later = old | {"extracted": "2024-02-09"}
    survey = {"source": "survey", "extracted": None}
    assert last_extractions([old, later, survey]) == ["2024-02-09"]
    assert last_extractions([old, new]) == []
    assert last_extractions([old, new | {"used": False}]) == ["2023-02-09"]
    assert "extracted" not in source_lines([old, new], "en")[0]
    assert source_lines([old, later], "en")[0].endswith("Data extracted on 9 February 2024")
