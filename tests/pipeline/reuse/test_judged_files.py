"""A build and `obs clean` judge a new delivery alone, and drop what no delivery is kept for."""

import datetime as dt
import shutil

import pytest

from obs.__main__ import main
from obs.clean.parts import streamed_cleaning
from obs.errors import ObsError
from obs.one_writer import one_writer
from obs.pipeline import forget_delivery
from obs.pipeline.deliveries import clean_all
from obs.pipeline.reuse.kept_stages import BuildParts, forget_parts
from obs.reference import load_observatory
from tests.clean.deliveries import line
from tests.clean.parts.test_streamed_cleaning import write
from tests.pipeline.reuse.test_incremental_build import DECLARATION

KEPT = "files judged: "


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.setattr(streamed_cleaning, "SMALL", 0)
    (tmp_path / "data" / "raw" / "police").mkdir(parents=True)
    (tmp_path / "observatory.toml").write_text(DECLARATION)
    (tmp_path / "note.toml").touch()
    deliver(tmp_path, 1)
    deliver(tmp_path, 2)
    return tmp_path


def deliver(town, month):
    name = f"police_2022_20230{month}28.csv"
    day = f"28/0{month}/2023"
    lines = [line(NUM_FAIT=f"F{n * month}", DATE_EXTRACTION=day) for n in range(3)]
    write(town / "data" / "raw" / "police", name, lines)
    return name


def cleaned(town, *, force=False):
    """Clean as a build does, to its end; give what it said of judged files, and the rows."""
    observatory = load_observatory(town / "observatory.toml")
    raw, processed = town / "data" / "raw", town / "data" / "processed"
    said = []
    with one_writer(processed / "town"):
        notes = [town / "note.ipynb"]
        parts = BuildParts(observatory, raw, processed / "town", notes, said.append, force=force)
        ((_, made),) = clean_all(observatory, raw, processed, said.append, parts)
        parts.sweep(whole=True)
    return [text.strip().removeprefix(KEPT) for text in said if KEPT in text], made.frame()


def names_kept(town):
    return {path.name for path in (town / "data" / "processed" / "town" / "judged").iterdir()}


def test_a_build_judges_a_new_delivery_alone_and_keeps_what_it_has_files_for(town):
    assert cleaned(town)[0] == ["2 anew (nothing is kept)"]
    before = names_kept(town)
    assert cleaned(town)[0] == []  # the rows were taken again whole
    assert names_kept(town) == before
    new = deliver(town, 3)
    said, rows = cleaned(town)
    assert said == ["2 as before, 1 anew (nothing is kept)"]
    assert names_kept(town) > before
    assert cleaned(town, force=True)[0] == ["3 anew (all is asked for anew)"]
    other = shutil.copytree(town, town / "other", ignore=shutil.ignore_patterns("processed"))
    assert rows.equals(cleaned(other)[1])
    (town / "data" / "raw" / "police" / new).unlink()
    assert cleaned(town)[0] == ["2 as before"]
    assert names_kept(town) == before


def test_a_forgotten_delivery_leaves_no_judged_file(town):
    cleaned(town)
    where = {"config": town / "observatory.toml", "raw": town / "data" / "raw"}
    forget_delivery(
        "police_2022_20230128.csv",
        **where,
        processed=town / "data" / "processed",
        early="asked for",
        today=dt.date(2023, 6, 1),
    )
    assert not (town / "data" / "processed" / "town" / "judged").exists()


def test_obs_clean_takes_up_what_is_kept_beside_the_declaration(town, capsys):
    def judged(*more):
        main(["clean", "police", "--config", str(town / "observatory.toml"), *more])
        told = capsys.readouterr()
        assert "read" in told.out
        return [text.strip() for text in told.err.splitlines() if KEPT in text]

    assert judged() == ["files judged: 2 anew (nothing is kept)"]
    cleaned(town)
    deliver(town, 3)
    assert judged() == ["files judged: 2 as before, 1 anew (nothing is kept)"]
    assert len(names_kept(town)) == 3
    assert judged("--force") == ["files judged: 3 anew (all is asked for anew)"]
    assert judged("--extracted", "2023-05-01") == []
    (town / "data" / "raw" / "police" / "police_2022_20230328.csv").unlink()
    assert judged() == ["files judged: 2 as before"]
    assert len(names_kept(town)) == 2
    assert judged("--processed", str(town / "else"))[0].endswith("2 anew (nothing is kept)")


def test_what_builds_keep_is_forgotten_or_said_to_be_there(tmp_path, monkeypatch):
    for name in ("kept", "judged", "2024"):
        (tmp_path / name).mkdir()
    forget_parts(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["2024"]
    (tmp_path / "judged").mkdir()
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    with pytest.raises(ObsError, match="folder 'judged' .*cannot be removed.*remove it"):
        forget_parts(tmp_path)
