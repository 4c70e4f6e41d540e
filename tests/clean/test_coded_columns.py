"""Columns of texts as codes: as narrow as the texts allow, and never another text."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from obs.clean.cleaned import write_arrow
from obs.clean.coded_columns import Coded, concat, encode_list, look_up, to_arrow


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
