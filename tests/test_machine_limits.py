"""A full disk and short memory are said in words, whatever library meets them; other faults are not."""

import duckdb
import pyarrow as pa
import pytest

import obs.__main__ as command_line

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
