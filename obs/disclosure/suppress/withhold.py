"""Remove the numbers of rows that show a withheld cell, set their status, and list the actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from obs.disclosure.cells.cell_list import Cell, Cells, Key, breakdown_text
from obs.disclosure.multiple_comparisons import readjust_comparisons
from obs.disclosure.released import ACTION_COLUMNS

__all__ = ["withhold"]

_CALENDAR = ("days", "base_days")
_REVEALING = ("grade", "method", "reason", "standing")  # "exact", "few_events": a small count
_SECONDARY = "would give a withheld figure away by subtraction"
_SERIES = "its series does not hold for as many successive years as the rule asks"


def withhold(
    name: str, frame: pd.DataFrame, *, cells: Cells, shown: Mapping[Key, bool]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Blank every number of a row that shows, or is computed from, a withheld cell.

    So is every word that depends on a number: verdict, standing, grade, method and reason.
    Exposures (inhabitants, dwellings, days) are public and stay; the whole of a share is
    a count and goes.

    Returns the table, same rows, and the actions, one per withheld row.
    """
    rows = cells.rows[name]
    status = frame["status"] if "status" in frame else _trend_status(frame)
    unknown = status.isin(["missing", "not_applicable"]).to_numpy()
    hide = np.array([not all(shown[k] for k in row) for row in rows], dtype=bool) & ~unknown
    why = [_reason_withheld([cells.of_key[k] for k in rows[i]]) for i in np.flatnonzero(hide)]
    result = (readjust_comparisons(frame, hide) if "base" in frame else frame).assign(status=status)
    result.loc[hide, "status"] = [w[0] for w in why]
    shares = np.array(["base" not in frame and len(r) > 1 for r in rows], dtype=bool)
    for column in filter(lambda c: _is_figure(result, c), result.columns):
        blank = hide & shares if column == "denominator" else hide | unknown
        if column == "verdict":  # that two things are not alike is no secret
            blank = hide | (
                unknown & ~((status == "not_applicable") & _not_comparable(result)).to_numpy()
            )
        result[column] = result[column].mask(blank)
    telling = hide & (result["status"] != "unreliable").to_numpy()
    for column in (c for c in _REVEALING if c in result):
        result[column] = result[column].mask(telling)
    return result, _list_actions(name, frame[hide], why)


def _is_figure(frame: pd.DataFrame, column: str) -> bool:
    """Tell whether a column holds figures (days are a calendar's, a verdict gives a sign)."""
    numeric = pd.api.types.is_numeric_dtype(frame[column])
    flag = pd.api.types.is_bool_dtype(frame[column])
    return column == "verdict" or (numeric and not flag and column not in _CALENDAR)


def _not_comparable(frame: pd.DataFrame) -> pd.Series:
    return frame["verdict"] == "not comparable"


def _trend_status(frame: pd.DataFrame) -> pd.Series:
    unknown = frame["change"].isna()
    return pd.Series("ok", index=frame.index, dtype="str").mask(unknown, "missing")


def _reason_withheld(seen: Sequence[Cell]) -> tuple[str, str, str]:
    """Say why a row is withheld: status, rule, reason."""
    # no condition is equivalent: a cell of a row has a rule, the type checker alone asks
    rule = next((c.rule.name for c in seen if c.rule), "")
    if any(c.source for c in seen):
        return "suppressed_source", "source", "withheld by the source"
    reason = next((c.reason for c in seen if c.reason), "")
    if reason:
        return "unreliable" if reason == "unreliable" else "suppressed_primary", rule, reason
    if any(c.series for c in seen):
        return "suppressed_secondary", rule, _SERIES
    return "suppressed_secondary", rule, _SECONDARY


def _list_actions(
    name: str, rows: pd.DataFrame, why: Sequence[tuple[str, str, str]]
) -> pd.DataFrame:
    actions = pd.DataFrame(
        {
            "table": name,
            "indicator": rows["indicator"],
            "territory": rows["territory"],
            "period": rows["period"].astype("str"),
            "breakdowns": breakdown_text(rows),
            "action": [w[0] for w in why],
            "rule": [w[1] for w in why],
            "reason": [w[2] for w in why],
        },
        columns=list(ACTION_COLUMNS),
    )
    return actions.astype("str").reset_index(drop=True)
