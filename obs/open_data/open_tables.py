"""Take released tables apart: one open table for each indicator, level and frequency.

Every format is written from these, so that all hold the same values. A withheld figure is nothing
here: no cell stands behind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from obs.disclosure import Released
from obs.errors import ObsError
from obs.locale import words
from obs.open_data.about_edition import plain_text
from obs.report.edition.code_words import CODED, code_in_words
from obs.report.facts.released_only import need_released
from obs.report.figures.data_file import iso_period, shown_rows
from obs.schemas import ALL, BREAKDOWNS, COMPARED, INCIDENCE, INDICATORS, QUANTILES, TRENDS

__all__ = ["FREQUENCIES", "OpenTable", "kind_of", "open_tables"]

FREQUENCIES = {"Y": "A", "Q": "Q", "M": "M", "W": "W", "D": "D"}  # of a period, as SDMX names them
_DIGITS = 6  # decimals of a number, in every format
_COLUMNS = INCIDENCE.columns | QUANTILES.columns | TRENDS.columns | INDICATORS.columns
_COMPARED = set(COMPARED) - set(_COLUMNS)

Cells = dict[str, list[Any]]


@dataclass(frozen=True)
class OpenTable:
    """The rows of one indicator at one level, of periods of one length.

    Attributes
    ----------
    name : str
        Of its files, without ending: "theft_commune_2015-2024".
    source : str
        The released table that it comes from.
    indicator, level, frequency : str
        What all its rows have in common.
    base : str
        Of changes from one period, that period; "" for others.
    changes : bool
        Whether its rows are changes.
    cells : dict of str to list
        Columns: str, int, float, bool, date or None.
    titles : mapping
        By language.
    """

    name: str
    source: str
    indicator: str
    level: str
    frequency: str
    base: str
    changes: bool
    cells: Cells
    titles: Mapping[str, str]

    @property
    def breakdowns(self) -> list[str]:
        """Columns that break the indicator down."""
        return [c for c in BREAKDOWNS if c in self.cells]

    @property
    def key(self) -> list[str]:
        """Columns that tell its rows apart."""
        known = ("indicator", "territory", "period", "base", "point")
        return [c for c in (*known, *self.breakdowns) if c in self.cells]

    def __len__(self) -> int:
        return len(self.cells["territory"])


def kind_of(column: str) -> str:
    """Give the kind of a column: text, count, number, flag, date or period."""
    column, _, lang = column.partition("__")
    known = _COLUMNS.get(column)
    return "text" if lang or known is None else known.kind


def open_tables(released: Released, *, langs: Sequence[str]) -> list[OpenTable]:
    """Take released tables apart, sorted by name.

    Rows that several released tables hold alike are given once. Raises `ObsError` if a table holds
    comparisons between places, which an edition shows in its notes alone.
    """
    need_released(released, who="open data")
    namer = _Namer(released, langs)
    levels = released.territory.units.set_index("code")["level"].to_dict()
    levels |= {one.code: one.level for one in released.territory.beyond}
    found: dict[str, OpenTable] = {}
    for name in released.names:
        rows = shown_rows(released[name])
        _need_describable(name, rows)
        own = rows.get("level", pd.Series(index=rows.index, dtype="str"))
        rows = rows.assign(level=own.fillna(rows["territory"].map(levels)).fillna(""))
        for one in _parts_of(name, rows, namer, synthetic=released.synthetic):
            former = found.get(one.name)
            if former is not None and former.cells != one.cells:
                one = replace(one, name=f"{one.name}_{name.replace('.', '-')}")
            found[one.name] = one if former is None or former.name != one.name else former
    return [found[name] for name in sorted(found)]


def _need_describable(name: str, rows: pd.DataFrame) -> None:
    strange = sorted(_COMPARED & set(rows.columns))
    if strange:
        raise ObsError(
            f"open data: table '{name}' compares places ({', '.join(strange[:5])}); give what "
            "obs.release made of indicators and changes."
        )


def _parts_of(
    name: str, rows: pd.DataFrame, namer: _Namer, *, synthetic: bool
) -> Iterator[OpenTable]:
    """Part a table by indicator and level, and write its cells as plain values."""
    for (indicator, level), part in rows.groupby(["indicator", "level"], sort=True):
        cells = {c: _plain_cells(part[c], kind_of(c)) for c in part.columns}
        cells["synthetic"] = [bool(synthetic)] * len(part)
        key = [c for c in ("territory", "period", "base", "point", *BREAKDOWNS) if c in cells]
        order = sorted(range(len(part)), key=lambda row: [cells[c][row] or "" for c in key])
        cells = {
            c: [own[row] for row in order]
            for c, own in cells.items()
            if any(cell is not None for cell in own)
        }
        yield namer.named(name, str(indicator), str(level), part, cells)


def _plain_cells(column: pd.Series, kind: str) -> list[Any]:
    """Give the values of a column as Python has them, None where there is none."""
    makers: dict[str, Callable[[Any], Any]] = {
        "count": int,
        "number": lambda v: round(float(v), _DIGITS),
        "flag": bool,
        "date": _day,
        "period": iso_period,
    }
    make: Callable[[Any], Any] = makers.get(kind, _plain_cell)
    return [None if pd.isna(value) else make(value) for value in column]


def _day(value: Any) -> dt.date:
    day: dt.date = value.date()
    return day


def _plain_cell(value: Any) -> str:
    return plain_text(str(value))


class _Namer:
    """Names tables and says codes in the languages of an edition."""

    def __init__(self, released: Released, langs: Sequence[str]) -> None:
        self.territory = released.territory
        self.langs = langs
        self.levels: dict[tuple[str, str], str] = {}
        codes = released.table["territory"].astype("str").unique()
        self.places = {lang: {c: self.territory.label(c, lang) for c in codes} for lang in langs}

    def named(
        self, source: str, indicator: str, level: str, part: pd.DataFrame, cells: Cells
    ) -> OpenTable:
        """Name a table, and put the words of its codes beside them."""
        changes = "change_of" in part.columns or "base" in cells
        bases, periods = sorted(set(cells.get("base", ()))), sorted(set(cells["period"]))
        base = bases[0] if len(bases) == 1 and len(periods) > 1 else ""
        span = periods[0] if len(periods) == 1 else f"{periods[0]}{_to(periods[0])}{periods[-1]}"
        by = [c for c in BREAKDOWNS if set(cells.get(c, ())) - {ALL}]
        parts = [indicator, level or "all", span, *([f"by-{'-'.join(by)}"] if by else [])]
        parts += [f"since-{base}" if base else "change"] if changes else []
        return OpenTable(
            name="_".join(parts),
            source=source,
            indicator=indicator,
            level=level,
            frequency=FREQUENCIES[part["period"].iloc[0].freqstr[0]],
            base=base,
            changes=changes,
            cells=self._with_words(cells),
            titles={
                lang: self._title(
                    lang, indicator, level, span.replace("_", " – "), changes, base, by
                )
                for lang in self.langs
            },
        )

    def _title(
        self,
        lang: str,
        indicator: str,
        level: str,
        span: str,
        changes: bool,  # noqa: FBT001
        base: str,
        by: Sequence[str],
    ) -> str:
        say = words(lang).say
        told = {
            "indicator": code_in_words("indicator", indicator, lang, {}) or indicator,
            "level": self._level(level, lang),
            "periods": span,
        }
        if base:
            title = say("open_data.since", **told, base=base)
        else:
            title = say("open_data.changes" if changes else "open_data.table", **told)
        if not by:
            return plain_text(title)
        columns = ", ".join(say(f"open_data.columns.{c}").lower() for c in by)
        return plain_text(say("open_data.by", title=title, breakdowns=columns))

    def _level(self, level: str, lang: str) -> str:
        """Name the places of a level: one by its own name, several by the word for them."""
        if (level, lang) not in self.levels:
            codes = self._codes(level)
            if len(codes) == 1:
                self.levels[level, lang] = str(self.territory.label(codes[0], lang))
            elif codes:
                label = self.territory.level_label(level, lang, plural=True)
                self.levels[level, lang] = str(label)
        return self.levels.get((level, lang), level)

    def _codes(self, level: str) -> list[str]:
        """List the places of a level of the territory or beyond it; none of another level."""
        if level in self.territory.levels:
            own: list[str] = self.territory.codes(level)
            return own
        return [one.code for one in self.territory.beyond if one.level == level]

    def _with_words(self, cells: Cells) -> Cells:
        """Put the words of each code beside it, in every language."""
        made: Cells = {}
        for column, own in cells.items():
            made[column] = own
            if column not in CODED:
                continue
            codes = {code for code in own if code}
            for lang in self.langs:
                said = {
                    code: plain_text(code_in_words(column, code, lang, self.places[lang]))
                    for code in codes
                }
                if any(said.values()):
                    made[f"{column}__{lang}"] = [said.get(code) or None for code in own]
        return made


def _to(period: str) -> str:
    """Join the ends of a span: years with a hyphen, others with an underscore."""
    return "-" if len(period) == 4 else "_"
