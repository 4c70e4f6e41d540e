"""Categories above and below the others, of what is published alone."""

import pandas as pd
import pytest

from obs.report.facts.fact_trace import trace_of
from obs.report.facts.standing import standing_of
from tests.report.small_tables import indicator_table, thefts


def shares(*rows):
    """Rows of (sector, share or none, standing, status)."""
    table = indicator_table(
        [
            {
                "indicator": "business_victim",
                "territory": "04000",
                "level": "region",
                "period": 2021,
            }
            | {"numerator": None, "denominator": None, "sector": sector, "status": status}
            for sector, _, _, status in rows
        ],
        scale="share",
        unit="business",
    )
    values = pd.array([share for _, share, _, _ in rows], dtype="Float64")
    standings = pd.array([standing for _, _, standing, _ in rows], dtype="str")
    return table.assign(value=values, low=values, high=values, standing=standings)


@pytest.fixture
def found(monkeypatch):
    def standing(*rows):
        table = shares(*rows)
        monkeypatch.setattr("obs.disclosure.released.Released.table", property(lambda _: table))
        made = standing_of(thefts(), by="sector", lang="en")
        sides = (made.above, made.below, made.alike)
        return [[one.level.key["sector"] for one in side] for side in sides], made

    return standing


def test_each_category_is_on_its_side_and_the_total_and_what_is_withheld_on_none(found):
    sides, made = found(
        ("all", 0.40, None, "ok"),
        ("shops", 0.60, "above", "ok"),
        ("hospitality", None, "above", "unreliable"),
        ("industry", 0.20, "below", "ok"),
        ("services", 0.41, "alike", "ok"),
    )
    assert sides == [["shops"], ["industry"], ["services"]]
    assert made.only_above is not None
    assert made.only_above.level.value == 0.60
    assert made.found_any


def test_two_above_have_no_only_one_and_none_apart_finds_none(found):
    _, two = found(("shops", 0.6, "above", "ok"), ("industry", 0.7, "above", "ok"))
    assert two.only_above is None
    assert two.found_any
    _, below = found(("shops", 0.6, "alike", "ok"), ("industry", 0.1, "below", "ok"))
    assert below.found_any
    assert below.only_above is None
    _, none = found(("shops", 0.6, "alike", "ok"), ("industry", 0.5, "alike", "ok"))
    assert not none.found_any


def test_a_category_withheld_beside_another_is_on_no_side(found):
    sides, made = found(("shops", None, "below", "suppressed_secondary"))
    assert sides == [[], [], []]
    assert not made.found_any


def test_a_category_keeps_its_place_year_and_table_so_that_its_number_can_be_found(found):
    _, made = found(("shops", 0.60, "above", "ok"), ("industry", 0.20, "below", "ok"))
    level = made.above[0].level
    assert level.key == {
        "indicator": "business_victim",
        "territory": "04000",
        "period": "2021",
        "sector": "shops",
    }
    assert level.origin["table"] == "focus_vols.years"
    traced = trace_of(level, "en")
    assert (traced.place, traced.period) == ("Brussels-Capital Region", "2021")
