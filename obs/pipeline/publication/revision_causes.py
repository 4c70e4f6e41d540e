"""Say what the deliveries since the last edition changed in the figures of its year, by how much and why.

A late police report is a record that no earlier delivery had. A record that came again
in another version is requalified where it now counts elsewhere: under another offence or in
another year. What moved is told in tens, so that
no difference between two indicators tells of few facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from obs.catalogue import get_indicator
from obs.clean import Cleaned
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import Released
from obs.indicators import compute
from obs.indicators.compute import open_once
from obs.indicators.count.facts_looked_over import facts_that_stay
from obs.reference import Territory
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["FEW", "changed_since", "revision_causes", "year_changes"]

FEW = 10  # facts: fewer of one cause are not told
_COUNTED = ("count", "rate")


@dataclass(frozen=True)
class _Changes:
    """The records that later deliveries brought: those that are new, and both versions of the others."""

    late: pd.DataFrame
    before: pd.DataFrame
    after: pd.DataFrame


def changed_since(
    cleaned: Sequence[tuple[str, Cleaned]],
    told: Mapping[str, Any],
    released: Released,
    registry: Registry,
    year: int,
) -> list[dict[str, Any]]:
    """Compare the facts of the year of the last edition, for each count that this edition shows of it.

    Gives what `revision_causes` gives; nothing where the police deliver no single facts.
    """
    reports = [result.report for kind, result in cleaned if kind == "police"]
    events = told.get("police")
    if not reports or events is None or "event_id" not in events:
        return []
    table = released.table
    own = (table["territory"] == released.territory.top) & (table["status"] == "ok")
    own &= (table["period"].astype("str") == str(year)) & table["numerator"].notna()
    columns = [c for c in BREAKDOWNS if c in table]
    whole = own & (table[columns].isna() | (table[columns] == ALL)).all(axis=1)
    if "base" in table:
        whole &= table["base"].isna()
    published = {str(row.indicator): int(row.numerator) for row in table[whole].itertuples()}
    return revision_causes(
        events,
        pd.concat(reports, ignore_index=True),
        registry=registry,
        year=year,
        published=published,
        territory=released.territory,
    )


def revision_causes(
    events: pd.DataFrame,
    report: pd.DataFrame,
    *,
    registry: Registry,
    year: int,
    published: Mapping[str, int],
    territory: Territory,
) -> list[dict[str, Any]]:
    """Compare the facts of a year as delivered now with those that its own edition had.

    Parameters
    ----------
    events : DataFrame
        EVENTS of the police, as delivered now.
    report : DataFrame
        REPORT of the police: its files, their days of extraction and coverage.
    registry : Registry
        Where each delivery is kept as it came.
    year : int
        Year of the last edition.
    published : mapping
        Number of the whole in that year, by indicator, as this edition shows it.
    territory : Territory
        Units; figures are those of the whole.

    Returns
    -------
    list of dict
        `indicator`, `period`, `before`, `after`, `late` and `requalified` (what each cause moved; ""
        where one moved fewer than `FEW`), for each indicator of which as many moved; all but
        `after` in tens.
    """
    since = _first_extraction(report, year)
    if since is None or "event_id" not in events:
        return []
    changes = year_changes(events, registry, since=since, year=year)
    if changes is None:
        return []
    found = []
    frames = (changes.late, changes.before, changes.after)
    with facts_that_stay():
        late_of, before_of, after_of = (_counter(rows, year, territory) for rows in frames)
        moves = {i: (late_of(i), before_of(i), after_of(i)) for i in published if _is_counted(i)}
    for indicator, (late, was, became) in moves.items():
        now = published[indicator]
        moved = late + became - was
        if abs(moved) < FEW:
            continue
        apart = not any(0 < abs(n) < FEW for n in (late, became - was))
        causes = {"late": _in_tens(late), "requalified": _in_tens(became - was)} if apart else {}
        before = _in_tens(now - moved)
        key = {"indicator": indicator, "period": str(year), "before": before, "after": now}
        found.append({**key, "late": "", "requalified": "", **causes})
    return found


def year_changes(
    events: pd.DataFrame, registry: Registry, *, since: dt.date, year: int
) -> _Changes | None:
    """Part the records extracted after a day into new ones and other versions of known ones.

    They are those dated within the year, now or in an earlier delivery: a record that moved
    out of the year counts in `before` alone. Gives None where there is none, or where no earlier table is kept.
    """
    later = events[events["extracted"] > pd.Timestamp(since)]
    stored = registry.stored(source="police", until=since, year=year)
    stored = [path for path in stored if path.is_file()]
    if later.empty or not stored:
        return None
    ids = later["event_id"].astype("str")
    touched = (later["event_date"].dt.year == year) | ids.isin(_ids_of_year(stored, year))
    later, ids = later[touched], ids[touched]
    if later.empty:
        return None
    wanted = [("event_id", "in", ids.tolist())]
    parts = [pq.read_table(path, filters=wanted).to_pandas() for path in stored]
    known = pd.concat(parts, ignore_index=True).astype({"event_id": "str"})
    known = known.drop_duplicates("event_id", keep="last")
    there = ids.isin(known["event_id"])
    before = known.astype({c: later[c].dtype for c in known if c in later})
    return _Changes(later[~there], before, later[there])


def _ids_of_year(stored: Sequence[Path], year: int) -> set[str]:
    """Give the records that earlier deliveries dated within a year, wherever they are dated now."""
    found: set[str] = set()
    for path in stored:
        told = pq.read_table(path, columns=["event_id", "event_date"]).to_pandas()
        dated = pd.to_datetime(told["event_date"]).dt.year == year
        found.update(told.loc[dated, "event_id"].astype("str"))
    return found


def _in_tens(count: int) -> int:
    return int(round(count, -1))


def _first_extraction(report: pd.DataFrame, year: int) -> dt.date | None:
    """Give the day on which the year was first extracted as a whole."""
    end = pd.Timestamp(year, 12, 31)
    whole = report[(report["covered_from"] <= end) & (report["covered_to"] >= end)]
    days = whole["extracted"].dropna()
    return days.min().date() if len(days) else None


def _is_counted(indicator: str) -> bool:
    entry = get_indicator(indicator)
    return entry.kind in _COUNTED and entry.source == "police" and entry.unit == "fact"


def _counter(rows: pd.DataFrame, year: int, territory: Territory) -> Callable[[str], int]:
    """Open facts, and give what counts those of an indicator in the whole and the year."""
    own = rows[rows["event_date"].dt.year == year]
    if own.empty:
        return lambda _: 0
    opened = {"police": open_once(own)}
    days = (f"{year}-01-01", f"{year}-12-31")

    def count(indicator: str) -> int:
        table = compute(indicator, opened, territory=territory, coverage=days)
        whole: Mapping[Any, Any] = table.set_index("territory")["numerator"].to_dict()
        return int(whole.get(territory.top) or 0)

    return count
