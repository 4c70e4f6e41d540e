"""Which of several rows of one key is kept: the latest, unless equal ones contradict each other."""

import numpy as np
import pytest

from obs.clean.coded_columns import encode_list
from obs.clean.judge.duplicates import (
    CONFLICTING,
    KEPT,
    MERGED,
    content_id,
    number_identical,
    resolve_duplicates,
)

OLD, NEW, UNKNOWN = "2023-01-31", "2024-01-31", "NaT"


def fates(*rows):
    """Resolve rows of (key, day of extraction, version, what is said)."""
    said = np.array([row[3] for row in rows], dtype="int64")
    made = resolve_duplicates(
        np.array([row[0] for row in rows], dtype="int64"),
        extracted=np.array([row[1] for row in rows], dtype="datetime64[D]"),
        version=np.array([row[2] for row in rows], dtype="float64"),
        content=lambda some: said[some],
    )
    return made.tolist()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([(0, NEW, np.nan, 1)], [KEPT]),
        ([(0, NEW, np.nan, 1), (1, NEW, np.nan, 1)], [KEPT, KEPT]),
        # the latest extraction, wherever it stands, whatever the older one says
        ([(0, OLD, np.nan, 1), (0, NEW, np.nan, 2)], [MERGED, KEPT]),
        ([(0, NEW, np.nan, 1), (0, OLD, np.nan, 2)], [KEPT, MERGED]),
        ([(0, UNKNOWN, np.nan, 1), (0, OLD, np.nan, 2)], [MERGED, KEPT]),
        # then the highest version
        ([(0, NEW, 1, 1), (0, NEW, 2, 2)], [MERGED, KEPT]),
        ([(0, NEW, np.nan, 1), (0, NEW, -1, 2)], [MERGED, KEPT]),
        ([(0, OLD, 9, 1), (0, NEW, 1, 2)], [MERGED, KEPT]),
        # those that tie: the first of equal ones, none of different ones, nor their older versions
        ([(0, NEW, np.nan, 1), (0, NEW, np.nan, 1)], [KEPT, MERGED]),
        ([(0, NEW, np.nan, 1), (0, NEW, np.nan, 2)], [CONFLICTING, CONFLICTING]),
        ([(0, UNKNOWN, np.nan, 1), (0, UNKNOWN, np.nan, 2)], [CONFLICTING, CONFLICTING]),
        ([(0, OLD, 1, 3), (0, NEW, 1, 1), (0, NEW, 1, 2)], [CONFLICTING] * 3),
        ([(0, OLD, 1, 1), (0, OLD, 1, 2), (0, NEW, 1, 1)], [MERGED, MERGED, KEPT]),
        # one key's contradiction is not another's
        (
            [(0, NEW, 1, 1), (1, NEW, 1, 1), (0, NEW, 1, 2), (1, NEW, 1, 1)],
            [CONFLICTING, KEPT, CONFLICTING, MERGED],
        ),
    ],
)
def test_the_fate_of_each_row(rows, expected):
    assert fates(*rows) == expected


def test_rows_are_named_after_their_content_and_cells_do_not_run_together():
    columns = [encode_list([None, "", "ab", "a", "ab"]), encode_list(["x", "x", "c", "bc", "c"])]
    missing, empty, *others = content_id(columns, 5).to_series()
    assert missing == empty  # an empty cell is a missing one
    assert others[0] == others[2]
    assert len({missing, *others}) == 3


def test_rows_of_one_content_are_numbered_within_their_file():
    content = encode_list(["a", "a", "b", "a", "a"])
    numbers = number_identical(np.array([0, 0, 0, 1, 0], dtype="int32"), content)
    assert numbers.tolist() == [0, 1, 0, 0, 2]
