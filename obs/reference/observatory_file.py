"""What may stand in an `observatory.toml`: the model of its keys and the rules across them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated
from zoneinfo import available_timezones

from obs.declare import (
    FolderName,
    OneOf,
    RawPath,
    Share,
    Table,
    Text,
    Texts,
    Words,
    between,
    did_you_mean,
    each,
    not_one_of,
)
from obs.locale import languages
from obs.query_engine.declared_engine import DeclaredEngine, engine_faults
from obs.reference.announced_release import Release, Site, release_faults
from obs.reference.areas.territory_table import ONE_PLACE, OWN_KEYS, Boundaries, TerritoryTable
from obs.reference.codelists import load_codelist
from obs.reference.declared_coverage import SourceCoverage, coverage_faults
from obs.reference.declared_denominators import (
    DENOMINATORS,
    DenominatorTable,
    denominator_faults,
)
from obs.reference.retention import Retention
from obs.reference.territory import load_territory

__all__ = [
    "OBSERVATORY_RULES",
    "Disclosure",
    "ObservatoryFile",
    "Source",
    "Tolerance",
]

_KINDS = ("police", "prosecutor", "survey", "helpline", "services")


@dataclass(frozen=True)
class Source(Table):
    """One kind of deliveries: their profile, and their files in the raw folder.

    Attributes
    ----------
    kind : str
        Kind of the deliveries.
    profile : str
        Name of the profile that reads them, packaged or in the folder `profiles` beside.
    files : tuple of str
        Their paths under the raw folder, patterns such as `police/*.csv` allowed.
    optional : bool
        Whether what needs them is left out of an edition without them.
    coverage : tuple of SourceCoverage
        Days that the deliveries of facts cover, if neither profile nor file name tells.
    retention : str
        How long rows are kept after the last day that they hold or their extraction, as
        "5 years"; that of the observatory if none is given.
    supplier : mapping
        Who delivers and what, by language, as front pages name the source.
    """

    kind: Annotated[str, OneOf(_KINDS)]
    profile: FolderName
    files: Annotated[tuple[RawPath, ...], *Texts.__metadata__]
    optional: bool = False
    coverage: tuple[SourceCoverage, ...] = ()
    retention: Retention = ""
    supplier: Words | None = None


@dataclass(frozen=True)
class Tolerance(Table):
    """Above what a build ends with code 1 and says so.

    Attributes
    ----------
    rejected_share, withheld_share : float
        Share of rows rejected, and of figures withheld.
    """

    rejected_share: Share = 0.02
    withheld_share: Share = 0.5


@dataclass(frozen=True)
class Disclosure(Table):
    """How small counts are protected.

    Attributes
    ----------
    rule : str
        The disclosure rule of indicators that name none of their own.
    key : str
        File of the observatory's key, as seen from this declaration; without it, a build makes
        one among the internal tables.
    """

    rule: Text = "default"
    key: Text | None = None


@dataclass(frozen=True)
class Sheets(Table):
    """The sheets of places: one page for each unit of the finest level.

    Attributes
    ----------
    indicators : tuple of str
        Indicators that its notes publish by place and year, the most important first: the first
        three are the key figures of a sheet, the first two are drawn.
    """

    indicators: Texts


@dataclass(frozen=True)
class ObservatoryFile(Table):
    """An observatory: its territory, its sources, its notes, its words.

    Attributes
    ----------
    name : str
        Short name, used for folders.
    languages : tuple of str
        Codes of the languages it publishes in; titles are needed in these.
    notes : tuple of str
        Names of its notebooks.
    licence : str
        Licence of what it publishes.
    title, publisher : mapping
        Words by language.
    territory : TerritoryTable
        Its units.
    source : tuple of Source
        Its deliveries.
    synthetic : bool
        Whether its default raw data are the synthetic sample.
    edition : int
        Year of the edition; without it, the last year that the deliveries reach.
    tolerance : Tolerance
        Above what a build says that too much was lost.
    disclosure : Disclosure
        How small counts are protected.
    boundaries : Boundaries
        Official boundaries; without them maps are drawn as tiles or left out.
    retention : str
        How long rows are kept, as "5 years", of the sources that say nothing.
    population, dwellings, premises, vehicles : DenominatorTable
        Deliveries of denominators of rates: inhabitants, dwellings, premises, vehicles.
    time_zone : str
        Time zone of its facts, as "Europe/Brussels", for the profiles that name none.
    contact : mapping
        Whom a reader asks, by language: an e-mail address, or words.
    site : str
        Address of its publications, of which the permanent names of editions are made.
    release : tuple of Release
        The hours at which editions are announced.
    sheets : Sheets
        The sheets of its places; without it, none is made.
    engine : DeclaredEngine
        Where its facts are counted; DuckDB, within the command, if none is named.
    """

    name: FolderName
    languages: Texts
    notes: tuple[FolderName, ...]
    licence: Text
    title: Words
    publisher: Words
    territory: TerritoryTable
    source: tuple[Source, ...] = ()
    synthetic: bool = False
    edition: Annotated[int, between(1)] | None = None
    tolerance: Tolerance = field(default_factory=Tolerance)
    disclosure: Disclosure = field(default_factory=Disclosure)
    boundaries: Boundaries | None = None
    retention: Retention = ""
    population: DenominatorTable | None = None
    dwellings: DenominatorTable | None = None
    premises: DenominatorTable | None = None
    vehicles: DenominatorTable | None = None
    time_zone: str = ""
    contact: Words | None = None
    site: Site = ""
    release: tuple[Release, ...] = ()
    sheets: Sheets | None = None
    engine: DeclaredEngine = field(default_factory=DeclaredEngine)

    @property
    def denominators(self) -> dict[str, DenominatorTable]:
        """The denominators that are delivered, by kind."""
        found = {kind: getattr(self, kind) for kind in DENOMINATORS}
        return {kind: table for kind, table in found.items() if table is not None}


def _language_rules(file: ObservatoryFile) -> Iterator[str]:
    strange = [lang for lang in file.languages if lang not in languages()]
    if strange:
        listed = ", ".join(map(repr, strange))
        yield f"'languages' has {listed}, not among {', '.join(languages())}"


def _twice(file: ObservatoryFile) -> Iterator[str]:
    for key in ("languages", "notes"):
        values = getattr(file, key)
        for value in sorted({v for v in values if values.count(v) > 1}):
            yield f"'{key}' has '{value}' twice"


def _title_rule(file: ObservatoryFile) -> Iterator[str]:
    yield from _missing_languages("title", file.title, file)


def _publisher(file: ObservatoryFile) -> Iterator[str]:
    yield from _missing_languages("publisher", file.publisher, file)
    if file.contact is not None:
        yield from _missing_languages("contact", file.contact, file)


def _missing_languages(key: str, words: Mapping[str, str], file: ObservatoryFile) -> Iterator[str]:
    """Tell the languages of the observatory that a text is not written in."""
    needed = [lang for lang in dict.fromkeys(file.languages) if lang in languages()]
    yield from (f"key '{key}.{lang}' is absent" for lang in needed if lang not in words)


def _territory_rule(file: ObservatoryFile) -> Iterator[str]:
    own = [key for key in OWN_KEYS if getattr(file.territory, key) is not None]
    if file.territory.reference is not None:
        if own:
            also = ", ".join(own)
            yield f"territory.reference: a packaged territory stands alone, without {also}"
        if file.territory.names:
            yield "territory.names: a packaged territory has its own; name more in a profile"
        return
    if not own:
        yield (
            f"'territory' must have reference, or {', '.join(OWN_KEYS[:-1])} and {OWN_KEYS[-1]}; if "
            f"it is one place, {' and '.join(ONE_PLACE)} alone"
        )
        return
    needed = ONE_PLACE if file.territory.is_one_place else OWN_KEYS
    yield from (f"key 'territory.{key}' is absent" for key in needed if key not in own)


def _level_names(file: ObservatoryFile) -> Iterator[str]:
    for key in ("base_level", "top_level"):
        level = getattr(file.territory, key)
        if level is None:
            continue
        if level.singular or level.code not in set(load_codelist("levels")["code"]):
            yield from _missing_languages(f"territory.{key}", level.singular or {}, file)


def _level_codes(file: ObservatoryFile) -> Iterator[str]:
    base, top = file.territory.base_level, file.territory.top_level
    if base is not None and top is not None and base.code == top.code:
        yield f"territory.top_level.code: '{top.code}' is the base level as well"


def _top_rule(file: ObservatoryFile) -> Iterator[str]:
    if file.territory.top is not None:
        yield from _missing_languages("territory.top.name", file.territory.top.name, file)


def _beyond(file: ObservatoryFile) -> Iterator[str]:
    for number, one in enumerate(file.territory.beyond, start=1):
        yield from _missing_languages(f"territory.beyond {number}.name", one.name, file)


def _boundaries(file: ObservatoryFile) -> Iterator[str]:
    if file.boundaries is None:
        return
    base, top = file.territory.base_level, file.territory.top_level
    if file.territory.reference is not None:
        levels: tuple[str, ...] = load_territory(file.territory.reference).levels
    elif top is not None and (base is not None or file.territory.is_one_place):
        levels = (top.code,) if base is None else (base.code, top.code)
    else:
        return
    if file.boundaries.level not in levels:
        yield f"boundaries.level: {not_one_of(file.boundaries.level, levels)}"


def _time_zone(file: ObservatoryFile) -> Iterator[str]:
    if file.time_zone and file.time_zone not in available_timezones():
        near = did_you_mean(file.time_zone, available_timezones())
        yield f"time_zone: '{file.time_zone}' is no time zone{near}"


def _coverage(file: ObservatoryFile) -> Iterator[str]:
    yield from each("source", file.source, _source_coverage)


def _source_coverage(source: Source) -> Iterator[str]:
    if source.coverage and source.kind == "survey":
        yield "coverage: a survey has none; its year is that of its wave"
    yield from each("coverage", source.coverage, coverage_faults)


def _denominators(file: ObservatoryFile) -> Iterator[str]:
    for kind, table in file.denominators.items():
        yield from (f"{kind}.{fault}" for fault in denominator_faults(table))


def _engine(file: ObservatoryFile) -> Iterator[str]:
    yield from (f"engine.{fault}" for fault in engine_faults(file.engine))


OBSERVATORY_RULES = (
    *(
        _language_rules,
        _twice,
        _title_rule,
        _publisher,
        _territory_rule,
        _level_names,
        _level_codes,
    ),
    *(_top_rule, _beyond, _boundaries, _time_zone, release_faults, _coverage, _denominators),
    _engine,
)
