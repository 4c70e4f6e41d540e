"""A file is not checked again only if nothing that its checks depend on is another."""

import pytest

from obs.report.checks.faults import Fault
from obs.report.checks.small_secrets import Secret
from obs.report.checks.sound_files import SoundFiles

SECRET = Secret(frozenset({"Uccle", "Ukkel"}), "3")
FILES = {
    "a.fr.html": '<a href="b.fr.html">b</a>',
    "b.fr.html": "<p>b</p>",
    "a.fr.pdf": "%PDF",
    "data/a.csv": "n\n1\n",
    "open_data/csv/a.csv": "n\n1\n",
    "communes/21004.fr.html": '<a href="../a.fr.html">a</a>',
}


@pytest.fixture
def edition(tmp_path):
    folder = tmp_path / "2024"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def read(edition, known=(), *, code="1", withheld=(), small=(), faulty=()):
    """Give what was read of an edition, and the marks that are left."""
    sound, asked = SoundFiles(known, code), []

    def check(name):
        asked.append(name)
        return [Fault(name, "", "is wrong")] if name in faulty else []

    sound.look_at(edition, withheld, small)
    for path in sorted(p for p in edition.rglob("*") if p.is_file()):
        name = path.relative_to(edition).as_posix()
        sound.faults_of_file(name, lambda name=name: check(name))
    sound.faults_of_folder("open_data", lambda: check("open_data"))
    return asked, sound.found


def test_what_was_without_fault_is_not_read_again(edition):
    first, found = read(edition)
    assert sorted(first) == sorted([*FILES, "open_data"])
    assert read(edition, found) == ([], found)


def test_a_changed_file_is_read_again_and_no_other(edition):
    _, found = read(edition)
    (edition / "b.fr.html").write_text("<p>c</p>")
    assert read(edition, found)[0] == ["b.fr.html"]


def test_so_is_what_is_checked_beside_it(edition):
    _, found = read(edition)
    (edition / "data" / "a.csv").write_text("n\n2\n")
    assert read(edition, found)[0] == ["a.fr.pdf", "data/a.csv"]
    _, found = read(edition)
    (edition / "open_data" / "csv" / "a.csv").write_text("n\n2\n")
    assert read(edition, found)[0] == ["open_data/csv/a.csv", "open_data"]


def test_a_page_is_read_again_where_a_data_file_that_it_leads_to_is_another(edition):
    link = '<a href="../data/a.csv#row=2">a</a>'
    (edition / "communes" / "21004.fr.html").write_text(link)
    _, found = read(edition)
    (edition / "data" / "a.csv").write_text("n\n2\n")
    assert read(edition, found)[0] == ["a.fr.pdf", "communes/21004.fr.html", "data/a.csv"]


def test_a_file_that_is_gone_has_the_pages_read_that_may_lead_to_it(edition):
    _, found = read(edition)
    (edition / "b.fr.html").unlink()
    assert read(edition, found)[0] == ["a.fr.html", "communes/21004.fr.html"]


@pytest.mark.parametrize(
    "other",
    [
        {"code": "2"},
        {"withheld": ["12.345"]},
        {"small": [SECRET]},
    ],
)
def test_other_rules_or_other_secrets_have_all_read_again(edition, other):
    _, found = read(edition)
    assert sorted(read(edition, found, **other)[0]) == sorted([*FILES, "open_data"])


def test_a_file_with_a_fault_is_read_until_it_has_none(edition):
    _, found = read(edition, faulty=["data/a.csv", "open_data"])
    assert read(edition, found, faulty=["data/a.csv"])[0] == ["data/a.csv", "open_data"]


@pytest.mark.parametrize("address", ["../2023/x.html", "a/../../x.html", "../../x.html"])
def test_a_page_that_leads_out_of_the_edition_is_always_read(edition, address):
    (edition / "b.fr.html").write_text(f"<p><a class='x' href = '{address}'>b</a></p>")
    _, found = read(edition)
    assert read(edition, found)[0] == ["b.fr.html"]


def test_nothing_is_kept_of_files_that_are_no_longer_there(edition):
    _, found = read(edition)
    (edition / "open_data" / "csv" / "a.csv").unlink()
    (edition / "a.fr.pdf").unlink()
    _, fewer = read(edition, found)
    assert len(fewer) == len(found) - 2
