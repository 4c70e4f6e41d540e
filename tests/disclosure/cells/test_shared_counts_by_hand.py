"""Which entries could count the same things, and which are related: by hand."""

from types import SimpleNamespace

import pytest

from obs.disclosure.cells.shared_counts import could_share, refuse_undeclared
from obs.errors import DisclosureError

THEFT, ROBBERY = "theft", "robbery"


def entry(**given):
    usual = {
        "numerator": "events",
        "kind": "count",
        "source": "police",
        "unit": "fact",
        "attempts": "included",
        "where": {},
        "phenomena": (THEFT,),
        "exclude": (),
        "place_rule": "place",
        "date_rule": "date",
        "parts": (),
    }
    return SimpleNamespace(**usual | given)


def asked(question="q", questionnaires=("one",)):
    return SimpleNamespace(question=question, questionnaires=questionnaires)


@pytest.mark.parametrize(
    ("one", "other", "could"),
    [
        ({}, {}, True),
        ({}, {"source": "prosecutor"}, False),
        ({}, {"unit": "pv"}, False),
        ({"attempts": "only"}, {"attempts": "excluded"}, False),
        ({"attempts": "only"}, {"attempts": "included"}, True),
        ({"attempts": "only"}, {"attempts": "only"}, True),
        ({"where": {"place": ("home",)}}, {"where": {"place": ("street",)}}, False),
        ({"where": {"place": ("home",)}}, {"where": {"place": ("street", "home")}}, True),
        ({"where": {"place": ("home",)}}, {}, True),
        ({"where": {"place": ("home",)}}, {"where": {"form": ("sexual",)}}, True),
        ({"activities": ("a",)}, {"activities": ("b",)}, False),
        ({"activities": ("a",)}, {"activities": ("a", "b")}, True),
        ({"activities": ("a",)}, {}, True),
        ({}, {"activities": ("a",)}, True),
        ({"phenomena": ("bicycle_theft",)}, {}, True),
        ({"phenomena": ("bicycle_theft",)}, {"phenomena": ("pickpocketing",)}, False),
        ({"phenomena": ("bicycle_theft",)}, {"exclude": ("bicycle_theft",)}, False),
        ({"phenomena": ()}, {"phenomena": ("pickpocketing",)}, True),
        ({"asked": asked()}, {"asked": asked()}, True),
        ({"asked": asked()}, {"asked": asked("other")}, False),
        ({"asked": asked()}, {"asked": asked(questionnaires=("two",))}, False),
        ({"asked": asked()}, {"asked": asked(questionnaires=("two", "one"))}, True),
        ({"asked": asked()}, {}, True),
    ],
)
def test_entries_that_could_count_the_same_things(one, other, could):
    assert could_share(entry(**one), entry(**other)) == could
    assert could_share(entry(**other), entry(**one)) == could


def test_an_entry_that_does_not_say_what_it_selects_is_left_to_the_figures():
    bare = SimpleNamespace(parts=(), kind="count")
    assert not could_share(bare, entry())
    assert not could_share(entry(), bare)


def relation(kind="at_most", of=(), less=()):
    return SimpleNamespace(kind=kind, of=of, less=less)


@pytest.mark.parametrize(
    ("first", "others", "refused"),
    [
        ({}, {}, True),
        ({"parts": ("b",)}, {}, False),
        ({"whole": "b"}, {}, False),
        ({"relation": (relation(of=("b",)),)}, {}, False),
        ({"relation": (relation("stock", less=("b",)),)}, {}, False),
        ({"relation": (relation(of=("c",)),)}, {}, True),
        ({"relation": (relation(of=("c",)),)}, {"parts": ("b",)}, False),  # through c
        ({"parts": ("gone",)}, {}, True),
    ],
)
def test_two_that_could_share_and_say_nothing_of_each_other_are_refused(first, others, refused):
    a, b = entry(**first), entry(place_rule="home")
    catalogue = {"a": a, "b": b, "c": entry(phenomena=("arson",)), "d": entry(source="x")}
    catalogue["c"].parts = others.get("parts", ())
    refuse_undeclared(["a", "d"], catalogue=catalogue)
    if not refused:
        refuse_undeclared(["a", "b"], catalogue=catalogue)
        return
    with pytest.raises(
        DisclosureError, match="^'a' and 'b' count the same unit of the same source"
    ):
        refuse_undeclared(["b", "a"], catalogue=catalogue)


def test_indicators_of_one_count_need_no_relation():
    catalogue = {"a": entry(), "b": entry(kind="rate")}
    refuse_undeclared(["a", "b"], catalogue=catalogue)
