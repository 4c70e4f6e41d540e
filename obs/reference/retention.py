"""Reckon how long rows of persons may be kept: the term that an observatory declares."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

import pandas as pd

from obs.declare import Checked

__all__ = ["Retention", "end_of_term"]

_TERM = re.compile(r"([1-9]\d{0,3}) (day|month|year)s?")


def _term_fault(text: str) -> str:
    fine = not text or _TERM.fullmatch(text)
    return "" if fine else "must be a number of days, months or years, as '5 years'"


Retention = Annotated[str, Checked(_term_fault)]


def end_of_term(last: dt.date, retention: str) -> dt.date:
    """Give the day on which a term that begins on a day has passed.

    Parameters
    ----------
    last : date
        The last day that the rows hold, or that of their extraction.
    retention : str
        The term, as "18 months".

    Returns
    -------
    date
        The first day on which the rows are past their term.

    Examples
    --------
    >>> end_of_term(dt.date(2020, 2, 29), "1 year"), end_of_term(dt.date(2020, 1, 31), "30 days")
    (datetime.date(2021, 3, 1), datetime.date(2020, 3, 2))
    """
    found = _TERM.fullmatch(retention)
    assert found is not None  # noqa: S101 (checked where it is declared)
    step = pd.DateOffset(**{f"{found[2]}s": int(found[1])})
    return (pd.Timestamp(last) + step + pd.Timedelta(days=1)).date()
