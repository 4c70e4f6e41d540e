import hashlib
import json
import subprocess

import pytest

from obs.errors import PublicationError
from obs.report.checks.check_path import check_publication
from obs.report.edition.manifest import (
    describe_commit,
    make_manifest,
    read_internal_manifest,
    read_manifest,
    write_internal_manifest,
)


@pytest.fixture
def manifest(sealed_edition):
    return read_manifest(sealed_edition)


def test_it_says_what_the_edition_is(manifest):
    assert manifest["edition"] == "2022"
    assert manifest["published"] == "2023-06-30"
    assert manifest["languages"] == ["fr", "nl", "en"]
    assert manifest["synthetic"] is True


def test_it_says_what_the_edition_was_made_from(manifest):
    (source,) = manifest["sources"]
    assert source["file"] == "police.csv"
    assert source["extracted"] == "2023-01-15"
    assert source["hmac"] == "f" * 64
    assert set(source) == {"extracted", "file", "hmac", "licence", "title"}, "no digest, no row"
    assert manifest["rules"] == ["default"]
    assert {"python", "obs", "pandas", "typst"} <= set(manifest["versions"])


def test_each_file_has_its_sum(manifest, sealed_edition):
    assert len(manifest["files"]) == 15
    for name, about in manifest["files"].items():
        content = (sealed_edition / name).read_bytes()
        assert about == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_it_has_no_path_of_the_machine(sealed_edition):
    text = (sealed_edition / "manifest.json").read_text(encoding="utf-8")
    assert str(sealed_edition.parent) not in text
    assert "/tmp" not in text


@pytest.mark.slow
def test_a_source_keeps_its_name_and_loses_its_place(tiny_pages, tmp_path):
    made = make_manifest(tiny_pages, tmp_path, sources=[{"file": "/srv/in/police.csv"}])
    assert made["sources"] == [{"file": "police.csv"}]


def test_the_internal_manifest_is_found_by_the_public_one(tmp_path):
    public = tmp_path / "2022" / "manifest.json"
    public.parent.mkdir()
    public.write_text("{}", encoding="utf-8")
    inside = tmp_path / "inside"
    path = write_internal_manifest(
        {"sources": [{"read": 19}]}, inside, edition="2022", public=public
    )
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_internal_manifest(inside, public.parent) == {"sources": [{"read": 19}]}
    public.write_text("{ }", encoding="utf-8")
    assert read_internal_manifest(inside, public.parent) is None, "of another edition"
    assert read_internal_manifest(inside, tmp_path / "absent") is None


def test_a_parameter_that_is_a_place_is_left_out(tiny_pages, tmp_path):
    tiny_pages[0].parameters["processed"] = "/srv/processed"
    try:
        made = make_manifest(tiny_pages, tmp_path)
    finally:
        del tiny_pages[0].parameters["processed"]
    kept = made["notes"]["tiny"]["fr"]["parameters"]
    assert kept == {"lang": "fr", "edition": 2022, "published": "2023-06-30"}


def test_an_unreadable_manifest_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(PublicationError, match="no manifest.json that can be read"):
        read_manifest(tmp_path)


def test_the_commit_says_whether_the_checkout_was_changed(tmp_path):
    def git(*words):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    path = tmp_path / "a.txt"
    path.write_text("a", encoding="utf-8")
    git("add", "a.txt")
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "A")
    clean = describe_commit(tmp_path)
    assert len(clean["id"]) == 40
    assert clean["dirty"] is False
    path.write_text("b", encoding="utf-8")
    assert describe_commit(tmp_path) == {"id": clean["id"], "dirty": True}


def test_outside_a_checkout_there_is_no_commit(manifest):
    assert manifest["commit"] is None


def test_it_is_written_in_one_order(sealed_edition):
    text = (sealed_edition / "manifest.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"null", "input should be an object"),
        (b"[1]", "input should be an object"),
        (b"\xff\xfe", "invalid JSON"),
        (b"[" * 100_000, "recursion limit"),
        (b'{"files": 5}', "'files': input should be an object"),
        (b'{"files": {"a.csv": null}}', "'files.a.csv'"),
        (b'{"notes": {"a": {"fr": {"numbers": 5}}}}', "'notes.a.fr.numbers'"),
        (b'{"notes": {"a": {"fr": {"blocks": [1]}}}}', "'notes.a.fr.blocks.0'"),
        (b'{"languages": "fr"}', "'languages'"),
    ],
)
def test_one_of_another_shape_is_refused_in_words(tmp_path, content, why):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(PublicationError, match=r"no manifest\.json that can be read: ") as caught:
        read_manifest(tmp_path)
    assert why in str(caught.value)


@pytest.mark.parametrize("name", ["a.en.html", "data/a.csv"])
def test_a_file_that_is_no_text_is_told(tmp_path, name):
    (tmp_path / "data").mkdir()
    (tmp_path / "manifest.json").write_text('{"files": {}}', encoding="utf-8")
    (tmp_path / name).write_bytes(b"\xff\xfe")
    assert (name, "is not text in UTF-8") in [
        (f.file, f.message) for f in check_publication(tmp_path)
    ]
