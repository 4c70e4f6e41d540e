"""What a note reads of a release: that figures are withheld, not which of them are small."""

import jinja2
import pandas as pd
import pytest

from obs.disclosure import as_shown, release
from obs.report.kernel.cell_rules import code_faults
from obs.report.note.sentence_rules import expression_faults
from tests.disclosure.small_town import entry, make_town, whole


@pytest.fixture(scope="module")
def released():
    counts = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}
    return release(whole(counts), territory=make_town(), catalogue={"theft": entry()})


def test_a_small_count_looks_like_one_withheld_besides(released):
    """A is small, another commune or its zone goes with it."""
    hidden = released.table["status"].str.startswith("suppressed")
    assert set(released.table.loc[hidden, "status"]) == {
        "suppressed_primary",
        "suppressed_secondary",
    }
    shown = as_shown(released)
    assert set(shown.table.loc[hidden, "status"]) == {"suppressed_secondary"}
    pd.testing.assert_frame_equal(
        shown.table.drop(columns="status"), released.table.drop(columns="status")
    )
    assert shown.table.loc[~hidden, "status"].equals(released.table.loc[~hidden, "status"])


def test_it_has_no_actions_and_its_seal(released):
    shown = as_shown(released)
    assert shown.actions.empty
    assert list(shown.actions) == list(released.actions)
    assert shown.structure["loosened"] == []
    assert shown.seal == released.seal
    assert len(released.actions) > 1  # the release itself keeps them


def test_rows_cannot_be_chosen_by_the_rule_that_withheld_them(released):
    assert len(as_shown(released).select(status="suppressed_primary")) == 0


@pytest.mark.parametrize(
    "text",
    [
        "{{ note.tables.actions.reason }}",
        "{% if count.status == 'suppressed_primary' %}few{% endif %}",
        "{% for row in rows.table.status %}{{ row }}{% endfor %}",
        "{{ note.tables.structure }}",
    ],
)
def test_a_sentence_does_not_take_a_release_apart(text):
    faults = list(expression_faults(jinja2.Environment(autoescape=True).parse(text)))
    assert any("apart" in fault for fault in faults)


@pytest.mark.parametrize(
    "source",
    [
        "few = count.status == 'suppressed_primary'",
        "why = note.tables.actions",
        "s = note.tables.seal",
    ],
)
def test_a_cell_does_not_take_a_release_apart(source):
    assert any("apart" in fault for fault in code_faults(source))
