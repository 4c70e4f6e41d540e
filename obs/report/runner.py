"""Run one language of a note in a kernel, sentences included, the same way every time.

Uses `nbclient` as JupyterLab would, in a kernel of this very Python. An error in a cell
becomes one plain message; a misspelt name in a sentence stops the run.
"""

from __future__ import annotations

import ast
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from traitlets import Unicode

import obs.errors
from obs.errors import ObsError, PublicationError
from obs.report.cells import NUMBER, prepare
from obs.report.outputs import seal

__all__ = ["NoteRunner", "open_kernel", "run_note"]

_RESET = "get_ipython().reset(new_session=True)"


def run_note(
    notebook: NotebookNode,
    *,
    lang: str,
    parameters: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    kernel: AsyncKernelManager | None = None,
) -> NotebookNode:
    """Run one language of a note from top to bottom.

    Parameters
    ----------
    notebook : NotebookNode
        Not modified.
    lang : {"fr", "nl", "en"}
        Language of the page.
    parameters : mapping, optional
        Values for the cell tagged `parameters`.
    folder : Path, optional
        Folder the cells run in, by default the current one.
    kernel : AsyncKernelManager, optional
        From `open_kernel`; its variables are erased first. By default a kernel of its own.

    Returns
    -------
    NotebookNode
        With outputs, sentences written out, and a seal that any later edit breaks.

    Raises
    ------
    ObsError
        What a cell raised, if it is one of ours: same class, with the cell's number.
    PublicationError
        A name in a sentence is unknown, a cell failed, or the kernel died.

    Examples
    --------
    `render` calls it once per language; the result is never written to a publication.
    """
    note = prepare(notebook, lang=lang, parameters=parameters)
    if kernel is None:
        with open_kernel(folder) as own:
            return _run(note, lang, own)
    return _run(note, lang, kernel)


@contextmanager
def open_kernel(folder: Path | None = None) -> Iterator[AsyncKernelManager]:
    """Start a kernel of this Python, on local sockets, and stop it at the end.

    Parameters
    ----------
    folder : Path, optional
        Folder the cells run in.

    Yields
    ------
    AsyncKernelManager
        Already starting, so that other work can go on meanwhile.

    Raises
    ------
    PublicationError
        If the kernel cannot be started.

    Examples
    --------
    Several languages of a note share one kernel::

        with open_kernel(folder) as kernel:
            pages = [run_note(note, lang=lang, kernel=kernel) for lang in ("fr", "nl")]
    """
    with tempfile.TemporaryDirectory(prefix="obs-") as sockets:
        manager = _OwnPython(transport="ipc", ip=str(Path(sockets) / "k"))
        manager.connection_file = str(Path(sockets) / "kernel.json")
        try:
            run_sync(manager.start_kernel)(
                cwd=str(folder or Path.cwd()), extra_arguments=["--HistoryManager.enabled=False"]
            )
        except OSError as error:
            raise PublicationError(f"no kernel could be started: {error.strerror}.") from None
        try:
            yield manager
        finally:
            run_sync(manager.shutdown_kernel)(now=True)


class NoteRunner(NotebookClient):
    """A notebook client that also writes the sentences of Markdown cells, in the kernel."""

    lang = Unicode("fr", help="Language of the page")

    async def async_execute_cell(
        self,
        cell: NotebookNode,
        cell_index: int,
        execution_count: int | None = None,
        store_history: bool = True,  # noqa: FBT001, FBT002 (nbclient's signature)
    ) -> NotebookNode:
        """Run a code cell, or write out the sentences of a Markdown cell."""
        if cell.cell_type == "markdown":
            await self._write_sentences(cell)
            return cell
        done = await super().async_execute_cell(cell, cell_index, execution_count, store_history)
        for output in done.get("outputs", ()):
            if "execution_count" in output:
                output["execution_count"] = done["execution_count"]
        return done

    async def evaluate(self, expression: str) -> Any:
        """Evaluate, in the kernel, an expression that gives JSON."""
        request = self.kc.execute(
            "", silent=True, store_history=False, user_expressions={"answer": expression}
        )
        reply = await self.async_wait_for_reply(request)
        answer = reply["content"]["user_expressions"]["answer"]
        if answer["status"] != "ok":
            raise PublicationError(f"{answer['ename']} in the kernel while preparing the page.")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    async def _write_sentences(self, cell: NotebookNode) -> None:
        found = await self.evaluate(_call("render_sentences", cell.source, self.lang))
        if found["faults"]:
            raise PublicationError(f"{_place(cell)}: {'; '.join(fault.rstrip('.') for fault in found['faults'])}.")
        cell["source"] = found["text"]
        numbers = self.nb.metadata["obs"].setdefault("numbers", [])
        numbers += [{"cell": cell.metadata[NUMBER], **number} for number in found["numbers"]]


class _OwnPython(AsyncKernelManager):
    """A kernel of the Python that runs `obs`, whatever kernels the machine declares."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(
            argv=argv, display_name="obs", language="python", env={"PYTHONHASHSEED": "0"}
        )


async def _run_async(note: NotebookNode, lang: str, kernel: AsyncKernelManager) -> NotebookNode:
    runner = NoteRunner(note, km=kernel, lang=lang, timeout=None, record_timing=False)
    async with runner.async_setup_kernel():
        try:
            await runner.async_wait_for_reply(runner.kc.execute(_RESET, store_history=False))
            for index, cell in enumerate(note.cells):
                count = runner.code_cells_executed + 1
                await runner.async_execute_cell(cell, index, execution_count=count)
            note.metadata["obs"]["front"] = await runner.evaluate(_call("front_matter"))
        finally:
            runner.kc.stop_channels()
    note.metadata["obs"]["seal"] = seal(note)
    return note


def _run(note: NotebookNode, lang: str, kernel: AsyncKernelManager) -> NotebookNode:
    try:
        return run_sync(_run_async)(note, lang, kernel)
    except CellExecutionError as error:
        raise _plain(error, note) from None
    except DeadKernelError:
        raise PublicationError(
            "the kernel stopped while running the note; the machine may be short of memory."
        ) from None


def _plain(error: CellExecutionError, note: NotebookNode) -> ObsError:
    failed = next(
        (c for c in note.cells if any(o.output_type == "error" for o in c.get("outputs", ()))),
        None,
    )
    place = _place(failed) if failed else "a cell"
    if error.ename in obs.errors.__all__:
        return getattr(obs.errors, error.ename)(f"{place}: {error.evalue}")
    return PublicationError(
        f"{place}: {error.ename}. Open the notebook in JupyterLab and run it up to that cell to "
        "see why; the message is not repeated here because it may hold data."
    )


def _place(cell: NotebookNode) -> str:
    return f"cell {cell.metadata.get(NUMBER, '?')}"


def _call(function: str, *arguments: str) -> str:
    module = "__import__('obs.report.sentences', fromlist=['sentences'])"
    return f"{module}.{function}({''.join(f'{a!r}, ' for a in arguments)}globals())"
