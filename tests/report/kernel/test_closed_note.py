"""What a note may not do while an edition is built: each carrier planted, and refused in words."""

import json
import subprocess
import sys
import textwrap

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import obs
from obs.errors import DisclosureError, PublicationError
from obs.pipeline.notes_folder import notes_folder
from obs.report.facts import edition_seal
from obs.report.facts.fact import Fact
from obs.report.facts.printed import Printed, figure_in
from obs.report.kernel.cell_rules import code_faults
from obs.report.kernel.closed_kernel import Closed
from obs.report.kernel.closed_note import refuse_faults
from obs.report.kernel.read_barrier import REFUSED
from obs.report.kernel.runner import run_note
from obs.report.note.sentences import render_sentences, write_sentence
from tests.report.small_tables import brussels_rows, indicator_table, thefts

ONLY = "a note imports obs alone"


@pytest.fixture
def closed(monkeypatch):
    """Close this process as the kernel of a note is closed, to the release of `thefts`."""
    monkeypatch.setattr(edition_seal, "_SEAL", [thefts().seal])


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import pandas as pd", f"imports pandas; {ONLY}"),
        ("import duckdb", f"imports duckdb; {ONLY}"),
        ("import pyarrow.parquet as pq", f"imports pyarrow.parquet; {ONLY}"),
        ("import geopandas, pyogrio", f"imports geopandas; {ONLY}"),
        ("import os\nos.open('x', os.O_RDONLY)", f"imports os; {ONLY}"),
        ("import subprocess", f"imports subprocess; {ONLY}"),
        ("import importlib\nimportlib.import_module('pandas')", f"imports importlib; {ONLY}"),
        ("from obs.report.figures.blocks import Block", f"imports from obs.report.figures.blocks; {ONLY}"),
        ("import obs.disclosure", f"imports obs.disclosure; {ONLY}"),
        ("from obs import release", "uses obs.release: a note shows what its edition released"),
        ("obs.release(table)", "Declare the table in the TOML beside the notebook"),
        ("obs.compute('theft', {})", "uses obs.compute"),
        ("obs.clean_police('facts.csv', profile='p')", "uses obs.clean_police"),
        ("obs.report.figures.charts.pd.read_parquet('x')", "uses obs.report"),
        ("__import__('pandas')", "uses __import__: a name with a leading underscore"),
        ("note.__class__.__init__.__globals__['pd']", "uses .__globals__"),
        ("open('facts.csv').read()", "uses open; a note reads no file"),
        ("eval('1')", "uses eval; a note reads no file"),
        ("getattr(obs, 'rel' + 'ease')", "uses getattr"),
        ("len(rows)", "uses len; a note reads no file and computes no number"),
        ("get_ipython().run_line_magic('sx', 'ls')", "uses get_ipython"),
        ("%run other.py", "is not plain Python"),
        ("display({}, raw=True)", "uses display"),
        ("note['years'].table['numerator'].sum()", "takes a released table apart (.table)"),
        ("note['years'].actions", "takes a released table apart (.actions)"),
        ("word = 'many' if secret > 5 else 'few'", "compares numbers"),
        ("word = 'three' if secret == 3 else ''", "compares numbers"),
        ("word = 'some' if number.value else 'none'", "decides on .value"),
        ("class Shown: pass", "defines a class"),
    ],
)  # fmt: skip
def test_code_that_a_note_may_not_hold(source, said):
    assert any(said in fault for fault in code_faults(source)), list(code_faults(source))


@pytest.mark.parametrize(
    "source",
    [
        "import obs\n\nnote = obs.open_note('focus', edition=edition, lang=lang)",
        "from obs import chart_bars",
        "note.show(obs.chart_trend, 'years', level='top', indicator=main)",
        "years = [note.first('change')] if 'change' in note else []",
        "pairs = [(note.fact('a', period=y), note.fact('b', period=y)) for y in dict.fromkeys(years)]",
        "ranks = note.compare('years', obs.rank_places, indicator='theft')",
        "obs.show_table(ranks, lang=lang) if ranks is not None else None",
    ],
)
def test_code_of_a_note(source):
    assert list(code_faults(source)) == []


