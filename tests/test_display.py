"""Results are short to read in a notebook and a terminal, and show released values alone."""

import sys
import traceback
from types import SimpleNamespace

import pandas as pd
import pytest

import obs
from obs.display_cards import card, rows_as_html
from obs.errors import ObsError


def test_every_text_of_a_card_is_escaped():
    html = card("<b>", {"<i>": "<script>", "empty": ""}) + rows_as_html(["<u>"], [["<img>", "<a>"]])
    assert not any(mark in html for mark in ("<b>", "<i>", "<script>", "<u>", "<img>", "<a>"))
    assert "empty" not in html


@pytest.fixture(scope="module")
def cleaned(sample_raw):
    return obs.clean_police(
        sample_raw / "police" / "police_2024_20250131.csv", profile="obs_sample"
    )


@pytest.fixture(scope="module")
def released(cleaned):
    return obs.release(obs.compute("bicycle_theft", {"police": cleaned.table}))


def test_a_cleaned_delivery_shows_its_account_and_no_row(cleaned):
    html = cleaned._repr_html_()
    assert f"kept {len(cleaned.table):,}" in html
    assert not any(str(code) in html for code in cleaned.table["event_id"].head(50))
    assert len(repr(cleaned)) < 120


def test_a_release_shows_names_beside_codes_and_the_value_before_the_rest(released):
    html = released._repr_html_()
    head = html[html.index("<thead>") : html.index("</thead>")]
    columns = [part.split("</th>")[0] for part in head.split("<th scope='col'>")[1:]]
    assert columns[:4] == ["indicator", "territory", "name", "period"]
    assert columns.index("value") < columns.index("status") < columns.index("numerator")
    assert "<td>21001</td><th scope='row'>Anderlecht</th>" in html
    assert html.count("<tr>") == 21
    assert f"and {len(released) - 20:,} more rows" in html


def test_a_release_shows_nothing_that_is_withheld(cleaned):
    few = {"sources": {"police": cleaned.table}, "breakdown": ("victim_sex",)}
    exact = obs.compute("vif_couple_physical", **few)
    released = obs.release(exact)
    withheld = released.table["status"].isin(["suppressed_primary", "suppressed_secondary"])
    one = released.select(territory=list(released.table.loc[withheld, "territory"].unique()))
    counts = exact.set_index(["territory", "victim_sex"])["numerator"]
    rows = [row for row in one._repr_html_().split("<tr>") if "suppressed" in row]
    assert rows
    for row in rows:
        cells = [part.split("<")[0] for part in row.split("<td>")]
        sex = next(cell for cell in cells if cell in set(exact["victim_sex"]))
        assert f"{counts[cells[2], sex]:,}" not in cells


def test_a_block_an_observatory_and_a_territory_are_short(released):
    rows = released.select(level="region")
    block = obs.show_table(rows, lang="en")
    assert repr(block).startswith("Block(table '")
    assert len(repr(block)) < 200
    observatory = obs.load_observatory()
    assert repr(observatory).startswith(
        "Observatory('brussels': fr, nl, en; 8 notes; sources police"
    )
    assert "profile obs_sample" in observatory._repr_html_()
    assert "<th scope='row'>Anderlecht</th>" in observatory.territory()._repr_html_()


def test_a_bound_number_says_what_it_is(released):
    bound = obs.fact(released, territory="04000")
    assert repr(bound).startswith("Fact(bicycle_theft 04000 2024: ")


def test_results_of_trends_show_no_series():
    months = pd.period_range("2015-01", "2020-12", freq="M")
    counts = pd.Series([40 + 7 * (m.month % 5) + m.year % 3 for m in months], index=months)
    season = obs.seasonal_adjust(counts)
    table = pd.DataFrame({"period": months, "numerator": counts.to_numpy()})
    changed = obs.interrupted_trend(table, start="2019-01")
    for result in (season, changed):
        assert len(repr(result)) < 100
        assert "2017" not in repr(result) + result._repr_html_()
    assert "1 series" in repr(season)


def fail():
    raise ObsError("no such thing: name another.")


def failed() -> ObsError:
    try:
        fail()
    except ObsError as error:
        return error


def test_an_error_outside_a_notebook_is_its_sentence_alone():
    assert failed()._render_traceback_() == ["ObsError: no such thing: name another."]


def test_every_frame_is_shown_where_it_is_asked(monkeypatch):
    shell = SimpleNamespace(InteractiveTB=SimpleNamespace(mode="Verbose"))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    error = failed()
    lines = error._render_traceback_()
    assert lines == "".join(traceback.format_exception(error)).splitlines()
    assert any("in fail" in line for line in lines)
