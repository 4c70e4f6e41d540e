import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.ticker import MaxNLocator

import obs
from obs.errors import DisclosureError, ObsError, PublicationError
from obs.report.draw.axes import tick_writer
from obs.report.draw.choropleth import shades
from obs.report.draw.lines import Line, Panel, end_labels, unbroken_runs
from obs.report.draw.style import (
    PAPER,
    SEQUENTIAL,
    SERIES,
    SMALL,
    contrast,
    drawable,
    text_on,
)
from obs.report.facts.fact import Fact
from tests.report.small_tables import (
    ALT,
    brussels_rows,
    indicator_table,
    thefts,
    vif,
    withheld_rows,
)

SHOWS = (obs.chart_trend, obs.chart_bars, obs.chart_funnel, obs.map_territory)
LAST = thefts().select(period=2024)


@pytest.fixture
def drawn(monkeypatch):
    """Collect every text drawn in a figure."""
    from matplotlib.text import Text

    seen = []
    draw = Text.draw

    def noted(self, renderer):
        if self.get_visible() and self.get_text():
            seen.append(self.get_text())
        return draw(self, renderer)

    monkeypatch.setattr(Text, "draw", noted)
    return seen


@pytest.mark.parametrize("show", SHOWS)
def test_nothing_but_a_released_is_drawn(show):
    for thing in (thefts().table, None, {"theft": 3}):
        with pytest.raises(DisclosureError, match="only what obs.release made"):
            show(thing, lang="fr", alt=ALT)


@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("alt", ["", "Courbe", None])
def test_a_short_alternative_text_is_refused_before_anything_is_drawn(show, alt):
    with pytest.raises(PublicationError, match="at least 30"):
        show(LAST, lang="fr", alt=alt)


@pytest.mark.slow
def test_the_same_bytes_each_time_and_no_date_in_them():
    one, two = (obs.chart_bars(LAST, lang="fr", alt=ALT) for _ in range(2))
    assert one == two
    assert not re.search(r"dc:date|Matplotlib v", one.svg)
    for drawing in (one.svg, one.narrow):
        assert "Anderlecht</text>" in drawing  # text is text: it is found, copied and read
        assert min(float(n) for n in re.findall(r"font-size: ([\d.]+)px", drawing)) >= SMALL


@pytest.mark.slow
def test_the_data_file_is_the_same_in_every_language():
    texts = {obs.chart_trend(thefts(), lang=lang, alt=ALT).csv.text for lang in ("fr", "nl", "en")}
    assert len(texts) == 1


@pytest.mark.slow
def test_the_trend_shows_the_region_with_its_values_written(drawn):
    block = obs.chart_trend(thefts(), lang="nl", alt=ALT)
    values = thefts().select(territory="04000").table["value"]
    for value in values:
        assert f"{value:.1f}".replace(".", ",") in drawn
    assert block.id == "trend-years-theft-04000"
    assert "Synthetische gegevens — geen enkel cijfer op deze pagina is echt" in drawn
    assert block.alt.startswith(ALT)
    assert len(block.alt) > len(ALT) + 50


@pytest.mark.slow
def test_withheld_and_unknown_years_are_gaps_with_words(drawn):
    rows = [
        {
            "indicator": "vif_couple_physical",
            "territory": "04000",
            "level": "region",
            "period": y,
            "numerator": n,
            "denominator": 1e6,
            "status": s,
        }
        for y, n, s in (
            (2018, 900, "ok"),
            (2019, None, "suppressed_source"),
            (2020, None, "missing"),
            (2021, 950, "ok"),
        )
    ]
    obs.chart_trend(obs.release({"t": indicator_table(rows, scale="count")}), lang="fr", alt=ALT)
    assert {"non publié", "inconnu", "900", "950"} <= set(drawn)
    assert "0" in drawn  # the axis starts there


