"""Observed beside expected: what is drawn is what was released, on made-up and on real series."""

import re
from pathlib import Path

import pandas as pd
import pytest

import obs
from obs.disclosure import ReleasedModel, add_models, release
from obs.errors import ObsError
from obs.report.facts.filters import filters
from obs.trends import interruption_tables
from tests.report.small_tables import ALT, indicator_table, thefts

REGION = {"territory": "04000", "level": "region", "denominator": None}
MONTHS = pd.period_range("2017-01", "2020-12", freq="M")
MEXICO = Path("../shared/data/covid/mexico_city_daily_crime_2017_2020.csv")


def interrupted(series, *, start, end, unit="fact"):
    """Release monthly counts by indicator, with their interruption."""
    rows = [
        {"indicator": name, "period": str(month), "numerator": int(n), **REGION}
        for name, counts in series.items()
        for month, n in zip(MONTHS, counts, strict=True)
        if not pd.isna(n)
    ]
    tables = {"months": indicator_table(rows, scale="count", freq="M", unit=unit)}
    model = ReleasedModel(
        ids=("lockdown", "lockdown_expected"),
        of=("months",),
        make=interruption_tables,
        options={"start": start, "end": end, "seasonal": True},
    )
    return add_models(release(tables), (model,))


@pytest.fixture(scope="module")
def doubled():
    counts = [10 * m.days_in_month * (2 if "2020-03" <= str(m) <= "2020-05" else 1) for m in MONTHS]
    return interrupted({"vif_total": counts}, start="2020-03", end="2020-05")


@pytest.fixture
def drawn(monkeypatch):
    """Collect the panels that are drawn."""
    seen = []

    def noted(panels, lang, warning, *, wide):
        if wide:
            seen.extend(panels)
        return "<svg/>"

    monkeypatch.setattr("obs.report.figures.model_charts.expected_chart.draw_panels", noted)
    return seen


def test_both_lines_run_from_a_year_before_and_the_interruption_is_marked(doubled, drawn):
    obs.chart_expected(doubled["lockdown_expected"], lang="en", alt=ALT)
    (panel,) = drawn
    observed, expected = panel.lines
    assert [str(f.period) for f in observed.facts][::21] == ["2019-03", "2020-12"]
    by_month = {str(f.period): f.value for f in observed.facts}
    wanted = {str(f.period): f for f in expected.facts}
    assert by_month["2020-04"] == 600
    assert wanted["2020-04"].value == pytest.approx(300, rel=0.02)  # ten a day, as before
    assert wanted["2020-04"].low < 300 < wanted["2020-04"].high
    first, after = (pd.Period(p, "M").ordinal - 0.5 for p in ("2020-03", "2020-06"))
    assert [place for place, _ in panel.breaks] == [first, after]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", "avril 2020 : 600 observés pour 3"),
        ("nl", "april 2020: 600 waargenomen tegenover 3"),
        ("en", "April 2020: 600 observed for 3"),
    ],
)
def test_the_alternative_text_says_the_months_under_it(doubled, lang, words):
    block = obs.chart_expected(doubled["lockdown_expected"], lang=lang, alt=ALT)
    assert words.casefold() in block.alt.replace("\xa0", " ").casefold()
    assert block.svg.startswith("<?xml")
    assert "expected" in block.csv.text.splitlines()[0]


@pytest.fixture(scope="module")
def rated():
    """A rate per inhabitant, doubled for three months: what is expected of it is a count."""
    people = {**REGION, "denominator": 1_000_000}
    rows = [
        {"indicator": "vif_total", "period": str(m), "numerator": n, **people}
        for m in MONTHS
        for n in [10 * m.days_in_month * (2 if "2020-03" <= str(m) <= "2020-05" else 1)]
    ]
    model = ReleasedModel(
        ids=("lockdown", "lockdown_expected"),
        of=("months",),
        make=interruption_tables,
        options={"start": "2020-03", "end": "2020-05", "seasonal": True},
    )
    return add_models(release({"months": indicator_table(rows, freq="M")}), (model,))


