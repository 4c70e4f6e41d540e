"""Compute the interval in which a reader can place each withheld figure.

The audit reads the released tables, rebuilds the sums from the hierarchy and solves its own
programs. It shares no function with the modules that choose what to withhold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from obs.disclosure.audit.attack_bounds import Floats, bound_cells
from obs.disclosure.audit.curve_rows import curve_verdicts
from obs.disclosure.audit.earlier_editions import add_earlier_editions, read_earlier_editions
from obs.disclosure.audit.reader_knowledge import Name, View, read_view
from obs.disclosure.audit.reader_relations import add_relations
from obs.disclosure.audit.survey_rows import survey_verdicts
from obs.disclosure.ledger.ledger import Ledger
from obs.disclosure.released import Released
from obs.schemas import BREAKDOWNS

__all__ = ["audit"]

_COLUMNS = (
    *("table", "indicator", "territory", "period", "breakdowns"),
    *("status", "low", "high", "safe", "guessed"),
)
_Ends = tuple[Floats, Floats, Floats]


def audit(released: Released, *, known: pd.DataFrame | Ledger | None = None) -> pd.DataFrame:
    """Compute what a reader can know of each withheld figure.

    The reader has the released tables, the hierarchy of places, the catalogue's sums and
    the rule, and knows that counts are whole and not negative, and that zeros are shown.

    Parameters
    ----------
    released : Released
        What is, or is about to be, published.
    known : DataFrame or Ledger, optional
        What the reader knows besides. A table (the reader's own commune): columns indicator,
        territory, period, numerator and breakdowns, today's figures; not modified. A
        ledger: earlier editions, whose figures may have been revised since.

    Returns
    -------
    DataFrame
        One row per withheld count: table, indicator, territory, period, breakdowns, status,
        low, high (missing = no upper limit), safe and guessed. A row is safe if a count that is
        withheld for itself may be anything up to the rule's cover (a sum of amounts: some
        amount and the rule's margin more and less), one withheld by the
        source anything in a range as wide as the rule's interval, and any other at
        least two values. It is guessed if it is not safe, but would be from a reader who
        supposes nothing of what was revised between editions (see Notes).

    Raises
    ------
    DisclosureError
        If the solver fails, or what is known contradicts what is shown.

    Notes
    -----
    Each end is a linear program over everything shown. Figures that the reader can read off a rate,
    a share or a change beside its base are taken as known.

    With a ledger, each earlier edition in which a figure has changed since adds its own
    sums, and the reader supposes that as little as possible was revised (in total, over all
    counts) that cannot be seen twice. A withheld count that was published before is bounded
    without supposing that it, or another one withheld today, is what it was: the question
    is whether its new value can be worked out.
    """
    if not isinstance(known, Ledger):
        view = read_view(released, known=known)
        add_relations(view, released)
        return _report_table(
            view, _bounds_of_view(view, view.places.keys()), asked=_asked_verdicts(released)
        )
    editions = read_earlier_editions(known, released.structure)
    view = read_view(released, named=[name for edition in editions for name in edition])
    add_relations(view, released)
    today = _copy_view(view)
    ends = _with_editions(view, editions)
    narrowed = [cell for cell in view.places if not _is_safe(view, cell, ends)]
    alone = _bounds_of_view(today, narrowed)
    guessed = {cell for cell in narrowed if _is_safe(today, cell, alone)}
    return _report_table(view, ends, guessed, asked=_asked_verdicts(released))


def _asked_verdicts(released: Released) -> list[dict[str, Any]]:
    """Give the rows of what is in no sum of counts: survey estimates, and cases followed in time."""
    return [*survey_verdicts(released), *curve_verdicts(released)]


def _with_editions(view: View, editions: list[dict[Name, float]]) -> _Ends:
    """Bound the withheld cells for a reader who kept the editions, and guesses what was revised."""
    archive = add_earlier_editions(view, editions)
    low, high, best = _guess_revisions(
        view, archive.slack + [s for pair in archive.own.values() for s in pair], set(archive.own)
    )
    if archive.own:
        again = _guess_revisions(view, archive.slack, view.places.keys() - archive.own)
        for cell in archive.own:
            low[cell], high[cell], best[cell] = (ends[cell] for ends in again)
    return low, high, best


def _copy_view(view: View) -> View:
    """Give a view that can be added to without changing the first."""
    return replace(
        view, number=dict(view.number), known=dict(view.known), equations=list(view.equations)
    )


def _guess_revisions(view: View, slack: list[int], left: Collection[int]) -> _Ends:
    """Bound the withheld cells, some left aside, for a reader who wants the least slack."""
    own = _copy_view(view)
    if slack:
        total = own.cell(("revised in all", "", "", frozenset()))
        own.equations.append((total, slack))
        own.known[total] = bound_cells(
            own.equations, own.known, least=_least_of_hidden(own), asked=[total]
        )[0][total]
        if own.known[total] == 0:
            own.known |= dict.fromkeys(slack, 0.0)
    return _bounds_of_view(own, [c for c in own.places if c not in left])


def _bounds_of_view(view: View, asked: Collection[int]) -> _Ends:
    """Give the least and the most of the cells asked for, and the least that zeros impose."""
    least = _least_of_hidden(view)
    low, high = bound_cells(view.equations, view.known, least=least, asked=asked)
    return low, high, _imposed(view, least, [c for c in asked if low[c] > least[c]])


def _imposed(view: View, least: Floats, cells: list[int]) -> Floats:
    """Bound cells from below as if all but the zeros were withheld.

    A total of three places that each have at least one fact is at least three: nothing
    that can be withheld hides it.
    """
    zeros = {cell: 0.0 for cell, value in view.known.items() if value == 0}
    seen = [c in view.known and c not in zeros for c in range(len(least))]
    floor = np.where(seen, 1.0, least)
    return bound_cells(view.equations, zeros, least=floor, asked=cells)[0]


def _least_of_hidden(view: View) -> Floats:
    least = np.zeros(len(view.number))
    for cell in view.places:
        if view.status[cell] != "suppressed_source":
            least[cell] = view.about[cell]["floor"]
    return least


def _report_table(
    view: View,
    ends: _Ends,
    guessed: Collection[int] = (),
    *,
    asked: list[dict[str, Any]],
) -> pd.DataFrame:
    rows = []
    for cell, (table, _) in sorted(view.places.items(), key=lambda p: p[1]):
        name = view.about[cell]["row"]
        rows.append(
            {
                "table": table,
                "indicator": name["indicator"],
                "territory": name["territory"],
                "period": str(name["period"]),
                "breakdowns": " ".join(
                    f"{c}={name[c]}" for c in BREAKDOWNS if name.get(c) is not None
                ),
                "status": view.status[cell],
                "low": ends[0][cell],
                "high": ends[1][cell],
                "safe": _is_safe(view, cell, ends),
                "guessed": cell in guessed,
            }
        )
    result = pd.DataFrame(rows + asked, columns=list(_COLUMNS)).astype(
        {"safe": bool, "guessed": bool}
    )
    result = result.astype({"low": "float64", "high": "float64"})
    result["low"] = result["low"].astype("Int64")
    result["high"] = result["high"].where(np.isfinite(result["high"])).astype("Int64")
    return result


def _is_safe(view: View, cell: int, ends: _Ends) -> bool:
    if view.status[cell] == "suppressed_secondary" and cell in view.shown:
        return True  # a row that withholds what it is divided by: its count stands in another table
    low, high, best = (float(end[cell]) for end in ends)
    return _safe(view.status[cell], low, high, best, view.about[cell])


def _safe(status: str, low: float, high: float, best: float, about: Mapping[str, Any]) -> bool:
    if status == "suppressed_primary" and about.get("margin"):
        less, more = 1 - about["margin"], 1 + about["margin"]
        return bool(high * less >= low * more or (low <= best and high > low))
    if status == "suppressed_primary":
        return bool(low <= best and high >= about["cover"])
    if status == "suppressed_source":
        return bool(high - low >= about["cover"] - about["floor"])
    return bool(high > low)
