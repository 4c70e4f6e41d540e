"""Relations between estimates of respondents, from a few rows by hand."""

import numpy as np
import pytest

from obs.disclosure.cells.cell_list import Cells, Estimate, Key
from obs.disclosure.cells.survey_question import Question
from obs.disclosure.cells.survey_relations import survey_relations
from obs.disclosure.sensitive.rules import get_rule
from tests.disclosure.small_town import make_town

RULE = get_rule("default")  # a least base of 20
TOWN = make_town()
NAN = float("nan")


def related(*rows, question=None, indicator="i"):
    """Write the relations of rows: place or marks, respondents, how many answered so, which answers."""
    cells, own = Cells(), question or Question("q")
    for where, n, answered, *joined in rows:
        place, *marks = where.split()
        spot = (place, "2022", tuple(sorted(tuple(m.split("=")) for m in marks)))
        base = Key(f"base of {indicator} (respondent)", *spot)
        answers = Key(f"answers {'+'.join(joined)} of {indicator} (respondent)", *spot)
        cells.find_or_add(base, n, RULE)
        cells.find_or_add(answers, answered, RULE)
        row = Key(f"survey {indicator}", place, "2022", (*spot[2], ("answer", "+".join(joined))))
        cells.estimates[row] = Estimate(indicator, own, base, answers, tuple(joined), float(n))
    written, loosened = survey_relations(cells, territory=TOWN)
    return cells, written, loosened


def said(written, kind):
    """Say the relations of a kind: members by place and marks, and the constant."""
    return [
        (
            *(
                " ".join([k.measure.partition(" of ")[0], k.territory, *("=".join(b) for b in k.breakdowns)])
                for k in r.members
            ),
            r.constant,
        )
        for r in written
        if r.kind == kind
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("total", "bases", "rest", "loosened"),
    [
        (60, True, None, []),
        (65, True, 5, ["more"]),
        (59, False, None, []),  # some are in two parts: nothing adds up
    ],
)
def test_bases_share_out_that_of_their_whole(total, bases, rest, loosened):
    rows = ("Z1", total, 30, "yes"), ("A", 25, 10, "yes"), ("B", 35, 20, "yes")
    cells, written, loose = related(*rows)
    own = [r for r in written if r.total.measure == "base of i (respondent)" and r.kind == "area"]
    assert len(own) == bases
    assert [how for _, how in loose] == loosened
    left = Key("base of i (respondent)/rest area", "Z1", "2022")
    if rest:
        assert cells.of_key[left].value == rest
        assert cells.of_key[left].rule.threshold == 20
        assert own[0].parts[-1] == left
    else:
        assert left not in cells.of_key


@pytest.mark.parametrize(
    ("total", "answered", "constant", "slack"),
    [
        (60, 30, 0, None),
        (60, 33, 3, None),  # weighted, or off by rounding: taken as known
        (60, 28, -2, None),
        (79, 33, 3, None),  # of 19 left over a reader knows nearly all
        (80, 33, None, 3),
        (80, 28, None, "none"),
    ],
)
def test_answers_of_domains_add_up_unless_a_whole_base_is_left_over(
    total, answered, constant, slack
):
    rows = ("Z1", total, answered, "yes"), ("A", 25, 10, "yes"), ("B", 35, 20, "yes")
    cells, written, _ = related(*rows)
    own = [r for r in written if r.total.measure.startswith("answers") and r.kind == "area"]
    if slack == "none":
        assert own == []
        return
    (found,) = own
    left = Key("answers yes of i (respondent)/slack area", "Z1", "2022")
    assert (left in found.parts) == (slack is not None)
    if slack is None:
        assert found.constant == pytest.approx(constant)
    else:
        assert cells.of_key[left].value == pytest.approx(slack)


