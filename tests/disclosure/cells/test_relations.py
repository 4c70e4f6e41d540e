"""Relations as declared, judged by the figures one by one; what is withheld because of each."""

from types import SimpleNamespace

import pandas as pd
import pytest

from obs.catalogue import get_indicator, load_catalogue
from obs.disclosure import audit, release
from obs.disclosure.cells.shared_counts import could_share, refuse_undeclared
from obs.errors import DisclosureError
from tests.disclosure.small_town import dress, entry, make_town, status, whole

TOWN = make_town()
COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}


def relation(kind, **keys):
    known = {"kind": kind, "of": (), "less": (), "over": (), "because": "so"}
    return SimpleNamespace(**(known | keys))


def at(place, count, indicator, *, period="2022", unit="fact", **breakdowns):
    table = pd.DataFrame({"territory": [place], "numerator": [count]})
    row = dress(table, indicator=indicator, period=period).assign(unit=unit, scale="count")
    return row.assign(value=row["numerator"].astype("Float64"), **breakdowns)


def rows(*made):
    return pd.concat(made, ignore_index=True)


def loosened(released):
    return [(line[0], *line[2:4], line[-1]) for line in released.structure["loosened"]]


def give(table, **key):
    """Find the one row that matches."""
    for column, value in key.items():
        table = table[table[column].astype("str") == value]
    (row,) = table.to_dict("records")
    return row


REPORTS = {
    "facts": entry(),
    "reports": entry(unit="pv", additive_over=(), relation=(relation("at_most", of=("facts",)),)),
}


@pytest.mark.parametrize(("facts", "shown"), [(9, False), (10, True)])
def test_a_figure_that_bounds_a_withheld_count_below_its_cover_is_withheld(facts, shown):
    made = rows(at("A", facts, "facts"), at("A", 4, "reports", unit="pv"))
    released = release(made, territory=TOWN, catalogue=REPORTS)
    assert (give(released.table, indicator="facts")["status"] == "ok") == shown
    assert audit(released)["safe"].all()


SUMMED = {
    "facts": entry(),
    "reports": entry(
        unit="pv",
        additive_over=("time",),
        relation=(relation("at_most", of=("facts",)), relation("union", over=("area",))),
    ),
}


@pytest.mark.parametrize(("facts", "shown"), [(6, False), (40, True)])
def test_reports_of_communes_are_at_most_the_facts_of_their_zone(facts, shown):
    """No table asks for the reports of the zone: they lie between anyhow."""
    made = rows(at("A", 3, "reports", unit="pv"), at("B", 0, "reports", unit="pv"))
    tables = {"reports": made.assign(status=["ok", "zero"]), "facts": at("Z1", facts, "facts")}
    released = release(tables, territory=TOWN, catalogue=SUMMED)
    assert (released["facts"].table["status"].tolist() == ["ok"]) == shown
    assert released["reports"].table["status"].tolist() == ["suppressed_primary", "zero"]
    assert audit(released)["safe"].all()


@pytest.mark.parametrize(("facts", "shown"), [(6, False), (40, True)])
def test_reports_of_months_are_at_most_the_facts_of_their_year(facts, shown):
    months = [f"2022-{m:02d}" for m in range(1, 13)]
    made = rows(
        *(at("R", 3 if m == "2022-05" else 0, "reports", period=m, unit="pv") for m in months)
    )
    made = made.assign(status=["ok" if n else "zero" for n in made["numerator"]])
    tables = {"reports": made, "facts": at("R", facts, "facts")}
    released = release(tables, territory=TOWN, catalogue=SUMMED)
    assert (released["facts"].table["status"].tolist() == ["ok"]) == shown
    assert audit(released)["safe"].all()


def test_a_relation_of_an_indicator_that_another_counts_alike_is_known():
    """Reports per day are released, reports are not: both are at most the facts."""
    facts = at("21001", 6, "vif_total").assign(scale="count")
    daily = at("21001", 3, "vif_per_day", unit="pv").assign(scale="per_day", value=3 / 365)
    daily["days"] = pd.array([365], dtype="Int64")
    released = release({"facts": facts, "daily": daily})
    assert released["facts"].table["status"].tolist() == ["suppressed_secondary"]
    assert released["daily"].table["status"].tolist() == ["suppressed_primary"]
    assert audit(released)["safe"].all()


