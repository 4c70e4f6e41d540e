"""Load two registers of the packaged territory: measures of its security plan, breaks in series.

Both follow their sources. Where the plan's annex repeats a text by mistake, the text is kept and
the note says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Annotated

import pandas as pd

from obs.declare import OneOf, Table, Text, Words, each, load, not_one_of
from obs.reference.territory import Territory, load_territory
from obs.reference.translated import add_reasons

__all__ = ["BreaksFile", "load_breaks", "load_measures"]

_BREAK_COLUMNS = ["indicator", "territory", "date", "effect"]


@dataclass(frozen=True)
class Break(Table):
    """One break in series.

    Attributes
    ----------
    indicator : str
        Code of an indicator, or a pattern such as `prosecutor_*`.
    territory : str
        Code of the unit touched, with all its members.
    date : date
        First day of the new series.
    effect : str
        "refuse": no comparison across; "note": compare, and say it.
    source : str
        Where the break is known from.
    reason : mapping
        Why, by language, in a sentence for the page.
    """

    indicator: Text
    territory: Text
    date: dt.date
    effect: Annotated[str, OneOf(("refuse", "note"))]
    source: Text
    reason: Words


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
        annex, else missing). Theme titles in Dutch and English are translations.

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


def load_breaks(*, territory: str | Territory = "brussels") -> pd.DataFrame:
    """Load the registered breaks in series.

    Parameters
    ----------
    territory : str or Territory
        A territory without a register has no known break.

    Returns
    -------
    DataFrame
        One row per break: indicator (a pattern as in `fnmatch`, "prosecutor_*"), territory
        (the unit touched, with all its members), date (the first day of the new series),
        effect ("refuse": no comparison across; "note": compare, and say it), source, and a
        reason in each language (reason_fr...), missing where a language has none.

    Raises
    ------
    CodeError
        If the territory is unknown.

    Examples
    --------
    >>> breaks = load_breaks()
    >>> breaks.loc[breaks["indicator"] == "prosecutor_*", "date"].dt.year.tolist()
    [2015]
    """
    place = load_territory(territory)
    file = None if place.folder is None else place.folder / "breaks.toml"
    table = _breaks(file, place)
    return table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]"))


def _breaks(file: Path | None, place: Territory) -> pd.DataFrame:
    rows = []
    if file is not None and file.is_file():
        rules = (partial(_units, codes=place.units["code"].tolist()),)
        for one in load(file, BreaksFile, rules=rules, called=f"register {file.name}").breaks:
            reasons = {f"reason_{lang}": text for lang, text in one.reason.items()}
            row = {name: str(getattr(one, name)) for name in _BREAK_COLUMNS}
            rows.append({**row, **reasons, "source": one.source})
    given = dict.fromkeys(c for row in rows for c in row if c.startswith("reason_"))
    table = pd.DataFrame(rows, columns=[*_BREAK_COLUMNS, "source", *given], dtype="str")
    key = table["indicator"] + " " + table["territory"] + " " + table["date"]
    return add_reasons(table, name=place.name, register="breaks", key=key)


def _units(register: BreaksFile, *, codes: list[str]) -> Iterator[str]:
    def known(one: Break) -> Iterator[str]:
        if one.territory not in codes:
            yield f"territory: {not_one_of(one.territory, codes)}"

    yield from each("breaks", register.breaks, known)


@cache
def _measures_table() -> pd.DataFrame:
    folder = Path(__file__).parent / "brussels"
    measures = pd.read_csv(folder / "measures.csv", dtype="str")
    themes = pd.read_csv(folder / "themes.csv", dtype="str").drop(columns="source")
    themes.columns = [c.replace("title_", "theme_") for c in themes.columns]
    table = measures.merge(themes, on="theme", how="left", validate="many_to_one")
    first = ["measure", *(c for c in themes.columns if c.startswith("theme"))]
    return table[[*first, "text_fr", "text_chapter_fr", "annex_note"]]
