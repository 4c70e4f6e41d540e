"""Which names a sentence may ask or print: facts, and what holds facts."""

import jinja2
import pytest

import obs
from obs.report.note.bound_names import unbound_names
from tests.report.small_tables import thefts


@pytest.fixture(scope="module")
def table():
    return obs.show_table(thefts().select(period=2024), lang="en")


def faults(text, **names):
    tree = jinja2.Environment(autoescape=True).parse(text)
    return list(unbound_names(tree, set(names), names, "en"))


def test_a_section_may_ask_whether_it_has_a_figure(table):
    assert faults("{% if figure or other %}## Areas{% endif %}", figure=table, other=None) == []


@pytest.mark.parametrize("text", ["{{ figure }}", "{% if figure %}{{ figure.title }}{% endif %}"])
def test_a_figure_is_not_printed_in_a_sentence(table, text):
    assert any("'figure' is a Block" in fault for fault in faults(text, figure=table))


def test_a_branch_does_not_ask_what_a_cell_computed():
    assert any(
        "a branch asks it" in fault for fault in faults("{% if few %}x{% endif %}", few=True)
    )