@pytest.mark.slow
def test_indicators_of_unlike_size_get_axes_of_their_own(drawn):
    rows = brussels_rows(small={}) + brussels_rows(indicator="robbery", per_thousand=1, small={})
    released = obs.release({"t": indicator_table(rows)})
    obs.chart_trend(released, lang="en", alt=ALT)
    assert {"Theft and extortion", "Robbery"} <= set(drawn)


@pytest.mark.slow
def test_a_registered_break_is_told_and_nothing_is_ranked_across_it():
    rows = [
        {
            "indicator": "vif_sexual",
            "territory": "04000",
            "level": "region",
            "period": y,
            "numerator": n,
            "denominator": 1e6,
        }
        for y, n in ((2020, 100), (2021, 400), (2022, 100), (2023, 100))
    ]
    released = obs.release({"t": indicator_table(rows)})
    block = obs.chart_trend(released, lang="en", alt=ALT)
    assert any("on 1 June 2022. The reform" in r.text for r in block.notes)
    assert "highest value: 2021" in block.alt  # the register says: compare, and say it


@pytest.mark.slow
def test_a_break_that_forbids_comparison_cuts_the_line(monkeypatch, drawn):
    known = pd.DataFrame(
        {
            "indicator": ["theft*"],
            "territory": ["5339"],
            "date": [pd.Timestamp("2023-01-01")],
            "effect": ["refuse"],
            **{f"reason_{lang}": ["Other software."] for lang in ("fr", "nl", "en")},
        }
    )
    monkeypatch.setattr("obs.report.facts.series_breaks.load_breaks", lambda territory: known)
    block = obs.chart_trend(thefts(), lang="en", alt=ALT)
    assert "Break in the series on 1 January 2023. Other software" in block.alt
    assert "value: 20" not in block.alt


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("points", 0.1, "+10"),  # a tenth of all is ten points, as the values beside it say
        ("points", -0.05, "\u22125"),
        ("change", 0.1, "+10"),
        ("share", 0.1, "10"),
    ],
)
def test_ticks_are_in_the_unit_of_the_values_that_are_printed(kind, value, said):
    assert tick_writer("en", kind=kind, top=0.2)(value) == said


def test_an_imprecise_estimate_keeps_its_mark_at_the_end_of_a_line():
    facts = tuple(
        Fact("share", 0.3, 0.2, 0.4, "ok", "business", "share", 0, cautious=grade == "C")
        for grade in "AC"
    )
    lines = tuple(
        Line(name, (replace(f, period=pd.Period("2021")),))
        for name, f in zip("ab", facts, strict=True)
    )
    ends = end_labels(Panel("", "", lines), "en")
    assert [text.splitlines()[-1] for _, text, _ in ends] == ["30%", "30%*"]


@pytest.mark.slow
@given(st.floats(1e-4, 1e6), st.sampled_from([3, 5]))
def test_a_tick_is_written_as_it_is(top, bins):
    write = tick_writer("en", kind="rate", top=top)
    for tick in MaxNLocator(nbins=bins, steps=[1, 2, 5, 10]).tick_values(0, top):
        assert float(write(tick).replace(",", "").replace("\u2212", "-")) == pytest.approx(tick)


def test_runs_stop_at_cuts_gaps_and_part_periods():
    def year(y, value=1.0, covered=None):
        return Fact(
            "count",
            value,
            None,
            None,
            "ok",
            "fact",
            "count",
            0,
            period=pd.Period(str(y), "Y"),
            covered=covered,
        )

    facts = (year(2018), year(2019), year(2020, None), year(2021), year(2022, 1.0, ("a", "b")))
    lengths = [len(run) for run in unbroken_runs(facts, ())]
    assert lengths == [2, 1]
    cut = pd.Period("2019", "Y").ordinal - 0.5
    assert [len(run) for run in unbroken_runs(facts, (cut,))] == [1, 1, 1]


