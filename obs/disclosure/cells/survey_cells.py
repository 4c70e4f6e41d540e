"""Note what each row of a survey tells of respondents: how many there are, how many answered so.

A row shows two cells: its base, a count of respondents judged by the rule's least base, and the
respondents who gave its answers, weighted where the base is. What the rule withholds for its
quality must keep a doubt of five points either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from obs.disclosure.cells.cell_list import Cells, Estimate, Key
from obs.disclosure.cells.indicator_terms import Definition
from obs.disclosure.sensitive.rules import Rule

__all__ = ["QUALITY_DOUBT", "add_respondents", "base_rule"]

QUALITY_DOUBT = 0.05  # of the base, or of a mean: what subtraction leaves open of a withheld value


def base_rule(rule: Rule) -> Rule:
    """Give the rule of a base: no group of fewer respondents is shown, or left by subtraction."""
    return replace(
        rule, threshold=rule.min_base, cover=rule.min_base, protect_zeros=False, successive=0
    )


def add_respondents(
    cells: Cells,
    key: Key,
    row: Mapping[str, Any],
    rule: Rule,
    definition: Definition,
    *,
    share: bool,
) -> tuple[Key, ...]:
    """Add the cells behind a row of which the base is known; give their keys.

    An unreliable value may be blank already: what the others leave of it is filled in later.
    """
    n, value = _number(row["n"]), _number(row["value"])
    unsure = bool(cells.of_key[key].reason)
    if np.isnan(n) or n <= 0 or value < 0 or (share and value > 1):
        return ()
    if np.isnan(value) and not unsure:
        return ()
    marks = dict(key.breakdowns)
    joined = definition.question.joined(marks) if share else ()
    marks.pop("answer", None)
    unit = row["unit"] or definition.unit
    where = (key.territory, key.period, tuple(sorted(marks.items())))
    base = Key(f"base of {definition.indicator} ({unit})", *where)
    weight = _number(row["denominator"])
    weight = n if np.isnan(weight) or weight <= 0 else weight
    answers = f"answers {'+'.join(joined) if share else 'summed'} of {definition.indicator}"
    answered = Key(f"{answers} ({unit})", *where)
    _note_base(cells, base, n, base_rule(rule), cells.of_key[key].reason)
    number = value if row["scale"] == "estimate" else value * weight
    _note_answers(cells, answered, number, rule, cells.of_key[key].reason)
    if cells.of_key[answered].reason:
        size = weight if share or np.isnan(number) else number
        cells.of_key[answered].doubt = max(1.0, QUALITY_DOUBT * size)
    cells.estimates[key] = Estimate(
        definition.indicator, definition.question, base, answered, joined, weight
    )
    return base, answered


def _note_base(cells: Cells, base: Key, n: float, rule: Rule, reason: str) -> None:
    known = cells.of_key.get(base)
    if known is not None and known.value != n:  # answers of one question left blank by some
        n = min(n, known.value)
        known.value = n
    cell = cells.find_or_add(base, n, rule)
    cell.published = True
    if reason.endswith("respondents"):
        cell.reason = reason


def _note_answers(cells: Cells, answered: Key, number: float, rule: Rule, reason: str) -> None:
    known = cells.of_key.get(answered)
    cell = known or cells.find_or_add(answered, number, rule)
    cell.judged = False
    cell.published = not reason.endswith("respondents")  # hidden with its base, which is judged
    cell.reason = "" if reason.endswith("respondents") else reason


def _number(value: Any) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)
