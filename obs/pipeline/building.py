"""Build one edition from raw deliveries to published notes, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from obs.catalogue import own_catalogue
from obs.clean import Cleaned
from obs.disclosure import Released, internal_folder
from obs.display_cards import card
from obs.one_writer import one_writer
from obs.open_data import AboutEdition, make_open_data
from obs.pipeline.accounts import warn, write_processed
from obs.pipeline.notes_folder import notes_folder
from obs.pipeline.progress import Progress
from obs.pipeline.publication.draft_edition import (
    clear_drafts,
    describe_draft,
    keeper,
    place_of_draft,
)
from obs.pipeline.publication.edition_sheets import edition_sheets, need_declared_sheets
from obs.pipeline.publication.solved_edition import Order, SolvedEdition, solve_edition
from obs.pipeline.publication.wanted_edition import (
    chosen_notes,
    need_declared,
    need_folders_apart,
    need_words,
    wanted_languages,
)
from obs.reference import Observatory, load_observatory
from obs.report import (
    Closed,
    NoteSpec,
    Page,
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
    need_folders_apart(raw=Path(raw), out=Path(out), processed=Path(processed))
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
    order = Order(
        observatory=observatory,
        specs=specs,
        rendered=chosen_notes(specs, notes),
        languages=languages,
        sheets=sheets,
        raw=raw,
        out=out,
        notebooks=notebooks,
        processed=processed,
        whole=notes is None and sheets is None and lang is None,
        force=force,
        say=say,
        catalogue=catalogue,
    )
    solved = solve_edition(order, edition)
    if not dry_run:
        folder = edition_folder(processed, observatory.name, solved.edition)
        write_processed(
            folder, solved.words, solved.cleaned, solved.shown, audited=solved.audit_page
        )
    place = place_of_draft(out, solved.edition, dry_run=dry_run)
    _write_draft(order, solved, place)
    return _account(place, solved.cleaned, observatory, solved.released, solved.unconfirmed)


def _write_draft(order: Order, solved: SolvedEdition, place: Path) -> None:
    """Write the pages and the files of a solved edition, checked, and keep them as a draft."""
    say, released = order.say, solved.released
    about, open_data = _around_the_notes(order, solved, place)
    draft = describe_draft(
        order.observatory,
        solved.edition,
        languages=order.languages,
        sources=solved.sources,
        about=about,
        accounts={
            "edition": str(solved.edition),
            "ledger": solved.known.mark,
            "sources": solved.delivered,
        },
        unconfirmed=solved.unconfirmed,
        catalogue=order.catalogue,
    )
    pages = _sheets_of(order, solved)
    inside = internal_folder(order.processed, order.out)
    say(f"render: {len(solved.rendered)} notes in {', '.join(order.languages)}")
    with (
        one_writer(inside, say=say),
        notes_folder(order.observatory.name, solved.edition, solved.words, solved.shown) as own,
    ):
        write_edition(
            [order.notebooks / f"{spec.name}.ipynb" for spec in solved.rendered],
            langs=order.languages,
            edition=solved.edition,
            out=place.parent,
            parameters={"observatory": order.observatory.name, "processed": str(own)},
            sources=solved.sources,
            about=about,
            withheld=hidden_numbers(solved.tables, released),
            small=small_numbers(solved.tables, released),
            keep=keeper(draft, inside, released),
            closed=Closed(
                released.seal, (str(own),), (str(order.raw), str(order.processed.resolve()))
            ),
            sheets=pages,
            open_data=open_data,
            reuse=solved.parts.pages(released, solved.shown, solved.words),
            progress=say,
        )
        clear_drafts(order.out, order.processed, solved.edition)
        solved.parts.sweep(whole=order.whole)
        write_site(order.out, titles=draft.titles)


def _around_the_notes(
    order: Order, solved: SolvedEdition, place: Path
) -> tuple[dict[str, Any], Mapping[str, bytes]]:
    """Give what front pages say beyond the notes, and the files of open data."""
    about = solved.facts | {
        "earlier": earlier_editions(order.out, solved.edition),
        "answers": known_answers(order.out),
        "above": "../" * (1 + (place.parent != order.out)),
    }
    opened = AboutEdition.of(solved.words, order.languages)
    data = partial(make_open_data, solved.released, opened, langs=order.languages)
    about["open_data"], files = solved.parts.open_data(
        solved.released, solved.words, order.languages, data
    )
    return about, files


def _sheets_of(order: Order, solved: SolvedEdition) -> list[Page]:
    """Make the sheets of places that are asked, or take them again; none where none is declared."""
    asked = order.sheets
    if not order.observatory.sheets or not (asked is None or asked):
        return []
    sheet = partial(
        edition_sheets,
        order.observatory,
        solved.released,
        about=solved.words,
        edition=solved.edition,
        langs=order.languages,
        asked=asked,
        say=order.say,
    )
    return solved.parts.sheets(solved.released, solved.words, asked, order.languages, sheet)


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


def _said_of_draft(profile: str) -> str:
    return (
        f"the edition is a draft: profile '{profile}' is not confirmed. Read it, complete it, "
        f"and confirm it with `obs profile confirm {profile}`"
    )
