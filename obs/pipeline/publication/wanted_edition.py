"""Say what a build is asked for, and refuse before anything is read what it cannot give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from obs.catalogue import untranslated
from obs.errors import CatalogueError, ObsError
from obs.locale import check_languages
from obs.query_engine.open_engine import check_engine
from obs.reference import Observatory
from obs.report import NoteSpec

__all__ = ["chosen_notes", "need_declared", "need_folders_apart", "need_words", "wanted_languages"]


def need_declared(observatory: Observatory) -> None:
    """Refuse an observatory whose engine cannot start, or one without sources or notes."""
    check_engine(observatory.engine)
    where = f"--observatory {observatory.path.parent}"
    if not observatory.sources:
        raise ObsError(
            f"{observatory.path.name} declares no source yet: obs profile new FILE --source police {where}"
        )
    if not observatory.notes:
        raise ObsError(
            f"{observatory.path.name} declares no note yet: obs note new NAME --indicator ID {where}"
        )


def need_folders_apart(*, raw: Path, out: Path, processed: Path) -> None:
    """Refuse to write among the deliveries, or to keep among publications what no page shows."""
    deliveries = "holds the deliveries, among which nothing is written"
    publications = "holds the publications, which leave the house whole"
    for name, inner, other, outer, why in (
        ("internal tables (processed)", processed, "raw", raw, deliveries),
        ("publications (out)", out, "raw", raw, deliveries),
        ("internal tables (processed)", processed, "out", out, publications),
        ("deliveries (raw)", raw, "out", out, publications),
    ):
        if inner.resolve().is_relative_to(outer.resolve()):
            raise ObsError(
                f"the folder of {name}, '{inner.name}', lies in '{outer.name}' ({other}), which {why}: "
                "name a folder beside it."
            )


def wanted_languages(observatory: Observatory, asked: Sequence[str] | None) -> tuple[str, ...]:
    """Give the languages of an edition: those asked, else those of the observatory."""
    wrong = sorted(set(asked or ()) - set(observatory.languages))
    if wrong:
        raise ObsError(
            f"language {', '.join(wrong)} is none of {', '.join(observatory.languages)}, in which "
            f"this observatory publishes: add it to `languages` of {observatory.path.name}."
        )
    return tuple(asked or observatory.languages)


def need_words(specs: Sequence[NoteSpec], langs: tuple[str, ...]) -> None:
    """Refuse before anything is read what could not be said in a language of the edition."""
    check_languages(langs)
    shown = dict.fromkeys(i for spec in specs for table in spec.tables for i in table.indicators)
    absent = untranslated(shown, langs)
    if absent:
        raise CatalogueError(
            f"the catalogue has no texts for {', '.join(absent)}: give them in the indicator's "
            "file, in indicators.toml of the language or, for own words, in words.toml."
        )


def chosen_notes(specs: list[NoteSpec], asked: Sequence[str] | None) -> list[NoteSpec]:
    """Give the notes to render: those asked, else all."""
    unknown = set(asked or ()) - {s.name for s in specs}
    if unknown:
        raise ObsError(
            f"no note {', '.join(sorted(unknown))}; this observatory has: "
            f"{', '.join(s.name for s in specs)}"
        )
    return [s for s in specs if asked is None or s.name in asked]
