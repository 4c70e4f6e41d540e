"""Estimate how many victims did not report, from the victims and reporting rate of one survey.

Recorded crime is not used. Both figures come from one survey, so their scopes agree.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from obs.catalogue import Asked, Indicator, get_indicator
from obs.errors import ObsError
from obs.indicators.survey.from_respondents import (
    Survey,
    answer_cells,
    join_waves,
    need_totals,
    wave_answers,
    wave_design,
)
from obs.indicators.survey.indicator_table import make_indicators
from obs.reference import Territory
from obs.stats import dark_share, unreported
from obs.stats.survey import judge

__all__ = ["compute_unreported"]

_Z = 1.959963984540054
_RELATIVE = 0.05  # weights whose mean is this close to 1 stand for the interviews themselves


def compute_unreported(
    entry: Indicator,
    surveys: Sequence[Survey],
    *,
    breakdown: Sequence[str] = (),
    place: Territory,
) -> pd.DataFrame:
    r"""Estimate how many of a survey's population suffered something and did not report it.

    :math:`U = I (1 - R)` with :math:`I` the weighted number of victims and :math:`R` the
    reporting rate of those who said; the interval joins the relative errors of both, as if
    independent.

    Parameters
    ----------
    entry : Indicator
        Of kind "unreported", with `suffered` and `reporting`.
    surveys : sequence of Survey
        Waves; those that did not ask both are left aside. Not modified.
    breakdown : sequence of str
        The items' column ("offence"), where reporting has no total over them.
    place : Territory
        The territory that the survey stands for.

    Returns
    -------
    DataFrame
        INDICATORS on the scale "estimate"; `n` is the victims who said whether they reported,
        `grade` that of the joint relative error, F where either estimate has it. No rows when no
        wave asked both.

    Raises
    ------
    ObsError
        A breakdown without total that was not asked for, or weights that are relative (their
        mean is 1): they do not say how many there are.
    """
    victims, reporting = (_asked_by_name(entry, name) for name in (entry.suffered, entry.reporting))
    need_totals(entry, reporting, breakdown)
    both = set(victims.questionnaires) & set(reporting.questionnaires)
    waves = [s for s in surveys if s.questionnaire in both]
    tables = [_of_wave(wave, entry, victims, reporting, breakdown, place) for wave in waves]
    return join_waves(tables)


def _of_wave(
    wave: Survey,
    entry: Indicator,
    victims: Asked,
    reporting: Asked,
    breakdown: Sequence[str],
    place: Territory,
) -> pd.DataFrame:
    _refuse_relative(wave)
    by_item = reporting.by_item in breakdown
    suffered = answer_cells(wave_answers(wave, victims), victims, by_item=by_item)
    reported = answer_cells(wave_answers(wave, reporting), reporting, by_item=by_item)
    design = wave_design(wave.respondents)
    kept = [name for name in reported if name in suffered]
    number = design.with_columns(suffered).total(kept).set_index("variable").loc[kept]
    rate = design.with_columns(reported).share(kept).set_index("variable").loc[kept]
    made = _unreported_number(number, rate).reset_index()
    codes = made["variable"].str.split("|", expand=True)[0]
    if reporting.items:
        made = made.assign(**{reporting.by_item: codes})
    return make_indicators(
        made,
        names=dict.fromkeys(kept, entry.id),
        period=wave.period,
        unit=entry.unit,
        territory=place.top,
        level=place.levels[-1],
        scale="estimate",
        synthetic=wave.synthetic,
        breakdowns=breakdown,
        extracted=wave.extracted,
    )


def _unreported_number(number: pd.DataFrame, rate: pd.DataFrame) -> pd.DataFrame:
    """Multiply victims by the share that did not report, and join their errors."""
    known = rate[["estimate", "low", "high"]].astype("float64").clip(0, 1)
    share = dark_share(known["estimate"], known["low"], known["high"])
    found = unreported(number["estimate"], number["se"], share)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.log(found.high / found.value) / _Z
    why = rate["reason"].fillna(number["reason"])
    letters, reason = judge(
        cv=np.asarray(error),
        base=rate[["n", "n_effective"]].astype("float64").min(axis=1).to_numpy(),
        df=rate["df"].to_numpy(dtype="float64"),
        se=found.high - found.value,
        low=found.low,
        high=found.high,
        reason=np.array([None if pd.isna(r) else r for r in why], dtype=object),
    )
    either = (rate["grade"].to_numpy() == "F") | (number["grade"].to_numpy() == "F")
    return rate[["level", "n"]].assign(
        estimate=found.value,
        low=found.low,
        high=found.high,
        grade=np.where(either, "F", letters),
        reason=pd.array(reason, dtype="str"),
    )


def _asked_by_name(entry: Indicator, name: str | None) -> Asked:
    asked = get_indicator(name).asked if name else None
    if asked is None:
        raise ObsError(
            f"indicator '{entry.id}' does not name the survey's victims and its reporting rate"
        )
    return asked


def _refuse_relative(wave: Survey) -> None:
    weights = wave.respondents["weight"].astype("float64")
    if abs(weights.mean() - 1) < _RELATIVE:
        raise ObsError(
            f"survey '{wave.questionnaire}': its weights have a mean of 1, so they say how "
            "respondents compare and not how many they stand for. Calibrate them to the "
            "population (SurveyDesign.calibrate) before numbers are estimated."
        )
