import csv
import io

import pandas as pd
import pytest

import obs
from obs.errors import DisclosureError, ObsError
from obs.reference import make_territory
from obs.report.figures.data_file import csv_text, plain_cell
from obs.trends import compare_periods
from tests.report.small_tables import brussels_rows, indicator_table, thefts, vif


def cells(block):
    return {row.header: row.cells for row in block.table.rows}


def test_only_a_released_is_laid_out():
    with pytest.raises(DisclosureError, match="DataFrame"):
        obs.show_table(thefts().table, lang="fr")


@pytest.mark.slow
def test_territories_down_and_periods_across_with_symbols_told():
    block = obs.show_table(thefts(), lang="nl")
    assert [c.label for c in block.table.columns] == ["2022", "2023", "2024"]
    assert cells(block)["Ganshoren"] == ("n.g.", "n.g.", "n.g.")
    assert block.caption == "Feiten per 1.000 inwoners"
    assert any("n.g.: niet gepubliceerd" in r.text for r in block.notes)
    assert block.table.rows[-1].header == "Brussels Hoofdstedelijk Gewest"


def test_one_period_gives_number_value_and_interval():
    block = obs.show_table(thefts().select(period=2024), lang="fr")
    assert [c.label for c in block.table.columns] == [
        "Nombre",
        "Faits pour 1\u202f000 habitants",
        "Intervalle à 95\u00a0%",
    ]
    assert cells(block)["Ganshoren"] == ("non publié", "non publié", "")


def test_columns_chooses_the_measures():
    block = obs.show_table(thefts().select(period=2024), lang="en", columns=["value"])
    assert len(block.table.columns) == 1
    with pytest.raises(ObsError, match="no measure 'rate'; there are numerator, value, interval"):
        obs.show_table(thefts().select(period=2024), lang="en", columns=["rate"])


def test_a_breakdown_goes_down_in_the_order_of_its_codelist():
    block = obs.show_table(vif().select(relation="couple"), lang="fr")
    assert [row.header for row in block.table.rows] == [
        "Toutes formes",
        "Violence physique",
        "Violence sexuelle",
        "Violence psychologique",
        "Violence économique",
    ]
    assert cells(block)["Violence physique"][0] == "2\u202f355"


@pytest.mark.slow
def test_a_comparison_gives_both_numbers_and_the_verdict():
    table = indicator_table(brussels_rows(small={}))
    released = obs.release({"years": table, "change": compare_periods(table, base="previous")})
    block = obs.show_table(released["change"].select(period=2024, level="region"), lang="en")
    assert [c.label for c in block.table.columns] == [
        "Number in 2023",
        "Number",
        "Change in %",
        "95% interval",
        "Verdict",
    ]
    assert "against 2023" in block.title


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "said"), [("fr", "366 jours"), ("nl", "366 dagen"), ("en", "366 days")]
)
def test_a_change_per_day_is_told_under_the_figure_and_only_there(lang, said):
    table = indicator_table(brussels_rows(years=(2022, 2023, 2024), small={}))
    released = obs.release({"years": table, "change": compare_periods(table, base="previous")})
    for period, per_day in ((2023, False), (2024, True)):  # 2024 has a day more
        block = obs.show_table(released["change"].select(period=period, level="region"), lang=lang)
        assert any(said in remark.text for remark in block.notes) == per_day


def test_three_directions_are_refused():
    rows = brussels_rows(small={}) + brussels_rows(indicator="robbery", small={})
    with pytest.raises(ObsError, match="a page has two directions"):
        obs.show_table(obs.release({"t": indicator_table(rows)}), lang="fr")


@pytest.mark.slow
def test_too_many_units_leave_the_largest_and_say_so():
    import pandas as pd

    codes = [f"{i:03d}" for i in range(100)]
    units = pd.DataFrame({"code": [*codes, "T"], "level": ["commune"] * 100 + ["region"]})
    units["parent"] = ["T"] * 100 + [None]
    for lang in ("fr", "nl", "en"):
        units[f"name_{lang}"] = "Commune " + units["code"]
    place = make_territory(units, name="many", levels=("commune", "region"))
    rows = [
        {
            "indicator": "theft",
            "territory": c,
            "level": "commune",
            "period": 2024,
            "numerator": 50 + i,
            "denominator": 1000.0 * (i + 1),
        }
        for i, c in enumerate(codes)
    ]
    total = {"numerator": sum(r["numerator"] for r in rows), "denominator": 5_050_000.0}
    rows.append(
        {"indicator": "theft", "territory": "T", "level": "region", "period": 2024, **total}
    )
    released = obs.release({"years": indicator_table(rows)}, territory=place)
    block = obs.show_table(released, lang="en")
    assert len(block.table.rows) == 31
    assert block.table.rows[0].header == "Commune 070"
    assert any("30 areas with the largest denominator out of 100" in r.text for r in block.notes)
    assert block.csv.text.count("\n") == 102


