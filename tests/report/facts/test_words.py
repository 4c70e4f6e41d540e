import re

import pandas as pd
import pytest

import obs
from obs.errors import PublicationError
from obs.report.facts.filters import filters
from obs.report.facts.subject import look_at
from obs.report.facts.words import measure_words, synthetic_label, verdict_words
from obs.report.figures.alt_text import describe
from obs.report.figures.figure_notes import lines_under
from obs.schemas import VERDICTS
from tests.report.small_tables import ALT, indicator_table, thefts, vif, withheld_rows

LANGUAGES = ("fr", "nl", "en")


def told(released, lang="fr"):
    subject = look_at(released, lang=lang, who="test")
    return {r.label.rstrip(":\u00a0"): r.text for r in lines_under(subject)}


def region(rows, **options):
    rows = [
        {
            "indicator": "vif_couple_physical",
            "territory": "04000",
            "level": "region",
            "denominator": 1e6,
            **row,
        }
        for row in rows
    ]
    return obs.release({"t": indicator_table(rows, scale="count", **options)})


def _of_region(row):
    """Complete a row of the Region with what every row of a rate has."""
    fixed = {"territory": "04000", "level": "region", "denominator": 1e6}
    return {"indicator": "vif_couple_physical", **fixed, **row}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_has_words(verdict, lang):
    assert verdict_words(verdict, lang)


def test_measures_in_words():
    assert (
        measure_words("rate", "fact", "per_1000_inhabitants", "fr")
        == "faits pour 1\u202f000 habitants"
    )
    assert measure_words("change", "fact", "change", "nl") == "evolutie in %"
    assert measure_words("count", "pv", "count", "en") == "police reports"


def test_the_lines_under_a_figure_in_three_languages():
    labels = [list(told(thefts().select(period=2024), lang)) for lang in LANGUAGES]
    assert labels[0] == ["Lecture", "Champ", "Non publié", "Source", "Intervalle"]
    assert labels[1][0] == "Leesvoorbeeld"
    assert labels[2][0] == "Reading"


def test_the_reading_example_is_the_whole_territory_with_its_interval():
    lines = told(vif().select(form="physical", relation="couple"), "en")
    text = lines["Reading"]
    assert text.startswith(
        "Brussels-Capital Region, 2021: 2,355 offences (95% confidence interval: 2,261"
    )
    assert "not recording error" in lines["Interval"]


def test_what_is_withheld_is_counted_by_who_withheld_it():
    text = told(thefts().select(period=2024))["Non publié"]
    hidden = withheld_rows(period=2024)
    assert hidden >= 3
    assert text.startswith(f"{hidden} valeurs non publiées, par la règle de")
    assert "ne vaut pas zéro" in text
    source = region(
        [
            {"period": 2020, "numerator": 90},
            {"period": 2021, "numerator": None, "status": "suppressed_source"},
        ]
    )
    assert told(source)["Non publié"].startswith("1 valeur que la source ne diffuse pas.")


@pytest.mark.slow
def test_the_source_names_the_extraction_and_the_denominator_its_gaps():
    assert "extraction du 1er mars 2025" in told(thefts())["Source"]
    rows = [
        {"period": y, "numerator": 90, "denominator_flag": f}
        for y, f in ((2020, "observed"), (2021, "interpolated"))
    ]
    rates = obs.release({"t": indicator_table([_of_region(r) for r in rows])})
    said = told(rates)["Dénominateur"]
    assert said == "Population estimée (interpolée entre 2020 et 2022)."
    assert "Dénominateur" not in told(region(rows))  # a count has none


def test_a_partial_period_says_its_months():
    rows = [
        {"period": 2021, "numerator": 90},
        {
            "period": 2022,
            "numerator": 70,
            "status": "provisional",
            "days": 334,
            "covered_from": pd.Timestamp("2022-01-01"),
            "covered_to": pd.Timestamp("2022-11-30"),
        },
    ]
    rows[0]["days"] = 365
    released = region(rows)
    assert told(released)["Période"].startswith("2022\u00a0: janvier à novembre 2022 seulement.")
    assert told(released)["Lecture"].startswith("Région de Bruxelles-Capitale, 2021")


