"""Write raw activity counts of communes, zones and associations, one file a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from obs.sample.draws import Stream, share_out
from obs.sample.published_totals import communes, document, scaled
from obs.sample.writing import SampleFile, label

__all__ = ["services_files"]

HEADER = (
    *("ANNEE", "NIVEAU", "TERRITOIRE", "ACTIVITE", "PARTIE", "UNITE"),
    *("PRESTATAIRE", "MESURE", "NOMBRE", "SYNTH"),
)
_NOISE = 15  # per cent around the expected number


def services_files(years: Iterable[int], *, seed: int, scale: float) -> Iterator[SampleFile]:
    """Make the file of each year.

    `PARTIE` names a part of a total (the total's is blank); in a stated number of rows the
    total is not the sum of its parts, as in reports received.

    The account of each file gives the rows and the contradictory totals.

    Examples
    --------
    >>> from obs.sample.services_files import services_files
    >>> next(services_files([2021], seed=1, scale=1.0)).counts["kinds"]
    {'contradictory_total': 1}
    """
    for year in years:
        rows = _activity_rows(Stream(seed, "services", year), year, scale)
        wrong = document("services.toml")["contradictions"]
        divided = [k for k, row in enumerate(rows[1:]) if row[4] and not rows[k][4]]
        for k in divided[:wrong]:
            rows[k][8] = str(int(rows[k][8]) + 3)
        lines = [label(seed, scale), ";".join(HEADER), *(";".join(row) for row in rows), ""]
        counts = {"rows": len(rows), "kinds": {"contradictory_total": wrong}}
        yield SampleFile(f"services/services_{year}.csv", "\n".join(lines).encode(), counts)


def _activity_rows(stream: Stream, year: int, scale: float) -> list[list[str]]:
    spec = document("services.toml")
    rows = []
    for name, own in spec["activities"].items():
        for territory, population in _territories(own):
            number = _number_of_year(stream, own, population, year - spec["first_year"], year)
            if number is None:
                continue
            number = scaled(number, scale)
            for part, n in _total_and_parts(own, number):
                cells = [str(year), own["level"], territory, name, part, own["unit"]]
                rows.append([*cells, own["provider"], own["measure"], str(n), "OUI"])
    return rows


def _number_of_year(
    stream: Stream, own: dict[str, Any], population: int, since: int, year: int
) -> int | None:
    """Give the number of a year: as it was told, else as the rate has it; None where none was told."""
    if "totals" in own:
        told: int | None = own["totals"].get(str(year))
        return told
    growth = 100 + own["growth"] * since
    noise = 100 - _NOISE + int(stream.below(2 * _NOISE + 1, 1)[0])
    number: int = population * own["rate"] * growth * noise // 1_000_000_000
    return number


def _territories(own: dict[str, Any]) -> list[tuple[str, int]]:
    """Give the places of an activity with their inhabitants; of a country, which tells totals, none."""
    level = own["level"]
    if "place" in own:
        return [(own["place"], 0)]
    if level == "commune":
        return [(c["nis"], c["population"]) for c in communes()]
    if level == "region":
        return [("04000", sum(c["population"] for c in communes()))]
    zones = sorted({c["zone"] for c in communes()})
    return [(z, sum(c["population"] for c in communes() if c["zone"] == z)) for z in zones]


def _total_and_parts(own: dict[str, Any], number: int) -> list[tuple[str, int]]:
    """Give the total, then its parts if it has any."""
    parts = own.get("parts", {})
    if not parts:
        return [("", number)]
    shares = share_out(number, list(parts.values())).tolist()
    return [("", number), *zip(parts, shares, strict=True)]
