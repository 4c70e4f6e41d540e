"""Decompose an extended series into trend, seasonal and irregular by X-11 moving averages.

A model has extended the series at both ends, so that symmetric filters reach every observed
month. Extreme irregulars get less weight before the season is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from obs.errors import ObsError
from obs.stats.arrays import Floats
from obs.stats.seasonal.moving_averages import (
    apply_filter,
    centred_year,
    henderson_weights,
    seasonal_average,
)

__all__ = ["PAD_YEARS", "X11", "decompose_x11", "moving_seasonality_ratio"]

Mode = Literal["multiplicative", "additive"]

PAD_YEARS = 11  # what the longest chain of symmetric averages uses up at each end
_LOWER, _UPPER = 1.5, 2.5  # X-11's sigma limits: full weight below, none above
_HENDERSON = {12: (9, 13, 23), 4: (5, 5, 7)}
_SEASONAL = (3, 5, 9)


@dataclass(frozen=True)
class X11:
    """The parts of the observed span, the weights of the irregulars, the filters used."""

    trend: Floats
    seasonal: Floats
    irregular: Floats
    adjusted: Floats
    weights: Floats
    henderson_terms: int
    seasonal_length: int
    ic_ratio: float
    moving_seasonality: float
    mode: Mode


def decompose_x11(
    extended: Floats,
    *,
    n: int,
    period: int = 12,
    mode: Mode = "multiplicative",
    seasonal_length: int | None = None,
    henderson_terms: int | None = None,
) -> X11:
    """Run the B, C and D iterations of X-11 on an extended series.

    Each iteration estimates a trend by a centred year, a season by a 3x3 average of the
    ratios to it, a better trend by Henderson's average and a better season by a 3x3, 3x5
    or 3x9 average; irregulars beyond 1.5 standard errors lose weight, beyond 2.5 all of it.

    Returns arrays of shape (n,). Raises `ObsError` for an extension of another size, a period
    other than 12 or 4.

    Notes
    -----
    Unlike the program, ends need no asymmetric filters, the standard error of the
    irregulars comes from a window of five years around each month rather than from
    calendar years, and an extreme keeps its weighted part instead of being replaced by
    neighbouring years.

    References
    ----------
    .. [1] J. Shiskin, A. H. Young and J. C. Musgrave, 1967, The X-11 variant of the Census
       method II seasonal adjustment program.
    .. [2] D. Ladiray and B. Quenneville, 2001, Seasonal adjustment with the X-11 method.
    .. [3] E. B. Dagum, 1980, The X-11-ARIMA seasonal adjustment method.
    """
    pad = PAD_YEARS * period
    if period not in _HENDERSON or extended.size != n + 2 * pad:
        raise ObsError(f"X-11 needs a period of 12 or 4 and {PAD_YEARS} years at each end")
    frame = _Frame(extended, slice(pad, pad + n), period, mode)
    default = _HENDERSON[period][1]
    weights = _irregular_weights(frame, _iterate(frame, extended, 5, default, robust=True)[2])
    modified = _modified(frame, extended, 5, default, weights)
    weights = _irregular_weights(
        frame, _iterate(frame, modified, 5, default, reference=extended)[2]
    )
    modified = _modified(frame, modified, 5, default, weights, reference=extended)
    length, msr = _choose_seasonal(frame, modified, default, seasonal_length)
    terms, ratio = _choose_henderson(frame, modified, length, henderson_terms)
    trend, seasonal, irregular = _iterate(frame, modified, length, terms, reference=extended)
    span = frame.span
    return X11(
        trend=trend[span],
        seasonal=seasonal[span],
        irregular=irregular[span],
        adjusted=frame.remove(extended, seasonal)[span],
        weights=weights[span],
        henderson_terms=terms,
        seasonal_length=length,
        ic_ratio=ratio,
        moving_seasonality=msr,
        mode=mode,
    )


@dataclass(frozen=True)
class _Frame:
    """What every step needs: the values, where the observed ones are, how parts combine."""

    values: Floats
    span: slice
    period: int
    mode: Mode

    @property
    def neutral(self) -> float:
        return 1.0 if self.mode == "multiplicative" else 0.0

    def remove(self, whole: Floats, part: Floats) -> Floats:
        return np.asarray(whole / part if self.mode == "multiplicative" else whole - part)

    def combine(self, *parts: Floats) -> Floats:
        stacked = np.stack(parts)
        product = stacked.prod(axis=0) if self.mode == "multiplicative" else stacked.sum(axis=0)
        return np.asarray(product)


def _iterate(
    frame: _Frame,
    modified: Floats,
    length: int,
    terms: int,
    *,
    reference: Floats | None = None,
    robust: bool = False,
) -> tuple[Floats, Floats, Floats]:
    """Give trend, seasonal and the irregular of the reference (by default what is filtered)."""
    trend = apply_filter(modified, centred_year(frame.period))
    seasonal = _season(frame, frame.remove(modified, trend), 3, robust=robust)
    trend = apply_filter(frame.remove(modified, seasonal), henderson_weights(terms))
    seasonal = _season(frame, frame.remove(modified, trend), length, robust=robust)
    trend = apply_filter(frame.remove(modified, seasonal), henderson_weights(terms))
    whole = modified if reference is None else reference
    return trend, seasonal, frame.remove(frame.remove(whole, seasonal), trend)


def _season(frame: _Frame, ratios: Floats, length: int, *, robust: bool) -> Floats:
    season = _normalised(frame, ratios, length)
    if not robust:
        return season
    irregular = frame.remove(ratios, season)
    weights = _irregular_weights(frame, irregular)
    tamed = frame.combine(season, frame.neutral + weights * (irregular - frame.neutral))
    return _normalised(frame, np.where(weights < 1, tamed, ratios), length)


def _normalised(frame: _Frame, ratios: Floats, length: int) -> Floats:
    """Average each month over the years, then make any year's effects cancel."""
    raw = seasonal_average(ratios, period=frame.period, length=length)
    return frame.remove(raw, apply_filter(raw, centred_year(frame.period)))


