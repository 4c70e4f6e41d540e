"""The lines under a figure: each number of what is withheld, the row of the reading example."""

import pandas as pd
import pytest

from obs.reference import load_territory
from obs.report.facts.subject import Subject
from obs.report.figures.figure_notes import example_row, lines_under
from tests.report.small_tables import indicator_table

COMMUNES = load_territory().codes("commune")


def subject(rows, **columns):
    table = indicator_table(rows).assign(**columns)
    return Subject(table, "en", load_territory(), (), "years", synthetic=True)


def row(territory, period, count, status="ok", **more):
    level = "region" if territory == "04000" else "commune"
    key = {"indicator": "theft", "territory": territory, "level": level, "period": period}
    return key | {"numerator": count, "denominator": 100_000, "status": status} | more


def withheld_line(statuses, **columns):
    rows = [
        row(code, 2024, 30 if status == "ok" else None, status)
        for code, status in zip(COMMUNES, statuses, strict=False)
    ]
    lines = lines_under(subject(rows, **columns))
    return next((line.text for line in lines if line.label.startswith("Not published")), "")


def test_each_kind_of_value_that_is_not_published_is_counted_apart():
    statuses = [
        *["suppressed_primary"] * 2,
        *["suppressed_secondary"] * 3,
        *["suppressed_source"] * 4,
        *["unreliable"] * 6,
        *["missing", "ok", "not_applicable"],
    ]
    assert withheld_line(statuses) == (
        "5 values not published, under the confidentiality rule, 4 values that the source does not "
        "release, 6 values not published: too few offences. Such a value exists; it is not zero. "
        "Unknown values: 1."
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("suppressed_primary", "1 value not published, under the confidentiality rule."),
        ("suppressed_secondary", "1 value not published, under the confidentiality rule."),
        ("suppressed_source", "1 value that the source does not release."),
        ("unreliable", "1 value not published: too few offences."),
    ],
)
def test_a_kind_that_does_not_occur_is_not_named(status, said):
    assert withheld_line(["ok", status]) == f"{said} Such a value exists; it is not zero."


def test_missing_values_are_not_withheld_and_nothing_is_said_of_none():
    assert withheld_line(["ok", "missing", "missing"]) == "Unknown values: 2."
    assert withheld_line(["ok", "ok"]) == ""
    assert withheld_line(["ok", "unreliable"], source="survey").startswith(
        "1 estimate not published: too few answers."
    )


def example(*rows):
    chosen = example_row(subject(rows))
    return None if chosen is None else (chosen["territory"], str(chosen["period"]))


PART = {
    "days": 100,
    "covered_from": pd.Timestamp("2024-01-01"),
    "covered_to": pd.Timestamp("2024-04-09"),
}
WHOLE = {"days": 365, "covered_from": pd.NaT, "covered_to": pd.NaT}


def test_the_example_is_the_last_whole_period():
    years = [row("04000", year, 30, **WHOLE) for year in (2021, 2022, 2023)]
    assert example(*years, row("04000", 2024, 9, **PART)) == ("04000", "2023")
    assert example(row("04000", 2024, 9, **PART)) == ("04000", "2024")  # no other


def test_the_example_is_the_whole_territory_of_that_period_where_it_is_published():
    first, second = COMMUNES[:2]
    places = [row(first, 2024, 5), row("04000", 2024, 30), row("04000", 2023, 31)]
    assert example(*places) == ("04000", "2024")
    assert example(row(first, 2024, 5), row(second, 2024, 6), row("04000", 2023, 31)) == (
        first,
        "2024",
    )
    hidden = row(first, 2024, None, "suppressed_primary")
    assert example(hidden, row(second, 2024, 6)) == (second, "2024")
    assert example(hidden) is None
