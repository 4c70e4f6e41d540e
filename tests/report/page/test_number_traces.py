"""Each bound number of a page leads to where it comes from: its fact, its deliveries, its data cell."""

import csv
import io
import re
from dataclasses import replace
from functools import cache, partial
from html import escape, unescape

import pandas as pd
import pytest
from nbformat import NotebookNode

import obs
from obs.catalogue import get_indicator
from obs.errors import PublicationError
from obs.report.checks.html_checks import html_faults
from obs.report.edition.edition_files import page_files
from obs.report.facts.delivery_names import tell_deliveries
from obs.report.facts.fact import Fact, fact, unknown_fact
from obs.report.facts.fact_trace import trace_of
from obs.report.facts.filters import filters
from obs.report.facts.numbers import typography
from obs.report.note.notebook_cells import TRACED
from obs.report.note.sentence_gate import Written, marked, traced_text
from obs.report.note.sentences import render_sentences
from obs.report.page.bound_numbers import Traces
from obs.report.page.content import Exhibit, Part
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter
from obs.report.page.markdown import inline_html, parse, parse_bound, plain_text, to_html, to_typst
from obs.report.page.table_traces import row_traces
from obs.report.sheet.sheet_page import make_sheets
from tests.report.small_tables import brussels_rows, indicator_table

LANGS = ("fr", "nl", "en")
PLACE, HIDDEN = "21004", "21008"
SOURCES = [
    {
        "source": "police",
        "file": f"/srv/inbox/police_{year}.csv",
        "covered_from": f"{year}-01-01",
        "covered_to": f"{year}-12-31",
        "used": True,
    }
    for year in (2022, 2023, 2024)
]
SOURCES += [
    {"source": "helpline", "file": "calls.csv"},
    {"source": "police", "used": False, "file": "x"},
]
ABOUT = {
    "title": dict.fromkeys(LANGS, "Observatory"),
    "publisher": dict.fromkeys(LANGS, "We"),
    "sources": SOURCES,
}
CELL = re.compile(
    r'<a class="n"(?: id="(number--t[^"]+)"| tabindex="-1") href="#(trace--t[^"]+)">(.*?)</a>'
)
LINK = re.compile(
    r'<a class="n"(?: id="(number--n\d+)")? href="#(trace--n\d+)">(.*?)</a>', re.DOTALL
)


@cache
def released():
    table = indicator_table(brussels_rows())
    changes = obs.compare_periods(table, base="previous")
    return obs.release({"v.years": table, "v.change": changes})


@cache
def pages():
    made = make_sheets(
        released(),
        codes=[PLACE, HIDDEN],
        indicators=["theft"],
        langs=LANGS,
        edition=2024,
        about=ABOUT,
        compare=obs.compare_peers,
    )
    return {(page.name, page.lang): page for page in made}


@cache
def files():
    return page_files([page for page in pages().values()], LANGS)


def html(place=PLACE, lang="en"):
    return files()[f"communes/{place}.{lang}.html"].decode()


def text(cell):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())


def entries(page):
    return dict(re.findall(r'<li id="(trace--n\d+)" tabindex="-1">(.*?)</li>', page, re.DOTALL))


def rows_of(place=PLACE):
    return list(csv.reader(io.StringIO(files()[f"data/{place}_text.csv"].decode())))


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_the_text_is_a_link_to_an_entry_and_back(lang):
    page = html(lang=lang)
    links, told = LINK.findall(page), entries(page)
    assert len(links) >= 4
    assert {entry for _, entry, _ in links} == set(told)
    first = [own for own, _, _ in links if own]
    assert sorted(first) == sorted(f"number--{entry[7:]}" for entry in told)
    assert all(f'href="#number--{entry[7:]}"' in cell for entry, cell in told.items())
    assert all(re.search(r"\d|[a-z]", words) for _, _, words in links)


