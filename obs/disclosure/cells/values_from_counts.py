"""Refuse a value that does not follow from the counts of its own row.

Smoothed rates, standardised rates, means of other cells and funnel limits depend on figures
outside their row. What they reveal about those figures cannot be judged here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from obs.disclosure.cells.indicator_terms import Definition, is_amount, is_survey
from obs.errors import DisclosureError

__all__ = ["refuse_foreign_values"]

_PLAIN = ("count", "rate", "share", "per_day")  # the others are judged by what they are made of
_TOLERANCE = 1e-6
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def refuse_foreign_values(
    name: str, frame: pd.DataFrame, *, definitions: Mapping[str, Definition]
) -> None:
    """Refuse a table of indicators whose values do not follow from the row's own counts.

    Raises `DisclosureError` if a value is not the count, its share or rate of the denominator, or
    its figure per day; if `n` is neither the count nor the denominator.
    """
    if "base" in frame:
        return
    plain = [i for i, d in definitions.items() if d.kind in _PLAIN]
    units = frame["unit"].astype("str")
    pairs = pd.MultiIndex.from_arrays([frame["indicator"], units])
    judged = {
        p
        for p in pairs.unique()
        if p[0] in plain and not _is_judged_otherwise(definitions[p[0]], p[1])
    }
    rows = frame[np.fromiter((p in judged for p in pairs), dtype=bool, count=len(pairs))]
    count, whole = (_floats(rows, c) for c in ("numerator", "denominator"))
    value = _floats(rows, "value")
    known = ~np.isnan(value) & ~np.isnan(count)
    far = known & ~_follows_from_counts(value, count, whole, _floats(rows, "days"))
    if far.any():
        raise DisclosureError(
            f"table '{name}' (column 'value', {int(far.sum())} rows): the value is not the count, "
            "rate, share or figure per day of the row's own numerator, so what it tells of other "
            "counts cannot be judged. Smoothed and standardised rates, means of several cells "
            "and limits are not released; release the counts that they are made of."
        )
    base = _floats(rows, "n")
    odd = ~np.isnan(base) & ~np.isnan(count) & (base != count) & (base != whole)
    if odd.any():
        raise DisclosureError(
            f"table '{name}' (column 'n', {int(odd.sum())} rows): n is neither the numerator nor "
            "the denominator of its row. Leave it empty."
        )


def _is_judged_otherwise(definition: Definition, unit: str) -> bool:
    """Tell whether a row is judged otherwise: by its respondents, or by who makes it up."""
    return is_survey(definition, unit) or is_amount(definition, unit)


def _floats(frame: pd.DataFrame, column: str) -> Floats:
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = frame[column].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(values, dtype=np.float64)


def _follows_from_counts(value: Floats, count: Floats, whole: Floats, days: Floats) -> Flags:
    """Tell whether each value is the count, or it per unit, ten, hundred... of the whole, or a day.

    Rounded or not, whatever the scale says: it is enough that nothing but the row's own numbers is in it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ways = [count, count / days, *(count / whole * 10.0**power for power in range(7))]
    candidates = [way for own in ways for way in (own, *(np.round(own, d) for d in range(7)))]
    near = [np.abs(value - way) <= _TOLERANCE * np.maximum(1.0, np.abs(way)) for way in candidates]
    zero = (value == 0) & (count != 0)  # any small rate rounds to it
    return np.asarray(np.logical_or.reduce(near) & ~zero, dtype=np.bool_)
