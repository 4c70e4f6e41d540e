"""The sheet of a place: its figures are those released, against sums made here, and nothing else."""

import csv
import io
from functools import cache

import pandas as pd
import pikepdf
import pytest

import obs
from obs.errors import ObsError
from obs.reference import load_exposure
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter
from obs.report.sheet.sheet_page import make_sheets
from tests.report.small_tables import brussels_rows, indicator_table

PEERS = ("21002", "21016", "21017")  # similar to Woluwe-Saint-Pierre: under 5,000 inhabitants a km²
PLACE, HIDDEN = "21019", "21008"
ROWS = pd.DataFrame(brussels_rows(small={HIDDEN: 3})).set_index(["territory", "period"])
PEOPLE = load_exposure("population").set_index(["territory", "year"])["exposure"].astype(float)
ABOUT = {
    "title": {"fr": "Observatoire", "en": "Observatory"},
    "publisher": {"fr": "Nous", "en": "We"},
    "sources": [{"source": "police", "extracted": "2025-03-01", "covered_to": "2024-12-31"}],
}


@cache
def released():
    """Release thefts of three years, and their changes; one commune is too small."""
    table = indicator_table(brussels_rows(small={HIDDEN: 3}))
    changes = obs.compare_periods(table, base="previous")
    return obs.release({"focus_vols.years": table, "focus_vols.change": changes})


@cache
def sheets():
    made = make_sheets(
        released(),
        codes=[PLACE, HIDDEN],
        indicators=["theft"],
        langs=["fr", "en"],
        edition=2024,
        about=ABOUT,
        compare=obs.compare_peers,
    )
    return {(page.name, page.lang): page for page in made}


def rows_of(page, ending):
    (text,) = [text for name, text in page.data.items() if name.endswith(ending)]
    return list(csv.DictReader(io.StringIO(text)))


def pages_in(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def words_of(page):
    return FocusHTMLExporter().from_page(page)


def test_the_figures_are_the_sums_of_the_place_of_its_peers_and_of_the_whole():
    (row,) = rows_of(sheets()[PLACE, "en"], "sheet-year.csv")
    count = ROWS.loc[(PLACE, 2024), "numerator"]
    assert int(row["numerator"]) == count
    assert float(row["value"]) == pytest.approx(count / PEOPLE[PLACE, 2024] * 1000)
    peers = sum(ROWS.loc[(code, 2024), "numerator"] for code in PEERS)
    people = sum(PEOPLE[code, 2024] for code in PEERS)
    assert float(row["peer_value"]) == pytest.approx(peers / people * 1000)
    communes = ROWS[ROWS["level"] == "commune"].xs(2024, level="period")
    whole = communes["numerator"].sum() / PEOPLE["04000", 2024] * 1000
    assert float(row["whole_value"]) == pytest.approx(whole)
    before = ROWS.loc[(PLACE, 2023), "numerator"] / PEOPLE[PLACE, 2023] / 365
    now = count / PEOPLE[PLACE, 2024] / 366
    assert float(row["change"]) == pytest.approx(now / before - 1, abs=1e-5)


def test_every_year_is_that_of_the_place_alone():
    rows = rows_of(sheets()[PLACE, "fr"], "sheet-years.csv")
    assert {row["territory"] for row in rows} == {PLACE}
    told = {int(row["period"]): int(row["numerator"]) for row in rows}
    assert told == {year: ROWS.loc[(PLACE, year), "numerator"] for year in (2022, 2023, 2024)}


def test_a_withheld_figure_is_named_with_its_years_and_its_reason_and_not_printed():
    page = sheets()[HIDDEN, "fr"]
    text = " ".join(words_of(page).split())
    assert "Ce qui n’est pas publié, et pourquoi" in text
    assert "pour protéger les personnes" in text
    assert "Vols et extorsions (2022–2024)" in text
    for row in rows_of(page, "sheet-years.csv"):
        assert (row["numerator"], row["value"], row["status"]) == ("", "", "suppressed")
    whole = sheets()[PLACE, "fr"]
    assert "Toutes les valeurs annuelles de ce territoire sont publiées." in words_of(whole)


def test_a_sheet_says_where_the_place_is_and_ranks_nothing():
    text = words_of(sheets()[PLACE, "en"])
    assert "Woluwe-Saint-Pierre in figures, 2024" in text
    assert "Woluwe-Saint-Pierre (police zone Montgomery, Brussels-Capital Region)." in text
    assert "Areas are not ranked." in text
    assert "rank" not in text.replace("Areas are not ranked.", "").lower()


def test_the_column_of_the_whole_has_its_name():
    text = words_of(sheets()[PLACE, "en"])
    assert "Brussels-Capital Region</th>" in text


def test_both_languages_state_the_same_numbers_and_share_their_data():
    for code in (PLACE, HIDDEN):
        fr, en = (sheets()[code, lang] for lang in ("fr", "en"))
        assert (fr.folder, fr.stem, fr.place) == ("communes", f"communes/{code}.fr", fr.place)
        said = [[(n["filter"], n["value"], n["key"]) for n in page.numbers] for page in (fr, en)]
        assert said[0] == said[1]
        assert fr.data == en.data


@pytest.mark.parametrize("code", [PLACE, HIDDEN])
def test_a_sheet_is_one_page_of_paper(code):
    assert pages_in(FocusPDFExporter().from_page(sheets()[code, "fr"])) == 1


def test_what_is_released_at_no_place_is_refused():
    with pytest.raises(ObsError, match=r"no released table has robbery by place and year"):
        make_sheets(
            released(),
            codes=[PLACE],
            indicators=["robbery"],
            langs=["fr"],
            edition=2024,
            about=ABOUT,
            compare=obs.compare_peers,
        )
