"""Turn survey estimates into the INDICATORS table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from obs.errors import SchemaError
from obs.schemas import CONTRIBUTORS, INDICATORS, check_table

__all__ = ["make_indicators"]

_CARRIED = ("detectable_change", "standing")


def make_indicators(
    estimates: pd.DataFrame,
    *,
    names: Mapping[str | tuple[str, str], str],
    period: pd.Period,
    unit: str,
    territory: str,
    level: str,
    scale: str = "share",
    synthetic: bool = False,
    breakdowns: Sequence[str] = (),
    extracted: Any = pd.NaT,
) -> pd.DataFrame:
    """Make indicators of the estimates of a survey design.

    Parameters
    ----------
    estimates : DataFrame
        Estimates of a :class:`SurveyDesign`. Not modified.
    names : Mapping
        Indicator of each variable, or of each (variable, level); others are left out.
    period : Period
        Period that the survey speaks of.
    unit : str
        Counting unit: ``respondent``, ``business``, ``household``.
    territory : str
        Column of territory codes, or one code for all rows.
    level : str
        Level of these territories (``commune``, ``region``).
    scale : str
        How values read: ``share``, ``per_1000_...``.
    synthetic : bool
        Whether the answers are invented.
    breakdowns : sequence of str
        Columns of the estimates that break the indicators down.
    extracted : date
        Day of extraction of the answers, if it is known.

    Returns
    -------
    DataFrame
        INDICATORS, sorted by key. Grade F has status ``unreliable``, no value and its reason;
        ``numerator`` and ``denominator`` are missing, since an estimate is no count. The
        columns ``detectable_change`` and ``standing`` are kept where the estimates have them;
        so are those of :func:`add_contributors`, whose ``amount`` is the numerator: sums of
        amounts are judged by it, grade F included.

    Raises
    ------
    SchemaError
        No estimate of these names, or a table that breaks the schema.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.indicators.survey import SurveyDesign, make_indicators
    >>> answers = pd.DataFrame({"w": 1.0, "theft": [True, False] * 40})
    >>> made = make_indicators(
    ...     SurveyDesign(answers, weight="w").share("theft"), names={"theft": "survey_theft"},
    ...     period=pd.Period("2021"), unit="business", territory="04000", level="region",
    ... )
    >>> made[["indicator", "territory", "value", "status", "grade"]]
          indicator territory  value status grade
    0  survey_theft     04000    0.5     ok     A
    """
    pairs = list(zip(estimates["variable"], estimates["level"].fillna(""), strict=True))
    found = [names.get(pair, names.get(pair[0])) for pair in pairs]
    kept = np.array([name is not None for name in found], dtype=bool)
    if not kept.any():
        raise SchemaError(f"None of the estimates is named: {sorted(set(pairs))[:10]}.")
    rows = estimates[kept].reset_index(drop=True)
    withheld = (rows["grade"] == "F").to_numpy()
    values = rows[["estimate", "low", "high"]].where(rows["grade"] != "F").astype("Float64")
    table = pd.DataFrame(
        {
            "indicator": pd.array([name for name in found if name is not None], dtype="str"),
            "territory": rows.get(territory, territory),
            "period": period,
            "numerator": rows.get("amount", pd.array([None] * len(rows), dtype="Int64")),
            "denominator": pd.array([None] * len(rows), dtype="Float64"),
            "value": values["estimate"],
            "low": values["low"],
            "high": values["high"],
            "status": _share_status(rows, withheld),
            "unit": unit,
            "n": rows["n"],
            "grade": rows["grade"],
            "level": level,
            "scale": scale,
            "reason": rows["reason"].where(~withheld | rows["reason"].notna(), "unreliable"),
            "source": "survey",
            "synthetic": pd.array([synthetic] * len(rows), dtype="boolean"),
            "extracted": pd.Series(extracted, index=rows.index, dtype="datetime64[us]"),
            **{c: rows[c] for c in breakdowns},
            **{c: rows[c].mask(withheld) for c in _CARRIED if c in rows},
            **{c: rows[c] for c in CONTRIBUTORS if c in rows},
        }
    )
    table["period"] = table["period"].astype(pd.PeriodDtype(period.freq))
    table = table.sort_values(["indicator", "territory"], ignore_index=True)
    return check_table(table, INDICATORS)


def _share_status(rows: pd.DataFrame, withheld: np.ndarray) -> np.ndarray:
    status = np.where((rows["estimate"] == 0).to_numpy(), "zero", "ok")
    status = np.where(withheld, "unreliable", status)
    return np.where((rows["n"] == 0).to_numpy(), "missing", status)
