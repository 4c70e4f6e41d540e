"""Sums of a few cells, judged and completed by hand: what is left over, what follows, what goes."""

from dataclasses import replace

import numpy as np
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.equations import (
    Relation,
    add_rests,
    drop_contradicted,
    fill_determined,
    judge_relations,
    residual,
)
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import DisclosureError

RULE = get_rule("default")  # a threshold of 5, a cover of 10
NAN = float("nan")


def key(name, measure="theft (fact)"):
    return Key(measure, name, "2022")


def cells_of(recalled="", rule=RULE, **values):
    cells = Cells()
    for name, value in values.items():
        cells.find_or_add(key(name), value, rule).recalled = name in recalled
    return cells


def of(total, parts, kind="form all", constant=0.0):
    return Relation(key(total), tuple(key(p) for p in parts), kind, constant)


def values(cells, names):
    return [cells.of_key[key(n)].value for n in names]


@pytest.mark.parametrize(
    ("figures", "constant", "left"),
    [
        ({"T": 10, "A": 3, "B": 5}, 0, 2),
        ({"T": 10, "A": 3, "B": 5}, 2, 0),
        ({"T": 7, "A": 3, "B": 5}, 0, -1),
        ({"T": 7, "A": 3, "B": 5}, -2, 1),
        ({"T": 7, "A": 3}, 0, NAN),  # B is in no table
        ({"T": 7, "A": 3, "B": NAN}, 0, NAN),
        ({"T": 1e7 + 10, "A": 1e7, "B": 0}, 0, 0),  # a millionth: of computing
        ({"T": 1e7 + 11, "A": 1e7, "B": 0}, 0, 11),
        ({"T": 0.5, "A": 0.5 - 1.1e-6, "B": 0}, 0, 1.1e-6),
        ({"T": 0.5, "A": 0.5 - 0.9e-6, "B": 0}, 0, 0),
        ({"T": 0.3, "A": 0.1, "B": 0.2}, 0, 0),
    ],
)
def test_what_a_total_leaves_over(figures, constant, left):
    found = residual(cells_of(**figures), of("T", "AB", constant=constant))
    assert found == pytest.approx(left, nan_ok=True, rel=1e-3)
    assert (found == 0) == (left == 0)


def test_old_values_that_a_sum_contradicts_go_and_others_stay():
    cells = cells_of("B", T=10, A=3, B=5)
    assert np.isnan(judge_relations(cells, [of("T", "AB")])[of("T", "AB")])
    assert values(cells, "TA") == [10, 3]
    assert np.isnan(cells.of_key[key("B")].value)
    for figures, rest in (({"T": 8}, 0), ({"T": NAN}, NAN)):
        cells = cells_of("B", **{"T": 10, "A": 3, "B": 5} | figures)
        judged = judge_relations(cells, [of("T", "AB")])
        assert judged[of("T", "AB")] == pytest.approx(rest, nan_ok=True)
        assert values(cells, "B") == [5]
    assert judge_relations(cells_of(T=10, A=3, B=5), [of("T", "AB")]) == {of("T", "AB"): 2}


def rests(cells, *relations, rule=RULE):
    judged = judge_relations(cells, relations)
    return add_rests(cells, judged, {"theft (fact)": rule})


@pytest.mark.parametrize(
    ("total", "kind", "how", "rest"),
    [
        (8, "form all", None, None),
        (9, "form all", "more", 1),  # counts a fact of another form
        (9, "area", "near, more", None),  # counts nobody: facts of no known place
        (17, "area", "near, more", None),
        (18, "area", "more", 10),  # as much as the doubt to be kept
        (7, "form all", "near, less", None),
        (7, "area", "near, less", None),
    ],
)
def test_what_a_sum_leaves_over_is_a_cell_unless_it_counts_nobody(total, kind, how, rest):
    cells = cells_of(T=total, A=3, B=5)
    (written, *more), loosened = rests(cells, of("T", "AB", kind))
    assert more == []
    assert loosened == ([(of("T", "AB", kind), how)] if how else [])
    if rest is None:
        assert (written.parts, written.constant) == (of("T", "AB").parts, total - 8)
    else:
        other = key("T", f"theft (fact)/rest {kind}")
        assert written.parts == (*of("T", "AB").parts, other)
        assert (cells.of_key[other].value, cells.of_key[other].recalled) == (rest, False)


def test_the_doubt_of_a_near_sum_is_that_of_its_total():
    twenty = get_rule("sensitive")
    (written,), ((_, how),) = rests(cells_of(rule=twenty, T=27, A=3, B=5), of("T", "AB", "area"))
    assert (how, written.constant) == ("near, more", 19)
    cells = cells_of(T=9, A=3, B=5)
    cells.of_key[key("T")].rule = None
    assert [how for _, how in rests(cells, of("T", "AB", "area"))[1]] == ["more"]


