"""Read cells that are not counts: sums of amounts, and estimates from respondents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from obs.disclosure.cells.cell_list import Cell, Cells, Key, describe
from obs.disclosure.cells.indicator_terms import Definition
from obs.disclosure.cells.survey_cells import add_respondents
from obs.disclosure.sensitive.dominance import Contributions, judge_contributions
from obs.disclosure.sensitive.rules import Rule, get_rule
from obs.errors import DisclosureError

__all__ = ["read_amount", "read_survey_estimate"]

_UNKNOWN = ("missing", "not_applicable")


def read_amount(
    cells: Cells,
    key: Key,
    row: Mapping[str, Any],
    given: Contributions | None,
    name: str,
    position: int,
) -> None:
    """Note who makes up a sum of amounts; without that it cannot be judged."""
    cell = cells.of_key[key]
    cells.amounts.add(key.measure)
    if cell.rule is None or not cell.rule.judges_contributors:
        raise DisclosureError(
            f"table '{name}': row {position} is a sum of amounts under a rule that does not look "
            "at contributors. Declare the indicator's unit as euro, or its rule as business."
        )
    cell.contributions = given or cell.contributions
    _refuse_unattributed(cell, f"table '{name}': row {position}")
    if row["grade"] is not None:
        _judge_base(cell, row)


def read_survey_estimate(
    cells: Cells,
    key: Key,
    row: Mapping[str, Any],
    rule: Rule,
    definition: Definition,
    given: Contributions | None,
    name: str,
) -> tuple[Key, ...]:
    """Judge a survey estimate by its respondents; give its key, and those of the cells behind it."""
    key = key._replace(measure=f"survey {key.measure}")
    cell = cells.find_or_add(key, float("nan"), rule)
    cell.inner = False
    cell.published |= row["status"] not in _UNKNOWN
    cell.source |= row["status"] == "suppressed_source"
    _judge_base(cell, row)
    share = definition.kind == "share" or row["scale"] == "share"
    if share and rule.protect_zeros and row["value"] in (0, 1) and not cell.source:
        cell.reason = cell.reason or "all gave one answer"
    if get_rule(definition.rule).judges_contributors and not share:
        cell.contributions = given
        _refuse_unattributed(cell, f"table '{name}': the estimate for {describe(key)}")
        if given is not None and cell.published and not cell.source:
            cell.reason = cell.reason or judge_contributions(given, rule=rule)
    return (key, *add_respondents(cells, key, row, rule, definition, share=share))


def _refuse_unattributed(cell: Cell, where: str) -> None:
    if cell.contributions is None and cell.published and not cell.source:
        raise DisclosureError(
            f"{where} is a sum or mean of amounts without its contributors. Give the columns "
            "contributors, largest_share and second_share: how many make up each sum, and the "
            "shares of the largest and of the second."
        )


def _judge_base(cell: Cell, row: Mapping[str, Any]) -> None:
    """Judge an estimate by the respondents behind it."""
    if cell.rule is None or not cell.published or cell.source:
        return
    if row["grade"] == "F" or row["status"] == "unreliable":
        cell.reason = "unreliable"
    if pd.isna(row["n"]) or row["n"] < cell.rule.min_base:  # a weighted base is none
        cell.reason = f"fewer than {cell.rule.min_base} respondents"
