"""Load one observatory from its `observatory.toml`: territory, sources, notes, words.

Brussels is packaged and is the default; another city or country is another file. A faulty
declaration is refused with all its faults at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from obs.declare import load
from obs.display_cards import card
from obs.errors import CatalogueError, DeliveryError
from obs.locale import languages as known_languages
from obs.query_engine.declared_engine import DeclaredEngine
from obs.reference.areas import Areas, OnePlace, read_areas
from obs.reference.areas.territory_table import Boundaries, Level, TerritoryTable
from obs.reference.declared_denominators import DenominatorTable
from obs.reference.mergers import load_mergers
from obs.reference.observatory_file import OBSERVATORY_RULES, ObservatoryFile, Source
from obs.reference.place_names import normalise_name
from obs.reference.territory import Beyond, Territory, load_territory

__all__ = ["Observatory", "Source", "load_observatory"]

_DEFAULT = Path(__file__).parent / "brussels" / "observatory.toml"


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
    key : Path or None
        Its declared key, under which deliveries are named in public; None for one that a build
        makes among its internal tables.
    path : Path
        The file it was read from.
    raw : Path or None
        Folder of raw deliveries, if it was given on loading.
    reference : str or None
        Packaged territory, else `areas` or `one_place` tells its units.
    areas : Areas or None
        Raw file of its units.
    one_place : OnePlace or None
        The whole, of a territory without units.
    boundaries : Boundaries or None
        Raw file of its boundaries; without one, maps are drawn as tiles or left out.
    retention : str
        How long rows of deliveries are kept, where their source says nothing; "" for no term.
    denominators : dict of DenominatorTable
        Deliveries of denominators of rates, by kind.
    time_zone : str
        That of its facts, "" if it is not declared.
    mergers : str or None
        Packaged mergers that made units of it.
    beyond : tuple of Beyond
        Places that are none of its units, which it declares.
    contact : dict of str
        Whom a reader asks, by language; empty if it is not declared.
    site : str
        Address of its publications; "" if it is not declared.
    releases : dict of int to str
        Day and hour at which an edition is announced, in the time zone of the observatory.
    sheets : tuple of str
        Indicators of the sheets of its places, the most important first; empty for no sheets.
    engine : DeclaredEngine
        Where its facts are scanned, joined and grouped.
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
    key: Path | None
    path: Path
    raw: Path | None
    reference: str | None
    areas: Areas | None
    boundaries: Boundaries | None
    retention: str
    denominators: dict[str, DenominatorTable]
    one_place: OnePlace | None = None
    time_zone: str = ""
    mergers: str | None = None
    beyond: tuple[Beyond, ...] = ()
    contact: dict[str, str] = field(default_factory=dict)
    site: str = ""
    releases: dict[int, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    engine: DeclaredEngine = field(default_factory=DeclaredEngine)

    def __repr__(self) -> str:
        kinds = ", ".join(dict.fromkeys(source.kind for source in self.sources))
        return (
            f"Observatory({self.name!r}: {', '.join(self.languages)}; {len(self.notes)} notes; "
            f"sources {kinds or 'none'}{'; synthetic data' if self.synthetic else ''})"
        )

    def _repr_html_(self) -> str:
        about = {
            "name": self.name,
            "languages": ", ".join(self.languages),
            "notes": ", ".join(self.notes),
            "sources": "; ".join(f"{one.kind} (profile {one.profile})" for one in self.sources),
            "edition": self.edition or "the last year delivered",
            "rule": self.rule,
            "data": "synthetic" if self.synthetic else "",
        }
        return card(self.title[self.languages[0]], about)

    @property
    def profiles_dir(self) -> Path:
        """Folder of its own profiles, beside its file; it may not exist."""
        return self.path.parent / "profiles"

    @property
    def catalogue_dir(self) -> Path:
        """Folder of its own indicators, beside its file; it may not exist."""
        return self.path.parent / "catalogue"

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
        return _territory_of(self, folder)

    def places(self, raw_dir: str | Path | None = None) -> Territory:
        """Give its units and their names, whether or not its boundary file is there.

        Raises `DeliveryError` and `CodeError` as `territory` does.
        """
        return _places_of(self, self.raw if raw_dir is None else Path(raw_dir))


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
    if not file.is_file():
        raise CatalogueError(f"There is no observatory file '{file}'.")
    called = f"{file.name} of observatory '{file.resolve().parent.name}'"
    declared = load(file, ObservatoryFile, rules=OBSERVATORY_RULES, called=called)
    return _observatory(declared, file, None if raw is None else Path(raw))


@lru_cache(maxsize=16)
def _places_of(observatory: Observatory, raw: Path | None) -> Territory:
    if observatory.one_place is not None:
        return observatory.one_place.territory(observatory.name)
    if observatory.areas is None:
        return load_territory(observatory.reference or "brussels")
    place = read_areas(observatory.areas, raw=_needed(raw), name=observatory.name)
    return _with_mergers(place, observatory)


def _with_mergers(place: Territory, observatory: Observatory) -> Territory:
    """Give a territory the mergers that made units of it, and the names of their parts."""
    register = observatory.path.parent / "mergers.toml"
    known = load_mergers(register if register.is_file() else None, packaged=observatory.mergers)
    units = set(place.units["code"])
    mergers = tuple(one for one in known if one.new in units)
    if not mergers:
        return place
    named = {normalise_name(alias) for alias in place.aliases["alias"]}
    former = [  # a part that has the name of a unit of today is known by its code alone
        (name, part)
        for one in mergers
        for part, name in one.parts.items()
        if part not in units and normalise_name(name) not in named
    ]
    aliases = pd.concat([place.aliases, pd.DataFrame(former, columns=["alias", "code"])])
    return replace(place, mergers=mergers, aliases=aliases.drop_duplicates(ignore_index=True))


def _with_beyond(place: Territory, observatory: Observatory) -> Territory:
    """Give a territory the places beyond it that its observatory declares."""
    taken = sorted({one.code for one in observatory.beyond if place.holds(one.code)})
    if taken:
        raise CatalogueError(
            f"{observatory.path.name}: territory.beyond has codes of units: {', '.join(taken[:5])}. A place "
            "beyond the territory is none of its units; give it a code of its own."
        )
    if not observatory.beyond:
        return place
    declared = {one.code: one for one in observatory.beyond}
    known = [one for one in place.beyond if one.code not in declared]
    return replace(place, beyond=(*known, *declared.values()))


@lru_cache(maxsize=16)
def _territory_of(observatory: Observatory, raw: Path | None) -> Territory:
    place = _with_beyond(_places_of(observatory, raw), observatory)
    register = observatory.path.parent / "breaks.toml"
    if observatory.path != _DEFAULT and register.is_file():
        place = replace(place, breaks=register)
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


def _observatory(declared: ObservatoryFile, file: Path, raw: Path | None) -> Observatory:
    return Observatory(
        name=declared.name,
        title=dict(declared.title),
        publisher=dict(declared.publisher),
        languages=declared.languages,
        notes=declared.notes,
        sources=declared.source,
        synthetic=declared.synthetic,
        edition=declared.edition,
        licence=declared.licence,
        rejected_share=declared.tolerance.rejected_share,
        withheld_share=declared.tolerance.withheld_share,
        rule=declared.disclosure.rule,
        key=file.parent / declared.disclosure.key if declared.disclosure.key else None,
        path=file,
        raw=raw,
        reference=declared.territory.reference,
        areas=_areas(declared.territory, declared.languages),
        one_place=_one_place(declared.territory, declared.languages),
        boundaries=declared.boundaries,
        retention=declared.retention,
        denominators=declared.denominators,
        time_zone=declared.time_zone,
        mergers=declared.territory.mergers,
        beyond=tuple(
            Beyond(one.code, one.level, dict(one.name)) for one in declared.territory.beyond
        ),
        sheets=declared.sheets.indicators if declared.sheets else (),
        contact=dict(declared.contact or {}),
        site=declared.site.rstrip("/"),
        releases={release.edition: release.at for release in declared.release},
        engine=declared.engine,
    )


def _areas(declared: TerritoryTable, languages: tuple[str, ...]) -> Areas | None:
    units, base, top = declared.units, declared.base_level, declared.top_level
    if units is None or base is None or top is None or declared.top is None:
        return None
    return Areas(
        file=units.file,
        code=units.code,
        name=units.name,
        case=units.case,
        separator=units.separator,
        encoding=units.encoding,
        base_level=base.code,
        top_level=top.code,
        top_code=declared.top.code,
        top_name={lang: declared.top.name[lang] for lang in languages},
        names=dict(declared.names),
        postal=units.postal,
        level_words={one.code: _level_words(one, languages) for one in (base, top) if one.singular},
    )


def _one_place(declared: TerritoryTable, languages: tuple[str, ...]) -> OnePlace | None:
    level, top = declared.top_level, declared.top
    if not declared.is_one_place or level is None or top is None:
        return None
    return OnePlace(
        level=level.code,
        code=top.code,
        name={lang: top.name[lang] for lang in languages},
        level_words={level.code: _level_words(level, languages)} if level.singular else {},
        names=dict(declared.names),
    )


def _level_words(level: Level, languages: tuple[str, ...]) -> dict[str, str]:
    """Give the words of a level in every language; one it lacks has those of the first."""
    words = {}
    singular, plural = level.singular or {}, level.plural or {}
    for lang in known_languages():
        shown = lang if lang in languages else languages[0]
        words[f"name_{lang}"] = singular[shown]
        words[f"name_{lang}_plural"] = plural.get(shown, singular[shown])
    return words
