"""Compute and release the table that a question asks for, and find the nearest that hides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import pandas as pd

from obs.disclosure import Ledger, Released, release
from obs.errors import DisclosureError, ObsError
from obs.pipeline.answers.asked import PERIODS, Asked
from obs.pipeline.computing import compute_all
from obs.pipeline.progress import Progress
from obs.reference import Territory
from obs.report import NoteSpec
from obs.report.note.declaration import TableSpec
from obs.schemas import WITHHELD

__all__ = ["TABLE", "ReleasedAnswers", "computing", "figures_asked"]

TABLE = "question.figures"
Made = tuple[Released, dict[str, pd.DataFrame]]


class ReleasedAnswers:
    """What is released of one indicator, by month, quarter or year, against the ledger.

    Parameters
    ----------
    compute : callable
        Gives the whole table of the indicator, its totals included, by the name of a period.
    territory : Territory
        Its places.
    ledger : Ledger
        What was published.
    rule : str
        The least strict rule allowed.
    """

    def __init__(
        self,
        compute: Callable[[str], pd.DataFrame],
        *,
        territory: Territory,
        ledger: Ledger,
        rule: str,
    ) -> None:
        self._compute = cache(compute)
        self._territory, self._ledger, self._rule = territory, ledger, rule

    def of(self, asked: Asked) -> Made:
        """Give the release of the periods asked, every place, and the table before it.

        Raises `ObsError` if the deliveries tell nothing of these periods, `DisclosureError` if the
        release is refused.
        """
        table = self._compute(PERIODS[asked.freq])
        own = table[table["period"].between(asked.first, asked.last)].reset_index(drop=True)
        if own.empty:
            first, last = (str(p) for p in (table["period"].min(), table["period"].max()))
            raise ObsError(
                f"the deliveries tell nothing of '{asked.indicator}' in {asked.span}: they tell of "
                f"{first} to {last}."
            )
        tables = {TABLE: own}
        options = {"rule": self._rule, "territory": self._territory, "ledger": self._ledger}
        return release(tables, **options), tables

    def nearest(self, asked: Asked) -> Iterator[str]:
        """Give the commands of the nearest tables of which every figure can be published.

        The nearest coarser places, and the nearest longer periods of the places asked; both
        together where neither is enough.
        """
        longer = [asked.in_periods(f) for f in [*PERIODS][[*PERIODS].index(asked.freq) + 1 :]]
        coarser = [asked.at(places) for places in self._coarser(asked.places)]
        found = [next(filter(self._is_whole, tried), None) for tried in (coarser, longer)]
        if not any(found):
            both = (one.at(other.places) for one in longer for other in coarser)
            found = [next(filter(self._is_whole, both), None)]
        yield from (one.command for one in found if one is not None)

    def _is_whole(self, asked: Asked) -> bool:
        """Tell whether every figure asked is known and can be published."""
        try:
            released, _ = self.of(asked)
        except DisclosureError:
            return False
        shown, withheld = figures_asked(released, asked)
        return withheld == 0 and shown == len(asked.places) * len(asked.periods)

    def _coarser(self, places: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Give the units of each coarser level that hold the places."""
        territory, before = self._territory, tuple(places)
        for level in territory.levels[1:]:
            above = tuple(dict.fromkeys(_at(place, level, territory) for place in places))
            if above != before:
                yield above
            before = above


def _at(place: str, level: str, territory: Territory) -> str:
    """Give the unit of a level that holds a place, or the place if it is as coarse."""
    rank, code = territory.levels.index(level), place
    while territory.levels.index(territory.level_of(code)) < rank:
        above = territory.parent(code)
        if above is None:
            break
        code = above
    return code


def figures_asked(released: Released, asked: Asked) -> tuple[int, int]:
    """Count the figures asked that are shown, and those that are withheld."""
    table = released.table
    rows = table[
        table["territory"].isin(asked.places) & table["period"].astype("str").isin(asked.periods)
    ]
    withheld = rows["status"].isin(list(WITHHELD))
    return int(rows["value"].notna().sum()), int(withheld.sum())


def _spec_of(indicator: str, period: str) -> NoteSpec:
    """Declare the one table of an answer as that of a note."""
    table = TableSpec(id="figures", indicators=(indicator,), period=period)
    return NoteSpec(name="question", title={}, measures=(), tables=(table,), trends=())


def computing(
    indicator: str,
    sources: dict[str, Any],
    nowcasts: pd.DataFrame | None,
    territory: Territory,
    edition: int,
    say: Progress,
    *,
    coverage: dict[str, pd.DataFrame],
    exposure: pd.DataFrame | None,
) -> Callable[[str], pd.DataFrame]:
    """Give the function that computes the whole table of an indicator by the name of a period."""

    def compute(period: str) -> pd.DataFrame:
        say(f"compute: {indicator} by {period}")
        own = {"coverage": coverage, "exposure": exposure}
        spec = _spec_of(indicator, period)
        tables, _ = compute_all(
            [spec], sources, nowcasts, territory, edition, lambda _: None, **own
        )
        return tables[TABLE]

    return compute
