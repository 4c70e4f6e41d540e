"""Release tables of cases followed in time: INCIDENCE in, the same without what tells a person out.

The size of a cohort is a count like any other: it is judged with the other tables, and a curve
whose cohort is withheld is withheld whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from obs.disclosure.cells.cell_list import Cells, Key, breakdown_text
from obs.disclosure.cells.indicator_terms import Definition
from obs.disclosure.cells.table_cells import counting_key
from obs.disclosure.curves.curve_steps import Cohort, choose_shown
from obs.disclosure.released import ACTION_COLUMNS
from obs.disclosure.sensitive.rules import Rule
from obs.errors import DisclosureError
from obs.schemas import INCIDENCE, OPEN, check_table

__all__ = ["Curves", "is_curve", "list_actions", "split_entries"]

_COHORT = ["indicator", "territory", "period"]
_NUMBERS = ("numerator", "value", "low", "high", "n", "censored")
_FEW = "too few are followed so far, or a step to the horizon before counts a few persons"
_STATE = "a step of it counts a few persons, or would be known by subtraction"
_SMALL = "the cohort is withheld, or too small for shares"


def is_curve(frame: pd.DataFrame) -> bool:
    """Tell whether a table follows cohorts in time."""
    return "within" in frame.columns


def split_entries(entries: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part what earlier editions showed of curves from other counts; a cohort's size is one of these."""
    if "within" not in entries:
        return entries, entries.iloc[:0].assign(within="", decision="")
    own = (entries["within"] != "all").to_numpy()
    sizes = entries[own & (entries["figure"] == "whole").to_numpy()]
    sizes = sizes.assign(figure="count", within="all", decision="all")
    plain = pd.concat([entries[~own], sizes]).drop_duplicates(
        [*_COHORT, "unit", "figure", *(c for c in entries if c in ("decision", "context"))]
    )
    steps = entries[own & (entries["figure"] == "count").to_numpy()]
    return plain.drop(columns="within").reset_index(drop=True), steps.reset_index(drop=True)


