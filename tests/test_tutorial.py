"""The tutorial and the script of a team that imports `obs` run as they are written."""

import runpy
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import obs
from obs.report.checks.notebook_checks import check_notebook


@pytest.fixture(scope="module")
def tutorial(root, tmp_path_factory):
    """The tutorial after Run All on a small sample."""
    folder = tmp_path_factory.mktemp("tutorial")
    note = nbformat.read(root / "notebooks" / "tutorial.ipynb", as_version=4)
    given = {'"tutorial"': repr(str(folder)), "scale = 0.2": "scale = 0.05"}
    for old, new in given.items():
        assert old in note.cells[1].source
        note.cells[1]["source"] = note.cells[1].source.replace(old, new)
    NotebookClient(note, timeout=300).execute(cwd=str(root / "notebooks"))
    note.metadata["folder"] = str(folder)
    return note


def outputs(note, kind):
    made = [o for cell in note.cells for o in cell.get("outputs", ()) if "data" in o]
    return [one.data[kind] for one in made if kind in one.data]


@pytest.mark.slow
def test_the_tutorial_runs_from_a_raw_file_to_a_published_note(tutorial):
    shown = outputs(tutorial, "text/plain")
    assert any(text.startswith("Cleaned(EVENTS: read ") for text in shown)
    assert any(text.startswith("Released(violence: ") for text in shown)
    assert "np.True_" in shown  # every withheld cell is safe
    assert any(text.startswith("Note('first_note', edition 2024, en: ") for text in shown)
    published = Path(tutorial.metadata["folder"]) / "publications" / "2024"
    assert (published / "first_note.en.html").is_file()
    assert (published / "first_note.en.pdf").is_file()


@pytest.mark.slow
def test_each_result_of_the_tutorial_is_shown_as_html(tutorial):
    html = "".join(outputs(tutorial, "text/html"))
    assert "<strong>Cleaned</strong>" in html
    assert "<strong>Released</strong>" in html
    assert html.count("<img alt=") == 2


def test_the_tutorial_is_stored_without_outputs_and_is_no_note(root, tmp_path):
    path = root / "notebooks" / "tutorial.ipynb"
    assert check_notebook(path) == []
    copy = tmp_path / "tutorial.ipynb"
    copy.write_bytes(path.read_bytes())
    copy.with_suffix(".toml").write_text('title.en = "A note"', encoding="utf-8")
    assert any("uses obs.release" in str(fault) for fault in check_notebook(copy))


def test_a_script_that_imports_obs_runs(root, sample_raw, capsys):
    main = runpy.run_path(str(root / "examples" / "importing" / "rates.py"))["main"]
    assert main(str(sample_raw / "police" / "police_2024_20250131.csv")) == 0
    assert capsys.readouterr().out.startswith("Released(")
    assert main("nowhere.csv") == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_type_checkers_read_the_public_names(root):
    """The names that are imported for type checkers alone are those that are imported on first use."""
    text = (root / "obs" / "__init__.py").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if line.startswith("    from obs.")]
    assert {(name, home) for _, home, _, name, *_ in lines} == set(obs._HOMES.items())
    assert all(name == again for *_, name, _, again in lines)
