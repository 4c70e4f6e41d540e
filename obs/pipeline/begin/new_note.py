"""Begin a note on one indicator: its notebook, its declaration, its name among the notes."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from obs.catalogue import Indicator, get_indicator, own_catalogue, untranslated
from obs.clean.registry.delivery_registry import Registry
from obs.errors import CatalogueError
from obs.pipeline.begin.note_template import write_declaration, write_notebook
from obs.pipeline.delivered_denominators import gather_denominators
from obs.pipeline.deliveries import find_files
from obs.reference import Observatory, load_observatory

__all__ = ["NewNote", "new_note"]

_DECLARATION = "observatory.toml"
_DATA = Path("data")  # beside the declaration: `raw` and `processed`
_SOURCES = ("police", "services", "prosecutor", "helpline")
_KINDS = ("rate", "count", "per_day")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NOTES = re.compile(r"^notes\s*=\s*\[(?P<names>[^\]]*)\]", re.MULTILINE)


@dataclass(frozen=True)
class NewNote:
    """What was written: the notebook and its declaration, in which languages, on what."""

    notebook: Path
    declaration: Path
    indicator: str
    languages: tuple[str, ...]

    def summary(self) -> list[str]:
        """Say in lines what was written and what to do next."""
        return [
            f"note on {self.indicator}, in {', '.join(self.languages)}: {self.notebook}",
            f"what it publishes: {self.declaration}",
            "build it: obs build (in the folder of the observatory)",
        ]


def new_note(name: str, *, indicator: str, observatory: str | Path = ".") -> NewNote:
    """Write a thin note on an indicator, in the languages of an observatory.

    Parameters
    ----------
    name : str
        Of the notebook: small letters, digits, "_" and "-".
    indicator : str
        An indicator of the catalogue, or of the observatory's own, that counts by year: facts, cases, calls or activities.
    observatory : path
        Its folder, with an `observatory.toml`.

    Returns
    -------
    NewNote
        Where everything is.

    Raises
    ------
    CatalogueError
        If there is no such observatory or indicator, the name is taken or cannot be one, the
        indicator has no words in a language of the observatory, or is of a kind that needs a
        note written by hand. Nothing is written.
    """
    folder = Path(observatory)
    declared = load_observatory(folder / _DECLARATION)
    _check_name(name, declared, folder)
    with own_catalogue(declared.catalogue_dir):
        entry = _checked_indicator(indicator, declared)
    text = (folder / _DECLARATION).read_text(encoding="utf-8")
    added = add_to_notes(text, name)
    notebook = folder / "notebooks" / f"{name}.ipynb"
    toml = notebook.with_suffix(".toml")
    edition = declared.edition or last_built(declared, folder / _DATA)
    edition = edition or last_whole_year(declared, folder / _DATA, entry.source)
    options = {"observatory": declared.name, "edition": edition}
    notebook.parent.mkdir(parents=True, exist_ok=True)
    _put(notebook, write_notebook(name, entry, declared.languages, **options))
    _put(toml, write_declaration(entry, declared.languages, schema=_schema_of_notes(text)))
    _put(folder / _DECLARATION, added)
    return NewNote(notebook, toml, entry.id, declared.languages)


def last_built(declared: Observatory, data: Path) -> int:
    """Give the last edition that is built, which a note is opened on; 0 where there is none."""
    built = (data / "processed" / declared.name).glob("[12][0-9][0-9][0-9]/released")
    return max((int(path.parent.name) for path in built), default=0)


def last_whole_year(declared: Observatory, data: Path, source: str) -> int:
    """Give the last year that the data of an observatory tell whole.

    The deliveries of a source that builds have read tell it; before any, the denominators, whose
    years are whole but may be projections; without these, the calendar.
    """
    read = Registry.of(data / "processed", declared.name).deliveries
    ends = read.loc[read["current"] & (read["source"] == source), "covered_to"].dropna()
    if len(ends):
        return int((ends.max() + pd.Timedelta(days=1)).year) - 1
    before = dt.datetime.now(dt.UTC).year - 1
    raw, told = data / "raw", declared.denominators.values()
    if not told or not all(find_files(table.files, raw) for table in told):
        return before
    exposure = gather_denominators(declared, raw, lambda _: None)
    assert exposure is not None  # there are denominators, and files of each
    return min(before, int(exposure.groupby("kind")["year"].max().min()))


def add_to_notes(text: str, name: str) -> str:
    """Add a name to the list `notes` of a declaration, whose other text stays."""
    found = _NOTES.search(text)
    if found is None:
        raise CatalogueError(
            f"{_DECLARATION}: no list `notes = [...]` is found to add '{name}' to. Write it there by "
            "hand, then run this again."
        )
    names = [part.strip() for part in found["names"].split(",") if part.strip()]
    listed = ", ".join([*names, json.dumps(name)])
    return text[: found.start()] + f"notes = [{listed}]" + text[found.end() :]


def _check_name(name: str, declared: Observatory, folder: Path) -> None:
    if not _NAME.fullmatch(name):
        raise CatalogueError(
            f"'{name[:40]}' cannot name a note: write small letters, digits, '_' and '-', as "
            "'bicycle_theft'."
        )
    taken = [folder / "notebooks" / f"{name}{end}" for end in (".ipynb", ".toml")]
    if name in declared.notes or any(map(Path.exists, taken)):
        raise CatalogueError(
            f"there is a note '{name}' already; edit notebooks/{name}.ipynb, or give another name."
        )


def _checked_indicator(indicator: str, declared: Observatory) -> Indicator:
    entry = get_indicator(indicator)
    if absent := untranslated([indicator], declared.languages):
        raise CatalogueError(
            f"the catalogue has no texts for {', '.join(absent)}: give them in the indicator's file or "
            "in indicators.toml of the language."
        )
    if entry.source not in _SOURCES or entry.kind not in _KINDS:
        raise CatalogueError(
            f"indicator '{indicator}' ({entry.kind} of source {entry.source}) has no template: one is "
            "written for counts of facts, cases, calls and activities. Write the note by hand, after "
            "one of notebooks/."
        )
    return entry


def _schema_of_notes(text: str) -> str:
    """Name the schema of notes that lies beside that of the declaration."""
    named = re.match(r"#:schema\s+(\S*?)observatory\.json", text)
    return f"../{named[1] if named else 'schemas/'}note.json"


def _put(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
