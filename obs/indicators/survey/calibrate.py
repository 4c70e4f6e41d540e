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
from obs.indicators.survey.respondent_checks import check_columns, rows_text
from obs.stats.survey import (
    Design,
    Distance,
    Replicates,
    calibrate_weights,
    make_calibration,
    trim_weights,
)

__all__ = ["calibrate_design", "trim_design"]

SUM_TOLERANCE = 1e-6  # margins of one population may differ by rounding, no more


@dataclass(frozen=True)
class _Margin:
    """Calibration columns of one entry of the totals."""

    labels: list[str]
    totals: np.ndarray
    matrix: sparse.csr_array
    is_partition: bool


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
    margins = _read_margins(table, totals, design.weight > 0)
    if method == "poststratify" and (len(margins) != 1 or not margins[0].is_partition):
        raise ObsError(
            "Post-stratification takes the levels of one column, or of one crossing "
            "{(column, column): {(level, level): total}}. For several margins use raking."
        )
    distance: Distance = "linear" if method == "poststratify" else method
    auxiliary = sparse.csr_array(sparse.hstack([m.matrix for m in margins], format="csr"))

    def solve(weight: np.ndarray) -> np.ndarray:
        return calibrate_weights(
            weight,
            auxiliary,
            np.concatenate([margin.totals for margin in margins]),
            distance=distance,
            bounds=bounds,
            labels=[label for margin in margins for label in margin.labels],
        )

    after = solve(design.weight)
    _refuse_negative(after)
    made = make_calibration(auxiliary, design.weight, after)
    replicates = None if design.replicates is None else _redo(design.replicates, solve)
    calibrations = (*design.calibrations, made)
    return replace(design, weight=after, calibrations=calibrations, replicates=replicates)


def trim_design(design: Design, *, lower: float, upper: float) -> Design:
    """Trim the weights of a design, replicate weights included."""

    def solve(weight: np.ndarray) -> np.ndarray:
        return trim_weights(weight, lower=lower, upper=upper)

    replicates = None if design.replicates is None else _redo(design.replicates, solve)
    return replace(design, weight=solve(design.weight), replicates=replicates)


def _redo(replicates: Replicates, solve: Any) -> Replicates:
    columns = [solve(column) for column in replicates.weights().T]
    n = len(replicates.base)
    return replace(replicates, unit=np.arange(n), base=np.ones(n), factor=np.stack(columns, axis=1))


def _read_margins(
    table: pd.DataFrame, totals: Mapping[Any, Any], used: np.ndarray
) -> list[_Margin]:
    if not isinstance(totals, Mapping) or not totals:
        raise ObsError("Totals are a mapping: {column: {level: total}} or {column: number}.")
    margins = [_read_margin(table, key, value, used) for key, value in totals.items()]
    _check_sums(margins, list(totals))
    return margins


def _read_margin(table: pd.DataFrame, key: Any, value: Any, used: np.ndarray) -> _Margin:
    names = list(key) if isinstance(key, tuple) else [key]
    check_columns(table, names)
    if isinstance(value, Mapping | pd.Series):
        return _level_margin(table, names, dict(value), used)
    if len(names) != 1 or not pd.api.types.is_numeric_dtype(table[names[0]]):
        raise SchemaError(f"The total of {key!r} is one number, but this is not a numeric column.")
    values = table[names[0]].to_numpy(dtype=float, na_value=np.nan)
    _refuse_missing(np.isnan(values) & used, names)
    column = sparse.csr_array(np.nan_to_num(values)[:, None])
    return _Margin([names[0]], np.array([float(value)]), column, is_partition=False)


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
    _refuse_unmatched(where, used, names, totals)
    inside = np.flatnonzero(where >= 0)
    shape = (len(table), len(totals))
    matrix = sparse.csr_array((np.ones(len(inside)), (inside, where[inside])), shape=shape)
    labels = [f"{'/'.join(names)}={level}" for level in totals]
    wanted = np.array([float(total) for total in totals.values()])
    return _Margin(labels, wanted, matrix, is_partition=True)


def _refuse_missing(missing: np.ndarray, names: list[str]) -> None:
    if missing.any():
        raise SchemaError(
            f"Calibration column {'/'.join(names)!r} is missing in {rows_text(missing)}. Impute "
            "it, or give these rows weight 0."
        )


def _refuse_unmatched(
    where: np.ndarray, used: np.ndarray, names: list[str], totals: dict[Any, Any]
) -> None:
    column = "/".join(names)
    faults = []
    without = (where < 0) & used
    if without.any():
        faults.append(f"levels of {column!r} without a total in {rows_text(without)}")
    seen = np.bincount(where[(where >= 0) & used], minlength=len(totals))
    empty = [
        level
        for level, count, total in zip(totals, seen, totals.values(), strict=True)
        if count == 0 and total != 0
    ]
    if empty:
        faults.append(f"totals of {column!r} without a respondent: {empty[:5]}")
    wrong = [level for level, total in totals.items() if not float(total) >= 0]
    if wrong:
        faults.append(f"totals of {column!r} that are missing or negative: {wrong[:5]}")
    if faults:
        raise SchemaError(
            f"The totals do not match the respondents: {'; '.join(faults)}. Merge categories on "
            "both sides until they match."
        )


def _check_sums(margins: list[_Margin], keys: list[Any]) -> None:
    sums = {
        str(key): float(margin.totals.sum())
        for key, margin in zip(keys, margins, strict=True)
        if margin.is_partition
    }
    if sums and max(sums.values()) - min(sums.values()) > SUM_TOLERANCE * max(sums.values()):
        listed = ", ".join(f"{key}: {total:,.6g}" for key, total in sums.items())
        raise ObsError(f"The margins do not add up to the same population ({listed}).")


def _refuse_negative(weight: np.ndarray) -> None:
    if (weight < 0).any():
        raise ObsError(
            f"Linear calibration gives negative weights in {rows_text(weight < 0)}. Use raking, "
            "or bounded with bounds."
        )
