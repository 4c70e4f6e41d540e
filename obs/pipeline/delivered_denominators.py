"""Read the denominators that an observatory is delivered, before anything is cleaned."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from obs.clean.denominator_files import read_denominators
from obs.errors import DeliveryError
from obs.pipeline.coverage_lines import say_covered
from obs.pipeline.deliveries import find_files
from obs.pipeline.progress import Progress
from obs.reference import Observatory
from obs.schemas import ALL, COVERAGE, check_table

__all__ = ["cover_denominators", "gather_denominators", "untold_years"]


def gather_denominators(observatory: Observatory, raw: Path, say: Progress) -> pd.DataFrame | None:
    """Give EXPOSURE of every denominator declared, None where there is none."""
    if not observatory.denominators:
        return None
    place = observatory.places(raw)
    tables = []
    for kind, table in observatory.denominators.items():
        paths = find_files(table.files, raw)
        if not paths:
            raise DeliveryError(
                f"no deliveries in '{raw.name}': [{kind}] expects {', '.join(table.files)}. Put them "
                f"there, name another folder with --raw, or take [{kind}] out of the declaration."
            )
        read = read_denominators(kind, paths, table, territory=place)
        units, years = read["territory"].nunique(), sorted(read["year"].unique())
        say(f"{kind}: {units:,} units, {_stretches(years)}, {len(paths)} files")
        for line in say_covered(cover_denominators(read)):
            say(f"  {line}")
        tables.append(read)
    return pd.concat(tables, ignore_index=True)


def cover_denominators(exposure: pd.DataFrame) -> pd.DataFrame:
    """Give COVERAGE of delivered denominators: each year that they tell, of every unit."""
    told = exposure.drop_duplicates(["kind", "year", "source"])
    years = pd.PeriodIndex(told["year"].astype("str"), freq="Y-DEC")
    made = pd.DataFrame(
        {
            "source": told["kind"].to_numpy(),
            "territory": ALL,
            "start": years.start_time,
            "end": years.end_time.normalize(),
            "how": "assumed",
            "delivery": told["source"].to_numpy(),
        }
    )
    return check_table(made.sort_values(["source", "start"], ignore_index=True), COVERAGE)


def untold_years(exposure: pd.DataFrame | None, edition: int) -> list[str]:
    """Name the denominators that do not tell the year of an edition: its rates are missing."""
    if exposure is None:
        return []
    last = exposure.groupby("kind")["year"].agg(set)
    return [str(kind) for kind, years in last.items() if edition not in years]


def _stretches(years: list[int]) -> str:
    """Write years as stretches: 2015 to 2020, 2022."""
    parts: list[list[int]] = []
    for year in years:
        if parts and year == parts[-1][-1] + 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(f"{own[0]} to {own[-1]}" if len(own) > 1 else str(own[0]) for own in parts)
