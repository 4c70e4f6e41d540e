"""A language is a set of files: a pseudo-language made from them builds the notes, and each word marked."""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from babel.dates import get_month_names
from fontTools.ttLib import TTFont

import obs
from obs.reference import load_observatory, load_report_statements, load_territory
from obs.report.page.fonts import FACES, face_path
from tests.locale import pseudo

FORMATS = {
    "HTML",
    "PDF",
    "CSV",
    "CC",
    "BY",
    "manifest",
    "JSON",
    "XLSX",
    "ZIP",
    "DCAT",
    "AP",
    "Atom",
    "json",
    "urn",
    "obs",
    "brussels",
}
HIDDEN = ("style", "script", "code")  # code: names of files and of their columns
READ_ALOUD = {"alt", "aria-label", "title"}
META = {"description", "author", "keywords"}


class Words(HTMLParser):
    """Every text of a page that a reader sees or hears."""

    def __init__(self):
        super().__init__()
        self.texts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in HIDDEN
        said = dict(attrs)
        self.texts += [value for name, value in attrs if name in READ_ALOUD and value]
        self.texts += [said["content"]] if said.get("name") in META else []

    def handle_endtag(self, tag):
        self.hidden -= tag in HIDDEN

    def handle_data(self, data):
        self.texts += [] if self.hidden else [data]


def unmarked(text, allowed):
    """Give the words that no file of the pseudo-language wrote: they hold an ASCII letter."""
    words = re.findall(r"[^\W\d_]+", text)
    return {w for w in words if re.search("[A-Za-z]", w) and w not in allowed}


def names(manifest, raw):
    """Give the words that are names: of places, months and suppliers."""
    place = load_territory("brussels")
    beyond = [place.label(one.code, "en") for one in place.beyond]
    told = [*place.units["name_en"], *beyond, *get_month_names(locale="en_GB").values(), *FORMATS]
    told += [
        str(s.get(k)) for s in manifest["sources"] for k in ("title", "attribution", "licence")
    ]
    told += [str(path.relative_to(raw)) for path in raw.rglob("*")]
    told += load_report_statements()["value"].tolist()  # names as a report prints them
    return set(re.findall(r"[^\W\d_]+", " ".join(told)))


@pytest.fixture(scope="module")
def language(tmp_path_factory, root):
    """Write the pseudo-language, its notes and its observatory."""
    base = tmp_path_factory.mktemp("pseudo")
    pseudo.write_language(base / "languages", of="en")
    pseudo.write_notes(base / "notebooks", root / "notebooks", of="en")
    pseudo.write_observatory(base / "observatory.toml", of="en")
    return base


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    obs.sample(folder, years=range(2023, 2025), scale=0.02, seed=7)
    return folder


def run(base, *words):
    environment = {**os.environ, "OBS_LANGUAGES": str(base / "languages")}
    done = subprocess.run(
        [sys.executable, "-m", "obs", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return done


def build(base, raw, *options):
    out = base / "publications"
    places = ("--raw", raw, "--out", out, "--processed", base / "processed")
    config = ("--config", base / "observatory.toml", "--notebooks", base / "notebooks")
    run(base, "build", *map(str, (*config, *places)), *options)
    return out / "2024"


def assert_marked(folder, raw, notes):
    pages = sorted(folder.glob("*.html"))
    sheets = sorted((folder / "communes").glob("*.html"))
    assert {p.name for p in pages} == {
        "index.html",
        f"index.{pseudo.CODE}.html",
        *(f"{n}.{pseudo.CODE}.html" for n in notes),
    }
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    allowed = names(manifest, raw)
    for page in (*pages, *sheets):
        reader = Words()
        reader.feed(page.read_text(encoding="utf-8"))
        said = " ".join(reader.texts)
        assert len(re.findall(r"\w+", said)) > 50
        assert unmarked(said, allowed) == set(), page.name


@pytest.mark.slow
def test_a_note_in_the_pseudo_language_has_no_word_from_elsewhere(language, raw):
    declared = language / "observatory.toml"
    text = re.sub(r"(?m)^notes = .*$", 'notes = ["focus_vols"]', declared.read_text("utf-8"))
    (language / "one_note.toml").write_text(re.sub(r"(?s)\[sheets\]\n.*?\n\n", "", text), "utf-8")
    folder = build(language, raw, "--config", str(language / "one_note.toml"))
    assert_marked(folder, raw, ["focus_vols"])
    assert (folder / f"focus_vols.{pseudo.CODE}.pdf").stat().st_size > 10_000
    run(language, "check", str(folder))


@pytest.mark.proof
def test_every_note_in_the_pseudo_language_has_no_word_from_elsewhere(language, tmp_path):
    own = tmp_path / "pseudo"  # another town: its edition is no correction of the small one
    shutil.copytree(language, own, ignore=shutil.ignore_patterns("publications", "processed"))
    raw = tmp_path / "raw"
    obs.sample(raw, years=range(2018, 2025), scale=0.2, seed=7)
    folder = build(own, raw, "--sheets", "21001,21004")
    assert_marked(folder, raw, list(load_observatory().notes))


def test_the_check_sees_a_word_that_no_file_wrote():
    marked = pseudo.pseudo("Burglaries in {place}: {{ level|rate }} more")
    assert unmarked(marked.replace("{place}", "Ixelles"), {"Ixelles", "level", "rate"}) == set()
    assert unmarked(f"{marked} than", {"place", "level", "rate"}) == {"than"}


def test_the_pseudo_language_is_longer_and_keeps_what_is_between_braces():
    made = pseudo.pseudo("{count} values out of {all}")
    assert made.startswith("{count} ")
    assert "{all}" in made
    assert len(made) == len("{count} values out of {all}") + 4  # a third of eleven letters
    assert pseudo.pseudo("{first}; {second}") == "{first}; {second}"


def test_every_accented_letter_is_in_the_fonts():
    made = pseudo.accented("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = {ord(c) for c in made + made.upper()}  # a text may begin with a capital
    for face in FACES:
        assert letters <= set(TTFont(face_path(face)).getBestCmap()), face
