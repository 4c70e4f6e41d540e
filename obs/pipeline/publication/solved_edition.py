"""Solve an edition: clean, compute and release its figures, audit them, and say what it is.

What is given is all that its pages, its data and its draft are made of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from obs.clean import Cleaned
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import Ledger, Released
from obs.pipeline.accounts import describe_edition, list_sources, name_suppliers
from obs.pipeline.audit_verdict import judge
from obs.pipeline.computing import Sources, compute_cleaned, keep_computed
from obs.pipeline.delivered_denominators import gather_denominators, untold_years
from obs.pipeline.deliveries import clean_all, draft_profiles, find_last_year, places_apart
from obs.pipeline.edition_ledger import open_ledger, solve
from obs.pipeline.forget_delivery import past_term
from obs.pipeline.note_models import compute_models
from obs.pipeline.observatory_key import name_deliveries
from obs.pipeline.progress import Progress
from obs.pipeline.publication.edition_statements import TOLD_TO_NOTES, state_edition
from obs.pipeline.publication.publish_edition import finish_publications
from obs.pipeline.reuse.kept_stages import BuildParts
from obs.reference import Observatory
from obs.report import NoteSpec, edition_folder

__all__ = ["Order", "SolvedEdition", "solve_edition"]


@dataclass(frozen=True)
class Order:
    """What a build is asked for: notes, languages and sheets, as checked, and its folders.

    `rendered` are the notes that are asked of all those declared; `whole` tells whether all notes,
    sheets and languages are.
    """

    observatory: Observatory
    specs: list[NoteSpec]
    rendered: list[NoteSpec]
    languages: tuple[str, ...]
    sheets: Sequence[str] | None
    raw: Path
    out: Path
    notebooks: Path
    processed: Path
    whole: bool
    force: bool
    say: Progress
    catalogue: dict[str, str]

    def parts(self) -> BuildParts:
        """Give the kept parts of its builds."""
        declared = [self.notebooks / f"{spec.name}.ipynb" for spec in self.specs]
        inside = edition_folder(self.processed, self.observatory.name, 0).parent
        return BuildParts(self.observatory, self.raw, inside, declared, self.say, force=self.force)


@dataclass(frozen=True)
class SolvedEdition:
    """An edition before its pages are made.

    Attributes
    ----------
    edition : int
        Its year.
    cleaned : list of (str, Cleaned)
        Each source as it was cleaned.
    tables, released : mapping, Released
        Its tables before and after disclosure control.
    known : Ledger
        What it was solved against.
    rendered : list of NoteSpec
        The notes that are asked and of which the deliveries hold something.
    delivered, sources : list of mapping
        Its deliveries with their digests and rows, and as readers see them.
    unconfirmed : list of str
        Profiles that nobody has confirmed.
    words, facts : mapping
        What it says of itself to its notes, and on its front pages.
    audit_page : str
        The page of the data-protection officer.
    shown : Released
        What was released, with the models of the notes.
    parts : BuildParts
        What is kept of it for the next build.
    """

    edition: int
    cleaned: list[tuple[str, Cleaned]]
    tables: dict[str, pd.DataFrame]
    released: Released
    known: Ledger
    rendered: list[NoteSpec]
    delivered: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    unconfirmed: list[str]
    words: dict[str, Any]
    facts: dict[str, Any]
    audit_page: str
    shown: Released
    parts: BuildParts


def solve_edition(order: Order, edition: int | None) -> SolvedEdition:
    """Clean, compute, release and audit an edition, and say what it is.

    The edition is that of the observatory, or the last year that its deliveries reach, where none is
    given. Raises `DisclosureError` if the audit refuses it.
    """
    observatory, say = order.observatory, order.say
    finish_publications(order.out, order.processed, say)
    ledger = open_ledger(order.out, order.processed, say)
    _say_past_term(observatory, order.processed, say)
    exposure = gather_denominators(observatory, order.raw, say)
    parts = order.parts()
    cleaned = clean_all(observatory, order.raw, order.processed, say, parts)
    for line in places_apart(observatory, order.specs):
        say(line)
    sources = Sources(observatory, cleaned, order.specs, say)
    territory = observatory.territory(order.raw)
    year = edition or observatory.edition or find_last_year(cleaned)
    _say_untold(exposure, year, say)
    figures = partial(
        compute_cleaned, order.specs, cleaned, sources, exposure, year, territory, say
    )
    tables, absent, corrections = parts.figures(year, cleaned, figures)
    say(f"release: {sum(map(len, tables.values())):,} rows of {len(tables)} tables")
    rendered = keep_computed(order.rendered, tables, say)
    released, known = solve(
        tables,
        rule=observatory.rule,
        territory=territory,
        ledger=ledger,
        published=order.out / str(year),
        processed=order.processed,
        say=say,
        parts=parts,
    )
    delivered = list_sources(cleaned)
    named = name_deliveries(delivered, observatory, order.processed)
    public = name_suppliers(named, observatory, cleaned, released)
    drafts = draft_profiles(observatory)
    words = describe_edition(observatory, year, order.specs, absent, public, corrections)
    words |= {"draft_profiles": drafts} if drafts else {}
    words |= {"catalogue": order.catalogue} if order.catalogue else {}
    page = _audited(order, year, tables, released, known, parts)
    registry = Registry.of(order.processed, observatory.name)
    state = partial(
        state_edition,
        observatory,
        year,
        specs=order.specs,
        cleaned=cleaned,
        sources=sources.tables,
        released=released,
        known=known,
        registry=registry,
        langs=order.languages,
        corrections=words["corrections"],
    )
    facts = parts.statements(released, known.mark, registry, order.languages, state)
    words |= {name: facts[name] for name in TOLD_TO_NOTES}
    return SolvedEdition(
        edition=year,
        cleaned=cleaned,
        tables=tables,
        released=released,
        known=known,
        rendered=rendered,
        delivered=delivered,
        sources=public,
        unconfirmed=drafts,
        words=words,
        facts=facts,
        audit_page=page,
        shown=compute_models(order.specs, released, say),
        parts=parts,
    )


def _audited(
    order: Order,
    edition: int,
    tables: dict[str, pd.DataFrame],
    released: Released,
    known: Ledger,
    parts: BuildParts,
) -> str:
    """Give the audit page of what was released, or refuse the edition."""
    order.say("audit: what a reader can know of what is withheld")
    folder = edition_folder(order.processed, order.observatory.name, edition)
    audit = partial(judge, released, tables, known=known, edition=edition, folder=folder)
    return parts.audited(released, partial(audit, languages=order.observatory.languages))


def _say_untold(exposure: pd.DataFrame | None, edition: int, say: Progress) -> None:
    """Name the denominators of which the year of the edition is not delivered."""
    for kind in untold_years(exposure, edition):
        say(f"{kind}: nothing is delivered for {edition}; rates of that year are missing")


def _say_past_term(observatory: Observatory, processed: Path, say: Progress) -> None:
    """Name the deliveries whose rows are kept beyond their term; nothing else depends on the day."""
    today = dt.datetime.now(dt.UTC).date()
    for name in past_term(observatory, Registry.of(processed, observatory.name), today):
        say(f"past its term: {name}; erase its rows with `obs forget {name}`")
