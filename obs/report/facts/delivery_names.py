"""Know which deliveries tell of a figure, by the names that the manifest of its edition publishes.

A name is that of a file, never its place on a machine. What an edition says of its sources is told
once, when its tables are opened, and is found by the release that the tables are of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pandas as pd

from obs.catalogue import get_indicator

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["delivery_names", "names_behind", "names_told", "tell_deliveries"]

_TOLD: dict[str, tuple[Mapping[str, Any], ...]] = {}  # by the seal of a release
_USED = (None, True)  # what `used` says of deliveries of the edition, and of those that do not tell


def tell_deliveries(released: Released, sources: Iterable[Mapping[str, Any]]) -> None:
    """Tell the deliveries of the edition that these tables are of, as its manifest lists them."""
    _TOLD[released.seal] = tuple(one for one in sources if one.get("used") in _USED)


def names_behind(released: Released, row: pd.Series) -> tuple[str, ...]:
    """Name the deliveries that a released row may come from; none where they were not told."""
    periods = [row["period"], *([row["base"]] if isinstance(row.get("base"), pd.Period) else [])]
    return names_told(released, str(row["indicator"]), periods)


def names_told(released: Released, indicator: str, periods: Iterable[pd.Period]) -> tuple[str, ...]:
    """Name the deliveries behind an indicator and periods of a release; none where not told."""
    return delivery_names(_TOLD.get(released.seal, ()), indicator, periods)


def delivery_names(
    sources: Iterable[Mapping[str, Any]], indicator: str, periods: Iterable[pd.Period]
) -> tuple[str, ...]:
    """Name the deliveries of an indicator's source that cover one of some periods.

    A delivery that does not say what it covers may hold any.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.report.facts.delivery_names import delivery_names
    >>> days = {"covered_from": "2024-01-01", "covered_to": "2024-12-31"}
    >>> sources = [{"source": "police", "file": "police/2024.csv", **days}]
    >>> delivery_names(sources, "theft", [pd.Period("2024")])
    ('2024.csv',)
    >>> delivery_names(sources, "theft", [pd.Period("2023")])
    ()
    """
    kind, spans = get_indicator(indicator).source, list(periods)
    own = [one for one in sources if one.get("source") == kind]
    covering = [one for one in own if one.get("file") and any(_covers(one, s) for s in spans)]
    return tuple(dict.fromkeys(PurePath(str(one["file"])).name for one in covering))


def _covers(source: Mapping[str, Any], span: pd.Period) -> bool:
    first, last = source.get("covered_from"), source.get("covered_to")
    if not first or not last:
        return True
    return bool(pd.Timestamp(first) <= span.end_time and pd.Timestamp(last) >= span.start_time)