def test_an_entry_has_place_period_interval_deliveries_and_its_cell():
    page = html()
    table = released()["v.years"].table
    own = table[(table["territory"] == PLACE) & (table["period"] == "2024")].iloc[0]
    (told,) = [c for c in entries(page).values() if f'value="{own["numerator"]}"' in c]
    assert "Brussels" in text(told)
    assert "2024" in text(told)
    assert "Deliveries police_2024.csv" in text(told)
    assert "/srv" not in page
    row = int(re.search(rf'href="\.\./data/{PLACE}_text\.csv#row=(\d+)"', told)[1])
    header, *_ = rows = rows_of()
    cells = dict(zip(header, rows[row - 1], strict=True))
    assert (cells["indicator"], cells["territory"], cells["period"]) == ("theft", PLACE, "2024")
    assert int(cells["numerator"]) == own["numerator"]
    assert float(cells["value"]) == pytest.approx(float(own["value"]), abs=1e-6)
    assert f'<data value="{cells["value"]}">' in told


def test_a_change_names_the_deliveries_of_both_periods():
    changes = [c for c in entries(html()).values() if "Compared with" in text(c)]
    assert changes
    assert all("Deliveries police_2023.csv, police_2024.csv" in text(c) for c in changes)


def table_of(page, number):
    return page.split("<table>")[number].split("</table>")[0]


@pytest.mark.parametrize("lang", LANGS)
def test_every_number_of_a_table_leads_to_its_row_and_one_of_a_row_is_a_stop(lang):
    page = html(lang=lang)
    told = rows_told(page)
    for number in (1, 2):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", table_of(page, number))
        assert all(("#trace--" in cell) == bool(re.search(r"\d", text(cell))) for cell in cells)
    stops = [own for own, _, _ in CELL.findall(page) if own]
    assert stops == [f"number--{entry[7:]}" for entry in told]
    assert {entry for _, entry, _ in CELL.findall(page)} == set(told)


def rows_told(page):
    return dict(re.findall(r'<li id="(trace--t[^"]+)" tabindex="-1">(.*?)</li>', page, re.DOTALL))


def test_a_row_of_years_has_each_year_with_its_interval_and_its_data_row():
    told = list(rows_told(html()).values())[-1]
    data = list(csv.reader(io.StringIO(files()[f"data/{PLACE}_sheet-years.csv"].decode())))
    found = re.findall(r'<dt>(\d{4})</dt><dd><data value="([^"]+)">.*?#row=(\d+)"', told)
    assert [year for year, _, _ in found] == ["2022", "2023", "2024"]
    for year, value, row in found:
        cells = dict(zip(data[0], data[int(row) - 1], strict=True))
        assert (cells["territory"], cells["period"], cells["value"]) == (PLACE, year, value)
    assert "City of Brussels, 2022\u20132024" in text(told)
    assert "police_2022.csv, police_2023.csv, police_2024.csv" in text(told)
    assert "27.5 (26.8 to 28.3), row 2" in text(told)


def test_a_row_with_a_change_names_the_deliveries_of_its_base_too():
    (told, _) = rows_told(html()).values()
    assert "Deliveries police_2023.csv, police_2024.csv" in text(told)
    rows = released()["v.years"].select(period="2024", level="commune")
    changes = released()["v.change"].select(period="2024", level="commune")
    block = obs.show_table(rows, lang="en", alt="Thefts in the municipalities", beside=changes)
    found = {one["deliveries"] for row in block.table.rows for one in row.behind}
    assert found == {("police_2023.csv", "police_2024.csv")}


def test_a_row_of_a_note_is_found_by_its_key_among_those_of_the_data_file():
    rows = released()["v.years"].select(period="2024", level="commune")
    block = obs.show_table(rows, lang="en", alt="Thefts in the municipalities of the Region, 2024")
    exhibit = Exhibit("Table 1", block.to_json(), "own", "v_own.csv")
    page = replace(pages()[PLACE, "en"], parts=(Part("exhibit", exhibit=exhibit),))
    traces = row_traces(page, {"v_own.csv": "data/v_own.csv"})
    data = list(csv.DictReader(io.StringIO(block.csv.text)))
    shown = [row.header for row in block.table.rows if re.search(r"\d", "".join(row.cells))]
    assert 10 < len(traces) == len(shown) < 19
    for trace, place in zip(traces, shown, strict=True):
        own = data[trace.row - 2]
        assert released().territory.label(own["territory"], "en") == place
        assert own["status"] == "ok"
        assert trace.about == f"{place}, 2024"
        assert trace.deliveries == ("police_2024.csv",)


