"""Fit regressions on a survey design, as tables.

A coefficient is graded by the smaller of the groups that it compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from obs.indicators.survey.design_arrays import code_column
from obs.indicators.survey.estimate_table import assemble
from obs.indicators.survey.respondent_checks import as_list, check_columns, is_number, read_numbers
from obs.indicators.survey.survey_design import SurveyDesign
from obs.stats.survey import (
    NO_VARIATION,
    Cells,
    Family,
    Fit,
    fit_regression,
    t_interval,
)

__all__ = [
    "Model",
    "Support",
    "find_support",
    "fit_model",
    "read_model",
    "regress",
]

INTERCEPT = "(intercept)"


@dataclass(frozen=True)
class Model:
    """Columns of a model: their names, their numbers, and the rows each one compares."""

    labels: list[tuple[str, str | None]]
    names: list[str]
    sides: list[list[np.ndarray]]
    predictors: np.ndarray
    outcome: np.ndarray
    offset: np.ndarray | None


@dataclass(frozen=True)
class Support:
    """What stands behind each coefficient: the weaker of the sides that it compares."""

    base: np.ndarray
    weight: np.ndarray
    square: np.ndarray
    df: np.ndarray
    reason: np.ndarray


def regress(
    design: SurveyDesign,
    outcome: str,
    on: str | Sequence[str],
    *,
    family: Family = "gaussian",
    offset: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Fit a linear, logistic or Poisson regression with design-based standard errors.

    Parameters
    ----------
    design : SurveyDesign
        Respondents and design.
    outcome : str
        Column of numbers or yes/no answers.
    on : str or sequence of str
        Predictors: numbers enter as they are, other columns by level, compared with their first
        level (in sorted order, or the first category).
    family : {"gaussian", "binomial", "poisson"}
        Linear, logistic (coefficients are log odds) or Poisson (log rates).
    offset : str, optional
        Column added on the scale of the link: the log of the exposure, for a rate.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per coefficient, with the columns of every estimate and ``p_value``. ``df`` is
        the design's plus 1 minus the number of coefficients, or fewer where a level lies in few
        sampling units. ``grade`` rests on the smaller of the groups that the coefficient
        compares (a level and the first one; for a number, the respondents who differ from its
        most common value), whose Kish size is ``n_effective``; ``cv`` and ``deff`` are missing.

    Raises
    ------
    SchemaError
        Unknown columns, an outcome that is not a number.
    ObsError
        Predictors that cannot be told apart, answers that they separate (in the sample or in a
        replicate): both with the columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign, regress
    >>> table = pd.DataFrame({"w": 1.0, "x": [0, 0, 1, 1], "y": [1.0, 3.0, 5.0, 9.0]})
    >>> found = regress(SurveyDesign(table, weight="w"), "y", "x")
    >>> found[["variable", "n", "estimate"]].round(6)
          variable  n  estimate
    0  (intercept)  4       2.0
    1            x  4       5.0
    """
    model = read_model(design, outcome, as_list(on), offset)
    fit = fit_model(design, model, family)
    support = find_support(design, model.sides, fit)
    missing = int((design.arrays.weight > 0).sum()) - fit.n
    one = np.ones((len(fit.coefficients), 1))
    variance = np.where(fit.one_unit, np.nan, np.diag(fit.covariance))[:, None]
    cells = Cells(
        fit.coefficients[:, None],
        np.where(fit.flat[:, None], 0.0, variance),
        fit.n * one,
        missing * one,
        support.weight[:, None],
        support.square[:, None],
        np.nan * one,
        support.base[:, None],
        np.nan * one,
        np.nan * one,
        fit.flat[:, None],
    )
    df = support.df[:, None]
    low, high = t_interval(cells.estimate, np.sqrt(cells.variance), df, confidence=confidence)
    table = assemble(
        pd.DataFrame(index=range(1)),
        model.labels,
        cells,
        low=low,
        high=high,
        df=df,
        reason=support.reason[:, None],
        base=np.inf * one,  # a coefficient may be near 0: the base alone grades it
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(cells.estimate / np.sqrt(cells.variance)).ravel()
        p_value = np.where(fit.flat, np.nan, 2 * stats.t.sf(statistic, support.df))
    return table.assign(cv=np.nan, p_value=p_value)


def find_support(design: SurveyDesign, sides: list[list[np.ndarray]], fit: Fit) -> Support:
    """Count, for each coefficient, what is behind the weaker of the sides that it compares.

    Where a side lies in few sampling units, the degrees of freedom are Satterthwaite's for
    variances in inverse proportion to the units of the sides.
    """
    found: dict[str, list] = {name: [] for name in ("base", "weight", "square", "df", "reason")}
    for k, compared in enumerate(sides):
        frames = [design.side(side & fit.used) for side in compared]
        counts = [frame.counts for frame in frames]
        weak = min(counts, key=lambda c: c.base[0])
        own = [f.degrees_of_freedom(np.inf, rule=design.df_rule)[0] for f in frames]
        found["base"].append(weak.base[0])
        found["weight"].append(weak.weight[0])
        found["square"].append(weak.square[0])
        found["df"].append(min(fit.df, _satterthwaite(np.array(own))))
        lone = "one respondent" if weak.n[0] == 1 else "one sampling unit"
        found["reason"].append(lone if fit.one_unit[k] else NO_VARIATION if fit.flat[k] else None)
    return Support(
        **{name: np.array(found[name], dtype=float) for name in found if name != "reason"},
        reason=np.array(found["reason"], dtype=object),
    )


def _satterthwaite(degrees: np.ndarray) -> float:
    share = 1 / np.maximum(degrees, 1e-6)
    return float(share.sum() ** 2 / (share**3).sum()) if share.any() else np.inf


def read_model(design: SurveyDesign, outcome: str, on: list[str], offset: str | None) -> Model:
    """Make the columns of a model: numbers as they are, others by level against the first."""
    table = design.table
    check_columns(table, [outcome, *on, *([offset] if offset else [])])
    labels: list[tuple[str, str | None]] = [(INTERCEPT, None)]
    everyone = np.ones(len(table), dtype=bool)
    names, columns, sides = [INTERCEPT], [np.ones(len(table))], [[everyone]]
    for name in on:
        if is_number(table[name]):
            labels.append((name, None))
            names.append(name)
            columns.append(read_numbers(table, name))
            sides.append(_sides_of_number(columns[-1], design.arrays.weight > 0))
            continue
        codes, levels = code_column(table[name])
        sides[0].append(codes == 0)
        for code, level in list(enumerate(levels))[1:]:
            labels.append((name, str(level)))
            names.append(f"{name}={level} (against {levels[0]})")
            columns.append(np.where(codes < 0, np.nan, codes == code))
            sides.append([codes == code, codes == 0])
    shift = None if offset is None else read_numbers(table, offset)
    outcomes = read_numbers(table, outcome)
    return Model(labels, names, sides, np.column_stack(columns), outcomes, shift)


def _sides_of_number(values: np.ndarray, used: np.ndarray) -> list[np.ndarray]:
    """Give the rows that differ from the most common value; of two values, both sides."""
    present = used & ~np.isnan(values)
    found, times = np.unique(values[present], return_counts=True)
    if len(found) < 2:
        return [present]
    common = values == found[np.argmax(times)]
    return [present & ~common, *([present & common] if len(found) == 2 else [])]


def fit_model(design: SurveyDesign, model: Model, family: Family) -> Fit:
    """Fit a model with the survey weights."""
    return fit_regression(
        design.arrays,
        model.outcome,
        model.predictors,
        family=family,
        offset=model.offset,
        names=model.names,
    )
