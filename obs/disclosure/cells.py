"""Every count behind the tables as one list of cells.

A cell is a counting definition, a territory, a period and the breakdowns other than
"all". The same count in several tables, as a rate or per day, is one cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from obs.disclosure.definitions import Definition
from obs.disclosure.rules import Rule, rule_of
from obs.errors import DisclosureError
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["Cell", "Cells", "Key", "breakdown_text", "collect_cells", "remember"]

_UNKNOWN = ("missing", "not_applicable")
_SURVEY_UNITS = frozenset({"respondent", "business", "household"})


class Key(NamedTuple):
    """What makes a cell: counting definition, territory, period, breakdowns not "all"."""

    measure: str
    territory: str
    period: str
    breakdowns: tuple[tuple[str, str], ...] = ()


@dataclass
class Cell:
    """One count: its value if known, who may see it, what must stay unknown of it."""

    key: Key
    value: float = float("nan")
    rule: Rule | None = None
    published: bool = False  # asked to be shown in a table
    source: bool = False  # withheld by the supplier
    reason: str = ""  # why it is sensitive; empty when it is not
    edition: str = ""  # where it was published before, if it was
    recalled: bool = False  # its value is the one published before: no table has today's
    inner: bool = True  # takes part in sums (a survey estimate does not)


@dataclass
class Cells:
    """All cells, and for each row of each table the cells that it shows.

    Attributes
    ----------
    of_key : dict
        Key to `Cell`, in order of first appearance.
    rows : dict
        Table name to, for each row, the keys of the counts the row reveals.
    shares : dict
        Part to whole, for each share.
    """

    of_key: dict[Key, Cell] = field(default_factory=dict)
    rows: dict[str, list[tuple[Key, ...]]] = field(default_factory=dict)
    shares: dict[Key, Key] = field(default_factory=dict)

    def see(self, key: Key, value: float, rule: Rule) -> Cell:
        """Find or make a cell; refuse two different figures for one count."""
        rule = rule_of(key.breakdowns, rule)
        cell = self.of_key.get(key)
        if cell is None:
            cell = self.of_key[key] = Cell(key, value, rule)
            return cell
        if not np.isnan(value):
            if not np.isnan(cell.value) and cell.value != value:
                raise DisclosureError(
                    f"two tables give different counts for {describe(key)}. "
                    "One release must come from one state of the data."
                )
            cell.value = value
        if cell.rule is None or rule.threshold > cell.rule.threshold:
            cell.rule = rule
        return cell


def describe(key: Key) -> str:
    """Name a cell in a message, without its value."""
    parts = " ".join(f"{c}={v}" for c, v in key.breakdowns)
    return f"{key.measure} of {key.territory} in {key.period}{' ' + parts if parts else ''}"


def breakdown_text(frame: pd.DataFrame) -> pd.Series:
    """Write the breakdowns of each row as text, "form=sexual relation=couple"."""
    text = pd.Series("", index=frame.index, dtype="str")
    for column in (c for c in BREAKDOWNS if c in frame.columns):
        text = text + column + "=" + frame[column].astype("str").fillna("") + " "
    return text.str.strip()


def collect_cells(
    tables: Mapping[str, pd.DataFrame],
    *,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
) -> Cells:
    """List the cells behind INDICATORS and TRENDS tables already checked.

    Parameters
    ----------
    tables : mapping
        Table name to frame.
    definitions, rules : mapping
        Indicator to its definition, and to the rule it is released under.

    Returns
    -------
    Cells
        With the keys that each row reveals.

    Raises
    ------
    DisclosureError
        If a row that is to be shown lacks its count, or two rows contradict each other.

    Examples
    --------
    Called by `obs.release`, which checks the tables first.
    """
    cells = Cells()
    trends = [n for n, f in tables.items() if "base" in f.columns]
    for name in (*(n for n in tables if n not in trends), *trends):
        read = _read_trend if name in trends else _read_indicator
        cells.rows[name] = read(tables[name], cells, definitions, rules, name)
    return cells


def remember(
    cells: Cells,
    entries: pd.DataFrame,
    *,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
) -> None:
    """Mark the cells that were published before, and add those no table shows any more.

    A figure revised since counts as known too: the old one is close to the new one. An old
    value serves only where no table has today's and the sums hold with it.

    Parameters
    ----------
    cells : Cells
        Completed in place.
    entries : DataFrame
        From `Ledger.entries`.
    definitions, rules : mapping
        Indicator to its definition and rule; entries of other indicators are left aside.

    Examples
    --------
    Called by `obs.release`.
    """
    known = entries[entries["indicator"].isin(list(definitions))]
    columns = zip(known["unit"], known["edition"], known["numerator"], strict=True)
    for key, (unit, edition, value) in zip(_keys(known), columns, strict=True):
        definition, rule = definitions[key.measure], rules[key.measure]
        cell = cells.see(_counted(key, definition, unit or None), float("nan"), rule)
        cell.edition, cell.recalled = str(edition), bool(np.isnan(cell.value))
        cell.value = float(value) if cell.recalled else cell.value


def _read_indicator(
    frame: pd.DataFrame,
    cells: Cells,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
    name: str,
) -> list[tuple[Key, ...]]:
    rows = []
    columns = _columns(frame, ("numerator", "denominator", "status", "unit", "n", "grade", "scale"))
    for position, key in enumerate(_keys(frame, "period")):
        row = {c: v[position] for c, v in columns.items()}
        definition = definitions[key.measure]
        rule = rules[key.measure]
        if definition.kind == "survey" or row["unit"] in _SURVEY_UNITS:
            rows.append(_survey(cells, key, row, rule))
            continue
        found = [_counted(key, definition, row["unit"])]
        _show(cells, found[0], row["numerator"], row["status"], rule, name, position)
        if row["scale"] == "share" or definition.kind == "share":
            whole = _whole_key(key, definition, definitions, row["unit"])
            _see_whole(cells, whole, row, rule, name, position)
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
    columns = _columns(frame, ("numerator", "base_numerator", "status", "unit"))
    pairs = zip(_keys(frame, "period"), _keys(frame, "base"), strict=True)
    rows = []
    for position, (now, then) in enumerate(pairs):
        definition, rule = definitions[now.measure], rules[now.measure]
        status, unit = columns["status"][position], columns["unit"][position]
        found: list[Key] = []
        for key, column in ((now, "numerator"), (then, "base_numerator")):
            if definition.kind == "survey" or (unit or definition.unit) in _SURVEY_UNITS:
                key = key._replace(measure=f"survey {key.measure}")
            else:
                key = _counted(key, definition, unit)
            value = columns[column][position]
            known = status in _UNKNOWN or status == "suppressed_source" or not pd.isna(value)
            if key not in cells.of_key or not pd.isna(value):
                _refuse_baseless(known=known, name=name, position=position)
                _show(cells, key, value, status or "ok", rule, name, position)
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


def _show(
    cells: Cells, key: Key, value: Any, status: str, rule: Rule, name: str, position: int
) -> None:
    absent = pd.isna(value)
    if absent and status in ("ok", "zero", "provisional"):
        raise DisclosureError(
            f"table '{name}': row {position} has status '{status}' and no numerator. "
            "A value without its count cannot be judged; give the count, or status missing."
        )
    cell = cells.see(key, float("nan") if absent else float(value), rule)
    cell.source |= status == "suppressed_source"
    cell.published |= status not in _UNKNOWN


def _see_whole(
    cells: Cells, key: Key, row: Mapping[str, Any], rule: Rule, name: str, position: int
) -> None:
    if pd.isna(row["denominator"]) and row["status"] in ("ok", "zero", "provisional"):
        raise DisclosureError(
            f"table '{name}': row {position} is a share without its whole (denominator). "
            "Its complement cannot be judged; give the whole."
        )
    cell = cells.see(key, _number(row["denominator"]), rule)
    cell.published |= row["status"] not in (*_UNKNOWN, "suppressed_source")


def _counted(key: Key, definition: Definition, unit: str | None) -> Key:
    """Name the count behind an indicator: its own restriction and the row's breakdowns."""
    marks = {**dict(definition.marks), **dict(key.breakdowns)}
    measure = f"{definition.count} ({unit or definition.unit})"
    return key._replace(measure=measure, breakdowns=tuple(sorted(marks.items())))


