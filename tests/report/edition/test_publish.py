import shutil
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from obs.errors import ObsError, PublicationError
from obs.report.checks.html_checks import html_faults
from obs.report.edition.publish import render, write_edition
from obs.report.edition.whole_folders import exchange_names, replaced_folder, write_whole


@pytest.fixture
def notebook(tiny, tmp_path):
    path = tmp_path / "notebooks" / "tiny.ipynb"
    path.parent.mkdir()
    nbformat.write(tiny, path)
    return path


def contents(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.mark.slow
def test_one_note_is_written_with_its_data(notebook, tmp_path):
    out = tmp_path / "out"
    paths = render(notebook, lang="fr", edition=2022, out=out)
    assert [p.relative_to(out).as_posix() for p in paths] == [
        "tiny.fr.html",
        "tiny.fr.pdf",
        "data/tiny_trend-theft.csv",
        "data/tiny_table-theft.csv",
    ]
    text = paths[0].read_text(encoding="utf-8")
    assert 'href="data/tiny_trend-theft.csv"' in text
    assert list(html_faults(text, out)) == []


@pytest.mark.slow
def test_an_edition_is_the_same_bytes_again(notebook, tmp_path, sealed_edition):
    again = write_edition(
        [notebook], langs=("fr", "nl", "en"), edition=2022, out=tmp_path / "publications"
    )
    first, second = contents(sealed_edition), contents(again)
    assert first.keys() == second.keys()
    named = [name for name in first if name.startswith(("index.", "manifest."))]
    assert len(named) == 5
    for name in named:  # they name the sources
        del first[name], second[name]
    assert first == second


def test_an_edition_has_its_index(sealed_edition):
    text = (sealed_edition / "index.html").read_text(encoding="utf-8")
    assert list(html_faults(text, sealed_edition)) == []
    for lang in ("fr", "nl", "en"):
        assert f'<section id="{lang}" lang="{lang}"' in text
        assert f'href="tiny.{lang}.pdf"' in text
    assert "CC BY 4.0" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("print(total)", "tiny.ipynb: unreleased output: cell 3 prints text"),
        ("total", "tiny.ipynb: unreleased output: cell 3 shows a bare value"),
        ("1 / 0", r"tiny.ipynb: cell 3 \(fr\): ZeroDivisionError"),
    ],
)
def test_a_refused_note_leaves_the_previous_edition(notebook, tiny, tmp_path, source, message):
    out = tmp_path / "publications"
    (out / "2022").mkdir(parents=True)
    (out / "2022" / "index.html").write_text("previous", encoding="utf-8")
    before = contents(out)
    tiny.cells.insert(2, new_code_cell(source))
    nbformat.write(tiny, notebook)
    with pytest.raises(PublicationError, match=message):
        write_edition([notebook], langs=["fr"], edition=2022, out=out)
    assert contents(out) == before


@pytest.mark.slow
def test_a_faulty_data_file_stops_the_edition(notebook, tiny, tmp_path):
    spoil(tiny, "theft,21002,2022,,,,", "theft,21002,2022,3,,,")
    nbformat.write(tiny, notebook)
    with pytest.raises(PublicationError, match="not published: .*withheld and still has"):
        write_edition([notebook], langs=["fr"], edition=2022, out=tmp_path / "publications")
    assert list((tmp_path / "publications").iterdir()) == []


@pytest.mark.slow
def test_a_withheld_number_found_on_a_page_stops_the_edition(notebook, tmp_path):
    with pytest.raises(PublicationError, match=r"holds 1 number\(s\) that were withheld"):
        write_edition(
            [notebook],
            langs=["fr"],
            edition=2022,
            out=tmp_path / "publications",
            withheld=["10.207880"],
        )


@pytest.mark.slow
def test_a_data_file_is_the_same_in_every_language(notebook, tiny, tmp_path):
    spoil(tiny, "1234,120887", "1243,120887", only="lang-nl")
    nbformat.write(tiny, notebook)
    with pytest.raises(PublicationError, match="differs from one language to another"):
        render(notebook, lang=["fr", "nl"], edition=2022, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def spoil(notebook, old, new, only=""):
    for cell in notebook.cells:
        if not only or only in cell.metadata.get("tags", ()):
            cell.source = cell.source.replace(old, new)


def test_wrong_use_is_told_plainly(notebook, tmp_path):
    with pytest.raises(ObsError, match="Unknown language 'de'"):
        render(notebook, lang="de", edition=2022, out=tmp_path)
    with pytest.raises(PublicationError, match="at least one language"):
        render(notebook, lang=[], edition=2022, out=tmp_path)
    with pytest.raises(PublicationError, match="no parameter 'territory'"):
        render(notebook, lang="fr", edition=2022, out=tmp_path, parameters={"territory": "x"})


def test_a_folder_that_fails_is_left_as_it_was(tmp_path):
    folder = tmp_path / "2022"
    folder.mkdir()
    (folder / "a").write_text("old", encoding="utf-8")
    with pytest.raises(FileNotFoundError), replaced_folder(folder) as aside:
        shutil.copytree(folder, aside / "copy").joinpath("absent").unlink()
    assert (folder / "a").read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["2022"]


@pytest.mark.parametrize("killed", ["while writing", "between two names"])
def test_a_killed_run_leaves_the_previous_folder(tmp_path, killed):
    folder, previous, aside = (tmp_path / n for n in ("2022", ".2022.previous", ".2022.partial"))
    (folder if killed == "while writing" else previous).mkdir()
    for place in (folder, previous):
        if place.exists():
            (place / "a").write_text("old", encoding="utf-8")
    aside.mkdir()
    (aside / "half").write_text("half", encoding="utf-8")
    with pytest.raises(KeyError), replaced_folder(folder):
        raise KeyError
    assert contents(tmp_path) == {"2022/a": b"old"}


def test_a_file_is_replaced_whole(tmp_path):
    write_whole(tmp_path / "a", b"1")
    write_whole(tmp_path / "a", b"2")
    assert contents(tmp_path) == {"a": b"2"}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_folder_is_replaced_whole_with_or_without_an_exchange(tmp_path, monkeypatch, at_once):
    if not at_once:
        monkeypatch.setattr("obs.report.edition.whole_folders.exchange_names", lambda *_: False)
    folder = tmp_path / "2022"
    for text in ("old", "new"):
        with replaced_folder(folder) as aside:
            (aside / text).write_text(text, encoding="utf-8")
    assert contents(tmp_path) == {"2022/new": b"new"}


def test_between_two_names_the_previous_folder_is_found_again(tmp_path, monkeypatch):
    """A run killed after the first of two renames: the next run puts the folder back."""
    (tmp_path / ".2022.previous").mkdir()
    (tmp_path / ".2022.previous" / "a").write_text("old", encoding="utf-8")
    with pytest.raises(ObsError), replaced_folder(tmp_path / "2022"):
        raise ObsError("stopped")
    assert contents(tmp_path) == {"2022/a": b"old"}


@pytest.mark.skipif(sys.platform != "linux", reason="names are exchanged on Linux alone")
def test_two_folders_exchange_their_names(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "who").write_text(name, encoding="utf-8")
    assert exchange_names(tmp_path / "one", tmp_path / "other")
    assert contents(tmp_path) == {"one/who": b"other", "other/who": b"one"}
    assert not exchange_names(tmp_path / "one", tmp_path / "absent")
