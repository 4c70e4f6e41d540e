"""Define profiles: one TOML maps one supplier's files onto the tables of `obs`.

A profile is data: patterns (regular expressions that must match a whole cell, in upper or lower
case) and codes. The first entry of `offences` that matches a row applies; there is no other
condition. All faults of a profile are listed at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar

from obs.clean.profiles.code_vintages import CodeVintage
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.other_layouts import OtherLayout
from obs.clean.profiles.target_columns import COUNTED, FLAGS, KINDS, TARGETS, is_of_days
from obs.clean.profiles.territory_rule import TerritoryRule
from obs.declare import (
    Keyed,
    Named,
    OneOf,
    OneOrSeveral,
    Pattern,
    Suggested,
    Table,
    Text,
    Texts,
    Words,
    between,
    empty,
)
from obs.reference import DeclaredCoverage, load_phenomena
from obs.schemas import FORMS, RELATIONS, STATUSES, UNITS

__all__ = [
    "FileLayout",
    "Interruption",
    "Line",
    "MarkEntry",
    "NameEntry",
    "OffenceEntry",
    "Profile",
    "TerritoryRule",
]

Phenomenon = OneOf(lambda: load_phenomena()["code"])
Flag = Annotated[str, OneOf(FLAGS)]
Truth = Annotated[str, OneOf(("true", "false"))]
OUR_COLUMNS = Suggested(sorted({name for names in TARGETS.values() for name in names}))
PhenomenonOrNone = OneOf(lambda: ("", *load_phenomena()["code"]))


@dataclass(frozen=True)
class MarkEntry(Table):
    """A form of marks instead of a count, or around one.

    Attributes
    ----------
    pattern : str
        Pattern that the whole cell must match; its first group, if any, is the number.
    status : str
        What such a cell means.
    """

    pattern: Pattern
    status: Annotated[str, OneOf(STATUSES)]


@dataclass(frozen=True)
class NameEntry(Table):
    """What the name of a file or of a sheet tells of every row in it.

    Attributes
    ----------
    of : str
        Whose name: of the file, or of the sheet.
    pattern : str
        Pattern searched in it; its first group is the text of our column.
    """

    of: Annotated[str, OneOf(("file", "sheet"))]
    pattern: Pattern


@dataclass(frozen=True)
class OffenceEntry(Table):
    """Patterns on the texts of a row, and what a row is that fits them all.

    Attributes
    ----------
    phenomenon : str
        Code of the phenomenon.
    offence, detail, article, label, place : str
        Pattern that the whole text of our column must match; at least one is needed.
    form, relation, unit : str
        Our code of the column, if the class of offence decides it.
    from_, until : date
        First and last day of the facts to which the entry applies: a nomenclature has vintages.
    """

    alternatives: ClassVar[tuple[tuple[str, ...], ...]] = (
        *(("offence",), ("detail",), ("article",), ("label",), ("place",)),
    )

    phenomenon: Annotated[str, Phenomenon]
    offence: Pattern | None = None
    detail: Pattern | None = None
    article: Pattern | None = None
    label: Pattern | None = None
    place: Pattern | None = None
    form: Annotated[str, OneOf(FORMS)] | None = None
    relation: Annotated[str, OneOf(RELATIONS)] | None = None
    unit: Annotated[str, OneOf(UNITS)] | None = None
    from_: dt.date | None = None
    until: dt.date | None = None

    @property
    def conditions(self) -> dict[str, str]:
        """The patterns that it has, by our column."""
        names = ("offence", "detail", "article", "label", "place")
        return {n: getattr(self, n) for n in names if getattr(self, n) is not None}

    @property
    def outcome(self) -> dict[str, str]:
        """What a row is that fits: phenomenon and, if said, form, relation, unit."""
        names = ("phenomenon", "form", "relation", "unit")
        return {n: getattr(self, n) for n in names if getattr(self, n) is not None}


@dataclass(frozen=True)
class Interruption(Table):
    """Days, both included, on which a line did not answer, and why.

    Attributes
    ----------
    first, last : date
        The first and the last day without an answer.
    reason : str
        Why.
    """

    first: dt.date
    last: dt.date
    reason: Text


@dataclass(frozen=True)
class Line(Table):
    """When a helpline answers: a day on which it does not has no count, not a count of 0.

    Attributes
    ----------
    name : mapping
        How the line is called, by language: `name_fr`, `name_nl`, ...
    hours : tuple of int
        Hours of opening and closing, as [9, 17].
    closed_weekdays : tuple of int
        Days without an answer, counted from Monday (0).
    holidays : str
        Country (ISO 3166) on whose public holidays the line is closed.
    interruptions : tuple of Interruption
        Stretches of days without an answer.
    """

    by_language: ClassVar[Mapping[str, str]] = {"name": "name_{}"}

    name: Words
    hours: tuple[int, ...] = (0, 24)
    closed_weekdays: tuple[Annotated[int, OneOf(range(7))], ...] = ()
    holidays: str = ""
    interruptions: tuple[Interruption, ...] = ()


@dataclass(frozen=True)
class Profile(Table):
    """One supplier's layout, checked.

    Attributes
    ----------
    name, title : str
        How the profile is called, and what it is.
    kind : str
        Kind of delivery.
    shape : str
        What a row is: police `events`, `counts` or `wide_counts` (one column per class),
        prosecutor `cases` or `case_counts`, survey `interviews`, helpline `calls` or
        `call_days`, `services`; `tidy` is a table that `obs` cleaned already.
    source : str
        Value of the column `source`.
    place_rule : str
        Where a fact counts, in words.
    file : FileLayout
        How the file is written.
    territory : TerritoryRule
        How places become codes.
    columns : mapping
        Our column = theirs, or the list of names that it may have.
    optional : tuple of str
        Our columns that a file may lack.
    joined : mapping
        Our column = several of theirs, whose texts are joined by a blank: a date in three.
    named : mapping
        Our column = what the name of the file or of the sheet tells.
    wide : tuple of str
        Their columns that hold counts.
    wide_pattern : str
        Pattern of the names of their columns that hold counts, in place of a list; its first
        group, if any, is what the name tells.
    wide_names : str
        Our column that the names of such columns tell.
    wide_optional : tuple of str
        Those among `wide` that a file may lack.
    constants : mapping
        Our column = one text for every row.
    dates : tuple of str
        Formats of days, in the order tried.
    period : str
        Format of years or months.
    hours : tuple of str
        Further formats of times, as "%H" for whole hours.
    time_zone : str
        Time zone of the place of the facts, as "Europe/Brussels"; without it, that of the
        observatory, and of Brussels for its territory.
    earliest : int
        First year that a fact can be of; earlier ones are rejected.
    report_id : str
        `belgian_pv` writes numbers of reports as BR.11.LA.004633/2018.
    offences : tuple of OffenceEntry
        The first entry that fits a row decides what it is.
    other : str
        Phenomenon of what fits no entry; without it such rows are rejected.
    codes : mapping
        For a column of ours, their code = ours ("" makes it missing).
    dated_codes : tuple of CodeVintage
        Codes of columns in `codes` whose meaning depends on the day of the row.
    flags : mapping
        For a column of ours, the patterns of `true` and `false`, tried in this order.
    coverage : tuple of DeclaredCoverage
        Days that deliveries of facts cover, where their names do not tell it.
    bands : tuple of int
        Ages at which bands begin.
    marks : mapping
        Text instead of a count = its status ("" is a blank); "zero" is the number 0.
    mark_patterns : tuple of MarkEntry
        Forms of marks, the first that fits decides: `12*`, `~12`, `< 5`.
    summed : tuple of str
        Columns, ours or theirs, over which the counts of one key are added.
    left_out : mapping
        Column, ours or theirs = pattern of its cells on rows of totals, which are dropped.
    strict : tuple of str
        Our columns whose unreadable cells reject the row, where otherwise they do not.
    identical : str
        Without identifier: `keep` (two real facts may look alike) or `merge`.
    repeated : str
        Of counts: `add` the rows of one key, whatever column tells them apart.
    vanished : str
        Records that a later delivery of the same days no longer has: `keep` (deliveries add
        and correct) or `drop` (each is whole); without a word they are kept and remarked.
    unknown : mapping
        For a column of ours, the texts that mean "not known".
    lines : mapping
        Code of a helpline = when it answers.
    questionnaire : str
        Of interviews: a packaged dictionary or the path of one.
    allow : tuple of str
        Their columns that may look like personal data.
    layout : tuple of OtherLayout
        Other layouts of the same supplier, each known by its header.
    confirmed : bool
        Whether it was read and completed by a person; `false` in a draft.
    """

    name: Text
    title: Text
    kind: Annotated[str, OneOf(KINDS)]
    shape: Annotated[str, OneOf(TARGETS)]
    source: str = "police"
    place_rule: str = ""
    file: FileLayout = field(default_factory=FileLayout)
    territory: TerritoryRule = field(default_factory=TerritoryRule)
    columns: Annotated[Named[Annotated[Texts, OneOrSeveral()]], OUR_COLUMNS] = field(
        default_factory=empty
    )
    optional: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    joined: Named[Texts] = field(default_factory=empty)
    named: Named[NameEntry] = field(default_factory=empty)
    wide: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    wide_pattern: Pattern = ""
    wide_names: Annotated[str, OneOf(("offence", "territory", "period"))] = "offence"
    wide_optional: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    constants: Annotated[Named[str], OUR_COLUMNS] = field(default_factory=empty)
    dates: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    period: str = ""
    hours: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    time_zone: str = ""
    earliest: Annotated[int, between(0, 9999)] = 0
    report_id: Annotated[str, OneOf(("", "belgian_pv"))] = ""
    offences: tuple[OffenceEntry, ...] = ()
    other: Annotated[str, PhenomenonOrNone] = ""
    codes: Named[Named[str]] = field(default_factory=empty)
    dated_codes: tuple[CodeVintage, ...] = ()
    flags: Keyed[Flag, Keyed[Truth, Pattern]] = field(default_factory=empty)
    coverage: tuple[DeclaredCoverage, ...] = ()
    bands: tuple[Annotated[int, between(0)], ...] = ()
    marks: Named[Annotated[str, OneOf(STATUSES)]] = field(default_factory=empty)
    mark_patterns: tuple[MarkEntry, ...] = ()
    summed: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    left_out: Named[Pattern] = field(default_factory=empty)
    strict: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    identical: Annotated[str, OneOf(("", "keep", "merge"))] = ""
    repeated: Annotated[str, OneOf(("", "add"))] = ""
    vanished: Annotated[str, OneOf(("", "keep", "drop"))] = ""
    unknown: Named[Annotated[tuple[str, ...], OneOrSeveral()]] = field(default_factory=empty)
    lines: Named[Line] = field(default_factory=empty)
    questionnaire: str = ""
    allow: Annotated[tuple[str, ...], OneOrSeveral()] = ()
    layout: tuple[OtherLayout, ...] = ()
    confirmed: bool = True

    def by(self, other: OtherLayout) -> Profile:
        """Give the profile that reads another layout of the same supplier."""
        kept = {ours: theirs for ours, theirs in self.columns.items() if ours not in other.absent}
        return replace(
            self,
            file=other.file or self.file,
            columns=kept | {**other.columns},
            optional=(*(name for name in self.optional if name in kept), *other.optional),
            constants={**self.constants, **other.constants},
            dates=other.dates or self.dates,
            period=other.period or self.period,
            codes={**self.codes, **other.codes},
            marks={**self.marks, **other.marks},
            allow=(*self.allow, *other.allow),
            layout=(),
        )

    @property
    def targets(self) -> list[str]:
        """List our columns that this profile fills from the file or by a constant."""
        extra = [self.wide_names, "numerator"] if self.is_wide else []
        named = [*self.columns, *self.joined, *self.named, *extra, *self.constants]
        return [*dict.fromkeys(named)]

    @property
    def is_wide(self) -> bool:
        """Whether several columns hold counts."""
        return bool(self.wide or self.wide_pattern)

    @property
    def by_day(self) -> bool:
        """Whether counts are delivered by day; they are kept by month."""
        return self.shape in COUNTED and "period" in self.targets and is_of_days(self.period)

    @property
    def zone(self) -> str:
        """The time zone of the place of the facts, "" if none is known."""
        return self.time_zone or self.territory.time_zone
