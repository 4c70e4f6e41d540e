"""Compare domains by differences, ratios and standardised values, with their covariance.

A difference has a direction in words only if its interval excludes no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from obs.errors import ObsError, SchemaError
from obs.indicators.survey.design_arrays import code_columns
from obs.indicators.survey.estimate import share_base
from obs.indicators.survey.estimate_table import (
    YES,
    Item,
    assemble,
    number_items,
    one_item_each,
    refuse,
    share_items,
    total_items,
)
from obs.indicators.survey.respondent_checks import as_list, check_columns
from obs.stats.survey import (
    BASE_LIMIT,
    Cells,
    Frame,
    frame_domains,
    grade,
    ratio_cells,
    ratio_covariance,
    share_interval,
    stack_cells,
    standardised_cells,
    t_interval,
    total_cells,
    total_covariance,
)

if TYPE_CHECKING:
    from obs.indicators.survey.respondents import Respondents

__all__ = ["compare_domains", "standardise_domains"]

_Make = tuple[
    Callable[[pd.DataFrame, Sequence[str]], Iterator[Item]],
    Callable[[Frame, np.ndarray], Cells],
    Callable[[Frame, np.ndarray], np.ndarray],
]
_ESTIMATORS: dict[str, _Make] = {
    "mean": (number_items, ratio_cells, ratio_covariance),
    "share": (share_items, ratio_cells, ratio_covariance),
    "total": (total_items, total_cells, total_covariance),
}


def compare_domains(
    survey: Respondents,
    variables: Sequence[str],
    *,
    by: list[str],
    base: Any,
    within: list[str],
    of: str,
    compare: str,
    confidence: float,
) -> pd.DataFrame:
    """Compare domains pair by pair; see :meth:`SurveyDesign.contrast`."""
    if of not in _ESTIMATORS or compare not in ("difference", "ratio"):
        raise ObsError(
            f"Cannot compare the {compare!r} of {of!r}. Allowed: difference or ratio, of "
            f"{', '.join(_ESTIMATORS)}."
        )
    keys, frame, df = survey.frame([*within, *by])
    ours, theirs = _pairs(keys, by, within, base)
    read, estimate, covary = _ESTIMATORS[of]
    labels, sides, parts, logs = [], [], [], []
    for item in read(survey.table, variables):
        cells, _ = refuse(frame, stack_cells([estimate(frame, item.values)]), centred=of != "total")
        covariance = covary(frame, item.values)
        labels.append((item.variable, item.level))
        sides.append(_worse_grade(cells, ours, theirs, of))
        change, log_se = _change(cells, covariance, ours, theirs, compare)
        parts.append(change)
        logs.append(log_se)
    return _table(
        keys.iloc[ours].reset_index(drop=True),
        labels,
        stack_cells(parts),
        np.stack(logs),
        df=np.minimum(df[ours], df[theirs]),
        grades=np.stack(sides),
        base=[" / ".join(map(str, row)) for row in keys[by].iloc[theirs].to_numpy()],
        compare=compare,
        confidence=confidence,
    )


def standardise_domains(
    survey: Respondents,
    variables: Sequence[str],
    by: str | Sequence[str] | None,
    *,
    over: list[str],
    standard: Mapping[Any, float] | pd.Series,
    confidence: float,
) -> pd.DataFrame:
    """Standardise means or shares; see :meth:`SurveyDesign.standardise`."""
    table = survey.table
    check_columns(table, over)
    keys, frame, df = survey.frame(by)
    classes, sizes = _classes(table, over, dict(standard))
    domain = code_columns(table, as_list(by))[0]
    outside = (domain < 0) | (classes < 0)
    cell = np.where(outside, -1, domain * len(sizes) + classes)
    crossed = frame_domains(survey.arrays, cell, len(keys) * len(sizes))
    labels, parts, yes_no = [], [], []
    for item in one_item_each(table, variables):
        labels.append((item.variable, item.level))
        yes_no.append(item.level == YES)
        estimate, variance = standardised_cells(crossed, item.values, sizes / sizes.sum())
        counted = ratio_cells(crossed, item.values)
        parts.append(_summed(counted, estimate, variance, len(sizes)))
    cells, reason = refuse(frame, stack_cells(parts), centred=False)
    reason[(cells.n > 1) & np.isnan(cells.estimate)] = "a class of the standard has no answer"
    low, high = _limits(cells, np.array(yes_no), df, confidence)
    return assemble(keys, labels, cells, low=low, high=high, df=df, reason=reason)


def _pairs(
    keys: pd.DataFrame, by: list[str], within: list[str], base: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of ``keys`` to compare: each with the base of its group, or every pair."""
    wanted = None if base is None else tuple(base) if isinstance(base, tuple | list) else (base,)
    domains = [tuple(row) for row in keys[by].itertuples(index=False, name=None)]
    if wanted is not None and wanted not in domains:
        raise ObsError(f"The base {base!r} is not a domain of {by}. Domains: {domains[:10]}.")
    group = code_columns(keys, within)[0]
    ours, theirs = [], []
    for number in range(int(group.max(initial=-1)) + 1):
        members = np.flatnonzero(group == number).tolist()
        first = [i for i in members if domains[i] == wanted] if wanted is not None else members
        for j in first:
            rest = [i for i in members if (i > j if wanted is None else i != j)]
            ours += rest
            theirs += [j] * len(rest)
    if not ours:
        raise ObsError(f"There is nothing to compare: {by} has fewer than two domains.")
    return np.array(ours, dtype=np.intp), np.array(theirs, dtype=np.intp)


