"""A full disk and short memory are said in words, whatever library meets them; other faults are not."""

import os
import resource
import subprocess
import sys
from contextlib import nullcontext

import duckdb
import pyarrow as pa
import pytest

import obs.__main__ as command_line
from obs.__main__ import main
from obs.errors import ObsError
from obs.machine_limits import refuse_small_memory

MEMORY = "obs: the machine has not enough memory for this; nothing is half written"


def run(monkeypatch, capsys, fault):
    def fail(_):
        raise fault

    monkeypatch.setattr(command_line, "_sample", fail)
    code = command_line.main(["sample", "some/folder"])
    return code, capsys.readouterr().err.strip()


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError(),
        pa.lib.ArrowMemoryError("malloc of size 64 failed"),
        duckdb.OutOfMemoryException("Failed to allocate block"),
        RuntimeError("can't start new thread"),
        ImportError("libx.so: failed to map segment from shared object"),
        OSError(12, "Cannot allocate memory", "some/folder"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_short_memory_is_said(monkeypatch, capsys, fault):
    code, said = run(monkeypatch, capsys, fault)
    assert code == 2
    assert said in (MEMORY, "obs: folder: Cannot allocate memory")


def test_a_disk_that_the_engine_finds_full_is_said_with_the_folder(monkeypatch, capsys):
    fault = duckdb.IOException('Could not write file "duck.tmp": No space left on device')
    assert run(monkeypatch, capsys, fault) == (2, "obs: 'some/folder': No space left on device")


@pytest.mark.parametrize(
    "fault", [RuntimeError("odd"), ImportError("no x"), duckdb.IOException("odd")]
)
def test_a_fault_of_the_program_is_not_called_one_of_the_machine(monkeypatch, capsys, fault):
    with pytest.raises(type(fault), match=str(fault)):
        run(monkeypatch, capsys, fault)


@pytest.mark.parametrize(
    ("megabytes", "tables", "refused"),
    [(899, True, True), (900, True, False), (299, False, True), (300, False, False)],
)
def test_a_small_limit_of_memory_is_refused_before_a_library_dies_of_it(
    monkeypatch, megabytes, tables, refused
):
    limit = (megabytes * 2**20, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", {resource.RLIMIT_AS: limit}.__getitem__)
    said = rf"may have {megabytes} MB of memory .* needs {900 if tables else 300} MB .*ulimit -v"
    with pytest.raises(ObsError, match=said) if refused else nullcontext():
        refuse_small_memory(tables=tables)


def test_a_command_under_a_small_limit_of_memory_says_so():
    """Under 250 MB a library died of it, under 350 one waited for ever."""
    run = [sys.executable, "-m", "obs", "clean", "police", "some.csv", "--profile", "obs_sample"]
    limit = (350 * 2**20,) * 2
    done = subprocess.run(
        run,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit),
    )
    assert (done.returncode, "350 MB of memory" in done.stderr) == (2, True), done.stderr


def test_a_path_that_leads_back_to_itself_is_said(monkeypatch, capsys, tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    code, said = run(monkeypatch, capsys, RuntimeError(f"Symlink loop from '{tmp_path}/loop'"))
    assert (code, said.startswith("obs: a path leads back to itself")) == (2, True)
    assert main(["check", str(tmp_path / "loop")]) == 2


@pytest.mark.parametrize("command", ["languages", "indicators"])  # less and more than a buffer
def test_a_reader_that_reads_no_more_ends_a_command_in_silence(command):
    here, there = os.pipe()
    os.close(here)
    done = subprocess.run(
        [sys.executable, "-m", "obs", command],
        stdout=there,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    )
    os.close(there)
    assert (done.returncode, done.stderr) == (143, "")
