"""Estimate what is not reported: a share from a survey, and a number where scopes agree.

A recorded count divided by a reporting rate is a number of facts only if both have the same
population, place, period, offences and unit; otherwise the division is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.counts.intervals import poisson_interval

__all__ = ["Estimate", "Scope", "dark_share", "scale_up", "scope_differences", "unreported"]


@dataclass(frozen=True)
class Estimate:
    """A value with its limits."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Scope:
    """What a figure speaks of; two figures combine only if all of it is the same.

    Attributes
    ----------
    population : str
        Whose experience: "residents of the Region aged 18 and over".
    place : str
        Where facts count: "in the Region", "anywhere".
    period : str
        When: "2022".
    offences : frozenset of str
        Codes of what counts.
    unit : str
        "fact", "victim", "household": what one is.
    attempts : bool
        Whether attempts count.
    """

    population: str
    place: str
    period: str
    offences: frozenset[str]
    unit: str
    attempts: bool


def dark_share(rate: ArrayLike, low: ArrayLike, high: ArrayLike) -> Estimate:
    r"""Turn a reporting rate into the share that is not reported, :math:`D = 1 - R`.

    Parameters
    ----------
    rate, low, high : array_like
        The reporting rate with its limits, from 0 to 1, as a survey design gives them
        (reported over suffered, on the same incidents).

    Returns
    -------
    Estimate
        The limits change places.

    Raises
    ------
    ObsError
        A rate outside [0, 1] or outside its limits.

    Examples
    --------
    >>> share = dark_share(0.26, 0.21, 0.32)
    >>> [float(v.round(2)) for v in (share.value, share.low, share.high)]
    [0.74, 0.68, 0.79]
    """
    r, below, above = _checked_rate(rate, low, high)
    return Estimate(1 - r, 1 - above, 1 - below)


def unreported(suffered: ArrayLike, error: ArrayLike, share: Estimate) -> Estimate:
    r"""Estimate how many incidents of a survey's population were not reported.

    :math:`U = I\,D` with :math:`I` the incidents that the survey estimates (incidence times
    population) and :math:`D` the dark share: both from the same survey, so scopes agree. The
    interval adds the two relative errors, as if they were independent.

    Parameters
    ----------
    suffered, error : array_like
        Estimated number of incidents and its standard error.
    share : Estimate
        As `dark_share` gives it (95 % limits).

    Returns
    -------
    Estimate
        Log-normal limits at 95 %; missing where the value is 0.

    Raises
    ------
    ObsError
        Negative numbers.

    Examples
    --------
    >>> result = unreported(40_000, 3_000, dark_share(0.26, 0.21, 0.32))
    >>> float(result.value), round(float(result.low), -2), round(float(result.high), -2)
    (29600.0, 25100.0, 34900.0)
    """
    total = np.asarray(suffered, dtype=np.float64)
    spread = np.asarray(error, dtype=np.float64)
    if np.any(total < 0) or np.any(spread < 0) or np.isinf(total).any() or np.isinf(spread).any():
        raise ObsError("unreported: incidents and standard errors are at least 0 and finite")
    with np.errstate(divide="ignore", invalid="ignore"):
        own = (share.high - share.low) / (2 * _Z * share.value)
        half = _Z * np.hypot(spread / total, own)
        value = total * share.value
        low, high = value * np.exp(-half), value * np.exp(half)
    return Estimate(np.asarray(value), np.asarray(low), np.asarray(high))


def scope_differences(recorded: Scope, survey: Scope) -> list[str]:
    """Say in which parts two scopes differ.

    Parameters
    ----------
    recorded, survey : Scope
        Of the register's count and of the survey's rate.

    Returns
    -------
    list of str
        One sentence per part that differs; empty when the two may be combined.

    Examples
    --------
    >>> police = Scope("everybody", "in the Region", "2022", frozenset({"theft"}), "fact", True)
    >>> survey = Scope("residents", "anywhere", "2022", frozenset({"theft"}), "fact", True)
    >>> scope_differences(police, survey)[0]
    "population: 'everybody' in the register, 'residents' in the survey"
    """
    said = []
    for part in fields(Scope):
        ours, theirs = getattr(recorded, part.name), getattr(survey, part.name)
        if ours != theirs:
            said.append(
                f"{part.name}: {_listed(ours)} in the register, {_listed(theirs)} in the survey"
            )
    return said


def scale_up(
    recorded: ArrayLike,
    rate: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    recorded_scope: Scope,
    survey_scope: Scope,
) -> Estimate:
    r"""Estimate all incidents from those recorded, :math:`N = O/R`, if the scopes agree.

    Parameters
    ----------
    recorded : array_like
        Events recorded.
    rate, low, high : array_like
        Reporting rate with its 95 % limits.
    recorded_scope, survey_scope : Scope
        What each speaks of.

    Returns
    -------
    Estimate
        Limits join those of the count and of the rate on the log scale; infinite above when
        the rate may be 0.

    Raises
    ------
    ObsError
        Scopes that differ (all differences named), a rate of 0 or outside its limits.

    Notes
    -----
    Even with one scope not every reported fact is recorded, and persons tell a survey about
    facts that the law names otherwise. The dark share is the safer figure.

    Examples
    --------
    >>> scope = Scope("residents", "in the Region", "2022", frozenset({"theft"}), "fact", True)
    >>> result = scale_up(500, 0.5, 0.4, 0.6, recorded_scope=scope, survey_scope=scope)
    >>> float(result.value), round(float(result.low)), round(float(result.high))
    (1000.0, 816, 1271)
    """
    if differences := scope_differences(recorded_scope, survey_scope):
        raise ObsError(
            "scale_up: the register and the survey do not speak of the same thing: "
            f"{'; '.join(differences)}. Publish the dark share, or make the scopes agree."
        )
    r, below, above = _checked_rate(rate, low, high)
    if np.any(r == 0):
        raise ObsError("scale_up: a reporting rate of 0 says nothing of how many there are")
    count = np.asarray(recorded, dtype=np.float64)
    few, many = poisson_interval(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        down = np.hypot(np.log(count / few), np.log(above / r))
        up = np.hypot(np.log(many / count), np.log(r / below))
        value = count / r
        return Estimate(value, value * np.exp(-down), value * np.exp(up))


_Z = 1.959963984540054


def _checked_rate(
    rate: ArrayLike, low: ArrayLike, high: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    r, below, above = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (rate, low, high))
    )
    if np.any((below > r) | (r > above) | (below < 0) | (above > 1)):
        raise ObsError("a reporting rate lies from 0 to 1 and inside its limits")
    return r, below, above


def _listed(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else repr(value)
