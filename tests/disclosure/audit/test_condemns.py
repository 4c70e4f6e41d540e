"""Releases that are unsafe by construction: the audit must say so, with the interval by hand.

The suppression is replaced by one that withholds small counts and what a test names, no more.
"""

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import Ledger, audit, release
from obs.disclosure.feasible.suppression_model import build_system
from obs.errors import DisclosureError
from tests.disclosure.small_town import ZONES, dress, entry, make_town, whole

COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}
TOWN = make_town()


@pytest.fixture
def careless(monkeypatch):
    """Release tables with small counts withheld, and other rows as named, but no complements."""

    def careless_release(tables, *, catalogue, also=(), hide="", **options):
        def choose(cells, relations, *, territory, **_):
            hidden = build_system(cells, relations, territory=territory).hidden.copy()
            named = [(k.territory, k.period) for k in cells.of_key if k.measure.startswith(hide)]
            own = [k.measure.startswith(hide) for k in cells.of_key]
            hidden[own] |= np.array([n in also or n[0] in also for n in named])
            return hidden

        monkeypatch.setattr(import_module("obs.disclosure.release"), "choose_hidden", choose)
        return release(tables, territory=TOWN, catalogue=catalogue, **options)

    return careless_release


def found(released, place="A", *, known=None, **key):
    rows = audit(released, known=known)
    rows = rows[rows["territory"] == place]
    for column, value in key.items():
        rows = rows[rows[column].astype("str").str.contains(value, regex=False)]
    (row,) = rows.drop_duplicates("indicator").to_dict("records")
    high = None if pd.isna(row["high"]) else row["high"]
    return row["low"], high, row["safe"]


def at(place, count, indicator="theft", period="2022", unit="fact", **breakdowns):
    """Make one row."""
    row = dress(
        pd.DataFrame({"territory": [place], "numerator": [count]}),
        indicator=indicator,
        period=period,
    )
    return row.assign(unit=unit, **breakdowns)


def rows(*made):
    return pd.concat(made, ignore_index=True)


def relation(kind, **keys):
    return SimpleNamespace(
        **({"kind": kind, "of": (), "less": (), "over": (), "because": "so"} | keys)
    )


def test_a_place_left_alone_in_its_zone(careless):
    assert found(careless(whole(COUNTS), catalogue={"theft": entry()})) == (3, 3, False)


def test_a_category_left_alone_in_its_row(careless):
    counts = {
        ("A", "physical"): 3,
        ("A", "economic"): 20,
        ("B", "physical"): 30,
        ("B", "economic"): 9,
    }
    made = whole(counts, indicator="vif")
    released = careless(made[made["territory"] == "A"], catalogue={"vif": entry()})
    assert found(released, breakdowns="physical") == (3, 3, False)


def test_a_part_beside_its_whole(careless):
    catalogue = {"theft": entry(parts=("bicycle", "car")), "bicycle": entry(), "car": entry()}
    made = rows(at("A", 50), at("A", 3, "bicycle"), at("A", 47, "car"))
    assert found(careless(made, catalogue=catalogue)) == (3, 3, False)


def test_a_quarter_beside_its_year(careless):
    quarters = [at("A", 3 if q == 2 else 20) for q in range(1, 5)]
    for q, one in enumerate(quarters, 1):
        one["period"] = pd.PeriodIndex([f"2022Q{q}"], freq="Q")
    tables = {"quarters": rows(*quarters), "year": at("A", 63)}
    assert found(careless(tables, catalogue={"theft": entry()})) == (3, 3, False)


def share_of(part, whole_count):
    made = at("A", part, "share").assign(scale="share", denominator=float(whole_count))
    return made.assign(value=part / whole_count, n=pd.array([part], "Int64"))


def test_a_part_bounded_by_its_whole(careless):
    """3 of 6, the 6 in a table beside: 1 to 6, and 1 to 10 must be possible."""
    catalogue = {"share": entry(kind="share", whole="all"), "all": entry()}
    tables = {"share": share_of(3, 6), "all": at("A", 6, "all")}
    hidden_whole = careless(tables, catalogue=catalogue)
    assert found(hidden_whole, indicator="share") == (1, 6, False)


REPORTS = {
    "facts": entry(),
    "reports": entry(unit="pv", additive_over=(), relation=(relation("at_most", of=("facts",)),)),
}


@pytest.mark.parametrize(("facts", "safe"), [(9, False), (10, True)])
def test_a_count_that_is_at_most_another(careless, facts, safe):
    made = rows(at("A", facts, "facts"), at("A", 3, "reports", unit="pv"))
    assert found(careless(made, catalogue=REPORTS)) == (1, facts, safe)


