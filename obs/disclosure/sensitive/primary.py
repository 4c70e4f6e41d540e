"""Mark the cells that are sensitive in themselves, before any subtraction."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from obs.disclosure.cells.cell_list import Cell, Cells, Key, describe
from obs.disclosure.sensitive.dominance import Contributions, judge_contributions, protection_level
from obs.disclosure.sensitive.rules import Rule
from obs.disclosure.sensitive.successive_years import judge_series
from obs.errors import DisclosureError

__all__ = ["mark_primary"]


def mark_primary(cells: Cells) -> None:
    """Write in each cell why it is sensitive, if it is.

    A count v is sensitive if 1 <= v < threshold; so is a remainder that readers get by
    subtraction (the complement of a share, a category left out), except facts of no known
    place, which point at nobody, and figures published before:
    these are not shown again if small, but nothing can hide them any more, unless they were
    revised since.
    Zeros are sensitive only under a rule that protects them, remainders of 0 as well: the
    whole group is then in the categories that are shown. A sum of amounts is judged by
    who makes it up; a remainder of such sums, of which that is not known, is sensitive.
    Under a rule of successive years, a year whose series does not hold is withheld as well.

    `cells` is completed in place. Raises `DisclosureError` if a rule of successive years meets
    months or quarters.
    """
    _mark_series(cells)
    for cell in cells.of_key.values():
        amount = cell.key.measure.split("/rest ")[0] in cells.amounts
        if cell.inner and not cell.reason:
            cell.reason = _reason_of_amount(cell) if amount else _reason_of_count(cell)
        if amount and cell.rule is not None and cell.reason and not np.isnan(cell.value):
            cell.doubt = protection_level(_made_up(cell), rule=cell.rule)


def _mark_series(cells: Cells) -> None:
    """Mark the years that a rule of successive years does not show."""
    groups: dict[tuple[Key, Rule], dict[int, Cell]] = defaultdict(dict)
    for key, cell in cells.of_key.items():
        if cell.rule is None or not cell.rule.successive or not (cell.published and cell.inner):
            continue
        if not key.period.isdigit():
            raise DisclosureError(
                f"the rule '{cell.rule.name}' judges successive years, and {describe(key)} is "
                "none. Release years under it, and months under another rule."
            )
        groups[key._replace(period=""), cell.rule][int(key.period)] = cell
    for (_, rule), years in groups.items():
        span = range(min(years), max(years) + 1)
        counts = [[years[y].value if y in years else np.nan for y in span]]
        shown = judge_series(counts, threshold=rule.threshold, years=rule.successive)[0]
        for year, holds in zip(span, shown, strict=True):
            if year in years:
                years[year].series = not holds


def _reason_of_count(cell: Cell) -> str:
    rule, value = cell.rule, cell.value
    if rule is None or not cell.judged or cell.key.measure.endswith("/rest area"):
        return ""
    if cell.edition and not cell.revised:
        small = cell.published and 0 < value < rule.threshold
        return f"count below {rule.threshold}, known since {cell.edition}" if small else ""
    if cell.source:
        return "withheld by the source"
    if np.isnan(value):
        return ""
    if 0 < value < rule.threshold:
        derived = "" if cell.published else "remainder "
        return f"{derived}count below {rule.threshold}"
    if value == 0 and rule.protect_zeros:
        return "zero is information here" if cell.published else "all in the other categories"
    return ""


def _reason_of_amount(cell: Cell) -> str:
    rule, known = cell.rule, f"known since {cell.edition}"
    if rule is None or not cell.judged or cell.key.measure.endswith("/rest area"):
        return ""
    if cell.source and not cell.edition:
        return "withheld by the source"
    if np.isnan(cell.value) or cell.value == 0:
        return ""
    if cell.contributions is None:
        return known if cell.edition and cell.published else "sum of unknown contributors"
    why = judge_contributions(cell.contributions, rule=rule)
    return f"{why}, {known}" if why and cell.edition and not cell.revised else why


def _made_up(cell: Cell) -> Contributions:
    """Give who makes up a sum, one contributor if that is not known."""
    return cell.contributions or Contributions(cell.value, 1, (cell.value,))
