"""Define the filters that write a fact in prose: `{{ theft|n }}`, `{{ theft_change|change }}`.

Each filter accepts certain kinds of fact and refuses the others. A withheld fact gives words,
whatever the filter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from obs.errors import ObsError, PublicationError
from obs.locale import need_language, words
from obs.report.facts.dates import format_date, format_period, format_span
from obs.report.facts.fact import Fact
from obs.report.facts.numbers import (
    format_change,
    format_interval,
    format_number,
    format_percent,
    format_points,
    printed,
    status_text,
)
from obs.report.facts.words import (
    CAUTION,
    base_words,
    first_lower,
    first_upper,
    measure_words,
    unseen_words,
    verdict_words,
)

__all__ = ["filters", "measured", "reason_text", "shown", "written"]

_DIRECTIONS = ("up", "down", "stable")
_INTERRUPTED = {  # effects of an interruption: against what was expected, not a period
    **dict.fromkeys(("level", "aftermath", "counterfactual"), "finding.expected"),
    "two_years_before": "finding.two_years",
}
_MEASURED = ("count", "rate", "share", "per_day", "estimate", "index", "change", "points")


def filters(lang: str) -> dict[str, Callable[..., str]]:
    """Give the Jinja filters of one language.

    Returns n, rate, pct, points, change, per_day, estimate, index, interval, verdict, period,
    date, label, count (a number with its counting unit), measure (a value with its proportion),
    respondents (how many answered), detectable (the least change that a next survey would find;
    of a comparison, a clause on the changes it may have missed), finding (of a comparison: what
    changed, by how much, against what), told (the same as a clause with a verb),
    added (how many periods each side of a comparison adds up), sentence (words with a capital), within
    (words as they stand within a sentence). An imprecise estimate keeps its mark.
    Raises `ObsError` if the language is unknown. The filters themselves raise PublicationError
    for a fact of a kind that they cannot write.

    Examples
    --------
    >>> from obs.report.facts.filters import filters
    >>> sorted(filters("nl"))
    ['added', 'change', 'count', 'date', 'detectable', 'estimate', 'finding', 'index', 'interval',
    'label', 'measure', 'n', 'pct', 'per_day', 'period', 'points', 'rate', 'respondents',
    'sentence', 'told', 'verdict', 'within']
    """
    need_language(lang)
    writers: dict[str, Callable[..., str]] = {
        "n": _write_n,
        "rate": _write_rate,
        "pct": _write_percent,
        "points": _write_points,
        "change": _write_change,
        "per_day": _write_per_day,
        "estimate": _write_estimate,
        "index": _write_index,
        "interval": _write_interval,
        "verdict": _write_verdict,
        "period": _write_period,
        "date": _write_date,
        "label": _write_label,
        "count": _write_count,
        "measure": _write_measure,
        "respondents": _write_respondents,
        "detectable": _write_detectable,
        "finding": partial(_write_finding, form="finding"),
        "added": _write_added,
        "told": partial(_write_finding, form="told"),
        "sentence": partial(_capitals, name="sentence", write=first_upper),
        "within": partial(_capitals, name="within", write=first_lower),
    }
    return {name: partial(writer, lang=lang) for name, writer in writers.items()}


def written(fact: Fact, lang: str, value: float | None, *, decimals: int | None = None) -> str:
    """Write one value of a fact as its kind is written, or the reason it has none.

    Returns "43 %", "12,5", "+4 %", or "not published".

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.facts.filters import written
    >>> share = Fact("share", 0.43, 0.40, 0.46, "ok", "fact", "share", 0)
    >>> written(share, "en", share.value)
    '43%'
    """
    if value is None:
        return reason_text(fact, lang)
    digits = fact.decimals if decimals is None else decimals
    if fact.kind == "share":
        return format_percent(value, lang, decimals=digits)
    if fact.kind == "change":
        return format_change(value, lang, decimals=digits)
    if fact.kind == "points":
        return format_points(value, lang, decimals=max(digits, 1))
    return format_number(value, lang, decimals=_digits(fact, digits))


def measured(fact: Fact, lang: str) -> str:
    """Write a known count, rate or estimate with what it counts, in the form its number asks for.

    Parameters
    ----------
    fact : Fact
        With a value.
    lang : str
        Code of a language (`obs.locale.languages`).

    Returns
    -------
    str
        "0,31 fait pour 1 000 habitants", "1 620 faits".

    Raises
    ------
    ObsError
        If the fact has no value.

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.facts.filters import measured
    >>> measured(Fact("count", 1.0, 0.0, 5.6, "ok", "fact", "count", 0), "en")
    '1 offence'
    """
    if fact.value is None:
        raise ObsError("A fact without a value has no measure: write its reason.")
    number = printed(fact.value, _digits(fact, fact.decimals))
    measure = measure_words(fact.kind, fact.unit, fact.scale, lang, count=number)
    return f"{shown(fact, lang)} {measure}"


def shown(fact: Fact, lang: str) -> str:
    """Write the value of a fact, or why it has none, with the mark of an imprecise estimate.

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.facts.filters import shown
    >>> share = Fact("share", 0.8, 0.7, 0.87, "ok", "business", "share", 0, cautious=True)
    >>> shown(share, "en")
    '80%*'
    """
    return _with_mark(fact, written(fact, lang, fact.value))


def _digits(fact: Fact, decimals: int) -> int:
    return 0 if fact.kind in ("count", "estimate") else decimals


def reason_text(fact: Fact, lang: str) -> str:
    """Say why a fact has no value: its verdict where a comparison has one, else its status.

    Returns "too few to say", "not comparable", "not published", "unknown".

    Examples
    --------
    >>> from obs.report.facts.fact import unknown_fact
    >>> from obs.report.facts.filters import reason_text
    >>> reason_text(unknown_fact("nl"), "nl")
    'onbekend'
    """
    if fact.verdict is not None and not fact.status.startswith("suppressed"):
        return verdict_words(fact.verdict, lang)
    return status_text("missing" if fact.status in ("ok", "zero") else fact.status, lang)


def _write_n(thing: Any, *, lang: str) -> str:
    if isinstance(thing, int) and not isinstance(thing, bool):
        return format_number(thing, lang)
    fact = _need_fact(thing, "n", "count", "rate", "share", "per_day", "index")
    if fact.numerator is None:
        return written(fact, lang, None)
    return format_number(fact.numerator, lang)


def _write_count(thing: Any, *, lang: str) -> str:
    fact = _need_fact(thing, "count", "count", "rate", "share", "per_day", "index")
    if fact.numerator is None:
        return written(fact, lang, None)
    return _number_with_unit(fact.numerator, fact.unit, lang)


def _write_respondents(thing: Any, *, lang: str) -> str:
    fact = _need_fact(thing, "respondents", "share", "estimate")
    if fact.respondents is None:
        return written(fact, lang, None)
    return _number_with_unit(fact.respondents, fact.unit, lang)


def _number_with_unit(number: int, unit: str, lang: str) -> str:
    return f"{format_number(number, lang)} {words(lang).code('units', unit, count=number)}"


def _write_detectable(thing: Any, *, lang: str) -> str:
    fact = _need_fact(thing, "detectable", "share", "change", "points")
    if fact.kind in ("change", "points"):
        return _least_detectable(fact, lang)
    if fact.detectable is None:
        return written(fact, lang, None)
    return format_points(fact.detectable, lang).lstrip("+")


def _least_detectable(fact: Fact, lang: str) -> str:
    if fact.value is None or fact.least_rise is None and fact.least_fall is None:
        return written(fact, lang, None)
    rise, fall = (
        None if side is None else written(fact, lang, abs(side)).lstrip("+")
        for side in (fact.least_rise, fact.least_fall)
    )
    return unseen_words(rise, fall, lang)


def _write_measure(thing: Any, *, lang: str) -> str:
    fact = _need_fact(thing, "measure", "rate", "count", "estimate", "index")
    if fact.value is None:
        return written(fact, lang, None)
    if fact.kind == "index":
        return f"{written(fact, lang, fact.value)} ({base_words(fact.scale)})"
    return measured(fact, lang)


def _write_added(thing: Any, *, lang: str) -> str:
    """Write how many periods each side of a comparison adds up."""
    fact = _need_fact(thing, "added", "change", "points")
    return written(fact, lang, None) if fact.added is None else format_number(fact.added, lang)


def _write_finding(thing: Any, *, lang: str, form: str) -> str:
    """Say what a comparison found: what changed, by how much, against what.

    As a heading says it (`finding`), or as a clause with a verb (`told`).
    """
    fact = _need_fact(thing, form, "change", "points")
    if fact.base is None:
        return written(fact, lang, None)
    say, base = words(lang).say, format_period(fact.base, lang)
    if fact.value is None or fact.verdict not in _DIRECTIONS:
        return say("finding.none", base=base, why=reason_text(fact, lang))
    of = fact.of or ("share" if fact.kind == "points" else "count")
    head = form == "finding"
    change = {"change": written(fact, lang, abs(fact.value)).lstrip("+")}
    change = {} if fact.verdict == "stable" else change
    if beside := _INTERRUPTED.get(str(fact.key.get("point", ""))):
        return say(f"{beside}.{fact.verdict}", **change)
    what = say(f"finding.of.{of}") if head else say(f"told.of.{of}")
    parts = {"base": base, "what": what, **change}
    return say(f"finding.{fact.verdict}", **parts) if head else say(f"told.{fact.verdict}", **parts)


def _capitals(thing: Any, *, lang: str, name: str, write: Callable[[str], str]) -> str:
    """Write words with or without a capital."""
    if not isinstance(thing, str):
        raise PublicationError(f"The filter '{name}' takes the words that another filter gave.")
    return write(thing)


def _write_rate(thing: Any, decimals: int | None = None, *, lang: str) -> str:
    fact = _need_fact(thing, "rate", "rate")
    return _with_mark(fact, written(fact, lang, fact.value, decimals=decimals))


def _write_percent(thing: Any, decimals: int | None = None, *, lang: str) -> str:
    fact = _need_fact(thing, "pct", "share")
    return _with_mark(fact, written(fact, lang, fact.value, decimals=decimals))


def _with_mark(fact: Fact, text: str) -> str:
    """Keep the mark of an imprecise estimate beside it, as tables and charts do."""
    return f"{text}{CAUTION}" if fact.cautious and fact.value is not None else text


def _write_points(thing: Any, decimals: int | None = None, *, lang: str) -> str:
    fact = _need_fact(thing, "points", "points")
    return written(fact, lang, fact.value, decimals=decimals)


def _write_change(thing: Any, decimals: int | None = None, *, lang: str) -> str:
    fact = _need_fact(thing, "change", "change")
    return written(fact, lang, fact.value, decimals=decimals)


def _write_per_day(thing: Any, decimals: int | None = None, *, lang: str) -> str:
    fact = _need_fact(thing, "per_day", "per_day", "count")
    digits = (fact.decimals or 1) if decimals is None else decimals
    if fact.value is None:
        return written(fact, lang, None)
    if fact.kind == "per_day":
        return format_number(fact.value, lang, decimals=digits)
    if not fact.days:
        raise PublicationError("per_day: this count does not say how many days it covers.")
    return format_number(fact.value / fact.days, lang, decimals=digits)


def _write_estimate(thing: Any, *, lang: str) -> str:
    fact = _need_fact(thing, "estimate", "estimate")
    return shown(fact, lang)


def _write_index(thing: Any, decimals: int | None = None, *, lang: str) -> str:
    fact = _need_fact(thing, "index", "index")
    return written(fact, lang, fact.value, decimals=decimals)


def _write_interval(thing: Any, decimals: int | None = None, *, lang: str) -> str:
    fact = _need_fact(thing, "interval", *_MEASURED)
    if fact.kind == "points" and fact.value is not None and fact.low is None:
        raise PublicationError(
            "interval: this difference was made from two facts and has no interval; bind the "
            "difference of a table of comparisons."
        )
    if fact.value is None or fact.low is None or fact.high is None:
        return written(fact, lang, None)
    low, high = (written(fact, lang, bound, decimals=decimals) for bound in (fact.low, fact.high))
    return format_interval(low, high, lang)


def _write_verdict(thing: Any, *, lang: str) -> str:
    fact = _need_fact(thing, "verdict", "change", "points")
    if fact.verdict is None:
        return written(fact, lang, None)
    return verdict_words(fact.verdict, lang, reason=fact.reason)


def _write_period(thing: Any, *, lang: str) -> str:
    if isinstance(thing, pd.Period):
        return format_period(thing, lang)
    fact = _need_fact(thing, "period", *_MEASURED)
    if fact.combined and fact.period is None:
        raise PublicationError(
            "period: this number is made of two periods; write the period of each part."
        )
    if fact.period is None:
        return written(fact, lang, None)
    if fact.covered is not None:
        return format_span(*fact.covered, lang)
    return format_period(fact.period, lang)


def _write_date(thing: Any, *, lang: str) -> str:
    if isinstance(thing, dt.date):
        return format_date(thing, lang)
    fact = _need_fact(thing, "date", *_MEASURED)
    if fact.kind == "unknown":
        return written(fact, lang, None)
    if fact.extracted is None:
        raise PublicationError("date: this fact does not say when its source was extracted.")
    return format_date(fact.extracted, lang)


def _write_label(thing: Any, *, lang: str) -> str:
    fact = _need_fact(thing, "label", *_MEASURED)
    if fact.combined and not fact.labels:
        raise PublicationError(
            "label: this number is made of two places; write the name of each part."
        )
    return fact.labels[lang]


def _need_fact(thing: Any, name: str, *kinds: str) -> Fact:
    if not isinstance(thing, Fact):
        raise PublicationError(
            f"The filter '{name}' writes a fact, not a {type(thing).__name__}: "
            "bind the number with obs.fact."
        )
    if thing.kind not in (*kinds, "unknown"):
        raise PublicationError(
            f"The filter '{name}' writes {' or '.join(kinds)}, and this fact is a {thing.kind}."
        )
    return thing
