"""What a reader of released tables holds: figures, withheld cells, and every sum he can write.

Part of the audit: it shares nothing with the rooms that chose what to withhold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from obs.disclosure.released import Released
from obs.errors import DisclosureError
from obs.schemas import ALL, BREAKDOWNS, WITHHELD

__all__ = ["View", "read_view"]

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
    """

    number: dict[Name, int] = field(default_factory=dict)
    known: dict[int, float] = field(default_factory=dict)
    status: dict[int, str] = field(default_factory=dict)
    about: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    equations: list[tuple[int, list[int]]] = field(default_factory=list)
    places: dict[int, tuple[str, int]] = field(default_factory=dict)

    def cell(self, name: Name) -> int:
        """Give the number of a cell, new or not."""
        return self.number.setdefault(name, len(self.number))


def read_view(released: Released, *, known: pd.DataFrame | None = None) -> View:
    """Read released tables as an attacker would.

    Parameters
    ----------
    released : Released
        What is shown.
    known : DataFrame, optional
        What he knows besides: indicator, territory, period, numerator, breakdowns.

    Returns
    -------
    View
        Figures, withheld cells, equations.

    Raises
    ------
    DisclosureError
        If `known` names an indicator that is not released.

    Examples
    --------
    Called by `obs.audit`.
    """
    view = View()
    tables = {name: released[name].table for name in released.names}
    trends = {n for n, t in tables.items() if "base" in t.columns}
    for name in sorted(tables, key=lambda n: n in trends):
        for position, row in enumerate(_rows(tables[name])):
            read = _read_change if name in trends else _read_value
            read(view, row, released.structure, (name, position))
    for row in _rows(known) if known is not None else ():
        name_known = _name(row, row["indicator"], released.structure)
        view.known[view.cell(name_known)] = float(row["numerator"])
    _link(view, released)
    return view


def _read_value(
    view: View, row: Mapping[str, Any], structure: Mapping[str, Any], place: tuple[str, int]
) -> None:
    about = structure["indicators"][row["indicator"]]
    if about["kind"] == "survey" or row["unit"] in ("respondent", "business", "household"):
        return
    cell = view.cell(_name(row, row["indicator"], structure))
    _note(view, cell, _count_of(row), row, about, place)
    if about["kind"] == "share" or row.get("scale") == "share":
        whole = view.cell(_name(row, row["indicator"], structure, whole=True))
        if row["denominator"] is not None and row["status"] not in WITHHELD:
            view.known[whole] = float(row["denominator"])


def _read_change(
    view: View, row: Mapping[str, Any], structure: Mapping[str, Any], place: tuple[str, int]
) -> None:
    about = structure["indicators"][row["indicator"]]
    now = view.cell(_name(row, row["indicator"], structure))
    then = view.cell(_name({**row, "period": row["base"]}, row["indicator"], structure))
    count, base = row.get("numerator"), row.get("base_numerator")
    count = view.known.get(now) if count is None else count
    base = view.known.get(then) if base is None else base
    if row["change"] is not None:
        if count is None and base is not None:
            count = round(base * (1 + row["change"]))
        elif base is None and count is not None:
            base = round(count / (1 + row["change"]))
    for cell, value in ((now, count), (then, base)):
        _note(view, cell, value, row, about, place)


def _note(
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
    view.about[cell] = {**about, "row": row}


def _count_of(row: Mapping[str, Any]) -> float | None:
    if row["numerator"] is not None:
        return float(row["numerator"])
    value, whole, scale = row["value"], row["denominator"], str(row.get("scale") or "")
    if value is None:
        return None
    if scale == "count":
        return float(value)
    if scale == "per_day" and row.get("days"):
        return float(round(value * row["days"]))
    if whole is not None:
        per = scale.removeprefix("per_").split("_")[0]
        return float(round(value * whole / (float(per) if per.isdigit() else 1.0)))
    return None


def _name(
    row: Mapping[str, Any], indicator: str, structure: Mapping[str, Any], *, whole: bool = False
) -> Name:
    about = structure["indicators"].get(indicator)
    if about is None:
        raise DisclosureError(f"indicator '{indicator}' is not among those released.")
    count = about["count"]
    if whole:
        count = about["whole"] or f"{count}/whole"
    marks = frozenset(
        (c, str(row[c])) for c in BREAKDOWNS if row.get(c) is not None and row[c] != ALL
    )
    return count, str(row["territory"]), str(row["period"]), marks


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(c): v for c, v in row.items()} for row in plain.to_dict("records")]


