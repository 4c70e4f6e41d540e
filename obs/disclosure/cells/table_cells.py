"""Read the cells behind tables: what each row reveals, and what was published before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.estimate_cells import read_amount, read_survey_estimate
from obs.disclosure.cells.indicator_terms import Definition, Marks, is_amount, is_survey
from obs.disclosure.sensitive.dominance import read_contributions
from obs.disclosure.sensitive.rules import Rule
from obs.errors import DisclosureError
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["collect_cells", "counting_key", "mark_published"]

_UNKNOWN = ("missing", "not_applicable")
_LINKED = frozenset({"Y-DEC", "Q-DEC", "M"})  # calendar years, quarters and months


def collect_cells(
    tables: Mapping[str, pd.DataFrame],
    *,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
) -> Cells:
    """List the cells behind INDICATORS and TRENDS tables already checked.

    Returns `Cells` with the keys that each row reveals. Raises `DisclosureError` if a row that is
    to be shown lacks its count, two rows contradict each other, or days, weeks or spans of
    several years stand beside other periods of one count.
    """
    _refuse_unlinked_periods(tables, definitions)
    cells = Cells()
    trends = [n for n, f in tables.items() if "base" in f.columns]
    for name in (*(n for n in tables if n not in trends), *trends):
        read = _read_trend if name in trends else _read_indicator
        cells.rows[name] = read(tables[name], cells, definitions, rules, name)
    return cells


def _refuse_unlinked_periods(
    tables: Mapping[str, pd.DataFrame], definitions: Mapping[str, Definition]
) -> None:
    """Refuse periods that no equation links: 31 days give their month away."""
    seen: dict[str, set[str]] = {}
    for frame in tables.values():
        for column in ("period", "base"):
            if column in frame:
                own = {definitions[i] for i in frame["indicator"].unique()}
                for count in {d.count for d in own if "time" in d.additive_over}:
                    seen.setdefault(count, set()).add(str(frame[column].dtype)[len("period[") : -1])
    for count, frequencies in seen.items():
        odd = sorted(frequencies - _LINKED)
        if odd and len(frequencies) > 1:
            raise DisclosureError(
                f"periods of '{count}' are of several lengths ({', '.join(sorted(frequencies))}). "
                "Only calendar years, quarters or months are known to add up to one another: "
                f"release {', '.join(odd)} alone, or not at all."
            )


def mark_published(
    cells: Cells,
    entries: pd.DataFrame,
    *,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
) -> None:
    """Mark the cells that were published before, and add those no table shows any more.

    A figure revised since counts as known when others are protected: the old one is close
    to the new one. An old value serves only where no table has today's and the sums hold
    with it.

    `cells` is completed in place.
    """
    known = entries[entries["indicator"].isin(list(definitions))]
    columns = zip(*(known[c] for c in ("unit", "edition", "figure", "numerator")), strict=True)
    for key, (unit, edition, figure, value) in zip(_row_keys(known), columns, strict=True):
        definition, rule = definitions[key.measure], rules[key.measure]
        if is_survey(definition, unit):
            continue  # an estimate is in no sum
        own = counting_key(key, definition, unit)
        if figure == "whole":
            own = _denominator_key(key, definition, definitions, unit)
        cell = cells.find_or_add(own, float("nan"), rule)
        cell.edition, cell.before = str(edition), float(value)
        cell.recalled = bool(np.isnan(cell.value))
        cell.value = cell.before if cell.recalled else cell.value


def _read_indicator(
    frame: pd.DataFrame,
    cells: Cells,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
    name: str,
) -> list[tuple[Key, ...]]:
    rows = []
    names = ("numerator", "denominator", "value", "status", "unit", "n", "grade", "scale")
    columns = _read_columns(frame, names)
    made_up = read_contributions(frame, name=name)
    for position, key in enumerate(_row_keys(frame, "period")):
        row = {c: v[position] for c, v in columns.items()}
        definition = definitions[key.measure]
        rule = rules[key.measure]
        if is_survey(definition, row["unit"]):
            rows.append(
                read_survey_estimate(cells, key, row, rule, definition, made_up[position], name)
            )
            continue
        found = [counting_key(key, definition, row["unit"])]
        _record_row(cells, found[0], row["numerator"], row["status"], rule, name, position)
        if is_amount(definition, row["unit"]):
            read_amount(cells, found[0], row, made_up[position], name, position)
        if row["scale"] == "share" or definition.kind == "share":
            whole = _denominator_key(key, definition, definitions, row["unit"])
            _record_denominator(cells, whole, row, rule, name, position)
            if not definition.within:  # else its codes add up to the whole
                cells.shares[found[0]] = whole
            found.append(whole)
        rows.append(tuple(found))
    return rows


def _read_trend(
    frame: pd.DataFrame,
    cells: Cells,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
    name: str,
) -> list[tuple[Key, ...]]:
    columns = _read_columns(frame, ("numerator", "base_numerator", "status", "unit"))
    pairs = zip(_row_keys(frame, "period"), _row_keys(frame, "base"), strict=True)
    rows = []
    for position, (now, then) in enumerate(pairs):
        definition, rule = definitions[now.measure], rules[now.measure]
        status, unit = columns["status"][position], columns["unit"][position]
        amount = is_amount(definition, unit)
        found: list[Key] = []
        for key, column in ((now, "numerator"), (then, "base_numerator")):
            if is_survey(definition, unit):
                key = key._replace(measure=f"survey {key.measure}")
            else:
                key = counting_key(key, definition, unit)
            value = columns[column][position]
            known = status in _UNKNOWN or status == "suppressed_source" or value is not None
            if key not in cells.of_key or value is not None:
                given = known and not (amount and key not in cells.of_key)
                _refuse_baseless(known=given, name=name, position=position)
                _record_row(cells, key, value, status or "ok", rule, name, position)
            found += [key, *([cells.shares[key]] if key in cells.shares else [])]
        rows.append(tuple(found))
    return rows


def _refuse_baseless(*, known: bool, name: str, position: int) -> None:
    if not known:
        raise DisclosureError(
            f"table '{name}': row {position} is a change of counts that are in no table. "
            "Release the indicator table with it, or keep its columns numerator and "
            "base_numerator."
        )


def _record_row(
    cells: Cells, key: Key, value: Any, status: str, rule: Rule, name: str, position: int
) -> None:
    absent = value is None
    if absent and status in ("ok", "zero", "provisional"):
        raise DisclosureError(
            f"table '{name}': row {position} has status '{status}' and no numerator. "
            "A value without its count cannot be judged; give the count, or status missing."
        )
    cell = cells.find_or_add(key, float("nan") if absent else float(value), rule)
    cell.source |= status == "suppressed_source"
    cell.published |= status not in _UNKNOWN


def _record_denominator(
    cells: Cells, key: Key, row: Mapping[str, Any], rule: Rule, name: str, position: int
) -> None:
    if pd.isna(row["denominator"]) and row["status"] in ("ok", "zero", "provisional"):
        raise DisclosureError(
            f"table '{name}': row {position} is a share without its whole (denominator). "
            "Its complement cannot be judged; give the whole."
        )
    cell = cells.find_or_add(key, _as_number(row["denominator"]), rule)
    cell.published |= row["status"] not in (*_UNKNOWN, "suppressed_source")


def counting_key(key: Key, definition: Definition, unit: str | None) -> Key:
    """Name the count behind an indicator: its own restriction and the row's breakdowns."""
    own = unit or definition.unit
    measure, marks = _measure_text(definition.count, own, definition.marks, key.breakdowns)
    return Key(measure, key.territory, key.period, marks)


