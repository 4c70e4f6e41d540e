"""Put counts of several sources in a chain: what each step explains, and what remains.

Counts of two units never add up. A step is the difference between two published counts; it is
explained where the catalogue declares the counting rule that makes it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from obs.catalogue import get_indicator
from obs.errors import ObsError
from obs.reference import Territory
from obs.schemas import ALL, BREAKDOWNS, COMPARISONS, INDICATORS, WITHHELD, check_table

__all__ = ["reconcile"]


def reconcile(
    table: pd.DataFrame,
    *,
    indicators: Sequence[str],
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Give each count of a chain with its difference from the one before, place by place.

    Parameters
    ----------
    table : DataFrame
        INDICATORS with the counts, one row an indicator, place and period (totals of
        breakdowns). Not modified.
    indicators : sequence of str
        The chain, from the widest count to the narrowest: facts, reports, cases.
    territory : str or Territory
        Not used: every comparison takes it.

    Returns
    -------
    DataFrame
        COMPARISONS: the rows of the chain, by period, place and step, with `before` (the
        indicator before), `step` (this count less that one; missing where one of the two is not
        known or not published, and `no_result` says why) and `explained` ("first",
        "counting_rule" where the catalogue declares that the count is at most the one before,
        "unexplained" else).

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
    columns = [c for c in BREAKDOWNS if c in rows]
    rows = rows[rows["indicator"].isin(chain) & (rows[columns] == ALL).all(axis=1)]
    place = {name: i for i, name in enumerate(chain)}
    rows = rows.assign(_step=rows["indicator"].map(place).astype(int))
    rows = rows.sort_values(["period", "territory", "_step"], ignore_index=True)
    where = pd.MultiIndex.from_frame(rows[["period", "territory", "_step"]])
    back = pd.MultiIndex.from_arrays([rows["period"], rows["territory"], rows["_step"] - 1])
    found = where.get_indexer(back)
    before = rows.reindex(found).reset_index(drop=True)
    first = rows["_step"] == 0
    step = (rows["numerator"] - before["numerator"]).astype("Float64")
    steps = rows.assign(
        before=pd.array([None if i == 0 else chain[i - 1] for i in rows["_step"]], dtype="str"),
        step=step,
        explained=pd.array([_explained(chain, i) for i in rows["_step"]], dtype="str"),
        no_result=pd.array(
            [
                None if one or known else _why(own, other)
                for one, known, own, other in zip(
                    first, step.notna(), rows["status"], before["status"], strict=True
                )
            ],
            dtype="str",
        ),
    )
    return check_table(steps.drop(columns="_step"), COMPARISONS)


def _checked_chain(indicators: Sequence[str], rows: pd.DataFrame) -> list[str]:
    chain = list(indicators)
    if len(chain) < 2 or len(set(chain)) < len(chain):
        raise ObsError("reconcile: give two indicators or more, each once")
    absent = [i for i in chain if i not in set(rows["indicator"])]
    if absent:
        raise ObsError(f"reconcile: the table has no {', '.join(absent)}")
    return chain


def _explained(chain: list[str], step: int) -> str:
    """Say whether the catalogue has the rule by which a count is at most the one before it."""
    if step == 0:
        return "first"
    relations = get_indicator(chain[step]).relation
    known = any(r.kind == "at_most" and chain[step - 1] in r.of for r in relations)
    return "counting_rule" if known else "unexplained"


def _why(own: str, other: object) -> str:
    return "withheld" if own in WITHHELD or other in WITHHELD else "missing"
