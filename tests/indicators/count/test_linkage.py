"""Linking by report number: one row a report, nothing guessed, the matching rate told."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from obs.errors import ObsError, SchemaError
from obs.indicators.count.linkage import LINK_OUTCOMES, count_outcomes, link_reports, matching_rates
from obs.stats import wilson_interval


def events(*rows):
    """Rows of (report, day, commune)."""
    table = pd.DataFrame(rows, columns=["report_id", "event_date", "territory"])
    return table.assign(
        event_date=pd.to_datetime(table["event_date"]),
        report_id=table["report_id"].astype("str"),
        territory=table["territory"].astype("str"),
    )


def cases(*rows):
    """Rows of (case, report, day of entry, case that leads, outcome)."""
    table = pd.DataFrame(rows, columns=["case_id", "report_id", "entry_date", "lead_id", "outcome"])
    texts = {c: table[c].astype("str") for c in ("case_id", "report_id", "lead_id", "outcome")}
    return table.assign(entry_date=pd.to_datetime(table["entry_date"]), territory="21004", **texts)


POLICE = events(
    ("P1", "2021-03-05", "21004"),
    ("P1", "2021-03-01", "21009"),
    ("P2", "2021-04-01", "21004"),
    ("P3", "2021-05-01", "21004"),
    ("P4", "2021-12-30", "21001"),
    (None, "2021-06-01", "21004"),
)
FILED = cases(
    ("A", "P1", "2021-04-01", "A", "summons"),
    ("B", "P2", "2021-05-01", "C", "technical"),  # transferred to C
    ("C", "P2", "2021-06-01", "C", "technical"),
    ("D", "P4", "2022-01-20", "D", "open"),  # two cases that nothing joins
    ("E", "P4", "2022-01-21", "E", "summons"),
    ("F", "P9", "2021-02-01", "F", "mediation"),  # another sender
    ("G", None, "2021-02-01", "G", "open"),
)


@pytest.fixture
def links():
    return link_reports(POLICE, FILED)


def test_each_report_is_one_row(links):
    numbered = links.dropna(subset="report_id").set_index("report_id")
    assert numbered["link"].to_dict() == {
        "P1": "matched",
        "P2": "matched",
        "P3": "police_only",
        "P4": "ambiguous",
        "P9": "prosecutor_only",
    }
    assert numbered.loc["P1", ["facts", "cases", "outcome"]].tolist() == [2, 1, "summons"]
    assert numbered.loc["P2", ["cases", "lead_id", "outcome"]].tolist() == [2, "C", "technical"]


def test_a_report_takes_place_where_its_first_fact_does(links):
    first = links.set_index("report_id").loc["P1"]
    assert (first["territory"], first["year"]) == ("21009", 2021)


def test_an_ambiguous_report_has_no_outcome(links):
    row = links.set_index("report_id").loc["P4"]
    assert row[["lead_id", "outcome"]].isna().all()
    assert row["year"] == 2021  # the fact's year, not that of entry


def test_records_without_a_number_are_told_apart(links):
    rest = links[links["report_id"].isna()]
    assert rest["link"].tolist() == ["without_number"] * 2
    assert rest["side"].tolist() == ["police", "prosecutor"]


def test_every_record_is_in_one_row(links):
    assert links["facts"].sum() == len(POLICE)
    assert links["cases"].sum() == len(FILED)


def test_rates_count_what_is_not_matched_as_such(links):
    rates = matching_rates(links).set_index("side")
    kinds = ["matched", "ambiguous", "unmatched", "without_number", "total"]
    assert rates.loc["police", kinds].tolist() == [2, 1, 1, 1, 5]
    assert rates.loc["prosecutor", kinds].tolist() == [2, 1, 1, 1, 5]
    low, high = map(float, wilson_interval(2, 5))
    assert rates.loc["police", ["value", "low", "high"]].tolist() == pytest.approx([0.4, low, high])


def test_rates_by_year_add_up(links):
    yearly = matching_rates(links, by=["year"])
    whole = matching_rates(links)
    assert yearly.groupby("side")["total"].sum().tolist() == whole["total"].tolist()


def test_outcomes_carry_the_matching_rate(links):
    table = count_outcomes(links)
    assert table["outcome"].tolist() == ["summons", "technical"]
    assert table["value"].tolist() == [0.5, 0.5]
    assert table["denominator"].tolist() == [2, 2]
    assert table["matching"].tolist() == pytest.approx([0.4, 0.4])


def test_outcomes_by_place_carry_the_rate_of_their_place(links):
    table = count_outcomes(links, by=["territory"]).set_index("territory")
    assert table.loc["21009", "matching"] == 1
    assert table.loc["21004", "matching"] == pytest.approx(1 / 3)


def test_input_is_untouched_and_order_does_not_matter(links):
    before = POLICE.copy(), FILED.copy()
    again = link_reports(POLICE[::-1], FILED[::-1])
    assert_frame_equal(again, links)
    assert_frame_equal(POLICE, before[0])
    assert_frame_equal(FILED, before[1])


def test_cases_whose_links_were_not_followed_stand_alone():
    plain = FILED.drop(columns=["lead_id", "outcome"]).assign(decision="open")
    linked = link_reports(POLICE, plain).set_index("report_id")
    assert linked.loc["P2", "link"] == "ambiguous"


def test_empty_sides_are_empty():
    linked = link_reports(POLICE.head(0), FILED)
    assert set(linked["link"]) == {"prosecutor_only", "without_number"}
    rates = matching_rates(linked).set_index("side")
    assert rates.loc["police", "total"] == 0
    assert pd.isna(rates.loc["police", "value"])


def test_persons_and_unknown_columns_are_no_key(links):
    with pytest.raises(ObsError, match="'territory' and 'year'"):
        matching_rates(links, by=["victim_sex"])
    with pytest.raises(SchemaError, match="column report_id is absent"):
        link_reports(POLICE.drop(columns="report_id"), FILED)


numbers = st.lists(st.sampled_from(["P1", "P2", "P3", "P4", None]), max_size=12)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(numbers, numbers, st.data())
def test_the_account_of_links_closes(police, filed, data):
    leads = data.draw(st.lists(st.sampled_from("AB"), min_size=len(filed), max_size=len(filed)))
    facts = events(*((n, "2021-03-01", "21004") for n in police))
    opened = cases(
        *(
            (f"C{i}", n, "2021-04-01", lead, "open")
            for i, (n, lead) in enumerate(zip(filed, leads, strict=True))
        )
    )
    linked = link_reports(facts, opened)
    assert (int(linked["facts"].sum()), int(linked["cases"].sum())) == (len(police), len(filed))
    assert set(linked["link"]) <= set(LINK_OUTCOMES)
    assert linked["report_id"].dropna().is_unique
    rates = matching_rates(linked)
    parts = rates[["matched", "ambiguous", "unmatched", "without_number"]].sum(axis=1)
    assert parts.tolist() == rates["total"].tolist()
