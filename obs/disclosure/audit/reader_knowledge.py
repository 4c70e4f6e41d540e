"""Collect what a reader of the released tables has: figures, withheld cells, and all sums.

This module is part of the audit and shares no code with suppression.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from obs.disclosure.released import Released
from obs.errors import DisclosureError
from obs.schemas import ALL, BREAKDOWNS, DETECTABLE, POINTS, WITHHELD

__all__ = ["ASKED", "Name", "View", "cell_name", "read_view", "rows_of"]

ASKED = ("respondent", "business", "household")  # units of survey estimates, in no sum
_TELLING = ("method", "p_value", "p_unadjusted", *POINTS, *DETECTABLE)
_ROUNDED_TO = 6  # a value with more decimals is taken as exact
_ALMOST = 1e-9  # another is equivalent: a product of two figures is off by a millionth of it
Name = tuple[str, str, str, frozenset[tuple[str, str]]]


@dataclass
class View:
    """What a reader holds: figures, withheld cells, equations.

    Attributes
    ----------
    number : dict
        Name of a cell to its number.
    known : dict
        Number to the figure shown, or read off another one.
    status, places, about : dict
        For withheld cells: status, table and row, and what the rule says.
    equations : list of (int, list of int)
        A total and its parts.
    shares : dict
        Part to whole.
    bounds : list of (int, float, float)
        Counts that a rounded value leaves between two figures.
    shown : set of int
        Counts that stand in a table as they are.
    """

    number: dict[Name, int] = field(default_factory=dict)
    known: dict[int, float] = field(default_factory=dict)
    status: dict[int, str] = field(default_factory=dict)
    about: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    equations: list[tuple[int, list[int]]] = field(default_factory=list)
    places: dict[int, tuple[str, int]] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    bounds: list[tuple[int, float, float]] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)

    def cell(self, name: Name) -> int:
        """Give the number of a cell, new or not."""
        return self.number.setdefault(name, len(self.number))


def read_view(
    released: Released, *, known: pd.DataFrame | None = None, named: Iterable[Name] = ()
) -> View:
    """Read released tables as an attacker would.

    Returns figures and withheld cells; `add_relations` writes what links them. Raises
    `DisclosureError` if `known` names an indicator that is not released.
    """
    view = View()
    tables = {name: released[name].table for name in released.names}
    trends = {n for n, t in tables.items() if "base" in t.columns}
    for name in sorted(tables, key=lambda n: n in trends):
        curve = bool({"within", "ended_share"} & set(tables[name].columns))
        rows = _cohort_sizes(tables[name], released.structure) if curve else rows_of(tables[name])
        for position, row in enumerate(rows):
            read = _read_change if name in trends else _read_value
            read(view, row, released.structure, (name, position))
    for row in rows_of(known) if known is not None else ():
        whole = row.get("figure") == "whole"
        own = cell_name(row, row["indicator"], released.structure, whole=whole)
        view.known[view.cell(own)] = float(row["numerator"])
    for heard in named:
        view.cell(heard)
    return view


def _cohort_sizes(frame: pd.DataFrame, structure: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the size of each cohort that a table shows, as a row of its indicator."""
    sizes = frame[frame["denominator"].notna()].drop_duplicates(
        ["indicator", "territory", "period"]
    )
    for row in rows_of(sizes[[c for c in sizes if c not in ("decision", "within", "ended_share")]]):
        size = int(row["denominator"])
        yield row | {
            "unit": structure["indicators"][row["indicator"]]["unit"],
            "numerator": size,
            "value": float(size),
            "status": "ok",
            "denominator": None,
            "n": None,
            "scale": "count",
        }


def _read_value(
    view: View, row: Mapping[str, Any], structure: Mapping[str, Any], place: tuple[str, int]
) -> None:
    about = _rule_of_row(structure, row)
    asked = about["kind"] == "survey" or row["unit"] in ASKED
    if asked and about["kind"] != "amount":
        return
    if about["kind"] in ("severity", "recapture", "lower_bound") and row["numerator"] is None:
        return  # what is withheld is the value made of the counts, not their sum
    cell = view.cell(cell_name(row, row["indicator"], structure))
    least, most = _count_of(row)
    exact = least == most and (row["numerator"] is not None or row["status"] not in WITHHELD)
    _note_value(view, cell, least if exact else None, row, about, place)
    if exact and row["numerator"] is not None:
        view.shown.add(cell)
    if least is not None and most is not None and not exact:
        view.bounds.append((cell, least, most))
    if about["kind"] == "share" or row.get("scale") == "share":
        whole = view.cell(cell_name(row, row["indicator"], structure, whole=True))
        if not about.get("within"):  # else its codes add up to the whole
            view.shares[cell] = whole
        if row["denominator"] is not None and row["status"] not in WITHHELD:
            view.known[whole] = float(row["denominator"])


