"""Run something in a process of its own that dies, or waits, just before one of its changes of files.

A change is what the file system is asked for within a folder: a file opened for writing, a folder
made, a name given, exchanged or taken away. Processes are forked from one that has loaded `obs`.
"""

import errno
import io
import itertools
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

_LIBRARIES = ["pandas", "pyarrow.parquet", "ibis", "duckdb", "highspy", "jinja2", "nbclient"]
_ROOMS = ["obs.__main__", "obs.pipeline.building", "obs.report.kernel.warm_kernels"]
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([*_LIBRARIES, *_ROOMS])

LONGEST = 300.0  # seconds to wait for a word of a process

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# Of each event: where its paths and the open folders that these may be relative to stand.
_EVENTS = {
    "os.mkdir": [(0, 2)],
    "os.rmdir": [(0, 1)],
    "os.remove": [(0, 1)],
    "os.rename": [(0, 2), (1, 3)],
    "os.link": [(0, 2), (1, 3)],
    "os.symlink": [(1, 2)],
    "os.chmod": [(0, 2)],
    "os.truncate": [(0, None)],
}

_NEED_ROOM = ("open", "os.mkdir")


def count_changes(run: Callable[[], object], folder: Path) -> int:
    """Run to the end; give the number of changes."""
    ours, theirs = PROCESSES.Pipe()
    process = _start(run, _Watch(folder, theirs))
    count = ours.recv()
    process.join()
    assert process.exitcode == 0
    return count


def killed(run: Callable[[], object], folder: Path, at: int, *, torn: bool = False) -> bool:
    """Kill before the change of this number, the file opened last half written if so asked.

    Tells whether it was killed: not if it made fewer changes.
    """
    process = _start(run, _Watch(folder, None, at, torn=torn))
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def on_a_full_disk(run: Callable[[], int], folder: Path, at: int) -> tuple[int, str]:
    """Run a command on a disk that has no room from the change of this number on.

    Gives how it ended and what it said.
    """
    return answer_of(run, before=_Watch(folder, None, at, full=True))


def answer_of(run: Callable[[], int], *, before: Callable[..., object]) -> tuple[int, str]:
    """Run a command in a process of its own; give how it ended and what it said.

    `before` watches the process as an audit hook does; its first call is for the event "begin".
    """
    ours, theirs = PROCESSES.Pipe()
    with _ending(PROCESSES.Process(target=_answer, args=(run, before, theirs))) as process:
        process.start()
        theirs.close()
        try:
            return ours.recv()
        except EOFError:  # it was ended by the system
            process.join()
            return process.exitcode, ""


def _answer(run: Callable[[], int], before: Callable[..., object], pipe: Any) -> None:
    before("begin", ())
    sys.addaudithook(before)
    with redirect_stderr(io.StringIO()) as said, redirect_stdout(io.StringIO()):
        code = run()
    pipe.send((code, said.getvalue()))


@dataclass
class Held:
    """A process that waits; `ended` lets it run to its end and gives how it ended."""

    process: Any
    pipe: Any

    def ended(self) -> int:
        if self.process.is_alive():
            self.pipe.send("go on")
        self.process.join()
        return self.process.exitcode


@contextmanager
def held(run: Callable[[], object], folder: Path, at: int) -> Iterator[Held]:
    """Run until just before the change of this number, or to the end if there are fewer."""
    ours, theirs = PROCESSES.Pipe()
    with _ending(_start(run, _Watch(folder, theirs, at))) as process:
        _need_word(ours, process)
        yield Held(process, ours)


@contextmanager
def beside(run: Callable[..., object]) -> Iterator[Held]:
    """Run a command until it ends or says, as its progress, that it waits for another."""
    ours, theirs = PROCESSES.Pipe()
    with _ending(_start(partial(run, progress=_Waits(theirs)))) as process:
        _need_word(ours, process)
        yield Held(process, ours)


def _need_word(pipe: Any, process: Any) -> None:
    assert wait([pipe, process.sentinel], timeout=LONGEST), "neither ends nor waits for another"


@contextmanager
def _ending(process: Any) -> Iterator[Any]:
    try:
        yield process
    finally:
        if process.pid is not None:
            process.kill()
            process.join()


@dataclass
class _Waits:
    """Tells when a command says that it waits."""

    pipe: Any

    def __call__(self, words: str) -> None:
        if words.startswith("waits:"):
            self.pipe.send(words)


def _start(run: Callable[[], object], watch: "_Watch | None" = None):
    process = PROCESSES.Process(target=_run, args=(run, watch))
    process.start()
    return process


def _run(run: Callable[[], object], watch: "_Watch | None") -> None:
    if watch is None:
        run()
        return
    sys.addaudithook(watch)
    run()
    watch.active = False
    if watch.pipe is not None:
        watch.pipe.send(next(watch.numbers) - 1)


@dataclass
class _Watch:
    """Counts the changes in a folder, and acts before one of them."""

    folder: Path
    pipe: Any
    at: int = 0
    torn: bool = False
    full: bool = False
    active: bool = True
    opened: str = ""

    def __post_init__(self) -> None:
        self.numbers = itertools.count(1)

    def __call__(self, event: str, arguments: tuple) -> None:
        if not self.active or not self._is_change(event, arguments):
            return
        number = next(self.numbers)
        if self.full and number >= self.at and event in _NEED_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fsdecode(arguments[0]))
        if number == self.at and not self.full:
            self.active = False
            if self.pipe is not None:
                self.pipe.send(self.at)
                self.pipe.recv()
                return
            if self.torn and os.path.isfile(self.opened):  # noqa: PTH113 (no change of its own)
                os.truncate(self.opened, os.path.getsize(self.opened) // 2)  # noqa: PTH202
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_change(self, event: str, arguments: tuple) -> bool:
        if event == "ctypes.dlsym":
            return arguments[1] == "renameat2"
        if event == "open":
            path, _, flags = arguments
            if not isinstance(path, str | bytes) or not flags & _WRITES:
                return False
            self.opened = os.fsdecode(path) if self._is_inside(path, -1) else self.opened
            return self._is_inside(path, -1)
        places = _EVENTS.get(event, ())
        return any(
            self._is_inside(arguments[path], -1 if to is None else arguments[to])
            for path, to in places
        )

    def _is_inside(self, path: Any, opened: int) -> bool:
        if isinstance(path, int):  # an open file
            return False
        name = os.fsdecode(path)
        if opened not in (-1, None) and not name.startswith("/"):
            name = f"{os.readlink(f'/proc/self/fd/{opened}')}/{name}"  # noqa: PTH115
        return name.startswith(str(self.folder))
