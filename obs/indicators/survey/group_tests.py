"""Run tests on a survey design, as tables: a term of a model, groups, two questions.

Each test is graded by the smallest group that it compares.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.errors import ObsError
from obs.indicators.survey.design_arrays import code_column
from obs.indicators.survey.respondent_checks import as_list, check_columns, read_numbers
from obs.indicators.survey.survey_design import SurveyDesign
from obs.indicators.survey.survey_regression import (
    Support,
    find_support,
    fit_model,
    read_model,
)
from obs.stats.survey import (
    NO_VARIATION,
    Design,
    Family,
    Fit,
    Test,
    fit_regression,
    frame_domains,
    independence_test,
    judge,
    rank_scores,
    t_test,
    wald_test,
)

__all__ = ["association_test", "group_test", "term_test"]

_SCORES = ("wilcoxon", "median", "waerden")


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
        ``method``, ``statistic`` (F), ``df1``, ``df2``, ``p_value``, ``n``, ``grade`` (by the
        smallest group that is compared) and ``reason`` (why the test is withheld).

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
      method  statistic  df1   df2  p_value   n grade reason
    0   Wald      0.001    1  37.0     0.97  40     C    NaN
    """
    model = read_model(design, outcome, as_list(on), offset)
    chosen = np.array([name == term for name, _ in model.labels])
    if not chosen.any():
        raise ObsError(f"{term!r} is not one of the predictors {as_list(on)}.")
    fit = fit_model(design, model, family)
    support = find_support(design, model.sides, fit)
    return _tested("Wald", fit, support, np.flatnonzero(chosen))


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
        ``method``, ``statistic``, ``df1``, ``df2``, ``p_value``, ``n``, ``grade`` (by the
        smallest group) and ``reason`` (why the test is withheld).

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
      method  statistic  df1   df2  p_value   n grade reason
    0      t       0.54  1.0  38.0     0.59  40     C    NaN
    """
    if method not in ("t", *_SCORES):
        raise ObsError(f"Unknown method {method!r}. Allowed: t, {', '.join(_SCORES)}.")
    check_columns(design.table, [variable, by])
    groups, levels = code_column(design.table[by])
    if len(levels) < 2:
        raise ObsError(f"{by!r} has {len(levels)} group(s): there is nothing to compare.")
    outcome = read_numbers(design.table, variable)
    missing = groups < 0
    if method in _SCORES:
        outcome = rank_scores(design.arrays, np.where(missing, np.nan, outcome), kind=method)
    levels_of = [groups == code for code in range(len(levels))]
    dummies = [np.where(missing, np.nan, own) for own in levels_of[1:]]
    predictors = np.column_stack([np.ones(len(groups)), *dummies])
    names = [f"{by}={level}" for level in levels]
    fit = fit_regression(design.arrays, outcome, predictors, names=names)
    sides = [[levels_of[0]], *([own, levels_of[0]] for own in levels_of[1:])]
    support = find_support(design, sides, fit)
    return _tested(method, fit, support, np.arange(1, len(levels)))


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
        ``method``, ``statistic``, ``df1``, ``df2``, ``p_value``, ``n``, ``grade`` (by the
        smallest group) and ``reason`` (why the test is withheld).

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
          method  statistic  df1   df2  p_value   n grade reason
    0  Rao-Scott        0.0  1.0  39.0      1.0  40     F    NaN
    """
    check_columns(design.table, [first, second])
    used = design.arrays.weight > 0
    rows, columns = (
        np.where(used, code_column(design.table[name].where(used))[0], -1)
        for name in (first, second)
    )
    test = independence_test(design.arrays, rows, columns, statistic=statistic)
    both = (rows >= 0) & (columns >= 0)
    sides = [both & (codes == c) for codes in (rows, columns) for c in range(int(codes.max()) + 1)]
    base, reason = _weakest(design.arrays, [side for side in sides if side.any()])
    method = "Rao-Scott" if statistic == "F" else "Wald"
    return _row(method, test, int(both.sum()), base, reason)


def _tested(method: str, fit: Fit, support: Support, chosen: np.ndarray) -> pd.DataFrame:
    """Test that some coefficients are 0."""
    weak = chosen[np.argmin(support.base[chosen])]
    reasons = [reason for reason in support.reason[chosen] if reason is not None]
    df = float(support.df[chosen].min())
    if fit.flat[chosen].any():
        raise ObsError(
            f"The {method} test has no error to compare with: {NO_VARIATION} in the groups."
        )
    if len(chosen) == 1 and method != "Wald":
        only = chosen[0]
        test = t_test(float(fit.coefficients[only]), float(fit.covariance[only, only]), df)
    else:
        test = wald_test(fit.coefficients[chosen], fit.covariance[np.ix_(chosen, chosen)], df)
    return _row(method, test, fit.n, float(support.base[weak]), reasons[0] if reasons else None)


def _row(method: str, test: Test, n: int, base: float, reason: str | None) -> pd.DataFrame:
    """Give a test as a row; its p-value is withheld with its reason."""
    one = np.ones(1)
    why = np.array([reason], dtype=object)
    letters, reasons = judge(
        cv=0 * one, base=base * one, df=test.df2 * one, se=one, low=-one, high=one, reason=why
    )
    facts = {
        "method": method,
        "statistic": test.statistic if reasons[0] is None else np.nan,
        "df1": test.df1,
        "df2": test.df2,
        "p_value": test.p_value if reasons[0] is None else np.nan,
        "n": n,
        "grade": letters[0],
        "reason": reasons[0],
    }
    return pd.DataFrame([facts]).astype({"grade": "str", "reason": "str"})


def _weakest(design: Design, sides: list[np.ndarray]) -> tuple[float, str | None]:
    """Give the smallest base among groups, and why one of them cannot be compared."""
    frames = [frame_domains(design, np.where(side, 0, -1), 1) for side in sides]
    base = min(float(frame.counts.base[0]) for frame in frames)
    lone = any(frame.counts.units[0] == 1 for frame in frames)
    return base, "one sampling unit" if lone else None