def _read_change(
    view: View, row: Mapping[str, Any], structure: Mapping[str, Any], place: tuple[str, int]
) -> None:
    about, before = _rule_of_row(structure, row), {**row, "period": row["base"]}
    now = view.cell(cell_name(row, row["indicator"], structure))
    then = view.cell(cell_name(before, row["indicator"], structure))
    count, base = row.get("numerator"), row.get("base_numerator")
    count = view.known.get(now) if count is None else count
    base = view.known.get(then) if base is None else base
    if row["change"] is not None:
        if count is None and base is not None:
            count = round(base * _ratio_of_counts(row))
        elif base is None and count is not None:
            base = round(count / _ratio_of_counts(row))
    telling = [c for c in _TELLING if row.get(c) is not None]
    if telling and (count is None or base is None):
        raise DisclosureError(
            f"table '{place[0]}': row {place[1]} has no count and still says {', '.join(telling)}, "
            "from which the count can be narrowed. Release the original table again."
        )
    _note_value(view, now, count, row, about, place)
    _note_value(view, then, base, before, about, place)


def _ratio_of_counts(row: Mapping[str, Any]) -> float:
    """Turn a change back into a ratio of counts: one per day is multiplied by the days."""
    ratio = float(1 + row["change"])
    per_day = str(row.get("change_of") or "").endswith("_per_day")
    if per_day and row.get("days") and row.get("base_days"):
        ratio *= row["days"] / row["base_days"]
    return ratio


def _rule_of_row(structure: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the rule owes a row: stricter for some categories."""
    about = dict(structure["indicators"][row["indicator"]])
    marks = {**about["marks"], **{c: row.get(c) for c in BREAKDOWNS if row.get(c) is not None}}
    stricter = {(column, code): due for column, code, *due in structure["stricter"]}
    for column, codes in marks.items():
        keys = [(column, code) for code in str(codes).split("|")]
        for threshold, cover in [stricter[k] for k in keys if stricter.keys() >= set(keys)]:
            about["threshold"] = max(about["threshold"], threshold)
            about["cover"] = max(about["cover"], cover)
    return about


def _note_value(
    view: View,
    cell: int,
    value: float | None,
    row: Mapping[str, Any],
    about: Mapping[str, Any],
    place: tuple[str, int],
) -> None:
    if value is not None:
        view.known[cell] = float(value)
    elif row["status"] in WITHHELD and cell not in view.places:
        view.status[cell] = row["status"]
        view.places[cell] = place
    view.about[cell] = _stricter(view.about.get(cell), {**about, "row": row})


def _stricter(first: Mapping[str, Any] | None, second: dict[str, Any]) -> dict[str, Any]:
    """Join what the rules of two indicators owe one count."""
    if first is None:
        return second
    both = {key: max(first[key], second[key]) for key in ("threshold", "cover", "margin")}
    return {**second, **both, "floor": min(first["floor"], second["floor"])}


def _count_of(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Give the least and the most that the figures of a row leave to its count."""
    if row["numerator"] is not None:
        return float(row["numerator"]), float(row["numerator"])
    value, whole, scale = row["value"], row["denominator"], str(row.get("scale") or "")
    if value is None:
        return None, None
    if scale == "count":
        return _read_off(value, 1.0)
    if scale == "per_day" and row.get("days"):
        return _read_off(value, float(row["days"]))
    if whole is not None:
        per = scale.removeprefix("per_").split("_")[0]
        return _read_off(value, float(whole) / (float(per) if per.isdigit() else 1.0))
    return None, None


def _read_off(value: float, times: float) -> tuple[float, float]:
    """Give the counts of which a value, rounded to its decimals or not, can be made."""
    decimals = len(f"{float(value):.9f}".rstrip("0").partition(".")[2])
    if decimals > _ROUNDED_TO:
        return (float(round(value * times)),) * 2
    half = 0.5 * 10.0**-decimals
    least = math.ceil((value - half) * times - _ALMOST)
    return float(max(least, 0)), float(max(math.floor((value + half) * times + _ALMOST), least, 0))


def cell_name(
    row: Mapping[str, Any], indicator: str, structure: Mapping[str, Any], *, whole: bool = False
) -> Name:
    """Name the cell of a row: what is counted, where, when, of what kind."""
    about = structure["indicators"].get(indicator)
    if about is None:
        raise DisclosureError(f"indicator '{indicator}' is not among those released.")
    measure = f"{about['count']} ({row.get('unit') or about['unit']})"
    marks = dict(about["marks"])
    if whole:
        measure = measure.replace(about["count"], about["whole"]) if about["whole"] else measure
        measure += "" if about["whole"] else "/whole"
        marks = dict(about["whole_marks"] or marks)
    own = [c for c in BREAKDOWNS if not (whole and c in about.get("within", ()))]
    marks |= {c: str(row[c]) for c in own if row.get(c) is not None and row[c] != ALL}
    return measure, str(row["territory"]), str(row["period"]), frozenset(marks.items())


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a table, None for what is missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(c): v for c, v in row.items()} for row in plain.to_dict("records")]
