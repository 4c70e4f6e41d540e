"""Load one observatory from its `observatory.toml`: territory, sources, notes, words.

Brussels is packaged and is the default; another city or country is another file. A faulty
declaration is refused with all its faults at once.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from obs.errors import CatalogueError, DeliveryError
from obs.reference.areas import Areas, read_areas
from obs.reference.codelists import LANGUAGES, load_codelist
from obs.reference.observatory_keys import Fields
from obs.reference.territory import Territory, load_territory

__all__ = ["Observatory", "Source", "load_observatory"]

_DEFAULT = Path(__file__).parent / "brussels" / "observatory.toml"
_KINDS = ("police", "prosecutor", "survey", "helpline", "services")


@dataclass(frozen=True)
class Source:
    """One kind of deliveries: their profile, and their files in the raw folder.

    Without any file of an optional one, what needs it is left out of the edition.
    """

    kind: str
    profile: str
    files: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True)
class Boundaries:
    """A boundary file under the raw folder, its column of codes and the level it draws."""

    file: str
    key: str
    level: str


@dataclass(frozen=True, eq=False)
class Observatory:
    """What an `observatory.toml` declares.

    Attributes
    ----------
    name : str
        Short name, used for folders.
    title, publisher : dict of str
        Words by language.
    languages : tuple of str
        Languages it publishes in.
    notes : tuple of str
        Names of its notebooks.
    sources : tuple of Source
        Its deliveries.
    synthetic : bool
        Whether its default raw data are the synthetic sample.
    edition : int or None
        Year of the edition; None for the last year that the deliveries reach.
    licence : str
        Licence of what it publishes.
    rejected_share, withheld_share : float
        Shares of rows rejected and of figures withheld above which a build says so.
    rule : str
        Disclosure rule.
    path : Path
        The file it was read from.
    raw : Path or None
        Folder of raw deliveries, if it was given on loading.
    reference : str or None
        Packaged territory, else `areas` tells where its units are read.
    areas : Areas or None
        Raw file of its units.
    boundaries : Boundaries or None
        Raw file of its boundaries; without one, maps are drawn as tiles or left out.
    """

    name: str
    title: dict[str, str]
    publisher: dict[str, str]
    languages: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    synthetic: bool
    edition: int | None
    licence: str
    rejected_share: float
    withheld_share: float
    rule: str
    path: Path
    raw: Path | None
    reference: str | None
    areas: Areas | None
    boundaries: Boundaries | None

    @property
    def profiles_dir(self) -> Path:
        """Folder of its own profiles, beside its file; it may not exist."""
        return self.path.parent / "profiles"

    def territory(self, raw_dir: str | Path | None = None) -> Territory:
        """Give its territory; the same object for the same folder.

        Parameters
        ----------
        raw_dir : path, optional
            Folder of raw deliveries, where units and boundaries may be; by default
            the one given on loading.

        Returns
        -------
        Territory
            With its boundary file, if one is declared.

        Raises
        ------
        DeliveryError
            If a file that the declaration names is absent or unreadable.
        CodeError
            If the units contradict each other.
        """
        folder = self.raw if raw_dir is None else Path(raw_dir)
        return _territory(self, folder)


def load_observatory(path: str | Path | None = None, raw: str | Path | None = None) -> Observatory:
    """Load the declaration of an observatory and check all of it.

    Parameters
    ----------
    path : path, optional
        An `observatory.toml`; the packaged Brussels one by default.
    raw : path, optional
        Folder of raw deliveries that `Observatory.territory` uses by default.

    Returns
    -------
    Observatory
        Frozen.

    Raises
    ------
    CatalogueError
        If the file is absent, is not TOML, or has unknown keys, absent keys, wrong types,
        unknown languages, kinds or levels: all faults are listed.

    Examples
    --------
    >>> brussels = load_observatory()
    >>> brussels.name, brussels.languages
    ('brussels', ('fr', 'nl', 'en'))
    >>> brussels.territory()
    Territory('brussels': 19 commune, 6 zone, 1 region)
    """
    file = _DEFAULT if path is None else Path(path)
    faults: list[str] = []
    fields = Fields(_parse(file), "", faults)
    observatory = _read_declaration(fields, file, None if raw is None else Path(raw))
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        raise CatalogueError(
            f"{file.name} of observatory '{file.resolve().parent.name}':\n{listed}"
        )
    return observatory


@lru_cache(maxsize=16)
def _territory(observatory: Observatory, raw: Path | None) -> Territory:
    if observatory.areas is None:
        place = load_territory(observatory.reference or "brussels")
    else:
        place = read_areas(observatory.areas, raw=_needed(raw), name=observatory.name)
    if observatory.boundaries is None:
        return place
    file = _needed(raw) / observatory.boundaries.file
    if not file.is_file():
        raise DeliveryError(
            f"The boundary file '{observatory.boundaries.file}' is not in the raw folder "
            f"'{_needed(raw).name}'. Put it there, or take [boundaries] out of "
            f"{observatory.path.name}: maps are then drawn as tiles or left out."
        )
    place.codes(observatory.boundaries.level)
    return replace(
        place,
        boundaries=file,
        boundary_key=observatory.boundaries.key,
        boundary_level=observatory.boundaries.level,
    )


def _needed(raw: Path | None) -> Path:
    if raw is None:
        raise DeliveryError(
            "This observatory reads its territory from the raw folder: name it, "
            "with --raw or load_observatory(path, raw=...)."
        )
    return raw


def _parse(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as handle:
            return tomllib.load(handle)
    except OSError as fault:
        raise CatalogueError(f"There is no observatory file '{file}'.") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CatalogueError(f"{file.name} is not valid TOML: {fault}") from fault


def _read_declaration(top: Fields, file: Path, raw: Path | None) -> Observatory:
    languages = top.texts("languages", allowed=LANGUAGES)
    tolerance = top.table("tolerance", required=False)
    disclosure = top.table("disclosure", required=False)
    reference, areas = _read_territory(top.table("territory"), languages)
    observatory = Observatory(
        name=top.text("name"),
        title=top.words("title", languages),
        publisher=top.words("publisher", languages),
        languages=languages,
        notes=top.texts("notes"),
        sources=tuple(_read_source(fields) for fields in top.tables("source")),
        synthetic=top.value("synthetic", bool, default=False),
        edition=top.value("edition", int, default=None),
        licence=top.text("licence"),
        rejected_share=tolerance.share("rejected_share", default=0.02),
        withheld_share=tolerance.share("withheld_share", default=0.5),
        rule=disclosure.text("rule", default="default"),
        path=file,
        raw=raw,
        reference=reference,
        areas=areas,
        boundaries=_read_boundaries(top, areas),
    )
    for fields in (tolerance, disclosure, top):
        fields.refuse_others()
    return observatory


def _read_source(fields: Fields) -> Source:
    source = Source(
        kind=fields.text("kind", allowed=_KINDS),
        profile=fields.text("profile"),
        files=fields.paths("files"),
        optional=fields.value("optional", bool, default=False),
    )
    fields.refuse_others()
    return source


def _read_territory(fields: Fields, languages: tuple[str, ...]) -> tuple[str | None, Areas | None]:
    if not fields.values:
        return None, None
    if "reference" in fields:
        reference = fields.text("reference", allowed=("brussels",))
        fields.refuse_others()
        return reference, None
    units, whole = fields.table("units"), fields.table("top")
    base_level, base_words = _read_level(fields.table("base_level"), languages)
    top_level, top_words = _read_level(fields.table("top_level"), languages)
    areas = Areas(
        file=units.path("file"),
        code=units.text("code"),
        name=units.text("name"),
        case=units.text("case", default="as_written", allowed=("as_written", "title")),
        separator=units.text("separator", default=","),
        encoding=units.text("encoding", default="utf-8-sig"),
        base_level=base_level,
        top_level=top_level,
        top_code=whole.text("code"),
        top_name=whole.words("name", languages),
        level_words=base_words | top_words,
    )
    for part in (units, whole, fields):
        part.refuse_others()
    return None, areas


def _read_level(
    fields: Fields, languages: tuple[str, ...]
) -> tuple[str, dict[str, dict[str, str]]]:
    """Read a level and its words; a level of the codelist needs no words."""
    code = fields.text("code")
    if set(fields.values) <= {"code"} and code in set(load_codelist("levels")["code"]):
        return code, {}
    if not languages:
        return code, {}
    singular = {lang: fields.text(lang) for lang in languages}
    plural = {lang: fields.text(f"{lang}_plural", default=singular[lang]) for lang in languages}
    fields.refuse_others()
    words = {}
    for lang in LANGUAGES:
        shown = lang if lang in languages else next(iter(languages), lang)
        words[f"name_{lang}"] = singular.get(shown, "")
        words[f"name_{lang}_plural"] = plural.get(shown, "")
    return code, {code: words}


def _read_boundaries(top: Fields, areas: Areas | None) -> Boundaries | None:
    if "boundaries" not in top:
        return None
    fields = top.table("boundaries")
    levels = load_territory().levels if areas is None else (areas.base_level, areas.top_level)
    boundaries = Boundaries(
        file=fields.path("file"),
        key=fields.text("key"),
        level=fields.text("level", allowed=levels),
    )
    fields.refuse_others()
    return boundaries
