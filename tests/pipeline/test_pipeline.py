"""One edition end to end on a small synthetic observatory: whole, repeatable, or not at all."""

import hashlib
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

import obs
from obs.__main__ import main
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import read_released
from obs.disclosure.ledger.ledger import LEDGER
from obs.errors import DeliveryError, DisclosureError, ObsError
from obs.pipeline.audit_verdict import AUDIT

NOTES = ("focus_vols", "focus_vif")
LANGUAGES = ("fr", "nl", "en")


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    obs.sample(folder, years=range(2022, 2025), scale=0.2, seed=7)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory, raw, root):
    """Build an edition; give its folders."""
    base = tmp_path_factory.mktemp("project")
    steps = []
    built = obs.build(
        raw=raw,
        out=base / "publications",
        processed=base / "processed",
        notebooks=root / "notebooks",
        progress=steps.append,
    )
    return {"base": base, "built": built, "steps": steps}


def fingerprint(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_note_is_there_in_every_language_and_format(project):
    folder = project["built"].folder
    assert folder.name == "2024"
    wanted = {f"{n}.{lang}.{kind}" for n in NOTES for lang in LANGUAGES for kind in ("html", "pdf")}
    assert {p.name for p in folder.iterdir()} == wanted | {"index.html", "manifest.json", "data"}
    assert list((folder / "data").glob("*.csv"))


def test_the_account_of_rows_closes(project):
    report = project["built"].report
    assert (report["read"] == report["kept"] + report["merged"] + report["rejected"]).all()
    assert len(project["built"].rejected) == report["rejected"].sum()


def test_synthetic_data_say_so_on_every_page_and_in_every_file(project):
    folder = project["built"].folder
    for page in folder.glob("*.html"):
        assert re.search("synth[eé]ti", page.read_text(encoding="utf-8"), re.IGNORECASE), page.name
    for path in (folder / "data").glob("*.csv"):
        assert pd.read_csv(path)["synthetic"].all(), path.name


def test_the_three_languages_state_the_same_numbers(project):
    """The texts differ (1 234, 1.234, 1,234); the values bound behind them may not."""
    manifest = json.loads((project["built"].folder / "manifest.json").read_text(encoding="utf-8"))
    for name in NOTES:
        bound = {
            lang: [
                (n["filter"], n["value"], n["status"], n["key"], n["origin"])
                for n in manifest["notes"][name][lang]["numbers"]
            ]
            for lang in LANGUAGES
        }
        assert len(bound["fr"]) > 20, name
        assert bound["fr"] == bound["nl"] == bound["en"], name


def test_the_edition_passes_its_own_checks_and_a_changed_figure_does_not(project, tmp_path):
    folder = project["built"].folder
    assert obs.report.check_path(folder) == []
    spoilt = tmp_path / folder.name
    shutil.copytree(folder, spoilt)
    data = next((spoilt / "data").glob("focus_vols_*.csv"))
    data.write_text(data.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    assert any("changed after it was published" in str(f) for f in obs.report.check_path(spoilt))


def test_a_second_build_gives_the_same_bytes(project, raw, root, tmp_path):
    again = obs.build(
        raw=raw,
        out=tmp_path / "publications",
        processed=tmp_path / "processed",
        notebooks=root / "notebooks",
    )
    assert fingerprint(again.folder) == fingerprint(project["built"].folder)
    pages = [
        base / "processed" / "brussels" / "2024" / AUDIT for base in (project["base"], tmp_path)
    ]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_the_audit_page_lies_beside_the_internal_tables_and_is_not_published(project):
    folder = project["base"] / "processed" / "brussels" / "2024"
    page = (folder / AUDIT).read_text(encoding="utf-8")
    cells = obs.audit(read_released(folder / "released"))
    assert f"<p>{len(cells):,} counts are withheld" in page
    assert "this page holds the withheld counts themselves" in page
    assert "Every withheld figure keeps the doubt that its rule asks for." in page
    assert "he kept 0 counts of earlier editions" in page
    published = [p for p in (project["base"] / "publications").rglob("*") if p.is_file()]
    assert AUDIT not in {p.name for p in published}
    assert not [p.name for p in published if b"Disclosure audit" in p.read_bytes()]


def test_a_failing_audit_changes_neither_tables_nor_publications(project, raw, root, monkeypatch):
    def fail(*_, **__):
        raise DisclosureError("the solver failed")

    base = project["base"]
    before = {name: fingerprint(base / name) for name in ("publications", "processed")}
    monkeypatch.setattr("obs.pipeline.audit_verdict.audit", fail)
    with pytest.raises(DisclosureError, match="the solver failed"):
        obs.build(
            raw=raw,
            out=base / "publications",
            processed=base / "processed",
            notebooks=root / "notebooks",
        )
    assert {name: fingerprint(base / name) for name in before} == before


@pytest.fixture
def forgetful(monkeypatch):
    """Withhold small counts alone, none of the others that keep them from being worked out."""
    monkeypatch.setattr(
        "obs.disclosure.release.hide",
        lambda cells, *_, **__: np.zeros(len(cells.of_key), dtype=bool),
    )


def build_of(base, raw, root, *more):
    folders = {"--raw": raw, "--out": base / "publications", "--processed": base / "processed"}
    folders["--notebooks"] = root / "notebooks"
    return ["build", "--quiet", *[str(p) for pair in folders.items() for p in pair], *more]


def test_an_edition_that_the_audit_finds_unsafe_is_not_published(
    project, raw, root, tmp_path, capsys, forgetful
):
    """The fault is planted in the suppression; the audit, which shares nothing with it, sees it."""
    base = tmp_path / "project"
    shutil.copytree(project["base"], base)
    before = {name: fingerprint(base / name) for name in ("publications", "processed")}
    assert LEDGER in before["publications"]
    assert main(build_of(base, raw, root)) == 3
    said = capsys.readouterr().err
    assert re.search(r"edition 2024 is not published: a reader can narrow \d+ of \d+", said)
    named = r"\w+ \d{4,5} \d{4}\S* .*in 'focus_\w+\.\w+' \(withheld for itself; rule \w+\)"
    assert re.search(named, said)
    assert "Publish the tables named coarser or leave them out" in said
    assert AUDIT in said
    assert "Traceback" not in said

    after = {name: fingerprint(base / name) for name in before}
    assert after["publications"] == before["publications"]
    page = f"brussels/2024/{AUDIT}"
    changed = {k for k, v in after["processed"].items() if before["processed"].get(k) != v}
    assert changed == {page}
    assert before["processed"].keys() == after["processed"].keys()
    assert "do not publish" in (base / "processed" / page).read_text(encoding="utf-8")


def test_a_first_edition_that_is_unsafe_leaves_its_page_alone(
    raw, root, tmp_path, capsys, forgetful
):
    assert main(build_of(tmp_path, raw, root)) == 3
    folder = tmp_path / "processed" / "brussels" / "2024"
    assert [p.name for p in folder.iterdir()] == [AUDIT]
    assert not (tmp_path / "publications").exists()
    with pytest.raises(ObsError, match="is not built"):
        obs.open_note("focus_vols", edition=2024, lang="fr", processed=tmp_path / "processed")


def test_what_is_published_holds_no_path_of_this_machine(project):
    for path in project["built"].folder.rglob("*"):
        if path.suffix in (".html", ".json", ".csv"):
            text = path.read_text(encoding="utf-8")
            assert str(project["base"]) not in text, path.name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--raw", "nowhere"], "no deliveries in 'nowhere'"),
        (["--lang", "fr,xx"], "xx is none of fr, nl, en"),
        (["--notes", "focus_fraude"], "no note focus_fraude"),
        (["--config", "nowhere.toml"], "nowhere.toml"),
        (["--notebooks", "nowhere"], "no declaration 'focus_vols.toml'"),
    ],
)
def test_wrong_use_says_so_and_changes_nothing(project, raw, root, capsys, arguments, said):
    base = project["base"]
    before = fingerprint(base / "publications")
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    options = {
        "--raw": str(raw),
        "--notebooks": str(root / "notebooks"),
        "--out": str(base / "publications"),
        "--processed": str(base / "processed"),
        **given,
    }
    code = main(["build", "--quiet", *(w for pair in options.items() for w in pair)])
    assert code == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert fingerprint(base / "publications") == before


