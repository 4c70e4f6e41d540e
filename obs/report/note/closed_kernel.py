"""Run the kernel of a note so that it reads the released tables of its edition, and nothing else.

Started as a program by `obs.report.note.runner`, which says in an environment variable what is
barred, where the released tables are and what their seal is. Cells have a name `obs` with what a
note needs, few builtins, and no import but that of `obs`.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import obs
from obs.errors import PublicationError
from obs.report.facts import edition_seal
from obs.report.note.cell_rules import BUILTINS, NOTE_NAMES
from obs.report.note.read_barrier import bar_reading
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
        """Give the variable by which the kernel is told."""
        return {VARIABLE: json.dumps(asdict(self))}


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
    """Close this process, then run a kernel in it."""
    closed = Closed(**json.loads(os.environ.pop(VARIABLE)))
    sys.path[:] = [p for p in sys.path if p not in ("", str(Path.cwd()))]
    from ipykernel import kernelapp

    bar_reading(list(map(Path, closed.barred)), but=list(map(Path, closed.kept)))
    edition_seal.close(closed.seal)
    setattr(builtins, MACHINERY, _machinery())
    kernelapp.launch_new_instance()


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