def test_things_that_count_in_several_parts_are_an_overlap():
    """15 and 12 are 27, the total 17: ten count twice, and no part is more than the total."""
    cells = cells_of(T=17, A=15, B=12)
    written, loosened = rests(cells, of("T", "AB"))
    assert loosened == [(of("T", "AB"), "less")]
    found = [(r.total.measure, [p.measure for p in r.parts], r.kind) for r in written]
    both, twice = (f"theft (fact)/slack {w} form all" for w in ("parts of", "twice in"))
    beside = "theft (fact)/slack not in form all"
    assert found == [
        (both, ["theft (fact)"] * 2, "union form all"),
        (both, ["theft (fact)", twice], "union form all"),
        ("theft (fact)", ["theft (fact)", beside], "at most"),
        ("theft (fact)", ["theft (fact)", beside], "at most"),
    ]
    assert [cells.of_key[key("T", m)].value for m in (both, twice)] == [27, 10]
    assert [cells.of_key[key(n, beside)].value for n in "AB"] == [2, 5]
    assert not any(cells.of_key[k].judged for k in cells.of_key if "/slack" in k.measure)


@pytest.mark.parametrize(("part", "refused"), [(20, False), (21, True)])
def test_a_part_above_its_total_is_refused(part, refused):
    cells = cells_of(T=20, A=part, B=15)
    if not refused:
        assert [how for _, how in rests(cells, of("T", "AB"))[1]] == ["less"]
        return
    with pytest.raises(DisclosureError, match=r"the parts exceed the total of theft \(fact\) of T"):
        rests(cells, of("T", "AB"))


FIVE = {"S": 100, "C": 40, "D": 60}  # a sum of the same kind that holds
OVER = {"S": 120, "C": 40, "D": 60}  # one that leaves twenty
UNDER = {"S": 80, "C": 40, "D": 60}  # one of which twenty count twice


@pytest.mark.parametrize(
    ("beside", "kind", "how"),
    [
        ((FIVE,), "form all", None),
        ((OVER,), "form all", "more"),
        ((UNDER,), "form all", "less"),
        ((OVER, UNDER), "form all", "unknown"),
        ((FIVE,), "parts of crime", None),
        ((), "parts of crime", "more"),
        ((FIVE,), "share of crime", "more"),
        ((), "share of crime", "more"),
        ((), "form all", None),
    ],
)
def test_a_sum_of_unknown_figures_is_as_the_others_of_its_kind(beside, kind, how):
    cells, others = cells_of(T=10, A=NAN, B=5), []
    for i, figures in enumerate(beside):
        for name, value in figures.items():
            cells.find_or_add(key(f"{name}{i}"), value, RULE)
        others.append(of(f"S{i}", (f"C{i}", f"D{i}"), kind))
    written, loosened = rests(cells, of("T", "AB", kind), *others)
    assert dict(loosened).get(of("T", "AB", kind)) == how
    own = [r for r in written if r.total.territory == "T" and "slack not" not in str(r.parts)]
    assert len(own) == {"less": 2, "unknown": 0}.get(how, 1)
    if how == "more":
        assert np.isnan(cells.of_key[key("T", f"theft (fact)/rest {kind}")].value)


def test_a_rest_of_nothing_is_a_cell_where_zeros_are_protected():
    group = get_rule("group")
    share = of("T", "A", "share of all")
    assert rests(cells_of(T=9, A=9), share) == ([share], [])
    (written,), loosened = rests(cells_of(rule=group, T=9, A=9), share, rule=group)
    assert [p.measure for p in written.parts] == ["theft (fact)", "theft (fact)/rest share of all"]
    assert loosened == [(share, "more")]
    cells = cells_of(rule=group, T=9, A=9, S=20, C=8)
    alone, open_sum = of("T", "A"), of("S", "C")
    written, _ = rests(cells, alone, open_sum, rule=group)
    assert [len(r.parts) for r in written] == [2, 2]  # elsewhere some are in no category
    assert rests(cells_of(rule=group, T=9, A=9), alone, rule=group) == ([alone], [])


def test_what_is_left_of_an_old_figure_is_old():
    for old in ("T", "A"):
        cells = cells_of(old, T=NAN, A=3, B=4)
        rests(cells, of("T", "AB", "share of all"))
        assert cells.of_key[key("T", "theft (fact)/rest share of all")].recalled


