"""Files with rows of persons are their owner's alone, whatever the mask of who runs the house."""

import os
import stat

import pandas as pd
import pytest

from obs.clean import clean_police
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import release
from obs.indicators import compute
from obs.pipeline.accounts import write_processed
from obs.private_files import private_files


@pytest.fixture(autouse=True)
def lax():
    """A user whose files are readable and writable by all."""
    before = os.umask(0)
    yield
    os.umask(before)


def cleaned():
    rows = {"classe": ["Vols avec armes", "?"], "annee": ["16", "16"], "CODGEO_2024": ["76540"] * 2}
    table = pd.DataFrame({**rows, "faits": ["31", "1"], "POP": ["9", "9"]})
    return clean_police(table, profile="ssmsi_communes")


def small_release():
    days = pd.date_range("2020-01-01", "2020-12-31")
    events = pd.DataFrame(
        {
            "event_date": days,
            "territory": "21004",
            "phenomenon": "bicycle_theft",
            "synthetic": True,
            "source": "police",
        }
    )
    return release(compute("bicycle_theft", {"police": events}))


def open_to_others(folder):
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    ]


def test_what_a_cleaning_writes_is_private(tmp_path):
    cleaned().write(tmp_path / "out" / "deep")
    assert {p.name for p in (tmp_path / "out" / "deep").iterdir()} >= {
        "counts.parquet",
        "rejected.csv",
        "report.csv",
    }
    assert open_to_others(tmp_path) == []


def test_a_folder_of_the_user_keeps_its_mode_and_its_files_are_private(tmp_path):
    (tmp_path / "mine").mkdir(mode=0o755)
    cleaned().write(tmp_path / "mine")
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o755
    assert open_to_others(tmp_path / "mine") == []


def test_the_registry_is_private_and_closes_a_folder_that_was_open(tmp_path):
    file = tmp_path / "a.parquet"
    rows = {"classe": ["Vols avec armes"], "annee": ["16"], "CODGEO_2024": ["76540"]}
    pd.DataFrame({**rows, "faits": ["31"], "POP": ["9"]}).to_parquet(file)
    folder = tmp_path / "processed" / "registry"
    folder.mkdir(parents=True, mode=0o777)
    registry = Registry(folder)
    registry.update([file], source="police", profile="ssmsi_communes", clean=clean_police)
    assert open_to_others(folder) == []
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_mask_comes_back_even_after_a_fault(tmp_path):
    with pytest.raises(ValueError, match="x"), private_files(tmp_path / "a"):
        raise ValueError("x")
    assert os.umask(0) == 0


def test_internal_tables_of_an_edition_are_private(tmp_path):
    folder = tmp_path / "ours" / "2024"
    write_processed(folder, {"name": "ours"}, [("police", cleaned())], small_release(), audited="x")
    assert {p.name for p in folder.iterdir()} >= {"clean", "released", "edition.json"}
    assert open_to_others(tmp_path) == []
