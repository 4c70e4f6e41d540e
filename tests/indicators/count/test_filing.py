"""What the prosecutor has of a report, and the police of a case: one code each, shared out."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import obs
from obs.errors import SchemaError
from obs.indicators.count.linkage import RECENT_DAYS, add_filing
from obs.schemas import CASES, FILINGS, empty_table


def events(*rows):
    """Rows of (report, day of the fact, form); a fact of the couple, registered the same day."""
    table = pd.DataFrame(rows, columns=["report_id", "event_date", "form"])
    day = pd.to_datetime(table["event_date"])
    return table.assign(
        event_date=day,
        report_date=day,
        phenomenon="assault",
        relation=table["form"].map(lambda f: None if f is None else "couple"),
    )


def cases(*rows):
    """Rows of (report, day of entry, context), extracted at the end of January 2022."""
    table = pd.DataFrame(rows, columns=["report_id", "entry_date", "context"])
    return table.assign(
        entry_date=pd.to_datetime(table["entry_date"]), extracted=pd.Timestamp("2022-01-31")
    )


POLICE = events(
    ("P1", "2021-03-01", "physical"),  # a case of the year
    ("P2", "2021-12-20", "physical"),  # its case entered in 2022
    ("P3", "2021-05-01", "sexual"),  # its case has another context
    ("P4", "2021-06-01", "physical"),  # no case
    ("P5", "2021-12-31", "physical"),  # no case yet
    ("P6", "2021-07-01", None),  # no violence in the family
    (None, "2021-07-01", "physical"),
)
FILED = cases(
    ("P1", "2021-04-01", "couple"),
    ("P1", "2021-05-01", "family"),
    ("P2", "2022-01-10", "couple"),
    ("P3", "2021-06-01", "none"),
    ("P6", "2021-08-01", "couple"),
    ("X9", "2021-08-01", "couple"),
    (None, "2021-08-01", "couple"),
)


def test_each_report_and_each_case_has_its_code():
    facts, filed = add_filing(POLICE, FILED)
    assert facts["filing"].tolist()[:5] == [
        "filed",
        "other_year",
        "other_context",
        "not_filed",
        "recent",
    ]
    assert facts["filing"][5:].isna().all()
    assert filed["filing"].isna().tolist() == [False, False, False, True, False, False, False]
    assert filed["filing"].dropna().tolist() == [
        "from_report",
        "from_report",
        "earlier_report",
        "other_report",
        "unknown_report",
        "no_number",
    ]
    assert "filing" not in POLICE
    assert "filing" not in FILED


def test_a_report_is_recent_up_to_sixty_days_before_the_extraction():
    last = pd.Timestamp("2022-01-31")
    days = [last - pd.Timedelta(days=d) for d in (RECENT_DAYS - 1, RECENT_DAYS)]
    facts, _ = add_filing(events(*((f"R{i}", d, "physical") for i, d in enumerate(days))), FILED)
    assert facts["filing"].tolist() == ["recent", "not_filed"]


def test_a_report_with_facts_of_two_years_is_filed_in_the_year_of_its_case():
    two = events(("P1", "2020-12-31", "physical"), ("P1", "2021-01-01", "physical"))
    facts, filed = add_filing(two, FILED[:1])
    assert facts["filing"].tolist() == ["other_year", "filed"]
    assert filed["filing"].tolist() == ["from_report"]


@pytest.mark.parametrize(("side", "column"), [("EVENTS", "form"), ("CASES", "context")])
def test_a_table_without_its_columns_is_refused(side, column):
    tables = {"EVENTS": POLICE, "CASES": FILED}
    tables[side] = tables[side].drop(columns=column)
    with pytest.raises(SchemaError, match=f"table {side}: column {column} is absent"):
        add_filing(*tables.values())


numbers = st.sampled_from(["P1", "P2", "P3", None])
dates = st.sampled_from(["2020-12-30", "2021-01-05", "2021-06-01", "2021-12-31"])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(numbers, dates, st.sampled_from(["physical", None])), min_size=1),
    st.lists(st.tuples(numbers, dates, st.sampled_from(["couple", "none"])), min_size=1),
)
def test_codes_share_out_the_reports_and_the_cases_of_each_year(facts, filed):
    police, prosecutor = add_filing(events(*facts), cases(*filed))
    counted = police[police["form"].notna() & police["report_id"].notna()]
    assert counted["filing"].isin(FILINGS).all()
    by_year = counted.groupby([counted["event_date"].dt.year, "report_id"])["filing"]
    assert (by_year.nunique() == 1).all()  # one code for a report and year
    context = prosecutor["context"] == "couple"
    assert prosecutor["filing"].notna().equals(context)
    made = set(prosecutor.loc[prosecutor["filing"] == "from_report", "report_id"])
    assert made == set(counted.loc[counted["filing"] == "filed", "report_id"])


def test_what_only_linking_adds_is_not_known_where_one_source_is_delivered_alone():
    """A build of the police alone ended in the name of a column, of the prosecutor alone in a KeyError."""
    facts = POLICE.assign(event_id=[str(i) for i in range(len(POLICE))], territory="21004")
    facts = facts[facts["report_id"].notna()].assign(source="police", synthetic=True)
    filed = empty_table(CASES).reindex(range(len(FILED))).assign(**FILED)
    filed = filed.assign(case_id=[f"C{i}" for i in filed.index], decision="open", synthetic=True)
    days = ("2021-01-01", "2021-12-31")
    for indicator, breakdown, source in (
        ("vif_pv", ["filing"], {"police": facts}),
        ("vif_pv_linked", [], {"police": facts}),
        ("vif_cases", ["filing"], {"prosecutor": filed.drop(columns="filing")}),
        ("vif_cases_matched", [], {"prosecutor": filed.drop(columns="filing")}),
    ):
        made = obs.compute(indicator, source, breakdown=breakdown, coverage=days)
        assert set(made["status"]) == {"not_applicable"}
        assert set(made["reason"]) == {"absent_from_source"}
        assert made["numerator"].isna().all()
    alone = obs.compute("vif_cases", {"prosecutor": filed.drop(columns="filing")}, coverage=days)
    # P1 twice, P6, X9 and one without a number; P2 is of 2022, P3 of another context
    assert alone["numerator"].tolist() == [5]