def test_a_refused_delivery_changes_no_publication(project, raw, root, tmp_path, capsys):
    hostile = tmp_path / "raw"
    shutil.copytree(raw, hostile)
    target = next((hostile / "police").glob("police_2024_*.csv"))
    target.write_bytes(
        target.read_bytes().replace(b"NUM_FAIT", b"NOM_VICTIME").replace(b"FEITNUMMER", b"NAAM")
    )
    base = project["base"]
    before = fingerprint(base / "publications")
    code = main(
        [
            "build",
            "--quiet",
            "--raw",
            str(hostile),
            "--notebooks",
            str(root / "notebooks"),
            "--out",
            str(base / "publications"),
            "--processed",
            str(base / "processed"),
        ]
    )
    assert code == 2
    assert "Traceback" not in capsys.readouterr().err
    assert fingerprint(base / "publications") == before


def test_an_edition_stops_at_its_year(project, raw, root, tmp_path):
    built = obs.build(
        raw=raw,
        out=tmp_path / "publications",
        processed=tmp_path / "processed",
        notebooks=root / "notebooks",
        edition=2023,
        lang=["en"],
        notes=["focus_vols"],
    )
    assert sorted(p.name for p in built.folder.glob("*.html")) == [
        "focus_vols.en.html",
        "index.html",
    ]
    note = obs.open_note("focus_vols", edition=2023, lang="en", processed=tmp_path / "processed")
    assert note.last("years") == "2023"
    assert "focus_vif.years" in note.tables.names, "disclosure must see every note"