@pytest.mark.parametrize(("reports", "low"), [(5, 5), (1, 1)])
def test_a_count_that_is_at_least_another(careless, reports, low):
    """Seven facts are withheld under the stricter rule, and the reports are shown."""
    catalogue = REPORTS | {"facts": entry(disclosure="sensitive")}
    made = rows(at("A", 7, "facts"), at("A", reports, "reports", unit="pv").assign(status="ok"))
    released = careless(made, catalogue=catalogue)
    shown = released.table.set_index("indicator")["status"]
    assert shown["facts"] == "suppressed_primary"
    if reports == 5:
        assert found(released, indicator="facts") == (low, None, False)
    else:
        assert found(released, indicator="facts") == (low, None, True)


def test_a_relation_that_the_figures_break_is_not_assumed(careless):
    made = rows(
        at("A", 2, "facts"),
        at("A", 3, "reports", unit="pv"),
        at("B", 9, "facts"),
        at("B", 4, "reports", unit="pv"),
    )
    released = careless(made, catalogue=REPORTS, also=["A"])
    assert found(released, indicator="reports") == (1, None, True)
    assert found(released, "B", indicator="reports") == (1, 9, False)
    assert [line[:4] for line in released.structure["loosened"]] == [
        ["at most facts", "reports (pv)", "A", "2022"]
    ]


UNION = {
    "reports": entry(unit="pv", additive_over=(), relation=(relation("union", over=("area",)),))
}


def overlapping(first, overlap, other=None):
    """Make a zone of A and B of which reports count in both, beside one of C, D, E that adds up."""
    counts = {"A": first, "B": 40, "C": 30, "D": 25, "E": 60}
    made = whole(counts, indicator="reports").assign(unit="pv")
    zone = made["territory"].isin(["Z1", "R"])
    made["numerator"] -= zone * overlap
    return made.assign(
        value=made["numerator"].astype("Float64"), n=made["numerator"], scale="count"
    )


def test_a_union_of_which_the_parts_add_up_elsewhere(careless):
    assert found(careless(overlapping(3, 0), catalogue=UNION)) == (3, 3, False)


def test_a_union_that_is_one_less_than_its_parts(careless):
    """40 in B, 42 in both: between 2 and 11 in A, as long as the overlap is less than the doubt."""
    assert found(careless(overlapping(3, 1), catalogue=UNION)) == (2, 11, False)


def test_a_union_is_no_less_than_any_of_its_parts(careless):
    """A = 3 and B = 4 in a zone of 4: whatever the overlap, A is at most 4."""
    made = whole({"A": 3, "B": 4, "C": 30, "D": 25, "E": 60}, indicator="reports").assign(unit="pv")
    made.loc[made["territory"] == "Z1", ["numerator", "n"]] = 6
    made.loc[made["territory"] == "R", ["numerator", "n"]] = 121
    made = made.assign(value=made["numerator"].astype("Float64"), scale="count")
    low, high, safe = found(careless(made, catalogue=UNION))
    assert (low, high, safe) == (1, 6, False)


STOCK = {
    "entered": entry(unit="case", additive_over=("time",)),
    "closed": entry(unit="case", additive_over=("time",)),
    "pending": entry(
        unit="case",
        additive_over=(),
        relation=(relation("stock", of=("entered",), less=("closed",)),),
    ),
}


def flows(pending, entered, closed, before):
    made = [(before, "pending", "2021"), (pending, "pending", "2022"), (entered, "entered", "2022")]
    made.append((closed, "closed", "2022"))
    return rows(
        *(at("R", n, i, p, unit="case").assign(scale="count", value=float(n)) for n, i, p in made)
    )


def test_a_stock_that_follows_from_its_flows(careless):
    assert found(careless(flows(3, 420, 447, 30), catalogue=STOCK), "R") == (3, 3, False)


def test_a_stock_that_follows_from_the_flows_of_two_years(careless):
    """50 + 420 + 420 - 440 - 447 = 3, without the stock between."""
    told = [("pending", "2020", 50), ("pending", "2022", 3), ("entered", "2021", 420)]
    told += [("entered", "2022", 420), ("closed", "2021", 440), ("closed", "2022", 447)]
    made = rows(
        *(at("R", n, i, p, unit="case").assign(scale="count", value=float(n)) for i, p, n in told)
    )
    assert found(careless(made, catalogue=STOCK), "R") == (3, 3, False)