def test_the_description_never_ranks_on_noise():
    rows = [{"period": y, "numerator": n} for y, n in ((2019, 100), (2020, 104), (2021, 98))]
    text = describe(look_at(region(rows), lang="en", who="test"))
    assert "no value has an interval above or below all others" in text
    assert "highest" not in text


NONE_APART = {
    "fr": "aucune valeur n’a un intervalle au-dessus ou au-dessous de tous les autres",
    "nl": "geen enkele waarde heeft een interval boven of onder alle andere",
    "en": "no value has an interval above or below all others",
}


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("counts", "apart"), [((100, 98, 104, 96), False), ((100, 98, 400, 410), True)]
)
def test_intervals_are_not_said_to_overlap_beside_two_that_do_not(counts, apart, lang):
    # intervals: 81 to 122 and 80 to 119; 362 to 441 and 371 to 452
    rows = [{"period": 2018 + i, "numerator": n} for i, n in enumerate(counts)]
    text = describe(look_at(region(rows), lang=lang, who="test"))
    assert not re.search("overlap|chevauch", text)
    assert (NONE_APART[lang] not in text) == apart


def test_the_description_names_an_extreme_that_stands_apart():
    rows = [{"period": y, "numerator": n} for y, n in ((2019, 100), (2020, 400), (2021, 98))]
    text = describe(look_at(region(rows), lang="en", who="test"))
    assert "highest value: 2020 (400)" in text
    assert "lowest values: 2019 and 2021 (from 98)" in text


def test_many_periods_that_are_alike_are_counted():
    """Byar: 98 is 80 to 119; 100, 101, 99 and 102 reach into it, 300 does not."""
    rows = [
        {"period": 2015 + i, "numerator": n} for i, n in enumerate((100, 101, 98, 99, 102, 300))
    ]
    text = describe(look_at(region(rows), lang="en", who="test"))
    assert "lowest value: 2017 (98), which its interval does not tell from 4 others" in text


def test_the_description_says_what_is_not_published_and_that_data_are_synthetic():
    text = describe(look_at(thefts().select(period=2024, level="commune"), lang="nl", who="test"))
    assert f"{withheld_rows(period=2024, level='commune')} niet gepubliceerd" in text
    assert synthetic_label("nl") in text


@pytest.mark.slow
def test_the_same_facts_in_every_language():
    def digits(lang):
        block = obs.chart_trend(thefts().select(level="region"), lang=lang, alt=ALT)
        text = "".join(r.text for r in block.notes if r.label.startswith(("Lec", "Lee", "Rea")))
        return [c for c in text if c.isdigit()]

    assert digits("fr") == digits("nl") == digits("en")


@pytest.mark.parametrize(
    ("lang", "where"),
    [
        ("fr", "zones de police et Région"),
        ("nl", "politiezones en Gewest"),
        ("en", "police zones and Region"),
    ],
)
def test_levels_are_named_in_one_phrase_and_the_whole_is_one(lang, where):
    rows = thefts().select(level=["zone", "region"], period=2024)
    assert where in look_at(rows, lang=lang, who="test").title()
    three = look_at(thefts().select(period=2024), lang="en", who="test").title()
    assert "municipalities, police zones and Region" in three


def test_a_duration_is_not_called_an_estimated_number():
    assert measure_words("estimate", "day", "estimate", "en") == "days"
    assert measure_words("estimate", "person", "estimate", "en") == "persons, estimated number"


def test_words_within_a_sentence_have_no_capital_unless_abbreviated():
    write = filters("fr")["within"]
    assert write("Coups et blessures") == "coups et blessures"
    assert write("PV par jour") == "PV par jour"
    with pytest.raises(PublicationError, match="'within' takes the words"):
        write(3)
