"""Indicators of the prosecutor, of helplines and of services, by hand and against the flow."""

import pandas as pd
import pytest

import obs
from obs.catalogue import load_catalogue
from obs.clean import clean_helpline, clean_prosecutor, clean_services
from obs.errors import CodeError, ObsError, SchemaError
from obs.indicators import closing_shares, compute, stock_flow
from obs.reference import load_territory
from obs.schemas import CASES, SERVICES, empty_table

# --- the prosecutor -------------------------------------------------------------------

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


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    obs.sample(folder, years=range(2019, 2022), seed=3, scale=0.05)
    return folder


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


# --- helplines ------------------------------------------------------------------------


def call_days(rows):
    table = pd.DataFrame(rows, columns=["date", "line", "n", "status", "reason"])
    return table.assign(
        date=pd.to_datetime(table["date"]),
        n=table["n"].astype("Int64"),
        hours=16.0,
        reason=table["reason"].astype("str"),
    )


DAYS = call_days(
    [
        ("2022-01-30", "EVC", 10, "ok", None),
        ("2022-01-31", "EVC", 12, "ok", None),
        ("2022-01-31", "1712", 6, "ok", None),
        ("2022-01-30", "1712", None, "not_applicable", "closed"),
        ("2022-02-01", "EVC", 0, "zero", None),
        ("2022-02-01", "1712", None, "not_applicable", "closed"),
    ]
)


def test_calls_add_up_over_lines_and_a_closed_day_is_no_day_without_calls():
    both = compute(
        "helpline_calls", {"helpline": DAYS}, period="month", breakdown=["line"]
    ).set_index(["line", "period"])
    number = {(line, str(p)): n for (line, p), n in both["numerator"].items()}
    assert number["all", "2022-01"] == 28
    assert number["EVC", "2022-02"] == 0
    assert both.loc[("EVC", pd.Period("2022-02")), "status"] == "provisional"  # two months in part
    assert pd.isna(number["1712", "2022-02"])
    assert both.loc[("1712", pd.Period("2022-02")), "status"] == "missing"


def test_calls_a_day_divide_by_the_days_of_answering():
    made = compute(
        "helpline_calls_per_day", {"helpline": DAYS}, period="month", breakdown=["line"]
    ).set_index(["line", "period"])
    january = pd.Period("2022-01")
    assert made.loc[("1712", january), "value"] == 6  # one day, not two
    assert made.loc[("all", january), "value"] == 14
    assert made.loc[("EVC", january), "value"] == 11
    assert made.loc[("1712", january), "denominator"] == 1


def whole_month(changed=None):
    days = pd.date_range("2022-03-01", "2022-03-31")
    rows = [(d, "EVC", 5, "ok", None) for d in days]
    if changed:
        rows[10] = (days[10], "EVC", None, *changed)
    return call_days(rows)


@pytest.mark.parametrize(
    ("changed", "status", "number"),
    [
        (None, "ok", 155),
        (("not_applicable", "closed"), "ok", 150),
        (("not_applicable", "interrupted"), "provisional", 150),
        (("missing", "not_told"), "provisional", 150),
        (("ok", None), "provisional", 150),  # said to be known, and without a number
    ],
)
def test_a_day_that_is_not_told_makes_its_month_provisional(changed, status, number):
    row = compute("helpline_calls", {"helpline": whole_month(changed)}, period="month").iloc[0]
    assert (row["status"], row["numerator"]) == (status, number)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("indicator", "line", "other", "reason"),
    [
        ("helpline_calls", "EVC", 4, "untold_days"),
        ("helpline_calls", "1712", 4, None),
        ("helpline_calls", "all", 4, "untold_days"),
        ("helpline_calls_per_day", "EVC", 4, None),  # the untold day is not divided by
        ("helpline_calls_per_day", "all", 4, "untold_days"),  # divided by, for the other line
        ("helpline_calls_per_day", "all", None, None),  # nor by the other line either
    ],
)
def test_a_value_that_lacks_calls_of_an_untold_day_says_so(indicator, line, other, reason):
    broken = whole_month(("not_applicable", "interrupted"))
    second = broken.assign(line="1712", n=4, status="ok", reason=None).astype({"n": "Int64"})
    if other is None:
        second = second[second["date"].ne(pd.Timestamp("2022-03-11"))]
    days = pd.concat([broken, second], ignore_index=True).astype({"reason": "str"})
    table = compute(indicator, {"helpline": days}, period="month", breakdown=["line"])
    row = table.set_index("line").loc[line]
    assert (None if pd.isna(row["reason"]) else row["reason"]) == reason


