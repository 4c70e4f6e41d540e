"""Write raw project forms: how many each kind of partner sent for each measure of the plan.

Which measures have a form is drawn; how many there are by theme and partner is as published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obs.reference import load_measures
from obs.sample.draws import Stream
from obs.sample.published_totals import table
from obs.sample.writing import SampleFile, label

__all__ = ["project_files"]

HEADER = (
    *("ANNEE", "TERRITOIRE", "ACTIVITE", "PARTIE", "UNITE"),
    *("PRESTATAIRE", "MESURE", "NOMBRE", "SYNTH"),
)
_YEARS = (2021, 2022)  # those of the report
_MOST = 6  # forms of one partner for one measure


def project_files(years: Iterable[int], *, seed: int, scale: float) -> Iterator[SampleFile]:
    """Make the file of each year of the report.

    A form is of one measure (`PARTIE`); the total of a partner is blank there. The number of forms does
    not follow the scale, which the label alone tells.

    Examples
    --------
    >>> from obs.sample.project_files import project_files
    >>> [file.path for file in project_files(range(2020, 2025), seed=1, scale=1.0)]
    ['projects/project_forms_2021.csv', 'projects/project_forms_2022.csv']
    """
    for year in years:
        if year not in _YEARS:
            continue
        rows = [row for partner in _partners() for row in _forms_of(partner, year, seed)]
        lines = [label(seed, scale), ";".join(HEADER), *(";".join(row) for row in rows), ""]
        counts = {"rows": len(rows), "kinds": {}}
        name = f"projects/project_forms_{year}.csv"
        yield SampleFile(name, "\n".join(lines).encode(), counts)


def _partners() -> list[str]:
    return [name for name in table("plan_coverage.csv")[0] if name != "theme"]


def _forms_of(partner: str, year: int, seed: int) -> Iterator[list[str]]:
    """Give the total of a partner, then its forms by measure."""
    plan, drawn = load_measures(), Stream(seed, "projects", partner)
    forms = Stream(seed, "project forms", f"{partner} {year}")
    numbers: dict[str, int] = {}
    for line in table("plan_coverage.csv"):
        measures = plan.loc[plan["theme"].astype("str") == line["theme"], "measure"].tolist()
        ranks = drawn.below(1_000_000, len(measures)).tolist()
        order = sorted(range(len(measures)), key=lambda k: (ranks[k], k))
        for k in sorted(order[: int(line[partner])]):
            numbers[measures[k]] = 1 + int(forms.below(_MOST, 1)[0])
    cells = [str(year), "04000", "project_forms"]
    if not numbers:
        return
    yield [*cells, "", "fiches", partner, "", str(sum(numbers.values())), "OUI"]
    for measure, number in numbers.items():
        yield [*cells, f"measure:{measure}", "fiches", partner, measure, str(number), "OUI"]