def _whole_key(
    key: Key, definition: Definition, definitions: Mapping[str, Definition], unit: str | None
) -> Key:
    whole = definitions.get(definition.whole or "")
    if whole is None:
        part = _counted(key, definition, unit)
        return part._replace(measure=f"{part.measure}/whole")
    marks = definition.whole_marks(whole)
    return _counted(key, replace(whole, marks=marks), unit)


def _survey(cells: Cells, key: Key, row: Mapping[str, Any], rule: Rule) -> tuple[Key, ...]:
    """Judge a survey estimate by its respondents: it is in no sum, only shown or not."""
    key = key._replace(measure=f"survey {key.measure}")
    cell = cells.see(key, float("nan"), rule)
    cell.inner = False
    cell.published |= row["status"] not in _UNKNOWN
    cell.source |= row["status"] == "suppressed_source"
    base = row["n"] if not pd.isna(row["n"]) else row["denominator"]
    if cell.published and not cell.source:
        if row["grade"] == "F" or row["status"] == "unreliable":
            cell.reason = "unreliable"
        if pd.isna(base) or base < rule.min_base:
            cell.reason = f"fewer than {rule.min_base} respondents"
    return (key,)


def _keys(frame: pd.DataFrame, period: str = "period") -> list[Key]:
    extra = [c for c in BREAKDOWNS if c in frame.columns]
    values = [frame[c].astype("str").to_numpy() for c in extra]
    periods = _period_text(frame[period])
    breakdowns: list[tuple[tuple[str, str], ...]] = [
        tuple(sorted((c, str(v)) for c, v in zip(extra, row, strict=True) if v != ALL))
        for row in (zip(*values, strict=True) if values else ((),) * len(frame))
    ]
    return [
        Key(str(i), str(t), p, b)
        for i, t, p, b in zip(
            frame["indicator"], frame["territory"], periods, breakdowns, strict=True
        )
    ]


def _period_text(periods: pd.Series) -> list[str]:
    text = {p: str(p) for p in periods.unique()}
    return [text[p] for p in periods]


def _columns(frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, list[Any]]:
    return {
        n: frame[n].astype(object).where(frame[n].notna(), None).tolist()
        if n in frame.columns
        else [None] * len(frame)
        for n in names
    }


def _number(value: Any) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)
