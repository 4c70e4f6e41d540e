"""Movements between two extractions: what moved, how old it was, what is not known."""

import pandas as pd
import pytest

from obs.errors import ObsError
from obs.trends import compare_extractions, sum_by_age


def table(rows, freq="M", level="region", **columns):
    periods, counts = zip(*rows, strict=True)
    known = [None if isinstance(c, str) else c for c in counts]
    return pd.DataFrame(
        {
            "indicator": "theft",
            "territory": "04000",
            "period": pd.PeriodIndex(periods, freq=freq),
            "numerator": pd.array(known, dtype="Int64"),
            "denominator": pd.NA,
            "value": pd.NA,
            "low": pd.NA,
            "high": pd.NA,
            "status": [c if isinstance(c, str) else "ok" for c in counts],
            "unit": "fact",
            "n": pd.array(known, dtype="Int64"),
            "grade": None,
            "level": level,
            **columns,
        }
    )


BEFORE = [("2020-02", 100), ("2021-06", 50), ("2021-11", 90), ("2021-12", 80)]
AFTER = [("2020-02", 100), ("2021-06", 48), ("2021-11", 95), ("2021-12", 96), ("2022-01", 70)]


def moved(before=BEFORE, after=AFTER, **options):
    return compare_extractions(
        table(before, **options), table(after, **options), extracted="2022-01-31"
    )


def test_each_period_tells_how_it_moved_and_how_old_it_was():
    found = moved()
    assert found["age"].tolist() == [23, 7, 2, 1, 0]
    assert found["moved"].tolist() == [0, -2, 5, 16, pd.NA]
    assert found["outcome"].tolist() == ["unchanged", "revised", "revised", "revised", "new"]
    assert found["change"][3] == pytest.approx(0.2)


def test_movements_are_summed_by_age():
    sums = sum_by_age(moved()).set_index("age")
    assert sums.index.tolist() == ["0-2", "6-11", "12-23"]
    assert sums.loc["0-2", ["periods", "before", "after", "moved"]].tolist() == [2, 170, 191, 21]
    assert sums.loc["6-11", "moved"] == -2


@pytest.mark.parametrize("status", ["missing", "suppressed_source", "not_applicable"])
def test_what_is_not_known_did_not_move(status):
    found = moved(before=[("2021-11", status)], after=[("2021-11", 7)])
    assert found["outcome"].tolist() == ["unknown"]
    assert pd.isna(found["moved"][0])
    sums = sum_by_age(found)
    assert sums[["periods", "after", "unknown"]].to_numpy().tolist() == [[0, 0, 1]]


def test_a_rise_from_nothing_has_no_percentage():
    found = moved(before=[("2021-11", 0)], after=[("2021-11", 7)])
    assert pd.isna(found["change"][0])
    assert found["moved"][0] == 7


@pytest.mark.parametrize(
    ("month", "age"), [("2021-12", "0-2"), ("2021-11", "0-2"), ("2021-10", "3-5")]
)
def test_both_sides_of_an_age(month, age):
    found = sum_by_age(moved(before=[(month, 5)], after=[(month, 6)]))
    assert found["age"].tolist() == [age]


def test_years_age_from_their_end():
    found = moved(before=[("2021", 5)], after=[("2021", 6)], freq="Y")
    assert found["age"].tolist() == [1]


def test_levels_are_not_added():
    found = pd.concat([moved(), moved(level="zone")])
    with pytest.raises(ObsError, match="several levels"):
        sum_by_age(found)


def test_tables_that_differ_are_refused():
    with pytest.raises(ObsError, match="different periods"):
        compare_extractions(table(BEFORE), table([("2021", 3)], freq="Y"), extracted="2022-01-31")


@pytest.mark.parametrize("ages", [(1, 3), (0, 3, 3), (0, 5, 2)])
def test_ages_begin_with_nought_and_rise(ages):
    with pytest.raises(ObsError, match="begin with 0"):
        sum_by_age(moved(), ages=ages)
