"""The sums and inequalities that a reader writes between a few cells, by hand."""

import pandas as pd
import pytest

from obs.disclosure.audit.reader_knowledge import View
from obs.disclosure.audit.reader_relations import add_relations, share_kind
from obs.errors import DisclosureError
from obs.reference import make_territory

UNITS = pd.DataFrame(
    {
        "code": ["A", "B", "C", "N", "S", "T"],
        "level": ["commune"] * 3 + ["zone"] * 2 + ["region"],
        "parent": ["N", "N", "S", "T", "T", None],
        **{f"name_{lang}": list("ABCNST") for lang in ("fr", "nl", "en")},
    }
)
PLACE = make_territory(UNITS, name="small", levels=("commune", "zone", "region"))
EVERY = ("area", "offence", "time")


def entry(count, **changes):
    usual = {
        "count": count,
        "unit": "fact",
        "marks": {},
        "additive_over": EVERY,
        "union_over": (),
        "parts": (),
        "cover": 10,
    }
    return usual | changes


class Shown:
    """What the audit reads of a release."""

    def __init__(self, indicators, *, loosened=(), relations=(), alike=None, stricter=()):
        self.territory = PLACE
        self.structure = {
            "indicators": indicators,
            "alike": alike or {},
            "loosened": loosened,
            "relations": relations,
            "stricter": stricter,
        }


def cell(text):
    """Name a cell: "A 2022 form=x", of theft; "@reports A 2022" of another count."""
    measure = "theft"
    if text.startswith("@"):
        measure, text = text[1:].split(" ", 1)
    place, period, *marks = text.split()
    return f"{measure} (fact)", place, period, frozenset(tuple(m.split("=")) for m in marks)


def label(name):
    measure = "" if name[0] == "theft (fact)" else f"@{name[0].removesuffix(' (fact)')} "
    marks = "".join(f" {c}={v}" for c, v in sorted(name[3]))
    return f"{measure}{name[1]} {name[2]}{marks}".strip()


def related(*texts, indicators=None, shares=(), bounds=(), **options):
    """Give the equations between cells, a figure after "=" being known."""
    view = View()
    for text in texts:
        named, _, figure = text.partition(" : ")
        number = view.cell(cell(named))
        if figure:
            view.known[number] = float(figure)
    view.shares |= {view.cell(cell(p)): view.cell(cell(w)) for p, w in shares}
    view.bounds += [(view.cell(cell(c)), low, high) for c, low, high in bounds]
    add_relations(view, Shown(indicators or {"theft": entry("theft")}, **options))
    names = {number: name for name, number in view.number.items()}
    return {
        (label(names[total]), tuple(sorted(label(names[p]) for p in parts)))
        for total, parts in view.equations
    }


def test_places_between_two_figures_are_sums():
    assert related("A 2022", "T 2022") == {
        ("T 2022", ("N 2022", "S 2022")),
        ("N 2022", ("A 2022", "B 2022")),
    }
    assert related("A 2022", "B 2022") == set()
    assert related("A 2022", "N 2022", indicators={"t": entry("theft", additive_over=())}) == set()
    unions = {"t": entry("theft", additive_over=(), union_over=("area",))}
    assert related("A 2022", "N 2022", indicators=unions) == {("N 2022", ("A 2022", "B 2022"))}


def test_categories_are_sums_where_there_is_something_beside_them():
    assert related("A 2022", "A 2022 form=x", "A 2022 form=y") == {
        ("A 2022", ("A 2022 form=x", "A 2022 form=y"))
    }
    assert related("A 2022 form=x", "A 2022 form=y") == set()
    assert related("A 2022 form=x", "B 2022") == set()  # alone along its column
    joined = related("A 2022", "A 2022 form=x", "A 2022 form=x|y", "A 2022 form=z")
    assert ("A 2022 form=x|y", ("A 2022 form=x", "A 2022 form=y")) in joined
    assert ("A 2022", ("A 2022 form=x", "A 2022 form=y", "A 2022 form=z")) in joined
    phenomena = related("A 2022", "A 2022 phenomenon=theft", "A 2022 phenomenon=bicycle_theft")
    assert phenomena == {
        ("A 2022", ("A 2022 phenomenon=theft",)),
        ("A 2022 phenomenon=theft", ("A 2022 phenomenon=bicycle_theft",)),
    }


def test_months_and_quarters_are_sums():
    found = related("A 2022", "A 2022Q2", "A 2022-05")
    quarters = tuple(f"A 2022Q{q}" for q in range(1, 5))
    months = tuple(f"A 2022-{m:02d}" for m in range(1, 13))
    assert ("A 2022", quarters) in found
    assert ("A 2022", months) in found
    assert ("A 2022Q2", months[3:6]) in found
    assert len(found) == 6  # the other quarters, which the first sum names, as well
    assert related("A 2022", "A 2023") == set()
    assert related("A 2022Q1", "A 2022-05") == set()


