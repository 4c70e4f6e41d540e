"""A ledger is written whole or not at all, by one run at a time, from all that an edition quotes."""

import json
import os

import pytest

from obs.disclosure import Ledger, ledger_path, set_damaged_aside
from obs.errors import DisclosureError

ONE = [("2022", [("theft", "A", "2022", "fact", "", "count", "40")])]
TWO = [("2023", [("theft", "B", "2022", "fact", "", "count", "30")])]


def test_a_second_writer_does_not_take_the_lines_of_the_first_away(tmp_path):
    first, second = Ledger(tmp_path / "ledger.csv"), Ledger(tmp_path / "ledger.csv")
    assert first.write_down(ONE) == 1
    with pytest.raises(DisclosureError, match="has other lines than when it was read"):
        second.write_down(TWO)
    assert Ledger(tmp_path / "ledger.csv").entries["territory"].tolist() == ["A"]


def test_each_damaged_ledger_is_set_aside_under_a_name_of_its_own(tmp_path):
    path = ledger_path(tmp_path / "processed", tmp_path / "publications")
    path.parent.mkdir(parents=True)
    for text in ("no ledger", "none either"):
        path.write_text(text)
        set_damaged_aside(tmp_path / "processed", tmp_path / "publications")
        assert not path.exists()
    kept = {p.name: p.read_text() for p in path.parent.iterdir()}
    assert kept == {"damaged-ledger.csv": "no ledger", "damaged-2-ledger.csv": "none either"}


def test_a_write_that_fails_in_the_middle_leaves_the_ledger_as_it_was(tmp_path, monkeypatch):
    ledger = Ledger(tmp_path / "ledger.csv")
    ledger.write_down(ONE)
    before = ledger.path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ledger.write_down(TWO)
    assert ledger.path.read_bytes() == before


def test_a_count_that_a_sentence_alone_quotes_is_read_back(tmp_path):
    edition = tmp_path / "publications" / "2022"
    (edition / "data").mkdir(parents=True)
    (edition / "data" / "a.csv").write_text(
        "indicator,territory,period,numerator,unit\ntheft,A,2022,40,fact\n", encoding="utf-8"
    )
    key = {"indicator": "theft", "territory": "B", "period": "2022", "form": "sexual"}
    number = {"key": key, "numerator": 30, "unit": "fact"}
    notes = {"focus": {"fr": {"numbers": [number]}}}
    (edition / "manifest.json").write_text(json.dumps({"notes": notes}), encoding="utf-8")
    ledger = Ledger(tmp_path / "ledger.csv")
    assert ledger.rebuild(tmp_path / "publications") == 2
    found = ledger.entries.set_index("territory")
    assert (found.loc["B", "numerator"], found.loc["B", "form"]) == (30, "sexual")


def show(cell, count):
    return ("theft", cell, "2022", "fact", "", "count", str(count))


def figures(ledger, cell="A"):
    return [(line[0], line[-1]) for line in ledger.lines if line[2] == cell]


def test_a_count_revised_and_set_back_is_written_a_third_time(tmp_path):
    editions = [("2022", [show("A", 10)]), ("2023", [show("A", 12)]), ("2024", [show("A", 10)])]
    ledger = Ledger(tmp_path / "ledger.csv")
    assert [ledger.write_down([one]) for one in editions] == [1, 1, 1]
    assert ledger.entries["numerator"].tolist() == [10]
    assert ledger.write_down(editions) == 0
    again = Ledger(tmp_path / "again.csv")
    assert again.write_down(editions) == 3
    assert again.path.read_bytes() == ledger.path.read_bytes()


def test_one_edition_built_three_times_may_set_its_count_back(tmp_path):
    ledger = Ledger(tmp_path / "ledger.csv")
    for count in (10, 12, 10):
        assert ledger.write_down([("2022", [show("A", count)])]) == 1
        assert ledger.write_down([("2022", [show("A", count)])]) == 0
    assert figures(ledger) == [("2022", "10"), ("2022", "12"), ("2022", "10")]


def test_an_old_edition_published_once_more_as_it_was_does_not_take_a_revision_back(tmp_path):
    old, new = ("2022", [show("A", 10)]), ("2023", [show("A", 12)])
    ledger = Ledger(tmp_path / "ledger.csv")
    ledger.write_down([old, new])
    assert ledger.write_down([old]) == 0
    assert ledger.entries["numerator"].tolist() == [12]
    assert ledger.write_down([("2022", [show("A", 10), show("B", 5)])]) == 2
    assert ledger.entries["numerator"].tolist() == [10, 5]


def test_an_edition_that_showed_nothing_new_then_shows_nothing_new_later(tmp_path):
    """The second agrees with the first and has no line; the third revises both."""
    editions = [("2022", [show("A", 10)]), ("2023", [show("A", 10)]), ("2024", [show("A", 12)])]
    ledger = Ledger(tmp_path / "ledger.csv")
    assert ledger.write_down(editions) == 2
    assert ledger.write_down(editions) == 0
    assert ledger.entries["numerator"].tolist() == [12]


def test_lines_of_a_ledger_found_elsewhere_are_taken_in_their_order(tmp_path):
    first, second = Ledger(tmp_path / "a.csv"), Ledger(tmp_path / "b.csv")
    first.write_down([("2022", [show("A", 10)])])
    for count in (10, 12):
        second.write_down([("2022", [show("A", count)])])
    assert first.take_lines(second) == 1
    assert first.take_lines(second) == 0
    assert figures(first) == [("2022", "10"), ("2022", "12")]


@pytest.mark.parametrize(("replaced", "latest"), [("2024-03-01", 12), ("2024-05-01", 10)])
def test_a_notice_comes_after_what_it_corrects_and_before_what_replaced_it(
    tmp_path, replaced, latest
):
    edition = tmp_path / "publications" / "2022"
    (edition / "data").mkdir(parents=True)
    head = "indicator,territory,period,numerator,unit\n"
    for name, count in (("focus_a.csv", 10), ("correction-1_values.csv", 12)):
        (edition / "data" / name).write_text(f"{head}theft,A,2022,{count},fact\n", "utf-8")
    notice = {"number": 1, "published": "2024-04-01"}
    manifest = {"notes": {}, "published": replaced, "corrections": [notice]}
    (edition / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ledger = Ledger(tmp_path / "ledger.csv")
    assert ledger.rebuild(tmp_path / "publications") == 2
    assert ledger.entries["numerator"].tolist() == [latest]
    assert ledger.rebuild(tmp_path / "publications") == 0
    assert ledger.lacks(edition) == 0
