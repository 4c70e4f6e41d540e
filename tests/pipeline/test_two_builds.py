"""Two builds at the same time with one folder of internal tables: each publishes its own numbers."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SMALL = Path(__file__).resolve().parents[3] / "shared" / "faults" / "disclosure" / "small"
OPEN = """import obs

note = obs.open_note(
    "focus_small", edition=edition, lang=lang, observatory=observatory, processed=processed
)
thefts = note.fact("years", indicator="bicycle_theft")"""


def write_note(folder):
    parameters = 'edition = 2024\nlang = "fr"\nobservatory = "small"\nprocessed = None'
    cells = [
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell(OPEN),
        new_markdown_cell("# {{ note.title }}\n\n{{ thefts|n }} vols."),
        new_code_cell('note.show(obs.show_table, "years", level="top", indicator="bicycle_theft")'),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "focus_small.ipynb")


def facts_of(raw):
    return len((raw / "faits_2024.csv").read_text(encoding="utf-8").splitlines()) - 1


def published(folder):
    """Give the count of the whole in 2024, as the data file of the edition has it."""
    (path,) = (folder / "2024" / "data").glob("focus_small_table-years*.csv")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    (count,) = {int(r["numerator"]) for r in rows if r["period"] == "2024"}
    return count


@pytest.mark.slow
@pytest.mark.skipif(not SMALL.is_dir(), reason="needs ../shared/faults/disclosure/small")
def test_each_of_two_builds_publishes_its_own_numbers(tmp_path):
    base = Path(shutil.copytree(SMALL, tmp_path / "small"))
    write_note(base / "notebooks")
    other = Path(shutil.copytree(base / "raw", base / "raw_other"))
    rows = (other / "faits_2024.csv").read_text(encoding="utf-8").splitlines()
    (other / "faits_2024.csv").write_text("\n".join([*rows, *rows[1:31]]) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "obs", "build", "--quiet", "--lang", "fr"]
    command += ["--config", base / "observatory.toml", "--notebooks", base / "notebooks"]
    command += ["--processed", base / "processed"]
    runs = {
        raw: subprocess.Popen(
            [*map(str, command), "--raw", str(base / raw), "--out", str(base / f"out_{raw}")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for raw in ("raw", "raw_other")
    }
    for raw, run in runs.items():
        assert run.wait() in (0, 1)
        assert published(base / f"out_{raw}") == facts_of(base / raw)
    assert facts_of(base / "raw") != facts_of(other)
