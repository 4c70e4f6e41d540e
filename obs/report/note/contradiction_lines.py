"""Put into words what the printed report on the security plan contradicts itself in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from obs.locale import words
from obs.reference import Territory
from obs.report.facts.dates import format_date, format_period
from obs.report.facts.numbers import format_change, format_number, typography
from obs.report.facts.printed import Printed

__all__ = ["contradiction_lines"]

_MONTH = len("2021-09")
Line = Mapping[str, Any]


def contradiction_lines(
    by_kind: Mapping[str, Sequence[Line]], lang: str, *, territory: Territory
) -> list[str]:
    """Write the lines of `obs.report.edition.plan_file` that tell of a contradiction, by kind."""

    def written() -> Iterator[str]:
        for kind, write in _WRITERS.items():
            for one in by_kind.get(kind, ()):
                key, values = write(one, lang, territory)
                yield words(lang).say(f"plan.{key}", **values)

    return [Printed(typography(text, lang)) for text in written()]


def _subject(one: Line, lang: str, territory: Territory) -> dict[str, str]:
    return {
        "subject": words(lang).say(f"plan.activity.{one['subject']}"),
        "place": str(territory.label(one["place"], lang)),
        "period": str(one["period"]),
    }


def _made(one: Line, written: str, lang: str) -> str:
    """Say that a number computed is a bound, where it is one."""
    return words(lang).say("plan.at_least", value=written) if one.get("bound") else written


def _total_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    numbers = {name: format_number(one[name], lang) for name in ("value", "of")}
    return "total_differs", _subject(one, lang, territory) | numbers


def _change_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    value, made = (format_change(one[name] / 100, lang) for name in ("value", "of"))
    own = {"value": value, "base": str(one["other_period"]), "made": _made(one, made, lang)}
    return "change_differs", _subject(one, lang, territory) | own


def _mean_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    made = _made(one, format_number(one["of"], lang, decimals=1), lang)
    own = {"value": format_number(one["value"], lang), "made": made}
    return "mean_differs", _subject(one, lang, territory) | own


def _day_mean_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    first, last = str(one["period"]).split("/")
    return "day_mean_fell" if one["of"] < one["value"] else "day_mean_rose", {
        "subject": words(lang).say(f"plan.activity.{one['subject']}"),
        "value": format_number(one["value"], lang),
        "count": format_number(int(one["other"]), lang),
        "made": format_number(one["of"], lang, decimals=1),
        "first": first,
        "last": last,
        "period": str(one["other_period"]),
    }


def _date_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    subject = words(lang).say(f"plan.activity.{one['subject']}")
    days = {name: _day(str(one[name]), lang) for name in ("value", "other")}
    return f"{one['kind']}_differs", {"subject": subject, **days}


def _day(text: str, lang: str) -> str:
    if len(text) == _MONTH:
        return format_period(pd.Period(text, "M"), lang)
    return format_date(dt.date.fromisoformat(text), lang)


def _name_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    names = str(one["other"]).split("; ")
    place = str(territory.label(one["place"], lang))
    return "name_differs", {"place": place, "other": words(lang).join("join.and", names)}


def _mark_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    return "mark_differs", {"value": str(one["value"]), "measure": str(one["measure"])}


def _repeated_line(one: Line, lang: str, territory: Territory) -> tuple[str, dict[str, str]]:
    return "repeated", {"measure": str(one["measure"]), "subject": str(one["subject"])}


_WRITERS: dict[str, Callable[[Line, str, Territory], tuple[str, dict[str, str]]]] = {
    "total": _total_line,
    "change": _change_line,
    "mean": _mean_line,
    "day_mean": _day_mean_line,
    "date": _date_line,
    "date_document": _date_line,
    "date_press": _date_line,
    "name": _name_line,
    "mark": _mark_line,
    "repeated": _repeated_line,
}