class Curves:
    """The curves of one release: what is shown of each cohort, and the cells of their sizes."""

    def __init__(
        self, tables: Mapping[str, pd.DataFrame], rules: Mapping[str, Rule], before: pd.DataFrame
    ) -> None:
        self.tables = {name: check_table(frame, INCIDENCE) for name, frame in tables.items()}
        self.horizons: dict[tuple[str, ...], set[int]] = {}
        self.states: dict[tuple[str, ...], set[str]] = {}
        self.sizes: dict[tuple[str, ...], Key] = {}
        _refuse_overlaps(self.tables)
        for name, frame in self.tables.items():
            for key, rows in _cohorts(frame):
                rule = rules[key[0]]
                if rule.floor == 0 or rule.judges_contributors:
                    raise DisclosureError(
                        f"table '{name}': no curve is released under the rule '{rule.name}'."
                    )
                cohort, states = _read_cohort(name, rows, _shown_before(before, key))
                chosen = choose_shown(cohort, rule)
                self.horizons[name, *key] = {int(cohort.days[j]) for j in chosen.horizons}
                self.states[name, *key] = {OPEN, *(states[k] for k in chosen.states)}

    def add_sizes(
        self, cells: Cells, *, definitions: Mapping[str, Definition], rules: Mapping[str, Rule]
    ) -> None:
        """Add the size of each cohort of which something can be shown to the cells to be judged."""
        for name, frame in self.tables.items():
            for key, rows in _cohorts(frame):
                if self.horizons[name, *key]:
                    definition = definitions[key[0]]
                    own = counting_key(Key(*key), definition, str(rows["unit"].iloc[0]))
                    cell = cells.find_or_add(own, float(rows["denominator"].iloc[0]), rules[key[0]])
                    cell.published = True
                    self.sizes[name, *key] = own

    def protect(self, shown: Mapping[Key, bool]) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        """Give each table with what cannot be shown left blank, and the actions.

        `shown` tells which cells are. Shares are rounded so that no digit is left from which
        days could be worked out: to a thousandth from 1,000 cases on, to a hundredth below.
        """
        return {name: self._protect(name, frame, shown) for name, frame in self.tables.items()}

    def _protect(
        self, name: str, frame: pd.DataFrame, shown: Mapping[Key, bool]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        status, why = frame["status"].astype("str").copy(), pd.Series("", index=frame.index)
        no_size = pd.Series(data=False, index=frame.index)
        for key, rows in _cohorts(frame):
            size = self.sizes.get((name, *key))
            reached = rows["status"] != "missing"
            if size is None or not shown[size]:
                why[rows.index[reached]] = _SMALL
                no_size[rows.index] = True
                continue
            late = ~rows["within"].astype(int).isin(self.horizons[name, *key])
            hidden = ~rows["decision"].isin(self.states[name, *key])
            why[rows.index[reached & hidden]] = _STATE
            why[rows.index[reached & late]] = _FEW
        hide = (why != "").to_numpy()
        status[hide] = "suppressed_primary"
        result = _rounded(frame).assign(status=status.astype("str"))
        blank = hide | (frame["status"] == "missing").to_numpy()
        for column in (c for c in _NUMBERS if c in result):
            result[column] = result[column].mask(blank)
        result["denominator"] = result["denominator"].mask(no_size.to_numpy())
        return result.drop(columns="at_risk"), list_actions(
            name, frame[hide], status[hide], why[hide]
        )


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Round shares, and their limits outward."""
    grid = np.where(frame["denominator"].astype(float) >= 1000, 1000.0, 100.0)
    made = {}
    for column, to in (("value", np.round), ("low", np.floor), ("high", np.ceil)):
        values = frame[column].to_numpy(dtype=float, na_value=np.nan)
        edge = {"value": 0.0, "low": 1e-9, "high": -1e-9}[column]  # a limit on the grid stays
        rounded = pd.Series(to(values * grid + edge) / grid, index=frame.index)
        made[column] = rounded.astype("Float64")
    return frame.assign(**made)


def _cohorts(frame: pd.DataFrame) -> Iterator[tuple[tuple[str, str, str], pd.DataFrame]]:
    """Give the rows of each cohort, by indicator, territory and period."""
    text = frame[_COHORT].astype("str")
    # another order is equivalent: each cohort is judged alone
    for key, rows in frame.groupby([text[c] for c in _COHORT], sort=False):
        yield (str(key[0]), str(key[1]), str(key[2])), rows


def _refuse_overlaps(tables: Mapping[str, pd.DataFrame]) -> None:
    """Refuse two cohorts of one period that may hold the same cases: their curves can be subtracted."""
    seen: dict[str, tuple[str, str, str]] = {}
    for name, frame in tables.items():
        for (indicator, territory, period), _ in _cohorts(frame):
            other = seen.setdefault(period, (name, indicator, territory))
            if other != (name, indicator, territory):
                raise DisclosureError(
                    f"tables '{other[0]}' and '{name}': the curves of {other[1]} ({other[2]}) and "
                    f"{indicator} ({territory}) in {period} may hold the same cases, and their "
                    "difference is a curve that nobody judged. Release one cohort of each period."
                )


def _read_cohort(
    name: str, rows: pd.DataFrame, before: Mapping[str, list[tuple[int, int]]]
) -> tuple[Cohort, list[str]]:
    """Read the counts of one cohort, and refuse those that do not add up."""
    days = sorted(set(rows["within"].astype(int)))
    states = [s for s in dict.fromkeys(rows["decision"]) if s != OPEN]
    wide = rows.assign(within=rows["within"].astype(int)).pivot_table(
        index="decision", columns="within", values="numerator", aggfunc="first", dropna=False
    )
    wide = wide.reindex(index=[OPEN, *states], columns=days).fillna(0).astype("int64")
    one = rows.drop_duplicates("within").assign(within=lambda t: t["within"].astype(int))
    one = one.set_index("within").reindex(days)
    reached = (one["status"] != "missing").to_numpy(dtype=bool)
    size = int(rows["denominator"].iloc[0])
    ended = wide.loc[states].to_numpy()
    censored, at_risk = (one[c].fillna(0).to_numpy(dtype="int64") for c in ("censored", "at_risk"))
    total = wide.loc[OPEN].to_numpy() + ended.sum(axis=0) + censored
    falls = [np.any(np.diff(c[..., reached]) < 0) for c in (ended, censored)]
    if (rows["denominator"] != size).any() or (total[reached] != size).any() or any(falls):
        raise DisclosureError(
            f"table '{name}': at each horizon the open, the ended and those not followed so far "
            "must add up to the cohort, and none of the ended can be fewer than before. Release "
            "the table as obs.indicators.case_incidence gives it."
        )
    numbers = {k: before.get(state, []) for k, state in enumerate(states)}
    return Cohort(size, np.array(days), at_risk, censored, ended, reached, numbers), states


def _shown_before(
    entries: pd.DataFrame, key: tuple[str, str, str]
) -> dict[str, list[tuple[int, int]]]:
    """Give what earlier editions showed of a cohort: state to days and cases ended."""
    own = entries[(entries[_COHORT].astype("str") == list(key)).all(axis=1)]
    found: dict[str, list[tuple[int, int]]] = {}
    for row in own.to_dict("records"):
        found.setdefault(str(row["decision"]), []).append(
            (int(row["within"]), int(row["numerator"]))
        )
    return found


def list_actions(name: str, rows: pd.DataFrame, status: pd.Series, why: pd.Series) -> pd.DataFrame:
    """List what was withheld, one line a row."""
    table = pd.DataFrame(
        {
            "table": name,
            **{c: rows[c].astype("str") for c in _COHORT},
            "breakdowns": breakdown_text(rows),
            "action": status,
            "rule": "curve",
            "reason": why,
        },
        columns=list(ACTION_COLUMNS),
    )
    return table.astype("str").reset_index(drop=True)
