"""List how each indicator changed between two extractions, from the registry of deliveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from obs.catalogue import Indicator, get_indicator, load_catalogue, own_catalogue
from obs.clean.registry.delivery_registry import Registry
from obs.errors import DeliveryError, ObsError
from obs.indicators import compute
from obs.reference import Territory, load_observatory
from obs.trends.change.extractions import compare_extractions

__all__ = ["list_revisions"]

_SOURCE = "police"
_COUNTED = ("count", "rate", "per_day", "share")


def list_revisions(
    *,
    config: str | Path | None = None,
    raw: str | Path = "data/raw",
    processed: str | Path = "data/processed",
    before: str | dt.date | None = None,
    after: str | dt.date | None = None,
    indicators: Sequence[str] | None = None,
    level: str | None = None,
) -> pd.DataFrame:
    """Compute every indicator from two past extractions and compare them.

    Parameters
    ----------
    config : path, optional
        The observatory's TOML; the Brussels one by default.
    raw : path
        Folder of raw deliveries, where an observatory may keep its units.
    processed : path
        Folder of internal tables, where the registry is.
    before, after : str or date, optional
        Days of extraction, as 2022-01-31: what had been extracted by then. By default the
        last but one and the last of the registry.
    indicators : sequence of str, optional
        Ids of the catalogue; by default those of the police source.
    level : str, optional
        Level of the territory; by default the whole.

    Returns
    -------
    DataFrame
        As `obs.trends.change.extractions.compare_extractions`, by month where facts were delivered
        and by year where counts were. Internal: these are exact counts.

    Raises
    ------
    DeliveryError
        If the registry has fewer than two extractions.
    ObsError
        If the first day is not before the second, or no indicator can be computed.

    Examples
    --------
    >>> list_revisions(processed="nowhere")
    Traceback (most recent call last):
    obs.errors.DeliveryError: the registry of 'brussels' has 0 extractions of police...
    """
    observatory = load_observatory(config)
    registry = Registry.of(processed, observatory.name)
    first, second = _extraction_days(registry, observatory.name, before, after)
    place = observatory.territory(raw)
    tables = [registry.table_as_of(day, source=_SOURCE) for day in (first, second)]
    covered = [registry.covered(day, source=_SOURCE) for day in (first, second)]
    found = []
    with own_catalogue(observatory.catalogue_dir):
        for entry in _wanted(indicators):
            sides = [_compute(entry, t, c, place) for t, c in zip(tables, covered, strict=True)]
            if all(side is not None for side in sides):
                found.append(compare_extractions(*sides, extracted=pd.Timestamp(first)))
    if not found:
        raise ObsError(
            f"the deliveries of {_SOURCE} extracted by {first} and by {second} do not both tell any of "
            "these indicators: ask for others, or for other days with --from and --to."
        )
    moved = pd.concat(found, ignore_index=True)
    kept = moved["level"] == (level or place.levels[-1])
    if not kept.any():
        raise ObsError(f"level {level!r} is not one of {', '.join(place.levels)}")
    return moved[kept].reset_index(drop=True)


def _extraction_days(
    registry: Registry, name: str, before: str | dt.date | None, after: str | dt.date | None
) -> tuple[dt.date, dt.date]:
    known = registry.extractions(source=_SOURCE)
    if len(known) < 2 and (before is None or after is None):
        raise DeliveryError(
            f"the registry of '{name}' has {len(known)} extractions of {_SOURCE} and a "
            "revision needs two; `obs build` registers deliveries. Those whose day of extraction nothing "
            "tells are none: a profile finds it in the file's name by `extracted` under [file]."
        )
    second = known[-1] if after is None else _as_day(after)
    earlier = [day for day in known if day < second]
    first = (earlier or [second])[-1] if before is None else _as_day(before)
    if first >= second:
        raise ObsError(f"the first extraction ({first}) must be before the second ({second})")
    return first, second


def _as_day(day: str | dt.date) -> dt.date:
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except ValueError:
        raise ObsError(f"'{day[:20]}' is not a day; write it as 2024-01-31") from None


def _wanted(ids: Sequence[str] | None) -> Iterator[Indicator]:
    if ids is not None:
        asked = [get_indicator(one) for one in ids]
        if other := [one.id for one in asked if one.source != _SOURCE]:
            raise ObsError(
                f"revisions are those of the deliveries of {_SOURCE}, and {', '.join(other)} counts "
                "others: leave it out; `obs indicators` lists the source of each."
            )
        yield from asked
        return
    for entry in load_catalogue().values():
        if entry.source == _SOURCE and entry.kind in _COUNTED:
            yield entry


def _compute(
    entry: Indicator,
    table: pd.DataFrame,
    covered: tuple[dt.date, dt.date] | None,
    place: Territory,
) -> pd.DataFrame | None:
    """Compute one side, or give None where the source does not tell the indicator."""
    facts = "event_date" in table
    computed = compute(
        entry,
        {entry.source: table},
        period="month" if facts else "year",
        territory=place,
        coverage=covered if facts else None,
    )
    return None if (computed["status"] == "not_applicable").all() else computed
