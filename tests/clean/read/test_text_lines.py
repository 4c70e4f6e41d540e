"""Lines of a text file that are rows, doubtful or none, by hand."""

import pytest

from obs.clean.profiles.profile import FileLayout
from obs.clean.read.file_checks import open_deliveries
from obs.clean.read.text_lines import peek_header, read_text
from obs.errors import DeliveryError


def read(folder, text, **layout):
    path = folder / "a.csv"
    path.write_bytes(text.encode())
    (one,) = open_deliveries([path])
    return read_text(one, FileLayout(**({"format": "csv", "separator": ";"} | layout)))


def rows(made):
    return [list(row) for row in zip(*(c.to_series().tolist() for c in made.columns), strict=True)]


def test_rows_bear_the_number_of_their_line(tmp_path):
    made = read(tmp_path, "a;b\n1;2\n3;4\n")
    assert made.header == ["a", "b"]
    assert (made.header_line, made.lines.tolist()) == (1, [2, 3])
    assert rows(made) == [["1", "2"], ["3", "4"]]
    assert (made.faults, made.doubts) == ([], [])


def test_a_last_line_without_an_end_is_doubtful(tmp_path):
    made = read(tmp_path, "a;b\n1;2\n3;4")
    assert made.doubts == [(3, "no_line_end")]
    assert rows(made) == [["1", "2"], ["3", "4"]]
    assert read(tmp_path, 'a;b\n1;"2"').doubts == [(2, "no_line_end")]


def test_rows_of_another_width_are_faulty_unless_blank_fields_follow(tmp_path):
    made = read(tmp_path, "a;b\n1;2;;\n1;2;3\n1\n5;6\n")
    assert rows(made) == [["1", "2"], ["5", "6"]]
    assert made.faults == [(3, "field_count"), (4, "field_count")]
    assert made.lines.tolist() == [2, 5]


def test_quoted_texts_may_hold_separators_and_line_ends(tmp_path):
    made = read(tmp_path, 'a;b\n"1;x";"2\n3"\n4;5\n')
    assert rows(made) == [["1;x", "2 3"], ["4", "5"]]
    assert made.lines.tolist() == [2, 4]


def test_a_quotation_that_never_ends_loses_its_line_alone(tmp_path):
    made = read(tmp_path, 'a;b\n"1;2\n3;4\n5;6\n')
    assert made.faults == [(2, "broken_quotes")]
    assert rows(made) == [["3", "4"], ["5", "6"]]
    assert made.lines.tolist() == [3, 4]


@pytest.mark.parametrize(("inside", "faulty"), [(51, False), (52, True)])
def test_a_quoted_text_spans_so_many_lines_at_most(tmp_path, inside, faulty):
    made = read(tmp_path, 'a;b\n"1' + "\n" * (inside - 1) + 'x";2\n3;4\n')
    assert bool(made.faults) == faulty
    assert rows(made)[-1] == ["3", "4"]


def test_comments_and_lines_before_the_header_are_skipped(tmp_path):
    text = "# made up\n# x\ntitle\n\na;b\n1;2\n"
    made = read(tmp_path, text, comment="#", skip=3, synthetic="made up")
    assert (made.header, made.header_line, made.synthetic) == (["a", "b"], 5, True)
    assert made.lines.tolist() == [6]
    plain = read(tmp_path, "# x\na;b\n1;2\n", comment="#", synthetic="made up")
    assert not plain.synthetic
    two = read(tmp_path, "x;\na;b\n1;2\n", header_rows=2)
    assert (two.header, two.header_line, two.lines.tolist()) == (["x / a", "x / b"], 2, [3])


def test_a_file_without_a_header_or_of_two_separators_is_refused(tmp_path):
    with pytest.raises(DeliveryError, match="a.csv: there is no header line"):
        read(tmp_path, "\n\n")
    words = r"line 3 is separated otherwise than the header \(by ';'\); two files are mixed"
    with pytest.raises(DeliveryError, match=words):
        read(tmp_path, "a;b;c\n1;2;3\n1,2,3\n")
    narrow = read(tmp_path, "a;b\n1,2\n")  # of two columns a comma may be a decimal
    assert narrow.faults == [(2, "field_count")]
    one = read(tmp_path, "a;b;c\n1,2\n")
    assert one.faults == [(2, "field_count")]


def test_a_file_of_one_column_keeps_its_rows(tmp_path):
    made = read(tmp_path, "a\n1\n\n2\n")
    assert rows(made) == [["1"], ["2"]]
    assert made.lines.tolist() == [2, 4]


def test_the_header_is_seen_without_the_rest(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("é;b\n1;2\n".encode("cp1252"))
    (one,) = open_deliveries([path])
    layout = FileLayout(format="csv", separator=";", encodings=("utf-8", "cp1252"))
    assert peek_header(one, layout) == ["é", "b"]
    path.write_bytes(b"\n\n")
    (one,) = open_deliveries([path])
    assert peek_header(one, layout) == []
