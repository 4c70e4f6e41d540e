"""Compute weighted quantiles of every domain at once, with Woodruff's interval."""

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Floats, Positions
from obs.stats.survey.domain_estimates import Cells, ratio_cells
from obs.stats.survey.domain_frame import Frame
from obs.stats.survey.survey_intervals import t_quantile

__all__ = ["QuantileRule", "domain_quantiles", "quantile_cells"]

QuantileRule = Literal["math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]

# Where the k-th ordered value sits on the scale of p, as (a, b): (S_k - a w_k) / (S_n + b w_n),
# S_k the cumulated weights. Hyndman and Fan's rules 4 to 9 written for weights; 7 differs.
_POSITIONS = {
    "hf4": (0.0, 0.0),
    "hf5": (1 / 2, 0.0),
    "hf6": (0.0, 1.0),
    "hf8": (1 / 3, 1 / 3),
    "hf9": (3 / 8, 1 / 4),
}
TIED = 0.5  # of half the interval: a share this far above p is one of tied answers
_TIE = 1e-12  # cumulated weights this near to p are p


def domain_quantiles(
    values: Floats,
    weight: Floats,
    domain: Positions,
    probabilities: Floats,
    *,
    rule: QuantileRule = "math",
) -> Floats:
    """Weighted quantile of each domain, each at its own probability.

    Parameters
    ----------
    values, weight : ndarray of shape (n,)
        Variable and weights; rows with a missing value or weight 0 are left out.
    domain : ndarray of shape (n,)
        Domain of each row.
    probabilities : ndarray of shape (n_domains,)
        Probability for each domain; outside 0 to 1 gives a missing quantile.
    rule : {"math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"}
        ``math``: least value whose cumulated share reaches p; ``school``: the same, averaged
        with the next one when the share is exactly p; ``hf4`` to ``hf9``: Hyndman and Fan's
        interpolations.

    Returns
    -------
    ndarray of shape (n_domains,)
        Quantiles; missing for a domain without values.

    Raises
    ------
    ObsError
        If the rule is unknown.

    References
    ----------
    .. [1] Hyndman, R. J. and Fan, Y. (1996), Sample quantiles in statistical packages,
       The American Statistician 50, 361-365.

    Examples
    --------
    >>> import numpy as np
    >>> values, ones, zeros = np.array([4.0, 1.0, 3.0, 2.0]), np.ones(4), np.zeros(4, dtype=int)
    >>> domain_quantiles(values, ones, zeros, np.array([0.5]))
    array([2.])
    >>> domain_quantiles(values, ones, zeros, np.array([0.5]), rule="school")
    array([2.5])
    """
    if rule not in get_args(QuantileRule):
        allowed = ", ".join(get_args(QuantileRule))
        raise ObsError(f"Unknown quantile rule {rule!r}. Allowed: {allowed}.")
    used = np.flatnonzero((weight > 0) & ~np.isnan(values))
    order = used[np.lexsort((values[used], domain[used]))]
    x, w, group = values[order], weight[order], domain[order]
    sizes = np.bincount(group, minlength=len(probabilities))
    start = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
    position = _positions(w, group, start, sizes, rule)
    wanted = np.where(sizes > 0, probabilities, np.nan)
    with np.errstate(invalid="ignore"):
        below = np.bincount(
            group, weights=position < wanted[group] - _TIE, minlength=len(wanted)
        ).astype(np.intp)
        found = _pick(x, position, start, sizes, below, wanted, rule)
        return np.where((wanted >= 0) & (wanted <= 1), found, np.nan)


def quantile_cells(
    frame: Frame,
    values: Floats,
    probability: float,
    df: Floats,
    *,
    rule: QuantileRule = "math",
    confidence: float = 0.95,
) -> tuple[Cells, Floats, Floats]:
    """Quantile of each domain, with Woodruff's interval and the standard error it implies.

    The interval of the share at or below the quantile is carried back to the variable. Where
    many answers equal the quantile, that share lies far above p: the interval is then that of p
    itself, with the larger design effect of the shares below, and at or below, the quantile.

    Parameters
    ----------
    frame : Frame
        Design and domains.
    values : ndarray of shape (n,)
        Variable; NaN where missing.
    probability : float
        Between 0 and 1.
    df : ndarray of shape (n_domains,)
        Degrees of freedom.
    rule : str
        Rule of :func:`domain_quantiles`.
    confidence : float
        Level, between 0 and 1.

    Returns
    -------
    cells : Cells
        Quantiles; the variance is (interval width / 2 t) squared, and ``flat`` that of the
        share: an interval of one value may come from ties, which say something.
    low, high : ndarray of shape (n_domains,)
        Interval; missing where the share's interval leaves 0 to 1.

    References
    ----------
    .. [1] Woodruff, R. S. (1952), Confidence intervals for medians and other position measures,
       Journal of the American Statistical Association 47, 635-646.

    Examples
    --------
    >>> import numpy as np
    >>> from obs.stats.survey import frame_domains, make_design
    >>> frame = frame_domains(make_design(np.ones(99)), np.zeros(99, dtype=int), 1)
    >>> cells, low, high = quantile_cells(frame, np.arange(1.0, 100.0), 0.5, np.array([98.0]))
    >>> cells.estimate, low, high
    (array([50.]), array([41.]), array([60.]))
    """
    if not 0 < probability < 1:
        raise ObsError(f"A quantile's probability must be between 0 and 1, not {probability}.")
    weight, domain = frame.design.weight, frame.domain
    wanted = np.full(frame.n_domains, probability)
    quantile = domain_quantiles(values, weight, domain, wanted, rule=rule)
    missing, mark = np.isnan(values), quantile[domain]
    share = ratio_cells(frame, np.where(missing, np.nan, values <= mark))
    under = ratio_cells(frame, np.where(missing, np.nan, values < mark))
    t = t_quantile(df, confidence=confidence)
    with np.errstate(invalid="ignore"):
        half = t * np.sqrt(share.variance)
        tied = share.estimate - probability > half * TIED
        half = np.where(tied, t * np.sqrt(_variance_at(probability, share, under)), half)
    centre = np.where(tied, probability, share.estimate)
    low = domain_quantiles(values, weight, domain, centre - half, rule=rule)
    high = domain_quantiles(values, weight, domain, centre + half, rule=rule)
    with np.errstate(invalid="ignore"):
        variance = ((high - low) / (2 * t)) ** 2
    found = replace(
        share,
        estimate=quantile,
        variance=variance,
        random_variance=np.full(frame.n_domains, np.nan),
        flat=share.flat & (under.flat | ~tied),
    )
    return found, low, high


def _variance_at(probability: float, *sides: Cells) -> Floats:
    """Variance of a share p, from the design effects of the shares on both sides of it."""
    effects = []
    for side in sides:
        spread = side.estimate * (1 - side.estimate)
        effects.append(
            np.divide(side.variance, spread, out=np.zeros_like(spread), where=spread > 0)
        )
    return np.asarray(np.fmax(*effects) * probability * (1 - probability))


def _positions(
    w: Floats, group: Positions, start: Positions, sizes: Positions, rule: QuantileRule
) -> Floats:
    """Where each ordered value sits on the scale of p within its domain."""
    if not len(w):
        return w
    before = np.concatenate([[0.0], np.cumsum(w)])
    cumulated = before[1:] - before[start][group]
    end = start + sizes
    total = (before[end] - before[start])[group]
    last_weight = w[np.maximum(end - 1, 0)][group]
    if rule == "hf7":
        rest = total - last_weight
        return np.where(rest > 0, (cumulated - w) / np.where(rest > 0, rest, 1.0), 0.0)
    a, b = _POSITIONS.get(rule, (0.0, 0.0))
    return np.asarray((cumulated - a * w) / (total + b * last_weight))


def _pick(
    x: Floats,
    position: Floats,
    start: Positions,
    sizes: Positions,
    below: Positions,
    wanted: Floats,
    rule: QuantileRule,
) -> Floats:
    """Take or interpolate the value at the wanted probability; ``below`` values lie under it."""
    if not len(x):
        return np.full(len(sizes), np.nan)
    last = np.clip(start + sizes - 1, 0, len(x) - 1)
    upper = np.minimum(start + below, last)
    if rule == "math":
        return np.asarray(x[upper])
    if rule == "school":
        exact = np.abs(position[upper] - wanted) <= _TIE
        middle = (x[upper] + x[np.minimum(upper + 1, last)]) / 2
        return np.asarray(np.where(exact, middle, x[upper]))
    lower = np.where(below > 0, start + below - 1, upper)
    gap = position[upper] - position[lower]
    part = np.where(gap > 0, (wanted - position[lower]) / np.where(gap > 0, gap, 1.0), 0.0)
    found = x[lower] + np.clip(part, 0, 1) * (x[upper] - x[lower])
    return np.asarray(found)
