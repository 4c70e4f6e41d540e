"""Choose map classes: as many as the intervals can tell apart, with round bounds."""

from __future__ import annotations

import math

import numpy as np

from obs.stats.space.class_breaks import natural_classes

__all__ = ["class_bounds", "class_of"]

MOST_CLASSES = 5  # as many greys as an eye tells apart


def class_bounds(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[float] | None:
    """Choose the bounds between map classes, or none where classes do not separate.

    Natural classes are tried from five down to two. They separate when the typical
    (median) interval of each class lies wholly below the typical interval of the next.
    Each bound is the roundest number between two classes, so that no unit changes class.

    Returns ascending bounds between classes; a value equal to a bound is in the class above. None
    when not even two classes separate.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([10.0, 11.0, 30.0, 31.0])
    >>> class_bounds(x, x - 2, x + 2), class_bounds(x, x - 12, x + 12)
    ([20.0], None)
    """
    for k in range(min(MOST_CLASSES, len(np.unique(values))), 1, -1):
        classes = natural_classes(values, k=k)
        if _separate(classes, low, high, k):
            return [
                _roundest(values[classes == c].max(), values[classes == c + 1].min())
                for c in range(k - 1)
            ]
    return None


def class_of(value: float, bounds: list[float]) -> int:
    """Give the class of a value, 0 for the lowest."""
    return int(np.searchsorted(bounds, value, side="right"))


def _separate(classes: np.ndarray, low: np.ndarray, high: np.ndarray, k: int) -> bool:
    return all(
        np.median(high[classes == c]) < np.median(low[classes == c + 1]) for c in range(k - 1)
    )


def _roundest(below: float, above: float) -> float:
    """Find the roundest number over `below` and at most `above`."""
    power = math.ceil(math.log10(max(abs(below), abs(above), 1e-9)))
    while True:
        for factor in (1.0, 0.5, 0.2):
            step = factor * 10.0**power
            candidate = math.floor(above / step + 1e-9) * step
            if below < candidate <= above:
                return round(candidate, 12)
        power -= 1
        if power < -12:
            return above
