"""Bound what a reader can know of withheld survey estimates: bases, and who answered so.

This module is part of the audit: it writes its own relations from the released tables, takes a
value as the interval that its decimals leave, and solves its own linear programs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from obs.disclosure.audit.reader_knowledge import ASKED, rows_of
from obs.disclosure.released import Released
from obs.reference.territory import Territory
from obs.schemas import ALL, BREAKDOWNS, WITHHELD

__all__ = ["survey_verdicts"]

_ALMOST = 1e-6
_NEARLY = 0.01  # of a base
_EXACT = 6  # a value with more decimals is taken as exact
_WIDER = 8  # times that the doubt of weighted sums is doubled before they are left aside
_Where = tuple[str, str, frozenset[tuple[str, str]]]
_Row = dict[str, Any]
_Line = tuple[dict[int, float], float, float]  # signed unknowns, and between what they add up


def survey_verdicts(released: Released) -> list[dict[str, Any]]:
    """Give a row of the audit for each survey estimate that is withheld.

    `low` and `high` are respondents: of the base where no row shows it, else of those who gave
    the answers. A base is safe if it may reach the rule's least base; a value withheld for
    itself, or for its quality, if the part of the base that gave it is open by five points.
    """
    rows = list(_survey_rows(released))
    withheld = [row for row in rows if row["status"] in WITHHELD]
    if not withheld:
        return []
    reader = _Reader(rows, released)
    return [reader.verdict(row) for row in withheld]


def _survey_rows(released: Released) -> Iterator[_Row]:
    for table in released.names:
        frame = released[table].table
        half = _half_of_last_digit(frame["value"]) if "value" in frame else 0.0
        for row in rows_of(frame) if "base" not in frame else ():
            about = released.structure["indicators"][row["indicator"]]
            asked = about["kind"] == "survey" or row["unit"] in ASKED
            if asked and about["kind"] != "amount" and row["status"] not in _UNKNOWN:
                marks = {c: row[c] for c in BREAKDOWNS if row.get(c) not in (None, ALL)}
                shares = about["question"]["shares"]
                code = marks.pop("answer", "")
                joined = next(iter(shares.values())) if len(shares) == 1 else shares.get(code)
                share = about["kind"] == "share" or row.get("scale") == "share"
                yield row | {
                    "table": table,
                    "half": half,
                    "joined": tuple(joined or [code]) if share else (),
                    "where": (row["territory"], str(row["period"]), frozenset(marks.items())),
                }


_UNKNOWN = ("missing", "not_applicable")


class _Reader:
    """Respondents as unknowns, and what the reader knows of them as linear constraints."""

    def __init__(self, rows: list[_Row], released: Released) -> None:
        self.about = released.structure["indicators"]
        self.quality = released.structure["quality_doubt"]
        self.loosened = {
            (measure.removeprefix("base of ").rpartition(" (")[0], place, period, kind): how
            for kind, measure, place, period, _, how in released.structure["loosened"]
            if measure.startswith("base of ")
        }
        self.number: dict[tuple[Any, ...], int] = {}
        self.least: dict[int, float] = {}
        self.most: dict[int, float] = {}
        self.lines: list[_Line] = []
        self.sums: list[_Line] = []  # of weighted answers
        self.asked = _asked_alike(rows, self.about)
        for row in rows:
            self._read(row)
        for row in rows:
            self._suppose_base(row)
        self.shared_out = _shared_out(rows)
        for row in rows:
            self._share_out(row, [r for r in rows if _same_base(r, row)])
        for total, parts, indicator, kind in _domains(rows, released):
            self._add_up(total, parts, indicator, kind)
        self.lines = [line for line in self.lines if self._can_hold(line)]
        self.block, self.contradicted = self._blocks(), set[int]()
        self.given_away = set(self._given_by_products(rows))

    def verdict(self, row: _Row) -> dict[str, Any]:
        """Bound one withheld row and judge it by its rule."""
        least = self.about[row["indicator"]]["min_base"]
        low, high = base = self._bounds(self._base(row))
        if row["status"] == "unreliable" or (high - low < 1 - _ALMOST and round(low) >= least):
            low, high = self._bounds(self._answered(row))
        besides = row["status"] == "suppressed_secondary"
        if (low, high) == base and not besides:
            safe = high >= least - _ALMOST
        else:
            needed = 1.0 if besides else max(1.0, self.quality * base[0])
            safe = high - low >= needed - _ALMOST
        safe = safe and (row["indicator"], row["where"]) not in self.given_away
        safe = (
            safe
            and not {self.block[self._base(row)], self.block[self._answered(row)]}
            & self.contradicted
        )
        marks = " ".join(f"{c}={row[c]}" for c in BREAKDOWNS if row.get(c) is not None)
        return {
            "table": row["table"],
            "indicator": row["indicator"],
            "territory": row["territory"],
            "period": str(row["period"]),
            "breakdowns": marks,
            "status": row["status"],
            **_whole_numbers(low, high),
            "safe": bool(safe),
            "guessed": False,
        }

    def _cell(self, *name: Any) -> int:
        return self.number.setdefault(name, len(self.number))

    def _base(self, row: _Row) -> int:
        return self._cell("base", self.asked[row["indicator"]], row["where"])

    def _answered(self, row: _Row) -> int:
        return self._cell("answered", row["indicator"], row["joined"], row["where"])

    def _whole(self, row: _Row) -> int:
        return self._cell("whole", self.asked[row["indicator"]], row["where"])

    def _read(self, row: _Row) -> None:
        """Note what a row shows: its base, its weight, and who gave its answers."""
        base, whole, answered = self._base(row), self._whole(row), self._answered(row)
        self.least.setdefault(base, 1.0)
        if row["n"] is not None:
            self.least[base] = self.most[base] = float(row["n"])
        weight = row["n"] if row["denominator"] is None else row["denominator"]
        if weight is not None:
            self.least[whole] = self.most[whole] = float(weight)
        if row["value"] is not None and weight is not None:
            times = 1.0 if row.get("scale") == "estimate" else float(weight)
            half = row["half"] * times
            value = float(row["value"]) * times
            self.least[answered], self.most[answered] = max(value - half, 0.0), value + half

    def _suppose_base(self, row: _Row) -> None:
        """Take who was asked of any item for those asked of one, where no row says."""
        column = self.about[row["indicator"]]["question"]["any_item"]
        place, period, marks = row["where"]
        some = (place, period, frozenset(m for m in marks if m[0] != column))
        for name, cell in (("base", self._base(row)), ("whole", self._whole(row))):
            of_any = self.number.get((name, self.asked[row["indicator"]], some))
            if cell not in self.most and of_any in self.most:
                self.least[cell] = self.most[cell] = self.most[of_any]

    def _share_out(self, row: _Row, same: list[_Row]) -> None:
        """Write that the answers of a question share out its base."""
        question = self.about[row["indicator"]]["question"]
        whole, answered = self._whole(row), self._answered(row)
        if not row["joined"]:
            return
        if not question["answers"]:
            codes = dict.fromkeys((self._answered(r) for r in same), 1.0)
            all_of = row["indicator"] in self.shared_out
            self.lines.append(((codes if all_of else {answered: 1.0}) | {whole: -1.0}, 0.0, 0.0))
            if not all_of:
                self.lines[-1] = ({answered: 1.0, whole: -1.0}, -np.inf, 0.0)
            return
        about = (self.asked[row["indicator"]], row["where"])
        atoms = {a: self._cell("answer", *about, a) for a in question["answers"]}
        self.lines.append(({**dict.fromkeys(atoms.values(), 1.0), whole: -1.0}, 0.0, 0.0))
        joined = {atoms[a]: 1.0 for a in row["joined"] if a in atoms}
        self.lines.append(({**joined, answered: -1.0}, 0.0, 0.0))
        if question["any_item"]:
            item = {m for m in row["where"][2] if m[0] == question["any_item"]}
            some = (*row["where"][:2], row["where"][2] - item)
            of_any = self.number.get(("answered", row["indicator"], row["joined"], some))
            if item and of_any is not None:
                broken = self.least.get(answered, 0) > self.most.get(of_any, np.inf) + _ALMOST
                self.lines += [] if broken else [({answered: 1.0, of_any: -1.0}, -np.inf, 0.0)]

    def _add_up(self, total: _Row, parts: list[_Row], indicator: str, kind: str) -> None:
        """Write that domains add up; those of weighted answers as nearly as they are seen to."""
        how = self.loosened.get((indicator, total["territory"], str(total["period"]), kind), "")
        more, less = how in ("more", "unknown"), how in ("less", "unknown")
        own = {self._base(p): 1.0 for p in parts} | {self._base(total): -1.0}
        self.lines.append((own, -np.inf if more else 0.0, np.inf if less else 0.0))
        known = [self.most.get(self._base(r), np.nan) for r in (total, *parts)]
        left = known[0] - sum(known[1:])
        rest, twice = (
            (np.inf if np.isnan(left) else by) if so else 0.0
            for so, by in ((more, left), (less, -left))
        )
        answers = {**{self._answered(p): 1.0 for p in parts}, self._answered(total): -1.0}
        near = 0.0
        if answers.keys() <= self.most.keys():
            near = abs(sum(sign * self.most[c] for c, sign in answers.items()))
        self.sums.append((answers, -rest - near, twice + near))

    def _given_by_products(self, rows: list[_Row]) -> Iterator[tuple[str, _Where]]:
        """Find what a product and its factors tell: all are shown but one."""
        shown = {(r["indicator"], r["where"]): r["value"] is not None for r in rows}
        for row in rows:
            made_of = self.about[row["indicator"]]["question"]["made_of"]
            factors = [(other, row["where"]) for other in made_of if (other, row["where"]) in shown]
            members = [(row["indicator"], row["where"]), *factors]
            unknown = [m for m in members if not shown[m]]
            if factors and len(unknown) == 1:
                yield unknown[0]

    def _can_hold(self, line: _Line) -> bool:
        """Tell whether figures shown leave a line possible; what they break tells a reader nothing."""
        signs, low, high = line
        ends = [
            (s * self.least.get(c, 0.0), s * self.most.get(c, np.inf)) for c, s in signs.items()
        ]
        least, most = (sum(map(of, ends)) for of in (min, max))
        return bool(least <= high + _ALMOST * (1 + abs(least)) and most >= low - _ALMOST)

    def _blocks(self) -> npt.NDArray[np.int64]:
        """Give each unknown the number of its block: no line ties those of two."""
        lines = [list(signs) for signs, *_ in (*self.lines, *self.sums)]
        i, j = (
            np.array([p[k] for p in ((c[0], o) for c in lines for o in c)], int) for k in (0, 1)
        )
        ties = coo_array((np.ones(len(i)), (i, j)), shape=(len(self.number),) * 2)
        return np.asarray(connected_components(ties, directed=False)[1], dtype=np.int64)

    def _bounds(self, cell: int) -> tuple[float, float]:
        """Give the least and the most of an unknown; weighted sums are believed while they can be.

        Where lines that are more than that contradict each other, no verdict can be given.
        """
        own = int(self.block[cell])
        lines, sums = (
            [line for line in some if self.block[next(iter(line[0]))] == own]
            for some in (self.lines, self.sums)
        )
        near = 0.0
        for turn in range(_WIDER + 1):
            wide = [(c, lo - near, hi + near) for c, lo, hi in sums]
            found = self._solve(cell, lines + (wide if turn < _WIDER else []))
            if found is not None:
                return found
            near = 2 * near or 0.5
        self.contradicted.add(own)
        return 0.0, np.inf

    def _solve(self, cell: int, lines: list[_Line]) -> tuple[float, float] | None:
        cells = np.flatnonzero(self.block == self.block[cell])
        column = {int(c): k for k, c in enumerate(cells)}
        matrix = np.zeros((len(lines), len(cells)))
        for i, (signs, *_) in enumerate(lines):
            for c, sign in signs.items():
                matrix[i, column[c]] = sign
        low, high = (np.array([line[k] for line in lines]) for k in (1, 2))
        slack = _ALMOST * (1 + np.abs(np.nan_to_num(high, posinf=0.0, neginf=0.0)))
        both = csr_array(np.vstack([matrix, -matrix]))
        limits = np.concatenate([high + slack, -low + slack])
        kept = np.flatnonzero(np.isfinite(limits))
        bounds = [(self.least.get(int(c), 0.0), self.most.get(int(c))) for c in cells]
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(cells))
            cost[column[cell]] = sign
            found = linprog(cost, A_ub=both[kept], b_ub=limits[kept], bounds=bounds)
            if found.status == 2:
                return None
            ends.append(np.inf if found.status == 3 else abs(float(found.fun)))
        return ends[0], ends[1]


def _half_of_last_digit(values: pd.Series) -> float:
    """Give by how much the values of a table may be off, from the most decimals among them."""
    texts = [f"{float(v):.9f}".rstrip("0").partition(".")[2] for v in values.dropna()]
    decimals = max(map(len, texts), default=0)
    return 1e-9 if decimals > _EXACT else 0.5 * 10.0**-decimals


def _asked_alike(rows: list[_Row], about: Mapping[str, Any]) -> dict[str, str]:
    """Name for each indicator who was asked: all of one question alike, unless bases differ."""
    names = {i: about[i]["question"]["name"] for i in {row["indicator"] for row in rows}}
    shown: dict[tuple[str, _Where], set[tuple[float, float]]] = defaultdict(set)
    for row in rows:
        if row["n"] is not None:
            weight = row["n"] if row["denominator"] is None else row["denominator"]
            shown[names[row["indicator"]], row["where"]].add((float(row["n"]), float(weight)))
    unlike = {name for (name, _), bases in shown.items() if len(bases) > 1}
    return {i: f"{name} of {i}" if name in unlike else name for i, name in names.items()}


def _shared_out(rows: list[_Row]) -> set[str]:
    """Find the indicators of which all answers shown add up to one, wherever all are shown."""
    shares: dict[tuple[str, _Where], list[float]] = defaultdict(list)
    for row in rows:
        shares[row["indicator"], row["where"]].append(
            np.nan if row["value"] is None else float(row["value"])
        )
    whole: dict[str, list[bool]] = defaultdict(list)
    for (indicator, _), values in shares.items():
        if len(values) > 1 and not np.isnan(values).any():
            whole[indicator].append(abs(sum(values) - 1) <= _NEARLY)
    return {indicator for indicator, holds in whole.items() if all(holds)}


def _whole_numbers(low: float, high: float) -> dict[str, float]:
    """Round an interval inwards, or to the number nearest if none is in it."""
    inner = np.ceil(low - _ALMOST), np.floor(high + _ALMOST)
    if inner[0] > inner[1]:
        inner = (np.round((low + high) / 2),) * 2
    return {"low": inner[0], "high": inner[1]}


def _same_base(one: _Row, other: _Row) -> bool:
    return bool(one["indicator"] == other["indicator"] and one["where"] == other["where"])


def _domains(rows: list[_Row], released: Released) -> Iterator[tuple[_Row, list[_Row], str, str]]:
    """Give each domain with those that share out its respondents, and along what."""
    groups: dict[tuple[str, tuple[str, ...]], dict[_Where, _Row]] = defaultdict(dict)
    for row in rows:
        groups[row["indicator"], row["joined"]][row["where"]] = row
    for (indicator, _), there in groups.items():
        within = set(released.structure["indicators"][indicator]["question"]["within"])
        for total, row in there.items():
            for kind, parts in _parts(total, there, within, released.territory):
                yield row, parts, indicator, kind


def _parts(
    total: _Where, there: Mapping[_Where, _Row], within: set[str], territory: Territory
) -> Iterator[tuple[str, list[_Row]]]:
    place, period, marks = total
    found: dict[str, list[_Row]] = defaultdict(list)
    for (code, when, own), row in there.items():
        added = own - marks
        # or equal is equivalent: something is added
        if when == period and code == place and marks < own and len(added) == 1:
            ((column, _),) = added
            if column not in within:
                found[f"{column} all"].append(row)
        elif when == period and own == marks and territory.parent(code) == place:
            found["area"].append(row)
    yield from found.items()
