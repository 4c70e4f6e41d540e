"""Make each bound number of a page a link to its entry in the list of where numbers come from.

A link is read, copied, printed and followed like any text, in every browser and without a script.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from obs.report.note.notebook_cells import TRACED
from obs.report.page.markdown import Token, parse, parse_bound, unbound

__all__ = ["Traces"]


@dataclass
class Traces:
    """The numbers of a page in the order of reading, each fact once."""

    run: Mapping[str, Any]
    entries: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, str] = field(default_factory=dict)

    def tokens(self, cell: NotebookNode, lang: str) -> list[Token]:
        """Read the sentences of a cell, their numbers bound to entries."""
        traced = cell.metadata.get(TRACED)
        if not traced:
            return parse(cell.source, lang)
        tokens = parse_bound(traced["text"], cell.source, lang)
        return list(self._entered(tokens, int(traced["first"])))

    def _entered(self, tokens: Iterable[Token], first: int) -> Iterator[Token]:
        for token in tokens:
            if token["type"] == "bound":
                yield from self._linked(token, first + int(token["number"]))
            elif token["type"] == "link":  # a link holds no other
                yield {**token, "children": unbound(token["children"])}
            elif "children" in token:
                yield {**token, "children": list(self._entered(token["children"], first))}
            else:
                yield token

    def _linked(self, token: Token, place: int) -> Iterator[Token]:
        trace = self.run.get("traces", ())[place]
        if trace is None:
            yield from token["children"]
            return
        key = json.dumps(trace, sort_keys=True)  # two sums of rows may share their key
        again = key in self._known
        if not again:
            self._known[key] = f"n{len(self.entries) + 1}"
            self.entries.append({**trace, "anchor": self._known[key], "number": place})
        yield {**token, "entry": self._known[key], "again": again}
