"""Set least squares on logarithms beside the model of counts, for one interrupted series or more.

The model of counts is the one to publish. Where the two disagree, the diagnostics say why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from obs.display_cards import card
from obs.stats.series.interruption import interruption_columns
from obs.stats.series.log_regression import LogFit, fit_logs
from obs.trends.intervention.count_series import CountSeries
from obs.trends.intervention.interrupted_trend import (
    effect_verdict,
    interrupted_trend,
    read_series,
    with_key,
)

__all__ = ["ModelComparison", "compare_models"]

_COMPARED = ("level", "slope", "aftermath")


@dataclass(frozen=True)
class ModelComparison:
    """Both models' effects, and the diagnostics of the logarithms.

    Attributes
    ----------
    effects : DataFrame
        One row a series, effect and model ("counts", "logs"): `change`, `low`, `high`, `p_value`,
        `verdict`, as in `interrupted_trend`.
    diagnostics : DataFrame
        One row a series and diagnostic of the logarithms: `diagnostic`, `value`, `p_value`.
    method : str
        How both were computed, in a sentence each.
    n : int
        Periods in all series together.
    confidence : float
        Of every interval.
    """

    effects: pd.DataFrame
    diagnostics: pd.DataFrame
    method: str
    n: int
    confidence: float

    def __repr__(self) -> str:
        return f"ModelComparison({len(self.effects):,} effects by two models, {self.n:,} periods)"

    def _repr_html_(self) -> str:
        about = {
            "effects": f".effects, {len(self.effects):,} rows",
            "diagnostics": f".diagnostics, {len(self.diagnostics):,} rows",
            "periods": f"{self.n:,}",
            "confidence": f"{self.confidence:g}",
            "method": self.method,
        }
        return card("ModelComparison", about)


def compare_models(
    table: pd.DataFrame,
    *,
    start: Any,
    end: Any = None,
    exposure: str | None = None,
    seasonal: bool = True,
    lags: int | None = None,
    confidence: float = 0.95,
) -> ModelComparison:
    r"""Estimate an interruption from the counts, and from their logarithms beside.

    Both have the same trend, season and intervention. The logarithms have errors of Newey and
    West with Student's t; their changes are those of the geometric mean.

    Parameters
    ----------
    table, start, end, exposure, seasonal, confidence
        As of `interrupted_trend`.
    lags : int or None
        Of Newey and West; None takes the whole part of 4 (n/100)^(2/9), at least 1.

    Returns
    -------
    ModelComparison
        Frozen: `.effects`, `.diagnostics`, `.method`, `.n`, `.confidence`.

    Raises
    ------
    SchemaError, ObsError
        As `interrupted_trend`, and a period without events, which has no logarithm.

    References
    ----------
    .. [1] W. K. Newey and K. D. West, 1987, Econometrica 55.
    .. [2] R. B. O'Hara and D. J. Kotze, 2010, Do not log-transform count data, Methods in Ecology
       and Evolution 1.

    Examples
    --------
    >>> months = pd.period_range("2016-01", "2020-12", freq="M")
    >>> counts = np.random.default_rng(1).poisson(np.where(months >= "2020-01", 70, 100))
    >>> found = compare_models(
    ...     pd.DataFrame({"period": months, "numerator": counts}), start="2020-01"
    ... )
    >>> found.effects.loc[found.effects["effect"] == "level", ["model", "verdict"]]
        model verdict
    0  counts    down
    2    logs    down
    """
    options = {"start": start, "end": end, "exposure": exposure, "seasonal": seasonal}
    counted = interrupted_trend(table, **options, placebos=0, confidence=confidence)
    effects = counted.effects[counted.effects["effect"].isin(_COMPARED)]
    parts, diagnostics = [effects.drop(columns="reason").assign(model="counts")], []
    for key, series in read_series(table, **options):
        fit, terms = _fit(series, lags)
        rows = _effects_of_logs(fit, terms, confidence).assign(model="logs")
        parts.append(with_key(rows, key))
        tests = pd.DataFrame([vars(d) for d in fit.diagnostics])
        diagnostics.append(with_key(tests.rename(columns={"name": "diagnostic"}), key))
    together = pd.concat(parts, ignore_index=True)
    first = [c for c in together if c not in ("model", *effects.columns)]
    keys = [c for c in effects.columns if c in key]
    order = [*first, *keys, "effect", "model", "change", "low", "high", "p_value", "verdict"]
    return ModelComparison(
        effects=together[order],
        diagnostics=pd.concat(diagnostics, ignore_index=True),
        method=f"{counted.method} Beside it least squares on logarithms, errors of Newey and West.",
        n=counted.n,
        confidence=confidence,
    )


def _fit(series: CountSeries, lags: int | None) -> tuple[LogFit, tuple[str, ...]]:
    n = series.counts.size
    last = n if series.end is None else series.end
    design, terms = interruption_columns(n, series.start, last, series.season)
    size = series.exposure / series.exposure.mean()
    return fit_logs(series.counts, design, exposure=size, lags=lags), terms


def _effects_of_logs(fit: LogFit, terms: tuple[str, ...], confidence: float) -> pd.DataFrame:
    names = [t for t in _COMPARED if t in terms]
    at = [terms.index(t) for t in names]
    estimate, error = fit.coefficients[at], fit.errors[at]
    half = special.stdtrit(fit.df, (1 + confidence) / 2) * error
    table = pd.DataFrame(
        {
            "effect": names,
            "change": np.expm1(estimate),
            "low": np.expm1(estimate - half),
            "high": np.expm1(estimate + half),
            "p_value": 2 * special.stdtr(fit.df, -np.abs(estimate) / error),
        }
    )
    verdicts = [
        effect_verdict(low + 1, high + 1)
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    return table.assign(verdict=verdicts)