def test_of_a_rate_the_counts_are_drawn_and_tabled_beside_the_expected_counts(rated, drawn):
    obs.chart_expected(rated["lockdown_expected"], lang="en", alt=ALT)
    (panel,) = drawn
    assert panel.measure == "Offences"
    assert {str(f.period): f.value for f in panel.lines[0].facts}["2020-04"] == 600
    block = obs.show_table(rated["lockdown_expected"].select(period="2020-04"), lang="en", alt=ALT)
    assert block.table.rows[0].cells[:2] == ("600", "300")
    texts = " ".join([block.caption, *(note.text for note in block.notes)])
    assert "600 offences" in texts
    assert "per 1,000" not in texts


@pytest.mark.parametrize(
    ("lang", "span", "found", "naive"),
    [
        ("en", "March 2020–May 2020", "100% more than expected", "more than the mean of the two"),
        ("fr", "mars 2020–mai 2020", "100 % de plus qu’attendu", "de plus que la moyenne des deux"),
        ("nl", "maart 2020–mei 2020", "100% meer dan verwacht", "meer dan gemiddeld in de twee"),
    ],
)
def test_an_effect_is_said_against_what_was_expected_and_never_against_the_month_before(
    rated, lang, span, found, naive
):
    effects = rated["lockdown"]
    facts = [
        obs.fact(effects, indicator="vif_total", territory="04000", point=point)
        for point in ("counterfactual", "two_years_before")
    ]
    texts = [
        filters(lang)["finding"](fact).replace("\xa0", " ").replace("\u202f", " ") for fact in facts
    ]
    assert texts[0] == found
    assert naive in texts[1]
    block = obs.show_table(effects, lang=lang, alt=ALT)
    assert span in block.title
    before = {"en": "February", "fr": "février", "nl": "februari"}[lang]
    assert before not in " ".join([block.title, *(note.text for note in block.notes)])


def test_another_table_is_refused():
    with pytest.raises(ObsError, match="shows an interruption"):
        obs.chart_expected(thefts(), lang="en", alt=ALT)


def test_mexico_city_called_more_and_filed_less_in_the_spring_of_2020(drawn):
    if not MEXICO.is_file():
        pytest.skip("the shared data of Mexico City are not there")
    days = pd.read_csv(MEXICO)
    month = pd.PeriodIndex(pd.to_datetime(days["fecha"]), freq="M")
    sums = days.groupby(month)[["domestic_violence", "calls_vaw"]].sum().reindex(MONTHS)
    series = {"vif_total": sums["domestic_violence"], "theft": sums["calls_vaw"]}  # two of one unit
    found = interrupted(series, start="2020-04", end="2020-05")
    effects = found["lockdown"].table
    effects = effects[effects["point"] == "counterfactual"].set_index("indicator")
    naive = found["lockdown"].table
    naive = naive[naive["point"] == "two_years_before"].set_index("indicator")["change"]
    assert effects.loc["vif_total", "verdict"] == "down"
    # calls had risen since February: the months before let expect some of it, the naive mean none
    assert 0 < effects.loc["theft", "change"] < naive["theft"]
    before = sums["calls_vaw"]
    wanted = before["2020-04":"2020-05"].sum() / (
        (before["2018-04":"2018-05"].sum() + before["2019-04":"2019-05"].sum()) / 2
    )
    assert naive["theft"] == pytest.approx(wanted - 1, rel=0.01)
    obs.chart_expected(found["lockdown_expected"], lang="en", alt=ALT)
    assert len(drawn) == 2


def test_the_words_of_two_marks_close_to_one_another_do_not_overlap(rated):
    """Drawn for a telephone, where three months are less than the width of a word."""
    block = obs.chart_expected(rated["lockdown_expected"], lang="en", alt=ALT)
    for drawing in (block.svg, block.narrow):
        found = re.findall(r"<text[^>]*text-anchor: (\w+)[^>]*>(start|end)</text>", drawing)
        assert {word: anchor for anchor, word in found} == {"start": "end", "end": "start"}


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "pointillés verticaux : début et fin de la période comparée (mars 2020–mai 2020)"),
        (
            "nl",
            "verticale stippellijnen: begin en einde van de vergeleken periode (maart 2020–mei 2020)",
        ),
        ("en", "vertical dotted lines: start and end of the period compared (March 2020–May 2020)"),
    ],
)
def test_the_caption_says_what_the_marks_mark(rated, lang, said):
    block = obs.chart_expected(rated["lockdown_expected"], lang=lang, alt=ALT)
    assert said in block.caption.replace("\N{NO-BREAK SPACE}", " ")
