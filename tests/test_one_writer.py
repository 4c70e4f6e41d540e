"""One writer at a time in a folder: the second waits, or is told who holds it."""

import os
import subprocess
import sys

import pytest

from obs.errors import BusyError
from obs.one_writer import one_writer

HOLD = """
import sys
from pathlib import Path
from obs.one_writer import one_writer
with one_writer(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def held_by_another(folder):
    pipe = subprocess.PIPE
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=pipe, stdout=pipe, text=True
    )
    other.stdout.readline()
    return other


def test_the_second_is_told_who_holds_the_folder_since_when(tmp_path):
    other = held_by_another(tmp_path / "registry")
    said = []
    with (
        pytest.raises(BusyError) as caught,
        one_writer(tmp_path / "registry", wait=0.1, say=said.append),
    ):
        pass
    other.communicate("\n")
    told = rf"'registry' is being written by process {other.pid} since 20\d\d-\d\d-\d\d \d\d:\d\d"
    assert caught.match(told)
    assert len(said) == 1
    assert f"waits: the folder 'registry' is being written by process {other.pid}" in said[0]


def test_one_that_was_killed_lets_go(tmp_path):
    other = held_by_another(tmp_path)
    other.kill()
    other.wait()
    other.stdin.close()
    other.stdout.close()
    with one_writer(tmp_path, wait=0):
        assert (tmp_path / ".writing.txt").read_text().startswith(f"process {os.getpid()} since")
    assert not (tmp_path / ".writing.txt").exists()
