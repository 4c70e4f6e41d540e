"""Check a publication, and list all faults at once.

Checks read the files alone: the manifest, the pages, the data, the PDFs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf

from obs.errors import ObsError
from obs.locale import languages
from obs.report.checks.data_checks import data_faults, found_secrets, searchable
from obs.report.checks.document_checks import document_faults
from obs.report.checks.faults import Fault
from obs.report.checks.html_checks import drawn_places, html_faults, readable_text
from obs.report.checks.language_tables import table_differences
from obs.report.checks.ledger_checks import ledger_faults
from obs.report.checks.manifest_texts import manifest_text, withheld_values
from obs.report.checks.notebook_checks import check_notebook
from obs.report.checks.open_data_checks import (
    described_texts,
    message_text,
    open_data_faults,
    parquet_text,
)
from obs.report.checks.pdf_checks import attachments, pdf_faults
from obs.report.checks.small_secrets import Secret, tell_secrets
from obs.report.checks.sound_files import SoundFiles
from obs.report.checks.workbook_checks import workbook_faults, workbook_text
from obs.report.edition.edition_files import DATA, OPEN_DATA
from obs.report.edition.manifest import MANIFEST, is_published, read_manifest

__all__ = ["Fault", "check_notebook", "check_path", "check_publication"]

_LONG = 4  # decimals: drawings have two
_TEXTS = {  # what is read of a file for withheld numbers
    ".xlsx": workbook_text,
    ".parquet": parquet_text,
    ".xml": message_text,
    ".json": described_texts,
    ".jsonld": described_texts,
}
_VALUE_FILTERS = {
    "count",
    "measure",
    "respondents",
    "detectable",
    "n",
    "rate",
    "pct",
    "points",
    "change",
    "per_day",
    "interval",
    "verdict",
}


def check_path(path: Path, *, processed: Path = Path("data/processed")) -> list[Fault]:
    """Check what a path holds: a notebook, a folder of notebooks, or a published edition.

    `processed` is the folder of internal tables: the ledger there is compared with the editions,
    where it is kept. The list is empty when all is well. Raises `ObsError` if there is nothing of these at the
    path.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.checks.check_path import check_path
    >>> check_path(Path("nowhere"))
    Traceback (most recent call last):
    obs.errors.ObsError: 'nowhere' holds no notebook and no published edition.
    """
    if path.is_file() and path.suffix == ".ipynb":
        return check_notebook(path)
    notebooks = sorted(path.glob("*.ipynb"))
    editions = sorted(m.parent for m in (*path.glob(MANIFEST), *path.glob(f"*/{MANIFEST}")))
    if not notebooks and not editions:
        raise ObsError(f"'{path.name}' holds no notebook and no published edition.")
    faults = [fault for notebook in notebooks for fault in check_notebook(notebook)]
    faults += [fault for edition in editions for fault in check_publication(edition)]
    whole = path not in editions
    public = [edition for edition in editions if is_published(edition)]
    return faults + list(ledger_faults(public, processed=processed, needed=whole))


def check_publication(
    folder: Path,
    *,
    withheld: Iterable[str] = (),
    small: Iterable[Secret] = (),
    sound: SoundFiles | None = None,
) -> list[Fault]:
    """Check an edition as it would be put online.

    The manifest against the files, the presence of every format and language, the same
    numbers in every language, the data (withheld rows, arithmetic), the accessibility
    that can be read from HTML and PDF, and no script nor outside address.

    `withheld` are numbers that no file may hold; `small` those that no clause may say beside the
    name of their place. Files that are `sound` by an earlier check are not read again; those that are
    found without fault are added to it.

    The list is empty when all is well. Raises `PublicationError` if the folder has no readable
    manifest, or a withheld number is too short to look for.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.checks.check_path import check_publication
    >>> check_publication(Path("nowhere"))
    Traceback (most recent call last):
    obs.errors.PublicationError: 'nowhere' has no manifest.json that can be read.
    """
    manifest = read_manifest(folder)
    secrets, beside = searchable(withheld), frozenset(small)
    faults = [*manifest_faults(folder, manifest), *_language_faults(folder, manifest)]
    faults += _found_in_manifest(manifest, secrets, beside)
    known = sound or SoundFiles((), "")
    known.look_at(folder, secrets, beside)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST):
        name = path.relative_to(folder).as_posix()
        faults += known.faults_of_file(name, partial(_faults_of, path, folder, secrets, beside))
    opened = partial(_open_data_faults, folder / OPEN_DATA)
    return faults + known.faults_of_folder(OPEN_DATA, opened)


def _faults_of(
    path: Path, folder: Path, secrets: frozenset[str], small: frozenset[Secret]
) -> list[Fault]:
    """Find what is wrong with one file by itself."""
    name = path.relative_to(folder).as_posix()
    faults = []
    try:
        for place, words in _file_faults(path, folder, secrets):
            faults.append(Fault(name, place, words))
        leaked = tell_secrets(_prose_of(path), small)
    except UnicodeDecodeError:
        return [*faults, Fault(name, "", "is not text in UTF-8")]
    if leaked:
        faults.append(Fault(name, "", f"says {leaked} withheld count(s) beside their place"))
    return faults


def _open_data_faults(top: Path) -> list[Fault]:
    return [
        Fault(f"{OPEN_DATA}/{name}", place, words) for name, place, words in open_data_faults(top)
    ]


def _found_in_manifest(
    manifest: dict[str, Any], secrets: frozenset[str], small: frozenset[Secret]
) -> Iterator[Fault]:
    """Find what a manifest says of withheld figures."""
    for name, lang in withheld_values(manifest):
        yield Fault(MANIFEST, f"{name} in {lang}", "has a value for a withheld number")
    text = manifest_text(manifest)
    yield from (Fault(MANIFEST, place, words) for place, words in _leaks(text, secrets))
    leaked = tell_secrets(text, small)
    if leaked:
        yield Fault(MANIFEST, "", f"says {leaked} withheld count(s) beside their place")


def _prose_of(path: Path) -> str:
    """Give what a page, or a description of the data, says in words."""
    if path.suffix in (".json", ".jsonld"):
        return described_texts(path)
    return path.read_text("utf-8") if path.suffix == ".html" else ""


def _file_faults(path: Path, folder: Path, secrets: frozenset[str]) -> Iterator[tuple[str, str]]:
    if path.suffix == ".html":
        text = path.read_text(encoding="utf-8")
        yield from html_faults(text, path.parent)
        yield from ((f.place, f.message) for f in document_faults(path)[0])
        yield from _leaks(readable_text(text), secrets)
        yield from _leaks(drawn_places(text), _long(secrets))
    elif path.suffix == ".csv":
        text = path.read_text(encoding="utf-8")
        yield from data_faults(text)
        yield from _leaks(text, secrets)
    elif path.suffix == ".pdf":
        yield from pdf_faults(path, lang=_lang_of(path))
        yield from _attachment_faults(path, folder, secrets)
    elif path.suffix == ".xlsx" and folder / DATA == path.parent or _is_open(path, folder):
        if path.suffix == ".xlsx":
            yield from workbook_faults(path)
        yield from _leaks(_TEXTS.get(path.suffix, lambda _: "")(path), secrets)
    else:
        yield "", "is of a kind that is not published"


def _is_open(path: Path, folder: Path) -> bool:
    """Tell a file of the open data, which have checks of their own too."""
    return path.is_relative_to(folder / OPEN_DATA)


def _long(secrets: frozenset[str]) -> frozenset[str]:
    """Keep the numbers of four decimals and more, which no coordinate of a drawing has by chance."""
    return frozenset(s for s in secrets if len(s.partition(".")[2]) >= _LONG)


def _attachment_faults(
    path: Path, folder: Path, secrets: frozenset[str]
) -> Iterator[tuple[str, str]]:
    try:
        attached = attachments(path)
    except pikepdf.PdfError:
        return  # said by pdf_faults
    for name, content in sorted(attached.items()):
        beside = folder / DATA / name
        if not beside.is_file() or beside.read_bytes() != content:
            yield name, "is attached and is not the file of that name in data/"
        yield from _leaks(content.decode("utf-8", errors="replace"), secrets)


def _leaks(text: str, secrets: frozenset[str]) -> Iterator[tuple[str, str]]:
    found = found_secrets(text, secrets)
    if found:
        yield "", f"holds {found} number(s) that were withheld"


def manifest_faults(folder: Path, manifest: dict[str, Any]) -> Iterator[Fault]:
    """Find files that an edition's manifest does not list, or lists with another digest."""
    listed = manifest.get("files", {})
    there = {
        p.relative_to(folder).as_posix(): p
        for p in folder.rglob("*")
        if p.is_file() and p.name != MANIFEST
    }
    for name in sorted(set(listed) - set(there)):
        yield Fault(name, "", "is in the manifest and is not there")
    for name in sorted(set(there) - set(listed)):
        yield Fault(name, "", "is there and is not in the manifest")
    for name in sorted(set(listed) & set(there)):
        if hashlib.sha256(there[name].read_bytes()).hexdigest() != listed[name].get("sha256"):
            yield Fault(name, "", "was changed after it was published (sha256)")
    if "index.html" not in there:
        yield Fault("index.html", "", "is not there")


