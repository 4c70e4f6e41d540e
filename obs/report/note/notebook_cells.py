"""Prepare the cells of a note before it runs: one language kept, parameters injected.

A parameter that the notebook does not declare is refused, and so is an unknown language tag.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from obs.declare.json_files import parse_json
from obs.errors import ObsError, PublicationError
from obs.locale import languages, need_language

__all__ = ["NUMBER", "TRACED", "default_parameters", "prepare", "read_note", "written_languages"]

_FORMAT = 4
_LIBRARY = (  # what a notebook of another shape breaks in the library that reads it
    *(ValueError, nbformat.ValidationError, nbformat.reader.NotJSONError),
    *(AttributeError, KeyError, TypeError),
)
TRACED = "obs_traced"  # metadata key: the text of a cell, its numbers marked, and their first
NUMBER = "obs_cell"  # metadata key: place of the cell in the author's notebook, from 1


@dataclass(frozen=True)
class _Cell:
    cell_type: str
    source: str | list[str]
    metadata: dict[str, Any]


@dataclass(frozen=True)
class _Notebook:
    nbformat: int
    nbformat_minor: int
    metadata: dict[str, Any]
    cells: list[_Cell]


def read_note(path: Path) -> NotebookNode:
    """Read a notebook from disk.

    Returns `NotebookNode` in nbformat 4. Raises `ObsError` if it is absent or is not a notebook.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.note.notebook_cells import read_note
    >>> read_note(Path("absent.ipynb"))
    Traceback (most recent call last):
    obs.errors.ObsError: there is no notebook 'absent.ipynb'.
    """
    if not path.is_file():
        raise ObsError(f"there is no notebook '{path.name}'.")
    found: dict[str, Exception] = {}
    try:
        content = path.read_bytes()
        shape = parse_json(content, _Notebook)
        if shape.nbformat != _FORMAT:
            raise ValueError(f"'nbformat' is {shape.nbformat}")
        note: NotebookNode = nbformat.reads(  # type: ignore[no-untyped-call]
            content.decode("utf-8"), as_version=_FORMAT, capture_validation_error=found
        )
        if found:
            raise found["ValidationError"]
    except _LIBRARY as fault:
        why = str(fault).splitlines()[0].rstrip(".")
        raise ObsError(
            f"'{path.name}' is not a notebook (nbformat {_FORMAT}, UTF-8): {why}."
        ) from None
    return note


def written_languages(notebook: NotebookNode) -> tuple[str, ...]:
    """Give the languages that the cells of a notebook are tagged with, in the order found.

    Parameters
    ----------
    notebook : NotebookNode
        As read.

    Returns
    -------
    tuple of str
        Codes; every language where no cell is tagged.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> from obs.report.note.notebook_cells import written_languages
    >>> hello = new_markdown_cell("Hallo", metadata={"tags": ["lang-nl"]})
    >>> written_languages(new_notebook(cells=[hello]))
    ('nl',)
    """
    tags = [tag for cell in notebook.cells for tag in _tags(cell) if tag.startswith("lang-")]
    return tuple(dict.fromkeys(tag[5:] for tag in tags)) or languages()


def default_parameters(notebook: NotebookNode) -> dict[str, Any]:
    """Read what the cell tagged `parameters` assigns.

    Returns value by name; None for a value that is not a literal. Raises `PublicationError` if
    there is not exactly one such cell, or it is not plain assignments.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> from obs.report.note.notebook_cells import default_parameters
    >>> cell = new_code_cell("lang = 'fr'", metadata={"tags": ["parameters"]})
    >>> default_parameters(new_notebook(cells=[cell]))
    {'lang': 'fr'}
    """
    cells = [cell for cell in notebook.cells if "parameters" in _tags(cell)]
    if len(cells) != 1:
        raise PublicationError(
            f"the notebook has {len(cells)} cells tagged 'parameters' and needs exactly one."
        )
    try:
        statements = ast.parse(cells[0].source).body
    except SyntaxError:
        raise PublicationError("the cell tagged 'parameters' is not valid Python.") from None
    found: dict[str, Any] = {}
    for statement in statements:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            raise PublicationError(
                f"the cell tagged 'parameters' may only assign names (its line {statement.lineno})."
            )
        found[statement.targets[0].id] = _literal(statement.value)
    return found


def prepare(
    notebook: NotebookNode, *, lang: str, parameters: Mapping[str, Any] | None = None
) -> NotebookNode:
    """Keep the cells of one language and inject the parameters.

    Returns `NotebookNode` without outputs; cell ids are a hash of place and source. Raises
    `PublicationError` if a parameter is unknown to the notebook or is not a plain value, a
    language tag is unknown, or the notebook has sentences in other languages only.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    >>> from obs.report.note.notebook_cells import prepare
    >>> cells = [
    ...     new_code_cell("lang = 'fr'", metadata={"tags": ["parameters"]}),
    ...     new_markdown_cell("Bonjour", metadata={"tags": ["lang-fr"]}),
    ...     new_markdown_cell("Hello", metadata={"tags": ["lang-en"]}),
    ... ]
    >>> [cell.source for cell in prepare(new_notebook(cells=cells), lang="en").cells]
    ["lang = 'fr'", "lang = 'en'", 'Hello']
    """
    need_language(lang)
    known = default_parameters(notebook)
    given = {"lang": lang, **(parameters or {})}
    _check_parameters(given, known)
    cells = []
    for number, cell in enumerate(_cells_of_language(notebook, lang), start=1):
        if cell is None:
            continue
        cells.append(_fresh(cell, number))
        if "parameters" in _tags(cell):
            cells.append(_injected(given, number))
    note: NotebookNode = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    note.nbformat_minor = 5
    for place, cell in enumerate(note.cells):
        text = f"{place}\n{cell.cell_type}\n{cell.source}"
        cell["id"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    note.metadata["obs"] = {"lang": lang, "parameters": {**known, **given}}
    return note


def _cells_of_language(notebook: NotebookNode, lang: str) -> list[NotebookNode | None]:
    kept: list[NotebookNode | None] = []
    prose = set()
    for number, cell in enumerate(notebook.cells, start=1):
        tagged = {tag[5:] for tag in _tags(cell) if tag.startswith("lang-")}
        if tagged - set(languages()):
            raise PublicationError(
                f"cell {number}: language tag 'lang-{min(tagged - set(languages()))}' is none of "
                f"{', '.join(f'lang-{code}' for code in languages())}."
            )
        prose |= tagged if cell.cell_type == "markdown" else set()
        kept.append(cell if not tagged or lang in tagged else None)
    if prose and lang not in prose:
        raise PublicationError(
            f"the note has no sentence in '{lang}'; it is written in {', '.join(sorted(prose))}."
        )
    return kept


def _fresh(cell: NotebookNode, number: int) -> NotebookNode:
    metadata = {"tags": _tags(cell), NUMBER: number}
    make = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }[cell.cell_type]
    fresh: NotebookNode = make(cell.source, metadata=metadata)  # type: ignore[no-untyped-call]
    return fresh


def _injected(given: Mapping[str, Any], number: int) -> NotebookNode:
    source = "\n".join(f"{name} = {given[name]!r}" for name in sorted(given))
    metadata = {"tags": ["injected-parameters"], NUMBER: number}
    cell: NotebookNode = nbformat.v4.new_code_cell(source, metadata=metadata)  # type: ignore[no-untyped-call]
    return cell


def _check_parameters(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise PublicationError(
            f"the notebook has no parameter {', '.join(map(repr, unknown))}; its cell tagged "
            f"'parameters' has: {', '.join(known) or 'none'}."
        )
    odd = sorted(name for name, value in given.items() if not _is_plain(value))
    if odd:
        raise PublicationError(
            f"parameter {', '.join(map(repr, odd))} must be a plain value: text, number, "
            "list or dictionary of these."
        )


def _is_plain(value: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError):
        return False


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))
