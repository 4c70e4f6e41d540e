"""Which spellings of places are shown, and how they are counted."""

import numpy as np
import pandas as pd
import pytest

from obs.clean.coded_columns import encode_list
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.territory_rule import TerritoryRule
from obs.clean.unmatched_places import list_unmatched, unmatched_lines


def listed(texts, which=None, **rule):
    own = Profile(
        "o", "O", "police", "events", territory=TerritoryRule(**{"level": "commune"} | rule)
    )
    mask = np.ones(len(texts), dtype=bool) if which is None else np.array(which)
    made = list_unmatched(encode_list(texts), mask, own)
    return [
        (None if pd.isna(t) else t, n) for t, n in zip(made["text"], made["rows"], strict=True)
    ], made


def test_spellings_are_counted_blanks_aside_the_most_frequent_first():
    texts = ["Zaventem", "Tervuren ", "Zaventem", " Tervuren", "Tervuren", None, "Halle"]
    found, _ = listed(texts)
    assert found == [("Tervuren", 3), ("Zaventem", 2), ("Halle", 1)]
    found, _ = listed(texts, [True, True, False, False, False, True, False])
    assert found == [("Tervuren", 1), ("Zaventem", 1)]  # of as many rows, by name


def test_none_is_no_row():
    assert listed([None])[0] == []
    assert listed(["Zaventem"], [False])[0] == []


@pytest.mark.parametrize(
    ("text", "rows", "shown"),
    [
        ("Ixeles", 1, True),  # near a name
        ("Sint-Pieters (Leeuw)", 1, True),  # a few words
        ("Jan Peeters", 1, False),  # holds a first name
        ("Jan Peeters", 9, False),  # may be a person, however often
        ("x9 z", 2, False),
        ("x9 z", 3, True),
        ("A b c d e f g", 1, False),
        ("0475 12 34 56", 5, False),  # a telephone
        ("Zwevegemsteenwegswijkparkpleinenomgeving", 1, True),  # 40 characters
        ("Zwevegemsteenwegswijkparkpleinenomgevings", 9, False),
    ],
)
def test_a_spelling_is_shown_where_it_looks_like_a_place(text, rows, shown):
    found, made = listed([text] * rows)
    assert found == [(text if shown else None, rows)]
    assert (made["reason"][0] == "1 texts that resemble no place") is not shown


def test_what_is_not_shown_is_one_row_last():
    found, made = listed(["x1", "Jan Peeters", "x1", "Halle"])
    assert found == [("Halle", 1), (None, 3)]
    assert made["reason"].tolist()[1] == "2 texts that resemble no place"


def test_points_are_never_shown_and_codes_are_told_by_their_form():
    found, made = listed(["4.35 50.85"] * 4, match="point", crs="EPSG:4326")
    assert found == [(None, 4)]
    assert made["reason"].tolist() == ["1 points that lie in no unit"]
    found, made = listed(["ABC"] * 3, match="pattern", pattern=r"\d{5}")
    assert (found, made["reason"].tolist()) == (
        [("ABC", 3)],
        [r"'ABC' is no code of the form \d{5}"],
    )


def test_the_most_frequent_are_explained_and_further_ones_not_shown(monkeypatch):
    monkeypatch.setattr("obs.clean.unmatched_places._EXPLAINED", 1)
    assert listed(["Zaventem", "Zaventem", "Halle"])[0] == [("Zaventem", 2), (None, 1)]


def test_ten_lines_are_said_and_how_many_more():
    reasons = [f"reason {i}" for i in range(12)]
    table = pd.DataFrame({"reason": reasons, "rows": [1, *range(1000, 1011)]})
    said = unmatched_lines(table)
    assert said[:2] == ["no unit: reason 0 (1 row)", "no unit: reason 1 (1,000 rows)"]
    assert said[-2:] == ["no unit: reason 9 (1,008 rows)", "no unit: 2 more, in unmatched.csv"]
    assert len(unmatched_lines(table.head(11))) == 11
    assert len(unmatched_lines(table.head(10))) == 10
    assert unmatched_lines(table.head(0)) == []
