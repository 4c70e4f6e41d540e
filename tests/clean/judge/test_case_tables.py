"""What is doubted of a prosecutor's cases, by hand: orders of dates, links, charges."""

import numpy as np
import pytest

from obs.clean.judge.case_tables import CASE_COUNTS_SHAPE, CASES_SHAPE
from obs.clean.profiles.profile import Profile
from tests.clean.judge.some_rows import rows_of, told

DATES = ("entry_date", "decision_date", "first_close_date", "reopened_date")
TEXTS = (
    "case_id",
    "mother_id",
    "next_id",
    "report_id",
    "section",
    "decision",
    "territory",
    "offence",
)


def case(*, limit="2030-01-01", targets=(*DATES, *TEXTS), unread=(), **cells):
    """Give one row of a case."""
    to = {"case_id": "C1", "decision": "open"} | {k: v for k, v in cells.items() if k not in DATES}
    rows = rows_of(1, to={name: [to.get(name)] for name in TEXTS}, by={"phenomenon": ["assault"]})
    for name in DATES:
        rows.to[name] = np.array([cells.get(name) or "NaT"], dtype="datetime64[D]")
    rows.limit = np.array([limit], dtype="datetime64[D]")
    for name in unread:
        rows.remark(np.array([True]), name, "impossible_date")
    columns = {name: (name,) for name in targets}
    return rows, Profile("own", "Own", "prosecutor", "cases", columns=columns)


def doubts(**cells):
    rows, profile = case(**cells)
    return [(name, rule) for name, rule, hit in CASES_SHAPE.doubt(rows, profile) if hit.any()]


CLOSED = {"entry_date": "2021-01-05", "decision": "summons", "decision_date": "2021-06-01"}
AGAIN = CLOSED | {"first_close_date": "2021-02-01", "reopened_date": "2021-03-01"}


@pytest.mark.parametrize(
    "cells",
    [{"entry_date": "2021-01-05"}, CLOSED, AGAIN, {}, CLOSED | {"decision_date": "2021-01-05"}],
)
def test_sound_cases_have_no_doubt(cells):
    assert doubts(**cells) == []


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (CLOSED | {"decision_date": "2021-01-04"}, [("decision_date", "closed_before_entry")]),
        (AGAIN | {"first_close_date": "2021-01-04"}, [("first_close_date", "closed_before_entry")]),
        (AGAIN | {"reopened_date": "2021-01-31"}, [("reopened_date", "reopening_order")]),
        (AGAIN | {"reopened_date": "2021-06-02"}, [("reopened_date", "reopening_order")]),
        (AGAIN | {"reopened_date": None}, [("reopened_date", "reopening_order")]),
        (AGAIN | {"first_close_date": None}, [("reopened_date", "reopening_order")]),
        (CLOSED | {"decision": "open"}, [("decision_date", "decision_mismatch")]),
        (CLOSED | {"decision": None}, [("decision_date", "decision_mismatch")]),
        (CLOSED | {"decision_date": None}, [("decision_date", "decision_mismatch")]),
        ({"entry_date": "2030-01-02"}, [("entry_date", "future_date")]),
        (CLOSED | {"limit": "2021-05-31"}, [("decision_date", "future_date")]),
        ({"mother_id": "C1"}, [("mother_id", "own_link")]),
        ({"next_id": "C1"}, [("next_id", "own_link")]),
        ({"mother_id": "C2"}, []),
    ],
)
def test_dates_and_links_that_contradict_each_other(cells, found):
    assert doubts(**cells) == found


def test_what_could_not_be_read_contradicts_nothing():
    assert doubts(**CLOSED | {"decision_date": None}, unread=["decision_date"]) == []
    assert doubts(**CLOSED | {"decision": None}, unread=["decision"]) == []
    assert doubts(**AGAIN | {"reopened_date": None}, unread=["reopened_date"]) == []
    assert doubts(**AGAIN | {"first_close_date": None}, unread=["first_close_date"]) == []


def test_columns_that_a_profile_has_not_are_not_doubted():
    without = [name for name in (*DATES, *TEXTS) if name not in ("decision_date", "case_id")]
    assert doubts(**CLOSED | {"decision_date": None}, targets=without) == []
    assert doubts(mother_id="C1", targets=without) == []


def test_a_case_is_laid_out_with_its_context_and_charge():
    rows, profile = case(**CLOSED, offence="beating", mother_id="C0")
    rows.by["relation"] = rows_of(1, x=["family"]).texts["x"]
    table = CASES_SHAPE.arrange(rows, profile)
    assert told(table["charge"]) == ["beating"]
    assert told(table["context"]) == ["family"]
    rows.to["context"] = rows_of(1, x=["couple"]).texts["x"]
    assert told(CASES_SHAPE.arrange(rows, profile)["context"]) == ["couple"]
    assert "entry_period" not in table
    assert told(table["phenomenon"]) == ["assault"]


def test_mothers_and_successors_that_were_never_delivered_are_noted():
    texts = rows_of(
        5,
        case_id=["A", "B", "C", "D", "E"],
        mother_id=["B", "Z", None, None, None],
        next_id=[None, None, "A", "Y", None],
        decision=["joinder", "joinder", "disposition", "disposition", "summons"],
    ).texts
    noted = {rule: np.flatnonzero(hit).tolist() for _, rule, hit in CASES_SHAPE.remark(texts, None)}
    assert noted == {"lost_mother": [1], "lost_transfer": [3]}
    plain = rows_of(1, case_id=["A"], mother_id=[None], next_id=["Q"], decision=["summons"]).texts
    assert [hit.any() for *_, hit in CASES_SHAPE.remark(plain, None)] == [False, False]


def test_charges_are_told_apart_coarse_to_fine():
    columns = ("offence", "article", "detail", "territory", "period", "numerator")
    profile = Profile("o", "O", "prosecutor", "case_counts", columns={c: (c,) for c in columns})
    rows = rows_of(
        3,
        to={
            **{"offence": ["theft", "theft", "arson"], "detail": ["bike", None, None]},
            **{
                "article": [None, None, "510"],
                "territory": ["X"] * 3,
                "period": ["2021", "2022", "2021"],
            },
            "status": ["ok"] * 3,
        },
        by={"phenomenon": ["theft_other"] * 3},
    )
    rows.to["numerator"] = np.array([1, 2, 3])
    table = CASE_COUNTS_SHAPE.arrange(rows, profile)
    assert told(table["charge"]) == [
        "theft / bike / unspecified",
        "theft / unspecified / unspecified",
        "arson / unspecified / 510",
    ]
    assert told(table["unit"]) == ["case"] * 3
    rows.limit = np.array(["2021-12-31"] * 3, dtype="datetime64[D]")
    ((name, rule, hit),) = CASE_COUNTS_SHAPE.doubt(rows, profile)
    assert (name, rule, hit.tolist()) == ("period", "future_date", [False, True, False])