def traces_of(block):
    exhibit = Exhibit("Table 1", block.to_json(), "own", "v_own.csv")
    page = replace(pages()[PLACE, "en"], parts=(Part("exhibit", exhibit=exhibit),))
    return row_traces(page, {"v_own.csv": "data/v_own.csv"})


def partial_years():
    """Give the thefts of three years, of which the last ends in November and is provisional."""
    table = indicator_table(brussels_rows())
    last = table["period"] == "2024"
    table["covered_from"] = pd.to_datetime(table["period"].dt.start_time.dt.date)
    table["covered_to"] = pd.to_datetime(table["period"].dt.end_time.dt.date)
    table.loc[last, "covered_to"] = pd.Timestamp("2024-11-30")
    table.loc[last, "days"] = 335
    table.loc[last, "status"] = "provisional"
    return obs.release({"v.years": table})["v.years"]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Incomplete period: January to November 2024. Provisional"),
        ("fr", "Période incomplète\u00a0: janvier à novembre 2024. Provisoire"),
        ("nl", "Onvolledige periode: januari tot en met november 2024. Voorlopig"),
    ],
)
def test_a_row_of_an_incomplete_period_says_which_days_it_covers(lang, said):
    rows = partial_years().select(territory=PLACE)
    one_year = obs.show_table(rows.select(period="2024"), lang=lang, alt="Thefts in one place")
    (behind,) = one_year.table.rows[0].behind
    assert typography(behind["remark"], lang) == said
    (trace,) = traces_of(one_year)
    assert typography(trace.remark, lang) == said
    (whole,) = traces_of(obs.show_table(rows.select(period="2023"), lang=lang, alt="Thefts"))
    assert whole.remark == ""


def test_of_a_row_of_years_only_the_incomplete_year_has_the_remark():
    rows = partial_years().select(level=["region", "commune"])
    block = obs.show_table(rows.select(territory=[PLACE, "04000"]), lang="en", alt="Thefts")
    for trace in traces_of(block):
        remarks = {cell.head: cell.remark for cell in trace.cells}
        assert remarks["2022"] == remarks["2023"] == ""
        assert remarks["2024"].startswith("Incomplete period: January to November 2024")


def test_the_cells_of_two_indicators_name_each_their_own_deliveries():
    thefts = brussels_rows()
    calls = [row | {"indicator": "helpline_calls"} for row in brussels_rows()]
    table = indicator_table([*thefts, *calls], scale="count")
    own = obs.release({"v.years": table})
    tell_deliveries(own, SOURCES)
    rows = own["v.years"].select(territory="04000")
    told = {one.indicator: one for one in traces_of(obs.show_table(rows, lang="en", alt="Two"))}
    assert told["theft"].deliveries == ("police_2022.csv", "police_2023.csv", "police_2024.csv")
    assert told["helpline_calls"].deliveries == ("calls.csv",)


def test_two_sums_of_one_year_lead_each_to_their_own_entry():
    own = obs.release({"v.years": indicator_table(brussels_rows(), scale="count")})
    one, two, three = (
        fact(own, territory=code, period="2024") for code in (PLACE, "21009", "21013")
    )
    told = [trace_of(total, "en").to_json() for total in (one + two, one + three, one + two)]
    assert told[0]["key"] == told[1]["key"]
    traces = Traces({"traces": told})
    source = " ".join(marked(one["value"], i) for i, one in enumerate(told))
    clean = " ".join(one["value"] for one in told)
    cell = NotebookNode(
        source=clean,
        metadata={TRACED: {"text": traced_text(source, [Written("n", one)] * 3), "first": 0}},
    )
    (paragraph,) = traces.tokens(cell, "en")
    links = [token["entry"] for token in paragraph["children"] if token["type"] == "bound"]
    assert links == ["n1", "n2", "n1"]
    assert [entry["value"] for entry in traces.entries] == [told[0]["value"], told[1]["value"]]


