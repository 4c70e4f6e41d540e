"""Editions built one after another into one folder: what readers know grows, and only grows."""

import hashlib
import json
import shutil

import pytest

import obs
from obs.__main__ import main
from obs.disclosure import LEDGER, Ledger, read_released
from obs.errors import DisclosureError
from obs.pipeline.audit_verdict import AUDIT
from obs.report import check_path


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    obs.sample(folder, years=range(2022, 2025), scale=0.1, seed=11)
    return folder


@pytest.fixture(scope="module")
def build(tmp_path_factory, raw, root):
    """Give a function that builds an edition into one folder, one note in one language."""
    base = tmp_path_factory.mktemp("editions")

    def run(*, edition=None, raw=raw, processed="processed"):
        steps = []
        built = obs.build(
            raw=raw,
            out=base / "publications",
            processed=base / processed,
            notebooks=root / "notebooks",
            edition=edition,
            lang=["en"],
            notes=["focus_vif"],
            progress=steps.append,
        )
        return built, steps

    run.out = base / "publications"
    run.processed = base / "processed"
    return run


@pytest.fixture(scope="module")
def editions(build):
    """Publish the years to 2023, then those to 2024."""
    build(edition=2023)
    first = Ledger(build.out / LEDGER)
    build(edition=2024)
    return {"out": build.out, "first": first, "second": Ledger(build.out / LEDGER)}


def fingerprint(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def faults(path):
    return [str(fault) for fault in check_path(path)]


@pytest.mark.slow
def test_each_edition_adds_what_it_is_the_first_to_show(editions, build):
    first, second = editions["first"], editions["second"]
    assert set(first.history["edition"]) == {"2023"}
    assert second.as_of(first.mark) is not None, "lines are only ever added"
    added = second.history.iloc[len(first) :]
    assert set(added["edition"]) == {"2024"}
    assert not added["period"].str.startswith("2022").any(), "2022 was not revised"
    released = read_released(build.processed / "brussels" / "2024" / "released")
    shown = released.table["numerator"].sum()
    assert shown > 0
    assert second.reveals_nothing_new(released, since=len(second))


def test_an_edition_says_what_it_was_solved_against(editions):
    for name, mark in (("2023", Ledger("none").mark), ("2024", editions["first"].mark)):
        manifest = json.loads((editions["out"] / name / "manifest.json").read_text())
        assert manifest["ledger"] == mark


def test_the_editions_and_their_ledger_pass_the_checks(editions):
    assert faults(editions["out"]) == []


def test_the_same_edition_again_gives_the_same_bytes_and_no_line(editions, build):
    before = fingerprint(build.out)
    build(edition=2024)
    assert fingerprint(build.out) == before
    build(edition=2023)  # after 2024 was published
    assert fingerprint(build.out) == before


def test_the_ledger_is_made_again_from_the_editions(editions, build, tmp_path, capsys):
    out = tmp_path / "publications"
    shutil.copytree(build.out, out)
    (out / LEDGER).unlink()
    assert any("is not beside the editions" in fault for fault in faults(out))
    assert faults(out / "2024") == []
    assert main(["ledger", str(out)]) == 0
    made = Ledger(out / LEDGER)
    assert capsys.readouterr().out.startswith(f"{len(made)} counts published")
    known = set(map(tuple, editions["second"].entries.astype("str").to_numpy()[:, 1:]))
    again = set(map(tuple, made.entries.astype("str").to_numpy()[:, 1:]))
    columns = list(made.entries.columns[1:])
    assert columns == list(editions["second"].entries.columns[1:])
    assert again <= known
    assert len(again) > 50
    assert any("is not the one that edition 2024 was solved" in fault for fault in faults(out))


def test_a_cut_or_changed_ledger_is_seen(editions, build, tmp_path, capsys):
    out = tmp_path / "publications"
    shutil.copytree(build.out, out)
    lines = (out / LEDGER).read_text().splitlines(keepends=True)
    (out / LEDGER).write_text("".join(lines[:-40]))
    assert any("lacks" in fault for fault in faults(out)), "the end of the chain was cut"
    (out / LEDGER).write_text("".join([*lines[:5], *lines[6:]]))
    assert any("was changed at line 6" in fault for fault in faults(out))
    assert main(["check", str(out)]) == 3
    assert main(["ledger", str(out)]) == 3
    assert "Traceback" not in capsys.readouterr().err
    assert main(["ledger", str(out), "--rebuild"]) == 0
    assert (out / f"damaged-{LEDGER}").is_file()
    assert len(Ledger(out / LEDGER)) > 50


def test_a_run_stopped_before_its_lines_were_written_is_completed(build, editions, monkeypatch):
    out = build.out
    before = fingerprint(out)
    whole = (out / LEDGER).read_bytes()
    lines = whole.splitlines(keepends=True)
    (out / LEDGER).write_bytes(b"".join(lines[: len(editions["first"]) + 1]))
    assert any("lacks" in fault for fault in faults(out / "2024"))
    _, steps = build(edition=2024)
    assert any("counts read from editions already published" in step for step in steps)
    assert faults(out) == []
    after = fingerprint(out)
    assert {n: s for n, s in after.items() if n != LEDGER} == {
        n: s for n, s in before.items() if n != LEDGER
    }, "the edition is the same"
    assert len(Ledger(out / LEDGER)) == len(editions["second"])
    (out / LEDGER).write_bytes(whole)


def test_what_a_corrected_edition_showed_before_stays_known(build, editions, raw, tmp_path):
    mended = tmp_path / "raw"
    shutil.copytree(raw, mended)
    last = max((mended / "police").glob("police_2024_*.csv"))
    lines = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join([*lines[:2], *lines[400:]]))
    ledger_before = Ledger(build.out / LEDGER)
    known = len(ledger_before)
    _, steps = build(edition=2024, raw=mended, processed="mended")
    assert any(step.startswith("release: again") for step in steps)
    ledger = Ledger(build.out / LEDGER)
    assert ledger.as_of(editions["second"].mark) is not None
    assert len(ledger) > known
    assert faults(build.out) == []
    folder = build.processed.with_name("mended") / "brussels" / "2024"
    released = read_released(folder / "released")
    found = obs.audit(released, known=ledger.as_of(ledger_before.mark))
    guessed = found[found["guessed"]]
    assert len(guessed) > 0, "revised totals: who guesses what was revised singles some out"
    assert set(guessed["status"]) == {"suppressed_secondary"}
    said = f"{len(guessed)} figure{'s' if len(guessed) > 1 else ''} can be narrowed"
    assert said in (folder / AUDIT).read_text("utf-8")
    before = fingerprint(build.out)
    build(edition=2024, raw=mended, processed="mended")
    assert fingerprint(build.out) == before, "the corrected edition again"


def test_another_observatory_is_refused(build, editions):
    town = obs.load_territory("brussels")
    table = read_released(build.processed / "brussels" / "2024" / "released")["focus_vif.years"]
    foreign = Ledger(build.out / LEDGER)
    foreign._rows = [[r[0], r[1], f"9{r[2]}", *r[3:]] for r in foreign._rows]
    with pytest.raises(DisclosureError, match="that of another observatory"):
        obs.release(table.table.assign(status="missing"), territory=town, ledger=foreign)
