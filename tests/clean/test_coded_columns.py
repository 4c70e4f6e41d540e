"""Columns of texts as codes: as narrow as the texts allow, and never another text."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from obs.clean.cleaned import write_arrow
from obs.clean.coded_columns import (
    Coded,
    choose,
    coalesce,
    concat,
    encode_list,
    group_rows,
    is_missing,
    join_texts,
    look_up,
    repeat,
    to_arrow,
)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [(126, "int8"), (127, "int16"), (2**15 - 2, "int16"), (2**15 - 1, "int32")],
)
def test_codes_are_narrow_and_tell_the_same_texts(texts, kind):
    cells = [None, *map(str, range(texts)), "0", None]
    column = encode_list(cells)
    assert column.codes.dtype == kind
    assert [None if pd.isna(one) else one for one in column.to_series()] == cells
    both = concat([column, encode_list(["new", None])])
    assert both.to_series().isna().to_numpy().nonzero()[0].tolist() == [0, texts + 2, texts + 4]
    assert both.to_series().iloc[-2] == "new"


def test_a_code_beyond_the_texts_is_refused_before_it_wraps():
    with pytest.raises(IndexError, match="has no text"):
        Coded(pa.array(["a"], pa.string()), np.array([256], dtype="int32"))


def test_looked_up_texts_are_those_of_the_places():
    column = look_up([str(n % 200) for n in range(300)], np.array([299, -1, 0, 250]))
    assert column.to_series().fillna("none").tolist() == ["99", "none", "0", "50"]


def test_trimming_takes_every_blank_that_python_takes_and_joins_what_becomes_alike():
    cells = ["a", " a", "a\u00a0", "\x1fa\t", "\u3000", "é ", "é", "a b", None]
    column = encode_list(cells).trimmed()
    plain = [None if text is None else text.strip() or None for text in cells]
    assert [None if pd.isna(one) else one for one in column.to_series()] == plain
    assert sorted(column.distinct()) == ["a", "a b", "é"]
    untouched = encode_list(["a", "b c"])
    assert untouched.trimmed() is untouched


def test_signs_of_no_width_are_taken_out_and_what_becomes_alike_is_joined():
    cells = ["1", "\ufeff1", "1\u200b", "\u200e2\u200f", "\u2060", "é\u200bé", None]
    column = encode_list(cells).seen()
    told = [None if pd.isna(one) else one for one in column.to_series()]
    assert told == ["1", "1", "1", "2", None, "éé", None]
    assert sorted(column.distinct()) == ["1", "2", "éé"]
    for untouched in (encode_list(["1", "é", "a\u200cb"]), encode_list(["1", "a b", None])):
        assert untouched.seen() is untouched


def test_a_table_is_written_as_plain_texts_whether_they_repeat_or_not(tmp_path):
    names = [f"F{n}" for n in range(50)]
    table = pa.table(
        {
            "event_id": to_arrow(encode_list(names)),
            "place": to_arrow(encode_list(["home", None] * 25)),
            "n": pa.array(range(50)),
        }
    )
    write_arrow(table, tmp_path / "a.parquet")
    back = pq.read_table(tmp_path / "a.parquet")
    assert back.schema.types == [pa.string(), pa.string(), pa.int64()]
    assert back["event_id"].to_pylist() == names
    assert back["place"].to_pylist() == ["home", None] * 25
    write_arrow(table.slice(0, 0), tmp_path / "none.parquet")
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


def cells(column):
    return [None if pd.isna(one) else one for one in column.to_series()]


def test_one_text_for_every_row_or_none():
    assert (repeat("x", 2).distinct(), cells(repeat("x", 2))) == (["x"], ["x", "x"])
    assert (repeat(None, 2).distinct(), cells(repeat(None, 2))) == ([], [None, None])
    assert len(repeat("x", 0)) == 0


def test_columns_are_put_together_row_by_row():
    one, two = encode_list(["a", None, "b", None]), encode_list(["x", "y", None, None])
    assert cells(coalesce(one, two)) == ["a", "y", "b", None]
    assert cells(choose(np.array([True, False, False, True]), one, two)) == ["a", "y", None, None]
    assert cells(join_texts([one, two])) == ["a x", "y", "b", None]
    assert cells(concat([one, two])) == ["a", None, "b", None, "x", "y", None, None]
    assert one.has(["a", "z"]).tolist() == [True, False, False, False]
    assert cells(one.map(["A", None])) == ["A", None, None, None]
    assert cells(one.map(["A", "B", "none"])) == ["A", "none", "B", "none"]


def test_rows_that_agree_in_every_column_have_one_number_missing_included():
    columns = [encode_list(["a", "a", None, None, "b"]), pd.array([1, 1, None, 1, 1], "Int64")]
    found = group_rows(columns).tolist()
    assert found[0] == found[1]
    assert len({*found}) == 4
    days = np.array(["2021-01-01", "NaT", "2021-01-01"], dtype="datetime64[D]")
    assert len({*group_rows([days]).tolist()}) == 2
    assert is_missing(days).tolist() == [False, True, False]
    assert is_missing(columns[0]).tolist() == [False, False, True, True, False]


def test_many_columns_are_numbered_without_running_over():
    """Forty columns of three texts have more combinations than a number of 64 bits."""
    columns = [encode_list(["a", "b", "c", "a"]) for _ in range(40)]
    found = group_rows(columns).tolist()
    assert found[0] == found[3]
    assert len({*found}) == 3


def test_a_column_in_arrow_keeps_its_type_and_what_is_missing():
    assert to_arrow(encode_list(["a", None])).to_pylist() == ["a", None]
    days = to_arrow(np.array(["2021-01-01", "NaT"], dtype="datetime64[D]"))
    assert (str(days.type), days.null_count) == ("timestamp[us]", 1)
    assert to_arrow(pd.array([1, None], "Int64")).to_pylist() == [1, None]