@lru_cache(maxsize=10_000)
def _measure_text(count: str, unit: str, marks: Marks, breakdowns: Marks) -> tuple[str, Marks]:
    """Write the measure and the marks that rows of one kind share."""
    return f"{count} ({unit})", tuple(sorted({**dict(marks), **dict(breakdowns)}.items()))


def _denominator_key(
    key: Key, definition: Definition, definitions: Mapping[str, Definition], unit: str | None
) -> Key:
    whole = definitions.get(definition.whole or "")
    if whole is None:
        part = counting_key(key, definition, unit)
        return part._replace(measure=f"{part.measure}/whole")
    marks = definition.whole_marks(whole)
    kept = tuple(b for b in key.breakdowns if b[0] not in definition.within)
    return counting_key(key._replace(breakdowns=kept), replace(whole, marks=marks), unit)


def _row_keys(frame: pd.DataFrame, period: str = "period") -> list[Key]:
    extra = [c for c in BREAKDOWNS if c in frame.columns]
    values = [frame[c].astype("str").to_numpy() for c in extra]
    periods = _period_text(frame[period])
    rows = list(zip(*values, strict=True)) if values else [()] * len(frame)
    marks = {
        row: tuple(sorted((c, str(v)) for c, v in zip(extra, row, strict=True) if v != ALL))
        for row in set(rows)
    }
    breakdowns = [marks[row] for row in rows]
    return [
        Key(str(i), str(t), p, b)
        for i, t, p, b in zip(
            frame["indicator"], frame["territory"], periods, breakdowns, strict=True
        )
    ]


def _period_text(periods: pd.Series) -> list[str]:
    text = {p: str(p) for p in periods.unique()}
    return [text[p] for p in periods]


def _read_columns(frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, list[Any]]:
    return {
        n: frame[n].astype(object).where(frame[n].notna(), None).tolist()
        if n in frame.columns
        else [None] * len(frame)
        for n in names
    }


def _as_number(value: Any) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)