def test_a_relation_between_other_units_is_not_assumed():
    """Victims may exceed facts: the relation is declared of facts."""
    made = rows(at("A", 9, "facts", unit="victim"), at("A", 4, "reports", unit="pv"))
    released = release(made, territory=TOWN, catalogue=REPORTS)
    assert give(released.table, indicator="facts")["status"] == "ok"


def test_a_relation_that_the_figures_break_is_loosened_there_alone():
    made = rows(
        *(at(p, n, "facts") for p, n in (("A", 2), ("B", 9))),
        *(at(p, n, "reports", unit="pv") for p, n in (("A", 3), ("B", 4))),
    )
    released = release(made, territory=TOWN, catalogue=REPORTS)
    assert loosened(released) == [("at most facts", "A", "2022", "less")]
    assert give(released.table, indicator="facts", territory="B")["status"] != "ok"


def test_breakdowns_are_bounded_like_totals():
    made = rows(
        at("A", 9, "facts", form="physical"), at("A", 4, "reports", unit="pv", form="physical")
    )
    released = release(made, territory=TOWN, catalogue=REPORTS)
    assert give(released.table, indicator="facts")["status"] != "ok"


def reports(first, *, overlap=0, period="2022"):
    """Make a town of which `overlap` reports count in both A and B."""
    made = whole({**COUNTS, "A": first}, indicator="reports", period=period).assign(unit="pv")
    made["numerator"] -= made["territory"].isin(["Z1", "R"]) * overlap
    return made.assign(
        value=made["numerator"].astype("Float64"), n=made["numerator"], scale="count"
    )


UNION = {
    "reports": entry(unit="pv", additive_over=(), relation=(relation("union", over=("area",)),))
}


@pytest.mark.parametrize("overlap", [0, 1, 2, 9])
@pytest.mark.parametrize("catalogue", [UNION, {"reports": entry(unit="pv", additive_over=())}])
def test_a_year_that_adds_up_or_nearly_is_guarded_whatever_the_others_do(overlap, catalogue):
    made = rows(reports(30, overlap=5, period="2021"), reports(3, overlap=overlap))
    released = release(made, territory=TOWN, catalogue=catalogue)
    found = status(released, period="2022")
    assert "suppressed_secondary" in (found["B"], found["Z1"])
    assert set(status(released, period="2021").values()) == {"ok"}
    assert audit(released)["safe"].all()


def test_a_union_far_from_adding_up_gives_nothing_away():
    """15 reports count in both D and E: whoever knows the zone has C at least at -12."""
    made = whole({"A": 9, "B": 40, "C": 3, "D": 25, "E": 60}, indicator="reports").assign(unit="pv")
    made["numerator"] -= made["territory"].isin(["Z2", "R"]) * 15
    made = made.assign(
        value=made["numerator"].astype("Float64"), n=made["numerator"], scale="count"
    )
    released = release(made, territory=TOWN, catalogue=UNION)
    assert list(released.actions["territory"]) == ["C"]
    assert [line[:2] for line in loosened(released)] == [("area", "Z2")]
    assert audit(released)["safe"].all()


def test_a_fact_of_two_forms_does_not_open_the_other_years():
    catalogue = {"vif": entry()}
    forms = {"A": (3, 40), "B": (30, 20), "C": (9, 9), "D": (8, 8), "E": (7, 9)}
    counts = {
        (c, f): n
        for c, pair in forms.items()
        for f, n in zip(("physical", "economic"), pair, strict=True)
    }
    then = whole({k: n + 10 for k, n in counts.items()}, indicator="vif", period="2021")
    twice = (then["form"] == "all") & then["territory"].isin(["B", "Z1", "R"])
    then["numerator"] -= twice.astype("int")  # one fact of B is of both forms
    then = then.assign(value=then["numerator"] / 10, n=then["numerator"])
    now = whole(counts, indicator="vif")
    released = release(rows(then, now), territory=TOWN, catalogue=catalogue)
    assert {line[1] for line in loosened(released)} == {"B", "Z1", "R"}
    kept = released.table[released.table["period"].astype("str") == "2022"]
    own = kept[kept["territory"] == "A"].set_index("form")["status"]
    assert own["physical"] == "suppressed_primary"
    assert (own[["economic", "all"]] == "suppressed_secondary").any()
    assert audit(released)["safe"].all()


