"""The page of an answer: the question quoted, the released figures alone, one sheet of paper."""

import csv
import io
import re
from functools import cache

import pikepdf
import pytest

import obs
from obs.reference import load_exposure
from obs.report.answer.answer_page import answer_page
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter
from tests.report.small_tables import brussels_rows, indicator_table

PLACE, HIDDEN = "21009", "21008"
ABOUT = {
    "title": {"fr": "Observatoire", "nl": "Observatorium", "en": "Observatory"},
    "publisher": {"fr": "Nous", "nl": "Wij", "en": "We"},
    "sources": [{"source": "police", "extracted": "2025-03-01", "covered_to": "2024-12-31"}],
}
QUESTION = "Vols *ou* [cambriolages](http://x) à Ixelles, article 12, 4 123 en 2019 ?"


@cache
def released():
    return obs.release({"answer.table": indicator_table(brussels_rows(small={HIDDEN: 3}))})


@cache
def page(lang, *places):
    rows = released().select(territory=[*places, "04000"])
    return answer_page(
        rows,
        question=QUESTION,
        places=places,
        lang=lang,
        name="2024a1",
        about=ABOUT,
        compare=obs.compare_periods,
        breaks=["Rupture de série."],
    )


def words_of(made):
    text = re.sub(
        r"<style>.*?</style>|<[^>]+>", " ", FocusHTMLExporter().from_page(made), flags=re.S
    )
    return " ".join(text.split())


def rows_of(made):
    (text,) = [text for name, text in made.data.items() if name == "answer_by-place.csv"]
    return list(csv.DictReader(io.StringIO(text)))


def test_the_figures_are_those_of_the_places_asked_and_of_the_whole():
    people = load_exposure("population").set_index(["territory", "year"])["exposure"].astype(float)
    count = round(people[PLACE, 2024] / 1000 * 20 * (1 + 8 / 8))  # Ixelles is the ninth commune
    rows = {(row["territory"], row["period"]): row for row in rows_of(page("fr", PLACE))}
    assert {place for place, _ in rows} == {PLACE, "04000"}
    assert int(rows[PLACE, "2024"]["numerator"]) == count
    rate = count / people[PLACE, 2024] * 1000
    assert float(rows[PLACE, "2024"]["value"]) == pytest.approx(rate, abs=1e-5)
    text = words_of(page("en", PLACE))
    assert f"{count:,} offences , that is {rate:.1f} offences per 1,000 inhabitants" in text
    assert "(95% confidence interval:" in text
    assert "the rate was not significantly different from 2022" in text


def test_the_question_is_quoted_as_it_was_put_and_acts_as_nothing():
    html = FocusHTMLExporter().from_page(page("fr", PLACE))
    quoted = re.search(r"<blockquote>(.*?)</blockquote>", html, flags=re.S)[1]
    assert "Vols *ou* [cambriolages](http://x) à Ixelles" in quoted
    assert "<a" not in quoted
    assert "<em>" not in quoted
    assert "Question posée à l’observatoire" in html


def test_a_withheld_figure_is_said_to_be_so_and_not_printed():
    made = page("fr", HIDDEN)
    assert "Ganshoren, 2024 : non publié" in words_of(made).replace("\u00a0", " ")
    own = [row for row in rows_of(made) if row["territory"] == HIDDEN]
    assert {(row["numerator"], row["value"], row["status"]) for row in own} == {
        ("", "", "suppressed")
    }


def test_of_many_places_the_sentence_is_of_the_whole_and_ranks_none():
    communes = released().territory.codes("commune")
    text = words_of(page("en", *communes))
    assert "Brussels-Capital Region, 2024:" in text
    assert "areas are not ranked" in text
    assert "Ixelles, 2024:" not in text


def test_every_language_states_the_same_numbers():
    said = [
        [(n["filter"], n["value"], n["key"]) for n in page(lang, PLACE).numbers]
        for lang in ("fr", "nl", "en")
    ]
    assert said[0] == said[1] == said[2]
    assert len(said[0]) > 4
    assert page("fr", PLACE).data == page("nl", PLACE).data


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_an_answer_is_one_page_of_paper_even_of_all_places(lang):
    communes = released().territory.codes("commune")
    with pikepdf.open(io.BytesIO(FocusPDFExporter().from_page(page(lang, *communes)))) as document:
        assert len(document.pages) == 1


def test_it_is_numbered_as_an_answer_and_says_what_it_counts():
    text = words_of(page("nl", PLACE))
    assert "Antwoord 2024a1" in text
    assert "Wat wordt geteld." in text
    assert "Rupture de série." in text
