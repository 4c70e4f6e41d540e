"""In JupyterLab, the sentences of a note are read below its cells as they will be printed."""

import os
import sys
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from obs.notebook_session import SESSION
from obs.report.facts import edition_seal
from obs.report.jupyterlab import sentences_below
from obs.report.jupyterlab.sentences_below import SentencesBelow


def tagged(source, lang):
    return new_markdown_cell(source, metadata={"tags": [f"lang-{lang}"]})


@pytest.fixture
def notebook(tmp_path):
    cells = [
        new_code_cell("lang = 'fr'", id="first"),
        new_code_cell("total = 1234", id="second"),
        tagged("Soit {{ total|n }}.", "fr"),
        tagged("Of {{ total|n }}.", "en"),
        new_markdown_cell("A word to who edits the note: {{ }}"),
        new_code_cell("3", id="third"),
        tagged("{{ totl }}", "fr"),
        tagged("There were 17 of them, {{ total|n }}.", "en"),
    ]
    path = tmp_path / "focus.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def below(path, lang, names=None):
    names = {"total": 1234} if names is None else names
    return SentencesBelow(path, lang, SimpleNamespace(user_ns=names))


def test_a_cell_is_followed_by_its_sentences_in_the_language_of_the_note(notebook):
    assert below(notebook, "en").written("total = 1234", "second") == [
        {"text/markdown": "Of 1,234.", "text/plain": "Of 1,234."}
    ]
    (french,) = below(notebook, "fr").written("total = 1234", "second")
    assert french["text/markdown"] == "Soit 1\u202f234."


def test_a_cell_whose_id_is_not_yet_saved_is_found_by_its_source(notebook):
    assert below(notebook, "en").written(" total = 1234\n", "of-the-editor")
    assert below(notebook, "en").written("total = 5", "of-the-editor") == []


def test_no_sentence_is_repeated_below_a_cell_that_others_follow(notebook):
    assert below(notebook, "fr").written("lang = 'fr'", "first") == []


def test_an_unknown_name_is_said_with_its_cell_and_the_nearest(notebook):
    (said,) = below(notebook, "fr").written("3", "third")
    assert said["text/plain"] == "cell 7 (fr): unknown name 'totl'; did you mean 'total'?."
    assert "text/markdown" not in said
    assert "&#x27;totl&#x27;" in said["text/html"]


def test_what_a_build_would_refuse_is_said_at_once(notebook):
    (said,) = below(notebook, "en").written("3", "third")
    assert said["text/plain"].startswith("cell 8 (en): types the figure '17' in a sentence")


def test_a_notebook_that_has_gone_shows_nothing(notebook):
    shown = below(notebook, "en")
    notebook.unlink()
    assert shown.written("total = 1234", "second") == []


class Events:
    def __init__(self):
        self.callbacks = {"post_run_cell": []}

    def register(self, event, function):
        self.callbacks[event].append(function)

    def unregister(self, event, function):
        self.callbacks[event].remove(function)


@pytest.fixture
def shell(monkeypatch, notebook):
    """An interactive shell whose kernel was started for the notebook."""
    shell = SimpleNamespace(events=Events(), user_ns={})
    fake = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setenv(SESSION, str(notebook))
    return shell


def test_opening_the_note_again_in_another_language_takes_the_place_of_the_former(shell):
    for lang in ("fr", "nl"):
        sentences_below.show_sentences_below("focus", lang)
    (own,) = shell.events.callbacks["post_run_cell"]
    assert own.lang == "nl"


def test_nothing_is_shown_while_an_edition_is_built(shell, monkeypatch):
    monkeypatch.setattr(edition_seal, "_SEAL", ["0" * 64])
    sentences_below.show_sentences_below("focus", "fr")
    assert shell.events.callbacks["post_run_cell"] == []


def test_nothing_is_shown_in_a_kernel_that_has_no_open_notebook(shell, monkeypatch):
    monkeypatch.setenv(SESSION, "")
    sentences_below.show_sentences_below("focus", "fr")
    assert shell.events.callbacks["post_run_cell"] == []


@pytest.fixture(scope="module")
def ran(sample_edition, root):
    """The notebook of the sample edition after Run All in Dutch, and a cell that fails."""
    path = root / "notebooks" / "focus_vols.ipynb"
    note = nbformat.read(path, as_version=4)
    words = {"fr": '"nl"', "None": repr(str(sample_edition.base / "processed"))}
    source = note.cells[0].source.replace('"fr"', words["fr"])
    note.cells[0]["source"] = source.replace("None", words["None"])
    note.cells = [*note.cells[:12], new_code_cell("note.fact('yeers', indicator='theft')")]
    client = NotebookClient(note, timeout=120, allow_errors=True)
    before = os.environ.get(SESSION)
    os.environ[SESSION] = str(path)
    try:
        client.execute(cwd=str(path.parent))
    finally:
        os.environ.pop(SESSION) if before is None else os.environ.update({SESSION: before})
    return note


def test_after_run_all_the_sentences_are_below_their_cell(ran):
    texts = [o.data["text/markdown"] for o in ran.cells[2].outputs if "text/markdown" in o.data]
    assert texts[0].startswith("# Diefstallen en inbraken")
    assert "Door de politie geregistreerde feiten" in texts[1]
    assert not any("{{" in text or "{%" in text for text in texts)


def test_an_error_is_one_sentence_and_the_line_of_the_cell(ran):
    (error,) = ran.cells[-1].outputs
    assert error.ename == "ObsError"
    assert error.traceback[1:] == ["  line 1 of the cell: note.fact('yeers', indicator='theft')"]
    assert error.traceback[0].startswith("ObsError: note 'focus_vols' declares no table 'yeers'")
