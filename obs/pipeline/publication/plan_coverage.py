"""Say which measures of the security plan can be seen: by whom they are served, by which indicator.

The numbers are of measures and forms, never of persons. Contradictions are those of the printed
report: totals that are not the sum of their parts, measures with one text, what it says of its own numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from typing import Any

import pandas as pd

from obs.catalogue import load_catalogue
from obs.clean import clean_services
from obs.disclosure import Released
from obs.pipeline.publication.report_statements import statement_contradictions
from obs.reference import load_measures
from obs.report.edition.plan_file import PlanLine
from obs.schemas import ALL

__all__ = ["PLAN_NOTE", "describe_plan", "report_contradictions"]

PLAN_NOTE = "plan_pgsp"
PARTNERS = ("police_zone", "commune", "regional_body", "association_call", "association_other")
FORMS = "project_forms"  # activity of the deliveries of forms
_REPORT = "services_2021_2022.csv"
_MEASURE = "measure:"  # before the measure of a part


def describe_plan(services: pd.DataFrame | None, released: Released) -> list[dict[str, Any]]:
    """Compute what can be seen of the plan.

    Parameters
    ----------
    services : DataFrame or None
        SERVICES of all deliveries, those of the project forms among them.
    released : Released
        All tables of the edition.

    Returns
    -------
    list of dict
        One for each line, as `obs.report.edition.plan_file.PlanLine`.
    """
    lines = [*_coverage(services), *_indicators(released), *_needed(), *report_contradictions()]
    return [line.to_json() for line in lines]


def _coverage(services: pd.DataFrame | None) -> Iterator[PlanLine]:
    """Count, by theme and partner, the measures that have a form in any year."""
    if services is None:
        return
    forms = services[(services["activity"] == FORMS) & services["part"].str.startswith(_MEASURE)]
    served = forms[forms["numerator"].fillna(0) > 0].assign(
        measure=lambda t: t["part"].str.removeprefix(_MEASURE)
    )
    plan = load_measures().astype({"theme": "str"})
    themes = plan.set_index("measure")["theme"]
    for partner in [p for p in PARTNERS if (served["provider"] == p).any()]:
        own = served[served["provider"] == partner]
        found = own["measure"].drop_duplicates().map(themes).value_counts()
        for theme, measures in plan.groupby("theme", sort=True):
            covered = int(found.get(theme, 0))
            yield PlanLine("coverage", str(theme), partner=partner, value=covered, of=len(measures))
        whole = int(found.sum())
        yield PlanLine("coverage", ALL, partner=partner, value=whole, of=len(plan))


def _indicators(released: Released) -> Iterator[PlanLine]:
    """Name the indicators of the catalogue that serve each measure, and whether this edition shows them."""
    shown = set(released.table["indicator"].astype("str"))
    plan = load_measures().astype({"theme": "str"})
    for row in plan.itertuples():
        for one in load_catalogue().values():
            if row.measure in one.measures:
                seen = int(one.id in shown)
                yield PlanLine("indicator", row.theme, row.measure, indicator=one.id, value=seen)


def _needed() -> Iterator[PlanLine]:
    """Name the measures that ask for data and that no indicator serves."""
    plan = load_measures().astype({"theme": "str"})
    served = {measure for one in load_catalogue().values() for measure in one.measures}
    for row in plan[plan["needed_fr"].notna() & ~plan["measure"].isin(served)].itertuples():
        yield PlanLine("needed", row.theme, row.measure)


def report_contradictions() -> list[PlanLine]:
    """Find what the printed report contradicts itself in, from its counts, statements and list of measures.

    Examples
    --------
    >>> from obs.pipeline.publication.plan_coverage import report_contradictions
    >>> [(one.subject, one.value, one.of) for one in report_contradictions() if one.kind == "total" and one.period == "2022"]
    [('burglary_bonuses_granted', 31, 33), ('call_projects_funded', 50, 49), ('homeless_interventions', 828, 767)]
    """
    with as_file(files("obs.reference") / _REPORT) as path:
        table = clean_services(path, profile="pgsp_report_2021_2022").table
    keys = ["territory", "period", "activity", "unit", "provider"]
    wrong = table[(table["part"] == ALL) & table["remark"].fillna("").str.contains("parts_differ")]
    parts = table[table["part"] != ALL].groupby(keys)["numerator"].sum()
    found = [
        PlanLine(
            "total",
            subject=row.activity,
            place=row.territory,
            period=str(row.period),
            value=int(row.numerator),
            of=int(parts.loc[tuple(getattr(row, key) for key in keys)]),
        )
        for row in wrong.sort_values(keys[:3]).itertuples()
    ]
    return sorted(found, key=lambda one: (one.subject, one.period)) + [
        *statement_contradictions(table),
        *_repeated_texts(),
    ]


def _repeated_texts() -> list[PlanLine]:
    """Find measures of the plan's annex that have the text of another."""
    plan = load_measures().astype({"theme": "str"})
    alike = plan.groupby(["theme", "text_fr"], sort=False)["measure"].agg(list)
    return [
        PlanLine("repeated", str(theme), measures[0], subject=measures[1])
        for (theme, _), measures in alike.items()
        if len(measures) > 1
    ]
