"""Recompute what the printed report on the security plan says of its own numbers, dates and names.

The data of the observatory do not enter: a statement is compared with the counts, dates and names
that the report itself prints.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping

import pandas as pd

from obs.reference import load_measures, load_report_statements, load_territory, match_territory
from obs.report.edition.plan_file import PlanLine
from obs.schemas import ALL

__all__ = ["statement_contradictions"]

_HALF = 0.5
_PRINTED = 1  # decimals of what is computed
_DATES = ("date", "date_document", "date_press")
_MADE = ("change", "mean", "day_mean")


def statement_contradictions(
    counts: pd.DataFrame, statements: pd.DataFrame | None = None
) -> list[PlanLine]:
    """Give the statements that the report contradicts, with what its own numbers make.

    Parameters
    ----------
    counts : DataFrame
        SERVICES of the report.
    statements : DataFrame, optional
        As `obs.reference.load_report_statements`, the default.

    Returns
    -------
    list of PlanLine
        In the order of the statements. One that holds, rounded as it is printed, is left out.
    """
    told = load_report_statements() if statements is None else statements
    whole = counts[counts["part"] == ALL].assign(period=lambda t: t["period"].astype("str"))
    keyed = whole.set_index(["activity", "territory", "period"])[["numerator", "bound"]]
    rows = told.to_dict("records")
    return [*_recomputed(rows, keyed), *_dates(rows), *_names(rows), *_marks(rows)]


def _recomputed(rows: list[dict[str, str]], counts: pd.DataFrame) -> Iterator[PlanLine]:
    """Recompute the changes and the means."""
    for row in rows:
        made, bound = _computed(row, counts) if row["kind"] in _MADE else (None, "")
        if made is None or _holds(int(row["value"]), made, bound):
            continue
        key = {name: row[name] for name in ("subject", "place", "period", "other", "other_period")}
        of = round(made, _PRINTED)
        yield PlanLine(row["kind"], value=int(row["value"]), of=of, bound=bound, **key)


def _computed(row: Mapping[str, str], counts: pd.DataFrame) -> tuple[float | None, str]:
    """Give what the numbers of the report make, and whether it is a bound."""
    if row["kind"] == "day_mean":
        year = int(row["other_period"])
        return int(row["other"]) / (366 if calendar.isleap(year) else 365), ""
    own = counts.loc[(row["subject"], row["place"], row["period"])]
    if row["kind"] == "mean":
        sessions = counts.loc[(row["other"], row["place"], row["period"])]
        return int(own["numerator"]) / int(sessions["numerator"]), _bound(own)
    before = counts.loc[(row["subject"], row["place"], row["other_period"])]
    return 100 * (int(own["numerator"]) / int(before["numerator"]) - 1), _bound(own)


def _holds(value: int, made: float, bound: str) -> bool:
    """Tell whether a statement, as it is rounded, may be what the numbers of the report make.

    A half may have been rounded either way; what is made of "at least" so many may be more.
    """
    return abs(made - value) <= _HALF or (bound == "at_least" and value > made)


def _bound(own: pd.Series) -> str:
    return "" if pd.isna(own["bound"]) else str(own["bound"]).replace("exact", "")


def _dates(rows: list[dict[str, str]]) -> Iterator[PlanLine]:
    """Give the things of which two dates are told; a month holds its days."""
    for row in rows:
        if row["kind"] not in _DATES:
            continue
        short, long = sorted((row["value"], row["other"]), key=len)
        if not long.startswith(short):
            yield PlanLine(
                row["kind"], subject=row["subject"], value=row["value"], other=row["other"]
            )


def _names(rows: list[dict[str, str]]) -> Iterator[PlanLine]:
    """Give the zones that have several names, each name once."""
    names = pd.Series([row["value"] for row in rows if row["kind"] == "name"], dtype="str")
    codes = match_territory(names, errors="raise")
    official = load_territory("brussels")
    for code, own in names.groupby(codes.to_numpy(), sort=True):
        known = dict.fromkeys([str(official.label(str(code), "fr")), *own])
        others = [name for name in own if name != next(iter(known))]
        if len(known) > 1 and others:
            yield PlanLine(
                "name", place=str(code), value=next(iter(known)), other="; ".join(others)
            )


def _marks(rows: list[dict[str, str]]) -> Iterator[PlanLine]:
    """Give the codes that are no measure, and are one without their last digit."""
    measures = load_measures().astype({"theme": "str"}).set_index("measure")["theme"]
    for row in rows:
        code = row["value"]
        if row["kind"] == "mark" and code not in measures.index and code[:-1] in measures.index:
            theme = str(measures[code[:-1]])
            yield PlanLine("mark", theme, code[:-1], subject=row["subject"], value=code)