def test_the_notes_of_the_default_edition_do_none_of_it(root):
    from obs.report.note.notebook_cells import read_note

    for path in sorted(p.with_suffix(".ipynb") for p in (root / "notebooks").glob("*.toml")):
        refuse_faults(read_note(path), ("fr", "nl", "en"))


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Vols à Dorna : 3.", "3"),
        ("Trois vols à Dorna.", "Trois"),
        ("Vols à Dorna : {{ n|n }}.", None),
        ("Le troisième lieu, mesure 3.2, article 10, en 2024.", None),
    ],
)
def test_a_figure_typed_in_a_sentence(text, figure):
    note = new_notebook(cells=[new_markdown_cell(text, metadata={"tags": ["lang-fr"]})])
    if figure is None:
        refuse_faults(note, ["fr"])
    else:
        with pytest.raises(PublicationError, match=f"cell 1 types the figure '{figure}'"):
            refuse_faults(note, ["fr"])
    refuse_faults(note, ["nl"])  # another language is not rendered


@pytest.mark.parametrize(
    ("text", "lang", "figure"),
    [
        ("tweeëntwintig gebieden", "nl", "tweeëntwintig"),
        ("ten opzichte van het tweede", "nl", None),
        ("le deuxième et le premier", "fr", None),
        ("quatre-vingt-dix", "fr", "quatre-vingt-dix"),
        ("one of the seconds", "en", None),
        ("Twenty-one thefts", "en", "Twenty"),
    ],
)
def test_number_words_from_two(text, lang, figure):
    assert figure_in(text, lang) == figure
    assert figure_in(Printed(text), lang) is None


COUNT = Fact("count", 1234.0, 1200.0, 1300.0, "ok", "fact", "count", 0, numerator=1234)


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("Vols : {{ secret }}.", {"secret": 3}, "'secret' is a int: bind the number with note.fact"),
        ("Vols : {{ secret|n }}.", {"secret": 3}, "'secret' is a int"),
        ("Part : {{ secret }}.", {"secret": 0.3}, "'secret' is a float"),
        ("{{ secret }}", {"secret": "Dorna : 3"}, "'secret' is a text with a figure that no fact"),
        ("{{ secret }}", {"secret": "trois vols"}, "'secret' is a text with a figure that no fact"),
        ("{{ secret }}", {"secret": pd.DataFrame({"a": [3]})}, "'secret' is a DataFrame"),
        ("{{ secret }}", {"secret": [1, 2]}, "'secret' is a list"),
        ("{{ n.value }}", {"n": COUNT}, "takes .value out of a fact"),
        ("{{ n|n ~ 's' }}", {"n": COUNT}, "a figure that no fact wrote"),
        ("{{ 3 }}", {}, "writes a constant between"),
        ("{{ 'trois' }}", {}, "writes a constant between"),
        ("{{ rows|length }}", {"rows": [COUNT]}, "computes a number with |length"),
        ("{% for r in rows %}{{ loop.index }}{% endfor %}", {"rows": [COUNT]}, "counts with loop.index"),
        ("{% if secret %}beaucoup{% endif %}", {"secret": 3}, "'secret' is a int that a cell computed"),
        ("{% if many %}beaucoup{% endif %}", {"many": True}, "'many' is a bool that a cell computed"),
        ("{% if word == 'a' %}b{% endif %}", {"word": "a"}, "'word' is a str that a cell computed"),
        ("{% if n.numerator %}x{% endif %}", {"n": COUNT}, "takes .numerator out of a fact"),
        ("{{ 'a' if n.decimals > 2 else 'b' }}", {"n": COUNT}, "compares numbers in a branch"),
        ("{{ n.__class__ }}", {"n": COUNT}, "unsafe"),
    ],
)  # fmt: skip
def test_a_sentence_prints_and_asks_facts_alone(closed, text, names, said):
    answer = json.loads(render_sentences(text, "fr", names))
    assert any(said in fault for fault in answer["faults"]), answer


