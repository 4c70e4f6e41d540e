"""Compare domains by differences, ratios and standardised values, with their covariance.

A difference has a direction in words only if its interval excludes no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

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
from obs.indicators.survey.respondent_checks import (
    as_list,
    check_columns,
    of_another_type,
)
from obs.stats.survey import (
    BASE_LIMIT,
    NO_VARIATION,
    Cells,
    Change,
    Frame,
    change_between,
    frame_domains,
    judge,
    ratio_cells,
    ratio_covariance,
    share_change,
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

_LONE_CLASS = "a class of the standard lies in one sampling unit"
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
    keys, frame, _ = survey.frame([*within, *by])
    pairs = _pairs(keys, by, within, base)
    read, estimate, covary = _ESTIMATORS[of]
    labels, letters, changes, reasons, degrees = [], [], [], [], []
    for item in read(survey.table, variables):
        cells, reason = refuse(frame, estimate(frame, item.values), kind=of)
        df = survey.degrees(frame, cells.own_df)
        covariance = covary(frame, item.values)
        change = change_between(
            cells, covariance, pairs, df, compare=compare, confidence=confidence
        )
        if of == "share" and compare == "difference":
            change = share_change(change, cells, pairs, df, confidence=confidence)
        sides = _side_letters(cells, reason, df, of, confidence)
        labels.append((item.variable, item.level))
        letters.append(np.maximum(sides[pairs[0]], sides[pairs[1]]))
        reasons.append(_why_not(reason, change, pairs))
        changes.append(change)
        degrees.append(np.minimum(df[pairs[0]], df[pairs[1]]))
    return _table(
        keys.iloc[pairs[0]].reset_index(drop=True),
        labels,
        changes,
        df=np.stack(degrees),
        reason=np.stack(reasons),
        letters=np.stack(letters),
        base=[" / ".join(map(str, row)) for row in keys[by].iloc[pairs[1]].to_numpy()],
        unchanged=1.0 if compare == "ratio" else 0.0,
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
    labels, parts, reasons, yes_no = [], [], [], []
    for item in one_item_each(table, variables):
        labels.append((item.variable, item.level))
        yes_no.append(item.level == YES)
        found = standardised_cells(crossed, item.values, sizes / sizes.sum())
        kept, why = refuse(frame, found, kind="share" if yes_no[-1] else "mean")
        parts.append(kept)
        reasons.append(why)
    cells, reason = stack_cells(parts), np.stack(reasons)
    empty = np.isnan(cells.estimate) & ~np.isin(reason.astype(str), ["no answer", "one respondent"])
    reason[empty] = "a class of the standard has no answer"
    reason[(reason == "one sampling unit") & (frame.units > 1)] = _LONE_CLASS
    low, high = _limits(cells, np.array(yes_no), df, confidence)
    return assemble(keys, labels, cells, low=low, high=high, df=df, reason=reason)


def _pairs(
    keys: pd.DataFrame, by: list[str], within: list[str], base: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of ``keys`` to compare: each with the base of its group, or every pair."""
    wanted = None if base is None else tuple(base) if isinstance(base, tuple | list) else (base,)
    domains = [tuple(row) for row in keys[by].itertuples(index=False, name=None)]
    if wanted is not None and wanted not in domains:
        single = [domain[0] if len(domain) == 1 else domain for domain in domains]
        raise ObsError(
            f"The base {base!r} is not a domain of {by}. Domains: {domains[:10]}."
            + of_another_type(base, single)
        )
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


def _side_letters(
    cells: Cells, reason: np.ndarray, df: np.ndarray, of: str, confidence: float
) -> np.ndarray:
    """Grade each side as its own estimator does."""
    se = np.sqrt(cells.variance)
    size = share_base(cells) if of == "share" else np.abs(cells.estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(size > 0, se / size, np.nan)
    low, high = t_interval(cells.estimate, se, df, confidence=confidence)
    letters, _ = judge(cv=cv, base=cells.base, df=df, se=se, low=low, high=high, reason=reason)
    return letters.astype(object)


def _why_not(sides: np.ndarray, change: Change, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Say why a comparison cannot be made, or None."""
    reason = np.full(len(pairs[0]), None, dtype=object)
    reason[np.isnan(change.cells.estimate)] = "a ratio needs two sides above 0"
    reason[change.cells.flat] = NO_VARIATION
    for side in pairs:
        reason[sides[side] != None] = "a side is withheld"  # noqa: E711 - elementwise
    return reason


def _table(
    keys: pd.DataFrame,
    labels: list[tuple[str, str | None]],
    changes: list[Change],
    *,
    df: np.ndarray,
    reason: np.ndarray,
    letters: np.ndarray,
    base: list[str],
    unchanged: float,
    confidence: float,
) -> pd.DataFrame:
    cells = stack_cells([change.cells for change in changes])
    low, high, p_value = (
        np.stack([getattr(change, name) for change in changes])
        for name in ("low", "high", "p_value")
    )
    none = np.full(low.shape, np.nan)  # a change has no coefficient of variation
    result = assemble(keys, labels, cells, low=low, high=high, df=df, reason=reason, base=none)
    withheld = result["reason"].notna().to_numpy()
    p_value, size = p_value.T.ravel(), cells.base.T.ravel()
    up = np.where(result["estimate"] > unchanged, "up", "down")
    verdict = np.where(p_value < 1 - confidence, up, "stable")
    verdict = np.where(size < BASE_LIMIT, "too few to say", verdict)
    verdict = np.where(withheld, "not comparable", verdict)
    worst = np.maximum(letters.T.ravel(), np.where(result["grade"] == "F", "F", "A").astype(object))
    return result.assign(
        grade=pd.array(worst, dtype="str"),
        base=pd.array(np.repeat(np.array(base, dtype=object), len(labels)), dtype="str"),
        p_value=np.where(withheld, np.nan, p_value),
        verdict=pd.array(verdict, dtype="str"),
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
            + "".join([hint for k in unseen if (hint := of_another_type(k, found))][:1])
        )
    place = {level: position for position, level in enumerate(standard)}
    column = np.array([place[level] for level in found], dtype=np.intp)
    return np.where(codes >= 0, column[np.maximum(codes, 0)], -1), sizes


def _limits(
    cells: Cells, yes_no: np.ndarray, df: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    low, high = t_interval(cells.estimate, np.sqrt(cells.variance), df, confidence=confidence)
    share_low, share_high = share_interval(
        cells.estimate,
        cells.variance,
        cells.n,
        np.broadcast_to(df, low.shape),
        size=cells.base,
        confidence=confidence,
    )
    choose = yes_no[:, None]
    return np.where(choose, share_low, low), np.where(choose, share_high, high)
