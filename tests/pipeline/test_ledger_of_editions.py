"""Editions built one after another into one folder: what readers know grows, and only grows."""

import datetime as dt
import hashlib
import json
import shutil

import pytest

import obs
from obs.__main__ import main
from obs.disclosure import LEDGER, Ledger, internal_folder, ledger_path, read_released
from obs.errors import DisclosureError
from obs.pipeline.audit_verdict import AUDIT
from obs.report import check_path
from obs.report.edition.manifest import read_internal_manifest

DAY = dt.datetime(2025, 6, 30, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    obs.sample(folder, years=range(2022, 2025), scale=0.1, seed=11)
    return folder


@pytest.fixture(scope="module")
def build(tmp_path_factory, raw, root, burglary_observatory):
    """Give a function that builds and publishes an edition, one note in one language."""
    base = tmp_path_factory.mktemp("editions")

    def run(*, edition=None, raw=raw):
        steps = []
        built = obs.build(
            config=burglary_observatory,
            raw=raw,
            out=base / "publications",
            processed=base / "processed",
            notebooks=root / "notebooks",
            edition=edition,
            lang=["en"],
            progress=steps.append,
        )
        year = built.folder.name
        done = obs.publish(
            year,
            approved_by="A. Editor",
            out=base / "publications",
            processed=base / "processed",
            now=DAY,
            progress=steps.append,
        )
        assert done.folder == base / "publications" / year
        return built, steps

    run.out = base / "publications"
    run.processed = base / "processed"
    run.ledger = ledger_path(run.processed, run.out)
    return run


@pytest.fixture(scope="module")
def editions(build):
    """Publish the years to 2023, then those to 2024."""
    build(edition=2023)
    first = Ledger(build.ledger)
    build(edition=2024)
    return {"out": build.out, "first": first, "second": Ledger(build.ledger)}


def fingerprint(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def faults(path, processed):
    return [str(fault) for fault in check_path(path, processed=processed)]


def copied(build, base):
    """Copy what was published, and what is kept of it, as they stand to one another."""
    out, processed = base / "publications", base / "processed"
    shutil.copytree(build.out, out)
    shutil.copytree(build.processed / "published", processed / "published")
    return out, processed, ledger_path(processed, out)


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


def test_what_an_edition_was_solved_against_is_kept_inside(editions, build):
    inside = internal_folder(build.processed, build.out)
    for name, mark in (("2023", Ledger("none").mark), ("2024", editions["first"].mark)):
        kept = read_internal_manifest(inside, editions["out"] / name)
        assert kept["ledger"] == mark
        public = (editions["out"] / name / "manifest.json").read_text()
        assert "ledger" not in json.loads(public)
        assert mark["chain"] not in public


def test_the_ledger_is_inside_for_its_owner_alone(editions, build):
    assert not list(build.out.rglob(LEDGER))
    for path in (build.ledger, *build.ledger.parent.glob("manifest-*.json")):
        assert path.stat().st_mode & 0o777 == 0o600, path.name


def test_the_editions_and_their_ledger_pass_the_checks(editions, build):
    assert faults(editions["out"], build.processed) == []


def test_the_same_edition_again_gives_the_same_bytes_and_no_line(editions, build):
    """The same 2024 again: in the tests of a stopped run and of a corrected edition, below."""
    before = fingerprint(build.out) | fingerprint(build.ledger.parent)
    build(edition=2023)  # after 2024 was published
    assert fingerprint(build.out) | fingerprint(build.ledger.parent) == before


def test_the_ledger_is_made_again_from_the_editions(editions, build, tmp_path, capsys):
    out, processed, ledger = copied(build, tmp_path)
    ledger.unlink()
    assert any("is not kept any more" in fault for fault in faults(out, processed))
    assert faults(out / "2024", processed) == []
    assert main(["ledger", str(out), "--processed", str(processed)]) == 0
    made = Ledger(ledger)
    assert capsys.readouterr().out.startswith(f"{len(made)} counts published")
    known = set(map(tuple, editions["second"].entries.astype("str").to_numpy()[:, 1:]))
    again = set(map(tuple, made.entries.astype("str").to_numpy()[:, 1:]))
    columns = list(made.entries.columns[1:])
    assert columns == list(editions["second"].entries.columns[1:])
    assert again <= known
    assert len(again) > 50
    said = faults(out, processed)
    assert any("is not the one that edition 2024 was solved" in fault for fault in said)


def test_a_cut_or_changed_ledger_is_seen(editions, build, tmp_path, capsys):
    out, processed, ledger = copied(build, tmp_path)
    inside = ["--processed", str(processed)]
    lines = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join(lines[:-40]))
    said = faults(out, processed)
    assert any("lacks" in fault for fault in said), "the end of the chain was cut"
    ledger.write_text("".join([*lines[:5], *lines[6:]]))
    assert any("was changed at line 6" in fault for fault in faults(out, processed))
    assert main(["check", str(out), *inside]) == 3
    assert main(["ledger", str(out), *inside]) == 3
    assert "Traceback" not in capsys.readouterr().err
    assert main(["ledger", str(out), *inside, "--rebuild"]) == 0
    assert ledger.with_name(f"damaged-{LEDGER}").is_file()
    assert len(Ledger(ledger)) > 50


def _change_a_count(out, processed):
    path = sorted((out / "2024" / "data").glob("*years*.csv"))[0]
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1], *lines[1:]]), encoding="utf-8")
    return rf"{path.name}: was changed after it was published"


