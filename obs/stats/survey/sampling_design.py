"""Represent a sampling design as arrays: the units of each stage, numbered stratum by stratum.

Everything that a variance needs from the design is computed here, once. A stratum with a single
unit has zero variance only if the caller chose that policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Flags, Floats, Positions
from obs.stats.survey.calibration import Calibration
from obs.stats.survey.replicates import Replicates

__all__ = ["Design", "SingleUnit", "Stage", "compress", "make_design", "number_units", "tally"]

SingleUnit = Literal["fail", "remove", "adjust", "average", "certainty"]


@dataclass(frozen=True)
class Stage:
    """One stage of sampling: units numbered so that those of a stratum are consecutive.

    Attributes
    ----------
    unit : ndarray of shape (n,)
        Unit of each row.
    first : ndarray of shape (n_strata + 1,)
        First unit of each stratum; the last element is the number of units.
    fraction : ndarray of shape (n_strata,)
        Sampling fraction; 0 when drawn with replacement.
    coefficient : ndarray of shape (n_strata,)
        What multiplies the sum of squared deviations of a stratum's unit totals.
    grand : ndarray of shape (n_strata,)
        True where deviations are taken from the mean of all units (policy ``adjust``).
    """

    unit: Positions
    first: Positions
    fraction: Floats
    coefficient: Floats
    grand: Flags

    @property
    def n_units(self) -> int:
        """Number of units of the stage."""
        return int(self.first[-1])

    @property
    def stratum_of_unit(self) -> Positions:
        """Stratum of each unit, in unit order."""
        return np.repeat(np.arange(len(self.coefficient)), np.diff(self.first))


@dataclass(frozen=True)
class Design:
    """Weights, stages and what was done to the weights since.

    Attributes
    ----------
    weight : ndarray of shape (n,)
        Weight of each row; 0 for a row that is in the design but not in the estimate.
    stages : tuple of Stage
        First stage first; later stages only where an earlier one has a sampling fraction.
    calibrations : tuple of Calibration
        In the order in which they were made; they enter the standard errors.
    replicates : Replicates, optional
        Replicate weights; when present they, not the stages, give the variance.
    has_fpc : bool
        Whether the sample is without replacement (chooses the design effect's comparator).
    """

    weight: Floats
    stages: tuple[Stage, ...]
    calibrations: tuple[Calibration, ...] = ()
    replicates: Replicates | None = None
    has_fpc: bool = False

    def degrees_of_freedom(self) -> float:
        """First-stage units minus strata, among rows of positive weight."""
        if self.replicates is not None and self.replicates.df is not None:
            return self.replicates.df
        stage = self.stages[0]
        used = np.zeros(stage.n_units, dtype=bool)
        used[stage.unit[self.weight > 0]] = True
        return float(used.sum() - len(np.unique(stage.stratum_of_unit[used])))

    def restrict(self, inside: Flags) -> "Design":
        """Keep the whole design, with weight 0 outside a subpopulation."""
        replicates = self.replicates.restrict(inside) if self.replicates else None
        weight = np.where(inside, self.weight, 0.0)
        return replace(self, weight=weight, replicates=replicates)


def make_design(
    weight: Floats,
    *,
    strata: Sequence[Positions] = (),
    clusters: Sequence[Positions] = (),
    fpc: Sequence[Floats] = (),
    single: SingleUnit = "fail",
) -> Design:
    r"""Work out the stages of a stratified multistage sample.

    Stage :math:`s` adds, for every stratum :math:`h` (within a unit of stage :math:`s-1`),
    :math:`f_1 \cdots f_{s-1} (1 - f_s) \frac{n_h}{n_h - 1} \sum_i (t_i - \bar t)^2`, with
    :math:`f_s` the sampling fraction, :math:`n_h` the units in the sample and :math:`t_i` the
    weighted total of a unit. Without sampling fractions only the first stage counts: the
    with-replacement approximation.

    Parameters
    ----------
    weight : ndarray of shape (n,)
        Sampling weight, at least 0.
    strata, clusters : sequence of ndarray of shape (n,)
        Integer codes from 0, one array per stage; a cluster code is read within its stratum
        and within the unit of the stage before. Without clusters a row is a unit.
    fpc : sequence of ndarray of shape (n,)
        Units in the population of the stratum (1 or more), or sampling fraction (0 to 1), one
        array per stage; a stage without one is taken as drawn with replacement.
    single : {"fail", "remove", "adjust", "average", "certainty"}
        What a stratum with one sampled unit and more in the population contributes: an error;
        nothing (``remove``, ``certainty``); its distance from the mean of all units
        (``adjust``); the average of the other strata (``average``).

    Returns
    -------
    Design
        Weights and stages.

    Raises
    ------
    ObsError
        If the policy is unknown, a fraction exceeds 1, or a stratum has a single unit and the
        policy is ``fail``.

    References
    ----------
    .. [1] Särndal, C.-E., Swensson, B. and Wretman, J. (1992), Model Assisted Survey Sampling,
       Springer, chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> design = make_design(
    ...     np.ones(4), strata=[np.array([0, 0, 1, 1])], clusters=[np.array([0, 1, 2, 3])]
    ... )
    >>> design.stages[0].coefficient
    array([2., 2.])
    >>> design.degrees_of_freedom()
    2.0
    """
    if single not in get_args(SingleUnit):
        allowed = ", ".join(get_args(SingleUnit))
        raise ObsError(f"Unknown policy for single-unit strata {single!r}. Allowed: {allowed}.")
    n = len(weight)
    n_stages = max(len(clusters), 1)
    within = np.zeros(n, dtype=np.intp)
    earlier = np.ones(n)
    stages: list[Stage] = []
    for s in range(n_stages):
        stratum = strata[s] if s < len(strata) else np.zeros(n, dtype=np.intp)
        cluster = clusters[s] if s < len(clusters) else None
        unit, first = number_units(_nest(within, stratum), cluster)
        fraction = _fraction_by_stratum(unit, first, fpc[s] if s < len(fpc) else None)
        scale = _first_value(earlier, unit, first)
        stages.append(_make_stage(unit, first, fraction, scale, single, s + 1))
        if not fraction.any():
            break
        within = unit
        earlier = earlier * np.repeat(fraction, np.diff(first))[unit]
    return Design(weight, tuple(stages), has_fpc=len(fpc) > 0)


def compress(codes: Positions, size: int) -> tuple[Positions, Positions]:
    """Renumber codes without gaps, keeping their order.

    Returns `number`: new code of each row; `present`: the old codes found, ascending.

    Examples
    --------
    >>> import numpy as np
    >>> compress(np.array([7, 2, 7]), 8)
    (array([1, 0, 1]), array([2, 7]))
    """
    if size > 4 * len(codes) + 1024:
        present, number = np.unique(codes, return_inverse=True)
        return number.astype(np.intp, copy=False), present
    seen = np.zeros(size, dtype=bool)
    seen[codes] = True
    present = np.flatnonzero(seen)
    lookup = np.cumsum(seen, dtype=np.intp) - 1
    return lookup[codes], present


def tally(codes: Positions, values: Floats, size: int) -> Floats:
    """Add row values by code.

    Returns sums; 0 for a code without rows.

    Examples
    --------
    >>> import numpy as np
    >>> tally(np.array([1, 1]), np.array([2.0, 3.0]), 3)
    array([0., 5., 0.])
    """
    return np.bincount(codes, weights=values, minlength=size).astype(np.float64, copy=False)


def number_units(stratum: Positions, cluster: Positions | None) -> tuple[Positions, Positions]:
    """Give units numbers that follow one another within a stratum.

    Parameters
    ----------
    stratum : ndarray of shape (n,)
        Codes from 0 without gaps.
    cluster : ndarray of shape (n,), optional
        Codes from 0, read within the stratum; None makes every row a unit.

    Returns
    -------
    unit : ndarray of shape (n,)
        Unit of each row.
    first : ndarray of shape (n_strata + 1,)
        First unit of each stratum.

    Examples
    --------
    >>> import numpy as np
    >>> number_units(np.array([1, 0, 1]), np.array([0, 0, 0]))
    (array([1, 0, 1]), array([0, 1, 2]))
    """
    n_strata = int(stratum.max(initial=-1)) + 1
    if cluster is None:
        unit = np.empty(len(stratum), dtype=np.intp)
        unit[np.argsort(stratum, kind="stable")] = np.arange(len(stratum))
        sizes = np.bincount(stratum, minlength=n_strata)
    else:
        width = int(cluster.max(initial=-1)) + 1
        unit, present = compress(stratum * width + cluster, n_strata * width)
        sizes = np.bincount(present // max(width, 1), minlength=n_strata)
    return unit, np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)


def _nest(within: Positions, stratum: Positions) -> Positions:
    width = int(stratum.max(initial=0)) + 1
    return compress(within * width + stratum, (int(within.max(initial=0)) + 1) * width)[0]


def _first_value(values: Floats, unit: Positions, first: Positions) -> Floats:
    """Value of one row of each stratum, for values constant within strata."""
    by_unit = np.empty(int(first[-1]))
    by_unit[unit] = values
    return by_unit[first[:-1]]


def _fraction_by_stratum(unit: Positions, first: Positions, fpc: Floats | None) -> Floats:
    sizes = np.diff(first).astype(np.float64)
    if fpc is None:
        return np.zeros(len(sizes))
    given = _first_value(fpc, unit, first)
    fraction = given if np.all(fpc <= 1) else sizes / given
    if np.any(fraction > 1 + 1e-9):
        raise ObsError(
            f"The finite population is smaller than the sample in {int((fraction > 1).sum())} "
            "strata. Give the number of units in the population, or the sampling fraction."
        )
    return np.minimum(fraction, 1.0)


def _make_stage(
    unit: Positions,
    first: Positions,
    fraction: Floats,
    scale: Floats,
    single: SingleUnit,
    number: int,
) -> Stage:
    sizes = np.diff(first)
    lonely = (sizes == 1) & (fraction < 1)
    if lonely.any() and single == "fail":
        raise ObsError(
            f"{int(lonely.sum())} strata have a single unit at stage {number} (first five, by "
            f"order: {np.flatnonzero(lonely)[:5].tolist()}): their variance cannot be estimated. "
            "Merge strata, or choose a policy: remove, adjust, average, certainty."
        )
    coefficient = scale * (1 - fraction) * sizes / np.maximum(sizes - 1, 1)
    if single != "adjust":
        coefficient = np.where(lonely, 0.0, coefficient)
    if single == "average" and lonely.any():
        coefficient = coefficient * len(sizes) / max(len(sizes) - int(lonely.sum()), 1)
    return Stage(unit, first, fraction, coefficient, lonely & (single == "adjust"))
