"""Calibrate weights to known totals named by column and level.

Totals that do not match the categories of the respondents are refused first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from obs.errors import ObsError, SchemaError
from obs.indicators.survey.design_arrays import code_columns
from obs.indicators.survey.respondent_checks import (
    check_columns,
    is_number,
    of_another_type,
    read_numbers,
    rows_text,
)
from obs.stats.linear.sparse_rows import orthonormal_basis
from obs.stats.survey import (
    Design,
    Distance,
    Replicates,
    calibrate_weights,
    make_calibration,
    trim_weights,
)

__all__ = ["calibrate_design", "trim_design"]

FAR = 10.0  # weights that stand for this many times the population: another unit
SUM_TOLERANCE = 1e-6  # margins of one population may differ by rounding, no more


@dataclass(frozen=True)
class _Margin:
    """Calibration columns of one entry of the totals; the numbers and total as given."""

    labels: list[str]
    totals: np.ndarray
    matrix: sparse.csr_array
    is_partition: bool
    raw: np.ndarray | None = None
    given: float = 0.0


def calibrate_design(
    table: pd.DataFrame,
    design: Design,
    totals: Mapping[Any, Any],
    *,
    method: str,
    bounds: tuple[float, float] | None,
) -> Design:
    """Calibrate the weights of a design, replicate weights included.

    Raises `SchemaError` for unknown columns; categories that do not match; missing answers.
    Raises `ObsError` for totals that contradict one another or cannot be reached.
    """
    margins = _read_margins(table, totals, design.weight)
    if method == "poststratify" and (len(margins) != 1 or not margins[0].is_partition):
        raise ObsError(
            "Post-stratification takes the levels of one column, or of one crossing "
            "{(column, column): {(level, level): total}}. For several margins use raking."
        )
    distance: Distance = "linear" if method == "poststratify" else method
    auxiliary = sparse.csr_array(sparse.hstack([m.matrix for m in margins], format="csr"))
    basis = orthonormal_basis(auxiliary, design.weight)

    def solve(weight: np.ndarray, where: str = "") -> np.ndarray:
        return calibrate_weights(
            weight,
            auxiliary,
            np.concatenate([margin.totals for margin in margins]),
            distance=distance,
            bounds=bounds,
            labels=[label for margin in margins for label in margin.labels],
            basis=basis,
            where=where,
        )

    after = solve(design.weight)
    _refuse_negative(after)
    _refuse_impossible(margins, design.weight)
    made = make_calibration(auxiliary, design.weight, after)
    replicates = None if design.replicates is None else _redo(design.replicates, solve)
    calibrations = (*design.calibrations, made)
    return replace(design, weight=after, calibrations=calibrations, replicates=replicates)


def trim_design(design: Design, *, lower: float, upper: float) -> Design:
    """Trim the weights of a design, replicate weights included."""

    def solve(weight: np.ndarray, where: str = "") -> np.ndarray:
        return trim_weights(weight, lower=lower, upper=upper, where=where)

    replicates = None if design.replicates is None else _redo(design.replicates, solve)
    return replace(design, weight=solve(design.weight), replicates=replicates)


def _redo(replicates: Replicates, solve: Any) -> Replicates:
    weights = replicates.weights().T
    columns = [solve(column, f"in replicate {k + 1}") for k, column in enumerate(weights)]
    n = len(replicates.base)
    return replace(replicates, unit=np.arange(n), base=np.ones(n), factor=np.stack(columns, axis=1))


def _read_margins(
    table: pd.DataFrame, totals: Mapping[Any, Any], weight: np.ndarray
) -> list[_Margin]:
    if not isinstance(totals, Mapping) or not totals:
        raise ObsError("Totals are a mapping: {column: {level: total}} or {column: number}.")
    margins = [_read_margin(table, key, value, weight > 0) for key, value in totals.items()]
    population = _common_sum(margins, list(totals))
    if population is None:
        return margins
    return [_to_one_population(margin, weight, population) for margin in margins]


def _to_one_population(margin: _Margin, weight: np.ndarray, population: float) -> _Margin:
    """Bring a margin to the common sum, and a number to distances from its mean.

    The margins hold the constant, so that moving a number changes no weight, while it keeps
    what it says of its own from being lost beside it.
    """
    if margin.is_partition:
        return replace(margin, totals=margin.totals * (population / margin.totals.sum()))
    values = margin.matrix.toarray().ravel()
    mean = float(np.average(values, weights=weight))
    column = sparse.csr_array((values - mean)[:, None])
    return replace(margin, matrix=column, totals=margin.totals - mean * population)


def _read_margin(table: pd.DataFrame, key: Any, value: Any, used: np.ndarray) -> _Margin:
    names = list(key) if isinstance(key, tuple) else [key]
    check_columns(table, names)
    if isinstance(value, Mapping | pd.Series):
        return _level_margin(table, names, dict(value), used)
    if len(names) != 1 or not is_number(table[names[0]]):
        raise SchemaError(f"The total of {key!r} is one number, but this is not a numeric column.")
    values = read_numbers(table, names[0])
    _refuse_missing(np.isnan(values) & used, names)
    total = _total(value, names[0])
    kept = np.where(used, np.nan_to_num(values), 0.0)
    if values[used].min() >= 0 and total < 0 or values[used].max() <= 0 and total > 0:
        raise ObsError(f"The total of {names[0]!r} is {total:g}: no respondent has that sign.")
    column = sparse.csr_array(kept[:, None])
    return _Margin([names[0]], np.array([total]), column, is_partition=False, raw=kept, given=total)


def _total(value: Any, label: str) -> float:
    """Read a total: a finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise ObsError(f"The total of {label!r} is not a number: {type(value).__name__}.")
    return number


