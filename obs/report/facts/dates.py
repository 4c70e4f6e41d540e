"""Write days, periods and spans in each language.

Both ends of a span are included, and a span is never longer or shorter than the days given.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
from babel.dates import format_date as _babel_date

from obs.errors import ObsError
from obs.locale import conventions, words

__all__ = ["format_date", "format_period", "format_span"]

_KINDS = {"Y": "year", "Q": "quarter", "M": "month"}  # of a frequency, the pattern


def format_date(date: dt.date, lang: str) -> str:
    """Write a day in full: "1er janvier 2024", "1 januari 2024", "1 January 2024".

    Returns day, month in letters, year. Raises `ObsError` if the date is missing or the language
    unknown.

    Examples
    --------
    >>> import datetime as dt
    >>> from obs.report.facts.dates import format_date
    >>> format_date(dt.date(2024, 1, 1), "nl")
    '1 januari 2024'
    """
    if pd.isna(date):
        raise ObsError("A date to be written is missing.")
    first = date.day == 1 and "first_day" in conventions(lang).dates
    return _formatted_date(date, "first_day" if first else "day", lang)


def format_period(period: pd.Period, lang: str) -> str:
    """Write a year, a quarter, a month, or a week by its first day.

    Returns "2024", "1er trimestre 2024", "janvier 2024", "semaine du 1er janvier 2024" or a full date. Raises `ObsError` if it
    is not such a period, or the language unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.report.facts.dates import format_period
    >>> format_period(pd.Period("2024-01", "M"), "nl"), format_period(pd.Period("2024", "Y"), "en")
    ('januari 2024', '2024')
    """
    if not isinstance(period, pd.Period):
        raise ObsError(f"A period was expected, not a {type(period).__name__}.")
    start = period.start_time.date()
    if period.freqstr == "D":
        return format_date(start, lang)
    if period.freqstr[0] == "W":
        return words(lang).say("date.week", day=format_date(start, lang))
    if period.freqstr[0] not in _KINDS:
        raise ObsError(f"Periods of frequency {period.freqstr} are not published.")
    return _formatted_date(start, _KINDS[period.freqstr[0]], lang)


def format_span(first: dt.date, last: dt.date, lang: str) -> str:
    """Write the days a source covers, both included, as shortly as is exact.

    Returns whole years or months where the days allow it, else two dates. Raises `ObsError` if a
    date is missing, or the last day comes before the first.

    Examples
    --------
    >>> import datetime as dt
    >>> from obs.report.facts.dates import format_span
    >>> format_span(dt.date(2022, 1, 1), dt.date(2022, 11, 30), "fr")
    'janvier à novembre 2022'
    """
    if pd.isna(first) or pd.isna(last) or first > last:
        raise ObsError("A span needs a first day and a last day that is not before it.")
    months = pd.Period(first, "M"), pd.Period(last, "M")
    if first.day != 1 or last.day != months[1].days_in_month:
        return _span_text(format_date(first, lang), format_date(last, lang), lang)
    if (first.month, last.month) == (1, 12):
        years = str(first.year), str(last.year)
        return years[0] if years[0] == years[1] else _span_text(*years, lang)
    end = format_period(months[1], lang)
    if months[0] == months[1]:
        return end
    pattern = "month_of_year" if first.year == last.year else "month"
    return _span_text(_formatted_date(first, pattern, lang), end, lang)


def _formatted_date(date: dt.date, pattern: str, lang: str) -> str:
    own = conventions(lang)
    return str(_babel_date(date, own.dates[pattern], locale=own.locale))


def _span_text(first: str, last: str, lang: str) -> str:
    return words(lang).say("date.span", first=first, last=last)
