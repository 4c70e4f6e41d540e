"""Order editions as time does, and find when what an edition shows was last known to readers.

A ledger has no line of an edition that showed nothing new. When such an edition is read again after
a revision, its figures are the former ones: they are no news.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

__all__ = ["edition_order", "is_as_it_was", "stood_at"]

Count = tuple[str, ...]
_PARTS = re.compile(r"\d+|\D+")


def edition_order(edition: str) -> tuple[tuple[int, int, str], ...]:
    """Give what an edition is sorted by: its numbers as numbers, an answer after its year.

    Examples
    --------
    >>> from obs.disclosure.ledger.edition_order import edition_order
    >>> sorted(["2024a10", "10", "2024-2", "2024a9", "9", "2025", "2024"], key=edition_order)
    ['9', '10', '2024', '2024-2', '2024a9', '2024a10', '2025']
    """
    parts = _PARTS.findall(edition)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def stood_at(
    lines: Sequence[Count], counts: Collection[Count], numbers: Collection[int]
) -> int | None:
    """Give after how many lines all the counts were the latest figures of their cells.

    `lines` and `counts` are as in `Ledger.lines`; `numbers` are the numbers of lines to look at.
    Gives the first of them, or None if the counts were never known together then. A cell that is
    shown with several figures (a notice of correction stands beside what it corrects) is compared
    with as many of the latest.
    """
    shown: dict[Count, set[str]] = defaultdict(set)
    for count in counts:
        shown[count[:-1]].add(count[-1])
    figures: dict[Count, list[str]] = defaultdict(list)
    differing, wanted = set(shown), set(numbers)
    if 0 in wanted and not differing:
        return 0
    for number, line in enumerate(lines, start=1):
        cell = line[1:-1]
        if cell in shown:
            figures[cell].append(line[-1])
            known = shown[cell] <= {*figures[cell][-len(shown[cell]) :]}
            (differing.discard if known else differing.add)(cell)
        if number in wanted and not differing:
            return number
    return None


def is_as_it_was(
    lines: Sequence[Count], counts: Collection[Count], edition: str, *, since: int, again: bool
) -> int | None:
    """Give after how many lines an edition stood as it is shown now; None if it never did.

    Asked is the ledger after `since` lines and, if the edition was published before (`again`),
    after each later one. Otherwise only where the next line is of a later edition: that one
    revised what this one had shown.
    """
    own = edition_order(edition)
    later = [
        n
        for n in range(since, len(lines) + 1)
        if again or n in (since, len(lines)) or edition_order(lines[n][0]) > own
    ]
    return stood_at(lines, counts, later)
