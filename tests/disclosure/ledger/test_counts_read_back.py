"""The counts that the files of an edition show, row by row, by hand."""

import json

import pytest

from obs.disclosure.ledger.published_counts import counts_published, editions_of
from obs.errors import DisclosureError

HEAD = "indicator,territory,period,numerator,unit"


def published(tmp_path, text, *, name="a.csv", manifest=None, edition="2022"):
    folder = tmp_path / edition / "data"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    if manifest is not None:
        written = manifest if isinstance(manifest, str) else json.dumps(manifest)
        (tmp_path / edition / "manifest.json").write_text(written, encoding="utf-8")
    return counts_published(sorted(folder.glob("*.csv")))


@pytest.mark.parametrize(
    ("head", "row", "found"),
    [
        ("", "theft,A,2022,40,fact", ["2022 fact  count 40"]),
        ("", "theft,A,2022,40.0,fact", ["2022 fact  count 40"]),
        ("", "theft,A,2022,,fact", []),
        ("", "theft,A,2022,0,", ["2022   count 0"]),
        ("", "theft,A,2022-03,40,fact", ["2022-03 fact  count 40"]),
        (",form", "theft,A,2022,40,fact,sexual", ["2022 fact form=sexual count 40"]),
        (",form", "theft,A,2022,40,fact,all", ["2022 fact  count 40"]),
        (",form", "theft,A,2022,40,fact,", ["2022 fact  count 40"]),
        (
            ",relation,form",
            "theft,A,2022,40,fact,couple,sexual",
            ["2022 fact form=sexual relation=couple count 40"],
        ),
        (",point", "theft,A,2022,40,fact,same_months", []),
        (",point", "theft,A,2022,40,fact,event", []),
        (",point", "theft,A,2022,40,fact,year", ["2022 fact  count 40"]),
        (
            ",base,base_numerator",
            "theft,A,2022,40,fact,2021,30",
            ["2022 fact  count 40", "2021 fact  count 30"],
        ),
        (",base", "theft,A,2022,40,fact,2021", ["2022 fact  count 40"]),
        (
            ",denominator,scale",
            "theft,A,2022,40,fact,60.0,share",
            ["2022 fact  count 40", "2022 fact  whole 60"],
        ),
        (",denominator,scale", "theft,A,2022,40,fact,60.0,count", ["2022 fact  count 40"]),
        (",denominator", "theft,A,2022,40,fact,60.0", ["2022 fact  count 40"]),
    ],
)
def test_a_row_of_a_data_file_is_read_as_it_was_shown(tmp_path, head, row, found):
    counts = published(tmp_path, f"{HEAD}{head}\n{row}\n")
    assert [" ".join(c[2:]) for c in counts] == found
    assert {c[:2] for c in counts} <= {("theft", "A")}


def test_a_file_without_counts_has_none(tmp_path):
    assert published(tmp_path, "indicator,territory,period\ntheft,A,2022\n") == []
    assert published(tmp_path, "indicator,territory,numerator\ntheft,A,9\n") == []
    bare = published(tmp_path, "indicator,territory,period,numerator\ntheft,A,2022,9\n")
    assert bare == [("theft", "A", "2022", "", "", "count", "9")]


KEY = {"indicator": "theft", "territory": "B", "period": "2022"}


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ({"key": KEY, "numerator": 30, "unit": "fact"}, ["B 2022 fact  count 30"]),
        ({"key": KEY, "numerator": 0, "unit": "fact"}, ["B 2022 fact  count 0"]),
        ({"key": KEY, "numerator": None, "unit": "fact"}, []),
        ({"key": KEY, "unit": "fact"}, []),
        ({"key": KEY | {"point": "event"}, "numerator": 30, "unit": "fact"}, []),
        ({"key": {"indicator": "theft"}, "numerator": 30, "unit": "fact"}, []),
        (
            {"key": KEY | {"form": "sexual", "place": "all"}, "numerator": 30, "unit": "fact"},
            ["B 2022 fact form=sexual count 30"],
        ),
    ],
)
@pytest.mark.parametrize("where", ["notes", "sheets"])
def test_a_sentence_shows_its_count(tmp_path, number, found, where):
    manifest = {"notes": {}} | {where: {"focus": {"fr": {"numbers": [number]}}}}
    counts = published(tmp_path, f"{HEAD}\n", manifest=manifest)
    assert [" ".join(c[1:]) for c in counts] == found


@pytest.mark.parametrize("manifest", ["{", "{}", '{"notes": []}', '{"notes": {"a": {"fr": {}}}}'])
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path, manifest):
    with pytest.raises(DisclosureError, match=r"^'manifest.json' cannot be read\.$"):
        published(tmp_path, f"{HEAD}\n", manifest=manifest)


def test_a_data_file_that_is_no_csv_is_refused(tmp_path):
    with pytest.raises(DisclosureError, match=r"'a.csv' cannot be read as CSV"):
        published(tmp_path, 'a,b\n"never ends\n1,2,3\n')


def edition(tmp_path, name, *, counts=True, **manifest):
    text = f"{HEAD}\ntheft,A,2022,40,fact\n" if counts else "a\n1\n"
    published(tmp_path, text, edition=name, manifest={"notes": {}} | manifest)


def test_editions_are_in_the_order_in_which_readers_saw_them(tmp_path):
    edition(tmp_path, "2024", published="2024-03-01", replaces=["2021-01-01"])
    edition(tmp_path, "10", published="2022-05-01")
    edition(tmp_path, "9", published="2022-05-01")
    edition(tmp_path, "draft", state="draft")
    (tmp_path / ".kept").mkdir()
    (tmp_path / "bare" / "data").mkdir(parents=True)
    assert [name for name, _ in editions_of(tmp_path)] == ["2024", "9", "10"]


def test_folders_without_a_manifest_count_where_none_has_one(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("a", ".kept"):
        (tmp_path / name).mkdir()
        text = f"{HEAD}\ntheft,A,2022,40,fact\n"
        (tmp_path / name / "x.csv").write_text(text, encoding="utf-8")
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    assert [(name, len(files)) for name, files in editions_of(tmp_path)] == [("a", 1), ("b", 0)]


def test_no_counts_anywhere_is_said_with_the_drafts_that_were_passed_over(tmp_path):
    edition(tmp_path, "2022", counts=False)
    with pytest.raises(DisclosureError, match=r"no data file with counts \(1 .csv.*editions\.$"):
        editions_of(tmp_path)
    edition(tmp_path, "2023", state="draft")
    with pytest.raises(DisclosureError, match="Drafts are read once `obs publish` has published"):
        editions_of(tmp_path)
