"""Estimated numbers and indices on a page: their words, numbers, tables, charts, facts."""

import pandas as pd
import pytest

import obs
from obs.errors import ObsError, PublicationError
from obs.indicators import compute
from obs.reference import make_territory
from obs.report.facts.fact import fact
from obs.report.facts.filters import filters
from obs.report.facts.released_row import kind_of_scale
from obs.report.facts.words import base_words, measure_words

ALT = "Figure des valeurs estimées dans la Région."
NARROW, NO_BREAK = "\u202f", "\u00a0"
LANGUAGES = ("fr", "nl", "en")
BASE = f"2021{NO_BREAK}={NO_BREAK}100"
UNITS = pd.DataFrame(
    {
        "code": ["a", "b", "top"],
        "level": ["commune", "commune", "region"],
        "parent": ["top", "top", None],
        **{f"name_{lang}": ["A", "B", "All"] for lang in LANGUAGES},
    }
)
WEIGHTS = pd.DataFrame(
    {"phenomenon": ["theft", "assault"], "weight": [1.0, 10.0], "source": "test", "year": 2020}
)
COUNTS = {  # two communes of 1,000: thefts and assaults, weighed 340 and 60 in the second year
    ("a", "2021"): (100, 10),
    ("b", "2021"): (60, 14),
    ("a", "2022"): (120, 30),
    ("b", "2022"): (40, 6),
}
ESTIMATED = {
    "fr": "personnes, nombre estimé",
    "nl": "personen, geschat aantal",
    "en": "persons, estimated number",
}
THOUSAND = {"fr": f"1{NARROW}000", "nl": "1.000", "en": "1,000"}


@pytest.fixture(scope="module")
def index():
    """Release the severity index of two communes: the whole of 2021, 400 for 2,000, is 100."""
    rows = [
        (place, year, offence, n)
        for (place, year), told in COUNTS.items()
        for offence, n in zip(("theft", "assault"), told, strict=True)
    ]
    counts = pd.DataFrame(rows, columns=["territory", "period", "phenomenon", "numerator"])
    counts = counts.assign(
        period=pd.PeriodIndex(counts["period"], freq="Y"),
        numerator=counts["numerator"].astype("Int64"),
        unit="fact",
        status="ok",
        population=1000.0,
        delivery="x.csv",
    )
    place = make_territory(UNITS, name="small", levels=("commune", "region"))
    table = compute(
        "severity_index", {"police": counts}, territory=place, weights=WEIGHTS, base="2021"
    )
    return obs.release(table, territory=place)


@pytest.fixture(scope="module")
def hidden():
    """Release a population on two lists: 300 * 200 / 60 = 1,000, then 150 * 100 / 30 = 500."""
    seen = pd.DataFrame({"list_a": [1, 1, 0], "list_b": [1, 0, 1], "count": [60, 240, 140]})
    waves = [
        seen.assign(
            count=seen["count"] // part,
            territory="04000",
            period=pd.PeriodIndex([year] * 3, freq="Y"),
        )
        for year, part in (("2021", 1), ("2022", 2))
    ]
    return obs.release(compute("hidden_population", {"lists": pd.concat(waves)}))


