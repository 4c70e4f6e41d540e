"""Files that are read whole (JSON), cleaned together: what each row becomes, by hand."""

import json

import pandas as pd
import pytest

from obs.clean import clean_helpline, clean_police
from obs.clean.profiles.profile import Line, Profile
from obs.clean.profiles.territory_rule import TerritoryRule
from tests.clean.profile_texts import COUNTS, FACTS, profile

EARLY, LATE = "facts_20220131.json", "facts_20220630.json"


@pytest.fixture
def clean(tmp_path):
    """Give a function that cleans JSON files of facts (identifier, day, commune, fact)."""

    def of(files, *, more="", apart=False, covers=""):
        by = profile(FACTS, more=more, file=f"extracted = '_(\\d{{8}})'\n{covers}")
        paths = []
        for name, rows in files.items():
            records = [
                dict(zip(("ID", "Date", "Commune", "Fait"), row, strict=True)) for row in rows
            ]
            paths.append(tmp_path / name)
            paths[-1].write_text(json.dumps(records), encoding="utf-8")
        return clean_police(paths, profile=by, apart=apart)

    return of


def fact(name, day="05/03/2021", place="21001", what="VOL"):
    return (name, day, place, what)


def rejected(made):
    return made.rejected[["file", "row", "rule"]].to_numpy().tolist()


def flagged(made, rule):
    own = made.flagged[made.flagged["rule"] == rule]
    return own[["file", "row"]].to_numpy().tolist()


def test_the_latest_extraction_of_a_record_is_kept(clean):
    made = clean({EARLY: [fact("F1"), fact("F2")], LATE: [fact("F1", place="21004"), fact("F2")]})
    assert dict(zip(made.table["event_id"], made.table["territory"], strict=True)) == {
        "F1": "21004",
        "F2": "21001",
    }
    assert made.report[["read", "kept", "merged"]].to_numpy().tolist() == [[2, 0, 2], [2, 2, 0]]


@pytest.mark.parametrize(
    ("vanished", "kept", "said", "lost"),
    [
        ("", ["F1", "F2", "F3"], [[EARLY, 1]], []),
        ("keep", ["F1", "F2", "F3"], [], []),
        ("drop", ["F2", "F3"], [], [[EARLY, 1, "withdrawn"]]),
    ],
)
def test_a_record_that_a_later_delivery_of_its_days_lacks(clean, vanished, kept, said, lost):
    early = [fact("F1"), fact("F2", "01/03/2021")]
    late = [fact("F2", "01/03/2021"), fact("F3", "09/03/2021")]
    made = clean({EARLY: early, LATE: late}, more=f'vanished = "{vanished}"')
    assert sorted(made.table["event_id"]) == kept
    assert flagged(made, "no_longer_delivered") == said
    assert rejected(made) == lost


def test_days_that_a_later_delivery_does_not_cover_lose_nothing(clean):
    made = clean({EARLY: [fact("F1")], LATE: [fact("F2", "06/03/2021")]}, more='vanished = "drop"')
    assert sorted(made.table["event_id"]) == ["F1", "F2"]
    by_name = {
        "facts_2021_20220131.json": [fact("F1")],
        "facts_2021_20220630.json": [fact("F2", "06/03/2021")],
    }
    made = clean(by_name, more='vanished = "drop"', covers="covers = 'facts_(\\d{4})_'")
    assert made.table["event_id"].tolist() == ["F2"]
    faulty = clean(
        {EARLY: [fact("F1")], LATE: [fact("F2", "01/01/2021", "x"), fact("F3", "09/03/2021")]},
        more='vanished = "drop"',
    )
    assert sorted(faulty.table["event_id"]) == ["F1", "F3"]  # the days are those of sound rows


def test_a_day_far_from_the_rest_of_its_file_is_remarked(clean):
    near = [fact(f"F{i}", "05/03/2021") for i in range(8)]
    made = clean({EARLY: [*near, fact("old", "05/03/1999")]})
    assert flagged(made, "far_date") == [[EARLY, 9]]
    assert flagged(clean({EARLY: near}), "far_date") == []
    refused = clean({EARLY: [*near, fact("old", "05/03/1999")]}, more="earliest = 2000")
    assert rejected(refused) == [[EARLY, 9, "too_old"]]
    assert flagged(refused, "far_date") == []
    two = clean({EARLY: near, LATE: [fact(f"G{i}", "05/03/1999") for i in range(8)]})
    assert flagged(two, "far_date") == []  # far from another file