def test_the_definition_of_an_indicator_stands_once():
    definition = escape(get_indicator("theft").text("definition", "en"))
    page = html()
    assert page.count('<section class="about trace"') == 1
    assert page[page.index("about trace") :].count("<h3>") == 1
    assert page[page.index("about trace") :].count(definition) == 1


def test_a_page_without_data_beside_it_names_the_cell_and_links_to_none():
    page = FocusHTMLExporter().from_page(pages()[PLACE, "en"])
    assert f"{PLACE}_text.csv</code>, row 2 (" in page
    assert "_text.csv#row" not in page
    assert not list(html_faults(page, None))


def test_the_three_languages_say_the_same():
    found = {
        lang: [
            (entry, re.findall(r'<data value="([^"]+)"|#row=(\d+)', cell))
            for entry, cell in entries(html(lang=lang)).items()
        ]
        for lang in LANGS
    }
    assert found["fr"] == found["nl"] == found["en"]


def test_a_withheld_place_has_no_number_to_trace():
    page = html(HIDDEN)
    assert not re.findall(r'<data value="\d', "".join(entries(page).values()))
    withheld = fact(released()["v.years"], territory=HIDDEN, period="2024")
    told = trace_of(withheld, "en")
    assert (told.value, told.interval, told.count) == ("not published", "", "")
    assert "Not published" in told.status


@pytest.mark.parametrize(
    ("indicator", "unit", "count"),
    [("helpline_calls", "call", "300 calls"), ("stringency", "point", "")],
)
def test_the_sum_of_the_days_of_an_index_is_no_count_behind_it(indicator, unit, count):
    key = {"indicator": indicator, "territory": "04000"}
    fact = Fact("per_day", 10.0, None, None, "ok", unit, "per_day", 0, 300, key=key)
    assert trace_of(fact, "en").count == count


def test_the_pdf_has_the_text_without_links():
    page = pages()[PLACE, "en"]
    (brief,) = [
        p for p in page.parts if p.kind == "prose" and any(t["type"] == "list" for t in p.tokens)
    ]
    assert "trace--" not in to_typst(brief.tokens)
    assert FocusPDFExporter().from_page(page) == files()[f"communes/{PLACE}.en.pdf"]


def test_marks_part_the_text_and_change_nothing_of_it():
    one = fact(released()["v.years"], territory=PLACE, period="2024")
    said = [Written("period", one.period), Written("n", one), Written("verdict", one)]
    source = f"**{marked('l’été 2024', 0)}** : *{marked('1 234', 1)}* à [x](#y), {marked('en hausse', 2)} ?"
    clean = "**l’été 2024** : *1 234* à [x](#y), en hausse ?"
    tokens = parse_bound(traced_text(source, said), clean, "fr")
    assert plain_text(tokens) == plain_text(parse(clean, "fr"))
    assert re.sub("</?a[^>]*>", "", to_html(tokens)) == re.sub(
        "</?a[^>]*>", "", to_html(parse(clean, "fr"))
    )
    bound = [
        t
        for p in tokens
        for c in p["children"]
        for t in c.get("children", ())
        if t["type"] == "bound"
    ]
    assert [plain_text([t]) for t in bound] == ["1\u202f234"]


def test_marks_that_do_not_fall_in_place_are_left_out():
    tokens = parse_bound(f"one {marked('2', 0)}", "another 2", "en")
    assert tokens == parse("another 2", "en")


def test_a_number_is_written_with_its_link_and_no_markup_of_data_acts():
    token = {
        "type": "bound",
        "number": 0,
        "entry": "n1",
        "again": True,
        "children": [{"type": "text", "raw": "<3"}],
    }
    assert inline_html([token]) == '<a class="n" href="#trace--n1">&lt;3</a>'


