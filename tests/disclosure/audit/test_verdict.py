"""Which rows of an audit stop an edition, and what the refusal says."""

from types import SimpleNamespace

import pandas as pd
import pytest

from obs.disclosure.audit.verdict import refuse_unsafe, unsafe_rows
from obs.errors import DisclosureError


def row(**changes):
    usual = {"safe": False, "guessed": False, "status": "suppressed_primary"}
    numbers = {"facts": 5, "low": 5, "high": 7} | {
        k: changes.pop(k) for k in [*changes] if k in ("facts", "low", "high")
    }
    table = pd.DataFrame({k: pd.array([v], dtype="Int64") for k, v in numbers.items()})
    return table.assign(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "stops"),
    [
        ({}, True),
        ({"safe": True}, False),
        ({"status": "suppressed_secondary"}, True),
        ({"status": "suppressed_source"}, True),
        ({"guessed": True}, True),
        ({"guessed": True, "facts": 7}, True),
        ({"guessed": True, "facts": 4}, False),
        ({"guessed": True, "facts": 8}, False),
        ({"guessed": True, "facts": None}, True),
        ({"guessed": True, "status": "suppressed_secondary"}, False),
        ({"guessed": True, "safe": True}, False),
        ({"facts": 8}, True),  # no guess: certain, whatever the count is
    ],
)
def test_what_stops_an_edition(changes, stops):
    assert unsafe_rows(row(**changes)).tolist() == [stops]


STRUCTURE = {
    "indicators": {
        "theft": {"marks": {}, "threshold": 5, "rule": "default"},
        "rape": {"marks": {"form": "sexual"}, "threshold": 5, "rule": "default"},
        "shops": {"marks": {}, "threshold": 12, "rule": "own"},
    },
    "stricter": [["form", "sexual", 10, 20]],
    "stricter_rule": "sensitive",
}
RELEASED = SimpleNamespace(structure=STRUCTURE)


def named(indicator="theft", breakdowns="form=all", n=1, **changes):
    about = {"indicator": indicator, "territory": "A", "period": "2022", "table": "t"}
    rows = [row(**changes).assign(**about, breakdowns=breakdowns) for _ in range(n)]
    with pytest.raises(DisclosureError) as fault:
        refuse_unsafe(pd.concat(rows, ignore_index=True), RELEASED, edition=2024)
    return str(fault.value)


@pytest.mark.parametrize(
    ("indicator", "breakdowns", "told"),
    [
        ("theft", "form=all", "theft A 2022 in 't' (withheld for itself; rule default)"),
        ("theft", "", "theft A 2022 in 't' (withheld for itself; rule default)"),
        ("theft", "form=sexual", "theft A 2022 form=sexual in 't' (withheld for itself; rule sens"),
        ("theft", "form=sexual|physical", "form=sexual|physical in 't' (withheld for itself; rule d"),
        ("rape", "form=all relation=couple", "rape A 2022 relation=couple in 't' (withheld for itself; rule sens"),
        ("shops", "form=sexual", "rule own)"),
    ],
)  # fmt: skip
def test_the_refusal_names_the_place_and_the_rule_and_never_a_figure(indicator, breakdowns, told):
    said = named(indicator, breakdowns, facts=6)
    assert told in said
    assert said.startswith("edition 2024 is not published: a reader can narrow 1 of 1 withheld")
    assert not {"5", "6", "7"} & set(said.replace("2022", "").replace("2024", ""))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("suppressed_secondary", "withheld besides, against subtraction"),
        ("suppressed_source", "withheld by the source"),
        ("unreliable", "withheld unreliable"),
    ],
)
def test_the_refusal_says_why_it_was_withheld(status, words):
    assert words in named(status=status)


def test_five_are_named_and_the_others_counted():
    assert "more." not in named(n=5)
    said = named(n=7)
    assert "; and 2 more. The audit page" in said
    assert said.count("theft A 2022") == 5
