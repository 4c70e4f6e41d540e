"""Keep, with the rows of a table, the released rows that are behind their cells.

A page leads from each number of a table to these: place, period, interval, remark, deliveries,
data row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.disclosure.ledger.published_counts import pandas_period
from obs.report.facts.dates import format_period
from obs.report.facts.delivery_names import names_told
from obs.report.facts.fact import fact_of
from obs.report.facts.fact_trace import remark_of
from obs.report.facts.filters import filters
from obs.report.figures.blocks import Row, TableBody
from obs.report.figures.data_file import csv_cell
from obs.schemas import BREAKDOWNS

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["behind", "period_of", "with_base", "with_sources"]

_KEYS = ("indicator", "territory", "period", "base", "point", "peer", *BREAKDOWNS)
_DASH = "\N{EN DASH}"


def behind(row: pd.Series | None, lang: str) -> dict[str, Any]:
    """Give what a page says of the released row behind a cell: its key, interval and remark."""
    if row is None:
        return {}
    key = {c: csv_cell(row[c]) for c in _KEYS if c in row and not pd.isna(row[c])}
    fact = fact_of(row)
    bounds = None not in (fact.value, fact.low, fact.high)
    interval = filters(lang)["interval"](fact) if bounds else ""
    return {"key": key, "interval": interval, "remark": remark_of(fact, lang)}


def with_base(told: dict[str, Any], base: pd.Period | None) -> dict[str, Any]:
    """Tell also from which period a change, shown beside the value, is reckoned."""
    return {**told, "base": csv_cell(base)} if told and isinstance(base, pd.Period) else told


def with_sources(body: TableBody, released: Released, lang: str) -> TableBody:
    """Add what the indicators of a table mean, the place and period of its rows, deliveries."""
    rows = tuple(_with_source(row, released, lang) for row in body.rows)
    codes = dict.fromkeys(one["key"]["indicator"] for row in rows for one in row.behind if one)
    told = []
    for code in codes:
        entry = get_indicator(code)
        named = {"title": "title", "definition": "definition", "source": "source_label"}
        told.append({"indicator": code} | {k: entry.text(v, lang) for k, v in named.items()})
    return replace(body, rows=rows, told=tuple(told))


def _with_source(row: Row, released: Released, lang: str) -> Row:
    keys = [one["key"] for one in row.behind if one]
    told = tuple(one and one | {"deliveries": _deliveries(one, released)} for one in row.behind)
    return replace(row, about=_about(keys, released, lang), behind=told)


def _deliveries(one: dict[str, Any], released: Released) -> tuple[str, ...]:
    """Name the deliveries behind a cell: of its period, and of that which it is compared with."""
    key = one["key"]
    periods = [period_of(c) for c in (key.get("period"), key.get("base"), one.get("base")) if c]
    return names_told(released, key["indicator"], periods)


def _about(keys: Sequence[dict[str, str]], released: Released, lang: str) -> str:
    """Name the place and the period of a row, where it has one of each, or the first and the last."""
    places = _unlike(key["territory"] for key in keys if "territory" in key)
    codes = sorted(_unlike(key["period"] for key in keys if "period" in key))
    periods = [format_period(period_of(code), lang) for code in codes]
    span = _DASH.join(dict.fromkeys((*periods[:1], *periods[-1:])))
    place = released.territory.label(places[0], lang) if len(places) == 1 else ""
    return ", ".join(filter(None, (place, span)))


def _unlike(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))


def period_of(code: str) -> pd.Period:
    """Read a period as data files write it: 2024, 2024-Q1, 2024-03, 2024-W05 or 2024-03-31."""
    text = pandas_period(code)
    return pd.Period(text[:10], "W-SUN") if "/" in text else pd.Period(text)
