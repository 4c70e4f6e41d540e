"""What every test may use: where the real files are, where the project is."""

from pathlib import Path

import pytest

import obs.report  # noqa: F401  (before nbformat: it is then imported without its grammar)

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of real files and reference cases beside the project, or skip."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the folder ../shared (real files, reference cases) is not on this machine")
    return folder
