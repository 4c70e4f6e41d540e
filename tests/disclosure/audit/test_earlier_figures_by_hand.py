"""What old editions add to what a reader holds: copies of figures, their sums and guesses, by hand."""

import pytest

from obs.disclosure.audit.earlier_editions import add_earlier_editions
from obs.disclosure.audit.reader_knowledge import View, read_view
from tests.disclosure.audit.test_reader_knowledge import STRUCTURE, THEFT, Shown


def name(place):
    return "theft (fact)", place, "2022", frozenset()


def told(*editions, known=None, withheld="AB"):
    """Add editions to a view of T = A + B; give its equations in words, and the guesses."""
    view = View()
    a, b, t = (view.cell(name(p)) for p in "ABT")
    view.equations.append((t, [a, b]))
    view.known |= {view.cell(name(p)): n for p, n in (known or {"T": 15.0}).items()}
    view.places |= {view.cell(name(p)): ("t", 0) for p in withheld}
    archive = add_earlier_editions(view, [{name(p): n for p, n in e.items()} for e in editions])
    words = {n: " ".join(filter(None, (k[0].replace("theft (fact)", "").strip(), k[1])))
             for k, n in view.number.items()}  # fmt: skip
    lines = [
        f"{words[total]} = {' + '.join(words[p] for p in parts)}"
        for total, parts in view.equations[1:]
    ]
    own = {words[cell]: [words[s] for s in slack] for cell, slack in archive.own.items()}
    figures = {words[cell]: value for cell, value in view.known.items()}
    return (
        lines,
        own,
        [words[s] for s in archive.slack],
        figures,
    )


def guess(label, old, new):
    return [f"sum {label} = {old} + less {label}", f"sum {label} = {new} + more {label}"]


def test_a_figure_withheld_since_is_guessed_to_be_what_it_was():
    lines, own, slack, known = told({"B": 7.0})
    assert lines == guess("last 1", "as of last B", "B")
    assert own == {"B": ["less last 1", "more last 1"]}
    assert slack == []
    assert known == {"T": 15, "as of last B": 7}


def test_a_figure_in_no_table_any_more_is_a_guess_like_others():
    _, own, slack, _ = told({"B": 7.0}, withheld="A")
    assert own == {}
    assert slack == ["less last 1", "more last 1"]


def test_what_is_shown_today_is_guessed_by_nobody():
    assert told({"T": 15.0}) == ([], {}, [], {"T": 15})
    assert told({"T": 10.0}, known={"T": 15.0, "A": 8.0, "B": 7.0}, withheld="")[1:3] == (
        {},
        ["less 0 0", "more 0 0", "less 0 1", "more 0 1"],
    )


def test_the_sums_that_an_edition_had_bind_what_was_not_seen_to_change():
    """T was 10 and B 7, so that A was 3; T is 15 today."""
    lines, own, slack, known = told({"T": 10.0, "B": 7.0})
    assert lines == [
        *guess("last 1", "as of last B", "B"),
        *guess("0 0", "as of 0 A", "A"),
        "as of 0 T = as of 0 A + as of 0 B",
    ]
    assert list(own) == ["B"]
    assert slack == ["less 0 0", "more 0 0"]
    assert known["as of 0 T"] == 10
    assert known["as of 0 B"] == 7


@pytest.mark.parametrize(
    "edition",
    [
        {"T": 15.0, "B": 7.0},  # nothing was seen to change
        {"T": 10.0, "A": 3.0, "B": 7.0},  # all of it was shown: the sum tells nothing more
    ],
)
def test_sums_that_tell_nothing_more_are_left_out(edition):
    lines, _, slack, _ = told(edition)
    assert not any("as of 0" in line or line.startswith("as of") for line in lines)
    assert slack == []


def test_an_edition_in_between_takes_what_the_one_before_it_showed():
    """First T = 10 and B = 7, then T = 12: with B as it was, unless it was revised unseen."""
    lines, _, slack, known = told({"T": 10.0, "B": 7.0}, {"T": 12.0})
    assert (known["as of 0 T"], known["as of 1 T"]) == (10, 12)
    assert known["as of before 1 B"] == 7
    assert [line for line in lines if " = as of before 1 B" in line]
    assert slack == ["less 0 0", "more 0 0", "less 1 0", "more 1 0", "less 1 1", "more 1 1"]


def test_an_estimate_of_a_survey_is_no_count_whatever_its_unit():
    STRUCTURE["indicators"]["asked"] = THEFT | {"count": "asked", "kind": "survey"}
    try:
        view = read_view(Shown(t=[{"indicator": "asked", "numerator": 9.0}]))
        heard = read_view(Shown(t=[{"unit": "respondent", "numerator": 9.0}]))
        counted = read_view(Shown(t=[{"numerator": 9.0}]))
    finally:
        del STRUCTURE["indicators"]["asked"]
    assert (len(view.number), len(heard.number), len(counted.number)) == (0, 0, 1)