def _link(view: View, released: Released) -> None:
    """Write down every sum a reader can write down."""
    structure, territory = released.structure, released.territory
    by_count = {a["count"]: a for a in structure["indicators"].values()}
    by_count |= {f"{c}/whole": a for c, a in list(by_count.items())}
    remainders = {tuple(r) for r in structure["remainders"]}
    size = -1
    while size != len(view.number):
        size = len(view.number)
        sums: dict[tuple[Name, str], list[Name]] = {}
        cells = list(view.number)
        _link_marks(cells, sums)
        _link_area(cells, sums, by_count, territory)
        _link_parts(cells, sums, by_count)
        _link_time(cells, sums, by_count)
        for total, parts in ((t, p) for (t, _), p in sums.items()):
            for name in (total, *parts):
                view.cell(name)
    for (total, kind), parts in sums.items():
        if (total[0], kind) in remainders:
            parts = [*parts, (f"{total[0]}/rest {kind}", *total[1:])]
        view.equations.append((view.cell(total), [view.cell(p) for p in parts]))


def _link_marks(cells: list[Name], sums: dict[tuple[Name, str], list[Name]]) -> None:
    codes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for count, _, _, marks in cells:
        for column, code in marks:
            codes[count, column].add(code)
    for name in cells:
        for column, _ in name[3]:
            if name[0].endswith("/whole"):
                continue
            rest = frozenset(m for m in name[3] if m[0] != column)
            above = _above(column, codes[name[0], column])
            for parent in {*above.values()}:
                own = rest if parent is None else rest | {(column, parent)}
                sums[(*name[:3], own), column] = [
                    (*name[:3], rest | {(column, code)})
                    for code in sorted(above)
                    if above[code] == parent
                ]


def _above(column: str, codes: set[str]) -> dict[str, str | None]:
    """Give the category just above each, among those shown."""
    if column != "phenomenon":
        return dict.fromkeys(codes)
    from obs.reference import load_phenomena

    parent = load_phenomena().set_index("code")["parent"]
    above: dict[str, str | None] = {}
    for code in codes:
        up = parent.get(code)
        while isinstance(up, str) and up not in codes:
            up = parent.get(up)
        above[code] = up if isinstance(up, str) else None
    return above


def _link_area(
    cells: list[Name],
    sums: dict[tuple[Name, str], list[Name]],
    by_count: Mapping[str, Any],
    territory: Any,
) -> None:
    seen: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for count, code, period, marks in cells:
        if "area" in by_count.get(count, {}).get("additive_over", ()):
            seen[count, period, marks].add(code)
    parent = {c: territory.parent(c) for c in territory.units["code"]}
    kids: dict[str, list[str]] = defaultdict(list)
    for code, up in parent.items():
        if up is not None:
            kids[up].append(code)
    for (count, period, marks), codes in seen.items():
        needed = set()  # places between a figure above and a figure below
        for code in codes:
            line = []
            up = parent[code]
            while up is not None:
                line.append(up)
                if up in codes:
                    needed |= set(line)
                up = parent[up]
        for up in needed:
            sums[(count, up, period, marks), "area"] = [
                (count, kid, period, marks) for kid in kids[up]
            ]


def _link_parts(
    cells: list[Name], sums: dict[tuple[Name, str], list[Name]], by_count: Mapping[str, Any]
) -> None:
    present = set(cells)
    for count, *where in cells:
        about = by_count.get(count, {})
        parts = [(p, *where) for p in about.get("parts", ())]
        if present & set(parts) and not count.endswith("/whole"):
            sums[(count, *where), f"parts of {count}"] = parts  # type: ignore[index]
        whole = (about.get("whole") or f"{count}/whole", *where)
        if whole in present and not count.endswith("/whole"):
            sums[whole, f"share {count}"] = [(count, *where)]  # type: ignore[list-item]


def _link_time(
    cells: list[Name], sums: dict[tuple[Name, str], list[Name]], by_count: Mapping[str, Any]
) -> None:
    spans: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for count, code, period, marks in cells:
        if "time" in by_count.get(count, {}).get("additive_over", ()):
            spans[count, code, marks].add(period)
    for (count, code, marks), periods in spans.items():
        for whole in [p for p in periods if len({len(q) for q in periods}) > 1 and len(p) < 7]:
            for freq in ("Q", "M"):
                span = pd.Period(whole)
                if span.freqstr[0] == freq:
                    continue
                fine = pd.period_range(span.start_time, span.end_time, freq=freq).astype("str")
                if periods & set(fine):
                    sums[(count, code, whole, marks), f"time {len(fine)}"] = [
                        (count, code, str(p), marks) for p in fine
                    ]
