"""Show a `Released` in a notebook: names beside codes, and the columns that matter first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from numbers import Integral, Real
from typing import Any

import pandas as pd

from obs.display_cards import card, rows_as_html
from obs.reference.territory import Territory
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["released_card"]

_ROWS = 20
_TABLES = 5
_FIRST = (
    *("indicator", "territory", "name", "period", "base", *BREAKDOWNS),
    *("value", "change", "low", "high", "verdict", "status", "unit", "numerator", "denominator"),
)


def released_card(
    tables: Mapping[str, pd.DataFrame], territory: Territory, about: Mapping[str, object]
) -> str:
    """Lay the first rows of each released table out as HTML, below what is said of them.

    A column that says the same "all" in every row is left out; a unit is named in the first
    language of its territory.
    """
    parts = [
        (f"<p>{escape(name)}</p>" if len(tables) > 1 else "") + _table_html(table, territory)
        for name, table in list(tables.items())[:_TABLES]
    ]
    return card("Released", about, below="".join(parts))


def _table_html(table: pd.DataFrame, territory: Territory) -> str:
    if "territory" in table:
        codes = table["territory"].astype("str")
        names = {code: _name(code, territory) for code in codes.unique()}
        table = table.assign(name=codes.map(names))
    columns = [c for c in _ordered(table.columns) if not _says_nothing(table, c)]
    shown = table[columns].head(_ROWS)
    rows = ([_cell_text(cell) for cell in row] for row in shown.itertuples(index=False))
    header = columns.index("name") if "name" in columns else 0
    return rows_as_html(columns, rows, more=len(table) - len(shown), header=header)


def _ordered(columns: Iterable[Any]) -> list[str]:
    own = [str(c) for c in columns]
    return [c for c in _FIRST if c in own] + [c for c in own if c not in _FIRST]


def _says_nothing(table: pd.DataFrame, column: str) -> bool:
    whole = column in BREAKDOWNS and bool((table[column].astype("str") == ALL).all())
    return whole or bool(table[column].isna().all())


def _name(code: str, territory: Territory) -> str:
    named = [c for c in territory.units.columns if str(c).startswith("name_")]
    known = named and territory.holds(code)
    return territory.label(code, str(named[0]).removeprefix("name_")) if known else ""


def _cell_text(cell: Any) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, Integral) and not isinstance(cell, bool):
        return f"{int(cell):,}"
    return (
        f"{float(cell):,.4g}"
        if isinstance(cell, Real) and not isinstance(cell, bool)
        else str(cell)
    )
