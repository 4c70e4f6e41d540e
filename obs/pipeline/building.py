"""Build one edition from raw deliveries to published notes, in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from obs.catalogue import own_catalogue
from obs.clean import Cleaned
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import Released, internal_folder
from obs.display_cards import card
from obs.one_writer import one_writer
from obs.open_data import AboutEdition, make_open_data
from obs.pipeline.accounts import (
    describe_edition,
    list_sources,
    name_suppliers,
    warn,
    write_processed,
)
from obs.pipeline.audit_verdict import judge
from obs.pipeline.computing import Sources, compute_cleaned, keep_computed
from obs.pipeline.delivered_denominators import gather_denominators, untold_years
from obs.pipeline.deliveries import (
    clean_all,
    draft_profiles,
    find_last_year,
    places_apart,
)
from obs.pipeline.edition_ledger import open_ledger, solve
from obs.pipeline.forget_delivery import past_term
from obs.pipeline.note_models import compute_models
from obs.pipeline.notes_folder import notes_folder
from obs.pipeline.observatory_key import name_deliveries
from obs.pipeline.progress import Progress
from obs.pipeline.publication.draft_edition import (
    clear_drafts,
    describe_draft,
    keeper,
    place_of_draft,
)
from obs.pipeline.publication.edition_sheets import edition_sheets, need_declared_sheets
from obs.pipeline.publication.edition_statements import TOLD_TO_NOTES, state_edition
from obs.pipeline.publication.publish_edition import finish_publications
from obs.pipeline.publication.wanted_edition import (
    chosen_notes,
    need_declared,
    need_words,
    wanted_languages,
)
from obs.pipeline.reuse.kept_stages import BuildParts
from obs.reference import Observatory, load_observatory
from obs.report import (
    Closed,
    NoteSpec,
    earlier_editions,
    edition_folder,
    hidden_numbers,
    known_answers,
    load_note,
    small_numbers,
    write_edition,
    write_site,
)

__all__ = ["Built", "build"]


@dataclass(frozen=True)
class Built:
    """What a build did: where the draft is, what was rejected and withheld."""

    folder: Path
    report: pd.DataFrame
    rejected: pd.DataFrame
    actions: pd.DataFrame
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        said = f", {len(self.warnings)} warnings" if self.warnings else ""
        return f"Built('{self.folder}'{said})"

    def _repr_html_(self) -> str:
        pages = sorted(path.name for path in self.folder.glob("*.html"))
        about = {
            "folder": self.folder,
            "pages": ", ".join(pages),
            "account": ".report, by file; .rejected, by row",
            "beyond tolerance": "; ".join(self.warnings),
        }
        return card("Built", about)

    @property
    def within_tolerance(self) -> bool:
        """Whether rejections and withheld figures stay within the observatory's tolerance."""
        return not self.warnings


