"""Run the kernel of a note so that it reads the released tables of its edition, and nothing else.

Started as a program by `obs.report.kernel.warm_kernels`, which says in an environment variable what
is barred, where the released tables are and what their seal is. Cells have a name `obs` with what a
note needs, few builtins, and no import but that of `obs`.
"""

from __future__ import annotations

import builtins
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import obs
from obs.errors import PublicationError
from obs.machine_limits import collect_seldom
from obs.report.facts import edition_seal
from obs.report.kernel.cell_rules import BUILTINS, NOTE_NAMES
from obs.report.kernel.read_barrier import bar_reading
from obs.report.note.sentences import front_matter, render_sentences

__all__ = ["MACHINERY", "VARIABLE", "Closed", "close_namespace", "main"]

VARIABLE = "OBS_CLOSED_KERNEL"
MACHINERY = "__obs__"  # among the builtins: cells have no name with underscores


@dataclass(frozen=True)
class Closed:
    """What the kernel of a note is held to: one edition's released tables.

    Attributes
    ----------
    seal : str
        That of the release.
    kept : tuple of str
        What it may read even so: the released tables and the words of the edition.
    barred : tuple of str
        Folders that it may not read: raw deliveries, internal tables.
    """

    seal: str
    kept: tuple[str, ...]
    barred: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Give the environment variables of a kernel, which make it run the same way every time."""
        same = {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
        return {VARIABLE: json.dumps(asdict(self)), **same}


class _NotesObs:
    """What a cell has under the name `obs`: what a note needs, nothing besides."""

    def __getattr__(self, name: str) -> Any:
        if name not in NOTE_NAMES:
            raise PublicationError(
                f"obs.{name} is refused while an edition is built: a note shows what its edition "
                "released. Declare the table in the TOML beside the notebook."
            )
        return getattr(obs, name)


def close_namespace(namespace: dict[str, Any]) -> None:
    """Leave a kernel's namespace with what a cell may use."""
    for name in ("open", "get_ipython", "exit", "quit"):
        namespace.pop(name, None)
    few = {name: getattr(builtins, name) for name in BUILTINS}
    machinery = getattr(builtins, MACHINERY, None)
    namespace["__builtins__"] = {**few, "__import__": _import_obs, MACHINERY: machinery}


def main() -> None:
    """Close this process, then run a kernel in it, or fork kernels from it when asked."""
    collect_seldom()
    closed = Closed(**json.loads(os.environ.pop(VARIABLE)))
    sys.path[:] = [p for p in sys.path if p not in ("", str(Path.cwd()))]
    os.environ["JPY_PARENT_PID"] = str(os.getpid() if "--fork" in sys.argv else os.getppid())
    from ipykernel import kernelapp

    bar_reading(list(map(Path, closed.barred)), but=list(map(Path, closed.kept)))
    edition_seal.close(closed.seal)
    setattr(builtins, MACHINERY, _machinery())
    if "--fork" not in sys.argv:
        kernelapp.launch_new_instance()
        return
    for name in NOTE_NAMES:
        getattr(obs, name)
    _serve(int(sys.argv[-1]), kernelapp.launch_new_instance)


def _serve(end: int, run_kernel: Callable[..., None]) -> None:
    """Start kernels, tell whether they run and stop them, until nobody asks any more."""
    gc.collect()
    gc.freeze()  # what was imported stays shared with the kernels
    with socket.socket(fileno=end) as asked, asked.makefile("rw", encoding="utf-8") as lines:
        running: set[int] = set()
        while line := lines.readline():
            answer: int | None = None
            match json.loads(line):
                case {"ask": "start", "arguments": arguments, "folder": folder}:
                    answer = os.fork()
                    if answer == 0:
                        os.close(end)
                        _run_forked(run_kernel, arguments, folder)
                    running.add(answer)
                case {"ask": "poll", "pid": pid}:
                    ended, status = os.waitpid(pid, os.WNOHANG)
                    if ended:
                        running.discard(pid)
                        answer = os.waitstatus_to_exitcode(status)
                case {"ask": "signal", "pid": pid, "number": number} if pid in running:
                    os.kill(pid, number)
            lines.write(json.dumps(answer) + "\n")
            lines.flush()
        for pid in running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _run_forked(run_kernel: Callable[..., None], arguments: list[str], folder: str) -> NoReturn:
    """Run a kernel in a process that was just forked, and end it without what its parent would do."""
    try:
        os.chdir(folder)
        run_kernel(argv=arguments)
    finally:
        os._exit(1)  # a kernel that is done is killed


def _import_obs(name: str, *_: Any, **__: Any) -> _NotesObs:
    if name != "obs":
        _refuse_import(name)
    return _NotesObs()


def _refuse_import(name: str) -> NoReturn:
    raise PublicationError(
        f"imports {name}; a note imports obs alone: bind a number with note.fact, draw with note.show."
    )


def _machinery() -> dict[str, Any]:
    """Give what the runner calls between cells; a cell cannot name it."""
    from ipykernel.zmqshell import ZMQInteractiveShell

    def erase() -> None:
        shell = ZMQInteractiveShell.instance()
        shell.reset(new_session=True)  # type: ignore[no-untyped-call]
        close_namespace(shell.user_ns)

    def sentences(source: str, lang: str) -> str:
        return render_sentences(source, lang, ZMQInteractiveShell.instance().user_ns)

    def front() -> str:
        return front_matter(ZMQInteractiveShell.instance().user_ns)

    return {"erase": erase, "render_sentences": sentences, "front_matter": front}


if __name__ == "__main__":
    main()
