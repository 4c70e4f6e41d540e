"""Rebuild a published edition from its deliveries, and say what differs and since which input.

The rebuilding happens in a folder of its own, with copies of the register of deliveries and of the
ledger; nothing that is published or kept is changed. An edition is solved again against the figures
that were known when it was built.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from obs.disclosure import internal_folder
from obs.errors import ObsError
from obs.pipeline.building import build
from obs.pipeline.progress import Progress
from obs.pipeline.proof.compared_editions import Verified, compare_editions
from obs.pipeline.publication.publish_edition import publish
from obs.private_files import private_files
from obs.reference import load_observatory
from obs.report.edition.edition_facts import published_editions
from obs.report.edition.manifest import (
    MANIFEST,
    is_published,
    read_internal_manifest,
    read_manifest,
)

__all__ = ["verify"]

_OUT, _INSIDE = "publications", "internal"  # folders of the copies


def verify(
    edition: int | str,
    *,
    config: str | Path | None = None,
    raw: str | Path = "data/raw",
    out: str | Path = "publications",
    notebooks: str | Path = "notebooks",
    processed: str | Path = "data/processed",
    progress: Progress | None = None,
) -> Verified:
    """Rebuild a published edition from its deliveries and compare it with what was published.

    Parameters
    ----------
    edition : int or str
        Year of the edition.
    config, raw, out, notebooks, processed
        As of `obs.build`; none of them is changed.
    progress : callable, optional
        Told each step in words.

    Returns
    -------
    Verified
        Files and figures that differ, and the inputs that do.

    Raises
    ------
    ObsError
        The edition is not published, or what it was made from was not kept.

    Examples
    --------
    >>> from obs.pipeline.proof.verify_edition import verify
    >>> verify(2024, out="nowhere")
    Traceback (most recent call last):
    obs.errors.ObsError: there is no published edition 2024 in 'nowhere'.
    """
    out, processed, edition = Path(out), Path(processed), str(edition)
    place = out / edition
    if not is_published(place):
        raise ObsError(f"there is no published edition {edition} in '{out.name}'.")
    accounts = read_internal_manifest(internal_folder(processed, out), place)
    if accounts is None:
        raise ObsError(
            f"what edition {edition} was made from is not kept in '{processed.name}': its manifest was "
            "changed, or its internal tables are elsewhere (--processed)."
        )
    say = progress or (lambda _: None)
    observatory = load_observatory(config)
    with tempfile.TemporaryDirectory(prefix="verify-") as scratch, private_files():
        top = Path(scratch)
        _copy_state(top, out, processed, edition)
        _rebuild(
            top,
            read_manifest(place),
            config=config,
            raw=Path(raw),
            notebooks=Path(notebooks),
            zone=observatory.time_zone or "UTC",
            say=say,
        )
        rebuilt = top / _OUT / edition
        inside = internal_folder(top / _INSIDE, rebuilt.parent)
        return compare_editions(
            place,
            rebuilt,
            accounts=accounts,
            accounts_now=read_internal_manifest(inside, rebuilt) or {},
        )


def _copy_state(top: Path, out: Path, processed: Path, edition: str) -> None:
    """Copy the edition, those before it, the register of deliveries and what is kept of them."""
    there = top / _OUT
    there.mkdir()
    known = {str(one["edition"]): str(one["published"]) for one in published_editions(out)}
    for path in sorted(out.glob(f"*/{MANIFEST}")):
        name = path.parent.name
        if name == edition:
            shutil.copytree(path.parent, there / name)
        elif is_published(path.parent) and known.get(name, "") <= known[edition]:
            (there / name).symlink_to(path.parent.resolve())
    inside, own = internal_folder(processed, out), top / _INSIDE
    kept = internal_folder(own, there)
    shutil.copytree(inside, kept, ignore=shutil.ignore_patterns("draft-*", "*.lock"))
    for path in sorted(processed.iterdir()):
        if path.name == inside.parent.name or not path.is_dir():
            continue
        for part in ("registry", "observatory.key"):
            if (path / part).is_dir():
                shutil.copytree(path / part, own / path.name / part, copy_function=_link)
            elif (path / part).is_file():
                (own / path.name).mkdir(parents=True, exist_ok=True)
                shutil.copy2(path / part, own / path.name / part)


def _link(source: str, target: str) -> None:
    """Take a file over without its bytes where the disk can: tidy tables never change."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _rebuild(
    top: Path,
    manifest: Mapping[str, Any],
    *,
    config: str | Path | None,
    raw: Path,
    notebooks: Path,
    zone: str,
    say: Progress,
) -> None:
    """Build and publish the edition again, as of its day, in the folder of copies."""
    out, processed = top / _OUT, top / _INSIDE
    build(
        config=config,
        raw=raw,
        out=out,
        edition=int(manifest["edition"]),
        lang=manifest["languages"],
        notes=list(manifest["notes"]),
        sheets=[name.rpartition("/")[2] for name in manifest["sheets"]],
        notebooks=notebooks,
        processed=processed,
        progress=say,
    )
    day = dt.date.fromisoformat(manifest["published"])
    moment = dt.datetime.combine(day, dt.time(23, 59), tzinfo=ZoneInfo(zone))
    publish(
        manifest["edition"],
        approved_by="verification",
        out=out,
        processed=processed,
        now=moment,
        progress=say,
    )
