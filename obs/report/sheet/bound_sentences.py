"""Write messages of the catalogue with facts in them, through the gate of sentences of the notes."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from obs.errors import PublicationError
from obs.locale import words
from obs.report.facts.fact import Fact
from obs.report.facts.printed import Printed
from obs.report.note.notebook_cells import TRACED
from obs.report.note.sentences import render_sentences

__all__ = ["BoundSentences"]


class BoundSentences:
    """The sentences of one page in one language, and the numbers that they state.

    A message is filled with the names of facts; the gate then writes each fact and refuses what
    joins facts of differing period, base or unit.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.numbers: list[dict[str, Any]] = []
        self.traces: list[dict[str, Any] | None] = []
        self._names: dict[str, Any] = {}

    def fact(self, fact: Fact, how: str) -> str:
        """Give the place of a fact in a message, written by a filter."""
        return f"{{{{ {self._bound(fact)}|{how} }}}}"

    def period(self, period: pd.Period | None) -> str:
        """Give the place of a period in a message."""
        return f"{{{{ {self._bound(period)}|period }}}}"

    def text(self, text: str) -> str:
        """Give the place of words of the catalogue in a message; no sign in them acts as markup."""
        return f"{{{{ {self._bound(Printed(text))} }}}}"

    def say(self, key: str, **parts: str) -> str:
        """Fill a message with such places."""
        return words(self.lang).say(key, **parts)

    def cell(self, source: str, *, tag: str = "") -> NotebookNode:
        """Write the sentences out as a cell of a page.

        Raises `PublicationError` if a fact cannot be written, or does not go with its neighbours.
        """
        made = json.loads(render_sentences(source, self.lang, self._names))
        if made["faults"]:
            raise PublicationError(f"sheet ({self.lang}): {'; '.join(made['faults'])}.")
        about: dict[str, Any] = {"tags": [tag] if tag else []}
        if made.get("traces"):
            about[TRACED] = {"first": len(self.numbers), "text": made["traced"]}
        self.numbers += made["numbers"]
        self.traces += made.get("traces", ())
        cell: NotebookNode = new_markdown_cell(made["text"], metadata=about)  # type: ignore[no-untyped-call]
        return cell

    def _bound(self, thing: Any) -> str:
        name = f"bound{len(self._names)}"
        self._names[name] = thing
        return name
