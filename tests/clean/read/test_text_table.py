"""Files of every kind as columns of texts: where each row stands, what is left out."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery
from obs.clean.read.text_table import layout_of, read_delivery, read_frame, read_parts
from obs.errors import DeliveryError

COLUMNS = {"territory": ("nis",), "numerator": ("n",)}


def profile(**layout):
    return Profile("own", "Own", "police", "counts", file=FileLayout(**layout), columns=COLUMNS)


def delivery(content, kind="text"):
    data = content if isinstance(content, bytes) else content.encode()
    return Delivery(Path("a"), f"a.{kind}", "digest", kind, data)


def parquet(**columns):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return delivery(out.getvalue(), "parquet")


def rows(reading):
    columns = [column.to_series().fillna("").tolist() for column in reading.columns]
    return list(zip(reading.lines.tolist(), *columns, strict=True))


def parts(one, n, **layout):
    by = layout_of(one, profile(**layout))
    return list(read_parts(one, by, n))


def test_records_of_json_are_numbered_from_one():
    made = read_delivery(
        delivery('[{"nis": "21001", "n": 3}, {"nis": "", "n": null}, {"n": 1.5}]', "json"),
        profile(decimal=","),
    )
    assert rows(made) == [(1, "21001", "3"), (3, "", "1,5")]  # a record without any text is none
    assert made.read == 2
    assert (made.sha256, made.bound.columns) == ("digest", {"territory": 0, "numerator": 1})


def test_rows_of_parquet_are_numbered_over_all_parts():
    one = parquet(nis=["21001", "21002", None, "21004", "21005"], n=[1.0, 2.5, None, 4.0, 5.0])
    whole = [(1, "21001", "1"), (2, "21002", "2.5"), (4, "21004", "4"), (5, "21005", "5")]
    assert rows(read_delivery(one, profile())) == whole
    for n in (1, 2, 5, 9):
        found = parts(one, n)
        assert [row for part in found for row in rows(part)] == whole
        assert all(len(part.lines) <= n for part in found)


def test_lines_of_text_come_in_parts_with_what_is_said_of_them():
    text = "nis,n\n21001,1\n21002\n,\n21004,4\n21005,5"
    (whole,) = [read_delivery(delivery(text), profile())]
    assert rows(whole) == [(2, "21001", "1"), (5, "21004", "4"), (6, "21005", "5")]
    assert [(one.rule, one.row) for one in whole.faults] == [("field_count", 3)]
    assert [(one.rule, one.row) for one in whole.doubts] == [("no_line_end", 6)]
    assert whole.read == 4
    found = parts(delivery(text), 2)
    assert [rows(part) for part in found if len(part.lines)] == [rows(whole)[:2], rows(whole)[2:]]
    assert sum(len(part.faults) for part in found) == 1
    assert sum(len(part.doubts) for part in found) == 1


def test_a_file_of_another_kind_than_said_is_remarked_once():
    made = read_delivery(delivery("nis,n\n21001,1\n"), profile(format="xlsx"))
    assert [(one.rule, one.detail) for one in made.doubts] == [
        ("other_format", "a text file (csv)")
    ]
    for kind in ("", "csv"):
        assert read_delivery(delivery("nis,n\n21001,1\n"), profile(format=kind)).doubts == []
    one = parquet(nis=["21001"] * 3, n=[1, 2, 3])
    assert [len(part.doubts) for part in parts(one, 1, format="csv")] == [1, 0, 0]
    assert [len(part.doubts) for part in parts(one, 1, format="parquet")] == [0, 0, 0]


@pytest.mark.parametrize("content", ["nis,n\n", "nis,n\n,\n\n"])
def test_a_file_of_no_row_is_refused(content):
    with pytest.raises(DeliveryError, match="a.text: there is a header and no rows"):
        read_delivery(delivery(content), profile())
    with pytest.raises(DeliveryError, match="a.text: there is a header and no rows"):
        parts(delivery(content), 2)


def test_a_header_of_another_line_is_hinted_at():
    with pytest.raises(
        DeliveryError, match="missing.*The file has them below 1 line: write `file.skip = 1`"
    ):
        read_delivery(delivery("title,x\nnis,n\n21001,1\n"), profile())
    with pytest.raises(DeliveryError, match="below 2 lines"):
        read_delivery(delivery("title,x\ny,z\nnis,n\n21001,1\n"), profile())


def test_typed_columns_are_texts_each_value_written_once():
    day = pd.Timestamp("2021-03-05")
    one = parquet(
        nis=pa.array(["21001", None, "21001"]).dictionary_encode(),
        n=[1, None, 3],
        day=[day, day, None],
        tags=[["a"], None, ["b", "c"]],
        flag=[True, False, None],
    )
    found = rows(read_delivery(one, profile()))
    assert found[0] == (1, "21001", "1", "2021-03-05", "['a']", "true")
    assert found[1] == (2, "", "", "2021-03-05", "", "false")
    assert found[2] == (3, "21001", "3", "", "['b', 'c']", "")


def test_too_many_rows_of_parquet_are_refused_and_damage_is_told(monkeypatch):
    one = parquet(nis=["21001"] * 3, n=[1, 2, 3])
    monkeypatch.setattr("obs.clean.read.text_table._MOST_ROWS", 3)
    assert len(rows(read_delivery(one, profile()))) == 3
    monkeypatch.setattr("obs.clean.read.text_table._MOST_ROWS", 2)
    with pytest.raises(DeliveryError, match="3 rows; at most 2 are read"):
        read_delivery(one, profile())
    with pytest.raises(DeliveryError, match="an Apache Parquet file that is damaged or cut short"):
        list(read_parts(delivery(one.content[:-9], "parquet"), profile(), 2))


def test_a_table_in_memory_is_numbered_from_one_and_its_cells_are_texts():
    table = pd.DataFrame(
        {
            "nis": ["21001", None, "21003"],
            "n": [1.0, np.nan, 2.5],
            "x": pd.Categorical(["a", "b", "a"]),
        }
    )
    made = read_frame(table, profile(decimal=","))
    assert rows(made) == [(1, "21001", "1", "a"), (2, "", "", "b"), (3, "21003", "2,5", "a")]
    assert made.name == "table"
    with pytest.raises(DeliveryError, match="two columns have the same name"):
        read_frame(pd.DataFrame([[1, 2]], columns=["n", "n"]), profile())
    with pytest.raises(DeliveryError, match="there is a header and no rows"):
        read_frame(table.head(0), profile())
    blank = read_frame(
        pd.DataFrame({"nis": [None, "21001", ""], "n": [None, "1", None]}), profile()
    )
    assert rows(blank) == [(2, "21001", "1")]
