"""For each kind of relation a table of which the attack succeeds once the release forgets it.

The attacker knows the relation in both; the release knows it in the first alone.
"""

from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest

from obs.catalogue import load_catalogue
from obs.disclosure import release
from obs.reference import load_territory
from tests.disclosure.attack import declared_reader, survey_reader
from tests.disclosure.attack.figures import read
from tests.disclosure.attack.verdict import judge, knowledge_of
from tests.disclosure.cells.test_relations import at, relation, rows
from tests.disclosure.cells.test_surveys import REPORTED, answers, row, sectors, table
from tests.disclosure.small_town import entry, make_town, whole

TOWN = make_town()
COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}
SAME = {"numerator": {}, "source": "police", "place_rule": "p", "date_rule": "d"}
SAME |= {"where": {}, "attempts": "included", "phenomena": (), "exclude": ()}


def without(given, **other):
    """Give an entry of the catalogue that does not say some of what it said."""
    return SimpleNamespace(**(vars(given) | other))


def quarters():
    made = [at("A", 3 if q == 2 else 20, "theft") for q in range(1, 5)]
    for q, one in enumerate(made, 1):
        one["period"] = pd.PeriodIndex([f"2022Q{q}"], freq="Q")
    return {"quarters": rows(*made), "year": at("A", 63, "theft")}


def forms():
    counts = {("A", "physical"): 3, ("A", "economic"): 20, ("B", "physical"): 30}
    made = whole(counts | {("B", "economic"): 9}, indicator="theft")
    return {"forms": made[made["territory"] == "A"]}


def share():
    made = at("A", 3, "share").assign(scale="share", denominator=6.0, value=0.5)
    made["n"] = made["numerator"]
    return {"share": made.astype({"denominator": "Float64"}), "all": at("A", 6, "all")}


def union():
    made = whole(COUNTS, indicator="theft").assign(scale="count")
    made["numerator"] -= made["territory"].isin(["Z1", "R"])
    return {"t": made.assign(value=made["numerator"].astype("Float64"), n=made["numerator"])}


def stock():
    flows = {"entered": 420, "closed": 447}
    made = [at("R", n, i, unit="case") for i, n in flows.items()]
    made += [at("R", 30, "pending", period="2021", unit="case"), at("R", 3, "pending", unit="case")]
    return {"t": rows(*made)}


def part_table():
    return {"t": rows(at("A", 50, "theft"), at("A", 3, "bicycle"), at("A", 47, "car"))}


def bounded():
    return {"t": rows(at("A", 6, "facts"), at("A", 4, "reports", unit="pv"))}


def twice():
    """Make two indicators of one count, of which one has the stricter rule."""
    return {"t": at("A", 7, "theft"), "same": at("A", 7, "same")}


FLOW = entry(unit="case", additive_over=("time",))
KINDS = {  # tables, catalogue, what of it is taken away
    "places": (lambda: {"t": whole(COUNTS)}, {"theft": entry()}, {"theft": {"additive_over": ()}}),
    "periods": (quarters, {"theft": entry()}, {"theft": {"additive_over": ("area",)}}),
    "categories": (forms, {"theft": entry()}, {"theft": {"additive_over": ("area",)}}),
    "parts": (
        part_table,
        {"theft": entry(parts=("bicycle", "car")), "bicycle": entry(), "car": entry()},
        {"theft": {"parts": ()}},
    ),
    "share": (
        share,
        {"share": entry(kind="share", whole="all"), "all": entry()},
        {"share": {"whole": None}},
    ),
    "union": (
        union,
        {"theft": entry(additive_over=(), relation=(relation("union", over=("area",)),))},
        {"theft": {"relation": ()}},
    ),
    "at most": (
        bounded,
        {
            "facts": entry(),
            "reports": entry(unit="pv", relation=(relation("at_most", of=("facts",)),)),
        },
        {"reports": {"relation": ()}},
    ),
    "stock": (
        stock,
        {
            "entered": FLOW,
            "closed": FLOW,
            "pending": entry(
                unit="case",
                additive_over=(),
                relation=(relation("stock", of=("entered",), less=("closed",)),),
            ),
        },
        {"pending": {"relation": ()}},
    ),
    "one count": (
        twice,
        {"theft": entry(**SAME), "same": entry(**SAME, disclosure="sensitive")},
        {"same": {"date_rule": "another"}},
    ),
}


@pytest.fixture
def nothing_guessed(monkeypatch):
    """Let the release know what is declared alone."""
    forget(monkeypatch, "obs.disclosure.cells.relations", "_ways_that_figures_show", {})
    forget(monkeypatch, "obs.disclosure.release", "refuse_undeclared", None)


def forget(monkeypatch, module, name, answer):
    monkeypatch.setattr(import_module(module), name, lambda *_, **__: answer)


def attack(tables, *, known, given):
    """Release tables under a catalogue, and attack them with all that another one says."""
    released = release(tables, territory=TOWN, catalogue=given)
    figures = read(released, tables, known)
    knowledge = knowledge_of(figures)
    declared_reader.tell(knowledge, figures, declared_reader.relations(figures, known, TOWN))
    found = judge(knowledge, figures)
    assert found.withheld
    return [*found.recovered, *found.narrow]


@pytest.mark.usefixtures("nothing_guessed")
@pytest.mark.parametrize("kind", KINDS)
def test_an_attack_succeeds_once_a_relation_is_taken_away(kind):
    make, known, away = KINDS[kind]
    assert attack(make(), known=known, given=known) == []
    fewer = {name: without(own, **away.get(name, {})) for name, own in known.items()}
    assert attack(make(), known=known, given=fewer) != []


def unreliable_sector():
    made = sectors(industry=(30, 120), care=(12, 60), trade=(90, 300))
    made.loc[made["sector"] == "care", ["grade", "status"]] = ["F", "unreliable"]
    return made


def rare_item():
    of_any = row("business_victim", 0.02, 500, offence="all", sector="all", size="all")
    one = row("business_victim", 0.01, 500, offence="fraud", sector="all", size="all", grade="F")
    return table(of_any, one)


SURVEYS = {
    "bases": lambda: sectors(industry=(30, 120), trade=(90, 300), hospitality=(7, 9)),
    "bases left over": lambda: sectors(industry=(30, 120), trade=(90, 300), care=(5, 19)),
    "answers": lambda: table(*answers(**REPORTED, never=(0.23, "C"))),
    "another indicator": lambda: table(
        row("business_dark_share", 0.23, 73, grade="F", offence="fraud"),
        row("business_reporting_rate", 0.77, 73, offence="fraud"),
    ),
    "domains": unreliable_sector,
    "one item of any": rare_item,
}


@pytest.mark.parametrize("kind", SURVEYS)
def test_an_attack_on_a_survey_succeeds_once_its_relations_are_taken_away(kind, monkeypatch):
    catalogue, place = load_catalogue(), load_territory("brussels")
    tables = {"t": SURVEYS[kind]()}
    found = survey_reader.attack(release(tables), tables, catalogue, place)
    assert found.withheld
    assert found.recovered == found.narrow == ()
    forget(monkeypatch, "obs.disclosure.cells.relations", "survey_relations", ([], []))
    found = survey_reader.attack(release(tables), tables, catalogue, place)
    assert found.recovered or found.narrow
