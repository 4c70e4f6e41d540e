"""Write what a reader knows of stocks: one at the end of a span, one before it, and the flows between.

This module is part of the audit and shares no code with the choice of what is withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from obs.disclosure.audit.reader_knowledge import Name, View

__all__ = ["add_stock_equations"]

Counted = Callable[[Name, Mapping[str, Any]], Name]


def add_stock_equations(
    view: View,
    held: list[Name],
    flows: Mapping[str, list[Mapping[str, Any]]],
    counted: Counted,
    kind: str,
    said: Mapping[Any, str],
) -> None:
    """Tie each stock to the nearest earlier one that flows lead to, through any periods.

    `counted` names what an indicator counts at the place of a cell; `flows` are those "of" and
    "less"; `said` tells how a relation holds that the release loosens. `view` is completed.
    """
    for name in held:
        for before, came, went in _spans(view, name, held, flows, counted):
            plain = before[2] == _previous(name[2]) and {n[2] for n in went} == {name[2]}
            own = kind if plain else f"{kind} since {before[2]}"
            how = said.get((own, *name), "exact")
            if how == "less":
                continue
            measure = f"{name[0]}/held or left {own}"
            flow = view.cell((measure, *name[1:]))
            again = [view.cell((f"{name[0]}/again {own}", *name[1:]))] if how == "more" else []
            view.equations.append((flow, [view.number[n] for n in (name, *went)]))
            view.equations.append((flow, [*(view.number[n] for n in (before, *came)), *again]))


def _spans(
    view: View,
    name: Name,
    held: list[Name],
    flows: Mapping[str, list[Mapping[str, Any]]],
    counted: Counted,
) -> Iterator[tuple[Name, list[Name], list[Name]]]:
    """Give the earlier stocks that flows lead to: the one a period before, and the nearest of all."""
    alike = [n for n in held if (n[0], n[1], n[3]) == (name[0], name[1], name[3])]
    end = _months(name[2])[-1]
    past = sorted((_months(n[2])[-1], n) for n in alike if _months(n[2])[-1] < end)
    one = (*name[:2], _previous(name[2]), name[3])
    same = {side: [counted(name, i) for i in ids] for side, ids in flows.items()}
    if one in alike and all(n in view.number for ids in same.values() for n in ids):
        yield one, same["of"], same["less"]
    for last, before in reversed(past):
        span = set(range(last + 1, end + 1))
        filled = {s: [_fill(view, counted(name, i), span) for i in ids] for s, ids in flows.items()}
        if all(part is not None for parts in filled.values() for part in parts):
            # what stands for none is equivalent: no part is None here, the type checker alone asks
            came, went = ([n for part in filled[s] for n in part or ()] for s in ("of", "less"))
            if {n[2] for n in (*came, *went)} != {name[2]}:
                yield before, came, went
            return


def _fill(view: View, like: Name, span: set[int]) -> list[Name] | None:
    """Fill months with the cells of a flow, those of the most months first; None if some stay open."""
    found, left = [], set(span)
    every = [n for n in view.number if (n[0], n[1], n[3]) == (like[0], like[1], like[3])]
    for name in sorted(every, key=lambda n: (-len(_months(n[2])), n[2])):
        months = set(_months(name[2]))
        if months <= left:
            found.append(name)
            left -= months
    return None if left else found


def _months(period: str) -> list[int]:
    """List the months of a period by number."""
    own = pd.Period(period)
    first, last = own.asfreq("M", how="start"), own.asfreq("M", how="end")
    return list(range(first.ordinal, last.ordinal + 1))


def _previous(period: str) -> str:
    return str(pd.Period(period) - 1)