@pytest.mark.parametrize(
    ("figures", "constant", "unknown", "value"),
    [
        ({"T": NAN, "A": 3, "B": 5}, 0, "T", 8),
        ({"T": NAN, "A": 3, "B": 5}, 2, "T", 10),
        ({"T": 10, "A": NAN, "B": 5}, 0, "A", 5),
        ({"T": 10, "A": NAN, "B": 5}, 2, "A", 3),
        ({"T": 10, "A": 3, "B": NAN}, 0, "B", 7),
        ({"T": 0.3, "A": 0.1 + 0.2, "B": NAN}, 0, "B", 0),  # not a little below
        ({"T": 1e7 + 9, "A": 1e7, "B": NAN}, 0, "B", 0),
        ({"T": 1e7 + 11, "A": 1e7, "B": NAN}, 0, "B", 11),
        ({"T": 0.5, "A": 0.5 - 1.1e-6, "B": NAN}, 0, "B", 1.1e-6),
    ],
)
def test_a_value_alone_unknown_follows(figures, constant, unknown, value):
    cells = cells_of(**figures)
    fill_determined(cells, [of("T", "AB", constant=constant)])
    found = cells.of_key[key(unknown)]
    assert (found.value == 0) == (value == 0)
    assert found.value == pytest.approx(value, rel=1e-3)
    assert not found.recalled


def test_values_follow_from_values_that_followed():
    cells = cells_of("D", T=20, A=NAN, B=5, C=NAN, D=4)
    fill_determined(cells, [of("A", "CD"), of("T", "AB")])
    assert values(cells, "AC") == [15, 11]
    assert [cells.of_key[key(n)].recalled for n in "AC"] == [False, True]
    two = cells_of(T=20, A=NAN, B=NAN)
    fill_determined(two, [of("T", "AB")])
    assert np.isnan(values(two, "AB")).all()


def test_several_parts_of_nothing_are_nothing_each():
    cells = cells_of("D", T=20, A=NAN, B=NAN, C=20, D=0)
    fill_determined(cells, [of("T", "ABCD")])
    assert values(cells, "AB") == [0, 0]
    assert [cells.of_key[key(n)].recalled for n in "AB"] == [True, True]
    some = cells_of(T=21, A=NAN, B=NAN, C=20)
    fill_determined(some, [of("T", "ABC")])
    assert np.isnan(values(some, "AB")).all()
    total = cells_of(T=NAN, A=NAN, C=0)
    fill_determined(total, [of("T", "AC")])
    assert np.isnan(values(total, "TA")).all()


def test_what_the_supplier_withheld_is_not_filled_with_another_part():
    cells = cells_of(T=20, A=NAN, B=NAN, C=20)
    cells.of_key[key("B")].source = True
    fill_determined(cells, [of("T", "ABC")])
    assert np.isnan(values(cells, "AB")).all()


def test_a_value_below_nothing_is_refused_or_old_figures_go():
    with pytest.raises(DisclosureError, match="the parts exceed the total of theft"):
        fill_determined(cells_of(T=4, A=NAN, B=5), [of("T", "AB")])
    zero = cells_of(T=5, A=NAN, B=5)
    fill_determined(zero, [of("T", "AB")])
    assert values(zero, "A") == [0]
    old = cells_of("B", T=4, A=NAN, B=5)
    fill_determined(old, [of("T", "AB")])
    assert np.isnan(values(old, "AB")).all()


def test_old_values_that_hang_together_with_a_wrong_sum_go():
    """T is not A and B; C hangs together with B, and E with neither."""
    cells = cells_of("ABCE", T=20, A=3, B=5, S=9, C=4, U=8, E=6, F=2)
    relations = [of("T", "AB"), of("S", "BC"), of("U", "EF")]
    assert drop_contradicted(cells, relations)
    assert np.isnan(values(cells, "ABC")).all()
    assert values(cells, "TSUEF") == [20, 9, 8, 6, 2]
    assert not drop_contradicted(cells, relations[2:])
    assert values(cells, "EF") == [6, 2]


def test_sums_of_today_s_figures_alone_are_left_as_they_are():
    for old, figures in (("", {"T": 20}), ("E", {"T": 20}), ("A", {"T": 8})):
        cells = cells_of(old, **{"A": 3, "B": 5, "E": 6} | figures)
        assert not drop_contradicted(cells, [of("T", "AB")])
        assert values(cells, "ABE") == [3, 5, 6]
    blank = cells_of("A", T=20, A=NAN, B=5, C=1, S=7)
    assert not drop_contradicted(blank, [of("S", "BC")])


def test_one_count_of_two_figures_is_refused():
    cells = cells_of(A=3)
    cells.find_or_add(key("A"), 3, RULE)
    cells.find_or_add(key("A"), NAN, get_rule("sensitive"))
    assert cells.of_key[key("A")].rule.name == "sensitive"
    cells.find_or_add(key("A"), 3, RULE)
    assert (cells.of_key[key("A")].rule.name, values(cells, "A")) == ("sensitive", [3])
    with pytest.raises(DisclosureError, match=r"two tables give different counts for theft \(fact"):
        cells.find_or_add(key("A"), 4, RULE)
    late = cells_of(A=NAN)
    late.find_or_add(key("A"), 4, replace(RULE, name="other"))
    assert (late.of_key[key("A")].rule.name, values(late, "A")) == ("default", [4])
