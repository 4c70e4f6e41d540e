"""Estimate what a register does not hold from a survey's reporting rate, where scopes agree.

A recorded count is divided by a reporting rate only if the catalogue declares the same
population, place, period, offences, unit and attempts for both. Every difference is named.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from obs.catalogue import Indicator, get_indicator
from obs.errors import ObsError, SchemaError
from obs.reference import descendants
from obs.schemas import ALL, BREAKDOWNS, INDICATORS, check_table
from obs.stats import Scope, dark_share, poisson_interval, scale_up, scope_differences

__all__ = ["compare_scopes", "estimate_all", "make_dark_share", "scope_of"]

_VALUES = ["value", "low", "high"]
_KEPT = ("ok", "zero", "provisional")


def scope_of(
    indicator: str | Indicator, *, period: pd.Period | str, offence: str | None = None
) -> Scope:
    """Give what an indicator's figure of a period speaks of.

    Parameters
    ----------
    indicator : str or Indicator
        An id or an entry. What its `speaks_of` declares counts; without it, records of the
        police speak of everybody, offences in the territory, by calendar period.
    period : Period or str
        The period of the figure.
    offence : str, optional
        Of a figure broken down by offence, the one it is of.

    Returns
    -------
    Scope
        population, place, period (with the stretch of time an answer covers), offences (with
        their branches), unit, attempts.

    Raises
    ------
    ObsError
        If a survey's entry does not declare it: nobody can tell from its words.

    Examples
    --------
    >>> scope_of("pickpocketing", period="2022").period
    '2022, calendar period'
    """
    entry = get_indicator(indicator) if isinstance(indicator, str) else indicator
    said = entry.speaks_of
    own = None if offence is None else _branches((offence,))
    if said is not None:
        return Scope(
            said.population,
            said.place,
            f"{period}, {said.reference}",
            _branches(said.offences) if own is None else own,
            said.unit,
            said.attempts,
        )
    if entry.source == "survey":
        raise ObsError(
            f"indicator '{entry.id}' does not declare what it speaks of ('speaks_of'): "
            "population, place, reference, offences, unit, attempts"
        )
    return Scope(
        "everybody",
        "in the territory" if entry.place_rule == "place_of_offence" else entry.place_rule,
        f"{period}, calendar period",
        (_branches(entry.phenomena) if own is None else own) - _branches(entry.exclude),
        entry.unit,
        entry.attempts == "included",
    )


def compare_scopes(
    recorded: str | Indicator,
    reporting: str | Indicator,
    *,
    period: pd.Period | str,
    survey_period: pd.Period | str | None = None,
    offence: str | None = None,
) -> list[str]:
    """Say in what a register's count and a survey's reporting rate differ.

    Parameters
    ----------
    recorded, reporting : str or Indicator
        Indicator of the register, and of the survey.
    period : Period or str
        Of the count.
    survey_period : Period or str, optional
        Of the survey; the same by default.
    offence : str, optional
        The offence of the survey's rate, where it is broken down by offence.

    Returns
    -------
    list of str
        One sentence for each of population, place, period, offences, unit, attempts that
        differs; empty where they may be multiplied.

    Raises
    ------
    ObsError
        If a survey's entry does not declare what it speaks of.

    Examples
    --------
    >>> found = compare_scopes("burglary_other", "business_reporting_rate", period="2021")
    >>> [sentence.split(":")[0] for sentence in found]
    ['population', 'place', 'period', 'offences', 'unit']
    """
    return scope_differences(
        scope_of(recorded, period=period),
        scope_of(reporting, period=survey_period or period, offence=offence),
    )


def make_dark_share(reporting: pd.DataFrame, *, indicator: str) -> pd.DataFrame:
    """Turn reporting rates into the shares that were not reported, limits changed over.

    Parameters
    ----------
    reporting : DataFrame
        INDICATORS of shares of respondents who reported. Not modified.
    indicator : str
        Id of the dark share.

    Returns
    -------
    DataFrame
        INDICATORS, same rows; grade, base and status stay (0 not reported is "zero").

    Raises
    ------
    SchemaError
        A table that is not of shares.
    ObsError
        A rate outside its limits or [0, 1].

    Examples
    --------
    >>> import pandas as pd
    >>> rate = pd.DataFrame({"indicator": "r", "territory": "04000",
    ...     "period": pd.PeriodIndex(["2021"], freq="Y"), "numerator": None, "denominator": None,
    ...     "value": 0.8, "low": 0.7, "high": 0.88, "status": "ok", "unit": "business",
    ...     "n": 110, "grade": "A", "scale": "share"})
    >>> make_dark_share(rate, indicator="d")[["indicator", "value", "low", "high"]].round(2)
      indicator  value   low  high
    0         d    0.2  0.12   0.3
    """
    table = _checked_shares(reporting)
    known = table[_VALUES].astype("float64")
    share = dark_share(known["value"], known["low"], known["high"])
    counted = table["status"].isin(["ok", "zero"])
    zero = counted & (np.asarray(share.value) == 0)
    made = table.assign(
        indicator=indicator,
        value=pd.Series(share.value, index=table.index).astype("Float64"),
        low=pd.Series(share.low, index=table.index).astype("Float64"),
        high=pd.Series(share.high, index=table.index).astype("Float64"),
        status=table["status"].mask(counted, "ok").mask(zero, "zero"),
    )
    return check_table(made, INDICATORS)


def estimate_all(
    recorded: pd.DataFrame,
    reporting: pd.DataFrame,
    *,
    indicator: str,
    recorded_entry: str | Indicator | None = None,
    reporting_entry: str | Indicator | None = None,
) -> pd.DataFrame:
    r"""Estimate all offences from those recorded, :math:`N = O/R`, if the scopes agree.

    Parameters
    ----------
    recorded : DataFrame
        INDICATORS of one indicator of a register. Not modified.
    reporting : DataFrame
        INDICATORS of one survey's reporting rate, of the same territories and periods, one
        row each. Not modified.
    indicator : str
        Id of the estimate.
    recorded_entry, reporting_entry : str or Indicator, optional
        The entries that say what they speak of; those of the ids in the tables by default.

    Returns
    -------
    DataFrame
        INDICATORS on the scale "estimate": `numerator` is the recorded count, `value` the
        estimate of all, `n` and `grade` those of the survey. Rows without a rate of the same
        territory and period are missing; a grade F has no value.

    Raises
    ------
    ObsError
        Scopes that differ, every difference named; a rate of 0; several indicators.
    SchemaError
        Tables that are not INDICATORS, rates that are not shares, two rates for one row.

    Notes
    -----
    Even with one scope not every reported offence is recorded. The dark share is the safer
    figure, and neither is recorded crime.

    Examples
    --------
    >>> import pandas as pd
    >>> empty = pd.DataFrame({"territory": "04000", "period": pd.PeriodIndex(["2021"], freq="Y"),
    ...     "denominator": None, "low": None, "high": None, "status": "ok", "n": 90,
    ...     "grade": "A", "scale": "share"})
    >>> count = empty.assign(indicator="burglary_other", numerator=500, value=500, unit="fact")
    >>> rate = empty.assign(indicator="business_reporting_rate", numerator=None, value=0.8,
    ...     unit="business")
    >>> estimate_all(count, rate, indicator="all")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    obs.errors.ObsError: the register and the survey do not speak of the same thing
    """
    counts, rates = check_table(recorded, INDICATORS), _checked_shares(reporting)
    first = _one_indicator(counts, recorded_entry)
    second = _one_indicator(rates, reporting_entry)
    if counts.empty or rates.empty:
        raise SchemaError("the recorded counts and the reporting rates each need a row")
    keys = ["territory", "period", *(c for c in BREAKDOWNS if c in counts and c in rates)]
    if rates.duplicated(keys).any():
        raise SchemaError(
            f"reporting rates: several rows for one {', '.join(keys)}; choose one item and answer"
        )
    differences = {
        sentence
        for period in counts["period"].unique()
        for sentence in compare_scopes(
            first,
            second,
            period=period,
            survey_period=_survey_period(rates, period),
            offence=_single_offence(rates),
        )
    }
    if differences:
        raise ObsError(
            "the register and the survey do not speak of the same thing: "
            f"{'; '.join(sorted(differences))}. Publish the dark share, or make the scopes agree."
        )
    return _scale_counts(counts, rates, keys, indicator, scope_of(first, period="").unit)


def _scale_counts(
    counts: pd.DataFrame, rates: pd.DataFrame, keys: list[str], indicator: str, unit: str
) -> pd.DataFrame:
    wanted = rates[[*keys, *_VALUES, "grade", "n", "status"]]
    both = counts.drop(columns=[*_VALUES, "grade", "n"]).merge(
        wanted, on=keys, how="left", suffixes=("", "_rate")
    )
    rate = both[_VALUES].astype("float64")
    given = both["status"].isin(_KEPT) & both["status_rate"].isin(_KEPT)
    used = rate.where(given)
    same = Scope("", "", "", frozenset(), unit, attempts=False)
    count = both["numerator"].astype("Float64").astype("float64").where(given)
    found = scale_up(
        count,
        used["value"],
        used["low"],
        used["high"],
        recorded_scope=same,
        survey_scope=same,
    )
    none = (count == 0).to_numpy()  # no relative error: the limits of the count, scaled up
    most = poisson_interval(np.zeros(len(both)))[1] / used["low"].to_numpy()
    unknown = both["status_rate"].fillna("missing")
    status = both["status"].mask(both["status"].isin(_KEPT) & ~unknown.isin(_KEPT), unknown)
    limits = pd.DataFrame(
        {
            "value": found.value,
            "low": np.where(none, 0.0, found.low),
            "high": np.where(none, most, found.high),
        },
        index=both.index,
    ).replace(np.inf, np.nan)
    made = both.assign(
        indicator=indicator,
        **{c: limits[c].astype("Float64") for c in _VALUES},
        status=status.astype("str"),
        denominator=pd.Series(pd.NA, index=both.index, dtype="Float64"),
        scale="estimate",
        source="survey and register",
    )
    return check_table(made.drop(columns="status_rate"), INDICATORS)


def _survey_period(rates: pd.DataFrame, period: pd.Period) -> pd.Period:
    """Give the period of the rate meant for a count: its own, or the nearest there is."""
    periods = rates["period"].unique()
    return min(periods, key=lambda p: (p != period, abs(p.ordinal - period.ordinal)))


def _single_offence(rates: pd.DataFrame) -> str | None:
    """Give the one offence that the rates are of, if they are of one."""
    codes = rates["offence"].unique() if "offence" in rates else []
    return str(codes[0]) if len(codes) == 1 and codes[0] != ALL else None


def _one_indicator(table: pd.DataFrame, entry: str | Indicator | None) -> str | Indicator:
    ids = table["indicator"].unique()
    if len(ids) != 1:
        raise ObsError(f"one indicator at a time, the table holds {len(ids)}")
    return str(ids[0]) if entry is None else entry


def _checked_shares(table: pd.DataFrame) -> pd.DataFrame:
    checked = check_table(table, INDICATORS)
    if "scale" in checked and not (checked["scale"] == "share").all():
        raise SchemaError("reporting rates: column 'scale' must be 'share' in every row")
    return checked


def _branches(codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(below for code in codes for below in descendants(code))