def test_a_report_of_a_commune_bounded_by_the_facts_of_its_zone(careless):
    """Six facts in the zone of A and B, no report in B: A has six at most."""
    catalogue = {
        "facts": entry(),
        "reports": entry(
            unit="pv",
            additive_over=(),
            relation=(relation("at_most", of=("facts",)), relation("union", over=("area",))),
        ),
    }
    reports = rows(at("A", 3, "reports", unit="pv"), at("B", 0, "reports", unit="pv"))
    tables = {"reports": reports.assign(status=["ok", "zero"]), "facts": at("Z1", 6, "facts")}
    assert found(careless(tables, catalogue=catalogue)) == (1, 6, False)


def test_a_stock_with_cases_opened_again(careless):
    """30 + 420 - 453 leaves -3, so at least 6 were opened again if 3 are left: no more is known."""
    released = careless(flows(3, 420, 453, 30), catalogue=STOCK)
    assert found(released, "R") == (1, None, True)
    # 30 + 420 - 446 is 4, and 9 are left: five were opened again, at least four are left
    sensitive = STOCK | {
        "pending": SimpleNamespace(**(vars(STOCK["pending"]) | {"disclosure": "sensitive"}))
    }
    released = careless(flows(9, 420, 446, 30), catalogue=sensitive)
    assert found(released, "R") == (4, None, False)


def test_a_stock_at_the_end_of_the_year_is_that_of_december(careless):
    december = at("R", 3, "pending", "2022-12", unit="case")
    tables = {"months": december, "years": at("R", 3, "pending", "2022", unit="case")}
    released = careless(tables, catalogue=STOCK)
    assert released.table["status"].tolist() == ["suppressed_primary"] * 2
    known = december.assign(numerator=pd.array([3], "Int64"))
    assert found(released, "R", known=known, indicator="pending", period="2022") == (3, 3, False)


def test_sums_that_nothing_declares(careless):
    """The audit finds by itself that the places add up."""
    catalogue = {"theft": entry(additive_over=())}
    assert found(careless(whole(COUNTS), catalogue=catalogue)) == (3, 3, False)


@pytest.fixture
def leaky(monkeypatch, careless):
    """Put figures back into the withheld rows of a release."""

    def leaky_release(table, **options):
        given = {k: options.pop(k) for k in list(options) if k in table}
        seen = careless(table, **options).table.assign(**given)
        released = careless(table, **options)
        monkeypatch.setattr("obs.disclosure.released.Released.table", property(lambda _: seen))
        return released

    return leaky_release


def test_a_rounded_value_beside_a_blank_count(leaky):
    """0.3 a day in 31 days, rounded: 0.25 to 0.35 of 31, so 8 to 10."""
    row = at("A", 9, period="2022-01").assign(
        days=pd.array([31], "Int64"), scale="per_day", value=9 / 31
    )
    released = leaky(row, catalogue={"theft": entry(disclosure="sensitive")}, value=0.3)
    assert found(released) == (8, 10, False)


def test_an_exact_value_beside_a_blank_count(leaky):
    released = leaky(at("A", 3), catalogue={"theft": entry()}, value=0.3)  # per 1,000 of 10,000
    assert found(released) == (3, 3, False)


def test_a_change_beside_its_base(careless, monkeypatch):
    """85 % less than 20 is 3."""
    now, then = at("A", 3), at("A", 20, period="2021")
    trend = now[["indicator", "territory", "period", "unit", "numerator"]].assign(
        base=pd.PeriodIndex(["2021"], freq="Y"),
        base_numerator=pd.array([20], "Int64"),
        change=-0.85,
        low=-0.9,
        high=-0.5,
        verdict="down",
        method="exact",
    )
    tables = {"levels": rows(now, then), "trends": trend}
    released = careless(tables, catalogue={"theft": entry()})
    assert found(released) == (1, None, True)
    seen = {name: released[name].table for name in released.names}
    seen["trends"]["change"] = -0.85
    released = careless(tables, catalogue={"theft": entry()})
    monkeypatch.setattr(
        "obs.disclosure.released.Released.table", property(lambda own: seen[own.names[0]])
    )
    assert found(released) == (3, 3, False)


@pytest.mark.parametrize(("high", "safe"), [(7, False), (9, False), (10, True)])
def test_a_small_count_must_reach_the_cover_not_the_threshold(careless, high, safe):
    made = rows(at("A", 3), at("B", high - 2), at("Z1", high + 1))
    released = careless(made, catalogue={"theft": entry()}, also=["B"])
    assert found(released) == (1, high, safe)


@pytest.mark.parametrize(("facts", "low"), [(12, 4), (14, 2), (15, 1)])
def test_a_small_count_must_be_able_to_be_one(careless, facts, low):
    """Reports of a zone of 16: those of B are at most its facts, the rest are in A."""
    made = rows(*(at(p, n, "reports", unit="pv") for p, n in (("A", 4), ("B", 12), ("Z1", 16))))
    made = rows(made, at("B", facts, "facts"))
    catalogue = REPORTS | {"reports": entry(unit="pv", relation=REPORTS["reports"].relation)}
    released = careless(made, catalogue=catalogue, also=[("B", "2022")], hide="reports")
    assert found(released) == (low, 15, low == 1)


