"""A ledger is written whole or not at all, by one run at a time, from all that an edition quotes."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


REVISED_SINCE = [("9", [show("A", 10)]), ("10", [show("A", 10)]), ("11", [show("A", 12)])]


@pytest.mark.parametrize("again", [False, True])
def test_an_edition_without_a_line_published_once_more_alone_takes_no_revision_back(
    tmp_path, again
):
    ledger = Ledger(tmp_path / "ledger.csv")
    ledger.write_down(REVISED_SINCE)
    assert ledger.write_down([REVISED_SINCE[1]], again=again) == 0
    assert figures(ledger) == [("9", "10"), ("11", "12")]
    assert ledger.write_down([("10", [show("A", 11)])], again=again) == 1, "a figure of its own"
    assert figures(ledger)[-1] == ("10", "11")


@pytest.mark.parametrize(("again", "added"), [(False, 1), (True, 0)])
def test_only_what_was_published_before_is_as_it_was_beside_earlier_names(tmp_path, again, added):
    """An answer on an earlier year is published after the edition, and revises it."""
    ledger = Ledger(tmp_path / "ledger.csv")
    for edition, count in (("2022", 10), ("2023", 10), ("2022a1", 12)):
        ledger.write_down([(edition, [show("A", count)])])
    assert ledger.write_down([("2023", [show("A", 10)])], again=again) == added


def test_an_edition_corrected_to_what_was_known_stays_as_it_was_then(tmp_path):
    """Corrected, the first agrees with the second and gets no line; the third revises both."""
    first = [show("A", 12), show("B", 5)]
    ledger = Ledger(tmp_path / "ledger.csv")
    ledger.write_down([("2022", [show("A", 10), show("B", 5)]), ("2023", [show("A", 12)])])
    assert ledger.write_down([("2022", first)]) == 0
    editions = [("2022", first), ("2023", [show("A", 12)]), ("2024", [show("A", 13)])]
    assert ledger.write_down(editions) == 1
    assert [ledger.write_down(one) for one in ([editions[0]], editions)] == [0, 0]
    assert ledger.entries["numerator"].tolist() == [5, 13]
    folder = tmp_path / "publications" / "2022"
    folder.mkdir(parents=True)
    rows = "".join(f"theft,{place},2022,{n},fact\n" for place, n in (("A", 12), ("B", 5)))
    (folder / "a.csv").write_text(f"indicator,territory,period,numerator,unit\n{rows}", "utf-8")
    assert ledger.lacks(folder) == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(10, 12)] * 2), min_size=1, max_size=6), st.data())
def test_no_edition_published_once_more_as_it_was_adds_a_line(counts, data):
    editions = [(str(n), [show("A", a), show("B", b)]) for n, (a, b) in enumerate(counts, start=7)]
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.csv")
        for one in editions:
            ledger.write_down([one])
        lines = ledger.lines
        for one in data.draw(st.permutations(editions)):
            assert ledger.write_down([one], again=True) == 0
        assert ledger.write_down(editions) == 0
        latest = {line[2]: int(line[-1]) for line in ledger.lines}
        assert latest == dict(zip("AB", counts[-1], strict=True))
        again = Ledger(Path(folder) / "again.csv")
        again.write_down(editions)
        assert again.lines == lines


def data_file(folder, count, **manifest):
    (folder / "data").mkdir(parents=True)
    head = "indicator,territory,period,numerator,unit\n"
    (folder / "data" / "a.csv").write_text(f"{head}theft,A,2022,{count},fact\n", "utf-8")
    (folder / "manifest.json").write_text(json.dumps({"notes": {}, **manifest}), "utf-8")


@pytest.mark.parametrize(("first", "last"), [("9", "10"), ("2024-9", "2024-10"), ("2a9", "2a10")])
def test_a_ledger_made_again_reads_names_by_their_numbers(tmp_path, first, last):
    data_file(tmp_path / "publications" / first, 10)
    data_file(tmp_path / "publications" / last, 12)
    ledger = Ledger(tmp_path / "ledger.csv")
    assert ledger.rebuild(tmp_path / "publications") == 2
    assert figures(ledger) == [(first, "10"), (last, "12")]
    assert ledger.rebuild(tmp_path / "publications") == 0


def test_a_ledger_made_again_reads_what_was_first_published_first(tmp_path):
    top = tmp_path / "publications"
    data_file(top / "2023", 10, published="2026-03-01", replaces=["2024-02-01"])
    data_file(top / "2024", 12, published="2025-02-01")
    data_file(top / "2022a1", 13, published="2025-06-01")
    ledger = Ledger(tmp_path / "ledger.csv")
    ledger.rebuild(top)
    assert figures(ledger) == [("2023", "10"), ("2024", "12"), ("2022a1", "13")]


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
