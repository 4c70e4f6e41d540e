"""Put counts of several sources in a chain: what each step explains, and what remains.

Counts of two units never add up. A step is the difference between two published counts; it is
explained where the catalogue declares the counting rule that makes it, or where the rows of both
sources say, by the column `filing`, why a report has no case and where a case comes from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.catalogue import get_indicator
from obs.errors import ObsError
from obs.reference import Territory
from obs.schemas import (
    ALL,
    BREAKDOWNS,
    COMPARISONS,
    FILINGS,
    INDICATORS,
    WITHHELD,
    check_table,
)

__all__ = ["reconcile"]

_KEPT, _MADE = "filed", "from_report"  # the reports that go on, and the cases that they make
_LEAVING = ("other_year", "other_context", "recent", "not_filed")
_BY = "filing"


def reconcile(
    table: pd.DataFrame,
    *,
    indicators: Sequence[str],
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Give each count of a chain with its difference from the one before, place by place.

    Where the rows of a count are also shared out by `filing`, each code is a step of its own:
    reports that have no case of the year lower the count, cases of other origins raise it. The
    steps then add up to the last count, and what no rule explains is one of them.

    Parameters
    ----------
    table : DataFrame
        INDICATORS with the counts, one row an indicator, place and period (totals of
        breakdowns), and rows by `filing` of the two last counts. Not modified.
    indicators : sequence of str
        The chain, from the widest count to the narrowest: facts, reports, cases.
    territory : str or Territory
        Not used: every comparison takes it.

    Returns
    -------
    DataFrame
        COMPARISONS: the rows of the chain, by period, place and step, with `before` (the
        indicator before), `step` (what the row adds to what stands above it; missing where a
        count is not known or not published, and `no_result` says why) and `explained` ("first";
        "unit", "scope", "context", "year", "place" or "maturity", the rule that makes it;
        "counting_rule" where the catalogue declares that the count is at most the one before;
        "unexplained" else; "last" for the count to which all steps lead).

    Raises
    ------
    SchemaError
        A table that is not INDICATORS.
    ObsError
        Fewer than two indicators, one twice, or one that the table does not have.

    Examples
    --------
    >>> years = pd.PeriodIndex(["2022"] * 2, freq="Y")
    >>> table = pd.DataFrame({"indicator": ["vif_total", "vif_pv"], "territory": "04000",
    ...     "period": years, "numerator": pd.array([120, 100], dtype="Int64"),
    ...     "status": "ok", "unit": ["fact", "pv"], "n": pd.array([120, 100], dtype="Int64")})
    >>> table = table.assign(**dict.fromkeys(("denominator", "value", "low", "high"), pd.NA),
    ...     grade=None)
    >>> reconcile(table, indicators=["vif_total", "vif_pv"])[["indicator", "step", "explained"]]
       indicator  step      explained
    0  vif_total  <NA>          first
    1     vif_pv -20.0  counting_rule
    """
    rows = check_table(table, INDICATORS)
    chain = _checked_chain(indicators, rows)
    rows = rows[rows["indicator"].isin(chain) & _totals(rows, but=_BY)]
    parts = [_one_chain(own, chain) for _, own in rows.groupby(["period", "territory"], sort=True)]
    return check_table(pd.concat(parts, ignore_index=True), COMPARISONS)


def _checked_chain(indicators: Sequence[str], rows: pd.DataFrame) -> list[str]:
    chain = list(indicators)
    if len(chain) < 2 or len(set(chain)) < len(chain):
        raise ObsError("reconcile: give two indicators or more, each once")
    absent = [i for i in chain if i not in set(rows["indicator"])]
    if absent:
        raise ObsError(f"reconcile: the table has no {', '.join(absent)}")
    return chain


def _totals(rows: pd.DataFrame, *, but: str) -> pd.Series:
    """Tell the rows that are totals of every breakdown but one."""
    columns = [c for c in BREAKDOWNS if c in rows and c != but]
    return (rows[columns] == ALL).all(axis=1)


def _one_chain(rows: pd.DataFrame, chain: list[str]) -> pd.DataFrame:
    """Give the steps of one place and period, in order."""
    code = rows[_BY] if _BY in rows else pd.Series(ALL, index=rows.index)
    of = {(i, c): label for label, i, c in zip(rows.index, rows["indicator"], code, strict=True)}
    told = [
        step
        for place, indicator in enumerate(chain)
        for step in _steps_of(indicator, chain[place - 1] if place else None, of, rows)
    ]
    labels = [label for label, *_ in told]
    columns = list(zip(*[rest for _, *rest in told], strict=True)) or [()] * 4
    before, step, explained, why = columns
    return rows.loc[labels].assign(
        before=pd.array(before, dtype="str"),
        step=pd.array(step, dtype="Float64"),
        explained=pd.array(explained, dtype="str"),
        no_result=pd.array(why, dtype="str"),
    )


_Told = tuple[object, str | None, float | None, str, str | None]
_Rows = dict[tuple[str, str], object]


def _steps_of(indicator: str, before: str | None, of: _Rows, rows: pd.DataFrame) -> list[_Told]:
    """Give the steps that lead from the count before to one, and those that leave it."""
    total = of.get((indicator, ALL))
    if total is None:
        return []
    joins = [c for c in FILINGS if (indicator, c) in of and c not in (_KEPT, *_LEAVING)]
    leaves = [c for c in _LEAVING if (indicator, c) in of]
    if before is None:
        return [(total, None, None, "first", None)]
    if not joins:
        own = _step(total, of.get((before, ALL)), rows)
        named = [
            (total, before, own[0], _explained(indicator, before, parted=bool(leaves)), own[1])
        ]
        return [*named, *_signed(indicator, before, leaves, -1, of, rows)]
    made = [c for c in joins if c == _MADE]
    own = [_step(of[indicator, c], of.get((before, _KEPT)), rows) for c in made]
    named = [
        (of[indicator, c], before, step, FILINGS[c], why)
        for c, (step, why) in zip(made, own, strict=True)
    ]
    others = _signed(indicator, before, [c for c in joins if c != _MADE], 1, of, rows)
    return [*named, *others, (total, before, None, "last", None)]


def _signed(
    indicator: str, before: str, codes: list[str], sign: int, of: _Rows, rows: pd.DataFrame
) -> list[_Told]:
    """Give a step for each code: its whole count, lost or gained."""
    found: list[_Told] = []
    for code in codes:
        label = of[indicator, code]
        number = rows.at[label, "numerator"]
        known = not pd.isna(number)
        why = None if known else _why(rows.at[label, "status"], None)
        found.append((label, before, sign * float(number) if known else None, FILINGS[code], why))
    return found


def _step(own: object, other: object, rows: pd.DataFrame) -> tuple[float | None, str | None]:
    """Give the difference of two counts, or why it is not known."""
    if other is None:
        return None, "missing"
    numbers = [rows.at[label, "numerator"] for label in (own, other)]
    if any(pd.isna(n) for n in numbers):
        return None, _why(rows.at[own, "status"], rows.at[other, "status"])
    return float(np.subtract(*numbers)), None


def _explained(indicator: str, before: str, *, parted: bool) -> str:
    """Say which rule makes a count at most the one before: another unit, where rows are parted."""
    known = any(r.kind == "at_most" and before in r.of for r in get_indicator(indicator).relation)
    other_unit = get_indicator(indicator).unit != get_indicator(before).unit
    if known and parted and other_unit:
        return "unit"
    return "counting_rule" if known else "unexplained"


def _why(own: object, other: object) -> str:
    return "withheld" if own in WITHHELD or other in WITHHELD else "missing"