def test_a_sentence_of_facts(closed):
    text = "{% if n.known %}{{ n|n }} vols à {{ place }} ({{ title }}).{% endif %}"
    names = {"n": COUNT, "place": "Dorna", "title": Printed("Plan 2021-2024")}
    answer = json.loads(render_sentences(text, "en", names))
    assert answer["faults"] == []
    assert answer["text"] == r"1,234 vols à Dorna (Plan 2021\-2024)."
    assert [n["text"] for n in answer["numbers"]] == ["1,234"]


def test_words_with_bound_numbers_for_a_figure():
    said = write_sentence("Bars, {{ n|n }} in all.", "en", {"n": COUNT})
    assert said == "Bars, 1,234 in all."
    assert isinstance(said, Printed)
    assert not isinstance(f"{said} 3", Printed)
    with pytest.raises(PublicationError, match="a figure is typed in the text"):
        write_sentence("Bars, 3 in Dorna.", "en", {})
    with pytest.raises(PublicationError, match="is a int: bind the number"):
        write_sentence("Bars, {{ secret }} in Dorna.", "en", {"secret": 3})
    with pytest.raises(PublicationError, match="nothing is given for 'absent'"):
        write_sentence("Bars, {{ absent|n }}.", "en", {})


@pytest.mark.parametrize("where", ["title", "alt", "note"])
@pytest.mark.parametrize(
    "text",
    ["Barres du nombre de vols, dont 3 à Dorna", "Barres : trois vols à Dorna, ailleurs aucun"],
)
def test_a_figure_says_no_number_that_no_fact_wrote(closed, where, text):
    words = {"alt": "Barres du nombre de vols par commune"} | {where: text}
    with pytest.raises(PublicationError, match=f"`{where}` holds a figure that no fact wrote"):
        obs.show_table(thefts().select(period="2024", level="commune"), lang="fr", **words)
    with pytest.raises(PublicationError, match=f"`{where}` holds a figure that no fact wrote"):
        obs.chart_bars(thefts().select(period="2024", level="commune"), lang="fr", **words)


def test_tables_of_another_release_are_refused(closed):
    table = indicator_table(brussels_rows((2024,), per_thousand=30.0))
    other = obs.release(table)
    with pytest.raises(DisclosureError, match="of another release than the edition"):
        obs.fact(other, territory="04000")
    with pytest.raises(DisclosureError, match="of another release than the edition"):
        obs.show_table(other, lang="fr")


READERS = """
import os, sys
from pathlib import Path
from obs.report.kernel.read_barrier import bar_reading
import duckdb, pandas, pyarrow.csv, pyarrow.parquet, pyogrio, geopandas, subprocess, sqlite3
top = Path(sys.argv[1])
held = bar_reading([top / "processed"], but=[top / "processed" / "released"])
secret, parquet = str(top / "processed" / "facts.csv"), str(top / "processed" / "facts.parquet")
boundaries = str(top / "processed" / "facts.geojson")
ways = {
    "open": lambda: open(secret).read(),
    "os.open": lambda: os.open(secret, os.O_RDONLY),
    "a link": lambda: open(top / "link.csv").read(),
    "a way round": lambda: open(str(top / "processed" / "released" / ".." / "facts.csv")).read(),
    "listing": lambda: os.listdir(top / "processed"),
    "pandas.read_csv": lambda: pandas.read_csv(secret),
    "pandas.read_parquet": lambda: pandas.read_parquet(parquet),
    "sqlite3": lambda: sqlite3.connect(secret),
    "subprocess": lambda: subprocess.run(["cat", secret], check=True),
    "os.system": lambda: os.system("cat " + secret),
}
native = {
    "duckdb": lambda: duckdb.sql(f"select * from read_csv('{secret}')").fetchall(),
    "pyarrow.csv": lambda: pyarrow.csv.read_csv(secret),
    "pyarrow.parquet": lambda: pyarrow.parquet.read_table(parquet),
    "pyogrio": lambda: pyogrio.read_dataframe(boundaries),
    "geopandas": lambda: geopandas.read_file(boundaries),
}
for name, way in {**ways, **(native if held else {})}.items():
    try:
        way()
    except Exception as error:
        print(name, "refused", type(error).__name__)
    else:
        print(name, "READ")
print("released", open(top / "processed" / "released" / "table.csv").read().strip())
print("beside", open(top / "beside.csv").read().strip(), "held" if held else "hook alone")
"""


