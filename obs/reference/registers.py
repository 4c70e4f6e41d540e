"""Load registers of the packaged territory: measures of its plan, breaks in series, help lines.

Measures and breaks follow their sources. Where the plan's annex repeats a text by mistake, the text is kept and
the note says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import pandas as pd

from obs.declare import OneOf, OneOrSeveral, Table, Text, Texts, Words, each, load, not_one_of
from obs.reference.territory import Territory, load_territory
from obs.reference.translated import add_reasons

__all__ = [
    "BreaksFile",
    "is_bridged",
    "load_breaks",
    "load_help_lines",
    "load_measures",
    "load_report_statements",
]

_HELP_COLUMNS = ["topic", "number"]
_BREAK_COLUMNS = ["indicator", "territory", "date", "effect"]


@dataclass(frozen=True)
class Passage(Table):
    """One line of a table of passage: classes of before and after that hold the same facts.

    Attributes
    ----------
    indicators : tuple of str
        Codes of indicators, or patterns, that count these classes and no others: their
        comparisons across the break are allowed, with a note.
    old, new : tuple of str
        The classes or articles of before and of after.
    source : str
        Who says that they hold the same facts.
    """

    indicators: Annotated[Texts, OneOrSeveral()]
    old: Annotated[Texts, OneOrSeveral()]
    new: Annotated[Texts, OneOrSeveral()]
    source: Text


@dataclass(frozen=True)
class Break(Table):
    """One break in series.

    Attributes
    ----------
    indicator : tuple of str
        Codes of indicators, or patterns such as `cases_*`.
    territory : str
        Code of the unit touched, with all its members.
    date : date
        First day of the new series.
    effect : str
        "refuse": no comparison across; "note": compare, with a note.
    source : str
        Where the break is known from.
    reason : mapping
        Why, by language, in a sentence for the page.
    passage : tuple of Passage
        The table of passage: what may be compared across all the same.
    """

    indicator: Annotated[Texts, OneOrSeveral()]
    territory: Text
    date: dt.date
    effect: Annotated[str, OneOf(("refuse", "note"))]
    source: Text
    reason: Words
    passage: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class BreaksFile(Table):
    """The register of breaks in series of a territory.

    Attributes
    ----------
    breaks : tuple of Break
        In the order of their indicators.
    """

    breaks: tuple[Break, ...] = ()


def load_measures() -> pd.DataFrame:
    """Load the 77 measures of the Global Security and Prevention Plan 2021-2024 (PGSP).

    Returns
    -------
    DataFrame
        One row per measure, in the plan's order: measure ("1.1" to "9.9"), theme (1 to 9),
        theme_fr and so on, text_fr (the annex, word for word), text_chapter_fr
        (another text given in a chapter, else missing), annex_note (what is odd in the
        annex, else missing), needed_fr and so on (for a measure that asks for data and has
        none, the source that would tell, else missing). Theme titles in Dutch and English are
        translations.

    References
    ----------
    safe.brussels, Rapport sur le plan de mise en œuvre annuel 2021-2022, annex.

    Examples
    --------
    >>> measures = load_measures().set_index("measure")
    >>> len(measures), measures.at["5.7", "theme_en"]
    (77, 'Offences against property')
    >>> bool(measures.at["1.2", "text_fr"] == measures.at["1.3", "text_fr"])
    True
    """
    return _measures_table().copy()


def load_report_statements() -> pd.DataFrame:
    """Load what the report on the plan says of its own numbers, dates and names, as printed.

    Returns
    -------
    DataFrame
        One row per statement: kind (change, mean, day_mean, date..., name, mark), subject, place,
        period, value, other and other_period (what it stands beside), line. Texts, "" for none;
        the head of the file says what each kind holds.

    References
    ----------
    safe.brussels, Rapport sur le plan de mise en œuvre annuel 2021-2022.

    Examples
    --------
    >>> load_report_statements()["kind"].unique().tolist()
    ['change', 'mean', 'day_mean', 'date', 'date_document', 'date_press', 'name', 'mark']
    """
    return _reference_table("report_statements.csv").fillna("")


def load_breaks(*, territory: str | Territory = "brussels") -> pd.DataFrame:
    """Load the registered breaks in series.

    Parameters
    ----------
    territory : str or Territory
        A territory without a register has no known break. That of an observatory has the
        breaks of the file `breaks.toml` beside its `observatory.toml` as well.

    Returns
    -------
    DataFrame
        One row per break: indicator (a pattern as in `fnmatch`, "cases_*"), territory
        (the unit touched, with all its members), date (the first day of the new series),
        effect ("refuse": no comparison across; "note": compare, with a note), source, bridged
        (the indicators, or patterns, that its table of passage lets compare, with a blank
        between), and a reason in each language (reason_fr...), missing where a language has
        none.

    Raises
    ------
    CodeError
        If the territory is unknown.

    Examples
    --------
    >>> breaks = load_breaks()
    >>> breaks.loc[breaks["indicator"] == "cases_*", "date"].dt.year.tolist()
    [2015, 2026]
    """
    place = load_territory(territory)
    packaged = None if place.folder is None else place.folder / "breaks.toml"
    table = _breaks([file for file in (packaged, place.breaks) if file is not None], place)
    return table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]"))


def is_bridged(indicator: str, row: Mapping[Hashable, object]) -> bool:
    """Tell whether the table of passage of a break lets an indicator be compared across it."""
    patterns = str(row.get("bridged") or "").split()
    return any(fnmatchcase(indicator, pattern) for pattern in patterns)


def _breaks(files: Sequence[Path], place: Territory) -> pd.DataFrame:
    rows = []
    rules = (partial(_units, codes=place.units["code"].tolist()),)
    for file in (one for one in files if one.is_file()):
        for one in load(file, BreaksFile, rules=rules, called=f"register {file.name}").breaks:
            rows += _rows_of_break(one)
    given = dict.fromkeys(c for row in rows for c in row if c.startswith("reason_"))
    table = pd.DataFrame(rows, columns=[*_BREAK_COLUMNS, "source", "bridged", *given], dtype="str")
    key = table["indicator"] + " " + table["territory"] + " " + table["date"]
    return add_reasons(table, name=place.name, register="breaks", key=key)


def _rows_of_break(one: Break) -> list[dict[str, str]]:
    """Give a row for each indicator, or pattern, of a break."""
    cells = {f"reason_{lang}": text for lang, text in one.reason.items()}
    cells |= {name: str(getattr(one, name)) for name in ("territory", "date", "effect", "source")}
    bridged = " ".join(name for line in one.passage for name in line.indicators)
    return [{**cells, "indicator": name, "bridged": bridged} for name in one.indicator]


def _units(register: BreaksFile, *, codes: list[str]) -> Iterator[str]:
    def known(one: Break) -> Iterator[str]:
        if one.territory not in codes:
            yield f"territory: {not_one_of(one.territory, codes)}"

    yield from each("breaks", register.breaks, known)


@cache
def _measures_table() -> pd.DataFrame:
    folder = Path(__file__).parent / "brussels"
    measures = pd.read_csv(folder / "measures.csv", dtype="str")
    needed = _reference_table("measures_needed.csv")
    themes = pd.read_csv(folder / "themes.csv", dtype="str").drop(columns="source")
    themes.columns = [c.replace("title_", "theme_") for c in themes.columns]
    table = measures.merge(themes, on="theme", how="left", validate="many_to_one")
    table = table.merge(needed, on="measure", how="left", validate="one_to_one")
    first = ["measure", *(c for c in themes.columns if c.startswith("theme"))]
    last = [c for c in needed if c != "measure"]
    return table[[*first, "text_fr", "text_chapter_fr", "annex_note", *last]]


def _reference_table(name: str) -> pd.DataFrame:
    """Read a table of Brussels whose head explains it."""
    path = Path(__file__).parent / "brussels" / name
    return pd.read_csv(path, dtype="str", comment="#")


def load_help_lines(*, territory: str | Territory = "brussels") -> pd.DataFrame:
    """Load the help lines of a territory.

    Parameters
    ----------
    territory : str or Territory
        A territory without the table gives an empty one.

    Returns
    -------
    DataFrame
        One row per line, in the order of the register: topic, number, and label_LANG in the
        languages of the table.

    Raises
    ------
    CodeError
        If the territory is unknown.

    Examples
    --------
    >>> load_help_lines()["number"].tolist()
    ['0800 30 030', '1712', '112']
    """
    place = load_territory(territory)
    file = None if place.folder is None else place.folder / "help_lines.csv"
    if file is None or not file.is_file():
        return pd.DataFrame(columns=_HELP_COLUMNS, dtype="str")
    return pd.read_csv(file, dtype="str", keep_default_na=False)
