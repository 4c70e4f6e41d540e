"""Records of a JSON file as columns of texts, by hand."""

import json
from pathlib import Path

import pytest

from obs.clean.read.file_checks import Delivery
from obs.clean.read.json_records import read_json
from obs.errors import DeliveryError


def read(content, *, records="", decimal=","):
    text = content if isinstance(content, bytes | str) else json.dumps(content)
    data = text.encode() if isinstance(text, str) else text
    return read_json(
        Delivery(Path("a"), "a.json", "", "json", data), records=records, decimal=decimal
    )


def refused(content, said, **more):
    with pytest.raises(DeliveryError, match=said):
        read(content, **more)


def test_cells_are_texts_and_what_a_record_lacks_is_missing():
    content = '[{"a": 1, "b": 2.5}, {"b": "x", "c": true}, {"c": false, "a": null}]'
    assert read(content) == (
        ["a", "b", "c"],
        [["1", None, None], ["2,5", "x", None], [None, "true", "false"]],
    )
    assert read("[]") == ([], [])


def test_numbers_are_kept_as_they_are_written():
    assert read('[{"a": 007}]'.replace("007", "1e5"))[1] == [["1e5"]]
    assert read('[{"a": NaN, "b": 12345678901234567890}]')[1] == [["NaN"], ["12345678901234567890"]]


def test_objects_within_a_record_are_named_by_their_path():
    assert read([{"v": {"sex": "F", "age": {"n": 3}}}])[0] == ["v.sex", "v.age.n"]
    deep = {"a": "x"}
    for _ in range(8):
        deep = {"a": deep}
    assert read([deep])[0] == [".".join("a" * 9)]
    refused([{"a": deep}], "record 1 nests more than 8 objects")


def test_lines_of_objects_are_records():
    assert read('{"a": 1}\n\n {"a": 2}\n')[1] == [["1", "2"]]
    refused('{"a": 1}\n{"a": }\n', "damaged, or not JSON, at line 2, character 7")
    refused('{"a": 1}\n[2]\n', "record 2 is a list and not an object")
    refused("[1]\n[2]\n", "damaged, or not JSON, at line 2, character 1")
    refused('[{"a": 1', "damaged, or not JSON, at line 1, character 9")


def test_the_list_is_found_by_its_path():
    content = {"data": {"items": [{"a": 1}], "other": [1]}, "meta": {}}
    assert read(content, records="data.items")[1] == [["1"]]
    refused(
        content,
        "no 'nothing' on the path 'data.nothing'.*keys there: items, other",
        records="data.nothing",
    )
    refused(content, "no 'x' on the path 'data.items.x'.*keys there: none", records="data.items.x")
    refused(content, "one object and not a list of records.*path of the list of records\\.$")
    refused(content, r"\(lists in it: items, other\)", records="data")
    refused({"a": 5}, "a value and not a list of records", records="a")


def test_what_no_record_holds_is_refused():
    refused('[{"a": 1}, 5]', "record 2 is a value and not an object")
    refused("[[1]]", "record 1 is a list and not an object")
    refused('[{"a": [1, 2]}]', "record 1 holds a list of 2 under 'a'")
    refused('[{"a": 1, "a": 2}]', "an object gives a key twice")
    refused('[{"a.b": 1, "a": {"b": 2}}]', "record 1 gives 'a.b' twice")
    refused({"class": "dataset"}, "JSON-stat")
    refused({"dataset": {"dimension": 1, "value": 2}}, "JSON-stat")
    refused({"dataset": {"dimension": 1}}, "one object and not a list")


def test_a_thousand_keys_are_the_most():
    assert len(read([{f"k{i}": 1 for i in range(1000)}])[0]) == 1000
    refused([{f"k{i}": 1 for i in range(1001)}], "records of more than 1,000 different keys")


def test_encodings_of_json():
    text = '[{"a": "é"}]'
    assert read(text.encode("utf-8-sig"))[1] == [["é"]]
    assert read(text.encode("utf-16"))[1] == [["é"]]
    refused(text.encode("latin-1"), "byte 9 is not UTF-8")


def test_half_of_a_character_is_refused_by_its_place():
    assert read('[{"a": "\\ud83d\\ude00"}]')[1] == [["\U0001f600"]]
    refused('[{"a": "x"}, {"a": "\\ud83d"}]', "record 2 holds half of a character")
    refused('[{"\\ud83d": "x"}]', "the name of a key holds half of a character")


def test_a_file_that_is_too_large_or_nests_without_end_is_refused(monkeypatch):
    refused("[" * 100_000, "nested without end|damaged")
    monkeypatch.setattr("obs.clean.read.json_records._LARGEST", 12)
    assert read('[{"a": "b"}]')[1] == [["b"]]
    refused('[{"a": "bc"}]', "a JSON file of more than")
