"""The folder of a command's temporary files: its owner's alone, and gone at the end, whatever the end."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

import obs.__main__ as command_line
from obs.errors import ObsError
from obs.scratch_folder import scratch_folder

HOLD = """
import sys, tempfile
from obs.scratch_folder import scratch_folder
with scratch_folder() as folder:
    (folder / "copy").write_text("x")
    print(folder, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def top(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def start():
    pipe = subprocess.PIPE
    other = subprocess.Popen([sys.executable, "-c", HOLD], stdin=pipe, stdout=pipe, text=True)
    return other, Path(other.stdout.readline().strip())


def old(folder):
    os.utime(folder, (1, 1))


def test_temporary_files_lie_in_it_and_go_with_it(top):
    with suppress(KeyError), scratch_folder() as folder:
        assert folder.parent == top
        assert folder.stat().st_mode & 0o777 == 0o700
        assert Path(tempfile.mkdtemp()).parent == folder
        assert os.environ["TMPDIR"] == str(folder)
        raise KeyError
    assert list(top.iterdir()) == []
    assert tempfile.gettempdir() == str(top)
    assert os.environ["TMPDIR"] == str(top)


def test_what_a_killed_one_left_is_swept_and_a_living_one_is_not(top):
    other, left = start()
    living, held = start()
    old(left)
    old(held)
    with scratch_folder():
        assert left.is_dir()
    other.kill()
    other.communicate()
    old(left)
    with scratch_folder():
        assert not left.exists()
        assert (held / "copy").is_file()
    living.communicate("\n")
    assert list(top.iterdir()) == []


def test_a_young_one_and_a_link_are_left_alone(top):
    (top / "obs-run-young").mkdir()
    (top / "elsewhere").mkdir()
    (top / "obs-run-link").symlink_to(top / "elsewhere")
    with scratch_folder():
        pass
    assert {path.name for path in top.iterdir()} == {"obs-run-young", "elsewhere", "obs-run-link"}


def test_no_temporary_folder_is_said_in_words(top, monkeypatch):
    def none(*_, **__):
        raise FileNotFoundError(2, "No usable temporary directory found in ['/nowhere']")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    with (
        pytest.raises(ObsError, match=r"no temporary folder .*set TMPDIR") as caught,
        scratch_folder(),
    ):
        pass
    assert "/nowhere" not in str(caught.value)


def run(monkeypatch, capsys, fault):
    def fail(_):
        raise fault

    monkeypatch.setattr(command_line, "_sample", fail)
    code = command_line.main(["sample", "some/folder"])
    return code, capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (OSError(28, "No space left on device"), 2, "obs: 'some/folder': No space left on device"),
        (OSError(28, "No space left on device", "/a/b.csv"), 2, "obs: b.csv: No space left"),
        (OSError("odd"), 2, "obs: 'some/folder': odd"),
        (MemoryError(), 2, "obs: the machine has not enough memory"),
        (KeyboardInterrupt(), 130, "obs: stopped before the end; every folder holds its last"),
    ],
)
def test_a_disk_or_memory_limit_is_said_with_its_folder(monkeypatch, capsys, fault, code, words):
    got, said = run(monkeypatch, capsys, fault)
    assert got == code
    assert said.startswith(words)


def test_a_stop_by_the_system_ends_as_ctrl_c_does(monkeypatch, capsys):
    before = signal.getsignal(signal.SIGTERM)

    def stop(_):
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()

    monkeypatch.setattr(command_line, "_sample", stop)
    assert command_line.main(["sample", "some/folder"]) == 143
    assert "stopped before the end" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before
