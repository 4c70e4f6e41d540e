"""Choose the decimals of a value, so that no page prints zero for a value that is not zero.

The catalogue says how many an indicator has; a value too small for them gets more.
"""

from __future__ import annotations

from decimal import Decimal

from obs.report.facts.numbers import printed
from obs.report.facts.released_row import Kind

__all__ = ["DIGITS", "enough_digits"]

DIGITS = "digits"  # column of a table that is shown: decimals of all its rows together
_MOST_ADDED = 4
_WRITTEN = {
    "rate": 1,
    "per_day": 1,
    "share": 100,
    "change": 100,
    "points": 100,
}  # what is written for a value of 1


def enough_digits(
    kind: Kind, value: float | None, low: float | None, high: float | None, *, least: int
) -> int:
    """Count the decimals with which a value, and an interval that has a width, can be read.

    One more is taken, up to four, while the value would be written as zero without being
    zero, or while a bound of its interval is written like the value without being it. A change
    may be nothing once rounded; the bounds of one may not lose their sign.

    Returns a number from `least` to `least` + 4.

    Examples
    --------
    >>> from obs.report.facts.decimals import enough_digits
    >>> enough_digits("rate", 0.39, 0.36, 0.43, least=1), enough_digits("rate", 3.9, 3.8, 4.0, least=1)
    (2, 1)
    """
    if kind not in _WRITTEN or value is None:
        return least
    shown, below, above = (
        None if x is None else Decimal(repr(float(x))) * _WRITTEN[kind] for x in (value, low, high)
    )
    assert shown is not None  # its value is known
    moved = kind in ("change", "points")
    unclear = _bounds_without_sign if moved else _collapses
    for digits in range(least, least + _MOST_ADDED):
        if (moved or not _rounds_to_zero(shown, digits)) and not unclear(
            shown, below, above, digits
        ):
            return digits
    return least + _MOST_ADDED


def _rounds_to_zero(value: Decimal, digits: int) -> bool:
    return value != 0 and printed(value, digits) == 0


def _collapses(value: Decimal, low: Decimal | None, high: Decimal | None, digits: int) -> bool:
    bounds = [bound for bound in (low, high) if bound is not None and bound != value]
    return any(printed(bound, digits) == printed(value, digits) for bound in bounds)


def _bounds_without_sign(
    value: Decimal, low: Decimal | None, high: Decimal | None, digits: int
) -> bool:
    bounds = [bound for bound in (low, high) if bound is not None and bound != value]
    return any(_rounds_to_zero(bound, digits) for bound in bounds)