def _level_margin(
    table: pd.DataFrame, names: list[str], totals: dict[Any, Any], used: np.ndarray
) -> _Margin:
    codes, keys = code_columns(table, names)
    _refuse_missing((codes < 0) & used, names)
    rows = list(keys.itertuples(index=False, name=None))
    found = [row if len(names) > 1 else row[0] for row in rows]
    place = {level: position for position, level in enumerate(totals)}
    column = np.array([place.get(level, -1) for level in found], dtype=np.intp)
    where = np.where(codes >= 0, column[codes] if len(column) else -1, -1)
    wanted = np.array([_total(total, f"{'/'.join(names)}={k}") for k, total in totals.items()])
    _refuse_unmatched(where, used, names, dict(zip(totals, wanted.tolist(), strict=True)), found)
    inside = np.flatnonzero(where >= 0)
    shape = (len(table), len(totals))
    matrix = sparse.csr_array((np.ones(len(inside)), (inside, where[inside])), shape=shape)
    labels = [f"{'/'.join(names)}={level}" for level in totals]
    return _Margin(labels, wanted, matrix, is_partition=True)


def _refuse_missing(missing: np.ndarray, names: list[str]) -> None:
    if missing.any():
        raise SchemaError(
            f"Calibration column {'/'.join(names)!r} is missing in {rows_text(missing)}. Impute "
            "it, or give these rows weight 0."
        )


def _refuse_unmatched(
    where: np.ndarray,
    used: np.ndarray,
    names: list[str],
    totals: dict[Any, float],
    found: list[Any],
) -> None:
    column = "/".join(names)
    faults = []
    without = (where < 0) & used
    if without.any():
        faults.append(f"levels of {column!r} without a total in {rows_text(without)}")
        faults += [hint for level in totals if (hint := of_another_type(level, found))][:1]
    seen = np.bincount(where[(where >= 0) & used], minlength=len(totals))
    empty = [
        level
        for level, count, total in zip(totals, seen, totals.values(), strict=True)
        if count == 0 and total != 0
    ]
    if empty:
        faults.append(f"totals of {column!r} without a respondent: {empty[:5]}")
    wrong = [level for level, total in totals.items() if total < 0]
    if wrong:
        faults.append(f"totals of {column!r} that are missing or negative: {wrong[:5]}")
    if faults:
        raise SchemaError(
            f"The totals do not match the respondents: {'; '.join(faults)}. Merge categories on "
            "both sides until they match."
        )


def _common_sum(margins: list[_Margin], keys: list[Any]) -> float | None:
    """Give the population that the margins add up to; None without a full margin."""
    sums = {
        str(key): float(margin.totals.sum())
        for key, margin in zip(keys, margins, strict=True)
        if margin.is_partition
    }
    if not sums:
        return None
    if max(sums.values()) - min(sums.values()) > SUM_TOLERANCE * max(sums.values()):
        listed = ", ".join(f"{key}: {total:,.6g}" for key, total in sums.items())
        raise ObsError(f"The margins do not add up to the same population ({listed}).")
    if not min(sums.values()) > 0:
        raise ObsError("The totals of a margin are all 0: there is no population.")
    return next(iter(sums.values()))


def _refuse_impossible(margins: list[_Margin], weight: np.ndarray) -> None:
    """Refuse totals that cannot be those of the population that was sampled."""
    used = weight > 0
    n, stands_for = int(used.sum()), float(weight.sum())
    known = [float(margin.totals.sum()) for margin in margins if margin.is_partition]
    population = known[0] if known else stands_for
    relative = abs(population - n) <= SUM_TOLERANCE * n  # weights with a mean of 1, on purpose
    if population < n * (1 - SUM_TOLERANCE):
        raise ObsError(
            f"The totals add up to {population:,.6g}, fewer than the {n:,} respondents: a sample "
            "is not larger than its population. Give numbers of the population, not percentages, "
            "shares or thousands."
        )
    if not relative and stands_for > FAR * population:
        raise ObsError(
            f"The totals add up to {population:,.6g}, while the weights stand for "
            f"{stands_for:,.6g}: percentages, or thousands? Give numbers of the population that "
            "the weights stand for, or correct the weights."
        )
    for margin in margins:
        if margin.raw is None or relative:
            continue
        own, total = float(margin.raw.sum()), margin.given
        if (margin.raw >= 0).all() and total < own * (1 - SUM_TOLERANCE):
            raise ObsError(
                f"The total of {margin.labels[0]!r} is {total:,.6g}, below the {own:,.6g} of the "
                "respondents alone. Give it in the unit of the column."
            )


def _refuse_negative(weight: np.ndarray) -> None:
    if (weight < 0).any():
        raise ObsError(
            f"Linear calibration gives negative weights in {rows_text(weight < 0)}. Use raking, "
            "or bounded with bounds."
        )