def _change_the_manifest_too(out, processed):
    _change_a_count(out, processed)
    public = out / "2024" / "manifest.json"
    told = json.loads(public.read_text("utf-8"))
    for name, about in told["files"].items():
        about["sha256"] = hashlib.sha256((out / "2024" / name).read_bytes()).hexdigest()
    public.write_text(json.dumps(told), encoding="utf-8")
    return "manifest.json: is none that was approved"


def _lose_a_page(out, processed):
    (out / "2023" / "focus_vols.en.pdf").unlink()
    return "focus_vols.en.pdf: is in the manifest and is not there"


@pytest.mark.parametrize("change", [_change_a_count, _change_the_manifest_too, _lose_a_page])
def test_an_edition_changed_since_it_was_published_gives_the_ledger_nothing(
    editions, build, tmp_path, capsys, change
):
    out, processed, ledger = copied(build, tmp_path)
    ledger.unlink()
    words = change(out, processed)
    assert main(["ledger", str(out), "--processed", str(processed)]) == 3
    said = capsys.readouterr().err
    assert "was changed since it was published, and the ledger takes nothing from it" in said
    assert words in said
    assert not ledger.exists()


def test_a_ledger_among_the_publications_is_moved_inside(editions, build, tmp_path):
    out, processed, ledger = copied(build, tmp_path)
    ledger.replace(out / LEDGER)  # as it stood before 0.2
    assert any("counts that no page shows" in fault for fault in faults(out, processed))
    assert main(["ledger", str(out), "--processed", str(processed)]) == 0
    assert not (out / LEDGER).exists()
    assert ledger.read_bytes() == build.ledger.read_bytes(), "not a line is lost or added"
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert faults(out, processed) == []


def test_lines_of_a_former_ledger_join_those_inside(editions, build, tmp_path):
    out, processed, ledger = copied(build, tmp_path)
    ledger.replace(out / LEDGER)
    lines = (out / LEDGER).read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(lines[: len(editions["first"]) + 1]))
    assert main(["ledger", str(out), "--processed", str(processed)]) == 0
    assert not (out / LEDGER).exists()
    assert ledger.read_bytes() == build.ledger.read_bytes()


def test_a_run_stopped_before_its_lines_were_written_is_completed(build, editions, monkeypatch):
    out = build.out
    before = fingerprint(out)
    whole = build.ledger.read_bytes()
    lines = whole.splitlines(keepends=True)
    build.ledger.write_bytes(b"".join(lines[: len(editions["first"]) + 1]))
    assert any("lacks" in fault for fault in faults(out / "2024", build.processed))
    _, steps = build(edition=2024)
    assert any("counts read from editions already published" in step for step in steps)
    assert faults(out, build.processed) == []
    assert fingerprint(out) == before, "the edition is the same"
    assert len(Ledger(build.ledger)) == len(editions["second"])
    build.ledger.write_bytes(whole)


def test_what_a_corrected_edition_showed_before_stays_known(build, editions, raw, tmp_path):
    mended = tmp_path / "raw"
    shutil.copytree(raw, mended)
    last = max((mended / "police").glob("police_2024_*.csv"))
    lines = last.read_bytes().splitlines(keepends=True)
    last.write_bytes(b"".join([*lines[:2], *lines[400:]]))
    ledger_before = Ledger(build.ledger)
    known = len(ledger_before)
    _, steps = build(edition=2024, raw=mended)
    assert any(step.startswith("release: again") for step in steps)
    ledger = Ledger(build.ledger)
    assert ledger.as_of(editions["second"].mark) is not None
    assert len(ledger) > known
    assert faults(build.out, build.processed) == []
    folder = build.processed / "brussels" / "2024"
    released = read_released(folder / "released")
    found = obs.audit(released, known=ledger.as_of(ledger_before.mark))
    guessed = found[found["guessed"]]
    assert len(guessed) > 0, "revised totals: who guesses what was revised singles some out"
    assert set(guessed["status"]) == {"suppressed_secondary"}
    said = f"{len(guessed)} figure{'s' if len(guessed) > 1 else ''} can be narrowed"
    assert said in (folder / AUDIT).read_text("utf-8")
    before = fingerprint(build.out) | fingerprint(build.ledger.parent)
    build(edition=2024, raw=mended)
    again = fingerprint(build.out) | fingerprint(build.ledger.parent)
    assert again == before, "the corrected edition again, and no line"


def test_another_observatory_is_refused(build, editions):
    town = obs.load_territory("brussels")
    table = read_released(build.processed / "brussels" / "2024" / "released")["focus_vols.years"]
    foreign = Ledger(build.ledger)
    foreign._rows = [[r[0], r[1], f"9{r[2]}", *r[3:]] for r in foreign._rows]
    with pytest.raises(DisclosureError, match="that of another observatory"):
        obs.release(table.table.assign(status="missing"), territory=town, ledger=foreign)