def test_parts_of_an_indicator_are_sums():
    indicators = {
        "theft": entry("theft", parts=("bikes", "shops")),
        "bikes": entry("bikes"),
        "shops": entry("shops", marks={"place": "shop"}),
    }
    found = related("A 2022", "@bikes A 2022", indicators=indicators)
    assert found == {("A 2022", ("@bikes A 2022", "@shops A 2022 place=shop"))}
    assert related("A 2022", indicators=indicators) == set()
    cut = related("A 2022 place=home", "@bikes A 2022 place=home", indicators=indicators)
    assert cut == {("A 2022 place=home", ("@bikes A 2022 place=home",))}


def test_sums_that_hold_are_found_though_nothing_declares_them():
    none = {"t": entry("theft", additive_over=())}
    holds = ("A 2022 : 2", "B 2022 : 3", "N 2022 : 5")
    assert ("N 2022", ("A 2022", "B 2022")) in related(*holds, indicators=none)
    more = ("A 2022 : 2", "B 2022 : 3", "N 2022 : 6")  # never less than its parts
    with pytest.raises(DisclosureError, match="does not add up .area., and the release"):
        related(*more, indicators=none)
    less = ("A 2022 : 2", "B 2022 : 3", "N 2022 : 4")
    assert related(*less, indicators=none) == set()
    half = (*less, "A 2023 : 2", "B 2023 : 3", "N 2023 : 5")
    loose = [["area", "theft (fact)", "N", "2022", [], "unknown"]]
    found = related(*half, indicators=none, loosened=loose)
    assert found == {("N 2023", ("A 2023", "B 2023"))}  # half of them add up
    third = (*half, "A 2024 : 2", "B 2024 : 3", "N 2024 : 4")
    assert related(*third, indicators=none) == set()
    open_ = ("A 2022 : 2", "B 2022", "N 2022 : 5")
    assert related(*open_, indicators=none) == set()


def test_figures_that_do_not_add_up_must_be_said_to_be_loose():
    broken = ("A 2022 : 2", "B 2022 : 3", "N 2022 : 6")
    with pytest.raises(DisclosureError, match=r"theft \(fact\) N 2022 does not add up \(area\)"):
        related(*broken)
    name = ["area", "theft (fact)", "N", "2022", []]
    assert related(*broken, loosened=[[*name, "unknown"]]) == set()
    more = related(*broken, loosened=[[*name, "more"]])
    assert more == {("N 2022", ("@theft (fact)/rest area N 2022", "A 2022", "B 2022"))}
    unknown = ("A 2022 : 2", "B 2022", "N 2022 : 6")
    assert related(*unknown) == {("N 2022", ("A 2022", "B 2022"))}


def test_less_in_a_total_leaves_each_part_below_it():
    name = ["area", "theft (fact)", "N", "2022", []]
    found = related("A 2022 : 2", "B 2022 : 9", "N 2022 : 9", loosened=[[*name, "less"]])
    both, rest = "@theft (fact)/parts of area N 2022", "@theft (fact)/rest area N 2022"
    assert (both, ("A 2022", "B 2022")) in found
    assert (both, tuple(sorted([rest, "N 2022"]))) in found
    assert sum(total == "N 2022" for total, _ in found) == 2  # each part is at most the total
    near = related("A 2022", "B 2022", "N 2022", loosened=[[*name, "near, more"]])
    assert ("N 2022", (rest, "A 2022", "B 2022")) in near
    assert any(total.startswith("@most 9.0") for total, _ in near)  # below the cover of ten


def test_the_doubt_of_a_near_sum_is_the_strictest_cover():
    name = ["area", "theft (fact)", "N", "2022", [["form", "sexual"]]]
    cells = [f"{p} 2022 form=sexual" for p in "ABN"]
    stricter = [["form", "sexual", 10, 20]]
    found = related(*cells, loosened=[[*name, "near, more"]], stricter=stricter)
    assert any(total.startswith("@most 19.0") for total, _ in found)


def test_a_part_alone_of_its_whole_is_the_whole_unless_it_is_loose():
    found = related("A 2022 form=x", "@all A 2022", shares=[("A 2022 form=x", "@all A 2022")])
    assert found == {("@all A 2022", ("A 2022 form=x",))}
    kind = share_kind(cell("A 2022 form=x"))
    assert kind == "share theft (fact) form=x"
    assert share_kind(cell("A 2022")) == "share theft (fact)"
    loose = [[kind, "all (fact)", "A", "2022", [], "more"]]
    found = related("A 2022 form=x", shares=[("A 2022 form=x", "@all A 2022")], loosened=loose)
    (only,) = found
    assert only[0] == "@all A 2022"
    assert "A 2022 form=x" in only[1]
    assert len(only[1]) == 2