def build(
    *,
    config: str | Path | None = None,
    raw: str | Path = "data/raw",
    out: str | Path = "publications",
    edition: int | None = None,
    lang: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    notebooks: str | Path = "notebooks",
    processed: str | Path = "data/processed",
    dry_run: bool = False,
    sheets: Sequence[str] | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Built:
    """Build a draft of one edition, from raw deliveries to notes; `obs.publish` publishes it.

    What nothing changed of since the last build is taken again; `progress` is told what and why.

    Parameters
    ----------
    config : path, optional
        The observatory's TOML; the Brussels one by default.
    raw : path
        Folder of raw deliveries; read only.
    out : path
        Folder of publications, one for one observatory. The draft goes to `out/<edition>`; if that
        edition is published already, to `out/drafts/<edition>`.
    edition : int, optional
        Year of the edition: no later period is used. By default the observatory's own,
        else the last year that its deliveries reach.
    lang : sequence of str, optional
        Languages; by default those of the observatory.
    notes : sequence of str, optional
        Notes to render; by default those of the observatory. Disclosure always sees all.
    notebooks : path
        Folder of the notebooks and their declarations.
    processed : path
        Folder of internal tables, of the audit page for the data-protection officer, and of
        what was published: the ledger of its counts, the internal manifests.
    dry_run : bool
        Write the draft to `out/drafts/<edition>` in any case, and no internal tables of the
        edition.
    sheets : sequence of str, optional
        Codes of the places to make a sheet of; by default every place, where the observatory
        declares sheets, and none where `notes` are chosen.
    force : bool
        Make everything anew.
    progress : callable, optional
        Told each step in words.

    Returns
    -------
    Built
        The folder of the draft, the cleaning report, the actions of disclosure control.

    Raises
    ------
    ObsError
        Bad input or wrong use; nothing published is changed.
    DisclosureError, PublicationError
        A gate refused, the audit of what was released included; nothing published is changed.

    Examples
    --------
    >>> import obs
    >>> obs.build(raw="nowhere")
    Traceback (most recent call last):
    obs.errors.DeliveryError: no deliveries in 'nowhere': ...
    """
    observatory = load_observatory(config)
    say: Progress = progress or (lambda _: None)
    inside = edition_folder(Path(processed), observatory.name, 0).parent
    with own_catalogue(observatory.catalogue_dir) as own, one_writer(inside, say=say):
        return _build_edition(
            observatory,
            raw=Path(raw).resolve(),
            out=Path(out),
            edition=edition,
            lang=lang,
            notes=notes,
            notebooks=Path(notebooks),
            processed=Path(processed),
            dry_run=dry_run,
            sheets=() if sheets is None and notes is not None else sheets,
            force=force,
            say=say,
            catalogue=own,
        )


def _build_edition(
    observatory: Observatory,
    *,
    raw: Path,
    out: Path,
    edition: int | None,
    lang: Sequence[str] | None,
    notes: Sequence[str] | None,
    notebooks: Path,
    processed: Path,
    dry_run: bool,
    sheets: Sequence[str] | None,
    force: bool,
    say: Progress,
    catalogue: dict[str, str],
) -> Built:
    """Build a draft with the indicators of the observatory's own catalogue at hand."""
    languages = wanted_languages(observatory, lang)
    need_declared(observatory)
    specs = _notes_declared(observatory, notebooks, languages, sheets)
    rendered = chosen_notes(specs, notes)
    finish_publications(out, processed, say)
    ledger = open_ledger(out, processed, say)

    _say_past_term(observatory, processed, say)
    exposure = gather_denominators(observatory, raw, say)
    declared = [notebooks / f"{spec.name}.ipynb" for spec in specs]
    inside = edition_folder(processed, observatory.name, 0).parent
    parts = BuildParts(observatory, raw, inside, declared, say, force=force)
    cleaned = clean_all(observatory, raw, processed, say, parts)
    for line in places_apart(observatory, specs):
        say(line)
    sources = Sources(observatory, cleaned, specs, say)
    territory = observatory.territory(raw)
    edition = edition or observatory.edition or find_last_year(cleaned)
    folder = edition_folder(processed, observatory.name, edition)
    _say_untold(exposure, edition, say)
    figures = partial(compute_cleaned, specs, cleaned, sources, exposure, edition, territory, say)
    tables, absent, corrections = parts.figures(edition, cleaned, figures)
    say(f"release: {sum(map(len, tables.values())):,} rows of {len(tables)} tables")
    rendered = keep_computed(rendered, tables, say)
    released, known = solve(
        tables,
        rule=observatory.rule,
        territory=territory,
        ledger=ledger,
        published=out / str(edition),
        processed=processed,
        say=say,
        parts=parts,
    )
    delivered = list_sources(cleaned)
    public = name_suppliers(
        name_deliveries(delivered, observatory, processed), observatory, cleaned, released
    )
    words = describe_edition(observatory, edition, specs, absent, public, corrections)
    drafts = draft_profiles(observatory)
    words |= {"draft_profiles": drafts} if drafts else {}
    words |= {"catalogue": catalogue} if catalogue else {}
    say("audit: what a reader can know of what is withheld")
    audit = partial(judge, released, tables, known=known, edition=edition, folder=folder)
    page = parts.audited(released, partial(audit, languages=observatory.languages))
    registry = Registry.of(processed, observatory.name)
    state = partial(
        state_edition,
        observatory,
        edition,
        specs=specs,
        cleaned=cleaned,
        sources=sources.tables,
        released=released,
        known=known,
        registry=registry,
        langs=languages,
        corrections=words["corrections"],
    )
    facts = parts.statements(released, known.mark, registry, languages, state)
    words |= {name: facts[name] for name in TOLD_TO_NOTES}
    shown = compute_models(specs, released, say)
    if not dry_run:
        write_processed(folder, words, cleaned, shown, audited=page)

    place = place_of_draft(out, edition, dry_run=dry_run)
    about = facts | {
        "earlier": earlier_editions(out, edition),
        "answers": known_answers(out),
        "above": "../" * (1 + (place.parent != out)),
    }
    opened = AboutEdition.of(words, languages)
    data = partial(make_open_data, released, opened, langs=languages)
    about["open_data"], files = parts.open_data(released, words, languages, data)
    draft = describe_draft(
        observatory,
        edition,
        languages=languages,
        sources=public,
        about=about,
        accounts={"edition": str(edition), "ledger": known.mark, "sources": delivered},
        unconfirmed=drafts,
        catalogue=catalogue,
    )
    sheet = partial(
        edition_sheets,
        observatory,
        released,
        about=words,
        edition=edition,
        langs=languages,
        asked=sheets,
        say=say,
    )
    some = observatory.sheets and (sheets is None or sheets)
    pages = parts.sheets(released, words, sheets, languages, sheet) if some else []
    say(f"render: {len(rendered)} notes in {', '.join(languages)}")
    with (
        one_writer(internal_folder(processed, out), say=say),
        notes_folder(observatory.name, edition, words, shown) as own,
    ):
        write_edition(
            [notebooks / f"{spec.name}.ipynb" for spec in rendered],
            langs=languages,
            edition=edition,
            out=place.parent,
            parameters={"observatory": observatory.name, "processed": str(own)},
            sources=public,
            about=about,
            withheld=hidden_numbers(tables, released),
            small=small_numbers(tables, released),
            keep=keeper(draft, internal_folder(processed, out), released),
            closed=Closed(released.seal, (str(own),), (str(raw), str(processed.resolve()))),
            sheets=pages,
            open_data=files,
            reuse=parts.pages(released, words),
            progress=say,
        )
        clear_drafts(out, processed, edition)
        parts.sweep(whole=notes is None and sheets is None and lang is None)
        write_site(out, titles=draft.titles)
    return _account(place, cleaned, observatory, released, drafts)


def _notes_declared(
    observatory: Observatory,
    notebooks: Path,
    languages: Sequence[str],
    sheets: Sequence[str] | None,
) -> list[NoteSpec]:
    """Load the notes that an observatory declares; refuse one without words, or a strange sheet."""
    specs = [
        load_note(notebooks / f"{name}.ipynb", languages=languages) for name in observatory.notes
    ]
    need_words(specs, languages)
    need_declared_sheets(observatory, specs, sheets)
    return specs


def _account(
    place: Path,
    cleaned: Sequence[tuple[str, Cleaned]],
    observatory: Observatory,
    released: Released,
    drafts: Sequence[str],
) -> Built:
    """Give account of a build: its folder, the rows read and rejected, what was withheld."""
    report = pd.concat([c.report for _, c in cleaned], ignore_index=True)
    rejected = pd.concat([c.rejected for _, c in cleaned], ignore_index=True)
    warnings = (*warn(observatory, report, rejected, released), *map(_said_of_draft, drafts))
    return Built(place, report, rejected, released.actions, warnings)


def _say_untold(exposure: pd.DataFrame | None, edition: int, say: Progress) -> None:
    """Name the denominators of which the year of the edition is not delivered."""
    for kind in untold_years(exposure, edition):
        say(f"{kind}: nothing is delivered for {edition}; rates of that year are missing")


def _say_past_term(observatory: Observatory, processed: Path, say: Progress) -> None:
    """Name the deliveries whose rows are kept beyond their term; nothing else depends on the day."""
    today = dt.datetime.now(dt.UTC).date()
    for name in past_term(observatory, Registry.of(processed, observatory.name), today):
        say(f"past its term: {name}; erase its rows with `obs forget {name}`")


def _said_of_draft(profile: str) -> str:
    return (
        f"the edition is a draft: profile '{profile}' is not confirmed. Read it, complete it, "
        f"and confirm it with `obs profile confirm {profile}`"
    )
