"""Refuse a note that does what a note may not do, before it runs, with every fault and its cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbformat import NotebookNode

from obs.errors import PublicationError
from obs.locale import languages
from obs.report.checks.prose_words import typed_figures
from obs.report.kernel.cell_rules import code_faults

__all__ = ["cell_faults", "refuse_faults"]

_SAID = 10  # faults in one message


def refuse_faults(notebook: NotebookNode, langs: Sequence[str]) -> None:
    """Refuse code that reads, releases or decides by itself, and figures typed in sentences.

    Raises `PublicationError` with the cells and what to write instead.
    """
    faults = [
        f"cell {number} {fault}"
        for number, cell in enumerate(notebook.cells, start=1)
        for fault in cell_faults(cell, langs)
    ]
    if faults:
        more = f"; and {len(faults) - _SAID} more" if len(faults) > _SAID else ""
        raise PublicationError(f"{'; '.join(faults[:_SAID])}{more}.")


def cell_faults(cell: NotebookNode, langs: Sequence[str]) -> Iterator[str]:
    """Give what a build would refuse in one cell, read from its text alone."""
    tags = cell.metadata.get("tags", ())
    own = {tag[5:] for tag in tags if tag.startswith("lang-")}
    if own and not own & set(langs):
        return
    if cell.cell_type == "code":
        yield from code_faults(cell.source)
    elif cell.cell_type == "markdown":
        for lang in sorted(own or set(langs)):
            for figure in typed_figures(cell.source, lang if lang in languages() else None):
                yield (
                    f"types the figure '{figure}' in a sentence: bind it with note.fact, or declare it "
                    "as a constant of the note"
                )