def test_every_delivery_is_registered(project):
    registry = Registry.of(project["base"] / "processed", "brussels")
    assert registry.deliveries["file"].tolist() == project["built"].report["file"].tolist()
    assert registry.deliveries["read"].sum() == project["built"].report["read"].sum()


def test_the_last_months_are_provisional_and_say_how_complete_they_are(project):
    released = read_released(project["base"] / "processed" / "brussels" / "2024" / "released")
    months = released["focus_vols.months"].table.drop_duplicates("period").set_index("period")
    recent = months[months["status"] == "provisional"]
    assert recent.index.astype("str").tolist() == ["2024-11", "2024-12"]
    assert recent["completeness"].between(0.9, 0.99).all()
    for page in project["built"].folder.glob("focus_vols.en.html"):
        assert "Provisional values: November 2024, December 2024." in page.read_text("utf-8")


CORRECTION = """
[[correction]]
id = "mended-already"
source = "police"
reason = "a street coded in the wrong commune"
provider = "zone 5340"
reported = 2022-03-01
status = "confirmed"
rows = 1
where = { event_id = "F22000001" }
expect = { territory = "nowhere" }
set = { territory = "21010" }
"""


def test_a_correction_of_a_mended_source_stops_the_build(raw, root, tmp_path):
    packaged = root / "obs" / "reference" / "brussels" / "observatory.toml"
    config = shutil.copy(packaged, tmp_path / "observatory.toml")
    (tmp_path / "corrections.toml").write_text(CORRECTION, encoding="utf-8")
    out = tmp_path / "publications"
    with pytest.raises(DeliveryError, match="'mended-already': .* set its status to 'mended'"):
        obs.build(
            config=config,
            raw=raw,
            out=out,
            processed=tmp_path / "processed",
            notebooks=root / "notebooks",
        )
    assert not out.exists()