def test_the_data_file_has_codes_iso_periods_and_no_withheld_number():
    rows = list(csv.DictReader(io.StringIO(csv_text(thefts()))))
    assert len(rows) == 78
    hidden = next(r for r in rows if r["territory"] == "21008" and r["period"] == "2024")
    assert (hidden["numerator"], hidden["value"], hidden["status"]) == (
        "",
        "",
        "suppressed",  # by which rule is not said
    )
    shown = next(r for r in rows if r["territory"] == "04000" and r["period"] == "2024")
    assert shown["numerator"].isdigit()
    assert float(shown["value"]) > 0
    assert {r["synthetic"] for r in rows} == {"true"}
    assert shown["extracted"] == "2025-03-01"


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_made_plain(text):
    assert plain_cell(text) == f"'{text}"


def test_changes_of_one_year_do_not_stand_beside_values_of_several():
    table = indicator_table(brussels_rows())
    released = obs.release(
        {"v.years": table, "v.change": obs.compare_periods(table, base="previous")}
    )
    years = released["v.years"].select(level="zone")
    changes = released["v.change"].select(level="zone", period="2024")
    one = obs.show_table(years.select(period="2024"), lang="en", alt="One", beside=changes)
    assert one.csv.text.splitlines()[0].count("change") > 0
    with pytest.raises(ObsError, match="changes stand beside values of one period, and 'period'"):
        obs.show_table(years, lang="en", alt="Several", beside=changes)


@pytest.mark.parametrize(
    ("lang", "head"),
    [
        ("fr", "Nombre en janvier 2024"),
        ("nl", "Aantal in januari 2024"),
        ("en", "Number in January 2024"),
    ],
)
def test_the_head_of_the_count_before_says_its_month_in_words(lang, head):
    rows = [
        {"indicator": "theft", "territory": "04000", "level": "region", "period": month}
        | {"numerator": number, "denominator": 1_245_000}
        for month, number in (("2024-01", 1000), ("2024-02", 1100))
    ]
    table = indicator_table(rows, freq="M")
    changes = obs.release({"v.change": obs.compare_periods(table, base="2024-01")})["v.change"]
    shown = obs.show_table(changes.select(period="2024-02"), lang=lang, alt="Months")
    assert head in [column.label for column in shown.table.columns]


def test_an_incomplete_year_is_told_of_the_indicator_whose_it_is():
    """The first row of the year is whole; that of the other indicator ends in June."""
    rows = [
        {"indicator": one, "territory": "04000", "level": "region", "period": 2024}
        | {"numerator": 1000, "denominator": 1_245_000}
        for one in ("theft", "robbery")
    ]
    table = indicator_table(rows)
    table["covered_from"] = pd.Timestamp("2024-01-01")
    table["covered_to"] = [pd.Timestamp("2024-12-31"), pd.Timestamp("2024-06-30")]
    table["days"] = pd.array([366, 182], dtype="Int64")
    released = obs.release({"v.years": table})["v.years"]
    notes = " ".join(n.text for n in obs.show_table(released, lang="en", alt="Two").notes)
    assert "2024: January to June 2024 only." in notes
    assert notes.count(" only.") == 1


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        ("similar", "Peers: similar areas taken together"),
        ("region", "Peers: the rest of the whole, without the area of the row."),
    ],
)
def test_peers_are_called_similar_only_where_they_are(peer, said):
    table = indicator_table(brussels_rows())
    released = obs.release(
        {"v.years": table, "v.change": obs.compare_periods(table, base="previous")}
    )
    peers = released["v.years"].select(period="2024").compare(obs.compare_peers).select(peer=peer)
    changes = released["v.change"].select(period="2024")
    notes = obs.show_table(peers, lang="en", alt="Peers", beside=changes).notes
    told = " ".join(note.text for note in notes)
    assert told.count("Peers: ") == 1
    assert said in told
    assert "n.s.: no significant difference." in told