def test_items_and_domains_of_which_one_is_absent():
    rows = ("A", 60, 30, "yes"), ("A sector=care", 25, 10, "yes")
    _, written, loose = related(*rows)
    assert [r.total.measure.split()[0] for r in written if r.kind == "sector all"] == [
        "base",
        "answers",
    ]
    assert [how for _, how in loose] == ["more"]
    items = ("A", 60, 30, "yes"), ("A offence=theft", 60, 10, "yes")
    assert [r for r in related(*items)[1] if r.kind == "offence all"] == []


THREE = Question("q", answers=("always", "sometimes", "never"))


def test_declared_answers_share_out_a_base():
    rows = ("A", 60, 45, "always", "sometimes"), ("A", 60, NAN, "always")
    cells, written, _ = related(*rows, question=THREE)
    own = [r for r in written if r.kind == "answers"]
    slacks = [k for k in cells.of_key if "q/slack answered" in k.measure]
    assert [k.measure for k in slacks] == [f"q/slack answered {a}" for a in THREE.answers]
    assert [len(r.parts) for r in own] == [2, 1, 3]
    assert np.isnan([cells.of_key[k].value for k in slacks]).all()  # nothing tells them apart


def test_answers_that_no_share_tells_apart_are_one():
    rows = (("A", 60, 15, "never"),)
    cells, written, _ = related(*rows, question=THREE)
    slacks = [k.measure for k in cells.of_key if "q/slack answered" in k.measure]
    assert slacks == ["q/slack answered always+sometimes", "q/slack answered never"]
    whole = next(r for r in written if r.total.measure.endswith("/slack whole"))
    assert len(whole.parts) == 2
    assert cells.of_key[whole.parts[0]].value == 45


@pytest.mark.parametrize(
    ("yes", "no", "closed"),
    [(60, 40, True), (60, 39, True), (60, 41, True), (60, 38.9, False), (60, 9, False)],
)
def test_undeclared_answers_share_out_a_base_if_they_nearly_do(yes, no, closed):
    """Within a hundredth of 100 respondents."""
    _, written, _ = related(("A", 100, yes, "yes"), ("A", 100, no, "no"))
    assert [r.kind for r in written] == (["answers"] if closed else ["at most"] * 2)
    alone = related(("A", 60, 60, "yes"))[1]
    assert [r.kind for r in alone] == ["at most"]


def test_a_blank_value_that_a_sum_tells_is_filled_and_another_needs_no_doubt():
    rows = ("Z1", 60, 30, "yes"), ("A", 25, NAN, "yes"), ("B", 35, 20, "yes")
    cells, _, _ = related(*rows)
    assert cells.of_key[Key("answers yes of i (respondent)", "A", "2022")].value == 10
    below = related(("Z1", 60, 15, "yes"), *rows[1:])[0]
    assert below.of_key[Key("answers yes of i (respondent)", "A", "2022")].value == 0
    whole = related(("Z1", 60, NAN, "yes"), ("A", 25, 10, "yes"), ("B", 35, 20, "yes"))[0]
    assert whole.of_key[Key("answers yes of i (respondent)", "Z1", "2022")].value == 30
    alone = related(("A", 25, NAN, "yes"))[0].of_key[
        Key("answers yes of i (respondent)", "A", "2022")
    ]
    assert np.isnan(alone.value)
    assert (alone.published, alone.reason, alone.doubt) == (False, "", 0.0)


ITEMS = Question("q", any_item="offence", within=("answer", "offence"))


@pytest.mark.parametrize(("item", "written"), [(10, True), (30, True), (31, False)])
def test_an_item_is_at_most_any_unless_it_is_more(item, written):
    rows = ("A", 60, 30, "yes"), ("A offence=theft", 60, item, "yes")
    found = [r for r in related(*rows, question=ITEMS)[1] if "below any" in str(r.parts)]
    assert len(found) == written
    if written:
        assert [k.breakdowns for k in found[0].members[:2]] == [(), (("offence", "theft"),)]
    assert not [r for r in related(*rows)[1] if "below any" in str(r.parts)]
