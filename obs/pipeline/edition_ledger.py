"""Release an edition against the ledger of what was published before.

An edition is solved against what was known when it was last built, and stays as it is if it
reveals nothing new; otherwise against all that was ever published, its own former figures
included. Its counts are recorded once `obs publish` has published it whole, never those of a draft.
What a killed run did not record is read from the edition by the next run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from obs.disclosure import Ledger, Released, internal_folder, internal_ledger, release
from obs.pipeline.progress import Progress
from obs.reference import Territory
from obs.report.edition.manifest import MANIFEST, is_published, read_internal_manifest

__all__ = ["open_ledger", "solve"]


def open_ledger(out: Path, processed: Path, say: Progress) -> Ledger:
    """Open the ledger of a folder of publications, completed with what they show and it lacks."""
    ledger = internal_ledger(processed, out)
    if any(is_published(path.parent) for path in out.glob(f"*/{MANIFEST}")):
        added = ledger.rebuild(out)
        if added:
            say(f"ledger: {added:,} counts read from editions already published")
    return ledger


def solve(
    tables: Mapping[str, pd.DataFrame],
    *,
    rule: str,
    territory: Territory,
    ledger: Ledger,
    published: Path,
    processed: Path,
    say: Progress,
) -> tuple[Released, Ledger]:
    """Release the tables of an edition; give it with the ledger that it was solved against."""
    then = ledger.as_of(_mark_of(published, processed))
    known = ledger if then is None else then
    released = release(tables, rule=rule, territory=territory, ledger=known)
    if not ledger.reveals_nothing_new(released, since=len(known)):
        say("release: again, against the figures of this edition published before")
        known = ledger
        released = release(tables, rule=rule, territory=territory, ledger=known)
    return released, known


def _mark_of(published: Path, processed: Path) -> Any:
    """Read what the edition now published was solved against, if that was kept."""
    kept = read_internal_manifest(internal_folder(processed, published.parent), published)
    return (kept or {}).get("ledger")
