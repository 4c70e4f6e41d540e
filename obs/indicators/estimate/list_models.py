"""Compare all log-linear models of list membership that were tried."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.stats import (
    Abundance,
    abundance_profile,
    closed_population,
    estimate_exists,
    list_terms,
)

__all__ = ["ALIKE", "fit_models", "table_of_models"]

ALIKE = 2.0  # AIC apart: models no further from the best fit as well (Burnham and Anderson)
_UNEQUAL = "unequal chances"


def fit_models(
    rows: np.ndarray, counts: np.ndarray, names: list[str]
) -> list[tuple[str, Abundance | None]]:
    """Fit independent lists, then dependent pairs while the AIC falls, then unequal chances.

    Returns each model that the lists can carry.
    """
    singles = [(i,) for i in range(len(names))]
    tried: list[tuple[str, Abundance | None]] = []

    def fit(pairs: list[tuple[int, int]]) -> Abundance | None:
        label = " + ".join(f"{names[a]}:{names[b]}" for a, b in pairs) or "independent"
        found = None
        shared = all(counts[(rows[:, a] == 1) & (rows[:, b] == 1)].sum() > 0 for a, b in pairs)
        if shared and estimate_exists(rows, counts, pairs):
            found = _fitted(rows, counts, terms=list_terms(*singles, *pairs))
        tried.append((label, found))
        return found

    best, chosen = fit([]), list[tuple[int, int]]()
    room = 2 ** len(names) - 2 - len(names)  # one cell less than histories, a term each
    while len(chosen) < room:
        others = [p for p in combinations(range(len(names)), 2) if p not in chosen]
        fits = [(f.aic, p, f) for p in others if (f := fit(sorted([*chosen, p]))) is not None]
        if not fits or (best is not None and min(fits)[0] >= best.aic):
            break
        _, pair, best = min(fits, key=lambda f: f[:2])
        chosen = sorted([*chosen, pair])
    for kind in ("chao", "darroch") if len(names) > 2 else ():
        tried.append((f"{_UNEQUAL}, {kind}", _fitted(rows, counts, kind=kind)))
    return [(name, found) for name, found in tried if found is not None]


def _fitted(
    rows: np.ndarray,
    counts: np.ndarray,
    *,
    terms: list[tuple[int, ...]] | None = None,
    kind: str = "chao",
) -> Abundance | None:
    """Fit one model, or give nothing where the lists cannot carry it."""
    try:
        if terms is not None:
            return closed_population(rows, counts, terms=terms)
        return closed_population(rows, counts, model="Mth", heterogeneity=kind)  # type: ignore[arg-type]
    except (ObsError, np.linalg.LinAlgError):
        return None


def table_of_models(tried: list[tuple[str, Abundance | None]], confidence: float) -> pd.DataFrame:
    """Put models in the order of their AIC, with profile limits; the best of dependent lists is chosen.

    Returns `model`, `total`, `error`, `low`, `high`, `deviance`, `df`, `aic`, `bic`, `delta`,
    `alike`, `chosen`.
    """
    rows = []
    for name, found in tried:
        if found is None:
            continue
        _, low, high = abundance_profile(found, confidence=confidence)
        rows.append(
            {
                "model": name,
                "total": found.total,
                "error": found.error,
                "low": min(low, found.total),
                "high": max(high, found.total),
                "deviance": found.deviance,
                "df": found.df,
                "aic": found.aic,
                "bic": found.bic,
            }
        )
    table = pd.DataFrame(rows).sort_values("aic", ignore_index=True, kind="stable")
    delta = table["aic"] - table["aic"].min()
    unequal = table["model"].str.startswith(_UNEQUAL)
    chosen = table.index == (~unequal).idxmax()  # the first of all where every model is unequal
    return table.assign(delta=delta, alike=delta <= ALIKE, chosen=chosen)