def _language_faults(folder: Path, manifest: dict[str, Any]) -> Iterator[Fault]:
    langs = manifest.get("languages", [])
    pages = manifest.get("notes", {}) | manifest.get("sheets", {})
    for name, versions in sorted(pages.items()):
        for lang in langs:
            if lang not in versions:
                yield Fault(name, lang, "is missing in this language")
            for suffix in ("html", "pdf"):
                if not (folder / f"{name}.{lang}.{suffix}").is_file():
                    yield Fault(f"{name}.{lang}.{suffix}", "", "is not there")
        yield from _language_differences(name, versions)
        paths = {lang: folder / f"{name}.{lang}.html" for lang in langs}
        yield from (Fault(name, lang, words) for lang, words in table_differences(paths))


def _language_differences(name: str, versions: dict[str, Any]) -> Iterator[Fault]:
    """Find numbers and blocks that one language has and another has not."""
    said = {lang: _numbers_and_blocks(version) for lang, version in versions.items()}
    every = set().union(*said.values())
    for lang, own in sorted(said.items()):
        if every - own:
            yield Fault(
                name, lang, f"lacks {len(every - own)} number(s) or block(s) of another language"
            )


def _numbers_and_blocks(version: dict[str, Any]) -> set[str]:
    numbers = {
        json.dumps([n.get("key"), n.get("value"), n.get("status")], sort_keys=True)
        for n in version.get("numbers", ())
        if n.get("filter") in _VALUE_FILTERS
    }
    return numbers | set(version.get("blocks", ()))


def _lang_of(path: Path) -> str | None:
    words = path.name.split(".")
    return words[-2] if len(words) > 2 and words[-2] in languages() else None
