"""Release the days by which shares of a cohort have ended: QUANTILES in, spans of a few cases out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.indicator_terms import Definition
from obs.disclosure.cells.table_cells import counting_key
from obs.disclosure.curves.curve_tables import list_actions
from obs.disclosure.sensitive.rules import Rule
from obs.schemas import QUANTILES, check_table

__all__ = ["Quantiles", "are_quantiles"]

_NUMBERS = ("numerator", "value", "low", "high", "n")
_FEW = "a few cases ended in a span of days that would be told"
_SMALL = "the cohort is withheld, or too small for shares"


def are_quantiles(frame: pd.DataFrame) -> bool:
    """Tell whether a table holds the days by which shares of cohorts have ended."""
    return "ended_share" in frame.columns


class Quantiles:
    """The tables of quantiles of one release, and the cells of the sizes of their cohorts."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], rules: Mapping[str, Rule]) -> None:
        self.tables = {name: check_table(frame, QUANTILES) for name, frame in tables.items()}
        self.rules = rules
        self.sizes: dict[str, list[Key | None]] = {}

    def add_sizes(self, cells: Cells, *, definitions: Mapping[str, Definition]) -> None:
        """Add the size of each cohort that is large enough to the cells to be judged."""
        for name, frame in self.tables.items():
            keys: list[Key | None] = []
            for row in frame.to_dict("records"):
                indicator, rule = str(row["indicator"]), self.rules[str(row["indicator"])]
                own = Key(indicator, str(row["territory"]), str(row["period"]))
                key = counting_key(own, definitions[indicator], None)
                large = row["status"] != "missing" and row["denominator"] >= rule.min_base
                if large:
                    cells.find_or_add(key, float(row["denominator"]), rule).published = True
                keys.append(key if large else None)
            self.sizes[name] = keys

    def protect(self, shown: Mapping[Key, bool]) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
        """Give each table with what cannot be shown left blank, and the actions."""
        return {name: self._protect(name, frame, shown) for name, frame in self.tables.items()}

    def _protect(
        self, name: str, frame: pd.DataFrame, shown: Mapping[Key, bool]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        known = (frame["status"] != "missing").to_numpy(dtype=bool)
        no_size = pd.Series([k is None or not shown[k] for k in self.sizes[name]], frame.index)
        least = frame["indicator"].map({i: rule.threshold for i, rule in self.rules.items()})
        few = (frame["ended_around"].fillna(0) < least).astype(bool)
        hide = (no_size | few).to_numpy() & known
        why = pd.Series(_FEW, index=frame.index).mask(no_size, _SMALL)
        status = frame["status"].astype("str").mask(hide, "suppressed_primary")
        result = frame.assign(status=status.astype("str"))
        for column in (c for c in _NUMBERS if c in result):
            result[column] = result[column].mask(hide | ~known)
        result["denominator"] = result["denominator"].mask(no_size)
        result["method"] = result["method"].mask(hide)
        return result.drop(columns="ended_around"), list_actions(
            name, frame[hide], status[hide], why[hide]
        )
