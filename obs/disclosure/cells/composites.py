"""Protect values made of several counts, such as a severity index or an estimate from lists.

A composite value tells something about each count behind it. It is shown only if every one of
these counts may be shown. At one level it is shown for all places of a period or for none,
because places add up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from obs.catalogue import COMPOSITES
from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.cells.indicator_terms import Definition
from obs.disclosure.cells.survey_cells import QUALITY_DOUBT
from obs.disclosure.sensitive.rules import Rule
from obs.errors import DisclosureError

__all__ = ["link_composites", "link_products"]

_WEIGHED = frozenset({"severity"})  # of counts that other tables may show


def link_composites(
    tables: Mapping[str, pd.DataFrame],
    cells: Cells,
    *,
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
) -> None:
    """Make each composite value depend on the counts behind it.

    `cells` is completed in place. Raises `DisclosureError` if a value to be shown does not say
    its smallest part.
    """
    counted = _phenomena_by_place(cells)
    for name, frame in tables.items():
        if "base" in frame.columns:
            continue
        own = [definitions[i].kind in COMPOSITES for i in frame["indicator"]]
        if not any(own):
            continue
        ties: dict[tuple[str, str, str], set[Key]] = defaultdict(set)
        groups: dict[int, tuple[str, str, str]] = {}
        for position in (p for p, mine in enumerate(own) if mine):
            row = frame.iloc[position]
            kind = definitions[row["indicator"]].kind
            part = _judged_smallest(row, cells, rules[row["indicator"]], name, position)
            group = (str(row["indicator"]), str(row.get("level", "")), str(row["period"]))
            groups[position] = group
            ties[group].add(part)
            if kind in _WEIGHED:
                ties[group] |= counted[str(row["territory"]), str(row["period"]), row["unit"]]
        for position, group in groups.items():
            place = frame["territory"].iloc[position]
            tied = sorted(ties[group], key=lambda k: (k.territory != place, str(k)))
            cells.rows[name][position] = (*cells.rows[name][position], *tied)


def _judged_smallest(row: pd.Series, cells: Cells, rule: Rule, name: str, position: int) -> Key:
    """Judge the smallest count behind a value, as a cell of its own."""
    key = Key(f"parts of {row['indicator']}", str(row["territory"]), str(row["period"]))
    cell = cells.find_or_add(key, float("nan"), rule)
    cell.inner = False
    if row["status"] in ("missing", "not_applicable"):
        return key
    cell.published = True
    if row["status"] == "unreliable":
        cell.reason = "unreliable"
    elif row["status"] == "suppressed_source":
        cell.source = True
    elif "smallest_part" not in row.index:
        raise DisclosureError(
            f"table '{name}': row {position} is made of several counts and has no column "
            "smallest_part, so the smallest of them cannot be judged. Release what compute gives."
        )
    elif not pd.isna(row["smallest_part"]) and row["smallest_part"] < rule.threshold:
        cell.reason = f"made of a count below {rule.threshold}"
    return key


def _phenomena_by_place(cells: Cells) -> dict[tuple[str, str, str], set[Key]]:
    """List the counts of one phenomenon, whatever the table, by place, period and unit."""
    found: dict[tuple[str, str, str], set[Key]] = defaultdict(set)
    for key in cells.of_key:
        marked = [column for column, _ in key.breakdowns]
        if marked == ["phenomenon"] and key.measure.endswith(")"):
            unit = key.measure.rpartition(" (")[2].removesuffix(")")
            found[key.territory, key.period, unit].add(key)
    return found


def link_products(
    tables: Mapping[str, pd.DataFrame],
    cells: Cells,
    *,
    definitions: Mapping[str, Definition],
) -> None:
    """Show a product of survey shares only with its factors, and no factor that would tell it.

    Who knows a product and all its factors but one knows that one; who knows all factors knows
    the product: if that is sensitive, the last of them is withheld. `cells` is completed in
    place. Factors are looked for at the same place, period and breakdowns.
    """
    for name, frame in tables.items():
        if "base" in frame.columns:
            continue
        for position, indicator in enumerate(frame["indicator"]):
            made_of = definitions[indicator].question.made_of
            own = cells.rows[name][position]
            factors = [
                cells.estimates[key]
                for key in (own[0]._replace(measure=f"survey {other}") for other in made_of)
                if key in cells.estimates
            ]
            if not factors:
                continue
            cells.rows[name][position] = (*own, *(f.answered for f in factors))
            hidden = [f for f in factors if cells.of_key[f.answered].reason]
            if cells.of_key[own[0]].reason and not hidden:
                _withhold_factor(cells, factors[-1].answered, factors[-1].weight)


def _withhold_factor(cells: Cells, factor: Key, weight: float) -> None:
    cells.of_key[factor].reason = "would give a withheld product away"
    cells.of_key[factor].doubt = max(1.0, QUALITY_DOUBT * weight)
