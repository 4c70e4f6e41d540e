"""Indicators of the prosecutor's cases, by hand and against the flow."""

import pandas as pd
import pytest

import obs
from obs.catalogue import load_catalogue
from obs.clean import clean_prosecutor
from obs.errors import ObsError, SchemaError
from obs.indicators import closing_shares, compute, stock_flow
from obs.schemas import CASES, empty_table

CASE_ROWS = [  # id, entry, first closing, reopened, decision, decided, context
    ("A", "2020-03-01", None, None, "technical", "2020-06-01", "couple"),
    ("B", "2020-05-01", None, None, "joinder", "2021-02-01", "family"),
    ("C", "2020-11-01", "2021-01-15", "2021-03-01", "summons", "2021-09-01", "none"),
    ("D", "2021-02-01", None, None, "open", None, "couple"),
    ("E", "2021-04-01", None, None, "disposition", "2021-05-01", "none"),
    ("F", "2021-06-01", None, None, "summons", "2021-12-31", None),
]


def cases(rows=CASE_ROWS, extracted="2022-01-31"):
    names = ["case_id", "entry_date", "first_close_date", "reopened_date", "decision"]
    given = pd.DataFrame(rows, columns=[*names, "decision_date", "context"])
    dates = [c for c in given if c.endswith("_date")]
    table = empty_table(CASES).reindex(range(len(given))).assign(**given)
    table[dates] = given[dates].apply(pd.to_datetime)
    return table.assign(synthetic=True, extracted=pd.Timestamp(extracted))


def by_year(indicator, table=None, **options):
    made = compute(indicator, {"prosecutor": cases() if table is None else table}, **options)
    return {str(p): n for p, n in zip(made["period"], made["numerator"], strict=True)}


@pytest.mark.parametrize(
    ("indicator", "numbers"),
    [
        ("cases_entered", {"2020": 3, "2021": 3}),
        ("cases_closed", {"2020": 1, "2021": 5}),  # B, E, F and twice C
        ("cases_decided", {"2020": 1, "2021": 4}),
        ("cases_decided_net", {"2020": 1, "2021": 2}),  # neither joinder nor transfer
        ("cases_pending", {"2020": 2, "2021": 1}),  # B and C, then D
        ("vif_cases", {"2020": 2, "2021": 1}),
        ("cases_context_told", {"2020": 3, "2021": 2}),  # F is not told
    ],
)
def test_stages_by_hand(indicator, numbers):
    assert by_year(indicator) == numbers


CHARGED = cases().assign(phenomenon=["assault", "threats", "assault", "assault", None, "theft"])


@pytest.mark.parametrize(
    ("indicator", "shares"),
    [
        # of the family-violence cases of 2020: A is an assault, B is threats
        ("vif_charge_share", {"assault": (1, 2), "threats": (1, 2)}),
        # of the three cases of 2020: A and C are assaults, of which A is family violence
        ("vif_context_share", {"all": (2, 3), "assault": (1, 2), "threats": (1, 1)}),
    ],
)
def test_shares_of_charges_within_a_context_and_of_a_context_within_charges(indicator, shares):
    """Two tables of the same cases: the columns add up to one, the rows do not."""
    made = compute(indicator, {"prosecutor": CHARGED}, breakdown=["phenomenon"])
    made = made[(made["period"].astype(str) == "2020") & made["numerator"].gt(0)]
    rows = made.itertuples()
    assert {r.phenomenon: (r.numerator, int(r.denominator)) for r in rows} == shares
    for row in made.itertuples():
        assert row.value == pytest.approx(row.numerator / row.denominator)


def test_a_case_without_a_charge_is_of_an_unknown_one():
    made = compute("cases_context_told", {"prosecutor": CHARGED}, breakdown=["phenomenon"])
    later = made[made["period"].astype(str) == "2021"].set_index("phenomenon")["numerator"]
    assert later[later.gt(0)].to_dict() == {"all": 2, "assault": 1, "unknown": 1}


@pytest.mark.slow
def test_the_flow_closes():
    """Pending before, entered and reopened less closed are pending after: C was reopened."""
    reopened = 1
    flow = {i: by_year(i)["2021"] for i in ("cases_entered", "cases_closed", "cases_pending")}
    before = by_year("cases_pending")["2020"]
    assert before + flow["cases_entered"] + reopened - flow["cases_closed"] == flow["cases_pending"]


@pytest.mark.slow
def test_shares_of_decisions_on_two_bases_have_two_names():
    share = {}
    for base in ("all", "net"):
        made = compute(
            f"decision_share_{base}_closings", {"prosecutor": cases()}, breakdown=["decision"]
        )
        year = made[made["period"].astype(str) == "2021"].set_index("decision")
        share[base] = year["value"].astype(float).to_dict()
        assert (year["unit"] == "case").all()
    assert share["all"] == {"technical": 0, "disposition": 0.25, "joinder": 0.25, "summons": 0.5}
    assert share["net"] == {"technical": 0, "summons": 1}
    titles = {load_catalogue()[f"decision_share_{b}_closings"].title["en"] for b in ("all", "net")}
    assert len(titles) == 2


