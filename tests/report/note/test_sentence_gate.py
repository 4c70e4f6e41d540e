"""A sentence that joins facts of differing period, base or unit without saying so is refused."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from obs.report.facts.fact import Fact
from obs.report.note.sentences import render_sentences

KEY = {"indicator": "theft", "territory": "04000", "period": "2024"}
LEVEL = Fact(
    *("rate", 4.0, 3.8, 4.2, "ok", "fact", "per_1000_inhabitants", 1),
    **{"numerator": 805, "period": pd.Period("2024", "Y"), "key": KEY},
)
CHANGE = Fact(
    *("change", 0.13, 0.08, 0.18, "ok", "fact", "change", 0),
    **{"period": pd.Period("2024", "Y"), "base": pd.Period("2023", "Y"), "verdict": "up"},
    **{"numerator": 805, "base_numerator": 712, "of": "rate", "key": {**KEY, "base": "2023"}},
)
EARLIER = replace(CHANGE, period=pd.Period("2023", "Y"), base=pd.Period("2022", "Y"))


def written(source, **facts):
    return json.loads(render_sentences(source, "en", facts))


def test_level_and_change_of_one_comparison_are_written():
    made = written("{{ level|count }} ({{ change|change }})", level=LEVEL, change=CHANGE)
    assert (made["text"], made["faults"]) == ("805 offences (\\+13%)", [])


@pytest.mark.parametrize("source", ["{{ a|count }} ({{ b|change }})", "{{ a|n }}, {{ b|finding }}"])
def test_a_level_beside_the_change_of_another_year_is_refused(source):
    """The case found: 805 facts of 2024, up by 13 %, which was 2023's change."""
    (fault,) = written(source, a=LEVEL, b=EARLIER)["faults"]
    assert "facts of 2023 and 2024 stand in one paragraph" in fault
    assert "does not say" in fault


def test_two_periods_that_are_both_said_are_written():
    source = "In {{ a|period }}, {{ a|count }}; in {{ b|period }}, {{ b|change }} on {{ b.base|period }}."
    assert written(source, a=LEVEL, b=EARLIER)["faults"] == []


def test_two_periods_in_two_paragraphs_are_two_sentences():
    assert written("{{ a|count }}\n\n{{ b|change }}", a=LEVEL, b=EARLIER)["faults"] == []


def test_changes_from_two_bases_say_both():
    old = replace(CHANGE, base=pd.Period("2015", "Y"))
    (fault,) = written("{{ a|change }} and {{ b|change }}", a=CHANGE, b=old)["faults"]
    assert "changes from 2015 and 2023" in fault
    assert written("{{ a|finding }}; {{ b|finding }}", a=CHANGE, b=old)["faults"] == []


def test_bare_numbers_of_two_units_are_refused():
    reports = replace(LEVEL, kind="count", scale="count", unit="pv", numerator=760, value=760.0)
    (fault,) = written("{{ a|n }} and {{ b|n }}", a=LEVEL, b=reports)["faults"]
    assert "numbers of fact and pv" in fault
    assert written("{{ a|count }} and {{ b|count }}", a=LEVEL, b=reports)["faults"] == []


def test_a_change_of_the_rate_beside_the_count_alone_is_refused_where_they_differ():
    """As 200 and 200 with -2 %: 805 on 700 is +15 %, and the rate +13 %."""
    change = replace(CHANGE, base_numerator=700)
    (fault,) = written("{{ a|count }} ({{ b|change }})", a=LEVEL, b=change)["faults"]
    assert "change of the rate" in fault
    assert written("{{ a|measure }} ({{ b|change }})", a=LEVEL, b=change)["faults"] == []


def test_a_verdict_and_an_interval_that_disagree_are_refused():
    """Corrected for nineteen places, the verdict may be stable beside an interval without zero."""
    stable = replace(CHANGE, verdict="stable")
    (fault,) = written("{{ a|verdict }} ({{ a|interval }})", a=stable)["faults"]
    assert "disagree" in fault
    assert written("{{ a|verdict }} ({{ a|interval }})", a=CHANGE)["faults"] == []


def test_what_is_not_known_joins_nothing():
    hidden = replace(EARLIER, value=None, low=None, high=None, verdict="not comparable")
    assert written("{{ a|count }}, {{ b|verdict }}", a=LEVEL, b=hidden)["faults"] == []


def test_an_imprecise_estimate_keeps_its_mark_in_prose():
    share = Fact("share", 0.74, 0.6, 0.85, "ok", "business", "share", 0, cautious=True)
    assert written("{{ a|pct }}", a=share)["text"] == "74%\\*"


@pytest.mark.parametrize(
    ("verdict", "value", "words"),
    [
        ("up", 0.13, "rate up 13% on 2023"),
        ("down", -0.13, "rate down 13% on 2023"),
        ("stable", 0.01, "rate not significantly different from 2023"),
        ("not comparable", None, "not comparable with 2023"),
    ],
)
def test_a_finding_says_what_changed_by_how_much_against_what(verdict, value, words):
    a = replace(CHANGE, verdict=verdict, value=value)
    assert written("{{ a|finding }}", a=a)["text"] == words
