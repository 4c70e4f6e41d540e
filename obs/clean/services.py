"""Clean activity counts of communes, zones and associations: mediation, support, visits.

Each count keeps its unit and its provider. A total that is not the sum of its parts is reported
and kept as delivered.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import ibis
import ibis.expr.types as ir

from obs.clean.cleaned import Cleaned
from obs.clean.cleaning import Source, clean
from obs.clean.judge.duplicates import PLACE
from obs.clean.judge.row_shapes import CARRIED, Shape, origin, outcome
from obs.clean.profiles.profile import Profile, profile_of
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
    >>> clean_services(counts, profile="obs_sample_services").summary()
    ['read 3, kept 3, merged 0, rejected 0', 'remarked as parts_differ: 1']
    """
    loaded = profile_of("services", profile)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    return clean(source, loaded, shape=_SERVICES, extracted=extracted, apart=apart)


def _arrange(rows: ir.Table, profile: Profile) -> ir.Table:
    columns = {name: outcome(rows, name) for name in (*_WHOLE, "measure")}
    columns |= {
        "part": outcome(rows, "part").fill_null(ALL),
        "bound": outcome(rows, "bound").fill_null("exact"),
        "numerator": rows.to_numerator,
        "status": rows.to_status,
    }
    if "document_line" in profile.targets:
        columns["document_line"] = outcome(rows, "document_line")
    return rows.select(*CARRIED, **columns, **origin(rows))


def _doubt(rows: ir.Table, profile: Profile) -> list[tuple[str, str, ir.BooleanValue]]:
    today = rows.extracted.strftime("%Y-%m-%d")
    return [("period", "future_date", ibis.coalesce(rows.to_period, "") > today)]


def _remark(kept: ir.Table, profile: Profile) -> ir.Table:
    whole = {name: kept[name].fill_null("") for name in _WHOLE}
    named = kept.select(*PLACE, "part", "numerator", "bound", **whole)
    parts = named.filter(named.part != ALL)
    division = ibis.ifelse(parts.part.contains(":"), parts.part.split(":")[0], "")
    sums = (
        parts.mutate(division=division)
        .group_by([*_WHOLE, "division"])
        .agg(
            sum=lambda t: t.numerator.sum(),
            told=lambda t: (t.numerator.notnull() & (t.bound == "exact")).all(),
        )
    )
    totals = named.filter((named.part == ALL) & (named.bound == "exact"))
    paired = totals.inner_join(sums, list(_WHOLE))
    wrong = paired.filter(paired.told & (paired["sum"] != paired.numerator))
    return wrong.select(*PLACE).distinct().mutate(noted=ibis.literal("numerator|parts_differ"))


_SERVICES = Shape(
    schema=SERVICES,
    key=(*_WHOLE, "part"),
    content=("numerator", "status", "measure", "bound"),
    required=("territory", "period", "activity", "unit"),
    arrange=_arrange,
    doubt=_doubt,
    when="period",
    remark=_remark,
)