def test_calls_one_a_row_are_counted_too():
    calls = pd.DataFrame(
        {
            "call_id": ["a", "b", "c"],
            "date": pd.to_datetime(["2022-03-01", "2022-03-31", "2022-03-31"]),
            "line": "144",
            "n": 1,
            **dict.fromkeys(("topic", "relation", "gender"), None),
        }
    )
    row = compute("helpline_calls", {"helpline": calls}, period="month").iloc[0]
    assert (row["numerator"], row["status"], row["unit"]) == (3, "ok", "call")
    with pytest.raises(SchemaError, match="CALLS .* or CALL_DAYS"):
        compute("helpline_calls", {"helpline": calls.drop(columns="call_id")})
    with pytest.raises(SchemaError, match="has no row"):
        compute("helpline_calls", {"helpline": calls.iloc[:0]})


@pytest.mark.slow
def test_the_sample_helplines_close_to_the_call(sample):
    manifest = sorted((sample / "helpline").glob("helpline_daily_*.csv"))
    table = clean_helpline(manifest, profile="obs_sample_call_days").table
    made = compute("helpline_calls", {"helpline": table}).set_index("period")
    assert made["numerator"].sum() == table["n"].sum()
    assert made["status"].tolist()[1:] == ["ok", "ok"]
    assert made["status"].iloc[0] == "provisional"  # the line broke down in September 2019


# --- services -------------------------------------------------------------------------


def services(rows):
    names = ["territory", "period", "activity", "numerator", "unit", "part", "status", "bound"]
    given = pd.DataFrame(rows, columns=names)
    table = empty_table(SERVICES, freq="Y").reindex(range(len(given)))
    return table.assign(
        **given.assign(
            period=pd.PeriodIndex(given["period"], freq="Y"),
            numerator=given["numerator"].astype("Int64"),
        ),
        provider="commune",
        synthetic=True,
    )


IXELLES, BRUSSELS = "21009", "21004"


@pytest.mark.slow
def test_activities_climb_to_zone_and_region_where_all_are_told():
    rows = [
        (t, "2022", "mediation_files", 10, "file", "all", "ok", "exact") for t in load_communes()
    ]
    made = compute("mediation_files", {"services": services(rows)}).set_index("territory")
    assert made.loc["04000", "numerator"] == 190
    assert made.loc["5339", "numerator"] == 20
    lacking = compute("mediation_files", {"services": services(rows[1:])}).set_index("territory")
    assert lacking.loc["04000", "status"] == "missing"
    assert pd.isna(lacking.loc["04000", "numerator"])


def load_communes():
    return load_territory("brussels").codes("commune")


@pytest.mark.slow
def test_the_total_is_taken_and_not_its_parts():
    rows = [
        (IXELLES, "2022", "vif_support", 30, "person", "all", "ok", "exact"),
        (IXELLES, "2022", "vif_support", 20, "person", "age:adult", "ok", "exact"),
        (IXELLES, "2022", "vif_support", 13, "person", "age:minor", "ok", "exact"),
        (IXELLES, "2022", "mediation_files", 99, "file", "all", "ok", "exact"),
    ]
    made = compute("vif_support", {"services": services(rows)}).set_index("territory")
    assert made.loc[IXELLES, "numerator"] == 30
    assert made.loc[BRUSSELS, "status"] == "missing"  # not declared, not zero


def region(year, activity, number, unit):
    return ("04000", year, activity, number, unit, "all", "ok", "exact")


