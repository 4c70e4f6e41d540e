"""Write the pages of one note, or of a whole edition, from notebooks.

An edition is built aside and checked before it replaces the previous one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from obs.disclosure import read_released
from obs.errors import ObsError, PublicationError
from obs.locale import need_language
from obs.report.checks.check_path import check_publication
from obs.report.checks.small_secrets import Secret
from obs.report.edition.edition_facts import REVISIONS, revisions_text
from obs.report.edition.manifest import (
    describe_commit,
    make_manifest,
    write_internal_manifest,
    write_manifest,
)
from obs.report.edition.whole_folders import replaced_folder, write_whole
from obs.report.kernel.closed_kernel import Closed
from obs.report.kernel.runner import run_note
from obs.report.kernel.warm_kernels import Kernels, kernels
from obs.report.note.notebook_cells import read_note
from obs.report.note.open_note import EDITION_FILE, RELEASED_FOLDER
from obs.report.page.content import Page, read_page
from obs.report.page.exporters import FocusHTMLExporter, FocusPDFExporter
from obs.report.page.front_page import front_name, front_page, index_page

__all__ = ["render", "write_edition"]

DATA = "data"
_KERNELS = 2  # notes run at the same time


def render(
    notebook: str | Path,
    *,
    lang: str | Sequence[str],
    edition: int | str,
    out: str | Path,
    parameters: Mapping[str, Any] | None = None,
) -> list[Path]:
    """Publish one note as HTML and PDF, with its data files.

    Parameters
    ----------
    notebook : path
        An `.ipynb` file; its outputs, if any, are ignored.
    lang : str or sequence of str
        Language or languages, as `fr`.
    edition : int or str
        Given to the notebook's parameter `edition`.
    out : path
        Folder for `NAME.LANG.html`, `NAME.LANG.pdf` and `data/*.csv`; other files there stay.
    parameters : mapping, optional
        Other values for the cell tagged `parameters`. With `observatory` and `processed`, the note
        reads the released tables of that edition and nothing else of these, as in a build.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ObsError
        The notebook is absent, a language unknown, or what a cell raised.
    PublicationError
        The publication gate refuses: an unreleased output, an unknown name in a sentence...
        Nothing is written then.

    Examples
    --------
    >>> from obs.report.edition.publish import render
    >>> render("absent.ipynb", lang="fr", edition=2022, out="publications/2022")
    Traceback (most recent call last):
    obs.errors.ObsError: there is no notebook 'absent.ipynb'.
    """
    langs, given = _checked_languages(lang), parameters or {}
    with kernels(_closed_to(given, edition)) as warm:
        pages = _run_pages(Path(notebook), langs, edition, given, warm)
    files = _lay_out_pages(pages, langs)
    return [write_whole(Path(out) / name, content) for name, content in files.items()]


def write_edition(
    notebooks: Sequence[Path],
    *,
    langs: Sequence[str],
    edition: int | str,
    out: Path,
    parameters: Mapping[str, Any] | None = None,
    sources: Sequence[Mapping[str, Any]] = (),
    about: Mapping[str, Any] | None = None,
    withheld: Iterable[str] = (),
    small: Iterable[Secret] = (),
    accounts: Mapping[str, Any] | None = None,
    inside: Path | None = None,
    closed: Closed | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Publish every note of an edition, with its index and manifest, or nothing.

    `about` is what the front pages say beyond the notes (see `obs.report.edition.edition_facts`).
    With `closed`, the kernels of the notes read the released tables of that edition and nothing
    else. `accounts`, its internal manifest, goes to the folder `inside`, before the edition is put in
    place.

    Returns the edition's folder. An `ObsError` that a cell raised gets the note's name. Raises
    `PublicationError` if a gate or a check refuses; the previous edition is untouched.
    """
    langs = _checked_languages(langs)
    say = progress or (lambda words: None)
    folder = Path(out) / str(edition)
    pages = _run_notes(notebooks, langs, edition, parameters or {}, say, closed)
    with replaced_folder(folder) as aside:
        for name, content in _lay_out_pages(pages, langs, fronts=True).items():
            write_whole(aside / name, content)
        say("front pages and manifest")
        _write_fronts(pages, aside, sources=sources, about=about)
        commit = describe_commit(Path(notebooks[0]).resolve().parent)
        made = make_manifest(pages, aside, sources=sources, commit=commit)
        public = write_manifest(made, aside)
        say("checks")
        faults = check_publication(aside, withheld=withheld, small=small)
        if faults:
            raise PublicationError(
                f"edition {edition} is not published: {'; '.join(map(str, faults[:10]))}"
                f"{f'; and {len(faults) - 10} more' if len(faults) > 10 else ''}."
            )
        if inside is not None:
            write_internal_manifest(accounts or {}, inside, edition=str(edition), public=public)
    return folder


