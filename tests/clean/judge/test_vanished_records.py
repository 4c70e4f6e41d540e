"""Records that a later delivery of the same days no longer has, by hand."""

import numpy as np
import pytest

from obs.clean.judge.vanished_records import find_vanished


def day(text):
    return np.datetime64(text or "NaT", "D")


def vanished(rows, extracted, windows):
    """Tell the rows (record, file, day) that vanished."""
    key, file, when = zip(*rows, strict=True)
    return find_vanished(
        np.array(key, dtype="int64"),
        np.array(file, dtype="int32"),
        np.array([day(one) for one in when]),
        extracted=np.array([day(one) for one in extracted]),
        windows=[(day(a), day(b)) for a, b in windows],
    ).tolist()


YEAR = ("2021-01-01", "2021-12-31")
TWO = ("2022-01-31", "2022-06-30")


@pytest.mark.parametrize(
    ("when", "gone"),
    [("2021-01-01", True), ("2021-12-31", True), ("2020-12-31", False), ("2022-01-01", False)],
)
def test_what_a_later_delivery_covers_and_lacks_is_gone(when, gone):
    rows = [(0, 0, when), (1, 1, "2021-05-05")]
    assert vanished(rows, TWO, [YEAR, YEAR]) == [gone, False]


def test_what_it_still_has_or_a_still_later_one_has_again_is_not():
    assert vanished([(0, 0, "2021-05-05"), (0, 1, "2021-05-05")], TWO, [YEAR, YEAR]) == [False] * 2
    three = (*TWO, "2022-12-31")
    rows = [(0, 0, "2021-05-05"), (1, 1, "2021-05-05"), (0, 2, "2021-05-05")]
    assert vanished(rows, three, [YEAR] * 3) == [False, True, False]


def test_an_earlier_delivery_or_one_of_the_same_day_takes_nothing_away():
    rows = [(0, 1, "2021-05-05"), (1, 0, "2021-05-05")]
    assert vanished(rows, TWO, [YEAR, YEAR]) == [False, True]
    assert vanished(rows, TWO[:1] * 2, [YEAR, YEAR]) == [False, False]


def test_a_delivery_without_a_day_or_without_days_takes_nothing_away():
    rows = [(0, 0, "2021-05-05"), (1, 1, "2021-05-05")]
    assert vanished(rows, (TWO[0], ""), [YEAR, YEAR]) == [False, False]
    assert vanished(rows, ("", TWO[1]), [YEAR, YEAR]) == [False, False]
    for window in (("", "2021-12-31"), ("2021-01-01", ""), ("", "")):
        assert vanished(rows, TWO, [YEAR, window]) == [False, False]
    open_ones = [("", ""), YEAR]  # a delivery after one that covers nothing still counts
    assert vanished(rows, TWO, open_ones) == [True, False]


def test_one_delivery_or_no_row_has_nothing_to_lose():
    assert vanished([(0, 0, "2021-05-05")], TWO[:1], [YEAR]) == [False]
    none = np.array([], dtype="int64")
    days = np.array([], dtype="datetime64[D]")
    extracted = np.array([day(one) for one in TWO])
    found = find_vanished(none, none.astype("int32"), days, extracted=extracted, windows=[])
    assert found.tolist() == []
