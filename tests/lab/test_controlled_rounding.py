"""Controlled rounding: additive, and never further from the truth than a choice tried by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from obs.errors import DisclosureError
from obs.lab import round_counts, round_table
from tests.disclosure.sdc_cases import sums_of

GEO = {"Total": ["Iceland", "Portugal", "Spain"], "EU": ["Portugal", "Spain"], "nonEU": ["Iceland"]}


@pytest.fixture
def cases(shared):
    return shared / "cases" / "disclosure"


def margins(inner):
    """Make the keys, counts and sums of a two-way table with its margins."""
    inner = np.asarray(inner)
    rows, columns = (["Total", *map(str, range(n))] for n in inner.shape)
    keys = [(r, c) for r in rows for c in columns]
    full = np.zeros((inner.shape[0] + 1, inner.shape[1] + 1), dtype=int)
    full[1:, 1:], full[0, 1:], full[1:, 0] = inner, inner.sum(axis=0), inner.sum(axis=1)
    full[0, 0] = inner.sum()
    return keys, full.ravel().tolist(), sums_of(keys, [{"Total": rows[1:]}, {"Total": columns[1:]}])


def change(counts, rounded, shown=None):
    moved = np.abs(np.array(rounded) - np.array(counts))
    return int(moved.sum() if shown is None else moved[np.asarray(shown)].sum())


def additive(rounded, sums):
    return all(rounded[t] == sum(rounded[p] for p in parts) for t, parts in sums)


def test_small_counts_of_a_hierarchy_are_no_further_than_the_peer_s(cases):
    peer = pd.read_csv(cases / "c10_smallcountrounding_e6_base5_publish.csv", dtype={"year": "str"})
    keys = list(peer[["geo", "year"]].itertuples(index=False, name=None))
    sums = sums_of(keys, [GEO, {"Total": ["2018", "2019"]}])
    assert additive(peer["rounded"].tolist(), sums)
    ours = round_counts(peer["original"].tolist(), sums, which="small")
    assert additive(ours, sums)
    assert not any(0 < v < 5 for v in ours)
    assert change(peer["original"], ours) <= peer["difference"].abs().sum()


def test_margins_alone_are_no_further_than_the_peer_s(cases):
    """Inner counts are not shown and need no rounding: only the margins of 1 to 4 do."""
    inner = pd.read_csv(cases / "c10_smallcountrounding_exPSD_base5_inner.csv")
    peer = pd.read_csv(cases / "c10_smallcountrounding_exPSD_base5_publish.csv")
    table = inner.pivot(index="rows", columns="cols", values="original")
    keys, counts, sums = margins(table)
    shown = ["Total" in k for k in keys]
    ours = round_counts(counts, sums, which="small", shown=shown)
    assert additive(ours, sums)
    assert not any(0 < v < 5 for v, s in zip(ours, shown, strict=True) if s)
    assert change(counts, ours, shown) <= peer["difference"].abs().sum()


@pytest.mark.parametrize("seed", range(12))
def test_on_unseen_tables_no_choice_tried_one_by_one_is_closer(seed):
    """Every way to leave, to empty or to fill up to five each small inner count."""
    rng = np.random.default_rng(seed)
    keys, counts, sums = margins(rng.poisson(3, (2, 3)))
    shown = np.array([k != ("Total", "Total") for k in keys]) if seed % 2 else None
    ours = round_counts(counts, sums, which="small", shown=shown)
    inner = [i for i, k in enumerate(keys) if "Total" not in k]
    best = np.inf
    for tried in product(*({counts[i], 0, 5} if 0 < counts[i] < 5 else {counts[i]} for i in inner)):
        table = np.reshape(tried, (2, 3))
        full = margins(table)[1]
        seen = [v for i, v in enumerate(full) if shown is None or shown[i]]
        emptied = any(v == 0 < c for v, c in zip(full, counts, strict=True) if c >= 5)
        if not any(0 < v < 5 for v in seen) and not emptied:
            best = min(best, change(counts, full, shown))
    assert change(counts, ours, shown) <= best
    assert additive(ours, sums)


@pytest.mark.parametrize("seed", range(12))
def test_all_counts_rounded_on_unseen_tables_as_close_as_any_choice(seed):
    """Each inner count up or down, tried one by one: totals must be multiples next to theirs."""
    rng = np.random.default_rng(100 + seed)
    keys, counts, sums = margins(rng.poisson(8, (2, 3)))
    ours = round_counts(counts, sums)
    assert additive(ours, sums)
    assert all(v % 5 == 0 and abs(v - c) < 10 for v, c in zip(ours, counts, strict=True))
    inner = [i for i, k in enumerate(keys) if "Total" not in k]
    best = np.inf
    for tried in product(*({5 * (counts[i] // 5), -5 * (-counts[i] // 5)} for i in inner)):
        full = margins(np.reshape(tried, (2, 3)))[1]
        if all(abs(v - c) < 5 for v, c in zip(full, counts, strict=True)):
            best = min(best, change(counts, full))
    assert change(counts, ours) <= best


@pytest.mark.slow
@pytest.mark.parametrize("which", ["all", "small"])
def test_a_table_of_thousands_is_rounded_and_adds_up(which):
    rng = np.random.default_rng(7)
    _, counts, sums = margins(rng.poisson(2, (60, 40)))
    ours = round_counts(counts, sums, which=which)
    assert additive(ours, sums)
    assert not any(0 < v < 5 for v in ours)
    if which == "small":  # nothing of five or more that totals nothing moves
        totals = {t for t, _ in sums}
        assert all(
            a == b
            for i, (a, b) in enumerate(zip(ours, counts, strict=True))
            if i not in totals and b >= 5
        )


def test_nothing_small_nothing_changes_and_zeros_stay():
    keys, counts, sums = margins([[0, 7, 12], [9, 0, 6]])
    assert round_counts(counts, sums, which="small") == counts
    assert round_counts([], []) == []
    assert round_counts([0, 0, 0], [(2, [0, 1])], which="small") == [0, 0, 0]
    assert len(keys) == len(counts)


def test_a_table_says_what_changed():
    table = pd.DataFrame({"numerator": [2, 9, 11]})
    rounded = round_table(table, [(2, [0, 1])], which="small")
    assert rounded["numerator"].tolist() == [0, 9, 9]
    assert rounded["change"].tolist() == [-2, 0, -2]
    assert table["numerator"].tolist() == [2, 9, 11]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"which": "none"}, "all or small"),
        ({"base": 1}, "base of 2 or more"),
    ],
)
def test_options_that_make_no_rounding_are_refused(given, message):
    with pytest.raises(DisclosureError, match=message):
        round_counts([1, 2, 3], [(2, [0, 1])], **given)


@pytest.mark.parametrize(
    ("counts", "sums", "options", "message"),
    [
        ([1, float("nan")], [], {}, "whole counts"),
        ([1, float("inf")], [], {}, "whole counts"),
        (["a", 2], [], {}, "one is no number"),
        ([1, 2, 3], [(5, [0, 1])], {}, "not among the 3 counts"),
        ([1, 2, 3], [(-1, [0, 1])], {}, "not among the 3 counts"),
        ([1, 2, 3], [(2, [0, 1])], {"base": 2.5}, "whole base"),
        ([1, 2, 3], [(2, [0, 1])], {"which": "small", "shown": [True]}, "give one each"),
    ],
)
def test_what_cannot_be_rounded_is_refused_in_words(counts, sums, options, message):
    with pytest.raises(DisclosureError, match=message):
        round_counts(counts, sums, **options)


def test_a_table_without_counts_is_refused():
    with pytest.raises(DisclosureError, match="no column 'numerator'"):
        round_table(pd.DataFrame({"count": [1]}), [])
