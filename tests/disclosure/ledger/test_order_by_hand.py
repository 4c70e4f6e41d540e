"""When all counts of an edition were known together, line by line: by hand."""

import pytest

from obs.disclosure.ledger.edition_order import edition_order, is_as_it_was, stood_at

A, B = ("A", "count"), ("B", "count")
# the lines: edition, cell, figure
LINES = [
    ("2022", *A, "10"),
    ("2022", *B, "20"),
    ("2023", *A, "11"),
    ("2024", *A, "10"),
]


@pytest.mark.parametrize(
    ("counts", "numbers", "after"),
    [
        ([(*A, "10")], range(5), 1),
        ([(*A, "10"), (*B, "20")], range(5), 2),
        ([(*A, "10"), (*B, "20")], range(3, 5), 4),
        ([(*A, "11"), (*B, "20")], range(5), 3),
        ([(*A, "11"), (*B, "20")], [2, 4], None),
        ([(*A, "12")], range(5), None),
        ([], range(5), 0),
        ([], range(2, 5), 2),
        ([], [], None),
        ([(*A, "10"), (*A, "11")], range(5), 3),  # a notice beside what it corrects
        ([("C", "count", "1")], range(5), None),
    ],
)
def test_counts_stood_after_the_line_that_completed_them(counts, numbers, after):
    assert stood_at(LINES, counts, numbers) == after


@pytest.mark.parametrize(
    ("edition", "counts", "since", "again", "after"),
    [
        ("2022", [(*A, "10"), (*B, "20")], 2, True, 2),
        ("2022", [(*A, "11"), (*B, "20")], 2, True, 3),
        ("2022", [(*A, "10"), (*B, "20")], 3, True, 4),
        (
            "2022",
            [(*A, "11")],
            2,
            False,
            3,
        ),  # the next line is of a later edition, which revised it
        ("2023", [(*A, "10")], 2, False, 2),
        ("2025", [(*A, "11")], 2, False, None),  # what it shows was revised before it
        ("2022", [(*A, "9")], 0, True, None),
    ],
)
def test_an_edition_is_as_it_was_if_it_ever_stood_so(edition, counts, since, again, after):
    assert is_as_it_was(LINES, counts, edition, since=since, again=again) == after


def test_numbers_are_ordered_as_numbers():
    names = ["9", "10", "2024", "2024-2", "2024a9", "2024a10", "2025", "a"]
    assert sorted(reversed(names), key=edition_order) == names
