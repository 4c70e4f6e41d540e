"""Publish a draft: at its announced hour, by someone, whole or not at all.

The pages that were approved are laid out again with their day of publication, checked, and put in
place in one step. Then the ledger takes the counts that readers now know. A run that is killed
leaves a draft, or an edition that the next command completes.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from obs.catalogue import kept_catalogue
from obs.disclosure import Ledger, Released, internal_folder, internal_ledger
from obs.disclosure.ledger.ledger import write_private
from obs.errors import ObsError, PublicationError
from obs.one_writer import one_writer
from obs.open_data import CATALOGUE, issued_catalogue
from obs.pipeline.progress import Progress
from obs.pipeline.publication.draft_edition import DRAFTS, clear_drafts, half_removed, sweep_drafts
from obs.report.checks.check_path import check_publication
from obs.report.edition.drafts import (
    Approval,
    Draft,
    approval_of,
    approve,
    draft_folder,
    drafts_of,
    read_draft,
    released_of,
)
from obs.report.edition.edition_facts import (
    earlier_editions,
    known_answers,
    published_editions,
)
from obs.report.edition.edition_files import OPEN_DATA, write_files
from obs.report.edition.manifest import (
    MANIFEST,
    is_draft,
    is_published,
    read_manifest,
    write_internal_manifest,
)
from obs.report.edition.notices import keep_notices
from obs.report.edition.site import write_site
from obs.report.edition.whole_folders import remove_folder, replaced_folder, sweep
from obs.report.page.content import Page

__all__ = [
    "APPROVALS",
    "Published",
    "approved_manifests",
    "finish_publications",
    "need_ledger",
    "publish",
    "record_approval",
]

APPROVALS = "approvals.csv"  # beside the ledger: who published what, and when
_COLUMNS = ("edition", "published", "approved_by", "manifest")


@dataclass(frozen=True)
class Published:
    """What was published: the folder, the day, who approved it, counts new to readers."""

    folder: Path
    published: dt.date
    approved_by: str
    counts: int


def publish(
    edition: int | str,
    *,
    approved_by: str,
    out: str | Path = "publications",
    processed: str | Path = "data/processed",
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> Published:
    """Publish the draft of an edition, or of an answer.

    Parameters
    ----------
    edition : int or str
        Year of the edition, or number of the answer.
    approved_by : str
        Who approves it; written beside the internal ledger, on no page.
    out : path
        Folder of publications, as given to `build`.
    processed : path
        Folder of internal tables, as given to `build`.
    now : datetime, optional
        The present moment, with its time zone.
    progress : callable, optional
        Told each step in words.

    Returns
    -------
    Published
        The folder, the day of publication, the counts written down in the ledger.

    Raises
    ------
    ObsError
        There is no draft of the edition, or it is published already.
    PublicationError
        Before the announced hour; the draft is damaged, or is not the one that was built; a
        profile is not confirmed; something else was published since. It stays a draft.

    Examples
    --------
    >>> import obs
    >>> obs.publish(2024, approved_by="A. Editor", out="nowhere")
    Traceback (most recent call last):
    obs.errors.ObsError: there is no draft of edition 2024 in 'nowhere': `obs build` makes one.
    """
    say = progress or (lambda _: None)
    out, processed, edition = Path(out), Path(processed), str(edition)
    if not re.fullmatch("[0-9]{1,9}(a[0-9]{1,4})?", edition):
        raise ObsError(
            f"an edition is a year, as 2024, or an answer, as 2024a1, not '{edition[:20]}'."
        )
    if not approved_by.strip():
        raise ObsError("say who approves the edition: obs publish EDITION --by NAME.")
    inside = internal_folder(processed, out)
    finish_publications(out, processed, say)  # also before a refusal
    _find_draft(out, edition)
    if not inside.is_dir():
        raise ObsError(
            f"'{processed.name}' keeps nothing of the publications '{out.name}': name, with --processed, "
            "the folder of internal tables that the draft was built with."
        )
    with one_writer(inside, say=say):
        _finish(out, processed, say)
        place = _find_draft(out, edition)
        draft, pages, released = read_draft(inside, place / MANIFEST, edition)
        moment = _need_hour(pages, draft, now)
        _need_confirmed(draft)
        _need_whole(place, edition)
        ledger = internal_ledger(processed, out)
        need_ledger(ledger, draft, released)
        say(f"publish: edition {edition}, {len(pages)} pages")
        day = moment.date()
        step = _Step(out, place, inside, draft, day, approved_by.strip())
        with kept_catalogue(draft.catalogue):
            _put_in_place(step, [replace(page, published=day) for page in pages], say)
        counts = _finish(out, processed, say)
    return Published(out / edition, day, approved_by.strip(), counts)


def finish_publications(out: Path, processed: Path, say: Progress) -> None:
    """Complete what a killed `obs publish` left: the ledger, the record of approvals, the list."""
    inside = internal_folder(processed, out)
    if any(map(approval_of, drafts_of(inside))) or half_removed(inside):
        with one_writer(inside, say=say):
            _finish(out, processed, say)


@dataclass(frozen=True)
class _Step:
    """What is published, from where, by whom."""

    out: Path
    place: Path
    inside: Path
    draft: Draft
    day: dt.date
    approved_by: str


def _find_draft(out: Path, edition: str) -> Path:
    """Give the public folder of a draft: its own place, else among the drafts."""
    for place in (out / edition, out / DRAFTS / edition):
        if (place / MANIFEST).is_file() and is_draft(read_manifest(place)):
            return place
    if is_published(out / edition):
        day = read_manifest(out / edition).get("published")
        raise ObsError(
            f"edition {edition} is published already{f' ({day})' if day else ''}. To correct it, build "
            f"it again: its draft goes to '{DRAFTS}/{edition}', and `obs publish {edition}` replaces it."
        )
    paths = (*out.glob(f"*/{MANIFEST}"), *out.glob(f"{DRAFTS}/*/{MANIFEST}"))
    there = sorted({p.parent.name for p in paths if not is_published(p.parent)})
    others = f" Drafts there: {', '.join(there)}." if there else ""
    raise ObsError(
        f"there is no draft of edition {edition} in '{out.name}': `obs build` makes one.{others}"
    )


def _need_hour(pages: list[Page], draft: Draft, now: dt.datetime | None) -> dt.datetime:
    """Refuse before the announced hour; give the moment of publication."""
    moment = (now or dt.datetime.now(dt.UTC)).astimezone(ZoneInfo(draft.time_zone or "UTC"))
    announced = pages[0].announced
    if announced and moment < dt.datetime.fromisoformat(announced):
        hour = dt.datetime.fromisoformat(announced)
        raise PublicationError(
            f"edition {draft.edition} is announced for {hour:%Y-%m-%d %H:%M} ({draft.time_zone}), and "
            f"it is {moment:%Y-%m-%d %H:%M}: nothing is published before. To change the hour, change "
            "[[release]] of the observatory and build again."
        )
    return moment


def _need_confirmed(draft: Draft) -> None:
    if draft.unconfirmed:
        names = ", ".join(draft.unconfirmed)
        raise PublicationError(
            f"edition {draft.edition} stays a draft: profile {names} is not confirmed. Read it, "
            f"confirm it with `obs profile confirm {draft.unconfirmed[0]}`, and build again."
        )


def _need_whole(place: Path, edition: str) -> None:
    """Refuse a draft whose public files are not those that were built."""
    faults = check_publication(place)
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise PublicationError(
            f"the draft of edition {edition} is damaged: {'; '.join(map(str, faults[:5]))}{more}. Build "
            "it again."
        )


def need_ledger(ledger: Ledger, draft: Draft, released: Released) -> None:
    """Refuse a draft that was protected against less than readers know by now."""
    mark = draft.accounts.get("ledger")
    then = ledger.as_of(mark)
    if then is None or not ledger.reveals_nothing_new(released, since=len(then)):
        raise PublicationError(
            f"the draft of edition {draft.edition} was protected against the figures known when it was "
            "built, and more were published since: build it again, or ask it again if it is an answer."
        )


def _put_in_place(step: _Step, pages: list[Page], say: Progress) -> None:
    """Lay the edition out aside, check it, write down who approves it, and exchange the folders."""
    folder, edition = step.out / step.draft.edition, step.draft.edition
    own = draft_folder(step.inside, edition, step.place / MANIFEST)
    about = step.draft.about | {
        "above": "../",
        "earlier": earlier_editions(step.out, edition),
        "answers": known_answers(step.out),
        "replaces": _replaced_days(folder, step.day),
    }
    with replaced_folder(folder) as aside:
        sources, commit = step.draft.sources, step.draft.commit
        opened = _open_data(step.place, step.day)
        public = write_files(
            pages, aside, sources=sources, about=about, commit=commit, open_data=opened
        )
        public = keep_notices(folder, aside) or public
        say("checks")
        faults = check_publication(aside)
        if faults:
            raise PublicationError(
                f"edition {edition} is not published: {'; '.join(map(str, faults[:10]))}."
            )
        write_internal_manifest(step.draft.accounts, step.inside, edition=edition, public=public)
        digest = hashlib.sha256(public.read_bytes()).hexdigest()
        approve(own, Approval(edition, step.day.isoformat(), step.approved_by, digest))


def _open_data(place: Path, day: dt.date) -> dict[str, bytes]:
    """Give the open data of a draft, whose files are whole, with their day of publication."""
    top = place / OPEN_DATA
    files = {p.relative_to(top).as_posix(): p for p in sorted(top.rglob("*")) if p.is_file()}
    found = {name: path.read_bytes() for name, path in files.items()}
    if CATALOGUE in found:
        found[CATALOGUE] = issued_catalogue(found[CATALOGUE], day.isoformat())
    return found


def _replaced_days(folder: Path, day: dt.date) -> list[str]:
    """Give the days on which an edition was published before, other than this one."""
    former = [one for one in published_editions(folder.parent) if one["edition"] == folder.name]
    days = [one_day for one in former for one_day in (*one["replaces"], one["published"])]
    return [one for one in dict.fromkeys(days) if one and one != day.isoformat()]


def _finish(out: Path, processed: Path, say: Progress) -> int:
    """Do what is left of every approved draft; give the counts written down."""
    inside, counts = internal_folder(processed, out), 0
    for folder in drafts_of(inside):
        approval = approval_of(folder)
        if approval is None:
            continue
        public = out / approval.edition / MANIFEST
        if not public.is_file() or _digest(public) != approval.manifest:
            continue  # killed before the exchange: it is a draft still
        again = approval.edition in approved_manifests(inside)
        counts += _take_counts(folder, approval, internal_ledger(processed, out), say, again=again)
        _record(inside / APPROVALS, approval)
        _clear_public(out, approval.edition, folder)
        sweep(out / approval.edition)
        write_site(out)
        clear_drafts(out, processed, approval.edition)  # last: the approval goes with the draft
    sweep_drafts(inside)
    return counts


def _take_counts(
    folder: Path, approval: Approval, ledger: Ledger, say: Progress, *, again: bool
) -> int:
    added = ledger.append(released_of(folder), edition=approval.edition, again=again)
    say(f"ledger: {added:,} counts written down")
    return added


def _record(path: Path, approval: Approval) -> None:
    """Add who approved an edition to the record, once."""
    text = path.read_text(encoding="utf-8") if path.exists() else ",".join(_COLUMNS) + "\n"
    if approval.manifest in text:
        return
    line = io.StringIO()
    cells = (approval.edition, approval.published, approval.approved_by, approval.manifest)
    csv.writer(line, lineterminator="\n").writerow(cells)
    write_private(path, (text + line.getvalue()).encode())


def record_approval(inside: Path, public: Path, edition: str, day: dt.date, by: str) -> None:
    """Write down who approved the state of an edition that has a public manifest."""
    _record(inside / APPROVALS, Approval(edition, day.isoformat(), by, _digest(public)))


def approved_manifests(inside: Path) -> dict[str, frozenset[str]]:
    """Give, by edition, the digests of the public manifests that were ever approved."""
    path = inside / APPROVALS
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))) if path.exists() else ()
    known: dict[str, set[str]] = {}
    for row in rows:
        known.setdefault(row["edition"], set()).add(row["manifest"])
    return {edition: frozenset(digests) for edition, digests in known.items()}


def _clear_public(out: Path, edition: str, folder: Path) -> None:
    """Remove the pages of a draft that were published from among the drafts."""
    place = out / DRAFTS / edition
    if (place / MANIFEST).is_file() and folder.name.endswith(_digest(place / MANIFEST)[:16]):
        remove_folder(place)
    sweep(place)
    if place.parent.is_dir() and not any(place.parent.iterdir()):
        place.parent.rmdir()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
