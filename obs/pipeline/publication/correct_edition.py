"""Issue a notice of correction on a published edition or answer; what was published stays as it is.

The right values are those of the draft that corrects the edition, so that disclosure control has
seen them. The notice is put in place in one step, with the record of who approved it; the ledger
takes its counts.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from obs.catalogue import own_catalogue
from obs.declare import did_you_mean
from obs.disclosure import Released, internal_folder, internal_ledger
from obs.disclosure.ledger.published_counts import pandas_period
from obs.errors import ObsError, PublicationError
from obs.locale import words
from obs.one_writer import one_writer
from obs.pipeline.progress import Progress
from obs.pipeline.publication.draft_edition import DRAFTS
from obs.pipeline.publication.notice_file import NoticeFile, NoticeValue, read_notice
from obs.pipeline.publication.publish_edition import (
    finish_publications,
    need_ledger,
    record_approval,
)
from obs.reference import Observatory, load_observatory
from obs.report.checks.check_path import check_publication
from obs.report.edition.drafts import read_draft
from obs.report.edition.manifest import (
    MANIFEST,
    is_published,
    read_internal_manifest,
    read_manifest,
    write_internal_manifest,
)
from obs.report.edition.notices import add_notice, notices_of
from obs.report.edition.site import write_site
from obs.report.edition.whole_folders import replaced_folder
from obs.report.notice.notice_page import RightValue, notice_page
from obs.report.page.content import ANSWER, Page
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["Corrected", "correct_edition"]


@dataclass(frozen=True)
class Corrected:
    """A notice that was issued: its number, its page in each language, its day, who approved it."""

    number: int
    pages: tuple[Path, ...]
    published: dt.date
    approved_by: str


def correct_edition(
    edition: int | str,
    notice: str | Path,
    *,
    approved_by: str,
    config: str | Path | None = None,
    out: str | Path = "publications",
    processed: str | Path = "data/processed",
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> Corrected:
    """Issue a notice of correction on a published edition or answer.

    Parameters
    ----------
    edition : int or str
        Year of the edition, or number of the answer.
    notice : path
        TOML of the notice (see `obs.pipeline.publication.notice_file.NoticeFile`).
    approved_by : str
        Who approves it; written beside the internal ledger, on no page.
    config : path, optional
        The observatory's TOML; the Brussels one by default.
    out, processed : path
        As in `publish`.
    now : datetime, optional
        The present moment, with its time zone.
    progress : callable, optional
        Told each step in words.

    Returns
    -------
    Corrected
        The number of the notice and its pages.

    Raises
    ------
    ObsError
        There is no such edition, page or figure, the notice has faults, or a right value is in no
        draft. Nothing is changed.
    PublicationError
        The edition was changed since it was published, or a check refuses the notice.
    """
    say: Progress = progress or (lambda _: None)
    observatory, out, processed = load_observatory(config), Path(out), Path(processed)
    folder = out / str(edition)
    if not approved_by.strip():
        raise ObsError("say who approves the notice: obs correct EDITION NOTICE --by NAME.")
    inside = internal_folder(processed, out)
    declared = read_notice(Path(notice))
    with own_catalogue(observatory.catalogue_dir), one_writer(inside, say=say):
        finish_publications(out, processed, say)
        _need_published(folder)
        manifest = read_manifest(folder)
        values, shown = _right_values(declared, folder, out, processed)
        moment = (now or dt.datetime.now(dt.UTC)).astimezone(
            ZoneInfo(observatory.time_zone or "UTC")
        )
        told = _told(declared, folder, manifest, moment.date())
        pages = _pages(told, values, manifest, observatory, folder.name, moment.date())
        say(f"correct: notice {told['number']} on {folder.name}")
        with replaced_folder(folder) as aside:
            shutil.copytree(folder, aside, dirs_exist_ok=True)
            public = add_notice(aside, told, pages)
            faults = check_publication(aside)
            if faults:
                raise PublicationError(
                    f"the notice is not published: {'; '.join(map(str, faults[:5]))}."
                )
            accounts = read_internal_manifest(inside, folder) or {"edition": folder.name}
            write_internal_manifest(accounts, inside, edition=folder.name, public=public)
            record_approval(inside, public, folder.name, moment.date(), approved_by.strip())
            ledger = internal_ledger(processed, out)
            for rows in shown:
                ledger.append(rows, edition=folder.name)
        write_site(out, titles=observatory.title)
    made = tuple(folder / f"{page.stem}.html" for page in pages)
    return Corrected(told["number"], made, moment.date(), approved_by.strip())


def _need_published(folder: Path) -> None:
    """Refuse what is no published edition, and one that was changed since."""
    if not is_published(folder):
        there = sorted(p.parent.name for p in folder.parent.glob(f"*/{MANIFEST}"))
        raise ObsError(
            f"there is no published edition '{folder.name[:20]}' in '{folder.parent.name}'"
            f"{did_you_mean(folder.name, there)}; a draft is corrected by building it again."
        )
    faults = check_publication(folder)
    if faults:
        raise PublicationError(
            f"edition {folder.name} is not as it was published, and no notice is added to it: "
            f"{'; '.join(map(str, faults[:5]))}."
        )


def _right_values(
    notice: NoticeFile, folder: Path, out: Path, processed: Path
) -> tuple[list[RightValue], list[Released]]:
    """Find each right value in the draft that corrects the edition, and what was published."""
    if not notice.value:
        return [], []
    place = out / DRAFTS / folder.name
    if not (place / MANIFEST).is_file():
        raise ObsError(
            f"there is no draft that corrects {folder.name}: its right values are those of a draft. Run "
            f"`obs build` with the corrected deliveries (it goes to '{DRAFTS}/{folder.name}'), or "
            "withdraw the figure (withdrawn = true)."
        )
    draft, _, released = read_draft(internal_folder(processed, out), place / MANIFEST, folder.name)
    need_ledger(internal_ledger(processed, out), draft, released)
    data = _published_rows(folder)
    found = [_right_value(value, released, data) for value in notice.value]
    return found, [value.row for value in found]


def _right_value(
    value: NoticeValue, released: Released, data: Sequence[Mapping[str, str]]
) -> RightValue:
    key = {
        "indicator": value.indicator,
        "territory": value.territory,
        "period": pandas_period(value.period),
        **value.breakdown,
    }
    row = _released_row(released, key)
    shown = [one for one in data if _is_of(one, {**key, "period": value.period}, row)]
    if not shown:
        raise ObsError(
            f"the edition shows no figure {', '.join(f'{k}={v}' for k, v in key.items())}: a notice "
            "corrects what was published."
        )
    count, number = shown[0].get("numerator"), shown[0].get("value")
    return RightValue(row, int(count) if count else None, float(number) if number else None)


def _released_row(released: Released, key: Mapping[str, str]) -> Released:
    """Choose the one row of a draft with a key, of a table without further breakdowns."""
    for name in released.names:
        table = released[name].table
        others = {c: ALL for c in BREAKDOWNS if c in table and c not in key}
        wanted = {**key, **others}
        if "change" in table or not set(wanted) <= set(table.columns):
            continue
        rows = table
        for column, code in wanted.items():
            rows = rows[rows[column].astype("str") == code]
        if len(rows) == 1 and rows["value"].notna().all():
            return released.select(table=name, **wanted)
    raise ObsError(
        f"the draft publishes no figure {', '.join(f'{k}={v}' for k, v in key.items())}; see its data "
        "files, or withdraw the figure (withdrawn = true)."
    )


def _published_rows(folder: Path) -> list[dict[str, str]]:
    """Read every row of the data files of an edition that has a key."""
    rows: list[dict[str, str]] = []
    for path in sorted((folder / "data").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [row for row in csv.DictReader(file) if "indicator" in row and "value" in row]
    return rows


def _is_of(row: Mapping[str, str], key: Mapping[str, str], released: Released) -> bool:
    """Tell whether a published row has a key, and is of no other category or measure."""
    same = all(row.get(column, "") == code for column, code in key.items())
    others = all(row.get(c, ALL) in ("", ALL) for c in BREAKDOWNS if c not in key)
    scale = str(released.table["scale"].iloc[0])
    return same and others and row.get("scale", scale) == scale


def _told(
    notice: NoticeFile, folder: Path, manifest: Mapping[str, Any], day: dt.date
) -> dict[str, Any]:
    """Say what the manifest lists of the notice; refuse a page, figure or language that is not there."""
    langs = [str(lang) for lang in manifest["languages"]]
    absent = [lang for lang in langs if lang not in notice.wrong]
    if absent:
        raise ObsError(
            f"the notice does not say what was wrong in {', '.join(absent)} (key 'wrong')."
        )
    pages = {**manifest.get("notes", {}), **manifest.get("sheets", {})}
    known = [*pages, *(name for name in manifest["files"] if name.startswith("data/"))]
    if notice.page not in known:
        raise ObsError(
            f"the edition has no page '{notice.page}'{did_you_mean(notice.page, known)}; pages: "
            f"{', '.join(list(pages)[:8])}."
        )
    blocks = {b for version in pages.get(notice.page, {}).values() for b in version["blocks"]}
    if notice.figure and notice.figure not in blocks:
        raise ObsError(
            f"'{notice.page}' has no figure '{notice.figure}'{did_you_mean(notice.figure, sorted(blocks))}; "
            f"figures: {', '.join(sorted(blocks)) or 'none'}."
        )
    return {
        "number": len(notices_of(folder)) + 1,
        "published": day.isoformat(),
        "page": notice.page,
        "figure": notice.figure,
        "withdrawn": notice.withdrawn,
        "wrong": {lang: notice.wrong[lang] for lang in langs},
        "where": {lang: _where(notice, folder, pages, lang) for lang in langs},
    }


def _where(notice: NoticeFile, folder: Path, pages: Mapping[str, Any], lang: str) -> str:
    """Name the page, and the figure by its label and title."""
    if notice.page not in pages:
        return Path(notice.page).name
    title = str(pages[notice.page][lang]["title"])
    if not notice.figure:
        return title
    text = (folder / f"{notice.page}.{lang}.html").read_text(encoding="utf-8")
    start = text.find(f'id="{notice.figure}"')
    label = re.search(r'<span class="number">(.*?)</span>', text[start:]) if start >= 0 else None
    return f"{title} – {html.unescape(label[1])}" if label else title


def _pages(
    told: Mapping[str, Any],
    values: Sequence[RightValue],
    manifest: Mapping[str, Any],
    observatory: Observatory,
    edition: str,
    day: dt.date,
) -> list[Page]:
    key = "answer.numbered" if manifest.get("kind") == ANSWER else "page.edition"
    about = {
        "observatory": manifest.get("observatory", {}),
        "synthetic": manifest.get("synthetic", False),
        "publisher": observatory.publisher,
        "contact": observatory.contact,
        "licence": observatory.licence,
        "permanent_name": manifest.get("name") or "",
    }
    return [
        notice_page(
            number=told["number"],
            lang=lang,
            edition=edition,
            numbered=words(lang).say(key, edition=edition),
            where=told["where"][lang],
            wrong=told["wrong"][lang],
            values=values,
            about=about,
            published=day,
        )
        for lang in manifest["languages"]
    ]
