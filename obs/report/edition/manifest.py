"""Write the manifests of an edition: the public one, and the internal one of its accounts.

Neither holds a clock time or a path of the machine, so that the same inputs give the same bytes.
The public one holds nothing that depends on what is withheld: no digest of a delivery, of the
ledger or of the actions of disclosure control, against which few counts could be tried out, and
no number of rows. These stand in the internal one, found by the digest of the public one.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any

from obs.declare.json_files import parse_json
from obs.disclosure.ledger.ledger import write_private
from obs.errors import PublicationError
from obs.report.page.content import Page

__all__ = [
    "MANIFEST",
    "describe_commit",
    "file_digests",
    "internal_manifest_path",
    "is_draft",
    "is_published",
    "make_manifest",
    "read_internal_manifest",
    "read_manifest",
    "write_internal_manifest",
    "write_manifest",
]

MANIFEST = "manifest.json"
DRAFT, PUBLISHED = "draft", "published"  # states of an edition
_OF_A_SOURCE = (
    *("source", "file", "profile", "title", "attribution", "licence", "synthetic"),
    *("extracted", "covered_from", "covered_to", "coverage", "hmac", "key", "supplier"),
)


@dataclass(frozen=True)
class _Version:
    """A note in one language."""

    numbers: list[dict[str, Any]] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Shape:
    """What every reader of a manifest relies on; an edition without notes lacks some of it."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, dict[str, _Version]] = field(default_factory=dict)
    sheets: dict[str, dict[str, _Version]] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    observatory: dict[str, str] = field(default_factory=dict)
    edition: str | None = None


def make_manifest(
    pages: Sequence[Page],
    folder: Path,
    *,
    sources: Iterable[Mapping[str, Any]] = (),
    commit: Mapping[str, Any] | None = None,
    replaces: Sequence[str] = (),
) -> dict[str, Any]:
    """Describe an edition that was written in a folder, for its readers.

    `replaces` are the days on which it was published before. Returns edition, published, synthetic, languages, commit, versions, rules, sources (what
    identifies them, no number of rows), notes (with their bound numbers), files (with size and
    sha256). Raises `PublicationError` if
    there is no page, or pages are of several editions.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.edition.manifest import make_manifest
    >>> make_manifest([], Path("."))
    Traceback (most recent call last):
    obs.errors.PublicationError: an edition has at least one note.
    """
    if not pages:
        raise PublicationError("an edition has at least one note.")
    editions = {page.edition for page in pages}
    if len(editions) > 1:
        raise PublicationError(f"the pages are of several editions: {', '.join(sorted(editions))}.")
    return {
        "edition": pages[0].edition,
        "state": DRAFT if pages[0].draft else PUBLISHED,
        "name": pages[0].permanent_name or None,
        "announced": pages[0].announced or None,
        "published": pages[0].published.isoformat() if pages[0].published else None,
        "replaces": list(replaces),
        "observatory": {page.lang: page.observatory for page in pages},
        "synthetic": any(page.synthetic for page in pages),
        "languages": list(dict.fromkeys(page.lang for page in pages)),
        "commit": dict(commit) if commit else None,
        "versions": _versions(),
        "rules": sorted({e.block["status"]["rule"] for page in pages for e in page.exhibits}),
        "sources": [_public_source(source) for source in sources],
        "notes": _notes([page for page in pages if not page.folder]),
        "sheets": _notes([page for page in pages if page.folder]),
        "files": file_digests(folder),
    }