@pytest.mark.slow
def test_no_reader_opens_what_is_barred(tmp_path):
    inner = tmp_path / "processed"
    (inner / "released").mkdir(parents=True)
    (inner / "released" / "table.csv").write_text("shown")
    (tmp_path / "beside.csv").write_text("free")
    (inner / "facts.csv").write_text("place,facts\nDorna,3\n")
    pd.DataFrame({"facts": [3]}).to_parquet(inner / "facts.parquet")
    (inner / "facts.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"facts": 3},'
        ' "geometry": {"type": "Point", "coordinates": [4, 50]}}]}'
    )
    (tmp_path / "link.csv").symlink_to(inner / "facts.csv")
    run = [sys.executable, "-c", textwrap.dedent(READERS), str(tmp_path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    said = done.stdout.splitlines()
    assert not [line for line in said if "READ" in line], done.stdout
    assert len([line for line in said if "refused" in line]) in (10, 15)
    assert said[-2] == "released shown"
    assert said[-1].startswith("beside free")


PARAMETERS = new_code_cell(
    "edition = 2024\nlang = 'fr'\nprocessed = None", metadata={"tags": ["parameters"]}
)
OPEN = "import obs\n\nnote = obs.open_note('focus_vols', edition=edition, lang=lang, processed=processed)"
ABOUT = {
    "title": {"fr": "Observatoire"},
    "publisher": {"fr": "Observatoire"},
    "notes": {
        "focus_vols": {
            "title": {"fr": "Vols"},
            "tables": ["years"],
            "constants": {"help": {"fr": "0800 30 030"}},
        }
    },
}


def rendered(cells, tmp_path, *, seal=None):
    """Run a note in a closed kernel, on the tables of `thefts`."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "facts.csv").write_text("place,facts\nDorna,3\n")
    with notes_folder("brussels", 2024, ABOUT, thefts()) as own:
        closed = Closed(seal or thefts().seal, (str(own),), (str(tmp_path / "raw"),))
        notebook = new_notebook(cells=[PARAMETERS, new_code_cell(OPEN), *cells])
        given = {"processed": str(own)}
        return run_note(notebook, langs=["fr"], parameters=given, folder=tmp_path, closed=closed)


@pytest.mark.slow
def test_a_closed_kernel_renders_what_was_released(tmp_path):
    cells = [
        new_code_cell("n = note.fact('years', indicator='theft')\nnote.show(obs.show_table, 'years', level='top')"),
        new_markdown_cell("{{ note.title }} {{ note.edition }} : {{ n|count }}. {{ note.constants.help }}"),
    ]  # fmt: skip
    (note,) = rendered(cells, tmp_path)
    text = note.cells[-1].source.replace("\u202f", " ")
    assert text.startswith("Vols 2024 : ")
    assert text.endswith("0800 30 030")
    (output,) = note.cells[-2].outputs
    assert output.data["application/vnd.obs+json"]["status"]["seal"] == thefts().seal


@pytest.mark.slow
def test_tables_that_another_build_put_there_are_refused(tmp_path):
    with pytest.raises(
        DisclosureError, match=r"cell 2 \(fr\): open_note: these tables are of another"
    ):
        rendered([], tmp_path, seal="another build")


def test_the_barrier_says_what_a_note_reads():
    assert "released tables alone" in REFUSED
