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