def test_bounds_are_two_inequalities():
    found = related("A 2022", bounds=[("A 2022", 3.0, 7.0)])
    totals = sorted(total for total, _ in found)
    assert totals[0].startswith("@most 7.0")
    assert totals[1] == "A 2022"
    assert any("@least 3.0" in part for _, parts in found for part in parts)


BOTH = {"facts": entry("theft"), "reports": entry("reports")}
AT_MOST = [{"kind": "at_most", "own": "reports", "of": ["facts"], "less": []}]


def at_most(*texts, indicators=BOTH, **options):
    found = related(*texts, indicators=indicators, relations=AT_MOST, **options)
    return {
        (t, p) for t, parts in found for p in parts if p.startswith("@reports") and "/" not in p
    }


def test_the_lesser_count_is_at_most_the_greater():
    assert at_most("A 2022", "@reports A 2022") == {("A 2022", "@reports A 2022")}
    assert at_most("A 2022", "@reports B 2022") == set()
    loose = [["at most facts", "reports (fact)", "A", "2022", [], "less"]]
    assert at_most("A 2022", "@reports A 2022", loosened=loose) == set()
    marked = {"facts": entry("theft"), "reports": entry("reports", marks={"form": "x|y"})}
    assert at_most("A 2022", "@reports A 2022 form=x", indicators=marked) == {
        ("A 2022", "@reports A 2022 form=x")
    }
    assert at_most("A 2022", "@reports A 2022 form=z", indicators=marked) == set()
    assert at_most("A 2022", "@reports A 2022", indicators=marked) == set()


def test_a_lesser_total_is_named_where_its_parts_and_the_greater_are():
    """Reports of a commune are at most the facts of its zone, through the reports of the zone."""
    found = at_most("N 2022", "@reports A 2022")
    assert ("N 2022", "@reports N 2022") in found
    assert ("@reports N 2022", "@reports A 2022") in found
    year = at_most("A 2022", "@reports A 2022-05")
    assert ("A 2022", "@reports A 2022") in year
    assert at_most("A 2022", "@reports N 2022") == set()
    assert at_most("A 2022-05", "@reports A 2022") == set()
    assert at_most("N 2022", "@reports C 2022") == set()


def test_a_stock_of_a_year_is_that_of_its_last_month():
    indicators = {"held": entry("theft", additive_over=()), "in": entry("in"), "out": entry("out")}
    relations = [{"kind": "stock", "own": "held", "of": ["in"], "less": ["out"]}]
    found = related("A 2022", "A 2022-12", indicators=indicators, relations=relations)
    assert found == {("A 2022", ("A 2022-12",))}
    assert related("A 2022", "A 2022-11", indicators=indicators, relations=relations) == set()
    quarter = related("A 2022Q1", "A 2022-03", indicators=indicators, relations=relations)
    assert ("A 2022Q1", ("A 2022-03",)) in quarter
    loose = [["stock held at 2022-12", "theft (fact)", "A", "2022", [], "unknown"]]
    open_ = related(
        "A 2022", "A 2022-12", indicators=indicators, relations=relations, loosened=loose
    )
    assert open_ == set()
    flow = related(
        *("A 2021", "A 2022", "@in A 2022", "@out A 2022"),
        indicators=indicators,
        relations=relations,
    )
    held = "@theft (fact)/held or left stock held A 2022"
    assert flow == {(held, ("@out A 2022", "A 2022")), (held, ("@in A 2022", "A 2021"))}


@pytest.mark.parametrize(
    ("how", "parts"), [("more", ("@in A 2022", "A 2021", "again")), ("less", None)]
)
def test_a_stock_of_indicators_alike_holds_as_the_release_says(how, parts):
    """The relation is declared of others that count the same, of which no table is released."""
    alike = {"held": entry("theft", additive_over=()), "in": entry("in"), "out": entry("out")}
    found = related(
        *("A 2021", "A 2022", "@in A 2022", "@out A 2022"),
        indicators={"own": entry("theft", additive_over=())},
        alike=alike,
        relations=[{"kind": "stock", "own": "held", "of": ["in"], "less": ["out"]}],
        loosened=[["stock held", "theft (fact)", "A", "2022", [], how]],
    )
    if parts is None:
        assert found == set()
        return
    held, again = (f"@theft (fact)/{w} stock held A 2022" for w in ("held or left", "again"))
    entered = tuple(sorted(again if p == "again" else p for p in parts))
    assert found == {(held, ("@out A 2022", "A 2022")), (held, entered)}
