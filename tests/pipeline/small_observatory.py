"""A town of three communes with one source and one note: a build of it costs a few seconds."""

import csv
import datetime as dt
from functools import partial
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import obs
from obs.__main__ import main
from obs.disclosure import Ledger, ledger_path

OBSERVATORY = """
name = "arvalie"
languages = ["fr"]
notes = ["focus_velos"]
licence = "CC BY 4.0"
title.fr = "Observatoire d'Arvalie"
publisher.fr = "Ville d'Arvalie"
[territory]
units = { file = "communes.csv", code = "code", name = "nom" }
base_level.code = "commune"
top_level = { code = "ville", fr = "ville" }
top = { code = "7000", name.fr = "Arvalie" }
[[source]]
kind = "police"
profile = "arvalie"
files = ["faits_*.csv"]
[tolerance]
withheld_share = 0.9
"""
PROFILE = """
name = "arvalie"
title = "Faits"
kind = "police"
shape = "events"
source = "police"
dates = ["%Y-%m-%d"]
identical = "keep"
offences = [{ offence = "11.01", phenomenon = "bicycle_theft" }]
[file]
format = "csv"
encodings = ["utf-8"]
separator = ";"
[territory]
match = "pattern"
pattern = '7\\d{3}'
[columns]
event_date = "date"
territory = "commune"
offence = "code"
"""
NOTE = """
title.fr = "Vols de vélos"
[[table]]
id = "years"
indicators = ["bicycle_theft"]
period = "year"
"""
COMMUNES = {"7001": "Bremont", "7002": "Castelle", "7003": "Dorval"}

LOCK = ".writing.lock"  # stays where somebody wrote
HOLDER = (
    ".writing.txt"  # who wrote, of a process that was killed: the next one to write replaces it
)
# Beside them, internal files with the seal of their run or the name of its folder: each is read back.
OF_A_RUN = {LOCK, HOLDER, "pages.json", "draft.json", "released.json"}


def write_observatory(base: Path, *, facts: int = 90) -> Path:
    """Write declarations, a note and the facts of two years, so many in the second; give the folder."""
    for name in ("profiles", "notebooks", "raw"):
        (base / name).mkdir(parents=True, exist_ok=True)
    (base / "observatory.toml").write_text(OBSERVATORY, encoding="utf-8")
    (base / "profiles" / "arvalie.toml").write_text(PROFILE, encoding="utf-8")
    (base / "notebooks" / "focus_velos.toml").write_text(NOTE, encoding="utf-8")
    _write_note(base / "notebooks" / "focus_velos.ipynb")
    _write_rows(base / "raw" / "communes.csv", ["code", "nom"], COMMUNES.items())
    write_facts(base / "raw", 2023, 75)
    write_facts(base / "raw", 2024, facts)
    return base


def write_facts(raw: Path, year: int, facts: int) -> None:
    """Write a file with so many facts of a year, spread over its days and the communes."""
    codes = sorted(COMMUNES)
    days = (dt.date(year, 1, 1) + dt.timedelta(days=3 * i % 365) for i in range(facts))
    rows = [(day.isoformat(), codes[i % 3], "11.01") for i, day in enumerate(days)]
    _write_rows(raw / f"faits_{year}.csv", ["date", "commune", "code"], rows, ";")


def build_of(base: Path, *, raw: str = "raw", out: str = "publications"):
    """Give the build of the observatory in a folder, to be run here or in another process."""
    folders = {"raw": base / raw, "out": base / out, "processed": base / "processed"}
    declared = {"config": base / "observatory.toml", "notebooks": base / "notebooks"}
    return partial(obs.build, **declared, **folders, edition=2024)


def command_of(base: Path, *, raw: str = "raw"):
    """Give the command that builds it, to be run here or in another process."""
    folders = {"raw": base / raw, "out": base / "publications", "processed": base / "processed"}
    declared = {"config": base / "observatory.toml", "notebooks": base / "notebooks"}
    options = [str(w) for name, path in (declared | folders).items() for w in (f"--{name}", path)]
    return partial(main, ["build", "--quiet", "--edition", "2024", *options])


def publish_of(base: Path, *, day: int = 1, out: str = "publications"):
    """Give the publication of its draft, on a day of June 2025."""
    now = dt.datetime(2025, 6, day, 10, tzinfo=dt.UTC)
    folders = {"out": base / out, "processed": base / "processed"}
    return partial(obs.publish, 2024, approved_by="A. Editor", now=now, **folders)


def count_in(edition: Path) -> int:
    """Give the count of the whole town in 2024, as a data file of an edition has it."""
    (path,) = (edition / "data").glob("focus_velos_table-years*.csv")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    (count,) = {int(r["numerator"]) for r in rows if r["period"] == "2024"}
    return count


def contents(folder, *, shown=False):
    """Give every file, or those that a reader finds: what a run makes aside is hidden.

    What builds keep to be taken again is left out: it is made of files of a run, and is no result.
    """
    found = (p for p in folder.rglob("*") if p.is_file() and p.name not in OF_A_RUN)
    files = {path.relative_to(folder): path for path in found if "kept" not in path.parts}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in files.items()
        if not (shown and any(part.startswith(".") for part in name.parts))
    }


def ledger_of(base):
    """Give the counts in the ledger: a changed or torn one is refused."""
    ledger = Ledger(ledger_path(base / "processed", base / "publications"))
    return ledger.history.astype("str").to_numpy().tolist()


def _write_rows(path: Path, header, rows, separator: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=separator, lineterminator="\n").writerows([header, *rows])


def _write_note(path: Path) -> None:
    parameters = 'edition = 2024\nlang = "fr"\nobservatory = "arvalie"\nprocessed = None'
    opened = (
        'import obs\n\nnote = obs.open_note("focus_velos", edition=edition, lang=lang, '
        "observatory=observatory, processed=processed)\n"
        'thefts = note.fact("years", indicator="bicycle_theft")'
    )
    cells = [
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell(opened),
        new_markdown_cell("# {{ note.title }}\n\n{{ thefts|n }} vols."),
        new_code_cell('note.show(obs.show_table, "years", level="top", indicator="bicycle_theft")'),
    ]
    nbformat.write(new_notebook(cells=cells), path)
