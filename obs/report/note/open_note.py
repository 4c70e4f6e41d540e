"""Open a note of an edition that was built, in a notebook."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from obs.catalogue import get_indicator, use_catalogue_texts
from obs.declare.json_files import parse_json
from obs.disclosure import Released, as_shown, read_released
from obs.errors import ObsError
from obs.locale import need_language
from obs.report.facts.delivery_names import tell_deliveries
from obs.report.facts.edition_seal import is_closed, need_own
from obs.report.jupyterlab.sentences_below import show_sentences_below
from obs.report.note.note import Note

__all__ = ["EDITION_FILE", "RELEASED_FOLDER", "edition_folder", "open_note"]

RELEASED_FOLDER = "released"
EDITION_FILE = "edition.json"


def edition_folder(processed: Path, observatory: str, edition: int | str) -> Path:
    """Give the folder of one edition's internal tables."""
    return processed / observatory / str(edition)


def open_note(
    name: str,
    *,
    edition: int,
    lang: str,
    observatory: str = "brussels",
    processed: str | Path | None = None,
) -> Note:
    """Open the released tables of a note.

    In JupyterLab, the sentences that follow a code cell are then shown below it as they will be
    printed, in this language; the notebook is read as last saved.

    Parameters
    ----------
    name : str
        Name of the note, that of its notebook.
    edition : int
        Year of the edition.
    lang : str
        Language of the page.
    observatory : str
        Name of the observatory, as in its `observatory.toml`.
    processed : path, optional
        Folder of internal tables; by default `data/processed` of the project around the
        working folder.

    Returns
    -------
    Note
        Tables by `note["id"]`, bound numbers by `note.fact("id", indicator=...)`.

    Raises
    ------
    ObsError
        The edition was not built, or does not hold this note, or the language is unknown.
    DisclosureError
        The released tables were changed since they were released.

    Examples
    --------
    >>> import obs
    >>> obs.open_note("focus_vols", edition=1830, lang="fr", processed="nowhere")
    Traceback (most recent call last):
    obs.errors.ObsError: edition 1830 of 'brussels' is not built: run `obs build` first
    """
    need_language(lang)
    base = Path(processed) if processed is not None else _find_processed()
    folder = edition_folder(base, observatory, edition)
    if not (folder / EDITION_FILE).is_file():
        raise ObsError(
            f"edition {edition} of '{observatory}' is not built: run `obs build` first{_built(base)}"
        )
    try:
        about = parse_json((folder / EDITION_FILE).read_bytes(), dict[str, Any])
    except ValueError as fault:
        raise ObsError(
            f"edition {edition} of '{observatory}': {EDITION_FILE} is damaged ({fault}): build "
            "the edition again"
        ) from None
    use_catalogue_texts(about.get("catalogue", {}))
    if name not in about["notes"]:
        raise ObsError(
            f"edition {edition} of '{observatory}' has no note '{name}'; it has: "
            f"{', '.join(sorted(about['notes']))}"
        )
    read = _read_once if is_closed() else _read
    tables = read(folder / RELEASED_FOLDER)
    need_own(tables, who="open_note")
    tell_deliveries(tables, about.get("sources", ()))
    show_sentences_below(name, lang)
    return Note(name, lang, edition, _own_sources(about, name, tables), tables)


@cache
def _read_once(folder: Path) -> Released:
    """Read the tables of the edition that this process renders; its languages ask for the same parts."""
    return as_shown(read_released(folder), keep_parts=True)


def _read(folder: Path) -> Released:
    return as_shown(read_released(folder))


def _built(base: Path) -> str:
    found = sorted(p.parent for p in base.glob(f"*/*/{EDITION_FILE}"))
    names = ", ".join(f"{p.parent.name} {p.name}" for p in found)
    return f"; built are: {names}" if names else ""


def _own_sources(about: dict[str, Any], name: str, tables: Released) -> dict[str, Any]:
    """Keep the sources of the note's own tables: their dates are those of its pages."""
    own = [tables[n].table["indicator"] for n in tables.names if n.startswith(f"{name}.")]
    kinds = {get_indicator(i).source for column in own for i in column.unique()}
    sources = [s for s in about.get("sources", ()) if s["source"] in kinds]
    return {**about, "sources": sources}


def _find_processed() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "data" / "processed").is_dir():
            return folder / "data" / "processed"
    return here / "data" / "processed"
