"""`obs profile new`: all is written or nothing; the observatory's own words stay."""

import stat

import pandas as pd
import pytest

from obs.__main__ import main
from obs.clean import load_profile
from obs.reference import load_observatory

DECLARATION = """#:schema ../schemas/observatory.json
# Ours, with our comments.
name = "ours"
languages = ["fr"]
notes = ["focus_vols"]
licence = "CC BY 4.0"
title.fr = "Observatoire"
publisher.fr = "Nous"
[territory]
reference = "brussels"
[[source]]
kind = "police"
profile = "obs_sample"   # a comment
files = ["police/*.csv"]
[tolerance]
rejected_share = 0.02    # the last line, without an end"""
FACTS = pd.DataFrame(
    {
        "id_fait": ["F1", "F2", "F3", "F4"],
        "date_fait": ["03/01/2024", "14/01/2024", "05/02/2024", "28/02/2024"],
        "commune": ["Ixelles", "Uccle", "Ixelles", "Uccle"],
        "infraction": ["Vol à la tire", "Vols à l'étalage", "Étrange", "Étrange"],
    }
)


@pytest.fixture
def ours(tmp_path):
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "observatory.toml").write_text(DECLARATION, encoding="utf-8")
    return folder


@pytest.fixture
def facts(tmp_path):
    path = tmp_path / "Faits 2024.csv"
    FACTS.to_csv(path, index=False, sep=";")
    return path


def new(file, folder, *more):
    return main(
        ["profile", "new", str(file), "--source", "police", "--observatory", str(folder), *more]
    )


def written(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_the_file_is_copied_its_profile_drafted_and_its_source_added(ours, facts, capsys):
    assert new(facts, ours) == 0
    assert written(ours) == [
        "data/raw/police/faits_2024/Faits 2024.csv",
        "observatory.toml",
        "profiles/faits_2024.toml",
    ]
    copy = ours / "data/raw/police/faits_2024/Faits 2024.csv"
    assert copy.read_bytes() == facts.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert (ours / "observatory.toml").read_text(encoding="utf-8").startswith(DECLARATION)
    source = load_observatory(ours / "observatory.toml").sources[-1]
    assert (source.kind, source.profile) == ("police", "faits_2024")
    assert source.files == ("police/faits_2024/Faits 2024.csv",)
    profile = ours / "profiles" / "faits_2024.toml"
    assert not load_profile(profile).confirmed
    first = profile.read_text(encoding="utf-8").splitlines()[0]
    assert first == "#:schema ../../schemas/profile.json"
    assert "4 rows read" in capsys.readouterr().out


def test_what_was_drafted_cleans_by_the_observatory_and_stays_a_draft(
    ours, facts, capsys, tmp_path
):
    new(facts, ours)
    config, out = str(ours / "observatory.toml"), str(tmp_path / "out")
    copy = str(next(ours.rglob("Faits*")))
    assert main(["clean", "police", copy, "--config", config, "--preview", "--out", out]) == 1
    said = capsys.readouterr().out
    assert "read 4, kept 2, merged 0, rejected 2" in said
    assert "Faits 2024.csv, column 'infraction': rows 4, 5" in said
    assert "unknown_offence: the offence is in no entry of the profile" in said
    assert f"every rejected row: {tmp_path / 'out' / 'rejected.csv'}" in said
    assert "profile 'faits_2024' is a draft" in said
    assert "Faits 2024.csv   2     kept               - 2024-01-03" in said
    assert not {"F1", "Étrange"} & {*said.split()}


def test_a_confirmed_profile_is_no_draft(ours, facts, capsys):
    FACTS.head(2).to_csv(facts, index=False, sep=";")
    new(facts, ours)
    profile = ours / "profiles" / "faits_2024.toml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("confirmed = false", "confirmed = true"), encoding="utf-8")
    raw = ours / "data" / "raw"
    code = main(
        ["clean", "police", "--profile", "faits_2024", "--config", str(ours / "observatory.toml")]
    )
    assert code == 0
    assert raw.is_dir()
    assert "draft" not in capsys.readouterr().out.replace("draft:", "")


@pytest.mark.parametrize(
    ("column", "cells"),
    [("victime", ["Jean Dupont"] * 4), ("x", ["0470 12 34 56"] * 4), ("ddn", ["1/2/1980"] * 4)],
)
def test_a_file_refused_at_the_door_leaves_nothing(ours, facts, capsys, column, cells):
    FACTS.assign(**{column: cells}).to_csv(facts, index=False, sep=";")
    assert new(facts, ours) == 2
    assert written(ours) == ["observatory.toml"]
    assert [p.name for p in ours.iterdir()] == ["observatory.toml"]
    assert "refused at the door" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 9, b"a\nb\n", b"\xff\xfe\x00\xd8"])