def withheld_by_source(table, place):
    row = table["territory"] == place
    table.loc[row, ["numerator", "value", "low", "high", "n"]] = pd.NA
    table.loc[row, "status"] = "suppressed_source"
    return table


@pytest.mark.parametrize(("zone", "width"), [(20, 0), (24, 4), (28, 8), (29, 9)])
def test_what_the_source_withheld_must_stay_as_open_as_its_rule_asks(careless, zone, width):
    """Two counts that are 8 together are between 0 and 8: narrower than 1 to 10."""
    table = rows(at("C", 20), at("D", 1), at("E", zone - 21), at("Z2", zone))
    table = withheld_by_source(withheld_by_source(table, "D"), "E")
    released = careless(table, catalogue={"theft": entry()})
    assert found(released, "D") == (0, width, width >= 9)


def test_a_count_withheld_besides_must_have_two_values(careless):
    made = rows(at("A", 3), at("B", 40), at("Z1", 43))
    released = careless(made, catalogue={"theft": entry()}, also=["B"])
    assert found(released, "B") == (1, 42, True)
    assert found(released, "B", known=at("A", 3)) == (40, 40, False)


def test_an_insider_who_knows_one_of_two(careless):
    made = rows(at("A", 3), at("B", 40), at("Z1", 43))
    released = careless(made, catalogue={"theft": entry()}, also=["B"])
    assert found(released) == (1, 42, True)
    assert found(released, known=at("B", 40)) == (3, 3, False)


def test_an_earlier_edition_that_showed_the_rest(careless, tmp_path):
    """The zone of this year was published before, and stands in no table of today."""
    ledger = Ledger(tmp_path / "ledger.csv")
    ledger.append(
        release(at("Z1", 43), territory=TOWN, catalogue={"theft": entry()}), edition="2021"
    )
    released = careless(rows(at("A", 3), at("B", 40)), catalogue={"theft": entry()})
    assert found(released) == (1, None, True)
    assert found(released, known=ledger) == (3, 3, False)


def test_a_sum_of_amounts_must_be_able_to_move_by_its_margin(careless):
    """1,000 of one contributor: 900 to 1,100 is the margin; beside a 950 that is known, nothing."""
    catalogue = {"loss": entry(kind="amount", unit="euro", disclosure="business")}
    table = rows(
        *(at(p, n, "loss", unit="euro") for p, n in (("A", 1000), ("B", 5000), ("Z1", 6000)))
    )
    table = table.assign(
        scale="count",
        value=table["numerator"].astype("Float64"),
        contributors=pd.array([1, 9, 10], "Int64"),
        largest_share=[1.0, 0.2, 0.2],
        second_share=[0.0, 0.2, 0.2],
    )
    released = careless(table, catalogue=catalogue)
    assert found(released) == (1000, 1000, False)
    released = careless(table, catalogue=catalogue, also=["B"])
    assert found(released)[2] is True


def test_one_count_of_two_indicators_is_judged_by_the_stricter_rule(careless):
    """Seven sexual facts are one count of two indicators, of which one asks for 1 to 20."""
    same = {
        "numerator": {},
        "source": "police",
        "place_rule": "p",
        "date_rule": "d",
        "where": {},
        "attempts": "included",
        "phenomena": (),
        "exclude": (),
    }
    catalogue = {"all": entry(**same), "grave": entry(**same, disclosure="sensitive")}
    made = {
        "grave": rows(at("A", 7, "grave"), at("B", 8, "grave"), at("Z1", 15, "grave")),
        "all": rows(at("A", 7, "all"), at("B", 8, "all")),
    }
    released = careless(made, catalogue=catalogue)
    seen = audit(released)
    assert len(seen) == 2  # one count, whatever the table
    assert set(seen["high"]) == {14}
    assert not seen["safe"].any()


def test_figures_that_break_a_sum_unsaid_stop_the_audit(careless, monkeypatch):
    released = careless(whole({**COUNTS, "A": 30}), catalogue={"theft": entry()})
    wrong = released["table"].table
    wrong.loc[wrong["territory"] == "Z1", "numerator"] = 75
    monkeypatch.setattr("obs.disclosure.released.Released.table", property(lambda _: wrong))
    with pytest.raises(
        DisclosureError, match="does not add up .area., and the release does not say so"
    ):
        audit(released)


def test_places_of_the_small_town():
    assert ZONES["Z1"] == ("A", "B")
