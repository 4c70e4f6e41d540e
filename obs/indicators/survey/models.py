"""Fit regressions and run tests on a survey design, as tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from obs.errors import ObsError, SchemaError
from obs.indicators.survey.design_arrays import code_column
from obs.indicators.survey.estimate_table import assemble
from obs.indicators.survey.respondent_checks import as_list, check_columns
from obs.indicators.survey.survey_design import SurveyDesign
from obs.stats.survey import (
    Cells,
    Family,
    Fit,
    Test,
    fit_regression,
    grade,
    independence_test,
    rank_scores,
    t_interval,
    t_test,
    wald_test,
)

__all__ = ["association_test", "group_test", "regress", "term_test"]

INTERCEPT = "(intercept)"
_SCORES = {"wilcoxon": "wilcoxon", "median": "median", "waerden": "waerden"}


@dataclass(frozen=True)
class _Model:
    """Columns of a model: their names, and their numbers."""

    labels: list[tuple[str, str | None]]
    predictors: np.ndarray
    outcome: np.ndarray
    offset: np.ndarray | None


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
        the design's plus 1 minus the number of coefficients; ``grade`` rests on the base alone,
        ``cv``, ``deff`` and ``n_effective`` are missing.

    Raises
    ------
    SchemaError
        Unknown columns, an outcome that is not a number.
    ObsError
        Predictors that cannot be told apart, a model that does not converge.

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
    model = _read_model(design, outcome, as_list(on), offset)
    fit = _fit(design, model, family)
    missing = int((design.arrays.weight > 0).sum()) - fit.n
    column = np.full((len(fit.coefficients), 1), np.nan)
    cells = Cells(
        fit.coefficients[:, None],
        np.diag(fit.covariance)[:, None],
        np.full_like(column, fit.n),
        np.full_like(column, missing),
        column,
        column,
        column,
    )
    df = np.array([fit.df])
    low, high = t_interval(cells.estimate, np.sqrt(cells.variance), df, confidence=confidence)
    reason = np.full(column.shape, None, dtype=object)
    table = assemble(
        pd.DataFrame(index=range(1)), model.labels, cells, low=low, high=high, df=df, reason=reason
    )
    statistic = np.abs(cells.estimate / np.sqrt(cells.variance)).ravel()
    letters = grade(np.zeros(len(table)), cells.n.ravel())
    return table.assign(
        cv=np.nan,
        grade=pd.array(letters, dtype="str"),
        p_value=2 * stats.t.sf(statistic, fit.df),
    )


def term_test(
    design: SurveyDesign,
    outcome: str,
    on: str | Sequence[str],
    *,
    term: str,
    family: Family = "gaussian",
    offset: str | None = None,
) -> pd.DataFrame:
    """Test that all coefficients of one predictor of a regression are 0 (Wald).

    Parameters
    ----------
    design, outcome, on, family, offset
        As in :func:`regress`.
    term : str
        One of ``on``.

    Returns
    -------
    DataFrame of one row
        ``method``, ``statistic`` (F), ``df1``, ``df2``, ``p_value``, ``n``.

    Raises
    ------
    ObsError
        A term that is not a predictor, or too few sampling units.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign
    >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "y": range(40),
    ...                         "theft": [True, False, True, False, False] * 8})
    >>> design = SurveyDesign(answers, weight="w")
    >>> term_test(design, "theft", ["sex", "y"], term="sex", family="binomial").round(3)
      method  statistic  df1   df2  p_value   n
    0   Wald      0.001    1  37.0     0.97  40
    """
    model = _read_model(design, outcome, as_list(on), offset)
    chosen = np.array([name == term for name, _ in model.labels])
    if not chosen.any():
        raise ObsError(f"{term!r} is not one of the predictors {as_list(on)}.")
    fit = _fit(design, model, family)
    test = wald_test(fit.coefficients[chosen], fit.covariance[np.ix_(chosen, chosen)], fit.df)
    return _row("Wald", test, fit.n)


def group_test(design: SurveyDesign, variable: str, by: str, *, method: str = "t") -> pd.DataFrame:
    """Test that a variable has the same mean, or the same ranks, in all groups.

    Parameters
    ----------
    design : SurveyDesign
        Respondents and design.
    variable : str
        Column of numbers or yes/no answers.
    by : str
        Column of the groups; two groups give Student's t, more give Wald's F.
    method : {"t", "wilcoxon", "median", "waerden"}
        Means, or scores of the ranks estimated in the population.

    Returns
    -------
    DataFrame of one row
        ``method``, ``statistic``, ``df1``, ``df2``, ``p_value``, ``n``.

    Raises
    ------
    ObsError
        Fewer than two groups, or an unknown method.

    References
    ----------
    .. [1] Lumley, T. and Scott, A. J. (2013), Two-sample rank tests under complex sampling,
       Biometrika 100, 831-842.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign
    >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "age": range(20, 60)})
    >>> design = SurveyDesign(answers, weight="w")
    >>> group_test(design, "age", "sex").round(2)
      method  statistic  df1   df2  p_value   n
    0      t       0.54  1.0  38.0     0.59  40
    """
    if method not in ("t", *_SCORES):
        raise ObsError(f"Unknown method {method!r}. Allowed: t, {', '.join(_SCORES)}.")
    check_columns(design.table, [variable, by])
    groups, levels = code_column(design.table[by])
    if len(levels) < 2:
        raise ObsError(f"{by!r} has {len(levels)} group(s): there is nothing to compare.")
    outcome = _numbers(design.table, variable)
    missing = groups < 0
    if method in _SCORES:
        outcome = rank_scores(design.arrays, np.where(missing, np.nan, outcome), kind=method)
    dummies = [np.where(missing, np.nan, groups == code) for code in range(1, len(levels))]
    predictors = np.column_stack([np.ones(len(groups)), *dummies])
    fit = fit_regression(design.arrays, outcome, predictors)
    if len(levels) == 2:
        test = t_test(float(fit.coefficients[1]), float(fit.covariance[1, 1]), fit.df)
    else:
        test = wald_test(fit.coefficients[1:], fit.covariance[1:, 1:], fit.df)
    return _row(method, test, fit.n)


def association_test(
    design: SurveyDesign, first: str, second: str, *, statistic: str = "F"
) -> pd.DataFrame:
    """Test that the answers to two questions are independent.

    Parameters
    ----------
    design : SurveyDesign
        Respondents and design.
    first, second : str
        Columns of answers; respondents without one of them leave the test.
    statistic : {"F", "Wald"}
        Pearson's statistic with the second-order correction of Rao and Scott, or Wald's.

    Returns
    -------
    DataFrame of one row
        ``method``, ``statistic``, ``df1``, ``df2``, ``p_value``, ``n``.

    Raises
    ------
    ObsError
        A question with fewer than two answers, or an unknown statistic.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign
    >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "y": range(40),
    ...                         "theft": [True, False, True, False, False] * 8})
    >>> design = SurveyDesign(answers, weight="w")
    >>> association_test(design, "sex", "theft").round(3)
          method  statistic  df1   df2  p_value   n
    0  Rao-Scott        0.0  1.0  39.0      1.0  40
    """
    check_columns(design.table, [first, second])
    used = design.arrays.weight > 0
    rows, columns = (
        np.where(used, code_column(design.table[name].where(used))[0], -1)
        for name in (first, second)
    )
    test = independence_test(design.arrays, rows, columns, statistic=statistic)
    n = int(((rows >= 0) & (columns >= 0)).sum())
    return _row("Rao-Scott" if statistic == "F" else "Wald", test, n)


def _row(method: str, test: Test, n: int) -> pd.DataFrame:
    facts = {
        "method": method,
        "statistic": test.statistic,
        "df1": test.df1,
        "df2": test.df2,
        "p_value": test.p_value,
        "n": n,
    }
    return pd.DataFrame([facts])


def _read_model(design: SurveyDesign, outcome: str, on: list[str], offset: str | None) -> _Model:
    table = design.table
    check_columns(table, [outcome, *on, *([offset] if offset else [])])
    labels: list[tuple[str, str | None]] = [(INTERCEPT, None)]
    columns = [np.ones(len(table))]
    for name in on:
        if pd.api.types.is_numeric_dtype(table[name]) or pd.api.types.is_bool_dtype(table[name]):
            labels.append((name, None))
            columns.append(_numbers(table, name))
            continue
        codes, levels = code_column(table[name])
        for code, level in list(enumerate(levels))[1:]:
            labels.append((name, str(level)))
            columns.append(np.where(codes < 0, np.nan, codes == code))
    shift = None if offset is None else _numbers(table, offset)
    return _Model(labels, np.column_stack(columns), _numbers(table, outcome), shift)


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    if not (pd.api.types.is_numeric_dtype(table[name]) or pd.api.types.is_bool_dtype(table[name])):
        raise SchemaError(f"Column {name!r} is not made of numbers or yes/no answers.")
    return table[name].to_numpy(dtype=float, na_value=np.nan)


def _fit(design: SurveyDesign, model: _Model, family: Family) -> Fit:
    return fit_regression(
        design.arrays, model.outcome, model.predictors, family=family, offset=model.offset
    )
