"""One edition end to end on a small synthetic observatory: whole, repeatable, or not at all."""

import hashlib
import json
import re
import shutil
import sys

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
from tests.conftest import SHEETS

NOTES = (
    "focus_vols",
    "focus_vif",
    "focus_parcours",
    "focus_cyber",
    "plan_pgsp",
    "rapport_annuel",
)  # of sources in 2022 to 2024
LANGUAGES = ("fr", "nl", "en")


@pytest.fixture
def folders(sample_edition, sample_raw, root, tmp_path):
    """Give the folders of a build, with a copy of the edition that stands there already."""
    base = shutil.copytree(sample_edition.base, tmp_path / "edition")
    return {
        "raw": sample_raw,
        "out": base / "publications",
        "processed": base / "processed",
        "notebooks": root / "notebooks",
    }


@pytest.fixture
def empty(sample_raw, root, tmp_path):
    """Give the folders of a build that nothing was built in."""
    return {
        "raw": sample_raw,
        "out": tmp_path / "publications",
        "processed": tmp_path / "processed",
        "notebooks": root / "notebooks",
    }


def options(folders):
    return [w for name, path in folders.items() for w in (f"--{name}", str(path))]


def written(folders):
    """Give the digests of what was written, besides what a build keeps to be quicker."""
    found = {name: fingerprint(folders[name]) for name in ("out", "processed")}
    kept = ("brussels/kept/", "brussels/judged/")
    inside = {name: one for name, one in found["processed"].items() if not name.startswith(kept)}
    return found | {"processed": inside}


