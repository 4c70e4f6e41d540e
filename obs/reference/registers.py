"""Load two registers of the packaged territory: measures of its security plan, breaks in series.

Both follow their sources. Where the plan's annex repeats a text by mistake, the text is kept and
the note says so.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from obs.reference.territory import Territory, load_territory

__all__ = ["load_breaks", "load_measures"]

_BREAK_COLUMNS = [
    "indicator",
    "territory",
    "date",
    "effect",
    "reason_fr",
    "reason_nl",
    "reason_en",
    "source",
]


def load_measures() -> pd.DataFrame:
    """Load the 77 measures of the Global Security and Prevention Plan 2021-2024 (PGSP).

    Returns
    -------
    DataFrame
        One row per measure, in the plan's order: measure ("1.1" to "9.9"), theme (1 to 9),
        theme_fr, theme_nl, theme_en, text_fr (the annex, word for word), text_chapter_fr
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
    return _measures().copy()


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
        effect ("refuse": no comparison across; "note": compare, and say it), reason_fr,
        reason_nl, reason_en, source.

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
    file = None if place.folder is None else place.folder / "breaks.csv"
    if file is None or not file.is_file():
        table = pd.DataFrame(columns=_BREAK_COLUMNS, dtype="str")
    else:
        table = pd.read_csv(file, dtype="str")
    return table.assign(date=pd.to_datetime(table["date"]).astype("datetime64[us]"))


@cache
def _measures() -> pd.DataFrame:
    folder = Path(__file__).parent / "brussels"
    measures = pd.read_csv(folder / "measures.csv", dtype="str")
    themes = pd.read_csv(folder / "themes.csv", dtype="str").drop(columns="source")
    themes.columns = [c.replace("title_", "theme_") for c in themes.columns]
    table = measures.merge(themes, on="theme", how="left", validate="many_to_one")
    first = ["measure", "theme", "theme_fr", "theme_nl", "theme_en"]
    return table[[*first, "text_fr", "text_chapter_fr", "annex_note"]]
