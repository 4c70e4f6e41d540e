"""Compare published percentages of surveys whose answers are not at hand."""

from typing import Any

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.indicators.survey.respondent_checks import of_another_type, read_numbers
from obs.stats.survey import BASE_LIMIT, judge, published_difference

__all__ = ["compare_published"]


def compare_published(
    published: pd.DataFrame,
    *,
    by: str,
    base: Any,
    share: str = "share",
    n: str = "n",
    factor: str = "design_factor",
    decimals: int | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Test published percentages against one of them, with the design factors of the bulletins.

    For surveys whose answers are not at hand: another country's, an earlier wave's. With answers,
    `SurveyDesign.contrast` counts shared units too. The samples must be independent.

    Parameters
    ----------
    published : DataFrame
        One row per published share. Not modified.
    by : str
        Column that names the rows (wave, country), each once.
    base : value
        Row that the others are compared with.
    share, n, factor : str
        Columns of the shares (0 to 1), the respondents, and the design factors: the factor by
        which the standard error exceeds that of a simple random sample (the square root of the
        design effect).
    decimals : int, optional
        Decimals of the published percentages: no direction comes from their rounding.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    DataFrame
        One row per comparison: `by`, ``base``, ``n`` (the smaller), ``n_effective``,
        ``estimate`` (difference of the shares), ``se``, ``low``, ``high``, ``statistic`` (z),
        ``p_value``, ``grade``, ``reason`` and ``verdict`` (up, down, stable, too few to say).

    Raises
    ------
    SchemaError
        Columns that are absent or no numbers, a row that is missing or named twice.
    ObsError
        Percentages in place of shares, bases or factors that are not above 0.

    References
    ----------
    .. [1] Office for National Statistics, User guide to crime statistics for England and Wales,
       chapter on statistical significance.

    Examples
    --------
    >>> import pandas as pd
    >>> waves = pd.DataFrame({"wave": ["2019", "2021"], "share": [0.21, 0.24],
    ...                       "n": [2800, 3000], "design_factor": [1.3, 1.2]})
    >>> found = compare_published(waves, by="wave", base="2019", decimals=0)
    >>> found[["wave", "estimate", "p_value", "verdict"]].round(3)
       wave  estimate  p_value verdict
    0  2021      0.03    0.144  stable
    """
    names = [by, share, n, factor]
    absent = [name for name in names if name not in published]
    if absent:
        raise SchemaError(
            f"The published shares have no column {', '.join(map(repr, absent))}: "
            f"{', '.join(map(str, published.columns))}."
        )
    place = _base_row(published[by], base)
    others = np.delete(np.arange(len(published)), place)
    columns = (read_numbers(published, name, of="the published shares") for name in names[1:])
    shares, sizes, factors = ((v[others], np.full(len(others), v[place])) for v in columns)
    found = published_difference(
        shares,
        sizes,
        factors,
        rounding=0.0 if decimals is None else 0.5 * 10.0 ** -(decimals + 2),
        confidence=confidence,
    )
    reason = np.where(found.is_normal, None, "fewer than 5 effective answers on a side of a share")
    letters, reasons = judge(
        cv=np.zeros(len(others)),
        base=found.size,
        df=np.full(len(others), np.inf),
        se=found.se,
        low=found.low,
        high=found.high,
        reason=reason,
    )
    sure = found.p_value < 1 - confidence
    verdict = np.where(sure, np.where(found.estimate > 0, "up", "down"), "stable")
    few = (found.size < BASE_LIMIT) | ~found.is_normal
    return pd.DataFrame(
        {
            by: published[by].iloc[others].to_numpy(),
            "base": base,
            "n": np.minimum(*sizes).astype(np.int64),
            "n_effective": found.size,
            "estimate": found.estimate,
            "se": found.se,
            "low": found.low,
            "high": found.high,
            "statistic": found.statistic,
            "p_value": found.p_value,
            "grade": pd.array(letters, dtype="str"),
            "reason": pd.array(reasons, dtype="str"),
            "verdict": pd.array(np.where(few, "too few to say", verdict), dtype="str"),
        }
    )


def _base_row(names: pd.Series, base: Any) -> int:
    """Find the row of the base, and refuse names that do not tell rows apart."""
    listed = names.tolist()
    if names.isna().any() or names.duplicated().any():
        raise SchemaError(f"Column {names.name!r} must name each published share once.")
    if base not in listed or len(listed) < 2:
        raise SchemaError(
            f"The base {base!r} is not in {names.name!r}, or there is nothing beside it: "
            f"{listed[:10]}." + of_another_type(base, listed)
        )
    return listed.index(base)
