"""What later deliveries changed in last year's figures, worked out by hand on a few dozen facts."""

import datetime as dt

import pandas as pd
import pytest

from obs.locale import languages
from obs.pipeline.publication.revision_causes import FEW, revision_causes
from obs.reference import load_territory
from obs.report.edition.edition_facts import causes_text
from obs.report.note.edition_lists import cause_lines

FIRST, SECOND = pd.Timestamp("2024-01-31"), pd.Timestamp("2024-06-30")
REPORT = pd.DataFrame(
    {
        "extracted": [FIRST, SECOND],
        "covered_from": pd.Timestamp("2023-01-01"),
        "covered_to": pd.Timestamp("2023-12-31"),
    }
)


class Stored:
    """A registry that keeps one earlier delivery."""

    def __init__(self, path):
        self.path = path

    def stored(self, *, source, until, year):
        assert (source, until, year) == ("police", dt.date(2024, 1, 31), 2023)
        return [self.path]


def facts(ids, phenomenon, extracted):
    return pd.DataFrame(
        {
            "event_id": [str(i) for i in ids],
            "event_date": pd.Timestamp("2023-03-05"),
            "territory": "21004",
            "phenomenon": phenomenon,
            "extracted": extracted,
        }
    )


def causes(tmp_path, *, late, requalified, first=60):
    """Deliver burglaries, then late ones, and some of the first anew as thefts of vehicles."""
    path = tmp_path / "first.parquet"
    facts(range(first), "burglary_dwelling", FIRST).to_parquet(path)
    now = pd.concat(
        [
            facts(range(requalified, first), "burglary_dwelling", FIRST),
            facts(range(requalified), "vehicle_theft", SECOND),
            facts(range(first, first + late), "burglary_dwelling", SECOND),
        ],
        ignore_index=True,
    )
    published = {"burglary_dwelling": first + late - requalified, "vehicle_theft": requalified}
    found = revision_causes(
        now,
        REPORT,
        registry=Stored(path),
        year=2023,
        published=published,
        territory=load_territory("brussels"),
    )
    return {one["indicator"]: one for one in found}


def test_late_reports_and_requalified_facts_are_told_apart(tmp_path):
    found = causes(tmp_path, late=40, requalified=12)
    home = found["burglary_dwelling"]
    assert (home["before"], home["after"]) == (60, 88)
    assert (home["late"], home["requalified"]) == (40, -10)
    cars = found["vehicle_theft"]
    assert (cars["before"], cars["after"], cars["late"], cars["requalified"]) == (0, 12, 0, 10)


@pytest.mark.parametrize(
    ("moved", "day", "before", "after", "net"),
    [
        (range(20), "2022-12-30", 60, 40, -20),  # 20 of the 60 facts of 2023 were of 2022
        (range(60, 75), "2023-01-02", 60, 75, 20),  # 15 facts of 2022 were of 2023: 20 in tens
    ],
)
def test_facts_that_are_dated_anew_in_another_year_are_counted(
    tmp_path, moved, day, before, after, net
):
    path = tmp_path / "first.parquet"
    first = facts(range(75), "burglary_dwelling", FIRST)
    first.loc[first["event_id"].astype(int) >= 60, "event_date"] = pd.Timestamp("2022-12-30")
    first.to_parquet(path)
    again = facts(moved, "burglary_dwelling", SECOND).assign(event_date=pd.Timestamp(day))
    kept = first[~first["event_id"].isin(again["event_id"])]
    (home,) = revision_causes(
        pd.concat([kept, again], ignore_index=True),
        REPORT,
        registry=Stored(path),
        year=2023,
        published={"burglary_dwelling": after},
        territory=load_territory("brussels"),
    )
    assert (home["before"], home["after"]) == (before, after)
    assert (home["late"], home["requalified"]) == (0, net)


@pytest.mark.parametrize(("late", "told"), [(FEW - 1, False), (FEW, True)])
def test_a_change_by_few_facts_is_not_told(tmp_path, late, told):
    assert ("burglary_dwelling" in causes(tmp_path, late=late, requalified=0)) is told


def test_a_cause_of_few_facts_is_not_told_apart(tmp_path):
    home = causes(tmp_path, late=40, requalified=3)["burglary_dwelling"]
    assert (home["before"], home["after"]) == (60, 97)
    assert home["late"] == home["requalified"] == ""


def test_nothing_changed_where_no_delivery_followed(tmp_path):
    assert causes(tmp_path, late=0, requalified=0) == {}
    events = facts(range(3), "burglary_dwelling", FIRST)
    options = {"registry": Stored(tmp_path), "year": 2019, "published": {"theft": 3}}
    assert not revision_causes(events, REPORT, territory=load_territory("brussels"), **options)


@pytest.mark.parametrize("lang", languages())
def test_a_change_is_said_and_written_with_its_causes(lang):
    one = {"indicator": "robbery", "period": "2023", "before": 2938, "after": 2955}
    (line,) = cause_lines([one | {"late": 29, "requalified": -12}], lang)
    assert "29" in line
    assert "\u221212" in line
    text = causes_text([one | {"late": "", "requalified": ""}], synthetic=True)
    assert text.splitlines()[1] == "robbery,2023,2938,2955,,,true"
