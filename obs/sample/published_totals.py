"""Read what the sample must add up to, and how its facts spread, from the files of `data/`.

Quoted totals have their source in the file itself. All other figures are invented, and the files
say so.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = [
    "FAMILY_CLASSES",
    "FIRST_YEAR",
    "LAST_YEAR",
    "communes",
    "family_totals",
    "layout",
    "patterns",
    "region_totals",
    "scaled",
    "spellings",
    "zone_totals",
]

FIRST_YEAR, LAST_YEAR = 2014, 2024
FAMILY_CLASSES = (
    "physical_couple",
    "psychological_couple",
    "sexual_couple",
    "economic_couple",
    "physical_descendant",
    "physical_other_family",
)


def scaled(total: int, scale: float) -> int:
    """Multiply a total by the scale, rounded half up."""
    return int(total * scale + 0.5)


def zone_totals(year: int) -> dict[str, dict[str, int]]:
    """Give theft, burglary_dwelling, assault and damage of a year, by police zone."""
    return {
        row["zone"]: {k: int(row[k]) for k in ("theft", "burglary_dwelling", "assault", "damage")}
        for row in table("police_by_zone.csv")
        if row["year"] == str(year)
    }


def family_totals(year: int) -> dict[str, int]:
    """Give facts by class, `reports` and, where fixed, `reports_april` of a year."""
    row = next(r for r in table("family_violence.csv") if r["year"] == str(year))
    return {k: int(v) for k, v in row.items() if k != "year" and v}


def region_totals(year: int) -> dict[str, int]:
    """Give the facts of a year outside the family, by offence code, for the Region."""
    row = next(r for r in table("police_region.csv") if r["year"] == str(year))
    return {k: int(v) for k, v in row.items() if k != "year"}


def communes() -> list[dict[str, Any]]:
    """Give the communes in order of code: zone, population, intensities."""
    rows = table("communes.csv")
    return [{k: v if k in ("nis", "zone") else int(v) for k, v in r.items()} for r in rows]


def spellings(language: str) -> Mapping[str, list[tuple[str, int]]]:
    """Give the spellings of each commune in one language, with their weights."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in table("spellings.csv"):
        if row["language"] == language:
            found.setdefault(row["nis"], []).append((row["spelling"], int(row["weight"])))
    return found


def patterns() -> dict[str, Any]:
    """Give the patterns over time, place and persons."""
    return document("patterns.toml")


def layout() -> dict[str, Any]:
    """Give the police supplier's file layout in its two languages."""
    return document("police_layout.toml")


@cache
def table(name: str) -> list[dict[str, str]]:
    """Read a typed CSV of the sample, comment lines left out."""
    lines = files("obs.sample").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@cache
def document(name: str) -> dict[str, Any]:
    """Read a TOML document of the sample."""
    return tomllib.loads(files("obs.sample").joinpath("data", name).read_text(encoding="utf-8"))