def _run_notes(
    notebooks: Sequence[Path],
    langs: Sequence[str],
    edition: int | str,
    parameters: Mapping[str, Any],
    say: Callable[[str], None],
    closed: Closed | None,
) -> list[Page]:
    def run(notebook: Path) -> list[Page]:
        say(f"note {notebook.stem}")
        return _run_pages(notebook, langs, edition, parameters, warm)

    with kernels(closed) as warm, ThreadPoolExecutor(max_workers=_KERNELS) as pool:
        return [page for pages in pool.map(run, map(Path, notebooks)) for page in pages]


def _run_pages(
    path: Path,
    langs: Sequence[str],
    edition: int | str,
    parameters: Mapping[str, Any],
    warm: Kernels,
) -> list[Page]:
    given = {"edition": edition, **parameters}
    folder = path.resolve().parent
    notebook = read_note(path)
    try:
        done = run_note(notebook, langs=langs, parameters=given, folder=folder, warm=warm)
        pages = [read_page(note, name=path.stem) for note in done]
        _need_seal(pages, warm.closed)
        return pages
    except ObsError as error:
        raise type(error)(f"{path.name}: {error}") from None


def _need_seal(pages: Sequence[Page], closed: Closed | None) -> None:
    """Refuse a block that was not made from the tables of the edition."""
    seals = {e.block["status"].get("seal") for page in pages for e in page.exhibits}
    if closed is not None and seals - {closed.seal}:
        raise PublicationError(
            "a figure or table is not made from the tables of this edition: draw it with note.show."
        )


def _lay_out_pages(
    pages: Sequence[Page], langs: Sequence[str], *, fronts: bool = False
) -> dict[str, bytes]:
    """Lay every page out; a data file is the same in every language, or it is refused.

    With `fronts`, each leads to the front page of its edition.
    """
    html = FocusHTMLExporter()  # type: ignore[no-untyped-call]
    pdf = FocusPDFExporter()  # type: ignore[no-untyped-call]
    files: dict[str, bytes] = {}
    said: dict[str, tuple[dict[str, Any], ...]] = {page.name: () for page in pages}
    for page in pages:
        said[page.name] += page.numbers
    for page in (replace(page, quoted=said[page.name]) for page in pages):
        stem = f"{page.name}.{page.lang}"
        front = front_name(page.lang) if fronts else ""
        text = html.from_page(page, data_folder=DATA, languages=langs, front=front)
        files[f"{stem}.html"] = text.encode()
        files[f"{stem}.pdf"] = pdf.from_page(page)
        for name, data in page.data.items():
            if files.setdefault(f"{DATA}/{name}", data.encode()) != data.encode():
                raise PublicationError(
                    f"{page.name}: the data file '{name}' differs from one language to another."
                )
    return files


def _write_fronts(
    pages: Sequence[Page],
    folder: Path,
    *,
    sources: Sequence[Mapping[str, Any]],
    about: Mapping[str, Any] | None,
) -> None:
    """Write the front page of each language, and the page that leads to them."""
    revised = revisions_text((about or {}).get("revisions", ()), synthetic=bool(pages[0].synthetic))
    if revised:
        write_whole(folder / DATA / REVISIONS, revised.encode())
    write_whole(folder / "index.html", index_page(pages, sources=sources).encode())
    for lang in dict.fromkeys(page.lang for page in pages):
        front = front_page(pages, lang, sources=sources, about=about, folder=folder)
        write_whole(folder / front_name(lang), front.encode())


def _closed_to(given: Mapping[str, Any], edition: int | str) -> Closed | None:
    """Hold a note to the edition that it is given, if it is built."""
    if not given.get("processed") or not given.get("observatory"):
        return None
    top = Path(str(given["processed"])).resolve()
    folder = top / str(given["observatory"]) / str(edition)
    if not (folder / EDITION_FILE).is_file():
        return None  # the note says which editions there are
    kept = (str(folder / RELEASED_FOLDER), str(folder / EDITION_FILE))
    return Closed(read_released(folder / RELEASED_FOLDER).seal, kept, (str(top),))


def _checked_languages(lang: str | Sequence[str]) -> list[str]:
    langs = [lang] if isinstance(lang, str) else list(lang)
    if not langs:
        raise PublicationError("choose at least one language.")
    return [need_language(code) for code in dict.fromkeys(langs)]
