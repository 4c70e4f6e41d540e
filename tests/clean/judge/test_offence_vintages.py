"""Entries of offences with days: one code, another meaning before and after a law."""

import datetime as dt

import pandas as pd
import pytest

from obs.clean import clean_police, load_profile
from obs.errors import CatalogueError

FACTS = """
name = "facts"
title = "Facts"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d", "%Y-%m", "%Y"]
identical = "keep"
offences = [
  { offence = "S1", phenomenon = "indecent_assault", until = 2022-05-31 },
  { offence = "S1", phenomenon = "sexual_violence", from = 2022-06-01 },
  { offence = "V.*", phenomenon = "theft_other" },
]

[territory]
territory = "brussels"
level = "commune"

[columns]
event_date = "date"
territory = "place"
offence = "code"
"""
COUNTS = """
name = "counts"
title = "Counts"
kind = "police"
shape = "counts"
period = "%Y"
offences = [
  { offence = "S1", phenomenon = "indecent_assault", until = 2022-05-31 },
  { offence = "S1", phenomenon = "sexual_violence", from = 2022-06-01 },
]

[territory]
territory = "brussels"
level = "commune"

[constants]
unit = "fact"

[columns]
period = "year"
territory = "place"
offence = "code"
numerator = "n"
"""


@pytest.fixture
def profile(tmp_path):
    def write(text):
        path = tmp_path / "one.toml"
        path.write_text(text, encoding="utf-8")
        return load_profile(path)

    return write


def facts(*rows):
    return pd.DataFrame(rows, columns=["date", "code"]).assign(place="Ixelles")


def test_the_day_of_the_fact_decides_which_entry_applies(profile):
    rows = facts(
        ("2022-05-31", "S1"), ("2022-06-01", "S1"), ("2019-01-01", "S1"), ("2022-06-01", "V1")
    )
    table = clean_police(rows, profile=profile(FACTS)).table
    assert table["phenomenon"].tolist() == [
        "indecent_assault",
        "sexual_violence",
        "indecent_assault",
        "theft_other",
    ]


def test_a_month_or_a_year_is_of_an_entry_only_if_it_lies_wholly_in_its_days(profile):
    rows = facts(("2022-05", "S1"), ("2022-06", "S1"), ("2022", "S1"), ("2022", "V1"))
    cleaned = clean_police(rows, profile=profile(FACTS))
    assert cleaned.table["phenomenon"].tolist() == [
        "indecent_assault",
        "sexual_violence",
        "theft_other",
    ]
    assert cleaned.rejected[["row", "rule"]].values.tolist() == [[3, "out_of_validity"]]
    assert "do not apply on the days of this row" in cleaned.rejected["message"].iloc[0]


def test_a_count_of_the_year_of_the_law_is_of_neither(profile):
    rows = pd.DataFrame(
        {"year": ["2021", "2022", "2023"], "place": "Ixelles", "code": "S1", "n": ["4", "5", "6"]}
    )
    cleaned = clean_police(rows, profile=profile(COUNTS))
    assert cleaned.table["phenomenon"].tolist() == ["indecent_assault", "sexual_violence"]
    assert cleaned.rejected["rule"].tolist() == ["out_of_validity"]
    report = cleaned.report.iloc[0]
    assert (report["sum_read"], report["sum_kept"], report["sum_rejected"]) == (15, 10, 5)


def test_what_the_profile_knows_of_other_days_is_no_other_offence(profile):
    text = FACTS.replace("identical =", 'other = "other"\nidentical =').replace(
        '  { offence = "S1", phenomenon = "sexual_violence", from = 2022-06-01 },\n', ""
    )
    cleaned = clean_police(facts(("2023-01-01", "S1"), ("2023-01-01", "X")), profile=profile(text))
    assert cleaned.table["phenomenon"].tolist() == ["other"]
    assert cleaned.rejected["rule"].tolist() == ["out_of_validity"]


def test_a_row_has_one_fate_alone_and_among_others(profile):
    many = [("2022-05-31", "S1"), ("2022-06-01", "S1"), ("2022", "S1"), ("2020-02-03", "V9")]
    together = clean_police(facts(*many), profile=profile(FACTS))
    alone = [clean_police(facts(row), profile=profile(FACTS)).table for row in many]
    kept = [one["phenomenon"].iloc[0] for one in alone if len(one)]
    assert kept == together.table["phenomenon"].tolist()


def test_days_in_the_wrong_order_or_written_as_texts_are_faults(profile):
    with pytest.raises(CatalogueError, match=r"offences\.0\.until: the last day is before"):
        profile(FACTS.replace("until = 2022-05-31", "from = 2022-06-01, until = 2022-05-31"))
    with pytest.raises(CatalogueError, match=r"'offences\.1\.from' must be a day such as"):
        profile(FACTS.replace("from = 2022-06-01", 'from = "2022-06-01"'))
    assert profile(FACTS).offences[1].from_ == dt.date(2022, 6, 1)
    with pytest.raises(CatalogueError, match="keys here: .*from, until"):
        profile(FACTS.replace("from = 2022-06-01", "since = 2022-06-01"))
