"""Put a built edition aside as a draft: where its pages go, and what it is published from.

A draft takes the place of an edition that was never published. One of an edition that is published,
or of a dry run, goes to the folder of drafts: what readers have stays as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from obs.disclosure import Released, internal_folder
from obs.reference import Observatory
from obs.report.edition.drafts import Draft, draft_folder, drafts_of, keep_draft
from obs.report.edition.manifest import (
    MANIFEST,
    internal_manifest_path,
    is_published,
    write_internal_manifest,
)
from obs.report.edition.whole_folders import remove_folder
from obs.report.page.content import Page

__all__ = [
    "DRAFTS",
    "clear_drafts",
    "describe_draft",
    "half_removed",
    "keeper",
    "place_of_draft",
    "sweep_drafts",
]

DRAFTS = "drafts"  # beside the editions


def place_of_draft(out: Path, edition: int | str, *, dry_run: bool = False) -> Path:
    """Give the folder for the pages of a draft."""
    place = out / str(edition)
    return out / DRAFTS / str(edition) if dry_run or is_published(place) else place


def describe_draft(
    observatory: Observatory,
    edition: int | str,
    *,
    languages: Sequence[str],
    sources: list[dict[str, Any]],
    about: dict[str, Any],
    accounts: dict[str, Any],
    unconfirmed: Sequence[str],
    catalogue: Mapping[str, str],
) -> Draft:
    """Say what a draft is, as `obs publish` needs it; the commit is known once it is written."""
    return Draft(
        edition=str(edition),
        observatory=observatory.name,
        languages=list(languages),
        sources=sources,
        about=about,
        commit=None,
        accounts=accounts,
        titles={lang: observatory.title[lang] for lang in languages},
        time_zone=observatory.time_zone,
        unconfirmed=list(unconfirmed),
        catalogue=dict(catalogue),
    )


def keeper(
    draft: Draft, inside: Path, released: Released
) -> Callable[[Path, list[Page], dict[str, Any] | None], None]:
    """Give what `write_edition` calls to keep the internal part of a draft."""

    def keep(public: Path, pages: list[Page], commit: dict[str, Any] | None) -> None:
        write_internal_manifest(draft.accounts, inside, edition=draft.edition, public=public)
        whole = replace(draft, commit=commit)
        keep_draft(inside, whole, public=public, pages=pages, released=released)

    return keep


def clear_drafts(out: Path, processed: Path, edition: int | str) -> None:
    """Remove what is kept of drafts whose pages were replaced or published."""
    inside = internal_folder(processed, out)
    places = [out / str(edition), out / DRAFTS / str(edition)]
    manifests = [place / MANIFEST for place in places if (place / MANIFEST).is_file()]
    kept = {draft_folder(inside, str(edition), path) for path in manifests}
    named = {internal_manifest_path(inside, str(edition), path) for path in manifests}
    for folder in drafts_of(inside, str(edition)):
        if folder not in kept:
            digest = folder.name.rsplit("-", 1)[-1]
            own = inside / f"manifest-{edition}-{digest}.json"
            if own not in named:
                own.unlink(missing_ok=True)
            remove_folder(folder)
    sweep_drafts(inside)


def half_removed(inside: Path) -> list[Path]:
    """List what killed runs left of drafts that they wrote or removed."""
    return list(inside.glob(".draft-*"))


def sweep_drafts(inside: Path) -> None:
    """Remove what killed runs left of drafts."""
    for path in half_removed(inside):
        shutil.rmtree(path, ignore_errors=True)
