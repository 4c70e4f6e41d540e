"""Two worlds that differ in what is withheld alone must give the same pages, to the byte.

The class of a map, the limits and the words of a funnel, the sentence on a small number, the
order of bars: if any depended on a withheld figure, a reader would see the worlds apart.
"""

import json

import pytest

import obs
from obs.reference import load_territory
from obs.report.facts.filters import filters
from tests.report.small_tables import ALT, brussels_rows, indicator_table

HIDDEN = "21008"


def world(moved):
    """Release thefts with one fact more in a withheld commune, one less in another."""
    rows = brussels_rows([2024])
    for row in rows:
        row["numerator"] += moved.get(row["territory"], 0)
    return obs.release(indicator_table(rows))


@pytest.fixture(scope="module")
def worlds():
    """Give two worlds in which two withheld communes of one zone have traded a fact."""
    place, one = load_territory(), world({})
    gone = one.table.loc[one.table["numerator"].isna(), "territory"]
    zone = place.parent(HIDDEN)
    other = next(c for c in gone if c != HIDDEN and place.parent(c) == zone)
    return one, world({HIDDEN: 1, other: -1})


BLOCKS = {
    "map": lambda r: obs.map_territory(r.select(period=2024), lang="fr", alt=ALT),
    "funnel": lambda r: obs.chart_funnel(
        r.select(period=2024, level=["commune", "region"]), lang="nl", alt=ALT
    ),
    "bars": lambda r: obs.chart_bars(
        r.select(period=2024, level=["commune", "region"]), lang="en", alt=ALT
    ),
    "table": lambda r: obs.show_table(r.select(period=2024), lang="fr", alt=ALT),
}


def test_the_worlds_differ_where_nobody_sees(worlds):
    one, other = worlds
    assert one.table.equals(other.table)
    assert one.actions.equals(other.actions)


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_is_the_same_in_both(worlds, name):
    one, other = (BLOCKS[name](w) for w in worlds)
    assert one.svg == other.svg
    assert one.csv.text == other.csv.text
    assert (one.title, one.caption, one.alt) == (other.title, other.caption, other.alt)
    assert json.dumps(one.notes, default=str) == json.dumps(other.notes, default=str)


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_every_word_on_a_small_number_is_the_same_in_both(worlds, lang):
    """Neither "un cas" nor "moins de cinq": a withheld fact is not published, whatever it is."""
    words = filters(lang)
    one, other = (obs.fact(w, indicator="theft", territory=HIDDEN, period=2024) for w in worlds)
    for name in ("n", "rate", "interval"):
        assert words[name](one) == words[name](other)
        assert not any(c.isdigit() for c in words[name](one))
