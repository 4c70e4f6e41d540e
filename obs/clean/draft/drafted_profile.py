"""Write the draft of a profile: a commented TOML that declares what a file proves, and no more.

Each declared line has its evidence as a comment. What is not proven stands as a comment with
the number of rows that wait for it. A refused file gives no draft.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from obs.clean.draft.column_evidence import ColumnEvidence, look_at
from obs.clean.draft.column_roles import (
    YEARS_ACROSS,
    Roles,
    choose_roles,
    shape_by_cells,
    years_across,
)
from obs.clean.draft.found_layout import FoundLayout, bare_profile, find_layout
from obs.clean.draft.known_labels import codes_of
from obs.clean.draft.toml_words import basic, comment, exact_pattern, named_list
from obs.clean.folded_texts import fold
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_rules import PROFILE_RULES
from obs.clean.profiles.target_columns import NAMED, REQUIRED, TARGETS, is_target
from obs.clean.read.file_checks import open_deliveries
from obs.clean.read.headers import bind_header
from obs.clean.read.reading import Reading
from obs.clean.read.screening import screen
from obs.clean.read.text_table import read_delivery
from obs.declare import check, did_you_mean, not_one_of
from obs.errors import CatalogueError
from obs.reference import Territory, match_candidates

__all__ = ["Draft", "draft_profile"]

_CODELISTS = {
    **{"victim_sex": "sexes", "suspect_sex": "sexes", "place": "places", "decision": "decisions"},
    **{"context": "contexts", "unit": "units"},
}
_MOST_LABELS = 300
_COUNTED = ("counts", "wide_counts")  # whose unit no entry and no column need tell
_DEFAULT = FileLayout()
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d-[01]\d-[0-3]\d|20\d\d[01]\d[0-3]\d)(?!\d)")


@dataclass(frozen=True)
class Draft:
    """A drafted profile: its TOML, the rows of the file, and what must be completed before use."""

    name: str
    text: str
    rows: int
    lacks: tuple[str, ...]


def draft_profile(
    path: Path,
    *,
    kind: str,
    name: str,
    territory: Territory,
    schema: str = "",
    told: Mapping[str, str] | None = None,
) -> Draft:
    """Draft the profile of a file.

    Parameters
    ----------
    path : Path
        The file; never changed.
    kind : str
        Whose delivery it is: "police", "prosecutor", "survey", "helpline", "services".
    name : str
        Name of the profile.
    territory : Territory
        Where its places are looked up.
    schema : str
        Path of the JSON Schema of profiles, from where the draft will lie.
    told : mapping, optional
        Our column = theirs, where nothing in the file tells it.

    Returns
    -------
    Draft
        Nothing is written.

    Raises
    ------
    DeliveryError
        If the file cannot be read, holds no table, or is refused.
    CatalogueError
        If a column that was told is none of ours or none of the file.
    """
    delivery = open_deliveries([path])[0]
    found = find_layout(delivery)
    reading = read_delivery(delivery, bare_profile(found.layout))
    columns = [
        look_at(header, column, territory)
        for header, column in zip(reading.header, reading.columns, strict=True)
    ]
    found = _with_decimal(found, columns)
    shape, why = shape_by_cells(kind, columns)
    wide = _wide_columns(columns) if shape == "wide_counts" else []
    across = bool(wide) and [*wide] == years_across(columns)
    roles = choose_roles(
        YEARS_ACROSS if across else shape,
        [c for c in columns if c.name not in wide],
        _columns_told(told or {}, columns, shape),
    )
    _screen(reading, kind, shape, roles, wide)
    writer = _Writer(name, path.name, kind, shape, why, found, columns, roles, wide, territory)
    text = "\n".join([*([f"#:schema {schema}"] if schema else []), *writer.lines()]) + "\n"
    lacks = [*_faults(text)]
    if shape in _COUNTED and "unit" not in roles.columns and not writer.unit():
        lacks.append("constants.unit: what is counted is not told by the file")
    if shape == "services" and (years := years_across(columns)):
        lacks.append(
            f"columns {comment(named_list(years[:6]))} are years, and services are read one count a row: "
            "have the file written with a column of years and one of numbers"
        )
    return Draft(name, text, len(reading.lines), tuple(lacks))


def _with_decimal(found: FoundLayout, columns: Sequence[ColumnEvidence]) -> FoundLayout:
    """Declare the sign of decimals, where all columns with a fraction agree."""
    signs = {c.decimal: c.name for c in columns if c.decimal}
    if set(signs) != {","}:
        return found
    said = f"column {basic(signs[','])} holds numbers with a decimal comma"
    layout = replace(found.layout, decimal=",")
    return FoundLayout(layout, {**found.evidence, "decimal": said})


def _wide_columns(columns: Sequence[ColumnEvidence]) -> list[str]:
    named = [c.name for c in columns if c.whole and codes_of([c.name], "phenomena")]
    return named if len(named) > 1 else years_across(columns)


def _columns_told(
    told: Mapping[str, str], columns: Sequence[ColumnEvidence], shape: str
) -> dict[str, ColumnEvidence]:
    """Give the columns that were told, or refuse every name that is none."""
    theirs = {fold(c.name): c for c in columns}
    faults = [
        f"column {not_one_of(ours, TARGETS[shape])} of {shape}"
        for ours in told
        if not is_target(ours, shape)
    ]
    faults += [
        f"the file has no column '{name[:40]}'{did_you_mean(name, [c.name for c in columns])}"
        for name in told.values()
        if fold(name) not in theirs
    ]
    if faults:
        raise CatalogueError(f"no draft is made: {'; '.join(faults)}.")
    return {ours: theirs[fold(name)] for ours, name in told.items()}


def _screen(reading: Reading, kind: str, shape: str, roles: Roles, wide: Sequence[str]) -> None:
    """Check the file as the draft would read it."""
    bare = replace(
        reading.by,
        kind=kind,
        shape=shape,
        columns={ours: (column.name,) for ours, column in roles.columns.items()},
        wide=tuple(wide),
        codes={ours: {} for ours in roles.columns if ours in _CODELISTS},
    )
    bound = bind_header(reading.header, reading.name, bare, labels=reading.labels)
    screen(replace(reading, bound=bound, layout=bare))


def _faults(text: str) -> tuple[str, ...]:
    """Tell what the draft lacks before it can be used."""
    return tuple(check(tomllib.loads(text), Profile, rules=PROFILE_RULES).faults)


@dataclass(frozen=True)
class _Writer:
    """The parts of a draft, in the order of the keys of a profile."""

    name: str
    file: str
    kind: str
    shape: str
    why: str
    found: FoundLayout
    columns: Sequence[ColumnEvidence]
    roles: Roles
    wide: Sequence[str]
    territory: Territory

    @property
    def by_year(self) -> bool:
        """Whether years stand across the columns."""
        return bool(self.wide) and [*self.wide] == years_across(self.columns)

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from self._times()
        yield from self._classes()
        yield from self._file()
        yield from self._place()
        yield from self._columns()
        yield from self._unit()
        yield from self._codes()
        yield from self._marks()

    def _head(self) -> Iterator[str]:
        yield f"# Draft from {comment(self.file)}. It declares what that file proves, with the evidence"
        yield "# beside it; every other line is a comment with the rows that wait for it. Read it,"
        yield "# complete it, and confirm it (`obs profile confirm NAME`): until then editions are drafts."
        yield f"name = {basic(self.name)}"
        yield f"title = {basic(self.name.replace('_', ' '))}"
        yield f"kind = {basic(self.kind)}"
        yield f"shape = {basic(self.shape)}  # {comment(self.why)}"
        yield "confirmed = false"
        if self.wide:
            names = "years" if self.by_year else "those of phenomena"
            yield f"wide = {named_list(self.wide)}  # their names are {names}"
            yield from ('wide_names = "period"',) if self.by_year else ()
        if self.kind in ("police", "prosecutor"):
            yield '# place_rule = ""  # not told by the file: where a fact counts (where it took place, or was reported)'
        if self.shape == "interviews":
            yield '# questionnaire = ""  # needed: a dictionary of its questions, as those of obs/clean/questionnaires'
            yield "# (keys: their README), by its path from this file"
        named = NAMED.get(self.shape)
        if named and named not in self.roles.columns:
            yield f'identical = "keep"  # NOT PROVEN: no column names a row ({named}); two real ones may look alike'

    def _times(self) -> Iterator[str]:
        days = {o: c for o, c in self.roles.columns.items() if c.is_day}
        proven = dict.fromkeys(c.dates for c in days.values() if c.dates)
        if len(proven) == 1:
            form, column = next((c.dates, c) for c in days.values() if c.dates)
            yield f"dates = [{basic(form)}]  # column {comment(basic(column.name))}: {column.proof}"
        elif days:
            forms = [*proven] or [*dict.fromkeys(f for c in days.values() for f in c.unproven)]
            rows = sum(c.rows for c in days.values())
            why = (
                "columns write days in several ways; declare those that hold"
                if proven
                else "no cell proves the order of day and month; one of"
            )
            yield f"# {rows:,} rows wait: {why}:"
            yield from (f"# dates = [{basic(form)}]" for form in forms)
        period = self.roles.columns.get("period")
        if period is not None and not period.period:
            yield '# period = "%Y"  # needed: the form of its cells is not told by them'
        elif period is not None:
            yield f"period = {basic(period.period)}  # {comment(period.proof)}"
        elif self.by_year:
            yield 'period = "%Y"  # the names of the columns of numbers'

    def _classes(self) -> Iterator[str]:
        """Write the classes whose label is the name of a phenomenon; comment the others."""
        column = self.roles.columns.get("offence")
        of_names = {} if self.by_year else dict.fromkeys(self.wide, 0)
        labels = column.labels if column else of_names
        if not labels:
            return
        known = codes_of(labels, "phenomena")
        rows = sum(labels[label] for label in known)
        yield ""
        yield f"# {len(known)} of {len(labels)} classes bear the name of a phenomenon ({rows:,} rows)."
        yield "offences = ["
        entries: dict[str, str] = {}
        for label, code in known.items():
            entries.setdefault(
                exact_pattern(fold(label)), f"{exact_pattern(label)}, phenomenon = {basic(code)}"
            )
        yield from (f"  {{ offence = {entry} }}," for entry in entries.values())
        unknown = sorted((n, label) for label, n in labels.items() if label not in known)
        for n, label in reversed(unknown[-_MOST_LABELS:]):
            yield f'  # unmapped, {n:,} rows: {{ offence = {comment(exact_pattern(label))}, phenomenon = "" }},'
        yield "]"

    def _file(self) -> Iterator[str]:
        layout, said = self.found.layout, self.found.evidence
        keys = ("encodings", "separator", "decimal", "skip", "comment", "sheet", "records")
        changed = [k for k in keys if getattr(layout, k) != getattr(_DEFAULT, k) or k in said]
        day = _DAY_IN_NAME.search(self.file)
        if changed or day:
            yield from ("", "[file]")
        if day:
            form = r"\d{4}-\d{2}-\d{2}" if "-" in day[1] else r"\d{8}"
            yield f"# extracted = '({form})'  # the file's name bears {day[1]}: is it the day of its extraction?"
        for key in changed:
            value = getattr(layout, key)
            shown = (
                named_list(value)
                if isinstance(value, tuple)
                else value
                if isinstance(value, int)
                else basic(value)
            )
            yield f"{key} = {shown}" + (f"  # {comment(said[key])}" if key in said else "")

    def _place(self) -> Iterator[str]:
        column = self.roles.columns.get("territory")
        if column is None:
            return
        none = {self.territory.base_level: 0.0}
        level, share = max((column.places or none).items(), key=lambda item: item[1])
        yield from ("", "[territory]")
        yield f"level = {basic(level)}  # {share:.1%} of {column.rows:,} rows name a {comment(level)}"
        if column.totals:
            yield f"totals = '(?i:(?:sous-?)?total|totaal|ensemble|totaux).*'  # {column.totals:,} rows"
        yield from self._unknown_places(column, level)

    def _unknown_places(self, column: ColumnEvidence, level: str) -> Iterator[str]:
        for label, n in sorted(column.labels.items(), key=lambda item: -item[1]):
            units = match_candidates(label, territory=self.territory, level=level)
            if len(units) > 1:
                yield f'# {n:,} rows, may be {len(units)} units: names.{comment(basic(label))} = ""'
            elif not units:
                yield f'# {n:,} rows, no unit of this name: names.{comment(basic(label))} = ""'

    def _columns(self) -> Iterator[str]:
        yield from ("", "[columns]")
        for ours, column in self.roles.columns.items():
            yield f"{ours} = {basic(column.name)}  # {self.roles.why[ours]}; {column.rows:,} rows"
        for ours, names in self.roles.open.items():
            yield f"# {ours} = one of {comment(named_list(names))}: nothing decides between them"
        for ours in REQUIRED[self.shape]:
            across = ours == "period" and self.by_year
            if ours not in (*self.roles.columns, *self.roles.open) and not across:
                yield f'# {ours} = ""  # needed; no column proves to be it{self._may_be(ours)}'
        taken = {c.name for c in self.roles.columns.values()} | {*self.wide}
        for place, column in enumerate(self.columns, start=1):
            if column.name not in taken:  # without a known column the first line may be no header
                shown = comment(basic(column.name)) if taken else f"column {place}"
                yield f"# unmapped: {shown}, {column.rows:,} rows, {column.distinct:,} different texts"

    def _may_be(self, ours: str) -> str:
        """Name the columns that hold a list of classes, where ours is that of offences."""
        taken = {c.name for c in self.roles.columns.values()}
        lists = [c.name for c in self.columns if c.labels and c.name not in taken and not c.is_day]
        if ours != "offence" or not lists or not taken:
            return ""
        return f"; lists of few texts are {comment(named_list(lists[:6]))}"

    def unit(self) -> str:
        """Tell what is counted, where a word of the name of the counts is that of a unit."""
        column = self.roles.columns.get("numerator")
        words = sorted(column.words) if column else []
        told = {*codes_of(words, "units").values()}
        return told.pop() if len(told) == 1 else ""

    def _unit(self) -> Iterator[str]:
        if self.shape not in _COUNTED or "unit" in self.roles.columns:
            return
        yield from ("", "[constants]")
        if unit := self.unit():
            yield f"unit = {basic(unit)}  # a word of the name of the counts"
        else:
            yield '# unit = "fact"  # needed: what is counted (fact, victim, suspect, ...) is not told'

    def _codes(self) -> Iterator[str]:
        if line := self.roles.columns.get("line"):
            yield from (
                "",
                "# when each line answers; rows of a line without an entry are rejected",
            )
            for label, n in line.labels.items():
                yield f"# {n:,} rows wait: [lines.{comment(basic(label))}]  name_fr = ..., hours = [9, 17], closed_weekdays = [5, 6]"
        for ours, codelist in _CODELISTS.items():
            column = self.roles.columns.get(ours)
            if column is None:
                continue
            yield from ("", f"[codes.{ours}]")
            yield from _coded(column.labels, codes_of(column.labels, codelist))

    def _marks(self) -> Iterator[str]:
        column = self.roles.columns.get("numerator")
        whole = max((c.rows for c in self.columns), default=0)
        if column is not None and column.rows < whole:
            yield from ("", "[marks]")
            yield f"# {whole - column.rows:,} rows have no number: zero, missing or withheld is not told"
            yield '# "" = "missing"'


def _coded(labels: Mapping[str, int], known: Mapping[str, str]) -> Iterator[str]:
    written: set[str] = set()
    for label, code in known.items():
        if fold(label) not in written:
            written.add(fold(label))
            yield f"{basic(label)} = {basic(code)}  # its name; {labels[label]:,} rows"
    for label, n in labels.items():
        if label not in known:
            yield f'# unmapped, {n:,} rows: {comment(basic(label))} = ""'
