"""Read when an edition is announced to be published, and how the observatory is reached."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from obs.declare import Checked, Table, between

__all__ = ["Release", "Site", "announced_moment", "release_faults"]

_MOMENT = "%Y-%m-%d %H:%M"


def _moment_fault(text: str) -> str:
    try:
        dt.datetime.strptime(text, _MOMENT)  # noqa: DTZ007 (the observatory's zone is added)
    except ValueError:
        return "must be a day and an hour, as '2025-06-30 10:00'"
    return ""


def _site_fault(text: str) -> str:
    parts = urlsplit(text)
    plain = parts.scheme == "https" and parts.netloc and not (parts.query or parts.fragment)
    if not text or (plain and not re.search(r"\s", text)):
        return ""
    return "must be the address of the publications, as 'https://example.org/publications'"


Site = Annotated[str, Checked(_site_fault)]


@dataclass(frozen=True)
class Release(Table):
    """The announced hour of an edition: `obs publish` refuses to publish it before.

    Attributes
    ----------
    edition : int
        Year of the edition.
    at : str
        Day and hour, in the time zone of the observatory, as "2025-06-30 10:00".
    """

    edition: Annotated[int, between(1)]
    at: Annotated[str, Checked(_moment_fault)]


def release_faults(file: Any) -> Iterator[str]:
    """Tell what is wrong between the releases of an observatory's declaration."""
    editions = [release.edition for release in file.release]
    for edition in sorted({e for e in editions if editions.count(e) > 1}):
        yield f"'release' announces edition {edition} twice"
    if editions and not file.time_zone:
        yield "release: an hour needs the key 'time_zone', as \"Europe/Brussels\""


def announced_moment(at: str, time_zone: str) -> dt.datetime:
    """Give an announced hour as a moment.

    Parameters
    ----------
    at : str
        Day and hour, as "2025-06-30 10:00".
    time_zone : str
        Of the observatory.

    Returns
    -------
    datetime
        With its time zone.

    Examples
    --------
    >>> announced_moment("2025-06-30 10:00", "Europe/Brussels").isoformat()
    '2025-06-30T10:00:00+02:00'
    """
    naive = dt.datetime.strptime(at, _MOMENT)  # noqa: DTZ007 (the zone is added)
    return naive.replace(tzinfo=ZoneInfo(time_zone or "UTC"))