@pytest.mark.slow
@pytest.mark.parametrize("status", ["suppressed_source", "missing"])
def test_a_table_without_a_single_value_is_still_drawn_and_invents_none(drawn, status):
    rows = [dict(row, numerator=None, status=status) for row in brussels_rows(years=(2023, 2024))]
    released = obs.release({"t": indicator_table(rows)})
    trend = obs.chart_trend(released, lang="en", alt=ALT)
    bars = obs.chart_bars(released.select(period=2024), lang="en", alt=ALT)
    words = "not published" if status == "suppressed_source" else "unknown"
    assert drawn.count(words) >= 19
    assert not any(re.search(r"\d\.\d \(", text) for text in drawn)
    assert words in trend.alt
    assert words in bars.alt
    assert obs.map_territory(released, lang="en", alt=ALT).kind == "table"
    with pytest.raises(ObsError, match="rate of the whole"):
        obs.chart_funnel(released.select(period=2024), lang="en", alt=ALT)


def test_one_period_is_no_trend():
    with pytest.raises(ObsError, match="at least two periods"):
        obs.chart_trend(LAST, lang="fr", alt=ALT)


@pytest.mark.slow
def test_bars_keep_the_official_order_and_withheld_ones_have_words(drawn):
    obs.chart_bars(LAST, lang="fr", alt=ALT)
    territory = LAST.territory
    names = [territory.label(code, "fr") for code in territory.codes("commune")]
    assert [text for text in drawn if text in names][:19] == names
    twice = 2 * withheld_rows(period=2024, level="commune")  # for a page, and for a telephone
    assert drawn.count("non publié") == twice >= 6


@pytest.mark.slow
def test_bars_carry_no_number_of_a_withheld_commune(drawn):
    obs.chart_bars(LAST, lang="fr", alt=ALT)
    hidden = (
        3
        / thefts()
        .table.set_index(["territory", "period"])
        .loc[("21008", pd.Period("2024", "Y")), "denominator"]
        * 1000
    )
    assert not any(f"{hidden:.1f}".replace(".", ",") == text for text in drawn)


@pytest.mark.slow
def test_the_region_is_a_line_across_the_rates(drawn):
    obs.chart_bars(LAST, lang="en", alt=ALT)
    assert any(text.startswith("Brussels-Capital Region ") for text in drawn)


@pytest.mark.slow
def test_bars_of_a_breakdown_leave_its_totals_out(drawn):
    block = obs.chart_bars(vif(), lang="fr", alt=ALT)
    assert "Violence physique, dans le couple" in drawn
    assert not any("toutes" in text.lower() for text in drawn)
    assert "2\u202f355 (2\u202f261\u00a0à\u00a02\u202f452)" in drawn
    assert block.id.startswith("bars-classes-vif-total")


def test_bars_refuse_several_periods():
    with pytest.raises(ObsError, match="one period and 'years' has 3"):
        obs.chart_bars(thefts(), lang="fr", alt=ALT)


def test_an_empty_selection_is_told():
    with pytest.raises(ObsError, match="no row of 'years' is left"):
        obs.chart_bars(thefts().select(period=1999), lang="fr", alt=ALT)


@pytest.mark.parametrize("colour", SERIES)
def test_text_colours_can_be_read(colour):
    assert contrast(colour, PAPER) >= 4.5


@pytest.mark.parametrize("colour", SEQUENTIAL)
def test_values_can_be_read_on_every_class(colour):
    assert contrast(text_on(colour), colour) >= 4.5


@pytest.mark.parametrize("n", range(2, 6))
def test_classes_darken_so_that_they_are_told_apart_in_grey(n):
    light = [contrast(colour, "#000000") for colour in shades(n)]
    assert len(set(light)) == n
    assert (np.diff(light) < 0).all()


def test_a_letter_no_font_has_is_replaced_not_lost():
    assert (
        drawable("Île de la Cité \u2011 5\u202f000 \u2264 \u4e2d")
        == "Île de la Cité - 5\u202f000 \u2264 \ufffd"
    )