def test_each_file_may_be_decided_by_itself_too(clean):
    files = {EARLY: [fact("F1"), fact("F2")], LATE: [fact("F1", place="21004")]}
    made = clean(files, apart=True)
    assert [one.table["event_id"].tolist() for one in made.deliveries] == [["F1", "F2"], ["F1"]]
    assert [one.report["file"].tolist() for one in made.deliveries] == [[EARLY], [LATE]]
    assert [len(one.flagged) for one in made.deliveries] == [0, 0]
    alone = clean({EARLY: files[EARLY]}, apart=True)
    assert len(alone.deliveries) == 1
    assert clean(files).deliveries == ()


def test_places_of_no_unit_are_listed_whether_they_reject_or_not(clean):
    made = clean(
        {
            EARLY: [
                fact("F1", place="Zaventem"),
                fact("F2", place="Zaventem"),
                fact("F3"),
                fact("F4", place="Tervuren", what="?"),
            ]
        }
    )
    assert made.unmatched[["text", "rows"]].to_numpy().tolist() == [
        ["Zaventem", 2],
        ["Tervuren", 1],
    ]
    calls = Profile(
        *("own", "Own", "helpline", "calls"),
        source="helpline",
        columns={name: (name,) for name in ("call_id", "date", "line", "territory")},
        dates=("%Y-%m-%d",),
        territory=TerritoryRule(level="commune"),
        lines={"EVC": Line({"fr": "Ecoute"})},
    )
    table = pd.DataFrame(
        {
            "call_id": ["1", "2"],
            "date": "2022-07-18",
            "line": "EVC",
            "territory": ["Zaventem", "21001"],
        }
    )
    kept = clean_helpline(table, profile=calls)
    assert len(kept.table) == 2
    assert kept.unmatched[["text", "rows"]].to_numpy().tolist() == [["Zaventem", 1]]


def test_counts_are_kept_with_their_columns_and_added_where_it_is_said(tmp_path):
    rows = [
        {"nis": "21001", "annee": "2021", "fait": f, "n": n}
        for f, n in (("VOL A", "3"), ("VOL B", "4"))
    ]
    path = tmp_path / "counts.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    made = clean_police(path, profile=profile(COUNTS, more='summed = ["offence"]'))
    assert made.table["numerator"].tolist() == [7]
    sums = made.report[[f"sum_{name}" for name in ("read", "kept", "merged", "rejected")]]
    assert sums.to_numpy().tolist() == [[7, 7, 0, 0]]
    assert flagged(made, "added_rows") == [["counts.json", 1]]
    assert made.first[["fate", "place"]].astype("object").where(
        made.first[["fate", "place"]].notna(), None
    ).to_numpy().tolist() == [
        ["kept", 0],
        ["merged", None],
    ]


def test_places_of_no_unit_are_those_of_the_file_at_hand(clean):
    files = {
        EARLY: [fact("F1", place="Zaventem"), fact("F2")],
        LATE: [fact("F3", place="Tervuren"), fact("F4")],
    }
    made = clean(files, apart=True)
    assert [one.unmatched["text"].tolist() for one in made.deliveries] == [
        ["Zaventem"],
        ["Tervuren"],
    ]
    assert sorted(made.unmatched["text"]) == ["Tervuren", "Zaventem"]


def test_counts_bear_their_population_where_it_is_delivered():
    table = pd.DataFrame(
        {"nis": ["21001"], "annee": ["2021"], "fait": ["VOL"], "n": ["3"], "pop": ["100"]}
    )
    made = clean_police(table, profile=profile(COUNTS, columns='population = "pop"')).table
    assert made["population"].tolist() == [100.0]
    assert "dwellings" not in made
    bare = clean_police(table.drop(columns="pop"), profile=profile(COUNTS)).table
    assert "population" not in bare
