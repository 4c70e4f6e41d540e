"""Start the kernels of notes: each from one process that has imported what notes need.

That process runs no cell. It closes itself as the kernel of a note is closed, imports, and then
forks: each note has a kernel of its own, in the state that the imports left, whatever ran before
and whatever runs beside it. Where a system has no safe fork, each note pays for its imports.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from obs.errors import PublicationError
from obs.notebook_session import SESSION
from obs.report.kernel.closed_kernel import Closed

__all__ = ["Kernels", "kernels"]

_FORKS = sys.platform == "linux"
_MODULE = "obs.report.kernel.closed_kernel"
# No history; and no line of the kernel's own log, which calls the end that we give it an error.
_QUIET = ["--HistoryManager.enabled=False", "--IPKernelApp.log_level=50"]


class Kernels:
    """Kernels for the notes of one edition, made by `kernels`.

    Attributes
    ----------
    closed : Closed or None
        What they are held to; None for notebooks that read what they like.
    """

    def __init__(self, closed: Closed | None, sockets: Path) -> None:
        self.closed = closed
        self._sockets = sockets
        self._numbers = count(1)
        self._parent = _Parent(closed) if closed and _FORKS else None

    @asynccontextmanager
    async def kernel(self, folder: Path) -> AsyncIterator[AsyncKernelManager]:
        """Start a kernel in a folder, on sockets of its own, and stop it at the end."""
        place = self._sockets / str(next(self._numbers))
        place.mkdir()
        manager = _OwnPython(transport="ipc", ip=str(place / "k"))
        manager.closed = self.closed
        manager.connection_file = str(place / "kernel.json")
        if self._parent is not None:
            manager.provisioner = _Forked(kernel_spec=manager.kernel_spec, parent=manager)
            manager.provisioner.from_parent = self._parent
        await manager.start_kernel(cwd=str(folder), extra_arguments=_QUIET)
        try:
            yield manager
        finally:
            await manager.shutdown_kernel(now=True)

    def stop(self) -> None:
        """End the process that forks, and with it every kernel that still runs."""
        if self._parent is not None:
            self._parent.stop()


@contextmanager
def kernels(closed: Closed | None) -> Iterator[Kernels]:
    """Give kernels for as long as the block lasts; with `closed`, held to one edition's tables.

    Examples
    --------
    >>> from obs.report.kernel.warm_kernels import kernels
    >>> with kernels(None) as own:
    ...     own.closed is None
    True
    """
    with tempfile.TemporaryDirectory(prefix="obs-") as place:
        own = Kernels(closed, Path(place))
        try:
            yield own
        finally:
            own.stop()


class _OwnPython(AsyncKernelManager):
    """A kernel of the Python that runs `obs`, whatever kernels the machine declares."""

    closed: Closed | None = None

    @property
    def kernel_spec(self) -> KernelSpec:
        run = ["-P", "-m", _MODULE] if self.closed else ["-m", "ipykernel_launcher"]
        argv = [sys.executable, *run, "-f", "{connection_file}"]
        own = {"PYTHONHASHSEED": "0", SESSION: ""}  # it is the kernel of no open notebook
        env = self.closed.environment() if self.closed else own
        return KernelSpec(argv=argv, display_name="obs", language="python", env=env)


class _Parent:
    """The process that forks kernels: one line asks, one line answers."""

    def __init__(self, closed: Closed) -> None:
        ours, theirs = socket.socketpair()
        end = theirs.fileno()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE, "--fork", str(end)],
                env={**os.environ, **closed.environment()},
                stdin=subprocess.DEVNULL,
                pass_fds=[end],
                start_new_session=True,
            )
        self._socket, self._lines = ours, ours.makefile("rw", encoding="utf-8")
        self._lock = Lock()

    def ask(self, what: str, **about: Any) -> int | None:
        """Ask for a number: of a process started, of its end; None while it runs."""
        with self._lock:
            try:
                self._lines.write(json.dumps({"ask": what, **about}) + "\n")
                self._lines.flush()
                answer = self._lines.readline()
            except OSError:
                answer = ""
        if not answer:
            raise PublicationError(
                "the process that starts the kernels of notes stopped; the machine may be short of "
                "memory."
            )
        number: int | None = json.loads(answer)
        return number

    def stop(self) -> None:
        """End it: at the end of its lines it kills what it started."""
        with suppress(OSError):  # it has ended already
            self._lines.close()
        self._socket.close()
        self._process.wait()


class _ForkedProcess:
    """A forked kernel, with what jupyter_client asks of a process."""

    stdin = stdout = stderr = None

    def __init__(self, parent: _Parent, arguments: list[str], folder: str) -> None:
        self._parent = parent
        pid = parent.ask("start", arguments=arguments, folder=folder)
        assert pid is not None  # "start" is answered with a number
        self.pid: int = pid
        self._ended: int | None = None

    def poll(self) -> int | None:
        if self._ended is None:
            self._ended = self._parent.ask("poll", pid=self.pid)
        return self._ended

    wait = poll  # called once it has ended

    def send_signal(self, number: int) -> None:
        self._parent.ask("signal", pid=self.pid, number=number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class _Forked(LocalProvisioner):
    """Has a kernel forked where jupyter_client would start a program."""

    from_parent: _Parent

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        arguments = cmd[cmd.index(_MODULE) + 1 :]
        parent, folder = self.from_parent, str(options["cwd"])
        started = await asyncio.to_thread(_ForkedProcess, parent, arguments, folder)
        self.process, self.pid = started, started.pid  # type: ignore[assignment]  # as a Popen is
        return self.connection_info
