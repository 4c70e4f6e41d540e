"""Which layout of a supplier reads a file, and what is said where none does."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.other_layouts import OtherLayout
from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery
from obs.clean.read.layout_choice import choose_by_header, other_layouts_said
from obs.clean.read.text_table import layout_of, read_delivery
from obs.errors import DeliveryError

OLD = OtherLayout("old", ("CODE", "N"), columns={"territory": ("CODE",), "numerator": ("N",)})
NEW = OtherLayout("new", ("code 2024",), columns={"territory": ("code 2024",)})
OWN = Profile(
    *("own", "Own", "police", "counts"),
    file=FileLayout(separator=";"),
    columns={"territory": ("nis",), "numerator": ("n",)},
    layout=(OLD, NEW),
)


def chosen(header):
    return choose_by_header(header, "a.csv", OWN).columns["territory"]


def delivery(text, kind="text"):
    return Delivery(Path("a"), "a.csv", "", kind, text.encode())


def test_the_layout_is_that_whose_columns_the_header_has():
    assert chosen(["nis", "n"]) == ("nis",)
    assert chosen(["CODE", "N"]) == ("CODE",)
    assert chosen(["code", "n", "x"]) == ("CODE",)  # spellings apart
    assert chosen(["CODE", "x"]) == ("nis",)  # one of its columns lacks
    assert chosen(["code 2024", "n"]) == ("code 2024",)
    with pytest.raises(
        DeliveryError, match="a.csv: the header fits layouts 'old' and 'new' of profile 'own'"
    ):
        chosen(["CODE", "N", "code 2024"])


def test_other_layouts_are_told_where_none_reads_a_file():
    assert other_layouts_said(replace(OWN, layout=())) == ""
    assert other_layouts_said(OWN) == (
        " Other layouts are known by columns that this file has not: 'old' by CODE, N; 'new' by code 2024."
    )
    with pytest.raises(DeliveryError, match="missing.*Other layouts are known by columns"):
        read_delivery(delivery("x;y\n1;2\n"), OWN)


def test_a_layout_may_have_its_own_way_of_writing():
    own = replace(OWN, layout=(replace(OLD, file=FileLayout(separator=",", skip=1)),))
    made = read_delivery(delivery("title\nCODE,N\n21001,3\n"), own)
    assert made.bound.columns == {"territory": 0, "numerator": 1}
    assert made.by.file.separator == ","


def test_records_are_looked_into_and_what_cannot_be_read_fits_none():
    assert layout_of(delivery(json.dumps([{"CODE": 1, "N": 2}]), "json"), OWN).columns[
        "territory"
    ] == ("CODE",)
    assert layout_of(delivery("[1", "json"), OWN).columns["territory"] == ("nis",)
    assert layout_of(delivery("PAR1", "parquet"), OWN).columns["territory"] == ("nis",)


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        (1, "below 1 line: write `file.skip = 1`"),
        (9, "below 9 lines: write `file.skip = 9`"),
        (10, None),
    ],
)
def test_a_header_below_titles_is_found_within_ten_lines(titles, said):
    text = "\n".join([*(f"title {i};x" for i in range(titles)), "nis;n", "21001;3"]) + "\n"
    with pytest.raises(DeliveryError) as refused:
        read_delivery(delivery(text), replace(OWN, layout=()))
    assert (said in str(refused.value)) if said else ("file.skip" not in str(refused.value))


def test_optional_columns_are_not_needed_to_find_the_header():
    own = replace(OWN, layout=(), optional=("numerator",))
    with pytest.raises(DeliveryError, match="below 1 line"):
        read_delivery(delivery("title;x\nnis;y\n21001;3\n"), own)