def fingerprint(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_every_note_is_there_in_every_language_and_format(sample_edition):
    folder = sample_edition.built.folder
    assert folder.name == "2024"
    wanted = {f"{n}.{lang}.{kind}" for n in NOTES for lang in LANGUAGES for kind in ("html", "pdf")}
    wanted |= {f"index.{lang}.html" for lang in LANGUAGES}
    wanted |= {"index.html", "manifest.json", "data", "open_data", "communes"}
    assert {p.name for p in folder.iterdir()} == wanted
    assert list((folder / "data").glob("*.csv"))


def test_a_front_page_names_the_suppliers_of_what_the_notes_show(sample_edition):
    text = (sample_edition.built.folder / "index.fr.html").read_text(encoding="utf-8")
    listed = text.partition("<h3>Sources</h3>")[2].partition("</ul>")[0]
    assert "Services de police, faits enregistrés. " in listed
    assert "Parquet, affaires" in listed
    assert "Lignes d" not in listed, "no call is of these years"
    assert ".csv" not in listed
    assert len(re.findall(r'href="focus_vols\.fr\.html#[^"]+--\d+"', text)) == 19


def test_the_account_of_rows_closes(sample_edition):
    report = sample_edition.built.report
    assert (report["read"] == report["kept"] + report["merged"] + report["rejected"]).all()
    assert len(sample_edition.built.rejected) == report["rejected"].sum()


def test_synthetic_data_say_so_on_every_page_and_in_every_file(sample_edition):
    folder = sample_edition.built.folder
    for page in folder.glob("*.html"):
        assert re.search("synth[eé]ti", page.read_text(encoding="utf-8"), re.IGNORECASE), page.name
    for path in (folder / "data").glob("*.csv"):
        assert pd.read_csv(path)["synthetic"].all(), path.name


def test_the_three_languages_state_the_same_numbers(sample_edition):
    """The texts differ (1 234, 1.234, 1,234); the values bound behind them may not."""
    manifest = json.loads(
        (sample_edition.built.folder / "manifest.json").read_text(encoding="utf-8")
    )
    for name in NOTES:
        bound = {
            lang: [
                (n["filter"], n["value"], n["status"], n["key"], n["origin"])
                for n in manifest["notes"][name][lang]["numbers"]
            ]
            for lang in LANGUAGES
        }
        assert len(bound["fr"]) >= 5, name
        assert bound["fr"] == bound["nl"] == bound["en"], name


def test_the_edition_passes_its_own_checks_and_a_changed_figure_does_not(sample_edition, tmp_path):
    folder = sample_edition.built.folder
    assert obs.report.check_path(folder) == []
    spoilt = tmp_path / folder.name
    shutil.copytree(folder, spoilt)
    data = next((spoilt / "data").glob("focus_vols_*.csv"))
    data.write_text(data.read_text(encoding="utf-8").replace("1", "2"), encoding="utf-8")
    assert any("changed after it was published" in str(f) for f in obs.report.check_path(spoilt))


@pytest.mark.proof
def test_a_second_build_gives_the_same_bytes(sample_edition, empty):
    again = obs.build(**empty, sheets=SHEETS)
    assert fingerprint(again.folder) == fingerprint(sample_edition.built.folder)
    pages = [
        processed / "brussels" / "2024" / AUDIT
        for processed in (sample_edition.base / "processed", empty["processed"])
    ]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_the_audit_page_lies_beside_the_internal_tables_and_is_not_published(sample_edition):
    folder = sample_edition.base / "processed" / "brussels" / "2024"
    page = (folder / AUDIT).read_text(encoding="utf-8")
    cells = obs.audit(read_released(folder / "released"))
    assert f"<p>{len(cells):,} counts are withheld" in page
    assert "this page holds the withheld counts themselves" in page
    assert "Every withheld figure keeps the doubt that its rule asks for." in page
    assert "0 counts of earlier editions are known too" in page
    published = [p for p in (sample_edition.base / "publications").rglob("*") if p.is_file()]
    assert AUDIT not in {p.name for p in published}
    assert not [p.name for p in published if b"Disclosure audit" in p.read_bytes()]


def test_a_failing_audit_changes_neither_tables_nor_publications(
    folders, burglary_observatory, monkeypatch
):
    def fail(*_, **__):
        raise DisclosureError("the solver failed")

    before = written(folders)
    monkeypatch.setattr("obs.pipeline.audit_verdict.audit", fail)
    with pytest.raises(DisclosureError, match="the solver failed"):
        obs.build(config=burglary_observatory, **folders, force=True)
    assert written(folders) == before


@pytest.fixture
def forgetful(monkeypatch):
    """Withhold small counts alone, none of the others that keep them from being worked out."""
    monkeypatch.setattr(
        sys.modules["obs.disclosure.release"],  # by its name, the package gives the function
        "choose_hidden",
        lambda cells, *_, **__: np.zeros(len(cells.of_key), dtype=bool),
    )


def test_an_edition_that_the_audit_finds_unsafe_is_not_published(folders, capsys, forgetful):
    """The fault is planted in the suppression; the audit, which shares nothing with it, sees it."""
    before = written(folders)
    assert any("/draft-2024-" in name for name in before["processed"])
    assert not any(name.endswith(LEDGER) for name in before["processed"]), "nothing is published"
    assert main(["build", "--quiet", "--force", *options(folders)]) == 3
    said = capsys.readouterr().err
    assert re.search(r"edition 2024 is not published: a reader can narrow \d+ of \d+", said)
    named = r"\w+ \d{4,5} \d{4}\S* .*in 'focus_\w+\.\w+' \(withheld for itself; rule \w+\)"
    assert re.search(named, said)
    assert "Publish the tables named coarser or leave them out" in said
    assert AUDIT in said
    assert "Traceback" not in said

    after = written(folders)
    assert after["out"] == before["out"]
    page = f"brussels/2024/{AUDIT}"
    changed = {k for k, v in after["processed"].items() if before["processed"].get(k) != v}
    assert changed == {page}
    assert before["processed"].keys() == after["processed"].keys()
    assert "do not publish" in (folders["processed"] / page).read_text(encoding="utf-8")


def test_a_first_edition_that_is_unsafe_leaves_its_page_alone(empty, capsys, forgetful):
    assert main(["build", "--quiet", *options(empty)]) == 3
    folder = empty["processed"] / "brussels" / "2024"
    assert [p.name for p in folder.iterdir()] == [AUDIT]
    assert not empty["out"].exists()
    with pytest.raises(ObsError, match="is not built"):
        obs.open_note("focus_vols", edition=2024, lang="fr", processed=empty["processed"])


def test_what_is_published_holds_no_path_of_this_machine(sample_edition):
    for path in sample_edition.built.folder.rglob("*"):
        if path.suffix in (".html", ".json", ".csv"):
            text = path.read_text(encoding="utf-8")
            assert str(sample_edition.base) not in text, path.name


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
def test_wrong_use_says_so_and_changes_nothing(folders, capsys, arguments, said):
    before = written(folders)
    assert main(["build", "--quiet", *options(folders), *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert written(folders) == before


def test_a_refused_delivery_changes_no_publication(folders, tmp_path, capsys):
    hostile = shutil.copytree(folders["raw"], tmp_path / "raw")
    target = next((hostile / "police").glob("police_2024_*.csv"))
    target.write_bytes(
        target.read_bytes().replace(b"NUM_FAIT", b"NOM_VICTIME").replace(b"FEITNUMMER", b"NAAM")
    )
    before = written(folders)
    assert main(["build", "--quiet", *options({**folders, "raw": hostile})]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert written(folders)["out"] == before["out"]


@pytest.mark.slow
def test_a_delivery_that_leads_out_of_the_raw_folder_is_refused(empty, tmp_path, capsys):
    raw = shutil.copytree(empty["raw"], tmp_path / "raw")
    moved = next(raw.glob("police/*.csv")).rename(tmp_path / "elsewhere.csv")
    (raw / "police" / "police_2024_20250131.csv").unlink(missing_ok=True)
    (raw / "police" / "police_2024_20250131.csv").symlink_to(moved)
    assert main(["build", *options(empty | {"raw": raw}), "--quiet"]) == 2
    assert "police_2024_20250131.csv: leads out of the folder 'raw'" in capsys.readouterr().err


def test_an_edition_stops_at_its_year(empty, root, burglary_observatory, tmp_path):
    """One of two notes is rendered; disclosure sees the tables of both."""
    notebooks = shutil.copytree(root / "notebooks", tmp_path / "notebooks")
    shutil.copy(notebooks / "focus_vols.ipynb", notebooks / "focus_bikes.ipynb")
    bikes = '[title]\nen = "Bicycles"\n[[table]]\nid = "years"\nindicators = ["bicycle_theft"]\n'
    (notebooks / "focus_bikes.toml").write_text(bikes + 'period = "year"\n', encoding="utf-8")
    config = tmp_path / "observatory.toml"
    text = burglary_observatory.read_text(encoding="utf-8")
    config.write_text(text.replace('"focus_vols"]', '"focus_vols", "focus_bikes"]'), "utf-8")
    asked = {**empty, "config": config, "notebooks": notebooks}
    built = obs.build(**asked, edition=2023, lang=["en"], notes=["focus_vols"])
    assert sorted(p.name for p in built.folder.glob("*.html")) == [
        "focus_vols.en.html",
        "index.en.html",
        "index.html",
    ]
    note = obs.open_note("focus_vols", edition=2023, lang="en", processed=empty["processed"])
    assert note.last("years") == "2023"
    assert "focus_bikes.years" in note.tables.names, "disclosure must see every note"
    bound = note.fact("years", indicator="burglary_dwelling")
    assert bound.deliveries, "a fact knows the deliveries of its period"
    assert all("2023" in name and "/" not in name for name in bound.deliveries)
    assert f"Deliveries: {', '.join(bound.deliveries)}" in str(note.trace(bound))


def test_every_delivery_is_registered(sample_edition):
    registry = Registry.of(sample_edition.base / "processed", "brussels")
    assert registry.deliveries["file"].tolist() == sample_edition.built.report["file"].tolist()
    assert registry.deliveries["read"].sum() == sample_edition.built.report["read"].sum()


def test_the_last_months_are_provisional_and_say_how_complete_they_are(sample_edition):
    released = read_released(sample_edition.base / "processed" / "brussels" / "2024" / "released")
    months = released["focus_vols.months"].table.drop_duplicates("period").set_index("period")
    recent = months[months["status"] == "provisional"]
    assert recent.index.astype("str").tolist() == ["2024-11", "2024-12"]
    assert recent["completeness"].between(0.9, 0.99).all()
    for page in sample_edition.built.folder.glob("focus_vols.en.html"):
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


@pytest.mark.slow
def test_a_correction_of_a_mended_source_stops_the_build(empty, root, tmp_path):
    packaged = root / "obs" / "reference" / "brussels" / "observatory.toml"
    config = shutil.copy(packaged, tmp_path / "observatory.toml")
    (tmp_path / "corrections.toml").write_text(CORRECTION, encoding="utf-8")
    with pytest.raises(DeliveryError, match="'mended-already': .* set its status to 'mended'"):
        obs.build(**empty, config=config)
    assert not empty["out"].exists()
