"""Clean activity counts of communes, zones and associations: mediation, support, visits.

Each count keeps its unit and its provider. A total that is not the sum of its parts is reported
and kept as delivered.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from obs.clean.cleaned import Cleaned
from obs.clean.cleaning import clean
from obs.clean.coded_columns import Coded, whole_numbers
from obs.clean.delivered_rows import Source
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.row_shapes import Doubt, Shape, Table, begins_after, origin
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_files import profile_of
from obs.clean.read.tidy_input import accept_tidy
from obs.schemas import ALL, SERVICES

__all__ = ["clean_services"]

_WHOLE = ("territory", "period", "activity", "unit", "provider")  # what has a total and parts


def clean_services(
    source: Source,
    *,
    profile: str | Path | Profile,
    extracted: str | dt.date | None = None,
    apart: bool = False,
) -> Cleaned:
    """Clean activity counts into SERVICES.

    A part is named, or named within a division ("sex:female"); parts of one division that
    do not add up to their total put the remark `parts_differ` on the total. Nothing is
    compared where a part is missing or is only a bound.

    Parameters
    ----------
    source : str, Path, list of paths, or DataFrame
        Deliveries of one layout. Never changed. A DataFrame's cells are read as texts.
    profile : str, Path or Profile
        Name of a packaged profile (`list_profiles`), path of a TOML, or a Profile.
    extracted : str or date, optional
        Day of extraction ("2024-01-31") of every row, whatever the file and its name say.
    apart : bool
        Whether each file is given cleaned by itself as well (`Cleaned.deliveries`).

    Returns
    -------
    Cleaned
        `.table`, `.rejected`, `.flagged`, `.report`, `.write(directory)`, `.summary()`.

    Raises
    ------
    DeliveryError
        If a file cannot be read as the profile says, or holds personal data.
    CatalogueError
        If the profile is faulty or is not of activity counts.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({
    ...     "ANNEE": "2022", "NIVEAU": "commune", "TERRITOIRE": "21002",
    ...     "ACTIVITE": "bonuses_granted", "PARTIE": ["", "preventive", "after"],
    ...     "UNITE": "demandes", "PRESTATAIRE": "Commune", "MESURE": "",
    ...     "NOMBRE": ["31", "16", "17"]})
    >>> for line in clean_services(counts, profile="obs_sample_services").summary():
    ...     print(line)
    read 3, kept 3, merged 0, rejected 0
    counts: read 64, kept 64, merged 0, rejected 0
    remarked as parts_differ: 1
    """
    loaded = profile_of("services", profile, source)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    return clean(source, loaded, shape=_SERVICES, extracted=extracted, apart=apart)


def _arrange(rows: Rows, profile: Profile) -> Table:
    columns: Table = {name: rows.outcome(name) for name in (*_WHOLE, "measure")}
    columns |= {
        "part": rows.filled("part", ALL),
        "bound": rows.filled("bound", "exact"),
        "numerator": rows.to["numerator"],
        "status": rows.to["status"],
    }
    if "document_line" in profile.targets:
        columns["document_line"] = rows.outcome("document_line")
    return columns | origin(rows)


def _doubt(rows: Rows, profile: Profile) -> list[Doubt]:
    return [("period", "future_date", begins_after(rows.outcome("period"), rows.limit))]


def _remark(kept: Table, profile: Profile) -> list[Doubt]:
    """Note the totals that are not the sum of the parts of one of their divisions."""
    named = {c: _series(kept[c]) for c in (*_WHOLE, "part", "bound")}
    table = pd.DataFrame(named).fillna("").assign(number=whole_numbers(kept["numerator"]))
    exact = table["bound"] == "exact"
    division = table["part"].str.extract(r"^([^:]*):", expand=False).fillna("")
    parts = table.assign(told=exact & table["number"].notna(), division=division)
    sums = (
        parts[table["part"] != ALL]
        .groupby([*_WHOLE, "division"])
        .agg(sum=("number", "sum"), told=("told", "all"))
        .reset_index()
    )
    totals = table[(table["part"] == ALL) & exact & table["number"].notna()]
    paired = totals.reset_index().merge(sums[sums["told"]], on=list(_WHOLE))
    wrong = np.zeros(len(table), dtype=bool)
    wrong[paired.loc[paired["sum"] != paired["number"], "index"].to_numpy(dtype="int64")] = True
    return [("numerator", "parts_differ", wrong)]


def _series(column: object) -> pd.Series:
    assert isinstance(column, Coded)  # noqa: S101 (what names a count is text)
    return column.to_series()


_SERVICES = Shape(
    schema=SERVICES,
    key=(*_WHOLE, "part"),
    content=("numerator", "status", "measure", "bound"),
    required=("territory", "period", "activity", "unit"),
    arrange=_arrange,
    doubt=_doubt,
    when="period",
    remark=_remark,
    number="numerator",
)
