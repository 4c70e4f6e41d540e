"""Bare numbers and capitals of a column, judged together beside chance."""

import numpy as np
import pytest
from scipy.stats import binom

from obs.clean.read.texts_together import SeenTexts, TextsTogether, column_kind


def register(i, *, short=False):
    """Give the number of a person born in 1985 (check: 97 less the rest by 97), or without its zero."""
    base = f"0{i:02d}0730{33:03d}" if short else f"850730{i:03d}"
    return f"{base}{97 - int(base) % 97:02d}"


def wrong(i):
    return f"850730{i:03d}{(97 - int(f'850730{i:03d}') % 97) % 97 + 1:02d}"


def test_numbers_that_all_pass_are_of_persons_however_few():
    assert column_kind([register(33)], identifier=True) == "national register number"
    assert column_kind([register(33)]) is None  # judged alone elsewhere
    assert column_kind([register(5, short=True).lstrip("0")]) == "national register number"


@pytest.mark.parametrize(
    ("good", "bad", "told"), [(3, 2, True), (2, 2, False), (1, 1, False), (2, 1, True)]
)
def test_more_than_half_are_far_more_than_chance_gives(good, bad, told):
    texts = [register(10 + i) for i in range(good)] + [wrong(50 + i) for i in range(bad)]
    found = column_kind(texts, identifier=True)
    assert found == ("national register number" if told else None)


@pytest.mark.parametrize(("good", "bad"), [(8, 3), (9, 3), (10, 4), (11, 4), (12, 7), (13, 7)])
def test_mobile_numbers_pass_by_chance_more_often(good, bad):
    """Three numbers of nine digits in ten are a mobile without its zero by chance."""
    texts = [f"47012{i}" for i in range(1000, 1000 + good)]
    texts += [f"11012{i}" for i in range(1000, 1000 + bad)]
    seldom = binom.sf(good - 1, good + bad, 0.3) < 0.001
    assert (column_kind(texts) == "phone number") == seldom


def test_names_in_capitals_are_more_than_a_quarter_and_more_than_two():
    names = ["JAN PEETERS", "MARIE DUBOIS", "PIERRE LAMBERT"]
    classes = [f"VOL {c * 5}" for c in "ABCDEFGHIJ"]
    assert column_kind([*names, *classes[:8]]) == "person's name"
    assert column_kind([*names, *classes[:9]]) is None  # three of twelve: a quarter
    assert column_kind(names[:2]) is None
    assert column_kind([*names, *(f"12-{i}" for i in range(90))]) == "person's name"


def test_counts_are_added_part_by_part():
    together = TextsTogether(identifier=True)
    for i in range(3):
        together.add([register(10 + i)])
    assert (together.whole.n, together.whole.k) == (3, 3)
    together.add([wrong(60), "abc def", "12345678"])
    assert (together.whole.n, together.whole.k, together.names.n, together.short.n) == (4, 3, 1, 1)
    assert TextsTogether(identifier=False).kind() is None


def test_of_five_hundred_and_more_half_is_never_by_chance():
    half = [register(i) for i in range(1, 252)] + [wrong(i) for i in range(300, 549)]
    assert len(set(half)) == 500
    assert column_kind(half, identifier=True) == "national register number"
    assert column_kind(half[1:] + [wrong(600), wrong(601)], identifier=True) is None


def test_texts_are_known_again_with_how_often_they_came():
    seen = SeenTexts()
    assert seen.before(["a", "b"], np.array([1, 5])).tolist() == [0, 0]
    assert seen.before(["b", "c"], np.array([2, 1])).tolist() == [5, 0]
    assert seen.before(["c", "b", "a"], np.array([1, 1, 1])).tolist() == [1, 7, 1]
    assert seen.fresh(["a", "d"]) == ["d"]
    assert seen.fresh(["d", "e"]) == ["e"]
    assert len(seen.known) == 5
