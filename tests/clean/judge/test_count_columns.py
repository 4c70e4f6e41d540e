"""Counts of one key added, rates refused, months that lack a day: by hand."""

import numpy as np
import pandas as pd
import pytest

from obs.clean.coded_columns import encode_list
from obs.clean.judge.count_columns import add_counts, check_rates, check_splits, mark_broken_months
from obs.clean.profiles.profile import Profile
from obs.clean.read.headers import Bound
from obs.clean.read.reading import Reading
from obs.errors import DeliveryError
from tests.clean.judge.some_rows import remarks, rows_of, told


def profile(**keys):
    columns = {"territory": ("nis",), "numerator": ("n",)}
    return Profile("own", "Own", "police", "counts", **{"columns": columns} | keys)


def reading(columns, by=None, *, numerator="n"):
    n = max(map(len, columns.values()))
    names = [*columns]
    bound = {"numerator": names.index(numerator)} | (
        {"territory": names.index("nis")} if "nis" in names else {}
    )
    coded = [encode_list(list(texts)) for texts in columns.values()]
    return Reading(
        "a.csv", names, coded, np.arange(2, n + 2), bound=Bound(bound), layout=by or profile()
    )


@pytest.mark.parametrize(
    ("name", "texts", "refused"),
    [
        ("n", ["1", "2", "3"], None),
        ("taux", ["1", "2"], "its name tells so"),
        ("Taux_2021", ["1"], "its name tells so"),
        ("n %", ["1"], "its name tells so"),
        ("n ‰", ["1"], "its name tells so"),
        ("statut", ["1"], None),  # no word of it is one of rates
        ("n", ["1.5", "2.5", "3"], "67% of its numbers other than 0 have a fraction"),
        ("n", ["1.5", "2"], None),  # half is not more than half
        ("n", ["0", "0", "1.5"], "100% of its numbers"),
        ("n", ["50%", "x"], "100% of its numbers"),
    ],
)
def test_rates_are_refused_where_counts_are_read(name, texts, refused):
    one = reading({name: texts}, numerator=name)
    if refused is None:
        check_rates([one])
        return
    with pytest.raises(
        DeliveryError, match=f"column '{name}' holds rates or shares, not counts .{refused}"
    ):
        check_rates([one])
    allowed = reading({name: texts}, profile(allow=(name,)), numerator=name)
    check_rates([allowed])


def added(
    numbers, *, key=None, status=None, file=None, extracted=None, beside=None, by=None, bad=()
):
    """Add counts whose rows stand in one or more files; `beside` is another column of theirs."""
    n = len(numbers)
    rows = rows_of(n, file=file, extracted=extracted)
    rows.to["numerator"] = pd.array(numbers, dtype="Int64")
    rows.to["status"] = encode_list(
        status or ["ok" if v else "missing" if v is None else "zero" for v in numbers]
    )
    rows.fault[list(bad)] = 0
    texts = {"n": [str(v) for v in numbers], "x": beside or [str(i) for i in range(n)]}
    readings = [reading(texts)] * (max(file or [0]) + 1)
    made = add_counts(rows, np.array(key or [0] * n), readings, by or profile(repeated="add"))
    return rows, made


def test_counts_of_one_key_are_added_in_their_first_row():
    rows, made = added([3, 4, 5, 7], key=[0, 1, 0, 0])
    assert told(rows.to["numerator"]) == [15, 4, 5, 7]
    assert made.owner.tolist() == [0, 1, 0, 0]
    assert made.terms.tolist() == [3, 1, 1, 1]
    assert made.counted.all()
    assert told(rows.to["status"]) == ["ok"] * 4


def test_a_count_alone_stays_as_it_is():
    rows, made = added([3, None], key=[0, 1])
    assert told(rows.to["numerator"]) == [3, None]
    assert (made.owner.tolist(), made.terms.tolist()) == ([0, 1], [1, 1])
    rows, made = added([3, 4], bad=[0, 1])
    assert made.owner.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("numbers", "status", "sum_", "said"),
    [
        ([0, 0], None, 0, "zero"),
        ([0, 2], None, 2, "ok"),
        ([1, 2], ["ok", "provisional"], 3, "provisional"),
        ([1, 2], ["unreliable", "ok"], 3, "provisional"),
        ([1, None], ["ok", "missing"], None, "missing"),
        ([1, None], ["ok", "not_applicable"], None, "missing"),
        ([None, None], ["missing", "suppressed_source"], None, "suppressed_source"),
        ([1, None], ["provisional", "suppressed_source"], None, "suppressed_source"),
    ],
)
def test_a_sum_is_as_known_as_its_least_known_part(numbers, status, sum_, said):
    rows, made = added(numbers, status=status)
    assert told(rows.to["numerator"])[0] == sum_
    assert told(rows.to["status"])[0] == said
    assert made.counted.tolist() == [sum_ is not None] * 2


