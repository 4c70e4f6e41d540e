"""Encodings and lines of a text file: what fits, where it breaks, how long a line may be."""

from pathlib import Path

import pytest

from obs.clean.read import file_checks
from obs.clean.read.file_checks import Delivery, blocks, find_encoding
from obs.errors import DeliveryError


def delivery(content):
    text = content if isinstance(content, bytes) else content.encode()
    return Delivery(Path("a"), "a.csv", "", "text", text)


@pytest.fixture
def small(monkeypatch):
    """Read blocks of 16 bytes, lines of 10 at most."""
    monkeypatch.setattr(file_checks, "BLOCK", 16)
    monkeypatch.setattr(file_checks, "LONGEST_LINE", 10)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "content",
    [
        "0123456789\n" * 6,
        "0123456789",
        "ab\n0123456789",
        "a\nb\nc\nd\ne\nf\ng\nh\ni\n0123456789\nj\n",
        "012345678\n\n\n0123456789\n",
    ],
)
def test_lines_of_the_greatest_length_are_read(content):
    assert find_encoding(delivery(content), ["utf-8"]) == "utf-8"
    assert b"".join(blocks(delivery(content))) == content.encode()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("content", "after"),
    [
        ("0123456789a\n", 0),
        ("0123456789a", 0),
        ("ab\n0123456789a\nb\n", 0),  # within one block
        ("a\nb\n0123456789a", 2),  # and without an end
        ("a\n" * 7 + "0123456789a\n", 7),
        ("a\n" * 8 + "0123456789ab\n", 8),
    ],
)
def test_a_longer_line_is_refused_with_lines_before_it(content, after):
    with pytest.raises(DeliveryError, match=f"a line after line {after} is longer than 10 bytes"):
        find_encoding(delivery(content), ["utf-8"])


def test_a_longer_line_in_the_middle_of_a_block_is_refused(monkeypatch):
    monkeypatch.setattr(file_checks, "LONGEST_LINE", 10)
    with pytest.raises(DeliveryError, match="is longer than 10 bytes"):
        find_encoding(delivery("ab\ncd\n0123456789a\nef\ngh\n"), ["utf-8"])
    assert find_encoding(delivery("ab\ncd\n0123456789\nef\ngh\n"), ["utf-8"]) == "utf-8"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("before", "at"), [("", "1"), ("abc\n", "5"), ("abcdefg\n" * 3, "25")])
def test_a_nul_byte_is_refused_by_its_place(before, at):
    with pytest.raises(DeliveryError, match=f"a.csv: NUL byte at byte {at};"):
        find_encoding(delivery(before.encode() + b"\0x\n"), ["utf-8"])


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("content", "encodings", "where"),
    [
        (b"ab\xe9\n", ["utf-8"], "utf-8 at byte 3"),
        (b"abcdefg\n" * 2 + b"ab\xe9c\n", ["utf-8"], "utf-8 at byte 19"),
        (b"abcdefg\nabcdefg\xc3" + b"(\n", ["utf-8"], "utf-8 at byte 16"),  # cut by a block
        (b"ab\xc3", ["utf-8"], "utf-8 at byte 3"),  # and by the end
        (b"ab\x81\n", ["utf-8", "cp1252"], "utf-8 at byte 3; cp1252 at byte 3"),
        (b"ab\xe9\n\xc3\xa9\n", ["utf-8", "cp1252"], "utf-8 at byte 3; cp1252 at byte 5"),
        (b"ab\xe9\n\x81\n", ["utf-8", "latin-1"], "utf-8 at byte 3; latin-1 at byte 5"),
    ],
)
def test_what_no_encoding_fits_is_refused_by_its_bytes(content, encodings, where):
    with pytest.raises(DeliveryError) as refused:
        find_encoding(delivery(content), encodings)
    assert f"first bad byte: {where}. Ask for UTF-8" in str(refused.value)
    assert f"({', '.join(encodings)})" in str(refused.value)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("content", "encodings", "found"),
    [
        ("abcdefg\nabcdefgé\n".encode(), ["utf-8", "cp1252"], "utf-8"),  # cut by a block
        (b"ab\xe9\n", ["utf-8", "latin-1"], "latin-1"),
        ("été\n".encode(), ["cp1252", "utf-8"], "cp1252"),  # the first one that fits, as said
        (b"\xef\xbb\xbfab\n", ["utf-8", "utf-8-sig"], "utf-8-sig"),
        (b"\xef\xbb\xbfab\n", ["utf-8-sig"], "utf-8-sig"),
        ("ab\n".encode("utf-16"), ["utf-8"], "utf-16"),
    ],
)
def test_the_first_encoding_that_fits_the_whole_file(content, encodings, found):
    assert find_encoding(delivery(content), encodings) == found


def test_a_mark_of_utf8_leaves_no_other_encoding():
    with pytest.raises(DeliveryError, match="first bad byte: byte 1"):
        find_encoding(delivery(b"\xef\xbb\xbfab\n"), ["utf-8"])
