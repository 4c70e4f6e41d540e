"""Indicators from police facts: levels, margins, kinds, and what a source never tells."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obs.catalogue import get_indicator
from obs.errors import CodeError, ObsError, SchemaError
from obs.indicators import compute
from obs.reference import load_exposure, load_territory
from obs.schemas import INDICATORS, check_table

pytestmark = pytest.mark.slow

COLUMNS = ["event_date", "territory", "phenomenon", "form", "relation", "attempt", "report_id"]
ROWS = [
    # Brussels and Ixelles are zone 5339, Anderlecht is in 5341
    ("2022-01-01", "21004", "burglary_dwelling", None, None, True, "p1"),
    ("2022-05-01", "21009", "burglary_dwelling", None, None, False, "p2"),
    ("2022-05-01", "21001", "burglary_dwelling", None, None, None, "p3"),
    ("2022-06-01", "21004", "shoplifting", None, None, False, "p4"),
    ("2022-07-01", "21004", "assault", "physical", "couple", False, "p5"),
    ("2022-07-01", "21004", "threats", "psychological", "couple", False, "p5"),
    ("2022-07-01", "21009", "rape", "sexual", "couple", False, "p5"),
    ("2022-08-01", "21001", "assault", "physical", "descendant", False, "p6"),
    ("2022-09-01", "21001", "non_payment", "economic", "other_family", False, "p7"),
    ("2022-09-02", "21001", "family_dispute", "psychological", "couple", False, "p8"),
    ("2022-09-03", "21001", "assault", "physical", "none", False, "p9"),
    ("2022-12-31", "21001", "family_dispute", None, "other_family", False, "p10"),
]


def make_events(rows=ROWS, **columns):
    table = pd.DataFrame(rows, columns=COLUMNS).assign(
        event_id=[f"e{i}" for i in range(len(rows))], source="police", synthetic=True, **columns
    )
    dates = pd.to_datetime(table["event_date"]).astype("datetime64[us]")
    kinds = {c: "str" for c in ("territory", "phenomenon", "form", "relation", "report_id")}
    return table.assign(event_date=dates).astype({**kinds, "attempt": "boolean"})


def run(indicator, events=None, **options):
    return compute(indicator, {"police": make_events() if events is None else events}, **options)


def at(table, territory, **key):
    rows = table.loc[table["territory"] == territory]
    for column, value in key.items():
        rows = rows.loc[rows[column].astype("str") == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_level_is_there_with_its_own_sum():
    table = run("burglary_dwelling")
    check_table(table, INDICATORS)
    assert table["level"].value_counts().to_dict() == {"commune": 19, "zone": 6, "region": 1}
    counts = {code: at(table, code)["numerator"] for code in ("21004", "5339", "5341", "04000")}
    assert counts == {"21004": 1, "5339": 2, "5341": 1, "04000": 3}
    empty = at(table, "21019")
    assert (empty["numerator"], empty["value"], empty["status"]) == (0, 0, "zero")
    assert empty["high"] > 0


def test_a_rate_says_its_denominator_and_where_it_comes_from():
    row = at(run("burglary_dwelling"), "04000")
    assert row["scale"] == "per_1000_inhabitants"  # no dwellings are known for Brussels
    assert row["denominator"] == 1_222_637
    assert row["denominator_flag"] == "observed"
    assert row["value"] == pytest.approx(3 / 1_222_637 * 1000)
    assert (row["days"], row["source"], row["synthetic"]) == (365, "police", True)
    assert (row["covered_from"].day, row["covered_to"].month) == (1, 12)


def test_a_delivered_denominator_is_never_replaced_by_another():
    communes = load_territory().codes("commune")
    dwellings = pd.DataFrame(
        {
            "kind": "dwellings",
            "territory": communes,
            "year": pd.array([2022] * 19, dtype="Int64"),
            "exposure": 10_000.0,
            "flag": "observed",
            "source": "test",
            "vintage": "2022",
        }
    )
    known = run("burglary_dwelling", exposure=dwellings)
    assert set(known["scale"]) == {"per_1000_dwellings"}
    assert at(known, "04000")["denominator"] == 190_000
    lacking = run("burglary_dwelling", exposure=dwellings.iloc[1:])
    assert set(lacking["scale"]) == {"per_1000_dwellings"}
    for code in ("04000", communes[0]):  # the commune without a number, and the whole it is part of
        row = at(lacking, code)
        assert pd.isna(row["value"])
        assert pd.isna(row["denominator"])
        assert (row["status"], row["reason"]) == ("missing", "no_denominator")


def test_a_year_without_a_delivered_denominator_is_missing():
    long_ago = load_exposure().iloc[[0]].assign(year=1900)
    table = run("burglary_dwelling", exposure=long_ago)
    row = at(table, "04000")
    assert (row["scale"], row["numerator"]) == ("per_1000_inhabitants", 3)
    assert pd.isna(row["denominator"])
    assert pd.isna(row["value"])
    assert (row["status"], row["reason"]) == ("missing", "no_denominator")


def test_theft_counts_its_whole_branch_and_family_disputes_are_never_violence():
    assert at(run("theft"), "04000")["numerator"] == 4
    assert at(run("vif_total"), "04000")["numerator"] == 5
    assert at(run("vif_couple_physical"), "04000")["numerator"] == 1


def test_margins_are_all_there_and_add_up():
    table = run("vif_total", breakdown=("form", "relation"))
    top = table.loc[table["level"] == "region"].set_index(["form", "relation"])["numerator"]
    assert top[("all", "all")] == 5
    assert top[("physical", "all")] == top[("physical", "couple")] + top[("physical", "descendant")]
    assert top[("all", "couple")] == 3
    assert ("economic", "couple") not in top.index  # a crossing never seen is not a zero
    assert len(top) == 1 + 4 + 3 + 5
    total = run("vif_total")
    assert top[("all", "all")] == at(total, "04000")["numerator"]


def test_a_code_never_seen_gets_no_zero():
    """A source that never tells a relation may be unable to: no row is not 0."""
    events = make_events().assign(relation="family").astype({"relation": "str"})
    table = run("vif_total", events, breakdown=("relation",))
    assert sorted(table["relation"].unique()) == ["all", "family"]


def test_reports_count_once_in_each_total_though_they_touch_two_communes():
    table = run("vif_pv")
    assert at(table, "21004")["numerator"] == 1
    assert at(table, "21009")["numerator"] == 1
    assert at(table, "5339")["numerator"] == 1  # the same report p5
    assert at(table, "04000")["numerator"] == 3
    row = at(run("vif_per_day"), "04000")
    assert row["value"] == pytest.approx(3 / 365)
    assert (row["denominator"], row["scale"], row["unit"]) == (365, "per_day", "pv")


def test_shares_leave_out_what_is_not_told():
    row = at(run("burglary_attempt_share"), "04000")
    assert (row["numerator"], row["denominator"], row["n"]) == (1, 2, 2)  # p3 does not tell
    assert row["value"] == 0.5
    assert at(run("burglary_attempt_share"), "21019")["status"] == "missing"  # no burglary there
    couple = at(run("vif_couple_share"), "04000")
    assert (couple["numerator"], couple["denominator"], couple["scale"]) == (3, 5, "share")


def test_violence_whose_family_link_is_not_told_is_outside_a_share_of_couples():
    """It may be a couple, so it must not lower their share."""
    rows = [*ROWS, ("2022-10-01", "21004", "assault", "physical", "family", False, "p11")]
    couple = at(run("vif_couple_share", make_events(rows)), "04000")
    assert (couple["numerator"], couple["denominator"]) == (3, 5)


@pytest.mark.parametrize(
    ("indicator", "change"),
    [
        ("bicycle_theft", {}),
        ("vif_couple_physical", {"relation": "family"}),
        ("vif_pv", {"report_id": None}),
        ("burglary_attempt_share", {"attempt": None}),
        ("vif_total", {"form": None}),
    ],
)
def test_what_a_source_never_tells_is_not_zero(indicator, change):
    events = make_events()
    for column, value in change.items():
        events[column] = pd.Series(value, index=events.index, dtype=events[column].dtype)
    table = run(indicator, events)
    assert set(table["status"]) == {"not_applicable"}
    assert set(table["reason"]) == {"absent_from_source"}
    assert table["value"].isna().all()


def test_a_period_covered_in_part_is_provisional_and_not_scaled_up():
    events = make_events().query("event_date < '2022-09-01'")
    row = at(run("burglary_dwelling", events), "04000")
    assert (row["numerator"], row["status"], row["days"]) == (3, "provisional", 212 + 1)
    assert row["value"] == pytest.approx(3 / 1_222_637 * 1000)


def test_declared_coverage_completes_a_quiet_end():
    events = make_events().query("event_date < '2022-09-01'")
    table = run("burglary_dwelling", events, coverage=("2022-01-01", "2022-12-31"))
    assert at(table, "04000")["status"] == "ok"


def test_quarters_and_months():
    quarters = run("burglary_dwelling", period="quarter")
    assert at(quarters, "04000", period="2022Q2")["numerator"] == 2
    months = run("burglary_dwelling", period="month")
    assert len(months) == 12 * 26
    assert at(months, "04000", period="2022-05")["days"] == 31


def test_years_before_the_first_period_do_not_apply():
    rows = [("2014-01-01", *ROWS[4][1:]), *ROWS[1:]]
    table = run("vif_total", make_events(rows), coverage=("2014-01-01", "2022-12-31"))
    early = at(table, "04000", period="2014")
    assert (early["status"], early["reason"]) == ("not_applicable", "before_first_period")
    assert pd.isna(early["numerator"])
    assert at(table, "04000", period="2022")["status"] == "ok"


def test_a_file_gives_what_a_frame_gives(tmp_path):
    make_events().to_parquet(tmp_path / "events.parquet")
    pd.testing.assert_frame_equal(run("vif_total", tmp_path / "events.parquet"), run("vif_total"))


def test_faulty_calls_say_what_is_wrong():
    with pytest.raises(ObsError, match=r"not broken down by place.*allowed: none"):
        run("vif_per_day", breakdown=("place",))
    with pytest.raises(ObsError, match="source 'police' is absent; given: none"):
        compute("theft", {})
    with pytest.raises(ObsError, match="period 'fortnight' is not one of"):
        run("theft", period="fortnight")
    with pytest.raises(ObsError, match="by='commune'"):
        run("theft", by="commune")
    with pytest.raises(ObsError, match="takes a sequence"):
        run("theft", breakdown="place")
    with pytest.raises(CodeError, match=r"1 territory code\(s\) are no units of .*99999"):
        run("theft", make_events([("2022-01-01", "99999", *ROWS[0][2:])]))
    with pytest.raises(SchemaError, match="has no row"):
        run("theft", make_events().iloc[:0])


def test_an_indicator_of_another_catalogue_can_be_given():
    assert run(get_indicator("theft")).equals(run("theft"))


kinds = st.sampled_from(["burglary_dwelling", "shoplifting", "robbery", "drugs"])
places = st.sampled_from(["21001", "21004", "21009", "21019"])
days = st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2022-12-31").date())


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(days, places, kinds), min_size=1, max_size=30))
def test_each_level_sums_to_the_next_in_any_order(rows):
    whole = [(d, p, k, None, None, False, f"p{i}") for i, (d, p, k) in enumerate(rows)]
    whole.append(("2021-06-01", "21001", "robbery", None, None, False, "last"))
    events = make_events(whole)
    before = events.copy(deep=True)
    table = run("theft", events)
    pd.testing.assert_frame_equal(events, before)
    sums = table.groupby("level")["numerator"].sum()
    assert sums.nunique() == 1
    assert sums["region"] == sum(k != "drugs" for *_, k in rows) + 1
    pd.testing.assert_frame_equal(run("theft", events.iloc[::-1]), table)
    parts = run("theft", events, breakdown=("phenomenon",))
    by_code = parts.groupby(["territory", "period"])["numerator"].sum()
    total = parts.loc[parts["phenomenon"] == "all"].set_index(["territory", "period"])["numerator"]
    assert (by_code == 2 * total.reindex(by_code.index)).all()
