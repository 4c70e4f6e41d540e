"""Release an edition against the ledger of what was published before.

An edition is solved against what was known when it was last built, and stays as it is if it
reveals nothing new; otherwise against all that was ever published, its own former figures
included. Its counts are recorded once `obs publish` has published it whole, never those of a draft.
What a killed run did not record is read from the edition by the next run, if its files are those
of its manifest, and its manifest the one that was approved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from obs.disclosure import Ledger, Released, internal_folder, internal_ledger, release
from obs.errors import DisclosureError
from obs.pipeline.progress import Progress
from obs.pipeline.publication.publish_edition import approved_manifests
from obs.pipeline.reuse.kept_stages import BuildParts
from obs.reference import Territory
from obs.report.checks.check_path import manifest_faults
from obs.report.edition.manifest import (
    MANIFEST,
    is_published,
    read_internal_manifest,
    read_manifest,
)

__all__ = ["complete_ledger", "open_ledger", "solve"]


def open_ledger(out: Path, processed: Path, say: Progress) -> Ledger:
    """Open the ledger of a folder of publications, completed with what they show and it lacks."""
    ledger = internal_ledger(processed, out)
    if any(is_published(path.parent) for path in out.glob(f"*/{MANIFEST}")):
        added = complete_ledger(ledger, out)
        if added:
            say(f"ledger: {added:,} counts read from editions already published")
    return ledger


def complete_ledger(ledger: Ledger, out: Path) -> int:
    """Write down what editions show and a ledger lacks; give the number of lines added.

    Raises `DisclosureError`, and adds nothing, if an edition was changed since it was published.
    """
    approved = approved_manifests(ledger.path.parent)
    for public in sorted(out.glob(f"*/{MANIFEST}")):
        if is_published(public.parent):
            _need_unchanged(public, approved.get(public.parent.name, frozenset()))
    return ledger.rebuild(out)


def _need_unchanged(public: Path, approved: Collection[str]) -> None:
    """Refuse an edition whose pages, manifest and record of approval disagree."""
    faults = [*map(str, manifest_faults(public.parent, read_manifest(public.parent)))]
    if approved and hashlib.sha256(public.read_bytes()).hexdigest() not in approved:
        faults.append(f"{MANIFEST}: is none that was approved")
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise DisclosureError(
            f"edition {public.parent.name} was changed since it was published, and the ledger takes "
            f"nothing from it: {'; '.join(faults[:5])}{more}. Put its folder back from a copy, or "
            "remove it, build it again and publish it."
        )


def solve(
    tables: Mapping[str, pd.DataFrame],
    *,
    rule: str,
    territory: Territory,
    ledger: Ledger,
    published: Path,
    processed: Path,
    say: Progress,
    parts: BuildParts,
) -> tuple[Released, Ledger]:
    """Release the tables of an edition; give it with the ledger that it was solved against.

    What `parts` keep of the same tables and the same ledger is taken again; whether it reveals
    something new beside what was published since is always asked.
    """
    then = ledger.as_of(_mark_of(published, processed))
    known = ledger if then is None else then
    solved = partial(release, tables, rule=rule, territory=territory)
    released = parts.released("release", known.mark, partial(solved, ledger=known))
    if not ledger.reveals_nothing_new(released, since=len(known)):
        say("release: again, against the figures of this edition published before")
        known = ledger
        released = parts.released("release-again", known.mark, partial(solved, ledger=known))
    return released, known


def _mark_of(published: Path, processed: Path) -> Any:
    """Read what the edition now published was solved against, if that was kept."""
    kept = read_internal_manifest(internal_folder(processed, published.parent), published)
    return (kept or {}).get("ledger")