def test_what_is_no_table_leaves_nothing(ours, facts, content):
    facts.write_bytes(content)
    assert new(facts, ours) == 2
    assert written(ours) == ["observatory.toml"]


def test_nothing_is_overwritten(ours, facts, capsys):
    assert new(facts, ours) == 0
    before = (ours / "profiles" / "faits_2024.toml").read_bytes()
    assert new(facts, ours) == 2
    assert "there is a profile 'faits_2024' already" in capsys.readouterr().err
    assert (ours / "profiles" / "faits_2024.toml").read_bytes() == before


def test_a_draft_is_made_again_with_the_column_that_is_told(ours, facts, capsys):
    FACTS.rename(columns={"infraction": "rubrique"}).to_csv(facts, index=False, sep=";")
    assert new(facts, ours) == 1
    assert "--again --column 'OURS=THEIRS'" in capsys.readouterr().out
    declared = (ours / "observatory.toml").read_bytes()
    assert new(facts, ours, "--column", "offence=rubrique") == 2
    assert "(or --again: its draft is replaced" in capsys.readouterr().err
    assert new(facts, ours, "--again", "--column", "offence") == 2
    assert "write OURS=THEIRS" in capsys.readouterr().err
    assert new(facts, ours, "--again", "--column", "offence=rubrique") == 0
    assert (ours / "observatory.toml").read_bytes() == declared  # the source is there once
    profile = ours / "profiles" / "faits_2024.toml"
    assert "'Étrange', phenomenon" in profile.read_text(encoding="utf-8")
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("confirmed = false", "confirmed = true"), encoding="utf-8")
    assert new(facts, ours, "--again", "--column", "offence=rubrique") == 2
    assert "it is confirmed, and only a draft is made again" in capsys.readouterr().err


def test_cells_of_kept_rows_that_are_not_told_are_explained(ours, facts, capsys):
    FACTS.assign(sexe_victime=["Femme", "F", "Femme", "Femme"]).to_csv(facts, index=False, sep=";")
    new(facts, ours)
    config = str(ours / "observatory.toml")
    main(["clean", "police", str(next(ours.rglob("Faits*"))), "--config", config])
    said = capsys.readouterr().out
    assert "unknown_code (the row is kept, its cell is not told): the code is in no list" in said
    assert "Faits 2024.csv, column 'sexe_victime': rows 3" in said


def test_a_declaration_that_cannot_be_added_to_takes_all_back(ours, facts, capsys):
    declared = DECLARATION.replace(
        '[[source]]\nkind = "police"\nprofile = "obs_sample"   # a comment\nfiles = ["police/*.csv"]',
        "",
    ).replace(
        'licence = "CC',
        'source = [{ kind = "police", profile = "obs_sample", files = ["a.csv"] }]\nlicence = "CC',
    )
    (ours / "observatory.toml").write_text(declared, encoding="utf-8")
    assert new(facts, ours) == 2
    assert "the source cannot be added at its end" in capsys.readouterr().err
    assert written(ours) == ["observatory.toml"]
    assert (ours / "observatory.toml").read_text(encoding="utf-8") == declared


def test_a_file_that_another_source_reads_is_refused(ours, facts, capsys):
    place = ours / "data" / "raw" / "police" / "faits.csv"
    place.parent.mkdir(parents=True)
    place.write_bytes(facts.read_bytes())
    assert new(place, ours) == 2
    assert "reads 'police/*.csv' with profile 'obs_sample'" in capsys.readouterr().err


def test_without_an_observatory_the_source_is_told(tmp_path, facts, capsys):
    folder = tmp_path / "none"
    folder.mkdir()
    assert new(facts, folder) == 0
    said = capsys.readouterr().out
    assert 'files = ["police/faits_2024/Faits 2024.csv"]' in said
    assert "observatory.toml: declare the source there" in said


def test_a_draft_that_cannot_be_used_yet_says_what_it_lacks(ours, facts, capsys):
    days = ["03/01/2024", "04/01/2024", "05/02/2024", "06/02/2024"]
    FACTS.assign(date_fait=days).to_csv(facts, index=False, sep=";")
    assert new(facts, ours) == 1
    said = capsys.readouterr().out
    assert "to complete before use: dates: the formats are missing" in said


def test_clean_by_an_observatory_says_what_is_wrong(ours, facts, capsys):
    config = str(ours / "observatory.toml")
    assert main(["clean", "helpline", "--config", config]) == 2
    assert "declares no such source of kind helpline; it has police (obs_sample)" in (
        capsys.readouterr().err
    )
    assert main(["clean", "police", "--config", config]) == 2
    assert "no deliveries in 'raw': police expects police/*.csv" in capsys.readouterr().err
    assert main(["clean", "survey"]) == 2
    assert "or name with --config an observatory.toml" in capsys.readouterr().err
