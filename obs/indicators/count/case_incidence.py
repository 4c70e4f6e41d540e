"""Give what becomes of the cases of each year as a table that can be released: INCIDENCE.

The cohort is that of an indicator of entered cases, so that its size is that indicator's count.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from obs.catalogue import get_indicator
from obs.errors import ObsError
from obs.indicators.count.case_durations import case_durations
from obs.reference import Territory, load_territory
from obs.schemas import HORIZONS, INCIDENCE, check_table

__all__ = ["case_incidence"]

_METHOD = "Kaplan-Meier and Aalen-Johansen, cases open when last seen are censored"
_NUMBERS = ("numerator", "value", "low", "high", "n", "at_risk", "censored")


def case_incidence(
    cases: pd.DataFrame,
    *,
    indicator: str,
    years: Iterable[int],
    days: Iterable[int] = (90, 180, 365, 730),
    confidence: float = 0.95,
    territory: str | Territory = "brussels",
) -> pd.DataFrame:
    """Share out the cases that an indicator counts by their state so many days after they began.

    Parameters
    ----------
    cases : DataFrame
        CASES as `clean_prosecutor` gives them, links followed. Not modified.
    indicator : str
        An indicator of cases entered (`cases_entered`, `vif_cases`).
    years : iterable of int
        Years of entry.
    days : iterable of int
        Days to each horizon, of `obs.schemas.HORIZONS`.
    confidence : float
        Of each interval by itself.
    territory : str or Territory
        Its whole is the place of every case.

    Returns
    -------
    DataFrame
        INCIDENCE: one row a year, state (`decision`: "open", or how the cases first ended) and
        horizon (`within`); `value` is the share of the cohort, `denominator` its size. Status
        "missing", without a number, where no open case was followed so far.

    Raises
    ------
    ObsError
        An indicator that counts no cases entered, a horizon outside the list, and as
        `case_durations`.

    See Also
    --------
    case_durations : The estimates, their assumptions and their references.
    """
    entry = get_indicator(indicator)
    if entry.source != "prosecutor" or entry.stage != "entered" or entry.whole:
        raise ObsError(
            f"case_incidence: '{indicator}' counts no cases entered, which a cohort is made of; "
            "take cases_entered or vif_cases"
        )
    horizons = sorted(set(days))
    wrong = [str(d)[:20] for d in horizons if d not in HORIZONS]
    if wrong:
        raise ObsError(
            f"case_incidence: {', '.join(wrong)} days: horizons are of {', '.join(map(str, HORIZONS))}"
        )
    found = case_durations(
        cases, years=years, days=horizons, where=entry.where, confidence=confidence
    )
    place = load_territory(territory)
    known = found["status"] != "missing"
    numbers = found.assign(n=found["denominator"])
    numbers = numbers.assign(**{c: numbers[c].where(known) for c in _NUMBERS})
    zero = known & (found["numerator"] == 0)
    table = numbers.assign(
        indicator=indicator,
        territory=place.top,
        level=place.levels[-1],
        decision=found["state"],
        within=found["days"].astype("str"),
        denominator=found["denominator"].astype("Float64"),
        status=found["status"].where(~known, "ok").mask(zero, "zero"),
        scale="share",
        source="prosecutor",
        grade=pd.array([None] * len(found), dtype="str"),
        method=_METHOD,
        synthetic=bool(cases["synthetic"].any()),
        extracted=cases["extracted"].max(),
    )
    return check_table(table.drop(columns=["state", "days"]), INCIDENCE)