def test_a_capital_is_put_where_a_clause_begins():
    one = fact(released()["v.change"], territory=PLACE, period="2024")
    assert '"text": "The ' in render_sentences("{{ one|told|sentence }}", "en", {"one": one})


def test_what_no_source_has_is_not_traced():
    assert trace_of(unknown_fact("en"), "en") is None
    assert '"traces": [null]' in render_sentences("{{ one|n }}", "en", {"one": unknown_fact("en")})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            r'<data value="[^"]+"',
            '<data value="3"',
            "says a number that its data cells do not have",
        ),
        (r"#row=\d+", "#row=999", "do not have (row 999 of"),
        (r'id="number--n1"', 'id="x"', "leads to '#number--n1', which is not on the page"),
    ],
)
def test_a_trace_that_says_another_number_than_its_cell_is_refused(tmp_path, old, new, said):
    folder = tmp_path / "communes"
    folder.mkdir()
    (tmp_path / "data").mkdir()
    for name in [name for name in files() if name.startswith("data/")]:
        (tmp_path / name).write_bytes(files()[name])
    page = re.sub(old, new, html(), count=1)
    assert any(said in words for _, words in html_faults(page, folder))
    assert not any("trace--" in place for place, _ in html_faults(html(), folder))


class TestInANotebook:
    def test_a_fact_gives_its_trace_down_to_the_delivery(self):
        tell_deliveries(released(), SOURCES)
        one = fact(released()["v.years"], territory=PLACE, period="2023")
        told = trace_of(one, "fr")
        assert told.deliveries == ("police_2023.csv",)
        assert told.key["territory"] == PLACE
        assert (told.table, told.column) == ("years", "value")
        assert "Livraisons\u00a0: police_2023.csv" in str(told)
        assert "police_2023.csv</dd>" in told._repr_html_()

    def test_a_sum_names_the_deliveries_of_both_and_no_single_row(self):
        tell_deliveries(released(), SOURCES)
        counts = indicator_table(brussels_rows(), scale="count")
        own = obs.release({"v.years": counts})
        tell_deliveries(own, SOURCES)
        one, two = (fact(own, territory=PLACE, period=year) for year in ("2023", "2024"))
        told = trace_of(one + two, "en")
        assert told.deliveries == ("police_2023.csv", "police_2024.csv")
        assert "period" not in told.key
        assert told.status == "Computed from two published rows"

    def test_a_sum_over_places_or_years_is_of_neither_place_nor_year(self):
        own = obs.release({"v.years": indicator_table(brussels_rows(), scale="count")})
        bind = partial(fact, own)
        places = bind(territory=PLACE, period="2024") + bind(territory="21009", period="2024")
        told = trace_of(places, "en")
        assert (told.place, told.period) == ("", "2024")
        with pytest.raises(PublicationError, match="made of two places"):
            filters("en")["label"](places)
        years = bind(territory=PLACE, period="2023") + bind(territory=PLACE, period="2024")
        told = trace_of(years, "en")
        assert (told.place, told.period) == ("City of Brussels", "")
        with pytest.raises(PublicationError, match="made of two periods"):
            filters("en")["period"](years)
        assert filters("en")["label"](years) == "City of Brussels"

    def test_an_effect_of_an_interruption_is_against_no_month(self):
        """It said April 2020, compared with March 2020, of two months against what was expected."""
        counts = obs.release({"v.years": indicator_table(brussels_rows(), scale="count")})
        one = fact(counts, territory=PLACE, period="2023")
        month = pd.Period("2020-04", "M")
        effect = replace(one, period=month, base=month - 1, added=2, covered=None)
        told = trace_of(replace(effect, key=one.key | {"point": "counterfactual"}), "en")
        assert (told.base, told.period) == ("", "April 2020\N{EN DASH}May 2020")
        assert told.categories == "observed against expected"
        assert trace_of(replace(effect, key=one.key | {"point": "peak"}), "en").base == "March 2020"

    def test_an_edition_that_was_not_opened_names_none(self):
        other = obs.release({"v.years": indicator_table(brussels_rows())})
        assert fact(other, territory=PLACE, period="2023").deliveries == ()
