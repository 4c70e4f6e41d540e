"""Write raw files of how strict the restrictions of the health crisis were: an index a day, made up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from obs.sample.published_totals import document
from obs.sample.writing import SampleFile, label

__all__ = ["restriction_files"]

_HEADER = ("DATE", "POINTS", "SYNTH")


def restriction_files(years: Iterable[int], *, seed: int, scale: float) -> Iterator[SampleFile]:
    """Make the file of each year of the health crisis.

    One row a day, of the whole country. The index is no count: neither the seed nor the scale
    changes it.

    Examples
    --------
    >>> from obs.sample.restriction_files import restriction_files
    >>> [file.path for file in restriction_files([2019, 2020], seed=1, scale=1.0)]
    ['restrictions/stringency_2020.csv']
    """
    spec = document("restrictions.toml")
    for year in years:
        if not spec["first_year"] <= year <= spec["last_year"]:
            continue
        first = date(year, 1, 1)
        days = [first + timedelta(k) for k in range((date(year + 1, 1, 1) - first).days)]
        rows = [f"{day:%d/%m/%Y};{_points_of(day)};OUI" for day in days]
        lines = [label(seed, scale), ";".join(_HEADER), *rows, ""]
        counts = {"rows": len(rows), "kinds": {}}
        name = f"restrictions/stringency_{year}.csv"
        yield SampleFile(name, "\n".join(lines).encode(), counts)


def _points_of(day: date) -> int:
    """Give the index of a day: that of the last stretch begun."""
    stretches = document("restrictions.toml")["stretches"]
    points: int = [s["points"] for s in stretches if s["from"] <= day][-1]
    return points
