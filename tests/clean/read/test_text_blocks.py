"""Text files read block by block give what reading them line by line gives."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from obs.clean.profiles.file_layout import FileLayout
from obs.clean.read import text_lines
from obs.clean.read.file_checks import Delivery
from obs.clean.read.text_lines import peek_header, read_text, read_text_parts
from obs.errors import DeliveryError


def delivery(text):
    data = text if isinstance(text, bytes) else text.encode()
    return Delivery(Path("a"), "a.csv", "", "text", data)


def layout(**keys):
    return FileLayout(**{"separator": ";"} | keys)


def rows(made):
    columns = [column.to_series().fillna("").tolist() for column in made.columns]
    return list(zip(made.lines.tolist(), *columns, strict=True))


def read(text, **keys):
    return read_text(delivery(text), layout(**keys))


CELLS = st.text(alphabet='ab1 ;"\n', max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_what_a_csv_writer_writes_is_read_back(table):
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows([("h1", "h2"), *table])
    made = read(out.getvalue())
    assert made.faults == []
    told = [(a.replace("\n", " "), b.replace("\n", " ")) for a, b in table]
    assert [row[1:] for row in rows(made)] == told


@pytest.mark.parametrize("block", [16, 20, 37])
def test_blocks_of_any_size_give_the_same_rows(monkeypatch, block):
    lines = ["a;b", '"x;y";"1\n2"', "c", "d;e;f", "", '"open;z', "g;h;", "i;j"]
    text = "\n".join(["h1;h2", *lines * 6])
    whole = read(text)
    monkeypatch.setattr(text_lines, "BLOCK", block)
    made = read(text)
    assert rows(made) == rows(whole)
    assert (made.faults, made.doubts) == (whole.faults, whole.doubts)
    parts = [*read_text_parts(delivery(text), layout(), 1)]
    assert [row for part in parts for row in rows(part)] == rows(whole)
    assert [one for part in parts for one in part.faults] == whole.faults


def test_each_line_has_its_fate():
    text = 'h1;h2\na;b\n"x;y";"1\n2"\nc\nd;e;f\n\n"open;z\ng;h;\ni;j'
    made = read(text)
    assert rows(made) == [(2, "a", "b"), (3, "x;y", "1 2"), (9, "g", "h"), (10, "i", "j")]
    assert made.faults == [(5, "field_count"), (6, "field_count"), (8, "broken_quotes")]
    assert made.doubts == [(10, "no_line_end")]


def test_a_header_of_two_lines_and_what_stands_above_it():
    made = read(
        "# made up\ntitle\na;\nx;y\n1;2\n", comment="#", skip=2, header_rows=2, synthetic="made up"
    )
    assert (made.header, made.header_line, made.synthetic) == (["a / x", "a / y"], 4, True)
    assert rows(made) == [(5, "1", "2")]
    with pytest.raises(DeliveryError, match="there is no header line"):
        read("# x\n\n", comment="#")
    assert read("#a;b\n1;2\n").header == ["#a", "b"]  # no comment, where none is declared


def test_a_column_alone_keeps_its_rows_and_no_blank_line():
    assert rows(read("h\na\n\nb\n")) == [(2, "a"), (4, "b")]
    assert rows(read('h\n"a"\n"b"\n')) == [(2, "a"), (3, "b")]


def test_quotes_within_a_text_are_kept_and_of_another_sign_are_read():
    assert rows(read('h1;h2\n5" pipe;b\n"a ""x""";c\n'))[0][1:] in (('5" pipe', "b"),)
    assert rows(read("h1;h2\n'a;b';c\n", quote="'")) == [(2, "a;b", "c")]
    assert rows(read('h1§h2\n"a§b"§c\n', separator="§")) == [(2, "a§b", "c")]


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("a;b;c\n1,2,3\n", True),
        ("a;b;c\n1\t2\t3\n", True),
        ("a;b;c\n1,2\n", False),
        ("a;b;c\n1;2,3,4\n", False),
        ("a;b\n1,2\n", False),
    ],
)
def test_a_line_of_another_separator_means_two_files_in_one(text, mixed):
    if mixed:
        with pytest.raises(DeliveryError, match="line 2 is separated otherwise than the header"):
            read(text)
    else:
        assert read(text).faults == [(2, "field_count")]


def test_the_header_is_peeked_at_in_the_encoding_that_fits():
    assert peek_header(delivery("é;b\n1;2\n"), layout()) == ["é", "b"]
    assert peek_header(
        delivery("é;b\n".encode("cp1252")), layout(encodings=("utf-8", "cp1252"))
    ) == ["é", "b"]
    assert peek_header(delivery("é;b\n".encode("utf-16")), layout()) == ["é", "b"]
    assert peek_header(delivery("é;b\n".encode("cp1252")), layout()) == []
    assert peek_header(delivery("# x\n"), layout(comment="#")) == []
    assert peek_header(delivery("t\na;b\n"), layout(skip=1)) == ["a", "b"]


def test_line_ends_of_every_system_are_read():
    for end in ("\r\n", "\r", "\n"):
        made = read(end.join(["h1;h2", "a;b", "c;d", ""]))
        assert rows(made) == [(2, "a", "b"), (3, "c", "d")]
        assert made.doubts == []