def test_identical_rows_count_once_unless_the_profile_keeps_them():
    rows, made = added([3, 3, 3], beside=["a", "a", "b"])
    assert told(rows.to["numerator"])[0] == 6
    assert made.counted.tolist() == [True, False, True]
    assert made.owner.tolist() == [0, 0, 0]
    assert made.terms.tolist() == [2, 1, 1]
    rows, made = added(
        [3, 3, 3], beside=["a", "a", "b"], by=profile(repeated="add", identical="keep")
    )
    assert told(rows.to["numerator"])[0] == 9
    rows, made = added([3, 3], beside=["a", "a"])  # twins alone: no sum, and merging decides
    assert told(rows.to["numerator"]) == [3, 3]
    assert made.owner.tolist() == [0, 1]


def test_files_extractions_and_faulty_rows_are_not_added_together():
    rows, made = added([3, 4], file=[0, 1])
    assert told(rows.to["numerator"]) == [3, 4]
    rows, made = added([3, 4], extracted=["2021-01-01", "2022-01-01"])
    assert told(rows.to["numerator"]) == [3, 4]
    rows, made = added([3, 4, 5], bad=[0])
    assert told(rows.to["numerator"]) == [3, 9, 5]
    assert made.owner.tolist() == [0, 1, 1]


def split(columns, key=None, by=None, bad=()):
    n = len(next(iter(columns.values())))
    by = by or profile()
    rows = rows_of(n)
    rows.fault[list(bad)] = 0
    check_splits(rows, np.array(key or [0] * n), [reading(columns, by)], by)


ROWS = {"nis": ["1", "1"], "n": ["3", "4"], "sexe": ["H", "F"]}


def test_rows_of_one_key_that_differ_elsewhere_are_refused():
    with pytest.raises(DeliveryError) as refused:
        split(ROWS)
    said = str(refused.value)
    assert "rows of one key (territory) differ in column 'sexe'" in said
    assert "(1 keys, first in line 2 and 3)" in said


@pytest.mark.parametrize(
    ("changed", "options"),
    [
        ({"sexe": ["H", "h"]}, {}),  # spellings apart
        ({"sexe": ["1", "1.0"]}, {}),
        ({"sexe": [None, None]}, {}),
        ({}, {"key": [0, 1]}),
        ({}, {"bad": [0]}),
        ({}, {"by": profile(summed=("Sexe",))}),
        ({}, {"by": profile(repeated="add")}),
    ],
)
def test_what_does_not_split_a_key_is_taken(changed, options):
    split(ROWS | changed, **options)


def test_the_columns_are_named_those_of_texts_and_of_most_keys_first():
    columns = {
        **{"nis": ["1"] * 4, "n": ["3", "4", "5", "6"], "taux": ["0.1", "0.2", "0.3", "0.4"]},
        **{"few": ["a", "b", "c", "c"], "most": ["a", "b", "a", "b"]},
    }
    with pytest.raises(
        DeliveryError, match=r"differ in column 'most', 'few', 'taux', of which.*\(2 keys"
    ):
        split(columns, key=[0, 0, 1, 1])
    many = {"nis": ["1", "1"], "n": ["3", "4"], **{f"c{i}": ["a", "b"] for i in range(6)}}
    with pytest.raises(DeliveryError, match="'c0', 'c1', 'c2', 'c3', 'c4', of which"):
        split(many)


def test_months_that_lack_a_day_are_provisional():
    days = [f"2021-02-{d:02d}" for d in range(1, 29)]
    given = [*days, *days[:27], "2021-02-27 "]  # the second place lacks the last day
    rows = rows_of(56, period=given, to={"period": ["2021-02"] * 56, "status": ["ok"] * 56})
    key = np.repeat([0, 1], 28)
    mark_broken_months(rows, key)
    assert told(rows.to["status"]) == ["ok"] * 28 + ["provisional"] * 28
    assert remarks(rows) == [("period", "days_lacking", list(range(28, 56)))]
    mixed = rows_of(
        2, period=days[:2], to={"period": ["2021-02"] * 2, "status": ["zero", "missing"]}
    )
    mark_broken_months(mixed, np.array([0, 0]))
    assert told(mixed.to["status"]) == ["provisional", "missing"]
    faulty = rows_of(1, period=days[:1], to={"period": ["2021-02"], "status": ["ok"]})
    faulty.fault[0] = 0
    mark_broken_months(faulty, np.array([0]))
    assert remarks(faulty) == []
    two_files = rows_of(
        28,
        file=[0] * 14 + [1] * 14,
        period=days,
        to={"period": ["2021-02"] * 28, "status": ["ok"] * 28},
    )
    mark_broken_months(two_files, np.zeros(28, dtype=int))
    assert set(told(two_files.to["status"])) == {
        "provisional"
    }  # each file lacks the days of the other