def _change(
    cells: Cells, covariance: np.ndarray, ours: np.ndarray, theirs: np.ndarray, compare: str
) -> tuple[Cells, np.ndarray]:
    """Difference or ratio of two cells, and the standard error its interval is made with."""
    a, b = cells.estimate[0][ours], cells.estimate[0][theirs]
    withheld = np.isnan(cells.variance[0][ours]) | np.isnan(cells.variance[0][theirs])
    va, vb, both = covariance[ours, ours], covariance[theirs, theirs], covariance[ours, theirs]
    if compare == "difference":
        estimate, variance = a - b, np.maximum(va + vb - 2 * both, 0.0)
        scale = np.sqrt(variance)
    else:
        positive = (a > 0) & (b > 0)
        a, b = np.where(positive, a, np.nan), np.where(positive, b, np.nan)
        scale = np.sqrt(np.maximum(va / a**2 + vb / b**2 - 2 * both / (a * b), 0.0))
        estimate, variance = a / b, (a / b * scale) ** 2
    least = np.minimum(cells.n[0][ours], cells.n[0][theirs])
    nothing = np.full(len(ours), np.nan)
    change = Cells(
        np.where(withheld, np.nan, estimate),
        np.where(withheld, np.nan, variance),
        least,
        cells.n_missing[0][ours] + cells.n_missing[0][theirs],
        np.minimum(cells.weight[0][ours], cells.weight[0][theirs]),
        nothing,
        nothing,
    )
    return change, scale


def _worse_grade(cells: Cells, ours: np.ndarray, theirs: np.ndarray, of: str) -> np.ndarray:
    size = share_base(cells) if of == "share" else np.abs(cells.estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(size > 0, np.sqrt(cells.variance) / size, np.nan)
    letters = grade(cv, cells.n)[0]
    return np.maximum(letters[ours].astype(object), letters[theirs].astype(object)).astype(str)


def _table(
    keys: pd.DataFrame,
    labels: list[tuple[str, str | None]],
    cells: Cells,
    scale: np.ndarray,
    *,
    df: np.ndarray,
    grades: np.ndarray,
    base: list[str],
    compare: str,
    confidence: float,
) -> pd.DataFrame:
    logs = compare == "ratio"
    centre = np.log(cells.estimate) if logs else cells.estimate
    low, high = t_interval(centre, scale, df, confidence=confidence)
    if logs:
        low, high = np.exp(low), np.exp(high)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.t.sf(np.abs(centre) / scale, np.broadcast_to(df, centre.shape))
    withheld = np.isnan(cells.variance)
    reason = np.where(withheld, "a side is withheld", None)
    verdict = np.where(p_value < 1 - confidence, np.where(centre > 0, "up", "down"), "stable")
    verdict = np.where(cells.n < BASE_LIMIT, "too few to say", verdict)
    verdict = np.where(withheld, "not comparable", verdict)
    n_items = len(labels)
    result = assemble(keys, labels, cells, low=low, high=high, df=df, reason=reason)
    letters = np.where(withheld, "F", grades)
    return result.assign(
        cv=np.nan,
        grade=pd.array(letters.T.ravel(), dtype="str"),
        base=pd.array(np.repeat(np.array(base, dtype=object), n_items), dtype="str"),
        p_value=np.where(withheld, np.nan, p_value).T.ravel(),
        verdict=pd.array(verdict.T.ravel(), dtype="str"),
    )


def _classes(
    table: pd.DataFrame, over: list[str], standard: dict[Any, Any]
) -> tuple[np.ndarray, np.ndarray]:
    codes, keys = code_columns(table, over)
    rows = list(keys.itertuples(index=False, name=None))
    found = [row if len(over) > 1 else row[0] for row in rows]
    unknown = [level for level in found if level not in standard]
    unseen = [level for level in standard if level not in found]
    sizes = np.array([float(standard[level]) for level in standard], dtype=float)
    if unknown or unseen or not (sizes >= 0).all() or not sizes.sum() > 0:
        raise SchemaError(
            f"The standard does not fit {over}: classes without a size {unknown[:5]}, sizes "
            f"without a respondent {unseen[:5]}; sizes are 0 or more."
        )
    place = {level: position for position, level in enumerate(standard)}
    column = np.array([place[level] for level in found], dtype=np.intp)
    return np.where(codes >= 0, column[np.maximum(codes, 0)], -1), sizes


def _summed(cells: Cells, estimate: np.ndarray, variance: np.ndarray, n_classes: int) -> Cells:
    def add(values: np.ndarray) -> np.ndarray:
        return values.reshape(-1, n_classes).sum(axis=1)

    nothing = np.full(len(estimate), np.nan)
    return Cells(
        estimate,
        variance,
        add(cells.n),
        add(cells.n_missing),
        add(cells.weight),
        add(cells.square),
        nothing,
    )


def _limits(
    cells: Cells, yes_no: np.ndarray, df: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    low, high = t_interval(cells.estimate, np.sqrt(cells.variance), df, confidence=confidence)
    kish = cells.weight**2 / np.where(cells.square > 0, cells.square, np.nan)
    share_low, share_high = share_interval(
        cells.estimate,
        cells.variance,
        cells.n,
        np.broadcast_to(df, low.shape),
        size=kish,
        confidence=confidence,
    )
    choose = yes_no[:, None]
    return np.where(choose, share_low, low), np.where(choose, share_high, high)