def test_a_share_of_activities_is_that_of_its_whole_and_unknown_without_it():
    rows = [
        region("2021", "cyber_referrals_with_procedure", 50, "file"),
        region("2022", "cyber_referrals_with_procedure", 381, "file"),
        region("2022", "cyber_referrals", 1144, "file"),
    ]
    made = compute("cyber_procedure_share", {"services": services(rows)})
    made = made.set_index(["territory", "period"])
    share = made.loc[("04000", pd.Period("2022"))]
    assert share["value"] == pytest.approx(381 / 1144)
    assert (share["numerator"], share["denominator"]) == (381, 1144)
    assert share["low"] < 1 / 3 < share["high"]  # a third, as the platform said
    without = made.loc[("04000", pd.Period("2021"))]
    assert without["status"] == "missing"
    assert pd.isna(without["value"])


def test_a_whole_whose_places_are_all_known_is_not_said_to_count_others():
    rows = [region("2022", "cyber_referrals", 1144, "file")]
    made = compute("cyber_referrals", {"services": services(rows)})
    assert made["reason"].isna().all()
    rows.append(("99", *region("2022", "cyber_referrals", 3, "file")[1:]))
    made = compute("cyber_referrals", {"services": services(rows)})
    assert made["reason"].tolist() == ["other_places"]


@pytest.mark.slow
def test_a_bound_is_provisional_and_other_units_are_refused():
    row = (IXELLES, "2022", "vif_support", 30, "person", "all", "ok", "at_least")
    made = compute("vif_support", {"services": services([row])}).set_index("territory")
    assert made.loc[IXELLES, "status"] == "provisional"
    other = services([(*row[:4], "file", *row[5:])])
    with pytest.raises(ObsError, match=r"counts in person, and table SERVICES has file"):
        compute("vif_support", {"services": other})
    with pytest.raises(ObsError, match="longer periods than 'month'"):
        compute("vif_support", {"services": services([row])}, period="month")
    with pytest.raises(CodeError, match="is of territory 'brussels'"):
        compute("vif_support", {"services": services([("99", *row[1:])])})


def test_an_activity_nobody_tells_does_not_apply():
    rows = [(IXELLES, "2022", "mediation_files", 99, "file", "all", "ok", "exact")]
    made = compute("vif_support", {"services": services(rows)})
    assert made[["status", "reason"]].to_numpy().tolist() == [
        ["not_applicable", "absent_from_source"]
    ]


@pytest.mark.slow
def test_the_sample_activities_are_those_of_its_files(sample):
    table = clean_services(
        sorted((sample / "services").glob("*.csv")), profile="obs_sample_services"
    ).table
    whole = table[table["part"] == "all"]
    for name in ("vif_support", "prevention_visits", "street_findings", "mediation_files"):
        made = compute(name, {"services": table}).set_index(["territory", "period"])
        year = pd.Period("2021")
        told = whole[(whole["activity"] == name) & (whole["period"] == year)]["numerator"].sum()
        assert made.loc[("04000", year), "numerator"] == told


# --- all of them ----------------------------------------------------------------------


@pytest.mark.slow
def test_records_leave_through_release_and_small_counts_stay():
    rows = [
        (t, "2022", "mediation_files", 10, "file", "all", "ok", "exact") for t in load_communes()
    ]
    rows[3] = (*rows[3][:3], 2, *rows[3][4:])
    tables = {
        "files": compute("mediation_files", {"services": services(rows)}),
        "calls": compute("helpline_calls", {"helpline": whole_month()}, period="month"),
        "entered": compute("cases_entered", {"prosecutor": cases()}, breakdown=["context"]),
    }
    released = obs.release(tables)
    files = released["files"].table.set_index("territory")
    assert files.loc[rows[3][0], "status"] == "suppressed_primary"
    assert released["calls"].table["numerator"].tolist() == [155]
    entered = released["entered"].table
    shown = entered[entered["status"].isin(["ok", "zero"])]["numerator"]
    assert not shown.between(1, 4).any()


def test_input_is_left_alone():
    table, before = cases(), cases()
    by_year("cases_pending", table)
    pd.testing.assert_frame_equal(table, before)
    days, kept = whole_month(), whole_month()
    compute("helpline_calls", {"helpline": days})
    pd.testing.assert_frame_equal(days, kept)
