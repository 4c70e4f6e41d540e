"""Run a note in a kernel, sentences included, the same way every time.

`nbclient` runs the cells as JupyterLab would, in a kernel of the same Python. An error in a cell
becomes one plain message; a misspelt name in a sentence stops the run.
"""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from jupyter_client.client import KernelClient
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from traitlets import Bool, Unicode

import obs.errors
from obs.errors import ObsError, PublicationError
from obs.report.kernel.closed_kernel import MACHINERY, Closed
from obs.report.kernel.closed_note import refuse_faults
from obs.report.kernel.output_gate import seal
from obs.report.kernel.read_barrier import REFUSED
from obs.report.kernel.warm_kernels import Kernels, kernels
from obs.report.note.notebook_cells import NUMBER, TRACED, prepare

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
    warm: Kernels | None = None,
) -> list[NotebookNode]:
    """Run a note from top to bottom, once per language.

    The languages share a kernel, whose variables are erased in between. With `closed`, the kernel
    reads one edition's released tables and nothing else, and what a note may not do is refused
    before it runs. With `warm`, kernels made for the whole edition, the note has one of these,
    and is held to what they are held to.

    Returns one notebook per language, with outputs, sentences written out, and a seal that any
    later edit breaks. An `ObsError` that a cell raised keeps its class and gets the cell's
    number. Raises `PublicationError` if a name in a sentence is unknown, a cell failed, or the
    kernel died.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    >>> from obs.report.kernel.runner import run_note
    >>> cells = [
    ...     new_code_cell("lang = 'fr'", metadata={"tags": ["parameters"]}),
    ...     new_markdown_cell("{{ plce }}"),
    ... ]
    >>> run_note(new_notebook(cells=cells), langs=["fr"])
    Traceback (most recent call last):
    obs.errors.PublicationError: cell 2 (fr): unknown name 'plce'.
    """
    notes = [prepare(notebook, lang=lang, parameters=parameters) for lang in langs]
    closed = warm.closed if warm else closed
    if closed is not None:
        refuse_faults(notebook, langs)
    with ExitStack() as stack:
        own = warm or stack.enter_context(kernels(closed))
        # In a thread of its own: a notebook that calls `obs.render` already has a running loop.
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        return pool.submit(asyncio.run, _run_all(notes, folder or Path.cwd(), own)).result()


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
        about = self.nb.metadata["obs"]
        numbers = about.setdefault("numbers", [])
        if found.get("traces"):
            cell.metadata[TRACED] = {"first": len(numbers), "text": found["traced"]}
            about.setdefault("traces", []).extend(found["traces"])
        numbers += [{"cell": cell.metadata[NUMBER], **number} for number in found["numbers"]]


async def _run_all(notes: Sequence[NotebookNode], folder: Path, own: Kernels) -> list[NotebookNode]:
    async with own.kernel(folder) as kernel:
        for note in notes:
            try:
                await _run(note, kernel, closed=own.closed is not None)
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
