"""Bound what a reader can know of the withheld states of a cohort that is followed in time.

This module is part of the audit: from the released rows alone it works out how many cases the
withheld states of a cohort have together at each horizon, and what was added between two of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from obs.disclosure.audit.reader_knowledge import rows_of
from obs.disclosure.released import Released
from obs.schemas import WITHHELD

__all__ = ["curve_verdicts"]

_Row = dict[str, Any]


def curve_verdicts(released: Released) -> list[_Row]:
    """Give a row of the audit for each state that is withheld at a horizon which is shown.

    `low` and `high` bound the cases that ended so since the horizon before. It is safe if that may
    be none and may be as many as the rule's cover, or if the reader sees that it is none. A state
    that is shown and counts a few persons in a step is not safe: it has a row too. A horizon at
    which nothing is shown tells nothing and has no row.
    """
    rows = []
    for table in released.names:
        frame = released[table].table
        if "within" in frame:
            cohorts: dict[tuple[str, str, str], list[_Row]] = defaultdict(list)
            for row in rows_of(frame):
                key = (str(row["indicator"]), str(row["territory"]), str(row["period"]))
                cohorts[key].append(row)
            for own in cohorts.values():
                about = released.structure["indicators"][own[0]["indicator"]]
                rows += list(_of_cohort(table, own, about))
    return rows


def _of_cohort(table: str, rows: list[_Row], about: dict[str, Any]) -> Iterator[_Row]:
    shown = sorted(
        {int(r["within"]) for r in rows if r["decision"] == "open" and r["numerator"] is not None}
    )
    at = {(r["decision"], int(r["within"])): r for r in rows}
    states = dict.fromkeys(str(r["decision"]) for r in rows if r["decision"] != "open")
    hidden = [
        s for s in states if any(at[s, d]["status"] in WITHHELD for d in shown if (s, d) in at)
    ]
    left = [0]
    for days in shown:
        known = [
            r["numerator"] for (_, d), r in at.items() if d == days and r["numerator"] is not None
        ]
        censored = at["open", days]["censored"]
        left.append(int(at["open", days]["denominator"]) - sum(known) - int(censored))
    for i, days in enumerate(shown):
        joint = left[i + 1] - left[i]
        for state in (s for s in hidden if (s, days) in at):
            yield _verdict(table, at[state, days], 0 if len(hidden) > 1 else joint, joint, about)
    for state in (s for s in states if s not in hidden):
        before = 0
        for days in shown:
            count = at[state, days]["numerator"] if (state, days) in at else 0
            if 0 < count - before < about["threshold"]:
                yield _verdict(table, at[state, days], count - before, count - before, about)
            before = count


def _verdict(table: str, row: _Row, low: int, high: int, about: dict[str, Any]) -> _Row:
    """Write one row: safe if a step may be none, and up to the cover; or none for sure."""
    return {
        "table": table,
        "indicator": row["indicator"],
        "territory": row["territory"],
        "period": str(row["period"]),
        "breakdowns": f"decision={row['decision']} within={row['within']}",
        "status": row["status"],
        "low": low,
        "high": high,
        "safe": high == 0 or (low == 0 and high >= about["cover"]),
        "guessed": False,
    }
