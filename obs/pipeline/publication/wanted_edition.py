"""Say what a build is asked for, and refuse before anything is read what it cannot give."""

from __future__ import annotations

from collections.abc import Sequence

from obs.catalogue import untranslated
from obs.errors import CatalogueError, ObsError
from obs.locale import check_languages
from obs.query_engine.open_engine import check_engine
from obs.reference import Observatory
from obs.report import NoteSpec

__all__ = ["chosen_notes", "need_declared", "need_words", "wanted_languages"]


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
