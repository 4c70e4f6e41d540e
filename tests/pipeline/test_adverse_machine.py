"""Builds where the disk is full, memory is short, no network is there, or names are hostile."""

import ctypes
import os
import resource
import shutil
import signal
from functools import partial

import pytest

from tests.pipeline.at_each_change import answer_of, count_changes, on_a_full_disk
from tests.pipeline.small_observatory import (
    build_of,
    command_of,
    contents,
    count_in,
    ledger_of,
    write_facts,
    write_observatory,
)

NEW_NETWORK = 0x40000000  # of the Linux kernel: one with nothing in it, not even itself
MEGABYTE = 2**20


def need_what_was_there(copy, before, said):
    edition = "publications/2024"
    assert contents(copy / edition) == contents(before / edition), said
    assert ledger_of(copy) == ledger_of(before), said


@pytest.mark.proof
def test_a_disk_full_at_any_change_is_said_and_leaves_what_was_there(states, tmp_path):
    before, after = states / "published", states / "drafted"
    whole = shutil.copytree(before, tmp_path / "counted")
    made = count_changes(build_of(whole), whole)
    for number in range(1, made, 6):
        copy = shutil.copytree(before, tmp_path / str(number))
        code, said = on_a_full_disk(command_of(copy), copy, number)
        if code == 0:
            continue  # what is left to do needs no room
        assert (code, "No space left on device" in said) == (2, True), f"{number}: {said}"
        need_what_was_there(copy, before, number)
        build_of(copy)()
        assert contents(copy) == contents(after), number


def hold_memory(megabytes, event, _):
    """Let a process have so much more memory than it has when it begins."""
    if event == "begin":
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
            held = int(stream.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + megabytes * MEGABYTE,) * 2)


@pytest.mark.proof
@pytest.mark.parametrize("megabytes", [20, 100, 300, 500, 700])
def test_short_memory_is_said_and_leaves_what_was_there(states, tmp_path, megabytes):
    before = states / "published"
    copy = shutil.copytree(before, tmp_path / "copy")
    code, said = answer_of(command_of(copy), before=partial(hold_memory, megabytes))
    if code >= 0:  # else a library in another language died of it
        assert (code, "memory" in said) == (2, True), said
    else:
        assert -code in (signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL)
    need_what_was_there(copy, before, said)
    build_of(copy)()
    assert contents(copy) == contents(states / "drafted")


def no_network(event, arguments):
    """Take the network away from a process and those that it starts; refuse what asks for it."""
    if event == "begin":
        ctypes.CDLL(None).unshare(NEW_NETWORK)  # where the system lets it: the rest is refused here
    local = event == "socket.connect" and isinstance(arguments[1], str | bytes)
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request") and not local:
        raise ConnectionError(event)


@pytest.mark.proof
def test_a_build_without_a_network_gives_the_same_bytes(states, tmp_path):
    copy = shutil.copytree(states / "published", tmp_path / "copy")
    code, said = answer_of(command_of(copy), before=no_network)
    assert code == 0, said
    assert contents(copy) == contents(states / "drafted")


HOSTILE = [
    *("faits_$(touch x).csv", "faits_`id`.csv", "faits_'; drop table a;--.csv", "faits_%s{0}.csv"),
    *("faits_[a-z]*?.csv", "faits_é漢.csv", "faits_ .csv", "faits_-rf.csv", "faits_&amp;<b>.csv"),
    *("faits_=cmd|'A1'.csv", "faits_\\..\\..\\a.csv", "faits_" + "x" * 245 + ".csv"),
]
UNPRINTABLE = [
    b"faits_\xff\xfe.csv",
    b"faits_a\nb.csv",
    b"faits_\xe2\x80\xaegpj.csv",
    b"faits_\x07.csv",
]


@pytest.mark.proof
def test_hostile_names_of_files_and_folders_are_only_names(tmp_path):
    base = write_observatory(tmp_path / "a b'c$(x)[1]*?%20é{0}\"&;#~")
    for number, name in enumerate(HOSTILE):
        write_facts(base / "raw", 1990 + number, 1)
        (base / "raw" / f"faits_{1990 + number}.csv").rename(base / "raw" / name)
        text = (base / "raw" / name).read_text(encoding="utf-8")
        day = f"2024-11-{number + 1:02}"  # the other facts are of the first nine months
        (base / "raw" / name).write_text(text.replace(f"{1990 + number}-01-01", day))
    outside = {path.name for path in tmp_path.iterdir()}
    assert command_of(base)() == 0
    assert count_in(base / "publications" / "2024") == 90 + len(HOSTILE)
    assert {path.name for path in tmp_path.iterdir()} == outside


@pytest.mark.proof
@pytest.mark.parametrize("name", UNPRINTABLE, ids=range(len(UNPRINTABLE)))
def test_a_name_that_no_report_can_carry_is_refused(tmp_path, capsys, name):
    base = write_observatory(tmp_path)
    with open(os.path.join(os.fsencode(base / "raw"), name), "wb") as stream:  # noqa: PTH118, PTH123
        stream.write(b"date;commune;code\n2024-11-01;7001;11.01\n")
    assert command_of(base)() == 2
    assert "holds control characters; rename it" in capsys.readouterr().err
