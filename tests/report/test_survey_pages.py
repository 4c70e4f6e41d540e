"""Figures and words of survey estimates: their base, their caution, no difference untested."""

import pandas as pd
import pytest

import obs
from obs.disclosure import release
from obs.errors import ObsError
from obs.indicators import Survey, compute
from obs.report.facts.fact import fact
from obs.report.facts.filters import filters
from obs.report.facts.standing import standing_of

pytestmark = pytest.mark.slow

ALT = "Barres par catégorie, avec leur intervalle."


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """Release the shares of the synthetic survey, one table for each breakdown."""
    folder = tmp_path_factory.mktemp("raw")
    obs.sample(folder, years=[2021], scale=0.001, seed=7)
    cleaned = obs.clean_survey(
        folder / "survey" / "business_2021.csv", profile="obs_sample_business"
    )
    wave = Survey(cleaned.questionnaire.name, cleaned.table, cleaned.answers, pd.Period("2021"))
    wanted = {
        "victims": ("business_victim", ["offence"]),
        "sectors": ("business_victim", ["sector"]),
        "crossed": ("business_victim", ["offence", "sector"]),
        "reporting": ("business_reporting", ["offence", "answer"]),
    }
    return release(
        {
            name: compute(indicator, {"survey": [wave]}, breakdown=breakdown)
            for name, (indicator, breakdown) in wanted.items()
        }
    )


def texts(block):
    return " ".join(remark.text for remark in block.notes)


@pytest.mark.slow
def test_every_withheld_share_is_blank_and_said(released):
    table = released["reporting"].table
    hidden = table[table["status"] == "unreliable"]
    assert len(hidden)
    assert hidden[["value", "low", "high", "detectable_change", "n"]].isna().all(axis=None)
    assert hidden["standing"].isna().all()
    beside = table[table["status"] == "suppressed_secondary"]  # what would give it back
    assert set(beside["offence"]) <= set(hidden["offence"])
    assert beside[["value", "low", "high", "n", "grade", "standing"]].isna().all(axis=None)
    assert set(released.actions["action"]) == {"unreliable", "suppressed_secondary"}


def test_a_table_of_shares_tells_base_interval_and_detectable_change(released):
    block = obs.show_table(released["victims"], lang="en")
    heads = [column.label for column in block.table.columns]
    assert heads == [
        "Answers",
        "Share in %",
        "95% interval",
        "Smallest change a repeat survey would detect",
    ]
    assert block.table.rows[0].header == "At least one of these offences"
    assert block.table.rows[0].cells[0] == "800"
    assert "four times in five" in texts(block)
    assert "not response error" in texts(block)


def test_offences_go_down_in_the_order_of_the_list_and_answers_across(released):
    kept = ["always", "sometimes", "never"]
    block = obs.show_table(released["reporting"].select(answer=kept), lang="fr")
    assert [c.label for c in block.table.columns] == ["Toujours", "Parfois", "Jamais"]
    assert [r.header for r in block.table.rows][:2] == ["Cambriolage", "Vol de véhicule"]
    cells = [cell for row in block.table.rows for cell in row.cells]
    assert "n.p." in cells
    assert any(cell.endswith("*") for cell in cells)
    assert "à lire avec prudence" in texts(block)
    assert "estimation non publiée\u00a0: trop peu de réponses" in texts(block)


def test_bars_by_sector_have_all_businesses_as_their_line(released):
    block = obs.chart_bars(released["sectors"], lang="nl", alt=ALT)
    assert block.title == (
        "Ondernemingen die slachtoffer waren naar sector, Brussels Hoofdstedelijk Gewest, 2021"
    )
    offences = obs.chart_bars(released["victims"], lang="nl", alt=ALT)
    assert "naar feit" in offences.title
    assert offences.id != block.id


def test_a_crossing_is_named_by_both(released):
    assert "by offence and sector" in obs.show_table(released["crossed"], lang="en").title


def test_only_tested_differences_are_named(released):
    rows = released["reporting"].select(answer="reported")
    found = standing_of(rows, by="offence", lang="fr")
    assert [c.title for c in found.above] == ["cambriolage", "vol de véhicule", "dégradations"]
    assert "violence physique ou verbale" in [c.title for c in found.below]
    assert found.found_any
    assert not standing_of(released["sectors"], by="sector", lang="en").found_any


def test_standing_needs_one_breakdown_alone(released):
    with pytest.raises(ObsError, match="must tell the standing of each offence"):
        standing_of(released["reporting"], by="offence", lang="fr")


def test_prose_writes_the_base_and_the_detectable_change(released):
    write = filters("en")
    any_offence = fact(released["victims"], offence="all")
    assert write["respondents"](any_offence) == "800 businesses"
    assert write["detectable"](any_offence).endswith("percentage points")
    assert not write["detectable"](any_offence).startswith("+")
    hidden = released["reporting"].table.query("status == 'unreliable'").iloc[0]
    unsure = fact(released["reporting"], offence=hidden["offence"], answer=hidden["answer"])
    assert write["pct"](unsure) == write["respondents"](unsure) == "too unreliable"
    assert write["detectable"](unsure) == "too unreliable"


def test_the_mark_of_an_imprecise_estimate_goes_into_the_reading_and_the_alternative_text(released):
    """Where a share is of grade C, the star stands beside it wherever it is written."""
    rows = released["crossed"].table
    one = rows[(rows["grade"] == "C") & (rows["offence"] != "any")].iloc[0]
    share = f"{100 * one['value']:.0f}%*"
    sector = released["crossed"].select(sector=str(one["sector"]))
    assert share in obs.chart_bars(sector, lang="en", alt=ALT).alt
    alone = sector.select(offence=str(one["offence"]))
    assert f": {share} (95% confidence interval" in texts(obs.show_table(alone, lang="en"))
