"""Check a notebook before it is committed: thin, without outputs, without typed figures.

A figure in a sentence is a bound number, a word of direction comes from a verdict, and all
languages use the same names.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2.meta import find_undeclared_variables
from nbformat import NotebookNode

from obs.errors import PublicationError
from obs.locale import languages
from obs.report.checks.faults import Fault
from obs.report.checks.prose_words import prose_words, typed_figures
from obs.report.kernel.cell_rules import code_faults
from obs.report.note.notebook_cells import default_parameters, read_note
from obs.report.note.sentence_rules import expression_faults
from obs.report.note.sentences import sentence_environment

__all__ = ["check_notebook"]

TUTORIAL = "obs_tutorial"  # metadata key of a notebook that teaches and is no note
MAX_STATEMENTS = 10  # of a code cell: a note tells, it does not compute

_BOUND = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def check_notebook(path: Path) -> list[Fault]:
    """Check a notebook as it is on disk.

    Faults are outputs left in the notebook, typed figures and directions, languages that do not
    use the same names, code that belongs in `obs`. Of a tutorial, which says so in its metadata and
    has no declaration beside it, only outputs are. The list is empty when all is well. Raises
    `ObsError` if it is absent or is not a notebook.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.checks.notebook_checks import check_notebook
    >>> check_notebook(Path("absent.ipynb"))
    Traceback (most recent call last):
    obs.errors.ObsError: there is no notebook 'absent.ipynb'.
    """
    notebook = read_note(Path(path))
    declaration = path.with_suffix(".toml")
    tutorial = notebook.metadata.get(TUTORIAL) is True and not declaration.exists()
    faults = [
        Fault(path.name, f"cell {number}", words)
        for number, cell in enumerate(notebook.cells, start=1)
        for words in (_left_outputs(cell) if tutorial else _cell_faults(cell))
    ]
    if tutorial:
        return faults
    declared = _declared_languages(declaration)
    return faults + [Fault(path.name, "", words) for words in _note_faults(notebook, declared)]


def _left_outputs(cell: NotebookNode) -> Iterator[str]:
    if cell.get("outputs"):
        yield "has outputs; clear them before committing"
    if cell.get("execution_count"):
        yield "has an execution count; clear it before committing"


def _cell_faults(cell: NotebookNode) -> Iterator[str]:
    if cell.cell_type == "code":
        yield from _left_outputs(cell)
        yield from _code_faults(cell.source)
    elif cell.cell_type == "markdown":
        yield from _prose_faults(cell)


def _code_faults(source: str) -> Iterator[str]:
    yield from code_faults(source)
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    inner = list(ast.walk(tree))
    if any(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) for n in inner):
        yield "defines a function; move it to obs, with a test"
    if any(isinstance(n, ast.For | ast.While | ast.AsyncFor) for n in inner):
        yield "loops; what it computes belongs in obs, with a test"
    if len(tree.body) > MAX_STATEMENTS:
        yield f"has {len(tree.body)} statements, more than {MAX_STATEMENTS}; cut it or move it"


def _prose_faults(cell: NotebookNode) -> Iterator[str]:
    source = cell.source
    langs = [tag[5:] for tag in cell.metadata.get("tags", ()) if tag.startswith("lang-")]
    for figure in typed_figures(source, langs[0] if langs and langs[0] in languages() else None):
        yield f"holds a typed figure '{figure}'; bind it with obs.fact"
    for match in prose_words(languages()).directions.finditer(_BOUND.sub(" ", source)):
        yield f"holds a typed direction '{match.group()}'; write {{{{ name|verdict }}}}"
    try:
        tree = sentence_environment(languages()[0]).parse(source)
        find_undeclared_variables(tree)  # reads the filters too
    except jinja2.TemplateError as error:
        yield f"cannot be read: {error.message}"
        return
    yield from expression_faults(tree)


def _declared_languages(path: Path) -> set[str]:
    """Give the languages that the note's declaration has a title in, none without one."""
    try:
        titles = tomllib.loads(path.read_text(encoding="utf-8")).get("title", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return set()  # the build tells what is wrong with it
    return set(titles) & set(languages()) if isinstance(titles, dict) else set()


def _note_faults(notebook: NotebookNode, declared: set[str]) -> Iterator[str]:
    try:
        default_parameters(notebook)
    except PublicationError as error:
        yield str(error)
    names = {lang: _names_in_sentences(notebook, lang) for lang in languages()}
    written = {lang: found for lang, found in names.items() if found is not None}
    for lang in sorted(declared - set(written)) if written else ():
        yield f"has no sentence in '{lang}'"
    every = set().union(*written.values()) if written else set()
    for lang, found in written.items():
        if every - found:
            yield f"does not use {', '.join(sorted(every - found))} in '{lang}'"


def _names_in_sentences(notebook: NotebookNode, lang: str) -> set[str] | None:
    """Give the names that the sentences of a language use; None if it has no sentence."""
    cells = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "markdown" and f"lang-{lang}" in cell.metadata.get("tags", ())
    ]
    try:
        tree = sentence_environment(languages()[0]).parse("\n".join(cells))
        names = find_undeclared_variables(tree)
    except jinja2.TemplateError:
        return set()  # said of the cell itself
    return names if cells else None