def write_manifest(manifest: Mapping[str, Any], folder: Path) -> Path:
    """Write a manifest into its edition.

    Returns the file written.
    """
    path = folder / MANIFEST
    path.write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n",
        encoding="utf-8",
    )
    return path


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of an edition.

    Returns a dict as `make_manifest` made it. Raises `PublicationError` if it is absent, is not
    JSON, or is not of that shape.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.edition.manifest import read_manifest
    >>> read_manifest(Path("nowhere"))
    Traceback (most recent call last):
    obs.errors.PublicationError: 'nowhere' has no manifest.json that can be read.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError:
        raise PublicationError(f"'{folder.name}' has no {MANIFEST} that can be read.") from None
    try:
        parse_json(content, _Shape)
        return parse_json(content, dict[str, Any])
    except ValueError as fault:
        raise PublicationError(
            f"'{folder.name}' has no {MANIFEST} that can be read: {fault}."
        ) from None


def is_draft(manifest: Mapping[str, Any]) -> bool:
    """Tell whether a manifest is that of a draft, which was never published.

    Examples
    --------
    >>> from obs.report.edition.manifest import is_draft
    >>> is_draft({"state": "draft"}), is_draft({"state": "published"}), is_draft({})
    (True, False, False)
    """
    return manifest.get("state") == DRAFT


def is_published(folder: Path) -> bool:
    """Tell whether a folder holds an edition that was published: not a draft, not nothing.

    One whose manifest cannot be read was published: it is never taken for a draft.
    """
    if not (folder / MANIFEST).is_file():
        return False
    try:
        return not is_draft(read_manifest(folder))
    except PublicationError:
        return True


def write_internal_manifest(
    accounts: Mapping[str, Any], folder: Path, *, edition: str, public: Path
) -> Path:
    """Write what an edition was made from, beside its internal ledger, for the owner alone.

    Several may stand there, one for each state in which the edition was published. Returns the
    file written.
    """
    text = json.dumps(accounts, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    path = internal_manifest_path(folder, edition, public)
    write_private(path, f"{text}\n".encode())
    return path


def read_internal_manifest(folder: Path, edition: Path) -> dict[str, Any] | None:
    """Read what a published edition was made from; None if it was not kept.

    `folder` is `obs.disclosure.ledger.internal_folder`; it is found by the public manifest, of
    which one changed byte finds nothing.
    """
    try:
        path = internal_manifest_path(folder, edition.name, edition / MANIFEST)
        return parse_json(path.read_bytes(), dict[str, Any])
    except (OSError, ValueError):
        return None


def internal_manifest_path(folder: Path, edition: str, public: Path) -> Path:
    """Give the file of the internal manifest that belongs to a public one."""
    digest = hashlib.sha256(public.read_bytes()).hexdigest()
    return folder / f"manifest-{edition}-{digest[:16]}.json"


def describe_commit(folder: Path) -> dict[str, Any] | None:
    """Say which commit of the project a folder is at.

    Returns `id`, and `dirty` when a tracked file differs from it; None outside a checkout.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.edition.manifest import describe_commit
    >>> describe_commit(Path("/")) is None
    True
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"id": commit, "dirty": bool(changed)}


def _git(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _versions() -> dict[str, str]:
    needed = metadata.requires("obs") or []
    names = {re.split(r"[^A-Za-z0-9._-]", need)[0] for need in needed if "extra ==" not in need}
    found = {name: metadata.version(name) for name in sorted(names | {"obs"})}
    return {"python": platform.python_version(), **found}


def _public_source(source: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what identifies a source, its file by name and not by place."""
    return {
        k: PurePath(str(v)).name if k == "file" else v
        for k, v in sorted(source.items())
        if k in _OF_A_SOURCE
    }


def _notes(pages: Sequence[Page]) -> dict[str, Any]:
    notes: dict[str, Any] = {}
    for page in pages:
        notes.setdefault(page.stem.rpartition(".")[0], {})[page.lang] = {
            "title": page.title,
            "parameters": {k: v for k, v in page.parameters.items() if not _is_place(v)},
            "blocks": [e.block["id"] for e in page.exhibits],
            "numbers": list(page.numbers),
        }
    return notes


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and PurePath(value).is_absolute()


def file_digests(folder: Path) -> dict[str, dict[str, Any]]:
    """Give the size and the digest of every file of an edition but its manifest."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in paths
    }
