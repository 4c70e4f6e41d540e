"""Run a note in a kernel, sentences included, the same way every time.

`nbclient` runs the cells as JupyterLab would, in a kernel of the same Python. An error in a cell
becomes one plain message; a misspelt name in a sentence stops the run.
"""

from __future__ import annotations

import ast
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jupyter_client.client import KernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from traitlets import Bool, Unicode

import obs.errors
from obs.errors import ObsError, PublicationError
from obs.report.note.closed_kernel import MACHINERY, Closed
from obs.report.note.closed_note import refuse_faults
from obs.report.note.notebook_cells import NUMBER, prepare
from obs.report.note.output_gate import seal
from obs.report.note.read_barrier import REFUSED

__all__ = ["NoteRunner", "run_note"]

_ERASE = "get_ipython().reset(new_session=True)"
_CLOSE = f"{MACHINERY}['erase']()"


def run_note(
    notebook: NotebookNode,
    *,
    langs: Sequence[str],
    parameters: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    closed: Closed | None = None,
) -> list[NotebookNode]:
    """Run a note from top to bottom, once per language.

    The languages share a kernel, whose variables are erased in between: what was imported
    stays, and only the first language pays for it. With `closed`, the kernel reads one edition's
    released tables and nothing else, and what a note may not do is refused before it runs.

    Returns one notebook per language, with outputs, sentences written out, and a seal that any
    later edit breaks. An `ObsError` that a cell raised keeps its class and gets the cell's
    number. Raises `PublicationError` if a name in a sentence is unknown, a cell failed, or the
    kernel died.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    >>> from obs.report.note.runner import run_note
    >>> cells = [
    ...     new_code_cell("lang = 'fr'", metadata={"tags": ["parameters"]}),
    ...     new_markdown_cell("{{ plce }}"),
    ... ]
    >>> run_note(new_notebook(cells=cells), langs=["fr"])
    Traceback (most recent call last):
    obs.errors.PublicationError: cell 2 (fr): unknown name 'plce'.
    """
    notes = [prepare(notebook, lang=lang, parameters=parameters) for lang in langs]
    if closed is not None:
        refuse_faults(notebook, langs)
    # In a thread of its own: a notebook that calls `obs.render` already has a running loop.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, _run_all(notes, folder or Path.cwd(), closed)).result()


class NoteRunner(NotebookClient):
    """A notebook client that also writes the sentences of Markdown cells, in the kernel."""

    lang = Unicode("fr", help="Language of the page")
    closed = Bool(default_value=False, help="Whether the kernel reads released tables alone")

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
        request = self._client().execute(
            "", silent=True, store_history=False, user_expressions={"answer": expression}
        )
        reply = await self.async_wait_for_reply(request)
        if reply is None:
            raise PublicationError("the kernel gave no answer while preparing the page.")
        answer = reply["content"]["user_expressions"]["answer"]
        if answer["status"] != "ok":
            raise PublicationError(f"{answer['ename']} in the kernel while preparing the page.")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def _client(self) -> KernelClient:
        if self.kc is None:
            raise PublicationError("the kernel of the note was not started.")
        return self.kc

    async def _write_sentences(self, cell: NotebookNode) -> None:
        call = _call("render_sentences", cell.source, self.lang, closed=self.closed)
        found = await self.evaluate(call)
        if found["faults"]:
            faults = "; ".join(fault.rstrip(".") for fault in found["faults"])
            raise PublicationError(f"{_where(cell, self.lang)}: {faults}.")
        cell["source"] = found["text"]
        numbers = self.nb.metadata["obs"].setdefault("numbers", [])
        numbers += [{"cell": cell.metadata[NUMBER], **number} for number in found["numbers"]]


class _OwnPython(AsyncKernelManager):
    """A kernel of the Python that runs `obs`, whatever kernels the machine declares."""

    closed: Closed | None = None

    @property
    def kernel_spec(self) -> KernelSpec:
        module = "obs.report.note.closed_kernel" if self.closed else "ipykernel_launcher"
        argv = [sys.executable, "-m", module, "-f", "{connection_file}"]
        told = self.closed.environment() if self.closed else {}
        env = {"PYTHONHASHSEED": "0", **told}
        return KernelSpec(argv=argv, display_name="obs", language="python", env=env)


@asynccontextmanager
async def _kernel(folder: Path, closed: Closed | None) -> AsyncIterator[AsyncKernelManager]:
    """Start a kernel on local sockets, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="obs-") as sockets:
        manager = _OwnPython(transport="ipc", ip=str(Path(sockets) / "k"))
        manager.closed = closed
        manager.connection_file = str(Path(sockets) / "kernel.json")
        await manager.start_kernel(
            cwd=str(folder), extra_arguments=["--HistoryManager.enabled=False"]
        )
        try:
            yield manager
        finally:
            await manager.shutdown_kernel(now=True)


async def _run_all(
    notes: Sequence[NotebookNode], folder: Path, closed: Closed | None
) -> list[NotebookNode]:
    async with _kernel(folder, closed) as kernel:
        for note in notes:
            try:
                await _run(note, kernel, closed=closed is not None)
            except CellExecutionError as error:
                raise _plain_message(error, note) from None
            except DeadKernelError:
                raise PublicationError(
                    "the kernel stopped while running the note; the machine may be short of memory."
                ) from None
    return list(notes)


async def _run(note: NotebookNode, kernel: AsyncKernelManager, *, closed: bool) -> None:
    about = note.metadata["obs"]
    options = {"lang": about["lang"], "closed": closed, "timeout": None, "record_timing": False}
    runner = NoteRunner(note, km=kernel, **options)
    async with runner.async_setup_kernel():
        try:
            erase = _CLOSE if closed else _ERASE
            await runner.async_wait_for_reply(runner._client().execute(erase, store_history=False))
            for index, cell in enumerate(note.cells):
                count = runner.code_cells_executed + 1
                await runner.async_execute_cell(cell, index, execution_count=count)
            about["front"] = await runner.evaluate(_call("front_matter", closed=closed))
        finally:
            runner._client().stop_channels()
    about["seal"] = seal(note)


def _plain_message(error: CellExecutionError, note: NotebookNode) -> ObsError:
    failed = next(
        c for c in note.cells if any(o.output_type == "error" for o in c.get("outputs", ()))
    )
    place = _where(failed, note.metadata["obs"]["lang"])
    if error.ename == "PermissionError":
        return PublicationError(
            f"{place}: it opens a file or starts a program; {REFUSED}. Declare the table that it "
            "needs in the TOML beside the notebook."
        )
    if error.ename in obs.errors.__all__:
        kind: type[ObsError] = getattr(obs.errors, error.ename)
        return kind(f"{place}: {error.evalue}")
    return PublicationError(
        f"{place}: {error.ename}. Open the notebook in JupyterLab and run it up to that cell to "
        "see why; the message is not repeated here because it may hold data."
    )


def _where(cell: NotebookNode, lang: str) -> str:
    return f"cell {cell.metadata[NUMBER]} ({lang})"


def _call(function: str, *arguments: str, closed: bool) -> str:
    if closed:
        return f"{MACHINERY}[{function!r}]({', '.join(map(repr, arguments))})"
    module = "__import__('obs.report.note.sentences', fromlist=['sentences'])"
    return f"{module}.{function}({''.join(f'{a!r}, ' for a in arguments)}globals())"
