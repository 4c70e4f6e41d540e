"""Run every rule over a document and give what contradicts itself, in the order of the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from obs.report.documents.contradiction import HIGH, Contradiction
from obs.report.documents.passages import Passage, TableRow
from obs.report.documents.repetitions import (
    beginnings_stated_twice,
    counts_stated_twice,
    repeated_rows,
)
from obs.report.documents.stated_changes import stated_changes
from obs.report.documents.stated_rates import daily_rates, differences, fractions, whole_of_shares
from obs.report.documents.stated_shares import stated_means, stated_shares
from obs.report.documents.stated_sums import (
    sums_after_colons,
    sums_in_brackets,
    sums_of_lists,
    wholes_and_parts,
)
from obs.report.documents.table_sums import column_totals, tables_and_text

__all__ = ["find_contradictions"]

Block = Passage | TableRow
_LONGEST = 4_000  # characters of a paragraph
_RULES: tuple[Callable[[Sequence[Block]], Iterator[Contradiction]], ...] = (
    *(
        sums_in_brackets,
        sums_after_colons,
        sums_of_lists,
        wholes_and_parts,
        column_totals,
        tables_and_text,
    ),
    *(stated_changes, stated_shares, stated_means, daily_rates, differences, fractions),
    *(whole_of_shares, repeated_rows, counts_stated_twice, beginnings_stated_twice),
)


def find_contradictions(blocks: Sequence[Block]) -> list[Contradiction]:
    """Find the contradictions within a document.

    Parameters
    ----------
    blocks : sequence of Passage and TableRow
        As `read_document` gives them.

    Returns
    -------
    list of Contradiction
        The sure ones first, each once.

    Examples
    --------
    >>> text = "12 of 48 files (30 %) were closed."
    >>> [c.rule for c in find_contradictions([Passage("paragraph", text, "line 1")])]
    ['share']
    """
    short = list(_in_pieces(blocks))
    found = dict.fromkeys(c for rule in _RULES for c in rule(short))
    return sorted(found, key=lambda c: c.confidence != HIGH)


def _in_pieces(blocks: Sequence[Block]) -> Iterator[Block]:
    """Cut what is longer than any paragraph, so that work grows with the document alone."""
    for block in blocks:
        if isinstance(block, TableRow) or len(block.text) <= _LONGEST:
            yield block
            continue
        pieces = re.findall(
            rf"(?s).{{1,{_LONGEST}}}(?:(?<=[.;!?])\s|$)|.{{1,{_LONGEST}}}", block.text
        )
        yield from (replace(block, text=piece) for piece in pieces)
