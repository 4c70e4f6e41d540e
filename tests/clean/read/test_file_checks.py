"""Files, headers and texts at the limit of what is opened."""

import codecs
import gzip
import zipfile

import pytest

from obs.clean.read.file_checks import (
    blocks,
    check_expansion,
    check_header,
    find_encoding,
    join_header,
    marked_encoding,
    open_deliveries,
)
from obs.errors import DeliveryError

MEGA = 1 << 20


def file(folder, name="a.csv", content=b"a;b\n1;2\n"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def zipped(folder, *members, name="a.zip"):
    path = folder / name
    with zipfile.ZipFile(path, "w") as book:
        for inner, content in members:
            book.writestr(inner, content)
    return path


def test_files_come_in_the_order_of_their_names(tmp_path):
    paths = [file(tmp_path, name) for name in ("b.csv", "a.csv")]
    assert [one.name for one in open_deliveries(paths)] == ["a.csv", "b.csv"]


def test_files_of_one_name_are_told_apart_by_their_folder(tmp_path):
    paths = [file(tmp_path, name) for name in ("x/a.csv", "y/a.csv", "b.csv")]
    assert [one.name for one in open_deliveries(paths)] == ["b.csv", "x/a.csv", "y/a.csv"]


REFUSED = {
    "nothing": (lambda folder: [], "no file is given; give at least one"),
    "one twice": (lambda folder: [file(folder)] * 2, r"/a\.csv: given twice; give each file once"),
    "a folder": (lambda folder: [folder], "is a folder; give its files"),
    "none": (lambda folder: [folder / "b.csv"], r"b\.csv: there is no such file"),
    "empty": (lambda folder: [file(folder, content=b"")], r"the file is empty \(0 bytes\)"),
    "an archive within one": (
        lambda folder: [zipped(folder, ("b.zip", zipped(folder, ("c.csv", b"a;b\n"), name="b.zip").read_bytes()))],
        "within an archive; unpack it, and give the file",
    ),
    "a damaged archive": (
        lambda folder: [file(folder, "a.zip", zipped(folder, ("b.csv", b"a;b\n" * 99)).read_bytes()[:-30])],
        r"a\.zip: .*damaged",
    ),
    "a cut gzip": (
        lambda folder: [file(folder, "a.csv.gz", gzip.compress(b"a;b\n1;2\n" * 999)[:-20])],
        "the compressed file is damaged or cut short",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_opened_says_why(tmp_path, case):
    make, words = REFUSED[case]
    paths = make(tmp_path)
    with pytest.raises(DeliveryError, match=words):
        [list(blocks(one)) for one in open_deliveries(paths)]


def test_what_is_packed_is_read_as_it_was(tmp_path):
    text = b"a;b\n1;2\n"
    plain, packed = file(tmp_path, content=text), file(tmp_path, "c.csv.gz", gzip.compress(text))
    archive = zipped(tmp_path, ("d.csv", text))
    made = open_deliveries([plain, packed, archive])
    assert [one.kind for one in made] == ["text"] * 3
    assert [b"".join(blocks(one)) for one in made] == [text] * 3
    assert [one.size() for one in made] == [8, 8, packed.stat().st_size]


@pytest.mark.parametrize(
    ("size", "packed", "refused"),
    [
        (64 * MEGA, 1, False),
        (64 * MEGA + 1, 1, True),
        (200 * MEGA, MEGA, False),
        (200 * MEGA + 1, MEGA, True),
    ],
)
def test_a_file_expands_two_hundred_times_at_most(size, packed, refused):
    if refused:
        with pytest.raises(DeliveryError, match="x: the file expands more than 200 times"):
            check_expansion(size, packed, "x")
    else:
        check_expansion(size, packed, "x")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (codecs.BOM_UTF16_LE + b"a\0", "utf-16"),
        (codecs.BOM_UTF16_BE + b"\0a", "utf-16"),
        (codecs.BOM_UTF32_LE + b"a\0\0\0", "utf-32"),
        (codecs.BOM_UTF32_BE + b"\0\0\0a", "utf-32"),
        (codecs.BOM_UTF8 + b"a", ""),
        (b"a", ""),
    ],
)
def test_marks_of_encodings(head, encoding):
    assert marked_encoding(head) == encoding


@pytest.mark.parametrize(
    ("content", "encodings", "found"),
    [
        ("été".encode(), ["utf-8", "cp1252"], "utf-8"),
        ("été".encode("cp1252"), ["utf-8", "cp1252"], "cp1252"),
        ("été;a\n".encode("utf-16"), ["utf-8"], "utf-16"),
    ],
)
def test_the_first_encoding_that_fits_all_is_taken(tmp_path, content, encodings, found):
    (one,) = open_deliveries([file(tmp_path, content=content)])
    assert find_encoding(one, encodings) == found


def test_headers_of_several_lines_are_joined():
    assert join_header([["a", " b", ""]]) == ["a", " b", ""]
    two = [["vols", "", "coups", ""], ["n", "taux", "n", "", "x"]]
    assert join_header(two) == ["vols / n", "vols / taux", "coups / n", "coups", "coups / x"]
    three = [["a", ""], ["", "b"], ["c", ""]]
    assert join_header(three) == ["a / c", "a / b"]


def test_names_of_columns():
    assert check_header([" a ", "", "b\nc"], "x") == ["a", "column 2", "b c"]
    assert len(check_header([f"c{i}" for i in range(1000)], "x")) == 1000
    with pytest.raises(DeliveryError, match="x: 1,001 columns; no delivery has more than 1,000"):
        check_header([f"c{i}" for i in range(1001)], "x")
    assert check_header(["a" * 200], "x") == ["a" * 200]
    with pytest.raises(DeliveryError, match="the name of column 2 has 201 characters"):
        check_header(["a", "b" * 201], "x")
    with pytest.raises(DeliveryError, match=r"the header repeats a name \(columns 3, 4\)"):
        check_header(["a", "b", "a", "b "], "x")
