"""Status tells what is delivered, covered, missing and stale, and what no source reads."""

import datetime as dt
import json

import pandas as pd
import pytest

from obs.__main__ import argument_parser, main
from obs.clean import clean_police
from obs.clean.registry import Registry
from obs.delivery_commands import raw_folder
from obs.errors import DeliveryError
from obs.pipeline.deliveries import profile_of_source
from obs.pipeline.status import tell_status
from obs.reference import load_observatory

DECLARATION = """
name = "ours"
languages = ["fr"]
notes = []
licence = "CC BY 4.0"
title.fr = "Observatoire"
publisher.fr = "Nous"
[territory]
reference = "brussels"
[[source]]
kind = "police"
profile = "dated"
files = ["police/*.csv"]
[[source]]
kind = "helpline"
profile = "obs_sample_call_days"
files = ["helpline/*.csv"]
optional = true
"""
PROFILE = r"""
name = "dated"
title = "Facts"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d"]
identical = "keep"
other = "theft_other"
[file]
covers = 'facts_(\d{4})\.csv'
[territory]
level = "commune"
[columns]
event_date = "day"
territory = "place"
offence = "what"
"""
TODAY = dt.date(2024, 5, 2)


@pytest.fixture
def own(tmp_path):
    (tmp_path / "observatory.toml").write_text(DECLARATION)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "dated.toml").write_text(PROFILE)
    raw = tmp_path / "data" / "raw"
    (raw / "police").mkdir(parents=True)
    deliver(tmp_path, 2023)
    (raw / "other.xlsx").write_bytes(b"x")
    return tmp_path


def deliver(own, year):
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    lines = "".join(f"{day:%Y-%m-%d},21004,VOL\n" for day in days)
    (own / "data" / "raw" / "police" / f"facts_{year}.csv").write_text("day,place,what\n" + lines)


def register(own):
    """Do what a build does with the deliveries of the police."""
    observatory = load_observatory(own / "observatory.toml")
    raw = own / "data" / "raw"
    profile = profile_of_source(observatory, observatory.sources[0], raw)
    paths = sorted((raw / "police").glob("*.csv"))
    cleaned = clean_police(paths, profile=profile, apart=True).deliveries
    registry = Registry.of(own / "data" / "processed", observatory.name)
    registry.update(paths, cleaned=cleaned, source="police", profile=profile, clean=clean_police)


def told(own, today=TODAY):
    folders = {"raw": own / "data" / "raw", "processed": own / "data" / "processed"}
    return tell_status(config=own / "observatory.toml", **folders, today=today)


def test_from_new_to_covered_to_stale_to_changed(own):
    assert [one.state for one in told(own).sources] == ["new", "left out"]
    register(own)
    police = told(own).sources[0]
    assert (police.state, police.covered_from, police.covered_to) == (
        *("covered", "2023-01-01", "2023-12-31"),
    )
    late = told(own, dt.date(2025, 1, 2)).sources[0]
    assert late.state == "stale"
    assert late.line().endswith("the last whole year is not covered to its end")
    deliver(own, 2022)
    later = told(own).sources[0]
    assert (later.state, later.new, later.files) == ("new", ("facts_2022.csv",), 2)
    register(own)
    assert told(own).sources[0].covered_from == "2022-01-01"
    file = own / "data" / "raw" / "police" / "facts_2023.csv"
    file.write_text(file.read_text() + "2023-12-31,21004,VOL\n")
    assert told(own).sources[0].state == "changed"


def test_files_that_no_source_reads_are_named(own):
    assert told(own).unread == ("other.xlsx",)
    assert "not read other.xlsx: no source names it" in list(told(own).lines())


def test_the_command_gives_lines_or_json_and_a_code(own, monkeypatch, capsys):
    monkeypatch.chdir(own)
    assert main(["status"]) == 1
    assert capsys.readouterr().out.startswith(
        "new      police (dated): 1 files, covered nothing yet"
    )
    assert main(["status", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["sources"][1]["state"] == "left out"
    assert said["unread"] == ["other.xlsx"]


def test_an_absent_raw_folder_is_refused(own):
    with pytest.raises(DeliveryError, match="there is no raw folder"):
        tell_status(config=own / "observatory.toml", raw=own / "nowhere", today=TODAY)


@pytest.mark.parametrize(
    "command", [["profiles"], ["indicators"], ["languages"], ["describe", "theft"]]
)
def test_every_listing_is_given_as_json(command, capsys):
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_every_command_has_one_folder_of_raw_deliveries(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert raw_folder() == "data/raw"
    (tmp_path / "sample_manifest.json").touch()
    assert raw_folder() == "."  # the folder that `obs sample` wrote
    sample = tmp_path / "data" / "raw" / "sample"
    sample.mkdir(parents=True)
    assert raw_folder() == "data/raw"  # a folder of that name that is not the sample
    (sample / "sample_manifest.json").touch()
    (tmp_path / "data" / "raw" / "README.md").touch()
    assert raw_folder() == "data/raw/sample"
    parser = argument_parser()
    asked = {
        "build": [],
        "status": [],
        "revisions": [],
        "verify": ["2024"],
        "forget": ["x.csv"],
        "answer": [
            "q",
            "--indicator",
            "theft",
            "--places",
            "x",
            "--period",
            "2024",
            "--lang",
            "fr",
        ],
    }
    for command, more in asked.items():
        assert parser.parse_args([command, *more]).raw == "data/raw/sample", command
    (tmp_path / "data" / "raw" / "police").mkdir()
    assert raw_folder() == "data/raw"  # real deliveries: the sample is never taken for them