def _irregular_weights(frame: _Frame, irregular: Floats) -> Floats:
    """Weights of the irregulars; months outside the observed span keep full weight."""
    gaps = np.abs(irregular[frame.span] - frame.neutral)
    sigma = _moving_sigma(gaps, 5 * frame.period)
    sigma = _moving_sigma(np.where(gaps <= _UPPER * sigma, gaps, np.nan), 5 * frame.period)
    weights = np.ones(irregular.size)
    safe = np.where(sigma > 0, sigma, 1.0)
    weights[frame.span] = np.clip((_UPPER - gaps / safe) / (_UPPER - _LOWER), 0.0, 1.0)
    return weights


def _moving_sigma(gaps: Floats, width: int) -> Floats:
    """Root mean square over a window around each month; the ends use the last full one."""
    if gaps.size <= width:
        return np.full(gaps.size, np.sqrt(np.nanmean(gaps**2)))
    windows = np.lib.stride_tricks.sliding_window_view(gaps**2, width)
    sigma = np.sqrt(np.nanmean(windows, axis=1))
    before = width // 2
    return np.concatenate(
        [
            np.full(before, sigma[0]),
            sigma,
            np.full(gaps.size - before - sigma.size, sigma[-1]),
        ]
    )


def _modified(
    frame: _Frame,
    modified: Floats,
    length: int,
    terms: int,
    weights: Floats,
    *,
    reference: Floats | None = None,
) -> Floats:
    """Draw the extreme irregulars of the series in by their weights."""
    trend, seasonal, irregular = _iterate(
        frame, modified, length, terms, reference=reference, robust=reference is None
    )
    tamed = frame.neutral + weights * (irregular - frame.neutral)
    whole = frame.combine(trend, seasonal, tamed)
    out = frame.values.copy()
    out[frame.span] = np.where(weights < 1, whole, frame.values)[frame.span]
    return out


def _choose_seasonal(
    frame: _Frame, modified: Floats, terms: int, wanted: int | None
) -> tuple[int, float]:
    trend, _, _ = _iterate(frame, modified, 5, terms)
    ratios = frame.remove(modified, trend)[frame.span]
    years = ratios.size // frame.period
    ratio = moving_seasonality_ratio(ratios, period=frame.period, mode=frame.mode)
    if wanted is not None:
        return wanted, ratio
    for dropped in range(min(6, max(years - 5, 1))):
        kept = ratios[: ratios.size - dropped * frame.period]
        now = moving_seasonality_ratio(kept, period=frame.period, mode=frame.mode)
        for limit_low, limit_high, length in ((0, 2.5, 3), (3.5, 5.5, 5), (6.5, np.inf, 9)):
            if limit_low <= now <= limit_high:
                return length, ratio
    return 5, ratio


def moving_seasonality_ratio(ratios: Floats, *, period: int, mode: Mode) -> float:
    """Compare year-to-year changes of the irregular with those of the season.

    Returns small when the season moves (a short average follows it), large when it is stable.

    References
    ----------
    .. [1] J. Lothian, 1984, The identification and treatment of moving seasonality in the
       X-11 seasonal adjustment method, Statistics Canada.
    """
    years = ratios.size // period
    table = ratios[ratios.size - years * period :].reshape(years, period)
    padded = np.concatenate([table[:1]] * 3 + [table] + [table[-1:]] * 3)
    season = np.stack([padded[i : i + years] for i in range(7)]).mean(axis=0)
    rest = table / season if mode == "multiplicative" else table - season
    scale = season[:-1] if mode == "multiplicative" else 1.0
    noise = rest[:-1] if mode == "multiplicative" else 1.0
    moves = np.abs(np.diff(season, axis=0) / scale).mean(axis=0).sum()
    return float(np.abs(np.diff(rest, axis=0) / noise).mean(axis=0).sum() / max(moves, 1e-12))


def _choose_henderson(
    frame: _Frame, modified: Floats, length: int, wanted: int | None
) -> tuple[int, float]:
    short, middle, long = _HENDERSON[frame.period]
    trend, _, irregular = _iterate(frame, modified, length, middle)
    ratio = _mean_change(frame, irregular) / max(_mean_change(frame, trend), 1e-12)
    if wanted is not None:
        return wanted, ratio
    return (short if ratio < 1 else middle if ratio < 3.5 else long), ratio


def _mean_change(frame: _Frame, part: Floats) -> float:
    seen = part[frame.span]
    change = np.diff(seen)
    return float(np.mean(np.abs(change / seen[:-1] if frame.mode == "multiplicative" else change)))