def test_facts_of_unknown_place_are_a_term_of_the_region():
    """Two facts of no known zone: the Region less its zones is off by two, not by more."""
    made = whole({"A": 3, "B": 2, "C": 30, "D": 25, "E": 60}, indicator="theft")
    region = made["territory"] == "R"
    made.loc[region, ["numerator", "n"]] += 2
    made = made.assign(value=made["numerator"] / 10)
    zones = made[made["territory"].isin(["Z1", "Z2", "R"])].replace({"numerator": {5: 4}})
    zones.loc[zones["territory"] == "R", "numerator"] -= 1
    zones = zones.assign(n=zones["numerator"], value=zones["numerator"] / 10)
    released = release(zones, territory=TOWN, catalogue={"theft": entry()})
    found = status(released)
    assert found["Z1"] == "suppressed_primary"
    assert "suppressed_secondary" in (found["Z2"], found["R"])
    assert loosened(released) == [("area", "R", "2022", "near, more")]


FLOW = relation("stock", of=("entered",), less=("closed",))
STOCK = {
    "entered": entry(unit="case", additive_over=("time",)),
    "closed": entry(unit="case", additive_over=("time",)),
    "pending": entry(unit="case", additive_over=(), relation=(FLOW,)),
}


def flows(pending, entered, closed, before, *, now="2022", then="2021"):
    made = [(before, "pending", then), (pending, "pending", now), (entered, "entered", now)]
    made.append((closed, "closed", now))
    return rows(*(at("R", n, i, period=p, unit="case") for n, i, p in made))


@pytest.mark.parametrize(("now", "then"), [("2022", "2021"), ("2022-01", "2021-12")])
def test_a_small_stock_is_not_read_off_its_flows(now, then):
    made = flows(3, 420, 447, 30, now=now, then=then)
    released = release(made, territory=TOWN, catalogue=STOCK)
    assert sorted(released.table["status"]) == [
        "ok",
        "ok",
        "suppressed_primary",
        "suppressed_secondary",
    ]
    assert audit(released)["safe"].all()


def test_a_small_stock_is_not_read_off_the_flows_of_two_years():
    """50 + 420 + 420 - 440 - 447 = 3; the stock between is published nowhere."""
    made = rows(
        at("R", 50, "pending", period="2020", unit="case"),
        at("R", 3, "pending", period="2022", unit="case"),
        *(at("R", 420, "entered", period=p, unit="case") for p in ("2021", "2022")),
        at("R", 440, "closed", period="2021", unit="case"),
        at("R", 447, "closed", period="2022", unit="case"),
    )
    released = release(made, territory=TOWN, catalogue=STOCK)
    assert (released.table["status"] == "suppressed_secondary").sum() == 1
    assert audit(released)["safe"].all()


def test_a_small_stock_is_not_read_off_the_flows_of_twelve_months():
    months = [f"2022-{m:02d}" for m in range(1, 13)]
    made = rows(*(at("R", 30, "entered", period=m, unit="case") for m in months))
    made = rows(made, *(at("R", 33, "closed", period=m, unit="case") for m in months))
    years = rows(
        at("R", 39, "pending", period="2021", unit="case"),
        at("R", 3, "pending", period="2022", unit="case"),
    )
    released = release({"m": made, "y": years}, territory=TOWN, catalogue=STOCK)
    assert (released.table["status"] == "suppressed_secondary").sum() == 1
    assert audit(released)["safe"].all()


def test_a_stock_is_not_tied_to_one_before_a_month_whose_flows_nobody_told():
    months = [f"2022-{m:02d}" for m in range(1, 13) if m != 4]
    made = rows(*(at("R", 30, "entered", period=m, unit="case") for m in months))
    made = rows(made, *(at("R", 33, "closed", period=m, unit="case") for m in months))
    years = rows(
        at("R", 39, "pending", period="2021", unit="case"),
        at("R", 3, "pending", period="2022", unit="case"),
    )
    released = release({"m": made, "y": years}, territory=TOWN, catalogue=STOCK)
    assert not (released.table["status"] == "suppressed_secondary").any()