def test_a_share_of_decisions_has_no_total():
    with pytest.raises(ObsError, match="no total over decision: ask for breakdown decision"):
        compute("decision_share_all_closings", {"prosecutor": cases()})


def test_the_context_share_leaves_out_what_is_not_told():
    made = compute("vif_context_share", {"prosecutor": cases()}).set_index("period")
    assert made["value"].astype(float).tolist() == pytest.approx([2 / 3, 1 / 2])
    assert made["n"].tolist() == [3, 2]


def test_contexts_break_down_and_unknown_is_a_context_of_its_own():
    made = compute("cases_entered", {"prosecutor": cases()}, breakdown=["context"])
    year = made[made["period"].astype(str) == "2021"].set_index("context")["numerator"]
    assert year.to_dict() == {"all": 3, "couple": 1, "family": 0, "none": 1, "unknown": 1}


def test_months_and_a_partial_year():
    months = compute("cases_closed", {"prosecutor": cases()}, period="month")
    closed = months[months["numerator"] > 0]
    assert closed["period"].astype(str).tolist() == [
        *("2020-06", "2021-01", "2021-02", "2021-05", "2021-09", "2021-12")
    ]
    made = compute(
        "cases_closed", {"prosecutor": cases()}, coverage=("2021-01-01", "2021-06-30")
    ).iloc[0]
    assert (made["numerator"], made["status"], made["days"]) == (3, "provisional", 181)


def test_the_covered_years_start_with_the_earliest_decision():
    """A case reopened was first closed long before any delivery: no year starts with it."""
    old = [*CASE_ROWS[:2], ("C", "2017-11-01", "2018-01-15", "2021-03-01", *CASE_ROWS[2][4:])]
    assert list(by_year("cases_entered", cases(old))) == ["2020", "2021"]


@pytest.mark.slow
def test_decisions_leave_on_both_bases_and_no_small_one_is_given_away():
    rows = [(f"J{i}", "2020-03-01", None, None, "joinder", "2021-06-01", "none") for i in range(7)]
    rows += [
        (f"T{i}", "2020-03-01", None, None, "technical", "2021-06-01", "none") for i in range(40)
    ]
    rows += [(f"S{i}", "2020-03-01", None, None, "summons", "2021-06-01", "none") for i in range(9)]
    rows += [
        (f"M{i}", "2020-03-01", None, None, "mediation", "2021-06-01", "none") for i in range(2)
    ]
    source = {"prosecutor": cases(rows)}
    names = ("decision_share_all_closings", "decision_share_net_closings", "cases_decided")
    released = obs.release({n: compute(n, source, breakdown=["decision"]) for n in names})
    for name in names:
        table = released[name].table.set_index("decision")
        assert table.loc["mediation", "status"] == "suppressed_primary"
        assert pd.isna(table.loc["mediation", "value"])
        assert table.loc["technical", "status"] in ("ok", "suppressed_secondary")
    hidden = released["cases_decided"].table.set_index("decision")["numerator"].isna()
    assert hidden.sum() >= 2  # one alone is the total less the others
    assert obs.audit(released)["safe"].all()


def test_a_delivery_of_mid_year_covers_to_its_eve():
    made = compute("cases_entered", {"prosecutor": cases(extracted="2021-07-01")})
    assert made["status"].tolist() == ["ok", "provisional"]
    assert made["covered_to"].iloc[1] == pd.Timestamp("2021-06-30")


def test_cases_that_cannot_be_counted_are_refused():
    with pytest.raises(SchemaError, match="1 row.*have no entry_date"):
        by_year(
            "cases_entered",
            cases().assign(entry_date=cases()["entry_date"].where(cases().index > 0)),
        )
    with pytest.raises(SchemaError, match="'first_close_date' is absent"):
        by_year("cases_pending", cases().drop(columns="first_close_date"))
    with pytest.raises(ObsError, match="no extraction date"):
        by_year("cases_entered", cases().assign(extracted=pd.NaT))
    with pytest.raises(SchemaError, match="has no row"):
        by_year("cases_entered", cases().iloc[:0])


@pytest.mark.slow
def test_the_sample_flows_as_the_stock_flow_table_does(sample):
    """Two ways to the same numbers: dates searched here, marks per case there."""
    table = clean_prosecutor(
        sorted((sample / "prosecutor").glob("*.csv")), profile="obs_sample_prosecutor"
    ).table
    flow = stock_flow(table, years=[2020, 2021], by=()).set_index("period")
    for stage, column in (("entered", "new"), ("closed", "closed"), ("pending", "pending_end")):
        ours = by_year(f"cases_{stage}", table)
        assert {str(p): n for p, n in flow[column].items()} == {
            y: ours[y] for y in ("2020", "2021")
        }
    shares = closing_shares(table, years=[2021]).set_index(["base", "decision"])
    for base in ("all", "net"):
        made = compute(
            f"decision_share_{base}_closings", {"prosecutor": table}, breakdown=["decision"]
        )
        year = made[made["period"].astype(str) == "2021"].set_index("decision")
        for (name, decision), row in shares.iterrows():
            if name == f"{base}_closures":
                assert year.loc[decision, "value"] == pytest.approx(row["value"])
                assert year.loc[decision, "low"] == pytest.approx(row["low"])
