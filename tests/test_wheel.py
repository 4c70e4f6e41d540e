"""The wheel has every file of the package: declarations, words, fonts and templates too."""

import subprocess
import sys
import zipfile

import pytest


def test_the_wheel_has_every_file_of_the_package(root, tmp_path):
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)  # noqa: S603 (our own words)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if name.startswith("obs/")}
    own = {
        path.relative_to(root).as_posix()
        for path in (root / "obs").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert own - packed == set()
    assert packed - own == set()
