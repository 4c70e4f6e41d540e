"""The card of a release: which tables, columns and rows it lays out, and how it writes a cell."""

import re

import pandas as pd
import pytest

from obs.disclosure.released_card import released_card
from tests.disclosure.small_town import make_town


def card(**tables):
    return released_card(tables, make_town(), {"rule": "default"})


def cells(text):
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in text.split("<tr>")[1:]]


def test_known_columns_come_first_and_others_after_them():
    table = pd.DataFrame({"more": [1], "status": ["ok"], "numerator": [12_000], "territory": ["A"],
                          "indicator": ["theft"], "form": ["sexual"]})  # fmt: skip
    head, row = cells(card(t=table))
    assert head == ["indicator", "territory", "name", "form", "status", "numerator", "more"]
    assert row == ["theft", "A", "A", "sexual", "ok", "12,000", "1"]
    bare = cells(card(t=pd.DataFrame({"x": [1]})))
    assert bare == [["x"], ["1"]]


def test_a_column_that_says_nothing_is_left_out():
    table = pd.DataFrame({"form": ["all", "all"], "relation": ["all", "couple"], "low": [None] * 2,
                          "high": [None, 2.0], "status": ["all"] * 2})  # fmt: skip
    assert cells(card(t=table))[0] == ["relation", "high", "status"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (1234, "1,234"),
        (1234.5678, "1,235"),
        (0.123456, "0.1235"),
        (True, "True"),
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        ("a<b", "a&lt;b"),
    ],
)
def test_a_cell_is_written(cell, said):
    table = pd.DataFrame({"x": pd.Series([cell, "more"], dtype=object)})
    assert cells(card(t=table))[1] == [said]


def test_a_name_is_that_of_a_unit_of_the_territory():
    rows = cells(card(t=pd.DataFrame({"territory": ["Z1", "X"]})))
    assert rows[1:] == [["Z1", "Z1"], ["X", ""]]


def test_five_tables_of_twenty_rows_are_laid_out():
    tables = {f"table {i}": pd.DataFrame({"x": range(21 if i else 20)}) for i in range(6)}
    text = card(**tables)
    assert re.findall(r"<p>(table \d)</p>", text) == [f"table {i}" for i in range(5)]
    assert len(cells(text)) == 5 * 21
    assert "<p>" not in card(t=pd.DataFrame({"x": [1]}))
