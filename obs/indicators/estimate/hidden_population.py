"""Estimate how many persons are on no list, from tables of list membership.

The kernels are in `obs.stats.lists.closed_population`. This module checks the lists, shows every
model that was tried, and makes INDICATORS that disclosure control can judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from obs.catalogue import Indicator
from obs.errors import ObsError, SchemaError
from obs.indicators.estimate.list_models import fit_models, table_of_models
from obs.reference import Territory
from obs.schemas import INDICATORS, check_table
from obs.stats import lower_bound
from obs.stats.survey import grade

__all__ = [
    "Recapture",
    "compute_recapture",
    "estimate_population",
    "grade_estimate",
]

COUNT = "count"
PREFIX = "list_"
_MOST_LISTS = 8
_SPREAD = 2.0  # models that fit alike and differ by more than this factor: at best grade C
_KEY = ("territory", "period")
_ABOUT = ("synthetic", "extracted", "source")


@dataclass(frozen=True)
class Recapture:
    """A population estimated from lists, and all that it rests on.

    Attributes
    ----------
    total, low, high : float
        Best model of dependent lists by AIC, with profile-likelihood limits; `high` may be
        infinite.
    observed : int
        Persons on at least one list.
    model : str
        Its dependent lists, "independent" or "list_a:list_b".
    bound : tuple of float
        Chao's lower bound: total, low, high.
    models : DataFrame
        Every model tried: model, total, error, low, high, deviance, df, aic, bic, delta (AIC
        over the best), alike (delta at most 2), chosen.
    sizes : mapping
        Persons on each list.
    smallest_part : int
        The smallest count above 0 of persons with one history.
    grade : str
        A, C or F by the relative error; at best C where models that fit alike differ more
        than twofold; F without an upper limit.
    """

    total: float
    low: float
    high: float
    observed: int
    model: str
    bound: tuple[float, float, float]
    models: pd.DataFrame = field(repr=False)
    sizes: Mapping[str, int] = field(default_factory=dict)
    smallest_part: int = 0
    grade: str = "A"

    @property
    def hidden(self) -> float:
        """Persons on no list."""
        return self.total - self.observed


def estimate_population(
    histories: pd.DataFrame,
    *,
    lists: Sequence[str] | None = None,
    count: str | None = None,
    sources: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> Recapture:
    r"""Estimate a population from the lists its members are on, comparing models.

    Log-linear models of the number of persons with each history: independent lists, then
    pairs of dependent lists added one at a time while the AIC falls; of these the best AIC is
    taken. For three lists and more, persons of unequal chances (Mth of Chao and of Darroch)
    are fitted beside, to be compared and not to be taken.

    Parameters
    ----------
    histories : DataFrame
        One row per history with its `count`, or one row per person without. Not modified.
    lists : sequence of str, optional
        Columns of 0 and 1 (or true and false); those that start with `list_` by default.
    count : str, optional
        Column of persons; "count" where there is one, else each row is one person.
    sources : mapping, optional
        List to the office that its entries come from; two lists of one office are refused.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Recapture
        Estimate, limits, every model tried, Chao's lower bound.

    Raises
    ------
    SchemaError
        Absent columns, cells other than 0 and 1, missing or negative or broken counts, rows
        of persons on no list.
    ObsError
        Fewer than two lists or more than eight, nobody on a list, lists that are one source
        (declared so, alike, or one within another), nobody on two lists.

    Notes
    -----
    Lists must link without error and cover one closed population; none of it can be seen in
    the data. The limits are given the model: its choice is not in them, `models` shows how
    far others lie. With lists of unlike size Chao's bound may lie above the truth.

    References
    ----------
    .. [1] S. E. Fienberg, 1972, The multiple recapture census for closed populations and
       incomplete 2^k contingency tables, Biometrika 59.
    .. [2] A. Chao, 1987, Estimating the population size for capture-recapture data with
       unequal catchability, Biometrics 43.

    Examples
    --------
    >>> import pandas as pd
    >>> two = pd.DataFrame({"list_a": [1, 1, 0], "list_b": [1, 0, 1], "count": [60, 240, 140]})
    >>> found = estimate_population(two)
    >>> found.observed, round(found.total), [round(b) for b in found.bound], found.model
    (440, 1000, [1030, 866, 1258], 'independent')
    """
    if not 0 < confidence < 1:
        raise ObsError(f"confidence {confidence} must lie between 0 and 1 (0.95, not 95)")
    names = _lists_of(histories, lists)
    rows, counts = _checked_histories(histories, names, count)
    _refuse_one_source(rows, counts, names, sources or {})
    tried = fit_models(rows, counts, names)
    if not tried:
        raise ObsError("capture-recapture: no model has an estimate for these lists")
    models = table_of_models(tried, confidence)
    best = models[models["chosen"]].iloc[0]
    bound, _, bound_low, bound_high = lower_bound(rows, counts)
    on_lists = {n: int(counts[rows[:, i] == 1].sum()) for i, n in enumerate(names)}
    return Recapture(
        total=float(best["total"]),
        low=float(best["low"]),
        high=float(best["high"]),
        observed=int(counts.sum()),
        model=str(best["model"]),
        bound=(bound, bound_low, bound_high),
        models=models,
        sizes=on_lists,
        smallest_part=int(_persons_by_list(rows, counts).min()),
        grade=grade_estimate(models, best, int(counts.sum())),
    )


def compute_recapture(entry: Indicator, lists: pd.DataFrame, *, place: Territory) -> pd.DataFrame:
    """Estimate the population of every territory and period of a table of lists.

    Returns INDICATORS on the scale "estimate": `numerator` and `n` are the persons on a list,
    `method` names the model with its AIC, `smallest_part` is for disclosure control. A grade F
    has status "unreliable" and no value. Raises `SchemaError, ObsError` as `estimate_population`;
    unknown territories.
    """
    absent = [c for c in _KEY if c not in lists.columns]
    if absent or lists.empty:
        raise SchemaError(
            f"lists: column(s) {', '.join(absent)} are absent" if absent else "lists: no row"
        )
    if not isinstance(lists["period"].dtype, pd.PeriodDtype):
        raise SchemaError("lists: column 'period' must hold pandas Periods")
    levels = place.units.set_index("code")["level"]
    unknown = sorted(set(lists["territory"].astype("str")) - set(levels.index))
    if unknown:
        raise SchemaError(f"lists: {', '.join(unknown[:5])} are not of '{place.name}'")
    rows = [
        _indicator_row(entry, estimate_population(group), key, group)
        for key, group in lists.groupby(list(_KEY), sort=True)
    ]
    table = pd.DataFrame(rows)
    table = table.assign(
        period=pd.PeriodIndex(table["period"], freq=lists["period"].dtype.freq),
        level=table["territory"].map(levels),
        denominator=pd.Series(pd.NA, index=table.index, dtype="Float64"),
        reason=pd.Series(table["reason"], dtype="str"),
        extracted=pd.Series(table["extracted"], dtype="datetime64[us]"),
    )
    return check_table(table, INDICATORS)


def _indicator_row(
    entry: Indicator, found: Recapture, key: tuple[str, pd.Period], group: pd.DataFrame
) -> dict[str, Any]:
    value, low, high = (found.total, found.low, found.high)
    best = found.models.loc[found.models["chosen"], "aic"].iloc[0]
    method = f"log-linear, {found.model}, AIC {best:.1f} of {len(found.models)} models"
    letter = found.grade
    if entry.kind == "lower_bound":
        value, low, high = found.bound
        method, letter = "Chao 1987, lower bound", "A" if value > found.observed else "F"
    shown = letter != "F"
    about = {c: group[c].dropna() for c in _ABOUT if c in group}
    return {
        "indicator": entry.id,
        "territory": str(key[0]),
        "period": key[1],
        "numerator": found.observed,
        "value": value if shown else None,
        "low": low if shown else None,
        "high": high if shown else None,
        "status": "ok" if shown else "unreliable",
        "unit": entry.unit,
        "n": found.observed,
        "grade": letter,
        "scale": "estimate",
        "reason": None if shown else "unreliable",
        "method": method,
        "smallest_part": found.smallest_part,
        "source": "lists",
        "synthetic": bool(about["synthetic"].any()) if "synthetic" in about else False,
        "extracted": about["extracted"].max() if len(about.get("extracted", ())) else pd.NaT,
    }


def _lists_of(table: pd.DataFrame, lists: Sequence[str] | None) -> list[str]:
    if isinstance(lists, str):
        raise ObsError(f"lists takes a sequence of columns: ({lists!r}, ...)")
    names = [c for c in table.columns if str(c).startswith(PREFIX)] if lists is None else [*lists]
    absent = [c for c in names if c not in table.columns]
    if absent:
        raise SchemaError(f"lists: column(s) {', '.join(map(str, absent))} are absent")
    if not 2 <= len(set(names)) == len(names) <= _MOST_LISTS:
        raise ObsError(
            f"capture-recapture: {len(set(names))} list(s) given, and 2 to {_MOST_LISTS} different "
            f"ones are needed: columns of 0 and 1 whose names start with '{PREFIX}', or lists=."
        )
    return [str(n) for n in names]


def _checked_histories(
    table: pd.DataFrame, names: list[str], count: str | None
) -> tuple[np.ndarray, np.ndarray]:
    try:
        rows = table[names].to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError):
        raise SchemaError(f"lists: columns {', '.join(names)} must hold 0 and 1") from None
    if not np.isin(rows, (0, 1)).all():
        raise SchemaError(f"lists: columns {', '.join(names)} must hold 0 and 1, none missing")
    column = count if count is not None else COUNT if COUNT in table.columns else None
    if column is not None and column not in table.columns:
        raise SchemaError(f"lists: column '{column}' is absent")
    given = pd.Series(1, index=table.index) if column is None else table[column]
    counts = pd.to_numeric(given, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if not (np.isfinite(counts).all() and (counts >= 0).all() and (counts % 1 == 0).all()):
        raise SchemaError("lists: counts must be known whole numbers of at least 0")
    none = rows.sum(axis=1) == 0
    if (none & (counts > 0)).any():
        raise SchemaError(
            f"lists: {int(none.sum())} row(s) are of persons on no list; those are what is sought, "
            "leave the rows out"
        )
    if counts.sum() == 0:
        raise ObsError("capture-recapture: nobody is on a list")
    return rows[~none].astype("int64"), counts[~none]


def _refuse_one_source(
    rows: np.ndarray, counts: np.ndarray, names: list[str], sources: Mapping[str, str]
) -> None:
    """Refuse lists of one office, lists that are alike, and one that is within another."""
    for i, j in combinations(range(len(names)), 2):
        pair = f"'{names[i]}' and '{names[j]}'"
        own = [sources.get(names[k]) for k in (i, j)]
        if own[0] is not None and own[0] == own[1]:
            raise ObsError(f"capture-recapture: {pair} both come from '{own[0]}': one source")
        first, second = rows[:, i] == 1, rows[:, j] == 1
        only = [counts[first & ~second].sum(), counts[second & ~first].sum()]
        if min(only) == 0:
            inner, outer = (names[i], names[j]) if only[0] == 0 else (names[j], names[i])
            raise ObsError(
                f"capture-recapture: everybody on '{inner}' is on '{outer}' as well, so they are "
                "one source (one feeds the other, or it is empty). Join them to one list first."
            )
    if counts[rows.sum(axis=1) > 1].sum() == 0:
        raise ObsError(
            "capture-recapture: nobody is on two lists, so they say nothing of those on none"
        )


def grade_estimate(models: pd.DataFrame, best: pd.Series, observed: int) -> str:
    """Grade an estimated population: its error, its base, and how far models that fit alike differ."""
    if not np.isfinite(best["high"]) or best["high"] == best["low"]:
        return "F"
    error = np.log(best["high"] / best["low"]) / (2 * 1.959963984540054)
    letter = str(grade(np.array([error]), np.array([observed]))[0])
    alike = models.loc[models["alike"] | models["chosen"], "total"]
    spread = alike.max() / alike.min() > _SPREAD
    return "C" if letter == "A" and spread else letter


def _persons_by_list(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Add the persons of each history, those of nobody left out."""
    codes = rows @ (1 << np.arange(rows.shape[1]))
    added = np.bincount(codes, weights=counts)
    return added[added > 0]
