"""`obs revisions` on the sample: late reports and requalifications show, at their age."""

import json

import pandas as pd
import pytest

from obs.__main__ import BAD_INPUT, DONE, main
from obs.clean import clean_police
from obs.clean.registry.delivery_registry import Registry
from obs.errors import DeliveryError, ObsError
from obs.pipeline import list_revisions
from obs.sample import sample

INDICATORS = ["theft", "pickpocketing"]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    sample(folder, years=[2021], scale=0.01)
    return folder


@pytest.fixture(scope="module")
def processed(tmp_path_factory, raw):
    folder = tmp_path_factory.mktemp("processed")
    paths = sorted(raw.glob("police/*.csv"))
    Registry.of(folder, "brussels").update(
        paths, source="police", profile="obs_sample", clean=clean_police
    )
    return folder


@pytest.fixture(scope="module")
def revisions(processed):
    return list_revisions(processed=processed, indicators=INDICATORS)


def test_late_thefts_appear_in_the_last_months(revisions, processed):
    registry = Registry.of(processed, "brussels")
    before, after = (
        registry.table_as_of(day, source="police") for day in ("2022-01-31", "2022-06-30")
    )
    theft = revisions[revisions["indicator"] == "theft"]
    stolen = [t["offence"].str.startswith("VOL-").sum() for t in (before, after)]
    assert [theft["before"].sum(), theft["after"].sum()] == stolen
    assert theft.loc[theft["age"] == 1, "moved"].item() >= 0
    assert theft["moved"].sum() > 0


def test_what_came_late_is_what_the_sample_sent_late(raw, processed):
    manifest = json.loads((raw / "sample_manifest.json").read_text())
    late = manifest["files"]["police/police_2021_20220630.csv"]["kinds"]["late"]
    registry = Registry.of(processed, "brussels")
    rows = [len(registry.table_as_of(d, source="police")) for d in ("2022-01-31", "2022-06-30")]
    assert rows[1] - rows[0] == late


def test_the_command_prints_movements_by_age(processed, capsys, tmp_path):
    out = tmp_path / "revisions.csv"
    ids = ",".join(INDICATORS)
    arguments = ["revisions", "--quiet", "--processed", str(processed), "--indicators", ids]
    assert main([*arguments, "--out", str(out)]) == DONE
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == [
        *("indicator", "age", "periods", "before", "after", "moved", "change", "unknown")
    ]
    assert any(line.split()[:2] == ["theft", "0-2"] for line in printed)
    assert len(pd.read_csv(out)) == 24


def test_one_extraction_is_not_enough(processed, capsys):
    with pytest.raises(DeliveryError, match="0 extractions"):
        list_revisions(processed=processed / "absent")
    with pytest.raises(ObsError, match="must be before"):
        list_revisions(processed=processed, before="2022-06-30")
    code = main(["revisions", "--quiet", "--processed", str(processed), "--from", "soon"])
    assert code == BAD_INPUT
    assert "write it as 2024-01-31" in capsys.readouterr().err


def test_an_indicator_of_another_source_is_refused(processed):
    with pytest.raises(ObsError, match=r"deliveries of police, and helpline_calls counts others"):
        list_revisions(processed=processed, indicators=["theft", "helpline_calls"])
