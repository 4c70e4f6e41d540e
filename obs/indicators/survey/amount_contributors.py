"""Describe the contributors of a sum of amounts for disclosure control, without the microdata."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.indicators.survey.design_arrays import code_columns
from obs.indicators.survey.estimate_table import number_items
from obs.indicators.survey.respondent_checks import as_list, check_columns, rows_text
from obs.indicators.survey.respondents import Respondents
from obs.schemas import CONTRIBUTORS

__all__ = ["add_contributors"]


def add_contributors(
    estimates: pd.DataFrame, design: Respondents, *, by: str | Sequence[str] | None = None
) -> pd.DataFrame:
    """Add the weighted sum behind each total or mean of amounts, and who makes it up.

    A respondent of weight w and amount y stands for w units of amount y. Each w y is rounded
    to a whole unit of money before it is added, so that parts sum to their total exactly.
    The largest contributor is one unit: the largest y; the second is y again where w is 2 or
    more, the next y otherwise.

    Parameters
    ----------
    estimates : DataFrame
        From `total` or `mean` of the same design and the same `by`. Not modified.
    design : SurveyDesign
        Respondents, amounts and weights.
    by : str or sequence of str, optional
        The domains of the estimates.

    Returns
    -------
    DataFrame
        With the columns ``amount`` (whole, unit of the amounts), ``contributors`` (respondents
        with an amount above 0, unweighted), ``largest_share`` and ``second_share`` (of the
        sum, 0 to 1; missing where nobody contributes).

    Raises
    ------
    SchemaError
        If an amount is negative or no number, or the estimates are of other domains.

    References
    ----------
    .. [1] Hundepool et al. (2012), Statistical Disclosure Control, Wiley, section 4.2:
       sensitivity rules where the units are sampled.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign, add_contributors
    >>> shops = pd.DataFrame({"w": [1.0, 1.0, 3.0], "loss": [900, 0, 50]})
    >>> design = SurveyDesign(shops, weight="w")
    >>> made = add_contributors(design.total("loss"), design)
    >>> made[["amount", "contributors", "largest_share", "second_share"]].round(3)
       amount  contributors  largest_share  second_share
    0    1050             2          0.857         0.048
    """
    names = as_list(by)
    check_columns(design.table, [], by=names)
    absent = [c for c in ("variable", *names) if c not in estimates]
    if absent:
        raise SchemaError(
            f"The estimates have no column {', '.join(map(repr, absent))}: give the estimates "
            "of this design by the same domains."
        )
    codes, keys = code_columns(design.table, names)
    found = [
        _made_up(item.variable, item.values, design.arrays.weight, codes, keys)
        for item in number_items(design.table, list(dict.fromkeys(estimates["variable"])))
    ]
    on = ["variable", *names]
    joined = estimates.reset_index(drop=True)[on].merge(pd.concat(found), on=on, how="left")
    if joined["contributors"].isna().any():
        raise SchemaError(
            f"The estimates have domains that the design has not, in "
            f"{rows_text(joined['contributors'].isna().to_numpy())}."
        )
    given = joined[["amount", *CONTRIBUTORS]].set_axis(estimates.index)
    return estimates.assign(**{c: given[c] for c in given})


def _made_up(
    variable: str, amount: np.ndarray, weight: np.ndarray, codes: np.ndarray, keys: pd.DataFrame
) -> pd.DataFrame:
    if (amount < 0).any():
        raise SchemaError(f"Column {variable!r} has negative amounts in {rows_text(amount < 0)}.")
    whole = np.rint(np.nan_to_num(amount) * weight)
    rows = []
    for domain in range(len(keys)):
        there = (codes == domain) & (amount > 0) & (weight > 0)
        order = np.argsort(-amount[there], kind="stable")
        largest = [*amount[there][order][:2], 0.0, 0.0][:2]
        if there.any() and weight[there][order][0] >= 2:
            largest[1] = largest[0]
        total = whole[there].sum()
        rows.append((total, int(there.sum()), *_largest_shares(largest, total)))
    made = pd.DataFrame(rows, columns=["amount", *CONTRIBUTORS], index=keys.index)
    typed = {"amount": "Int64", "contributors": "Int64"} | dict.fromkeys(
        CONTRIBUTORS[1:], "Float64"
    )
    return keys.assign(variable=pd.array([variable] * len(keys), dtype="str")).join(
        made.astype(typed)
    )


def _largest_shares(largest: list[float], total: float) -> tuple[float, float]:
    """Give both as shares of the sum; a weight below 1 can make a unit larger than its sum."""
    if total <= 0:
        return (np.nan, np.nan) if largest[0] == 0 else (1.0, 0.0)
    first = min(largest[0] / total, 1.0)
    return first, min(largest[1] / total, 1.0 - first)
