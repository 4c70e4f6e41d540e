"""Keep what a draft is published from: its pages and released tables, beside the internal ledger.

The public part of a draft lies among publications, for those who approve it. Its internal part is
found by the digest of the public manifest, so that both belong together or are refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from obs.declare.json_files import parse_json
from obs.disclosure import read_released, write_released
from obs.disclosure.ledger.ledger import write_private
from obs.errors import DisclosureError, PublicationError
from obs.private_files import private_files
from obs.report.edition.manifest import MANIFEST
from obs.report.edition.whole_folders import replaced_folder
from obs.report.page.content import Page

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = [
    "Approval",
    "Draft",
    "approval_of",
    "approve",
    "draft_folder",
    "drafts_of",
    "keep_draft",
    "read_draft",
    "released_of",
]

_ABOUT, _PAGES, _TABLES = "draft.json", "pages.json", "released"
_APPROVAL = "approval.json"


@dataclass(frozen=True)
class Draft:
    """What is known of a draft beyond its pages.

    Attributes
    ----------
    edition : str
        Year of the edition.
    observatory : str
        Short name.
    languages : list of str
        Languages of its pages.
    sources : list of dict
        Its deliveries, as its manifest lists them.
    about : dict
        What its front pages say beyond its notes.
    commit : dict or None
        That of the project.
    accounts : dict
        Its internal manifest: the mark of the ledger, the row accounts.
    titles : dict
        Title of the observatory, by language.
    time_zone : str
        Of the observatory.
    unconfirmed : list of str
        Profiles that are drafts themselves.
    catalogue : dict
        Texts of the observatory's own indicators, by name of file: its workbooks name them.
    """

    edition: str
    observatory: str
    languages: list[str]
    sources: list[dict[str, Any]]
    about: dict[str, Any]
    commit: dict[str, Any] | None
    accounts: dict[str, Any]
    titles: dict[str, str]
    time_zone: str = ""
    unconfirmed: list[str] = field(default_factory=list)
    catalogue: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Approval:
    """Who published a draft, on which day, and the digest of the manifest that it then had."""

    edition: str
    published: str
    approved_by: str
    manifest: str


@dataclass(frozen=True)
class _Kept:
    """A draft as its file holds it, with the digest of its pages."""

    draft: Draft
    pages: str


def keep_draft(
    inside: Path, draft: Draft, *, public: Path, pages: Sequence[Page], released: Released
) -> Path:
    """Write the internal part of a draft, for the owner alone.

    `inside` is `obs.disclosure.internal_folder`, `public` the manifest of the public part. Returns
    the folder written.
    """
    folder = draft_folder(inside, draft.edition, public)
    content = _as_json(list(pages))
    kept = _Kept(draft, hashlib.sha256(content).hexdigest())
    with private_files(inside), replaced_folder(folder) as aside:
        (aside / _PAGES).write_bytes(content)
        (aside / _ABOUT).write_bytes(_as_json(kept))
        write_released(released, aside / _TABLES)
    return folder


def read_draft(inside: Path, public: Path, edition: str) -> tuple[Draft, list[Page], Released]:
    """Read the internal part of a draft back.

    `public` is the manifest of its public part. Raises `PublicationError` if it is absent or was
    changed since the draft was built.
    """
    folder = draft_folder(inside, edition, public)
    if not folder.is_dir():
        raise PublicationError(
            f"the draft of edition {edition} is not the one that was built: its {MANIFEST} was "
            "changed, or its internal part is in other internal tables (--processed). Build it again."
        )
    try:
        kept = parse_json((folder / _ABOUT).read_bytes(), _Kept)
        content = (folder / _PAGES).read_bytes()
        if hashlib.sha256(content).hexdigest() != kept.pages:
            raise ValueError("its pages were changed")
        return kept.draft, parse_json(content, list[Page]), released_of(folder)
    except (OSError, ValueError, DisclosureError):
        raise PublicationError(
            f"the internal part of the draft of edition {edition} is damaged: build it again."
        ) from None


def released_of(folder: Path) -> Released:
    """Read the released tables of a draft from its internal part."""
    return read_released(folder / _TABLES)


def drafts_of(inside: Path, edition: str = "*") -> list[Path]:
    """List the internal parts of drafts, of one edition or of all."""
    return sorted(p for p in inside.glob(f"draft-{edition}-*") if p.is_dir())


def approve(folder: Path, approval: Approval) -> None:
    """Write who publishes a draft into its internal part, before it is published."""
    write_private(folder / _APPROVAL, _as_json(approval))


def approval_of(folder: Path) -> Approval | None:
    """Read who publishes a draft; None as long as nobody does, or if the file is not whole."""
    try:
        return parse_json((folder / _APPROVAL).read_bytes(), Approval)
    except (OSError, ValueError):
        return None


def draft_folder(inside: Path, edition: str, public: Path) -> Path:
    """Give the folder of the internal part of a draft, which its public manifest names."""
    digest = hashlib.sha256(public.read_bytes()).hexdigest()
    return inside / f"draft-{edition}-{digest[:16]}"


def _as_json(value: Any) -> bytes:
    from pydantic_core import to_json

    return to_json(value, indent=1)
