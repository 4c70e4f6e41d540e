"""Refuse an executed notebook that shows anything but released blocks.

A bare table, a print, a warning, an inline figure, a value, an error, a notebook that `obs` did
not run and one edited since are refused. The gate stops accidents, not forgers.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from nbformat import NotebookNode

from obs.errors import PublicationError

__all__ = ["check_outputs", "released_block", "seal"]

MIME = "application/vnd.obs+json"
_TO_RUN = (
    "Run it with `obs render`, `jupyter nbconvert --execute`, or export it from JupyterLab, started "
    "where `obs` is installed."
)


def seal(notebook: NotebookNode) -> str:
    """Sum up every cell, its outputs and the parameters of a run.

    Returns a sha256 that any edit of the notebook changes.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> from obs.report.kernel.output_gate import seal
    >>> one, two = (new_notebook(cells=[new_markdown_cell(text)]) for text in "ab")
    >>> seal(one) == seal(two)
    False
    """
    run = {k: v for k, v in notebook.metadata.get("obs", {}).items() if k != "seal"}
    cells = [[c.cell_type, c.source, c.metadata, c.get("outputs", [])] for c in notebook.cells]
    text = json.dumps([run, cells], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_outputs(notebook: NotebookNode) -> None:
    """Refuse a notebook that could not be published as it stands.

    Raises `PublicationError` with every fault at once: the cell, what it shows, what to do.

    Examples
    --------
    >>> from nbformat.v4 import new_notebook
    >>> from obs.report.kernel.output_gate import check_outputs
    >>> check_outputs(new_notebook())
    Traceback (most recent call last):
    obs.errors.PublicationError: the notebook was not run by obs...
    """
    faults = [
        f"cell {cell.metadata.get('obs_cell', place)} {fault}"
        for place, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", ())
        if (fault := _output_fault(output))
    ]
    if faults:
        raise PublicationError(f"unreleased output: {'; '.join(dict.fromkeys(faults))}.")
    run = notebook.metadata.get("obs", {})
    if "seal" not in run:
        raise PublicationError(f"the notebook was not run by obs. {_TO_RUN}")
    if run["seal"] != seal(notebook):
        raise PublicationError(f"the notebook or its parameters changed since its run. {_TO_RUN}")


def released_block(output: NotebookNode) -> dict[str, Any] | None:
    """Give the block an output shows, if it carries the mark of a release.

    Returns the block's JSON, or None if the output is anything else.

    Examples
    --------
    >>> from nbformat.v4 import new_output
    >>> from obs.report.kernel.output_gate import released_block
    >>> released_block(new_output("display_data", data={"text/plain": "3"})) is None
    True
    """
    data: dict[str, Any] = output.get("data") or {}
    block = data.get(MIME)
    if not isinstance(block, dict):
        return None
    mark = block.get("status")
    if not isinstance(mark, dict) or mark.get("released") is not True:
        return None
    return block if mark.get("rule") and mark.get("seal") else None


def _output_fault(output: NotebookNode) -> str | None:
    if output.output_type == "error":
        return "ended in an error"
    if output.output_type == "stream":
        if output.name == "stderr":
            return "wrote a warning or a message (stderr); cure its cause"
        return "prints text; remove the print"
    if released_block(output) is not None:
        return None
    data = output.get("data", {})
    if MIME in data:
        return "shows a block without the mark of a release"
    if any(kind.startswith("image/") for kind in data):
        return "shows a figure that is not from obs; use obs.chart_trend, obs.chart_bars..."
    if "Released" in str(data.get("text/plain", ""))[:40]:
        return "shows a Released as it is; use obs.show_table"
    if "text/html" in data:
        return "shows a bare table; release it, then obs.show_table"
    return "shows a bare value; bind it with obs.fact and write it in a sentence"
