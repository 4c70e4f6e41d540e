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
from obs.progress_bars import counted
from obs.report.checks.check_path import check_publication
from obs.report.checks.small_secrets import Secret
from obs.report.edition.edition_files import page_files, write_files
from obs.report.edition.manifest import describe_commit
from obs.report.edition.reuse_pages import Reuse
from obs.report.edition.whole_folders import replaced_folder, write_whole
from obs.report.kernel.closed_kernel import Closed
from obs.report.kernel.runner import run_note
from obs.report.kernel.warm_kernels import Kernels, kernels
from obs.report.note.notebook_cells import read_note
from obs.report.note.open_note import EDITION_FILE, RELEASED_FOLDER
from obs.report.page.content import Page, read_page

__all__ = ["render", "write_edition", "write_pages"]

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
    files = page_files(pages, langs)
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
    keep: Callable[[Path, list[Page], dict[str, Any] | None], None] | None = None,
    closed: Closed | None = None,
    sheets: Sequence[Page] = (),
    open_data: Mapping[str, bytes] | None = None,
    reuse: Reuse | None = None,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Publish every note of an edition, with its index and manifest, or nothing.

    `about` is what the front pages say beyond the notes (see `obs.report.edition.edition_facts`).
    With `closed`, the kernels of the notes read the released tables of that edition and nothing
    else. With `keep`, the edition is a draft, without a day of publication: `keep` is given its
    manifest, its pages and the commit of the project before it is put in place. `sheets` are the
    pages of places, `open_data` the files of that folder, both made beforehand. With `reuse`, pages of
    which nothing changed are taken again; the gates and checks are those of any other page.

    Returns the edition's folder. An `ObsError` that a cell raised gets the note's name. Raises
    `PublicationError` if a gate or a check refuses; the previous edition is untouched.
    """
    langs = _checked_languages(langs)
    say = progress or (lambda words: None)
    folder = Path(out) / str(edition)
    kept = {path: reuse.note(path, langs) for path in map(Path, notebooks)} if reuse else {}
    fresh = [path for path in map(Path, notebooks) if kept.get(path) is None]
    made = _run_notes(fresh, langs, edition, parameters or {}, say, closed) if fresh else []
    ran = dict(zip(fresh, made, strict=True))
    if reuse:
        for path, own in ran.items():
            reuse.keep_note(path, langs, own)
    pages = [page for path in map(Path, notebooks) for page in ran.get(path) or kept[path] or ()]
    _need_seal(pages, closed)
    pages += sheets
    _need_seal(sheets, closed)
    if keep is not None:
        pages = [replace(page, published=None) for page in pages]
    write_pages(
        pages,
        folder,
        sources=sources,
        about=about,
        withheld=withheld,
        small=small,
        keep=keep,
        commit=describe_commit(Path(notebooks[0]).resolve().parent),
        open_data=open_data,
        reuse=reuse,
        progress=say,
    )
    return folder


def write_pages(
    pages: list[Page],
    folder: Path,
    *,
    sources: Sequence[Mapping[str, Any]] = (),
    about: Mapping[str, Any] | None = None,
    withheld: Iterable[str] = (),
    small: Iterable[Secret] = (),
    keep: Callable[[Path, list[Page], dict[str, Any] | None], None] | None = None,
    commit: dict[str, Any] | None = None,
    open_data: Mapping[str, bytes] | None = None,
    reuse: Reuse | None = None,
    progress: Callable[[str], None] | None = None,
) -> None:
    """Lay the pages of an edition or of an answer out aside, check them, and put them in place.

    Options are those of `write_edition`. Raises `PublicationError` if a check refuses; what stands
    in the folder is untouched then.
    """
    say = progress or (lambda words: None)
    with replaced_folder(folder) as aside:
        say("pages, front pages and manifest")
        public = write_files(
            pages,
            aside,
            sources=sources,
            about=about,
            commit=commit,
            open_data=open_data,
            reuse=reuse,
        )
        say("checks")
        sound = reuse.sound_files() if reuse else None
        faults = check_publication(aside, withheld=withheld, small=small, sound=sound)
        if faults:
            raise PublicationError(
                f"edition {folder.name} is not published: {'; '.join(map(str, faults[:10]))}"
                f"{f'; and {len(faults) - 10} more' if len(faults) > 10 else ''}."
            )
        if reuse and sound:
            reuse.keep_sound(sound)
            say(f"checks: {sound.taken} of {sound.looked_at} without fault before, and the same")
        if keep is not None:
            keep(public, pages, commit)


def _run_notes(
    notebooks: Sequence[Path],
    langs: Sequence[str],
    edition: int | str,
    parameters: Mapping[str, Any],
    say: Callable[[str], None],
    closed: Closed | None,
) -> list[list[Page]]:
    def run(notebook: Path) -> list[Page]:
        say(f"note {notebook.stem}")
        return _run_pages(notebook, langs, edition, parameters, warm)

    with kernels(closed) as warm, ThreadPoolExecutor(max_workers=_KERNELS) as pool:
        made = pool.map(run, notebooks)
        return list(counted(made, "notes", total=len(notebooks)))


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
