"""Show, below each code cell that ran in JupyterLab, the sentences that follow it in the notebook.

They are read as they will be printed, in the language of the note. The notebook is read as it was
last saved. Nothing of this is at work while an edition is built or a note is rendered.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from obs.errors import ObsError
from obs.notebook_session import SESSION, open_shell
from obs.report.facts.edition_seal import is_closed
from obs.report.kernel.closed_note import cell_faults
from obs.report.note.notebook_cells import read_note
from obs.report.note.sentences import render_sentences

__all__ = ["SentencesBelow", "show_sentences_below"]

_EVENT = "post_run_cell"


class SentencesBelow:
    """What a notebook does after each code cell: write out the sentences up to the next.

    Parameters
    ----------
    notebook : Path
        As saved.
    lang : str
        Language of the sentences.
    shell : InteractiveShell
        Whose names the sentences bind.
    """

    def __init__(self, notebook: Path, lang: str, shell: Any) -> None:
        self.notebook = notebook
        self.lang = lang
        self.shell = shell

    def __call__(self, result: Any) -> None:
        """Display the sentences that follow the cell of `result`, if it ran to its end."""
        if not result.success or result.info.raw_cell is None:
            return
        for bundle in self.written(str(result.info.raw_cell), result.info.cell_id):
            self.shell.display_pub.publish(bundle)

    def written(self, source: str, cell_id: str | None = None) -> list[dict[str, str]]:
        """Write the sentences that follow a code cell, found by its id or else by its source.

        Returns one bundle of text/markdown and text/plain for each cell of sentences, or of
        text/html where the cell is at fault.
        """
        try:
            cells = read_note(self.notebook).cells
        except ObsError:
            return []  # it is being saved, or has gone: the cell itself ran
        place = _place_of(cells, source, cell_id)
        if place is None:
            return []
        return [self._bundle(number, cell) for number, cell in _following(cells, place, self.lang)]

    def _bundle(self, number: int, cell: NotebookNode) -> dict[str, str]:
        found = json.loads(render_sentences(cell.source, self.lang, self.shell.user_ns))
        faults = found["faults"] or list(cell_faults(cell, [self.lang]))
        if not faults:
            return {"text/markdown": found["text"], "text/plain": found["text"]}
        said = f"cell {number} ({self.lang}): {'; '.join(f.rstrip('.') for f in faults)}."
        html = f'<p role="alert"><strong>{escape(said)}</strong></p>'
        return {"text/html": html, "text/plain": said}


def show_sentences_below(name: str, lang: str) -> None:
    """Begin to show the sentences of a note below its code cells, in a notebook that is open.

    Outside a notebook, while an edition is built, and where no notebook file is found, nothing
    is done. Opening the note again, in another language or edition, takes the place of the former.
    """
    shell, notebook = open_shell(), _open_notebook(name)
    if shell is None or notebook is None or is_closed():
        return
    for former in [f for f in shell.events.callbacks[_EVENT] if isinstance(f, SentencesBelow)]:
        shell.events.unregister(_EVENT, former)
    shell.events.register(_EVENT, SentencesBelow(notebook, lang, shell))


def _open_notebook(name: str) -> Path | None:
    """Give the notebook of this kernel, if it has one; a note of its name stands beside it."""
    session = os.environ.get(SESSION, "")
    candidates = (Path(session), Path.cwd() / Path(session).name, Path.cwd() / f"{name}.ipynb")
    return next((p for p in candidates if p.suffix == ".ipynb" and p.is_file()), None)


def _place_of(cells: list[NotebookNode], source: str, cell_id: str | None) -> int | None:
    code = [(place, cell) for place, cell in enumerate(cells) if cell.cell_type == "code"]
    by_id = (place for place, cell in code if cell_id and cell.get("id") == cell_id)
    by_source = (place for place, cell in code if cell.source.strip() == source.strip())
    return next(by_id, next(by_source, None))


def _following(
    cells: list[NotebookNode], place: int, lang: str
) -> Iterable[tuple[int, NotebookNode]]:
    """Give the cells of sentences in a language between a code cell and the next, and their number."""
    for number, cell in enumerate(cells[place + 1 :], start=place + 2):
        if cell.cell_type == "code":
            return
        own = [tag for tag in cell.metadata.get("tags", ()) if tag.startswith("lang-")]
        if cell.cell_type == "markdown" and f"lang-{lang}" in own:
            yield number, cell
