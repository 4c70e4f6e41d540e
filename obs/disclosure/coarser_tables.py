"""Build coarser versions of a table, and count the small figures that each would have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from obs.disclosure.sensitive.rules import Rule
from obs.reference.territory import Territory
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["coarser_tables", "count_small", "describe_coarser_tables"]

_PAIRS = 8  # categories up to which each pair is tried together
_LONGER = {"M": {"Q": "quarters", "Y": "years"}, "Q": {"Y": "years"}}
_LENGTHS = {"M": "months", "Q": "quarters"}
_NAMED = 4  # remedies named in one sentence


def coarser_tables(
    table: pd.DataFrame, *, territory: Territory
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Make coarser versions of a table of counts.

    Quarters or years instead of months, two successive periods together, a breakdown
    dropped, each pair of categories of a short breakdown together, the finest level dropped.

    Yields what was done, and the table.
    """
    freq = str(table["period"].dtype)[len("period[") : -1].split("-")[0]
    for longer, name in _LONGER.get(freq, {}).items():
        spans = {p: p.asfreq(longer) for p in table["period"].unique()}
        yield f"{name} instead of {_LENGTHS[freq]}", _merge(table, "period", spans)
    periods = sorted(table["period"].unique())
    if len(periods) >= 2:
        pairs = {p: periods[i - i % 2] for i, p in enumerate(periods)}
        yield "two successive periods together", _merge(table, "period", pairs)
    for column in (c for c in BREAKDOWNS if c in table.columns):
        codes = sorted(set(table[column]) - {ALL})
        if codes and (table[column] == ALL).any():
            yield f"without the breakdown by {column}", table[table[column] == ALL]
        for i, first in enumerate(codes if 2 < len(codes) <= _PAIRS else ()):
            for second in codes[i + 1 :]:
                joined = f"{first}+{second}"
                name = f"{column}: {first} and {second} together"
                yield name, _merge(table, column, {first: joined, second: joined})
    level = str(territory.base_level)
    finest = table["territory"].isin(list(territory.codes(level)))
    if finest.any() and not finest.all():
        yield f"without the level {level}", table[~finest]


def count_small(table: pd.DataFrame, rule: Rule) -> int:
    """Count the figures that a rule withholds for themselves.

    Small counts are those from 1 to the threshold less 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.disclosure.coarser_tables import count_small
    >>> from obs.disclosure.sensitive.rules import get_rule
    >>> count_small(pd.DataFrame({"numerator": [0, 1, 4, 5]}), get_rule("default"))
    2
    """
    counts = table["numerator"].fillna(0)
    return int(((counts > 0) & (counts < rule.threshold)).sum())


def describe_coarser_tables(
    tables: Mapping[str, pd.DataFrame], *, rule: Rule, territory: Territory
) -> str:
    """Say in one sentence how many small counts the best remedies would leave.

    The best comes first; the text is "" if none leaves fewer.
    """
    named = [t for t in tables.values() if "base" not in t]
    now = sum(count_small(t, rule) for t in named)
    left: dict[str, int] = {}
    for table in named:
        own = count_small(table, rule)
        for name, coarser in coarser_tables(table, territory=territory):
            left[name] = left.get(name, now) - own + count_small(coarser, rule)
    best = sorted((n, name) for name, n in left.items() if n < now)[:_NAMED]
    listed = "; ".join(f"{name}, {n}" for n, name in best)
    return f"Small counts left by a coarser table: {listed}." if listed else ""


def _merge(table: pd.DataFrame, column: str, codes: Mapping[Any, Any]) -> pd.DataFrame:
    """Add up the rows that fall on one code; whatever is not a count keeps its first value."""
    moved = table[column].map(lambda c: codes.get(c, c))
    merged = table.assign(**{column: moved})
    key = ["indicator", "territory", "period", *(c for c in BREAKDOWNS if c in table.columns)]
    adds = [c for c in ("numerator", "n", "days") if c in table]
    groups = merged.groupby(key, sort=False, dropna=False)
    kept = [c for c in table.columns if c not in {*key, *adds}]
    summed = groups[adds].sum(min_count=1)
    unknown = merged[adds].isna().groupby([merged[k] for k in key], sort=False, dropna=False).any()
    summed = summed.mask(unknown)  # a sum with an unknown part is unknown
    summed = summed.join(groups[kept].first()).reset_index() if kept else summed.reset_index()
    status = summed["status"].mask((summed["numerator"] > 0).fillna(value=False), "ok")
    return summed.assign(value=summed["numerator"].astype("Float64"), status=status)[table.columns]
