"""What is told of an estimated population, and what is kept back."""

import pandas as pd
import pytest

from obs.indicators import compute, estimate_population

TWO = pd.DataFrame({"list_a": [1, 1, 0], "list_b": [1, 0, 1], "count": [60, 240, 140]})
FEW = TWO.assign(count=[1, 3, 4])


def row(frame, name="hidden_population", **columns):
    year = pd.PeriodIndex(["2022"] * len(frame), freq="Y")
    return compute(name, {"lists": frame.assign(territory="04000", period=year, **columns)}).iloc[0]


def test_an_estimate_too_wide_to_say_is_withheld_with_its_grade():
    told = row(FEW)
    assert (told["grade"], told["status"], told["reason"]) == ("F", "unreliable", "unreliable")
    assert told[["value", "low", "high"]].isna().all()
    assert (told["numerator"], told["n"], told["smallest_part"]) == (8, 8, 1)


def test_an_estimate_that_stands_is_shown_with_its_limits():
    told = row(TWO)
    assert (told["grade"], told["status"]) == ("A", "ok")
    assert pd.isna(told["reason"])
    assert told["low"] < told["value"] < told["high"]


def test_a_bound_is_shown_where_it_lies_above_those_observed():
    told = row(TWO, "hidden_population_bound")
    assert told["value"] == pytest.approx(440 + 0.5 * 380 * 379 / (2 * 61))
    assert (told["status"], told["grade"]) == ("ok", "A")


def test_where_lists_come_from_is_told():
    days = pd.to_datetime(["2022-01-31", "2023-01-31", None])
    told = row(TWO, synthetic=[False, True, False], extracted=days)
    assert (told["synthetic"], str(told["extracted"])[:10]) == (True, "2023-01-31")
    bare = row(TWO, synthetic=False)
    assert (bare["synthetic"], pd.isna(bare["extracted"])) == (False, True)
    assert pd.isna(row(TWO, extracted=pd.NaT)["extracted"])


def test_rows_of_nobody_and_persons_one_by_one_give_the_same():
    none = pd.DataFrame({"list_a": [0, 1], "list_b": [0, 1], "count": [0, 0]})
    whole = estimate_population(TWO)
    more = estimate_population(pd.concat([TWO, none], ignore_index=True))
    assert (more.total, more.observed, more.smallest_part) == (whole.total, 440, 60)
    each = TWO.loc[TWO.index.repeat(TWO["count"])].drop(columns="count")
    found = estimate_population(each)
    assert found.total == pytest.approx(whole.total)
    assert (found.observed, found.smallest_part, found.sizes) == (
        440,
        60,
        {"list_a": 300, "list_b": 200},
    )
    assert found.hidden == pytest.approx(whole.total - 440)
