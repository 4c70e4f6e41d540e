"""Comparisons in words: what a comparison may have missed, per cent and points apart."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

import obs
from obs.errors import PublicationError
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import filters
from obs.report.figures.data_file import csv_text
from obs.schemas import VERDICTS
from tests.report.small_tables import brussels_rows, indicator_table

SAID = {  # 12 % up, 11 % down
    "fr": "une hausse de moins de 12\N{NO-BREAK SPACE}% ou une baisse de moins de "
    "11\N{NO-BREAK SPACE}% a pu passer inaperçue",
    "nl": "een stijging van minder dan 12% of een daling van minder dan 11% kan onopgemerkt "
    "gebleven zijn",
    "en": "a rise of less than 12% or a fall of less than 11% may have gone unseen",
}


def stable(kind="change", **changes):
    given = {"verdict": "stable", "least_fall": -0.11, "least_rise": 0.12, **changes}
    return Fact(kind, 0.01, -0.02, 0.03, "ok", "fact", "change", 0, **given)


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_what_a_comparison_may_have_missed_is_a_clause_in_each_language(lang):
    assert filters(lang)["detectable"](stable()) == SAID[lang]


def test_where_no_fall_would_have_shown_any_may_have_been_missed():
    texts = [filters(lang)["detectable"](stable(least_fall=None)) for lang in ("fr", "nl", "en")]
    assert [
        next(w for w in ("toute baisse", "gelijk welke daling", "any fall") if w in t)
        for t in texts
    ] == ["toute baisse", "gelijk welke daling", "any fall"]


def test_shares_speak_of_points_and_never_of_per_cent():
    fact = stable(kind="points")
    text = filters("en")["detectable"](fact)
    assert text.replace("\N{NO-BREAK SPACE}", " ") == (
        "a rise of less than 12.0 percentage points or a fall of less than 11.0 percentage points "
        "may have gone unseen"
    )
    assert "%" not in filters("fr")["interval"](fact)
    with pytest.raises(PublicationError, match="this fact is a points"):
        filters("fr")["change"](fact)
    bare = Fact("points", 0.1, None, None, "ok", "fact", "share", 0)
    with pytest.raises(PublicationError, match="has no interval"):
        filters("fr")["interval"](bare)


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_verdict_has_words(verdict, lang):
    words = filters(lang)["verdict"](stable(verdict=verdict))
    assert words
    assert words != verdict or lang == "en"


def released_change(new):
    """Release theft of the Region: 1,000 before, `new` after, and the comparison."""
    rows = [
        {"indicator": "theft", "territory": "04000", "level": "region", "period": year}
        | {"numerator": n, "denominator": 1_000_000}
        for year, n in ((2023, 1000), (2024, new))
    ]
    table = indicator_table(rows)
    trend = obs.compare_periods(table, base="previous")
    return obs.release({"years": table, "change": trend})["change"]


@pytest.mark.slow
def test_the_reading_of_a_stable_comparison_says_what_it_may_have_missed():
    """1,000 facts: step = 2.8016 x sqrt 2 / (2 sqrt 1000) = 0.06264; +12.9 % and -12.1 %."""
    block = obs.show_table(released_change(1010), lang="en")
    reading = next(r.text for r in block.notes if r.label == "Reading:")
    assert "no significant change; a rise of less than 13% or a fall of less than 12%" in reading
    moved = obs.show_table(released_change(1400), lang="en")
    assert "unseen" not in next(r.text for r in moved.notes if r.label == "Reading:")


@pytest.mark.slow
def test_the_data_file_has_the_least_changes_and_a_withheld_row_none():
    table = indicator_table(brussels_rows())
    trend = obs.compare_periods(table, base="previous")
    released = obs.release({"years": table, "change": trend})["change"]
    rows = list(csv.DictReader(io.StringIO(csv_text(released))))
    least = [c for c in rows[0] if c.startswith(("detectable_", "points"))]
    assert len(least) == 7
    withheld = [r for r in rows if r["status"] == "suppressed"]
    assert withheld
    for row in withheld:
        assert not any(row[c] for c in (*least, "method", "verdict", "p_value"))
    told = [r for r in rows if r["status"] == "ok"]
    assert told
    assert all(float(r["detectable_fall"]) < 0 < float(r["detectable_rise"]) for r in told)


def test_the_difference_of_two_shares_is_a_fact_in_points():
    row = pd.Series(
        {
            "indicator": "vif_couple_share",
            "territory": "04000",
            "period": pd.Period("2022"),
            "base": pd.Period("2021"),
            "change": np.nan,
            "low": np.nan,
            "high": np.nan,
            "points": 0.04,
            "points_low": 0.01,
            "points_high": 0.07,
            "detectable_rise_points": 0.03,
            "verdict": "up",
            "status": "ok",
        }
    )
    fact = fact_of(row)
    assert (fact.kind, fact.value, fact.least_rise, fact.least_fall) == ("points", 0.04, 0.03, None)
    text = filters("en")["points"](fact).replace("\N{NO-BREAK SPACE}", " ")
    assert text == "+4.0 percentage points"


@pytest.mark.slow
def test_several_bases_stand_side_by_side():
    table = indicator_table(brussels_rows())
    first = obs.compare_periods(table, base=2022)
    trends = pd.concat([first[first["period"] == "2024"], obs.compare_periods(table, base=2023)])
    released = obs.release({"years": table, "change": trends})["change"]
    block = obs.show_table(released.select(level=["zone", "region"]), lang="nl")
    assert [c.label for c in block.table.columns] == ["Tegenover 2022", "Tegenover 2023"]
    assert len(block.table.rows) == 7
    one = obs.show_table(released.select(level="region"), lang="fr")
    assert [r.header for r in one.table.rows] == ["Par rapport à 2022", "Par rapport à 2023"]
