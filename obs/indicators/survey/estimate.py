"""Compute means, totals, shares, ratios, quantiles and variances of a design, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from obs.indicators.survey.estimate_table import (
    Item,
    assemble,
    number_items,
    refuse,
    share_items,
    total_items,
)
from obs.stats.survey import (
    Cells,
    Frame,
    QuantileRule,
    ShareInterval,
    cluster_correlation,
    effective_size,
    logit_variance,
    quantile_cells,
    ratio_cells,
    share_interval,
    stack_cells,
    t_interval,
    total_cells,
    variance_cells,
)

if TYPE_CHECKING:
    from obs.indicators.survey.respondents import Respondents

__all__ = [
    "estimate_means",
    "estimate_quantiles",
    "estimate_ratios",
    "estimate_shares",
    "estimate_totals",
    "estimate_variances",
    "share_base",
]

By = str | Sequence[str] | None


def estimate_means(
    design: Respondents, variables: Sequence[str], by: By, *, confidence: float
) -> pd.DataFrame:
    """Estimate means by domain."""
    items = number_items(design.table, variables)
    return _estimate(design, items, by, lambda f, i: ratio_cells(f, i.values), confidence)


def estimate_totals(
    design: Respondents, variables: Sequence[str], by: By, *, confidence: float
) -> pd.DataFrame:
    """Estimate totals by domain."""
    items = total_items(design.table, variables)
    return _estimate(
        design, items, by, lambda f, i: total_cells(f, i.values), confidence, kind="total"
    )


def estimate_ratios(
    design: Respondents, pairs: Sequence[tuple[str, str]], by: By, *, confidence: float
) -> pd.DataFrame:
    """Estimate ratios by domain."""
    table = design.table
    tops = number_items(table, [top for top, _ in pairs])
    bottoms = {item.variable: item.values for item in number_items(table, [b for _, b in pairs])}
    named = (
        Item(f"{top}/{bottom}", bottom, item.values)
        for item, (top, bottom) in zip(tops, pairs, strict=True)
    )
    result = _estimate(
        design, named, by, lambda f, i: ratio_cells(f, i.values, bottoms[i.level or ""]), confidence
    )
    return result.assign(level=pd.array([None] * len(result), dtype="str"))


def estimate_variances(
    design: Respondents, variables: Sequence[str], by: By, *, confidence: float
) -> pd.DataFrame:
    """Estimate population variances by domain."""
    items = number_items(design.table, variables)
    return _estimate(design, items, by, lambda f, i: variance_cells(f, i.values), confidence)


def estimate_shares(
    design: Respondents,
    variables: Sequence[str],
    by: By,
    *,
    confidence: float,
    interval: ShareInterval,
) -> pd.DataFrame:
    """Estimate shares of levels by domain."""
    keys, frame, _ = design.frame(by)
    whole = design.frame()[1]
    labels, parts, logits, alike = [], [], [], []
    for item in share_items(design.table, variables):
        labels.append((item.variable, item.level))
        cells = ratio_cells(frame, item.values)
        parts.append(cells)
        alike.append(_correlation_at_edge(whole, item, cells))
        if frame.design.replicates is not None:
            logits.append(logit_variance(frame, item.values))
    cells, reason = refuse(frame, stack_cells(parts), kind="share")
    df = design.degrees(frame, cells.own_df)
    sizes = effective_size(cells, np.stack(alike))
    edge = (cells.estimate == 0) | (cells.estimate == 1)
    cells = replace(cells, base=np.where(edge, np.fmin(cells.base, sizes), cells.base))
    low, high = share_interval(
        np.clip(cells.estimate, 0.0, 1.0),
        cells.variance,
        cells.n,
        df,
        size=sizes,
        logit_variance=_logit_scale(cells, logits),
        confidence=confidence,
        method=interval,
        finite=frame.design.has_fpc,
    )
    return assemble(
        keys, labels, cells, low=low, high=high, df=df, reason=reason, base=share_base(cells)
    )


def estimate_quantiles(
    design: Respondents,
    variables: Sequence[str],
    by: By,
    probabilities: Sequence[float],
    *,
    rule: QuantileRule,
    confidence: float,
) -> pd.DataFrame:
    """Estimate quantiles by domain."""
    keys, frame, _ = design.frame(by)
    labels, parts, lows, highs = [], [], [], []
    for item in number_items(design.table, variables):
        df = design.degrees(frame, frame.count(item.values).own_df)
        for probability in probabilities:
            cells, low, high = quantile_cells(
                frame, item.values, probability, df, rule=rule, confidence=confidence
            )
            labels.append((item.variable, f"{probability:g}"))
            parts.append(cells)
            lows.append(low)
            highs.append(high)
    cells, reason = refuse(frame, stack_cells(parts))
    reason[(reason == "empty in a replicate")] = "no interval at this base"
    df = design.degrees(frame, cells.own_df)
    return assemble(
        keys, labels, cells, low=np.stack(lows), high=np.stack(highs), df=df, reason=reason
    )


def share_base(cells: Cells) -> np.ndarray:
    """Give what the error of a share is compared with: the smaller of p and 1 - p."""
    return np.minimum(cells.estimate, 1 - cells.estimate)


def _correlation_at_edge(whole: Frame, item: Item, cells: Cells) -> np.ndarray:
    """Correlation within units over all respondents, where a domain has a share of 0 or 1."""
    if not ((cells.estimate == 0) | (cells.estimate == 1)).any():
        return np.zeros(1)
    return cluster_correlation(ratio_cells(whole, item.values))


def _logit_scale(cells: Cells, logits: list[np.ndarray]) -> np.ndarray | None:
    """Variance of the logits from the replicates; by the delta method where they fail."""
    if not logits:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        delta = cells.variance / (cells.estimate * (1 - cells.estimate)) ** 2
    found = np.stack(logits)
    return np.where(np.isnan(found), delta, found)


def _collect(
    frame: Frame, items: Iterable[Item], make: Callable[[Frame, Item], Cells]
) -> tuple[list[tuple[str, str | None]], Cells]:
    labels, parts = [], []
    for item in items:
        labels.append((item.variable, item.level))
        parts.append(make(frame, item))
    return labels, stack_cells(parts)


def _estimate(
    design: Respondents,
    items: Iterable[Item],
    by: By,
    make: Callable[[Frame, Item], Cells],
    confidence: float,
    *,
    kind: Literal["mean", "total"] = "mean",
) -> pd.DataFrame:
    keys, frame, _ = design.frame(by)
    labels, parts = _collect(frame, items, make)
    cells, reason = refuse(frame, parts, kind=kind)
    df = design.degrees(frame, cells.own_df)
    low, high = t_interval(cells.estimate, np.sqrt(cells.variance), df, confidence=confidence)
    return assemble(keys, labels, cells, low=low, high=high, df=df, reason=reason)
