"""Test whether a category is above or below the others of its breakdown.

Each category is tested against the others together, with the covariance that the design and
shared respondents give. The tests of one breakdown are adjusted together (Holm).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from obs.catalogue import Asked
from obs.indicators.survey.survey_design import SurveyDesign
from obs.schemas import ALL
from obs.stats import adjust_p_values

__all__ = ["add_standing"]

_SIDE = "is this category"  # a column that no respondent table has
_LEVEL = 0.05


def add_standing(
    estimates: pd.DataFrame,
    design: SurveyDesign,
    cells: Mapping[str, pd.Series],
    *,
    breakdown: Sequence[str],
    asked: Asked,
) -> pd.DataFrame:
    """Add how each category stands against the others of its breakdown.

    Returns a table with `standing`: above, below or alike, at 5 % after Holm's adjustment;
    missing for totals, for categories crossed with others, and where a side is too small to tell.

    References
    ----------
    .. [1] Holm, S. (1979), A simple sequentially rejective multiple test procedure,
       Scandinavian Journal of Statistics 6, 65-70.
    """
    groups = [c for c in breakdown if c != "answer"]
    found = pd.Series(pd.NA, index=estimates.index, dtype="str")
    for column in groups:
        others = [c for c in groups if c != column]
        lone = (estimates[column] != ALL) & (estimates[others] == ALL).all(axis=1)
        tests = (
            _of_items(design, cells, asked)
            if column == asked.by_item
            else _of_domains(design, cells, column)
        )
        tested = _verdicts(tests)
        keys = pd.MultiIndex.from_frame(estimates.loc[lone, ["variable", column]])
        found[lone] = tested.reindex(keys).to_numpy()
    return estimates.assign(standing=found.mask(estimates["grade"] == "F"))


def _of_domains(design: SurveyDesign, cells: Mapping[str, pd.Series], column: str) -> pd.DataFrame:
    """Compare each category of respondents with all other respondents."""
    values = design.table[column]
    variables = [v for v in cells if design.table[v].notna().any()]
    tests = _each_against_others(design, variables, values)
    return tests.assign(family=tests["variable"])


def _of_items(design: SurveyDesign, cells: Mapping[str, pd.Series], asked: Asked) -> pd.DataFrame:
    """Compare each item with the other items, a respondent's answers kept together."""
    answers = list(dict.fromkeys(name.split("|")[1] for name in cells))
    table = design.table.drop(columns=list(cells))
    long = pd.concat(
        [
            table.assign(item=item, **{a: cells[f"{item}|{a}"] for a in answers})
            for item in asked.items
        ],
        ignore_index=True,
    )
    has = {c for c in ("stratum", "cluster") if c in table and table[c].notna().any()}
    stacked = SurveyDesign(
        long,
        weight="weight",
        stratum="stratum" if "stratum" in has else None,
        cluster="cluster" if "cluster" in has else "respondent_id",
        single="adjust",
    )
    tests = _each_against_others(stacked, answers, long["item"])
    return tests.assign(
        family=tests["variable"], variable=tests["category"] + "|" + tests["variable"]
    )


def _each_against_others(
    design: SurveyDesign, variables: Sequence[str], values: pd.Series
) -> pd.DataFrame:
    parts = []
    for category in sorted(values.dropna().unique()):
        side = (values == category).astype("str").where(values.notna())
        tested = design.with_columns({_SIDE: side}).contrast(
            variables, by=_SIDE, base="False", of="share"
        )
        parts.append(tested.assign(category=category))
    return pd.concat(parts, ignore_index=True)


def _verdicts(tests: pd.DataFrame) -> pd.Series:
    """Adjust the tests of a family together, and give a word to what is left."""
    tested = tests["verdict"].isin(["up", "down", "stable"]) & tests["p_value"].notna()
    word = pd.Series(pd.NA, index=tests.index, dtype="str")
    for _, own in tests[tested].groupby("family"):
        sure = adjust_p_values(own["p_value"].to_numpy(dtype=float)) < _LEVEL
        word[own.index] = np.where(sure, np.where(own["estimate"] > 0, "above", "below"), "alike")
    return word.set_axis(pd.MultiIndex.from_frame(tests[["variable", "category"]]))