def test_few_cases_opened_again_are_a_small_count():
    """30 + 420 - 440 + 2 = 12: whoever sees all four knows that two were opened again."""
    released = release(flows(12, 420, 440, 30), territory=TOWN, catalogue=STOCK)
    assert "suppressed_secondary" in set(released.table["status"])
    many = release(flows(30, 420, 440, 30), territory=TOWN, catalogue=STOCK)  # 20 were
    assert set(many.table["status"]) == {"ok"}
    assert [line[-1] for line in loosened(many)] == ["more"]


def test_a_stock_that_its_flows_contradict_is_not_assumed():
    released = release(flows(3, 420, 440, 30), territory=TOWN, catalogue=STOCK)  # 10 would be left
    assert sorted(released.table["status"]) == ["ok", "ok", "ok", "suppressed_primary"]
    assert [line[-1] for line in loosened(released)] == ["less"]


def test_the_stock_of_a_year_is_that_of_its_last_month():
    tables = {
        "years": at("R", 3, "pending", unit="case"),
        "months": at("R", 3, "pending", period="2022-12", unit="case"),
    }
    released = release(tables, territory=TOWN, catalogue=STOCK)
    assert set(released.table["status"]) == {"suppressed_primary"}


def police(**given):
    """Make an entry that says what it selects."""
    known = {
        "numerator": {},
        "source": "police",
        "place_rule": "place_of_offence",
        "date_rule": "date_of_offence",
        "phenomena": (),
        "exclude": (),
        "where": {},
        "attempts": "included",
    }
    return entry(**(known | given))


def both(catalogue, first="one", second="two"):
    made = rows(at("A", 30, first), at("A", 20, second))
    return release(made, territory=TOWN, catalogue=catalogue)


def test_indicators_that_could_share_cells_must_declare_their_relation():
    thefts, burglaries = police(phenomena=("theft", "robbery")), police(exclude=("family_dispute",))
    with pytest.raises(
        DisclosureError, match=r"'one' and 'two' count the same unit .*declares no relation"
    ):
        both({"one": thefts, "two": burglaries})
    thefts.relation = (relation("apart", of=("two",)),)
    assert set(both({"one": thefts, "two": burglaries}).table["status"]) == {"ok"}


@pytest.mark.parametrize(
    "other",
    [
        {"unit": "pv"},
        {"source": "prosecutor"},
        {"where": {"relation": ("none",)}},
        {"attempts": "excluded"},
        {"phenomena": ("bicycle_theft", "robbery")},
    ],
)
def test_indicators_that_cannot_share_cells_need_no_relation(other):
    one = police(
        where={"relation": ("couple", "family")},
        attempts="only",
        phenomena=("burglary_dwelling", "vehicle_theft"),
        exclude=("burglary_other",),
    )
    fields = {"where": one.where, "attempts": "only", "phenomena": one.phenomena}
    two = police(**(fields | other))
    assert not could_share(one, two)


def test_related_through_a_third_is_related():
    one = police(relation=(relation("apart", of=("three",)),), exclude=("robbery",))
    two = police(relation=(relation("apart", of=("three",)),), exclude=("theft",))
    three = police(exclude=("theft", "robbery"))
    refuse_undeclared(["one", "two"], catalogue={"one": one, "two": two, "three": three})
    with pytest.raises(DisclosureError, match="declares no relation"):
        refuse_undeclared(["one", "two"], catalogue={"one": one, "two": police(exclude=("theft",))})


def test_every_pair_of_the_catalogue_may_be_released_together():
    refuse_undeclared(load_catalogue())


def test_the_catalogue_says_which_rule_makes_a_relation_hold():
    declared = {(i, r.kind): r for i, e in load_catalogue().items() for r in e.relation}
    assert declared["vif_pv", "at_most"].of == ("vif_total",)
    assert declared["cases_pending", "stock"].less == ("cases_closed",)
    assert all(len(r.because) > 20 for r in declared.values())
    assert "at most vif_total (A report" in get_indicator("vif_pv").describe()