@pytest.fixture(scope="module")
def unreported():
    """Release numbers of businesses that did not report, by offence, as of a survey."""
    table = pd.DataFrame(
        {
            "indicator": "business_unreported",
            "territory": "04000",
            "level": "region",
            "period": pd.PeriodIndex(["2021"] * 2, freq="Y"),
            "offence": ["burglary", "cyber"],
            "numerator": pd.array([pd.NA] * 2, dtype="Int64"),
            "denominator": pd.array([pd.NA] * 2, dtype="Float64"),
            "value": [2400.4, 5100.6],
            "low": [1900.0, 4300.0],
            "high": [3000.0, 6000.0],
            "status": "ok",
            "unit": "business",
            "n": [210, 320],
            "grade": ["A", "C"],
            "scale": "estimate",
            "source": "survey",
            "synthetic": True,
        }
    )
    return obs.release(table)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_estimated_number_is_written_whole_with_its_unit(hidden, lang):
    write, number = filters(lang), fact(hidden, period="2021")
    assert write["estimate"](number) == THOUSAND[lang]
    assert write["measure"](number) == f"{THOUSAND[lang]} {ESTIMATED[lang]}"
    assert write["interval"](number).split(NO_BREAK)[1] in ("à", "tot", "to")
    assert write["period"](number) == "2021"
    assert write["label"](number)
    for name in ("n", "count", "rate", "index", "pct", "per_day"):  # 440 were on a list, not 1,000
        with pytest.raises(PublicationError, match=f"'{name}' writes"):
            write[name](number)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_index_says_its_base_and_is_no_number_of_facts(index, lang):
    write = filters(lang)
    whole, place = (fact(index, territory=t, period="2022") for t in ("top", "a"))
    assert write["index"](whole) == "130"  # (160 + 360) / 2000 over (160 + 240) / 2000
    assert write["index"](place) == "210"  # (120 + 300) / 1000 over the same
    assert write["measure"](whole) == f"130 ({BASE})"
    assert write["n"](whole) == "196"
    for name in ("estimate", "rate", "pct"):
        with pytest.raises(PublicationError, match=f"'{name}' writes"):
            write[name](whole)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_show_both(index, hidden, unreported, lang):
    head = {"fr": "Indice", "nl": "Index", "en": "Index"}[lang]
    table = obs.show_table(index.select(period="2022"), lang=lang).table
    assert [c.label for c in table.columns][1] == f"{head} ({BASE})"
    assert {row.header: row.cells[:2] for row in table.rows} == {
        "A": ("150", "210"),
        "B": ("46", "50"),
        "All": ("196", "130"),
    }
    table = obs.show_table(hidden, lang=lang).table
    assert [c.label.lower() for c in table.columns][0] == ESTIMATED[lang]
    assert [row.cells[0] for row in table.rows] == [THOUSAND[lang], "500"]
    table = obs.show_table(unreported, lang=lang).table
    assert len(table.columns) == 3  # answers, value, interval: no next survey is promised
    assert [row.cells[0] for row in table.rows] == ["210", "320"]
    assert table.rows[1].cells[1].replace(NARROW, "").replace(",", "").replace(".", "") == "5101*"


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_draw_both_and_say_the_measure(index, hidden, unreported, lang):
    trend = obs.chart_trend(index, lang=lang, alt=ALT)
    bars = obs.chart_bars(index.select(period="2022"), lang=lang, alt=ALT)
    assert BASE in trend.caption
    assert BASE in bars.caption
    assert f"130 ({BASE}" in trend.alt
    numbers = obs.chart_trend(hidden, lang=lang, alt=ALT)
    assert f"{THOUSAND[lang]} {ESTIMATED[lang]} (" in numbers.alt
    assert ESTIMATED[lang] in numbers.caption.lower()
    block = obs.chart_bars(unreported, lang=lang, alt=ALT)
    assert measure_words("estimate", "business", "estimate", lang) in block.caption.lower()
    assert "*" in "".join(remark.text for remark in block.notes)


@pytest.mark.slow
def test_the_whole_is_a_line_across_an_index_and_not_across_numbers(index, monkeypatch):
    seen = []

    def noted(*_, reference, wide, **__):
        if wide:
            seen.append(reference)
        return "<svg/>"

    monkeypatch.setattr("obs.report.figures.charts.draw_bars", noted)
    lists = pd.DataFrame({"list_a": [1, 1, 0], "list_b": [1, 0, 1], "count": [60, 240, 140]})
    places = [lists.assign(territory=code) for code in ("04000", "21004", "21009")]
    year = pd.PeriodIndex(["2022"] * 9, freq="Y")
    numbers = pd.concat(places, ignore_index=True).assign(period=year)
    released = obs.release(compute("hidden_population", {"lists": numbers}))
    assert released.table["value"].notna().all()
    obs.chart_bars(index.select(period="2022"), lang="en", alt=ALT)
    obs.chart_bars(released, lang="en", alt=ALT)
    assert seen[0].fact.value == pytest.approx(130)
    assert seen[1] is None


@pytest.mark.parametrize("scale", ["index_", "index_15", "index_20155", "estimates", "indices"])
def test_other_scales_have_no_form(scale):
    with pytest.raises(ObsError, match="index_2015"):
        kind_of_scale(scale)
    with pytest.raises(ObsError, match="index_2015"):
        base_words(scale)
