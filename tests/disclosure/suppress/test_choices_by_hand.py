"""What hiding costs, what must stay open, units of large amounts, programs without an answer: by hand."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.equations import Relation
from obs.disclosure.feasible.known_moves import KnownMoves
from obs.disclosure.feasible.moves import Target
from obs.disclosure.feasible.suppression_model import build_system
from obs.disclosure.sensitive.dominance import Contributions, read_contributions
from obs.disclosure.sensitive.primary import mark_primary
from obs.disclosure.sensitive.rules import get_rule
from obs.disclosure.suppress.independent_blocks import choose_hidden
from obs.disclosure.suppress.integer_program import least_loss, loss_of
from obs.disclosure.suppress.secondary import EFFORTS
from obs.errors import DisclosureError
from tests.disclosure.sdc_cases import make_system
from tests.disclosure.small_town import make_town

TOWN = make_town()
RULE = get_rule("default")
NAN = float("nan")


def key(place, measure="theft (fact)", **marks):
    return Key(measure, place, "2022", tuple(sorted(marks.items())))


def built(*relations, knows_revised=True, **of_place):
    cells = Cells()
    for place, given in of_place.items():
        given = dict(given) if isinstance(given, dict) else {"value": given}
        cell = cells.find_or_add(key(place), given.pop("value"), given.pop("rule", RULE))
        cell.published = given.pop("published", True)
        for name, value in given.items():
            setattr(cell, name, value)
    found = [Relation(key(t), tuple(key(p) for p in parts), "area") for t, parts in relations]
    return build_system(cells, found, territory=TOWN, knows_revised=knows_revised)


def test_hiding_costs_the_root_of_a_count_and_more_in_totals():
    system = built(A=16, B=0, C=NAN, Z1=36, R=100)
    assert system.weight == pytest.approx([4, 1, 1, 12, 30])


def test_each_commune_knows_its_own():
    system = built(A=16, B=0, Z1=36, R=100)
    assert system.owner[0] != system.owner[1]
    assert (system.owner[:2] >= 0).all()
    assert (system.owner[2:] == -1).all()
    alone = {"value": 16, "contributions": Contributions(16.0, 1, (16.0,))}
    assert (
        built(A=alone, B=alone).owner.tolist() == system.owner[:2].tolist()
    )  # of one business too


def test_one_business_knows_every_total_that_is_its_own():
    one, two = Contributions(9.0, 1, (9.0,)), Contributions(9.0, 2, (6.0, 3.0))
    for alone, known in ((one, True), (two, False), (None, False)):
        system = built(
            ("Z1", "AB"),
            ("R", ("Z1",)),
            A={"value": 9, "contributions": one},
            B=0,
            Z1={"value": 9, "contributions": alone},
            R={"value": 9, "contributions": alone},
        )
        assert (system.owner[2] == system.owner[0]) == known
        assert (system.owner[3] == system.owner[0]) == known


@pytest.mark.parametrize(
    ("given", "lower", "hidden", "fixed", "need"),
    [
        (9, 1, False, False, None),
        (0, 0, False, True, None),
        ({"value": 0, "published": False}, 0, False, True, None),  # a category that has no row
        ({"value": 0, "published": False, "recalled": True}, 0, True, False, None),
        ({"value": 0, "published": False, "judged": False}, 0, True, False, None),
        ({"value": 0, "published": False, "inner": False}, 0, True, False, None),
        ({"value": 0, "published": False, "rule": get_rule("group")}, 0, True, False, None),
        ({"value": 0, "published": False, "rule": None}, 0, True, False, None),
        ({"value": 3, "reason": "small"}, 1, True, False, (1, 10)),
        ({"value": 0, "reason": "zero"}, 0, True, False, (0, 10)),
        ({"value": 3, "reason": "small", "inner": False}, 1, True, False, None),
        ({"value": NAN, "source": True}, 0, True, False, None),
        ({"value": 9, "published": False}, 0, True, False, None),
        ({"value": 9, "series": True}, 1, True, False, (9, 10)),
        ({"value": NAN, "series": True}, 1, True, False, None),
        ({"value": 9, "edition": "2021", "before": 9}, 1, False, True, None),
        ({"value": 9, "edition": "2021", "before": 8}, 1, False, True, None),
        ({"value": 3, "reason": "small", "edition": "2021", "before": 3}, 1, False, True, None),
        ({"value": NAN, "source": True, "reason": "so"}, 0, True, False, (-1, 9)),
        ({"value": 50, "reason": "dominated", "doubt": 4.2}, 1, True, False, (45, 55)),
        ({"value": 3, "reason": "dominated", "doubt": 4.2}, 1, True, False, (1, 8)),
    ],
)
def test_what_a_cell_is_and_needs(given, lower, hidden, fixed, need):
    system = built(A=given)
    assert (system.lower[0], system.hidden[0], system.fixed[0]) == (lower, hidden, fixed)
    ends = (system.need_low[0], system.need_high[0])
    assert ends == pytest.approx(need or (NAN, NAN), nan_ok=True)
    assert system.sensitive[0] == (need is not None)


def test_a_figure_revised_since_is_hidden_again_from_who_knows_the_old_one():
    cell = {"value": 3, "reason": "small", "edition": "2021", "before": 4}
    assert not built(A=cell).hidden[0]
    system = built(A=cell, knows_revised=False)
    assert (system.hidden[0], system.fixed[0]) == (True, False)
    assert (system.need_low[0], system.need_high[0]) == (1, 10)


def test_a_total_needs_no_less_than_its_parts_and_an_only_part_no_less_than_its_total():
    """Four communes withheld in a zone of four: the zone cannot be asked to be one."""
    small = {"value": 1, "reason": "small"}
    zone = {"value": 4, "reason": "small"}
    system = built(("Z2", "CDE"), C=small, D=small, E={"value": 2, "reason": "small"}, Z2=zone)
    assert system.need_low[3] == 3
    only = built(("Z1", "AB"), ("Z2", "CDE"), ("R", ("Z1", "Z2")), A=zone, B=0, Z1=zone,
                 C=small, D=small, E=small, Z2={"value": 3, "reason": "small"},
                 R={"value": 7, "published": True})  # fmt: skip
    assert only.need_low[:3] == pytest.approx([1, NAN, 1], nan_ok=True)
    assert only.need_low[6] == 3
    raised = built(("Z1", "AB"), A={"value": 4, "reason": "small"}, B=0,
                   Z1={"value": 4, "reason": "x", "rule": replace(RULE, protect_zeros=False)})  # fmt: skip
    assert raised.need_low[0] == 1


@pytest.mark.parametrize(
    ("value", "amount", "contributions", "doubt"),
    [
        (3, False, None, 0),  # a count is judged by its size
        (30, False, None, 0),
        (300, True, Contributions(300.0, 2, (200.0, 100.0)), 30),  # a tenth, of too few
        (1000, True, Contributions(1000.0, 4, (900.0, 40.0)), 100),  # 58.8 of dominance is less
        (1000, True, Contributions(1000.0, 5, (980.0, 10.0)), 1000 * (0.98 / 0.85 - 1)),
        (300, True, Contributions(300.0, 9, (60.0, 50.0)), 0),  # shown
        (300, True, None, 300 * (1 / 0.85 - 1)),  # as of one, of whom nothing is known
        (0, True, None, 0),
        (NAN, True, None, 0),
    ],
)
def test_amounts_alone_have_a_doubt_of_their_own(value, amount, contributions, doubt):
    cells = Cells()
    own = key("A", "loss (euro)")
    cell = cells.find_or_add(own, value, get_rule("business") if amount else RULE)
    cell.published, cell.contributions = True, contributions
    cells.amounts |= {own.measure} if amount else set()
    mark_primary(cells)
    assert cell.doubt == pytest.approx(doubt)


# --- large amounts -----------------------------------------------------------------------


@pytest.fixture
def blocks(monkeypatch):
    """Note each block as it is given to the choice."""
    seen = []
    module = import_module("obs.disclosure.suppress.independent_blocks")
    protect = module.protect_block

    def noted(block, **options):
        seen.append(block)
        return protect(block, **options)

    monkeypatch.setattr(module, "protect_block", noted)
    return seen


def amounts(first, second, doubt):
    cells = Cells()
    values = {"A": first, "B": second, "Z1": first + second}
    for place, value in values.items():
        cells.find_or_add(key(place, "loss (euro)"), value, RULE).published = True
    cell = cells.of_key[key("A", "loss (euro)")]
    cell.reason, cell.doubt = "one contributor dominates", doubt
    parts = key("A", "loss (euro)"), key("B", "loss (euro)")
    relation = Relation(key("Z1", "loss (euro)"), parts, "area")
    return choose_hidden(cells, [relation], territory=TOWN, effort=EFFORTS["fast"])


@pytest.mark.parametrize(
    ("first", "second", "unit"),
    [
        (4e7, 6e7, 1),  # 1e8 in all
        (4e7, 6e7 + 10, 10),
        (4e8, 6e8, 10),
        (4e8, 6e8 + 100, 100),
        (4e9, 5e9, 100),
    ],
)
def test_large_amounts_are_counted_in_tens_of_what_is_exact(blocks, first, second, unit):
    """A doubt of 1,001 euros is 101 tens and 11 hundreds, upwards and down."""
    hidden = amounts(first, second, 1001.0)
    (block,) = blocks
    assert block.value == pytest.approx([first / unit, second / unit, (first + second) / unit])
    far = 4 * 1001 / unit  # no figure moves further than four times what must stay open
    assert block.lower == pytest.approx(block.value - far)
    assert block.upper == pytest.approx(block.value + far)
    step = np.ceil(1001 / unit)
    ends = (block.need_low[0] - block.value[0], block.need_high[0] - block.value[0])
    assert ends == pytest.approx((-step, step))
    assert hidden.sum() == 2


def test_a_large_amount_goes_down_as_far_as_there_is_of_it(blocks):
    """350 euros are three hundreds, of 9 milliards in all; a doubt of 1,000 goes no further down."""
    amounts(350.0, 9e9, 1000.0)
    (block,) = blocks
    assert block.need_low[0] == pytest.approx(0.5)
    assert block.need_high[0] == pytest.approx(13.5)


def test_a_table_of_mostly_small_counts_is_refused(monkeypatch):
    module = import_module("obs.disclosure.suppress.independent_blocks")
    cells = Cells()
    for place, value in zip("CDE", (3, 2, 40), strict=True):
        cell = cells.find_or_add(key(place), value, RULE)
        cell.published, cell.reason = True, "small" if value < 5 else ""
    cells.find_or_add(key("Z2"), 45, RULE).published = True
    relation = Relation(key("Z2"), tuple(key(p) for p in "CDE"), "area")
    for most in (1, 2):
        monkeypatch.setattr(module, "_MOST_SMALL", most)
        given = dict(territory=TOWN, effort=EFFORTS["fast"], remedies=lambda: "Join the years.")
        if most == 1:
            with pytest.raises(DisclosureError, match=r"^2 small counts in 4 linked figures.*Join"):
                choose_hidden(cells, [relation], **given)
        else:
            assert choose_hidden(cells, [relation], **given)[:2].all()


# --- the program -------------------------------------------------------------------------


def test_a_program_without_an_answer_leaves_the_best_choice_and_no_bound():
    """3 + 5 = 8 with 5 and 8 published before: nothing can be hidden that keeps the 3 open."""
    system = make_system([3, 5, 8], [(2, [0, 1])], np.array([True, False, False]))
    system.fixed[[1, 2]] = True
    best = system.hidden.copy()
    proofs = KnownMoves(system, [Target(0, 1.0)])
    found, bound = least_loss(system, proofs, best, make_safe=lambda c: c, nodes=9, pivots=999)
    assert (found.tolist(), bound) == (best.tolist(), 0.0)


def test_a_block_in_which_nothing_is_left_to_choose_loses_nothing():
    protect = import_module("obs.disclosure.suppress.secondary").protect_block
    primary = np.array([True, True, False])
    trading = make_system([3, 4, 7], [(2, [0, 1])], primary)  # 3 and 4 trade with one another
    hidden = make_system([3, 40, 43], [(2, [0, 1])], np.array([True, False, False]))
    hidden.hidden[:] = True
    for system in (trading, hidden):
        found = protect(system)
        assert (found.loss, found.bound) == (0.0, 0.0)
        assert found.hidden.tolist() == system.hidden.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_no_choice_of_a_table_of_nine_loses_less(seed):
    """Every choice is tried, and every table in whole numbers, for a target of one step up."""
    rng = np.random.default_rng(seed)
    a, b, c, d = (int(n) for n in rng.integers(2, 9, 4))
    value = [a, b, a + b, c, d, c + d, a + c, b + d, a + b + c + d]
    sums = [(2, [0, 1]), (5, [3, 4]), (8, [6, 7]), (6, [0, 3]), (7, [1, 4]), (8, [2, 5])]
    primary = np.arange(9) == rng.integers(0, 4) + (rng.integers(0, 2) > 1)
    system = make_system(value, sums, primary, weight=rng.integers(1, 9, 9))
    module = import_module("obs.disclosure.suppress.secondary")
    found = module.protect_block(system)
    losses = [
        loss_of(system, hidden)
        for hidden in map(np.array, np.ndindex(*(2,) * 9))
        if (hidden.astype(bool) | ~primary).all() and _one_more(sums, hidden.astype(bool), primary)
        for hidden in [hidden.astype(bool)]
    ]
    assert found.loss == pytest.approx(min(losses))
    assert found.bound == pytest.approx(min(losses))


def _one_more(sums, hidden, primary):
    """Tell whether a move of hidden cells by one at most raises the sensitive one by one."""
    free = [c for c in range(9) if c in (0, 1, 3, 4)]
    for step in np.ndindex(*(3,) * 4):
        move = np.zeros(9)
        move[free] = np.array(step) - 1
        for total, parts in sorted(sums, key=lambda s: s[0] == 8):
            move[total] = move[parts].sum()
        if (move[primary] == 1).all() and not move[~hidden].any():
            return True
    return False


# --- contributions -----------------------------------------------------------------------


def shares(first, second, count=3, numerator=100.0):
    return pd.DataFrame(
        {
            "numerator": pd.array([numerator], "Float64"),
            "contributors": pd.array([count], "Int64"),
            "largest_share": pd.array([first], "Float64"),
            "second_share": pd.array([second], "Float64"),
        }
    )


@pytest.mark.parametrize(
    ("first", "second", "given"),
    [
        (0.6, 0.4, {}),
        (0.3, 0.3, {}),
        (0.0, 0.0, {}),
        (0.7, 0.2 + 1e-10, {}),
        (None, None, {"count": 0, "numerator": 0.0}),
        (None, None, {"count": 0, "numerator": None}),
    ],
)
def test_contributions_that_can_be_are_read(first, second, given):
    ((found),) = read_contributions(shares(first, second, **given), name="t")
    assert found.contributors == given.get("count", 3)
    if first is not None:
        assert found.largest == pytest.approx((first * 100, second * 100))


@pytest.mark.parametrize(
    ("first", "second", "given"),
    [
        (-0.1, -0.2, {}),
        (0.5, -0.1, {}),
        (0.6, 0.41, {}),
        (0.2, 0.3, {}),
        (0.6, None, {"count": 0}),
        (1.2, 0.0, {}),
    ],
)
def test_contributions_that_cannot_be_are_refused(first, second, given):
    with pytest.raises(DisclosureError, match=r"'t': 1 row\(s\) \(first: 0\) have contributions"):
        read_contributions(shares(first, second, **given), name="t")


def test_who_is_alone_is_the_whole_sum():
    (alone,) = read_contributions(shares(0.4, 0.3, count=1), name="t")
    assert alone.largest == (100.0, 0.0)
    (unknown,) = read_contributions(shares(0.4, 0.3, count=None), name="t")
    assert unknown is None
